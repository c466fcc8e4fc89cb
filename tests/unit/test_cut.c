/* What each line of a text belongs to, whatever stands around it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "explain/cut.h"

/* A letter a line: what it is taken for. */
static void is_cut(const char *text, const char *want)
{
    static const char letters[] = ".pocqOLSPCIKDVFHYXJ";
    struct dx_arena a = {0};
    struct dx_cut cut;
    char have[64] = "";
    dx_cut_text(&cut, dx_str(text), &a);
    for (size_t i = 0; i < cut.lines && i < sizeof have - 1; i++) {
        have[i] = letters[cut.what[i]];
    }
    dx_arena_free(&a);
    if (strcmp(have, want) != 0) {
        fail_msg("cut as %s, not %s: %s", have, want, text);
    }
}

static void pieces(void **state)
{
    (void)state;
    is_cut("My driver does not start, why?\n\n"
           "Process:               com.acme.driver [5942]\n"
           "Path:                  /Library/SystemExtensions/*/com.acme.driver\n"
           "Exception Type:        EXC_BAD_ACCESS (SIGSEGV)\n"
           "Termination Reason:    Namespace SIGNAL, Code 0xb\n"
           "\nThank you for any help!\n",
           "p.CCCC.p");
    is_cut("> --- com.apple.system_extension.driver_extension\n"
           "> *\t*\tABCDE12345\tcom.acme.driver (1.0/1)\tAcme\t[activated enabled]\n"
           "It is there, but I see nothing.\n",
           "SSp");
    is_cut("panic(cpu 0 caller 0xfffffe00135220bc): Kernel data abort. at pc 0xfffffe001327947c\n"
           "secure boot?: YES\n"
           "CORE 0 is the one that panicked. Check the full backtrace for details.\n"
           "com.apple.iokit.IOAudioFamily\t440.2\n",
           "PPPP");
    is_cut("```\n      Kernel Extensions in backtrace:\n"
           "         "
           "org.acme.fs(2.3.1)[F8287B3A-8CA2-3DB7-B123-2A3218172C76]@0xfffffe004f224000\n```\n",
           ".PP.");
    is_cut("kernel: DK: Acme-0x100000abc: provider entitlements check failed\n"
           "What does this line mean?\n",
           "Lp");
    is_cut("<key>IOClass</key>\n<string>IOUserService</string>\n", "XX");
    is_cut("$ systemextensionsctl list\n0 extension(s)\n", "qS");
    is_cut("1. com.acme.driver: failed at \"start\" (confidence high)  [crashed-in-start]\n"
           "  The process of the driver ended while Start ran\n",
           "OO");
    is_cut("kern_return_t ret = Create(provider);\nreturn ret;\n", "cc");
}

static void places(void **state)
{
    (void)state;
    struct dx_arena a = {0};
    struct dx_cut cut;
    dx_cut_text(&cut, dx_str("I ask this:\n> 0 extension(s)\nWhy is that so?\n"), &a);
    assert_string_equal(dx_cut_copy(&cut, DX_CUT_BIT(DX_CUT_LIST), &a).p, "\n0 extension(s)\n\n");
    assert_string_equal(dx_cut_copy(&cut, DX_CUT_BIT(DX_CUT_PROSE), &a).p,
                        "I ask this:\n\nWhy is that so?\n");
    dx_arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(pieces), cmocka_unit_test(places)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
