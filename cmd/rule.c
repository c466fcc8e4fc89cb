#include <stdlib.h>

#include "cmd.h"
#include "rule_view.h"

static int unknown_rule(const struct app *app, const char *name)
{
    const char *near = dext_rule_nearest(name);
    return app_usage_error(app, "there is no rule '%s'%s%s%s", name, near ? "; did you mean '" : "",
                           near ? near : "", near ? "'?" : "");
}

static int run(struct app *app, const struct args *args)
{
    size_t count = args->operand_count ? args->operand_count : dext_rule_count();
    const struct dext_rule **rules = app_alloc(count * sizeof *rules);
    int rc = APP_CLEAN;
    for (size_t i = 0; i < count && rc == APP_CLEAN; i++) {
        rules[i] = args->operand_count ? dext_rule_find(args->operands[i]) : dext_rule_at(i);
        rc = rules[i] ? APP_CLEAN : unknown_rule(app, args->operands[i]);
    }
    if (rc == APP_CLEAN) {
        rule_view_named(app->format)->write(app->out, rules, count, args->operand_count == 0);
    }
    free(rules);
    return rc;
}

static const struct cmd_example examples[] = {
    {"dextctl rule", "list all rules"},
    {"dextctl rule missing-user-class", "say everything about one"},
    {NULL, NULL},
};

const struct cmd cmd_rule = {
    .name = "rule",
    .summary = "show the documentation of a rule, or the catalogue",
    .usage = "rule [ID|NAME]...",
    .text = "Prints what a rule finds, why it is a mistake, how to mend it, and the sources that "
            "say so. Without an operand it lists all rules.",
    .formats = "human|json|markdown",
    .examples = examples,
    .exits = "  0  printed\n  2  no such rule\n",
    .operands = "rule",
    .run = run,
};
