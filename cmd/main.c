#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "nearest.h"

#define CMD(name) extern const struct cmd cmd_##name;
#include "commands.def"
#undef CMD

const struct cmd *const cmd_all[] = {
#define CMD(name) &cmd_##name,
#include "commands.def"
#undef CMD
    NULL,
};

const struct cmd *cmd_find(const char *name)
{
    for (size_t i = 0; cmd_all[i]; i++) {
        if (strcmp(cmd_all[i]->name, name) == 0) {
            return cmd_all[i];
        }
    }
    return NULL;
}

static int unknown_command(const struct app *app, const char *name)
{
    size_t count = 0;
    while (cmd_all[count]) {
        count++;
    }
    const char **names = app_alloc(count * sizeof *names);
    for (size_t i = 0; i < count; i++) {
        names[i] = cmd_all[i]->name;
    }
    const char *near = nearest(name, names, count);
    free(names);
    return app_usage_error(app, "there is no command '%s'%s%s%s", name,
                           near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static bool has_format(const struct cmd *c, const char *format)
{
    size_t n = strlen(format);
    for (const char *p = c->formats ? c->formats : ""; *p;) {
        size_t len = strcspn(p, "|");
        if (len == n && strncmp(p, format, n) == 0) {
            return true;
        }
        p += len + (p[len] == '|');
    }
    return false;
}

static int run_command(struct app *app, const struct cmd *c, int argc, char **argv)
{
    struct args args;
    bool help = false;
    int rc = opt_parse(app, c->name, c->options, argc, argv, &args, &help);
    if (rc == APP_CLEAN && help) {
        cmd_print_help(app, c);
    } else if (rc == APP_CLEAN && opt_flag(&args, "version")) {
        (void)fprintf(app->out, "dextctl %s\n", dext_version());
    } else if (rc == APP_CLEAN && !has_format(c, app->format)) {
        rc = app_usage_error(app, "'%s' writes %s, not '%s'", c->name, c->formats, app->format);
    } else if (rc == APP_CLEAN) {
        rc = c->run(app, &args);
    }
    opt_free(&args);
    return rc;
}

/* Global options may stand before the command: its word is the first that is neither an option nor
 * the value of one. It is taken out; the rest is the command's argv. */
static int find_word(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] != '-') {
            return i;
        }
        bool takes_value = strcmp(argv[i], "--format") == 0 || strcmp(argv[i], "--color") == 0 ||
                           strcmp(argv[i], "-f") == 0;
        i += takes_value;
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct app app;
    app_open(&app);
    int word = find_word(argc, argv);
    if (!word) {
        struct args args;
        bool help = false;
        int rc = opt_parse(&app, NULL, NULL, argc, argv, &args, &help);
        if (rc == APP_CLEAN && opt_flag(&args, "version")) {
            (void)fprintf(app.out, "dextctl %s\n", dext_version());
        } else if (rc == APP_CLEAN && (help || argc == 1)) {
            cmd_print_help(&app, NULL);
            rc = argc == 1 ? APP_USAGE : APP_CLEAN;
        } else if (rc == APP_CLEAN) {
            rc = app_usage_error(&app, "no command given");
        }
        opt_free(&args);
        return app_close(&app, rc);
    }
    const struct cmd *c = cmd_find(argv[word]);
    if (!c) {
        return app_close(&app, unknown_command(&app, argv[word]));
    }
    memmove(&argv[word], &argv[word + 1], (size_t)(argc - word) * sizeof *argv);
    return app_close(&app, run_command(&app, c, argc - 1, argv));
}
