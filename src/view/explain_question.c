/* Codes and calls that a question names, for people and for tickets. */
#include <string.h>

#include "app/term.h"
#include "view/explain_formats.h"
#include "view/page.h"

const char *explain_call_lead(const struct dext_call_named *c)
{
    return strcmp(c->status, "none") == 0 ? "has no counterpart in DriverKit; the way that exists:"
           : strcmp(c->status, "same") == 0 ? "is in DriverKit as well:"
                                            : "becomes:";
}

static void named_heading(const struct explain_out *o, bool *first, const char *text)
{
    (void)fputs(*first ? "" : "\n", o->app->out);
    page_title(o->app, text);
    *first = false;
}

static void explain_question_place(const struct explain_out *o, const struct dext_evidence *e,
                                   const char *source)
{
    (void)fputs("       ", o->app->out);
    explain_place(o->app->out, e);
    if (source && o->app->verbose) {
        (void)fputs("  ", o->app->out);
        term_puts(o->app->out, source);
    }
    (void)fputc('\n', o->app->out);
}

static void explain_question_code(const struct explain_out *o, const struct dext_code_named *c)
{
    FILE *out = o->app->out;
    (void)fputs("    -  ", out);
    if (strcmp(c->text, c->name) != 0) {
        term_puts(out, c->text);
        (void)fputs(" is ", out);
    }
    (void)fprintf(out, "%s (%s", c->name, c->domain);
    if (strcmp(c->text, c->written) != 0) {
        (void)fprintf(out, ", %s", c->written);
    }
    (void)fputs(")\n       ", out);
    page_wrap(o->app, 7, 7, c->meaning);
    if (*c->note) {
        (void)fputs("\n       ", out);
        page_wrap(o->app, 7, 7, c->note);
    }
    (void)fputc('\n', out);
    explain_question_place(o, &c->evidence, NULL);
}

static void explain_question_call(const struct explain_out *o, const struct dext_call_named *c)
{
    FILE *out = o->app->out;
    (void)fprintf(out, "    -  %s %s\n       ", c->name, explain_call_lead(c));
    page_wrap(o->app, 7, 7, c->counterpart);
    if (*c->header) {
        (void)fprintf(out, "\n       <%s>", c->header);
    }
    if (*c->note) {
        (void)fputs("\n       ", out);
        page_wrap(o->app, 7, 7, c->note);
    }
    (void)fputc('\n', out);
    explain_question_place(o, &c->evidence, c->source);
}

void explain_named(const struct explain_out *o)
{
    const struct dext_explanation *r = o->result;
    bool first = false;
    for (size_t i = 0; i < r->code_count; i++) {
        if (i == 0) {
            named_heading(o, &first, "Codes in the text");
        }
        explain_question_code(o, &r->codes[i]);
    }
    for (size_t i = 0; i < r->call_count; i++) {
        if (i == 0) {
            named_heading(o, &first, "Kernel calls in the text, and what DriverKit has for them");
        }
        explain_question_call(o, &r->calls[i]);
    }
}

/* ---- for tickets ------------------------------------------------------------------------ */

void explain_named_markdown(const struct explain_out *o)
{
    FILE *out = o->app->out;
    const struct dext_explanation *r = o->result;
    for (size_t i = 0; i < r->code_count; i++) {
        const struct dext_code_named *c = &r->codes[i];
        (void)fputs(i ? "" : "\nCodes in the text:\n\n", out);
        (void)fprintf(out, "- `%s`, `%s`, %s: ", c->written, c->name, c->domain);
        explain_plain(out, c->meaning);
        (void)fputs(*c->note ? "; " : "", out);
        explain_plain(out, c->note);
        (void)fputc('\n', out);
    }
    for (size_t i = 0; i < r->call_count; i++) {
        const struct dext_call_named *c = &r->calls[i];
        (void)fputs(i ? "" : "\nKernel calls in the text, and what DriverKit has for them:\n\n",
                    out);
        (void)fprintf(out, "- `%s` %s ", c->name, explain_call_lead(c));
        explain_plain(out, c->counterpart);
        if (*c->note) {
            (void)fputs("; ", out);
            explain_plain(out, c->note);
        }
        (void)fputs(" (", out);
        explain_plain(out, c->source);
        (void)fputs(")\n", out);
    }
}
