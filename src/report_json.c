/* json: one document, "dextctl.lint/1". ndjson: the same records, one a line. Field names and their
 * order are a contract (docs/json.md). */
#include <stdio.h>

#include "json.h"
#include "report.h"

static void fields_of_finding(struct json *j, const struct report_finding *item)
{
    const struct dext_finding *f = &item->f;
    json_kstr(j, "rule", dext_rule_id(f->rule));
    json_kstr(j, "name", dext_rule_name(f->rule));
    json_kstr(j, "severity", dext_severity_name(f->severity));
    json_kstr(j, "file", f->file);
    json_kint(j, "line", f->at.line);
    json_kint(j, "column", f->at.column);
    json_kstr(j, "path", f->path);
    json_kstr(j, "message", f->message);
    json_kstr(j, "why", f->why);
    json_kstr(j, "fix", f->fix);
    json_kbool(j, "fixable", f->edit_count != 0);
    json_kstr(j, "fingerprint", item->fingerprint);
}

static void fields_of_input(struct json *j, const struct report_input *in)
{
    static const char *const names[] = {"checked", "skipped", "unreadable"};
    json_kstr(j, "file", in->file);
    json_kstr(j, "kind", in->kind);
    json_kstr(j, "status", names[in->status]);
    json_kstr(j, "reason", in->reason);
}

static void fields_of_summary(struct json *j, const struct report *r)
{
    json_kint(j, "errors", (int64_t)r->counts.errors);
    json_kint(j, "warnings", (int64_t)r->counts.warnings);
    json_kint(j, "notes", (int64_t)r->counts.notes);
    json_kint(j, "checked", (int64_t)r->counts.checked);
    json_kint(j, "skipped", (int64_t)r->counts.skipped);
    json_kint(j, "unreadable", (int64_t)r->counts.unreadable);
    json_kint(j, "suppressed", (int64_t)r->counts.suppressed);
    json_kint(j, "fixed", (int64_t)r->counts.fixed);
}

static void write_json(const struct report *r)
{
    struct json j;
    char schema[64];
    (void)snprintf(schema, sizeof schema, "dextctl.%s/1", r->command);
    json_open(&j, r->app->out, true);
    json_begin(&j, '{');
    json_kstr(&j, "schema", schema);
    json_kbegin(&j, "tool", '{');
    json_kstr(&j, "name", "dextctl");
    json_kstr(&j, "version", dext_version());
    json_end(&j, '}');
    json_kbegin(&j, "findings", '[');
    for (size_t i = 0; i < r->count; i++) {
        json_begin(&j, '{');
        fields_of_finding(&j, &r->findings[i]);
        json_end(&j, '}');
    }
    json_end(&j, ']');
    json_kbegin(&j, "inputs", '[');
    for (size_t i = 0; i < r->input_count; i++) {
        json_begin(&j, '{');
        fields_of_input(&j, &r->inputs[i]);
        json_end(&j, '}');
    }
    json_end(&j, ']');
    json_kbegin(&j, "summary", '{');
    fields_of_summary(&j, r);
    json_end(&j, '}');
    json_end(&j, '}');
    json_done(&j);
}

static void write_ndjson(const struct report *r)
{
    struct json j;
    json_open(&j, r->app->out, false);
    for (size_t i = 0; i < r->count; i++) {
        json_begin(&j, '{');
        json_kstr(&j, "type", "finding");
        fields_of_finding(&j, &r->findings[i]);
        json_end(&j, '}');
        json_done(&j);
    }
    for (size_t i = 0; i < r->input_count; i++) {
        json_begin(&j, '{');
        json_kstr(&j, "type", "input");
        fields_of_input(&j, &r->inputs[i]);
        json_end(&j, '}');
        json_done(&j);
    }
    json_begin(&j, '{');
    json_kstr(&j, "type", "summary");
    fields_of_summary(&j, r);
    json_end(&j, '}');
    json_done(&j);
}

const struct report_format report_json = {
    .name = "json", .help = "one document, schema dextctl.lint/1", .write = write_json};
const struct report_format report_ndjson = {
    .name = "ndjson", .help = "one record a line", .write = write_ndjson};
