#include "view/explain_view.h"

#include <stdlib.h>
#include <string.h>

#include "app/fold.h"
#include "app/mask.h"
#include "app/term.h"
#include "view/explain_formats.h"
#include "view/page.h"

const char *explain_other_command(enum dext_text_kind kind)
{
    switch (kind) {
    case DEXT_TEXT_PANIC:
        return "panic";
    case DEXT_TEXT_PLIST:
        return "lint";
    case DEXT_TEXT_IOREG:
    case DEXT_TEXT_IOREG_ARCHIVE:
    case DEXT_TEXT_DEVICES:
        return "ioreg";
    case DEXT_TEXT_LIST:
        return "sysext";
    case DEXT_TEXT_PROFILE:
        return "profile";
    case DEXT_TEXT_BUNDLE:
        return "entitlements";
    default:
        return NULL;
    }
}

char *explain_text(const struct explain_out *o, const char *text)
{
    return mask_text(o->app, text);
}

const char *explain_subject(const struct dext_verdict *v)
{
    return *v->subject ? v->subject : "the driver";
}

const struct dext_life *explain_life(const struct explain_out *o, const struct dext_verdict *v)
{
    for (size_t i = 0; i < o->result->life_count; i++) {
        if (strcmp(o->result->lives[i].subject, v->subject) == 0) {
            return &o->result->lives[i];
        }
    }
    return NULL;
}

const char *explain_stage_state(enum dext_stage_state state)
{
    static const char *const words[] = {"passed", "implied", "failed"};
    return words[state];
}

/* ---- for people ------------------------------------------------------------------------- */

/* Without --verbose a failure fits on a screen: so many of each list, and less of all but the first
 * failure. */
enum explain_most {
    MOST_EVIDENCE = 2,
    MOST_WHY = 2,
    MOST_CHECK = 1,
    MOST_FIX = 2,
    MOST_OTHERS = 2
};

static size_t explain_few(const struct explain_out *o, size_t count, size_t most)
{
    return o->app->verbose || count < most ? count : most;
}

static void explain_bullets(const struct explain_out *o, const char *title,
                            const struct dext_texts *list, size_t most, bool numbered)
{
    size_t n;
    const char **kept = explain_steered(o, list, &n);
    n = explain_few(o, n, most);
    page_bullets(o->app, title, kept, n, numbered && n > 1);
    free(kept);
}

void explain_place(FILE *out, const struct dext_evidence *e)
{
    term_puts(out, e->file);
    if (e->line) {
        (void)fprintf(out, ":%lu", e->line);
    }
}

/* "2026-01-15T11:00:01.150000+01:00, sysextd (IOKit), pid 310, thread 0x1c4, com.apple.sx:realizer"
 */
static void explain_view_logged(FILE *out, const struct dext_logged *l)
{
    (void)fputs("        ", out);
    term_puts(out, *l->time ? l->time : "no date");
    if (*l->process) {
        (void)fputs(", ", out);
        term_puts(out, l->process);
    }
    if (*l->image) {
        (void)fputs(" (", out);
        term_puts(out, l->image);
        (void)fputc(')', out);
    }
    if (l->pid >= 0) {
        (void)fprintf(out, ", pid %lld", (long long)l->pid);
    }
    if (l->thread) {
        (void)fprintf(out, ", thread 0x%llx", (unsigned long long)l->thread);
    }
    if (*l->subsystem || *l->category) {
        (void)fputs(", ", out);
        term_puts(out, l->subsystem);
        (void)fputc(':', out);
        term_puts(out, l->category);
    }
    (void)fputc('\n', out);
}

static void explain_view_evidence(const struct explain_out *o, const struct dext_symptom *s)
{
    FILE *out = o->app->out;
    size_t n = explain_few(o, s->evidence_count, MOST_EVIDENCE);
    for (size_t i = 0; i < n; i++) {
        const struct dext_evidence *e = &s->evidence[i];
        char *text = explain_text(o, e->text);
        (void)fputs("    ", out);
        explain_place(out, e);
        (void)fputs(": ", out);
        term_line(out, text);
        (void)fputc('\n', out);
        if (e->logged && o->app->verbose) {
            explain_view_logged(out, e->logged);
        }
        free(text);
    }
    if (s->times > n) {
        (void)fprintf(out, "    (%zu times in all)\n", s->times);
    }
}

