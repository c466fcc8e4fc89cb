/* Two dumps and selectors, a NUL between them: nodes walked, driver extensions told, compared. An
 * archive is read by both of its readers, and they have to agree. Everything that comes back is
 * read, and what has to hold of any registry is checked. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/same_registry.h"
#include "dext/registry.h"

static volatile size_t sink;

static void read_text(const char *s)
{
    sink += s ? strlen(s) : 0;
}

static void hold(bool b)
{
    if (!b) {
        abort();
    }
}

static void read_node(const struct dext_reg_node *n)
{
    if (n) {
        read_text(n->name);
        read_text(n->location);
        read_text(n->class_name);
        read_text(n->ancestry);
        read_text(n->path);
        read_text(n->state);
        read_text(n->meaning);
    }
}

static void read_holders(const struct dext_reg_holders *h)
{
    for (size_t i = 0; i < h->driver_count; i++) {
        read_node(h->drivers[i].node);
        read_text(h->drivers[i].category);
        read_text(h->drivers[i].bundle_id);
    }
    for (size_t i = 0; i < h->client_count; i++) {
        read_node(h->clients[i].node);
        read_text(h->clients[i].creator);
    }
}

static void read_tree(struct dext_registry *r)
{
    const struct dext_reg_info *info = dext_registry_info(r);
    hold(info->objects >= 1 && info->objects <= info->nodes);
    for (size_t i = 0; i < info->nodes; i++) {
        const struct dext_reg_node *n = dext_registry_node(r, i);
        size_t count;
        read_node(n);
        hold(n->index == i && (n->parent == DEXT_REG_NONE || n->parent < i) &&
             (n->same == DEXT_REG_NONE || n->same < i));
        hold(n->depth ==
             (n->parent == DEXT_REG_NONE ? 0 : dext_registry_node(r, n->parent)->depth + 1));
        const struct dext_reg_property *p = dext_registry_properties(r, i, &count);
        for (size_t k = 0; k < count; k++) {
            read_text(p[k].key);
            hold(p[k].value == dext_registry_property(r, i, p[k].key, NULL) ||
                 strlen(p[k].key) == 0 || n->same != DEXT_REG_NONE || !p[k].value);
            read_text(p[k].value ? dext_registry_value_text(r, p[k].value) : NULL);
        }
        read_holders(dext_registry_holders(r, i));
    }
}

static void read_dexts(struct dext_registry *r)
{
    const struct dext_reg_dexts *d = dext_registry_dexts(r);
    for (size_t i = 0; i < d->count; i++) {
        const struct dext_reg_dext *e = &d->list[i];
        hold(e->service || e->server);
        read_node(e->service);
        read_node(e->provider);
        read_node(e->server);
        read_node(e->maker);
        read_text(e->name);
        read_text(e->bundle_id);
        read_text(e->server_name);
        read_text(e->category);
        read_text(e->process);
        read_text(e->attached_text);
        for (const char *const *n = e->notes; *n; n++) {
            read_text(*n);
        }
        for (size_t k = 0; k < e->competitor_count; k++) {
            read_node(e->competitors[k].node);
            hold(e->competitors[k].node != e->service);
        }
    }
    for (size_t i = 0; i < d->unserved_count; i++) {
        read_node(d->unserved[i].node);
        read_text(d->unserved[i].text);
        read_holders(d->unserved[i].holders);
    }
}

static void read_diff(struct dext_registry *a, struct dext_registry *b)
{
    const struct dext_reg_diff *d = dext_registry_diff(a, b);
    hold(d->count == d->added + d->removed + d->changed);
    hold(d->removed + d->changed + d->same == dext_registry_info(a)->objects);
    hold(d->added + d->changed + d->same == dext_registry_info(b)->objects);
    read_text(d->pairing);
    for (size_t i = 0; i < d->count; i++) {
        const struct dext_reg_change *c = &d->changes[i];
        hold((c->kind == DEXT_REG_ADDED) == (c->before == NULL) &&
             (c->kind == DEXT_REG_REMOVED) == (c->after == NULL));
        read_node(c->before);
        read_node(c->after);
        for (size_t k = 0; k < c->delta_count; k++) {
            read_text(c->deltas[k].what);
            read_text(c->deltas[k].before);
            read_text(c->deltas[k].after);
        }
    }
}

static void select_all(struct dext_registry *r, const char *s, const char *end)
{
    for (int i = 0; i < 16 && s < end; i++, s += strlen(s) + 1) {
        const size_t *found;
        size_t count;
        if (dext_registry_select(r, s, &found, &count) == DEXT_OK) {
            hold(count > 0);
            for (size_t k = 1; k < count; k++) {
                hold(found[k - 1] < found[k]);
            }
        }
    }
}

/* What it gave is compared with itself and nothing may differ. */
static void same_again(struct dext_ctx *ctx, struct dext_registry *a, const char *data, size_t size)
{
    struct dext_registry *again;
    hold(dext_registry_parse(&again, ctx, "again.txt", data, size) == DEXT_OK);
    hold(dext_registry_diff(a, again)->count == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dext_limits limits = DEXT_LIMITS_DEFAULT;
    limits.plist_nodes = 20000;
    struct dext_ctx *ctx = dext_ctx_new(&limits);
    char *text = malloc(size + 1);
    hold(text != NULL);
    if (size) {
        memcpy(text, data, size);
    }
    text[size] = 0;
    /* What is binary is one dump. */
    size_t first = size >= 6 && memcmp(text, "bplist", 6) == 0 ? size : strlen(text);
    const char *second = text + first, *third;
    second += second < text + size;
    third = second + strnlen(second, (size_t)(text + size - second));
    third += third < text + size;
    struct dext_registry *a, *b;
    hold(difference(text, first, &limits) == NULL);
    if (dext_registry_parse(&a, ctx, "a.txt", text, first) == DEXT_OK) {
        read_tree(a);
        read_dexts(a);
        select_all(a, third, text + size);
        same_again(ctx, a, text, first);
        if (dext_registry_parse(&b, ctx, "b.txt", second, strlen(second)) == DEXT_OK) {
            read_diff(a, b);
        }
    }
    free(text);
    dext_ctx_free(ctx);
    return 0;
}
