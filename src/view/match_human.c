/* Decisions for people. */
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "app/term.h"
#include "view/match_view.h"
#include "view/page.h"

static void match_human_answer_word(const struct match_out *o, enum dext_match_answer a)
{
    static const char *const words[] = {"no ", " ? ", "yes"};
    static const enum term_style styles[] = {TERM_RED, TERM_YELLOW, TERM_GREEN};
    term_styled(o->app->out, o->app->colour, styles[a], words[a]);
}

static void match_human_put_node(const struct match_out *o, const struct dext_match_node *n)
{
    FILE *out = o->app->out;
    term_on(out, o->app->colour, TERM_BOLD);
    term_line(out, n->name);
    if (*n->location) {
        (void)fputc('@', out);
        term_line(out, n->location);
    }
    term_off(out, o->app->colour);
    (void)fputs("  <", out);
    term_line(out, n->class_name);
    if (n->id) {
        (void)fprintf(out, ", id 0x%" PRIx64, n->id);
    }
    (void)fputc('>', out);
}

static void match_human_put_personality(const struct match_out *o,
                                        const struct dext_match_personality *p)
{
    FILE *out = o->app->out;
    term_on(out, o->app->colour, TERM_BOLD);
    term_line(out, p->name);
    term_off(out, o->app->colour);
    (void)fputs("  (", out);
    term_line(out, p->file);
    if (p->at.line) {
        (void)fprintf(out, ":%u", p->at.line);
    }
    (void)fputs(")", out);
}

/* ---- scores and rivals --------------------------------------------------------------------- */

static void put_score(const struct match_out *o, const struct dext_match_score *s)
{
    char text[512];
    int n = snprintf(text, sizeof text, "score %" PRId64 " = ", s->final);
    size_t at = n > 0 ? (size_t)n : 0;
    if (s->has_base || s->base) {
        n = snprintf(text + at, sizeof text - at, "%" PRId64 " (IOProbeScore)", s->used);
    } else {
        n = snprintf(text + at, sizeof text - at, "0 (no IOProbeScore)");
    }
    at += n > 0 ? (size_t)n : 0;
    if (s->family && at < sizeof text) {
        n = snprintf(text + at, sizeof text - at, " + %" PRId64 " (%s)", s->family,
                     s->combined ? s->combined : "the family's keys");
        at += n > 0 ? (size_t)n : 0;
    }
    if (at < sizeof text && (!s->certain || *s->text)) {
        (void)snprintf(text + at, sizeof text - at, "%s%s%s", s->certain ? "" : "; not certain",
                       *s->text ? ": " : "", s->text);
    }
    page_paragraph(o->app, "       ", 9, text);
}

static void put_rivals(const struct match_out *o, const struct dext_match_decision *d)
{
    for (size_t i = 0; i < d->rival_count; i++) {
        const struct dext_match_rival *r = &d->rivals[i];
        FILE *out = o->app->out;
        (void)fputs(i ? "                     " : "       competes with ", out);
        term_line(out, r->name);
        if (r->bundle_id) {
            (void)fputs(" (", out);
            term_line(out, r->bundle_id);
            (void)fputs(")", out);
        }
        (void)fputs(r->attached ? ", attached" : ", given", out);
        if (r->has_score) {
            (void)fprintf(out, ", score %" PRId64, r->score);
        }
        (void)fputc('\n', out);
    }
}

static void put_outcome(const struct match_out *o, const struct dext_match_decision *d)
{
    char text[1024];
    (void)snprintf(text, sizeof text, "%s: %s", dext_match_outcome_name(d->outcome),
                   d->outcome_text);
    page_paragraph(o->app, "       ", 9, text);
    for (const char *const *n = d->needs; *n; n++) {
        (void)fputs("       the node demands the entitlement ", o->app->out);
        term_line(o->app->out, *n);
        (void)fputc('\n', o->app->out);
    }
}

/* ---- all nodes ----------------------------------------------------------------------------- */

static void summary_line(const struct match_out *o, const struct dext_match_personality *p)
{
    char text[512];
    if (p->refused) {
        page_paragraph(o->app, "  ", 4, p->refused);
        return;
    }
    (void)fputs("  provider ", o->app->out);
    term_line(o->app->out, p->provider ? p->provider : "");
    (void)fputs(", category ", o->app->out);
    term_line(o->app->out, p->category);
    (void)fputc('\n', o->app->out);
    (void)snprintf(text, sizeof text, "matches %zu of %zu node%s of its provider class", p->matched,
                   p->candidates, p->candidates == 1 ? "" : "s");
    if (p->unsure) {
        size_t n = strlen(text);
        (void)snprintf(text + n, sizeof text - n, "; of %zu it is not certain", p->unsure);
    }
    page_paragraph(o->app, "  ", 4, p->candidates || !p->hint ? text : p->hint);
    if (p->unknown) {
        (void)snprintf(text, sizeof text,
                       "of %zu more the class ancestry is not known; a dump taken with ioreg -i "
                       "shows it",
                       p->unknown);
        page_paragraph(o->app, "  ", 4, text);
    }
}

