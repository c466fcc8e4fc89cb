/* Output of `ioreg` and `ioreg -l`, also as pasted into an issue: quoted, without its head, drawn
 * with other characters, cut at the terminal's width. Depth comes from the column of "+-o"; which
 * bars stand before it says nothing about parents. Source: IOKitTools ioreg.c, and dumps met in the
 * wild. */
#include <stdlib.h>
#include <string.h>

#include "iokit/registry_read.h"

enum { DEEPEST_INDENT = 512 };

struct ioreg_text {
    struct dx_reg_builder *b;
    const char *p, *end; /* rest of the source */
    unsigned line;
    struct {
        size_t column;
        struct dx_reg_node *node;
    } open[DEEPEST_INDENT]; /* the node of the line above and the nodes it stands below */
    size_t depth;
    struct dx_reg_node *at; /* whose properties follow */
    bool open_block;        /* its block was seen to begin, and not to end */
    bool closed;            /* its block was seen to end */
    size_t prop_cap;
};

/* A line without its end. */
static struct dx_str next_line(struct ioreg_text *r)
{
    const char *newline = memchr(r->p, '\n', (size_t)(r->end - r->p));
    struct dx_str s = {r->p, (size_t)((newline ? newline : r->end) - r->p)};
    r->p = newline ? newline + 1 : r->end;
    r->line++;
    if (s.n && s.p[s.n - 1] == '\r') {
        s.n--;
    }
    return s;
}

/* ---- what a line is ----------------------------------------------------------------------- */

enum what { OTHER, NODE, PROPERTY, OPEN, CLOSE, BREAK };

/* Of the tree, of quoted mail, or of a comment that a dump was pasted into. */
static bool is_drawing(unsigned char c)
{
    return (c && strchr(" |\t>`\\#/*", c)) || c >= 0x80;
}

/* After the marker of a node ("+-o ", or a drawn corner and "o "), or NULL. */
static const char *after_marker(const char *p, const char *end)
{
    static const char *const markers[] = {"+-o ", "\\-o ", "`-o ", "\xe2\x94\x9c\xe2\x94\x80o ",
                                          "\xe2\x94\x94\xe2\x94\x80o "};
    for (size_t i = 0; i < sizeof markers / sizeof *markers; i++) {
        size_t n = strlen(markers[i]);
        if ((size_t)(end - p) >= n && memcmp(p, markers[i], n) == 0) {
            return p + n;
        }
    }
    return NULL;
}

/* Between two pastes: a fence of markdown, or what grep puts between its finds. What follows does
 * not hang below what came before. */
static bool is_break(struct dx_str s)
{
    struct dx_str t = dx_str_trim(s);
    if (t.n == 0 || !strchr("->`~", t.p[0])) {
        return false;
    }
    while (dx_str_has_prefix(t, "> ")) {
        t = (struct dx_str){t.p + 2, t.n - 2};
    }
    return dx_str_is(t, "--") || dx_str_has_prefix(t, "```") || dx_str_has_prefix(t, "~~~");
}

/* A header behind something else, as in a program's text (sample = "+-o Root  <class ..."), or one
 * whose marker was lost. */
static bool header_within(struct dx_str s, size_t *column, struct dx_str *rest)
{
    const char *class = memmem(rest->p, rest->n, "  <class ", 9);
    const char *marker = class ? memmem(s.p, (size_t)(class - s.p), "+-o ", 4) : NULL;
    if (marker) {
        *column = 0; /* the text begins with this line */
        *rest = (struct dx_str){marker + 4, s.n - (size_t)(marker + 4 - s.p)};
    }
    return class != NULL;
}

/* Where the name ends that a property's line begins with: before '" ='. */
static const char *name_end(const char *p, const char *end)
{
    while (p < end && (p = memchr(p, '"', (size_t)(end - p)))) {
        if (end - p >= 3 && p[1] == ' ' && p[2] == '=') {
            return p;
        }
        p++;
    }
    return NULL;
}

