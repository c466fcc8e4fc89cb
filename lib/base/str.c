#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dext/text.h"

struct dx_str dx_str(const char *s)
{
    return (struct dx_str){s ? s : "", s ? strlen(s) : 0};
}

bool dx_str_eq(struct dx_str a, struct dx_str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool dx_str_is_nocase(struct dx_str a, const char *s)
{
    return a.n == strlen(s) && strncasecmp(a.p, s, a.n) == 0;
}

bool dx_str_has_prefix(struct dx_str a, const char *prefix)
{
    size_t n = strlen(prefix);
    return a.n >= n && memcmp(a.p, prefix, n) == 0;
}

bool dx_str_has_suffix(struct dx_str a, const char *suffix)
{
    size_t n = strlen(suffix);
    return a.n >= n && memcmp(a.p + a.n - n, suffix, n) == 0;
}

bool dx_str_contains(struct dx_str a, const char *needle)
{
    return a.n && memmem(a.p, a.n, needle, strlen(needle)) != NULL;
}

int dx_str_cmp(struct dx_str a, struct dx_str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;
    if (c) {
        return c;
    }
    return a.n < b.n ? -1 : a.n > b.n;
}

static bool str_is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

const char *dx_memrchr(const void *p, char c, size_t n)
{
#ifdef __APPLE__
    const char *from = p;
    while (n && from[n - 1] != c) {
        n--;
    }
    return n ? from + n - 1 : NULL;
#else
    return memrchr(p, c, n);
#endif
}

struct dx_str dx_str_copy(struct dx_arena *a, struct dx_str s)
{
    return (struct dx_str){dx_strndup(a, s.p, s.n), s.n};
}

struct dx_str dx_str_trim(struct dx_str a)
{
    while (a.n && str_is_space(a.p[0])) {
        a.p++;
        a.n--;
    }
    while (a.n && str_is_space(a.p[a.n - 1])) {
        a.n--;
    }
    return a;
}

static char str_fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

#define LONGEST_NAME 128

/* One row of the optimal string alignment table. */
static size_t distance_row(struct dx_str a, struct dx_str b, size_t i, size_t rows[3][LONGEST_NAME])
{
    size_t *row = rows[i % 3];
    const size_t *above = rows[(i + 2) % 3];
    const size_t *above2 = rows[(i + 1) % 3];
    size_t best = row[0] = i;
    for (size_t j = 1; j <= b.n; j++) {
        size_t swap = str_fold(a.p[i - 1]) != str_fold(b.p[j - 1]);
        size_t d = above[j - 1] + swap;
        d = above[j] + 1 < d ? above[j] + 1 : d;
        d = row[j - 1] + 1 < d ? row[j - 1] + 1 : d;
        if (i > 1 && j > 1 && str_fold(a.p[i - 1]) == str_fold(b.p[j - 2]) &&
            str_fold(a.p[i - 2]) == str_fold(b.p[j - 1]) && above2[j - 2] + 1 < d) {
            d = above2[j - 2] + 1;
        }
        row[j] = d;
        best = d < best ? d : best;
    }
    return best;
}

size_t dx_str_distance(struct dx_str a, struct dx_str b, size_t limit)
{
    size_t gap = a.n > b.n ? a.n - b.n : b.n - a.n;
    if (gap > limit || a.n >= LONGEST_NAME || b.n >= LONGEST_NAME) {
        return limit + 1;
    }
    size_t rows[3][LONGEST_NAME];
    for (size_t j = 0; j <= b.n; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= a.n; i++) {
        if (distance_row(a, b, i, rows) > limit) {
            return limit + 1;
        }
    }
    return rows[a.n % 3][b.n];
}

const char *dx_str_nearest(struct dx_str typed, size_t count,
                           const char *(*name)(const void *user, size_t i), const void *user)
{
    /* A third of the letters may differ, four at most: more is a guess, not a slip. */
    size_t limit = typed.n / 3;
    limit = limit > 4 ? 4 : limit < 1 ? 1 : limit;
    const char *best = NULL;
    for (size_t i = 0; i < count; i++) {
        const char *candidate = name(user, i);
        size_t d = dx_str_distance(typed, dx_str(candidate), limit);
        if (d <= limit) {
            best = candidate;
            if (d == 0) {
                break;
            }
            limit = d - 1;
        }
    }
    return best;
}

const char *dx_str_meant(struct dx_str typed, size_t count,
                         const char *(*name)(const void *user, size_t i), const void *user)
{
    const char *best = dx_str_nearest(typed, count, name, user);
    for (size_t i = 0; !best && typed.n >= 2 && i < count; i++) {
        best = strncasecmp(name(user, i), typed.p, typed.n) == 0 ? name(user, i) : NULL;
    }
    return best;
}

void dx_buf_init(struct dx_buf *b, struct dx_arena *a, size_t max)
{
    *b = (struct dx_buf){.arena = a, .max = max};
}

void dx_buf_add(struct dx_buf *b, const char *p, size_t n)
{
    if (b->toobig || n > b->max - b->n) {
        b->toobig = true;
        return;
    }
    if (b->n + n + 1 > b->cap) {
        size_t cap = b->cap ? b->cap * 2 : 256;
        cap = cap < b->n + n + 1 ? b->n + n + 1 : cap;
        char *wider = dx_alloc(b->arena, cap);
        if (b->n) {
            memcpy(wider, b->p, b->n);
        }
        b->p = wider;
        b->cap = cap;
    }
    if (n) {
        memcpy(b->p + b->n, p, n);
    }
    b->n += n;
    b->p[b->n] = 0;
}

void dx_buf_puts(struct dx_buf *b, const char *s)
{
    dx_buf_add(b, s, strlen(s));
}

void dx_buf_xml(struct dx_buf *b, struct dx_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        switch (s.p[i]) {
        case '&':
            dx_buf_puts(b, "&amp;");
            break;
        case '<':
            dx_buf_puts(b, "&lt;");
            break;
        case '>':
            dx_buf_puts(b, "&gt;");
            break;
        default:
            dx_buf_add(b, s.p + i, 1);
            break;
        }
    }
}

