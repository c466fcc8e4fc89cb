/* A registry for the outside: nodes, states in words, properties. What a state means: xnu,
 * iokit/IOKit/IOService.h (kIOServiceInactiveState and those after it) and IOService.cpp
 * (startMatching, doServiceMatch, _adjustBusy). */
#include "iokit/reg_view.h"

#include <string.h>

#include "iokit/registry_read.h"

/* ---- reading ------------------------------------------------------------------------------- */

static enum dx_reg_is asks_for(const struct dx_world *w, const struct dx_reg_node *c,
                               const struct dx_reg_node *n)
{
    const char *cls = dx_reg_string(w, c, "IOProviderClass");
    return cls ? dx_reg_is_a(n, cls) : DX_REG_UNSURE;
}

bool dx_reg_drives(const struct dext_registry *r, const struct dx_reg_node *c,
                   const struct dx_reg_node *n)
{
    enum dx_reg_is is = asks_for(&r->w, c, n);
    return is == DX_REG_YES || (is == DX_REG_UNSURE && r->info.service_plane);
}

/* A dump of all services holds IOResources; of a part, one driver below its node shows it. */
static bool is_service_plane(const struct dx_world *w)
{
    for (size_t i = 0; i < w->reg->count && !w->resources; i++) {
        const struct dx_reg_node *n = w->reg->nodes[i];
        if (n->parent && asks_for(w, n, n->parent) == DX_REG_YES &&
            dx_reg_string(w, n, "IOMatchCategory")) {
            return true;
        }
    }
    return w->resources != NULL;
}

struct dext_registry *dx_registry_wrap(struct dext_ctx *ctx, struct dx_registry *reg)
{
    struct dext_registry *r = dx_alloc(&ctx->arena, sizeof *r);
    dx_world_init(&r->w, ctx, reg);
    r->nodes = dx_calloc(&ctx->arena, reg->count, sizeof(struct dext_reg_node *));
    r->holders = dx_calloc(&ctx->arena, reg->count, sizeof(struct dext_reg_holders *));
    r->info = (struct dext_reg_info){
        .path = reg->src.path,
        .format = reg->format == DX_REG_TEXT      ? DEXT_REG_TEXT
                  : reg->format == DX_REG_ARCHIVE ? DEXT_REG_ARCHIVE
                  : reg->format == DX_REG_DEVICES ? DEXT_REG_DEVICES
                                                  : DEXT_REG_LIVE,
        .devices = reg->devices,
        .nodes = reg->count,
        .clipped = reg->clipped,
        .lost = reg->lost,
        .lost_text = reg->lost ? reg->reason : NULL,
        .ancestry = reg->chains,
        .properties = r->w.whole,
        .service_plane = is_service_plane(&r->w),
        .fragment = reg->fragment,
    };
    for (size_t i = 0; i < reg->count; i++) {
        r->info.objects += reg->nodes[i]->same == NULL;
    }
    return r;
}

int dext_registry_read(struct dext_registry **out, struct dext_ctx *ctx, const char *path)
{
    struct dx_registry *reg;
    int rc = dx_registry_open(&reg, ctx, path);
    *out = rc == DEXT_OK ? dx_registry_wrap(ctx, reg) : NULL;
    return rc;
}

int dext_registry_parse(struct dext_registry **out, struct dext_ctx *ctx, const char *name,
                        const void *data, size_t size)
{
    struct dx_arena *a = &ctx->arena;
    struct dx_source src = dx_source_bytes(dx_strdup(a, name), dx_strndup(a, data, size), size);
    struct dx_registry *reg;
    int rc = dx_registry_read(&reg, ctx, &src);
    *out = rc == DEXT_OK ? dx_registry_wrap(ctx, reg) : NULL;
    return rc;
}

void dext_registry_scratch_begin(struct dext_registry *r)
{
    struct dx_arena *a = &r->w.ctx->arena;
    struct dx_reg_scratch *s = &r->scratch;
    *s = (struct dx_reg_scratch){.mark = dx_arena_mark(a)};
    r->w.reg->scratch = s;
}

void dext_registry_scratch_end(struct dext_registry *r)
{
    struct dx_reg_scratch *s = r->w.reg->scratch;
    for (size_t i = 0; s && i < s->count; i++) {
        memset(s->places[i], 0, sizeof(void *));
    }
    if (s) {
        r->w.reg->scratch = NULL;
        dx_arena_rewind(&r->w.ctx->arena, s->mark);
    }
}

const struct dext_reg_info *dext_registry_info(const struct dext_registry *r)
{
    return &r->info;
}

const char *dext_known_name(enum dext_known k)
{
    static const char *const names[] = {"no", "yes", "not known"};
    return names[k];
}

/* ---- properties ---------------------------------------------------------------------------- */

static const struct dx_reg_node *with_properties(const struct dx_reg_node *n)
{
    return n->same && n->prop_count == 0 ? n->same : n;
}

