/* Two dumps, one after the other. An entry id names one object as long as the system runs: ids are
 * given out in ascending order and never again (xnu, IORegistryEntry.cpp), and an object never
 * changes its class. Where two dumps contradict that they are of different boots, and nodes are
 * paired by their way from the root. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "iokit/reg_view.h"

/* ---- pairs --------------------------------------------------------------------------------- */

struct diff_key {
    uint64_t key; /* entry id, or hash of the path; 0: none */
    uint32_t node;
};

struct side {
    struct dext_registry *r;
    struct diff_key *ids, *ways; /* by key */
    size_t id_count, way_count;
    uint32_t *pair; /* by node: number on the other side + 1, or 0 */
};

struct diff {
    struct side a, b;
    struct dext_reg_diff *out;
    struct dext_reg_change *list;
    size_t cap;
};

static int reg_diff_by_key(const void *a, const void *b)
{
    const struct diff_key *x = a, *y = b;
    if (x->key != y->key) {
        return x->key < y->key ? -1 : 1;
    }
    return x->node < y->node ? -1 : x->node > y->node;
}

static void sort(struct diff_key *list, size_t count)
{
    if (count) {
        qsort(list, count, sizeof *list, reg_diff_by_key);
    }
}

static void find_ids(struct side *s)
{
    const struct dx_registry *reg = s->r->w.reg;
    for (uint32_t i = 0; i < reg->count; i++) {
        if (reg->nodes[i]->id && !reg->nodes[i]->same) {
            s->ids[s->id_count++] = (struct diff_key){reg->nodes[i]->id, i};
        }
    }
    sort(s->ids, s->id_count);
}

static uint64_t mix(uint64_t h, struct dx_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        h = (h ^ (unsigned char)s.p[i]) * 1099511628211U;
    }
    return (h ^ 0xff) * 1099511628211U; /* "ab" and "c" is not "a" and "bc" */
}

/* "IOUserServer(com.example.driver": an entry id follows, which another boot gives anew. */
static struct dx_str lasting_name(const struct dx_reg_node *n)
{
    struct dx_str s = n->name;
    while (dx_reg_is_server(n) && s.n && s.p[s.n - 1] != '-') {
        s.n--;
    }
    return s.n ? s : n->name;
}

/* The way from the root: names, locations and classes. Of several nodes with one way the first is
 * paired with the first, and so on. */
