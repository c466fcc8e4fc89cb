/* For people: path:line:column, the source line with a caret, why, fix, where to read more. */
#include <string.h>

#include "report.h"
#include "term.h"

#define WIDTH 96

static void place(FILE *out, const struct dext_finding *f)
{
    term_puts(out, f->file);
    if (f->at.line) {
        (void)fprintf(out, ":%u:%u", f->at.line, f->at.column);
    }
    (void)fputs(": ", out);
}

/* The caret stands under the column; tabs are shown as four spaces in both lines. */
static void snippet(FILE *out, bool colour, const struct dext_finding *f)
{
    const char *s = f->line;
    unsigned column = 1, shown = 0;
    (void)fprintf(out, "  %5u | ", f->at.line);
    for (size_t n = strlen(s); n;) {
        size_t len = term_utf8(s, n);
        len = len ? len : 1;
        unsigned width = *s == '\t' ? 4 : 1;
        if (*s == '\t') {
            (void)fputs("    ", out);
        } else {
            term_put(out, s, len);
        }
        shown += column < f->at.column ? width : 0;
        column++;
        s += len;
        n -= len;
    }
    (void)fprintf(out, "\n        | %*s", (int)shown, "");
    size_t mark = f->at.length ? f->at.length : 1;
    size_t left = strlen(f->line) > f->at.column - 1 ? strlen(f->line) - (f->at.column - 1) : 1;
    mark = mark < left ? mark : left;
    term_on(out, colour, TERM_GREEN);
    for (size_t i = 0; i < mark; i++) {
        (void)fputc(i ? '~' : '^', out);
    }
    term_off(out, colour);
    (void)fputc('\n', out);
}

static void labelled(FILE *out, bool colour, const char *label, const char *text)
{
    (void)fputs("    ", out);
    term_styled(out, colour, TERM_BOLD, label);
    (void)fputc(' ', out);
    term_wrap(out, text, 9, WIDTH);
    (void)fputc('\n', out);
}

static void finding(const struct report *r, const struct report_finding *item)
{
    static const enum term_style styles[] = {TERM_RED, TERM_YELLOW, TERM_BLUE};
    FILE *out = r->app->out;
    bool colour = r->app->colour;
    const struct dext_finding *f = &item->f;
    term_on(out, colour, TERM_BOLD);
    place(out, f);
    term_off(out, colour);
    term_styled(out, colour, styles[f->severity], dext_severity_name(f->severity));
    (void)fputs(": ", out);
    term_puts(out, f->message);
    (void)fprintf(out, " [%s %s]\n", dext_rule_id(f->rule), dext_rule_name(f->rule));
    if (f->line) {
        snippet(out, colour, f);
    } else if (f->path[0]) {
        (void)fputs("    at   ", out);
        term_puts(out, f->path);
        (void)fputc('\n', out);
    }
    labelled(out, colour, "why:", f->why);
    labelled(out, colour, "fix:", f->fix);
    (void)fprintf(out, "    more: dextctl rule %s\n\n", dext_rule_id(f->rule));
}

static void number(FILE *out, size_t n, const char *what)
{
    (void)fprintf(out, "%zu %s%s", n, what, n == 1 ? "" : "s");
}

static void summary(const struct report *r)
{
    FILE *out = r->app->out;
    const struct report_counts *c = &r->counts;
    number(out, c->errors, "error");
    (void)fputs(", ", out);
    number(out, c->warnings, "warning");
    (void)fputs(", ", out);
    number(out, c->notes, "note");
    (void)fputs("; ", out);
    number(out, c->checked, "input");
    (void)fputs(" checked", out);
    if (c->skipped) {
        (void)fprintf(out, ", %zu skipped", c->skipped);
    }
    if (c->unreadable) {
        (void)fprintf(out, ", %zu unreadable", c->unreadable);
    }
    if (c->fixed) {
        (void)fprintf(out, ", %zu mended", c->fixed);
    }
    if (c->suppressed) {
        (void)fprintf(out, ", %zu not shown", c->suppressed);
    }
    (void)fputc('\n', out);
}

static void write_human(const struct report *r)
{
    for (size_t i = 0; i < r->count; i++) {
        finding(r, &r->findings[i]);
    }
    for (size_t i = 0; r->app->verbose && i < r->input_count; i++) {
        if (r->inputs[i].status == DEXT_SKIPPED) {
            term_puts(r->app->out, r->inputs[i].file);
            (void)fputs(": skipped: ", r->app->out);
            term_puts(r->app->out, r->inputs[i].reason);
            (void)fputc('\n', r->app->out);
        }
    }
    if (!r->app->quiet) {
        summary(r);
    }
}

const struct report_format report_human = {
    .name = "human", .help = "for people", .write = write_human};
