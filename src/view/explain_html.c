#include "view/explain_html.h"

#include <stdlib.h>
#include <string.h>

#include "html_parts.h"
#include "view/explain_html_part.h"
#include "view/html_page.h"

void explain_page_text(const struct explain_page *p, const char *text)
{
    char *shown = explain_text(p->o, text);
    html_page_text(p->out, shown);
    free(shown);
}

void explain_page_place(const struct explain_page *p, const struct dext_evidence *e)
{
    explain_page_text(p, e->file);
    if (e->line) {
        (void)fprintf(p->out, ":%lu", e->line);
    }
}

static void explain_html_list(const struct explain_page *p, const char *title,
                              const struct dext_texts *list, const char *tag)
{
    for (size_t i = 0; i < list->count; i++) {
        if (i == 0) {
            (void)fprintf(p->out, "<h3>%s</h3>\n<%s>\n", title, tag);
        }
        (void)fputs("<li>", p->out);
        html_page_text(p->out, list->text[i]);
        (void)fputs("</li>\n", p->out);
        if (i + 1 == list->count) {
            (void)fprintf(p->out, "</%s>\n", tag);
        }
    }
}

/* ---- the life ---------------------------------------------------------------------------------
 */

static const struct dext_stage_seen *explain_html_seen(const struct dext_life *l, const char *stage)
{
    for (size_t i = 0; l && i < l->stage_count; i++) {
        if (strcmp(l->stages[i].stage, stage) == 0) {
            return &l->stages[i];
        }
    }
    return NULL;
}

/* All stages up to "serve" in a line; those behind only when something is known of them. */
static void explain_html_life(const struct explain_page *p, const struct dext_life *l)
{
    static const char *const signs[] = {"\xe2\x9c\x93", "\xe2\x9c\x93", "\xe2\x9c\x97"};
    static const char *const notes[] = {"", "must have passed", ""};
    const char *stage;
    bool line = true;
    (void)fputs("<ol class=\"life\" aria-label=\"The driver's life\">\n", p->out);
    for (size_t i = 0; (stage = dext_stage_at(i)) != NULL; i++) {
        const struct dext_stage_seen *s = explain_html_seen(l, stage);
        if (s) {
            (void)fprintf(p->out, "<li class=\"%s\" data-sign=\"%s\">%s <small>%s</small><small>",
                          explain_stage_state(s->state), signs[s->state], stage,
                          *notes[s->state] ? notes[s->state] : explain_stage_state(s->state));
            if (s->by && s->by->evidence_count) {
                explain_page_place(p, &s->by->evidence[0]);
            }
            (void)fputs("</small></li>\n", p->out);
        } else if (line) {
            (void)fprintf(
                p->out, "<li class=\"unknown\" data-sign=\"?\">%s <small>not known</small></li>\n",
                stage);
        }
        line = line && strcmp(stage, "serve") != 0;
    }
    (void)fputs("</ol>\n", p->out);
}

/* ---- verdicts ---------------------------------------------------------------------------------
 */

static void explain_html_others(const struct explain_page *p, const char *title,
                                const struct dext_symptom *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i == 0) {
            (void)fprintf(p->out, "<details open><summary>%s</summary>\n<ul>\n", title);
        }
        (void)fputs("<li>", p->out);
        html_page_text(p->out, list[i]->what);
        if (list[i]->evidence_count) {
            (void)fputs(" <span class=\"dim\">", p->out);
            explain_page_place(p, &list[i]->evidence[0]);
            (void)fputs(": ", p->out);
            explain_page_text(p, list[i]->evidence[0].text);
            (void)fputs("</span>", p->out);
        }
        (void)fputs("</li>\n", p->out);
    }
    (void)fputs(count ? "</ul></details>\n" : "", p->out);
}

static void explain_html_symptom(struct explain_page *p, const struct dext_symptom *s,
                                 size_t section)
{
    (void)fputs("<p class=\"what\">", p->out);
    html_page_text(p->out, s->what);
    (void)fprintf(p->out, " <code>%s</code></p>\n", s->id);
    if (*s->detail) {
        (void)fprintf(p->out, "<p>%s", s->joined ? "In detail: " : "Named in the line: ");
        explain_page_text(p, s->detail);
        (void)fputs("</p>\n", p->out);
    }
    if (s->whose || s->earlier) {
        (void)fprintf(p->out, "<p>%s", s->whose ? EXPLAIN_WHOSE : "");
        html_page_text(p->out, s->whose ? s->whose : "");
        (void)fprintf(p->out, "%s%s</p>\n", s->whose ? ". " : "",
                      s->earlier ? EXPLAIN_EARLIER : "");
    }
    if (s->fix.count) {
        (void)fputs("<div class=\"todo\">\n", p->out);
        explain_html_list(p, "What to do", &s->fix, "ul");
        (void)fputs("</div>\n", p->out);
    }
    (void)fputs("<h3>Evidence</h3>\n", p->out);
    explain_page_evidence(p, s, section);
    explain_html_list(p, "Likely reasons", &s->why, "ol");
    explain_html_list(p, "What would confirm or exclude it", &s->check, "ul");
}

