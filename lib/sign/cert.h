/* cert.h: inside of cms.h: the only header of the room that speaks OpenSSL. A pool holds the
 * certificates that a chain may be built from, each with its description; OpenSSL's objects belong
 * to the pool and go with dx_pool_free. */
#ifndef DX_SIGN_CERT_H
#define DX_SIGN_CERT_H

#include <openssl/x509.h>

#include "sign/cms.h"

#define DX_MOST_CERTS 64 /* of one CMS; Apple's have three or four */
#define DX_LONGEST_CHAIN 10

struct dx_pool_cert {
    X509 *x;
    const struct dx_cert *cert;
};

struct dx_pool {
    struct dx_pool_cert list[2 * DX_MOST_CERTS + 8]; /* a CMS, its timestamp, Apple's roots */
    size_t count;
};

/* Adds a certificate; takes a reference of its own. */
void dx_pool_add(struct dx_pool *pool, X509 *x, const struct dx_cert *cert);

/* Adds those of Apple's roots whose certificate lib/data/roots.rec holds, where a certificate of
 * the pool names one as its issuer and it is not there. */
void dx_pool_add_roots(struct dx_pool *pool, struct dext_ctx *ctx);
void dx_pool_free(struct dx_pool *pool);

/* The fingerprint is in lib/data/roots.rec. */
bool dx_is_apple_root(const struct dx_cert *cert);

/* Describes x. false: it cannot be read (no name, no dates, no encoding). */
bool dx_cert_describe(struct dx_cert *out, struct dext_ctx *ctx, X509 *x);

struct dx_chain_result {
    enum dx_chain trust;
    const char *reason;
    const struct dx_cert *chain[DX_LONGEST_CHAIN];
    size_t count;
};

/* From leaf (a member of the pool) to a root. Every signature is verified, every issuer must be a
 * certification authority that may sign certificates and, when at is not 0, be valid at that time.
 * The leaf's own validity is the caller's business. */
void dx_chain_build(struct dx_chain_result *out, struct dext_ctx *ctx, const struct dx_pool *pool,
                    size_t leaf, int64_t at);

/* Seconds since 1970, UTC; 0 when it is no time. */
int64_t dx_asn1_time(const ASN1_TIME *t);

/* "2026-11-24" of seconds since 1970, in the arena. */
const char *dx_date_words(struct dext_ctx *ctx, int64_t seconds);

#endif
