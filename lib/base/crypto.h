/* crypto.h: OpenSSL for the library alone: a context of its own with the provider that is built
 * into libcrypto. No configuration file is read (OPENSSL_CONF) and no module is loaded
 * (OPENSSL_MODULES), so that neither changes what a signature comes to.
 *
 *     if (!dx_crypto_ready(ctx, path)) { return DEXT_E_IO; }
 *     const EVP_MD *md = dx_md("SHA256");
 */
#ifndef DX_BASE_CRYPTO_H
#define DX_BASE_CRYPTO_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/ctx.h"

/* NULL when it cannot be made. Never freed: one a process, for all threads. */
OSSL_LIB_CTX *dx_crypto(void);

/* "SHA1", "SHA224", "SHA256", "SHA384", "SHA512". NULL: it cannot be computed. */
const EVP_MD *dx_md(const char *name);
const EVP_MD *dx_md_nid(int nid);

/* Whether the digests that signatures need can be computed. false: said through dx_fail, by name.
 */
bool dx_crypto_ready(struct dext_ctx *ctx, const char *name);

/* A certificate whose key will be of the own context; NULL as d2i_X509. */
X509 *dx_x509_decode(const unsigned char **p, long n);

#endif
