/* registry_read.h: inside of registry.h: what the readers share. */
#ifndef DX_IOKIT_REGISTRY_READ_H
#define DX_IOKIT_REGISTRY_READ_H

#include "iokit/registry.h"

struct dx_reg_builder {
    struct dext_ctx *ctx;
    struct dx_registry *reg;
    size_t cap;
    struct dx_reg_node *last_root;
    struct dx_reg_node **last_child; /* by index of the parent */
    size_t last_cap;
};

/* A new node below parent (NULL: a root), at the end of its children. */
struct dx_reg_node *dx_reg_add(struct dx_reg_builder *b, struct dx_reg_node *parent);

/* Once all nodes are there: an object with several parents is printed below each of them. */
void dx_reg_find_repeats(struct dext_ctx *ctx, struct dx_registry *r);

/* ioreg_text.c, ioreg_archive.c. Errors: DEXT_E_LIMIT; what cannot be read is counted in reg->lost.
 */
int dx_reg_read_text(struct dx_reg_builder *b);
int dx_reg_read_archive(struct dx_reg_builder *b);

/* ioreg_value.c: a property's value in ioreg's notation, or NULL when it is none. */
const struct dext_node *dx_reg_parse(struct dext_ctx *ctx, struct dx_str key, struct dx_str raw);

#endif
