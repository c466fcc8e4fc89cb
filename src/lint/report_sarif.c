/* SARIF 2.1.0, for code hosts. The log holds the rules that were broken, not the whole catalogue;
 * files are named relative to the current folder, as GitHub wants it. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "app/json.h"
#include "app/path.h"
#include "lint/report_util.h"
#include "view/sarif.h"

static const char *const levels[] = {"error", "warning", "note"};

static void report_sarif_sentence(FILE *out, const char *s, const char *end)
{
    (void)fprintf(out, "%c%s%s", toupper((unsigned char)s[0]), s + (s[0] != 0), end);
}

/* The rule's page, as plain text or markdown. malloc'd. */
static char *help_page(const struct dext_rule *rule, bool markdown)
{
    char *page = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&page, &size);
    if (!out) {
        return app_strdup("");
    }
    const char *fence = markdown ? "\n\n```xml\n" : "\n\n", *end = markdown ? "\n```\n\n" : "\n\n";
    const char *bad = dext_rule_bad(rule), *good = dext_rule_good(rule);
    (void)fprintf(out, "%s\n\n%sFix:%s %s\n\n", dext_rule_why(rule), markdown ? "**" : "",
                  markdown ? "**" : "", dext_rule_fix(rule));
    if (bad && *bad) {
        (void)fprintf(out, "Wrong:%s%s%s", fence, bad + (*bad == '\n'), end);
    }
    if (good && *good) {
        (void)fprintf(out, "Right:%s%s%s", fence, good + (*good == '\n'), end);
    }
    for (size_t i = 0; dext_rule_source(rule, i); i++) {
        (void)fprintf(out, "%s%s%s\n", i ? "" : "Sources:\n\n", markdown ? "* " : "- ",
                      dext_rule_source(rule, i));
    }
    (void)fclose(out);
    while (size && page[size - 1] == '\n') {
        page[--size] = 0;
    }
    return page;
}

static void report_sarif_rule(struct json *j, const struct dext_rule *r)
{
    char *plain = help_page(r, false), *markdown = help_page(r, true), *summary = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&summary, &size);
    if (out) {
        report_sarif_sentence(out, dext_rule_summary(r), ".");
        (void)fclose(out);
    }
    json_begin(j, '{');
    json_kstr(j, "id", dext_rule_id(r));
    sarif_rule_name(j, dext_rule_name(r));
    sarif_text(j, "shortDescription", summary ? summary : "");
    sarif_text(j, "fullDescription", dext_rule_why(r));
    char page[256];
    (void)snprintf(page, sizeof page, DEXTCTL_HOMEPAGE "/docs/rules/%s.md", dext_rule_id(r));
    json_kstr(j, "helpUri", page);
    json_kbegin(j, "help", '{');
    json_kstr(j, "text", plain);
    json_kstr(j, "markdown", markdown);
    json_end(j, '}');
    json_kbegin(j, "defaultConfiguration", '{');
    json_kstr(j, "level", levels[dext_rule_severity(r)]);
    json_end(j, '}');
    json_kbegin(j, "properties", '{');
    json_kstr(j, "name", dext_rule_name(r));
    json_kstr(j, "since", dext_rule_since(r));
    json_kbool(j, "preview", dext_rule_is_preview(r));
    json_end(j, '}');
    json_end(j, '}');
    free(summary);
    free(markdown);
    free(plain);
}

static void fixes(struct json *j, const struct dext_finding *f)
{
    json_kbegin(j, "fixes", '[');
    json_begin(j, '{');
    sarif_text(j, "description", f->fix);
    json_kbegin(j, "artifactChanges", '[');
    json_begin(j, '{');
    sarif_file(j, "artifactLocation", f->file);
    json_kbegin(j, "replacements", '[');
    for (size_t i = 0; i < f->edit_count; i++) {
        json_begin(j, '{');
        json_kbegin(j, "deletedRegion", '{');
        json_kint(j, "byteOffset", (int64_t)f->edits[i].offset);
        json_kint(j, "byteLength", (int64_t)f->edits[i].length);
        json_end(j, '}');
        sarif_text(j, "insertedContent", f->edits[i].text);
        json_end(j, '}');
    }
    json_end(j, ']');
    json_end(j, '}');
    json_end(j, ']');
    json_end(j, '}');
    json_end(j, ']');
}

static void message(struct json *j, const struct dext_finding *f)
{
    char *line = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&line, &size);
    if (out) {
        (void)fprintf(out, "%s. %s", f->message, f->fix);
        (void)fclose(out);
    }
    sarif_text(j, "message", line ? line : f->message);
    free(line);
}

