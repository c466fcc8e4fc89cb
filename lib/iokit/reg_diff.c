/* Two dumps, one after the other. An entry id names one object as long as the system runs: ids are
 * given out in ascending order and never again (xnu, IORegistryEntry.cpp), and an object never
 * changes its class. Two dumps in which an id stands for different classes are therefore of
 * different boots, and nodes are paired by their way from the root. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "iokit/reg_view.h"

/* ---- pairs --------------------------------------------------------------------------------- */

struct entry {
    uint64_t key; /* entry id, or hash of the path; 0: none */
    uint32_t node;
};

struct side {
    struct dext_registry *r;
    struct entry *list; /* by key */
    size_t count;
    uint32_t *pair; /* by node: number on the other side + 1, or 0 */
};

struct diff {
    struct side a, b;
    struct dext_reg_diff *out;
    struct dext_reg_change *list;
    size_t cap;
};

static int by_key(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->key != y->key) {
        return x->key < y->key ? -1 : 1;
    }
    return x->node < y->node ? -1 : x->node > y->node;
}

static void sort(struct side *s)
{
    if (s->count) {
        qsort(s->list, s->count, sizeof *s->list, by_key);
    }
}

static void by_id(struct side *s)
{
    const struct dx_registry *reg = s->r->w.reg;
    s->count = 0;
    for (uint32_t i = 0; i < reg->count; i++) {
        if (reg->nodes[i]->id && !reg->nodes[i]->same) {
            s->list[s->count++] = (struct entry){reg->nodes[i]->id, i};
        }
    }
    sort(s);
}

static uint64_t mix(uint64_t h, struct dx_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        h = (h ^ (unsigned char)s.p[i]) * 1099511628211U;
    }
    return (h ^ 0xff) * 1099511628211U; /* "ab" and "c" is not "a" and "bc" */
}

/* The way from the root: names, locations and classes. Of several nodes with one way the first is
 * paired with the first, and so on. */
static void by_path(struct side *s)
{
    const struct dx_registry *reg = s->r->w.reg;
    uint64_t *way = dx_calloc(&s->r->w.ctx->arena, reg->count, sizeof(uint64_t));
    s->count = 0;
    for (uint32_t i = 0; i < reg->count; i++) {
        const struct dx_reg_node *n = reg->nodes[i];
        uint64_t h = n->parent ? way[n->parent->index] : 14695981039346656037U;
        way[i] = mix(mix(mix(h, n->name), n->location), n->class_name);
        if (!n->same) {
            s->list[s->count++] = (struct entry){way[i], i};
        }
    }
    sort(s);
}

static bool same_class(const struct dx_reg_node *a, const struct dx_reg_node *b)
{
    return dx_str_eq(a->class_name, b->class_name);
}

/* A header that is cut may lack the class. */
static bool other_class(const struct dx_reg_node *a, const struct dx_reg_node *b)
{
    return a->class_name.n && b->class_name.n && !same_class(a, b);
}

static void pair_up(struct diff *d, bool ids)
{
    size_t i = 0, k = 0;
    while (i < d->a.count && k < d->b.count) {
        const struct entry *x = &d->a.list[i], *y = &d->b.list[k];
        if (x->key != y->key) {
            *(x->key < y->key ? &i : &k) += 1;
            continue;
        }
        i++;
        k++;
        if (ids || same_class(dx_reg_at(d->a.r, x->node), dx_reg_at(d->b.r, y->node))) {
            d->a.pair[x->node] = y->node + 1;
            d->b.pair[y->node] = x->node + 1;
        }
    }
}

/* Why ids do not pair the nodes, or NULL when they do. */
static const char *other_boot(const struct diff *d)
{
    static const char *const builds[] = {"OS Build Version", "IOKitBuildVersion"};
    struct dx_arena *arena = &d->a.r->w.ctx->arena;
    const struct dx_reg_node *ra = d->a.r->w.reg->roots, *rb = d->b.r->w.reg->roots;
    for (size_t i = 0; i < sizeof builds / sizeof *builds; i++) {
        const char *x = dx_reg_string(&d->a.r->w, ra, builds[i]);
        const char *y = dx_reg_string(&d->b.r->w, rb, builds[i]);
        if (x && y && strcmp(x, y) != 0) {
            return dx_sprintf(arena, "%s differs", builds[i]);
        }
    }
    size_t shared = 0;
    for (size_t i = 0, k = 0; i < d->a.count && k < d->b.count;) {
        const struct entry *x = &d->a.list[i], *y = &d->b.list[k];
        if (x->key != y->key) {
            *(x->key < y->key ? &i : &k) += 1;
            continue;
        }
        if (other_class(dx_reg_at(d->a.r, x->node), dx_reg_at(d->b.r, y->node))) {
            return dx_sprintf(arena, "id 0x%" PRIx64 " stands for objects of different classes",
                              x->key);
        }
        i++;
        k++;
        shared++;
    }
    return shared ? NULL : "they share no entry id";
}