static void explain_html_sources(const struct explain_page *p, const struct dext_symptom *s)
{
    if (s->source.count) {
        (void)fputs("<details><summary>Sources</summary>\n<ul>\n", p->out);
        for (size_t i = 0; i < s->source.count; i++) {
            (void)fputs("<li>", p->out);
            html_page_text(p->out, s->source.text[i]);
            (void)fputs("</li>\n", p->out);
        }
        (void)fputs("</ul></details>\n", p->out);
    }
}

static void explain_html_verdict(struct explain_page *p, const struct dext_verdict *v, size_t rank)
{
    const struct dext_symptom *s = v->root;
    const struct dext_life *l = explain_life(p->o, v);
    (void)fprintf(
        p->out,
        "<section id=\"d%zu\" tabindex=\"0\" aria-labelledby=\"h%zu\">\n<h2 id=\"h%zu\">%zu. ",
        rank, rank, rank, rank);
    explain_page_text(p, explain_subject(v));
    (void)fprintf(
        p->out,
        " <span class=\"badge no\">failed at %s</span> <span class=\"badge dim\">confidence "
        "%s</span></h2>\n",
        s->stage, s->confidence);
    explain_html_life(p, l);
    explain_html_symptom(p, s, rank);
    explain_html_others(p, "What followed from it", v->consequences, v->consequence_count);
    explain_html_others(p, "Also wrong, perhaps hidden by it until now", v->further,
                        v->further_count);
    explain_page_registry(p, v->subject, l ? l->node : "");
    explain_html_sources(p, s);
    (void)fputs("</section>\n", p->out);
}

static bool explain_html_has_verdict(const struct dext_explanation *r, const struct dext_life *l)
{
    for (size_t i = 0; i < r->verdict_count; i++) {
        if (strcmp(r->verdicts[i].subject, l->subject) == 0) {
            return true;
        }
    }
    return false;
}

/* Drivers that were seen and did not fail. */
static void explain_html_well(const struct explain_page *p)
{
    const struct dext_explanation *r = p->o->result;
    for (size_t i = 0; i < r->life_count; i++) {
        if (!explain_html_has_verdict(r, &r->lives[i])) {
            (void)fputs("<section tabindex=\"0\">\n<h2>", p->out);
            explain_page_text(p, *r->lives[i].subject ? r->lives[i].subject : "a driver");
            (void)fputs(" <span class=\"badge yes\">no failure seen</span></h2>\n", p->out);
            explain_html_life(p, &r->lives[i]);
            explain_page_registry(p, r->lives[i].subject, r->lives[i].node);
            (void)fputs("</section>\n", p->out);
        }
    }
}

/* ---- questions, the rest ----------------------------------------------------------------------
 */

static void explain_html_answers(struct explain_page *p)
{
    const struct dext_explanation *r = p->o->result;
    for (size_t i = 0; i < r->answer_count; i++) {
        (void)fprintf(p->out, "<section tabindex=\"0\">\n<h2>%s</h2>\n",
                      i ? "Perhaps also asked" : "About what is asked");
        explain_html_symptom(p, r->answers[i], r->verdict_count + i + 1);
        explain_html_sources(p, r->answers[i]);
        (void)fputs("</section>\n", p->out);
    }
    for (size_t i = 0; i < r->code_count; i++) {
        const struct dext_code_named *c = &r->codes[i];
        (void)fputs(i ? "" : "<section tabindex=\"0\">\n<h2>Codes in the text</h2>\n<ul>\n",
                    p->out);
        (void)fputs("<li><code>", p->out);
        explain_page_text(p, c->text);
        (void)fputs("</code> ", p->out);
        html_page_text(p->out, c->name);
        (void)fputs(": ", p->out);
        html_page_text(p->out, c->meaning);
        (void)fprintf(p->out, "</li>\n%s", i + 1 == r->code_count ? "</ul>\n</section>\n" : "");
    }
    for (size_t i = 0; i < r->call_count; i++) {
        const struct dext_call_named *c = &r->calls[i];
        (void)fputs(i ? ""
                      : "<section tabindex=\"0\">\n<h2>Calls of kernel extensions</h2>\n<ul>\n",
                    p->out);
        (void)fputs("<li><code>", p->out);
        html_page_text(p->out, c->name);
        (void)fputs("</code> ", p->out);
        html_page_text(p->out, explain_call_lead(c));
        (void)fputs(" ", p->out);
        html_page_text(p->out, c->counterpart);
        (void)fprintf(p->out, "</li>\n%s", i + 1 == r->call_count ? "</ul>\n</section>\n" : "");
    }
}

