/* reg_view.h: inside of dext/registry.h. The public records are made when somebody asks for them:
 * most of a large dump is never looked at. */
#ifndef DX_IOKIT_REG_VIEW_H
#define DX_IOKIT_REG_VIEW_H

#include "dext/registry.h"
#include "iokit/match.h"

struct dext_registry {
    struct dx_world w;
    struct dext_reg_info info;
    struct dext_reg_node **nodes;       /* by number, NULL until asked for */
    struct dext_reg_holders **holders;  /* likewise */
    const struct dext_reg_dexts *dexts; /* likewise */
    struct dx_reg_scratch scratch;
};

/* reg_open.c: the dump in a file; of a sysdiagnose (folder or archive) that in ioreg/IOService.txt.
 * Errors: DEXT_E_IO, DEXT_E_FORMAT, DEXT_E_LIMIT. */
int dx_registry_open(struct dx_registry **out, struct dext_ctx *ctx, const char *path);

/* A registry that was read becomes a public one. */
struct dext_registry *dx_registry_wrap(struct dext_ctx *ctx, struct dx_registry *reg);

static inline const struct dx_reg_node *dx_reg_at(const struct dext_registry *r, size_t index)
{
    return r->w.reg->nodes[index];
}

/* The public record of a node; NULL for NULL. */
const struct dext_reg_node *dx_reg_view(struct dext_registry *r, const struct dx_reg_node *n);

/* "/J1AP/AppleARMPE/AcmeDevice@14100000", in the arena. */
const char *dx_reg_path(struct dx_arena *a, const struct dx_reg_node *n);

/* A property that is a string, or NULL; one that is a number. */
const char *dx_reg_string(const struct dx_world *w, const struct dx_reg_node *n, const char *key);
bool dx_reg_number(const struct dx_world *w, const struct dx_reg_node *n, const char *key,
                   uint64_t *out);

/* c, which has a match category, may be a driver of its parent n. In other planes than IOService
 * drivers hang elsewhere, and an object with several parents is printed below each: so the class
 * that c asks for decides, as far as it is known. */
bool dx_reg_drives(const struct dext_registry *r, const struct dx_reg_node *c,
                   const struct dx_reg_node *n);

/* The node is an IOUserServer: a driver extension's process. */
bool dx_reg_is_server(const struct dx_reg_node *n);

/* The node is a user client; UNKNOWN when neither its properties nor its class tell. */
enum dext_known dx_reg_is_client(const struct dx_world *w, const struct dx_reg_node *n);

/* ---- select.c: nodes that a selector names --------------------------------------------------- */

enum dx_way {
    DX_BY_ID,
    DX_BY_NAME,
    DX_BY_PLACE,
    DX_BY_USER_CLASS,
    DX_BY_CLASS,
    DX_BY_ANCESTRY,
    DX_BY_BUNDLE,
    DX_BY_PROPERTY,
    DX_WAYS
};

/* The first way before end that finds something counts; NULL in out: only counted. Fills at most
 * max; returns how many there are. */
size_t dx_select_word(const struct dx_world *w, const char *word, enum dx_way end,
                      const struct dx_reg_node **out, size_t max);

/* The same for "VENDOR:PRODUCT". max is not 0. */
size_t dx_select_pair(const struct dx_world *w, const char *pair, const struct dx_reg_node **out,
                      size_t max);

/* The name of a node that is nearest to what was typed, or NULL. */
const char *dx_select_nearest(const struct dx_world *w, const char *typed);

#endif
