/* For people: path:line:column, the source line with a caret, why, fix, where to read more. A
 * reason is told once: under the tenth finding of a rule nobody reads it again. */
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "snippet.h"
#include "term.h"

#define WIDTH 96

static void place(FILE *out, const struct dext_finding *f)
{
    term_line(out, f->file);
    if (f->at.line) {
        (void)fprintf(out, ":%u:%u", f->at.line, f->at.column);
    }
    (void)fputs(": ", out);
}

static void labelled(FILE *out, bool colour, const char *label, const char *text)
{
    (void)fputs("    ", out);
    term_styled(out, colour, TERM_BOLD, label);
    (void)fputc(' ', out);
    term_wrap(out, text, 9, WIDTH);
    (void)fputc('\n', out);
}

/* What was told so far, a list a rule: most findings of a rule share one reason. */
struct told {
    const struct dext_rule *rule;
    const char *why;
};

struct teller {
    struct told *told;
    size_t count;
};

static bool told_before(struct teller *t, const struct dext_finding *f, bool *rule_known)
{
    *rule_known = false;
    for (size_t i = 0; i < t->count; i++) {
        *rule_known = *rule_known || t->told[i].rule == f->rule;
        if (t->told[i].rule == f->rule && strcmp(t->told[i].why, f->why) == 0) {
            return true;
        }
    }
    if (t->count < 1000) { /* reasons that all differ are not worth searching */
        t->told = app_grow(t->told, (t->count + 1) * sizeof *t->told);
        t->told[t->count++] = (struct told){f->rule, f->why};
    }
    return false;
}

static void finding(const struct report *r, struct teller *t, const struct report_finding *item)
{
    static const enum term_style styles[] = {TERM_RED, TERM_YELLOW, TERM_BLUE};
    FILE *out = r->app->out;
    bool colour = r->app->colour, rule_known;
    const struct dext_finding *f = &item->f;
    term_on(out, colour, TERM_BOLD);
    place(out, f);
    term_off(out, colour);
    term_styled(out, colour, styles[f->severity], dext_severity_name(f->severity));
    (void)fputs(": ", out);
    term_line(out, f->message);
    (void)fprintf(out, " [%s %s]\n", dext_rule_id(f->rule), dext_rule_name(f->rule));
    if (f->line) {
        snippet_write(out, colour, f);
    } else if (f->path[0]) {
        (void)fputs("    at   ", out);
        term_line(out, f->path);
        (void)fputc('\n', out);
    }
    if (!told_before(t, f, &rule_known)) {
        labelled(out, colour, "why:", f->why);
    }
    labelled(out, colour, "fix:", f->fix);
    if (!rule_known) {
        (void)fprintf(out, "    more: dextctl rule %s\n", dext_rule_id(f->rule));
    }
    (void)fputc('\n', out);
}

static void number(FILE *out, size_t n, const char *what)
{
    (void)fprintf(out, "%zu %s%s", n, what, n == 1 ? "" : "s");
}

static void also(FILE *out, size_t n, const char *what)
{
    if (n) {
        (void)fprintf(out, ", %zu %s", n, what);
    }
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
    also(out, c->skipped, "skipped");
    also(out, c->unreadable, "unreadable");
    also(out, c->fixed, "mended");
    also(out, c->suppressed, "not shown");
    if (c->fixable) {
        (void)fprintf(out, "; --fix mends %zu of them", c->fixable);
    }
    (void)fputc('\n', out);
}

/* Told when asked for, and when it is all there is to tell: whoever named one file that was not
 * checked wants to know why. */
static void skipped(const struct report *r)
{
    bool all = r->app->verbose || (r->counts.checked == 0 && r->counts.skipped <= 10);
    for (size_t i = 0; all && i < r->input_count; i++) {
        if (r->inputs[i].status == DEXT_SKIPPED) {
            term_line(r->app->out, r->inputs[i].file);
            (void)fputs(": skipped: ", r->app->out);
            term_line(r->app->out, r->inputs[i].reason);
            (void)fputc('\n', r->app->out);
        }
    }
    if (r->input_count == 0) {
        (void)fputs("nothing to check: no property list, bundle or project was found\n",
                    r->app->out);
    }
}

static void write_human(const struct report *r)
{
    struct teller t = {0};
    for (size_t i = 0; i < r->count; i++) {
        finding(r, &t, &r->findings[i]);
    }
    free(t.told);
    if (!r->app->quiet) {
        skipped(r);
        summary(r);
    }
}

const struct report_format report_human = {
    .name = "human", .help = "for people", .write = write_human};
