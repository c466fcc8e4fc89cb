/* What `dextctl help` tells: the whole command table, for the check that the manual knows every
 * option and for whoever wraps the program. */
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "help_record.h"
#include "lint/baseline.h"
#include "lint/config_schema.h"

struct help_row {
    const struct cmd *cmd;
    const struct opt *options;
    size_t option_count;
    const char **examples; /* NULL-ended */
    char schema[40];       /* "" */
};

static const struct record_field option_fields[] = {
    R_TEXT("name", struct opt, name, "`fail-on`, given as `--fail-on`"),
    R_TEXT_OR_NULL("arg", struct opt, arg, "what its value is; `null` when it takes none"),
    R_TEXT_OR_NULL("choices", struct opt, choices, "its values: `error|warning|note|never`"),
    R_TEXT("help", struct opt, help, "one sentence"),
};
static const struct record option = RECORD("option", struct opt, option_fields);

static const struct record_field name_fields[] = {
    R_TEXT("name", struct cmd, name, "of the command"),
    R_TEXT("summary", struct cmd, summary, "one line"),
    R_TEXT("usage", struct cmd, usage, "`lint [OPTIONS] PATH...`"),
    R_TEXT_OR_NULL("formats", struct cmd, formats, "`human|json|...`; the first is the default"),
};
static const struct record name = RECORD("name", struct cmd, name_fields);

static const struct record_field command_fields[] = {
    R_INLINE_REF(struct help_row, cmd, &name),
    R_LIST("options", struct help_row, options, option_count, &option, "beside the global ones"),
    R_TEXTS_ENDED("examples", struct help_row, examples, "what to type"),
    R_CHARS_OR_NULL("form", struct help_row, schema,
                    "the `schema` of its json and ndjson, which `help --schema` prints"),
};
static const struct record command = RECORD("command", struct help_row, command_fields);

static const struct record_part parts[] = {
    {"global", RECORD_ITEMS, "option", &option, false, "options that every command has"},
    {"commands", RECORD_ITEMS, "command", &command, false, "all, or the one that was named"},
};
const struct record_form help_form = RECORD_FORM("help", 1, parts);

static const char **example_lines(const struct cmd_example *list)
{
    size_t count = 0;
    while (list && list[count].line) {
        count++;
    }
    const char **out = app_alloc((count + 1) * sizeof *out);
    for (size_t i = 0; i < count; i++) {
        out[i] = list[i].line;
    }
    return out;
}

static void add_command(struct record_out *o, const struct cmd *c)
{
    struct help_row row = {.cmd = c, .options = c->options, .examples = example_lines(c->examples)};
    while (row.options && row.options[row.option_count].name) {
        row.option_count++;
    }
    if (c->form) {
        record_schema_name(c->form, row.schema);
    }
    record_add(o, &row);
    free(row.examples);
}

void help_record(const struct app *app, const struct cmd *only)
{
    struct record_out o;
    record_begin(&o, app, &help_form);
    record_list(&o, "global");
    for (const struct opt *g = opt_global; g->name; g++) {
        record_add(&o, g);
    }
    record_list(&o, "commands");
    for (size_t i = 0; cmd_all[i]; i++) {
        if (!only || only == cmd_all[i]) {
            add_command(&o, cmd_all[i]);
        }
    }
    record_end(&o);
}

int help_form_print(const struct app *app, const char *word,
                    void (*print)(FILE *, const struct record_form *))
{
    if (print == record_schema && strcmp(word, "config") == 0) {
        config_schema_write(app->out);
        return APP_CLEAN;
    }
    const struct cmd *c = cmd_find(word);
    const struct record_form *form = c                                          ? c->form
                                     : strcmp(word, baseline_form.command) == 0 ? &baseline_form
                                                                                : NULL;
    if (!form) {
        return app_usage_error(app, "there is no command '%s' that writes json", word);
    }
    print(app->out, form);
    return APP_CLEAN;
}
