/* .gitignore patterns: gitignore(5) and, where it is silent, what git check-ignore answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bundle/ignore.h"

static struct dext_ctx *ctx;

static bool ignored(const char *patterns, const char *path)
{
    struct dx_ignore ig;
    size_t n = strlen(path);
    bool is_folder = path[n - 1] == '/';
    dx_ignore_parse(&ig, ctx, NULL, "", dx_str(patterns));
    return dx_ignored(&ig, dx_strndup(&ctx->arena, path, n - is_folder), is_folder);
}

struct row {
    const char *patterns, *path; /* a path with '/' at its end is a folder */
    bool want;
};

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (ignored(rows[i].patterns, rows[i].path) != rows[i].want) {
            fail_msg("'%s' on '%s' is not %s", rows[i].patterns, rows[i].path,
                     rows[i].want ? "ignored" : "let through");
        }
    }
}
#define CHECK(rows) check_rows(rows, sizeof(rows) / sizeof *(rows))

static void test_lines(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"", "a", false},
        {"\n\n  \n", "a", false},
        {"a", "a", true},
        {"a\n", "a", true},
        {"a\r\nb\r", "a", true},
        {"a\r\nb\r", "b", true},
        {"\xef\xbb\xbf"
         "a",
         "a", true},
        {"# a\n#a", "#a", false},
        {"\\#a", "#a", true},
        {" #a", " #a", true},
        {"a  ", "a", true},
        {"a\\ ", "a ", true},
        {"a\\  ", "a ", true},
        {"a \\", "a ", false},
        {"a\\\\ ", "a\\", true},
        {" a", "a", false},
        {" a", " a", true},
        {"a\t", "a", false}, /* a tab is no space */
        {"a b", "a b", true},
        {"!", "!", false},
        {"\\!a", "!a", true},
        {"/", "a", false},
        {"//", "a/", false},
    };
    CHECK(rows);
}

static void test_anchors(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"a", "x/y/a", true},      {"/a", "a", true},
        {"/a", "x/a", false},      {"x/a", "x/a", true},
        {"x/a", "y/x/a", false},   {"/x/a", "x/a", true},
        {"a/", "a/", true},        {"a/", "a", false},
        {"a/", "x/a/", true}, /* a slash at the end does not anchor */
        {"x/a/", "y/x/a/", false}, {"x/a/", "x/a/", true},
        {"a//", "a/", false},      {"/a/", "a/", true},
        {"ab", "a", false},        {"a", "ab", false},
    };
    CHECK(rows);
}

static void test_globs(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"*", "a", true},
        {"*", "x/a", true},
        {"*.o", "a.o", true},
        {"*.o", "x/y.o", true},
        {"*.o", "a.oo", false},
        {"*.o", ".o", true},
        {"a*", "a", true},
        {"a*c*e", "abcde", true},
        {"a*c*e", "abcdef", false},
        {"a*b*c", "aXbXbXc", true},
        {"/*", "a", true},
        {"/*", "a/b", false},
        {"x/*", "x/a", true},
        {"x/*", "x/a/b", false},
        {"x/*/c", "x/a/c", true},
        {"x/*/c", "x/c", false},
        {"x/*/c", "x/a/b/c", false},
        {"?", "a", true},
        {"?", "ab", false},
        {"x?a", "x/a", false},
        {"/x?a", "x/a", false},
        {"\\*", "*", true},
        {"\\*", "a", false},
        {"\\a\\b", "ab", true},
        {"a\\", "a\\", false}, /* a backslash at the end: nothing matches */
        {"a\\/b", "a/b", true},
        {"D?iver*.plist", "Driver-Info.plist", true},
        {"*/a", "x/a", true},
        {"*/a", "a", false},
        {"*/a", "x/y/a", false},
        {"x*", "x/a", false},
        {"/x*/a", "xyz/a", true},
    };
    CHECK(rows);
}

static void test_folders(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"**", "a", true},
        {"**/a", "a", true},
        {"**/a", "x/y/a", true},
        {"**/a", "x/ya", false},
        {"**/a/b", "a/b", true},
        {"**/a/b", "x/y/a/b", true},
        {"**/a/b", "x/a/y/b", false},
        {"a/**", "a/b", true},
        {"a/**", "a/b/c", true},
        {"a/**", "a/", false},
        {"a/**", "x/a/b", false},
        {"/**", "a", true},
        {"a/**/b", "a/b", true},
        {"a/**/b", "a/x/b", true},
        {"a/**/b", "a/x/y/b", true},
        {"a/**/b", "a/xb", false},
        {"a/**/b", "ab", false},
        {"a/**/b/**/c", "a/1/b/2/3/c", true},
        {"a/**/b/**/c", "a/b/c", true},
        {"a/**/b/**/c", "a/c/b", false},
        {"**/x*y/**/z", "1/xay/xby/2/z", true},
        {"***/a", "x/y/a", true},
        {"**a", "x/ba", true}, /* not between slashes: a star like others, in the name */
        {"x/**a", "x/ba", true},
        {"x/**a", "x/b/a", false},
        {"x/a**", "x/ab", true},
        {"x/a**", "x/ab/c", false},
        {"x**/a", "xy/a", true},
        {"x**/a", "x/y/a", false},
        {"**/", "a/", true},
        {"**/", "a", false},
        {"a/**/", "a/b/", true},
        {"a/**/", "a/b", false},
        {"**\\/a", "x/a", true},
        {"**\\/a", "a", false},
    };
    CHECK(rows);
}

