#include "inputs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dext/lint.h"

#define STDIN_LIMIT ((size_t)64 << 20)

static int add_stdin(struct app *app, const struct args *args, struct dext_lint *l)
{
    char *data;
    size_t size;
    const char *name = opt_value(args, "stdin-filename");
    if (!app_read_stdin(app, STDIN_LIMIT, &data, &size)) {
        return APP_UNREADABLE;
    }
    dext_lint_add_bytes(l, name ? name : "-", data, size);
    free(data);
    return APP_CLEAN;
}

static int add_list(struct app *app, const char *path, struct dext_lint *l)
{
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
    if (!in) {
        app_error(app, "%s: cannot be opened: %s", path, strerror(errno));
        return APP_UNREADABLE;
    }
    char *name = NULL;
    size_t cap = 0;
    while (getdelim(&name, &cap, 0, in) > 0) {
        if (name[0]) {
            dext_lint_add_path(l, name);
        }
    }
    free(name);
    if (in != stdin) {
        (void)fclose(in);
    }
    return APP_CLEAN;
}

int inputs_add(struct app *app, const struct args *args, struct dext_lint *l)
{
    int rc = APP_CLEAN;
    for (size_t i = 0; opt_nth(args, "files-from", i) && rc == APP_CLEAN; i++) {
        rc = add_list(app, opt_nth(args, "files-from", i), l);
    }
    for (size_t i = 0; i < args->operand_count && rc == APP_CLEAN; i++) {
        if (strcmp(args->operands[i], "-") == 0) {
            rc = add_stdin(app, args, l);
        } else {
            dext_lint_add_path(l, args->operands[i]);
        }
    }
    return rc;
}

const char *const *inputs_excludes(const struct args *args, const struct config *config)
{
    const char *const *more = config ? config_excludes(config) : NULL;
    size_t count = 0, given = 0;
    while (more && more[count]) {
        count++;
    }
    while (opt_nth(args, "exclude", given)) {
        given++;
    }
    if (count + given == 0) {
        return NULL;
    }
    const char **all = app_alloc((count + given + 1) * sizeof *all);
    for (size_t i = 0; i < count; i++) {
        all[i] = more[i];
    }
    for (size_t i = 0; i < given; i++) {
        all[count + i] = opt_nth(args, "exclude", i); /* the last match wins */
    }
    return all;
}
