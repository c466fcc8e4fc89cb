/* Reading: .rec and .tsv files become rows. */
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "mkkb.h"

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

static glob_t files[TABLES]; /* kept: rows name their file */

void read_table(const char *dir, size_t index)
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
        size_t n = strlen(file);
        if (n > 4 && strcmp(file + n - 4, ".tsv") == 0) {
            read_tsv(t, &all[index], file, in);
        } else {
            read_rec(t, &all[index], file, in);
        }
        (void)fclose(in);
    }
}
