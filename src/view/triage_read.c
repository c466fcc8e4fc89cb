/* Rows of reports, as `dextctl explain --format ndjson` writes them, one after the other: only the
 * groups are kept, and the ids, so that a report that was explained twice counts once. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/date.h"
#include "app/memory.h"
#include "view/triage_view.h"

#define TRIAGE_LINE ((size_t)16 << 20) /* bytes of a line */
#define TRIAGE_TOLD 20                 /* lines of a file that are no rows; of more, how many */
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

static char **triage_set_slot(char **table, size_t cap, const char *text)
{
    size_t i = (size_t)triage_hash(text) & (cap - 1);
    while (table[i] && strcmp(table[i], text) != 0) {
        i = (i + 1) & (cap - 1);
    }
    return &table[i];
}

/* true: it is new. */
static bool triage_set_add(struct triage_set *s, const char *text)
{
    if (s->count * 2 >= s->cap) {
        size_t cap = s->cap ? s->cap * 2 : 16;
        char **table = app_alloc(cap * sizeof *table);
        for (size_t i = 0; i < s->cap; i++) {
            if (s->slots[i]) {
                *triage_set_slot(table, cap, s->slots[i]) = s->slots[i];
            }
        }
        free(s->slots);
        s->slots = table;
        s->cap = cap;
    }
    char **slot = triage_set_slot(s->slots, s->cap, text);
    if (*slot) {
        return false;
    }
    *slot = app_strdup(text);
    s->count++;
    return true;
}

