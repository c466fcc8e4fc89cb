/* Rows of reports, as `dextctl explain --format ndjson` writes them, one after the other: only the
 * groups are kept, and the ids, so that a report that was explained twice counts once. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "app/date.h"
#include "view/triage_view.h"

#define TRIAGE_LINE ((size_t)16 << 20) /* bytes of a line */
#define TRIAGE_SCHEMA "dextctl.explain/1"

static const char *const triage_keys[TRIAGE_KEYS] = {"cause", "driver", "version", "macos",
                                                     "model"};

const char *triage_key_name(enum triage_key key)
{
    return triage_keys[key];
}

static uint64_t triage_hash(const char *s)
{
    uint64_t h = 0xcbf29ce484222325U;
    for (; *s; s++) {
        h = (h ^ (unsigned char)*s) * 0x100000001b3U;
    }
    return h;
}

static char **triage_seen_slot(char **table, size_t cap, const char *id)
{
    size_t i = (size_t)triage_hash(id) & (cap - 1);
    while (table[i] && strcmp(table[i], id) != 0) {
        i = (i + 1) & (cap - 1);
    }
    return &table[i];
}

/* true: it is new. */
static bool triage_note_id(struct triage *t, const char *id)
{
    if (t->seen_count * 2 >= t->seen_cap) {
        size_t cap = t->seen_cap ? t->seen_cap * 2 : 1024;
        char **table = app_alloc(cap * sizeof *table);
        for (size_t i = 0; i < t->seen_cap; i++) {
            if (t->seen[i]) {
                *triage_seen_slot(table, cap, t->seen[i]) = t->seen[i];
            }
        }
        free(t->seen);
        t->seen = table;
        t->seen_cap = cap;
    }
    char **slot = triage_seen_slot(t->seen, t->seen_cap, id);
    if (*slot) {
        return false;
    }
    *slot = app_strdup(id);
    t->seen_count++;
    return true;
}

static bool triage_same(const struct triage *t, const struct triage_group *g,
                        const char *const *key)
{
    for (int k = 0; k < TRIAGE_KEYS; k++) {
        if (t->by[k] && strcmp(g->key[k], key[k]) != 0) {
            return false;
        }
    }
    return true;
}

static size_t triage_slot(const struct triage *t, const size_t *slots, size_t count,
                          const char *const *key)
{
    uint64_t h = 0;
    for (int k = 0; k < TRIAGE_KEYS; k++) {
        h = t->by[k] ? (h ^ triage_hash(key[k])) * 0x9e3779b97f4a7c15U : h;
    }
    size_t i = (size_t)(h >> 20) & (count - 1);
    while (slots[i] && !triage_same(t, &t->groups[slots[i] - 1], key)) {
        i = (i + 1) & (count - 1);
    }
    return i;
}

static struct triage_group *triage_group_of(struct triage *t, const char *const *key)
{
    if (t->group_count * 2 >= t->slot_count) {
        size_t count = t->slot_count ? t->slot_count * 2 : 256;
        size_t *slots = app_alloc(count * sizeof *slots);
        for (size_t i = 0; i < t->group_count; i++) {
            slots[triage_slot(t, slots, count, (const char *const *)t->groups[i].key)] = i + 1;
        }
        free(t->slots);
        t->slots = slots;
        t->slot_count = count;
    }
    size_t at = triage_slot(t, t->slots, t->slot_count, key);
    if (!t->slots[at]) {
        if (t->group_count == t->group_cap) {
            t->group_cap = t->group_cap ? t->group_cap * 2 : 64;
            t->groups = app_grow(t->groups, t->group_cap * sizeof *t->groups);
        }
        struct triage_group *g = &t->groups[t->group_count++];
        *g = (struct triage_group){.dated = true};
        for (int k = 0; k < TRIAGE_KEYS; k++) {
            g->key[k] = t->by[k] ? app_strdup(key[k]) : NULL;
        }
        t->slots[at] = t->group_count;
    }
    return &t->groups[t->slots[at] - 1];
}

static const char *triage_text(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s ? s : "";
}

static void triage_count(struct triage *t, const json_t *row, const json_t *failure, int64_t when,
                         const char *example)
{
    const json_t *system = json_object_get(row, "system");
    const char *key[TRIAGE_KEYS] = {
        [TRIAGE_CAUSE] = triage_text(failure, "symptom"),
        [TRIAGE_DRIVER] = triage_text(failure, "subject"),
        [TRIAGE_VERSION] = triage_text(failure, "version"),
        [TRIAGE_MACOS] = triage_text(system, "version"),
        [TRIAGE_MODEL] = triage_text(system, "model"),
    };
    struct triage_group *g = triage_group_of(t, key);
    g->reports++;
    g->earlier += json_is_true(json_object_get(failure, "earlier"));
    if (!g->stage) {
        g->stage = app_strdup(triage_text(failure, "stage"));
    }
    g->dated = g->dated && when;
    if (when) {
        g->first = !g->first || when < g->first ? when : g->first;
        g->last = when > g->last ? when : g->last;
    }
    if (g->example_count < TRIAGE_EXAMPLES) {
        g->examples[g->example_count++] = app_strdup(example);
    }
}