static void report_sarif_result(struct json *j, const struct report_finding *item,
                                int64_t rule_index)
{
    const struct dext_finding *f = &item->f;
    json_begin(j, '{');
    json_kstr(j, "ruleId", dext_rule_id(f->rule));
    json_kint(j, "ruleIndex", rule_index);
    json_kstr(j, "level", levels[f->severity]);
    message(j, f);
    json_kbegin(j, "locations", '[');
    json_begin(j, '{');
    json_kbegin(j, "physicalLocation", '{');
    sarif_file(j, "artifactLocation", f->file);
    sarif_region(j, f->at.line, f->at.column, report_end_column(f));
    json_end(j, '}');
    if (f->path[0]) {
        json_kbegin(j, "logicalLocations", '[');
        json_begin(j, '{');
        json_kstr(j, "fullyQualifiedName", f->path);
        json_kstr(j, "kind", "property");
        json_end(j, '}');
        json_end(j, ']');
    }
    json_end(j, '}');
    json_end(j, ']');
    json_kbegin(j, "partialFingerprints", '{');
    json_kstr(j, "dextctl/v1", item->fingerprint);
    json_end(j, '}');
    if (f->edit_count) {
        fixes(j, f);
    }
    json_end(j, '}');
}

static void notification(struct json *j, const struct report_input *in)
{
    unsigned line, column;
    const char *reason = report_reason(in, &line, &column);
    json_begin(j, '{');
    json_kstr(j, "level", "error");
    sarif_text(j, "message", reason);
    json_kbegin(j, "locations", '[');
    json_begin(j, '{');
    json_kbegin(j, "physicalLocation", '{');
    sarif_file(j, "artifactLocation", in->file);
    sarif_region(j, line, column, 0);
    json_end(j, '}');
    json_end(j, '}');
    json_end(j, ']');
    json_end(j, '}');
}

static void invocation(struct json *j, const struct report *r)
{
    json_kbegin(j, "invocations", '[');
    json_begin(j, '{');
    json_kbool(j, "executionSuccessful", r->counts.unreadable == 0 && !r->nothing);
    json_kbegin(j, "toolExecutionNotifications", '[');
    for (size_t i = 0; i < r->input_count; i++) {
        if (r->inputs[i].status == DEXT_UNREADABLE) {
            notification(j, &r->inputs[i]);
        }
    }
    if (r->nothing) {
        json_begin(j, '{');
        json_kstr(j, "level", "error");
        sarif_text(j, "message", r->nothing);
        json_end(j, '}');
    }
    json_end(j, ']');
    json_end(j, '}');
    json_end(j, ']');
}

static int report_sarif_by_id(const void *x, const void *y)
{
    return strcmp(dext_rule_id(*(const struct dext_rule *const *)x),
                  dext_rule_id(*(const struct dext_rule *const *)y));
}

/* The rules that the findings broke, each once, in order. malloc'd. */
static const struct dext_rule **broken_rules(const struct report *r, size_t *count)
{
    const struct dext_rule **rules = app_alloc((r->count + 1) * sizeof *rules);
    for (size_t i = 0; i < r->count; i++) {
        rules[i] = r->findings[i].f.rule;
    }
    qsort(rules, r->count, sizeof *rules, report_sarif_by_id);
    *count = 0;
    for (size_t i = 0; i < r->count; i++) {
        if (*count == 0 || rules[*count - 1] != rules[i]) {
            rules[(*count)++] = rules[i];
        }
    }
    return rules;
}

static void tool(struct json *j, const struct dext_rule **rules, size_t count)
{
    json_kbegin(j, "tool", '{');
    json_kbegin(j, "driver", '{');
    json_kstr(j, "name", "dextctl");
    json_kstr(j, "version", dext_version());
    json_kstr(j, "semanticVersion", dext_version());
    json_kstr(j, "informationUri", DEXTCTL_HOMEPAGE);
    json_kbegin(j, "rules", '[');
    for (size_t i = 0; i < count; i++) {
        report_sarif_rule(j, rules[i]);
    }
    json_end(j, ']');
    json_end(j, '}');
    json_end(j, '}');
}

static void write_sarif(const struct report *r)
{
    struct json j;
    size_t count;
    const struct dext_rule **rules = broken_rules(r, &count);
    json_open(&j, r->app->out, true);
    json_begin(&j, '{');
    json_kstr(&j, "$schema", SARIF_SCHEMA);
    json_kstr(&j, "version", "2.1.0");
    json_kbegin(&j, "runs", '[');
    json_begin(&j, '{');
    tool(&j, rules, count);
    invocation(&j, r);
    sarif_root(&j);
    json_kstr(&j, "columnKind", "unicodeCodePoints");
    json_kbegin(&j, "results", '[');
    for (size_t i = 0; i < r->count; i++) {
        const struct dext_rule **at =
            bsearch(&r->findings[i].f.rule, rules, count, sizeof *rules, report_sarif_by_id);
        report_sarif_result(&j, &r->findings[i], at - rules);
    }
    json_end(&j, ']');
    json_end(&j, '}');
    json_end(&j, ']');
    json_end(&j, '}');
    json_done(&j);
    free(rules);
}

const struct report_format report_sarif = {.write = write_sarif};
