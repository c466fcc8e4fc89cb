/* Who stands on a node. A driver that the kernel started carries IOMatchCategory, explicit even
 * when its personality names none (xnu, IOService.cpp, probeCandidates); a user client carries
 * IOUserClientCreator, "pid N, name" (IOUserClient.cpp). */
#include "iokit/reg_view.h"

#include <string.h>

struct lists {
    struct dext_registry *r;
    struct dext_reg_driver *drivers;
    struct dext_reg_client *clients;
    size_t *others;
    size_t driver_cap, client_cap, other_cap;
    struct dext_reg_holders *out;
};

static void add_driver(struct lists *l, const struct dx_reg_node *n, const char *category)
{
    const struct dx_world *w = &l->r->w;
    uint64_t score;
    struct dext_reg_driver *d =
        DX_PUSH(&w->ctx->arena, l->drivers, l->out->driver_count, l->driver_cap);
    *d = (struct dext_reg_driver){
        .node = dx_reg_view(l->r, n),
        .category = category,
        .bundle_id = dx_reg_string(w, n, "CFBundleIdentifier"),
        .is_dext = dx_node_prop(w, n, "IOUserServerName").value != NULL,
        .has_score = dx_reg_number(w, n, "IOProbeScore", &score),
    };
    l->out->dext_count += d->is_dext;
    d->score = d->has_score ? (int32_t)(uint32_t)score : 0; /* 32 bits in the kernel */
}

static void add_child(struct lists *l, const struct dx_reg_node *n)
{
    const struct dx_world *w = &l->r->w;
    struct dx_arena *a = &w->ctx->arena;
    const char *category = dx_reg_string(w, n, "IOMatchCategory");
    if (category && dx_reg_drives(l->r, n, n->parent)) {
        add_driver(l, n, category);
        return;
    }
    enum dext_known client = dx_reg_is_server(n) ? DEXT_NO : dx_reg_is_client(w, n);
    if (client == DEXT_YES) {
        *DX_PUSH(a, l->clients, l->out->client_count, l->client_cap) = (struct dext_reg_client){
            dx_reg_view(l->r, n), dx_reg_string(w, n, "IOUserClientCreator")};
        return;
    }
    *DX_PUSH(a, l->others, l->out->other_count, l->other_cap) = n->index;
    l->out->unknown |= dx_node_prop(w, n, "IOMatchCategory").unknown;
}

const struct dext_reg_holders *dext_registry_holders(struct dext_registry *r, size_t index)
{
    static const struct dext_reg_holders none;
    if (index >= r->w.reg->count || dx_reg_at(r, index)->same) {
        return &none;
    }
    if (!r->holders[index]) {
        struct lists l = {.r = r, .out = dx_alloc(&r->w.ctx->arena, sizeof *l.out)};
        for (const struct dx_reg_node *c = dx_reg_at(r, index)->child; c; c = c->next) {
            add_child(&l, c);
        }
        l.out->owner = dx_reg_string(&r->w, dx_reg_at(r, index), "UsbExclusiveOwner");
        l.out->drivers = l.drivers;
        l.out->clients = l.clients;
        l.out->others = l.others;
        r->holders[index] = l.out;
        dx_reg_remember(r->w.ctx, r->w.reg, &r->holders[index]);
    }
    return r->holders[index];
}
