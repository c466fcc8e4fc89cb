/* What each line belongs to: a piece begins with a line that nothing else looks like, goes on over
 * lines that fit it, and ends where somebody speaks or another piece begins. */
#include "explain/cut.h"

#include <string.h>

#include "explain/explain.h"
#include "logs/text.h"

/* The text and what is known when a line is looked at. */
struct cutter {
    struct dx_cut *cut;
    struct dx_arena *arena;
    enum dx_cut_what now; /* the piece that is being read */
    size_t blank;         /* empty lines just above */
    long depth;           /* of braces in a report's JSON */
    bool string;          /* of JSON, inside of one */
    bool fence, code;     /* between fences of Markdown; nothing there was known so far */
};

static bool is_fence(struct dx_str s)
{
    return dx_str_has_prefix(s, "```") || dx_str_has_prefix(s, "~~~");
}

/* Back quotes, bullets and the like around a line. */
static struct dx_str unwrap(struct dx_str s)
{
    s = dx_kind_bare(s);
    while (s.n > 1 && *s.p == '`' && s.p[1] != '`') {
        s = dx_str_trim((struct dx_str){s.p + 1, s.n - 1});
    }
    while (s.n > 1 && s.p[s.n - 1] == '`' && s.p[s.n - 2] != '`') {
        s.n--;
    }
    return s;
}

/* A line as it was before a page or a mail was made of it. */
static struct dx_str cleaned(struct cutter *c, struct dx_str raw)
{
    struct dx_str s = unwrap(raw);
    bool page = memchr(s.p, '&', s.n) || memchr(s.p, '<', s.n) || memmem(s.p, s.n, "\xc2\xa0", 2);
    if (!s.n || !page) {
        return s;
    }
    char *copy = dx_alloc(c->arena, s.n + 1);
    return dx_str_trim((struct dx_str){copy, dx_prose_clean(copy, s)});
}

/* Counts braces outside of strings; a report ends with the last one that is open. */
static void count_braces(struct cutter *c, struct dx_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (c->string) {
            i += s.p[i] == '\\';
            c->string = i >= s.n || s.p[i] != '"';
        } else if (s.p[i] == '"') {
            c->string = true;
        } else {
            c->depth += (s.p[i] == '{') - (s.p[i] == '}');
        }
    }
}

/* The line of JSON before a report's body is an object by itself: what follows is the body. */
static bool json_goes_on(struct cutter *c, struct dx_str s)
{
    if (c->now != DX_CUT_JSON || s.n == 0) {
        return false;
    }
    if (c->depth <= 0 && *s.p != '{') {
        return false;
    }
    count_braces(c, s);
    return true;
}

/* Whether a line that could be anything goes on with the piece above it. */
static bool cut_goes_on(const struct cutter *c, struct dx_str s)
{
    bool sentence = dx_cut_is_sentence(s), speaks = dx_cut_speaks(s);
    bool printed = dx_cut_is_printed(s);
    switch (c->now) {
    case DX_CUT_PANIC:
    case DX_CUT_CRASH:
        return c->blank == 0 ? !speaks
                             : !speaks && !sentence && (printed || !strchr(".!?:", s.p[s.n - 1]));
    case DX_CUT_LOG:
        return c->blank == 0 ? !(sentence && speaks) : printed && !sentence;
    case DX_CUT_LIST:
    case DX_CUT_KEXTS:
    case DX_CUT_PROFILER:
        return c->blank == 0 && !sentence && !speaks;
    case DX_CUT_IOREG:
        return (c->blank == 0 && !speaks) || (strchr("|{}+", *s.p) && !sentence);
    case DX_CUT_CODESIGN:
    case DX_CUT_SPCTL:
    case DX_CUT_SYSTEM:
    case DX_CUT_HID:
    case DX_CUT_XML:
    case DX_CUT_CODE:
        return c->blank == 0 && !sentence && (printed || c->fence);
    default:
        return false;
    }
}

/* Its output stands to the left only where a command begins a block of it. */
static bool own_goes_on(const struct cutter *c, struct dx_str raw, struct dx_str s)
{
    size_t lead = 0;
    while (lead < raw.n && (raw.p[lead] == ' ' || raw.p[lead] == '\t')) {
        lead++;
    }
    return c->now == DX_CUT_OWN && (lead >= 2 || !dx_cut_speaks(s)) && (lead >= 2 || c->blank < 2);
}

static enum dx_cut_what cut_unknown(const struct cutter *c, struct dx_str s)
{
    if (c->fence) {
        return c->code ? DX_CUT_CODE : DX_CUT_OTHER;
    }
    return dx_cut_is_printed(s) && !dx_cut_is_sentence(s) ? DX_CUT_OTHER : DX_CUT_PROSE;
}

/* A kind that is only goes-on starts nothing, but inside of its own piece a line of it stays there,
 * whatever it says. In reports lines stand that begin pieces of other kinds elsewhere. */