static void explain_view_others(const struct explain_out *o, const char *title,
                                const struct dext_symptom *const *list, size_t count)
{
    size_t n = explain_few(o, count, MOST_OTHERS);
    for (size_t i = 0; i < n; i++) {
        if (i == 0) {
            page_heading(o->app, title);
        }
        page_bullet(o->app, list[i]->what);
        if (list[i]->evidence_count) {
            (void)fputs("       ", o->app->out);
            explain_place(o->app->out, &list[i]->evidence[0]);
            (void)fprintf(o->app->out, "  [%s]%s\n", list[i]->id,
                          list[i]->earlier ? ", before the last start of the system" : "");
        }
    }
    if (n < count) {
        (void)fprintf(o->app->out, "    and %zu more\n", count - n);
    }
}

/* "match passed (log.txt:7), launch failed (log.txt:9)"; nothing when all that is known is the
 * stage that the heading names. */
static void life(const struct explain_out *o, const struct dext_life *l)
{
    char *text = NULL;
    size_t size = 0;
    size_t seen = 0;
    for (size_t i = 0; l && i < l->stage_count; i++) {
        seen += l->stages[i].state != DEXT_STAGE_IMPLIED;
    }
    FILE *out = seen > 1 ? open_memstream(&text, &size) : NULL;
    for (size_t i = 0, told = 0; out && i < l->stage_count; i++) {
        const struct dext_stage_seen *s = &l->stages[i];
        if (s->state == DEXT_STAGE_IMPLIED) {
            continue; /* what was not seen is not told as passed */
        }
        (void)fprintf(out, "%s%s", told++ ? ", " : "", s->stage);
        (void)fputs(s->state == DEXT_STAGE_FAILED ? " failed" : " passed", out);
        if (s->by && s->by->evidence_count) {
            (void)fputs(" (", out);
            explain_place(out, &s->by->evidence[0]);
            (void)fputc(')', out);
        }
    }
    if (out) {
        (void)fclose(out);
        page_paragraph(o->app, "\n  Its life so far: ", 4, text);
        free(text);
    }
}

static void explain_view_verdict(const struct explain_out *o, const struct dext_verdict *v,
                                 size_t rank)
{
    FILE *out = o->app->out;
    const struct dext_symptom *s = v->root;
    (void)fprintf(out, "%s%zu. ", rank > 1 ? "\n" : "", rank);
    term_styled(out, o->app->colour, TERM_BOLD, explain_subject(v));
    (void)fprintf(out, ": failed at \"%s\" (confidence %s)  [%s]\n", s->stage, s->confidence,
                  s->id);
    page_paragraph(o->app, "  ", 2, s->what);
    if (*s->detail) {
        char *text = explain_text(o, s->detail);
        page_paragraph(o->app, s->joined ? "  In detail: " : "  Named in the line: ", 4, text);
        free(text);
    }
    if (s->whose) {
        page_paragraph(o->app, "  " EXPLAIN_WHOSE, 4, s->whose);
    }
    if (s->earlier) {
        page_paragraph(o->app, "  ", 2, EXPLAIN_EARLIER);
    }
    if (o->app->quiet) {
        return;
    }
    page_heading(o->app, "Evidence");
    explain_view_evidence(o, s);
    if (rank > 1 && !o->app->verbose) {
        explain_bullets(o, "How to mend it", &s->fix, 1, false);
        return;
    }
    life(o, explain_life(o, v));
    explain_view_others(o, "What followed from it", v->consequences, v->consequence_count);
    explain_view_others(o, "Also wrong, perhaps hidden by it until now", v->further,
                        v->further_count);
    explain_bullets(o, "Likely reasons", &s->why, MOST_WHY, true);
    explain_bullets(o, "What would confirm or exclude it", &s->check, MOST_CHECK, false);
    explain_bullets(o, "How to mend it", &s->fix, MOST_FIX, false);
    if (o->app->verbose) {
        explain_bullets(o, "Sources", &s->source, s->source.count, false);
    }
}

