/* Where the prefix of a line ends, in each style that log(1), Console.app, dmesg and people write.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "logs/log.h"

#define MESSAGE "kernel: DK: MyDriver-0x100000abc: provider entitlements check failed"

static void prefixes_are_cut(void **state)
{
    static const struct {
        enum dx_line_form form;
        const char *text, *message;
    } lines[] = {
        {DX_LINE_SYSLOG, "2026-01-15 10:00:00.123456+0100 0x1a2b Default 0x0 0 0 " MESSAGE,
         MESSAGE},
        {DX_LINE_SYSLOG, "2026-01-15 10:00:00.123456 +0100 0x1a2b Default 0x0 0 0 " MESSAGE,
         MESSAGE},
        {DX_LINE_SYSLOG, "2026-01-15 10:00:00.123456+0100  localhost " MESSAGE, MESSAGE},
        {DX_LINE_SYSLOG, "2026-01-15T10:00:00.123Z " MESSAGE, MESSAGE},
        {DX_LINE_SYSLOG, "2026/01/15 10:00:00 +0100 " MESSAGE, MESSAGE},
        {DX_LINE_COMPACT, "2026-01-15 10:00:00.123 Df " MESSAGE, MESSAGE},
        {DX_LINE_SYSLOG, "> 2026-01-15T10:00:00+01:00 " MESSAGE "\r", MESSAGE},
        {DX_LINE_CONSOLE, "default\t10:00:00.123456+0100\t" MESSAGE, MESSAGE},
        {DX_LINE_CONSOLE, "Error 10:00:00.123456 +0100 " MESSAGE, MESSAGE},
        {DX_LINE_CONSOLE, "error\t2026-01-15 10:00:00.123456 +0100\t" MESSAGE, MESSAGE},
        {DX_LINE_CONSOLE, "com.apple.sx default 10:00:00.123456+0100 " MESSAGE, MESSAGE},
        {DX_LINE_BSD, "Jan  5 10:00:00 MyMac kernel[0]: text", "kernel[0]: text"},
        {DX_LINE_SYSLOG, "[  389.798271]: DK: text", "DK: text"},
        {DX_LINE_SYSLOG, "[1389.798271] DK: text", "DK: text"},
        {DX_LINE_SYSLOG, "[2026-01-15 10:00:00.123] [info] [agent] text", "[info] [agent] text"},
        {DX_LINE_NAMED, MESSAGE, MESSAGE},
        {DX_LINE_NAMED, "`amfid[71]: text", "amfid[71]: text"},
        {DX_LINE_NAMED, "kernelmanagerd Launching dext", "kernelmanagerd Launching dext"},
        {DX_LINE_BARE, "kernel panics are another matter", "kernel panics are another matter"},
        {DX_LINE_BARE, "kernelspace", "kernelspace"},
        {DX_LINE_BARE, "kernel", "kernel"},
        {DX_LINE_BARE, "DK: text", "DK: text"},
        {DX_LINE_BARE, "default settings were used", "default settings were used"},
        {DX_LINE_BARE, "[activated enabled] text", "[activated enabled] text"},
        {DX_LINE_BARE, "[]", "[]"},
        {DX_LINE_BARE, "2026-01-15 is a day", "2026-01-15 is a day"},
        {DX_LINE_BARE, ">", ""},
        {DX_LINE_BARE, "", ""},
        {DX_LINE_HEADER, "Timestamp                       Thread     Type", NULL},
    };
    (void)state;
    struct dx_arena a = {NULL, 0};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct dx_line l = dx_line_parse(dx_str(lines[i].text), &a);
        if (l.form != lines[i].form ||
            (lines[i].message && !dx_str_is(l.message, lines[i].message))) {
            print_error("%s: form %d, message '%.*s'\n", lines[i].text, (int)l.form,
                        (int)l.message.n, l.message.p);
            fail();
        }
    }
    dx_arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prefixes_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
