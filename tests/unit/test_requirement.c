/* Requirements: the language compiled and shown again, and each condition held against code, with
 * values that satisfy it and values that do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>

#include "signer.h"

#include "base/ctx.h"
#include "sign/requirement.h"
#include "sign/requirement_match.h"

static struct dext_ctx *ctx;
static struct dx_cert certs[3];
static const struct dx_cert *chain[] = {&certs[0], &certs[1], &certs[2]};
static struct dx_judged subject;

static struct dx_str compile(const char *text)
{
    dext_ctx_clear(ctx);
    return dx_requirement_compile(ctx, "text", text);
}

/* Compiled, and back in the way that csreq shows it. */
static void expect_text(const char *text, const char *want)
{
    struct dx_str blob = compile(text);
    if (!blob.n) {
        print_message("%s: %s\n", text, dext_ctx_error(ctx));
    }
    assert_true(blob.n > 0);
    const char *got = dx_requirement_text(ctx, blob);
    assert_non_null(got);
    assert_string_equal(got, want);
    struct dx_str again = compile(got); /* what is shown can be read, and means the same */
    assert_true(dx_str_eq(blob, again));
}

static void test_language(void **state)
{
    (void)state;
    expect_text("anchor apple", "anchor apple");
    expect_text("anchor apple generic", "anchor apple generic");
    expect_text("anchor generic apple", "anchor apple generic");
    expect_text("anchor trusted", "anchor trusted");
    expect_text("cert leaf trusted", "certificate leaf trusted");
    expect_text("certificate -2 trusted", "certificate -2 trusted");
    expect_text("always or never and true", "always or never and always");
    expect_text("(always or never) and true", "(always or never) and always");
    expect_text("! (identifier a or identifier b)", "! (identifier a or identifier b)");
    expect_text("identifier = com.example.driver;", "identifier \"com.example.driver\"");
    expect_text("identifier \"com.example.my-driver\" // words\n # and more",
                "identifier \"com.example.my-driver\"");
    expect_text("/* a */ identifier \"a\\\"b\"", "identifier \"a\\\"b\"");
    expect_text("cdhash H\"00112233445566778899aabbccddeeff00112233\"",
                "cdhash H\"00112233445566778899aabbccddeeff00112233\"");
    expect_text("anchor = H\"00112233445566778899aabbccddeeff00112233\"",
                "certificate root = H\"00112233445566778899aabbccddeeff00112233\"");
    expect_text("certificate 1[field.1.2.840.113635.100.6.2.6] exists",
                "certificate 1[field.1.2.840.113635.100.6.2.6] /* exists */");
    expect_text("certificate leaf[subject.OU] = \"ABCDE12345\"",
                "certificate leaf[subject.OU] = ABCDE12345");
    expect_text("certificate leaf[timestamp.1.2.3] < timestamp \"20190408000000Z\"",
                "certificate leaf[timestamp.1.2.3] < timestamp \"2019-04-08 00:00:00Z\"");
    expect_text("info[CFBundleVersion] >= \"2.0\"", "info[CFBundleVersion] >= \"2.0\"");
    expect_text("entitlement[a.b] absent", "entitlement[a.b] absent");
    expect_text("info[a] = *b* and info[a] = *b and info[a] = b* and info[a] ~ b",
                "info[a] ~ b and info[a] = *b and info[a] = b* and info[a] ~ b");
    expect_text("platform = 14", "platform = 14");
    expect_text("notarized and legacy", "notarized and legacy");
    expect_text("host => anchor apple designated => identifier a", "identifier a");
}

static void expect_fault(const char *text, const char *where)
{
    assert_int_equal(compile(text).n, 0);
    const char *got = dext_ctx_error(ctx);
    assert_non_null(got);
    if (strncmp(got, where, strlen(where)) != 0) {
        print_message("%s\n", got);
    }
    assert_int_equal(strncmp(got, where, strlen(where)), 0);
}

