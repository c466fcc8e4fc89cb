/* For a ticket. Text of a log stands in code spans and blocks, where nothing in it can act. */
#include <stdlib.h>
#include <string.h>

#include "app/term.h"
#include "view/explain_formats.h"

/* A line of a log: no back-quote may end the span, no line end the item. */
static void explain_markdown_code(const struct explain_out *o, const char *text)
{
    char *copy = explain_text(o, text);
    for (char *p = copy; *p; p++) {
        if (*p == '`') {
            *p = '\'';
        } else if (*p == '\n') {
            *p = ' ';
        }
    }
    (void)fputc('`', o->app->out);
    term_line(o->app->out, copy);
    (void)fputc('`', o->app->out);
    free(copy);
}

/* Our own texts, in which only these characters could be taken for markup. */
void explain_plain(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("*_<>[]`", *text)) {
            (void)fputc('\\', out);
        }
        (void)fputc(*text, out);
    }
}

static void explain_markdown_plain(const struct explain_out *o, const char *text)
{
    explain_plain(o->app->out, text);
}

static void explain_markdown_bullets(const struct explain_out *o, const char *title,
                                     const struct dext_texts *list)
{
    for (size_t i = 0; i < list->count; i++) {
        (void)fprintf(o->app->out, i ? "- " : "\n%s:\n\n- ", title);
        explain_markdown_plain(o, list->text[i]);
        (void)fputc('\n', o->app->out);
    }
}

static void explain_markdown_evidence(const struct explain_out *o, const struct dext_symptom *s,
                                      size_t most)
{
    for (size_t i = 0; i < s->evidence_count && i < most; i++) {
        const struct dext_evidence *e = &s->evidence[i];
        (void)fputs("  - ", o->app->out);
        explain_markdown_code(o, e->file);
        (void)fprintf(o->app->out, e->line ? " line %lu: " : ": ", e->line);
        explain_markdown_code(o, e->text);
        (void)fputc('\n', o->app->out);
    }
}

static void explain_markdown_others(const struct explain_out *o, const char *title,
                                    const struct dext_symptom *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        (void)fprintf(o->app->out, i ? "- " : "\n%s:\n\n- ", title);
        explain_markdown_plain(o, list[i]->what);
        (void)fputc('\n', o->app->out);
        explain_markdown_evidence(o, list[i], 1);
    }
}

static void explain_markdown_verdict(const struct explain_out *o, const struct dext_verdict *v,
                                     size_t rank)
{
    const struct dext_symptom *s = v->root;
    (void)fprintf(o->app->out, "%s## %zu. ", rank > 1 ? "\n" : "", rank);
    explain_markdown_code(o, explain_subject(v));
    (void)fprintf(o->app->out, ": failed at \"%s\"\n\n", s->stage);
    explain_markdown_plain(o, s->what);
    (void)fprintf(o->app->out, " (`%s`, confidence %s).\n", s->id, s->confidence);
    if (s->whose) {
        (void)fputs(EXPLAIN_WHOSE, o->app->out);
        explain_markdown_plain(o, s->whose);
        (void)fputs(".\n", o->app->out);
    }
    (void)fputs(s->earlier ? EXPLAIN_EARLIER "\n" : "", o->app->out);
    (void)fputs("\nEvidence:\n\n", o->app->out);
    explain_markdown_evidence(o, s, DEXT_EVIDENCE_MOST);
    explain_markdown_others(o, "What followed from it", v->consequences, v->consequence_count);
    explain_markdown_others(o, "Also wrong, perhaps hidden by it until now", v->further,
                            v->further_count);
    explain_markdown_bullets(o, "Likely reasons", &s->why);
    explain_markdown_bullets(o, "What would confirm or exclude it", &s->check);
    explain_markdown_bullets(o, "How to mend it", &s->fix);
    explain_markdown_bullets(o, "Sources", &s->source);
}

static void explain_markdown_answers(const struct explain_out *o)
{
    const struct dext_explanation *r = o->result;
    for (size_t i = 0; i < r->answer_count; i++) {
        const struct dext_symptom *s = r->answers[i];
        (void)fputs(i == 0   ? "\n## About what is asked\n\n"
                    : i == 1 ? "\nPerhaps also asked:\n\n- "
                             : "- ",
                    o->app->out);
        explain_markdown_plain(o, s->what);
        (void)fprintf(o->app->out, " (`%s`, confidence %s).\n", s->id, s->confidence);
        if (i == 0) {
            (void)fputs("\nThe text says:\n\n", o->app->out);
            explain_markdown_evidence(o, s, DEXT_EVIDENCE_MOST);
            explain_markdown_bullets(o, "Because", &s->why);
            explain_markdown_bullets(o, "To check", &s->check);
            explain_markdown_bullets(o, "What to do", &s->fix);
            explain_markdown_bullets(o, "Sources", &s->source);
        }
    }
}

static void explain_markdown_inputs(const struct explain_out *o)
{
    size_t count = 0;
    for (size_t i = 0; i < o->input_count; i++) {
        const struct dext_explain_input *in = &o->inputs[i];
        if ((in->aside && !o->app->verbose) || !explain_was_read(in)) {
            continue;
        }
        (void)fputs(count++ ? "- " : "\nRead:\n\n- ", o->app->out);
        explain_markdown_code(o, in->file);
        (void)fprintf(o->app->out, ": %s", in->what);
        if (*in->holds) {
            (void)fputs(": ", o->app->out);
            explain_markdown_code(o, in->holds);
        }
        (void)fputc('\n', o->app->out);
        for (size_t k = 0; k < in->notes.count; k++) {
            (void)fputs("  - ", o->app->out);
            explain_markdown_code(o, in->notes.text[k]);
            (void)fputc('\n', o->app->out);
        }
    }
}

static void explain_markdown_view(const struct explain_out *o)
{
    const struct dext_explanation *r = o->result;
    for (size_t i = 0; i < r->verdict_count; i++) {
        explain_markdown_verdict(o, &r->verdicts[i], i + 1);
    }
    explain_markdown_answers(o);
    explain_named_markdown(o);
    if (r->verdict_count + r->answer_count + r->code_count + r->call_count == 0) {
        explain_nothing(o);
    }
    explain_markdown_others(o, "Not a cause, although it looks like one", r->noise, r->noise_count);
    explain_markdown_inputs(o);
    for (size_t i = 0; i < r->collect.count; i++) {
        (void)fprintf(o->app->out, "%s    %s\n",
                      i ? "" : "\nTo collect while the failure happens:\n\n", r->collect.text[i]);
    }
}

const struct explain_format explain_markdown = {explain_markdown_view, NULL, NULL, NULL};
