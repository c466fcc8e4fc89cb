/* Unified diffs of edits: hunks, line ends, names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lint/diff.h"

static char *diff_of(const char *name, const char *data, const struct dext_edit *edits, size_t n)
{
    const struct dext_edit *list[8];
    for (size_t i = 0; i < n; i++) {
        list[i] = &edits[i];
    }
    char *text = NULL;
    size_t size = 0;
    struct app app = {.out = open_memstream(&text, &size)};
    diff_write(&app, name, data, strlen(data), list, n);
    assert_int_equal(fclose(app.out), 0);
    return text;
}

static void expect(const char *data, const struct dext_edit *edits, size_t n, const char *want)
{
    char *got = diff_of("f", data, edits, n);
    assert_string_equal(got, want);
    free(got);
}

#define HEAD "--- a/f\n+++ b/f\n"

static void test_replace(void **state)
{
    (void)state;
    expect("one\ntwo\nthree\n", (struct dext_edit[]){{4, 3, "2"}}, 1,
           HEAD "@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n");
}

static void test_remove_line(void **state)
{
    (void)state;
    expect("1\n2\n3\n4\n5\n6\n7\n8\n9\n", (struct dext_edit[]){{8, 2, ""}}, 1,
           HEAD "@@ -2,7 +2,6 @@\n 2\n 3\n 4\n-5\n 6\n 7\n 8\n");
    expect("1\n", (struct dext_edit[]){{0, 2, ""}}, 1, HEAD "@@ -1 +0,0 @@\n-1\n");
}

static void test_insert(void **state)
{
    (void)state;
    expect("1\n2\n", (struct dext_edit[]){{2, 0, "x\ny\n"}}, 1,
           HEAD "@@ -1,2 +1,4 @@\n 1\n+x\n+y\n 2\n");
    expect("", (struct dext_edit[]){{0, 0, "x\n"}}, 1, HEAD "@@ -0,0 +1 @@\n+x\n");
    expect("1\n", (struct dext_edit[]){{2, 0, "x\n"}}, 1, HEAD "@@ -1 +1,2 @@\n 1\n+x\n");
}

static void test_line_ends(void **state)
{
    (void)state;
    expect("1\r\n2\r\n", (struct dext_edit[]){{3, 1, "x"}}, 1,
           HEAD "@@ -1,2 +1,2 @@\n 1\r\n-2\r\n+x\r\n");
    expect("1\n2", (struct dext_edit[]){{0, 1, "x"}}, 1,
           HEAD "@@ -1,2 +1,2 @@\n-1\n+x\n 2\n\\ No newline at end of file\n");
    expect("1\n2", (struct dext_edit[]){{3, 0, "\n"}}, 1,
           HEAD "@@ -1,2 +1,2 @@\n 1\n-2\n\\ No newline at end of file\n+2\n");
    expect("1\n2\n", (struct dext_edit[]){{3, 1, ""}}, 1,
           HEAD "@@ -1,2 +1,2 @@\n 1\n-2\n+2\n\\ No newline at end of file\n");
}

static void test_hunks(void **state)
{
    (void)state;
    static const char text[] = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\n";
    /* Six lines between two changes are shared context, seven part them. */
    expect(text, (struct dext_edit[]){{0, 1, "A"}, {14, 1, "H"}}, 2,
           HEAD "@@ -1,11 +1,11 @@\n-a\n+A\n b\n c\n d\n e\n f\n g\n-h\n+H\n i\n j\n k\n");
    expect(text, (struct dext_edit[]){{0, 2, ""}, {16, 1, "I"}}, 2,
           HEAD "@@ -1,4 +1,3 @@\n-a\n b\n c\n d\n"
                "@@ -6,7 +5,7 @@\n f\n g\n h\n-i\n+I\n j\n k\n l\n");
}

static void test_same_line(void **state)
{
    (void)state;
    expect("abc\n", (struct dext_edit[]){{0, 1, "x"}, {2, 1, "z"}}, 2,
           HEAD "@@ -1 +1 @@\n-abc\n+xbz\n");
    expect("a\nb\nc\n", (struct dext_edit[]){{0, 2, ""}, {2, 2, ""}}, 2,
           HEAD "@@ -1,3 +1 @@\n-a\n-b\n c\n");
}

static void test_nothing(void **state)
{
    (void)state;
    expect("a\n", (struct dext_edit[]){{0, 1, "a"}}, 1, "");
}

static void test_names(void **state)
{
    (void)state;
    char *got = diff_of("a b\n\"", "1\n", (struct dext_edit[]){{0, 1, "2"}}, 1);
    assert_non_null(strstr(got, "--- \"a/a b\\012\\\"\"\n+++ \"b/a b\\012\\\"\"\n"));
    free(got);
    got = diff_of("/x/y z", "1\n", (struct dext_edit[]){{0, 1, "2"}}, 1);
    assert_non_null(strstr(got, "--- a/x/y z\t\n"));
    free(got);
}

static void test_apply(void **state)
{
    (void)state;
    const struct dext_edit edits[] = {{0, 0, "<"}, {1, 2, ""}, {3, 0, ">"}};
    const struct dext_edit *list[] = {&edits[0], &edits[1], &edits[2]};
    size_t size;
    char *got = diff_apply("abcd", 4, list, 3, &size);
    assert_string_equal(got, "<a>d");
    assert_int_equal(size, 4);
    free(got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replace), cmocka_unit_test(test_remove_line),
        cmocka_unit_test(test_insert),  cmocka_unit_test(test_line_ends),
        cmocka_unit_test(test_hunks),   cmocka_unit_test(test_same_line),
        cmocka_unit_test(test_nothing), cmocka_unit_test(test_names),
        cmocka_unit_test(test_apply),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