/* The best answer in full, the others by a line each. */
static void explain_view_answers(const struct explain_out *o, bool first)
{
    const struct dext_explanation *r = o->result;
    FILE *out = o->app->out;
    if (r->answer_count == 0) {
        return;
    }
    const struct dext_symptom *s = r->answers[0];
    (void)fputs(first ? "" : "\n", out);
    term_styled(out, o->app->colour, TERM_BOLD, "About what is asked");
    (void)fprintf(out, " (confidence %s)  [%s]\n", s->confidence, s->id);
    page_paragraph(o->app, "  ", 2, s->what);
    bool beside = !first && !o->app->verbose; /* the failure comes first */
    if (!o->app->quiet && !beside) {
        page_heading(o->app, "The text says");
        explain_view_evidence(o, s);
        explain_bullets(o, "Because", &s->why, MOST_WHY, false);
        explain_bullets(o, "To check", &s->check, MOST_CHECK, false);
        explain_bullets(o, "What to do", &s->fix, MOST_FIX, false);
        if (o->app->verbose) {
            explain_bullets(o, "Sources", &s->source, s->source.count, false);
        }
    }
    for (size_t i = 1; i < r->answer_count; i++) {
        if (i == 1) {
            page_heading(o->app, "Perhaps also asked (in full: dextctl topic NAME)");
        }
        const char *what = r->answers[i]->what, *stop = strstr(what, ". ");
        (void)fprintf(out, "    %s: %.*s\n", r->answers[i]->id,
                      (int)(stop ? (size_t)(stop - what) : strlen(what)), what);
    }
}

static void cause_on_page(const struct explain_out *o, const struct dext_verdict *v, size_t rank)
{
    explain_view_verdict(o, v, rank);
}

static void over_on_page(const struct explain_out *o, const char *subject, const char *symptom)
{
    (void)fputs("\nOver: ", o->app->out);
    term_puts(o->app->out, *subject ? subject : "the driver");
    (void)fprintf(o->app->out, " started after all  [%s]\n", symptom);
}

static void waits_on_page(const struct explain_out *o, const char *subject, const char *symptom)
{
    (void)fputs("\nWaiting: ", o->app->out);
    term_puts(o->app->out, *subject ? subject : "a driver");
    (void)fprintf(o->app->out, ": what caused it may still come  [%s]\n", symptom);
}

static bool is_aside(const struct explain_out *o, const struct dext_explain_input *in)
{
    return in->aside && !o->app->verbose;
}

/* Why the others were not is said on standard error. */
bool explain_was_read(const struct dext_explain_input *in)
{
    return in->kind != DEXT_TEXT_EMPTY && in->kind != DEXT_TEXT_BINARY;
}

static void explain_view_input(const struct explain_out *o, const struct dext_explain_input *in)
{
    FILE *out = o->app->out;
    const char *command = explain_other_command(in->kind);
    char *holds = explain_text(o, in->holds), *file = explain_text(o, in->file);
    (void)fputs("    ", out);
    term_puts(out, file);
    (void)fprintf(out, ": %s%s", in->what, *holds ? ": " : "");
    term_line(out, holds);
    if (command && !in->aside) {
        (void)fprintf(out, "  [more: dextctl %s]", command);
    }
    (void)fputc('\n', out);
    for (size_t i = 0; i < in->notes.count; i++) {
        char *text = explain_text(o, in->notes.text[i]);
        page_paragraph(o->app, "        ", 8, text);
        free(text);
    }
    free(holds);
    free(file);
}

/* So that one sees that everything given was understood, and as what. */
static void explain_view_inputs(const struct explain_out *o)
{
    size_t aside = 0, shown = 0;
    for (size_t i = 0; i < o->input_count; i++) {
        aside += is_aside(o, &o->inputs[i]);
        if (!is_aside(o, &o->inputs[i]) && explain_was_read(&o->inputs[i])) {
            if (shown++ == 0) {
                page_heading(o->app, "Read");
            }
            explain_view_input(o, &o->inputs[i]);
        }
    }
    if (aside) {
        (void)fprintf(o->app->out,
                      "    and %zu %s that %s no driver extension's (--verbose shows %s)\n", aside,
                      aside == 1 ? "report" : "reports", aside == 1 ? "is" : "are",
                      aside == 1 ? "it" : "them");
    }
    if (o->passed_over) {
        (void)fprintf(o->app->out, "    %zu %s not tell of drivers and %s passed over\n",
                      o->passed_over, o->passed_over == 1 ? "file does" : "files do",
                      o->passed_over == 1 ? "was" : "were");
    }
}

