/* The one writer of files: what it refuses, what it keeps, what a kill leaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __linux__
#include <errno.h>
#include <sys/xattr.h>
#endif

#include <cmocka.h>

#include "app/file.h"
#include "app/output.h"

static char root[64];

static const char *in_root(const char *name)
{
    static char path[6][400];
    static unsigned next;
    next = (next + 1) % 6;
    (void)snprintf(path[next], sizeof path[next], "%s/%s", root, name);
    return path[next];
}

static void have(const char *name, const char *text)
{
    FILE *f = fopen(in_root(name), "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void holds(const char *name, const char *text)
{
    char *data;
    size_t size;
    assert_null(file_read(in_root(name), 1000, &data, &size));
    assert_string_equal(data, text);
    free(data);
}

static int setup(void **state)
{
    (void)state;
    (void)snprintf(root, sizeof root, "/tmp/dextctl-test-XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf '%s'", root);
    return system(command);
}

static const char *put(const char *name, bool force, const char *const *inputs)
{
    const struct output to = {
        .path = in_root(name), .inputs = inputs, .mark = "RESULT", .force = force};
    return output_write(&to, "RESULT 2", 8);
}

static void test_what_is_refused(void **state)
{
    (void)state;
    assert_null(put("new", false, NULL));
    holds("new", "RESULT 2");
    have("old", "RESULT 1");
    assert_null(put("old", false, NULL));
    holds("old", "RESULT 2");
    have("other", "a letter");
    assert_non_null(strstr(put("other", false, NULL), "--force"));
    holds("other", "a letter");
    assert_null(put("other", true, NULL));
    holds("other", "RESULT 2");
    const char *const inputs[] = {in_root("none"), in_root("new"), NULL};
    assert_string_equal(put("new", true, inputs), "it is an input");
    assert_int_equal(link(in_root("new"), in_root("second")), 0);
    assert_string_equal(put("second", true, inputs), "it is an input");
    assert_int_equal(symlink("new", in_root("link")), 0);
    assert_non_null(strstr(put("link", true, NULL), "symbolic link"));
    assert_int_equal(symlink("nowhere", in_root("dangling")), 0);
    assert_non_null(strstr(put("dangling", true, NULL), "symbolic link"));
    assert_int_not_equal(access(in_root("nowhere"), F_OK), 0);
    assert_non_null(put(".", true, NULL));
    assert_non_null(put("no/such/folder", true, NULL));
}

static void test_what_was_read(void **state)
{
    (void)state;
    have("list", "Info.plist");
    output_never(in_root("list"));
    output_never(in_root("none"));
    assert_string_equal(put("list", true, NULL), "it is an input");
    struct output to = {.path = in_root("source"), .mark = "RESULT", .force = true, .read = true};
    have("source", "class Driver");
    assert_string_equal(output_write(&to, "RESULT 2", 8), "it is an input");
    holds("source", "class Driver");
    have("source", "RESULT 1");
    assert_null(output_write(&to, "RESULT 2", 8)); /* an earlier result, of a folder that is read */
    holds("source", "RESULT 2");
}

static void test_leftovers(void **state)
{
    (void)state;
    have("page.dextctl.abc123", "half");
    have("page.dextctl.busy12", "half");
    have("page.dextctl.toolong", "mine");
    have("other.dextctl.abc123", "half");
    FILE *busy = fopen(in_root("page.dextctl.busy12"), "r");
    assert_non_null(busy);
    assert_int_equal(flock(fileno(busy), LOCK_EX), 0);
    assert_null(put("page", false, NULL));
    assert_int_not_equal(access(in_root("page.dextctl.abc123"), F_OK), 0);
    assert_int_equal(access(in_root("page.dextctl.busy12"), F_OK), 0);
    assert_int_equal(access(in_root("page.dextctl.toolong"), F_OK), 0);
    assert_int_equal(access(in_root("other.dextctl.abc123"), F_OK), 0);
    assert_int_equal(fclose(busy), 0);
}

static void test_longest_name(void **state)
{
    (void)state;
    char name[256];
    memset(name, 'n', 255);
    name[255] = 0;
    memcpy(name + 238, "\xc3\xa4\xc3\xa4", 4); /* the cut is in the middle of the second one */
    assert_null(put(name, false, NULL));
    holds(name, "RESULT 2");
}

static void test_steps(void **state)
{
    (void)state;
    struct output_file f;
    struct stat st;
    const struct output to = {.path = in_root("archive"), .secret = true};
    assert_null(output_begin(&f, &to));
    assert_int_equal(write(f.fd, "x", 1), 1);
    assert_string_equal(output_end(&f, "nothing was collected"), "nothing was collected");
    assert_int_not_equal(access(to.path, F_OK), 0);
    assert_null(output_begin(&f, &to));
    assert_int_equal(write(f.fd, "x", 1), 1);
    have("archive", "somebody was faster");
    assert_non_null(strstr(output_end(&f, NULL), "exists already"));
    holds("archive", "somebody was faster");
    assert_int_equal(unlink(to.path), 0);
    assert_null(output_begin(&f, &to));
    assert_null(output_end(&f, NULL));
    assert_int_equal(stat(to.path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
}

static void test_mend_keeps(void **state)
{
    (void)state;
    size_t links = 9;
    struct stat st;
    have("a.plist", "old");
    assert_int_equal(chmod(in_root("a.plist"), 0640), 0);
    assert_int_equal(link(in_root("a.plist"), in_root("b.plist")), 0);
    assert_int_equal(symlink("a.plist", in_root("c.plist")), 0);
#ifdef __linux__
    bool has = setxattr(in_root("a.plist"), "user.note", "kept", 4, 0) == 0;
    assert_true(has || errno == ENOTSUP);
#endif
    assert_null(output_mend(in_root("c.plist"), "new", 3, &links));
    assert_int_equal(links, 1);
    holds("a.plist", "new");
    holds("b.plist", "old");
    assert_int_equal(lstat(in_root("c.plist"), &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(stat(in_root("a.plist"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
#ifdef __linux__
    char value[8];
    assert_true(!has || getxattr(in_root("a.plist"), "user.note", value, sizeof value) == 4);
#endif
    assert_null(output_mend(in_root("a.plist"), "newer", 5, &links));
    assert_int_equal(links, 0);
    assert_non_null(output_mend(in_root("."), "x", 1, &links));
    assert_non_null(output_mend(in_root("none"), "x", 1, &links));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_was_read, setup, teardown),
        cmocka_unit_test_setup_teardown(test_leftovers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_longest_name, setup, teardown),
        cmocka_unit_test_setup_teardown(test_steps, setup, teardown),
        cmocka_unit_test_setup_teardown(test_mend_keeps, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