static bool cut_belongs(const struct cutter *c, struct dx_cut_look look)
{
    static const unsigned within[DX_CUT_KINDS] = {
        [DX_CUT_PANIC] = DX_CUT_BIT(DX_CUT_KEXTS) | DX_CUT_BIT(DX_CUT_CRASH) |
                         DX_CUT_BIT(DX_CUT_SYSTEM) | DX_CUT_BIT(DX_CUT_CODE),
        [DX_CUT_CRASH] = DX_CUT_BIT(DX_CUT_PANIC) | DX_CUT_BIT(DX_CUT_CODE) |
                         DX_CUT_BIT(DX_CUT_SYSTEM) | DX_CUT_BIT(DX_CUT_KEXTS) |
                         DX_CUT_BIT(DX_CUT_PROFILER),
        [DX_CUT_PROFILER] = DX_CUT_BIT(DX_CUT_CODE) | DX_CUT_BIT(DX_CUT_CODESIGN),
        [DX_CUT_IOREG] = DX_CUT_BIT(DX_CUT_CODE),
        [DX_CUT_LOG] = DX_CUT_BIT(DX_CUT_CODE) | DX_CUT_BIT(DX_CUT_CODESIGN),
        [DX_CUT_CODESIGN] = DX_CUT_BIT(DX_CUT_CRASH),
        [DX_CUT_KEXTS] = DX_CUT_BIT(DX_CUT_CODE) | DX_CUT_BIT(DX_CUT_IOREG),
    };
    return look.what == c->now || (within[c->now] & DX_CUT_BIT(look.what));
}

static enum dx_cut_what cut_known(struct cutter *c, struct dx_str raw, struct dx_str s,
                                  struct dx_cut_look look)
{
    if (look.what == DX_CUT_OWN || own_goes_on(c, raw, s)) {
        return DX_CUT_OWN;
    }
    if (look.what == DX_CUT_JSON) {
        c->depth = 0;
        c->string = false;
        count_braces(c, s);
        return DX_CUT_JSON;
    }
    bool inside =
        cut_belongs(c, look) && (look.what != DX_CUT_KEXTS || look.what == c->now || c->blank < 3);
    if (inside && look.what != DX_CUT_PROSE) {
        return c->now;
    }
    if (look.sure) {
        return look.what;
    }
    return cut_goes_on(c, s) ? c->now : cut_unknown(c, s);
}

static bool panic_inside(struct cutter *c, struct dx_str raw)
{
    struct dx_cut_inline *in = &c->cut->inside;
    if (in->from != in->to || !dx_cut_panic_in(raw, &in->from, &in->to)) {
        return false;
    }
    in->line = c->cut->lines;
    return true;
}

static enum dx_cut_what cut_line_of(struct cutter *c, struct dx_str raw)
{
    struct dx_mark mark = dx_arena_mark(c->arena);
    struct dx_str s = cleaned(c, raw);
    enum dx_cut_what what = DX_CUT_BLANK;
    if (is_fence(s)) {
        c->fence = !c->fence;
        c->code = c->fence;
        c->now = DX_CUT_BLANK;
    } else if (json_goes_on(c, s)) {
        what = DX_CUT_JSON;
    } else if (panic_inside(c, raw)) {
        what = c->now = DX_CUT_PROSE;
    } else if (s.n) {
        what = cut_known(c, raw, s, dx_cut_look(s, c->arena));
        c->code &= what == DX_CUT_CODE || what == DX_CUT_BLANK;
        c->now = what;
    }
    c->blank = what == DX_CUT_BLANK ? c->blank + 1 : 0;
    dx_arena_rewind(c->arena, mark);
    return what;
}

/* What nothing but a line or two speaks for is not one: people write such lines, too. */
static void doubt(struct dx_cut *cut)
{
    static const size_t least[DX_CUT_KINDS] = {
        [DX_CUT_CRASH] = 3,
        [DX_CUT_CODESIGN] = 2,
        [DX_CUT_PROFILER] = 3,
        [DX_CUT_IOREG] = 2,
    };
    for (size_t i = 0; i < cut->lines; i++) {
        unsigned char *w = &cut->what[i];
        if (cut->count[*w] < least[*w] && *w != DX_CUT_IOREG) {
            *w = DX_CUT_OTHER;
        }
    }
}

/* A block of dextctl's output begins above the line that gives it away. */
static void widen_own(struct dx_cut *cut)
{
    for (size_t i = cut->lines; i-- > 1;) {
        if (cut->what[i] == DX_CUT_OWN && cut->what[i - 1] != DX_CUT_BLANK) {
            cut->what[i - 1] = DX_CUT_OWN;
        }
    }
}

