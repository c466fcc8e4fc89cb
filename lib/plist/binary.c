/* Binary property lists, decoded by libplist. libplist copies an object each time something refers
 * to it, so a few hundred bytes of shared references can ask for gigabytes, and it gives no reason
 * when it refuses. A look at the object table beforehand counts what would be built, finds cycles,
 * and names the offending object. Layout: CoreFoundation's CFBinaryPList.c (CF-1153). */
#include <plist/plist.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plist/events.h"

struct guard {
    struct dext_ctx *ctx;
    const struct dx_source *src;
    const unsigned char *p;
    uint64_t count, top, table;
    unsigned offset_size, ref_size;
    uint64_t *expanded; /* objects below and including each, once counted; 0 = not yet */
    bool *open;         /* on the path from the root */
};

static uint64_t big_endian(const unsigned char *p, unsigned n)
{
    uint64_t v = 0;
    while (n--) {
        v = v << 8 | *p++;
    }
    return v;
}

static int bad(struct guard *g, uint64_t object, const char *what)
{
    return dx_fail(g->ctx, DEXT_E_FORMAT, "%s: object %llu of the binary property list %s",
                   g->src->path, (unsigned long long)object, what);
}

static int read_trailer(struct guard *g)
{
    if (g->src->size < 8 + 1 + 32) {
        return dx_fail(g->ctx, DEXT_E_FORMAT,
                       "%s: is cut short: a binary property list has a "
                       "trailer of 32 bytes",
                       g->src->path);
    }
    const unsigned char *t = g->p + g->src->size - 32;
    g->offset_size = t[6];
    g->ref_size = t[7];
    g->count = big_endian(t + 8, 8);
    g->top = big_endian(t + 16, 8);
    g->table = big_endian(t + 24, 8);
    uint64_t room = g->src->size - 32;
    if (g->offset_size < 1 || g->offset_size > 8 || g->ref_size < 1 || g->ref_size > 8 ||
        g->count == 0 || g->top >= g->count || g->table < 9 || g->table >= room ||
        g->count > (room - g->table) / g->offset_size) {
        return dx_fail(g->ctx, DEXT_E_FORMAT,
                       "%s: the trailer of the binary property list does "
                       "not fit the file (cut short or overwritten)",
                       g->src->path);
    }
    if (g->count > g->ctx->limits.plist_nodes) {
        return dx_fail(g->ctx, DEXT_E_LIMIT, "%s: more than %zu keys and values", g->src->path,
                       g->ctx->limits.plist_nodes);
    }
    return DEXT_OK;
}

/* Finds where an object's content starts and how many elements it announces. */
static int object_header(struct guard *g, uint64_t object, unsigned *type, uint64_t *length,
                         uint64_t *content)
{
    uint64_t at = big_endian(g->p + g->table + object * g->offset_size, g->offset_size);
    if (at < 8 || at >= g->table) {
        return bad(g, object, "lies outside the file");
    }
    *type = g->p[at] >> 4;
    *length = g->p[at] & 15;
    *content = at + 1;
    bool counted =
        *type == 4 || *type == 5 || *type == 6 || *type == 10 || *type == 12 || *type == 13;
    if (counted && *length == 15) {
        unsigned n = *content < g->table ? 1U << (g->p[*content] & 15) : 0;
        if (n == 0 || n > 8 || g->p[*content] >> 4 != 1 || *content + 1 + n > g->table) {
            return bad(g, object, "has no legal length");
        }
        *length = big_endian(g->p + *content + 1, n);
        *content += 1 + n;
    }
    return DEXT_OK;
}

static int count_below(struct guard *g, uint64_t object, size_t depth);

