#include "dext/text.h"

#include <openssl/evp.h>
#include <stdio.h>

#include "base/path.h"
#include "base/source.h"

int dext_file_sha256(struct dext_ctx *ctx, const char *path, char hex[65])
{
    struct dx_feed f;
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    if (!dx_is_file(ctx, path)) { /* a folder has none, and that is no fault */
        hex[0] = 0;
        return DEXT_E_NOTFOUND;
    }
    int rc = dx_feed_open(&f, ctx, path, SIZE_MAX);
    EVP_MD_CTX *md = rc == DEXT_OK ? EVP_MD_CTX_new() : NULL;
    bool fine = md && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1;
    for (size_t at = 0; fine && at < f.src.size;) {
        size_t end = f.src.size - at > DX_FEED_BLOCK ? at + DX_FEED_BLOCK : f.src.size;
        fine = dx_feed_fill(&f, end) && EVP_DigestUpdate(md, f.src.data + at, end - at) == 1;
        dx_feed_drop(&f, end);
        at = end;
    }
    fine = fine && EVP_DigestFinal_ex(md, digest, &n) == 1 && n == 32;
    EVP_MD_CTX_free(md);
    dx_feed_close(&f);
    for (unsigned i = 0; fine && i < n; i++) {
        (void)snprintf(hex + (size_t)i * 2, 3, "%02x", digest[i]);
    }
    if (!fine) {
        hex[0] = 0;
        return rc ? rc : dx_fail(ctx, DEXT_E_IO, "%s: cannot be read", path);
    }
    return DEXT_OK;
}
