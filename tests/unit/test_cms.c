/* CMS: signatures made here with a certification authority of our own, broken in every way that has
 * a name, and Apple's own in the profiles of the corpus. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <openssl/asn1.h>
#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#include "base/source.h"
#include "kb.h"
#include "sign/cms.h"

#define NOW ((time_t)1767225600) /* 2026-01-01 */
#define DAY 86400L

struct identity {
    X509 *x;
    EVP_PKEY *key;
};

static struct dext_ctx *ctx;
static long serial = 1000;

static void extension(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX v3;
    X509V3_set_ctx(&v3, issuer, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &v3, nid, value);
    assert_non_null(e);
    X509_add_ext(x, e, -1);
    X509_EXTENSION_free(e);
}

/* Apple's markers hold NULL. */
static void marker(X509 *x, const char *oid)
{
    ASN1_OBJECT *o = OBJ_txt2obj(oid, 1);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    ASN1_OCTET_STRING_set(value, (const unsigned char *)"\5\0", 2);
    X509_EXTENSION *e = X509_EXTENSION_create_by_OBJ(NULL, o, 1, value);
    X509_add_ext(x, e, -1);
    X509_EXTENSION_free(e);
    ASN1_OCTET_STRING_free(value);
    ASN1_OBJECT_free(o);
}

struct wish {
    const char *name, *unit, *ca, *usage, *eku, *marker;
    long from, to; /* days around NOW */
};

static struct identity make(const struct wish *w, const struct identity *issuer)
{
    struct identity id = {X509_new(), EVP_EC_gen("P-256")};
    const struct identity *by = issuer ? issuer : &id;
    X509_set_version(id.x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(id.x), serial++);
    X509_NAME *name = X509_get_subject_name(id.x);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)w->name, -1, -1,
                               0);
    X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, (const unsigned char *)"Test", -1, -1, 0);
    if (w->unit) {
        X509_NAME_add_entry_by_txt(name, "OU", MBSTRING_UTF8, (const unsigned char *)w->unit, -1,
                                   -1, 0);
    }
    X509_set_issuer_name(id.x, X509_get_subject_name(by->x));
    ASN1_TIME_set(X509_getm_notBefore(id.x), NOW + (w->from ? w->from : -100) * DAY);
    ASN1_TIME_set(X509_getm_notAfter(id.x), NOW + (w->to ? w->to : 1000) * DAY);
    X509_set_pubkey(id.x, id.key);
    extension(id.x, by->x, NID_basic_constraints, w->ca ? w->ca : "critical,CA:FALSE");
    extension(id.x, by->x, NID_key_usage, w->usage ? w->usage : "critical,digitalSignature");
    if (w->eku) {
        extension(id.x, by->x, NID_ext_key_usage, w->eku);
    }
    if (w->marker) {
        marker(id.x, w->marker);
    }
    assert_true(X509_sign(id.x, by->key, EVP_sha256()) > 0);
    return id;
}

static void drop(struct identity *id)
{
    X509_free(id->x);
    EVP_PKEY_free(id->key);
}

static const struct wish root_wish = {
    .name = "Own Root", .ca = "critical,CA:TRUE", .usage = "critical,keyCertSign"};
static const struct wish middle_wish = {
    .name = "Own Middle", .ca = "critical,CA:TRUE,pathlen:0", .usage = "critical,keyCertSign"};
static const struct wish leaf_wish = {.name = "Developer ID Application: Ada (ABCDE12345)",
                                      .unit = "ABCDE12345",
                                      .eku = "codeSigning",
                                      .marker = "1.2.840.113635.100.6.1.13"};

struct bytes {
    unsigned char *p;
    long n;
};

static struct bytes encode(CMS_ContentInfo *cms)
{
    struct bytes out = {NULL, 0};
    out.n = i2d_CMS_ContentInfo(cms, &out.p);
    assert_true(out.n > 0);
    CMS_ContentInfo_free(cms);
    return out;
}

static CMS_ContentInfo *signed_cms(const struct identity *leaf, X509 *const *extra, size_t count,
                                   const char *content, unsigned flags)
{
    BIO *in = BIO_new_mem_buf(content, -1);
    STACK_OF(X509) *others = sk_X509_new_null();
    for (size_t i = 0; i < count; i++) {
        sk_X509_push(others, extra[i]);
    }
    CMS_ContentInfo *cms = CMS_sign(leaf->x, leaf->key, others, in, CMS_BINARY | flags);
    assert_non_null(cms);
    sk_X509_free(others);
    BIO_free(in);
    return cms;
}

