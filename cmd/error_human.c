#include "error_out.h"

#include <inttypes.h>
#include <string.h>

#include "term.h"

#define WIDTH 80

/* ---- for people ------------------------------------------------------------------------- */

static void paragraph(const struct error_out *o, const char *lead, size_t indent, const char *text)
{
    (void)fprintf(o->app->out, "%s", lead);
    term_wrap(o->app->out, text, indent, WIDTH);
    (void)fputc('\n', o->app->out);
}

static void heading(const struct error_out *o, const char *title)
{
    (void)fputs("\n  ", o->app->out);
    term_styled(o->app->out, o->app->colour, TERM_BOLD, title);
    (void)fputc('\n', o->app->out);
}

static void bullets(const struct error_out *o, const char *title,
                    const struct dext_error_texts *list, bool numbered)
{
    for (size_t i = 0; i < list->count; i++) {
        char lead[32];
        (void)snprintf(lead, sizeof lead, numbered ? "    %zu. " : "    -  ", i + 1);
        if (i == 0) {
            heading(o, title);
        }
        paragraph(o, lead, 7, list->text[i]);
    }
}

static void names_line(const struct error_out *o, const char *lead,
                       const struct dext_error_texts *list)
{
    for (size_t i = 0; i < list->count; i++) {
        (void)fprintf(o->app->out, "%s%s", i ? ", " : lead, list->text[i]);
    }
    (void)fputs(list->count ? "\n" : "", o->app->out);
}

/* Whether a constant was explained before in this run; it is remembered then. */
static bool seen_before(struct error_out *o, const char *name)
{
    for (size_t i = 0; i < o->seen_count; i++) {
        if (o->seen[i] == name) {
            return true;
        }
    }
    if (o->seen_count < ERROR_OUT_SEEN) {
        o->seen[o->seen_count++] = name;
    }
    return false;
}

static void title(const struct error_out *o, const struct dext_error *e)
{
    char text[512];
    FILE *out = o->app->out;
    term_styled(out, o->app->colour, TERM_BOLD, e->name);
    (void)fprintf(out, "  %s", e->written);
    if (e->system) {
        (void)fprintf(out, "  (%" PRId32 ")", (int32_t)e->value);
    }
    paragraph(o, "\n  ", 2, e->summary);
    int n = snprintf(text, sizeof text, "%s: %s", e->domain, e->title);
    if (e->system && n > 0 && (size_t)n < sizeof text) {
        (void)snprintf(text + n, sizeof text - (size_t)n,
                       "; system %s, subsystem %s, code %" PRId64 " (0x%" PRIx64 ")", e->system,
                       e->subsystem ? e->subsystem : "without name", e->code, (uint64_t)e->code);
    }
    paragraph(o, "  ", 2, text);
    if (e->derived) {
        paragraph(o, "  ", 2,
                  "Only a code was given; its usual system and subsystem are supposed.");
    }
}

static void human_meaning(struct error_out *o, const struct dext_error *e)
{
    title(o, e);
    if (o->app->quiet) {
        return;
    }
    if (seen_before(o, e->name)) {
        paragraph(o, "  ", 2, "As said above.");
        return;
    }
    if (e->driverkit) {
        heading(o, "For a driver");
        paragraph(o, "    ", 4, e->driverkit);
    }
    bullets(o, "Likely causes", &e->causes, true);
    bullets(o, "What to check", &e->checks, false);
    names_line(o, "\n  Also called ", &e->aliases);
    if (o->app->verbose) {
        bullets(o, "Sources", &e->sources, false);
    }
}

static void human_others(const struct error_out *o, const struct dext_error_hit *h)
{
    char text[512];
    if (h->match_count < 2 || o->app->quiet) {
        return;
    }
    heading(o, "Less likely meanings of the same number");
    for (size_t i = 1; i < h->match_count; i++) {
        const struct dext_error *e = &h->matches[i];
        (void)snprintf(text, sizeof text, "%s (%s): %s", e->name, e->domain, e->summary);
        paragraph(o, "    ", 6, text);
    }
    (void)snprintf(text, sizeof text, "%s comes first: %s", h->matches[0].domain,
                   h->matches[0].why);
    paragraph(o, "  ", 2, text);
}

static void human_unknown(const struct error_out *o, const struct dext_error_hit *h)
{
    FILE *out = o->app->out;
    term_puts(out, h->text);
    const struct dext_error_split *s = &h->split;
    switch (h->kind) {
    case DEXT_ERROR_UNKNOWN_NUMBER:
        (void)fprintf(out,
                      ": not a known code\n  0x%08" PRIx32 " (%" PRId32 "): system 0x%x (%s), ",
                      h->value, (int32_t)h->value, s->system,
                      s->system_name ? s->system_name : "without name");
        (void)fprintf(out, "subsystem 0x%x (%s), code %u (0x%x)\n", s->subsystem,
                      s->subsystem_name ? s->subsystem_name : "without name", s->code, s->code);
        break;
    case DEXT_ERROR_TOO_WIDE:
        (void)fputs(": more than 32 bits, so a registry id or an address, not an error code\n",
                    out);
        break;
    default:
        (void)fprintf(out, ": not a known code%s%s%s\n", h->nearest ? "; did you mean " : "",
                      h->nearest ? h->nearest : "", h->nearest ? "?" : "");
    }
}

static void human_result(struct error_out *o, const char *input, const struct dext_error_hit *h,
                         bool first)
{
    FILE *out = o->app->out;
    (void)fputs(o->written++ ? "\n" : "", out);
    if (!h) {
        (void)fputs("no error code in: ", out);
        term_puts(out, input);
        (void)fputc('\n', out);
        return;
    }
    if (first && strcmp(input, h->text) != 0) {
        term_styled(out, o->app->colour, TERM_DIM, input);
        (void)fputs("\n\n", out);
    }
    if (!h->match_count) {
        human_unknown(o, h);
        return;
    }
    size_t full = o->app->verbose ? h->match_count : 1;
    for (size_t i = 0; i < full; i++) {
        (void)fputs(i ? "\n" : "", out);
        human_meaning(o, &h->matches[i]);
    }
    if (full == 1) {
        human_others(o, h);
    }
}

static void human_domain(struct error_out *o, const struct dext_error_domain *d)
{
    (void)fprintf(o->app->out, "%-18s %4zu  %s\n", d->name, d->count, d->title);
}

static void human_row(struct error_out *o, const struct dext_error *e)
{
    (void)fprintf(o->app->out, "%-10s  %s: %s\n", e->written, e->name, e->summary);
}

static void human_open(struct error_out *o, const char *list)
{
    o->opened = list;
}

static void human_close(struct error_out *o)
{
    o->opened = NULL;
}

const struct error_format error_human = {"human",      human_open, human_result,
                                         human_domain, human_row,  human_close};