static void explain_html_inputs(const struct explain_page *p)
{
    const struct explain_out *o = p->o;
    (void)fputs(
        "<section tabindex=\"0\">\n<h2>Read</h2>\n<table><thead><tr><th>input</th><th>what it "
        "is</th><th>what it holds</th></tr></thead><tbody>\n",
        p->out);
    for (size_t i = 0; i < o->input_count; i++) {
        const struct dext_explain_input *in = &o->inputs[i];
        if (in->aside && !o->app->verbose) {
            continue;
        }
        (void)fputs("<tr><td>", p->out);
        explain_page_text(p, in->file);
        (void)fputs("</td><td>", p->out);
        html_page_text(p->out, in->what);
        (void)fputs("</td><td>", p->out);
        explain_page_text(p, in->holds);
        for (size_t k = 0; k < in->notes.count; k++) {
            (void)fputs("<p class=\"dim\">", p->out);
            explain_page_text(p, in->notes.text[k]);
            (void)fputs("</p>", p->out);
        }
        if (*in->unread) {
            (void)fputs("<p class=\"unsure\">not all of it: ", p->out);
            explain_page_text(p, in->unread);
            (void)fputs("</p>", p->out);
        }
        (void)fputs("</td></tr>\n", p->out);
    }
    (void)fputs("</tbody></table>\n", p->out);
    if (o->passed_over) {
        (void)fprintf(p->out, "<p class=\"dim\">%zu more files do not tell of drivers.</p>\n",
                      o->passed_over);
    }
    explain_html_others(p, "Not a cause, although it looks like one", o->result->noise,
                        o->result->noise_count);
    explain_html_list(p, "What would tell more: collect this while it fails", &o->result->collect,
                      "ul");
    (void)fputs("</section>\n", p->out);
}

static void explain_html_head(const struct explain_page *p)
{
    const struct dext_explanation *r = p->o->result;
    html_page_begin(p->out, r->verdict_count ? "What went wrong" : "Explanation", "dextctl",
                    html_explain_css);
    (void)fprintf(p->out, "<header>\n<h1>%s</h1>\n",
                  r->verdict_count                  ? "What went wrong"
                  : r->answer_count + r->code_count ? "About what is asked"
                                                    : "No failure of a driver in what was read");
    (void)fprintf(p->out,
                  "<p class=\"dim\">As dextctl %s read it; %lu lines of logs and lists. j and k go "
                  "from part to part, o folds.</p>\n",
                  dext_version(), r->lines);
    for (size_t i = 0; i < r->verdict_count; i++) {
        (void)fprintf(p->out, "%s<li><a href=\"#d%zu\">",
                      i ? "" : "<nav aria-label=\"Drivers\"><ol>\n", i + 1);
        explain_page_text(p, explain_subject(&r->verdicts[i]));
        (void)fprintf(p->out, "</a> failed at %s: ", r->verdicts[i].root->stage);
        html_page_text(p->out, r->verdicts[i].root->what);
        (void)fprintf(p->out, "</li>\n%s", i + 1 == r->verdict_count ? "</ol></nav>\n" : "");
    }
    if (r->gave_up) {
        (void)fputs("<p class=\"unsure\">Searches for patterns hit their limits: what they would "
                    "have found is not known.</p>\n",
                    p->out);
    }
    (void)fputs("</header>\n<main>\n", p->out);
}

int explain_html_write(const struct explain_out *o, const struct output *to)
{
    char *text = NULL;
    size_t size = 0;
    struct explain_page p = {.o = o, .out = open_memstream(&text, &size)};
    if (!p.out) {
        abort();
    }
    explain_page_open_registry(&p);
    explain_html_head(&p);
    for (size_t i = 0; i < o->result->verdict_count; i++) {
        explain_html_verdict(&p, &o->result->verdicts[i], i + 1);
    }
    explain_html_answers(&p);
    explain_html_well(&p);
    explain_html_inputs(&p);
    (void)fprintf(p.out, "</main>\n<script>\n%s</script>\n</body>\n</html>\n", html_explain_js);
    (void)fclose(p.out);
    int rc = html_page_write(o->app, to, text, size);
    dext_ctx_free(p.ctx);
    free(p.file);
    free(p.text);
    free(text);
    return rc;
}