static enum what ioreg_text_look(struct dx_str s, size_t *column, struct dx_str *rest)
{
    const char *p = s.p, *end = s.p + s.n;
    *column = 0;
    if (is_break(s)) {
        *rest = DX_STR("");
        return BREAK;
    }
    for (; p < end; p++) {
        bool usual = *p == ' ' || *p == '|';
        const char *after = usual ? NULL : after_marker(p, end);
        if (after) {
            *rest = (struct dx_str){after, (size_t)(end - after)};
            return NODE;
        }
        if (!usual && !is_drawing((unsigned char)*p)) {
            break;
        }
        *column += ((unsigned char)*p & 0xc0) != 0x80;
    }
    *rest = (struct dx_str){p, (size_t)(end - p)};
    if (rest->n == 0) {
        return OTHER;
    }
    if (*p == '"' && name_end(p, end)) {
        return PROPERTY;
    }
    if (dx_str_is(*rest, "{") || dx_str_is(*rest, "}")) {
        return *p == '{' ? OPEN : CLOSE;
    }
    return header_within(s, column, rest) ? NODE : OTHER;
}

/* ---- a node's line ------------------------------------------------------------------------ */

static void ioreg_text_set_state(struct dx_reg_node *n, struct dx_str word)
{
    bool negated = word.n && word.p[0] == '!';
    struct dx_str w = {word.p + negated, word.n - negated};
    if (dx_str_is(w, "registered")) {
        n->state |= DX_REG_KNOWN_REGISTERED | (negated ? 0 : DX_REG_REGISTERED);
    } else if (dx_str_is(w, "matched")) {
        n->state |= DX_REG_KNOWN_MATCHED | (negated ? 0 : DX_REG_MATCHED);
    } else if (dx_str_is(w, "active") || dx_str_is(w, "inactive")) {
        bool inactive = (w.p[0] == 'i') != negated;
        n->state |= DX_REG_KNOWN_ACTIVE | (inactive ? DX_REG_INACTIVE : 0);
    } else if (dx_str_has_prefix(w, "id 0x")) {
        n->id = strtoull(w.p + 3, NULL, 16);
    } else if (dx_str_has_prefix(w, "busy ")) {
        n->busy = (uint32_t)strtoul(w.p + 5, NULL, 10);
        n->state |= DX_REG_KNOWN_BUSY;
    } else if (dx_str_has_prefix(w, "retain ")) {
        n->retain = (uint32_t)strtoul(w.p + 7, NULL, 10);
    }
}

static void set_attributes(struct dx_reg_node *n, struct dx_str s)
{
    while (s.n) {
        const char *comma = memmem(s.p, s.n, ", ", 2);
        size_t len = comma ? (size_t)(comma - s.p) : s.n;
        bool last_of_clipped = !comma && (n->state & DX_REG_CLIPPED);
        if (!last_of_clipped) { /* the word at the cut may lack letters or digits */
            ioreg_text_set_state(n, (struct dx_str){s.p, len});
        }
        s = comma ? (struct dx_str){comma + 2, s.n - len - 2} : (struct dx_str){"", 0};
    }
}

static bool is_location(struct dx_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (!strchr("0123456789abcdefABCDEF,", s.p[i])) {
            return false;
        }
    }
    return s.n != 0;
}

static void set_name(struct dx_reg_node *n, struct dx_str s)
{
    const char *at = dx_memrchr(s.p, '@', s.n);
    size_t before = at ? (size_t)(at - s.p) : s.n;
    struct dx_str location = {at ? at + 1 : "", at ? s.n - before - 1 : 0};
    n->name = s;
    n->location = DX_STR("");
    if (is_location(location)) {
        n->name.n = before;
        n->location = location;
    }
}

