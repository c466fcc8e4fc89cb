/* The signature of an installer package: the checksum of its table of contents is what is signed,
 * and the table names the checksum of each member. */
#include "sign/package.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>
#include <strings.h>

#include "base/crypto.h"
#include "base/path.h"
#include "sign/cert.h"

bool dx_is_package(struct dext_ctx *ctx, const char *path)
{
    struct dx_file file = {.path = path, .shown = path, .disk = path, .target = ""};
    struct dx_image image;
    unsigned char head[4];
    bool is = false;
    if (dx_is_file(ctx, path) && dx_image_open(&image, ctx, &file) == DEXT_OK) {
        is = dx_image_get(&image, 0, head, sizeof head) && memcmp(head, "xar!", 4) == 0;
        dx_image_close(&image);
    }
    dext_ctx_clear(ctx); /* what could not be read is noted */
    return is;
}

/* ---- the table's checksum ---------------------------------------------------------------------
 */

/* What is signed: the checksum as it lies in the heap. n 0: there is none that counts. */
static struct dx_str package_checksum(const struct dx_package *p, struct dext_ctx *ctx,
                                      const struct dx_image *image, struct dx_report *r)
{
    const char *digest = NULL;
    unsigned char now[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    const EVP_MD *md = dx_package_hash(p->style, &digest) ? dx_md(digest) : NULL;
    if (!md || !p->checksum.there || p->checksum.size != (uint64_t)EVP_MD_get_size(md)) {
        dx_report(r, "table-unsealed",
                  "its table of contents has no checksum that proves anything");
        return (struct dx_str){0};
    }
    const unsigned char *stored =
        dx_image_span(image, ctx, p->checksum.at, (size_t)p->checksum.size);
    if (!stored || EVP_Digest(p->table, p->table_size, now, &n, md, NULL) != 1 ||
        memcmp(now, stored, n) != 0) {
        dx_report(r, "table-modified", "its table of contents has been modified after signing");
    }
    return (struct dx_str){(const char *)stored, stored ? n : 0};
}

/* ---- signatures --------------------------------------------------------------------------------
 */

/* Security SecPolicy.c: SecPolicyCreateDeveloperIDInstaller wants the marker 6.1.14 below an
 * intermediate marked 6.2.6, SecPolicyCreateMacDistributionInstaller 6.1.8 below 6.2.1. */
static enum dext_signer_kind package_kind(const struct dx_cert *const *chain, size_t count)
{
    if (count < 2) {
        return DEXT_SIGNER_APPLE_OTHER;
    }
    return dx_cert_marked(chain[0], "6.1.14") && dx_cert_marked(chain[1], "6.2.6")
               ? DEXT_SIGNER_DEVELOPER_ID
           : dx_cert_marked(chain[0], "6.1.8") && dx_cert_marked(chain[1], "6.2.1")
               ? DEXT_SIGNER_DISTRIBUTION
               : DEXT_SIGNER_APPLE_OTHER;
}

static enum dext_signer_kind package_signer(const struct dx_cms *c)
{
    return c->trust == DX_CHAIN_APPLE        ? package_kind(c->chain, c->chain_count)
           : c->trust == DX_CHAIN_OTHER_ROOT ? DEXT_SIGNER_FOREIGN
                                             : DEXT_SIGNER_UNKNOWN;
}

static bool package_only_zeros(const unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i]) {
            return false;
        }
    }
    return true;
}

static void package_cms(struct dx_code *code, struct dext_ctx *ctx, const struct dx_package *p,
                        const struct dx_image *image, struct dx_str sum)
{
    struct dx_report *r = &code->report;
    struct dext_slice *s = &code->slices[0];
    const unsigned char *data = p->cms.size <= ctx->limits.cms_bytes
                                    ? dx_image_span(image, ctx, p->cms.at, (size_t)p->cms.size)
                                    : NULL;
    struct dx_cms *c = dx_alloc(&ctx->arena, sizeof *c);
    struct dx_str der = {(const char *)data, data ? (size_t)p->cms.size : 0};
    dext_ctx_clear(ctx);
    if (!data || dx_cms_read(c, ctx, "signature", der, &sum) != DEXT_OK) {
        dx_report(r, "cms-malformed", "the cryptographic signature cannot be read: %s",
                  data ? dext_ctx_error(ctx) : "it is too large");
        dext_ctx_clear(ctx);
        return;
    }
    dx_slice_cms(s, ctx, c);
    s->kind = package_signer(c);
    s->team = c->signer ? c->signer->team : "";
    if (!code->pub.verified) {
        return;
    }
    if (!c->signature_valid) {
        dx_report(r, "cms-invalid", "the cryptographic signature does not hold: %s",
                  c->signature_reason);
    }
    if (c->oddity[0] ||
        (c->trailing && !package_only_zeros(data + der.n - c->trailing, c->trailing))) {
        dx_report(r, "cms-malformed", "the cryptographic signature is damaged: %s",
                  c->oddity[0] ? c->oddity : "there are bytes behind it");
    }
    dx_verify_signer(c, s->kind != DEXT_SIGNER_APPLE_OTHER, r);
}

