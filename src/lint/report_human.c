/* For people: path:line:column, the source line with a caret, why, fix, where to read more. A
 * reason is told once: under the tenth finding of a rule nobody reads it again. */
#include <stdlib.h>
#include <string.h>

#include "app/term.h"
#include "lint/config_file.h"
#include "lint/report.h"
#include "lint/snippet.h"
#include "view/page.h"

static void report_human_place(FILE *out, const struct dext_finding *f)
{
    term_line(out, f->file);
    if (f->at.line) {
        (void)fprintf(out, ":%u:%u", f->at.line, f->at.column);
    }
    (void)fputs(": ", out);
}

static void labelled(const struct app *app, const char *label, const char *text)
{
    FILE *out = app->out;
    (void)fputs("    ", out);
    term_styled(out, app->colour, TERM_BOLD, label);
    (void)fputc(' ', out);
    page_wrap(app, 9, 9, text);
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

static bool report_human_told_before(struct teller *t, const struct dext_finding *f,
                                     bool *rule_known)
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

static void report_human_finding(const struct report *r, struct teller *t,
                                 const struct report_finding *item)
{
    static const enum term_style styles[] = {TERM_RED, TERM_YELLOW, TERM_BLUE};
    FILE *out = r->app->out;
    bool colour = r->app->colour, rule_known;
    const struct dext_finding *f = &item->f;
    term_on(out, colour, TERM_BOLD);
    report_human_place(out, f);
    term_off(out, colour);
    term_styled(out, colour, styles[f->severity], dext_severity_name(f->severity));
    (void)fputs(": ", out);
    term_line(out, f->message);
    (void)fprintf(out, " [%s %s]\n", dext_rule_id(f->rule), dext_rule_name(f->rule));
    if (f->line) {
        snippet_write(r->app, f);
    } else if (f->path[0]) {
        (void)fputs("    at   ", out);
        term_line(out, f->path);
        (void)fputc('\n', out);
    }
    if (!report_human_told_before(t, f, &rule_known)) {
        labelled(r->app, "why:", f->why);
    }
    labelled(r->app, "fix:", f->fix);
    if (!rule_known) {
        (void)fprintf(out, "    more: dextctl rule %s\n", dext_rule_id(f->rule));
    }
    (void)fputc('\n', out);
}

static void report_human_number(FILE *out, size_t n, const char *what)
{
    (void)fprintf(out, "%zu %s%s", n, what, n == 1 ? "" : "s");
}

static void also(FILE *out, size_t n, const char *what)
{
    if (n) {
        (void)fprintf(out, ", %zu %s", n, what);
    }
}

/* Whose settings held, and what they leave out: it might be somebody else's file. */
static void report_human_configs(const struct report *r)
{
    FILE *out = r->app->out;
    const struct config_file *c;
    for (size_t i = 0; (c = report_config(r, i)) != NULL; i++) {
        (void)fputs("configuration ", out);
        term_line(out, c->path);
        if (c->silenced) {
            (void)fputs(", which silences ", out);
            report_human_number(out, c->silenced, "finding");
        }
        if (c->excluded) {
            (void)fputs(c->silenced ? " and leaves out " : ", which leaves out ", out);
            report_human_number(out, c->excluded, "input");
        }
        (void)fputc('\n', out);
    }
}

static void report_human_summary(const struct report *r)
{
    FILE *out = r->app->out;
    const struct report_counts *c = &r->counts;
    report_human_number(out, c->errors, "error");
    (void)fputs(", ", out);
    report_human_number(out, c->warnings, "warning");
    (void)fputs(", ", out);
    report_human_number(out, c->notes, "note");
    (void)fputs("; ", out);
    report_human_number(out, c->checked, "input");
    (void)fputs(" checked", out);
    also(out, c->skipped, "skipped");
    also(out, c->unreadable, "unreadable");
    also(out, c->fixed, "mended");
    also(out, c->suppressed, "not shown");
    if (c->fixable) {
        (void)fprintf(out, "; --fix mends %zu of them", c->fixable);
    }
    (void)fputc('\n', out);
    report_human_configs(r);
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
    if (r->input_count == 0 && !r->nothing) {
        (void)fputs("nothing to check: no property list, bundle or project was found\n",
                    r->app->out);
    }
}

static void write_human(const struct report *r)
{
    struct teller t = {0};
    for (size_t i = 0; i < r->count; i++) {
        report_human_finding(r, &t, &r->findings[i]);
    }
    free(t.told);
    if (!r->app->quiet) {
        report_products_human(r);
        skipped(r);
        report_human_summary(r);
    }
}

const struct report_format report_human = {.write = write_human};