static struct bytes sign(const struct identity *leaf, X509 *const *extra, size_t count)
{
    return encode(signed_cms(leaf, extra, count, "what was signed", 0));
}

static int read_cms(struct dx_cms *out, struct bytes der, const char *detached)
{
    struct dx_str d = detached ? dx_str(detached) : (struct dx_str){0};
    dext_ctx_clear(ctx);
    return dx_cms_read(out, ctx, "test", (struct dx_str){(const char *)der.p, (size_t)der.n},
                       detached ? &d : NULL);
}

struct family {
    struct identity root, middle, leaf;
    X509 *extra[2];
};

static void family_make(struct family *f, const struct wish *middle, const struct wish *leaf)
{
    f->root = make(&root_wish, NULL);
    f->middle = make(middle ? middle : &middle_wish, &f->root);
    f->leaf = make(leaf ? leaf : &leaf_wish, &f->middle);
    f->extra[0] = f->middle.x;
    f->extra[1] = f->root.x;
}

static void family_drop(struct family *f)
{
    drop(&f->root);
    drop(&f->middle);
    drop(&f->leaf);
}

static void test_other_root(void **state)
{
    (void)state;
    struct family f;
    struct dx_cms c;
    family_make(&f, NULL, NULL);
    struct bytes der = sign(&f.leaf, f.extra, 2);
    assert_int_equal(read_cms(&c, der, NULL), DEXT_OK);
    assert_true(c.signature_valid);
    assert_string_equal(c.signature_reason, "");
    assert_int_equal(c.trust, DX_CHAIN_OTHER_ROOT);
    assert_string_equal(c.trust_reason, "the chain ends at Own Root, which is no root of Apple's");
    assert_int_equal(c.chain_count, 3);
    assert_int_equal(c.cert_count, 3);
    assert_true(dx_str_is(c.content, "what was signed"));
    assert_ptr_equal(c.chain[0], c.signer);
    assert_int_equal(c.signer->kind, DX_CERT_DEVELOPER_ID_APPLICATION);
    assert_string_equal(c.signer->kind_words, "Developer ID Application");
    assert_string_equal(c.signer->team, "ABCDE12345");
    assert_string_equal(c.signer->issuer, "Own Middle");
    assert_true(c.signer->may_sign_code);
    assert_int_equal(c.signer->not_before, NOW - 100 * DAY);
    assert_int_equal(strlen(c.signer->sha256), 64);
    assert_false(c.has_timestamp);
    assert_true(c.signing_time > 0);
    assert_int_equal(c.trailing, 0);

    der.p = realloc(der.p, (size_t)der.n + 2);
    memcpy(der.p + der.n, "xy", 2);
    der.n += 2;
    assert_int_equal(read_cms(&c, der, NULL), DEXT_OK);
    assert_int_equal(c.trailing, 2);
    OPENSSL_free(der.p);
    family_drop(&f);
}

static void test_detached(void **state)
{
    (void)state;
    struct family f;
    struct dx_cms c;
    family_make(&f, NULL, NULL);
    BIO *in = BIO_new_mem_buf("directory", -1);
    CMS_ContentInfo *cms = CMS_sign(f.leaf.x, f.leaf.key, NULL, in, CMS_BINARY | CMS_DETACHED);
    struct bytes der = encode(cms);
    BIO_free(in);
    assert_int_equal(read_cms(&c, der, "directory"), DEXT_OK);
    assert_true(c.signature_valid);
    assert_int_equal(c.content.n, 0);
    assert_int_equal(c.trust, DX_CHAIN_INCOMPLETE);
    assert_non_null(strstr(c.trust_reason, "Own Middle, whose certificate is not there"));
    assert_int_equal(read_cms(&c, der, "directorY"), DEXT_OK);
    assert_false(c.signature_valid);
    assert_string_equal(c.signature_reason,
                        "the content is not what was signed: its digest differs");
    OPENSSL_free(der.p);
    family_drop(&f);
}