/* ---- changes ------------------------------------------------------------------------------- */

struct deltas {
    struct dx_arena *a;
    struct dext_reg_delta *list;
    size_t count, cap;
};

static void add_delta(struct deltas *l, const char *what, const char *before, const char *after)
{
    if (before != after && (!before || !after || strcmp(before, after) != 0)) {
        *DX_PUSH(l->a, l->list, l->count, l->cap) = (struct dext_reg_delta){what, before, after};
    }
}

static void text_delta(struct deltas *l, const char *what, struct dx_str a, struct dx_str b)
{
    if (!dx_str_eq(a, b)) {
        add_delta(l, what, dx_strndup(l->a, a.p, a.n), dx_strndup(l->a, b.p, b.n));
    }
}

static void bit_delta(struct deltas *l, const struct dx_reg_node *a, const struct dx_reg_node *b,
                      uint32_t seen, uint32_t set)
{
    if ((a->state & b->state & seen) && (a->state & set) != (b->state & set)) {
        static const char *const words[][2] = {
            {"not registered", "registered"}, {"not matched", "matched"}, {"active", "inactive"}};
        const char *const *w = words[set == DX_REG_REGISTERED ? 0 : set == DX_REG_MATCHED ? 1 : 2];
        add_delta(l, "state", w[(a->state & set) != 0], w[(b->state & set) != 0]);
    }
}

static void state_deltas(struct deltas *l, const struct dx_reg_node *a, const struct dx_reg_node *b)
{
    text_delta(l, "name", a->name, b->name);
    text_delta(l, "location", a->location, b->location);
    bit_delta(l, a, b, DX_REG_KNOWN_REGISTERED, DX_REG_REGISTERED);
    bit_delta(l, a, b, DX_REG_KNOWN_MATCHED, DX_REG_MATCHED);
    bit_delta(l, a, b, DX_REG_KNOWN_ACTIVE, DX_REG_INACTIVE);
    if ((a->state & b->state & DX_REG_KNOWN_BUSY) && a->busy != b->busy) {
        add_delta(l, "busy", dx_sprintf(l->a, "%" PRIu32, a->busy),
                  dx_sprintf(l->a, "%" PRIu32, b->busy));
    }
}

/* What matching and starting leave on a node. */
static void property_deltas(struct deltas *l, const struct diff *d, const struct dx_reg_node *a,
                            const struct dx_reg_node *b)
{
    static const char *const keys[] = {
        "IODEXTMatchCount",
        "IORematchCount",
        "IORematchPersonality",
        "CFBundleIdentifier",
        "IOClass",
        "IOUserClass",
        "IOUserClasses",
        "IOUserServerName",
        "IOMatchCategory",
        "IOProbeScore",
        "IOUserServerCDHash",
        "kOSBundleDextUniqueIdentifier",
        "IOAssociatedServices",
        "IOUserClientCreator",
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct dx_prop x = dx_node_prop(&d->a.r->w, a, keys[i]);
        struct dx_prop y = dx_node_prop(&d->b.r->w, b, keys[i]);
        if (x.unknown || y.unknown || (!x.value && !y.value)) {
            continue;
        }
        if (!x.value || !y.value || !dx_node_equal(x.value, y.value)) {
            add_delta(l, keys[i], x.value ? dx_value_text(l->a, x.value) : NULL,
                      y.value ? dx_value_text(l->a, y.value) : NULL);
        }
    }
}

