/* What the tables in told/ have to keep to: the language of phrases, words under their slot's name,
 * and causes of more than one word. */
#include <stdlib.h>
#include <string.h>

#include "mkkb.h"

#define MOST_GAPS 3

static const struct table *told_table(const char *name, const struct rows **rows)
{
    size_t i = 0;
    while (strcmp(tables[i].name, name) != 0) {
        i++;
    }
    *rows = &all[i];
    return &tables[i];
}

static const char *told_value(const struct table *t, const struct row *r, const char *field)
{
    const char *v = r->value[field_index(t, field)];
    return v ? v : "";
}

static const struct row *told_find(const char *table, const char *id, size_t n)
{
    const struct rows *rows;
    (void)told_table(table, &rows);
    for (size_t i = 0; i < rows->count; i++) {
        const char *have = rows->row[i].value[0] ? rows->row[i].value[0] : "";
        if (strlen(have) == n && strncmp(have, id, n) == 0) {
            return &rows->row[i];
        }
    }
    return NULL;
}

/* What is wrong with one of the words that "|" parts, or NULL. */
static const char *word_fault(const char *p, size_t n)
{
    char set[64];
    if (n && *p == '@') {
        int len = snprintf(set, sizeof set, "set.%.*s", (int)n - 1, p + 1);
        return told_find("told_word", set, (size_t)len) ? NULL : "no set of that name";
    }
    n -= n > 1 && p[n - 1] == '*';
    size_t slash = n > 1 && *p == '/';
    size_t good = 0;
    while (good + slash < n && strchr("abcdefghijklmnopqrstuvwxyz0123456789_'", p[good + slash])) {
        good++;
    }
    return good && good + slash == n ? NULL
                                     : "a word is of small letters; '*' may end it, '/' begin it";
}

static const char *words_fault(const char *p, size_t n)
{
    const char *fault = NULL;
    for (size_t i = 0; i <= n && !fault;) {
        size_t k = 0;
        while (i + k < n && p[i + k] != '|') {
            k++;
        }
        fault = word_fault(p + i, k);
        i += k + 1;
    }
    return fault;
}

static void check_phrase(const struct row *r, const char *p, size_t n)
{
    size_t gaps = 0;
    bool gap = true; /* none at the beginning */
    for (size_t i = 0; i < n;) {
        size_t k = 0;
        while (i + k < n && p[i + k] != ' ') {
            k++;
        }
        bool dots = k >= 2 && k <= 3 && strncmp(p + i, "...", k) == 0;
        const char *fault = k == 0 ? "two spaces" : dots ? NULL : words_fault(p + i, k);
        if (dots && (gap || i + k == n || ++gaps > MOST_GAPS)) {
            fault = "dots stand between words, three times at most";
        }
        gap = dots;
        if (fault) {
            complain(r->file, r->line, "phrase '%.*s': %s", (int)n, p, fault);
        }
        i += k + 1;
    }
}

static void each_phrase(const struct row *r, const char *list)
{
    for (const char *p = list; *p;) {
        size_t n = strcspn(p, "\x01");
        check_phrase(r, p, n);
        p += n + (p[n] == '\x01');
    }
}

/* All of a list begin with the slot's name and a dot. */
static void check_slot(const struct row *r, const char *slot, const char *list)
{
    size_t n = strlen(slot);
    for (const char *p = list; *p;) {
        size_t k = strcspn(p, "\x01");
        if (strncmp(p, slot, n) != 0 || p[n] != '.') {
            complain(r->file, r->line, "'%.*s' is no word of the slot '%s'", (int)k, p, slot);
        }
        p += k + (p[k] == '\x01');
    }
}

static void check_told_cause(const struct table *t, const struct row *r)
{
    static const char *const slots[] = {"thing", "speaker", "stage", "symptom", "circumstance"};
    size_t lists = *told_value(t, r, "with") != 0;
    for (size_t i = 0; i < COUNT(slots); i++) {
        check_slot(r, slots[i], told_value(t, r, slots[i]));
        lists += *told_value(t, r, slots[i]) != 0;
    }
    if (lists < 2) {
        complain(r->file, r->line, "a cause is of a thing and at least one other word");
    }
    const char *leads = told_value(t, r, "leads");
    const struct row *to = told_find("symptom", leads, strlen(leads));
    const struct rows *rows;
    const char *in = to ? told_value(told_table("symptom", &rows), to, "in") : "told";
    if (strcmp(in, "prose") != 0 && strcmp(in, "told") != 0) {
        complain(r->file, r->line, "'%s' answers nothing: it is found in other ways", leads);
    }
}

void check_told(void)
{
    const struct rows *rows;
    const struct table *t = told_table("told_word", &rows);
    for (size_t i = 0; i < rows->count; i++) {
        const struct row *r = &rows->row[i];
        check_slot(r, told_value(t, r, "slot"), told_value(t, r, "word"));
        each_phrase(r, told_value(t, r, "phrase"));
        each_phrase(r, told_value(t, r, "unless"));
    }
    t = told_table("told_cause", &rows);
    for (size_t i = 0; i < rows->count; i++) {
        check_told_cause(t, &rows->row[i]);
    }
}
