/* The rules about built code (DX5xx, DX7xx). Signers that end at Apple's root cannot be made in a
 * test, so the code is described here as the readers would: a good build, and for each rule one
 * change that breaks it. At the end every rule of the two groups must have been seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "rules/build.h"
#include "rules/code.h"

static struct dext_ctx *ctx;

/* ---- a good build --------------------------------------------------------------------------- */

#define HEAD "<plist version=\"1.0\"><dict>"
#define TAIL "</dict></plist>"
#define KEY(k) "<key>" k "</key>"
#define STRING(k, v) KEY(k) "<string>" v "</string>"
#define YES(k) KEY(k) "<true/>"
#define USB(v) KEY("com.apple.developer.driverkit.transport.usb") "<array>" v "</array>"
#define VENDOR(v) "<dict>" KEY("idVendor") v "</dict>"
#define IDS                                                                                        \
    STRING("com.apple.application-identifier", "ABCDE12345.com.example.app.driver")                \
    STRING("com.apple.developer.team-identifier", "ABCDE12345")
#define RIGHTS                                                                                     \
    IDS YES("com.apple.developer.driverkit") YES("com.apple.developer.driverkit.family.serial")    \
        YES("com.apple.security.app-sandbox")
#define APPROVED USB(VENDOR("<integer>4660</integer>"))
#define WILDCARD USB(VENDOR("<string>*</string>"))

#define PERSONALITY(io, user)                                                                      \
    STRING("IOClass", io)                                                                          \
    STRING("IOUserClass", user)                                                                    \
    STRING("IOProviderClass", "IOUSBHostInterface")                                                \
    STRING("IOUserServerName", "com.example.app.driver")                                           \
    STRING("CFBundleIdentifierKernel", "com.apple.driver.driverkit.serial")                        \
    KEY("idVendor")                                                                                \
    "<integer>4660</integer>" KEY("idProduct") "<integer>1</integer>" KEY(                         \
        "bInterfaceNumber") "<integer>0</integer>" KEY("bConfigurationValue") "<integer>1</"       \
                                                                              "integer>"
#define CLIENT(user)                                                                               \
    KEY("UserClientProperties")                                                                    \
    "<dict>" STRING("IOClass", "IOUserUserClient") STRING("IOUserClass", user) "</dict>"
#define INFO(p)                                                                                    \
    HEAD STRING("CFBundleIdentifier", "com.example.app.driver")                                    \
        STRING("CFBundlePackageType", "DEXT") STRING("CFBundleVersion", "1")                       \
            STRING("OSBundleUsageDescription", "A port.")                                          \
                STRING("OSMinimumDriverKitVersion", "20.0")                                        \
                    KEY("IOKitPersonalities") "<dict>" KEY("Port") "<dict>" p                      \
                                                                   "</dict></dict>" TAIL

struct build {
    const char *info;
    struct dext_class classes[4];
    struct dext_certificate certificate;
    struct dext_slice slices[2], app_slice;
    struct dext_profile profile;
    struct dext_sign_problem problem;
    struct dext_code driver, app;
    bool no_profile, no_app;
    const char *entitlements, *granted, *app_entitlements;
    int64_t now;
};

static const char *const mac[] = {"OSX"}, *const pad[] = {"iOS"};

