/* What names a person or a machine is masked in every form, and nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dext/dext.h"
#include "kb.h"

static struct dext_ctx *ctx;
static struct dext_redactor *redactor;

static int open_all(void **state)
{
    (void)state;
    ctx = dext_ctx_new(NULL);
    redactor = dext_redactor_new(ctx);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    dext_redactor_free(redactor);
    dext_ctx_free(ctx);
    return 0;
}

static size_t differs(const char *id, const char *text, const char *right)
{
    char *got = dext_redact(redactor, text, strlen(text), NULL);
    bool same = strcmp(got, right) == 0;
    if (!same) {
        print_error("%s: %s\n  became %s\n  right  %s\n", id, text, got, right);
    }
    free(got);
    return !same;
}

static void examples_of_the_rows(void **state)
{
    (void)state;
    size_t bad = 0;
    struct dext_redaction one;
    assert_true(dext_redaction_at(kb_redaction_count - 1, &one)); /* fewer: two of one rank */
    assert_false(dext_redaction_at(kb_redaction_count, &one));
    for (size_t i = 0; i < kb_redaction_count; i++) {
        const struct kb_redaction *row = &kb_redaction_rows[i];
        for (const char *s = kb_first(row->example); *s; s = kb_next(s)) {
            const char *arrow = strstr(s, " => ");
            assert_non_null(arrow);
            char text[512];
            (void)snprintf(text, sizeof text, "%.*s", (int)(arrow - s), s);
            bad += differs(kb_s(row->redaction), text, arrow + 4);
        }
        for (const char *s = kb_first(row->stays); *s; s = kb_next(s)) {
            bad += differs(kb_s(row->redaction), s, s);
        }
    }
    assert_int_equal(bad, 0);
}

/* Invented secrets, and the surroundings in which they are met. */
static void secrets_in_every_form(void **state)
{
    (void)state;
    static const char *const account[] = {
        "/Users/%s/Library/Logs/x.log",
        "file:///Users/%s/x",
        "path=\"/Users/%s\"",
        "\\/Users\\/%s\\/x",
        "/home/%s/build",
        "'/Users/%s/My App.app'",
        "%s@box ~ % ioreg",
        "(base) %s@box ~ % ls",
        "User Name: %s",
        "\"userName\":\"%s\"",
        "> %s@box ~ % log show",
        "Console User = %s",
        "box:~ %s$ kextstat",
    };
    static const char *const serial[] = {
        "\"IOPlatformSerialNumber\" = \"%s\"",
        "<key>IOPlatformSerialNumber</key>\n\t<string>%s</string>",
        "<key>USB Serial Number</key><string>%s</string>",
        "Serial Number (system): %s",
        "Serial Number: %s",
        "\"serial_num\" : \"%s\"",
        "\"serial_number\":\"%s\"",
        "kUSBSerialNumberString = \"%s\"",
        "| |   \"serial-number\" = <%s>",
        "\\\"SerialNumber\\\":\\\"%s\\\"",
        "my serial number is %s, what now",
        "SERIAL NUMBER: %s",
        "iSerial=%s",
        "\"serial-number\": {\n  \"data\": \"%s\"\n}",
        "\"serial-number\",\"\\u003c%s>\"",
    };
    static const char *const host[] = {
        "Mar  4 12:51:28 %s sysextd[12]: x",
        "2019-03-04 12:51:28.4+0100 %s kernel[0]: x",
        "ComputerName: %s",
        "\"LocalHostName\" = \"%s\"",
        "lookup %s.local failed",
        "jd@%s ~ % x",
        "%s:~ jd$ x",
    };
    static const struct {
        const char *const *form;
        size_t count;
        const char *secret[3];
    } table[] = {
        {account, sizeof account / sizeof *account, {"jdoe", "maria.k", "x_y-z"}},
        {serial, sizeof serial / sizeof *serial, {"C02XK1ZZJG5J", "F5KX9Q2LMN", "0123456789AB"}},
        {host, sizeof host / sizeof *host, {"jdoes-box", "lab-17", "Zaphod"}},
    };
    size_t left = 0;
    for (size_t t = 0; t < sizeof table / sizeof *table; t++) {
        for (size_t f = 0; f < table[t].count; f++) {
            for (size_t s = 0; s < 3; s++) {
                char text[512];
                const char *at = strstr(table[t].form[f], "%s");
                (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(at - table[t].form[f]),
                               table[t].form[f], table[t].secret[s], at + 2);
                char *got = dext_redact(redactor, text, strlen(text), NULL);
                if (strstr(got, table[t].secret[s])) {
                    print_error("left in: %s\n", got);
                    left++;
                }
                free(got);
            }
        }
    }
    assert_int_equal(left, 0);
}

/* What an explanation needs stays, whatever looks like a secret in it. */
static void what_must_stay(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "com.example.driver (1.2.3/4) UUID",
        "DK: MyDriver-0x100000abc user server timeout",
        "*\t*\tABCDE12345\tcom.example.MyDriver (1.0/1)\tMyDriver\t[activated enabled]",
        "kernel[0]: (AppleMobileFileIntegrity) AMFI: code signature validation failed.",
        "0xe00002c7 -536870201 OSSystemExtensionErrorDomain error 8",
        "    +-o AppleUSBXHCI@01100000  <class AppleT8103USBXHCI, id 0x10000037e, registered>",
        "Hardware model: MacBookPro18,3, macOS 14.2.1 (23C71)",
        "\"IOUserServerName\" = \"com.example.MyDriver\"",
        "panic(cpu 2 caller 0xfffffe0012345678): \"x\" @MyDriver.cpp:123",
        "Darwin Kernel Version 23.2.0: root:xnu-10002.61.3~2/RELEASE_ARM64_T6000",
        "IOUserClientClass = IOUserSerialUserClient",
    };
    size_t bad = 0;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        bad += differs("stays", texts[i], texts[i]);
    }
    assert_int_equal(bad, 0);
}

static void bytes_of_any_kind(void **state)
{
    (void)state;
    size_t n;
    char *got = dext_redact(redactor, "a\0b /Users/jd\0c", 15, &n);
    assert_int_equal(n, 17);
    assert_memory_equal(got, "a\0b /Users/USER\0c", 17);
    free(got);
    got = dext_redact(redactor, "", 0, &n);
    assert_int_equal(n, 0);
    assert_string_equal(got, "");
    free(got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_of_the_rows),
        cmocka_unit_test(secrets_in_every_form),
        cmocka_unit_test(what_must_stay),
        cmocka_unit_test(bytes_of_any_kind),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