/* The same failure twice in a report, of two copies of a driver, is one report of its group. */
static bool triage_repeats(const json_t *failures, size_t i)
{
    const char *symptom = triage_text(json_array_get(failures, i), "symptom");
    const char *subject = triage_text(json_array_get(failures, i), "subject");
    for (size_t k = 0; k < i; k++) {
        if (strcmp(triage_text(json_array_get(failures, k), "symptom"), symptom) == 0 &&
            strcmp(triage_text(json_array_get(failures, k), "subject"), subject) == 0) {
            return true;
        }
    }
    return false;
}

static void triage_row(struct triage *t, const json_t *row)
{
    const json_t *failures = json_object_get(row, "failures");
    const json_t *digests = json_object_get(row, "digests");
    const char *id = triage_text(row, "id");
    const char *file = triage_text(json_array_get(digests, 0), "file");
    int64_t when = 0;
    (void)date_parse(triage_text(row, "when"), &when);
    if (!triage_note_id(t, *id ? id : file)) {
        t->doubles++;
        return;
    }
    t->reports++;
    t->partial += json_is_false(json_object_get(row, "whole"));
    t->without += json_array_size(failures) == 0;
    for (size_t i = 0; i < json_array_size(failures); i++) {
        if (!triage_repeats(failures, i)) {
            triage_count(t, row, json_array_get(failures, i), when, file);
        }
    }
}

static void triage_line(struct triage *t, const char *path, size_t number, const char *line,
                        size_t n)
{
    json_error_t e;
    json_t *row = json_loadb(line, n, 0, &e);
    const char *schema = triage_text(row, "schema");
    if (!row) {
        app_unread_at(t->app, path, number, e.column < 1 ? 1 : e.column, e.text);
        t->bad++;
    } else if (strcmp(schema, TRIAGE_SCHEMA) != 0) {
        app_unread_at(t->app, path, number, 0, "no row of dextctl explain (" TRIAGE_SCHEMA ")");
        t->bad++;
    } else if (strcmp(triage_text(row, "type"), "report") == 0) {
        triage_row(t, row);
    } else {
        t->other++;
    }
    json_decref(row);
}

bool triage_read(struct triage *t, const char *path)
{
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
    char *line = NULL;
    size_t cap = 0, number = 0, bad = t->bad;
    ssize_t n;
    if (!in) {
        app_unread(t->app, path, "cannot be opened: %s", strerror(errno));
        return false;
    }
    while ((n = getline(&line, &cap, in)) > 0) {
        number++;
        while (n && (line[n - 1] == '\n' || line[n - 1] == '\r')) {
            n--;
        }
        if ((size_t)n > TRIAGE_LINE) {
            app_unread_at(t->app, path, number, 0, "a line of more than 16 MiB");
            t->bad++;
        } else if (n) {
            triage_line(t, path, number, line, (size_t)n);
        }
    }
    bool fine = !ferror(in);
    if (!fine) {
        app_unread(t->app, path, "cannot be read: %s", strerror(errno));
    }
    free(line);
    if (in != stdin) {
        (void)fclose(in);
    }
    return fine && t->bad == bad;
}

static int triage_order(const void *x, const void *y)
{
    const struct triage_group *a = x, *b = y;
    if (a->fresh != b->fresh) {
        return a->fresh ? -1 : 1;
    }
    if (a->reports != b->reports) {
        return a->reports > b->reports ? -1 : 1;
    }
    for (int k = 0; k < TRIAGE_KEYS; k++) {
        int c = a->key[k] && b->key[k] ? strcmp(a->key[k], b->key[k]) : 0;
        if (c) {
            return c;
        }
    }
    return 0;
}

void triage_settle(struct triage *t)
{
    for (size_t i = 0; i < t->group_count; i++) {
        struct triage_group *g = &t->groups[i];
        g->fresh = t->since && g->dated && g->first >= t->since;
    }
    if (t->group_count) {
        qsort(t->groups, t->group_count, sizeof *t->groups, triage_order);
    }
    for (size_t i = 0; i < t->group_count; i++) {
        t->groups[i].shown = t->groups[i].examples;
    }
}

void triage_free(struct triage *t)
{
    for (size_t i = 0; i < t->group_count; i++) {
        for (int k = 0; k < TRIAGE_KEYS; k++) {
            free(t->groups[i].key[k]);
        }
        for (size_t k = 0; k < t->groups[i].example_count; k++) {
            free(t->groups[i].examples[k]);
        }
        free(t->groups[i].stage);
    }
    for (size_t i = 0; i < t->seen_cap; i++) {
        free(t->seen[i]);
    }
    free(t->seen);
    free(t->slots);
    free(t->groups);
}
