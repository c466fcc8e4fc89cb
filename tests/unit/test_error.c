/* The error look-up: every way to write a code, lines of logs, ranking, and the data itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "error/error.h"

static struct dext_errors *errors;

static struct dext_error_answer ask_in(const char *text, const char *domain)
{
    struct dext_error_answer a;
    assert_int_equal(dext_errors_ask(errors, &a, text, strlen(text), domain), DEXT_OK);
    return a;
}

/* Names of the first meaning of each hit, joined by a space; '?' for what is not known. */
static const char *names(const char *text, const char *domain)
{
    static char out[1024];
    struct dext_error_answer a = ask_in(text, domain);
    out[0] = 0;
    for (size_t i = 0; i < a.count; i++) {
        size_t n = strlen(out);
        (void)snprintf(out + n, sizeof out - n, "%s%s", i ? " " : "",
                       a.hits[i].match_count ? a.hits[i].matches[0].name : "?");
    }
    return out;
}

struct pair {
    const char *text, *want;
};

static void check_all(const struct pair *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *got = names(list[i].text, NULL);
        if (strcmp(got, list[i].want) != 0) {
            fail_msg("'%s' gives '%s', not '%s'", list[i].text, got, list[i].want);
        }
    }
}

#define CHECK(list) check_all(list, sizeof(list) / sizeof *(list))

static void test_words(void **state)
{
    (void)state;
    static const struct pair list[] = {
        {"0xe00002c7", "kIOReturnUnsupported"},
        {"0XE00002C7", "kIOReturnUnsupported"},
        {"e00002e2", "kIOReturnNotPermitted"},
        {"E00002E2", "kIOReturnNotPermitted"},
        {"-536870201", "kIOReturnUnsupported"},
        {"\xe2\x88\x92"
         "536870201",
         "kIOReturnUnsupported"}, /* U+2212 from a web page */
        {"3758097095", "kIOReturnUnsupported"},
        {"18446744073172681415", "kIOReturnUnsupported"},
        {"0xffffffffe00002c7", "kIOReturnUnsupported"},
        {"0xE000_02C7", "kIOReturnUnsupported"},
        {"-0x1ffffd39", "kIOReturnUnsupported"},
        {"0e00002c7h", "kIOReturnUnsupported"},
        {"0xe00002c7u", "kIOReturnUnsupported"},
        {"0xE00002C7UL", "kIOReturnUnsupported"},
        {"3758097095UL", "kIOReturnUnsupported"},
        {"iokit_common_err(0x2c7)", "kIOReturnUnsupported"},
        {"iokit_usb_err( 0x4f )", "kIOUSBPipeStalled"},
        {"libkern_kext_err(0x2)", "kOSKextReturnNoMemory"},
        {"'!dev'", "kAudioHardwareBadDeviceError"},
        {"!obj", "kAudioHardwareBadObjectError"},
        {"who?", "kAudioHardwareUnknownPropertyError"},
        {"560947818", "kAudioHardwareBadObjectError"},
        {"EX_CONFIG", "EX_CONFIG"},
        {"711", "kIOReturnUnsupported"},
        {"0x2c7", "kIOReturnUnsupported"},
        {"2c7", "kIOReturnUnsupported"},
        {"0x10000003", "MACH_SEND_INVALID_DEST"},
        {"10000003", "MACH_SEND_INVALID_DEST"},
        {"-67062", "errSecCSUnsigned"},
        {"-308", "MIG_SERVER_DIED"},
        {"-413", "AppleMobileFileIntegrityError-413"},
        {"0xc00d", "EACCES"}, /* unix_err(13) */
        {"0x5", "KERN_FAILURE"},
        {"5", "OSSystemExtensionErrorExtensionMissingIdentifier"},
        {"0", "kIOReturnSuccess"},
        {"kIOReturnUnsupported", "kIOReturnUnsupported"},
        {"KIORETURNUNSUPPORTED", "kIOReturnUnsupported"},
        {"IOReturnUnsupported", "kIOReturnUnsupported"},
        {"Unsupported", "kIOReturnUnsupported"},
        {".codeSignatureInvalid", "OSSystemExtensionErrorCodeSignatureInvalid"},
        {"OSSystemExtensionError.codeSignatureInvalid",
         "OSSystemExtensionErrorCodeSignatureInvalid"},
        {"OSSystemExtensionErrorDuplicateExtensionIdentifier",
         "OSSystemExtensionErrorDuplicateExtensionIdentifer"},
        {"amfi-413", "AppleMobileFileIntegrityError-413"},
        {"EBADF", "EBADF"},
        {"eacces", "EACCES"},
        {"\"0xe00002bc\",", "kIOReturnError"},
        {"(0xe00002bc)", "kIOReturnError"},
        {"ret=0xe00002bc", "kIOReturnError"},
        {"Code=9", "OSSystemExtensionErrorValidationFailed"},
        {"0x100000abc", "?"},
        {"0xe1abc123", "?"},
        {"kIOReturnNotPermited", "?"},
        {"", ""},
        {"   ", ""},
    };
    CHECK(list);
}

