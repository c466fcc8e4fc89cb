/* arena.h: memory that is given back all at once.
 *
 * Everything reachable from a model lives in the arena of its context and dies with it, so lib/
 * has no per-object free. A loop that handles many records takes a mark first and rewinds to it.
 *
 *     struct dx_mark m = dx_arena_mark(a);
 *     char *s = dx_strndup(a, text, n);
 *     dx_arena_rewind(a, m);
 *
 * Out of memory ends the process through abort(): callers have no NULL checks. */
#ifndef DX_BASE_ARENA_H
#define DX_BASE_ARENA_H

#include <stddef.h>

struct dx_chunk;

struct dx_arena {
    struct dx_chunk *head; /* newest chunk, the one allocated from */
    size_t total;          /* bytes taken from malloc, all chunks */
};

struct dx_mark {
    struct dx_chunk *chunk;
    size_t used;
};

/* n zeroed bytes, aligned for any type. */
void *dx_alloc(struct dx_arena *a, size_t n);
/* The same, not zeroed: for who fills all of it at once. */
void *dx_alloc_raw(struct dx_arena *a, size_t n);

/* count * size zeroed bytes; aborts when the product overflows. */
void *dx_calloc(struct dx_arena *a, size_t count, size_t size);

/* A NUL-terminated copy of n bytes. */
char *dx_strndup(struct dx_arena *a, const char *s, size_t n);
char *dx_strdup(struct dx_arena *a, const char *s);

/* printf into the arena. */
char *dx_sprintf(struct dx_arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

struct dx_mark dx_arena_mark(const struct dx_arena *a);
void dx_arena_rewind(struct dx_arena *a, struct dx_mark m);
void dx_arena_free(struct dx_arena *a);

/* Grows an arena-backed array by doubling; the old copy stays in the arena until it is freed. */
void *dx_grow(struct dx_arena *a, void *old, size_t count, size_t *cap, size_t size);
#define DX_PUSH(arena, list, count, cap)                                                           \
    ((list) =                                                                                      \
         (count) < (cap) ? (list) : dx_grow((arena), (list), (count), &(cap), sizeof *(list)),     \
     &(list)[(count)++])

#endif
