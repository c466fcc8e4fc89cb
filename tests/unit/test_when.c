/* When a line of a log was written (lib/logs/when.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "logs/log.h"

static void styles_and_zones(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        int64_t seconds, nanoseconds;
    } cases[] = {
        {"2026-01-15 12:34:56.123456+0100 mac kernel[0]: x", 1768476896, 123456000},
        {"2026-01-15 11:34:56.123456+0000 0x1f0 Default 0x0 0 0 kernel: x", 1768476896, 123456000},
        {"2026-01-15T11:34:56Z x", 1768476896, 0},
        {"2026-01-15 06:04:56-0530 x", 1768476896, 0},
        {"2026-01-15 11:34:56 UTC x", 1768476896, 0},
        {"{\"eventMessage\":\"x\",\"timestamp\":\"2026-01-15 12:34:56.5+0100\"}", 1768476896,
         500000000},
        {"  {\n    \"timestamp\" : \"2024-02-29 00:00:00.000000+0000\",", 1709164800, 0},
        {"1970-01-01 00:00:01+0000 x", 1, 0},
        /* no zone, no date, no time, out of range, cut */
        {"2026-01-15 12:34:56.123 Df kernel[0:1a] x", 0, 0},
        {"kernel: x at 2026-01-15 12:34:56+0100", 0, 0},
        {"2026-13-15 12:34:56+0100 x", 0, 0},
        {"2026-01-15 12:34", 0, 0},
        {"2262-01-15 12:34:56+0100 x", 0, 0},
        {"9999-01-15 12:34:56+0100 x", 0, 0},
        {"{\"timestamp\":", 0, 0},
        {"", 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct dx_str line = {cases[i].line, strlen(cases[i].line)};
        assert_int_equal(dx_line_when(line), cases[i].seconds * 1000000000 + cases[i].nanoseconds);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(styles_and_zones)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
