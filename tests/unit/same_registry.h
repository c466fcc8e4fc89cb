/* same_registry.h: two readings of one registry archive, with and without the short way through
 * plain XML, compared in all that a reader can fill in. */
#ifndef TEST_SAME_REGISTRY_H
#define TEST_SAME_REGISTRY_H

#include <stdlib.h>
#include <string.h>

#include "iokit/registry_read.h"

static inline bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static inline size_t number_of(const struct dx_reg_node *n)
{
    return n ? n->index : SIZE_MAX;
}

/* What stands ready parsed comes from the tree reader, which knows one way only. */
static inline bool same_properties(const struct dx_reg_node *a, const struct dx_reg_node *b)
{
    for (uint32_t i = 0; i < a->prop_count && a->prop_count == b->prop_count; i++) {
        const struct dx_reg_prop *p = &a->props[i], *q = &b->props[i];
        if (!dx_str_eq(p->key, q->key) || !dx_str_eq(p->raw, q->raw) || p->kind != q->kind ||
            p->xml != q->xml || p->clipped != q->clipped || !p->value != !q->value) {
            return false;
        }
    }
    return a->prop_count == b->prop_count;
}

static inline bool same_node(const struct dx_reg_node *a, const struct dx_reg_node *b)
{
    return dx_str_eq(a->name, b->name) && dx_str_eq(a->location, b->location) &&
           dx_str_eq(a->class_name, b->class_name) && dx_str_eq(a->chain, b->chain) &&
           a->id == b->id && a->state == b->state && a->busy == b->busy && a->retain == b->retain &&
           a->line == b->line && a->index == b->index &&
           number_of(a->parent) == number_of(b->parent) &&
           number_of(a->child) == number_of(b->child) && number_of(a->next) == number_of(b->next) &&
           number_of(a->same) == number_of(b->same);
}

/* NULL, or what differs between two registries, which reading answered with rc. */
static inline const char *differs(const struct dx_registry *a, const struct dext_ctx *x, int rc_a,
                                  const struct dx_registry *b, const struct dext_ctx *y, int rc_b)
{
    const char *what = NULL;
    if (rc_a != rc_b) {
        return "the answer";
    }
    if (!same_text(dext_ctx_error(x), dext_ctx_error(y))) {
        return "the error";
    }
    if (a->count != b->count || number_of(a->roots) != number_of(b->roots)) {
        return "the number of nodes";
    }
    if (a->lost != b->lost || !same_text(a->reason, b->reason)) {
        return "what is lost";
    }
    if (a->format != b->format || a->clipped != b->clipped || a->chains != b->chains ||
        a->fragment != b->fragment) {
        return "the kind of dump";
    }
    for (size_t i = 0; !what && i < a->count; i++) {
        what = !same_node(a->nodes[i], b->nodes[i])         ? "a node"
               : !same_properties(a->nodes[i], b->nodes[i]) ? "a node's properties"
                                                            : NULL;
    }
    return what;
}

/* NULL, or what differs between the two ways of reading size bytes. limits: NULL for the default.
 */
static inline const char *difference(const char *data, size_t size,
                                     const struct dext_limits *limits)
{
    struct dext_ctx *x = dext_ctx_new(limits), *y = dext_ctx_new(limits);
    struct dx_source src = dx_source_bytes("dump", data, size);
    struct dx_registry *a, *b;
    int rc_a = dx_registry_read_by(&a, x, &src, true);
    int rc_b = dx_registry_read_by(&b, y, &src, false);
    const char *what = differs(a, x, rc_a, b, y, rc_b);
    dext_ctx_free(x);
    dext_ctx_free(y);
    return what;
}

#endif
