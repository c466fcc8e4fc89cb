#include <string.h>

#include "cmd.h"
#include "completion.h"
#include "json.h"
#include "term.h"

#define WIDTH 80

static void print_option(FILE *out, const struct opt *o)
{
    char left[64];
    (void)snprintf(left, sizeof left, "%s%c%s --%s%s%s", o->letter ? "-" : " ",
                   o->letter ? o->letter : ' ', o->letter ? "," : " ", o->name, o->arg ? " " : "",
                   o->arg ? o->arg : "");
    (void)fprintf(out, "  %-27s", left);
    if (strlen(left) > 26) {
        (void)fprintf(out, "\n%30s", "");
    } else {
        (void)fputc(' ', out);
    }
    char text[400];
    (void)snprintf(text, sizeof text, "%s%s%s%s", o->help, o->choices ? " (" : "",
                   o->choices ? o->choices : "", o->choices ? ")" : "");
    term_wrap(out, text, 30, WIDTH);
    (void)fputc('\n', out);
}

static void print_options(FILE *out, const char *title, const struct opt *list)
{
    if (list && list->name) {
        (void)fprintf(out, "\n%s:\n", title);
        for (; list->name; list++) {
            print_option(out, list);
        }
    }
}

static void print_program(FILE *out)
{
    (void)fputs("dextctl tells the author of an Apple driver extension what is wrong with it.\n\n"
                "usage: dextctl [GLOBAL OPTIONS] COMMAND [OPTIONS] [PATH|CODE ...]\n\ncommands:\n",
                out);
    for (size_t i = 0; cmd_all[i]; i++) {
        (void)fprintf(out, "  %-14s %s\n", cmd_all[i]->name, cmd_all[i]->summary);
    }
    print_options(out, "global options", opt_global);
    (void)fputs("\nexit status: 0 nothing to report, 1 findings, 2 wrong usage, "
                "3 some input unreadable.\n"
                "'dextctl help COMMAND' says more of a command.\n",
                out);
}

void cmd_print_help(const struct app *app, const struct cmd *c)
{
    FILE *out = app->out;
    if (!c) {
        print_program(out);
        return;
    }
    (void)fprintf(out, "dextctl %s: %s\n\nusage: dextctl %s\n\n", c->name, c->summary, c->usage);
    term_wrap(out, c->text, 0, WIDTH);
    (void)fputc('\n', out);
    print_options(out, "options", c->options);
    print_options(out, "global options", opt_global);
    if (c->formats) {
        (void)fprintf(out, "\nformats: %s\n", c->formats);
    }
    if (c->examples) {
        (void)fputs("\nexamples:\n", out);
        for (const struct cmd_example *e = c->examples; e->line; e++) {
            (void)fprintf(out, "  %s\n      %s\n", e->line, e->says);
        }
    }
    (void)fprintf(out, "\nexit status:\n%s", c->exits);
}

static void json_options(struct json *j, const char *key, const struct opt *list)
{
    json_kbegin(j, key, '[');
    for (; list && list->name; list++) {
        json_begin(j, '{');
        json_kstr(j, "name", list->name);
        json_kstr(j, "arg", list->arg);
        json_kstr(j, "choices", list->choices);
        json_kstr(j, "help", list->help);
        json_end(j, '}');
    }
    json_end(j, ']');
}

/* The whole command table, for the check that the manual knows every option. */
static void print_json(FILE *out)
{
    struct json j;
    json_open(&j, out, true);
    json_begin(&j, '{');
    json_kstr(&j, "schema", "dextctl.help/1");
    json_options(&j, "global", opt_global);
    json_kbegin(&j, "commands", '[');
    for (size_t i = 0; cmd_all[i]; i++) {
        const struct cmd *c = cmd_all[i];
        json_begin(&j, '{');
        json_kstr(&j, "name", c->name);
        json_kstr(&j, "summary", c->summary);
        json_kstr(&j, "usage", c->usage);
        json_kstr(&j, "formats", c->formats);
        json_options(&j, "options", c->options);
        json_kbegin(&j, "examples", '[');
        for (const struct cmd_example *e = c->examples; e && e->line; e++) {
            json_str(&j, e->line);
        }
        json_end(&j, ']');
        json_end(&j, '}');
    }
    json_end(&j, ']');
    json_end(&j, '}');
    json_done(&j);
}

static int run(struct app *app, const struct args *args)
{
    if (opt_value(args, "completion")) {
        completion_write(app->out, opt_value(args, "completion"));
        return APP_CLEAN;
    }
    if (app->format[0] == 'j') {
        print_json(app->out);
        return APP_CLEAN;
    }
    if (args->operand_count == 0) {
        cmd_print_help(app, NULL);
        return APP_CLEAN;
    }
    const struct cmd *c = cmd_find(args->operands[0]);
    if (!c) {
        return app_usage_error(app, "there is no command '%s'", args->operands[0]);
    }
    cmd_print_help(app, c);
    return APP_CLEAN;
}

static const struct opt options[] = {
    {"completion", 0, "SHELL", "bash|zsh|fish", "print the completion script for a shell", NULL},
    OPT_END,
};

static const struct cmd_example examples[] = {
    {"dextctl help lint", "say everything about lint"},
    {NULL, NULL},
};

const struct cmd cmd_help = {
    .name = "help",
    .summary = "say more of the program or of a command",
    .usage = "help [COMMAND]",
    .text = "Prints the same text as COMMAND --help. With --format json it describes all commands "
            "and options.",
    .formats = "human|json",
    .options = options,
    .examples = examples,
    .exits = "  0  printed\n",
    .operands = "command",
    .run = run,
};
