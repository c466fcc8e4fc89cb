/* What an input is, and how bytes become text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "explain/kexts.h"
#include "explain/kind.h"

static enum dext_text_kind kind(const char *text)
{
    struct dx_arena scratch = {0};
    enum dext_text_kind k = dx_kind_of(&scratch, dx_str(text)).kind;
    dx_arena_free(&scratch);
    return k;
}

static void kinds(void **state)
{
    (void)state;
    static const struct {
        enum dext_text_kind kind;
        const char *text;
    } cases[] = {
        {DEXT_TEXT_EMPTY, " \n\n"},
        {DEXT_TEXT_LOG, "DK: A-0x100000abc: provider entitlements check failed\n"},
        {DEXT_TEXT_LOG, "2026-01-15 10:00:00.000000+0100 0x1 Default 0x0 0 0 kernel: found 3 "
                        "extension(s)\n"},
        {DEXT_TEXT_LOG, "{\"eventMessage\":\"bug_type panicString\",\"processID\":1}\n"},
        {DEXT_TEXT_LIST, "0 extension(s)\n"},
        {DEXT_TEXT_LIST, "> --- com.apple.system_extension.driver_extension\n"},
        {DEXT_TEXT_QUESTION, "Why does my driver not show up in the list at all?\n"},
        {DEXT_TEXT_PANIC, "> panic(cpu 0 caller 0x1): \"x\"\n"},
        {DEXT_TEXT_PANIC, "{\"bug_type\":\"210\"}\n{}\n"},
        {DEXT_TEXT_PANIC, "{\n \"macOSPanicString\" : \"panic(cpu 0 caller 0x1): x\"}\n"},
        {DEXT_TEXT_CRASH, "{\"bug_type\":\"309\",\"name\":\"x\"}\n{}\n"},
        {DEXT_TEXT_CRASH, "Process:  x [1]\nCode Type:  ARM-64\nException Type:  EXC_CRASH\n"},
        {DEXT_TEXT_IOREG, "$ ioreg\n+-o Root  <class IORegistryEntry, id 0x100000100>\n"},
        {DEXT_TEXT_IOREG, "  \"a\" = 1\n  \"b\" = 2\n  \"c\" = \"d\"\n"},
        {DEXT_TEXT_IOREG_ARCHIVE, "<plist version=\"1.0\"><dict><key>IOObjectClass</key></dict>"},
        {DEXT_TEXT_PLIST, "<plist version=\"1.0\"><dict><key>IOObjectClass</key>"
                          "<key>IOKitPersonalities</key></dict>"},
        {DEXT_TEXT_PLIST, "```xml\n<plist version=\"1.0\">\n<dict/>\n</plist>\n```\n"},
        {DEXT_TEXT_HIDUTIL, "<plist version=\"1.0\"><dict><key>ClientRecords</key><array><dict>"
                            "<key>Services</key>IORegistryEntryID</dict></array></dict>"},
        {DEXT_TEXT_PROFILER, "{\n  \"SPUSBDataType\" : [ { \"_name\" : \"x\" } ]\n}\n"},
        {DEXT_TEXT_KEXTS, "1 142 0 0 0 com.apple.kpi.bsd (20.5.0) 1-2 <>\n"
                          "2 1 0xff 0x1 0x1 com.apple.kpi.mach (20.5.0) 1-3 <1>\n"
                          "3 0 0xff 0x1 0x1 com.acme.kext (1) 1-3 <1>\n"},
        {DEXT_TEXT_SYSTEM, "System Integrity Protection status: enabled.\n"},
        {DEXT_TEXT_SPCTL, "/a.app: rejected (x)\nsource=Developer ID\n"},
        {DEXT_TEXT_CODESIGN, "Executable=/a\nIdentifier=b\nFormat=bundle\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (kind(cases[i].text) != cases[i].kind) {
            fail_msg("'%s' is taken for %s", cases[i].text,
                     dext_text_kind_name(kind(cases[i].text)));
        }
    }
    struct dx_arena scratch = {0};
    assert_int_equal(dx_kind_of(&scratch, (struct dx_str){"a\0b", 3}).kind, DEXT_TEXT_BINARY);
    assert_int_equal(
        dx_kind_of(&scratch, (struct dx_str){"bplist00\0IORegistryEntryChildren", 33}).kind,
        DEXT_TEXT_IOREG_ARCHIVE);
}

/* ---- decoding ------------------------------------------------------------------------------- */

struct got {
    char text[64];
    size_t n;
};

static bool sink(void *user, const char *data, size_t size)
{
    struct got *g = user;
    assert_true(g->n + size < sizeof g->text);
    memcpy(g->text + g->n, data, size);
    g->n += size;
    return true;
}

static void expect(const char *bytes, size_t n, const char *text)
{
    for (size_t chunk = 1; chunk <= n + 1; chunk++) {
        struct dx_decoder d = {.start_n = 0};
        struct got g = {{0}, 0};
        for (size_t i = 0; i < n; i += chunk) {
            assert_true(dx_decode(&d, bytes + i, n - i < chunk ? n - i : chunk, false, sink, &g));
        }
        assert_true(dx_decode(&d, "", 0, true, sink, &g));
        assert_string_equal(g.text, text);
        assert_int_equal(g.n, strlen(text));
    }
}

static void decodes(void **state)
{
    (void)state;
    expect("", 0, "");
    expect("ab", 2, "ab");
    expect("abcd", 4, "abcd");
    expect("\xef\xbb\xbfxyz", 6, "xyz");
    expect("\xff\xfe"
           "a\0\xe4\0\xac\x20\x3d\xd8\x00\xde",
           12, "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
    expect("\xfe\xff\0a\xd8\x3d\0b\xdc\0", 10,
           "a\xef\xbf\xbd"
           "b\xef\xbf\xbd");
    expect("\xff\xfe"
           "a",
           3, ""); /* half a unit */
}

/* ---- lists of kexts -------------------------------------------------------------------------- */

static void kexts(void **state)
{
    (void)state;
    struct dx_kext k;
    assert_true(
        dx_kext_row(dx_str("  190    0 0xffffff7f98f8d000 0x10 0x10 com.acme.x (1.2) U <1>"), &k));
    assert_true(k.has_address && k.address == UINT64_C(0xffffff7f98f8d000));
    assert_true(dx_str_is(k.version, "1.2"));
    assert_true(dx_kext_row(dx_str("com.acme.x (1.2d1)"), &k));
    assert_false(dx_kext_row(dx_str("com.acme.x 1.2"), &k));
    assert_false(dx_kext_row(dx_str("see com.acme.x (1.2)"), &k));
    assert_false(
        dx_kext_row(dx_str("* * ABCDE12345 com.acme.x (1.2/3) X [activated enabled]"), &k));
    assert_false(dx_kext_row(dx_str(""), &k));
    struct dx_arena a = {0};
    struct dx_kexts list = {NULL, 0, 0};
    dx_kexts_read(&list, &a,
                  dx_str("A:\n Bundle ID: com.acme.a\n Loaded: Yes\n Load Address: 0\n\n"
                         "B:\n Bundle ID: com.acme.b\n Loaded: No\n"));
    assert_int_equal(list.count, 2);
    assert_true(list.list[0].loaded && list.list[0].has_address && !list.list[0].address);
    assert_true(list.list[1].has_loaded && !list.list[1].loaded && !list.list[1].has_address);
    dx_arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds),
        cmocka_unit_test(decodes),
        cmocka_unit_test(kexts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