static void good(struct build *b)
{
    *b = (struct build){
        .info = INFO(PERSONALITY("IOUserSerial", "Port") CLIENT("PortClient")),
        .classes = {{.name = "Port", .super = "IOUserUSBSerial"},
                    {.name = "PortClient", .super = "IOUserClient"}},
        .certificate = {.kind = "Developer ID Application",
                        .common_name = "Ada",
                        .team = "ABCDE12345",
                        .sha256 = "aa"},
        .entitlements = HEAD RIGHTS APPROVED TAIL,
        .granted = HEAD RIGHTS APPROVED TAIL,
        .app_entitlements = HEAD YES("com.apple.developer.system-extension.install") TAIL,
        .now = 1000,
    };
    b->slices[0] = (struct dext_slice){.arch = "arm64",
                                       .platform = "DriverKit",
                                       .fault = "",
                                       .kind = DEXT_SIGNER_DEVELOPER_ID,
                                       .identifier = "com.example.app.driver",
                                       .team = "ABCDE12345",
                                       .flags = 0x10000,
                                       .der = DEXT_ENTITLEMENTS_SAME,
                                       .chain = &b->certificate,
                                       .chain_count = 1,
                                       .trust = "",
                                       .timestamp = 900,
                                       .classes = b->classes,
                                       .class_count = 2};
    b->slices[1] = b->slices[0];
    b->slices[1].arch = "x86_64";
    b->app_slice = b->slices[0];
    b->app_slice.class_count = 0;
    b->app_slice.platform = "macOS";
    b->app_slice.identifier = "com.example.app";
    b->profile = (struct dext_profile){.path = "D.dext/embedded.provisionprofile",
                                       .kind = DEXT_PROFILE_DEVELOPER_ID,
                                       .kind_words = "Developer ID",
                                       .team = "ABCDE12345",
                                       .app_id = "ABCDE12345.com.example.app.driver",
                                       .prefix = "ABCDE12345",
                                       .platforms = mac,
                                       .platform_count = 1,
                                       .expires = 2000,
                                       .certificates = &b->certificate,
                                       .certificate_count = 1,
                                       .trust = DEXT_PROFILE_TRUSTED,
                                       .trust_reason = "",
                                       .der = DEXT_DER_SAME,
                                       .der_reason = ""};
    b->driver = (struct dext_code){.path = "A.app/D.dext",
                                   .executable = "A.app/D.dext/D",
                                   .bundle = true,
                                   .slices = b->slices,
                                   .slice_count = 2,
                                   .verified = true,
                                   .bundle_id = "com.example.app.driver",
                                   .bundle_type = "DEXT"};
    b->app = (struct dext_code){.path = "A.app",
                                .executable = "A.app/A",
                                .bundle = true,
                                .slices = &b->app_slice,
                                .slice_count = 1,
                                .verified = true,
                                .bundle_id = "com.example.app",
                                .bundle_type = "APPL"};
}

/* ---- judging -------------------------------------------------------------------------------- */

#define MOST_RULES 512
static bool seen[MOST_RULES];                /* broken on purpose */
static enum dext_severity found[MOST_RULES]; /* severity + 1; 0: not found */

static void note(void *user, const struct dx_finding *f)
{
    (void)user;
    for (size_t i = 0; i < MOST_RULES && dext_rule_at(i); i++) {
        if (dext_rule_at(i) == f->pub.rule) {
            found[i] = f->pub.severity + 1;
            assert_true(f->pub.message[0] != 0);
            assert_true(f->pub.file[0] != 0);
        }
    }
}

static const struct dext_node *parse(const char *text)
{
    struct dx_source src = dx_source_bytes("text", text, strlen(text));
    struct dext_plist *pl = dx_plist_load(ctx, &src);
    assert_non_null(pl->root);
    assert_null(pl->problems);
    return pl->root;
}

static void judge(struct build *b)
{
    memset(found, 0, sizeof found);
    const struct dext_node *claims = parse(b->entitlements);
    for (size_t i = 0; i < 2; i++) {
        b->slices[i].entitlements = b->slices[i].entitlements ? b->slices[i].entitlements : claims;
        b->slices[i].entitlements_xml = claims;
    }
    b->app_slice.entitlements = parse(b->app_entitlements);
    b->profile.entitlements = parse(b->granted);
    b->driver.profile = b->no_profile ? NULL : &b->profile;
    const struct dext_code *list[] = {&b->app, &b->driver};
    struct dx_build build = {.all = {list, 2}};
    if (b->no_app) {
        build.all = (struct dext_signatures){list + 1, 1};
    }
    struct dx_source src = dx_source_bytes("A.app/D.dext/Info.plist", b->info, strlen(b->info));
    struct dx_doc info = {.path = src.path, .kind = DX_DOC_DEXT_INFO, .why_kind = ""};
    info.pl = dx_plist_load(ctx, &src);
    struct dx_unit unit = {.info = &info, .built = true, .now = b->now};
    const struct dx_doc *doc;
    dx_build_fill(&build, ctx, &unit, &b->driver, &doc);
    dx_check_unit(ctx, &unit, note, NULL);
}

