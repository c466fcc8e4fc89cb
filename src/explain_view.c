#include "explain_view.h"

#include <stdlib.h>
#include <string.h>

#include "explain_formats.h"
#include "term.h"

#define WIDTH 80
#define LOG_SHOW                                                                                   \
    "log show --archive system_logs.logarchive --info --debug --style ndjson > log.ndjson"

const char *explain_other_command(enum dext_text_kind kind)
{
    switch (kind) {
    case DEXT_TEXT_PANIC:
        return "panic";
    case DEXT_TEXT_PLIST:
        return "lint";
    case DEXT_TEXT_IOREG:
    case DEXT_TEXT_IOREG_ARCHIVE:
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
    return o->redact ? explain_redact(text) : app_strdup(text);
}

const char *explain_subject(const struct dext_verdict *v)
{
    return *v->subject ? v->subject : v->root->question ? "the question" : "the driver";
}

const struct dext_life *explain_life(const struct explain_out *o, const struct dext_verdict *v)
{
    for (size_t i = 0; i < o->result->life_count && !v->root->question; i++) {
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

static void paragraph(FILE *out, const char *lead, size_t indent, const char *text)
{
    (void)fputs(lead, out);
    term_wrap(out, text, indent, WIDTH);
    (void)fputc('\n', out);
}

static void heading(const struct explain_out *o, const char *text)
{
    (void)fputs("\n  ", o->app->out);
    term_styled(o->app->out, o->app->colour, TERM_BOLD, text);
    (void)fputc('\n', o->app->out);
}

static void bullets(const struct explain_out *o, const char *title, const struct dext_texts *list,
                    bool numbered)
{
    for (size_t i = 0; i < list->count; i++) {
        char lead[32];
        (void)snprintf(lead, sizeof lead, numbered ? "    %zu. " : "    -  ", i + 1);
        if (i == 0) {
            heading(o, title);
        }
        paragraph(o->app->out, lead, 7, list->text[i]);
    }
}

void explain_place(FILE *out, const struct dext_evidence *e)
{
    term_puts(out, e->file);
    if (e->line) {
        (void)fprintf(out, ":%lu", e->line);
    }
}

static void evidence(const struct explain_out *o, const struct dext_symptom *s)
{
    FILE *out = o->app->out;
    for (size_t i = 0; i < s->evidence_count; i++) {
        const struct dext_evidence *e = &s->evidence[i];
        char *text = explain_text(o, e->text);
        (void)fputs("    ", out);
        explain_place(out, e);
        (void)fputs(": ", out);
        term_line(out, text);
        (void)fputc('\n', out);
        free(text);
    }
    if (s->times > s->evidence_count) {
        (void)fprintf(out, "    (%zu times in all)\n", s->times);
    }
}

static void others(const struct explain_out *o, const char *title,
                   const struct dext_symptom *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i == 0) {
            heading(o, title);
        }
        paragraph(o->app->out, "    -  ", 7, list[i]->what);
        if (list[i]->evidence_count) {
            (void)fputs("       ", o->app->out);
            explain_place(o->app->out, &list[i]->evidence[0]);
            (void)fprintf(o->app->out, "  [%s]\n", list[i]->id);
        }
    }
}

/* "activate to match passed, launch failed (log.txt:9)"; nothing when all that is known is the
 * stage that the heading names. */
static void life(const struct explain_out *o, const struct dext_life *l)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = l && l->stage_count > 1 ? open_memstream(&text, &size) : NULL;
    for (size_t i = 0; out && i < l->stage_count; i++) {
        const struct dext_stage_seen *s = &l->stages[i];
        size_t last = i;
        while (s->state == DEXT_STAGE_IMPLIED && last + 1 < l->stage_count &&
               l->stages[last + 1].state == DEXT_STAGE_IMPLIED) {
            last++;
        }
        (void)fprintf(out, "%s%s", i ? ", " : "", s->stage);
        if (last > i) {
            (void)fprintf(out, " to %s", l->stages[last].stage);
        }
        (void)fputs(s->state == DEXT_STAGE_FAILED ? " failed" : " passed", out);
        if (s->by && s->by->evidence_count) {
            (void)fputs(" (", out);
            explain_place(out, &s->by->evidence[0]);
            (void)fputc(')', out);
        }
        i = last;
    }
    if (out) {
        (void)fclose(out);
        paragraph(o->app->out, "\n  Its life so far: ", 4, text);
        free(text);
    }
}