/* The key of the first certificate over the checksum, as PKCS #1 v1.5. */
static bool package_rsa_holds(const struct dx_pool *pool, const char *digest, struct dx_str sum,
                              const unsigned char *sig, size_t n)
{
    EVP_PKEY *key = X509_get0_pubkey(pool->list[0].x);
    EVP_PKEY_CTX *c = key && EVP_PKEY_is_a(key, "RSA")
                          ? EVP_PKEY_CTX_new_from_pkey(dx_crypto(), key, NULL)
                          : NULL;
    const EVP_MD *md = dx_md(digest);
    bool good = c && md && EVP_PKEY_verify_init(c) == 1 &&
                EVP_PKEY_CTX_set_signature_md(c, md) == 1 &&
                EVP_PKEY_verify(c, sig, n, (const unsigned char *)sum.p, sum.n) == 1;
    EVP_PKEY_CTX_free(c);
    ERR_clear_error();
    return good;
}

static bool package_pool(struct dx_pool *pool, struct dext_ctx *ctx, const struct dx_package *p)
{
    for (size_t i = 0; i < p->cert_count; i++) {
        const unsigned char *at = (const unsigned char *)p->certs[i].p;
        X509 *x = dx_x509_decode(&at, (long)p->certs[i].n);
        struct dx_cert *cert = dx_alloc(&ctx->arena, sizeof *cert);
        if (x && dx_cert_describe(cert, ctx, x)) {
            dx_pool_add(pool, x, cert);
        }
        X509_free(x);
    }
    return pool->count > 0;
}

/* A package of old, or one whose CMS signature was taken out. */
static void package_rsa_alone(struct dx_code *code, struct dext_ctx *ctx, struct dx_pool *pool)
{
    struct dx_chain_result *chain = dx_alloc(&ctx->arena, sizeof *chain);
    dx_pool_add_roots(pool, ctx);
    dx_chain_build(chain, ctx, pool, 0, 0);
    struct dx_cms c = {.trust = chain->trust,
                       .trust_reason = chain->reason,
                       .signer = pool->list[0].cert,
                       .chain = chain->chain,
                       .chain_count = chain->count};
    dx_slice_cms(&code->slices[0], ctx, &c);
    code->slices[0].kind = package_signer(&c);
    code->slices[0].team = c.signer->team;
    if (code->pub.verified) {
        dx_verify_signer(&c, code->slices[0].kind != DEXT_SIGNER_APPLE_OTHER, &code->report);
    }
}

static void package_rsa(struct dx_code *code, struct dext_ctx *ctx, const struct dx_package *p,
                        const struct dx_image *image, struct dx_str sum)
{
    struct dx_report *r = &code->report;
    struct dx_pool pool = {.count = 0};
    const char *digest = NULL;
    const unsigned char *sig =
        p->rsa.size <= 4096 ? dx_image_span(image, ctx, p->rsa.at, (size_t)p->rsa.size) : NULL;
    bool certs = package_pool(&pool, ctx, p);
    bool known = certs && sig && sum.n && dx_package_hash(p->style, &digest);
    bool good = known && package_rsa_holds(&pool, digest, sum, sig, (size_t)p->rsa.size);
    if (known && !good) {
        /* macOS 11 signed the digest of the checksum once more (packages of 2020 and 2021). */
        unsigned char twice[EVP_MAX_MD_SIZE];
        unsigned n = 0;
        good = EVP_Digest(sum.p, sum.n, twice, &n, dx_md(digest), NULL) == 1 &&
               package_rsa_holds(&pool, digest, (struct dx_str){(const char *)twice, n}, sig,
                                 (size_t)p->rsa.size);
    }
    if (!good && code->pub.verified && code->slices[0].chain_count) {
        dx_report_warning(r, "rsa-invalid",
                          "the RSA signature of the checksum does not hold; the CMS signature "
                          "beside it is the one that counts");
    } else if (!good && code->pub.verified) {
        dx_report(r, "rsa-invalid", "the RSA signature of the checksum does not hold");
    }
    if (certs && !p->cms.there) {
        package_rsa_alone(code, ctx, &pool);
    } else if (certs && code->slices[0].chain_count &&
               strcmp(pool.list[0].cert->sha256, code->slices[0].chain[0].sha256) != 0) {
        dx_report(r, "signers-differ", "its two signatures are of different certificates");
    }
    dx_pool_free(&pool);
}

/* ---- members ----------------------------------------------------------------------------------
 */

