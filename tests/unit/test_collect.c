/* dextctl collect: the table of evidence, and where the archive is written and where it is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/app.h"
#include "dext/log.h"
#include "kb.h"
#include "mac/collect.h"

static struct app app;
static char folder[] = "/tmp/dextctl-test.XXXXXX";
static char archive[sizeof folder + 32];

static int open_all(void **state)
{
    (void)state;
    app.ctx = dext_ctx_new(NULL);
    app.format = "human";
    if (!mkdtemp(folder)) {
        return -1;
    }
    (void)snprintf(archive, sizeof archive, "%s/it's out.tar.gz", folder);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    (void)unlink(archive);
    dext_ctx_free(app.ctx);
    return rmdir(folder); /* fails when a temporary file was left behind */
}

static void table_is_sound(void **state)
{
    (void)state;
    size_t count;
    const struct dext_collect_item *items = dext_collect_items(app.ctx, &count);
    assert_int_equal(count, kb_evidence_count); /* fewer: two of one rank */
    for (size_t i = 0; i < count; i++) {
        bool known = !*items[i].kind;
        for (int k = 0; k <= DEXT_TEXT_DATABASE; k++) {
            known |= strcmp(items[i].kind, dext_text_kind_name((enum dext_text_kind)k)) == 0;
        }
        assert_true(known);
        assert_null(strpbrk(items[i].file, "/ '\"$`\\")); /* it is not quoted in the script */
    }
}

static void durations(void **state)
{
    (void)state;
    static const char *const good[] = {"30m", "2h", "1d", "90s", "15", "boot"};
    static const char *const bad[] = {"", "m", "30x", "30m ", "-5m", "1e9", "30m;x", "99999999h"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_null(collect_bad_last(good[i]));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_non_null(collect_bad_last(bad[i]));
    }
}

static char *write_archive(bool force)
{
    struct collect_options o = {.last = "1m", .output = archive, .force = force, .quiet = true};
    return collect_write(&app, &o);
}

static void expect_refusal(char *why, const char *words)
{
    assert_non_null(why);
    assert_non_null(strstr(why, words));
    free(why);
}

/* On a system without Apple's tools every part fails, and the archive tells so. */
static void writes_once(void **state)
{
    (void)state;
    struct stat st;
    assert_null(write_archive(false));
    assert_int_equal(stat(archive, &st), 0);
    assert_true(st.st_size > 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    ino_t first = st.st_ino;
    expect_refusal(write_archive(false), "exists already");
    assert_int_equal(stat(archive, &st), 0);
    assert_int_equal(st.st_ino, first);
    assert_null(write_archive(true));
    assert_int_equal(stat(archive, &st), 0);
    assert_int_not_equal(st.st_ino, first);
    assert_int_equal(unlink(archive), 0);
}

static void follows_no_link(void **state)
{
    (void)state;
    char target[sizeof archive];
    struct stat st;
    (void)snprintf(target, sizeof target, "%s/target", folder);
    assert_int_equal(symlink(target, archive), 0);
    expect_refusal(write_archive(true), "symbolic link");
    assert_int_not_equal(lstat(target, &st), 0);
    assert_int_equal(unlink(archive), 0);
    assert_int_equal(mkdir(archive, 0700), 0);
    expect_refusal(write_archive(true), "not a regular file");
    assert_int_equal(rmdir(archive), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_is_sound),
        cmocka_unit_test(durations),
        cmocka_unit_test(writes_once),
        cmocka_unit_test(follows_no_link),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