static void triage_set_free(struct triage_set *s)
{
    for (size_t i = 0; i < s->cap; i++) {
        free(s->slots[i]);
    }
    free(s->slots);
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
static bool triage_is_new(struct triage_set *told, const json_t *failure)
{
    char *text = NULL;
    if (asprintf(&text, "%s\n%s", triage_text(failure, "symptom"),
                 triage_text(failure, "subject")) < 0) {
        memory_out();
    }
    bool new = triage_set_add(told, text);
    free(text);
    return new;
}

static void triage_row(struct triage *t, const json_t *row)
{
    const json_t *failures = json_object_get(row, "failures");
    const json_t *digests = json_object_get(row, "digests");
    const char *id = triage_text(row, "id");
    const char *file = triage_text(json_array_get(digests, 0), "file");
    int64_t when = 0;
    (void)date_parse(triage_text(row, "when"), &when);
    if (!triage_set_add(&t->seen, *id ? id : file)) {
        t->doubles++;
        return;
    }
    t->reports++;
    t->partial += json_is_false(json_object_get(row, "whole"));
    t->without += json_array_size(failures) == 0;
    struct triage_set told = {NULL, 0, 0};
    for (size_t i = 0; i < json_array_size(failures); i++) {
        if (triage_is_new(&told, json_array_get(failures, i))) {
            triage_count(t, row, json_array_get(failures, i), when, file);
        }
    }
    triage_set_free(&told);
}

/* ---- lines ------------------------------------------------------------------------------- */

/* A file as it is read. */
struct triage_rows {
    struct triage *t;
    const char *path;
    int fd;
    char *data;
    size_t at, size, cap; /* what is not told yet stands at at, up to size */
    size_t line;
    size_t rows, bad;
    char *said[TRIAGE_TOLD]; /* of the first lines that are no rows, kept until there is a row */
    struct triage_place {
        size_t line;
        int column;
    } place[TRIAGE_TOLD];
};

static void triage_bad(struct triage_rows *r, int column, const char *why)
{
    if (r->bad < TRIAGE_TOLD && r->rows) {
        app_unread_at(r->t->app, r->path, r->line, column, why);
    } else if (r->bad < TRIAGE_TOLD) {
        r->place[r->bad] = (struct triage_place){r->line, column};
        r->said[r->bad] = app_strdup(why);
    }
    r->bad++;
    r->t->bad++;
}

/* Lines that are no rows in a file of rows are told one by one. */
static void triage_good(struct triage_rows *r)
{
    for (size_t i = 0; i < r->bad && i < TRIAGE_TOLD && !r->rows; i++) {
        app_unread_at(r->t->app, r->path, r->place[i].line, r->place[i].column, r->said[i]);
    }
    r->rows++;
}

/* One line for a file of something else. */
static void triage_end(const struct triage_rows *r)
{
    if (r->bad && !r->rows) {
        char *text;
        if (asprintf(&text, "no line of it is a row of dextctl explain --format ndjson (%s)",
                     r->said[0]) < 0) {
            memory_out();
        }
        app_unread_at(r->t->app, r->path, r->place[0].line, r->place[0].column, text);
        free(text);
    } else if (r->bad > TRIAGE_TOLD) {
        app_unread(r->t->app, r->path, "%zu further lines are no rows of dextctl explain",
                   r->bad - TRIAGE_TOLD);
    }
    for (size_t i = 0; i < TRIAGE_TOLD; i++) {
        free(r->said[i]);
    }
}

static void triage_line(struct triage_rows *r, const char *line, size_t n)
{
    json_error_t e;
    json_t *row = json_loadb(line, n, 0, &e);
    const char *schema = triage_text(row, "schema");
    if (!row) {
        triage_bad(r, e.column < 1 ? 1 : e.column, e.text);
    } else if (strcmp(schema, TRIAGE_SCHEMA) != 0) {
        triage_bad(r, 0, "its schema is not " TRIAGE_SCHEMA ": no row of dextctl explain");
    } else if (strcmp(triage_text(row, "type"), "report") == 0) {
        triage_good(r);
        triage_row(r->t, row);
    } else {
        triage_good(r);
        r->t->other++;
    }
    json_decref(row);
}

/* More of the file behind what is there. 0 at its end, negative after an error. */
static ssize_t triage_more(struct triage_rows *r)
{
    memmove(r->data, r->data + r->at, r->size - r->at);
    r->size -= r->at;
    r->at = 0;
    if (r->size == r->cap) {
        r->cap *= 2;
        r->data = app_grow(r->data, r->cap);
    }
    ssize_t got;
    do {
        got = read(r->fd, r->data + r->size, r->cap - r->size);
    } while (got < 0 && errno == EINTR);
    r->size += got > 0 ? (size_t)got : 0;
    return got;
}

/* Goes by line; one without end (/dev/zero) ends the file. false: not all of it was read, told. */
static bool triage_lines(struct triage_rows *r)
{
    for (size_t looked = 0;;) {
        char *begin = r->data + r->at;
        size_t n = r->size - r->at;
        const char *end = n > looked ? memchr(begin + looked, '\n', n - looked) : NULL;
        looked = n;
        ssize_t got = end ? 1 : n > TRIAGE_LINE ? 0 : triage_more(r);
        if (got < 0) {
            app_unread(r->t->app, r->path, "cannot be read: %s", strerror(errno));
            return false;
        }
        if (!end && got > 0) {
            continue;
        }
        begin = r->data + r->at;
        r->line++;
        if (n > TRIAGE_LINE && !end) {
            triage_bad(r, 0, "a line of more than 16 MiB: what follows is not read");
            return false;
        }
        n = end ? (size_t)(end - begin) : n;
        size_t text = n;
        while (text && begin[text - 1] == '\r') {
            text--;
        }
        if (text) {
            triage_line(r, begin, text);
        }
        if (!end) {
            return true;
        }
        r->at += n + 1;
        looked = 0;
    }
}

bool triage_read(struct triage *t, const char *path)
{
    struct triage_rows r = {.t = t, .path = path, .fd = STDIN_FILENO};
    if (strcmp(path, "-") != 0 && (r.fd = open(path, O_RDONLY | O_CLOEXEC)) < 0) {
        app_unread(t->app, path, "cannot be opened: %s", strerror(errno));
        return false;
    }
    r.cap = (size_t)64 * 1024;
    r.data = app_grow(NULL, r.cap);
    bool fine = triage_lines(&r);
    triage_end(&r);
    free(r.data);
    if (r.fd != STDIN_FILENO) {
        (void)close(r.fd);
    }
    return fine && !r.bad;
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
    triage_set_free(&t->seen);
    free(t->slots);
    free(t->groups);
}