static void test_without_attributes(void **state)
{
    (void)state;
    struct family f;
    struct dx_cms c;
    family_make(&f, NULL, NULL);
    struct bytes der = encode(signed_cms(&f.leaf, f.extra, 2, "bare", CMS_NOATTR));
    assert_int_equal(read_cms(&c, der, NULL), DEXT_OK);
    assert_true(c.signature_valid);
    assert_int_equal(c.signing_time, 0);
    assert_int_equal(read_cms(&c, der, "other"), DEXT_OK);
    assert_false(c.signature_valid);
    OPENSSL_free(der.p);
    family_drop(&f);
}

/* Finds text in bytes and changes its first byte. */
static void spoil(struct bytes der, const char *text)
{
    size_t n = strlen(text);
    for (long i = 0; i + (long)n <= der.n; i++) {
        if (memcmp(der.p + i, text, n) == 0) {
            der.p[i] ^= 1;
            return;
        }
    }
    fail_msg("'%s' is not in the message", text);
}

static void test_broken(void **state)
{
    (void)state;
    struct family f;
    struct dx_cms c;
    family_make(&f, NULL, NULL);
    struct bytes der = sign(&f.leaf, f.extra, 2);
    spoil(der, "what was signed");
    assert_int_equal(read_cms(&c, der, NULL), DEXT_OK);
    assert_false(c.signature_valid);
    OPENSSL_free(der.p);

    /* The last bytes are the signature's. */
    der = sign(&f.leaf, f.extra, 2);
    der.p[der.n - 3] ^= 1;
    assert_int_equal(read_cms(&c, der, NULL), DEXT_OK);
    assert_false(c.signature_valid);
    assert_string_equal(c.signature_reason,
                        "the signature over the signed attributes does not hold");
    assert_int_equal(c.trust, DX_CHAIN_OTHER_ROOT);
    OPENSSL_free(der.p);

    der = sign(&f.leaf, f.extra, 2);
    spoil(der, "Ada (ABCDE12345)");
    assert_int_equal(read_cms(&c, der, NULL), DEXT_OK);
    assert_int_equal(c.trust, DX_CHAIN_BROKEN);
    assert_non_null(strstr(c.trust_reason, "the signature of Own Middle on "));
    OPENSSL_free(der.p);
    family_drop(&f);
}

/* A certificate that calls itself Apple's root is none. */
static void test_false_apple(void **state)
{
    (void)state;
    struct wish w = root_wish;
    w.name = "Apple Root CA";
    struct identity root = make(&w, NULL);
    struct identity leaf = make(&leaf_wish, &root);
    struct dx_cms c;
    X509 *extra[] = {root.x};
    struct bytes der = sign(&leaf, extra, 1);
    assert_int_equal(read_cms(&c, der, NULL), DEXT_OK);
    assert_true(c.signature_valid);
    assert_int_equal(c.trust, DX_CHAIN_OTHER_ROOT);
    assert_int_not_equal(c.chain[1]->kind, DX_CERT_APPLE_ROOT);
    OPENSSL_free(der.p);
    drop(&root);
    drop(&leaf);
}

static void expect_chain(const struct wish *middle, const struct wish *leaf, enum dx_chain trust,
                         const char *reason, bool expired)
{
    struct family f;
    struct dx_cms c;
    family_make(&f, middle, leaf);
    struct bytes der = sign(&f.leaf, f.extra, 2);
    assert_int_equal(read_cms(&c, der, NULL), DEXT_OK);
    assert_true(c.signature_valid);
    if (c.trust != trust || !strstr(c.trust_reason, reason)) {
        fail_msg("trust %d '%s', not %d '%s'", c.trust, c.trust_reason, trust, reason);
    }
    assert_int_equal(c.expired != NULL, expired);
    OPENSSL_free(der.p);
    family_drop(&f);
}

/* Signing time is the time of the test run, long after NOW - 10 days. */
static void test_chain_rules(void **state)
{
    (void)state;
    struct wish w = leaf_wish;
    w.from = -500;
    w.to = -10;
    expect_chain(NULL, &w, DX_CHAIN_OTHER_ROOT, "Own Root", true);
    w = middle_wish;
    w.from = -500;
    w.to = -10;
    expect_chain(&w, NULL, DX_CHAIN_OTHER_ROOT, "Own Root", true); /* no timestamp: the same */
    w = middle_wish;
    w.ca = "critical,CA:FALSE";
    expect_chain(&w, NULL, DX_CHAIN_BROKEN,
                 "Own Middle has issued a certificate and is no authority", false);
    w = middle_wish;
    w.usage = "critical,digitalSignature";
    expect_chain(&w, NULL, DX_CHAIN_BROKEN, "Own Middle may not sign certificates", false);
}

