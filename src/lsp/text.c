#include "lsp/text.h"

#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "app/term.h"

static bool text_breaks(const struct lsp_text *t, size_t i)
{
    return t->data[i] == '\n' ||
           (t->data[i] == '\r' && (i + 1 == t->size || t->data[i + 1] != '\n'));
}

static void text_count_lines(struct lsp_text *t)
{
    size_t n = 1;
    for (size_t i = 0; i < t->size; i++) {
        n += text_breaks(t, i);
    }
    t->starts = app_grow(t->starts, n * sizeof *t->starts);
    t->starts[0] = 0;
    t->lines = 1;
    for (size_t i = 0; i < t->size; i++) {
        if (text_breaks(t, i)) {
            t->starts[t->lines++] = i + 1;
        }
    }
}

void lsp_text_set(struct lsp_text *t, const char *data, size_t size)
{
    char *copy = app_alloc(size + 1);
    memcpy(copy, data, size);
    free(t->data);
    t->data = copy;
    t->size = size;
    text_count_lines(t);
}

void lsp_text_replace(struct lsp_text *t, size_t from, size_t to, const char *data, size_t size)
{
    from = from < t->size ? from : t->size;
    to = to < from ? from : to < t->size ? to : t->size;
    size_t all = t->size - (to - from) + size;
    char *next = app_alloc(all + 1);
    memcpy(next, t->data, from);
    memcpy(next + from, data, size);
    memcpy(next + from + size, t->data + to, t->size - to);
    free(t->data);
    t->data = next;
    t->size = all;
    text_count_lines(t);
}

void lsp_text_free(struct lsp_text *t)
{
    free(t->data);
    free(t->starts);
    *t = (struct lsp_text){0};
}

static size_t text_line_of(const struct lsp_text *t, size_t offset)
{
    size_t lo = 0, hi = t->lines;
    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;
        if (t->starts[mid] <= offset) {
            lo = mid;
        } else {
            hi = mid;
        }
    }
    return lo;
}

static size_t text_end_of(const struct lsp_text *t, size_t line)
{
    size_t end = line + 1 < t->lines ? t->starts[line + 1] : t->size;
    while (end > t->starts[line] && (t->data[end - 1] == '\n' || t->data[end - 1] == '\r')) {
        end--;
    }
    return end;
}

/* Bytes of the character at p; what is no UTF-8 counts byte by byte. */
static size_t text_step(const struct lsp_text *t, size_t p)
{
    size_t n = term_utf8(t->data + p, t->size - p);
    return n ? n : 1;
}

size_t lsp_text_offset(const struct lsp_text *t, struct lsp_position at)
{
    if (at.line >= t->lines) {
        return t->size;
    }
    size_t p = t->starts[at.line], end = text_end_of(t, at.line), units = 0;
    while (p < end && units < at.character) {
        size_t n = text_step(t, p);
        units += n == 4 ? 2 : 1;
        p += n;
    }
    return p < end ? p : end;
}

struct lsp_position lsp_text_position(const struct lsp_text *t, size_t offset)
{
    offset = offset < t->size ? offset : t->size;
    size_t line = text_line_of(t, offset), p = t->starts[line], units = 0;
    while (p < offset) {
        size_t n = text_step(t, p);
        units += n == 4 ? 2 : 1;
        p += n;
    }
    return (struct lsp_position){(unsigned)line, (unsigned)units};
}

size_t lsp_text_place(const struct lsp_text *t, unsigned line, unsigned column)
{
    if (line == 0 || line > t->lines) {
        return line ? t->size : 0;
    }
    size_t p = t->starts[line - 1], end = text_end_of(t, line - 1);
    if (line == 1 && t->size >= 3 && memcmp(t->data, "\xef\xbb\xbf", 3) == 0) {
        p = 3; /* libdext does not count the mark as a column */
    }
    for (unsigned i = 1; i < column && p < end; i++) {
        p += text_step(t, p);
    }
    return p;
}

size_t lsp_text_line_end(const struct lsp_text *t, size_t offset)
{
    return text_end_of(t, text_line_of(t, offset));
}

size_t lsp_text_line_start(const struct lsp_text *t, size_t offset)
{
    return t->starts[text_line_of(t, offset)];
}