static void test_faults(void **state)
{
    (void)state;
    char deep[1000];
    expect_fault("", "text:1:1: ");
    expect_fault("identifier", "text:1:11: ");
    expect_fault("identifier my-driver", "text:1:14: the requirement should end here");
    expect_fault("anchor apple and\n  or", "text:2:3: ");
    expect_fault("anchor apple)", "text:1:13: ");
    expect_fault("(anchor apple", "text:1:14: ");
    expect_fault("identifier \"a", "text:1:12: ");
    expect_fault("cdhash H\"0011\"", "text:1:8: ");
    expect_fault("cdhash H\"001\"", "text:1:8: ");
    expect_fault("certificate leaf = /a/b.cer", "text:1:20: a certificate is named by its hash");
    expect_fault("certificate leaf[issuer.CN] = a", "text:1:17: ");
    expect_fault("certificate leaf[field.x.y]", "text:1:28: this is no object identifier");
    expect_fault("certificate 99999999999[subject.CN] = a", "text:1:13: ");
    expect_fault("info[a] = /* no end", "text:1:11: ");
    expect_fault("info[a] < timestamp \"yesterday\"", "text:1:21: ");
    expect_fault("anchor \x01", "text:1:8: ");
    expect_fault("library => anchor apple", "text:1:24: ");
    memset(deep, '(', sizeof deep - 1);
    deep[sizeof deep - 1] = 0;
    expect_fault(deep, "text:1:");
}

/* ---- evaluation ---------------------------------------------------------------------------- */

static enum dext_known ask(const char *text)
{
    struct dx_str blob = compile(text);
    if (!blob.n) {
        print_message("%s: %s\n", text, dext_ctx_error(ctx));
    }
    assert_true(blob.n > 0);
    struct dx_verdict v = dx_requirement_eval(ctx, blob, &subject);
    assert_non_null(v.why);
    assert_int_equal(v.why[0] == 0, v.truth == DEXT_YES);
    return v.truth;
}

static void expect_yes(const char *text)
{
    if (ask(text) != DEXT_YES) {
        print_message("does not hold: %s\n", text);
        fail();
    }
}

static void expect_no(const char *text)
{
    if (ask(text) != DEXT_NO) {
        print_message("holds: %s\n", text);
        fail();
    }
}

static void expect_unknown(const char *text)
{
    assert_int_equal(ask(text), DEXT_UNKNOWN);
}

static void expect_why(const char *text, const char *why)
{
    struct dx_verdict v = dx_requirement_eval(ctx, compile(text), &subject);
    assert_string_equal(v.why, why);
}

static void test_code(void **state)
{
    (void)state;
    expect_yes("identifier com.example.driver");
    expect_no("identifier com.example.drive");
    expect_no("identifier com.example.driver.more");
    expect_yes("cdhash H\"00112233445566778899aabbccddeeff00112233\"");
    expect_no("cdhash H\"00112233445566778899aabbccddeeff00112234\"");
    expect_yes("platform = 0");
    expect_no("platform = 14");
    expect_unknown("notarized");
    expect_unknown("legacy");
    expect_unknown("anchor apple something");
    expect_why("identifier com.other", "identifier \"com.other\": it is \"com.example.driver\"");
    expect_why("anchor apple generic", "anchor apple generic: its chain ends at Own Root");
}

static void test_logic(void **state)
{
    (void)state;
    expect_yes("true and true");
    expect_no("true and false");
    expect_no("false and true");
    expect_yes("false or true");
    expect_no("false or false");
    expect_yes("! false");
    expect_no("! true");
    expect_no("notarized and false");
    expect_unknown("notarized and true");
    expect_yes("notarized or true");
    expect_unknown("notarized or false");
    expect_unknown("! notarized");
    expect_why("true and (false or identifier x)", "never or identifier x");
    expect_why("true and notarized", "notarized: no ticket is at hand, and Apple is not asked");
}

