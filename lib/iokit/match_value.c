/* Values: libkern's equality, and values as text. Equality follows isEqualTo of OSNumber,
 * OSBoolean, OSString, OSData, OSDictionary and OSArray in xnu's libkern/c++. */
#include <string.h>

#include "iokit/match.h"

static enum dext_match_answer yes_if(bool b)
{
    return b ? DEXT_MATCH_YES : DEXT_MATCH_NO;
}

/* Data and string are the same when their bytes are, but for one NUL at the end of the data. */
static bool bytes_equal(struct dx_str data, struct dx_str string)
{
    if (data.n == string.n + 1 && data.p[string.n] == 0) {
        data.n--;
    }
    return dx_str_eq(data, string);
}

static enum dext_match_answer arrays_equal(const struct dext_node *a, const struct dext_node *b)
{
    enum dext_match_answer all = yes_if(a->count == b->count);
    const struct dext_node *x = a->child, *y = b->child;
    for (; all != DEXT_MATCH_NO && x && y; x = x->next, y = y->next) {
        all = dx_both(all, dx_value_equal(x, y));
    }
    return all;
}

static unsigned distinct(const struct dext_node *dict)
{
    unsigned n = 0;
    for (const struct dext_node *c = dict->child; c; c = c->next) {
        n += !c->overridden;
    }
    return n;
}

static enum dext_match_answer dicts_equal(const struct dext_node *a, const struct dext_node *b)
{
    if (a->count > DX_MOST_KEYS || b->count > DX_MOST_KEYS) {
        return DEXT_MATCH_UNSURE;
    }
    enum dext_match_answer all = yes_if(distinct(a) == distinct(b));
    for (const struct dext_node *y = b->child; y && all != DEXT_MATCH_NO; y = y->next) {
        if (!y->overridden) {
            const struct dext_node *x = dx_get(a, y->key.p);
            all = dx_both(all, x ? dx_value_equal(x, y) : DEXT_MATCH_NO);
        }
    }
    return all;
}

static bool match_value_is_text(const struct dext_node *n)
{
    return n->kind == DEXT_STRING || n->kind == DEXT_DATA;
}

enum dext_match_answer dx_value_equal(const struct dext_node *prop, const struct dext_node *want)
{
    if (prop->bad || want->bad) {
        return DEXT_MATCH_UNSURE;
    }
    if (want->kind == DEXT_STRING && dx_has_placeholder(want->text)) {
        return DEXT_MATCH_UNSURE; /* what the build puts there is not known here */
    }
    if (want->kind == DEXT_REAL || want->kind == DEXT_DATE) {
        /* How such a value reaches the kernel is not public. */
        return prop->kind == DEXT_INTEGER || prop->kind == DEXT_REAL ? DEXT_MATCH_UNSURE
                                                                     : DEXT_MATCH_NO;
    }
    if (match_value_is_text(prop) && match_value_is_text(want)) {
        if (prop->kind == want->kind) {
            return yes_if(dx_str_eq(prop->text, want->text));
        }
        if (prop->kind == DEXT_DATA) {
            return yes_if(bytes_equal(prop->text, want->text));
        }
        /* A string equals data, a symbol does not; a dump shows both alike. */
        return bytes_equal(want->text, prop->text) ? DEXT_MATCH_UNSURE : DEXT_MATCH_NO;
    }
    if (prop->kind != want->kind) {
        return DEXT_MATCH_NO;
    }
    switch (prop->kind) {
    case DEXT_INTEGER:
        return yes_if(prop->integer == want->integer);
    case DEXT_BOOL:
        return yes_if(prop->boolean == want->boolean);
    case DEXT_ARRAY:
        return arrays_equal(prop, want);
    case DEXT_DICT:
        return dicts_equal(prop, want);
    default:
        return DEXT_MATCH_UNSURE;
    }
}

enum dext_match_answer dx_prop_equal(struct dx_prop prop, const struct dext_node *want)
{
    if (!prop.value) {
        return prop.unknown ? DEXT_MATCH_UNSURE : DEXT_MATCH_NO;
    }
    return dx_value_equal(prop.value, want);
}

enum dext_match_answer dx_wanted_equal(const struct dext_node *want, struct dx_prop prop)
{
    if (prop.value && prop.value->kind == DEXT_STRING && want->kind == DEXT_DATA) {
        return yes_if(bytes_equal(want->text, prop.value->text));
    }
    return dx_prop_equal(prop, want);
}

