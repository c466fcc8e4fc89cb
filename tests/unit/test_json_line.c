/* The short way through a line of JSON against jansson: what it is sure of, jansson says as well.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "logs/json_line.h"

static void same_field(const json_t *object, const char *key, const struct dx_json_raw *raw,
                       const char *text)
{
    const json_t *v = json_object_get(object, key);
    struct dx_arena a = {0};
    struct dx_buf b;
    dx_buf_init(&b, &a, SIZE_MAX);
    if (raw->p) {
        dx_json_raw_add(&b, raw);
    }
    struct dx_str s = dx_buf_str(&b);
    if (json_is_string(v) != (raw->p != NULL) ||
        (raw->p && (s.n != json_string_length(v) || memcmp(s.p, json_string_value(v), s.n) != 0))) {
        print_error("%s: %s is '%.*s'\n", text, key, (int)s.n, s.p);
        fail();
    }
    dx_arena_free(&a);
}

/* Whether the short way is sure. */
static bool compare(const char *data, size_t n, bool open)
{
    struct dx_json_line line;
    if (!dx_json_line(&line, (struct dx_str){data, n}, open)) {
        return false;
    }
    char *text = malloc(n + 3);
    assert_non_null(text);
    (void)snprintf(text, n + 3, open ? "%.*s" : "{%.*s}", (int)n, data);
    json_t *object = json_loads(text, JSON_ALLOW_NUL | (open ? JSON_DISABLE_EOF_CHECK : 0), NULL);
    if (!object) {
        print_error("%s: jansson does not take it\n", text);
        fail();
    }
    same_field(object, "eventMessage", &line.message, text);
    same_field(object, "processImagePath", &line.path, text);
    json_decref(object);
    free(text);
    return true;
}

#define LINE                                                                                       \
    "{\"traceID\":74088,\"eventMessage\":\"DK: a\\/b \\\"c\\\" \\\\ "                              \
    "\xc3\xa4\\n\",\"source\":null,"                                                               \
    "\"backtrace\":{\"frames\":[{\"imageOffset\":-12,\"x\":[]},{}]},\"a\":1.25,\"b\":true,"        \
    "\"processImagePath\":\"\\/usr\\/libexec\\/amfid\",\"creatorActivityID\":false}"

static void sure(void **state)
{
    static const struct {
        bool open, sure;
        const char *text;
    } cases[] = {
        {true, true, LINE},
        {true, true, LINE ",{"},
        {true, true, "{}"},
        {true, true, &" {}"[1]},
        {true, true, "{ \"eventMessage\" : \"a\" , \"eventMessage\" : null }"},
        {true, true, "{\"x\":{\"eventMessage\":\"inner\"},\"processImagePath\":1}"},
        {true, true, "{\"a\":123456789012345678}"},
        {false, true, "\"eventMessage\" : \"a b\""},
        {false, true, "\"eventMessage\":\"a\",\"b\":1 "},
        {true, true, "{\"a\":9223372036854775807,\"b\":-9223372036854775807}"},
        {true, false, "{\"a\":9223372036854775808}"},
        {true, false, "{\"a\":12345678901234567890}"},
        {true, false, "{\"a\":1e5}"},
        {true, false, "{\"a\":01}"},
        {true, false, "{\"a\":-}"},
        {true, false, "{\"a\":nullx}"},
        {true, false, "{\"a\":\"\\u0041\"}"},
        {true, false, "{\"event\\/Message\":1}"},
        {true, false, "{\"a\":\"\x01\"}"},
        {true, false, "{\"a\":\"\xc3\"}"},
        {true, false, "{\"a\":\"\xed\xa0\x80\"}"},
        {true, false, "{\"a\":1,}"},
        {true, false, "{\"a\":[1,]}"},
        {true, false, "{\"a\":1"},
        {true, false, "{\"a"},
        {true, false, "{"},
        {false, false, "\"eventMessage\" : \"a\"}"},
        {false, false, "\"eventMessage\""},
        {false, false, "\"eventMessage\" : \"a"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (compare(cases[i].text, strlen(cases[i].text), cases[i].open) != cases[i].sure) {
            print_error("%s: %s\n", cases[i].text, cases[i].sure ? "is sure" : "is not sure");
            fail();
        }
    }
}

/* Bytes changed, left out, put in: nothing is taken that jansson reads otherwise. */
static void damaged(void **state)
{
    static const char parts[] = "\"\\{}[],:/ 0123456789.-eEtrufalsn\x01\xc3\xa4\xe2\x82\xac";
    (void)state;
    uint32_t seed = 1;
    size_t taken = 0;
    for (int round = 0; round < 60000; round++) {
        char text[] = LINE;
        size_t n = sizeof text - 1;
        for (unsigned change = 0; change <= seed % 3; change++) {
            seed = seed * 1664525U + 1013904223U;
            size_t at = (seed >> 8) % n;
            char c = parts[(seed >> 4) % (sizeof parts - 1)];
            if (seed >> 30 == 0) {
                memmove(text + at, text + at + 1, n - at);
                n--;
            } else {
                text[at] = c;
            }
        }
        taken += *text == '{' && compare(text, n, true);
        taken += compare(text + 1, n - 2, false);
    }
    assert_true(taken > 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sure), cmocka_unit_test(damaged)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
