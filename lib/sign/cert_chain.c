/* From a certificate up to its root. OpenSSL's own verifier wants a store and a purpose; what
 * Apple's chains need is less and has to be explained step by step, so the walk is here and the
 * mathematics is X509_verify's. */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "base/crypto.h"
#include "kb.h"
#include "sign/cert.h"

/* In dextctl-test-root alone, which the tests build for themselves: their own root counts as one of
 * Apple's (CMakeLists.txt, DEXTCTL_TEST_ROOT). */
#ifdef DX_TEST_ROOT
#include "test_root.h"
#define TEST_ROOT_BYTES (sizeof test_root)
#else
static const unsigned char test_root[1];
#define TEST_ROOT_BYTES ((size_t)0)
#endif

static X509 *test_root_certificate(void)
{
    const unsigned char *p = test_root;
    return TEST_ROOT_BYTES ? dx_x509_decode(&p, (long)TEST_ROOT_BYTES) : NULL;
}

static bool is_test_root(const struct dx_cert *cert)
{
    return TEST_ROOT_BYTES && cert->der.n == TEST_ROOT_BYTES &&
           memcmp(cert->der.p, test_root, TEST_ROOT_BYTES) == 0;
}

bool dx_is_apple_root(const struct dx_cert *cert)
{
    if (is_test_root(cert)) {
        return true;
    }
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
    return length > 0 ? dx_x509_decode(&p, length) : NULL;
}

static void cert_chain_add_root(struct dx_pool *pool, struct dext_ctx *ctx, X509 *x)
{
    struct dx_cert *cert = x ? dx_alloc(&ctx->arena, sizeof *cert) : NULL;
    if (cert && dx_cert_describe(cert, ctx, x) && dx_is_apple_root(cert)) {
        dx_pool_add(pool, x, cert);
    }
    X509_free(x);
}

/* Reading a certificate costs more than all else here: a root is read only where some certificate
 * says that it issued it, and the signer left it out. */
static bool cert_chain_wants(const struct dx_pool *pool, const char *name, const char *sha256)
{
    bool wanted = false;
    for (size_t i = 0; i < pool->count; i++) {
        if (strcmp(pool->list[i].cert->sha256, sha256) == 0) {
            return false;
        }
        wanted |= strcmp(pool->list[i].cert->issuer, name) == 0;
    }
    return wanted;
}

void dx_pool_add_roots(struct dx_pool *pool, struct dext_ctx *ctx)
{
    for (size_t i = 0; i < kb_apple_root_count; i++) {
        const struct kb_apple_root *row = &kb_apple_root_rows[i];
        if (cert_chain_wants(pool, kb_s(row->name), kb_s(row->root))) {
            cert_chain_add_root(pool, ctx, decode(kb_s(row->certificate)));
        }
    }
    cert_chain_add_root(pool, ctx, test_root_certificate());
}

void dx_pool_free(struct dx_pool *pool)
{
    for (size_t i = 0; i < pool->count; i++) {
        X509_free(pool->list[i].x);
    }
    pool->count = 0;
}

static bool cert_chain_in_chain(const struct dx_chain_result *r, const struct dx_cert *cert)
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

/* Whether issuer's key made the signature on x: 1, 0, or -1 when that cannot be computed. */
static int cert_chain_signed_by(X509 *x, X509 *issuer)
{
    EVP_PKEY *key = X509_get0_pubkey(issuer);
    int md = NID_undef, of = NID_undef;
    if (!key || OBJ_find_sigid_algs(X509_get_signature_nid(x), &md, &of) != 1) {
        return -1;
    }
    return X509_verify(x, key) == 1;
}

static bool is_self_issued(const X509 *x)
{
    return X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) == 0;
}

static void cert_chain_end(struct dx_chain_result *r, enum dx_chain trust, const char *reason)
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
            cert_chain_in_chain(r, c->cert)) {
            continue;
        }
        int good = cert_chain_signed_by(cur->x, c->x);
        const char *why = good == 1
                              ? may_not_issue(ctx, r, c, at)
                              : dx_sprintf(&ctx->arena, "the signature of %s on %s %s",
                                           c->cert->common_name, cur->cert->common_name,
                                           good == 0 ? "does not hold" : "cannot be computed here");
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
            cert_chain_end(
                out, DX_CHAIN_APPLE,
                dx_sprintf(a, "every signature holds, up to %s", cur->cert->common_name));
            break;
        }
        if (is_self_issued(cur->x) && cert_chain_signed_by(cur->x, cur->x) == 1) {
            cert_chain_end(out, DX_CHAIN_OTHER_ROOT,
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
            cert_chain_end(out, why ? DX_CHAIN_BROKEN : DX_CHAIN_INCOMPLETE,
                           why ? why
                               : dx_sprintf(a,
                                            "%s was issued by %s, whose certificate is not there",
                                            cur->cert->common_name, cur->cert->issuer));
            break;
        }
        cur = issuer;
    }
    ERR_clear_error();
}
