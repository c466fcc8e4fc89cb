/* Binary property lists as events. An object may be referred to many times, so a few hundred bytes
 * can ask for gigabytes: what would be told is counted beforehand, cycles are found, and each
 * object is looked at, so that nothing is told of a file that cannot be read to its end. */
#include <stdio.h>
#include <string.h>

#include "plist/bplist.h"
#include "plist/events.h"

struct guard {
    struct dx_bplist list;
    uint64_t *expanded; /* objects below and including each, once counted; 0 = not yet */
    bool *open;         /* on the path from the root */
};

static int count_below(struct guard *g, uint64_t object, size_t depth);

static int count_references(struct guard *g, uint64_t object, const struct dx_bobject *o,
                            size_t depth)
{
    struct dext_ctx *ctx = g->list.ctx;
    uint64_t sum = 1, n = o->type == DX_BPLIST_DICT ? o->length * 2 : o->length;
    for (uint64_t i = 0; i < n; i++) {
        uint64_t ref = dx_bplist_ref(&g->list, o, i);
        if (ref >= g->list.count) {
            return dx_bplist_bad(&g->list, object, "refers to an object that does not exist");
        }
        int rc = count_below(g, ref, depth + 1);
        if (rc) {
            return rc;
        }
        sum += g->expanded[ref];
        if (sum > ctx->limits.plist_nodes) {
            return dx_fail(ctx, DEXT_E_LIMIT,
                           "%s: unfolds to more than %zu keys and values (shared references)",
                           g->list.src->path, ctx->limits.plist_nodes);
        }
    }
    g->expanded[object] = sum;
    return DEXT_OK;
}

/* A NUL would cut the key off where it is used as a C string; no key has one. */
static int check_keys(struct guard *g, const struct dx_bobject *dict)
{
    for (uint64_t i = 0; i < dict->length; i++) {
        struct dx_bobject k;
        uint64_t ref = dx_bplist_ref(&g->list, dict, i);
        int rc = dx_bplist_object(&g->list, ref, &k);
        if (rc) {
            return rc;
        }
        if (k.type != DX_BPLIST_ASCII && k.type != DX_BPLIST_UTF16) {
            return dx_bplist_bad(&g->list, ref, "has a key that is no string");
        }
        const uint64_t width = k.type == DX_BPLIST_UTF16 ? 2 : 1;
        for (uint64_t c = 0; c < k.length; c++) {
            const unsigned char *p = g->list.p + k.at + c * width;
            if (p[0] == 0 && p[width - 1] == 0) {
                return dx_bplist_bad(&g->list, ref, "has a key with a NUL character");
            }
        }
    }
    return DEXT_OK;
}

/* A number, date, text or truth value whose content is as long as its kind can be. */
static bool is_scalar(const struct dx_bobject *o)
{
    switch (o->type) {
    case DX_BPLIST_SINGLE:
        return o->length == 8 || o->length == 9;
    case DX_BPLIST_INTEGER:
        return o->length <= 4;
    case DX_BPLIST_REAL:
        return o->length == 2 || o->length == 3;
    case DX_BPLIST_DATE:
        return o->length == 3;
    case DX_BPLIST_UID:
        return o->length <= 7;
    case DX_BPLIST_DATA:
    case DX_BPLIST_ASCII:
    case DX_BPLIST_UTF16:
        return true;
    default:
        return false;
    }
}