static bool is_ours(size_t i)
{
    const char *id = dext_rule_id(dext_rule_at(i));
    return id[2] == '5' || id[2] == '7';
}

static void expect(struct build *b, enum dx_rule_index rule, enum dext_severity severity)
{
    judge(b);
    if (found[rule] != severity + 1) {
        fail_msg("%s: %s", dext_rule_name(dext_rule_at(rule)),
                 found[rule] ? "of another severity" : "not found");
    }
    seen[rule] = true;
}

/* Nothing of ours but the rules that stand here (ended by DX_RULE_COUNT). */
static void expect_only(struct build *b, enum dx_rule_index rule, enum dext_severity severity)
{
    expect(b, rule, severity);
    for (size_t i = 0; dext_rule_at(i); i++) {
        if (found[i] && i != (size_t)rule && is_ours(i)) {
            fail_msg("%s beside %s", dext_rule_name(dext_rule_at(i)),
                     dext_rule_name(dext_rule_at(rule)));
        }
    }
}

static void test_good(void **state)
{
    struct build b;
    (void)state;
    good(&b);
    judge(&b);
    for (size_t i = 0; dext_rule_at(i); i++) {
        if (found[i] && (is_ours(i) || dext_rule_id(dext_rule_at(i))[2] == '4')) {
            fail_msg("%s on a good build", dext_rule_name(dext_rule_at(i)));
        }
    }
}

static void test_signature(void **state)
{
    struct build b;
    (void)state;
    good(&b);
    b.slices[0].kind = b.slices[1].kind = DEXT_SIGNER_NONE;
    expect_only(&b, DX_NOT_SIGNED, DEXT_WARNING);
    good(&b);
    b.slices[0].kind = b.slices[1].kind = DEXT_SIGNER_AD_HOC;
    expect(&b, DX_AD_HOC_SIGNED, DEXT_WARNING);
    good(&b);
    b.problem = (struct dext_sign_problem){.level = DEXT_PROBLEM_BROKEN,
                                           .name = "page-modified",
                                           .file = "A.app/D.dext/D",
                                           .arch = "",
                                           .text = "broken"};
    b.driver.problems = &b.problem;
    b.driver.problem_count = 1;
    expect_only(&b, DX_SIGNATURE_BROKEN, DEXT_ERROR);
    b.problem.level = DEXT_PROBLEM_WARNING;
    judge(&b);
    assert_int_equal(found[DX_SIGNATURE_BROKEN], 0);
    good(&b);
    b.slices[0].kind = DEXT_SIGNER_FOREIGN;
    expect_only(&b, DX_SIGNATURE_NOT_APPLE, DEXT_ERROR);
    good(&b);
    b.slices[0].kind = DEXT_SIGNER_APPLE_OTHER;
    expect_only(&b, DX_CERTIFICATE_KIND, DEXT_ERROR);
    good(&b);
    b.slices[0].flags = 0;
    expect_only(&b, DX_HARDENED_RUNTIME_MISSING, DEXT_ERROR);
    b.slices[0].kind = DEXT_SIGNER_DEVELOPMENT;
    judge(&b);
    assert_int_equal(found[DX_HARDENED_RUNTIME_MISSING], 0);
    good(&b);
    b.slices[0].timestamp = 0;
    expect_only(&b, DX_TIMESTAMP_MISSING, DEXT_ERROR);
    good(&b);
    b.slices[0].der = DEXT_ENTITLEMENTS_NO_DER;
    expect_only(&b, DX_ENTITLEMENTS_DER_MISSING, DEXT_WARNING);
    good(&b);
    b.slices[0].difference_count = 1;
    b.slices[0].differences = (const char *const[]){"com.apple.developer.driverkit"};
    expect_only(&b, DX_ENTITLEMENTS_DER_DIFFERS, DEXT_ERROR);
    good(&b);
    b.slices[1].entitlements = parse(HEAD TAIL);
    expect_only(&b, DX_SLICES_DIFFER, DEXT_WARNING);
    good(&b);
    b.slices[0].identifier = "driver";
    expect_only(&b, DX_IDENTIFIER_NOT_BUNDLE_ID, DEXT_WARNING);
}

