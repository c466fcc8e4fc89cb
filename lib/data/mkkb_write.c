#include <stdlib.h>
#include <string.h>

#include "mkkb.h"

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

static size_t mkkb_write_append(const char *s, size_t n)
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
        (void)mkkb_write_append("\0", 2);
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
    seen[2 * h] = mkkb_write_append(s, n);
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

static int mkkb_write_by_number(const void *x, const void *y)
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
    qsort(order, rows->count, sizeof *order, mkkb_write_by_number);
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

void write_header(FILE *h)
{
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
    (void)fprintf(h, "/* where the piece to search for begins, of each literal of each symptom */\n"
                     "extern const uint8_t kb_symptom_pieces[];\n\n#endif\n");
}

/* Apart from kb.h: a new rule concerns those who check rules, and nobody else. */
void write_rules(FILE *h)
{
    char name[128];
    (void)fprintf(h, "/* Generated by mkkb from lib/data/rules. */\n"
                     "#ifndef DX_KB_RULES_GENERATED_H\n#define DX_KB_RULES_GENERATED_H\n\n"
                     "/* A rule's row number in kb_rule_rows. */\nenum dx_rule_index {\n");
    for (size_t i = 0; i < all[0].count; i++) {
        c_name(name, sizeof name, all[0].row[i].value[1], true);
        (void)fprintf(h, "    DX_%s,\n", name);
    }
    (void)fprintf(h, "    DX_RULE_COUNT,\n};\n\n#endif\n");
}

void write_tables(FILE *c)
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
    write_pieces(c);
    write_pool(c);
}
