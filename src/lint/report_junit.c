/* JUnit XML as Jenkins takes it (xunit plugin, junit-10.xsd): a testsuite a file, in it a failed
 * testcase a finding, or one that passed. The root has no "skipped": the schema refuses it. */
#include <stdlib.h>
#include <string.h>

#include "app/path.h"
#include "app/term.h"
#include "lint/report_util.h"

/* U+FFFE, U+FFFF and C0 characters but tab and line ends cannot be written in XML 1.0, not even as
 * references: they are dropped. */
static bool report_junit_allowed(const char *s, size_t len)
{
    const unsigned char *p = (const unsigned char *)s;
    if (len == 1) {
        return p[0] >= 0x20 || p[0] == '\t' || p[0] == '\n' || p[0] == '\r';
    }
    return len != 3 || p[0] != 0xef || p[1] != 0xbf || p[2] < 0xbe;
}

static void report_junit_reference(FILE *out, const char *s, size_t len)
{
    const unsigned char *p = (const unsigned char *)s;
    unsigned c = p[0] & (len == 2 ? 0x1fU : len == 3 ? 0x0fU : 0x07U);
    for (size_t i = 1; i < len; i++) {
        c = c << 6 | (p[i] & 0x3fU);
    }
    (void)fprintf(out, "&#x%x;", c);
}

static void report_junit_put(FILE *out, const char *s)
{
    for (size_t n = strlen(s); n;) {
        size_t len = term_utf8(s, n);
        if (len == 0) {
            (void)fputs("\xef\xbf\xbd", out);
        } else if (strchr("&<>\"'\t\n\r#",
                          *s)) { /* an attribute keeps its line ends as references */
            (void)fprintf(out, "&#%d;", *s);
        } else if (term_unseen(s, len)) { /* as a number: it is seen in the file at least */
            report_junit_reference(out, s, len);
        } else if (report_junit_allowed(s, len)) {
            (void)fwrite(s, 1, len, out);
        }
        len = len ? len : 1;
        s += len;
        n -= len;
    }
}

static void attribute(FILE *out, const char *name, const char *value)
{
    (void)fprintf(out, " %s=\"", name);
    report_junit_put(out, value);
    (void)fputc('"', out);
}

static void report_junit_finding(FILE *out, const struct dext_finding *f, const char *shown)
{
    char name[160], place[64] = "";
    if (f->at.line) {
        (void)snprintf(place, sizeof place, ":%u:%u", f->at.line, f->at.column);
    }
    (void)snprintf(name, sizeof name, "%s %s%s%s", dext_rule_id(f->rule), dext_rule_name(f->rule),
                   f->at.line ? " " : "", f->at.line ? place + 1 : "");
    (void)fputs("    <testcase", out);
    attribute(out, "name", name);
    attribute(out, "classname", shown);
    (void)fputs(">\n      <failure", out);
    attribute(out, "message", f->message);
    attribute(out, "type", dext_severity_name(f->severity));
    (void)fputc('>', out);
    report_junit_put(out, shown);
    (void)fputs(place, out);
    (void)fputs(": ", out);
    char *text = report_text(f);
    report_junit_put(out, text);
    free(text);
    (void)fputs("</failure>\n    </testcase>\n", out);
}

static void report_junit_input(FILE *out, const struct report_input *in, const char *shown)
{
    static const char *const names[] = {"clean", "skipped", "readable"};
    static const char *const elements[] = {NULL, "skipped", "error"};
    (void)fputs("    <testcase", out);
    attribute(out, "name", names[in->status]);
    attribute(out, "classname", shown);
    if (elements[in->status]) {
        (void)fprintf(out, ">\n      <%s", elements[in->status]);
        unsigned line, column;
        attribute(out, "message", report_reason(in, &line, &column));
        (void)fputs("/>\n    </testcase>\n", out);
    } else {
        (void)fputs("/>\n", out);
    }
}

/* What both lists, sorted by file, say about one file. */
struct suite {
    const char *file;
    const struct report_finding *findings;
    const struct report_input *inputs;
    size_t finding_count, input_count;
    size_t tests, errors, skipped;
};

static bool next_suite(const struct report *r, size_t *f, size_t *in, struct suite *s)
{
    bool more = *f < r->count, other = *in < r->input_count;
    if (!more && !other) {
        return false;
    }
    *s = (struct suite){.findings = more ? r->findings + *f : NULL,
                        .inputs = other ? r->inputs + *in : NULL};
    s->file = more ? s->findings->f.file : s->inputs->file;
    if (other && strcmp(s->inputs->file, s->file) < 0) {
        s->file = s->inputs->file;
    }
    for (; *f < r->count && strcmp(r->findings[*f].f.file, s->file) == 0; (*f)++) {
        s->finding_count++;
    }
    for (; *in < r->input_count && strcmp(r->inputs[*in].file, s->file) == 0; (*in)++) {
        s->input_count++;
        s->errors += r->inputs[*in].status == DEXT_UNREADABLE;
        s->skipped += r->inputs[*in].status == DEXT_SKIPPED;
        /* An input with findings is their testcases. */
        s->tests += r->inputs[*in].status != DEXT_CHECKED || s->finding_count == 0;
    }
    s->tests += s->finding_count;
    return true;
}

static void write_suite(FILE *out, const struct suite *s)
{
    char *shown = path_hosted(s->file);
    (void)fputs("  <testsuite", out);
    attribute(out, "name", shown);
    (void)fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\">\n",
                  s->tests, s->finding_count, s->errors, s->skipped);
    for (size_t i = 0; i < s->finding_count; i++) {
        report_junit_finding(out, &s->findings[i].f, shown);
    }
    for (size_t i = 0; i < s->input_count; i++) {
        if (s->inputs[i].status != DEXT_CHECKED || s->finding_count == 0) {
            report_junit_input(out, &s->inputs[i], shown);
        }
    }
    (void)fputs("  </testsuite>\n", out);
    free(shown);
}

static void write_junit(const struct report *r)
{
    FILE *out = r->app->out;
    struct suite s;
    size_t tests = 0, errors = 0;
    for (size_t f = 0, in = 0; next_suite(r, &f, &in, &s);) {
        tests += s.tests;
        errors += s.errors;
    }
    tests += r->nothing != NULL;
    errors += r->nothing != NULL;
    (void)fprintf(out,
                  "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"dextctl %s\" "
                  "tests=\"%zu\" failures=\"%zu\" errors=\"%zu\">\n",
                  r->command, tests, r->count, errors);
    for (size_t f = 0, in = 0; next_suite(r, &f, &in, &s);) {
        write_suite(out, &s);
    }
    if (r->nothing) {
        (void)fputs(
            "  <testsuite name=\"inputs\" tests=\"1\" failures=\"0\" errors=\"1\" "
            "skipped=\"0\">\n    <testcase name=\"checked\" classname=\"inputs\">\n      <error",
            out);
        attribute(out, "message", r->nothing);
        (void)fputs("/>\n    </testcase>\n  </testsuite>\n", out);
    }
    (void)fputs("</testsuites>\n", out);
}

const struct report_format report_junit = {.write = write_junit};
