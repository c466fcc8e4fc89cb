/* A requirement in source form or compiled, evaluated against code whose certificates are any bytes
 * as well. What is compiled here can be shown, and what is shown can be compiled to the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "base/ctx.h"
#include "base/source.h"
#include "sign/requirement.h"

static volatile size_t sink;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void extend(X509 *x, int nid, const char *value)
{
    X509V3_CTX v;
    X509V3_set_ctx_nodb(&v);
    X509V3_set_ctx(&v, x, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &v, nid, value);
    if (!e || X509_add_ext(x, e, -1) != 1) {
        abort();
    }
    X509_EXTENSION_free(e);
}

/* One with a policy, addresses, and a date as Apple's field: once a process. */
static struct dx_str made_certificate(void)
{
    static unsigned char *der;
    static int n;
    if (der) {
        return (struct dx_str){(const char *)der, (size_t)n};
    }
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x = X509_new();
    X509_NAME *name = X509_get_subject_name(x);
    static const struct {
        const char *field, *value;
    } subject[] = {
        {"CN", "Leaf"}, {"O", "O"}, {"OU", "ABCDE12345"}, {"emailAddress", "a@b.example"}};
    (void)X509_set_version(x, X509_VERSION_3);
    (void)X509_gmtime_adj(X509_getm_notBefore(x), 0);
    (void)X509_gmtime_adj(X509_getm_notAfter(x), 86400);
    for (size_t i = 0; i < sizeof subject / sizeof *subject; i++) {
        (void)X509_NAME_add_entry_by_txt(name, subject[i].field, MBSTRING_ASC,
                                         (const unsigned char *)subject[i].value, -1, -1, 0);
    }
    (void)X509_set_issuer_name(x, name);
    (void)X509_set_pubkey(x, key);
    extend(x, NID_subject_alt_name, "email:c@d.example,DNS:e.example");
    extend(x, NID_certificate_policies, "DER:3006300406022a03"); /* 1.2.3 */
    extend(x, OBJ_create("1.2.840.113635.100.6.1.33", "date", "date"),
           "DER:180f32303139303430383030303030305a");
    if (X509_sign(x, key, EVP_sha256()) == 0 || (n = i2d_X509(x, &der)) <= 0) {
        abort();
    }
    X509_free(x);
    EVP_PKEY_free(key);
    return (struct dx_str){(const char *)der, (size_t)n};
}

static void evaluate(struct dext_ctx *ctx, struct dx_str blob, struct dx_str cert)
{
    static const char info[] = "<plist><dict><key>CFBundleVersion</key><string>1.10</string>"
                               "<key>L</key><array><array><string>a</string></array></array>"
                               "</dict></plist>";
    struct dx_source src = dx_source_bytes("info", info, sizeof info - 1);
    struct dx_cert certs[2] = {{.common_name = "Leaf", .organization = "O", .der = cert},
                               {.common_name = "Root", .organization = "O", .der = cert}};
    const struct dx_cert *chain[] = {&certs[0], &certs[1]};
    const char *hashes[] = {"0011223344556677889900112233445566778899"};
    struct dx_judged s = {.arch = "arm64",
                          .identifier = "com.example.driver",
                          .cdhash = hashes[0],
                          .cdhashes = hashes,
                          .cdhash_count = 1,
                          .info = dx_plist_load(ctx, &src)->root,
                          .info_known = true,
                          .notarized = DEXT_UNKNOWN};
    if (cert.n && cert.p[cert.n - 1] == '!') { /* asked of a certificate that says something */
        certs[0].der = certs[1].der = made_certificate();
        memcpy(certs[0].sha1, hashes[0], 41);
    }
    for (size_t n = 0; n <= 2; n++) {
        s.chain = chain;
        s.chain_count = n;
        struct dx_verdict v = dx_requirement_eval(ctx, blob, &s);
        if ((v.truth == DEXT_YES) != (v.why[0] == 0)) {
            abort();
        }
        sink += strlen(v.why) + dx_requirement_designated(ctx, &s, 1).n;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dx_str all = {dx_strndup(&ctx->arena, (const char *)data, size), size};
    struct dx_str blob = all;
    if (size < 4 || memcmp(data, "\xfa\xde\x0c\x00", 4) != 0) {
        blob = dx_requirement_compile(ctx, "fuzz", all.p);
    }
    const char *text = blob.n ? dx_requirement_text(ctx, blob) : NULL;
    if (blob.p != all.p && blob.n && text) {
        struct dx_str again = dx_requirement_compile(ctx, "again", text);
        if (!again.n || !dx_requirement_text(ctx, again) ||
            strcmp(dx_requirement_text(ctx, again), text) != 0) {
            abort();
        }
    }
    if (blob.n) {
        evaluate(ctx, blob, all);
    }
    dext_ctx_free(ctx);
    return 0;
}
