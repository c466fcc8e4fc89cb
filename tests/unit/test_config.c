/* .dextctl.json in a tree of folders: which one holds where, and what the filter makes of it. */
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
#include "app/words.h"
#include "lint/baseline.h"
#include "lint/config.h"
#include "lint/config_file.h"
#include "lint/filter.h"

static char root[] = "/tmp/dextctl-test-XXXXXX";
static struct app app;
static char *told;
static size_t told_size;

static const char *at(const char *below)
{
    static char path[4][256];
    static unsigned next;
    next = (next + 1) % 4;
    (void)snprintf(path[next], sizeof path[next], "%s/%s", root, below);
    return path[next];
}

static void put(const char *below, const char *text)
{
    const struct output to = {.path = at(below), .force = true};
    assert_null(output_write(&to, text, strlen(text)));
}

static int setup(void **state)
{
    (void)state;
    app = (struct app){.format = "human", .out = stdout};
    app.err = open_memstream(&told, &told_size);
    if (!mkdtemp(root)) {
        return -1;
    }
    (void)mkdir(at("a"), 0755);
    (void)mkdir(at("a/deep"), 0755);
    (void)mkdir(at("b"), 0755);
    put(".dextctl.json", "{\"ignore\": [\"DX101\"], \"fail-on\": \"note\"}");
    put("b/.dextctl.json",
        "{\"severity\": {\"DX1\": \"note\", \"DX102\": \"error\"}, \"exclude\": [\"v\", \"!v/x\"],"
        " \"overrides\": [{\"paths\": [\"old\"], \"severity\": {\"DX102\": \"warning\"}},"
        " {\"paths\": [\"old/gone\"], \"ignore\": [\"plist-duplicate-key\"]}]}");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    static const char *const files[] = {"b/.dextctl.json", ".dextctl.json", "a/.dextctl.json"};
    static const char *const folders[] = {"a/deep", "a", "b", ""};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        (void)unlink(at(files[i]));
    }
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        (void)rmdir(at(folders[i]));
    }
    (void)fclose(app.err);
    free(told);
    return 0;
}

static struct report_finding finding(const char *rule, const char *file)
{
    struct report_finding f = {0};
    f.f.rule = dext_rule_find(rule);
    assert_non_null(f.f.rule);
    f.f.severity = dext_rule_severity(f.f.rule);
    f.f.file = at(file);
    f.f.path = "IOKitPersonalities/My Driver";
    f.f.message = "the other one is on line 12";
    return f;
}

static void test_nearest_holds(void **state)
{
    (void)state;
    int status;
    struct config *c = config_open(&app, NULL, &status);
    struct report_finding f = finding("DX101", "a/deep/Info.plist");
    assert_false(config_admits(c, &f));
    f = finding("DX102", "a/deep/Info.plist");
    assert_true(config_admits(c, &f));
    assert_string_equal(config_fail_on(c, at("a/x")), "note");
    assert_null(config_fail_on(c, at("b/x")));
    assert_null(config_ruleset(c, at("b/x")));
    f = finding("DX101", "b/Info.plist");
    assert_true(config_admits(c, &f));
    assert_int_equal(f.f.severity, DEXT_NOTE);
    config_free(c);
}

static void test_severity_and_overrides(void **state)
{
    (void)state;
    int status;
    struct config *c = config_open(&app, NULL, &status);
    struct report_finding f = finding("DX102", "b/Info.plist");
    assert_true(config_admits(c, &f));
    assert_int_equal(f.f.severity, DEXT_ERROR); /* the rule's own level wins over its group's */
    f = finding("DX102", "b/old/Info.plist");
    assert_true(config_admits(c, &f));
    assert_int_equal(f.f.severity, DEXT_WARNING);
    f = finding("DX102", "b/old/gone/Info.plist");
    assert_false(config_admits(c, &f));
    config_free(c);
}

static void test_exclude(void **state)
{
    (void)state;
    int status;
    struct config *c = config_open(&app, NULL, &status);
    const char *const operands[] = {at("b"), NULL};
    assert_int_equal(config_prepare(c, operands[0]), APP_CLEAN);
    (void)config_fail_on(c, at("b/any"));
    assert_true(config_excludes(c, operands, at("b/v/Info.plist")));
    assert_true(config_excludes(c, operands, at("b/deep/v/Info.plist")));
    assert_false(config_excludes(c, operands, at("b/v/x/Info.plist")));
    assert_false(config_excludes(c, operands, at("b/w/Info.plist")));
    config_free(c);
}

static void test_one_for_all(void **state)
{
    (void)state;
    int status;
    struct config *c = config_open(&app, at("b/.dextctl.json"), &status);
    assert_int_equal(status, APP_CLEAN);
    struct report_finding f = finding("DX101", "a/Info.plist");
    assert_true(config_admits(c, &f));
    assert_int_equal(f.f.severity, DEXT_NOTE);
    config_free(c);
    assert_null(config_open(&app, at("none.json"), &status));
    assert_int_equal(status, APP_USAGE);
}

static void test_mistake_is_told_once(void **state)
{
    (void)state;
    int status;
    put("a/.dextctl.json", "{\n  \"x\": 1}");
    struct config *c = config_open(&app, NULL, &status);
    (void)fflush(app.err);
    size_t before = told_size;
    assert_int_equal(config_prepare(c, at("a/deep/Info.plist")), APP_USAGE);
    (void)fflush(app.err);
    size_t after = told_size;
    assert_true(after > before);
    assert_non_null(strstr(told + before, "a/.dextctl.json:2:3: there is no setting 'x'"));
    assert_int_equal(config_prepare(c, at("a/Info.plist")), APP_USAGE);
    (void)fflush(app.err);
    assert_int_equal(told_size, after);
    config_free(c);
}