struct dx_prop dx_node_prop(const struct dx_world *w, const struct dx_reg_node *n, const char *key)
{
    n = n->same && n->prop_count == 0 ? n->same : n;
    struct dx_prop p = {.value = dx_reg_get(w->ctx, w->reg, n, key)};
    if (!p.value) {
        const struct dx_reg_prop *raw = dx_reg_prop(n, key);
        /* Cut off or left out, or ioreg was run without -l: nothing is known of it. */
        bool none = n->prop_count == 0 && !w->whole && !(n->state & DX_REG_SHOWN);
        p.unknown = raw ? raw->clipped : (n->state & DX_REG_PARTIAL) || none;
    }
    return p;
}

struct dx_prop dx_nub_prop(const struct dx_eval *e, const char *key)
{
    return dx_node_prop(e->w, e->nub, key);
}

bool dx_number(const struct dext_node *n, uint64_t *out)
{
    if (!n || n->kind != DEXT_INTEGER || n->bad) {
        return false;
    }
    *out = n->integer;
    return true;
}

bool dx_is_star(const struct dext_node *n)
{
    return n && n->kind == DEXT_STRING && dx_str_is(n->text, "*");
}

/* ---- text ---------------------------------------------------------------------------------- */

#define MOST_TEXT 160
#define DEEPEST_TEXT 4

static void match_value_put(struct dx_buf *b, const struct dext_node *n, int depth);

static void put_number(struct dx_buf *b, const struct dext_node *n)
{
    if (n->negative || n->integer > (uint64_t)INT64_MAX) {
        bool minus = (int64_t)n->integer < 0;
        dx_buf_puts(b, minus ? "-" : "");
        dx_buf_number(b, minus ? 0 - n->integer : n->integer, 10);
    } else {
        dx_buf_number(b, n->integer, 10);
        if (n->integer > 9) {
            dx_buf_puts(b, " (0x");
            dx_buf_number(b, n->integer, 16);
            dx_buf_puts(b, ")");
        }
    }
}

static void match_value_put_data(struct dx_buf *b, struct dx_str d)
{
    dx_buf_puts(b, "<");
    dx_buf_hex(b, d.p, d.n < MOST_TEXT / 2 ? d.n : MOST_TEXT / 2);
    dx_buf_puts(b, ">");
}

static void put_list(struct dx_buf *b, const struct dext_node *n, int depth)
{
    bool dict = n->kind == DEXT_DICT;
    dx_buf_puts(b, dict ? "{" : "(");
    for (const struct dext_node *c = n->child; c && b->n < MOST_TEXT; c = c->next) {
        dx_buf_puts(b, c == n->child ? "" : ", ");
        if (dict) {
            dx_buf_add(b, c->key.p, c->key.n < MOST_TEXT ? c->key.n : MOST_TEXT);
            dx_buf_puts(b, " = ");
        }
        match_value_put(b, c, depth + 1);
    }
    dx_buf_puts(b, dict ? "}" : ")");
}

static void match_value_put(struct dx_buf *b, const struct dext_node *n, int depth)
{
    switch (n->kind) {
    case DEXT_INTEGER:
        put_number(b, n);
        break;
    case DEXT_BOOL:
        dx_buf_puts(b, n->boolean ? "yes" : "no");
        break;
    case DEXT_DATA:
        match_value_put_data(b, n->text);
        break;
    case DEXT_DICT:
    case DEXT_ARRAY:
        if (depth < DEEPEST_TEXT) {
            put_list(b, n, depth);
        } else {
            dx_buf_puts(b, "...");
        }
        break;
    case DEXT_STRING:
        dx_buf_puts(b, "\"");
        dx_buf_add(b, n->text.p, n->text.n < MOST_TEXT ? n->text.n : MOST_TEXT);
        dx_buf_puts(b, "\"");
        break;
    default:
        dx_buf_add(b, n->text.p, n->text.n < MOST_TEXT ? n->text.n : MOST_TEXT);
    }
}

/* Put together in memory that is given back, for most texts are short. */
const char *dx_value_text(struct dx_arena *a, const struct dext_node *n)
{
    struct dx_mark mark = dx_arena_mark(a);
    char text[MOST_TEXT + 64];
    struct dx_buf b;
    dx_buf_init(&b, a, (size_t)MOST_TEXT * 64);
    match_value_put(&b, n, 0);
    size_t cut = b.n;
    if (b.n > MOST_TEXT + 32) {
        cut = MOST_TEXT;
        while (cut && ((unsigned char)b.p[cut] & 0xc0) == 0x80) {
            cut--; /* not in the middle of a character */
        }
    }
    if (cut) {
        memcpy(text, b.p, cut);
    }
    if (cut < b.n) {
        memcpy(text + cut, "...", sizeof "...");
        cut += 3;
    }
    dx_arena_rewind(a, mark);
    return dx_strndup(a, text, cut);
}