static void test_certificates(void **state)
{
    (void)state;
    expect_yes("certificate leaf[subject.CN] = \"Developer ID Application: Ada (ABCDE12345)\"");
    expect_yes("certificate leaf[subject.CN] = \"Developer ID\"*");
    expect_no("certificate leaf[subject.CN] = \"developer id\"*");
    expect_yes("certificate leaf[subject.OU] = ABCDE12345");
    expect_no("certificate leaf[subject.OU] = abcde12345");
    expect_no("certificate root[subject.OU] = ABCDE12345");
    expect_no(
        "certificate root[subject.OU] absent"); /* a field that is not there fails in any way */
    expect_yes("certificate 1[subject.CN] = \"Own Authority\"");
    expect_yes("certificate -2[subject.CN] = \"Own Authority\"");
    expect_yes("anchor[subject.CN] = \"Own Root\"");
    expect_no("certificate 3[subject.CN] = \"Own Root\"");
    expect_no("certificate -4[subject.CN] exists");
    expect_no("certificate leaf[subject.X] exists");
    expect_yes("certificate leaf[field.2.5.29.37] exists");
    expect_no("certificate root[field.2.5.29.37] exists");
    expect_yes("certificate root[field.2.5.29.37] absent");
    expect_no("certificate 3[field.2.5.29.37] absent");
    expect_no("certificate leaf[policy.1.2.3] exists");
    expect_yes("certificate 1[policy.1.2.3] exists");
    expect_yes("certificate leaf[timestamp.1.2.3.4] = timestamp \"20190408000000Z\"");
    expect_yes("certificate leaf[timestamp.1.2.3.4] < timestamp \"20190408000001Z\"");
    expect_no("certificate leaf[timestamp.1.2.3.4] > timestamp \"20190408000000Z\"");
    expect_yes("certificate leaf[timestamp.1.2.3.4] >= timestamp \"20190408000000Z\"");
    expect_yes("certificate root[timestamp.1.2.3.4] absent");
    expect_no("anchor apple generic");
    expect_no("anchor apple");
    expect_unknown("anchor trusted");
    char text[100];
    (void)snprintf(text, sizeof text, "anchor = H\"%s\"", certs[2].sha1);
    expect_yes(text);
    (void)snprintf(text, sizeof text, "certificate 1 = H\"%s\"", certs[2].sha1);
    expect_no(text);
    subject.chain_count = 0;
    expect_no("certificate leaf[subject.CN] exists");
    expect_no("certificate leaf[field.2.5.29.37] absent");
    expect_no("anchor trusted");
    expect_no("certificate leaf = H\"00112233445566778899aabbccddeeff00112233\"");
    subject.chain_count = 3;
}

static void test_properties(void **state)
{
    (void)state;
    expect_yes("info[CFBundleVersion] = \"1.10\"");
    expect_yes("info[CFBundleVersion] > \"1.9\"");
    expect_no("info[CFBundleVersion] < \"1.9\"");
    expect_yes("info[CFBundleVersion] >= \"1.10\"");
    expect_yes("info[CFBundleVersion] <= \"1.010\"");
    expect_yes("info[CFBundleVersion] exists");
    expect_no("info[CFBundleVersion] absent");
    expect_yes("info[Nothing] absent");
    expect_no("info[Nothing] exists");
    expect_no("info[Nothing] = \"\"");
    expect_no("info[No] exists");
    expect_yes("info[Yes] exists");
    expect_no("info[Number] = \"5\"");
    expect_yes("info[Number] exists");
    expect_yes("info[List] = b");
    expect_no("info[List] = c");
    expect_yes("info[List] exists");
    expect_yes("info[CFBundleVersion] = *\"10\" and info[CFBundleVersion] = \"1\"* and "
               "info[CFBundleVersion] = *\".\"*");
    expect_yes("entitlement[other] absent and "
               "entitlement[\"com.apple.security.app-sandbox\"] exists");
    expect_no("entitlement[other] exists");
    subject.info_known = false;
    expect_unknown("info[CFBundleVersion] = \"1.10\"");
    subject.info_known = true;
}

/* ---- bytes --------------------------------------------------------------------------------- */

