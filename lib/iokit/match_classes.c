#include "iokit/match_classes.h"

#include <stdlib.h>
#include <string.h>

static size_t match_classes_hash(struct dx_str s)
{
    uint64_t h = 14695981039346656037U;
    for (size_t i = 0; i < s.n; i++) {
        h = (h ^ (unsigned char)s.p[i]) * 1099511628211U;
    }
    return (size_t)(h ^ h >> 32) % DX_CLASS_BUCKETS;
}

static bool shows_service(const struct dx_reg_node *n)
{
    return n->state & (DX_REG_KNOWN_REGISTERED | DX_REG_KNOWN_MATCHED | DX_REG_KNOWN_ACTIVE);
}

/* Most USB personalities name another vendor than the device's, and no combination of keys survives
 * that (compare_keys in match_usb.c): told without looking further. */
static bool needs_vendor(const struct dx_mp *mp, int matcher)
{
    return mp->has_vendor && (matcher == KB_KERNEL_CLASS_MATCHER_USB_DEVICE ||
                              matcher == KB_KERNEL_CLASS_MATCHER_USB_INTERFACE);
}

static void find_candidates(const struct dext_match *m, struct dx_node_class *c,
                            const struct dx_reg_node *n)
{
    for (size_t i = 0; i < m->count; i++) {
        enum dx_reg_is is = dx_match_candidate(m->list[i], n);
        if (is != DX_REG_NO) {
            const struct dx_mp *mp = m->list[i];
            int matcher = dx_matcher_for(mp, n);
            *DX_PUSH(&m->ctx->arena, c->list, c->count, c->cap) = (struct dx_candidate){
                (uint32_t)i, matcher, is == DX_REG_UNSURE, needs_vendor(mp, matcher), mp->vendor};
        }
    }
}

struct by_vendor {
    int64_t vendor;
    uint32_t place;
};

static int vendor_order(const void *a, const void *b)
{
    const struct by_vendor *x = a, *y = b;
    return x->vendor != y->vendor ? (x->vendor > y->vendor) - (x->vendor < y->vendor)
                                  : (x->place > y->place) - (x->place < y->place);
}

/* A thousand personalities of one class rarely name one vendor. */
static void index_vendors(struct dx_arena *a, struct dx_node_class *c)
{
    struct by_vendor *order = dx_calloc(a, c->count + 1, sizeof *order);
    size_t others = 0;
    c->by_vendor = dx_calloc(a, c->count + 1, sizeof *c->by_vendor);
    c->others = dx_calloc(a, c->count + 1, sizeof *c->others);
    for (size_t i = 0; i < c->count; i++) {
        if (c->list[i].has_vendor) {
            order[c->vendors++] = (struct by_vendor){c->list[i].vendor, (uint32_t)i};
        } else {
            c->others[others++] = (uint32_t)i;
        }
    }
    if (c->vendors) {
        qsort(order, c->vendors, sizeof *order, vendor_order);
    }
    for (size_t i = 0; i < c->vendors; i++) {
        c->by_vendor[i] = order[i].place;
    }
}

struct dx_node_class *dx_node_class_of(struct dx_node_classes *all, const struct dx_reg_node *n)
{
    bool service = shows_service(n);
    struct dx_node_class **at = &all->bucket[match_classes_hash(n->class_name)];
    for (struct dx_node_class *c = *at; c; c = c->next) {
        if (c->service == service && dx_str_eq(c->name, n->class_name) &&
            dx_str_eq(c->chain, n->chain)) {
            return c;
        }
    }
    struct dx_node_class *c = dx_alloc(&all->m->ctx->arena, sizeof *c);
    *c = (struct dx_node_class){
        .name = n->class_name, .chain = n->chain, .service = service, .next = *at};
    *at = c;
    find_candidates(all->m, c, n);
    index_vendors(&all->m->ctx->arena, c);
    return c;
}

void dx_node_classes_count(const struct dx_node_classes *all)
{
    for (size_t i = 0; i < DX_CLASS_BUCKETS; i++) {
        for (const struct dx_node_class *c = all->bucket[i]; c; c = c->next) {
            for (size_t k = 0; k < c->count; k++) {
                all->m->list[c->list[k].mp]->pub.candidates += c->list[k].unsure ? 0 : c->nodes;
            }
        }
    }
}

size_t dx_node_class_vendor(const struct dx_node_class *c, int64_t vendor)
{
    size_t from = 0, to = c->vendors;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (c->list[c->by_vendor[mid]].vendor < vendor) {
            from = mid + 1;
        } else {
            to = mid;
        }
    }
    return from;
}
