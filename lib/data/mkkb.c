/* mkkb: turns the knowledge files of lib/data into const C tables at build time.
 *
 *     mkkb DATA_DIR OUT_DIR      writes OUT_DIR/kb.h (types), kb_rules.h (the rules' numbers) and
 *                                kb.c (all rows)
 *
 * Three file forms. ".rec": records separated by blank lines, "field: value", a line that starts
 * with a space goes on with the value above (joined by a space; a line of " |text" keeps its line
 * break and its indentation), "#" starts a comment line. ".tsv": a header line of field names, then
 * one row a line. ".in": one record up to the first blank line; what follows is its field "text" as
 * it stands. Everything that schema.h does not allow is an error with file and line.
 *
 * Texts become offsets into one pool, so that the tables need no relocation at program start. */
#include <errno.h>
#include <glob.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mkkb.h"

struct rows all[COUNT(tables)];
static unsigned errors;

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

static char *mkkb_join(char *a, const char *between, const char *b)
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
        r->value[f] = mkkb_join(r->value[f], "\x01", value);
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
    r->value[current] = mkkb_join(r->value[current],
                                  empty      ? ""
                                  : verbatim ? "\n"
                                             : " ",
                                  text + verbatim);
}

/* What stands behind the fields of an .in file. */
static void mkkb_read_rest(const struct table *t, struct row *r, const char *file, unsigned line,
                           FILE *in)
{
    size_t n = 0, cap = 1 << 12, got;
    char *text = need(malloc(cap));
    int current;
    while ((got = fread(text + n, 1, cap - 1 - n, in)) > 0) {
        n += got;
        cap *= n + 1 == cap ? 2 : 1;
        text = need(realloc(text, cap));
    }
    text[n] = 0;
    if (strlen(text) != n || strchr(text, '\x01')) {
        complain(file, line, "the text holds a byte that no text holds");
    }
    set_field(t, r, file, line, "text", text, &current);
    free(text);
}

static void read_rec(const struct table *t, struct rows *rows, const char *file, FILE *in,
                     bool whole)
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
        if (line[0] == 0 && whole && r) {
            mkkb_read_rest(t, r, file, n + 1, in);
            return;
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

static glob_t files[COUNT(tables)]; /* kept: rows name their file */

static void mkkb_read_table(const char *dir, size_t index)
{
    const struct table *t = &tables[index];
    char pattern[1024];
    (void)snprintf(pattern, sizeof pattern, "%s/%s", dir, t->files);
    if (glob(pattern, 0, NULL, &files[index]) != 0) {
        complain(pattern, 0, "no such file");
        return;
    }
    for (size_t i = 0; i < files[index].gl_pathc; i++) {
        const char *file = files[index].gl_pathv[i];
        FILE *in = fopen(file, "r");
        if (!in) {
            complain(file, 0, "%s", strerror(errno));
            continue;
        }
        const char *dot = strrchr(file, '.');
        if (dot && strcmp(dot, ".tsv") == 0) {
            read_tsv(t, &all[index], file, in);
        } else {
            read_rec(t, &all[index], file, in, dot && strcmp(dot, ".in") == 0);
        }
        (void)fclose(in);
    }
}

static bool mkkb_holds(const char *path, const char *text, size_t n)
{
    FILE *in = fopen(path, "r");
    if (!in) {
        return false;
    }
    char *have = need(malloc(n + 1));
    bool same = fread(have, 1, n + 1, in) == n && memcmp(have, text, n) == 0;
    free(have);
    (void)fclose(in);
    return same;
}

/* A file that would not change is left alone, so that what includes it is not built again. */
static int write_file(const char *dir, const char *name, void (*fill)(FILE *))
{
    char path[1024], *text = NULL;
    size_t n = 0;
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *memory = need(open_memstream(&text, &n));
    fill(memory);
    bool failed = fclose(memory) != 0;
    if (!failed && !mkkb_holds(path, text, n)) {
        FILE *out = fopen(path, "w");
        failed = !out || fwrite(text, 1, n, out) != n;
        failed = (out && fclose(out) != 0) || failed;
    }
    if (failed) {
        (void)fprintf(stderr, "mkkb: %s: %s\n", path, strerror(errno));
    }
    free(text);
    return failed;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        (void)fprintf(stderr, "usage: mkkb DATA_DIR OUT_DIR\n");
        return 2;
    }
    for (size_t i = 0; i < COUNT(tables); i++) {
        mkkb_read_table(argv[1], i);
    }
    quote_texts();
    spell_codes();
    check_tables();
    if (errors) {
        (void)fprintf(stderr, "mkkb: %u errors in the knowledge files\n", errors);
        return 1;
    }
    return write_file(argv[2], "kb.h", write_header) ||
           write_file(argv[2], "kb_rules.h", write_rules) ||
           write_file(argv[2], "kb.c", write_tables);
}
