/* Driver extensions in a dump. A service whose personality has IOUserServerName is one (xnu,
 * IOService.cpp, probeCandidates); its process is a node IOUserServer(NAME-0xTAG), where the tag is
 * the entry id of the service it was launched for (IOUserServer.cpp). The two are joined by entry
 * id where the dump shows one, else by the server's name. */
#include "iokit/reg_dexts.h"

#include <stdlib.h>
#include <string.h>

/* A connection to a driver, which it makes itself: it inherits the driver's IOUserServerName. */
#define USER_CLIENT "IOUserUserClient"

/* ---- entry ids and server names ------------------------------------------------------------- */

static int reg_dexts_by_id(const void *a, const void *b)
{
    const struct dx_reg_node *const *x = a, *const *y = b;
    return (*x)->id < (*y)->id ? -1 : (*x)->id > (*y)->id;
}

static void index_ids(struct dx_dexts *d)
{
    const struct dx_registry *reg = d->r->w.reg;
    d->ids = dx_calloc(&d->r->w.ctx->arena, reg->count, sizeof(struct dx_reg_node *));
    for (size_t i = 0; i < reg->count; i++) {
        if (reg->nodes[i]->id && !reg->nodes[i]->same) {
            d->ids[d->id_count++] = reg->nodes[i];
        }
    }
    if (d->id_count) {
        qsort(d->ids, d->id_count, sizeof(struct dx_reg_node *), reg_dexts_by_id);
    }
}

static const struct dx_reg_node *with_id(const struct dx_dexts *d, uint64_t id)
{
    size_t lo = 0, hi = d->id_count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (d->ids[mid]->id == id) {
            return d->ids[mid];
        }
        if (d->ids[mid]->id < id) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return NULL;
}

static int reg_dexts_by_name(const void *a, const void *b)
{
    const struct dx_server *x = a, *y = b;
    int c = dx_str_cmp(x->name, y->name);
    return c ? c : x->node->index < y->node->index ? -1 : x->node->index > y->node->index;
}

/* "IOUserServer(com.example.driver-0x1000004a1)": the name may hold "-" itself. */
static void parse_name(struct dx_server *s)
{
    struct dx_str n = s->node->name;
    bool negative;
    if (!dx_str_has_prefix(n, "IOUserServer(") || !dx_str_has_suffix(n, ")")) {
        return;
    }
    n = (struct dx_str){n.p + 13, n.n - 14};
    for (size_t i = n.n; i-- > 0;) {
        if (dx_str_has_prefix((struct dx_str){n.p + i, n.n - i}, "-0x")) {
            struct dx_str tag = {n.p + i + 1, n.n - i - 1};
            s->tag = dx_parse_integer(tag, &s->tag, &negative) ? s->tag : 0;
            s->name = (struct dx_str){n.p, i};
            return;
        }
    }
}

static void add_server(struct dx_dexts *d, const struct dx_reg_node *n)
{
    const struct dx_world *w = &d->r->w;
    struct dx_server s = {.node = n, .name = DX_STR("")};
    uint64_t tag;
    parse_name(&s);
    const char *name = dx_reg_string(w, n, "IOUserServerName");
    s.name = name ? dx_str(name) : s.name;
    s.tag = dx_reg_number(w, n, "IOUserServerTag", &tag) ? tag : s.tag;
    s.hosted = dx_node_prop(w, n, "IOAssociatedServices").value;
    *DX_PUSH(&w->ctx->arena, d->servers, d->server_count, d->server_cap) = s;
}

/* ---- services ------------------------------------------------------------------------------ */

static struct dx_dext *reg_dexts_add_entry(struct dx_dexts *d, const struct dx_reg_node *n)
{
    if (n && d->slot[n->index]) {
        return &d->list[d->slot[n->index] - 1];
    }
    struct dx_dext *e = DX_PUSH(&d->r->w.ctx->arena, d->list, d->count, d->cap);
    *e = (struct dx_dext){.service = n, .provider = n ? n->parent : NULL};
    if (n) {
        d->slot[n->index] = (uint32_t)d->count;
    }
    return e;
}