static void set_role(struct dext_reg_change *c, const struct dx_world *w,
                     const struct dx_reg_node *n)
{
    c->category = dx_reg_string(w, n, "IOMatchCategory");
    c->creator = dx_reg_string(w, n, "IOUserClientCreator");
    c->role = dx_reg_is_server(n)                  ? DEXT_REG_SERVER
              : c->category                        ? DEXT_REG_DRIVER
              : dx_reg_is_client(w, n) == DEXT_YES ? DEXT_REG_CLIENT
                                                   : DEXT_REG_NODE;
}

static struct dext_reg_change *add_change(struct diff *d, enum dext_reg_change_kind kind,
                                          const struct side *s, const struct dx_reg_node *n)
{
    struct dext_reg_change *c = DX_PUSH(&s->r->w.ctx->arena, d->list, d->out->count, d->cap);
    *c = (struct dext_reg_change){.kind = kind};
    set_role(c, &s->r->w, n);
    return c;
}

static bool is_unpaired(const struct side *s, const struct dx_reg_node *n)
{
    n = n && n->same ? n->same : n;
    return n && !s->pair[n->index];
}

static void compare(struct diff *d, const struct dx_reg_node *a, const struct dx_reg_node *b)
{
    struct deltas l = {.a = &d->a.r->w.ctx->arena};
    state_deltas(&l, a, b);
    property_deltas(&l, d, a, b);
    if (l.count == 0) {
        d->out->same++;
        return;
    }
    struct dext_reg_change *c = add_change(d, DEXT_REG_CHANGED, &d->b, b);
    c->before = dx_reg_view(d->a.r, a);
    c->after = dx_reg_view(d->b.r, b);
    c->deltas = l.list;
    c->delta_count = l.count;
    d->out->changed++;
}

static void walk_before(struct diff *d)
{
    const struct dx_registry *reg = d->a.r->w.reg;
    for (size_t i = 0; i < reg->count; i++) {
        const struct dx_reg_node *n = reg->nodes[i];
        if (n->same) {
            continue;
        }
        if (d->a.pair[i]) {
            compare(d, n, dx_reg_at(d->b.r, d->a.pair[i] - 1));
            continue;
        }
        struct dext_reg_change *c = add_change(d, DEXT_REG_REMOVED, &d->a, n);
        c->before = dx_reg_view(d->a.r, n);
        c->inside = is_unpaired(&d->a, n->parent);
        d->out->removed++;
    }
}

static void walk_after(struct diff *d)
{
    const struct dx_registry *reg = d->b.r->w.reg;
    for (size_t i = 0; i < reg->count; i++) {
        const struct dx_reg_node *n = reg->nodes[i];
        if (n->same || d->b.pair[i]) {
            continue;
        }
        struct dext_reg_change *c = add_change(d, DEXT_REG_ADDED, &d->b, n);
        c->after = dx_reg_view(d->b.r, n);
        c->inside = is_unpaired(&d->b, n->parent);
        d->out->added++;
    }
}

static void open_side(struct side *s, struct dext_registry *r)
{
    struct dx_arena *a = &r->w.ctx->arena;
    s->r = r;
    s->list = dx_calloc(a, r->w.reg->count, sizeof *s->list);
    s->pair = dx_calloc(a, r->w.reg->count, sizeof *s->pair);
    by_id(s);
}

const struct dext_reg_diff *dext_registry_diff(struct dext_registry *a, struct dext_registry *b)
{
    struct diff d = {.out = dx_alloc(&a->w.ctx->arena, sizeof *d.out)};
    open_side(&d.a, a);
    open_side(&d.b, b);
    const char *why = other_boot(&d);
    d.out->by_id = why == NULL;
    d.out->pairing = why ? dx_sprintf(&a->w.ctx->arena,
                                      "paired by path: the dumps are of different boots, or parts "
                                      "that do not overlap (%s)",
                                      why)
                         : "paired by entry id: every id of both dumps stands for the same class";
    if (why) {
        by_path(&d.a);
        by_path(&d.b);
    }
    pair_up(&d, why == NULL);
    walk_before(&d);
    walk_after(&d);
    d.out->changes = d.list;
    return d.out;
}

const char *dext_reg_change_name(enum dext_reg_change_kind k)
{
    static const char *const names[] = {"added", "removed", "changed"};
    return names[k];
}

const char *dext_reg_role_name(enum dext_reg_role r)
{
    static const char *const names[] = {"node", "driver", "user client", "process"};
    return names[r];
}
