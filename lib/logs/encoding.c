/* Texts that editors and other systems saved: a byte order mark before UTF-8, or UTF-16. Anything
 * without a mark passes as it is. */
#include <string.h>

#include "logs/text.h"

#define OUT_BYTES 4096

struct out {
    char bytes[OUT_BYTES + 4];
    size_t n;
    bool more;
    bool (*sink)(void *user, const char *data, size_t size);
    void *user;
};

static void flush(struct out *o)
{
    if (o->n) {
        o->more = o->sink(o->user, o->bytes, o->n);
        o->n = 0;
    }
}

static void encoding_put(struct out *o, uint32_t c)
{
    char *p = o->bytes + o->n;
    if (c < 0x80) {
        *p = (char)c;
        o->n += 1;
    } else if (c < 0x800) {
        p[0] = (char)(0xc0 | c >> 6);
        p[1] = (char)(0x80 | (c & 0x3f));
        o->n += 2;
    } else if (c < 0x10000) {
        p[0] = (char)(0xe0 | c >> 12);
        p[1] = (char)(0x80 | (c >> 6 & 0x3f));
        p[2] = (char)(0x80 | (c & 0x3f));
        o->n += 3;
    } else {
        p[0] = (char)(0xf0 | c >> 18);
        p[1] = (char)(0x80 | (c >> 12 & 0x3f));
        p[2] = (char)(0x80 | (c >> 6 & 0x3f));
        p[3] = (char)(0x80 | (c & 0x3f));
        o->n += 4;
    }
    if (o->n >= OUT_BYTES) {
        flush(o);
    }
}

/* One unit of UTF-16; a half without its other half becomes U+FFFD. */
static void unit(struct dx_decoder *d, struct out *o, uint32_t u)
{
    bool low = u >= 0xdc00 && u < 0xe000;
    if (d->high && low) {
        encoding_put(o, 0x10000 + ((d->high - 0xd800) << 10) + (u - 0xdc00));
        d->high = 0;
        return;
    }
    if (d->high) {
        encoding_put(o, 0xfffd);
        d->high = 0;
    }
    if (u >= 0xd800 && u < 0xdc00) {
        d->high = u;
    } else {
        encoding_put(o, low ? 0xfffd : u);
    }
}

static bool utf16(struct dx_decoder *d, const unsigned char *p, size_t n, struct out *o)
{
    for (size_t i = 0; i < n && o->more; i++) {
        if (!d->has_half) {
            d->half = p[i];
            d->has_half = true;
            continue;
        }
        d->has_half = false;
        unit(d, o,
             d->enc == DX_ENC_LITTLE ? (uint32_t)(p[i] << 8 | d->half)
                                     : (uint32_t)(d->half << 8 | p[i]));
    }
    flush(o);
    return o->more;
}

/* The mark is 2 or 3 bytes. How many of the first bytes are passed over. */
static size_t encoding_decide(struct dx_decoder *d)
{
    const unsigned char *s = d->start;
    if (d->start_n >= 3 && s[0] == 0xef && s[1] == 0xbb && s[2] == 0xbf) {
        d->enc = DX_ENC_BYTES;
        return 3;
    }
    if (d->start_n >= 2 && ((s[0] == 0xff && s[1] == 0xfe) || (s[0] == 0xfe && s[1] == 0xff))) {
        d->enc = s[0] == 0xff ? DX_ENC_LITTLE : DX_ENC_BIG;
        return 2;
    }
    d->enc = DX_ENC_BYTES;
    return 0;
}

static bool pass(struct dx_decoder *d, const char *data, size_t size, struct out *o)
{
    if (size == 0) {
        return o->more;
    }
    return d->enc == DX_ENC_BYTES ? o->sink(o->user, data, size)
                                  : utf16(d, (const unsigned char *)data, size, o);
}

bool dx_decode(struct dx_decoder *d, const char *data, size_t size, bool end,
               bool (*sink)(void *user, const char *data, size_t size), void *user)
{
    struct out o = {.n = 0, .more = true, .sink = sink, .user = user};
    if (d->enc == DX_ENC_START) {
        while (d->start_n < sizeof d->start && size) {
            d->start[d->start_n++] = (unsigned char)*data++;
            size--;
        }
        if (d->start_n < sizeof d->start && !end) {
            return true;
        }
        size_t skip = encoding_decide(d);
        o.more = pass(d, (const char *)d->start + skip, d->start_n - skip, &o);
    }
    return o.more && pass(d, data, size, &o);
}