static void test_path_length(void **state)
{
    (void)state;
    struct family f;
    family_make(&f, NULL, NULL);
    struct identity lower = make(&middle_wish, &f.middle);
    struct wish w = middle_wish;
    w.name = "Lower";
    struct identity low = make(&w, &f.middle);
    struct identity leaf = make(&leaf_wish, &low);
    X509 *extra[] = {low.x, f.middle.x, f.root.x};
    struct bytes der = sign(&leaf, extra, 3);
    struct dx_cms c;
    assert_int_equal(read_cms(&c, der, NULL), DEXT_OK);
    assert_int_equal(c.trust, DX_CHAIN_BROKEN);
    assert_non_null(strstr(c.trust_reason, "path length 0"));
    OPENSSL_free(der.p);
    drop(&lower);
    drop(&low);
    drop(&leaf);
    family_drop(&f);
}

static void test_no_signer_certificate(void **state)
{
    (void)state;
    struct family f;
    struct dx_cms c;
    family_make(&f, NULL, NULL);
    struct bytes der = encode(signed_cms(&f.leaf, f.extra, 2, "text", CMS_NOCERTS));
    assert_int_equal(read_cms(&c, der, NULL), DEXT_OK);
    assert_false(c.signature_valid);
    assert_null(c.signer);
    assert_int_equal(c.trust, DX_CHAIN_INCOMPLETE);
    OPENSSL_free(der.p);

    CMS_ContentInfo *cms =
        CMS_sign(NULL, NULL, NULL, NULL, CMS_BINARY | CMS_PARTIAL | CMS_DETACHED);
    der = encode(cms);
    assert_int_equal(read_cms(&c, der, ""), DEXT_OK);
    assert_int_equal(c.trust, DX_CHAIN_NONE);
    assert_string_equal(c.signature_reason, "nobody signed it");
    OPENSSL_free(der.p);
    family_drop(&f);
}

static void test_apple_attributes(void **state)
{
    (void)state;
    struct family f;
    struct dx_cms c;
    family_make(&f, NULL, NULL);
    CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, CMS_BINARY | CMS_PARTIAL);
    CMS_SignerInfo *si =
        CMS_add1_signer(cms, f.leaf.x, f.leaf.key, EVP_sha256(), CMS_BINARY | CMS_PARTIAL);
    assert_int_equal(CMS_signed_add1_attr_by_txt(si, "1.2.840.113635.100.9.1", V_ASN1_OCTET_STRING,
                                                 "<plist/>", 8),
                     1);
    static const unsigned char pair[] = {0x30, 0x11, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
                                         0x04, 0x02, 0x01, 0x04, 0x04, 'h',  'a',  's',  'h'};
    assert_int_equal(CMS_signed_add1_attr_by_txt(si, "1.2.840.113635.100.9.2", V_ASN1_SEQUENCE,
                                                 pair, sizeof pair),
                     1);
    BIO *in = BIO_new_mem_buf("x", 1);
    assert_int_equal(CMS_final(cms, in, NULL, CMS_BINARY), 1);
    BIO_free(in);
    struct bytes der = encode(cms);
    assert_int_equal(read_cms(&c, der, NULL), DEXT_OK);
    assert_true(c.signature_valid);
    assert_true(dx_str_is(c.cdhash_plist, "<plist/>"));
    assert_int_equal(c.cdhash2_count, 1);
    assert_int_equal(c.cdhashes2[0].algorithm, NID_sha256);
    assert_true(dx_str_is(c.cdhashes2[0].digest, "hash"));
    OPENSSL_free(der.p);
    family_drop(&f);
}

/* ---- timestamps ---------------------------------------------------------------------------- */