void explain_nothing(const struct explain_out *o)
{
    const struct dext_explanation *r = o->result;
    size_t read = 0;
    bool whole = !o->unreadable && !r->gave_up;
    for (size_t i = 0; i < o->input_count; i++) {
        read += explain_was_read(&o->inputs[i]);
        whole = whole && !*o->inputs[i].unread;
    }
    if (read == 0) {
        (void)fputs("Nothing was read.\n", o->app->out);
    } else if (r->lines) {
        (void)fprintf(o->app->out,
                      "Nothing in what was read shows a failure of a driver (%lu %s of logs and "
                      "lists).\n",
                      r->lines, r->lines == 1 ? "line" : "lines");
    } else {
        (void)fputs("Nothing in what was read shows a failure of a driver.\n", o->app->out);
    }
    if (read && !whole) {
        (void)fputs("Not all of it could be read, so that is no clean answer.\n", o->app->out);
    }
}

static void explain_view_nothing(const struct explain_out *o)
{
    const struct dext_explanation *r = o->result;
    explain_nothing(o);
    if (o->app->quiet) {
        return;
    }
    for (size_t i = 0; i < r->step_count; i++) {
        if (i == 0) {
            page_heading(o->app, "What went well");
        }
        page_bullet(o->app, r->steps[i]->what);
    }
}

static void explain_view_collect(const struct explain_out *o)
{
    const struct dext_texts *texts = &o->result->collect;
    for (size_t i = 0; i < texts->count; i++) {
        if (i == 0) {
            page_heading(o->app,
                         o->result->asked
                             ? "What would tell more: collect this while it fails, and explain it"
                             : "If something fails all the same, collect this while it does, and "
                               "explain it");
        }
        fold_exact(o->app, true);
        (void)fprintf(o->app->out, "    %s\n", texts->text[i]);
        fold_exact(o->app, false);
    }
    if (texts->count > 1) {
        (void)fputs("    or all at once: dextctl collect\n", o->app->out);
    }
}

static void explain_view_more(const struct explain_out *o)
{
    const struct dext_explanation *r = o->result;
    if (r->verdict_count + r->answer_count && !o->app->verbose && !o->app->quiet) {
        (void)fputs("\nAll reasons, checks and sources: the same with --verbose\n", o->app->out);
    }
}

static void explain_view_human(const struct explain_out *o)
{
    const struct dext_explanation *r = o->result;
    for (size_t i = 0; i < r->verdict_count && !o->told; i++) {
        explain_view_verdict(o, &r->verdicts[i], i + 1);
    }
    bool named = r->code_count + r->call_count != 0;
    if (r->verdict_count + r->answer_count == 0 && !(r->asked && named) && !o->told) {
        explain_view_nothing(o);
    }
    explain_view_answers(o, r->verdict_count == 0);
    if (r->asked && r->verdict_count + r->answer_count == 0) {
        (void)fputs("This looks like a question; no answer to it is known here.\n", o->app->out);
    }
    if (!o->app->quiet) {
        explain_named(o);
        explain_view_others(o, "Not a cause, although it looks like one", r->noise, r->noise_count);
        explain_view_inputs(o);
        explain_view_collect(o);
        explain_view_more(o);
    }
    if (r->dropped) {
        (void)fprintf(o->app->out, "Note: %lu findings of further drivers were not kept.\n",
                      r->dropped);
    }
}

static const struct explain_format explain_human = {explain_view_human, cause_on_page, over_on_page,
                                                    waits_on_page};

static const struct explain_format *explain_format_for(enum face face)
{
    static const struct explain_format *const faces[FACE_COUNT] = {[FACE_HUMAN] = &explain_human,
                                                                   [FACE_JSON] = &explain_json,
                                                                   [FACE_NDJSON] = &explain_ndjson,
                                                                   [FACE_SARIF] = &explain_sarif,
                                                                   [FACE_MARKDOWN] =
                                                                       &explain_markdown};
    return faces[face];
}

void explain_view(const struct explain_out *o)
{
    explain_format_for(o->app->face)->view(o);
}

void explain_cause(const struct explain_out *o, const struct dext_verdict *v, size_t rank)
{
    const struct explain_format *format = explain_format_for(o->app->face);
    if (format->cause) {
        format->cause(o, v, rank);
    }
}

void explain_over(const struct explain_out *o, const char *subject, const char *symptom)
{
    const struct explain_format *format = explain_format_for(o->app->face);
    if (format->over) {
        format->over(o, subject, symptom);
    }
}

void explain_waits(const struct explain_out *o, const char *subject, const char *symptom)
{
    const struct explain_format *format = explain_format_for(o->app->face);
    if (format->waits) {
        format->waits(o, subject, symptom);
    }
}
