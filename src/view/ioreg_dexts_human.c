/* Driver extensions for people. */
#include <inttypes.h>
#include <string.h>

#include "app/term.h"
#include "view/ioreg_view.h"
#include "view/page.h"

#define COLUMN 15
#define MOST_NUBS 8

static void lead(const struct ioreg_out *o, const char *what)
{
    (void)fprintf(o->app->out, "  %-*s", COLUMN - 2, what);
}

static void text_row(const struct ioreg_out *o, const char *what, const char *text)
{
    if (text) {
        lead(o, what);
        term_line(o->app->out, text);
        (void)fputc('\n', o->app->out);
    }
}

static void node_row(const struct ioreg_out *o, const char *what, const struct dext_reg_node *n)
{
    if (!n) {
        return;
    }
    lead(o, what);
    ioreg_human_name(o, n);
    ioreg_human_class(o, n);
    (void)fputc('\n', o->app->out);
}

static void ioreg_dexts_human_sentence(const struct ioreg_out *o, const char *what,
                                       const char *text)
{
    lead(o, what);
    page_wrap(o->app, COLUMN, COLUMN, text);
    (void)fputc('\n', o->app->out);
}

static void ioreg_dexts_human_put_head(const struct ioreg_out *o, const struct dext_reg_dext *d)
{
    FILE *out = o->app->out;
    static const enum term_style styles[] = {TERM_RED, TERM_GREEN, TERM_YELLOW};
    static const char *const words[] = {"not attached", "attached", "attached: not known"};
    term_on(out, o->app->colour, TERM_BOLD);
    term_line(out, d->name);
    term_off(out, o->app->colour);
    (void)fputs("  ", out);
    term_styled(out, o->app->colour, styles[d->attached], words[d->attached]);
    (void)fputc('\n', out);
}

static void put_process(const struct ioreg_out *o, const struct dext_reg_dext *d)
{
    FILE *out = o->app->out;
    lead(o, "process");
    if (d->process) {
        term_line(out, d->process);
    } else {
        (void)fputs(d->running == DEXT_YES  ? "running"
                    : d->running == DEXT_NO ? "none in the dump"
                                            : "not known",
                    out);
    }
    if (d->server && d->server->id) {
        (void)fprintf(out, "  <IOUserServer, id 0x%" PRIx64 ">", d->server->id);
    }
    (void)fputc('\n', out);
}

static void put_category(const struct ioreg_out *o, const struct dext_reg_dext *d)
{
    FILE *out = o->app->out;
    if (!d->category) {
        return;
    }
    lead(o, "category");
    term_line(out, d->category);
    if (d->has_score) {
        (void)fprintf(out, ", score %" PRId64, d->score);
    }
    (void)fputc('\n', out);
}

static void put_counts(const struct ioreg_out *o, const struct dext_reg_dext *d)
{
    char text[64];
    if (d->has_match_count) {
        (void)snprintf(text, sizeof text, "%" PRIu64 " (IODEXTMatchCount)", d->match_count);
        text_row(o, "matched", text);
    }
    if (d->has_rematch_count) {
        (void)snprintf(text, sizeof text, "%" PRIu64 " (IORematchCount)", d->rematch_count);
        text_row(o, "rematched", text);
    }
}

/* What it published. */
static void put_nubs(const struct ioreg_out *o, const struct dext_reg_dext *d)
{
    size_t count = d->holders ? d->holders->other_count : 0;
    for (size_t i = 0; i < count && i < MOST_NUBS; i++) {
        node_row(o,
                 i                     ? ""
                 : d->holders->unknown ? "below it"
                                       : "nubs",
                 dext_registry_node(o->r, d->holders->others[i]));
    }
    if (count > MOST_NUBS) {
        (void)fprintf(o->app->out, "  %*sand %zu more\n", COLUMN - 2, "", count - MOST_NUBS);
    }
}

static void put_others(const struct ioreg_out *o, const struct dext_reg_dext *d)
{
    for (size_t i = 0; i < d->competitor_count; i++) {
        lead(o, i ? "" : "beside it");
        ioreg_human_driver(o, &d->competitors[i]);
        (void)fputc('\n', o->app->out);
    }
    for (size_t i = 0; d->holders && i < d->holders->driver_count; i++) {
        lead(o, i ? "" : "driven by");
        ioreg_human_driver(o, &d->holders->drivers[i]);
        (void)fputc('\n', o->app->out);
    }
    for (size_t i = 0; d->holders && i < d->holders->client_count; i++) {
        lead(o, i ? "" : "opened by");
        ioreg_human_client(o, &d->holders->clients[i]);
        (void)fputc('\n', o->app->out);
    }
}

static void put_dext(const struct ioreg_out *o, const struct dext_reg_dext *d)
{
    ioreg_dexts_human_put_head(o, d);
    text_row(o, "bundle", d->bundle_id);
    text_row(o, "server", d->server_name);
    put_process(o, d);
    node_row(o, "service", d->service);
    if (d->service) {
        text_row(o, "", *d->service->state ? d->service->state : "the dump shows no state");
    }
    node_row(o, "provider", d->maker ? NULL : d->provider);
    node_row(o, "made by", d->maker);
    if (d->provider) {
        text_row(o, "held by", dext_registry_holders(o->r, d->provider->index)->owner);
    }
    put_category(o, d);
    put_counts(o, d);
    put_nubs(o, d);
    put_others(o, d);
    if (d->attached != DEXT_YES || o->app->verbose) {
        ioreg_dexts_human_sentence(o, "attached", d->attached_text);
    }
    for (const char *const *n = d->notes; *n; n++) {
        ioreg_dexts_human_sentence(o, n == d->notes ? "note" : "", *n);
    }
}

static void put_unserved(const struct ioreg_out *o, const struct dext_reg_unserved *u)
{
    FILE *out = o->app->out;
    ioreg_human_name(o, u->node);
    ioreg_human_class(o, u->node);
    (void)fputs("\n  ", out);
    page_wrap(o->app, 2, 4, u->text);
    (void)fputc('\n', out);
    for (size_t i = 0; i < u->holders->client_count; i++) {
        (void)fputs("  opened by ", out);
        ioreg_human_client(o, &u->holders->clients[i]);
        (void)fputc('\n', out);
    }
}

void ioreg_human_dexts(struct ioreg_out *o, const struct dext_reg_dexts *d,
                       const struct ioreg_pick *p)
{
    FILE *out = o->app->out;
    bool any = false, head = false;
    for (size_t i = 0; i < d->count; i++) {
        if (ioreg_pick_has(p, &d->list[i])) {
            (void)fputs(any ? "\n" : "", out);
            put_dext(o, &d->list[i]);
            any = true;
        }
    }
    if (!any) {
        bool part = dext_registry_info(o->r)->fragment;
        (void)fputs(!p->all ? "No driver extension is among the selected nodes.\n"
                    : part  ? "No driver extension is seen in this part of a registry.\n"
                            : "No driver extension is in the dump.\n",
                    out);
    }
    for (size_t i = 0; i < d->unserved_count && !o->app->quiet; i++) {
        if (ioreg_pick_has_node(p, d->unserved[i].node)) {
            (void)fputs(
                head ? "" : "\nMatched by a driver extension that does not stand there:\n\n", out);
            head = true;
            put_unserved(o, &d->unserved[i]);
        }
    }
}
