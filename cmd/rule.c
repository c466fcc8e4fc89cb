#include <stdlib.h>

#include "cmd.h"
#include "view/rule_view.h"

static int rule_run(struct app *app, const struct args *args)
{
    size_t count = args->operand_count ? args->operand_count : dext_rule_count();
    const struct dext_rule **rules = app_alloc(count * sizeof *rules);
    for (size_t i = 0; i < count; i++) {
        rules[i] = args->operand_count ? dext_rule_find(args->operands[i]) : dext_rule_at(i);
    }
    rule_format_for(app->face)(app, rules, count, args->operand_count == 0);
    free(rules);
    return APP_CLEAN;
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
    .formats = "human|json|ndjson|markdown",
    .form = &rule_form,
    .examples = examples,
    .exits = "  0  printed\n  2  no such rule\n",
    .operands = "rule",
    .run = rule_run,
};
