/* Signs of panics against their examples; compact identifiers; authentication bits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kb.h"
#include "panic/panic.h"

static struct dext_ctx *ctx;

static const struct dext_panic *parse(const char *text)
{
    struct dext_panic *p = NULL;
    assert_int_equal(dext_panic_parse(&p, ctx, "test", text, strlen(text)), DEXT_OK);
    return p;
}

static void examples_match_their_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < kb_panic_count; i++) {
        const struct kb_panic *kb = &kb_panic_rows[i];
        char text[1024];
        (void)snprintf(text, sizeof text, "panic(cpu 0 caller 0xfffffe00): %s\n",
                       kb_s(kb->example));
        const struct dext_panic *p = parse(text);
        if (p->sign_count != 1 || strcmp(p->signs[0].id, kb_s(kb->panic)) != 0) {
            fail_msg("%s: its example has %zu signs, first %s", kb_s(kb->panic), p->sign_count,
                     p->sign_count ? p->signs[0].id : "none");
        }
    }
}

static void identifiers_are_expanded(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {">usb.!UHub", "com.apple.driver.usb.AppleUSBHub"},
        {"|IO!BHost!CTransport", "com.apple.iokit.IOBluetoothHostControllerTransport"},
        {"$quarantine", "com.apple.security.quarantine"},
        {"@filesystems.apfs", "com.apple.filesystems.apfs"},
        {">!A!IMCEReporter", "com.apple.driver.AppleIntelMCEReporter"},
        {"com.example.driver", NULL},
        {"odd!Z", NULL},
        {"!", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *have = dx_panic_expand(&ctx->arena, dx_str(rows[i][0]));
        if ((have == NULL) != (rows[i][1] == NULL) || (have && strcmp(have, rows[i][1]) != 0)) {
            fail_msg("%s became %s", rows[i][0], have ? have : "nothing");
        }
    }
}

static void pointers_lose_their_signature(void **state)
{
    (void)state;
    const struct dext_panic *p = parse("panic(cpu 1 caller 0xfffffe0000000001): x\n"
                                       "Panicked thread: 0x1, backtrace: 0x2, tid: 3\n"
                                       "\t\t lr: 0xcbaf7e0011927fc8  fp: 0x1\n"
                                       "\t\t lr: 0x00000001d45c190c  fp: 0x0\n");
    assert_int_equal(p->frame_count, 2);
    assert_true(p->frames[0].signed_pointer);
    assert_true(p->frames[0].address == UINT64_C(0xfffffe0011927fc8));
    assert_false(p->frames[1].signed_pointer);
    assert_true(p->frames[1].address == UINT64_C(0x1d45c190c));
    assert_int_equal(p->cpu, 1);
    assert_string_equal(p->reason, "x");
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
        cmocka_unit_test(examples_match_their_rows),
        cmocka_unit_test(identifiers_are_expanded),
        cmocka_unit_test(pointers_lose_their_signature),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