static void test_lines(void **state)
{
    (void)state;
    static const struct pair list[] = {
        {"(os/kern) invalid argument", "KERN_INVALID_ARGUMENT"},
        {"failed with iokit_usb_err(0x4f), twice", "kIOUSBPipeStalled"},
        {"IOServiceOpen failed: (iokit/common) unsupported function", "kIOReturnUnsupported"},
        {"x (ipc/send) invalid destination port y", "MACH_SEND_INVALID_DEST"},
        {"Error Domain=OSSystemExtensionErrorDomain Code=9 \"(null)\"",
         "OSSystemExtensionErrorValidationFailed"},
        {"(OSSystemExtensionErrorDomain error 4.)", "OSSystemExtensionErrorExtensionNotFound"},
        {"OSSystemExtensionErrorDomain 4", "OSSystemExtensionErrorExtensionNotFound"},
        {"OSSystemExtensionErrorDomain (4)", "OSSystemExtensionErrorExtensionNotFound"},
        {"Error Domain=NSPOSIXErrorDomain Code=8 \"Exec format error\"", "ENOEXEC"},
        {"amfid: Error Domain=AppleMobileFileIntegrityError Code=-413 \"No matching\"",
         "AppleMobileFileIntegrityError-413"},
        {"AMFI error -424", "AppleMobileFileIntegrityError-424"},
        {"Termination Reason: Namespace CODESIGNING, Code 1, Taskgated Invalid Signature",
         "CODESIGNING_EXIT_REASON_TASKGATED_INVALID_SIG"},
        {"Namespace SIGNAL, Code 11", "SIGSEGV"},
        {"Domain=KMErrorDomain Code=71; Domain=FooDomain Code=4", "KMErrorDomain-71"},
        {"OSStatus error -67050", "errSecCSReqFailed"},
        {"open: errno 13 (EACCES)", "EACCES"},
        {"result 0x5", "KERN_FAILURE"},
        {"ret = -536870206 then e00002c5", "kIOReturnBadArgument kIOReturnExclusiveAccess"},
        {"kIOReturnBadArgment here", "?"},
        {"enumeration error 0xe0005000", "kUSBHostReturnPipeStalled"},
        {"IOReturn 0xe00002d8 kIOReturnNotReady (iokit/common) not ready", "kIOReturnNotReady"},
        {"-536870201 -536870201", "kIOReturnUnsupported"},
        {"the errSecCSUnsigned case", "errSecCSUnsigned"},
        {"DK: mach_msg() failed 0x10000003", "MACH_SEND_INVALID_DEST"},
    };
    CHECK(list);
}

/* Numbers of a log that are no codes. */
static void test_no_codes(void **state)
{
    (void)state;
    static const struct pair list[] = {
        {"DK: VSPUserClient-0x100001127:UC failed userclient-access check", ""},
        {"2026-11-23 19:08:00.123456-0800 localhost kernel[0]: hello", ""},
        {"kernelmanagerd(545) deny(1) file-write-create", ""},
        {"pid 711, uid 501, IOUSBHostDevice@01100000", ""},
        {"0xe0000000-0xe00fffff reserved", ""},
        {"backtrace 0xffffff8000a1b2c3 +0x10000003", ""},
        {"process exited with code 8", ""},
        {"exited with code 137", "128+SIGKILL"},
        {"zsh: killed     ./MyApp\nKilled: 9", "SIGKILL"},
        {"Error Domain=NSOSStatusErrorDomain Code=-536870174", "kIOReturnNotPermitted"},
        {"OSSystemExtensionError.Code.validationFailed", "OSSystemExtensionErrorValidationFailed"},
        {"got OSSystemExtensionErrorDomain with a value of 9",
         "OSSystemExtensionErrorValidationFailed"},
        {"es_new_client returned ES_NEW_CLIENT_RESULT_ERR_NOT_PERMITTED",
         "ES_NEW_CLIENT_RESULT_ERR_NOT_PERMITTED"},
        {"last exit code = 78", "EX_CONFIG"},
        {"uuid E00002D5-1234-1234-1234-000000000005", ""},
        {"version 1.2.3 build 4 of 5, 16777217 bytes", ""},
        {"IODEXTMatchCount = 1, busy 0 (4 ms)", ""},
        {"id 0x10000abc, vendor 0x05ac product 0x0002", ""},
        {"face dead beef add bad", ""},
    };
    CHECK(list);
}