static void test_get_task_allow(void **state)
{
    struct build b;
    (void)state;
    good(&b);
    b.entitlements = HEAD RIGHTS APPROVED YES("com.apple.security.get-task-allow") TAIL;
    expect_only(&b, DX_DEBUGGABLE_DISTRIBUTION, DEXT_ERROR);
    b.slices[0].kind = DEXT_SIGNER_DEVELOPMENT;
    judge(&b);
    assert_int_equal(found[DX_DEBUGGABLE_DISTRIBUTION], 0);
}

static void test_profile(void **state)
{
    struct build b;
    struct dext_certificate other = {.kind = "", .common_name = "", .sha256 = "bb"};
    (void)state;
    good(&b);
    b.no_profile = true;
    expect_only(&b, DX_PROFILE_MISSING, DEXT_ERROR);
    b.slices[0].kind = DEXT_SIGNER_STORE;
    judge(&b);
    assert_int_equal(found[DX_PROFILE_MISSING], 0);
    good(&b);
    b.no_profile = true;
    b.problem = (struct dext_sign_problem){.level = DEXT_PROBLEM_WARNING,
                                           .name = "profile-unreadable",
                                           .file = "p",
                                           .arch = "",
                                           .text = "no profile"};
    b.driver.problems = &b.problem;
    b.driver.problem_count = 1;
    expect_only(&b, DX_PROFILE_NOT_APPLE, DEXT_ERROR);
    good(&b);
    b.profile.trust = DEXT_PROFILE_UNSIGNED;
    b.profile.trust_reason = "it is not signed";
    expect_only(&b, DX_PROFILE_NOT_APPLE, DEXT_ERROR);
    good(&b);
    b.now = 2000;
    expect_only(&b, DX_PROFILE_EXPIRED, DEXT_ERROR);
    b.now = 0;
    judge(&b);
    assert_int_equal(found[DX_PROFILE_EXPIRED], 0);
    good(&b);
    b.profile.created = 1001;
    expect_only(&b, DX_PROFILE_NOT_YET_VALID, DEXT_WARNING);
    good(&b);
    b.profile.team = "ZYXWV98765";
    expect_only(&b, DX_PROFILE_TEAM, DEXT_ERROR);
    good(&b);
    b.profile.app_id = "ABCDE12345.com.example.app";
    expect_only(&b, DX_PROFILE_APP_ID, DEXT_ERROR);
    b.profile.app_id = "ABCDE12345.com.example.*";
    judge(&b);
    assert_int_equal(found[DX_PROFILE_APP_ID], 0);
    good(&b);
    b.profile.platforms = pad;
    expect_only(&b, DX_PROFILE_PLATFORM, DEXT_ERROR);
    good(&b);
    b.profile.certificates = &other;
    expect_only(&b, DX_PROFILE_CERTIFICATE, DEXT_ERROR);
    good(&b);
    b.profile.der = DEXT_DER_DIFFERENT;
    expect_only(&b, DX_PROFILE_DER_DIFFERS, DEXT_WARNING);
}

static void test_grants(void **state)
{
    struct build b;
    (void)state;
    good(&b);
    b.granted = HEAD IDS YES("com.apple.developer.driverkit") APPROVED TAIL;
    expect_only(&b, DX_ENTITLEMENT_NOT_GRANTED, DEXT_ERROR);
    good(&b);
    b.granted = HEAD RIGHTS WILDCARD TAIL;
    expect_only(&b, DX_ENTITLEMENT_VALUE_NOT_GRANTED, DEXT_ERROR);
    good(&b);
    b.entitlements = HEAD RIGHTS USB("<dict>" KEY("idVendor") "<integer>4660</integer>" KEY(
        "idProduct") "<integer>1</integer></dict>") TAIL;
    expect_only(&b, DX_ENTITLEMENT_VALUE_NOT_GRANTED, DEXT_WARNING);
    good(&b);
    b.entitlements = b.granted = HEAD RIGHTS WILDCARD TAIL;
    expect_only(&b, DX_WILDCARD_IN_DISTRIBUTION, DEXT_WARNING);
    good(&b);
    b.granted = HEAD RIGHTS USB("") TAIL;
    expect(&b, DX_PROFILE_EMPTY_GRANT, DEXT_WARNING);
    assert_int_equal(found[DX_ENTITLEMENT_VALUE_NOT_GRANTED], DEXT_ERROR + 1);
}

