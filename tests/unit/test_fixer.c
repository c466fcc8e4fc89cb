/* The fixer beside what the golden tests show: files that change, edits that overlap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/file.h"
#include "app/output.h"
#include "lint/fixer.h"

#define TEXT "<plist><dict><key>a</key><integer>1</integer></dict></plist>\n"

static char path[64];
static struct app app;
static char *told;
static size_t told_size;
static struct fixer *x;
static struct report_finding findings[4];
static struct report r;

static int setup(void **state)
{
    (void)state;
    (void)snprintf(path, sizeof path, "/tmp/dextctl-test-XXXXXX");
    int fd = mkstemp(path);
    if (fd < 0 || write(fd, TEXT, strlen(TEXT)) != (ssize_t)strlen(TEXT) || close(fd) != 0) {
        return -1;
    }
    app = (struct app){.format = "human", .out = stdout, .ctx = dext_ctx_new(NULL)};
    app.err = open_memstream(&told, &told_size);
    x = fixer_open(&app);
    r = (struct report){.app = &app, .findings = findings};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fixer_free(x);
    dext_ctx_free(app.ctx);
    (void)fclose(app.err);
    free(told);
    (void)unlink(path);
    return 0;
}

static const char *mend(const char *file, const char *text)
{
    size_t links;
    return output_mend(file, text, strlen(text), &links);
}

static void add(const struct dext_edit *edits, size_t n)
{
    findings[r.count] = (struct report_finding){0};
    findings[r.count].f.file = path;
    findings[r.count].f.edits = edits;
    findings[r.count++].f.edit_count = n;
    fixer_note(x, path);
}

static void expect_file(const char *want)
{
    char *data;
    size_t size;
    assert_null(file_read(path, 4096, &data, &size));
    assert_string_equal(data, want);
    free(data);
}

static void test_overlap_waits(void **state)
{
    (void)state;
    const struct dext_edit a[] = {{34, 1, "2"}}, b[] = {{25, 19, "<string>x</string>"}};
    const struct dext_edit c[] = {{18, 1, "b"}, {34, 1, "3"}}, d[] = {{34, 1, "2"}};
    add(a, 1);
    add(b, 1); /* covers a */
    add(c, 2); /* half of it would fit: nothing of it is done */
    add(d, 1); /* the same as a: mended with it */
    assert_int_equal(fixer_apply(x, &r), 2);
    expect_file("<plist><dict><key>a</key><integer>2</integer></dict></plist>\n");
    assert_false(fixer_failed(x));
}

static void test_changed_file_is_left_alone(void **state)
{
    (void)state;
    const struct dext_edit a[] = {{34, 1, "2"}};
    add(a, 1);
    assert_null(mend(path, "other"));
    assert_int_equal(fixer_apply(x, &r), 0);
    assert_true(fixer_failed(x));
    expect_file("other");
    (void)fflush(app.err);
    assert_non_null(strstr(told, "it changed while it was being checked"));
    size_t once = told_size;
    assert_int_equal(fixer_apply(x, &r), 0);
    (void)fflush(app.err);
    assert_int_equal(told_size, once);
}

static void test_line_that_is_not_there(void **state)
{
    (void)state;
    const struct dext_edit a[] = {{34, 1, "2"}};
    add(a, 1);
    findings[0].f.line = "something else";
    findings[0].f.at.line = 1;
    assert_int_equal(fixer_apply(x, &r), 0);
    expect_file(TEXT);
}

static void test_edit_past_the_end(void **state)
{
    (void)state;
    const struct dext_edit a[] = {{1000, 1, "2"}};
    add(a, 1);
    assert_int_equal(fixer_apply(x, &r), 0);
    expect_file(TEXT);
}

static void test_broken_result_is_not_written(void **state)
{
    (void)state;
    const struct dext_edit a[] = {{0, 7, "<"}};
    add(a, 1);
    assert_int_equal(fixer_apply(x, &r), 0);
    assert_true(fixer_failed(x));
    expect_file(TEXT);
}

static void test_useless_edit(void **state)
{
    (void)state;
    const struct dext_edit a[] = {{34, 1, "1"}};
    add(a, 1);
    assert_int_equal(fixer_apply(x, &r), 0);
    assert_false(fixer_failed(x));
}

static void test_mode_and_read(void **state)
{
    (void)state;
    struct stat st;
    char *data;
    size_t size;
    assert_int_equal(chmod(path, 0604), 0);
    assert_null(mend(path, "x"));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0604);
    assert_non_null(file_read(path, 0, &data, &size));
    assert_non_null(file_read("/tmp", 10, &data, &size));
    assert_non_null(mend("/tmp", "x"));
    assert_non_null(mend("/no/such/folder/file", "x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_overlap_waits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_changed_file_is_left_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_line_that_is_not_there, setup, teardown),
        cmocka_unit_test_setup_teardown(test_edit_past_the_end, setup, teardown),
        cmocka_unit_test_setup_teardown(test_broken_result_is_not_written, setup, teardown),
        cmocka_unit_test_setup_teardown(test_useless_edit, setup, teardown),
        cmocka_unit_test_setup_teardown(test_mode_and_read, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
