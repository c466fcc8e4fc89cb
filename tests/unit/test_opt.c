#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/opt.h"

static const struct opt options[] = {
    {"select", 's', "RULES", NULL, "", NULL},
    {"level", 0, "LEVEL", "low|high", "", NULL},
    {"fix", 'x', NULL, NULL, "", NULL},
    {"yes", 'y', NULL, NULL, "", NULL},
    OPT_END,
};

static struct app app;
static struct args args;
static char *told;
static size_t told_size;

static int parse(int argc, const char *const *argv)
{
    char *copy[16] = {(char *)"dextctl"};
    for (int i = 0; i < argc; i++) {
        copy[i + 1] = (char *)argv[i];
    }
    app = (struct app){.format = "human", .out = stdout};
    app.err = open_memstream(&told, &told_size);
    opt_open(&args, argc + 1, copy);
    int rc = opt_parse(&app, options, &args);
    assert_int_equal(fclose(app.err), 0);
    return rc;
}
#define PARSE(...)                                                                                 \
    parse((int)(sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *)),                           \
          (const char *[]){__VA_ARGS__})

static void done(void)
{
    opt_free(&args);
    free(told);
}

static void test_forms(void **state)
{
    (void)state;
    assert_int_equal(
        PARSE("a", "--select=DX1", "b", "-sDX2", "-s", "DX3", "--select", "DX4", "-xy"), APP_CLEAN);
    assert_int_equal(args.operand_count, 2);
    assert_string_equal(args.operands[1], "b");
    assert_null(args.operands[2]);
    assert_string_equal(opt_nth(&args, "select", 0), "DX1");
    assert_string_equal(opt_nth(&args, "select", 1), "DX2");
    assert_string_equal(opt_nth(&args, "select", 2), "DX3");
    assert_string_equal(opt_value(&args, "select"), "DX4");
    assert_null(opt_nth(&args, "select", 4));
    assert_true(opt_flag(&args, "fix") && opt_flag(&args, "yes"));
    assert_null(opt_value(&args, "level"));
    done();
}

static void test_operands(void **state)
{
    (void)state;
    assert_int_equal(PARSE("-", "-5", "--", "--fix", "@x", "-"), APP_CLEAN);
    assert_int_equal(args.operand_count, 5);
    assert_string_equal(args.operands[1], "-5");
    assert_string_equal(args.operands[2], "--fix");
    assert_string_equal(args.operands[3], "@x");
    assert_false(opt_flag(&args, "fix"));
    done();
}

static void test_globals(void **state)
{
    (void)state;
    assert_int_equal(PARSE("-qv", "-f", "json", "--color", "always", "--help"), APP_CLEAN);
    assert_true(app.quiet && app.verbose && app.colour && opt_flag(&args, "help"));
    assert_string_equal(app.format, "json");
    done();
}

static const char *home(char **rest, const char *name, char letter)
{
    (void)letter;
    return name && strcmp(name, "list") == 0 && *rest ? *rest : NULL;
}

static int parse_global(int argc, const char *const *argv, const char **command)
{
    char *copy[16] = {(char *)"dextctl"};
    for (int i = 0; i < argc; i++) {
        copy[i + 1] = (char *)argv[i];
    }
    app = (struct app){.format = "human", .out = stdout};
    app.err = open_memstream(&told, &told_size);
    opt_open(&args, argc + 1, copy);
    int rc = opt_parse_global(&app, &args, home, command);
    rc = rc ? rc : opt_parse(&app, options, &args);
    assert_int_equal(fclose(app.err), 0);
    return rc;
}

/* The command is the first word that is neither an option nor the value of one. */
static void test_before_the_command(void **state)
{
    (void)state;
    const char *command;
    assert_int_equal(
        parse_global(6, (const char *[]){"-qf", "json", "lint", "-x", "@", "-5"}, &command),
        APP_CLEAN);
    assert_string_equal(command, "lint");
    assert_string_equal(app.format, "json");
    assert_true(app.quiet && opt_flag(&args, "fix"));
    assert_int_equal(args.operand_count, 2);
    done();
    assert_int_equal(parse_global(3, (const char *[]){"--", "lint", "-x"}, &command), APP_CLEAN);
    assert_true(opt_flag(&args, "fix"));
    done();
    assert_int_equal(parse_global(1, (const char *[]){"-v"}, &command), APP_CLEAN);
    assert_null(command);
    done();
    assert_int_equal(parse_global(2, (const char *[]){"--list", "error"}, &command), APP_USAGE);
    assert_non_null(strstr(told, "--list is an option of 'error'"));
    done();
    assert_int_equal(parse_global(2, (const char *[]){"--fromat", "x"}, &command), APP_USAGE);
    assert_non_null(strstr(told, "did you mean --format?"));
    done();
}

static void expect_told(int rc, const char *text)
{
    /* A list of operands that cannot be read is no mistake in the words. */
    assert_int_equal(rc, text[0] == '@' ? APP_UNREADABLE : APP_USAGE);
    if (!strstr(told, text)) {
        fail_msg("'%s' is not in '%s'", text, told);
    }
    done();
}

static void test_mistakes(void **state)
{
    (void)state;
    expect_told(PARSE("--selct", "x"), "there is no option --selct; did you mean --select?");
    expect_told(PARSE("--qqqqqq"), "there is no option --qqqqqq\n");
    expect_told(PARSE("--fix=1"), "--fix takes no value");
    expect_told(PARSE("--level"), "--level needs a value");
    expect_told(PARSE("--level", "middle"), "--level takes one of low|high, not 'middle'\n");
    expect_told(PARSE("--level", "lo"), "--level takes one of");
    expect_told(PARSE("-xz"), "there is no option -z");
    expect_told(PARSE("-s"), "-s needs a value");
    expect_told(PARSE("@/no/such/file"), "@/no/such/file: No such file");
    expect_told(PARSE("@/"), "@/: is a folder");
}

static void test_response_file(void **state)
{
    (void)state;
    char name[] = "/tmp/dextctl-test-XXXXXX", operand[64];
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "a b\r\n\n--fix\nlast", 16), 16);
    (void)close(fd);
    (void)snprintf(operand, sizeof operand, "@%s", name);
    assert_int_equal(PARSE("first", operand), APP_CLEAN);
    assert_int_equal(args.operand_count, 4);
    assert_string_equal(args.operands[1], "a b");
    assert_string_equal(args.operands[2], "--fix");
    assert_string_equal(args.operands[3], "last");
    (void)unlink(name);
    done();
}

static void test_split(void **state)
{
    (void)state;
    char **list = opt_split(",a,,b c,");
    assert_string_equal(list[0], "a");
    assert_string_equal(list[1], "b c");
    assert_null(list[2]);
    free(list);
    list = opt_split("");
    assert_null(list[0]);
    free(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_operands),
        cmocka_unit_test(test_globals),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_response_file),
        cmocka_unit_test(test_split),
        cmocka_unit_test(test_before_the_command),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