static void test_host(void **state)
{
    struct build b;
    (void)state;
    good(&b);
    b.app_entitlements = HEAD TAIL;
    expect_only(&b, DX_HOST_INSTALL_MISSING, DEXT_ERROR);
    good(&b);
    b.app_slice.team = "ZYXWV98765";
    expect_only(&b, DX_HOST_TEAM_DIFFERS, DEXT_ERROR);
    good(&b);
#define INSTALL YES("com.apple.developer.system-extension.install")
#define ACCESS(id)                                                                                 \
    KEY("com.apple.developer.driverkit.userclient-access")                                         \
    "<array><string>" id "</string></"                                                             \
    "array>"
    b.app_entitlements = HEAD INSTALL ACCESS("com.example.other") TAIL;
    expect_only(&b, DX_CLIENT_NAMES_NO_DRIVER, DEXT_NOTE);
    b.app_entitlements = HEAD INSTALL ACCESS("com.example.app.drivr") TAIL;
    expect_only(&b, DX_CLIENT_NAMES_NO_DRIVER, DEXT_WARNING);
    b.app_entitlements = HEAD INSTALL ACCESS("com.example.app.driver") TAIL;
    judge(&b);
    assert_int_equal(found[DX_CLIENT_NAMES_NO_DRIVER], 0);
    b.no_app = true;
    b.app_entitlements = HEAD TAIL;
    judge(&b);
    assert_int_equal(found[DX_HOST_INSTALL_MISSING], 0);
}

static void test_classes(void **state)
{
    struct build b;
    (void)state;
    good(&b);
    b.info = INFO(PERSONALITY("IOUserSerial", "Prot"));
    expect_only(&b, DX_USER_CLASS_NOT_IN_BINARY, DEXT_ERROR);
    good(&b);
    b.info = INFO(PERSONALITY("IOUserService", "Port"));
    expect_only(&b, DX_IOCLASS_NOT_TWIN, DEXT_ERROR);
    good(&b);
    b.info = INFO(PERSONALITY("IOUserSerial", "Port") CLIENT("Nobody"));
    expect_only(&b, DX_USER_CLIENT_CLASS_NOT_IN_BINARY, DEXT_ERROR);
    good(&b);
    b.info = INFO(PERSONALITY("IOUserSerial", "Port") CLIENT("IOUserAudioDriverUserClient"));
    judge(&b);
    assert_int_equal(found[DX_USER_CLIENT_CLASS_NOT_IN_BINARY], 0);
    good(&b);
    b.classes[1].super = "IOService";
    expect_only(&b, DX_USER_CLIENT_SUPERCLASS, DEXT_ERROR);
    good(&b);
    b.slices[1].class_count = 1;
    expect_only(&b, DX_CLASS_MISSING_IN_SLICE, DEXT_ERROR);
    /* a class that goes round, and a program that tells nothing */
    good(&b);
    b.classes[0].super = "PortClient";
    b.classes[1].super = "Port";
    judge(&b);
    good(&b);
    b.slices[0].class_count = b.slices[1].class_count = 0;
    b.info = INFO(PERSONALITY("IOUserSerial", "Elsewhere"));
    judge(&b);
    assert_int_equal(found[DX_USER_CLASS_NOT_IN_BINARY], 0);
}

/* DX533 is about projects: its fixtures are in tests/rules. */
static void test_all_seen(void **state)
{
    (void)state;
    for (size_t i = 0; dext_rule_at(i); i++) {
        if (is_ours(i) && !seen[i] && i != (size_t)DX_AUTOMATIC_SIGNING_HARDWARE) {
            fail_msg("%s is not tested", dext_rule_name(dext_rule_at(i)));
        }
    }
}

static int setup(void **state)
{
    (void)state;
    ctx = dext_ctx_new(NULL);
    return ctx ? 0 : -1;
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
        cmocka_unit_test(test_good),           cmocka_unit_test(test_signature),
        cmocka_unit_test(test_get_task_allow), cmocka_unit_test(test_profile),
        cmocka_unit_test(test_grants),         cmocka_unit_test(test_host),
        cmocka_unit_test(test_classes),        cmocka_unit_test(test_all_seen),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
