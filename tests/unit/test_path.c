#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/path.h"

static void test_absolute(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"/", "/"},     {"//a//b/", "/a/b"},      {"/a/./b/../c", "/a/c"}, {"/../..", "/"},
        {"/a/..", "/"}, {"/a/b/...", "/a/b/..."}, {"/a/.b", "/a/.b"},      {"/a/b/../../c", "/c"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char *got = path_absolute(pairs[i][0]);
        assert_string_equal(got, pairs[i][1]);
        free(got);
    }
    char *cwd = getcwd(NULL, 0), *here = path_absolute("./x/..");
    assert_string_equal(here, cwd);
    free(here);
    char *shown = path_shown("./a/./b");
    assert_string_equal(shown, "a/b");
    free(shown);
    shown = path_shown(cwd);
    assert_string_equal(shown, ".");
    free(shown);
    shown = path_shown("/no/../such/file");
    assert_string_equal(shown, "/such/file");
    free(shown);
    free(cwd);
}

static void test_below(void **state)
{
    (void)state;
    assert_string_equal(path_below("/a/b", "/a/b/c/d"), "c/d");
    assert_string_equal(path_below("/a/b", "/a/b"), "");
    assert_string_equal(path_below("/", "/a"), "a");
    assert_null(path_below("/a/b", "/a/bc"));
    assert_null(path_below("/a/b", "/a"));
}

static void expect_from(const char *folder, const char *path, const char *want)
{
    char *got = path_from(folder, path);
    assert_string_equal(got, want);
    free(got);
}

static void test_from(void **state)
{
    (void)state;
    expect_from("/a/b", "/a/b/c", "c");
    expect_from("/a/b", "/a/c/d", "../c/d");
    expect_from("/a/b", "/x", "../../x");
    expect_from("/", "/x/y", "x/y");
    expect_from("/a/b", "/a/b", ".");
    expect_from("/a/bc", "/a/b", "../b");
}

static void test_parent(void **state)
{
    (void)state;
    char *got = path_parent("/a/b");
    assert_string_equal(got, "/a");
    free(got);
    got = path_parent("/a");
    assert_string_equal(got, "/");
    free(got);
}

static void test_matches(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *path;
        unsigned long skip;
        bool want;
    } cases[] = {
        {"a", "a", 0, true},
        {"a", "x/a", 0, true},
        {"a", "a/x/y", 0, true},
        {"a", "ab", 0, false},
        {"/a", "a/x", 0, true},
        {"/a", "x/a", 0, false},
        {"a/", "a", 0, false},
        {"a/", "a/x", 0, true},
        {"a/", "y/a/x", 0, true},
        {"a/b", "a/b/c", 0, true},
        {"a/b", "x/a/b", 0, false},
        {"a/b/", "a/b", 0, false},
        {"a/b/", "a/b/c", 0, true},
        {"*.plist", "x/y.plist", 0, true},
        {"*.plist", "y.plist.bak", 0, false},
        {"a/*", "a/b/c", 0, true},
        {"a/*.x", "a/b/c.x", 0, false},
        {"a/**", "a/b/c", 0, true},
        {"a/**", "a", 0, false},
        {"**/c", "c", 0, true},
        {"**/c", "a/b/c/d", 0, true},
        {"a/**/c", "a/c", 0, true},
        {"a/**/c", "a/b/b/c", 0, true},
        {"a/**/c", "b/c", 0, false},
        {"a?c", "abc", 0, true},
        {"a?c", "ac", 0, false},
        {"[a-c]x", "bx", 0, true},
        {"[a-c]x", "dx", 0, false},
        {"[!a-c]x", "dx", 0, true},
        {"[]]x", "]x", 0, true},
        {"[a", "[a", 0, true},
        {"\\*", "*", 0, true},
        {"\\*", "x", 0, false},
        {"*a*b*c", "xaxbxc", 0, true},
        {"*a*b*c", "xaxcxb", 0, false},
        {"*", "x", 0, true},
        {"a", "a/b", 1, false}, /* a was named by the user: only b is looked at */
        {"b", "a/b", 1, true},
        {"a/b", "a/b", 1, true},
        {"", "a", 0, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (path_matches(cases[i].pattern, cases[i].path, cases[i].skip) != cases[i].want) {
            fail_msg("'%s' on '%s', %lu: not %d", cases[i].pattern, cases[i].path, cases[i].skip,
                     cases[i].want);
        }
    }
}

/* A pattern that could be tried in very many ways is still decided at once. */
static void test_hard_pattern(void **state)
{
    (void)state;
    char path[4001];
    memset(path, 'a', sizeof path);
    path[4000] = 0;
    assert_false(path_matches("*a*a*a*a*a*a*a*a*a*a*a*b", path, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_absolute), cmocka_unit_test(test_below),
        cmocka_unit_test(test_from),     cmocka_unit_test(test_parent),
        cmocka_unit_test(test_matches),  cmocka_unit_test(test_hard_pattern),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