static void set_class(struct ioreg_text *r, struct dx_reg_node *n, struct dx_str s)
{
    const char *colon = dx_memrchr(s.p, ':', s.n);
    n->chain = colon ? s : DX_STR("");
    n->class_name = colon ? (struct dx_str){colon + 1, s.n - (size_t)(colon + 1 - s.p)} : s;
    r->b->reg->chains = r->b->reg->chains || colon;
}

/* What stands before "<class ", of which a clipped line may hold the first letters only. */
static struct dx_str ioreg_text_name_part(struct dx_str s, bool clipped)
{
    static const char mark[] = "  <class ";
    for (size_t n = clipped ? sizeof mark - 1 : 0; n > 1; n--) {
        if (s.n >= n && memcmp(s.p + s.n - n, mark, n) == 0) {
            s.n -= n;
            break;
        }
    }
    return dx_str_trim(s);
}

static void read_header(struct ioreg_text *r, struct dx_reg_node *n, struct dx_str s)
{
    static const char mark[] = "<class ";
    const char *class = NULL;
    for (const char *q = s.p; (q = memmem(q, s.n - (size_t)(q - s.p), mark, 7)) != NULL; q++) {
        class = q; /* a name may hold the words too: the last one counts */
    }
    n->line = r->line;
    n->chain = n->class_name = n->location = DX_STR("");
    bool whole = s.n && s.p[s.n - 1] == '>';
    if (s.n && !whole && (s.p[s.n - 1] == '$' || s.p[s.n - 1] == '#')) {
        n->state |= DX_REG_CLIPPED;
        r->b->reg->clipped++;
        s.n--;
    }
    if (!class) {
        set_name(n, ioreg_text_name_part(s, n->state & DX_REG_CLIPPED));
        return;
    }
    set_name(n, dx_str_trim((struct dx_str){s.p, (size_t)(class - s.p)}));
    struct dx_str in = {class + 7, s.n - (size_t)(class + 7 - s.p) - whole};
    const char *comma = memmem(in.p, in.n, ", ", 2);
    if (comma || whole) {
        size_t len = comma ? (size_t)(comma - in.p) : in.n;
        set_class(r, n, (struct dx_str){in.p, len});
        if (comma) {
            set_attributes(n, (struct dx_str){comma + 2, in.n - len - 2});
        }
    }
}

/* The block of the node at hand ends: with "}", or without, and then it is not whole. */
static void ioreg_text_end_block(struct ioreg_text *r, bool closed)
{
    if (r->at && r->open_block && !closed) {
        r->at->state |= DX_REG_PARTIAL;
    }
    r->open_block = false;
    r->closed = closed;
}

/* A header that a mail program or a forum has broken in two: the next line holds the rest of it. */
static void read_rest(struct ioreg_text *r, struct dx_reg_node *n)
{
    struct ioreg_text ahead = *r;
    struct dx_str rest, line = ahead.p < ahead.end ? next_line(&ahead) : DX_STR("");
    size_t column;
    if (ioreg_text_look(line, &column, &rest) != OTHER || rest.n < 2 || rest.p[rest.n - 1] != '>' ||
        memchr(rest.p, '<', rest.n)) {
        return;
    }
    set_attributes(n, (struct dx_str){rest.p, rest.n - 1});
    r->p = ahead.p;
    r->line = ahead.line;
}

static void ioreg_text_add_node(struct ioreg_text *r, size_t column, struct dx_str s)
{
    while (r->depth && r->open[r->depth - 1].column >= column) {
        r->depth--;
    }
    struct dx_reg_node *parent = r->depth ? r->open[r->depth - 1].node : NULL;
    ioreg_text_end_block(r, false);
    struct dx_reg_node *n = dx_reg_add(r->b, parent);
    read_header(r, n, s);
    if (n->class_name.n && s.n && s.p[s.n - 1] != '>' && !(n->state & DX_REG_CLIPPED)) {
        read_rest(r, n);
    }
    if (r->depth < DEEPEST_INDENT) {
        r->open[r->depth].column = column;
        r->open[r->depth++].node = n;
    } else {
        r->b->reg->lost++;
    }
    r->at = n;
    r->prop_cap = 0;
}