const char *dx_reg_string(const struct dx_world *w, const struct dx_reg_node *n, const char *key)
{
    struct dx_prop p = dx_node_prop(w, n, key);
    return p.value && p.value->kind == DEXT_STRING ? p.value->text.p : NULL;
}

bool dx_reg_number(const struct dx_world *w, const struct dx_reg_node *n, const char *key,
                   uint64_t *out)
{
    return dx_number(dx_node_prop(w, n, key).value, out);
}

const struct dext_node *dext_registry_property(struct dext_registry *r, size_t index,
                                               const char *key, enum dext_known *answer)
{
    struct dx_prop p = {.unknown = true};
    if (index < r->w.reg->count) {
        p = dx_node_prop(&r->w, dx_reg_at(r, index), key);
    }
    if (answer) {
        *answer = p.value ? DEXT_YES : p.unknown ? DEXT_UNKNOWN : DEXT_NO;
    }
    return p.value;
}

static uint64_t reg_view_hash_of(struct dx_str s)
{
    uint64_t h = 14695981039346656037U;
    for (size_t i = 0; i < s.n; i++) {
        h = (h ^ (unsigned char)s.p[i]) * 1099511628211U;
    }
    return h ^ h >> 32;
}

/* Parsed by the property, not by its key, which would be sought again for each. */
static const struct dext_node *reg_view_value_of(struct dext_registry *r,
                                                 const struct dx_reg_node *n, uint32_t i)
{
    struct dx_reg_prop *p = &n->props[i];
    if (p->clipped) {
        return NULL;
    }
    return dx_reg_value(r->w.ctx, r->w.reg, p);
}

/* For each property whether it is the last of its key. */
static bool *find_last(struct dx_arena *a, const struct dx_reg_node *n)
{
    size_t size = 16;
    while (size < (size_t)n->prop_count * 2) {
        size *= 2;
    }
    bool *last = dx_calloc(a, n->prop_count, sizeof(bool));
    uint32_t *table = dx_calloc(a, size, sizeof(uint32_t)); /* number + 1 */
    for (uint32_t i = n->prop_count; i-- > 0;) {
        size_t at = (size_t)reg_view_hash_of(n->props[i].key) & (size - 1);
        while (table[at] && !dx_str_eq(n->props[table[at] - 1].key, n->props[i].key)) {
            at = (at + 1) & (size - 1);
        }
        if (!table[at]) {
            table[at] = i + 1;
            last[i] = true;
        }
    }
    return last;
}

const struct dext_reg_property *dext_registry_properties(struct dext_registry *r, size_t index,
                                                         size_t *count)
{
    struct dx_arena *a = &r->w.ctx->arena;
    *count = 0;
    if (index >= r->w.reg->count) {
        return NULL;
    }
    const struct dx_reg_node *n = with_properties(dx_reg_at(r, index));
    struct dext_reg_property *list = dx_calloc(a, n->prop_count, sizeof *list);
    const bool *last = find_last(a, n);
    for (uint32_t i = 0; i < n->prop_count; i++) {
        if (last[i]) {
            list[(*count)++] =
                (struct dext_reg_property){dx_strndup(a, n->props[i].key.p, n->props[i].key.n),
                                           reg_view_value_of(r, n, i), n->props[i].clipped};
        }
    }
    return list;
}

const char *dext_registry_value_text(struct dext_registry *r, const struct dext_node *n)
{
    return dx_value_text(&r->w.ctx->arena, n);
}

/* ---- states -------------------------------------------------------------------------------- */

static void reg_view_word(struct dx_buf *b, const char *s)
{
    dx_buf_puts(b, b->n ? ", " : "");
    dx_buf_puts(b, s);
}

static const char *state_of(struct dx_arena *a, const struct dx_reg_node *n)
{
    struct dx_buf b;
    dx_buf_init(&b, a, 256);
    if (n->state & DX_REG_KNOWN_REGISTERED) {
        reg_view_word(&b, n->state & DX_REG_REGISTERED ? "registered" : "not registered");
    }
    if (n->state & DX_REG_KNOWN_MATCHED) {
        reg_view_word(&b, n->state & DX_REG_MATCHED ? "matched" : "not matched");
    }
    if (n->state & DX_REG_KNOWN_ACTIVE) {
        reg_view_word(&b, n->state & DX_REG_INACTIVE ? "inactive" : "active");
    }
    if (n->state & DX_REG_KNOWN_BUSY) {
        reg_view_word(&b, n->busy ? "busy " : "not busy");
        if (n->busy) {
            dx_buf_number(&b, n->busy, 10);
        }
    }
    if (n->retain) {
        reg_view_word(&b, "");
        dx_buf_puts(&b, "retain ");
        dx_buf_number(&b, n->retain, 10);
    }
    return dx_buf_str(&b).p;
}

