/* Numbers as people, programs and logs write them. */
#include <string.h>

#include "error/error.h"

static int number_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
}

/* Digits of base at p into *v; *over when 64 bits do not hold them. Returns their count. Between
 * two digits of a hexadecimal number an underscore may stand: 0xE000_02C7. */
static size_t read_digits(const char *p, size_t n, unsigned base, uint64_t *v, bool *over)
{
    size_t i = 0;
    *v = 0;
    *over = false;
    for (; i < n; i++) {
        unsigned d = (unsigned)number_digit(p[i]);
        bool group = base == 16 && p[i] == '_' && i && i + 1 < n && number_digit(p[i - 1]) < 16 &&
                     number_digit(p[i + 1]) < 16;
        if (group) {
            continue;
        }
        if (d >= base) {
            break;
        }
        if (*v > (UINT64_MAX - d) / base) {
            *over = true;
        } else {
            *v = *v * base + d;
        }
    }
    return i;
}

static bool is_word(char c)
{
    return number_digit(c) < 16 || (c >= 'g' && c <= 'z') || (c >= 'G' && c <= 'Z') || c == '_';
}

/* Two's complement in 32 bits. Sign extension to 64 bits is accepted: programs print a 32-bit code
 * with a 64-bit format. */
static void store(struct dx_number *out, uint64_t v, bool over)
{
    uint64_t low = v & UINT32_MAX;
    if (out->negative) {
        out->wide = over || v > (uint64_t)1 << 31;
        low = (0 - v) & UINT32_MAX;
    } else {
        out->wide = over || (v > UINT32_MAX && v < UINT64_MAX - INT32_MAX);
    }
    out->value = (uint32_t)low;
}

/* C's suffixes of an integer, u, L, UL, ull, or nothing; SIZE_MAX when something else follows. */
static size_t suffix(const char *p, size_t n)
{
    size_t i = 0;
    while (i < n && i < 3 && (p[i] == 'u' || p[i] == 'U' || p[i] == 'l' || p[i] == 'L')) {
        i++;
    }
    return i < n && is_word(p[i]) ? SIZE_MAX : i;
}

/* lead: bytes before the digits, "0x" or "-0x"; 0 for digits alone. */
static struct dx_number read_hex(const char *p, size_t n, size_t lead)
{
    struct dx_number out = {.negative = lead > 2};
    uint64_t v;
    bool over;
    size_t k = read_digits(p + lead, n - lead, 16, &v, &over);
    size_t after = k ? suffix(p + lead + k, n - lead - k) : SIZE_MAX;
    /* Assemblers write 0e00002c7h. */
    bool marked = !lead && k && after == SIZE_MAX && number_digit(p[0]) < 10 && k < n &&
                  (p[k] == 'h' || p[k] == 'H') && (k + 1 == n || !is_word(p[k + 1]));
    if (k && (marked || (after != SIZE_MAX && (lead || !after)))) {
        out.form = lead || marked ? DX_HEX : DX_BARE_HEX;
        out.n = lead + k + (marked ? 1 : after);
        store(&out, v, over);
    }
    return out;
}

struct dx_number dx_number_at(const char *p, size_t n, bool bare)
{
    struct dx_number out = {0};
    if (n > 2 && p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) {
        return read_hex(p, n, 2);
    }
    size_t sign = n && p[0] == '-' ? 1 : n > 3 && memcmp(p, "\xe2\x88\x92", 3) == 0 ? 3 : 0;
    if (sign && n > sign + 2 && p[sign] == '0' && (p[sign + 1] == 'x' || p[sign + 1] == 'X')) {
        return read_hex(p, n, sign + 2);
    }
    uint64_t v;
    bool over;
    size_t k = read_digits(p + sign, n - sign, 10, &v, &over);
    size_t after = k ? suffix(p + sign + k, n - sign - k) : SIZE_MAX;
    if (after != SIZE_MAX) {
        out.form = DX_DECIMAL;
        out.n = sign + k + after;
        out.negative = sign != 0;
        store(&out, v, over);
    } else if (bare && !sign) {
        out = read_hex(p, n, 0);
    }
    return out;
}