static void put_failed(const struct match_out *o, const struct dext_match_decision *d)
{
    (void)fputs("  ", o->app->out);
    match_human_answer_word(o, DEXT_MATCH_NO);
    (void)fputs("  ", o->app->out);
    match_human_put_node(o, d->node);
    (void)fputc('\n', o->app->out);
    if (d->first_no) {
        char text[1400];
        (void)snprintf(text, sizeof text, "%s (%s): %s", d->first_no->key, d->first_no->code,
                       d->first_no->text);
        page_paragraph(o->app, "       ", 9, text);
        if (d->first_no->edit) {
            page_paragraph(o->app, "       to mend: ", 9, d->first_no->edit);
        }
    }
}

static void put_match(const struct match_out *o, const struct dext_match_decision *d)
{
    FILE *out = o->app->out;
    (void)fputs("  ", out);
    match_human_answer_word(o, d->answer);
    (void)fputs("  ", out);
    match_human_put_node(o, d->node);
    (void)fputs("\n       ", out);
    term_line(out, d->node->path);
    (void)fputc('\n', out);
    put_score(o, &d->score);
    put_outcome(o, d);
    put_rivals(o, d);
}

/* Decisions stand in the order of the dump: of each its personality and its place, sorted. */
struct match_human_row {
    uintptr_t personality;
    const struct dext_match_decision *d;
};

static int match_human_by_personality(const void *x, const void *y)
{
    const struct match_human_row *a = x, *b = y;
    return a->personality != b->personality ? (a->personality > b->personality ? 1 : -1)
           : a->d != b->d                   ? (a->d > b->d ? 1 : -1)
                                            : 0;
}

static struct match_human_row *match_human_rows(const struct dext_match_result *r)
{
    struct match_human_row *rows = app_alloc((r->decision_count + 1) * sizeof *rows);
    for (size_t k = 0; k < r->decision_count; k++) {
        rows[k] =
            (struct match_human_row){(uintptr_t)r->decisions[k].personality, &r->decisions[k]};
    }
    qsort(rows, r->decision_count, sizeof *rows, match_human_by_personality);
    return rows;
}

/* The first row of a personality, or where it would be. */
static size_t match_human_first(const struct match_human_row *rows, size_t count,
                                const struct dext_match_personality *p)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        bool before = rows[middle].personality < (uintptr_t)p;
        low = before ? middle + 1 : low;
        high = before ? high : middle;
    }
    return low;
}

static void human_run(struct match_out *o, const struct dext_match_result *r)
{
    struct match_human_row *rows = match_human_rows(r);
    for (size_t i = 0; i < r->personality_count; i++) {
        const struct dext_match_personality *p = r->personalities[i];
        bool nearest = false;
        size_t shown = 0;
        (void)fputs(i ? "\n" : "", o->app->out);
        match_human_put_personality(o, p);
        (void)fputc('\n', o->app->out);
        summary_line(o, p);
        for (size_t k = match_human_first(rows, r->decision_count, p);
             k < r->decision_count && rows[k].d->personality == p; k++) {
            const struct dext_match_decision *d = rows[k].d;
            if (o->app->quiet && d->answer == DEXT_MATCH_NO) {
                continue;
            }
            if (d->answer != DEXT_MATCH_NO) {
                put_match(o, d);
                shown++;
                continue;
            }
            (void)fputs(nearest ? "" : "  nearest (--why NODE shows every check):\n", o->app->out);
            nearest = true;
            put_failed(o, d);
        }
        if (shown < p->matched + p->unsure) {
            (void)fprintf(o->app->out, "  ... and %zu more\n", p->matched + p->unsure - shown);
        }
    }
    free(rows);
}

/* ---- key by key ---------------------------------------------------------------------------- */

static void put_sides(const struct match_out *o, const struct dext_match_check *c)
{
    FILE *out = o->app->out;
    if (c->answer == DEXT_MATCH_YES || !c->expected) {
        return;
    }
    (void)fputs("                wanted ", out);
    term_line(out, c->expected);
    if (c->expected_type) {
        (void)fprintf(out, " (%s)", c->expected_type);
    }
    if (c->actual) {
        (void)fputs("\n                found  ", out);
        term_line(out, c->actual);
        if (c->actual_type) {
            (void)fprintf(out, " (%s)", c->actual_type);
        }
    }
    (void)fputc('\n', out);
}