/* ---- a property's line -------------------------------------------------------------------- */

static bool is_complete(struct dx_str v)
{
    if (v.n == 0) {
        return true;
    }
    char last = v.p[v.n - 1];
    switch (v.p[0]) {
    case '"':
        return v.n > 1 && last == '"';
    case '{':
        return last == '}';
    case '(':
        return last == ')';
    case '[':
        return last == ']';
    case '<':
        return last == '>';
    default:
        return last != '$';
    }
}

/* A string may hold line ends: what follows belongs to it as long as it looks like nothing else. */
static struct dx_str continued(struct ioreg_text *r, struct dx_str v)
{
    struct ioreg_text ahead = *r;
    struct dx_str whole = v, rest;
    size_t column;
    while (!is_complete(whole) && ahead.p < ahead.end) {
        struct dx_str line = next_line(&ahead);
        if (ioreg_text_look(line, &column, &rest) != OTHER) {
            break;
        }
        whole.n = (size_t)(line.p + line.n - v.p);
        if (is_complete(whole)) {
            r->p = ahead.p;
            r->line = ahead.line;
            return whole;
        }
    }
    return v;
}

static void add_property(struct ioreg_text *r, struct dx_str s)
{
    struct dx_reg_builder *b = r->b;
    const char *close = name_end(s.p + 1, s.p + s.n);
    if (!close) {
        return;
    }
    if (!r->at || r->closed) { /* a block whose header was left out */
        ioreg_text_add_node(r, r->depth ? r->open[r->depth - 1].column : 0,
                            (struct dx_str){s.p, 0});
    }
    struct dx_reg_node *n = r->at;
    n->state |= r->open_block ? 0 : DX_REG_PARTIAL;
    struct dx_str key = {s.p + 1, (size_t)(close - s.p - 1)};
    struct dx_str v = {close + 3, s.n - (size_t)(close + 3 - s.p)};
    if (v.n && v.p[0] == ' ') {
        v = (struct dx_str){v.p + 1, v.n - 1};
    }
    bool clipped = !is_complete(v) && (v.p[v.n - 1] == '$' || v.p[v.n - 1] == '#');
    if (!clipped && !is_complete(v)) {
        v = continued(r, v);
        clipped = !is_complete(v);
    }
    if (clipped) {
        n->state |= DX_REG_CLIPPED;
        b->reg->clipped++;
    }
    size_t count = n->prop_count;
    struct dx_reg_prop *p = DX_PUSH(&b->ctx->arena, n->props, count, r->prop_cap);
    n->prop_count = (uint32_t)count;
    *p = (struct dx_reg_prop){.key = key, .raw = v, .clipped = clipped};
}

int dx_reg_read_text(struct dx_reg_builder *b)
{
    struct ioreg_text *r = dx_alloc(&b->ctx->arena, sizeof *r);
    r->b = b;
    r->p = b->reg->src.data;
    r->end = r->p + b->reg->src.size;
    while (r->p < r->end) {
        struct dx_str line = next_line(r), rest;
        size_t column;
        switch (ioreg_text_look(line, &column, &rest)) {
        case NODE:
            ioreg_text_add_node(r, column, rest);
            break;
        case PROPERTY:
            add_property(r, rest);
            break;
        case OPEN:
            r->open_block = r->at != NULL;
            if (r->at) {
                r->at->state |= DX_REG_SHOWN;
            }
            break;
        case CLOSE:
            ioreg_text_end_block(r, true);
            break;
        case BREAK:
            ioreg_text_end_block(r, false);
            r->at = NULL;
            r->depth = 0;
            break;
        default:
            break;
        }
    }
    ioreg_text_end_block(r, false);
    return DEXT_OK;
}
