/* Who logged a line and when (lib/logs/logger.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "logs/log.h"

static void is(struct dx_str s, const char *text)
{
    assert_int_equal(s.n, strlen(text));
    assert_memory_equal(s.p, text, s.n);
}

static void every_style(void **state)
{
    (void)state;
    static const struct {
        const char *line, *time, *process, *image, *subsystem, *category;
        long long pid, thread;
    } cases[] = {
        {"2026-01-15 12:34:56.123456+0100 0x1c4      Default     0x0                  310    14   "
         "sysextd: (IOKit) [com.apple.sx:realizer] x",
         "2026-01-15T12:34:56.123456+01:00", "sysextd", "IOKit", "com.apple.sx", "realizer", 310,
         0x1c4},
        {"2026-01-15 12:34:56.123456+0100  localhost kernel[0]: (com.example.disk.dext) x",
         "2026-01-15T12:34:56.123456+01:00", "kernel", "com.example.disk.dext", "", "", 0, 0},
        {"2026-01-15 12:34:56.123 Df kernel[0:1a2b] [com.apple.a:] x", "2026-01-15T12:34:56.123",
         "kernel", "", "com.apple.a", "", 0, 0x1a2b},
        {"2026-01-15 12:34:56.123 E  com.example.disk[901:103] x", "2026-01-15T12:34:56.123",
         "com.example.disk", "", "", "", 901, 0x103},
        {"{\"eventMessage\":\"\\\"processID\\\":7\",\"processID\":310,\"threadID\":452,"
         "\"processImagePath\":\"/usr/libexec/sysextd\",\"senderImagePath\":\"/usr/lib/a.dylib\","
         "\"subsystem\":\"com.apple.sx\",\"category\":\"c\","
         "\"timestamp\":\"2026-01-15 12:34:56.5-0800\"}",
         "2026-01-15T12:34:56.5-08:00", "sysextd", "a.dylib", "com.apple.sx", "c", 310, 452},
        /* as log(1) writes it */
        {"{\"processImagePath\":\"\\/usr\\/libexec\\/sysextd\",\"senderImagePath\":\"\\/usr\\/"
         "lib\\/a.dylib\","
         "\"subsystem\":\"a\\\"b\",\"category\":\"\\u0041\",\"processID\":310}",
         "", "sysextd", "a.dylib", "a\"b", "", 310, 0},
        {"{\"processImagePath\":\"\\/usr\\", "", "", "", "", "", -1, 0},
        {"2026-01-15T11:34:56Z x", "2026-01-15T11:34:56Z", "", "", "", "", -1, 0},
        {"kernel: DK: x", "", "", "", "", "", -1, 0},
        {"2026-01-15 12:34", "", "", "", "", "", -1, 0},
        {"2026-01-15 12:34:56.123 Df kernel[", "2026-01-15T12:34:56.123", "", "", "", "", -1, 0},
        {"{\"processID\":", "", "", "", "", "", -1, 0},
        {"", "", "", "", "", "", -1, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct dx_arena a = {.head = NULL};
        struct dx_logger by;
        dx_line_logger((struct dx_str){cases[i].line, strlen(cases[i].line)}, &a, &by);
        assert_string_equal(by.time, cases[i].time);
        is(by.process, cases[i].process);
        is(by.image, cases[i].image);
        is(by.subsystem, cases[i].subsystem);
        is(by.category, cases[i].category);
        assert_true(by.pid == cases[i].pid);
        assert_true(by.thread == (uint64_t)cases[i].thread);
        dx_arena_free(&a);
    }
}

static void folders(void **state)
{
    (void)state;
    static const char uuid[] = "01234567-89AB-CDEF-0123-456789abcdef";
    char text[200];
    (void)snprintf(text, sizeof text,
                   "x /Library/SystemExtensions/.staging/a /Library/SystemExtens"
                   "ions/%s/com.example.disk.dext",
                   uuid);
    is(dx_staging_in(dx_str(text)), uuid);
    (void)snprintf(text, sizeof text, "/Library/SystemExtensions/%s", uuid); /* cut, perhaps */
    is(dx_staging_in(dx_str(text)), "");
    is(dx_staging_in(dx_str("/Library/SystemExtensions/0/com.example.disk.dext")), "");
    is(dx_staging_in(dx_str("")), "");
}

static void times(void **state)
{
    (void)state;
    struct dx_logger by;
    dx_logger_time(&by, 1768476896123456789, 60);
    assert_string_equal(by.time, "2026-01-15T12:34:56.123456+01:00");
    dx_logger_time(&by, 0, -570);
    assert_string_equal(by.time, "1969-12-31T14:30:00.000000-09:30");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_style), cmocka_unit_test(folders),
                                       cmocka_unit_test(times)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