static void recount(struct dx_cut *cut)
{
    memset(cut->count, 0, sizeof cut->count);
    for (size_t i = 0; i < cut->lines; i++) {
        cut->count[cut->what[i]]++;
    }
    cut->count[DX_CUT_PANIC] += cut->inside.from != cut->inside.to;
}

void dx_cut_text(struct dx_cut *out, struct dx_str text, struct dx_arena *a)
{
    struct cutter c = {.cut = out, .arena = a, .now = DX_CUT_BLANK};
    struct dx_str rest = text, line;
    size_t lines = 0;
    while (dx_next_line(&rest, &line)) {
        lines++;
    }
    *out = (struct dx_cut){.raw = text, .what = dx_alloc(a, lines + 1)};
    for (rest = text; dx_next_line(&rest, &line);) {
        out->what[out->lines++] = (unsigned char)cut_line_of(&c, line);
    }
    recount(out);
    doubt(out);
    widen_own(out);
    recount(out);
}

/* ---- the pieces ------------------------------------------------------------------------------ */

/* Quotation marks off the front; white space stays, it may be a column. */
static struct dx_str cut_unquoted(struct dx_str line)
{
    struct dx_str bare = dx_kind_bare(line);
    bool quoted = bare.n && memchr(line.p, '>', (size_t)(bare.p - line.p));
    struct dx_str s = quoted ? bare : line;
    return bare.n && (*bare.p == '`' || bare.p[bare.n - 1] == '`') ? unwrap(s) : s;
}

static size_t copy_line(char *to, struct dx_str line, enum dx_cut_what what)
{
    struct dx_str s = line.n ? cut_unquoted(line) : line;
    bool escaped = memmem(s.p, s.n, "&lt;", 4) && !memchr(s.p, '<', s.n);
    if ((what == DX_CUT_XML || what == DX_CUT_JSON) && !escaped) {
        memcpy(to, s.p, s.n);
        return s.n;
    }
    bool tabs = memchr(s.p, '\t', s.n) != NULL; /* columns of a list: nothing to clean there */
    if (tabs) {
        memcpy(to, s.p, s.n);
        return s.n;
    }
    return dx_prose_clean(to, s);
}

/* A line of prose with a panic in it: what is asked for of it. */
static size_t copy_parts(char *to, struct dx_str line, const struct dx_cut_inline *in,
                         unsigned kinds)
{
    size_t n = 0;
    struct dx_str lead = {line.p, in->from}, panic = {line.p + in->from, in->to - in->from};
    struct dx_str tail = {line.p + in->to, line.n - in->to};
    if (kinds & DX_CUT_BIT(DX_CUT_PROSE)) {
        n += copy_line(to, lead, DX_CUT_PROSE);
    }
    if (kinds & DX_CUT_BIT(DX_CUT_PANIC)) {
        n += copy_line(to + n, panic, DX_CUT_PANIC);
    }
    if (kinds & DX_CUT_BIT(DX_CUT_PROSE)) {
        n += copy_line(to + n, tail, DX_CUT_PROSE);
    }
    return n;
}

struct dx_str dx_cut_copy(const struct dx_cut *c, unsigned kinds, struct dx_arena *a)
{
    struct dx_str rest = c->raw, line;
    char *copy = dx_alloc(a, c->raw.n + 2);
    size_t n = 0;
    for (size_t i = 0; dx_next_line(&rest, &line); i++) {
        if (c->inside.from != c->inside.to && c->inside.line == i) {
            n += copy_parts(copy + n, line, &c->inside, kinds);
        } else if (kinds & DX_CUT_BIT(c->what[i])) {
            n += copy_line(copy + n, line, (enum dx_cut_what)c->what[i]);
        }
        copy[n++] = '\n';
    }
    copy[n] = 0;
    return (struct dx_str){copy, n};
}

enum dext_text_kind dx_cut_kind(enum dx_cut_what what)
{
    static const enum dext_text_kind kinds[DX_CUT_KINDS] = {
        [DX_CUT_LIST] = DEXT_TEXT_LIST,   [DX_CUT_PANIC] = DEXT_TEXT_PANIC,
        [DX_CUT_CRASH] = DEXT_TEXT_CRASH, [DX_CUT_IOREG] = DEXT_TEXT_IOREG,
        [DX_CUT_KEXTS] = DEXT_TEXT_KEXTS, [DX_CUT_CODESIGN] = DEXT_TEXT_CODESIGN,
        [DX_CUT_SPCTL] = DEXT_TEXT_SPCTL, [DX_CUT_PROFILER] = DEXT_TEXT_PROFILER,
        [DX_CUT_HID] = DEXT_TEXT_HIDUTIL, [DX_CUT_SYSTEM] = DEXT_TEXT_SYSTEM,
        [DX_CUT_LOG] = DEXT_TEXT_LOG,     [DX_CUT_OWN] = DEXT_TEXT_OWN,
    };
    return kinds[what];
}
