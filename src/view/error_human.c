#include "view/error_view.h"

#include <inttypes.h>
#include <string.h>

#include "app/term.h"
#include "view/page.h"

/* ---- for people ------------------------------------------------------------------------- */

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

static void error_human_title(const struct error_out *o, const struct dext_error *e)
{
    char text[512];
    FILE *out = o->app->out;
    term_styled(out, o->app->colour, TERM_BOLD, e->name);
    (void)fprintf(out, "  %s", e->written);
    if (e->system) {
        (void)fprintf(out, "  (%" PRId32 ")", (int32_t)e->value);
    }
    page_paragraph(o->app, "\n  ", 2, e->summary);
    int n = snprintf(text, sizeof text, "%s: %s", e->domain, e->title);
    if (e->system && n > 0 && (size_t)n < sizeof text) {
        (void)snprintf(text + n, sizeof text - (size_t)n,
                       "; system %s, subsystem %s, code %" PRId64 " (0x%" PRIx64 ")", e->system,
                       e->subsystem ? e->subsystem : "without name", e->code, (uint64_t)e->code);
    }
    page_paragraph(o->app, "  ", 2, text);
    if (e->derived) {
        page_paragraph(o->app, "  ", 2,
                       "Only a code was given; its usual system and subsystem are supposed.");
    }
}

static void human_meaning(struct error_out *o, const struct dext_error *e)
{
    error_human_title(o, e);
    if (o->app->quiet) {
        return;
    }
    if (seen_before(o, e->name)) {
        page_paragraph(o->app, "  ", 2, "As said above.");
        return;
    }
    if (e->driverkit) {
        page_heading(o->app, "For a driver");
        page_paragraph(o->app, "    ", 4, e->driverkit);
    }
    page_bullets(o->app, "Likely causes", e->causes.text, e->causes.count, true);
    page_bullets(o->app, "What to check", e->checks.text, e->checks.count, false);
    names_line(o, "\n  Also called ", &e->aliases);
    if (o->app->verbose) {
        page_bullets(o->app, "Sources", e->sources.text, e->sources.count, false);
    }
}

static void human_others(const struct error_out *o, const struct dext_error_hit *h)
{
    char text[512];
    if (h->match_count < 2 || o->app->quiet) {
        return;
    }
    page_heading(o->app, "Less likely meanings of the same number");
    for (size_t i = 1; i < h->match_count; i++) {
        const struct dext_error *e = &h->matches[i];
        (void)snprintf(text, sizeof text, "%s (%s): %s", e->name, e->domain, e->summary);
        page_paragraph(o->app, "    ", 6, text);
    }
    (void)snprintf(text, sizeof text, "%s comes first: %s", h->matches[0].domain,
                   h->matches[0].why);
    page_paragraph(o->app, "  ", 2, text);
}

static void human_unknown(const struct error_out *o, const struct dext_error_hit *h)
{
    FILE *out = o->app->out;
    term_puts(out, h->text);
    const struct dext_error_split *s = &h->split;
    switch (h->kind) {
    case DEXT_ERROR_UNKNOWN_NUMBER:
        if (h->domain) {
            (void)fprintf(out, ": not a known code of %s\n", h->domain);
            break;
        }
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
    int written = fprintf(o->app->out, "%-18s %4zu", d->name, d->count);
    page_last_cell(o->app, written, 25, d->title);
}

static void human_row(struct error_out *o, const struct dext_error *e)
{
    int written = fprintf(o->app->out, "%s", e->written);
    char text[512];
    (void)snprintf(text, sizeof text, "%s: %s", e->name, e->summary);
    page_last_cell(o->app, written, 12, text);
}

static void human_open(struct error_out *o, const char *list)
{
    o->opened = list;
}

static void human_close(struct error_out *o)
{
    o->opened = NULL;
}

const struct error_format error_human = {human_open, human_result, human_domain, human_row,
                                         human_close};

const struct error_format *error_format_for(enum face face)
{
    static const struct error_format *const faces[FACE_COUNT] = {
        [FACE_HUMAN] = &error_human, [FACE_JSON] = &error_record, [FACE_NDJSON] = &error_record};
    return faces[face];
}
