#include <stdlib.h>
#include <string.h>

#include "app/fold.h"
#include "app/nearest.h"
#include "app/said.h"
#include "app/words.h"
#include "cmd.h"
#include "view/page.h"
#include "view/record.h"

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

int cmd_unknown(const struct app *app, const char *name)
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

/* ---- before a command runs ----------------------------------------------------------------- */

static bool cmd_has_option(const struct cmd *c, const char *name, char letter)
{
    for (const struct opt *o = c->options; o && o->name; o++) {
        if (name ? strncmp(o->name, name, strcspn(name, "=")) == 0 &&
                       strlen(o->name) == strcspn(name, "=")
                 : o->letter == letter) {
            return true;
        }
    }
    return false;
}

/* The command on the line if it has the option, else any that has one of that name. */
static const char *cmd_home(char **rest, const char *name, char letter)
{
    for (; *rest; rest++) {
        const struct cmd *c = cmd_find(*rest);
        if (c && cmd_has_option(c, name, letter)) {
            return c->name;
        }
    }
    for (size_t i = 0; name && cmd_all[i]; i++) {
        if (cmd_has_option(cmd_all[i], name, letter)) {
            return cmd_all[i]->name;
        }
    }
    return NULL;
}

static int cmd_check_format(const struct app *app, const struct cmd *c)
{
    char near[64];
    if (opt_is_choice(c->formats, app->format)) {
        return APP_CLEAN;
    }
    bool hint = opt_near_choice(c->formats, app->format, near) != NULL;
    return app_usage_error(app, "'%s' writes %s, not '%s'%s%s%s", c->name, c->formats, app->format,
                           hint ? "; did you mean '" : "", hint ? near : "", hint ? "'?" : "");
}

static int cmd_check_operands(const struct app *app, const struct cmd *c, const struct args *args)
{
    const struct words *words = words_find(c->operands);
    const size_t count = args->operand_count;
    int rc = APP_CLEAN;
    if (!c->operands && count) {
        return app_usage_error(app, "%s takes no operand: '%s'", c->name, args->operands[0]);
    }
    if (c->most && count > c->most) {
        return app_usage_error(app, "%s takes %zu operand%s, not '%s'", c->name, c->most,
                               c->most == 1 ? "" : "s", args->operands[c->most]);
    }
    if (c->needs && count == 0 && !(c->instead && opt_flag(args, c->instead))) {
        return app_usage_error(app, "%s needs %s", c->name, c->needs);
    }
    for (size_t i = 0; words && rc == APP_CLEAN && i < count; i++) {
        rc = words_check(app, words, NULL, args->operands[i]);
    }
    return rc;
}

/* Whoever reads json gets a document, even where nothing could be read. */
static int cmd_end(const struct app *app, const struct cmd *c, int rc)
{
    static const bool documents[FACE_COUNT] = {[FACE_JSON] = true, [FACE_NDJSON] = true};
    if (rc == APP_UNREADABLE && c->form && !said_begun(app->said) && documents[app->face]) {
        record_unanswered(app, c->form);
    }
    return rc;
}

static int cmd_run(struct app *app, const struct cmd *c, struct args *args)
{
    int rc = opt_parse(app, c->options, args);
    if (rc != APP_CLEAN) {
        app->face = opt_is_choice(c->formats, app->format) ? face_named(app->format) : FACE_HUMAN;
        return cmd_end(app, c, rc);
    }
    if (opt_flag(args, "help")) {
        cmd_print_help(app, c);
        return APP_CLEAN;
    }
    if (opt_flag(args, "version")) {
        (void)fprintf(app->out, "dextctl %s\n", dext_version());
        return APP_CLEAN;
    }
    rc = cmd_check_format(app, c);
    rc = rc ? rc : cmd_check_operands(app, c, args);
    if (rc == APP_CLEAN) {
        static const bool people[FACE_COUNT] = {[FACE_HUMAN] = true};
        app->face = face_named(app->format);
        if (!people[app->face]) {
            fold_exact(app, true);
        }
        rc = cmd_end(app, c, c->run(app, args));
    }
    return rc;
}

static int cmd_none(struct app *app, const struct args *args)
{
    if (opt_flag(args, "version")) {
        (void)fprintf(app->out, "dextctl %s\n", dext_version());
        return APP_CLEAN;
    }
    if (opt_flag(args, "help") || args->argc <= 1) {
        cmd_print_help(app, NULL);
        return args->argc <= 1 ? APP_USAGE : APP_CLEAN;
    }
    return app_usage_error(app, "no command given");
}

int main(int argc, char **argv)
{
    struct app app;
    struct args args;
    const char *name;
    app_open(&app);
    opt_open(&args, argc, argv);
    fold_open(&app, page_width(&app));
    int rc = opt_parse_global(&app, &args, cmd_home, &name);
    if (rc == APP_CLEAN && !name) {
        rc = cmd_none(&app, &args);
    } else if (rc == APP_CLEAN) {
        const struct cmd *c = cmd_find(name);
        rc = c ? cmd_run(&app, c, &args) : cmd_unknown(&app, name);
    }
    opt_free(&args);
    return app_close(&app, rc);
}