static void find_ways(struct side *s)
{
    const struct dx_registry *reg = s->r->w.reg;
    uint64_t *way = dx_calloc(&s->r->w.ctx->arena, reg->count, sizeof(uint64_t));
    for (uint32_t i = 0; i < reg->count; i++) {
        const struct dx_reg_node *n = reg->nodes[i];
        uint64_t h = n->parent ? way[n->parent->index] : 14695981039346656037U;
        way[i] = mix(mix(mix(h, lasting_name(n)), n->location), n->class_name);
        if (!n->same) {
            s->ways[s->way_count++] = (struct diff_key){way[i], i};
        }
    }
    sort(s->ways, s->way_count);
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

/* Walks two lists that are ordered by key, pair by pair. */
struct diff_walk {
    const struct diff_key *a, *b;
    size_t a_count, b_count;
};

static bool next_pair(struct diff_walk *w, const struct diff_key **x, const struct diff_key **y)
{
    while (w->a_count && w->b_count) {
        *x = w->a;
        *y = w->b;
        bool first = w->a->key <= w->b->key, second = w->b->key <= w->a->key;
        w->a += first;
        w->a_count -= first;
        w->b += second;
        w->b_count -= second;
        if (first && second) {
            return true;
        }
    }
    return false;
}

static void pair_up(struct diff *d, struct diff_walk w,
                    bool (*fits)(const struct dx_reg_node *a, const struct dx_reg_node *b))
{
    const struct diff_key *x, *y;
    while (next_pair(&w, &x, &y)) {
        bool taken = d->a.pair[x->node] || d->b.pair[y->node];
        if (!taken && fits(dx_reg_at(d->a.r, x->node), dx_reg_at(d->b.r, y->node))) {
            d->a.pair[x->node] = y->node + 1;
            d->b.pair[y->node] = x->node + 1;
        }
    }
}

static bool reg_diff_any(const struct dx_reg_node *a, const struct dx_reg_node *b)
{
    return a && b;
}

/* A line that is cut shows no id. */
static bool lack_ids(const struct dx_reg_node *a, const struct dx_reg_node *b)
{
    return (!a->id || !b->id) && same_class(a, b);
}

static struct diff_walk walk_ids(const struct diff *d)
{
    return (struct diff_walk){d->a.ids, d->b.ids, d->a.id_count, d->b.id_count};
}

static struct diff_walk walk_ways(const struct diff *d)
{
    return (struct diff_walk){d->a.ways, d->b.ways, d->a.way_count, d->b.way_count};
}

/* ---- one boot, or two ---------------------------------------------------------------------- */

static const char *other_build(const struct diff *d)
{
    static const char *const builds[] = {"OS Build Version", "IOKitBuildVersion"};
    const struct dx_reg_node *ra = d->a.r->w.reg->roots, *rb = d->b.r->w.reg->roots;
    for (size_t i = 0; i < sizeof builds / sizeof *builds; i++) {
        const char *x = dx_reg_string(&d->a.r->w, ra, builds[i]);
        const char *y = dx_reg_string(&d->b.r->w, rb, builds[i]);
        if (x && y && strcmp(x, y) != 0) {
            return dx_sprintf(&d->a.r->w.ctx->arena, "%s differs", builds[i]);
        }
    }
    return NULL;
}

static const char *id_text(const struct diff *d, const char *format, uint64_t a, uint64_t b)
{
    struct dx_buf text;
    dx_buf_init(&text, &d->a.r->w.ctx->arena, 256);
    dx_buf_printf(&text, "id 0x%" PRIx64 " %s", a, format);
    if (b) {
        dx_buf_printf(&text, " 0x%" PRIx64, b);
    }
    return text.p;
}

static const char *other_classes(const struct diff *d)
{
    struct diff_walk w = walk_ids(d);
    const struct diff_key *x, *y;
    size_t shared = 0;
    for (; next_pair(&w, &x, &y); shared++) {
        if (other_class(dx_reg_at(d->a.r, x->node), dx_reg_at(d->b.r, y->node))) {
            return id_text(d, "stands for objects of different classes", x->key, 0);
        }
    }
    return shared ? NULL : "they share no entry id";
}

/* An object that came after the other dump was taken has an id above all ids of that dump. One in
 * the place of another, neither of them newer, has been there since another boot. */
static const char *other_places(const struct diff *d)
{
    uint64_t last_a = d->a.ids[d->a.id_count - 1].key, last_b = d->b.ids[d->b.id_count - 1].key;
    struct diff_walk w = walk_ways(d);
    const struct diff_key *x, *y;
    while (next_pair(&w, &x, &y)) {
        const struct dx_reg_node *a = dx_reg_at(d->a.r, x->node), *b = dx_reg_at(d->b.r, y->node);
        if (!d->a.pair[x->node] && !d->b.pair[y->node] && a->id && b->id && a->id <= last_b &&
            b->id <= last_a) {
            return id_text(d, "has become", a->id, b->id);
        }
    }
    return NULL;
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
    text_delta(l, "name", lasting_name(a), lasting_name(b));
    text_delta(l, "location", a->location, b->location);
    bit_delta(l, a, b, DX_REG_KNOWN_REGISTERED, DX_REG_REGISTERED);
    bit_delta(l, a, b, DX_REG_KNOWN_MATCHED, DX_REG_MATCHED);
    bit_delta(l, a, b, DX_REG_KNOWN_ACTIVE, DX_REG_INACTIVE);
    if ((a->state & b->state & DX_REG_KNOWN_BUSY) && a->busy != b->busy) {
        add_delta(l, "busy", dx_sprintf(l->a, "%" PRIu32, a->busy),
                  dx_sprintf(l->a, "%" PRIu32, b->busy));
    }
}

/* What matching and starting leave on a node. The last two hold entry ids and process ids. */
static const char *const compared[] = {
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
#define COMPARED (sizeof compared / sizeof *compared)

static void property_deltas(struct deltas *l, const struct diff *d, const struct dx_reg_node *a,
                            const struct dx_reg_node *b)
{
    for (size_t i = 0; i < (d->out->by_id ? COMPARED : COMPARED - 2); i++) {
        struct dx_prop x = dx_node_prop(&d->a.r->w, a, compared[i]);
        struct dx_prop y = dx_node_prop(&d->b.r->w, b, compared[i]);
        if (x.unknown || y.unknown || (!x.value && !y.value)) {
            continue;
        }
        if (!x.value || !y.value || !dx_node_equal(x.value, y.value)) {
            add_delta(l, compared[i], x.value ? dx_value_text(l->a, x.value) : NULL,
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

static void reg_diff_compare(struct diff *d, const struct dx_reg_node *a,
                             const struct dx_reg_node *b)
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
            reg_diff_compare(d, n, dx_reg_at(d->b.r, d->a.pair[i] - 1));
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
    size_t count = r->w.reg->count;
    s->r = r;
    s->ids = dx_calloc(a, count, sizeof *s->ids);
    s->ways = dx_calloc(a, count, sizeof *s->ways);
    s->pair = dx_calloc(a, count, sizeof *s->pair);
    find_ids(s);
    find_ways(s);
}

/* Why ids do not pair the nodes, or NULL when they do, and have. */
static const char *pair_by_id(struct diff *d)
{
    const char *why = other_build(d);
    why = why ? why : other_classes(d);
    if (!why) {
        pair_up(d, walk_ids(d), reg_diff_any);
        pair_up(d, walk_ways(d), lack_ids);
        why = other_places(d);
    }
    return why;
}

const struct dext_reg_diff *dext_registry_diff(struct dext_registry *a, struct dext_registry *b)
{
    struct dx_arena *arena = &a->w.ctx->arena;
    struct diff d = {.out = dx_alloc(arena, sizeof *d.out)};
    open_side(&d.a, a);
    open_side(&d.b, b);
    const char *why = pair_by_id(&d);
    d.out->by_id = why == NULL;
    d.out->pairing = "paired by entry id: the dumps are of one boot, as far as their ids tell";
    if (why) {
        memset(d.a.pair, 0, a->w.reg->count * sizeof *d.a.pair);
        memset(d.b.pair, 0, b->w.reg->count * sizeof *d.b.pair);
        pair_up(&d, walk_ways(&d), same_class);
        d.out->pairing = dx_sprintf(arena,
                                    "paired by path: the dumps are of different boots, or parts "
                                    "that do not overlap (%s)",
                                    why);
    }
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
