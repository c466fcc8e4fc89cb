#include "sign/ticket.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

#include "base/crypto.h"
#include "sign/cert.h"
#include "sign/macho.h"

#define HEAD 16
#define PAYLOAD_HEAD 24
#define MOST_HASHES 100000 /* an app of a gigabyte has some thousand */
#define TICKET_TRAILER 16

/* ---- certificates --------------------------------------------------------------------------- */

/* The members of the outer SEQUENCE. */
static const char *ticket_certificates(struct dx_pool *pool, struct dext_ctx *ctx,
                                       struct dx_str der)
{
    const unsigned char *p = (const unsigned char *)der.p, *end = p + der.n;
    long n = 0;
    int tag = 0, class = 0;
    int r = der.n ? ASN1_get_object(&p, &n, &tag, &class, (long)der.n) : 0x80;
    if ((r & 0x80) || tag != V_ASN1_SEQUENCE || n != end - p) {
        return "its certificates cannot be read";
    }
    while (p < end) {
        X509 *x = dx_x509_decode(&p, end - p);
        struct dx_cert *cert = dx_alloc(&ctx->arena, sizeof *cert);
        bool good = x && pool->count < DX_MOST_CERTS && dx_cert_describe(cert, ctx, x);
        if (good) {
            dx_pool_add(pool, x, cert);
        }
        X509_free(x);
        if (!good) {
            return "its certificates cannot be read";
        }
    }
    return pool->count ? NULL : "it holds no certificate";
}

/* The bytes behind the payload: a SEQUENCE, and at most what fills it up. */
static size_t ticket_signature_size(struct dx_str s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    long n = 0;
    int tag = 0, class = 0;
    int r = s.n ? ASN1_get_object(&p, &n, &tag, &class, (long)s.n) : 0x80;
    size_t size = (size_t)(p - (const unsigned char *)s.p) + (size_t)n;
    bool good = !(r & 0x80) && tag == V_ASN1_SEQUENCE && size <= s.n && s.n - size < 8;
    for (size_t i = size; good && i < s.n; i++) {
        good = s.p[i] == 0;
    }
    return good ? size : 0;
}

static bool ticket_signature_holds(X509 *signer, struct dx_str whole, struct dx_str signature)
{
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    EVP_PKEY *key = X509_get0_pubkey(signer);
    size_t n = ticket_signature_size(signature);
    bool good = c && key && n && EVP_PKEY_is_a(key, "EC") &&
                EVP_DigestVerifyInit_ex(c, NULL, "SHA256", dx_crypto(), NULL, key, NULL) == 1 &&
                EVP_DigestVerify(c, (const unsigned char *)signature.p, n,
                                 (const unsigned char *)whole.p, whole.n) == 1;
    EVP_MD_CTX_free(c);
    return good;
}

/* The signer is marked 6.1.30 and stands below Apple System Integration CA 4 (6.2.17) and Apple
 * Root CA
 * - G3, in every ticket that was read. */
static const char *ticket_signer(struct dext_ctx *ctx, struct dx_pool *pool, int64_t at)
{
    const struct dx_cert *leaf = pool->list[0].cert;
    struct dx_chain_result chain;
    dx_pool_add_roots(pool, ctx);
    dx_chain_build(&chain, ctx, pool, 0, at);
    if (chain.trust != DX_CHAIN_APPLE) {
        return dx_sprintf(&ctx->arena, "of its signer: %s", chain.reason);
    }
    if (chain.count < 2 || !dx_cert_marked(leaf, "6.1.30") ||
        !dx_cert_marked(chain.chain[1], "6.2.17")) {
        return dx_sprintf(&ctx->arena, "the certificate that signed it, %s, is not one for tickets",
                          leaf->common_name);
    }
    return at < leaf->not_before || at > leaf->not_after
               ? dx_sprintf(&ctx->arena, "%s was not valid at the time that it names",
                            leaf->common_name)
               : NULL;
}

