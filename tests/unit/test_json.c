#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/json.h"
#include "app/json_place.h"

static struct json j;
static char *text;
static size_t size;

static void begin(bool pretty)
{
    json_open(&j, open_memstream(&text, &size), pretty);
}

static void expect(const char *want)
{
    assert_int_equal(fclose(j.out), 0);
    assert_string_equal(text, want);
    free(text);
}

static void test_pretty(void **state)
{
    (void)state;
    begin(true);
    json_begin(&j, '{');
    json_kstr(&j, "a", "x");
    json_kstr(&j, "none", NULL);
    json_kint(&j, "n", INT64_MIN);
    json_kbool(&j, "b", true);
    json_kbegin(&j, "empty", '[');
    json_end(&j, ']');
    json_kbegin(&j, "list", '[');
    json_int(&j, 1);
    json_begin(&j, '{');
    json_end(&j, '}');
    json_none(&j);
    json_bool(&j, false);
    json_end(&j, ']');
    json_end(&j, '}');
    json_done(&j);
    expect("{\n  \"a\": \"x\",\n  \"none\": null,\n  \"n\": -9223372036854775808,\n  \"b\": true,\n"
           "  \"empty\": [],\n  \"list\": [\n    1,\n    {},\n    null,\n    false\n  ]\n}\n");
}

static void test_one_line(void **state)
{
    (void)state;
    begin(false);
    for (int i = 0; i < 2; i++) {
        json_begin(&j, '{');
        json_kint(&j, "a", i);
        json_kint(&j, "b", i);
        json_end(&j, '}');
        json_done(&j);
    }
    expect("{\"a\": 0, \"b\": 0}\n{\"a\": 1, \"b\": 1}\n");
}

static void test_escapes(void **state)
{
    (void)state;
    begin(false);
    json_strn(&j, "\"\\\n\t\r\0\x1b\x7f/\xc3\xa9", 11);
    expect("\"\\\"\\\\\\n\\t\\u000d\\u0000\\u001b\\u007f/\xc3\xa9\"");
    begin(false);
    json_str(&j, "\xff|\xc3|\xed\xa0\x80|\xf0\x9f\x98\x80");
    expect("\"\xef\xbf\xbd|\xef\xbf\xbd|\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd|\xf0\x9f\x98\x80\"");
}

/* Eight bytes at a time are copied where none needs a second look: each byte, at each place, in a
 * page and out of one, comes out as it does alone. */
static void test_words(void **state)
{
    (void)state;
    for (int html = 0; html < 2; html++) {
        for (int c = 0; c < 256; c++) {
            char odd[16], one = (char)c, in[17], want[64];
            begin(false);
            j.html = html;
            json_strn(&j, &one, 1);
            assert_int_equal(fclose(j.out), 0);
            (void)snprintf(odd, sizeof odd, "%.*s", (int)size - 2, text + 1);
            free(text);
            for (int at = 0; at < 16; at++) {
                memset(in, 'a', 16);
                in[at] = one;
                (void)snprintf(want, sizeof want, "\"%.*s%s%.*s\"", at, "aaaaaaaaaaaaaaaa", odd,
                               15 - at, "aaaaaaaaaaaaaaaa");
                begin(false);
                j.html = html;
                json_strn(&j, in, 16);
                expect(want);
            }
        }
    }
}

static void test_numbers(void **state)
{
    (void)state;
    begin(false);
    json_begin(&j, '[');
    json_int(&j, 0);
    json_int(&j, -1);
    json_int(&j, INT64_MIN);
    json_int(&j, INT64_MAX);
    json_uint(&j, UINT64_MAX);
    json_end(&j, ']');
    expect("[0, -1, -9223372036854775808, 9223372036854775807, 18446744073709551615]");
}

static void test_text(void **state)
{
    (void)state;
    char *got = json_text("a\xff\n\xc3\xa9");
    assert_string_equal(got, "a\xef\xbf\xbd\n\xc3\xa9");
    free(got);
}

static void expect_place(const struct json_step *steps, size_t count, bool at_key, unsigned line,
                         unsigned column)
{
    static const char source[] = "{\n  \"a\": [1, \"]\\\"}\", {\"b\" : {}}],\n"
                                 "  \"\xc3\xa9\": 1, \"c\": {\"d\": [ ]}\n}\n";
    struct json_place at = json_place_of(source, steps, count, at_key);
    assert_int_equal(at.line, line);
    assert_int_equal(at.column, column);
}

static void test_places(void **state)
{
    (void)state;
    expect_place(NULL, 0, false, 1, 1);
    expect_place((struct json_step[]){{"a", 0}}, 1, true, 2, 3);
    expect_place((struct json_step[]){{"a", 0}}, 1, false, 2, 8);
    expect_place((struct json_step[]){{"a", 0}, {NULL, 1}}, 2, false, 2, 12);
    expect_place((struct json_step[]){{"a", 0}, {NULL, 2}, {"b", 0}}, 3, false, 2, 27);
    expect_place((struct json_step[]){{"c", 0}}, 1, true, 3, 11);
    expect_place((struct json_step[]){{"c", 0}, {"d", 0}}, 2, false, 3, 22);
    /* Nothing there: as far as it goes. */
    expect_place((struct json_step[]){{"c", 0}, {"x", 0}}, 2, true, 3, 16);
    expect_place((struct json_step[]){{"a", 0}, {NULL, 9}}, 2, false, 2, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pretty),  cmocka_unit_test(test_one_line),
        cmocka_unit_test(test_escapes), cmocka_unit_test(test_words),
        cmocka_unit_test(test_numbers), cmocka_unit_test(test_text),
        cmocka_unit_test(test_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
