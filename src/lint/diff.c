#include "lint/diff.h"

#include <stdlib.h>
#include <string.h>

#include "app/fold.h"
#include "app/path.h"
#include "app/term.h"

#define CONTEXT 3

/* Lines [first, end) of the old text become the n bytes at text. Counted from 0. */
struct change {
    size_t first, end;
    char *text;
    size_t n;
};

struct lines {
    const char *data;
    size_t size;
    size_t *starts; /* count + 1 of them; the last one is size */
    size_t count;
};

char *diff_apply(const char *data, size_t size, const struct dext_edit *const *edits, size_t count,
                 size_t *result_size)
{
    size_t total = size;
    for (size_t i = 0; i < count; i++) {
        total += strlen(edits[i]->text);
    }
    char *out = app_alloc(total + 1);
    size_t n = 0, from = 0;
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(edits[i]->text);
        memcpy(out + n, data + from, edits[i]->offset - from);
        n += edits[i]->offset - from;
        memcpy(out + n, edits[i]->text, len);
        n += len;
        from = edits[i]->offset + edits[i]->length;
    }
    memcpy(out + n, data + from, size - from);
    n += size - from;
    out[n] = 0;
    *result_size = n;
    return out;
}

/* A line ends after "\n"; "\r\n" keeps its "\r", and a lone "\r" is part of its line, as for
 * patch(1). */
static struct lines diff_split(const char *data, size_t size)
{
    struct lines l = {.data = data, .size = size};
    size_t cap = 256;
    l.starts = app_alloc(cap * sizeof *l.starts);
    for (size_t at = 0; at < size;) {
        const char *end = memchr(data + at, '\n', size - at);
        at = end ? (size_t)(end - data) + 1 : size;
        if (l.count + 2 > cap) {
            cap *= 2;
            l.starts = app_grow(l.starts, cap * sizeof *l.starts);
        }
        l.starts[++l.count] = at;
    }
    return l;
}

/* The line that holds the byte at offset; the last one for the end of the text. */
static size_t diff_line_of(const struct lines *l, size_t offset)
{
    size_t low = 0, high = l->count;
    while (high - low > 1) {
        size_t mid = low + (high - low) / 2;
        *(l->starts[mid] <= offset ? &low : &high) = mid;
    }
    return low;
}

/* Equal lines at both ends of a change are no part of it. */
static void trim(const struct lines *l, struct change *c)
{
    size_t skip = 0;
    while (c->first < c->end) {
        size_t from = l->starts[c->first], len = l->starts[c->first + 1] - from;
        if (c->n - skip < len || memcmp(c->text + skip, l->data + from, len) != 0 ||
            (l->data[from + len - 1] != '\n' && c->n - skip != len)) {
            break;
        }
        skip += len;
        c->first++;
    }
    c->n -= skip;
    memmove(c->text, c->text + skip, c->n);
    while (c->first < c->end) {
        size_t from = l->starts[c->end - 1], len = l->starts[c->end] - from;
        bool whole = c->n == len || (c->n > len && c->text[c->n - len - 1] == '\n');
        if (!whole || memcmp(c->text + c->n - len, l->data + from, len) != 0) {
            break;
        }
        c->n -= len;
        c->end--;
    }
}

/* The change that n edits make to the lines they touch. */
static struct change change_of(const struct lines *l, const struct dext_edit *const *edits,
                               size_t n, size_t end)
{
    struct change c = {.first = diff_line_of(l, edits[0]->offset), .end = end};
    size_t base = l->starts[c.first];
    struct dext_edit *moved = app_alloc(n * sizeof *moved);
    const struct dext_edit **list = app_alloc(n * sizeof *list);
    for (size_t i = 0; i < n; i++) {
        moved[i] = *edits[i];
        moved[i].offset -= base;
        list[i] = &moved[i];
    }
    c.text = diff_apply(l->data + base, l->starts[end] - base, list, n, &c.n);
    free(list);
    free(moved);
    trim(l, &c);
    return c;
}

/* Edits that touch the same lines are one change. */
static size_t make_changes(const struct lines *l, const struct dext_edit *const *edits,
                           size_t count, struct change *out)
{
    size_t made = 0;
    for (size_t i = 0, n; i < count; i += n) {
        size_t end = 0;
        n = 0;
        do {
            end = diff_line_of(l, edits[i + n]->offset + edits[i + n]->length) + (l->count != 0);
            n++;
        } while (i + n < count && diff_line_of(l, edits[i + n]->offset) < end);
        struct change c = change_of(l, edits + i, n, end);
        if (c.first < c.end || c.n) {
            out[made++] = c;
        } else {
            free(c.text);
        }
    }
    return made;
}

