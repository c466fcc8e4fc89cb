/* Lines for a terminal (src/app/fold.h): what is wider is folded, and nothing is lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/fold.h"
#include "app/term.h"

struct roll {
    struct app app;
    FILE *to;
    char *text;
    size_t size;
};

static void roll_open(struct roll *r, size_t width)
{
    memset(r, 0, sizeof *r);
    r->to = open_memstream(&r->text, &r->size);
    r->app.out = r->to;
    r->app.out_tty = true;
    assert_non_null(r->app.out);
    fold_open(&r->app, width);
}

static void roll_end(struct roll *r)
{
    fold_close(&r->app);
    assert_ptr_equal(r->app.out, r->to);
    assert_false(r->app.lost);
    assert_int_equal(fclose(r->app.out), 0);
}

static void folded(size_t width, const char *given, const char *want)
{
    struct roll r;
    roll_open(&r, width);
    (void)fputs(given, r.app.out);
    roll_end(&r);
    assert_string_equal(r.text, want);
    free(r.text);
}

static void what_fits_stays(void **state)
{
    (void)state;
    folded(20, "", "");
    folded(20, "\n\n  a  b\n", "\n\n  a  b\n");
    folded(20, "12345678901234567890\n", "12345678901234567890\n");
    folded(20, "no line end", "no line end");
    folded(20, "  trailing blanks  \n", "  trailing blanks  \n");
}

static void a_line_goes_on_below_its_text(void **state)
{
    (void)state;
    folded(20, "  one two three four five\n", "  one two three four\n      five\n");
    folded(20, "  -  one two three four\n", "  -  one two three\n     four\n");
    folded(20, " 12. one two three four\n", " 12. one two three\n     four\n");
    folded(20, "  name   one two three four five\n",
           "  name   one two\n         three four\n         five\n");
}

static void one_thing_stays_together(void **state)
{
    (void)state;
    folded(24, "  Node@1  <Class, id 0x11>  busy 1\n",
           "  Node@1\n      <Class, id 0x11>\n      busy 1\n");
}

static void a_long_word_stays_whole(void **state)
{
    (void)state;
    folded(10, "  -  https://example.com/a/b c\n", "  -  https://example.com/a/b\n     c\n");
    folded(10, "abcdef https://example.com/a/b\n", "abcdef\n    https://example.com/a/b\n");
    folded(10, "https://example.com/a/b\n", "https://example.com/a/b\n");
}

static void columns_are_those_of_the_terminal(void **state)
{
    (void)state;
    folded(10, "\033[1mone\033[0m two th\n", "\033[1mone\033[0m two th\n"); /* ten columns */
    folded(10, "\xe9\xa9\xb1\xe5\x8b\x95 \xe9\xa9\xb1\xe5\x8b\x95 a\n",
           "\xe9\xa9\xb1\xe5\x8b\x95 \xe9\xa9\xb1\xe5\x8b\x95\n    a\n");
    folded(10, "a\tbc d\n", "a\tbc\n    d\n");
}

static void what_is_copied_stays(void **state)
{
    struct roll r;
    (void)state;
    roll_open(&r, 10);
    (void)fputs("one two three\n", r.app.out);
    fold_exact(&r.app, true);
    fold_exact(&r.app, true);
    (void)fputs("one two three\n", r.app.out);
    fold_exact(&r.app, false);
    (void)fputs("one two three\n", r.app.out);
    fold_exact(&r.app, false);
    (void)fputs("one two three\n", r.app.out);
    roll_end(&r);
    assert_string_equal(r.text,
                        "one two\n    three\none two three\none two three\none two\n    three\n");
    free(r.text);
}

static void no_terminal_no_fold(void **state)
{
    struct app app = {.out = stdout};
    (void)state;
    fold_open(&app, 10);
    assert_ptr_equal(app.out, stdout);
    fold_exact(&app, true);
    fold_close(&app);
    assert_ptr_equal(app.out, stdout);
}

static void a_failed_write_is_told(void **state)
{
    (void)state;
    struct app app = {.out = fopen("/dev/full", "w"), .out_tty = true};
    if (!app.out) {
        skip();
    }
    fold_open(&app, 10);
    (void)fputs("one two three\n", app.out);
    fold_close(&app);
    assert_true(app.lost);
    (void)fclose(app.out);
}

/* Random text at any width: no word is lost, and none is changed. */
static void any_text(void **state)
{
    static const char *const bits[] = {" ",
                                       " ",
                                       "  ",
                                       "\n",
                                       "a",
                                       "bcd",
                                       "<x,",
                                       "-  ",
                                       "1. ",
                                       "/long/path/of/a/file",
                                       "\xe9\xa9\xb1",
                                       "\t",
                                       "\033[1m"};
    uint32_t seed = 1;
    (void)state;
    for (size_t round = 0; round < 4000; round++) {
        char given[600] = "";
        const size_t width = 4 + round % 37;
        for (size_t i = 0; i < 60; i++) {
            seed = seed * 1664525 + 1013904223;
            strncat(given, bits[(seed >> 16) % (sizeof bits / sizeof *bits)],
                    sizeof given - strlen(given) - 1);
        }
        struct roll r;
        roll_open(&r, width);
        (void)fputs(given, r.app.out);
        roll_end(&r);
        const char *a = given, *b = r.text;
        for (;;) {
            a += strspn(a, " \n");
            b += strspn(b, " \n");
            const size_t n = strcspn(a, " \n");
            assert_int_equal(n, strcspn(b, " \n"));
            assert_memory_equal(a, b, n);
            if (n == 0) {
                break;
            }
            a += n;
            b += n;
        }
        free(r.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_stays),
        cmocka_unit_test(a_line_goes_on_below_its_text),
        cmocka_unit_test(one_thing_stays_together),
        cmocka_unit_test(a_long_word_stays_whole),
        cmocka_unit_test(columns_are_those_of_the_terminal),
        cmocka_unit_test(what_is_copied_stays),
        cmocka_unit_test(no_terminal_no_fold),
        cmocka_unit_test(a_failed_write_is_told),
        cmocka_unit_test(any_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
