#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mkkb.h"

static int choice(const char *choices, const char *value)
{
    int index = 0;
    for (const char *p = choices; *p; index++) {
        size_t n = strcspn(p, "|");
        if (n == strlen(value) && strncmp(p, value, n) == 0) {
            return index;
        }
        p += n + (p[n] == '|');
    }
    return -1;
}

static bool exists(const char *table, const char *value, size_t n)
{
    char name[64];
    const char *dot = strchr(table, '.');
    size_t len = dot ? (size_t)(dot - table) : strlen(table);
    (void)snprintf(name, sizeof name, "%.*s", (int)len, table);
    for (size_t i = 0; i < COUNT(tables); i++) {
        if (strcmp(tables[i].name, name) != 0) {
            continue;
        }
        int column = dot ? field_index(&tables[i], dot + 1) : 0;
        for (size_t k = 0; column >= 0 && k < all[i].count; k++) {
            const char *have = all[i].row[k].value[column];
            if (have && strlen(have) == n && strncmp(have, value, n) == 0) {
                return true;
            }
        }
    }
    return false;
}

static void check_refs(const struct row *r, const struct field *f, const char *value)
{
    for (const char *p = value; *p;) {
        size_t n = strcspn(p, "\x01");
        if (!exists(f->choices, p, n)) {
            complain(r->file, r->line, "field '%s': no %s named '%.*s'", f->name, f->choices,
                     (int)n, p);
        }
        p += n + (p[n] == '\x01');
    }
}

static void check_row(const struct table *t, struct row *r)
{
    for (size_t i = 0; i < field_count(t); i++) {
        const struct field *f = &t->fields[i];
        const char *v = r->value[i];
        if (!v || !*v) {
            if (f->flags & F_NEEDED) {
                complain(r->file, r->line, "missing field '%s'", f->name);
            }
            continue;
        }
        char *end = NULL;
        if (f->type == T_ENUM) {
            r->number[i] = choice(f->choices, v);
            if (r->number[i] < 0) {
                complain(r->file, r->line, "field '%s' is '%s', not one of %s", f->name, v,
                         f->choices);
            }
        } else if (f->type == T_NUMBER) {
            r->number[i] = strtoll(v, &end, 0);
            if (*end) {
                complain(r->file, r->line, "field '%s' is '%s', not a number", f->name, v);
            }
        } else if (f->flags & F_REF) {
            check_refs(r, f, v);
        }
    }
}

/* Rows are unique by their id; tables without one by their first two fields. */
static int compare_rows(const struct table *t, const struct row *a, const struct row *b)
{
    bool id = t->fields[0].flags & F_ID;
    bool by_name = strcmp(t->name, "error") == 0; /* domain, then name; value is no key */
    int c = strcmp(a->value[0] ? a->value[0] : "", b->value[0] ? b->value[0] : "");
    int second = by_name ? 2 : 1;
    if (c == 0 && !id) {
        c = strcmp(a->value[second] ? a->value[second] : "",
                   b->value[second] ? b->value[second] : "");
    }
    return c;
}

static const struct table *sorting;

static int mkkb_check_by_id(const void *x, const void *y)
{
    return compare_rows(sorting, x, y);
}

static void check_table(size_t index)
{
    const struct table *t = &tables[index];
    struct rows *rows = &all[index];
    sorting = t;
    if (rows->count) {
        qsort(rows->row, rows->count, sizeof *rows->row, mkkb_check_by_id);
    }
    for (size_t i = 0; i < rows->count; i++) {
        check_row(t, &rows->row[i]);
        if (i && compare_rows(t, &rows->row[i - 1], &rows->row[i]) == 0) {
            complain(rows->row[i].file, rows->row[i].line, "'%s' stands twice, also at %s:%u",
                     rows->row[i].value[0] ? rows->row[i].value[0] : "", rows->row[i - 1].file,
                     rows->row[i - 1].line);
        }
    }
}