static void put_check(const struct match_out *o, const struct dext_match_decision *d,
                      const struct dext_match_check *c)
{
    FILE *out = o->app->out;
    (void)fputs(c == d->first_no ? "  > " : "    ", out);
    match_human_answer_word(o, c->answer);
    (void)fprintf(out, "  %-5s  ", c->code);
    term_line(out, c->key);
    if (c->answer == DEXT_MATCH_YES && c->expected) {
        (void)fputs(" = ", out);
        term_line(out, c->expected);
    }
    page_paragraph(o->app, "\n                ", 16, c->text);
    put_sides(o, c);
}

static void put_checks(const struct match_out *o, const struct dext_match_decision *d)
{
    static const char *const heads[] = {"Catalogue", "Matching", "Start"};
    int phase = -1;
    for (size_t i = 0; i < d->check_count; i++) {
        const struct dext_match_check *c = &d->checks[i];
        /* With --quiet what holds is left out. */
        if (o->app->quiet && c->answer == DEXT_MATCH_YES) {
            continue;
        }
        if ((int)c->phase != phase) {
            (void)fputs("\n  ", o->app->out);
            term_styled(o->app->out, o->app->colour, TERM_BOLD, heads[c->phase]);
            (void)fputc('\n', o->app->out);
            phase = (int)c->phase;
        }
        put_check(o, d, c);
        if (c == d->first_no && !o->app->quiet && i + 1 < d->check_count &&
            d->checks[i + 1].phase == c->phase) {
            (void)fputs("        the kernel stops here; what follows is shown all the same\n",
                        o->app->out);
        }
    }
}

static void put_edits(const struct match_out *o, const struct dext_match_decision *d)
{
    bool head = false;
    for (size_t i = 0; i < d->check_count; i++) {
        const struct dext_match_check *c = &d->checks[i];
        if (c->answer != DEXT_MATCH_NO || !c->edit || c->phase == DEXT_MATCH_START) {
            continue;
        }
        (void)fputs(head ? "" : "\n  To make it match\n", o->app->out);
        head = true;
        page_bullet(o->app, c->edit);
    }
}

static void human_why(struct match_out *o, const struct dext_match_result *r)
{
    static const char *const verdicts[] = {"does not match", "not certain", "matches"};
    FILE *out = o->app->out;
    for (size_t i = 0; i < r->decision_count; i++) {
        const struct dext_match_decision *d = &r->decisions[i];
        (void)fputs(i ? "\n" : "", out);
        match_human_put_personality(o, d->personality);
        (void)fputs("\non ", out);
        match_human_put_node(o, d->node);
        (void)fprintf(out, ": %s\n", verdicts[d->answer]);
        put_checks(o, d);
        put_edits(o, d);
        if (d->answer != DEXT_MATCH_NO) {
            (void)fputc('\n', out);
            put_score(o, &d->score);
            put_outcome(o, d);
            put_rivals(o, d);
        }
    }
}

/* ---- suggestion ---------------------------------------------------------------------------- */

void match_human_checked(const struct app *app, const struct dext_match_decision *d)
{
    const struct match_out o = {.app = app};
    (void)fputs("  Checked: ", app->out);
    match_human_answer_word(&o, d->answer);
    (void)fputc('\n', app->out);
    if (d->answer == DEXT_MATCH_NO) {
        put_failed(&o, d);
        return;
    }
    put_score(&o, &d->score);
    put_outcome(&o, d);
    put_rivals(&o, d);
}

static void human_suggest(struct match_out *o, const struct dext_match_suggestion *s)
{
    FILE *out = o->app->out;
    (void)fputs("For ", out);
    match_human_put_node(o, s->node);
    (void)fprintf(out, ", family %s\n\nPersonality (an entry of IOKitPersonalities):\n\n",
                  s->family);
    term_puts(out, s->plist);
    (void)fputs("\nEntitlements:\n\n", out);
    term_puts(out, s->entitlements);
    (void)fputc('\n', out);
    for (const char *const *n = s->notes; *n; n++) {
        page_paragraph(o->app, "  -  ", 5, *n);
    }
    if (s->check) {
        (void)fputc('\n', out);
        match_human_checked(o->app, s->check);
    }
}

const struct match_format match_human = {human_run, human_why, human_suggest};
