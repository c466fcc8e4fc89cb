/* How rules are shown: one set of functions a format. */
#include "view/rule_view.h"

#include <string.h>

#include "view/page.h"

static void rule_catalogue(const struct app *app)
{
    char summary[512];
    for (size_t i = 0; i < dext_rule_count(); i++) {
        const struct dext_rule *r = dext_rule_at(i);
        int written = fprintf(app->out, "%s  %-8s %s", dext_rule_id(r),
                              dext_severity_name(dext_rule_severity(r)), dext_rule_name(r));
        (void)snprintf(summary, sizeof summary, "%s%s", dext_rule_is_preview(r) ? "(preview) " : "",
                       dext_rule_summary(r));
        page_last_cell(app, written, 51, summary);
    }
}

static void rule_section(const struct app *app, const char *title, const char *text)
{
    (void)fprintf(app->out, "\n%s\n  ", title);
    page_wrap(app, 2, 2, text);
    (void)fputc('\n', app->out);
}

static void rule_view_rule_list(const struct app *app, const char *title, const struct dext_rule *r,
                                const char *(*at)(const struct dext_rule *, size_t))
{
    for (size_t i = 0; at(r, i); i++) {
        (void)fprintf(app->out, "%s%s%s  - ", i ? "" : "\n", i ? "" : title, i ? "" : "\n");
        page_wrap(app, 4, 4, at(r, i));
        (void)fputc('\n', app->out);
    }
}

static void rule_print(const struct app *app, const struct dext_rule *r)
{
    (void)fprintf(app->out, "%s %s (%s%s, since ruleset %s%s)\n", dext_rule_id(r),
                  dext_rule_name(r), dext_severity_name(dext_rule_severity(r)),
                  dext_rule_is_preview(r) ? ", preview" : "", dext_rule_since(r),
                  dext_rule_is_fixable(r) ? ", mended by --fix where safe" : "");
    rule_section(app, "What", dext_rule_summary(r));
    rule_section(app, "Why", dext_rule_why(r));
    rule_section(app, "Fix", dext_rule_fix(r));
    rule_section(app, "Wrong", dext_rule_bad(r));
    rule_section(app, "Right", dext_rule_good(r));
    rule_view_rule_list(app, "Notes", r, dext_rule_note);
    rule_view_rule_list(app, "See also", r, dext_rule_see);
    rule_view_rule_list(app, "Sources", r, dext_rule_source);
    (void)fprintf(app->out,
                  "\nSilence it on one line with\n"
                  "  <!-- dextctl: ignore %s reason -->\nabove that line.\n",
                  dext_rule_id(r));
}

static void markdown_example(FILE *out, const char *title, const char *text)
{
    (void)fprintf(out, "\n## %s\n\n```xml\n%s\n```\n", title, text + (*text == '\n'));
}

static void markdown_list(FILE *out, const char *title, const struct dext_rule *r,
                          const char *(*at)(const struct dext_rule *, size_t))
{
    for (size_t i = 0; at(r, i); i++) {
        (void)fprintf(out, "%s%s%s* %s\n", i ? "" : "\n## ", i ? "" : title, i ? "" : "\n\n",
                      at(r, i));
    }
}

/* One page of docs/rules. */
static void markdown_rule(FILE *out, const struct dext_rule *r)
{
    (void)fprintf(
        out, "# %s %s\n\n%s\n\n* severity: %s\n* since ruleset: %s%s\n* mended by --fix: %s\n",
        dext_rule_id(r), dext_rule_name(r), dext_rule_summary(r),
        dext_severity_name(dext_rule_severity(r)), dext_rule_since(r),
        dext_rule_is_preview(r) ? " (preview)" : "", dext_rule_is_fixable(r) ? "where safe" : "no");
    (void)fprintf(out, "\n## Why\n\n%s\n\n## Fix\n\n%s\n", dext_rule_why(r), dext_rule_fix(r));
    markdown_example(out, "Wrong", dext_rule_bad(r));
    markdown_example(out, "Right", dext_rule_good(r));
    markdown_list(out, "Notes", r, dext_rule_note);
    markdown_list(out, "See also", r, dext_rule_see);
    markdown_list(out, "Sources", r, dext_rule_source);
}

static void human_each(const struct app *app, const struct dext_rule *const *rules, size_t count,
                       bool all)
{
    FILE *out = app->out;
    if (all) {
        rule_catalogue(app);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        (void)fputs(i ? "\n" : "", out);
        rule_print(app, rules[i]);
    }
}

static void markdown_each(const struct app *app, const struct dext_rule *const *rules, size_t count,
                          bool all)
{
    FILE *out = app->out;
    if (all) {
        (void)fputs("# Rules\n\n| id | name | severity | |\n| --- | --- | --- | --- |\n", out);
    }
    for (size_t i = 0; i < count; i++) {
        const struct dext_rule *r = rules[i];
        if (all) {
            (void)fprintf(out, "| [%s](%s.md) | %s | %s%s | %s |\n", dext_rule_id(r),
                          dext_rule_id(r), dext_rule_name(r),
                          dext_severity_name(dext_rule_severity(r)),
                          dext_rule_is_preview(r) ? ", preview" : "", dext_rule_summary(r));
        } else {
            markdown_rule(out, r);
        }
    }
}

rule_format *rule_format_for(enum face face)
{
    static rule_format *const faces[FACE_COUNT] = {[FACE_HUMAN] = human_each,
                                                   [FACE_MARKDOWN] = markdown_each,
                                                   [FACE_JSON] = rule_record,
                                                   [FACE_NDJSON] = rule_record};
    return faces[face];
}