static struct dx_verdict run(struct bytes body)
{
    struct bytes kind = {0};
    bytes_be32(&kind, 1);
    bytes_add(&kind, body.p, body.n);
    struct bytes b = blob(0xfade0c00, kind);
    struct dx_verdict v =
        dx_requirement_eval(ctx, (struct dx_str){(const char *)b.p, b.n}, &subject);
    bytes_free(kind.p);
    bytes_free(b.p);
    bytes_free(body.p);
    return v;
}

static struct bytes words(const uint32_t *list, size_t count)
{
    struct bytes b = {0};
    for (size_t i = 0; i < count; i++) {
        bytes_be32(&b, list[i]);
    }
    return b;
}
#define WORDS(...)                                                                                 \
    words((const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / 4)

static void test_bytes(void **state)
{
    (void)state;
    assert_int_equal(run(WORDS(1)).truth, DEXT_YES);
    assert_int_equal(run(WORDS(99)).truth, DEXT_NO);                   /* not known */
    assert_int_equal(run(WORDS(7, 1, 99)).truth, DEXT_NO);             /* spoils it all */
    assert_int_equal(run(WORDS(0x80000063, 4, 0)).truth, DEXT_NO);     /* known to be no */
    assert_int_equal(run(WORDS(0x40000063, 4, 0, 1)).truth, DEXT_YES); /* passed over */
    assert_int_equal(run(WORDS(0x40000063, 4, 0, 0)).truth, DEXT_NO);
    assert_int_equal(run(WORDS(9, 0x80000063, 4, 0)).truth, DEXT_YES);
    assert_int_equal(run(WORDS(0x80000001)).truth, DEXT_YES); /* flags speak to who knows it not */
    assert_int_equal(run(WORDS(6, 1)).truth, DEXT_NO);        /* ends too early */
    assert_int_equal(run(WORDS(2, 400)).truth, DEXT_NO);
    assert_int_equal(run(WORDS(4, 0, 4, 0)).truth, DEXT_NO); /* a hash of four bytes */
    struct bytes deep = {0}, wide = {0};
    for (int i = 0; i < 5000; i++) {
        bytes_be32(&deep, 9);
    }
    assert_int_equal(run(deep).truth, DEXT_NO);
    bytes_add(&wide, NULL, 200000 * 8 + 4); /* passed over, one by one: not deep, but long */
    for (size_t i = 0; i < 200000; i++) {
        put_be32(wide.p + i * 8, 0x40000063);
    }
    put_be32(wide.p + 200000 * 8, 1);
    assert_int_equal(run(wide).truth, DEXT_NO);
}

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        int want;
    } cases[] = {
        {"1", "1", 0},
        {"1", "2", -1},
        {"10", "9", 1},
        {"1.10", "1.9", 1},
        {"1.0", "1.0.1", -1},
        {"", "1", -1},
        {"a10", "a9", 1},
        {"a", "b", -1},
        {"01", "1", 0},
        {"1b", "1a", 1},
        {"99999999999999999999", "100000000000000000000", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int got = dx_compare_numerically(dx_str(cases[i].a), dx_str(cases[i].b));
        assert_int_equal((got > 0) - (got < 0), cases[i].want);
        got = dx_compare_numerically(dx_str(cases[i].b), dx_str(cases[i].a));
        assert_int_equal((got > 0) - (got < 0), -cases[i].want);
    }
}

/* ---- what the system makes up -------------------------------------------------------------- */