/* A number from n on that no row has, nor as the code in its low 14 bits. Which numbers are free
 * changes with every code that is added. */
static uint32_t free_number(uint32_t n)
{
    for (size_t i = 0; i < kb_error_count; i++) {
        uint32_t value = (uint32_t)kb_error_rows[i].value;
        if (value == n || (n <= 0x3fff && (value & 0x3fff) == n)) {
            n++;
            i = SIZE_MAX; /* from the first row again */
        }
    }
    return n;
}

static void test_unknown(void **state)
{
    (void)state;
    char text[32];
    (void)snprintf(text, sizeof text, "fail (0x%08x)", free_number(0xe00002bc));
    assert_string_equal(names(text, NULL), "?");
    (void)snprintf(text, sizeof text, "%u", free_number(12345));
    assert_string_equal(names(text, NULL), "?");
}

static void test_ranking(void **state)
{
    (void)state;
    struct dext_error_answer a = ask_in("8", NULL);
    assert_int_equal(a.count, 1);
    assert_true(a.hits[0].match_count > 2);
    assert_string_equal(a.hits[0].matches[0].domain, "sysext");
    assert_string_equal(a.hits[0].matches[1].domain, "errno");
    assert_true(a.hits[0].matches[0].why[0] != 0);

    a = ask_in("0xe0005000", NULL);
    assert_string_equal(a.hits[0].matches[0].domain, "usb");
    assert_string_equal(a.hits[0].matches[1].domain, "usb.message");

    a = ask_in("1", NULL); /* a code given alone ranks behind whole numbers */
    const struct dext_error *last = &a.hits[0].matches[a.hits[0].match_count - 1];
    assert_string_equal(last->name, "kIOReturnInvalid");
    assert_true(last->derived);
}

static void test_domain(void **state)
{
    (void)state;
    assert_string_equal(names("8", "errno"), "ENOEXEC");
    assert_string_equal(names("8", "NSPOSIXErrorDomain"), "ENOEXEC");
    assert_string_equal(names("8", "ERRNO"), "ENOEXEC");
    assert_string_equal(names("0x4f", "usb"), "kIOUSBPipeStalled");
    assert_string_equal(names("-67062", "osstatus"), "errSecCSUnsigned");
    assert_string_equal(names("1", "exit"), "CODESIGNING_EXIT_REASON_TASKGATED_INVALID_SIG");
    assert_string_equal(names("0xe00002c7", "sysext"), "?");
    assert_string_equal(names("error 0xe00002c7 and errno 8", "errno"), "? ENOEXEC");
    struct dext_error_answer a;
    assert_int_equal(dext_errors_ask(errors, &a, "8", 1, "nonesuch"), DEXT_E_NOTFOUND);
    assert_int_equal(a.count, 0);
    assert_false(dext_error_domain_known(""));
    assert_false(dext_error_domain_known("nonesuch"));
    assert_true(dext_error_domain_known("OSSystemExtensionErrorDomain"));
}

