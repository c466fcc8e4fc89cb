#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct dx_chunk {
    struct dx_chunk *prev;
    size_t used, cap;
    max_align_t data[];
};

#define FIRST_CHUNK ((size_t)16 * 1024)
#define LARGEST_CHUNK ((size_t)8 * 1024 * 1024)
#define LARGE_PAGES_FROM ((size_t)4 * 1024 * 1024)

/* Under ASan every allocation is a malloc of its own, so that an overrun of one is seen. */
#if defined(__SANITIZE_ADDRESS__)
#define SEPARATE 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SEPARATE 1
#endif
#endif
#ifndef SEPARATE
#define SEPARATE 0
#endif

static size_t round_up(size_t n)
{
    const size_t unit = sizeof(max_align_t);
    if (n > SIZE_MAX - unit) {
        abort();
    }
    return (n + unit - 1) / unit * unit;
}

#define LARGE_PAGE ((size_t)2 * 1024 * 1024)

/* A dump of 50 MB is some 13,000 small pages, and the first touch of each costs as much as reading
 * what stands on it. Whole large pages, so that none of it is left on small ones. Advice only:
 * where the system has no large pages nothing changes. */
static void *arena_take(size_t *n)
{
#ifdef MADV_HUGEPAGE
    void *p;
    if (!SEPARATE && *n >= LARGE_PAGES_FROM && *n < SIZE_MAX - LARGE_PAGE) {
        size_t whole = (*n + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
        if (posix_memalign(&p, LARGE_PAGE, whole) == 0) {
            *n = whole;
            (void)madvise(p, whole, MADV_HUGEPAGE);
            return p;
        }
    }
#endif
    return malloc(*n);
}

static struct dx_chunk *new_chunk(struct dx_arena *a, size_t need)
{
    size_t cap = need;
    if (!SEPARATE) {
        cap = a->head ? a->head->cap * 2 : FIRST_CHUNK;
        cap = cap > LARGEST_CHUNK ? LARGEST_CHUNK : cap;
        cap = cap < need ? need : cap;
    }
    if (cap > SIZE_MAX - sizeof(struct dx_chunk)) {
        abort();
    }
    size_t n = sizeof(struct dx_chunk) + cap;
    struct dx_chunk *c = arena_take(&n);
    if (!c) {
        abort();
    }
    cap = n - sizeof *c;
    c->prev = a->head;
    c->used = 0;
    c->cap = cap;
    a->head = c;
    a->total += cap;
    return c;
}

void *dx_alloc_raw(struct dx_arena *a, size_t n)
{
    size_t need = SEPARATE ? (n ? n : 1) : round_up(n ? n : 1);
    struct dx_chunk *c = a->head;
    if (!c || c->cap - c->used < need) {
        c = new_chunk(a, need);
    }
    char *p = (char *)c->data + c->used;
    c->used += need;
    return p;
}

void *dx_alloc(struct dx_arena *a, size_t n)
{
    return memset(dx_alloc_raw(a, n), 0, n);
}

void *dx_calloc(struct dx_arena *a, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size) {
        abort();
    }
    return dx_alloc(a, count * size);
}

char *dx_strndup(struct dx_arena *a, const char *s, size_t n)
{
    char *p = dx_alloc_raw(a, n + 1);
    if (n) {
        memcpy(p, s, n);
    }
    p[n] = 0;
    return p;
}

char *dx_strdup(struct dx_arena *a, const char *s)
{
    return dx_strndup(a, s, strlen(s));
}

char *dx_sprintf(struct dx_arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0) {
        abort();
    }
    char *p = dx_alloc(a, (size_t)n + 1);
    (void)vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return p;
}

struct dx_mark dx_arena_mark(const struct dx_arena *a)
{
    return (struct dx_mark){a->head, a->head ? a->head->used : 0};
}

void dx_arena_rewind(struct dx_arena *a, struct dx_mark m)
{
    while (a->head != m.chunk) {
        struct dx_chunk *c = a->head;
        a->head = c->prev;
        a->total -= c->cap;
        free(c);
    }
    if (a->head) {
        a->head->used = m.used;
    }
}

void dx_arena_free(struct dx_arena *a)
{
    dx_arena_rewind(a, (struct dx_mark){NULL, 0});
}

void *dx_grow(struct dx_arena *a, void *old, size_t count, size_t *cap, size_t size)
{
    if (count < *cap) {
        return old;
    }
    size_t wider = *cap ? *cap * 2 : 8;
    if (wider < *cap) {
        abort();
    }
    void *p = dx_calloc(a, wider, size);
    if (count) {
        memcpy(p, old, count * size);
    }
    *cap = wider;
    return p;
}