static void test_designated(void **state)
{
    (void)state;
    static const char *const hashes[] = {"00112233445566778899aabbccddeeff00112233",
                                         "ffffffffffffffffffffffffffffffffffffffff"};
    struct dx_judged two[2] = {subject, subject};
    for (int i = 0; i < 2; i++) {
        two[i].ad_hoc = true;
        two[i].chain_count = 0;
        two[i].cdhashes = &hashes[i];
        two[i].cdhash_count = 1;
    }
    struct dx_str blob = dx_requirement_designated(ctx, two, 2);
    assert_string_equal(dx_requirement_text(ctx, blob),
                        "cdhash H\"00112233445566778899aabbccddeeff00112233\" or "
                        "cdhash H\"ffffffffffffffffffffffffffffffffffffffff\"");
    assert_int_equal(dx_requirement_eval(ctx, blob, &subject).truth, DEXT_YES);
    blob = dx_requirement_designated(ctx, &subject, 1);
    char want[200];
    (void)snprintf(want, sizeof want,
                   "identifier \"com.example.driver\" and certificate leaf = H\"%s\"",
                   certs[0].sha1);
    assert_string_equal(dx_requirement_text(ctx, blob), want);
    assert_int_equal(dx_requirement_eval(ctx, blob, &subject).truth, DEXT_YES);
    struct dx_judged other = subject;
    other.identifier = "com.example.other";
    assert_int_equal(dx_requirement_eval(ctx, blob, &other).truth, DEXT_NO);
    two[0].designated = compile("anchor apple");
    assert_string_equal(dx_requirement_text(ctx, dx_requirement_designated(ctx, two, 2)),
                        "anchor apple");
    two[0].identifier = two[1].identifier = NULL;
    assert_int_equal(dx_requirement_designated(ctx, two, 2).n, 0);
}

static void describe(struct dx_cert *out, X509 *x)
{
    unsigned char *der = NULL;
    int n = i2d_X509(x, &der);
    struct dx_str all = {dx_strndup(&ctx->arena, (const char *)der, (size_t)n), (size_t)n};
    OPENSSL_free(der);
    assert_int_equal(dx_cert_read(out, ctx, "certificate", all), DEXT_OK);
}

static void add_raw(struct test_identity *id, const struct test_identity *by, const char *oid,
                    const char *value)
{
    char text[200];
    (void)snprintf(text, sizeof text, "DER:%s", value);
    X509_EXTENSION *e = X509V3_EXT_conf(NULL, NULL, oid, text);
    assert_non_null(e);
    X509_add_ext(id->x, e, -1);
    X509_EXTENSION_free(e);
    X509_sign(id->x, by->key, EVP_sha256());
}

static const struct dext_node *read_plist(const char *text)
{
    struct dx_source src = dx_source_bytes("text", text, strlen(text));
    return dx_plist_load(ctx, &src)->root;
}

static int set_up(void **state)
{
    (void)state;
    ctx = dext_ctx_new(NULL);
    struct test_identity root = identity("Own Root", NULL, true, NULL);
    struct test_identity ca = identity("Own Authority", NULL, true, &root);
    struct test_identity leaf =
        identity("Developer ID Application: Ada (ABCDE12345)", "ABCDE12345", false, &ca);
    add_raw(&ca, &root, "2.5.29.32", "30:06:30:04:06:02:2a:03"); /* policy 1.2.3 */
    add_raw(&leaf, &ca, "1.2.3.4", "0c:0f:32:30:31:39:30:34:30:38:30:30:30:30:30:30:5a");
    describe(&certs[0], leaf.x);
    describe(&certs[1], ca.x);
    describe(&certs[2], root.x);
    subject = (struct dx_judged){
        .arch = "arm64",
        .identifier = "com.example.driver",
        .cdhash = "00112233445566778899aabbccddeeff00112233",
        .chain = chain,
        .chain_count = 3,
        .info_known = true,
        .notarized = DEXT_UNKNOWN,
        .info = read_plist(
            "<plist><dict><key>CFBundleVersion</key><string>1.10</string><key>No</key><false/>"
            "<key>Yes</key><true/><key>Number</key><integer>5</integer><key>List</key><array>"
            "<string>a</string><string>b</string></array></dict></plist>"),
        .entitlements = read_plist(
            "<plist><dict><key>com.apple.security.app-sandbox</key><true/></dict></plist>"),
    };
    struct test_identity all[] = {root, ca, leaf};
    for (size_t i = 0; i < 3; i++) {
        X509_free(all[i].x);
        EVP_PKEY_free(all[i].key);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    dext_ctx_free(ctx);
    bytes_free_all();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_language),     cmocka_unit_test(test_faults),
        cmocka_unit_test(test_code),         cmocka_unit_test(test_logic),
        cmocka_unit_test(test_certificates), cmocka_unit_test(test_properties),
        cmocka_unit_test(test_bytes),        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_designated),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
