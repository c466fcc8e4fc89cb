/* Signed attributes as they stand in a message (BER: codesign writes indefinite lengths around
 * them). OpenSSL would encode them anew, sorted. */
#include <openssl/asn1.h>
#include <openssl/err.h>
#include <string.h>

#include "sign/cms_open.h"

#define DEEPEST_BER 32
#define CONTEXT 0x80
#define CONSTRUCTED 0x20

struct ber {
    const unsigned char *p; /* content */
    size_t n;
    unsigned char first; /* identifier octet */
};

static bool ber_next(const unsigned char **p, const unsigned char *end, struct ber *out,
                     unsigned depth);

/* Of an element without a length: up to the two zeros that end it. */
static bool ber_skip(const unsigned char **p, const unsigned char *end, struct ber *out,
                     unsigned depth)
{
    struct ber inner;
    out->p = *p;
    while (end - *p >= 2 && ((*p)[0] || (*p)[1])) {
        if (!ber_next(p, end, &inner, depth + 1)) {
            return false;
        }
    }
    if (end - *p < 2) {
        return false;
    }
    out->n = (size_t)(*p - out->p);
    *p += 2;
    return true;
}

static bool ber_next(const unsigned char **p, const unsigned char *end, struct ber *out,
                     unsigned depth)
{
    const unsigned char *q = *p;
    size_t n = 0;
    if (depth > DEEPEST_BER || end - q < 2 || (q[0] & 0x1f) == 0x1f) {
        return false; /* no part of a message has a tag above 30 */
    }
    out->first = q[0];
    if (q[1] == 0x80) {
        *p = q + 2;
        return (q[0] & CONSTRUCTED) && ber_skip(p, end, out, depth);
    }
    size_t octets = q[1] & 0x80 ? q[1] & 0x7fU : 0;
    n = octets ? 0 : q[1];
    q += 2;
    if (octets > 4 || octets > (size_t)(end - q)) {
        return false;
    }
    for (; octets; octets--) {
        n = n << 8 | *q++;
    }
    if (n > (size_t)(end - q)) {
        return false;
    }
    out->p = q;
    out->n = n;
    *p = q + n;
    return true;
}

/* The wanted one among the elements at *p; false: it is not there. */
static bool ber_find(const unsigned char **p, const unsigned char *end, unsigned char first,
                     struct ber *out)
{
    while (ber_next(p, end, out, 0)) {
        if (out->first == first) {
            return true;
        }
    }
    return false;
}

static struct dx_str raw_set(struct dext_ctx *ctx, const struct ber *attributes)
{
    struct dx_buf b;
    unsigned char head[6] = {0x31, (unsigned char)attributes->n};
    size_t n = 2;
    if (attributes->n > 127) {
        size_t octets = attributes->n > 0xffffff ? 4
                        : attributes->n > 0xffff ? 3
                        : attributes->n > 0xff   ? 2
                                                 : 1;
        head[1] = (unsigned char)(0x80 | octets);
        for (size_t i = 0; i < octets; i++) {
            head[n++] = (unsigned char)(attributes->n >> 8 * (octets - 1 - i));
        }
    }
    dx_buf_init(&b, &ctx->arena, ctx->limits.cms_bytes + sizeof head);
    dx_buf_add(&b, (const char *)head, n);
    dx_buf_add(&b, (const char *)attributes->p, attributes->n);
    return b.toobig ? (struct dx_str){"", 0} : dx_buf_str(&b);
}

/* ContentInfo { type, [0] SignedData { version, digests, content, [0] certificates, [1] crls,
 * SET of SignerInfo { version, signer, digest, [0] attributes, ... } } } (RFC 5652). */
struct dx_str dx_cms_raw_attributes(struct dext_ctx *ctx, struct dx_str der)
{
    const unsigned char *p = (const unsigned char *)der.p, *end = p + der.n;
    struct ber e, signers = {NULL, 0, 0};
    if (!ber_next(&p, end, &e, 0)) {
        return (struct dx_str){"", 0};
    }
    p = e.p;
    end = e.p + e.n;
    if (!ber_find(&p, end, CONTEXT | CONSTRUCTED, &e)) {
        return (struct dx_str){"", 0};
    }
    p = e.p;
    end = e.p + e.n;
    if (!ber_next(&p, end, &e, 0)) { /* SignedData */
        return (struct dx_str){"", 0};
    }
    p = e.p;
    end = e.p + e.n;
    while (ber_next(&p, end, &e, 0)) { /* the last SET: digests are one as well */
        signers = e.first == 0x31 ? e : signers;
    }
    p = signers.p;
    end = p ? signers.p + signers.n : p;
    if (!p || !ber_next(&p, end, &e, 0)) { /* the first SignerInfo */
        return (struct dx_str){"", 0};
    }
    p = e.p;
    end = e.p + e.n;
    bool found = true;
    for (int i = 0; i < 4 && found; i++) { /* version, signer, digest, attributes */
        found = ber_next(&p, end, &e, 0);
    }
    found = found && e.first == (CONTEXT | CONSTRUCTED);
    return found ? raw_set(ctx, &e) : (struct dx_str){"", 0};
}
