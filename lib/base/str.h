/* str.h: a slice of bytes that somebody else owns (a source buffer or an arena), and a buffer with
 * a ceiling. Slices are not NUL-terminated unless the maker says so. */
#ifndef DX_BASE_STR_H
#define DX_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"

struct dx_str {
    const char *p;
    size_t n;
};

#define DX_STR(literal) ((struct dx_str){(literal), sizeof(literal) - 1})

struct dx_str dx_str(const char *s);
bool dx_str_eq(struct dx_str a, struct dx_str b);
/* Asked of most keys with most names: the first letter rules nearly all of them out. */
static inline bool dx_str_is(struct dx_str a, const char *s)
{
    return a.n ? *a.p == *s && strlen(s) == a.n && memcmp(a.p, s, a.n) == 0 : !*s;
}
bool dx_str_is_nocase(struct dx_str a, const char *s);
bool dx_str_has_prefix(struct dx_str a, const char *prefix);
bool dx_str_has_suffix(struct dx_str a, const char *suffix);
bool dx_str_contains(struct dx_str a, const char *needle);
int dx_str_cmp(struct dx_str a, struct dx_str b);
/* The last c in the n bytes at p, or NULL: memrchr(3), which macOS does not have. */
const char *dx_memrchr(const void *p, char c, size_t n);
/* A copy in the arena, with a 0 behind it. */
struct dx_str dx_str_copy(struct dx_arena *a, struct dx_str s);
struct dx_str dx_str_trim(struct dx_str a); /* ASCII white space off both ends */

/* Edits needed to turn a into b (insert, delete, replace, swap of neighbours), ASCII case ignored;
 * gives up and returns limit + 1 as soon as it is more than limit. */
size_t dx_str_distance(struct dx_str a, struct dx_str b, size_t limit);

/* The nearest of count names to what was typed, or NULL when none is near enough to propose.
 * name(user, i) returns the i-th candidate. */
const char *dx_str_nearest(struct dx_str typed, size_t count,
                           const char *(*name)(const void *user, size_t i), const void *user);

/* What somebody at a keyboard meant: the nearest, or else the first name that begins with what was
 * typed (two letters at least). */
const char *dx_str_meant(struct dx_str typed, size_t count,
                         const char *(*name)(const void *user, size_t i), const void *user);

/* The character of more than one byte at p, as Unicode 15, table 3-7 has it: its bytes, or 0 when
 * what stands before end is none. */
size_t dx_utf8_wide(const char *p, const char *end, uint32_t *c);

/* A growing byte buffer with a hard cap: appending past the cap sets toobig and changes nothing. */
struct dx_buf {
    struct dx_arena *arena;
    char *p; /* always NUL-terminated once something was appended */
    size_t n, cap, max;
    bool toobig;
};

void dx_buf_init(struct dx_buf *b, struct dx_arena *a, size_t max);
void dx_buf_add(struct dx_buf *b, const char *p, size_t n);
void dx_buf_puts(struct dx_buf *b, const char *s);
/* Text as XML holds it: &, < and > by name. */
void dx_buf_xml(struct dx_buf *b, struct dx_str s);
void dx_buf_printf(struct dx_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* v in base 16 (small letters, no prefix) or else 10: for what is written a million times. */
void dx_buf_number(struct dx_buf *b, uint64_t v, unsigned base);
/* Bytes as pairs of hexadecimal digits. */
void dx_buf_hex(struct dx_buf *b, const char *p, size_t n);
struct dx_str dx_buf_str(const struct dx_buf *b);

#endif