static void test_filter(void **state)
{
    (void)state;
    const char *group[] = {"DX1", NULL}, *one[] = {"dx102", NULL};
    struct report_filter none = {0}, select = {.select = one}, ignore = {.ignore = group};
    struct report_filter both = {.select = group, .ignore = one}, old = {.ruleset = "1999.01"};
    struct report_filter named = {.ruleset = "1999.01", .select = one};
    struct report_finding f = finding("DX102", "x");
    assert_int_equal(filter_judge(NULL, &f), FILTER_SHOW);
    assert_int_equal(filter_judge(&none, &f), FILTER_SHOW);
    assert_int_equal(filter_judge(&select, &f), FILTER_SHOW);
    assert_int_equal(filter_judge(&ignore, &f), FILTER_SUPPRESSED);
    assert_int_equal(filter_judge(&both, &f), FILTER_SUPPRESSED);
    assert_int_equal(filter_judge(&old, &f), FILTER_NOT_ASKED);
    assert_int_equal(filter_judge(&named, &f), FILTER_SHOW); /* named itself */
    f = finding("DX101", "x");
    assert_int_equal(filter_judge(&select, &f), FILTER_NOT_ASKED);
    assert_int_equal(filter_judge(&both, &f), FILTER_SHOW);
    const struct words *rules = words_find("rules");
    assert_true(words_known(rules, "DX1") && words_known(rules, "plist-malformed"));
    assert_true(words_known(rules, "DX10") && !words_known(rules, "DX"));
    assert_false(words_known(rules, "DX9999") || words_known(rules, ""));
}

/* Rules in preview wait for --preview, or to be named one by one. */
static void test_preview(void **state)
{
    (void)state;
    const char *names[] = {NULL, NULL}, *group[] = {NULL, NULL};
    char prefix[4] = "";
    for (size_t i = 0; dext_rule_at(i) && !names[0]; i++) {
        if (dext_rule_is_preview(dext_rule_at(i))) {
            names[0] = dext_rule_id(dext_rule_at(i));
        }
    }
    if (!names[0]) {
        skip();
    }
    memcpy(prefix, names[0], 3);
    group[0] = prefix;
    struct report_filter plain = {0}, preview = {.preview = true};
    struct report_filter by_name = {.select = names}, by_group = {.select = group};
    struct report_finding f = finding(names[0], "x");
    assert_int_equal(filter_judge(&plain, &f), FILTER_NOT_ASKED);
    assert_int_equal(filter_judge(&preview, &f), FILTER_SHOW);
    assert_int_equal(filter_judge(&by_name, &f), FILTER_SHOW);
    assert_int_equal(filter_judge(&by_group, &f), FILTER_NOT_ASKED);
}

static void test_baseline_counts(void **state)
{
    (void)state;
    struct report_finding f[3] = {finding("DX102", "a/x"), finding("DX102", "a/x"),
                                  finding("DX101", "a/x")};
    f[1].f.message = "the other one is on line 1234";
    struct report r = {.app = &app, .findings = f, .count = 2};
    char path[256];
    /* Settings that were read are nothing to write to, whatever is forced. */
    (void)snprintf(path, sizeof path, "%s", at("a/.dextctl.json"));
    const struct output settings = baseline_output(path, true);
    assert_int_equal(baseline_write(&r, &settings), APP_UNREADABLE);
    (void)snprintf(path, sizeof path, "%s", at("a/known.json"));
    const struct output to = baseline_output(path, true);
    assert_int_equal(baseline_write(&r, &to), APP_CLEAN);
    struct baseline *b = baseline_read(&app, path);
    assert_non_null(b);
    assert_true(baseline_takes(b, &f[0]));
    assert_true(baseline_takes(b, &f[1]));
    assert_false(baseline_takes(b, &f[0])); /* two were known, this is the third */
    assert_false(baseline_takes(b, &f[2]));
    baseline_rewind(b);
    assert_true(baseline_takes(b, &f[1]));
    baseline_free(b);
}

/* Whoever may write above a project must not silence its findings. */
static void test_whose(void **state)
{
    (void)state;
    int status;
    (void)mkdir(at("a/.git"), 0755);
    struct config *c = config_open(&app, NULL, &status);
    struct report_finding f = finding("DX101", "a/deep/Info.plist");
    assert_true(config_admits(c, &f)); /* the file above is beyond the repository's top */
    assert_null(config_used(c, 0));
    f = finding("DX101", "b/old/gone/Info.plist");
    f.f.rule = dext_rule_find("DX102");
    assert_false(config_admits(c, &f));
    assert_int_equal(config_used(c, 0)->silenced, 1);
    config_rewind(c);
    assert_int_equal(config_used(c, 0)->silenced, 0);
    config_free(c);
    (void)rmdir(at("a/.git"));
    if (geteuid() != 0) {
        print_message("not root: files of another owner are not tried\n");
        return;
    }
    assert_int_equal(chown(at(".dextctl.json"), 12345, 12345), 0);
    c = config_open(&app, NULL, &status);
    f = finding("DX101", "a/deep/Info.plist");
    assert_true(config_admits(c, &f));
    assert_null(config_used(c, 0));
    config_free(c);
    (void)fflush(app.err);
    assert_non_null(strstr(told, "not used: it belongs to another user"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nearest_holds),
        cmocka_unit_test(test_severity_and_overrides),
        cmocka_unit_test(test_exclude),
        cmocka_unit_test(test_one_for_all),
        cmocka_unit_test(test_mistake_is_told_once),
        cmocka_unit_test(test_filter),
        cmocka_unit_test(test_preview),
        cmocka_unit_test(test_baseline_counts),
        cmocka_unit_test(test_whose), /* last: it gives a file away */
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
