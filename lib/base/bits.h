/* bits.h: 64 bytes looked at as one. */
#ifndef DX_BASE_BITS_H
#define DX_BASE_BITS_H

#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Bit i is set when byte i of the 64 at p, with the bits of fold set in it, is c. In eight numbers:
 * a byte is 0 where neither its lower seven bits plus 0x7f nor itself has a top bit, and one
 * multiplication brings the eight top bits together. */
static inline uint64_t dx_equal64_plain(const char *p, unsigned char fold, unsigned char c)
{
    const uint64_t each = UINT64_C(0x0101010101010101), low = UINT64_C(0x7f7f7f7f7f7f7f7f);
    uint64_t bits = 0;
    for (unsigned i = 0; i < 8; i++) {
        uint64_t x;
        memcpy(&x, p + (size_t)8 * i, sizeof x);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        x = __builtin_bswap64(x);
#endif
        x = (x | each * fold) ^ each * c;
        uint64_t zero = ~(((x & low) + low) | x | low) >> 7;
        bits |= (zero * UINT64_C(0x0102040810204080)) >> 56 << (8 * i);
    }
    return bits;
}

static inline uint64_t dx_equal64(const char *p, unsigned char fold, unsigned char c)
{
#ifdef __SSE2__
    const __m128i f = _mm_set1_epi8((char)fold), e = _mm_set1_epi8((char)c);
    uint64_t bits = 0;
    for (unsigned i = 0; i < 4; i++) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(p + (size_t)16 * i));
        x = _mm_cmpeq_epi8(_mm_or_si128(x, f), e);
        bits |= (uint64_t)(uint32_t)_mm_movemask_epi8(x) << (16 * i);
    }
    return bits;
#else
    return dx_equal64_plain(p, fold, c);
#endif
}

/* Bit i of the result is the parity of bits 0 to i: set from each odd bit up to before the next. */
static inline uint64_t dx_parity64(uint64_t x)
{
    for (unsigned shift = 1; shift < 64; shift *= 2) {
        x ^= x << shift;
    }
    return x;
}

#endif
