/* mkkb: turns the knowledge files of lib/data into const C tables at build time.
 *
 *     mkkb DATA_DIR OUT_DIR      writes OUT_DIR/kb.h and OUT_DIR/kb.c
 *
 * Two file forms. ".rec": records separated by blank lines, "field: value", a line that starts with
 * a space goes on with the value above (joined by a space; a line of " |text" keeps its line break
 * and its indentation), "#" starts a comment line. ".tsv": a header line of field names, then one
 * row a line. Everything that schema.h does not allow is an error with file and line.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "mkkb.h"

struct rows all[TABLES];
unsigned errors;

void complain(const char *file, unsigned line, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    (void)fprintf(stderr, "%s:%u: error: ", file, line);
    (void)vfprintf(stderr, fmt, ap);
    (void)fputc('\n', stderr);
    va_end(ap);
    errors++;
}

void *need(void *p)
{
    if (!p) {
        (void)fprintf(stderr, "mkkb: out of memory\n");
        exit(1);
    }
    return p;
}

size_t field_count(const struct table *t)
{
    size_t n = 0;
    while (n < MOST_FIELDS && t->fields[n].name) {
        n++;
    }
    return n;
}

int field_index(const struct table *t, const char *name)
{
    for (size_t i = 0; i < field_count(t); i++) {
        if (strcmp(t->fields[i].name, name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

/* ---- checking --------------------------------------------------------------------------- */

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

static int by_id(const void *x, const void *y)
{
    return compare_rows(sorting, x, y);
}

static void check_table(size_t index)
{
    const struct table *t = &tables[index];
    struct rows *rows = &all[index];
    sorting = t;
    if (rows->count) {
        qsort(rows->row, rows->count, sizeof *rows->row, by_id);
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

static int write_file(const char *dir, const char *name, void (*fill)(FILE *))
{
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *out = fopen(path, "w");
    if (!out) {
        (void)fprintf(stderr, "mkkb: %s: %s\n", path, strerror(errno));
        return 1;
    }
    fill(out);
    return fclose(out) != 0;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        (void)fprintf(stderr, "usage: mkkb DATA_DIR OUT_DIR\n");
        return 2;
    }
    for (size_t i = 0; i < COUNT(tables); i++) {
        read_table(argv[1], i);
    }
    for (size_t i = 0; i < COUNT(tables); i++) {
        check_table(i);
    }
    check_rule_names();
    if (errors) {
        (void)fprintf(stderr, "mkkb: %u errors in the knowledge files\n", errors);
        return 1;
    }
    return write_file(argv[2], "kb.h", write_header) || write_file(argv[2], "kb.c", write_tables);
}