/* A token over imprint, as a timestamp authority makes it. */
static struct bytes token(const struct identity *tsa, X509 *const *extra, size_t count,
                          const unsigned char *imprint, unsigned imprint_size, time_t at)
{
    TS_TST_INFO *info = TS_TST_INFO_new();
    TS_TST_INFO_set_version(info, 1);
    ASN1_OBJECT *policy = OBJ_txt2obj("1.2.3.4", 1);
    TS_TST_INFO_set_policy_id(info, policy);
    TS_MSG_IMPRINT *mi = TS_MSG_IMPRINT_new();
    X509_ALGOR *algorithm = X509_ALGOR_new();
    X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL);
    TS_MSG_IMPRINT_set_algo(mi, algorithm);
    TS_MSG_IMPRINT_set_msg(mi, (unsigned char *)(uintptr_t)imprint, (int)imprint_size);
    TS_TST_INFO_set_msg_imprint(info, mi);
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    ASN1_INTEGER_set(number, 7);
    TS_TST_INFO_set_serial(info, number);
    ASN1_GENERALIZEDTIME *time = ASN1_GENERALIZEDTIME_set(NULL, at);
    TS_TST_INFO_set_time(info, time);
    unsigned char *der = NULL;
    int n = i2d_TS_TST_INFO(info, &der);
    BIO *in = BIO_new_mem_buf(der, n);
    CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, CMS_BINARY | CMS_PARTIAL);
    CMS_set1_eContentType(cms, OBJ_nid2obj(NID_id_smime_ct_TSTInfo));
    CMS_add1_signer(cms, tsa->x, tsa->key, EVP_sha256(), CMS_BINARY | CMS_PARTIAL);
    for (size_t i = 0; i < count; i++) {
        CMS_add1_cert(cms, extra[i]);
    }
    assert_int_equal(CMS_final(cms, in, NULL, CMS_BINARY), 1);
    BIO_free(in);
    OPENSSL_free(der);
    X509_ALGOR_free(algorithm);
    TS_MSG_IMPRINT_free(mi);
    ASN1_INTEGER_free(number);
    ASN1_GENERALIZEDTIME_free(time);
    ASN1_OBJECT_free(policy);
    TS_TST_INFO_free(info);
    return encode(cms);
}

static void expect_timestamp(const char *eku, bool of_this, const char *reason)
{
    struct family f;
    family_make(&f, NULL, NULL);
    const struct wish w = {.name = "Own Clock", .eku = eku};
    struct identity tsa = make(&w, &f.middle);
    CMS_ContentInfo *cms = signed_cms(&f.leaf, f.extra, 2, "stamped", 0);
    CMS_SignerInfo *si = sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), 0);
    const ASN1_OCTET_STRING *sig = CMS_SignerInfo_get0_signature(si);
    unsigned char imprint[32];
    unsigned n = 0;
    assert_int_equal(EVP_Digest(ASN1_STRING_get0_data(sig), (size_t)ASN1_STRING_length(sig),
                                imprint, &n, EVP_sha256(), NULL),
                     1);
    imprint[0] ^= of_this ? 0 : 1;
    struct bytes t = token(&tsa, f.extra, 2, imprint, n, NOW);
    CMS_unsigned_add1_attr_by_NID(si, NID_id_smime_aa_timeStampToken, V_ASN1_SEQUENCE, t.p,
                                  (int)t.n);
    struct bytes der = encode(cms);
    struct dx_cms c;
    assert_int_equal(read_cms(&c, der, NULL), DEXT_OK);
    assert_true(c.signature_valid);
    assert_true(c.has_timestamp);
    assert_false(c.timestamp_valid); /* no clock here is Apple's */
    assert_int_equal(c.timestamp, NOW);
    assert_string_equal(c.timestamp_reason, reason);
    OPENSSL_free(t.p);
    OPENSSL_free(der.p);
    drop(&tsa);
    family_drop(&f);
}

static void test_timestamp(void **state)
{
    (void)state;
    expect_timestamp("critical,timeStamping", true,
                     "of the timestamp: the chain ends at Own Root, which is no root of Apple's");
    expect_timestamp("critical,timeStamping", false, "the timestamp is of another signature");
    expect_timestamp("codeSigning", true, "Own Clock may not issue timestamps");
}

/* ---- damage -------------------------------------------------------------------------------- */

static void test_no_cms(void **state)
{
    (void)state;
    struct dx_cms c;
    static const char *const texts[] = {"", "0", "not a message", "\x30\x80",
                                        "\x30\x84\xff\xff\xff\xff"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct bytes b = {(unsigned char *)(uintptr_t)texts[i], (long)strlen(texts[i])};
        assert_int_equal(read_cms(&c, b, NULL), DEXT_E_FORMAT);
        assert_string_equal(dext_ctx_error(ctx), "test: not a CMS message, or a damaged one");
    }
    struct dx_cert cert;
    dext_ctx_clear(ctx);
    assert_int_equal(dx_cert_read(&cert, ctx, "test", DX_STR("nothing")), DEXT_E_FORMAT);
}