static void check_rule_names(void)
{
    for (size_t i = 0; i < all[0].count; i++) {
        const struct row *r = &all[0].row[i];
        const char *id = r->value[0] ? r->value[0] : "";
        if (strlen(id) != 5 || strncmp(id, "DX", 2) != 0 || strspn(id + 2, "0123456789") != 3) {
            complain(r->file, r->line, "rule id '%s' is not DX and three digits", id);
        }
        for (size_t k = 0; k < i; k++) {
            if (r->value[1] && all[0].row[k].value[1] &&
                strcmp(r->value[1], all[0].row[k].value[1]) == 0) {
                complain(r->file, r->line, "rule name '%s' stands twice", r->value[1]);
            }
        }
    }
}

static size_t list_length(const char *list)
{
    size_t n = list && *list;
    for (const char *p = list; p && *p; p++) {
        n += *p == '\x01';
    }
    return n;
}

/* All that a process says holds its name: of a log in which it is chatty, every such line would be
 * taken apart. */
static bool is_process_name(const char *p, size_t n)
{
    static const char names[] = " kernel amfid sysextd launchd syspolicyd kernelmanagerd kextd "
                                "taskgated-helper trustd securityd runningboardd logd usbd "
                                "nesessionmanager bluetoothd endpointsecurityd windowserver ";
    for (const char *at = names; (at = strchr(at, ' ')) != NULL; at++) {
        if (strncasecmp(at + 1, p, n) == 0 && at[1 + n] == ' ') {
            return true;
        }
    }
    return false;
}

/* What the fields' own rules cannot say: an example a pattern, literals worth searching for, and no
 * cause without a way to check and mend it. */
static void check_symptom(const struct table *t, const struct row *r)
{
    const char *literal = r->value[field_index(t, "literal")];
    bool verdict = r->number[field_index(t, "role")] < 2;
    size_t patterns = list_length(r->value[field_index(t, "pattern")]);
    size_t examples = list_length(r->value[field_index(t, "example")]);
    bool in = r->value[field_index(t, "in")] != NULL;
    bool prose = in && r->number[field_index(t, "in")] == 1;
    bool join = in && !prose && r->number[field_index(t, "in")] >= 2;
    bool code = r->value[field_index(t, "code")] != NULL;
    if ((code && (prose || join || !examples)) || (r->value[field_index(t, "call")] && !code)) {
        complain(r->file, r->line, "codes are of logs and have an example; calls have codes");
    }
    if (join ? patterns || literal : !(patterns || code) || prose == (literal != NULL)) {
        complain(r->file, r->line,
                 join    ? "a join has neither pattern nor literal"
                 : prose ? "a question needs a pattern and no literal"
                         : "a symptom needs a pattern and a literal");
    }
    if (patterns > examples) {
        complain(r->file, r->line, "%zu patterns but only %zu examples", patterns, examples);
    }
    for (const char *p = literal ? literal : ""; *p;) {
        size_t n = strcspn(p, "\x01");
        /* JSON escapes these three, and JSON lines are searched as they are. */
        if (n < 4 || strcspn(p, "\"/\\") < n) {
            complain(r->file, r->line, "literal '%.*s' is shorter than 4 bytes or holds \" / or \\",
                     (int)n, p);
        } else if ((n < 8 || is_process_name(p, n)) && !is_domain_mark(p, n) &&
                   !r->value[field_index(t, "cost")]) {
            complain(r->file, r->line, "literal '%.*s' is %s: 'cost' has to say why that is cheap",
                     (int)n, p, n < 8 ? "shorter than 8 bytes" : "the name of a process");
        }
        p += n + (p[n] == '\x01');
    }
    if (verdict && (!r->value[field_index(t, "weight")] ||
                    !r->value[field_index(t, "why")] + !r->value[field_index(t, "fix")] +
                            !r->value[field_index(t, "check")] >
                        1)) {
        complain(r->file, r->line, "a cause or effect needs 'weight' and two of why, check, fix");
    }
}

static void check_symptoms(void)
{
    for (size_t i = 0; i < COUNT(tables); i++) {
        for (size_t k = 0; strcmp(tables[i].name, "symptom") == 0 && k < all[i].count; k++) {
            check_symptom(&tables[i], &all[i].row[k]);
        }
    }
}

void check_tables(void)
{
    for (size_t i = 0; i < COUNT(tables); i++) {
        check_table(i);
    }
    check_rule_names();
    check_symptoms();
    check_told();
}
