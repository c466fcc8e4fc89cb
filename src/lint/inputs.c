#include "lint/inputs.h"

#include <stdlib.h>
#include <string.h>

#include "app/file.h"
#include "app/output.h"
#include "dext/lint.h"

#define LIST_LIMIT ((size_t)256 << 20)
#define STDIN_LIMIT ((size_t)64 << 20)

static void add_path(struct inputs *in, const char *path)
{
    if (in->count + 1 >= in->cap) {
        in->cap = in->cap ? in->cap * 2 : 16;
        in->paths = app_grow(in->paths, in->cap * sizeof *in->paths);
    }
    in->paths[in->count++] = path;
    in->paths[in->count] = NULL;
}

static void add_owned(struct inputs *in, const char *path)
{
    if ((in->owned_count & (in->owned_count - 1)) == 0) {
        size_t cap = in->owned_count ? in->owned_count * 2 : 1;
        in->owned = app_grow(in->owned, cap * sizeof *in->owned);
    }
    in->owned[in->owned_count] = app_strdup(path);
    add_path(in, in->owned[in->owned_count++]);
}

/* The paths in one list. A list of lines has no NUL: taken as one path it would only puzzle. */
static int read_list(struct inputs *in, const struct app *app, const char *path)
{
    char *data;
    size_t size;
    int status = APP_CLEAN;
    const char *why = file_read_list(path, LIST_LIMIT, &data, &size);
    if (why) {
        app_unread(app, path, "cannot be read: %s", why);
        in->status = APP_UNREADABLE;
        return APP_CLEAN;
    }
    output_never(path);
    for (const char *name = data, *end = data + size; name < end && status == APP_CLEAN;) {
        const size_t n = strlen(name);
        if (name + n == end && memchr(name, '\n', n)) {
            status = app_usage_error(app,
                                     "%s: --files-from wants paths that end with NUL (find "
                                     "-print0); a list of lines is given as @FILE",
                                     path);
        } else if (n) {
            add_owned(in, name);
        }
        name += n + 1;
    }
    free(data);
    return status;
}

/* What may stand beside what, before anything is read. */
static int check_stdin(const struct app *app, const struct args *args)
{
    size_t operands = 0, lists = 0;
    for (size_t i = 0; i < args->operand_count; i++) {
        operands += strcmp(args->operands[i], "-") == 0;
    }
    const char *list;
    for (size_t i = 0; (list = opt_nth(args, "files-from", i)) != NULL; i++) {
        lists += strcmp(list, "-") == 0;
    }
    if (operands + lists > 1) {
        return app_usage_error(app, "standard input can be read once only");
    }
    if (operands == 0 && opt_value(args, "stdin-filename")) {
        return app_usage_error(app, "--stdin-filename needs the operand - (standard input)");
    }
    return APP_CLEAN;
}

static void inputs_read_stdin(struct inputs *in, const struct app *app, const struct args *args)
{
    in->name = opt_value(args, "stdin-filename");
    in->name = in->name ? in->name : "-";
    if (!app_read_stdin(app, STDIN_LIMIT, &in->data, &in->size)) {
        in->data = NULL;
        in->status = APP_UNREADABLE;
    }
}

int inputs_read(struct inputs *in, const struct app *app, const struct args *args)
{
    *in = (struct inputs){0};
    in->cap = 16;
    in->paths = app_alloc(in->cap * sizeof *in->paths);
    int status = check_stdin(app, args);
    for (size_t i = 0; status == APP_CLEAN && opt_nth(args, "files-from", i); i++) {
        status = read_list(in, app, opt_nth(args, "files-from", i));
    }
    for (size_t i = 0; status == APP_CLEAN && i < args->operand_count; i++) {
        if (strcmp(args->operands[i], "-") == 0) {
            inputs_read_stdin(in, app, args);
        } else {
            add_path(in, args->operands[i]);
        }
    }
    return status;
}

void inputs_free(struct inputs *in)
{
    for (size_t i = 0; i < in->owned_count; i++) {
        free(in->owned[i]);
    }
    free(in->owned);
    free(in->paths);
    free(in->data);
}

void inputs_add(const struct inputs *in, struct dext_lint *l)
{
    for (size_t i = 0; i < in->count; i++) {
        dext_lint_add_path(l, in->paths[i]);
    }
    if (in->data) {
        dext_lint_add_bytes(l, in->name, in->data, in->size);
    }
}

const char **inputs_excludes(const struct inputs *in, const struct args *args,
                             struct config *config)
{
    const char *const *more = config ? config_walk_excludes(config, in->paths) : NULL;
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
