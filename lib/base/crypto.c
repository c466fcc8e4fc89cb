#include "base/crypto.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/provider.h>
#include <pthread.h>
#include <string.h>

static pthread_once_t crypto_once = PTHREAD_ONCE_INIT;
static OSSL_LIB_CTX *crypto_context;
static struct {
    const char *name;
    int nid;
    EVP_MD *md;
} crypto_digests[] = {
    {"SHA1", NID_sha1, NULL},     {"SHA224", NID_sha224, NULL}, {"SHA256", NID_sha256, NULL},
    {"SHA384", NID_sha384, NULL}, {"SHA512", NID_sha512, NULL},
};
#define CRYPTO_DIGESTS (sizeof crypto_digests / sizeof *crypto_digests)

static void crypto_start(void)
{
    /* The process's own context is of no use here, but parsing may touch it. Nothing is ever
     * deciphered, and the table of some 150 ciphers by name, made at the first fetch, is a third of
     * what a start costs. */
    (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ADD_ALL_CIPHERS, NULL);
    OSSL_LIB_CTX *context = OSSL_LIB_CTX_new();
    if (!context || !OSSL_PROVIDER_load(context, "default")) {
        OSSL_LIB_CTX_free(context);
        ERR_clear_error();
        return;
    }
    crypto_context = context;
    for (size_t i = 0; i < CRYPTO_DIGESTS; i++) {
        crypto_digests[i].md = EVP_MD_fetch(context, crypto_digests[i].name, NULL);
    }
    ERR_clear_error();
}

OSSL_LIB_CTX *dx_crypto(void)
{
    (void)pthread_once(&crypto_once, crypto_start);
    return crypto_context;
}

const EVP_MD *dx_md(const char *name)
{
    (void)dx_crypto();
    for (size_t i = 0; i < CRYPTO_DIGESTS; i++) {
        if (strcmp(crypto_digests[i].name, name) == 0) {
            return crypto_digests[i].md;
        }
    }
    return NULL;
}

const EVP_MD *dx_md_nid(int nid)
{
    (void)dx_crypto();
    for (size_t i = 0; i < CRYPTO_DIGESTS; i++) {
        if (crypto_digests[i].nid == nid) {
            return crypto_digests[i].md;
        }
    }
    return NULL;
}

bool dx_crypto_ready(struct dext_ctx *ctx, const char *name)
{
    if (dx_crypto() && dx_md("SHA1") && dx_md("SHA256") && dx_md("SHA384")) {
        return true;
    }
    (void)dx_fail(ctx, DEXT_E_IO,
                  "%s: no digest can be computed: OpenSSL's built-in provider is not to be had",
                  name);
    return false;
}

X509 *dx_x509_decode(const unsigned char **p, long n)
{
    X509 *x = dx_crypto() ? X509_new_ex(dx_crypto(), NULL) : NULL;
    X509 *made = x ? d2i_X509(&x, p, n) : NULL; /* on failure x is freed and NULL */
    if (!made) {
        X509_free(x);
    }
    return made;
}
