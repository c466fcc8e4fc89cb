/* registry_read.h: inside of registry.h: what the readers share. */
#ifndef DX_IOKIT_REGISTRY_READ_H
#define DX_IOKIT_REGISTRY_READ_H

#include "iokit/registry.h"

struct dx_reg_builder {
    struct dext_ctx *ctx;
    struct dx_registry *reg;
    size_t cap;
    struct dx_reg_node *last_root;
    struct dx_reg_node *before;      /* the sibling before the node that was added last, or NULL */
    struct dx_reg_node **last_child; /* by index of the parent */
    size_t last_cap;
    bool no_plain;        /* archives: by libxml2 alone */
    struct dx_feed *feed; /* the source is filled by it, or NULL: all is there */
};

/* A new node below parent (NULL: a root), at the end of its children. */
struct dx_reg_node *dx_reg_add(struct dx_reg_builder *b, struct dx_reg_node *parent);

/* Takes the node out again that was added last; it has no children. A node that has some stays. */
void dx_reg_drop(struct dx_reg_builder *b, struct dx_reg_node *n);

/* Takes everything back that was read since *before was copied from *b and *reg from *b->reg. What
 * it took from the arena can be given back then. */
void dx_reg_take_back(struct dx_reg_builder *b, const struct dx_reg_builder *before,
                      const struct dx_registry *reg);

/* dx_registry_read; plain false: the short way through archives (xml_plain.c) is not tried. Both
 * give the same, and there are tests that look. */
int dx_registry_read_by(struct dx_registry **out, struct dext_ctx *ctx, const struct dx_source *src,
                        bool plain);

/* dx_registry_read of a file, of which a plain archive is never in memory as a whole. */
int dx_registry_read_feed(struct dx_registry **out, struct dext_ctx *ctx, struct dx_feed *feed);

/* Once all nodes are there: an object with several parents is printed below each of them. */
void dx_reg_find_repeats(struct dext_ctx *ctx, struct dx_registry *r);

/* ioreg_escaped.c: text as the source of a page has it ("+-o Root  &lt;class ..."), without its
 * tags and entities; lines stay where they are. false: src is none, and out was not touched. */
bool dx_reg_unescape(struct dx_source *out, struct dext_ctx *ctx, const struct dx_source *src);

/* ioreg_text.c, ioreg_archive.c. Errors: DEXT_E_LIMIT; what cannot be read is counted in reg->lost.
 */
int dx_reg_read_text(struct dx_reg_builder *b);
int dx_reg_read_archive(struct dx_reg_builder *b);

/* The keys that ioreg itself adds to the properties of a node. */
enum dx_reg_own {
    DX_OWN_NOT,
    DX_OWN_NAME,
    DX_OWN_LOCATION,
    DX_OWN_CLASS,
    DX_OWN_ID,
    DX_OWN_RETAIN,
    DX_OWN_BUSY,
    DX_OWN_BUSY_TIME,
    DX_OWN_STATE,
    DX_OWN_CHILDREN,
};
enum dx_reg_own dx_reg_own_key(struct dx_str key);

/* Puts such a key's value into the node; false for DX_OWN_NOT. */
bool dx_reg_set_own(struct dx_reg_node *n, enum dx_reg_own own, enum dext_kind kind,
                    struct dx_str text, uint64_t number);

/* ioreg_stream.c: one XML document; line: lines of the file before it. Returns why not all of it
 * could be read, or NULL. src must outlive the registry. */
const char *dx_reg_stream(struct dx_reg_builder *b, const struct dx_source *src, unsigned line);
/* All of b->feed, when that is one plain document; false: nothing was read. */
bool dx_reg_stream_feed(struct dx_reg_builder *b);
/* Properties alone: src is a property list whose dictionary holds those of n, and must outlive the
 * registry. One reader serves any number of nodes. false: not all of it could be read. */
struct dx_reg_props;
struct dx_reg_props *dx_reg_props_new(struct dx_reg_builder *b);
bool dx_reg_props_read(struct dx_reg_props *r, struct dx_reg_node *n, const struct dx_source *src);

/* ioreg_saved.c: what IORegistryExplorer saves. false: src is no such file, and nothing was read.
 * *why: what could not be read of it, or NULL. src must outlive the registry. */
bool dx_reg_read_saved(struct dx_reg_builder *b, const struct dx_source *src, const char **why);

/* ioreg_archive.c: where the next document of a file begins after p, or end. */
const char *dx_reg_next_document(const char *p, const char *end);
const struct dext_node *dx_reg_archive_value(struct dext_ctx *ctx, const struct dx_registry *r,
                                             const struct dx_reg_prop *p);

/* ioreg_value.c: a property's value in ioreg's notation, or NULL when it is none. */
const struct dext_node *dx_reg_parse(struct dext_ctx *ctx, struct dx_str key, struct dx_str raw);

#endif