static int count_below(struct guard *g, uint64_t object, size_t depth)
{
    struct dext_ctx *ctx = g->list.ctx;
    if (g->open[object]) {
        return dx_bplist_bad(&g->list, object, "contains itself");
    }
    if (g->expanded[object]) {
        return DEXT_OK;
    }
    if (depth > ctx->limits.plist_depth) {
        return dx_fail(ctx, DEXT_E_LIMIT,
                       "%s: nested deeper than any property list the "
                       "system reads",
                       g->list.src->path);
    }
    struct dx_bobject o;
    int rc = dx_bplist_object(&g->list, object, &o);
    if (rc) {
        return rc;
    }
    if (o.type == DX_BPLIST_ARRAY || o.type == DX_BPLIST_SET || o.type == DX_BPLIST_DICT) {
        if (o.type == DX_BPLIST_DICT && o.length > g->list.count * 2) {
            return dx_bplist_bad(&g->list, object, "has no legal length");
        }
        g->open[object] = true;
        rc = count_references(g, object, &o, depth);
        g->open[object] = false;
        return rc || o.type != DX_BPLIST_DICT ? rc : check_keys(g, &o);
    }
    g->expanded[object] = 1;
    return is_scalar(&o)
               ? DEXT_OK
               : dx_bplist_bad(&g->list, object, "is of no kind that property lists have");
}

struct walk {
    const struct dx_bplist *list;
    dx_event_fn *fn;
    void *user;
    bool stopped;
};

static void binary_tell(struct walk *w, const struct dx_event *ev)
{
    if (!w->stopped && !w->fn(w->user, ev)) {
        w->stopped = true;
    }
}

static char *binary_put_utf8(char *p, uint32_t c)
{
    if (c < 0x80) {
        *p++ = (char)c;
        return p;
    }
    if (c < 0x800) {
        *p++ = (char)(0xc0 | c >> 6);
    } else if (c < 0x10000) {
        *p++ = (char)(0xe0 | c >> 12);
        *p++ = (char)(0x80 | (c >> 6 & 0x3f));
    } else {
        *p++ = (char)(0xf0 | c >> 18);
        *p++ = (char)(0x80 | (c >> 12 & 0x3f));
        *p++ = (char)(0x80 | (c >> 6 & 0x3f));
    }
    *p++ = (char)(0x80 | (c & 0x3f));
    return p;
}

struct dx_str dx_bplist_text(const struct dx_bplist *b, const struct dx_bobject *o)
{
    const unsigned char *s = b->p + o->at;
    if (o->type != DX_BPLIST_UTF16) {
        return (struct dx_str){(const char *)s, (size_t)o->length};
    }
    char *text = dx_alloc(&b->ctx->arena, (size_t)o->length * 3 + 1), *end = text;
    for (uint64_t i = 0; i < o->length; i++) {
        uint32_t c = (uint32_t)dx_bplist_number(s + 2 * i, 2);
        uint32_t next = i + 1 < o->length ? (uint32_t)dx_bplist_number(s + 2 * i + 2, 2) : 0;
        if (c >= 0xd800 && c < 0xdc00 && next >= 0xdc00 && next < 0xe000) {
            c = 0x10000 + ((c - 0xd800) << 10) + (next - 0xdc00);
            i++;
        } else if (c >= 0xd800 && c < 0xe000) {
            c = 0xfffd; /* half of a pair */
        }
        end = binary_put_utf8(end, c);
    }
    *end = 0;
    return (struct dx_str){text, (size_t)(end - text)};
}

/* Forms of 1, 2 and 4 bytes are unsigned, that of 8 is signed; that of 16 holds what is too large
 * for it (CFBinaryPList.c, kCFBinaryPlistMarkerInt). */
static void walk_integer(struct walk *w, const struct dx_bobject *o)
{
    unsigned n = 1U << o->length;
    const unsigned char *p = w->list->p + o->at;
    struct dx_event ev = {.type = DX_EV_SCALAR, .kind = DEXT_INTEGER};
    char text[32];
    ev.integer = dx_bplist_number(n == 16 ? p + 8 : p, n == 16 ? 8 : n);
    ev.negative = n == 8 ? (int64_t)ev.integer < 0 : n == 16 && p[0] & 0x80;
    (void)(ev.negative ? snprintf(text, sizeof text, "%lld", (long long)ev.integer)
                       : snprintf(text, sizeof text, "%llu", (unsigned long long)ev.integer));
    ev.text = dx_str(text);
    binary_tell(w, &ev);
}

