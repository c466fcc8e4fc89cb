#include "cmd.h"
#include "dext/rule.h"
#include "json.h"
#include "term.h"

#define WIDTH 80

static void print_catalogue(FILE *out)
{
    for (size_t i = 0; i < dext_rule_count(); i++) {
        const struct dext_rule *r = dext_rule_at(i);
        (void)fprintf(out, "%s  %-8s %-34s %s%s\n", dext_rule_id(r),
                      dext_severity_name(dext_rule_severity(r)), dext_rule_name(r),
                      dext_rule_is_preview(r) ? "(preview) " : "", dext_rule_summary(r));
    }
}

static void section(FILE *out, const char *title, const char *text)
{
    (void)fprintf(out, "\n%s\n  ", title);
    term_wrap(out, text, 2, WIDTH);
    (void)fputc('\n', out);
}

static void list(FILE *out, const char *title, const struct dext_rule *r,
                 const char *(*at)(const struct dext_rule *, size_t))
{
    for (size_t i = 0; at(r, i); i++) {
        (void)fprintf(out, "%s%s%s  - ", i ? "" : "\n", i ? "" : title, i ? "" : "\n");
        term_wrap(out, at(r, i), 4, WIDTH);
        (void)fputc('\n', out);
    }
}

static void print_rule(FILE *out, const struct dext_rule *r)
{
    (void)fprintf(out, "%s %s (%s%s, since ruleset %s%s)\n", dext_rule_id(r), dext_rule_name(r),
                  dext_severity_name(dext_rule_severity(r)),
                  dext_rule_is_preview(r) ? ", preview" : "", dext_rule_since(r),
                  dext_rule_is_fixable(r) ? ", mended by --fix where safe" : "");
    section(out, "What", dext_rule_summary(r));
    section(out, "Why", dext_rule_why(r));
    section(out, "Fix", dext_rule_fix(r));
    section(out, "Wrong", dext_rule_bad(r));
    section(out, "Right", dext_rule_good(r));
    list(out, "Notes", r, dext_rule_note);
    list(out, "See also", r, dext_rule_see);
    list(out, "Sources", r, dext_rule_source);
    (void)fprintf(out, "\nSilence it on one line with\n"
                       "  <!-- dextctl: ignore %s reason -->\nabove that line.\n",
                  dext_rule_id(r));
}

static void json_list(struct json *j, const char *key, const struct dext_rule *r,
                      const char *(*at)(const struct dext_rule *, size_t))
{
    json_kbegin(j, key, '[');
    for (size_t i = 0; at(r, i); i++) {
        json_str(j, at(r, i));
    }
    json_end(j, ']');
}

static void json_rule(struct json *j, const struct dext_rule *r)
{
    json_begin(j, '{');
    json_kstr(j, "rule", dext_rule_id(r));
    json_kstr(j, "name", dext_rule_name(r));
    json_kstr(j, "severity", dext_severity_name(dext_rule_severity(r)));
    json_kbool(j, "preview", dext_rule_is_preview(r));
    json_kstr(j, "since", dext_rule_since(r));
    json_kbool(j, "fixable", dext_rule_is_fixable(r));
    json_kstr(j, "summary", dext_rule_summary(r));
    json_kstr(j, "why", dext_rule_why(r));
    json_kstr(j, "fix", dext_rule_fix(r));
    json_kstr(j, "bad", dext_rule_bad(r));
    json_kstr(j, "good", dext_rule_good(r));
    json_list(j, "notes", r, dext_rule_note);
    json_list(j, "see", r, dext_rule_see);
    json_list(j, "sources", r, dext_rule_source);
    json_end(j, '}');
}

/* The rules asked for, all when none is named; the format decides only how one is written. */
static int each(struct app *app, const struct args *args, struct json *j)
{
    for (size_t i = 0; i < args->operand_count; i++) {
        const struct dext_rule *r = dext_rule_find(args->operands[i]);
        if (!r) {
            const char *near = dext_rule_nearest(args->operands[i]);
            return app_usage_error(app, "there is no rule '%s'%s%s%s", args->operands[i],
                                   near ? "; did you mean '" : "", near ? near : "",
                                   near ? "'?" : "");
        }
        if (j) {
            json_rule(j, r);
        } else {
            (void)fputs(i ? "\n" : "", app->out);
            print_rule(app->out, r);
        }
    }
    for (size_t i = 0; j && args->operand_count == 0 && i < dext_rule_count(); i++) {
        json_rule(j, dext_rule_at(i));
    }
    return APP_CLEAN;
}

static int run(struct app *app, const struct args *args)
{
    if (app->format[0] == 'h') {
        if (args->operand_count == 0) {
            print_catalogue(app->out);
        }
        return each(app, args, NULL);
    }
    struct json j;
    json_open(&j, app->out, true);
    json_begin(&j, '{');
    json_kstr(&j, "schema", "dextctl.rule/1");
    json_kbegin(&j, "rules", '[');
    int rc = each(app, args, &j);
    json_end(&j, ']');
    json_end(&j, '}');
    json_done(&j);
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
    .formats = "human|json",
    .examples = examples,
    .exits = "  0  printed\n  2  no such rule\n",
    .operands = "rule",
    .run = run,
};
