/* cms_open.h: inside of cms.h: a SignedData that OpenSSL holds open, for cms.c (the signature
 * itself) and cms_time.c (its timestamp, which is one more SignedData). */
#ifndef DX_SIGN_CMS_OPEN_H
#define DX_SIGN_CMS_OPEN_H

#include <openssl/cms.h>

#include "sign/cert.h"

#define DX_NO_SIGNER SIZE_MAX

struct dx_signed {
    CMS_ContentInfo *cms;
    CMS_SignerInfo *si;    /* the first; NULL when nobody signed */
    struct dx_pool pool;   /* its own certificates first */
    struct dx_cert *certs; /* the same, described */
    size_t cert_count;     /* its own */
    size_t signer;         /* index into certs and pool, or DX_NO_SIGNER */
    struct dx_str der;     /* as given */
    struct dx_str content; /* borrowed from cms; n 0 when detached */
    size_t trailing;
};

/* Parses. Errors: DEXT_E_FORMAT, DEXT_E_LIMIT; close it in any case. */
int dx_signed_open(struct dx_signed *out, struct dext_ctx *ctx, const char *name,
                   struct dx_str der);
void dx_signed_close(struct dx_signed *s);

/* Why the signature over content does not hold, or NULL. */
const char *dx_signed_verify(const struct dx_signed *s, struct dext_ctx *ctx,
                             struct dx_str content);

/* The signed attributes of the first signer with the bytes they were received in, as the SET that
 * is signed; n 0: they are not there. cms_raw.c */
struct dx_str dx_cms_raw_attributes(struct dext_ctx *ctx, struct dx_str der);

/* The digest an algorithm names, NULL when it is none that proves anything. */
const EVP_MD *dx_good_digest(const X509_ALGOR *algorithm);

/* Value of a signed attribute (its first), or NULL. */
const ASN1_TYPE *dx_signed_attribute(const struct dx_signed *s, const char *oid);

/* What is wrong outside of what is signed, or NULL. chain: the certificates that were needed. The
 * pool must hold Apple's roots already. */
const char *dx_signed_oddity(const struct dx_signed *s, struct dext_ctx *ctx,
                             const struct dx_cert *const *chain, size_t count);

/* The RFC 3161 token of the signature, verified. Its certificates stay in out's arena; s supplies
 * further issuers. */
void dx_timestamp_read(struct dx_cms *out, struct dext_ctx *ctx, const char *name,
                       const struct dx_signed *s);

#endif