static void test_classes(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"[ab]", "a", true},
        {"[ab]", "c", false},
        {"[a-c]x", "bx", true},
        {"[!a-c]x", "bx", false},
        {"[^a-c]x", "dx", true},
        {"[]a]", "]", true},
        {"[!]a]", "b", true},
        {"[!]a]", "]", false},
        {"[a-]", "-", true},
        {"[-a]", "-", true},
        {"[a-c-e]", "-", true},
        {"[a-c-e]", "d", false},
        {"[c-a]", "b", false},
        {"[\\]]", "]", true},
        {"[\\a-\\c]", "b", true},
        {"[a", "[a", false}, /* not closed: nothing matches */
        {"[a", "a", false},
        {"[", "[", false},
        {"[]", "]", false},
        {"[!", "!", false},
        {"[a\\", "a", false},
        {"/[/]a", "/a", false},
        {"x[a/]y", "x/y", false},
        {"x[a/]y", "xay", true},
        {"[[:digit:]]*", "1a", true},
        {"[[:digit:]]*", "a1", false},
        {"[![:digit:]_]", "a", true},
        {"[![:digit:]_]", "_", false},
        {"[[:upper:][:digit:]]", "A", true},
        {"[[:nonsense:]a]", "a", false},
        {"[[::]a]", "a", false},
        {"[[:]", ":", true},
        {"[[:]", "[", true},
        {"[[:alpha]", "l", true},
        {"[[:xdigit:]]", "f", true},
        {"[[:space:]]", " ", true},
        {"[[:punct:]]", "-", true},
        {"[[:blank:]]", "a", false},
    };
    CHECK(rows);
}

static void test_negation(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"*.plist\n!Info.plist", "a.plist", true},
        {"*.plist\n!Info.plist", "x/Info.plist", false},
        {"!Info.plist\n*.plist", "Info.plist", true},
        {"a\n!a\na", "a", true},
        {"!a/", "a/", false},
        {"a\n!a/", "a/", false},
        {"a\n!a/", "a", true},
        {"/*\n!/x/", "x/", false},
        {"/*\n!/x/", "y/", true},
    };
    CHECK(rows);
}

/* The file nearest to a path speaks first; only what it does not mention is asked further up. */
static void test_nested(void **state)
{
    (void)state;
    struct dx_ignore top, sub, deep;
    dx_ignore_parse(&top, ctx, NULL, "", DX_STR("*.o\n/a/keep\nb/c\n"));
    dx_ignore_parse(&sub, ctx, &top, "a", DX_STR("!x.o\n/only\nb/c\n"));
    dx_ignore_parse(&deep, ctx, &sub, "a/b", DX_STR("x.o\n!/d\n"));
    assert_true(dx_ignored(&top, "x.o", false));
    assert_true(dx_ignored(&top, "a/keep", false));
    assert_false(dx_ignored(&sub, "a/x.o", false));
    assert_true(dx_ignored(&sub, "a/y.o", false));
    assert_true(dx_ignored(&sub, "a/keep", false));
    assert_true(dx_ignored(&sub, "a/only", false));
    assert_false(dx_ignored(&sub, "a/b/only", false));
    assert_true(dx_ignored(&sub, "a/b/c", true));
    assert_true(dx_ignored(&deep, "a/b/x.o", false));
    assert_true(dx_ignored(&deep, "a/b/y.o", false));
    assert_false(dx_ignored(&deep, "a/b/d", false));
    /* What is not below a file's folder is not that file's business. */
    assert_true(dx_ignored(&sub, "x.o", false));
    assert_true(dx_ignored(&sub, "ab/x.o", false));
    assert_false(dx_ignored(&sub, "a", true));
    assert_false(dx_ignored(NULL, "a", false));
}

/* Patterns that could be tried in very many ways are still decided at once. */
static void test_hard_patterns(void **state)
{
    (void)state;
    char path[4096], pattern[4096];
    memset(path, 'a', sizeof path);
    path[sizeof path - 1] = 0;
    assert_false(ignored("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", path));
    for (size_t i = 1; i < sizeof path - 1; i += 2) {
        path[i] = '/';
    }
    assert_false(ignored("**/a/**/a/**/a/**/a/**/a/**/a/**/*a*a/**/b", path));
    assert_true(ignored("**/a/**/a/**/a/**/a/**/a/**/a/**/*a*/**", path));
    memset(pattern, '[', sizeof pattern);
    pattern[sizeof pattern - 1] = 0;
    assert_false(ignored(pattern, path));
    memset(pattern, '*', sizeof pattern - 1);
    assert_true(ignored(pattern, path));
}

static int set_up(void **state)
{
    (void)state;
    ctx = dext_ctx_new(NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    dext_ctx_free(ctx);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),   cmocka_unit_test(test_anchors),
        cmocka_unit_test(test_globs),   cmocka_unit_test(test_folders),
        cmocka_unit_test(test_classes), cmocka_unit_test(test_negation),
        cmocka_unit_test(test_nested),  cmocka_unit_test(test_hard_patterns),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
