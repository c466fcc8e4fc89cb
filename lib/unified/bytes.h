/* unified/bytes.h: a cursor over foreign bytes, little-endian as all of the unified log is. Reading
 * past the end gives 0 and sets bad: structures are read first and judged once. */
#ifndef DX_UNIFIED_BYTES_H
#define DX_UNIFIED_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct dx_cur {
    const uint8_t *p, *end;
    bool bad;
};

static inline struct dx_cur dx_cur(const void *p, size_t n)
{
    const uint8_t *start = p;
    return (struct dx_cur){start, n ? start + n : start, false};
}

static inline size_t dx_left(const struct dx_cur *b)
{
    return (size_t)(b->end - b->p);
}

/* The next n bytes, or NULL. */
static inline const uint8_t *dx_take(struct dx_cur *b, size_t n)
{
    if (b->bad || dx_left(b) < n) {
        b->bad = true;
        return NULL;
    }
    const uint8_t *p = b->p;
    b->p += n;
    return p;
}

/* n bytes at p as a number. */
static inline uint64_t dx_le(const uint8_t *p, size_t n)
{
    uint64_t v = 0;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint32_t four = 0;
    uint16_t two = 0;
    switch (n) { /* one load each, where n is a constant */
    case 8:
        memcpy(&v, p, 8);
        return v;
    case 6:
        memcpy(&four, p, 4);
        memcpy(&two, p + 4, 2);
        return four | (uint64_t)two << 32;
    case 4:
        memcpy(&four, p, 4);
        return four;
    case 2:
        memcpy(&two, p, 2);
        return two;
    default:
        break;
    }
#endif
    for (size_t i = 0; i < n && i < 8; i++) {
        v |= (uint64_t)p[i] << (8 * i);
    }
    return v;
}

static inline uint64_t dx_getn(struct dx_cur *b, size_t n)
{
    const uint8_t *p = dx_take(b, n);
    return p ? dx_le(p, n) : 0;
}

static inline uint8_t dx_get8(struct dx_cur *b)
{
    return (uint8_t)dx_getn(b, 1);
}

static inline uint16_t dx_get16(struct dx_cur *b)
{
    return (uint16_t)dx_getn(b, 2);
}

static inline uint32_t dx_get32(struct dx_cur *b)
{
    return (uint32_t)dx_getn(b, 4);
}

static inline uint64_t dx_get64(struct dx_cur *b)
{
    return dx_getn(b, 8);
}

#endif
