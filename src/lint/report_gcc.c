/* One line a finding, as a C compiler tells it: what editors, make and grep -n readers take apart.
 * Files are named as they were given, as compilers do. */
#include "app/term.h"
#include "lint/report_util.h"

static void report_gcc_line(FILE *out, const char *file, unsigned line, unsigned column,
                            const char *level, const char *text)
{
    term_line(out, file);
    /* Readers of this format want both numbers; a binary file has neither. */
    (void)fprintf(out, ":%u:%u: %s: ", line ? line : 1, column ? column : 1, level);
    term_line(out, text);
}

static void write_gcc(const struct report *r)
{
    FILE *out = r->app->out;
    for (size_t i = 0; i < r->count; i++) {
        const struct dext_finding *f = &r->findings[i].f;
        report_gcc_line(out, f->file, f->at.line, f->at.column, dext_severity_name(f->severity),
                        f->message);
        (void)fprintf(out, " [%s %s]\n", dext_rule_id(f->rule), dext_rule_name(f->rule));
    }
    for (size_t i = 0; i < r->input_count; i++) {
        if (r->inputs[i].status == DEXT_UNREADABLE) {
            unsigned line, column;
            const char *reason = report_reason(&r->inputs[i], &line, &column);
            report_gcc_line(out, r->inputs[i].file, line, column, "error", reason);
            (void)fputs(" [cannot be read]\n", out);
        }
    }
}

const struct report_format report_gcc = {.write = write_gcc};