/* One line of the diff; colour and escapes are for people only. */
static void diff_put_line(const struct app *app, char sign, const char *p, size_t n)
{
    bool ended = n && p[n - 1] == '\n';
    FILE *out = app->out;
    if (sign != ' ') {
        term_on(out, app->colour, sign == '-' ? TERM_RED : TERM_GREEN);
    }
    (void)fputc(sign, out);
    if (app->out_tty) {
        term_put(out, p, n - ended - (n > 1 && ended && p[n - 2] == '\r'));
    } else {
        (void)fwrite(p, 1, n - ended, out);
    }
    if (sign != ' ') {
        term_off(out, app->colour);
    }
    (void)fputs(ended ? "\n" : "\n\\ No newline at end of file\n", out);
}

static void put_lines(const struct app *app, char sign, const char *p, size_t n)
{
    while (n) {
        const char *end = memchr(p, '\n', n);
        size_t len = end ? (size_t)(end - p) + 1 : n;
        diff_put_line(app, sign, p, len);
        p += len;
        n -= len;
    }
}

static void put_old(const struct app *app, char sign, const struct lines *l, size_t from,
                    size_t end)
{
    put_lines(app, sign, l->data + l->starts[from], l->starts[end] - l->starts[from]);
}

static size_t diff_count_lines(const char *p, size_t n)
{
    size_t count = n && p[n - 1] != '\n';
    for (size_t i = 0; i < n; i++) {
        count += p[i] == '\n';
    }
    return count;
}

/* A range of a hunk's head; an empty one names the line before it. */
static void put_range(FILE *out, char sign, size_t first, size_t n)
{
    (void)fprintf(out, " %c%zu", sign, n ? first + 1 : first);
    if (n != 1) {
        (void)fprintf(out, ",%zu", n);
    }
}

/* One hunk of n changes. *shift: by how much the new text's lines are ahead. */
static void put_hunk(const struct app *app, const struct lines *l, const struct change *c, size_t n,
                     ptrdiff_t *shift)
{
    size_t first = c[0].first > CONTEXT ? c[0].first - CONTEXT : 0;
    size_t end = c[n - 1].end + CONTEXT < l->count ? c[n - 1].end + CONTEXT : l->count;
    ptrdiff_t grown = 0;
    for (size_t i = 0; i < n; i++) {
        grown +=
            (ptrdiff_t)diff_count_lines(c[i].text, c[i].n) - (ptrdiff_t)(c[i].end - c[i].first);
    }
    (void)fputs("@@", app->out);
    put_range(app->out, '-', first, end - first);
    put_range(app->out, '+', (size_t)((ptrdiff_t)first + *shift),
              (size_t)((ptrdiff_t)(end - first) + grown));
    (void)fputs(" @@\n", app->out);
    *shift += grown;
    for (size_t i = 0; i < n; i++) {
        put_old(app, ' ', l, first, c[i].first);
        put_old(app, '-', l, c[i].first, c[i].end);
        put_lines(app, '+', c[i].text, c[i].n);
        first = c[i].end;
    }
    put_old(app, ' ', l, first, end);
}

/* As git writes it: names with control characters, quotes or backslashes are quoted; a tab after a
 * name with a space tells patch(1) where it ends. */
static void diff_put_name(FILE *out, const char *head, const char *prefix, const char *name)
{
    bool quoted = false, spaced = strchr(name, ' ') != NULL;
    for (const char *p = name; *p; p++) {
        quoted = quoted || (unsigned char)*p < 0x20 || *p == 0x7f || *p == '"' || *p == '\\';
    }
    (void)fprintf(out, "%s %s%s", head, quoted ? "\"" : "", prefix);
    for (const char *p = name; *p; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f) {
            (void)fprintf(out, "\\%03o", (unsigned char)*p);
        } else {
            (void)fprintf(out, "%s%c", *p == '"' || *p == '\\' ? "\\" : "", *p);
        }
    }
    (void)fputs(quoted ? "\"\n" : spaced ? "\t\n" : "\n", out);
}

static void put_names(FILE *out, const char *file)
{
    char *shown = path_shown(file);
    const char *name = shown + (shown[0] == '/');
    diff_put_name(out, "---", "a/", name);
    diff_put_name(out, "+++", "b/", name);
    free(shown);
}

void diff_write(const struct app *app, const char *name, const char *data, size_t size,
                const struct dext_edit *const *edits, size_t count)
{
    struct lines l = diff_split(data, size);
    struct change *changes = app_alloc(count * sizeof *changes);
    size_t made = make_changes(&l, edits, count, changes);
    ptrdiff_t shift = 0;
    fold_exact(app, true);
    if (made) {
        put_names(app->out, name);
    }
    for (size_t i = 0, n; i < made; i += n) {
        n = 1;
        while (i + n < made &&
               changes[i + n].first - changes[i + n - 1].end <= (size_t)2 * CONTEXT) {
            n++;
        }
        put_hunk(app, &l, changes + i, n, &shift);
    }
    fold_exact(app, false);
    for (size_t i = 0; i < made; i++) {
        free(changes[i].text);
    }
    free(changes);
    free(l.starts);
}