/* Busy counts what is going on below as well: a node adds itself to its provider's count. */
static const char *meaning_of(const struct dx_reg_node *n)
{
    bool busy = (n->state & DX_REG_KNOWN_BUSY) && n->busy;
    bool unmatched = (n->state & DX_REG_KNOWN_MATCHED) && !(n->state & DX_REG_MATCHED);
    if (n->state & DX_REG_INACTIVE) {
        return "it is being terminated";
    }
    if ((n->state & DX_REG_REGISTERED) && unmatched) {
        return busy ? "matching on it is under way, or stalled"
                    : "no matching pass on it has finished";
    }
    return busy ? "matching, starting or ending of it, or of a node below it, has not finished"
                : NULL;
}

static enum dext_known reg_view_known(uint32_t state, uint32_t seen, uint32_t set)
{
    return !(state & seen) ? DEXT_UNKNOWN : state & set ? DEXT_YES : DEXT_NO;
}

/* ---- nodes --------------------------------------------------------------------------------- */

bool dx_reg_is_server(const struct dx_reg_node *n)
{
    return dx_str_is(n->class_name, "IOUserServer");
}

enum dext_known dx_reg_is_client(const struct dx_world *w, const struct dx_reg_node *n)
{
    struct dx_prop p = dx_node_prop(w, n, "IOUserClientCreator");
    if (p.value) {
        return DEXT_YES;
    }
    switch (dx_reg_is_a(n, "IOUserClient")) {
    case DX_REG_YES:
        return DEXT_YES;
    case DX_REG_NO:
        return DEXT_NO;
    default:
        return p.unknown ? DEXT_UNKNOWN : DEXT_NO;
    }
}

static char *reg_view_put(char *p, struct dx_str s)
{
    if (s.n) {
        memcpy(p, s.p, s.n);
    }
    return p + s.n;
}

const char *dx_reg_path(struct dx_arena *a, const struct dx_reg_node *n)
{
    /* Deep trees would give paths that nobody reads: the last steps are enough then. */
    const struct dx_reg_node *steps[24];
    size_t count = 0;
    for (; n->parent && count < sizeof steps / sizeof *steps; n = n->parent) {
        if (!dx_str_is(n->name, "/")) { /* what the device tree calls its root */
            steps[count++] = n;
        }
    }
    size_t length = 4;
    for (size_t i = 0; i < count; i++) {
        length += steps[i]->name.n + steps[i]->location.n + 2;
    }
    char *path = dx_alloc(a, length + 1), *p = path + (n->parent ? 4 : 1);
    memcpy(path, n->parent ? ".../" : "/", n->parent ? 4 : 1);
    while (count > 0) {
        const struct dx_reg_node *s = steps[--count];
        p = reg_view_put(p, s->name);
        p = s->location.n ? reg_view_put(reg_view_put(p, DX_STR("@")), s->location) : p;
        p = count ? reg_view_put(p, DX_STR("/")) : p;
    }
    return path;
}

static size_t reg_view_number_of(const struct dx_reg_node *n)
{
    return n ? n->index : DEXT_REG_NONE;
}

static const char *reg_view_copy(struct dx_arena *a, struct dx_str s)
{
    return s.n ? dx_strndup(a, s.p, s.n) : "";
}

const struct dext_reg_node *dx_reg_view(struct dext_registry *r, const struct dx_reg_node *n)
{
    if (!n) {
        return NULL;
    }
    struct dext_reg_node *v = r->nodes[n->index];
    if (v) {
        return v;
    }
    struct dx_arena *a = &r->w.ctx->arena;
    v = r->nodes[n->index] = dx_alloc(a, sizeof *v);
    dx_reg_remember(r->w.ctx, r->w.reg, &r->nodes[n->index]);
    *v = (struct dext_reg_node){
        .name = reg_view_copy(a, n->name),
        .location = reg_view_copy(a, n->location),
        .class_name = reg_view_copy(a, n->class_name),
        .ancestry = reg_view_copy(a, n->chain),
        .path = dx_reg_path(a, n),
        .id = n->id,
        .line = n->line,
        .index = n->index,
        .parent = reg_view_number_of(n->parent),
        .child = reg_view_number_of(n->child),
        .next = reg_view_number_of(n->next),
        .same = reg_view_number_of(n->same),
        .registered = reg_view_known(n->state, DX_REG_KNOWN_REGISTERED, DX_REG_REGISTERED),
        .matched = reg_view_known(n->state, DX_REG_KNOWN_MATCHED, DX_REG_MATCHED),
        .active = reg_view_known(n->state ^ DX_REG_INACTIVE, DX_REG_KNOWN_ACTIVE, DX_REG_INACTIVE),
        .has_busy = (n->state & DX_REG_KNOWN_BUSY) != 0,
        .busy = n->busy,
        .retain = n->retain,
        .clipped = (n->state & DX_REG_CLIPPED) != 0,
        .state = state_of(a, n),
        .meaning = meaning_of(n),
    };
    for (const struct dx_reg_node *p = n->parent; p; p = p->parent) {
        v->depth++;
    }
    return v;
}

const struct dext_reg_node *dext_registry_node(struct dext_registry *r, size_t index)
{
    return index < r->w.reg->count ? dx_reg_view(r, dx_reg_at(r, index)) : NULL;
}