static double real_at(const unsigned char *p, unsigned n)
{
    uint64_t bits = dx_bplist_number(p, n);
    uint32_t narrow = (uint32_t)bits;
    float f;
    double d;
    if (n == 4) {
        memcpy(&f, &narrow, sizeof f);
        return (double)f;
    }
    memcpy(&d, &bits, sizeof d);
    return d;
}

static void walk_scalar(struct walk *w, const struct dx_bobject *o)
{
    struct dx_event ev = {.type = DX_EV_SCALAR};
    const unsigned char *p = w->list->p + o->at;
    char text[40];
    switch (o->type) {
    case DX_BPLIST_SINGLE:
        ev.kind = DEXT_BOOL;
        ev.boolean = o->length == 9;
        ev.text = ev.boolean ? DX_STR("true") : DX_STR("false");
        break;
    case DX_BPLIST_REAL:
        ev.kind = DEXT_REAL;
        ev.real = real_at(p, 1U << o->length);
        (void)snprintf(text, sizeof text, "%.17g", ev.real);
        ev.text = dx_str(text);
        break;
    case DX_BPLIST_DATE: {
        double since = real_at(p, 8); /* seconds since 2001 */
        ev.kind = DEXT_DATE;
        (void)snprintf(text, sizeof text, "%lld",
                       since > -1e15 && since < 1e15 ? (long long)since : 0LL);
        ev.text = dx_str(text);
        break;
    }
    case DX_BPLIST_UID:
        ev.kind = DEXT_UID;
        ev.integer = dx_bplist_number(p, (unsigned)o->length + 1);
        (void)snprintf(text, sizeof text, "%llu", (unsigned long long)ev.integer);
        ev.text = dx_str(text);
        break;
    default:
        ev.kind = o->type == DX_BPLIST_DATA ? DEXT_DATA : DEXT_STRING;
        ev.text = dx_bplist_text(w->list, o);
        break;
    }
    binary_tell(w, &ev);
}

/* All objects were looked at by count_below. */
static void walk_object(struct walk *w, uint64_t object)
{
    struct dx_bobject o, key;
    if (w->stopped || dx_bplist_object(w->list, object, &o) != DEXT_OK) {
        return;
    }
    if (o.type == DX_BPLIST_INTEGER) {
        walk_integer(w, &o);
        return;
    }
    bool dict = o.type == DX_BPLIST_DICT;
    if (!dict && o.type != DX_BPLIST_ARRAY && o.type != DX_BPLIST_SET) {
        walk_scalar(w, &o);
        return;
    }
    binary_tell(w, &(struct dx_event){.type = dict ? DX_EV_DICT : DX_EV_ARRAY});
    for (uint64_t i = 0; i < o.length && !w->stopped; i++) {
        if (dict && dx_bplist_object(w->list, dx_bplist_ref(w->list, &o, i), &key) == DEXT_OK) {
            struct dx_str text = dx_bplist_text(w->list, &key);
            binary_tell(w, &(struct dx_event){.type = DX_EV_KEY, .text = text});
        }
        walk_object(w, dx_bplist_ref(w->list, &o, dict ? o.length + i : i));
    }
    binary_tell(w, &(struct dx_event){.type = DX_EV_END});
}

int dx_plist_binary(struct dext_ctx *ctx, const struct dx_source *src, dx_event_fn *fn, void *user)
{
    struct guard g;
    int rc = dx_bplist_open(&g.list, ctx, src);
    if (rc) {
        return rc;
    }
    struct dx_mark mark = dx_arena_mark(&ctx->arena);
    g.expanded = dx_calloc(&ctx->arena, g.list.count, sizeof *g.expanded);
    g.open = dx_calloc(&ctx->arena, g.list.count, sizeof *g.open);
    rc = count_below(&g, g.list.top, 0);
    dx_arena_rewind(&ctx->arena, mark);
    if (rc == DEXT_OK) {
        struct walk w = {.list = &g.list, .fn = fn, .user = user};
        walk_object(&w, g.list.top);
    }
    return rc;
}
