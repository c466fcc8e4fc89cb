#include "snippet.h"

#include <string.h>

#include "term.h"

#define WIDTH 100 /* of the source text shown */

struct range {
    unsigned long from, to;
};

/* Coarse on purpose: what takes two columns in practice, and what takes none. Unassigned code
 * points in between follow their neighbours. */
static const struct range wide[] = {
    {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xac00, 0xd7a3},
    {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
    {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
};
static const struct range narrow[] = {
    {0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x610, 0x61a},   {0x64b, 0x65f},
    {0x200b, 0x200f}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
};

static bool within(const struct range *list, size_t count, unsigned long c)
{
    for (size_t i = 0; i < count; i++) {
        if (c >= list[i].from && c <= list[i].to) {
            return true;
        }
    }
    return false;
}

unsigned snippet_width(const char *s, size_t n)
{
    static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    unsigned long c = (unsigned char)s[0] & masks[n];
    for (size_t i = 1; i < n; i++) {
        c = c << 6 | ((unsigned char)s[i] & 0x3f);
    }
    if (within(narrow, sizeof narrow / sizeof *narrow, c)) {
        return 0;
    }
    return within(wide, sizeof wide / sizeof *wide, c) ? 2 : 1;
}

/* One character of the line: its bytes, and the columns it takes as it is shown. */
struct glyph {
    const char *s;
    size_t len;
    unsigned width;
};

static struct glyph glyph_at(const char *s, size_t left)
{
    struct glyph g = {s, term_utf8(s, left), 0};
    bool valid = g.len != 0;
    g.len = valid ? g.len : 1;
    if (*s == '\t') {
        g.width = 4;
    } else {
        size_t shown = term_width(s, g.len);
        g.width = valid && shown == g.len ? snippet_width(s, g.len) : (unsigned)shown;
    }
    return g;
}

/* The part of the line that is shown, and what of it is marked. Columns of the terminal, from 0. */
struct view {
    const char *from, *to;
    unsigned before, mark;
};

static struct view choose(const struct dext_finding *f)
{
    const char *end = f->line + strlen(f->line), *p = f->line;
    struct view v = {.from = p};
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
    if (v.before + v.mark + after <= WIDTH) {
        return v;
    }
    /* Room before the place is taken away first: what follows is the value. */
    unsigned room = v.mark < WIDTH ? (WIDTH - v.mark) / 3 : 0, shown = 0;
    while (v.before > room) {
        struct glyph g = glyph_at(v.from, (size_t)(end - v.from));
        v.before -= g.width < v.before ? g.width : v.before;
        v.from += g.len;
    }
    for (v.to = v.from; v.to < end && shown < WIDTH;) {
        struct glyph g = glyph_at(v.to, (size_t)(end - v.to));
        shown += g.width;
        v.to += g.len;
    }
    if (v.before + v.mark > shown) {
        v.mark = shown > v.before ? shown - v.before : 1;
    }
    return v;
}

void snippet_write(FILE *out, bool colour, const struct dext_finding *f)
{
    struct view v = choose(f);
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
    term_on(out, colour, TERM_GREEN);
    for (unsigned i = 0; i < v.mark; i++) {
        (void)fputc(i ? '~' : '^', out);
    }
    term_off(out, colour);
    (void)fputc('\n', out);
}