/* Cut anywhere and with any byte changed: an answer, never a crash; no change of what is signed
 * goes unseen. */
static void test_damage(void **state)
{
    (void)state;
    struct family f;
    struct dx_cms c;
    family_make(&f, NULL, NULL);
    struct bytes der = sign(&f.leaf, f.extra, 2);
    for (long n = 0; n < der.n; n += 7) {
        assert_int_equal(read_cms(&c, (struct bytes){der.p, n}, NULL), DEXT_E_FORMAT);
    }
    for (long i = 0; i < der.n; i++) {
        struct dx_mark mark = dx_arena_mark(&ctx->arena);
        der.p[i] ^= 0x10;
        if (read_cms(&c, der, NULL) == DEXT_OK && c.signature_valid) {
            assert_true(dx_str_is(c.content, "what was signed"));
        }
        der.p[i] ^= 0x10;
        dx_arena_rewind(&ctx->arena, mark);
    }
    OPENSSL_free(der.p);
    family_drop(&f);
}

/* ---- Apple's ------------------------------------------------------------------------------- */

static void test_roots(void **state)
{
    (void)state;
    assert_true(kb_apple_root_count >= 4);
    for (size_t i = 0; i < kb_apple_root_count; i++) {
        assert_int_equal(strlen(kb_s(kb_apple_root_rows[i].root)), 64);
        const char *text = kb_s(kb_apple_root_rows[i].certificate);
        if (!*text) {
            continue;
        }
        unsigned char in[4096], out[3072];
        size_t n = 0;
        for (; *text; text++) {
            if (*text != ' ') {
                in[n++] = (unsigned char)*text;
            }
        }
        int size = EVP_DecodeBlock(out, in, (int)n);
        while (n && in[--n] == '=') {
            size--;
        }
        struct dx_cert cert;
        assert_int_equal(
            dx_cert_read(&cert, ctx, "root", (struct dx_str){(const char *)out, (size_t)size}),
            DEXT_OK);
        assert_string_equal(cert.sha256, kb_s(kb_apple_root_rows[i].root));
        assert_string_equal(cert.common_name, kb_s(kb_apple_root_rows[i].name));
        assert_int_equal(cert.kind, DX_CERT_APPLE_ROOT);
    }
}

static void test_real_profiles(void **state)
{
    (void)state;
    const char *corpus = getenv("DEXTCTL_CORPUS");
    char folder[4096];
    (void)snprintf(folder, sizeof folder, "%s/static/profiles", corpus ? corpus : "");
    DIR *dir = opendir(folder);
    if (!dir) {
        print_message("no corpus: the profiles signed by Apple are not tried\n");
        skip();
    }
    size_t count = 0;
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        if (!strstr(e->d_name, "provision")) {
            continue;
        }
        char path[8192];
        (void)snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        struct dx_source src;
        struct dx_cms c;
        assert_int_equal(dx_source_read(&src, ctx, path), DEXT_OK);
        assert_int_equal(dx_cms_read(&c, ctx, path, (struct dx_str){src.data, src.size}, NULL),
                         DEXT_OK);
        assert_true(c.signature_valid);
        assert_int_equal(c.trust, DX_CHAIN_APPLE);
        assert_int_equal(c.signer->kind, DX_CERT_PROFILE_SIGNING);
        count++;
    }
    (void)closedir(dir);
    assert_true(count > 0);
}

static int setup(void **state)
{
    (void)state;
    ctx = dext_ctx_new(NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    dext_ctx_free(ctx);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_other_root, setup, teardown),
        cmocka_unit_test_setup_teardown(test_detached, setup, teardown),
        cmocka_unit_test_setup_teardown(test_without_attributes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_broken, setup, teardown),
        cmocka_unit_test_setup_teardown(test_false_apple, setup, teardown),
        cmocka_unit_test_setup_teardown(test_chain_rules, setup, teardown),
        cmocka_unit_test_setup_teardown(test_path_length, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_signer_certificate, setup, teardown),
        cmocka_unit_test_setup_teardown(test_apple_attributes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_timestamp, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_cms, setup, teardown),
        cmocka_unit_test_setup_teardown(test_damage, setup, teardown),
        cmocka_unit_test_setup_teardown(test_roots, setup, teardown),
        cmocka_unit_test_setup_teardown(test_real_profiles, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
