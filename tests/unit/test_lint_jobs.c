/* Many property lists, checked by one thread and by several: the same findings, the same inputs,
 * each once; folders with sources, files that cannot be read and a folder of more than a few files
 * among them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dext/lint.h"

static char root[] = "/tmp/test_lint_jobs.XXXXXX";

static void write_text(const char *folder, const char *name, const char *text)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", root, folder);
    (void)mkdir(path, 0700);
    (void)snprintf(path, sizeof path, "%s/%s/%s", root, folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

/* A driver whose class and, here and there, whose keys are wrong. */
static void write_driver(const char *folder, const char *name, unsigned i)
{
    char text[2048];
    (void)snprintf(text, sizeof text,
                   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">\n<dict>\n"
                   "<key>CFBundleIdentifier</key><string>org.test.d%u</string>\n"
                   "<key>CFBundlePackageType</key><string>DEXT</string>\n"
                   "<key>IOKitPersonalities</key>\n<dict><key>P</key><dict>\n"
                   "<key>CFBundleIdentifier</key><string>org.test.d%u</string>\n"
                   "<key>IOClass</key><string>IOUserService</string>\n"
                   "<key>IOProviderClass</key><string>IOUSBHostInterface</string>\n"
                   "<key>%s</key><string>Driver%u</string>\n"
                   "<key>IOUserServerName</key><string>org.test.d%u</string>\n"
                   "<key>idVendor</key>%s<key>idProduct</key><integer>%u</integer>\n"
                   "</dict></dict></dict></plist>\n",
                   i, i, i % 3 ? "IOUserClass" : "IOUserClas", i, i,
                   i % 5 ? "<integer>1</integer>" : "<string>1</string>", i);
    write_text(folder, name, text);
}

static int make(void **state)
{
    (void)state;
    if (!mkdtemp(root)) {
        return -1;
    }
    char folder[64], name[64];
    for (unsigned i = 0; i < 120; i++) {
        (void)snprintf(folder, sizeof folder, "d%u", i);
        write_driver(folder, "Info.plist", i);
        if (i % 7 == 0) { /* the class is declared, or another one */
            (void)snprintf(name, sizeof name, "class Driver%u : public IOService {};\n", i + i % 2);
            write_text(folder, "Driver.iig", name);
        }
        if (i % 11 == 0) {
            write_text(folder, "Broken-Info.plist", "<plist><dict><key>IOKitPersonalities</key>");
        }
        if (i % 13 == 0) {
            write_text(folder, "App.entitlements",
                       "<plist version=\"1.0\"><dict><key>com.apple.developer.driverkit</key>"
                       "<true/></dict></plist>");
        }
    }
    for (unsigned i = 0; i < 150; i++) {
        (void)snprintf(name, sizeof name, "Info-%u.plist", i);
        write_driver("many", name, 1000 + i);
        write_driver("sources", name, 2000 + i);
    }
    write_text("sources", "Driver.iig", "class Driver2001 : public IOService {};\n");
    return 0;
}

static int drop(void **state)
{
    (void)state;
    char command[128];
    (void)snprintf(command, sizeof command, "rm -r '%s'", root);
    return system(command); /* NOLINT(cert-env33-c): the name is mkdtemp's */
}

struct told {
    char *lines[8192];
    size_t count, done;
};

static void add(struct told *t, char *line)
{
    assert_true(t->count < sizeof t->lines / sizeof *t->lines);
    t->lines[t->count++] = line;
}

static void on_finding(void *user, const struct dext_finding *f)
{
    char *line = NULL;
    assert_true(asprintf(&line, "%s %s:%u:%u %s %s | %s | %s", dext_rule_id(f->rule), f->file,
                         f->at.line, f->at.column, f->path, f->message, f->fix ? f->fix : "",
                         f->line ? f->line : "") > 0);
    add(user, line);
}

static void on_input(void *user, const struct dext_input *in)
{
    char *line = NULL;
    assert_true(asprintf(&line, "%s %s %d %s", in->file, in->kind, (int)in->status, in->reason) >
                0);
    add(user, line);
}

static void on_progress(void *user, size_t done, size_t total)
{
    struct told *t = user;
    assert_int_equal(done, t->done + 1);
    assert_true(done <= total);
    t->done = done;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static struct told *lint(unsigned jobs, int status)
{
    struct told *t = calloc(1, sizeof *t);
    assert_non_null(t);
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dext_lint_options opt = {.size = sizeof opt,
                                    .user = t,
                                    .on_finding = on_finding,
                                    .on_input = on_input,
                                    .on_progress = on_progress,
                                    .jobs = jobs};
    struct dext_lint *l = dext_lint_new(ctx, &opt);
    dext_lint_add_path(l, root);
    assert_int_equal(dext_lint_run(l), status);
    dext_lint_free(l);
    dext_ctx_free(ctx);
    qsort(t->lines, t->count, sizeof *t->lines, by_text);
    return t;
}

static void told_free(struct told *t)
{
    for (size_t i = 0; i < t->count; i++) {
        free(t->lines[i]);
    }
    free(t);
}

static void any_number_of_threads(void **state)
{
    static const unsigned jobs[] = {2, 3, 16};
    (void)state;
    struct told *one = lint(1, DEXT_E_IO);
    size_t sources = 0;
    for (size_t i = 0; i < one->count; i++) {
        sources += strncmp(one->lines[i], "DX80", 4) == 0;
    }
    assert_true(sources > 20); /* the sources were looked at */
    assert_true(one->count > 600 && one->done > 400);
    for (size_t k = 0; k < sizeof jobs / sizeof *jobs; k++) {
        struct told *many = lint(jobs[k], DEXT_E_IO);
        for (size_t i = 0; i < one->count && i < many->count; i++) {
            assert_string_equal(one->lines[i], many->lines[i]);
        }
        assert_int_equal(one->count, many->count);
        assert_int_equal(one->done, many->done);
        told_free(many);
    }
    told_free(one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_number_of_threads)};
    return cmocka_run_group_tests(tests, make, drop);
}
