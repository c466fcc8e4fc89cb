/* mkkb: turns the knowledge files of lib/data into const C tables at build time.
 *
 *     mkkb DATA_DIR OUT_DIR      writes OUT_DIR/kb.h and OUT_DIR/kb.c
 *
 * Two file forms. ".rec": records separated by blank lines, "field: value", a line that starts with
 * a space goes on with the value above (joined by a space; a line of " |text" keeps its line break
 * and its indentation), "#" starts a comment line. ".tsv": a header line of field names, then one
 * row a line. Everything that schema.h does not allow is an error with file and line.
 *
 * Texts become offsets into one pool, so that the tables need no relocation at program start. */
#include <errno.h>
#include <glob.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

struct row {
    const char *file;
    unsigned line;
    char *value[MOST_FIELDS]; /* lists: values joined by \x01 */
    long long number[MOST_FIELDS];
};

struct rows {
    struct row *row;
    size_t count, cap;
};

static struct rows all[COUNT(tables)];
static unsigned errors;

static void complain(const char *file, unsigned line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void complain(const char *file, unsigned line, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    (void)fprintf(stderr, "%s:%u: error: ", file, line);
    (void)vfprintf(stderr, fmt, ap);
    (void)fputc('\n', stderr);
    va_end(ap);
    errors++;
}

static void *need(void *p)
{
    if (!p) {
        (void)fprintf(stderr, "mkkb: out of memory\n");
        exit(1);
    }
    return p;
}

static size_t field_count(const struct table *t)
{
    size_t n = 0;
    while (n < MOST_FIELDS && t->fields[n].name) {
        n++;
    }
    return n;
}

static int field_index(const struct table *t, const char *name)
{
    for (size_t i = 0; i < field_count(t); i++) {
        if (strcmp(t->fields[i].name, name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

static struct row *new_row(struct rows *rows, const char *file, unsigned line)
{
    if (rows->count == rows->cap) {
        rows->cap = rows->cap ? rows->cap * 2 : 64;
        rows->row = need(realloc(rows->row, rows->cap * sizeof *rows->row));
    }
    struct row *r = &rows->row[rows->count++];
    memset(r, 0, sizeof *r);
    r->file = file;
    r->line = line;
    return r;
}

static char *join(char *a, const char *between, const char *b)
{
    size_t n = (a ? strlen(a) : 0) + strlen(between) + strlen(b) + 1;
    char *s = need(malloc(n));
    (void)snprintf(s, n, "%s%s%s", a ? a : "", a ? between : "", b);
    free(a);
    return s;
}

/* ---- reading ---------------------------------------------------------------------------- */

static void set_field(const struct table *t, struct row *r, const char *file, unsigned line,
                      const char *name, const char *value, int *current)
{
    int f = field_index(t, name);
    *current = f;
    if (f < 0) {
        complain(file, line, "unknown field '%s' in table %s", name, t->name);
    } else if (r->value[f] && t->fields[f].type != T_LIST) {
        complain(file, line, "field '%s' stands twice", name);
    } else {
        r->value[f] = join(r->value[f], "\x01", value);
    }
}

static void continue_field(struct row *r, const char *file, unsigned line, const char *text,
                           int current)
{
    if (!r || current < 0) {
        complain(file, line, "nothing above to continue");
        return;
    }
    while (*text == ' ') {
        text++;
    }
    bool verbatim = *text == '|';
    bool empty = r->value[current][0] == 0;
    r->value[current] = join(r->value[current],
                             empty      ? ""
                             : verbatim ? "\n"
                                        : " ",
                             text + verbatim);
}

static void read_rec(const struct table *t, struct rows *rows, const char *file, FILE *in)
{
    char line[8192];
    struct row *r = NULL;
    int current = -1;
    for (unsigned n = 1; fgets(line, sizeof line, in); n++) {
        size_t len = strcspn(line, "\n");
        if (line[len] != '\n' && !feof(in)) {
            complain(file, n, "line too long");
        }
        line[len] = 0;
        if (line[0] == '#') {
            continue;
        }
        if (line[0] == 0) {
            r = NULL;
            current = -1;
        } else if (line[0] == ' ') {
            continue_field(r, file, n, line, current);
        } else {
            char *colon = strchr(line, ':');
            if (!colon) {
                complain(file, n, "neither 'field: value' nor a continuation");
                continue;
            }
            *colon = 0;
            char *value = colon + 1;
            value += *value == ' ';
            r = r ? r : new_row(rows, file, n);
            set_field(t, r, file, n, line, value, &current);
        }
    }
}

static size_t split_tabs(char *line, char **out, size_t max)
{
    size_t n = 0;
    for (char *p = line; p && n < max; n++) {
        out[n] = p;
        p = strchr(p, '\t');
        if (p) {
            *p++ = 0;
        }
    }
    return n;
}

static void read_tsv(const struct table *t, struct rows *rows, const char *file, FILE *in)
{
    static char head[1024];
    char line[8192];
    char *names[MOST_FIELDS], *cells[MOST_FIELDS];
    if (!fgets(head, sizeof head, in)) {
        complain(file, 1, "empty file");
        return;
    }
    head[strcspn(head, "\n")] = 0;
    size_t columns = split_tabs(head, names, MOST_FIELDS);
    for (unsigned n = 2; fgets(line, sizeof line, in); n++) {
        line[strcspn(line, "\n")] = 0;
        size_t have = split_tabs(line, cells, MOST_FIELDS);
        if (have != columns) {
            complain(file, n, "%zu cells where the header has %zu", have, columns);
            continue;
        }
        struct row *r = new_row(rows, file, n);
        for (size_t i = 0; i < columns; i++) {
            int current;
            if (cells[i][0]) {
                set_field(t, r, file, n, names[i], cells[i], &current);
            }
        }
    }
}

static void read_table(const char *dir, size_t index)
{
    const struct table *t = &tables[index];
    char pattern[1024];
    glob_t found;
    (void)snprintf(pattern, sizeof pattern, "%s/%s", dir, t->files);
    if (glob(pattern, 0, NULL, &found) != 0) {
        complain(pattern, 0, "no such file");
        return;
    }
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *file = need(strdup(found.gl_pathv[i]));
        FILE *in = fopen(file, "r");
        if (!in) {
            complain(file, 0, "%s", strerror(errno));
            continue;
        }
        size_t n = strlen(file);
        if (n > 4 && strcmp(file + n - 4, ".tsv") == 0) {
            read_tsv(t, &all[index], file, in);
        } else {
            read_rec(t, &all[index], file, in);
        }
        (void)fclose(in);
    }
    globfree(&found);
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

/* ---- writing ---------------------------------------------------------------------------- */

static char *pool;
static size_t pool_size, pool_cap;

/* Open-addressed table of what the pool already holds, so that equal texts are stored once. */
static size_t *seen;
static size_t seen_cap, seen_count;

static size_t hash_text(const char *s, size_t n)
{
    size_t h = 1469598103934665603U;
    for (size_t i = 0; i < n; i++) {
        h = (h ^ (unsigned char)s[i]) * 1099511628211U;
    }
    return h;
}

static size_t append(const char *s, size_t n)
{
    while (pool_size + n > pool_cap) {
        pool_cap = pool_cap ? pool_cap * 2 : 1 << 16;
        pool = need(realloc(pool, pool_cap));
    }
    memcpy(pool + pool_size, s, n);
    pool_size += n;
    return pool_size - n;
}

/* n bytes including the final NUL (or, for lists, two). */
static size_t pooled(const char *s, size_t n)
{
    if (seen_cap == 0) {
        seen_cap = 1 << 16;
        seen = need(calloc(seen_cap, 2 * sizeof *seen));
        (void)append("\0", 2);
    }
    size_t h = hash_text(s, n) & (seen_cap - 1);
    while (seen[2 * h + 1]) {
        if (seen[2 * h + 1] == n && memcmp(pool + seen[2 * h], s, n) == 0) {
            return seen[2 * h];
        }
        h = (h + 1) & (seen_cap - 1);
    }
    if (++seen_count > seen_cap / 2) {
        (void)fprintf(stderr, "mkkb: raise seen_cap\n");
        exit(1);
    }
    seen[2 * h] = append(s, n);
    seen[2 * h + 1] = n;
    return seen[2 * h];
}

static size_t pooled_value(const struct field *f, const char *v)
{
    if (!v || !*v) {
        return 0;
    }
    if (f->type != T_LIST) {
        return pooled(v, strlen(v) + 1);
    }
    size_t n = strlen(v);
    char *list = need(calloc(n + 2, 1));
    for (size_t i = 0; i < n; i++) {
        list[i] = v[i] == '\x01' ? 0 : v[i];
    }
    size_t off = pooled(list, n + 2);
    free(list);
    return off;
}

static void c_name(char *out, size_t size, const char *name, bool upper)
{
    size_t i = 0;
    for (; name[i] && i + 1 < size; i++) {
        char c = name[i] == '-' || name[i] == '.' ? '_' : name[i];
        out[i] = upper && c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    out[i] = 0;
}

static void write_enum(FILE *h, const struct table *t, const struct field *f)
{
    char table[64], field[64], value[64];
    c_name(table, sizeof table, t->name, true);
    c_name(field, sizeof field, f->name, true);
    (void)fprintf(h, "enum {\n");
    for (const char *p = f->choices; *p;) {
        size_t n = strcspn(p, "|");
        char one[64];
        (void)snprintf(one, sizeof one, "%.*s", (int)n, p);
        c_name(value, sizeof value, one, true);
        (void)fprintf(h, "    KB_%s_%s_%s,\n", table, field, value);
        p += n + (p[n] == '|');
    }
    (void)fprintf(h, "};\n");
}

static void write_struct(FILE *h, const struct table *t)
{
    char name[64];
    for (size_t i = 0; i < field_count(t); i++) {
        if (t->fields[i].type == T_ENUM) {
            write_enum(h, t, &t->fields[i]);
        }
    }
    (void)fprintf(h, "struct kb_%s {\n", t->name);
    for (size_t i = 0; i < field_count(t); i++) {
        static const char *const types[] = {"struct kb_text", "struct kb_list", "int", "int64_t"};
        c_name(name, sizeof name, t->fields[i].name, false);
        (void)fprintf(h, "    %s %s;\n", types[t->fields[i].type], name);
    }
    (void)fprintf(h, "};\nextern const struct kb_%s kb_%s_rows[];\n", t->name, t->name);
    (void)fprintf(h, "extern const size_t kb_%s_count;\n", t->name);
    if (t->index) {
        (void)fprintf(h, "/* row numbers in order of %s */\n", t->index);
        (void)fprintf(h, "extern const uint16_t kb_%s_by_%s[];\n", t->name, t->index);
    }
    (void)fputc('\n', h);
}

static void write_row(FILE *c, const struct table *t, const struct row *r)
{
    (void)fprintf(c, "    {");
    for (size_t i = 0; i < field_count(t); i++) {
        const struct field *f = &t->fields[i];
        const char *comma = i ? ", " : "";
        if (f->type == T_ENUM) {
            (void)fprintf(c, "%s%lld", comma, r->number[i]);
        } else if (f->type == T_NUMBER) {
            (void)fprintf(c, "%sINT64_C(%lld)", comma, r->number[i]);
        } else {
            (void)fprintf(c, "%s{%zu}", comma, pooled_value(f, r->value[i]));
        }
    }
    (void)fprintf(c, "},\n");
}

static int index_field;

static int by_number(const void *x, const void *y)
{
    const struct row *a = *(const struct row *const *)x, *b = *(const struct row *const *)y;
    if (a->number[index_field] != b->number[index_field]) {
        return a->number[index_field] < b->number[index_field] ? -1 : 1;
    }
    return a < b ? -1 : a > b;
}

static void write_index(FILE *c, const struct table *t, const struct rows *rows)
{
    const struct row **order = need(calloc(rows->count + 1, sizeof *order));
    for (size_t i = 0; i < rows->count; i++) {
        order[i] = &rows->row[i];
    }
    index_field = field_index(t, t->index);
    qsort(order, rows->count, sizeof *order, by_number);
    (void)fprintf(c, "const uint16_t kb_%s_by_%s[] = {\n", t->name, t->index);
    for (size_t i = 0; i < rows->count; i++) {
        (void)fprintf(c, "    %td,\n", order[i] - rows->row);
    }
    (void)fprintf(c, "};\n\n");
    free(order);
}

static void write_pool(FILE *c)
{
    (void)fprintf(c, "const char kb_pool[] = {");
    for (size_t i = 0; i < pool_size; i++) {
        (void)fprintf(c, "%s%d,", i % 20 ? "" : "\n    ", (signed char)pool[i]);
    }
    (void)fprintf(c, "\n};\n");
}

static void write_header(FILE *h)
{
    char name[128];
    (void)fprintf(h, "/* Generated by mkkb from lib/data: change the data, not this file. */\n"
                     "#ifndef DX_KB_GENERATED_H\n#define DX_KB_GENERATED_H\n\n"
                     "#include <stddef.h>\n#include <stdint.h>\n\n"
                     "struct kb_text {\n    uint32_t off;\n};\n"
                     "struct kb_list {\n    uint32_t off;\n};\n"
                     "extern const char kb_pool[];\n\n"
                     "/* \"\" for a field that was left out. */\n"
                     "static inline const char *kb_s(struct kb_text t)\n"
                     "{\n    return kb_pool + t.off;\n}\n\n"
                     "/* for (const char *s = kb_first(l); *s; s = kb_next(s)) */\n"
                     "static inline const char *kb_first(struct kb_list l)\n"
                     "{\n    return kb_pool + l.off;\n}\n\n"
                     "static inline const char *kb_next(const char *s)\n"
                     "{\n    while (*s++) {\n    }\n    return s;\n}\n\n");
    for (size_t i = 0; i < COUNT(tables); i++) {
        write_struct(h, &tables[i]);
    }
    (void)fprintf(h, "/* A rule's row number in kb_rule_rows. */\nenum dx_rule_index {\n");
    for (size_t i = 0; i < all[0].count; i++) {
        c_name(name, sizeof name, all[0].row[i].value[1], true);
        (void)fprintf(h, "    DX_%s,\n", name);
    }
    (void)fprintf(h, "    DX_RULE_COUNT,\n};\n\n#endif\n");
}

static void write_tables(FILE *c)
{
    (void)fprintf(c, "/* Generated by mkkb from lib/data: change the data, not this file. */\n"
                     "#include \"kb.h\"\n\n");
    for (size_t i = 0; i < COUNT(tables); i++) {
        (void)fprintf(c, "const struct kb_%s kb_%s_rows[] = {\n", tables[i].name, tables[i].name);
        for (size_t k = 0; k < all[i].count; k++) {
            write_row(c, &tables[i], &all[i].row[k]);
        }
        (void)fprintf(c, "};\nconst size_t kb_%s_count = %zu;\n\n", tables[i].name, all[i].count);
        if (tables[i].index) {
            write_index(c, &tables[i], &all[i]);
        }
    }
    write_pool(c);
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