static int count_references(struct guard *g, uint64_t object, uint64_t from, uint64_t n,
                            size_t depth)
{
    if (n > (g->table - from) / g->ref_size) {
        return bad(g, object, "refers past the end of the file");
    }
    uint64_t sum = 1;
    for (uint64_t i = 0; i < n; i++) {
        uint64_t ref = big_endian(g->p + from + i * g->ref_size, g->ref_size);
        if (ref >= g->count) {
            return bad(g, object, "refers to an object that does not exist");
        }
        int rc = count_below(g, ref, depth + 1);
        if (rc) {
            return rc;
        }
        sum += g->expanded[ref];
        if (sum > g->ctx->limits.plist_nodes) {
            return dx_fail(g->ctx, DEXT_E_LIMIT,
                           "%s: unfolds to more than %zu keys and values (shared references)",
                           g->src->path, g->ctx->limits.plist_nodes);
        }
    }
    g->expanded[object] = sum;
    return DEXT_OK;
}

/* libplist ends the process when a key holds a NUL character, which no key can have anyway. */
static int check_keys(struct guard *g, uint64_t object, uint64_t from, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        unsigned type = 0;
        uint64_t length = 0, content = 0;
        uint64_t ref = big_endian(g->p + from + i * g->ref_size, g->ref_size);
        int rc = object_header(g, ref, &type, &length, &content);
        if (rc) {
            return rc;
        }
        if (type != 5 && type != 6) {
            return bad(g, object, "has a key that is no string");
        }
        const uint64_t width = type == 6 ? 2 : 1;
        for (uint64_t k = 0; k < length; k++) { /* count_below has checked that it is all there */
            const unsigned char *c = g->p + content + k * width;
            if (c[0] == 0 && c[width - 1] == 0) {
                return bad(g, object, "has a key with a NUL character");
            }
        }
    }
    return DEXT_OK;
}

static int count_below(struct guard *g, uint64_t object, size_t depth)
{
    if (g->open[object]) {
        return bad(g, object, "contains itself");
    }
    if (g->expanded[object]) {
        return DEXT_OK;
    }
    if (depth > g->ctx->limits.plist_depth) {
        return dx_fail(g->ctx, DEXT_E_LIMIT,
                       "%s: nested deeper than any property list the "
                       "system reads",
                       g->src->path);
    }
    unsigned type = 0;
    uint64_t length = 0, content = 0;
    int rc = object_header(g, object, &type, &length, &content);
    if (rc) {
        return rc;
    }
    if (type == 10 || type == 12 || type == 13) {
        if (type == 13 && length > g->count * 2) {
            return bad(g, object, "has no legal length");
        }
        g->open[object] = true;
        rc = count_references(g, object, content, type == 13 ? length * 2 : length, depth);
        g->open[object] = false;
        return rc || type != 13 ? rc : check_keys(g, object, content, length);
    }
    uint64_t width = type == 6 ? 2 : 1;
    if ((type == 4 || type == 5 || type == 6) && length > (g->table - content) / width) {
        return bad(g, object, "runs past the end of the file");
    }
    g->expanded[object] = 1;
    return DEXT_OK;
}

struct walk {
    dx_event_fn *fn;
    void *user;
    bool stopped;
};

static void tell(struct walk *w, const struct dx_event *ev)
{
    if (!w->stopped && !w->fn(w->user, ev)) {
        w->stopped = true;
    }
}

static void walk_node(struct walk *w, plist_t n);

static void walk_dict(struct walk *w, plist_t n)
{
    tell(w, &(struct dx_event){.type = DX_EV_DICT});
    plist_dict_iter it = NULL;
    plist_dict_new_iter(n, &it);
    for (;;) {
        char *key = NULL;
        plist_t value = NULL;
        plist_dict_next_item(n, it, &key, &value);
        if (!key || !value || w->stopped) {
            free(key);
            break;
        }
        tell(w, &(struct dx_event){.type = DX_EV_KEY, .text = dx_str(key)});
        walk_node(w, value);
        free(key);
    }
    free(it);
    tell(w, &(struct dx_event){.type = DX_EV_END});
}

static void walk_array(struct walk *w, plist_t n)
{
    tell(w, &(struct dx_event){.type = DX_EV_ARRAY});
    uint32_t count = plist_array_get_size(n);
    for (uint32_t i = 0; i < count && !w->stopped; i++) {
        walk_node(w, plist_array_get_item(n, i));
    }
    tell(w, &(struct dx_event){.type = DX_EV_END});
}