static void test_parts(void **state)
{
    (void)state;
    struct dext_error_answer a = ask_in("x 0xe00002c7", NULL);
    assert_int_equal(a.count, 1);
    assert_int_equal(a.hits[0].offset, 2);
    assert_string_equal(a.hits[0].text, "0xe00002c7");
    const struct dext_error *e = &a.hits[0].matches[0];
    assert_string_equal(e->system, "iokit");
    assert_string_equal(e->subsystem, "common");
    assert_int_equal(e->code, 711);
    assert_string_equal(e->written, "0xe00002c7");
    assert_true(e->causes.count > 3 && e->checks.count && e->sources.count);
    assert_non_null(e->driverkit);
    assert_int_equal(e->aliases.count, 0);

    a = ask_in("-67062", NULL);
    assert_null(a.hits[0].matches[0].system);
    assert_int_equal(a.hits[0].matches[0].code, -67062);
    assert_string_equal(a.hits[0].matches[0].written, "-67062");

    a = ask_in("0xe0004123", NULL);
    assert_int_equal(a.hits[0].kind, DEXT_ERROR_UNKNOWN_NUMBER);
    assert_int_equal(a.hits[0].split.system, 0x38);
    assert_string_equal(a.hits[0].split.system_name, "iokit");
    assert_string_equal(a.hits[0].split.subsystem_name, "usb");
    assert_int_equal(a.hits[0].split.code, 0x123);

    a = ask_in("0x100000abc", NULL);
    assert_int_equal(a.hits[0].kind, DEXT_ERROR_TOO_WIDE);

    a = ask_in("  '0xe00002c7' ", NULL);
    assert_int_equal(a.hits[0].offset, 3);
}

static void test_nearest(void **state)
{
    (void)state;
    static const struct pair list[] = {
        {"kIOReturnNotPermited", "kIOReturnNotPermitted"},
        {"NotPermited", "kIOReturnNotPermitted"},
        {"errSecCSUnsinged", "errSecCSUnsigned"},
        {"KERN_INVALID_ADRESS", "KERN_INVALID_ADDRESS"},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct dext_error_answer a = ask_in(list[i].text, NULL);
        assert_int_equal(a.hits[0].kind, DEXT_ERROR_UNKNOWN_NAME);
        assert_string_equal(a.hits[0].nearest, list[i].want);
    }
    assert_null(ask_in("qqqqqqqqqqqqqqqqqq", NULL).hits[0].nearest);
    assert_null(ask_in("zq", NULL).hits[0].nearest);
}

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool bare;
        enum dx_form form;
        size_t n;
        bool wide;
        uint32_t value;
    } list[] = {
        {"0x1f", false, DX_HEX, 4, false, 0x1f},
        {"0x1fg", false, DX_NONE, 0, false, 0},
        {"0x", false, DX_NONE, 0, false, 0},
        {"-1", false, DX_DECIMAL, 2, false, UINT32_MAX},
        {"-2147483648", false, DX_DECIMAL, 11, false, 0x80000000},
        {"-2147483649", false, DX_DECIMAL, 11, true, 0x7fffffff},
        {"4294967295", false, DX_DECIMAL, 10, false, UINT32_MAX},
        {"4294967296", false, DX_DECIMAL, 10, true, 0},
        {"99999999999999999999999", false, DX_DECIMAL, 23, true, 0},
        {"0xffffffff7fffffff", false, DX_HEX, 18, true, 0x7fffffff},
        {"0xffffffff80000000", false, DX_HEX, 18, false, 0x80000000},
        {"0x00000000000000000000e00002c7", false, DX_HEX, 30, false, 0xe00002c7},
        {"abc", false, DX_NONE, 0, false, 0},
        {"abc", true, DX_BARE_HEX, 3, false, 0xabc},
        {"-abc", true, DX_NONE, 0, false, 0},
        {"-", true, DX_NONE, 0, false, 0},
        {"12_", true, DX_NONE, 0, false, 0},
        {"", true, DX_NONE, 0, false, 0},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct dx_number d = dx_number_at(list[i].text, strlen(list[i].text), list[i].bare);
        assert_int_equal(d.form, list[i].form);
        assert_int_equal(d.n, list[i].n);
        assert_int_equal(d.wide, list[i].wide);
        if (list[i].form != DX_NONE && strlen(list[i].text) < 20) {
            assert_int_equal(d.value, list[i].value);
        }
    }
}