static bool package_digest(const struct dx_image *image, const struct dx_stretch *data,
                           const EVP_MD *md, char hex[2 * EVP_MAX_MD_SIZE + 1])
{
    unsigned char block[65536], digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    bool good = c && EVP_DigestInit_ex(c, md, NULL) == 1;
    for (uint64_t done = 0; good && done < data->size;) {
        size_t take = data->size - done < sizeof block ? (size_t)(data->size - done) : sizeof block;
        good = dx_image_get(image, data->at + done, block, take) &&
               EVP_DigestUpdate(c, block, take) == 1;
        done += take;
    }
    good = good && EVP_DigestFinal_ex(c, digest, &n) == 1;
    EVP_MD_CTX_free(c);
    for (size_t i = 0; good && i < n; i++) {
        static const char digits[] = "0123456789abcdef";
        hex[i * 2] = digits[digest[i] >> 4];
        hex[i * 2 + 1] = digits[digest[i] & 15];
    }
    hex[good ? (size_t)n * 2 : 0] = 0;
    return good;
}

static void package_member(struct dx_code *code, const struct dx_image *image,
                           const struct dx_package_member *m)
{
    const char *name = NULL;
    char hex[2 * EVP_MAX_MD_SIZE + 1];
    const EVP_MD *md = dx_package_hash(m->style, &name) ? dx_md(name) : NULL;
    if (!m->data.there) {
        dx_report(&code->report, "member-modified", "%s lies outside of the package", m->path);
    } else if (!md || !m->sum[0]) {
        if (m->data.size) {
            dx_report(&code->report, "member-unsealed",
                      "the table of contents has no checksum of %s", m->path);
        }
    } else if (!package_digest(image, &m->data, md, hex) || strcasecmp(hex, m->sum) != 0) {
        dx_report(&code->report, "member-modified", "%s has been modified after signing", m->path)
            ->offset = (int64_t)m->data.at;
    } else {
        code->pub.sealed_files++;
    }
}

/* ---- ticket -----------------------------------------------------------------------------------
 */

static bool package_get(const void *user, uint64_t at, void *to, size_t n)
{
    return dx_image_get(user, at, to, n);
}

/* It names the checksum of the table (Security xar++.cpp createPackageChecksum), cut off at 20
 * bytes. */
static void package_ticket(struct dx_code *code, struct dext_ctx *ctx, const struct dx_package *p,
                           const struct dx_image *image, struct dx_str sum)
{
    struct dx_trailer trailer;
    const char *digest;
    if (!dx_ticket_trailer(&trailer, image->size, package_get, image) ||
        trailer.length > ctx->limits.cms_bytes) {
        return;
    }
    const unsigned char *data = dx_image_span(image, ctx, trailer.at, (size_t)trailer.length);
    struct dx_ticket *t = dx_alloc(&ctx->arena, sizeof *t);
    bool is_one = dx_ticket_read(
        t, ctx, (struct dx_str){(const char *)data, data ? (size_t)trailer.length : 0});
    unsigned type = dx_package_hash(p->style, &digest);
    code->ticket = is_one && !t->reason ? t : NULL;
    if (code->ticket) {
        bool named =
            sum.n >= DX_TICKET_HASH && dx_ticket_names(t, type, (const unsigned char *)sum.p);
        code->pub.ticket = named ? DEXT_TICKET_GOOD : DEXT_TICKET_OTHER;
        code->pub.notarized = t->time;
    } else {
        dx_code_ticket(code, ctx, t, is_one);
    }
}

/* ---- the whole --------------------------------------------------------------------------------
 */

static void package_judge(struct dx_code *code, struct dext_ctx *ctx, const struct dx_package *p,
                          const struct dx_image *image, enum dx_depth depth)
{
    struct dx_report *r = &code->report;
    if (!p->cms.there && !p->rsa.there) {
        dx_report(r, "unsigned", "the package is not signed");
        return;
    }
    code->slices[0].kind = DEXT_SIGNER_UNKNOWN;
    struct dx_str sum = package_checksum(p, ctx, image, r);
    if (p->cms.there && sum.n) {
        package_cms(code, ctx, p, image, sum);
    }
    if (p->rsa.there) {
        package_rsa(code, ctx, p, image, sum);
    }
    code->pub.sealed = true;
    for (size_t i = 0; depth == DX_DEPTH_ALL && i < p->member_count; i++) {
        package_member(code, image, &p->members[i]);
    }
    package_ticket(code, ctx, p, image, sum);
}

void dx_package_read(struct dx_code *code, struct dext_ctx *ctx, enum dx_depth depth)
{
    struct dx_image image;
    struct dx_package p;
    if (!dx_code_open_flat(code, ctx, &image, DEXT_FORM_PACKAGE, depth)) {
        return;
    }
    dx_package_table(&p, ctx, &image);
    if (p.fault) {
        code->pub.error =
            dx_sprintf(&ctx->arena, "%s: a damaged package: %s", code->pub.path, p.fault);
    } else {
        package_judge(code, ctx, &p, &image, depth);
    }
    dx_image_close(&image);
}