void dx_buf_printf(struct dx_buf *b, const char *fmt, ...)
{
    char small[512];
    va_list ap;
    va_start(ap, fmt);
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(small, sizeof small, fmt, ap);
    va_end(ap);
    if (n < 0) {
        abort();
    }
    if ((size_t)n < sizeof small) {
        dx_buf_add(b, small, (size_t)n);
    } else {
        char *p = dx_alloc(b->arena, (size_t)n + 1);
        (void)vsnprintf(p, (size_t)n + 1, fmt, again);
        dx_buf_add(b, p, (size_t)n);
    }
    va_end(again);
}

static const char str_digits[] = "0123456789abcdef";

void dx_buf_number(struct dx_buf *b, uint64_t v, unsigned base)
{
    char text[24], *p = text + sizeof text;
    if (base == 16) {
        do {
            *--p = str_digits[v & 15];
            v >>= 4;
        } while (v);
    } else { /* by a constant: no division */
        do {
            *--p = str_digits[v % 10];
            v /= 10;
        } while (v);
    }
    dx_buf_add(b, p, (size_t)(text + sizeof text - p));
}

void dx_buf_hex(struct dx_buf *b, const char *p, size_t n)
{
    char text[128];
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        text[at++] = str_digits[(unsigned char)p[i] >> 4];
        text[at++] = str_digits[(unsigned char)p[i] & 15];
        if (at == sizeof text || i + 1 == n) {
            dx_buf_add(b, text, at);
            at = 0;
        }
    }
}

struct dx_str dx_buf_str(const struct dx_buf *b)
{
    return (struct dx_str){b->p ? b->p : "", b->n};
}

const char *dext_nearest(const char *typed, size_t count,
                         const char *(*name)(const void *user, size_t i), const void *user)
{
    return dx_str_meant(dx_str(typed), count, name, user);
}

size_t dx_utf8_wide(const char *text, const char *end, uint32_t *c)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *p = (const unsigned char *)text;
    size_t n = *p >= 0xf0 ? 4 : *p >= 0xe0 ? 3 : 2;
    if (*p < 0xc2 || *p > 0xf4 || (size_t)(end - text) < n) {
        return 0;
    }
    *c = *p & (0x7fU >> n);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
        *c = *c << 6 | (p[i] & 0x3fU);
    }
    return *c >= least[n] && *c <= 0x10ffff && (*c < 0xd800 || *c > 0xdfff) ? n : 0;
}
