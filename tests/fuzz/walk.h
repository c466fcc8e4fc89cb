/* walk.h: reads a property list from bytes and looks at every node through the public API. */
#ifndef FUZZ_WALK_H
#define FUZZ_WALK_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dext/dext.h"

static volatile size_t sink;

static inline void walk_place(struct dext_place at, size_t size)
{
    if (at.length && (at.offset > size || at.length > size - at.offset || !at.line)) {
        abort();
    }
}

static inline size_t walk_node(const struct dext_node *n, size_t size, unsigned depth)
{
    size_t count = 1;
    if (depth > 600) {
        abort(); /* deeper than the limit */
    }
    walk_place(dext_node_place(n), size);
    walk_place(dext_node_key_place(n), size);
    sink += strlen(dext_node_text(n)) + (size_t)dext_node_integer(n) + dext_node_bool(n);
    sink += strlen(dext_kind_name(dext_node_kind(n)));
    sink += dext_node_key(n) ? strlen(dext_node_key(n)) : 0;
    for (const struct dext_node *c = dext_node_child(n); c; c = dext_node_next(c)) {
        count += walk_node(c, size, depth + 1);
    }
    return count;
}

/* Bytes are copied without a NUL, so that a read past the end is seen. */
static inline void walk_bytes(const uint8_t *data, size_t size)
{
    struct dext_limits limits = {.size = sizeof limits, .plist_nodes = 200000};
    struct dext_ctx *ctx = dext_ctx_new(&limits);
    struct dext_plist *pl = NULL;
    struct dext_place at;
    char *copy = malloc(size ? size : 1);
    if (!copy) {
        abort();
    }
    memcpy(copy, data, size);
    int rc = dext_plist_parse(&pl, ctx, "input", copy, size);
    free(copy);
    if (rc != DEXT_OK && !dext_ctx_error(ctx)) {
        abort(); /* a failure without a reason */
    }
    if (rc == DEXT_OK && dext_plist_root(pl)) {
        sink += walk_node(dext_plist_root(pl), size, 0);
        sink += dext_node_at(dext_plist_root(pl), "IOKitPersonalities/Driver/IOClass") != NULL;
        sink += dext_node_at(dext_plist_root(pl), "objects/0/buildSettings") != NULL;
    }
    for (size_t i = 0; rc == DEXT_OK && dext_plist_problem(pl, i, &at); i++) {
        walk_place(at, size);
    }
    dext_ctx_free(ctx);
}

#endif
