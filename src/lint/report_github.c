/* GitHub's workflow commands: one line a finding, shown beside the source line of a pull request.
 */
#include <stdlib.h>
#include <string.h>

#include "app/path.h"
#include "app/term.h"
#include "lint/report_util.h"

/* The runner's escapes; a property also ends at ':' and ','. Other control characters, which the
 * log would hand to somebody's terminal, and what is no UTF-8 come out as U+FFFD. */
static void report_github_put(FILE *out, const char *s, bool property)
{
    for (size_t n = strlen(s); n;) {
        size_t len = term_utf8(s, n);
        unsigned char c = (unsigned char)*s;
        if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','))) {
            (void)fprintf(out, "%%%02X", c);
        } else if (len == 0 || term_unseen(s, len) || (c < 0x20 && c != '\t') || c == 0x7f) {
            (void)fputs("\xef\xbf\xbd", out);
        } else {
            (void)fwrite(s, 1, len, out);
        }
        len = len ? len : 1;
        s += len;
        n -= len;
    }
}

static void begin(FILE *out, const char *level, const char *file, unsigned line, unsigned column)
{
    char *shown = path_hosted(file);
    (void)fprintf(out, "::%s file=", level);
    report_github_put(out, shown, true);
    free(shown);
    if (line) {
        (void)fprintf(out, ",line=%u", line);
    }
    if (column) {
        (void)fprintf(out, ",col=%u", column);
    }
}

static void report_github_finding(FILE *out, const struct dext_finding *f)
{
    static const char *const levels[] = {"error", "warning", "notice"};
    begin(out, levels[f->severity], f->file, f->at.line, f->at.column);
    unsigned end = report_end_column(f);
    if (end) {
        (void)fprintf(out, ",endColumn=%u", end);
    }
    (void)fprintf(out, ",title=%s %s::", dext_rule_id(f->rule), dext_rule_name(f->rule));
    char *text = report_text(f);
    report_github_put(out, text, false);
    free(text);
    (void)fputc('\n', out);
}

static void write_github(const struct report *r)
{
    FILE *out = r->app->out;
    for (size_t i = 0; i < r->count; i++) {
        report_github_finding(out, &r->findings[i].f);
    }
    if (r->nothing) {
        (void)fputs("::error title=nothing was checked::", out);
        report_github_put(out, r->nothing, false);
        (void)fputc('\n', out);
    }
    for (size_t i = 0; i < r->input_count; i++) {
        if (r->inputs[i].status == DEXT_UNREADABLE) {
            unsigned line, column;
            const char *reason = report_reason(&r->inputs[i], &line, &column);
            begin(out, "error", r->inputs[i].file, line, column);
            (void)fputs(",title=cannot be read::", out);
            report_github_put(out, reason, false);
            (void)fputc('\n', out);
        }
    }
}

const struct report_format report_github = {.write = write_github};
