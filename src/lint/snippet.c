#include "lint/snippet.h"

#include <string.h>

#include "app/term.h"
#include "view/page.h"

/* Beside the source text: the line number before it, dots where it is cut. */
#define MARGIN 16

/* One character of the line: its bytes, and the columns it takes as it is shown. */
struct glyph {
    const char *s;
    size_t len;
    unsigned width;
};

static struct glyph glyph_at(const char *s, size_t left)
{
    struct glyph g = {s, term_utf8(s, left), 0};
    g.len = g.len ? g.len : 1;
    g.width = *s == '\t' ? 4 : (unsigned)term_columns(s, g.len);
    return g;
}

/* The part of the line that is shown, and what of it is marked. Columns of the terminal, from 0. */
struct cut {
    const char *from, *to;
    unsigned before, mark;
};

/* width: of the page. */
static struct cut cut_line(const struct dext_finding *f, size_t width)
{
    const char *end = f->line + strlen(f->line), *p = f->line;
    struct cut v = {.from = p};
    const unsigned most = (unsigned)width - MARGIN;
    unsigned column = 1, after = 0;
    size_t left = f->at.length ? f->at.length : 1;
    for (; p < end; column++) {
        struct glyph g = glyph_at(p, (size_t)(end - p));
        if (column < f->at.column) {
            v.before += g.width;
        } else if (left) {
            v.mark += g.width;
            left -= left < g.len ? left : g.len;
        } else {
            after += g.width;
        }
        p += g.len;
    }
    v.mark = v.mark ? v.mark : 1;
    v.to = end;
    if (v.before + v.mark + after <= most) {
        return v;
    }
    /* Room before the place is taken away first: what follows is the value. */
    unsigned room = v.mark < most ? (most - v.mark) / 3 : 0, shown = 0;
    while (v.before > room) {
        struct glyph g = glyph_at(v.from, (size_t)(end - v.from));
        v.before -= g.width < v.before ? g.width : v.before;
        v.from += g.len;
    }
    for (v.to = v.from; v.to < end && shown < most;) {
        struct glyph g = glyph_at(v.to, (size_t)(end - v.to));
        shown += g.width;
        v.to += g.len;
    }
    if (v.before + v.mark > shown) {
        v.mark = shown > v.before ? shown - v.before : 1;
    }
    return v;
}

void snippet_write(const struct app *app, const struct dext_finding *f)
{
    FILE *out = app->out;
    struct cut v = cut_line(f, page_width(app));
    bool cut = v.from != f->line;
    (void)fprintf(out, "  %5u | %s", f->at.line, cut ? "..." : "");
    for (const char *p = v.from; p < v.to;) {
        struct glyph g = glyph_at(p, (size_t)(v.to - p));
        if (*p == '\t') {
            (void)fputs("    ", out);
        } else {
            term_put(out, p, g.len);
        }
        p += g.len;
    }
    (void)fprintf(out, "%s\n        | %*s", *v.to ? "..." : "", (int)v.before + (cut ? 3 : 0), "");
    term_on(out, app->colour, TERM_GREEN);
    for (unsigned i = 0; i < v.mark; i++) {
        (void)fputc(i ? '~' : '^', out);
    }
    term_off(out, app->colour);
    (void)fputc('\n', out);
}
