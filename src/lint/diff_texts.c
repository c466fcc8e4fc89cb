/* Which lines of two texts differ: the longest common subsequence of what is left once equal lines
 * at both ends are gone. Mends are few and small, so the table is, too; texts that differ in more
 * than that are shown as one change. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lint/diff.h"

#define MOST_CELLS ((size_t)4 << 20)

struct line {
    const char *p;
    size_t n;
};

struct side {
    struct line *lines;
    size_t count;
};

static struct side diff_texts_split(const char *data, size_t size)
{
    struct side s = {0};
    size_t cap = 256;
    s.lines = app_alloc(cap * sizeof *s.lines);
    for (size_t at = 0; at < size;) {
        const char *end = memchr(data + at, '\n', size - at);
        size_t n = end ? (size_t)(end - (data + at)) + 1 : size - at;
        if (s.count == cap) {
            cap *= 2;
            s.lines = app_grow(s.lines, cap * sizeof *s.lines);
        }
        s.lines[s.count++] = (struct line){data + at, n};
        at += n;
    }
    return s;
}

static bool diff_texts_same(const struct line *a, const struct line *b)
{
    return a->n == b->n && memcmp(a->p, b->p, a->n) == 0;
}

/* Lengths of common subsequences of the ends of both, (m + 1) * (n + 1) of them. */
static uint32_t *lengths(const struct line *a, size_t m, const struct line *b, size_t n)
{
    uint32_t *len = app_alloc((m + 1) * (n + 1) * sizeof *len);
    memset(len, 0, (m + 1) * (n + 1) * sizeof *len);
    for (size_t i = m; i-- > 0;) {
        for (size_t k = n; k-- > 0;) {
            uint32_t down = len[(i + 1) * (n + 1) + k], right = len[i * (n + 1) + k + 1];
            len[i * (n + 1) + k] = diff_texts_same(&a[i], &b[k])
                                       ? len[(i + 1) * (n + 1) + k + 1] + 1
                                   : down > right ? down
                                                  : right;
        }
    }
    return len;
}

struct edits {
    struct dext_edit *list;
    size_t count;
};

/* m lines at offset `from` of the old text become n lines of the new one. */
static void diff_texts_add(struct edits *e, size_t from, const struct line *a, size_t m,
                           const struct line *b, size_t n)
{
    size_t bytes = 0, length = 0, at = 0;
    for (size_t i = 0; i < n; i++) {
        bytes += b[i].n;
    }
    for (size_t i = 0; i < m; i++) {
        length += a[i].n;
    }
    char *text = app_alloc(bytes + 1);
    for (size_t i = 0; i < n; i++) {
        memcpy(text + at, b[i].p, b[i].n);
        at += b[i].n;
    }
    text[at] = 0;
    e->list = app_grow(e->list, (e->count + 1) * sizeof *e->list);
    e->list[e->count++] = (struct dext_edit){from, length, text};
}

/* What differs between the equal lines at both ends. */
struct middle {
    const struct line *a, *b;
    size_t rows, cols;
    uint32_t *len; /* NULL: too many lines to compare each with all */
};

static struct middle middle_of(const struct side *a, const struct side *b, size_t *head)
{
    size_t m = a->count, n = b->count;
    *head = 0;
    while (*head < m && *head < n && diff_texts_same(&a->lines[*head], &b->lines[*head])) {
        ++*head;
    }
    while (m > *head && n > *head && diff_texts_same(&a->lines[m - 1], &b->lines[n - 1])) {
        m--;
        n--;
    }
    struct middle d = {a->lines + *head, b->lines + *head, m - *head, n - *head, NULL};
    if (d.rows + 1 <= MOST_CELLS / (d.cols + 1)) {
        d.len = lengths(d.a, d.rows, d.b, d.cols);
    }
    return d;
}

static bool equal_here(const struct middle *d, size_t i, size_t k)
{
    return d->len && i < d->rows && k < d->cols && diff_texts_same(&d->a[i], &d->b[k]);
}

static void diff_texts_step(const struct middle *d, size_t *i, size_t *k)
{
    size_t row = d->cols + 1;
    if (!d->len) {
        *i = d->rows;
        *k = d->cols;
    } else if (*k == d->cols ||
               (*i < d->rows && d->len[(*i + 1) * row + *k] >= d->len[*i * row + *k + 1])) {
        ++*i;
    } else {
        ++*k;
    }
}

static void diff_texts_compare(struct edits *e, const char *old, size_t size, const struct side *a,
                               const struct side *b)
{
    size_t head, i = 0, k = 0;
    struct middle d = middle_of(a, b, &head);
    while (i < d.rows || k < d.cols) {
        if (equal_here(&d, i, k)) {
            i++;
            k++;
            continue;
        }
        size_t i0 = i, k0 = k;
        do {
            diff_texts_step(&d, &i, &k);
        } while ((i < d.rows || k < d.cols) && !equal_here(&d, i, k));
        size_t at = head + i0 < a->count ? (size_t)(d.a[i0].p - old) : size;
        diff_texts_add(e, at, d.a + i0, i - i0, d.b + k0, k - k0);
    }
    free(d.len);
}

void diff_write_texts(const struct app *app, const char *name, const char *old, size_t old_size,
                      const char *now, size_t now_size)
{
    struct side a = diff_texts_split(old, old_size), b = diff_texts_split(now, now_size);
    struct edits e = {0};
    diff_texts_compare(&e, old, old_size, &a, &b);
    const struct dext_edit **list = app_alloc((e.count + 1) * sizeof *list);
    for (size_t i = 0; i < e.count; i++) {
        list[i] = &e.list[i];
    }
    if (e.count) {
        diff_write(app, name, old, old_size, list, e.count);
    }
    for (size_t i = 0; i < e.count; i++) {
        free((char *)e.list[i].text);
    }
    free(list);
    free(e.list);
    free(a.lines);
    free(b.lines);
}