static void find_nodes(struct dx_dexts *d)
{
    const struct dx_registry *reg = d->r->w.reg;
    for (size_t i = 0; i < reg->count; i++) {
        const struct dx_reg_node *n = reg->nodes[i];
        if (n->same) {
            continue;
        }
        if (dx_reg_is_server(n)) {
            add_server(d, n);
        } else if (dx_reg_prop(n, "IOUserServerName") && !dx_str_is(n->class_name, USER_CLIENT)) {
            (void)reg_dexts_add_entry(d, n);
            const char *name = dx_reg_string(&d->r->w, n, "IOUserServerName");
            if (name) {
                *DX_PUSH(&d->r->w.ctx->arena, d->names, d->name_count, d->name_cap) = name;
            }
        }
    }
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A service names this server. */
static bool reg_dexts_is_wanted(const struct dx_dexts *d, struct dx_str name)
{
    size_t lo = 0, hi = d->name_count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int c = dx_str_cmp(dx_str(d->names[mid]), name);
        if (c == 0) {
            return true;
        }
        if (c < 0) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return false;
}

static bool join_id(struct dx_dexts *d, const struct dx_server *s, uint64_t id, bool listed)
{
    const struct dx_reg_node *n = id ? with_id(d, id) : NULL;
    if (!n || dx_reg_is_server(n)) {
        return false;
    }
    struct dx_dext *e = reg_dexts_add_entry(d, n);
    e->server = s;
    e->listed |= listed;
    return true;
}

static void join_server(struct dx_dexts *d, const struct dx_server *s)
{
    bool any = false;
    uint64_t id;
    if (s->hosted && s->hosted->kind == DEXT_ARRAY) {
        for (const struct dext_node *c = s->hosted->child; c; c = c->next) {
            any |= dx_number(c, &id) && join_id(d, s, id, true);
        }
    }
    any |= join_id(d, s, s->tag, false);
    any = any || reg_dexts_is_wanted(d, s->name);
    if (!any) {
        struct dx_dext *e = reg_dexts_add_entry(d, NULL);
        e->server = s;
        e->tag = s->tag;
    }
}

/* Of services that no server claims by id: the server of that name, if there is but one. */
static void join_name(struct dx_dexts *d, struct dx_dext *e)
{
    const char *name =
        e->service && !e->server ? dx_reg_string(&d->r->w, e->service, "IOUserServerName") : NULL;
    size_t lo = 0, hi = d->server_count;
    while (name && lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (dx_str_cmp(d->servers[mid].name, dx_str(name)) < 0) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    while (name && lo < d->server_count && e->named < 2 && dx_str_is(d->servers[lo].name, name)) {
        e->server = e->named++ ? NULL : &d->servers[lo];
        lo++;
    }
}

/* p, or the object printed there again, is of the same driver as n: it made n. */
static bool is_maker(const struct dx_dexts *d, const struct dx_reg_node *p,
                     const struct dx_reg_node *n)
{
    p = p->same ? p->same : p;
    const char *name = d->slot[p->index] ? dx_reg_string(&d->r->w, p, "IOUserServerName") : NULL;
    const char *own = name ? dx_reg_string(&d->r->w, n, "IOUserServerName") : NULL;
    return own && strcmp(name, own) == 0;
}

/* How well a parent fits as the provider: the class that the personality asked for, or the object
 * that made this one. */
static int fitness(const struct dx_dexts *d, const struct dx_reg_node *p,
                   const struct dx_reg_node *n)
{
    const char *cls = dx_reg_string(&d->r->w, n, "IOProviderClass");
    return cls && dx_reg_is_a(p, cls) == DX_REG_YES ? 2 : is_maker(d, p, n);
}

/* Of an object that is printed below several parents one is the provider. */
static void find_providers(struct dx_dexts *d)
{
    const struct dx_registry *reg = d->r->w.reg;
    for (size_t i = 0; i < reg->count; i++) {
        const struct dx_reg_node *n = reg->nodes[i];
        uint32_t slot = n->same ? d->slot[n->same->index] : 0;
        struct dx_dext *e = slot && n->parent ? &d->list[slot - 1] : NULL;
        if (e &&
            (!e->provider || fitness(d, n->parent, n->same) > fitness(d, e->provider, n->same))) {
            e->provider = n->parent;
        }
    }
    for (size_t i = 0; i < d->count; i++) {
        struct dx_dext *e = &d->list[i];
        if (e->provider && is_maker(d, e->provider, e->service)) {
            e->maker = e->provider->same ? e->provider->same : e->provider;
        } else if (e->provider && !dx_reg_drives(d->r, e->service, e->provider)) {
            e->provider = NULL; /* it hangs there in another plane */
        }
    }
}

static int reg_dexts_by_place(const void *a, const void *b)
{
    const struct dx_dext *x = a, *y = b;
    const struct dx_reg_node *m = x->service ? x->service : x->server->node;
    const struct dx_reg_node *n = y->service ? y->service : y->server->node;
    if (!x->service != !y->service) {
        return x->service ? -1 : 1; /* processes without a service come last */
    }
    return m->index < n->index ? -1 : m->index > n->index;
}

static void fill_slots(struct dx_dexts *d)
{
    if (d->count) {
        qsort(d->list, d->count, sizeof *d->list, reg_dexts_by_place);
    }
    for (size_t i = 0; i < d->count; i++) {
        if (d->list[i].service) {
            d->slot[d->list[i].service->index] = (uint32_t)i + 1;
        }
    }
}

const struct dext_reg_dexts *dext_registry_dexts(struct dext_registry *r)
{
    if (r->dexts) {
        return r->dexts;
    }
    struct dx_dexts *d = dx_alloc(&r->w.ctx->arena, sizeof *d);
    d->r = r;
    d->slot = dx_calloc(&r->w.ctx->arena, r->w.reg->count, sizeof(uint32_t));
    index_ids(d);
    find_nodes(d);
    if (d->server_count) {
        qsort(d->servers, d->server_count, sizeof *d->servers, reg_dexts_by_name);
    }
    if (d->name_count) {
        qsort(d->names, d->name_count, sizeof(const char *), compare_names);
    }
    for (size_t i = 0; i < d->server_count; i++) {
        join_server(d, &d->servers[i]);
    }
    for (size_t i = 0; i < d->count; i++) {
        join_name(d, &d->list[i]);
    }
    find_providers(d);
    fill_slots(d);
    r->dexts = dx_dexts_tell(d);
    return r->dexts;
}