static void verdict(const struct explain_out *o, const struct dext_verdict *v, size_t rank)
{
    FILE *out = o->app->out;
    const struct dext_symptom *s = v->root;
    (void)fprintf(out, "%s%zu. ", rank > 1 ? "\n" : "", rank);
    term_styled(out, o->app->colour, TERM_BOLD, explain_subject(v));
    (void)fprintf(out, "%s \"%s\" (confidence %s)  [%s]\n", s->question ? ", about" : ": failed at",
                  s->stage, s->confidence, s->id);
    paragraph(out, "  ", 2, s->what);
    if (*s->detail) {
        char *text = explain_text(o, s->detail);
        paragraph(out, s->joined ? "  In detail: " : "  Named in the line: ", 4, text);
        free(text);
    }
    if (o->app->quiet) {
        return;
    }
    heading(o, s->question ? "The text says" : "Evidence");
    evidence(o, s);
    life(o, explain_life(o, v));
    others(o, "What followed from it", v->consequences, v->consequence_count);
    others(o, "Also wrong, perhaps hidden by it until now", v->further, v->further_count);
    bullets(o, s->question ? "Because" : "Likely reasons", &s->why, !s->question);
    bullets(o, s->question ? "To check" : "What would confirm or exclude it", &s->check, false);
    bullets(o, s->question ? "What to do" : "How to mend it", &s->fix, false);
    if (o->app->verbose || s->question) {
        bullets(o, "Sources", &s->source, false);
    }
}

void explain_cause(const struct explain_out *o, const struct dext_verdict *v, size_t rank)
{
    if (strcmp(o->app->format, "ndjson") == 0) {
        explain_ndjson_cause(o, v, rank);
    } else if (strcmp(o->app->format, "human") == 0) {
        verdict(o, v, rank);
    }
}

void explain_over(const struct explain_out *o, const char *subject, const char *symptom)
{
    if (strcmp(o->app->format, "ndjson") == 0) {
        explain_ndjson_over(o, subject, symptom);
    } else if (strcmp(o->app->format, "human") == 0) {
        (void)fputs("\nOver: ", o->app->out);
        term_puts(o->app->out, *subject ? subject : "the driver");
        (void)fprintf(o->app->out, " started after all  [%s]\n", symptom);
    }
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

static void input(const struct explain_out *o, const struct dext_explain_input *in)
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
        paragraph(out, "        ", 8, text);
        free(text);
    }
    if (in->kind == DEXT_TEXT_ARCHIVE) {
        (void)fputs("        on a Mac, this makes it readable:\n        " LOG_SHOW "\n", out);
    }
    free(holds);
    free(file);
}

/* So that one sees that everything given was understood, and as what. */
static void inputs(const struct explain_out *o)
{
    size_t aside = 0, shown = 0;
    for (size_t i = 0; i < o->input_count; i++) {
        aside += is_aside(o, &o->inputs[i]);
        if (!is_aside(o, &o->inputs[i]) && explain_was_read(&o->inputs[i])) {
            if (shown++ == 0) {
                heading(o, "Read");
            }
            input(o, &o->inputs[i]);
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
    for (size_t i = 0; i < o->input_count; i++) {
        read += explain_was_read(&o->inputs[i]);
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
}

static void nothing(const struct explain_out *o)
{
    const struct dext_explanation *r = o->result;
    FILE *out = o->app->out;
    explain_nothing(o);
    if (o->app->quiet) {
        return;
    }
    for (size_t i = 0; i < r->step_count; i++) {
        if (i == 0) {
            heading(o, "What went well");
        }
        paragraph(out, "    -  ", 7, r->steps[i]->what);
    }
}

static void collect(const struct explain_out *o)
{
    const struct dext_texts *texts = &o->result->collect;
    for (size_t i = 0; i < texts->count; i++) {
        if (i == 0) {
            heading(o,
                    "If something fails all the same, collect this while it does, and explain it");
        }
        (void)fprintf(o->app->out, "    %s\n", texts->text[i]);
    }
    if (texts->count > 1) {
        (void)fputs("    or all at once: dextctl collect\n", o->app->out);
    }
}

static void human(const struct explain_out *o)
{
    const struct dext_explanation *r = o->result;
    for (size_t i = 0; i < r->verdict_count && !o->told; i++) {
        verdict(o, &r->verdicts[i], i + 1);
    }
    if (r->verdict_count + r->code_count + r->call_count == 0 && !o->told) {
        nothing(o);
    }
    if (!o->app->quiet) {
        explain_named(o);
        others(o, "Not a cause, although it looks like one", r->noise, r->noise_count);
        inputs(o);
        collect(o);
    }
    if (r->dropped) {
        (void)fprintf(o->app->out, "Note: %lu findings of further drivers were not kept.\n",
                      r->dropped);
    }
}

void explain_view(const struct explain_out *o)
{
    const char *format = o->app->format;
    if (strcmp(format, "json") == 0) {
        explain_json(o);
    } else if (strcmp(format, "ndjson") == 0) {
        explain_ndjson(o);
    } else if (strcmp(format, "sarif") == 0) {
        explain_sarif(o);
    } else if (strcmp(format, "markdown") == 0) {
        explain_markdown(o);
    } else {
        human(o);
    }
}
