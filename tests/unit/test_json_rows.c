/* Arrays of JSON as one object a line: what comes out does not depend on how the text is cut, so
 * that 64 bytes at a time are held against one byte at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/bits.h"
#include "logs/json_rows.h"

static uint64_t state = 20261130;

static size_t below(size_t n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (size_t)(state % n);
}

struct text {
    char p[8192];
    size_t n;
};

static void put(struct text *t, const char *s)
{
    size_t n = strlen(s);
    assert_true(t->n + n <= sizeof t->p);
    memcpy(t->p + t->n, s, n);
    t->n += n;
}

static bool keep(void *user, const char *data, size_t size)
{
    struct text *t = user;
    assert_true(t->n + size <= sizeof t->p);
    memcpy(t->p + t->n, data, size);
    t->n += size;
    return true;
}

/* chunk 0: any sizes. */
static void rows_of(struct text *out, const struct text *in, size_t chunk)
{
    struct dx_json_rows r = {.depth = 0};
    out->n = 0;
    for (size_t i = 0, n; i < in->n; i += n) {
        n = chunk ? chunk : 1 + below(400);
        n = n < in->n - i ? n : in->n - i;
        assert_true(dx_json_rows(&r, in->p + i, n, false, keep, out));
    }
    assert_true(dx_json_rows(&r, "", 0, true, keep, out));
}

static void arrays_become_lines(void **unused)
{
    (void)unused;
    static const char *const cases[][2] = {
        {"[{\"a\":1},{\"a\":2}]", "{\"a\":1}\n{\"a\":2}\n"},
        {"[{\"a\":\"},{\"},{\"b\":[{\"c\":1},{\"c\":2}]}]\n",
         "{\"a\":\"},{\"}\n{\"b\":[{\"c\":1},{\"c\":2}]}\n "},
        {"[{\n \"a\":1\n},{\n \"a\":2\n}]\n", "{\n \"a\":1\n} {\n \"a\":2\n} \n"},
        {"[{\"a\":1},\n{\"a\":2}]", "{\"a\":1}\n {\"a\":2}\n"},
        {"{\"a\":1}\n{\"a\":2}\n", "{\"a\":1}\n{\"a\":2}\n"},
        {"[1,2]", "[1,2]"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text in = {.n = 0}, out;
        put(&in, cases[i][0]);
        rows_of(&out, &in, sizeof in.p);
        assert_int_equal(out.n, strlen(cases[i][1]));
        assert_memory_equal(out.p, cases[i][1], out.n);
    }
}

static void put_value(struct text *t, unsigned depth)
{
    static const char *const parts[] = {"\\\\", "\\\"", "\\/", "{",     "}", "[",
                                        "]",    ",",    ":",   "plain", "x", " and more of it"};
    static const char *const spaces[] = {"", "", " ", "\n  "};
    switch (below(depth < 3 ? 5 : 3)) {
    case 0:
        put(t, "12.5");
        break;
    case 3:
        put(t, "[");
        put_value(t, depth + 1);
        put(t, spaces[below(4)]);
        put(t, ",{}]");
        break;
    case 4:
        put(t, "{\"k\":");
        put_value(t, depth + 1);
        put(t, spaces[below(4)]);
        put(t, "}");
        break;
    default:
        put(t, "\"");
        for (size_t i = below(12); i; i--) {
            put(t, parts[below(sizeof parts / sizeof *parts)]);
        }
        put(t, "\"");
    }
}

static void cuts_change_nothing(void **unused)
{
    (void)unused;
    static const char *const between[] = {",", ",\n", " , ", "\n,"};
    for (size_t round = 0; round < 3000; round++) {
        struct text in = {.n = 0}, one, out;
        put(&in, "[");
        for (size_t i = below(5); i; i--) {
            put(&in, "{\"eventMessage\":");
            put_value(&in, 0);
            put(&in, below(3) ? ",\"traceID\":" : ",\n\"traceID\":");
            put_value(&in, 0);
            put(&in, "}");
            put(&in, i > 1 ? between[below(4)] : "");
        }
        put(&in, "]\n");
        rows_of(&one, &in, 1);
        for (size_t chunk = 0; chunk < 200; chunk += 67) {
            rows_of(&out, &in, chunk);
            assert_int_equal(out.n, one.n);
            assert_memory_equal(out.p, one.p, one.n);
        }
        rows_of(&out, &in, sizeof in.p);
        assert_int_equal(out.n, one.n);
        assert_memory_equal(out.p, one.p, one.n);
    }
}

static void bytes_are_compared_as_one_by_one(void **unused)
{
    (void)unused;
    for (size_t round = 0; round < 20000; round++) {
        char bytes[64];
        unsigned char fold = below(2) ? 0x20 : 0, c = (unsigned char)(below(256) | fold);
        uint64_t expected = 0, odd = 0;
        for (size_t i = 0; i < 64; i++) {
            bytes[i] = (char)(below(3) ? c ^ (unsigned char)(below(3) << 5) : below(256));
            expected |= (uint64_t)(((unsigned char)bytes[i] | fold) == c) << i;
        }
        assert_true(dx_equal64(bytes, fold, c) == expected);
        assert_true(dx_equal64_plain(bytes, fold, c) == expected);
        for (size_t i = 0; i < 64; i++) {
            bool before = i && odd >> (i - 1) & 1;
            odd |= (uint64_t)(before != (expected >> i & 1)) << i;
        }
        assert_true(dx_parity64(expected) == odd);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrays_become_lines),
        cmocka_unit_test(cuts_change_nothing),
        cmocka_unit_test(bytes_are_compared_as_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