static const char *ticket_verify(struct dext_ctx *ctx, struct dx_str whole, struct dx_str certs,
                                 struct dx_str signature, int64_t at)
{
    struct dx_pool pool = {.count = 0};
    const char *why = ticket_certificates(&pool, ctx, certs);
    if (!why && !ticket_signature_holds(pool.list[0].x, whole, signature)) {
        why = "its signature does not hold";
    }
    why = why ? why : ticket_signer(ctx, &pool, at);
    dx_pool_free(&pool);
    ERR_clear_error();
    return why;
}

/* ---- payload -------------------------------------------------------------------------------- */

static const char *ticket_payload(struct dx_ticket *out, struct dext_ctx *ctx, struct dx_str s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    if (s.n < PAYLOAD_HEAD || memcmp(p, "g8tk", 4) != 0) {
        return "its payload does not begin like one";
    }
    uint32_t version = dx_u16(p + 4, false), size = dx_u16(p + 6, false),
             count = dx_u32(p + 8, false);
    if (version != 2 || size != DX_TICKET_HASH) {
        return "its payload is of a version that dextctl does not know";
    }
    if (count > MOST_HASHES || s.n - PAYLOAD_HEAD != (size_t)count * (1 + DX_TICKET_HASH)) {
        return "its list of hashes does not fit";
    }
    struct dx_ticket_hash *list = dx_calloc(&ctx->arena, count + 1U, sizeof *list);
    for (uint32_t i = 0; i < count; i++) {
        const unsigned char *e = p + PAYLOAD_HEAD + (size_t)i * (1 + DX_TICKET_HASH);
        list[i].type = e[0];
        memcpy(list[i].hash, e + 1, DX_TICKET_HASH);
    }
    out->time = (int64_t)dx_u64(p + 16, false);
    out->hashes = list;
    out->count = count;
    return NULL;
}

bool dx_ticket_read(struct dx_ticket *out, struct dext_ctx *ctx, struct dx_str data)
{
    const unsigned char *p = (const unsigned char *)data.p;
    *out = (struct dx_ticket){.reason = "it is no notarization ticket"};
    if (data.n < HEAD || memcmp(p, "s8ch", 4) != 0) {
        return false;
    }
    size_t certs = dx_u32(p + 8, false), payload = dx_u32(p + 12, false);
    if (dx_u32(p + 4, false) != 1) {
        out->reason = "it is of a version that dextctl does not know";
    } else if (certs > data.n - HEAD || payload > data.n - HEAD - certs) {
        out->reason = "it has been cut off";
    } else {
        struct dx_str c = {data.p + HEAD, certs}, body = {c.p + certs, payload},
                      whole = {data.p, HEAD + certs + payload},
                      rest = {data.p + whole.n, data.n - whole.n};
        out->reason = ticket_payload(out, ctx, body);
        out->reason = out->reason ? out->reason : ticket_verify(ctx, whole, c, rest, out->time);
    }
    return true;
}

bool dx_ticket_names(const struct dx_ticket *t, unsigned type,
                     const unsigned char hash[DX_TICKET_HASH])
{
    for (size_t i = 0; i < t->count; i++) {
        if (t->hashes[i].type == type && memcmp(t->hashes[i].hash, hash, DX_TICKET_HASH) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- behind a package ------------------------------------------------------------------------ */

bool dx_ticket_trailer(struct dx_trailer *out, uint64_t size,
                       bool (*get)(const void *user, uint64_t at, void *to, size_t n),
                       const void *user)
{
    unsigned char t[TICKET_TRAILER];
    for (unsigned i = 0; i < 64 && size >= TICKET_TRAILER; i++) {
        if (!get(user, size - TICKET_TRAILER, t, TICKET_TRAILER) || memcmp(t, "t8lr", 4) != 0) {
            return false;
        }
        uint32_t type = dx_u16(t + 6, false), length = dx_u32(t + 8, false);
        if (type == 0 || type == 1 || length > size - TICKET_TRAILER) {
            return false;
        }
        size -= TICKET_TRAILER + length;
        if (type == 2) {
            *out = (struct dx_trailer){size, length};
            return true;
        }
    }
    return false;
}