static void walk_number(struct walk *w, plist_t n, struct dx_event *ev, char number[32])
{
    if (plist_get_node_type(n) == PLIST_UINT) {
        uint64_t v = 0;
        plist_get_uint_val(n, &v);
        ev->kind = DEXT_INTEGER;
        ev->integer = v;
        ev->negative = false;
        /* libplist 2.2 reads the 8-byte form, the only signed one, as unsigned. */
        (void)snprintf(number, 32, "%lld", (long long)v);
        ev->negative = (int64_t)v < 0;
    } else if (plist_get_node_type(n) == PLIST_UID) {
        uint64_t v = 0;
        plist_get_uid_val(n, &v);
        ev->kind = DEXT_UID;
        ev->integer = v;
        (void)snprintf(number, 32, "%llu", (unsigned long long)v);
    } else {
        double v = 0;
        plist_get_real_val(n, &v);
        ev->kind = DEXT_REAL;
        ev->real = v;
        (void)snprintf(number, 32, "%.17g", v);
    }
    ev->text = dx_str(number);
    tell(w, ev);
}

static void walk_scalar(struct walk *w, plist_t n)
{
    struct dx_event ev = {.type = DX_EV_SCALAR};
    char number[32];
    const char *text;
    uint64_t bytes = 0;
    uint8_t flag = 0;
    int32_t sec = 0, usec = 0;
    switch (plist_get_node_type(n)) {
    case PLIST_BOOLEAN:
        plist_get_bool_val(n, &flag);
        ev.kind = DEXT_BOOL;
        ev.boolean = flag != 0;
        ev.text = flag ? DX_STR("true") : DX_STR("false");
        tell(w, &ev);
        break;
    case PLIST_DATE:
        plist_get_date_val(n, &sec, &usec);
        ev.kind = DEXT_DATE;
        (void)snprintf(number, sizeof number, "%ld", (long)sec);
        ev.text = dx_str(number);
        tell(w, &ev);
        break;
    case PLIST_DATA:
        text = plist_get_data_ptr(n, &bytes);
        ev.kind = DEXT_DATA;
        ev.text = (struct dx_str){text ? text : "", (size_t)bytes};
        tell(w, &ev);
        break;
    case PLIST_STRING:
    case PLIST_KEY:
        /* plist_get_string_val ends the process when the string holds a NUL character. */
        text = plist_get_string_ptr(n, &bytes);
        ev.kind = DEXT_STRING;
        ev.text = (struct dx_str){text ? text : "", (size_t)bytes};
        tell(w, &ev);
        break;
    default:
        walk_number(w, n, &ev, number);
        break;
    }
}

static void walk_node(struct walk *w, plist_t n)
{
    switch (plist_get_node_type(n)) {
    case PLIST_DICT:
        walk_dict(w, n);
        break;
    case PLIST_ARRAY:
        walk_array(w, n);
        break;
    default:
        walk_scalar(w, n);
        break;
    }
}

int dx_plist_binary(struct dext_ctx *ctx, const struct dx_source *src, dx_event_fn *fn, void *user)
{
    struct guard g = {.ctx = ctx, .src = src, .p = (const unsigned char *)src->data};
    int rc = read_trailer(&g);
    if (rc) {
        return rc;
    }
    struct dx_mark mark = dx_arena_mark(&ctx->arena);
    g.expanded = dx_calloc(&ctx->arena, g.count, sizeof *g.expanded);
    g.open = dx_calloc(&ctx->arena, g.count, sizeof *g.open);
    rc = count_below(&g, g.top, 0);
    dx_arena_rewind(&ctx->arena, mark);
    if (rc) {
        return rc;
    }
    plist_t root = NULL;
    plist_from_bin(src->data, (uint32_t)src->size, &root);
    if (!root) {
        return dx_fail(ctx, DEXT_E_FORMAT, "%s: libplist cannot decode this binary property list",
                       src->path);
    }
    struct walk w = {.fn = fn, .user = user};
    walk_node(&w, root);
    plist_free(root);
    return DEXT_OK;
}