/* Every name and every number of the data leads back to its row. */
static void test_every_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < kb_error_count; i++) {
        const struct kb_error *row = &kb_error_rows[i];
        struct dx_refs refs = {.count = 0};
        dx_refs_by_name(&refs, dx_str(kb_s(row->name)), DX_SCOPE_ALL, true);
        bool by_name = false, by_value = false;
        for (size_t k = 0; k < refs.count; k++) {
            by_name |= refs.row[k] == i;
        }
        refs.count = 0;
        dx_refs_by_value(&refs, (uint32_t)row->value, DX_SCOPE_ALL);
        assert_true(refs.count < DX_ERROR_REFS);
        for (size_t k = 0; k < refs.count; k++) {
            by_value |= refs.row[k] == i;
        }
        assert_true(by_name && by_value);
        assert_true(row->value >= INT32_MIN && row->value <= UINT32_MAX);
        assert_string_equal(kb_s(kb_error_domain_rows[dx_domain_of(row)].domain),
                            kb_s(row->domain));
        const char *summary = kb_s(row->summary);
        assert_true(strlen(summary) <= 160 && summary[strlen(summary) - 1] != '.');
    }
    assert_true(kb_error_domain_count <= 64); /* dx_scope has that many bits */
}

/* mach_error_string's texts name numbers that the data holds. */
static void test_mach_texts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t value;
    } list[] = {
        {"(iokit/common) not permitted", 0xe00002e2},
        {"(IOKIT/common) not permitted", 0xe00002e2},
        {"(iokit/common) NOT permitted", 0xe00002e2},
        {"(iokit/common) not ready", 0xe00002d8},
        {"(os/kern) invalid argument", 4},
        {"(os/kern) invalid", 0},
        {"(libkern/kext) not found", 0xdc008006},
        {"(ipc/mig) server died", (uint32_t)-308},
        {"(no/such) thing", 0},
        {"(", 0},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        uint32_t value = 0;
        size_t n = dx_mach_text(list[i].text, strlen(list[i].text), &value);
        assert_int_equal(value, list[i].value);
        assert_int_equal(n, list[i].value ? strlen(list[i].text) : 0);
    }
}

static void test_lists(void **state)
{
    (void)state;
    struct dext_error_domain d;
    size_t total = 0, domains = 0;
    for (; dext_error_domain_at(domains, &d); domains++) {
        const struct dext_error *rows;
        size_t count;
        assert_int_equal(dext_errors_list(errors, d.name, &rows, &count), DEXT_OK);
        assert_int_equal(count, d.count);
        assert_true(count > 0);
        total += count;
        for (size_t i = 1; i < count; i++) {
            assert_true(rows[i].name != rows[i - 1].name);
        }
    }
    assert_int_equal(domains, kb_error_domain_count);
    assert_int_equal(total, kb_error_count);
    const struct dext_error *rows;
    size_t count;
    assert_int_equal(dext_errors_list(errors, "nonesuch", &rows, &count), DEXT_E_NOTFOUND);
    assert_int_equal(count, 0);
}

/* A hostile line: many codes, zero bytes, no end. */
static void test_bounds(void **state)
{
    (void)state;
    struct dext_error_answer a;
    size_t n = 200000;
    char *text = malloc(n);
    assert_non_null(text);
    for (size_t i = 0; i < n; i++) {
        text[i] = "error -67062 kIOReturnXyzzy 0xe00002c7\0(iokit/common) "[i % 55];
    }
    assert_int_equal(dext_errors_ask(errors, &a, text, n, NULL), DEXT_OK);
    assert_true(a.count >= 3 && a.count <= 100);
    memset(text, '(', n);
    assert_int_equal(dext_errors_ask(errors, &a, text, n, NULL), DEXT_OK);
    memset(text, '1', n);
    assert_int_equal(dext_errors_ask(errors, &a, text, n, NULL), DEXT_OK);
    memset(text, 'k', n);
    assert_int_equal(dext_errors_ask(errors, &a, text, n, NULL), DEXT_OK);
    free(text);
}

static int open_errors(void **state)
{
    (void)state;
    errors = dext_errors_new();
    return 0;
}

static int close_errors(void **state)
{
    (void)state;
    dext_errors_free(errors);
    dext_errors_free(NULL);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),      cmocka_unit_test(test_lines),
        cmocka_unit_test(test_no_codes),   cmocka_unit_test(test_ranking),
        cmocka_unit_test(test_unknown),    cmocka_unit_test(test_domain),
        cmocka_unit_test(test_parts),      cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_numbers),    cmocka_unit_test(test_every_row),
        cmocka_unit_test(test_mach_texts), cmocka_unit_test(test_lists),
        cmocka_unit_test(test_bounds),
    };
    return cmocka_run_group_tests(tests, open_errors, close_errors);
}
