/* How text is set for people (src/view/page.h, src/app/term.h): columns, widths, wrapping. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/term.h"
#include "view/page.h"

struct sheet {
    struct app app;
    char *text;
    size_t size;
};

static void sheet_open(struct sheet *s, size_t width)
{
    memset(s, 0, sizeof *s);
    s->app.out = open_memstream(&s->text, &s->size);
    s->app.width = width;
    assert_non_null(s->app.out);
}

static void sheet_is(struct sheet *s, const char *want)
{
    assert_int_equal(fclose(s->app.out), 0);
    assert_string_equal(s->text, want);
    free(s->text);
}

static size_t columns_of(const char *s)
{
    return term_columns(s, strlen(s));
}

static void columns_count_what_is_seen(void **state)
{
    (void)state;
    assert_int_equal(columns_of(""), 0);
    assert_int_equal(columns_of("idVendor"), 8);
    assert_int_equal(columns_of("J\xc3\xbcrgen"), 6);
    assert_int_equal(columns_of("\xe9\xa9\xb1\xe5\x8b\x95"), 4); /* two ideographs */
    assert_int_equal(columns_of("e\xcc\x81"), 1);                /* e and a combining accent */
    assert_true(columns_of("\xf0\x9f\x94\x8c") == 2);            /* U+1F50C, an electric plug */
}

static void width_has_bounds(void **state)
{
    (void)state;
    const size_t given[] = {0, 1, 40, 50, 100, 101, 4000}, want[] = {80, 40, 40, 50, 100, 100, 100};
    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        struct app app = {.width = given[i]};
        assert_int_equal(page_width(&app), want[i]);
    }
}

static void paragraphs_wrap_at_the_width(void **state)
{
    (void)state;
    struct sheet s;
    sheet_open(&s, 40);
    page_paragraph(&s.app, "  why: ", 7,
                   "One driver wins in each category, and categories do not compete.");
    sheet_is(&s, "  why: One driver wins in each category,\n"
                 "       and categories do not compete.\n");
    sheet_open(&s, 100);
    page_paragraph(&s.app, "  why: ", 7,
                   "One driver wins in each category, and categories do not compete.");
    sheet_is(&s, "  why: One driver wins in each category, and categories do not compete.\n");
}

static void no_line_is_wider_than_the_page(void **state)
{
    (void)state;
    static const char text[] =
        "A personality names the nub that it wants in IOProviderClass, and the "
        "\xe9\xa9\xb1\xe5\x8b\x95\xe7\xa8\x8b\xe5\xba\x8f that runs on it in IOUserClass.";
    for (size_t width = 40; width <= 100; width++) {
        struct sheet s;
        sheet_open(&s, width);
        page_bullet(&s.app, text);
        assert_int_equal(fclose(s.app.out), 0);
        for (char *line = strtok(s.text, "\n"); line; line = strtok(NULL, "\n")) {
            assert_true(columns_of(line) <= width);
        }
        free(s.text);
    }
}

static void a_word_longer_than_the_page_is_left_whole(void **state)
{
    (void)state;
    struct sheet s;
    sheet_open(&s, 40);
    page_block(&s.app, 2, "see com.apple.developer.driverkit.family.scsicontroller");
    sheet_is(&s, "  see\n  com.apple.developer.driverkit.family.scsicontroller\n");
}

static void cells_stand_below_one_another(void **state)
{
    (void)state;
    struct sheet s;
    sheet_open(&s, 80);
    page_cell(&s.app, "\xe9\xa9\xb1\xe5\x8b\x95", 6);
    page_cell(&s.app, "x", 3);
    sheet_is(&s, "\xe9\xa9\xb1\xe5\x8b\x95    x    ");
}

static void what_drives_a_terminal_is_escaped(void **state)
{
    (void)state;
    struct sheet s;
    sheet_open(&s, 80);
    page_line(&s.app, "name", "a\x1b[31mred\nb");
    assert_int_equal(fclose(s.app.out), 0);
    assert_null(strchr(s.text, '\x1b'));
    assert_int_equal(strchr(s.text, '\n') - s.text, (ptrdiff_t)s.size - 1);
    free(s.text);
    sheet_open(&s, 80);
    page_line(&s.app, "name", "");
    sheet_is(&s, "");
}

static void lists_count(void **state)
{
    (void)state;
    static const char *const steps[] = {"unplug it", "plug it in"};
    struct sheet s;
    sheet_open(&s, 80);
    page_bullets(&s.app, "To check", steps, 2, true);
    sheet_is(&s, "\n  To check\n    1. unplug it\n    2. plug it in\n");
    sheet_open(&s, 80);
    page_bullets(&s.app, "To check", steps, 0, true);
    sheet_is(&s, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_count_what_is_seen),
        cmocka_unit_test(width_has_bounds),
        cmocka_unit_test(paragraphs_wrap_at_the_width),
        cmocka_unit_test(no_line_is_wider_than_the_page),
        cmocka_unit_test(a_word_longer_than_the_page_is_left_whole),
        cmocka_unit_test(cells_stand_below_one_another),
        cmocka_unit_test(what_drives_a_terminal_is_escaped),
        cmocka_unit_test(lists_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
