/* How rules are shown: one set of functions a format. */
#include "rule_view.h"

#include <string.h>

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
    (void)fprintf(out,
                  "\nSilence it on one line with\n"
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

static void human_each(FILE *out, const struct dext_rule *const *rules, size_t count, bool all)
{
    if (all) {
        print_catalogue(out);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        (void)fputs(i ? "\n" : "", out);
        print_rule(out, rules[i]);
    }
}

static void markdown_each(FILE *out, const struct dext_rule *const *rules, size_t count, bool all)
{
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

static void json_each(FILE *out, const struct dext_rule *const *rules, size_t count, bool all)
{
    (void)all;
    struct json j;
    json_open(&j, out, true);
    json_begin(&j, '{');
    json_kstr(&j, "schema", "dextctl.rule/1");
    json_kbegin(&j, "rules", '[');
    for (size_t i = 0; i < count; i++) {
        json_rule(&j, rules[i]);
    }
    json_end(&j, ']');
    json_end(&j, '}');
    json_done(&j);
}

static const struct rule_view views[] = {
    {"human", human_each},
    {"json", json_each},
    {"markdown", markdown_each},
};

const struct rule_view *rule_view_named(const char *format)
{
    for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
        if (strcmp(views[i].name, format) == 0) {
            return &views[i];
        }
    }
    return NULL;
}
