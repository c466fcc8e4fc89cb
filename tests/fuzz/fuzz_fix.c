/* --fix as a property: an input is a kind of file (the first byte) and its text. What was readable
 * stays readable, a second --fix changes nothing, and no finding that could be mended is left. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "code.h"
#include "dext/lint.h"
#include "tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int dextctl_main(int argc, char **argv); /* cmd/main.c */

static const char *const names[] = {"Info.plist", "a.entitlements", "X.xcodeproj/project.pbxproj",
                                    "D.dext/Info.plist"};

/* Runs lint; what it wrote to stderr is an answer, too. */
static int run(char **argv, char **said)
{
    size_t n = 0;
    int argc = 0;
    FILE *out = stdout, *err = stderr;
    while (argv[argc]) {
        argc++;
    }
    stdout = fopen("/dev/null", "w");
    stderr = open_memstream(said, &n);
    if (!stdout || !stderr) {
        abort();
    }
    int rc = dextctl_main(argc, argv);
    (void)fclose(stdout);
    (void)fclose(stderr);
    stdout = out;
    stderr = err;
    return rc;
}

static bool mend(char *path)
{
    char *said, *argv[] = {(char *)"dextctl",     (char *)"lint", (char *)"--fix",
                           (char *)"--no-config", path,           NULL};
    char failed[400]; /* with the path: an input may hold these words as well */
    (void)snprintf(failed, sizeof failed, "dextctl: %s: not mended: ", path);
    (void)run(argv, &said);
    if (strstr(said, failed)) {
        (void)fputs(said, stderr);
        abort();
    }
    bool clean = said[0] == 0;
    free(said);
    return clean;
}

struct left {
    size_t mendable, inputs;
    enum dext_input_status status;
};

static void on_finding(void *user, const struct dext_finding *f)
{
    struct left *left = user;
    left->mendable +=
        f->edit_count && !dext_rule_is_preview(f->rule); /* others are not asked for */
}

static void on_input(void *user, const struct dext_input *in)
{
    struct left *left = user;
    left->inputs++;
    left->status = in->status;
}

static struct left look(const char *path)
{
    struct left left = {0};
    struct dext_lint_options options = {
        .size = sizeof options, .user = &left, .on_finding = on_finding, .on_input = on_input};
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dext_lint *lint = dext_lint_new(ctx, &options);
    dext_lint_add_path(lint, path);
    (void)dext_lint_run(lint);
    dext_lint_free(lint);
    dext_ctx_free(ctx);
    return left;
}

static const char *folder_with(const char *name, const uint8_t *p, size_t n)
{
    struct bytes all = {0};
    bytes_add(&all, "\n@@ ", 4);
    bytes_add(&all, name, strlen(name));
    bytes_add(&all, "\n", 1);
    bytes_add(&all, p, n);
    bytes_add(&all, "\n", n != 0);
    const char *root = tree_make(all.p, all.n);
    bytes_free(&all);
    return root;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[300];
    if (size < 1 || size > (1 << 15) || memmem(data, size, "\n@@ ", 4)) {
        return 0;
    }
    const char *name = names[data[0] % (sizeof names / sizeof *names)];
    (void)snprintf(path, sizeof path, "%s/%s", folder_with(name, data + 1, size - 1), name);
    struct left before = look(path);
    (void)mend(path);
    struct left after = look(path);
    struct bytes once = {0}, twice = {0};
    (void)bytes_read(&once, path);
    (void)mend(path);
    (void)bytes_read(&twice, path);
    if (once.n != twice.n || (once.n && memcmp(once.p, twice.p, once.n) != 0)) {
        abort(); /* not idempotent */
    }
    if (before.status == DEXT_CHECKED && after.status != DEXT_CHECKED) {
        abort(); /* no longer readable */
    }
    if (before.mendable && after.mendable) {
        abort(); /* it was not mended */
    }
    bytes_free(&once);
    bytes_free(&twice);
    return 0;
}
