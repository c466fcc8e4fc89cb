/* src/app/tree.c: a folder is made whole or not at all. */
#include "app/tree.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char root[64];
static const struct tree_file files[] = {{"a/b/one", "1", 1}, {"a/two", "22", 2}, {"three", "", 0}};
#define FILES (sizeof files / sizeof *files)

static int tree_setup(void **state)
{
    (void)state;
    (void)snprintf(root, sizeof root, "/tmp/dextctl-tree.XXXXXX");
    return mkdtemp(root) && chdir(root) == 0 ? 0 : -1;
}

static int tree_teardown(void **state)
{
    (void)state;
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf %s", root);
    return chdir("/") == 0 ? system(command) : -1;
}

/* Names in a folder, without "." and "..". */
static size_t entries(const char *path)
{
    DIR *d = opendir(path);
    size_t n = 0;
    assert_non_null(d);
    for (struct dirent *e = readdir(d); e; e = readdir(d)) {
        n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    }
    (void)closedir(d);
    return n;
}

static void assert_whole(const char *path)
{
    for (size_t i = 0; i < FILES; i++) {
        char name[256];
        struct stat st;
        (void)snprintf(name, sizeof name, "%s/%s", path, files[i].path);
        assert_int_equal(stat(name, &st), 0);
        assert_int_equal((size_t)st.st_size, files[i].size);
    }
    assert_int_equal(entries(path), 2);
}

static void assert_refused(const char *path, const struct tree_file *list, size_t count,
                           const char *part)
{
    size_t before = entries(".");
    char *why = tree_write(path, list, count);
    assert_non_null(why);
    if (!strstr(why, part)) {
        print_error("%s\n", why);
    }
    assert_non_null(strstr(why, part));
    assert_null(strstr(why, "is left"));
    free(why);
    assert_int_equal(entries("."), before);
}

static void test_made(void **state)
{
    (void)state;
    assert_null(tree_write("new", files, FILES));
    assert_whole("new");
    assert_null(tree_write("slash///", files, FILES));
    assert_whole("slash");
    assert_int_equal(mkdir("empty", 0755), 0);
    assert_null(tree_write("empty/", files, FILES));
    assert_whole("empty");
    assert_int_equal(mkdir("target", 0755), 0);
    assert_int_equal(symlink("target", "link"), 0);
    assert_null(tree_write("link", files, FILES));
    assert_whole("target");
    assert_int_equal(mkdir("here", 0755), 0);
    assert_int_equal(chdir("here"), 0);
    assert_null(tree_write(".", files, FILES));
    assert_whole(".");
    assert_int_equal(chdir(root), 0);
}

static void test_kept(void **state)
{
    (void)state;
    FILE *f = fopen("file", "w");
    assert_non_null(f);
    (void)fclose(f);
    assert_int_equal(symlink("nowhere", "dangling"), 0);
    assert_refused("new", files, FILES, "not empty");
    assert_refused("file", files, FILES, "no folder");
    assert_refused("file/x", files, FILES, "Not a directory");
    assert_refused("dangling", files, FILES, "link to nothing");
    assert_refused("none/x", files, FILES, "No such file");
    assert_refused("", files, FILES, "");
}

/* A file where another one needs a folder: fails in the middle. */
static void test_undone(void **state)
{
    (void)state;
    static const struct tree_file clash[] = {{"x", "1", 1}, {"y/z", "1", 1}, {"x/y", "1", 1}};
    assert_refused("half", clash, 3, "x");
    assert_int_not_equal(access("half", F_OK), 0);
    assert_int_equal(mkdir("half", 0755), 0);
    assert_refused("half", clash, 3, "x");
    assert_int_equal(entries("half"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_made),
        cmocka_unit_test(test_kept),
        cmocka_unit_test(test_undone),
    };
    return cmocka_run_group_tests(tests, tree_setup, tree_teardown);
}
