/* From a certificate up to its root. OpenSSL's own verifier wants a store and a purpose; what
 * Apple's chains need is less and has to be explained step by step, so the walk is here and the
 * mathematics is X509_verify's. */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "kb.h"
#include "sign/cert.h"

bool dx_is_apple_root(const struct dx_cert *cert)
{
    for (size_t i = 0; i < kb_apple_root_count; i++) {
        if (strcmp(kb_s(kb_apple_root_rows[i].root), cert->sha256) == 0) {
            return true;
        }
    }
    return false;
}

void dx_pool_add(struct dx_pool *pool, X509 *x, const struct dx_cert *cert)
{
    if (pool->count < sizeof pool->list / sizeof *pool->list && X509_up_ref(x) == 1) {
        pool->list[pool->count++] = (struct dx_pool_cert){x, cert};
    }
}

/* Base64 of the record, whose lines were joined with a space. */
static X509 *decode(const char *text)
{
    unsigned char in[4096], der[3072 + 8];
    size_t n = 0;
    for (; *text && n < sizeof in; text++) {
        if (*text != ' ') {
            in[n++] = (unsigned char)*text;
        }
    }
    int length = n ? EVP_DecodeBlock(der, in, (int)n) : 0;
    const unsigned char *p = der;
    return length > 0 ? d2i_X509(NULL, &p, length) : NULL;
}

void dx_pool_add_roots(struct dx_pool *pool, struct dext_ctx *ctx)
{
    for (size_t i = 0; i < kb_apple_root_count; i++) {
        X509 *x = decode(kb_s(kb_apple_root_rows[i].certificate));
        struct dx_cert *cert = dx_alloc(&ctx->arena, sizeof *cert);
        if (x && dx_cert_describe(cert, ctx, x) && dx_is_apple_root(cert)) {
            dx_pool_add(pool, x, cert);
        }
        X509_free(x);
    }
}

void dx_pool_free(struct dx_pool *pool)
{
    for (size_t i = 0; i < pool->count; i++) {
        X509_free(pool->list[i].x);
    }
    pool->count = 0;
}

static bool in_chain(const struct dx_chain_result *r, const struct dx_cert *cert)
{
    for (size_t i = 0; i < r->count; i++) {
        if (strcmp(r->chain[i]->sha256, cert->sha256) == 0) {
            return true;
        }
    }
    return false;
}

/* Why a certificate may not be the issuer of the one that the chain ends in, or NULL. */
static const char *may_not_issue(struct dext_ctx *ctx, const struct dx_chain_result *r,
                                 const struct dx_pool_cert *issuer, int64_t at)
{
    const struct dx_cert *c = issuer->cert;
    if (!(X509_get_key_usage(issuer->x) & KU_KEY_CERT_SIGN)) {
        return dx_sprintf(&ctx->arena, "%s may not sign certificates (key usage)", c->common_name);
    }
    if (X509_check_ca(issuer->x) != 1) {
        return dx_sprintf(&ctx->arena, "%s has issued a certificate and is no authority (CA)",
                          c->common_name);
    }
    long longest = X509_get_pathlen(issuer->x);
    if (longest >= 0 && r->count - 1 > (size_t)longest) {
        return dx_sprintf(&ctx->arena, "more authorities below %s than it allows (path length %ld)",
                          c->common_name, longest);
    }
    if (at && (at < c->not_before || at > c->not_after)) {
        return dx_sprintf(&ctx->arena, "%s was not valid on %s (valid from %s to %s)",
                          c->common_name, dx_date_words(ctx, at), dx_date_words(ctx, c->not_before),
                          dx_date_words(ctx, c->not_after));
    }
    return NULL;
}

/* Whether issuer's key made the signature on x. */
static bool signed_by(X509 *x, X509 *issuer)
{
    EVP_PKEY *key = X509_get0_pubkey(issuer);
    return key && X509_verify(x, key) == 1;
}

static bool is_self_issued(const X509 *x)
{
    return X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) == 0;
}

static void end(struct dx_chain_result *r, enum dx_chain trust, const char *reason)
{
    r->trust = trust;
    r->reason = reason;
}

/* The pool's certificate that issued cur, or NULL: then *reason says why there is none that may. */
static const struct dx_pool_cert *find_issuer(struct dext_ctx *ctx, const struct dx_chain_result *r,
                                              const struct dx_pool *pool,
                                              const struct dx_pool_cert *cur, int64_t at,
                                              const char **reason)
{
    *reason = NULL;
    for (size_t i = 0; i < pool->count; i++) {
        const struct dx_pool_cert *c = &pool->list[i];
        if (X509_NAME_cmp(X509_get_subject_name(c->x), X509_get_issuer_name(cur->x)) != 0 ||
            in_chain(r, c->cert)) {
            continue;
        }
        const char *why = signed_by(cur->x, c->x)
                              ? may_not_issue(ctx, r, c, at)
                              : dx_sprintf(&ctx->arena, "the signature of %s on %s does not hold",
                                           c->cert->common_name, cur->cert->common_name);
        if (!why) {
            return c;
        }
        *reason = *reason ? *reason : why;
    }
    return NULL;
}

void dx_chain_build(struct dx_chain_result *out, struct dext_ctx *ctx, const struct dx_pool *pool,
                    size_t leaf, int64_t at)
{
    struct dx_arena *a = &ctx->arena;
    const struct dx_pool_cert *cur = &pool->list[leaf];
    *out = (struct dx_chain_result){.trust = DX_CHAIN_BROKEN,
                                    .reason = "the chain is longer than any real one"};
    while (out->count < DX_LONGEST_CHAIN) {
        out->chain[out->count++] = cur->cert;
        if (dx_is_apple_root(cur->cert)) {
            end(out, DX_CHAIN_APPLE,
                dx_sprintf(a, "every signature holds, up to %s", cur->cert->common_name));
            break;
        }
        if (is_self_issued(cur->x) && signed_by(cur->x, cur->x)) {
            end(out, DX_CHAIN_OTHER_ROOT,
                dx_sprintf(a, "the chain ends at %s, which is no root of Apple's",
                           cur->cert->common_name));
            break;
        }
        const char *why;
        const struct dx_pool_cert *issuer = find_issuer(ctx, out, pool, cur, at, &why);
        if (!issuer && !why && is_self_issued(cur->x)) {
            why = dx_sprintf(a, "the signature of %s on itself does not hold",
                             cur->cert->common_name);
        }
        if (!issuer) {
            end(out, why ? DX_CHAIN_BROKEN : DX_CHAIN_INCOMPLETE,
                why ? why
                    : dx_sprintf(a, "%s was issued by %s, whose certificate is not there",
                                 cur->cert->common_name, cur->cert->issuer));
            break;
        }
        cur = issuer;
    }
    ERR_clear_error();
}
