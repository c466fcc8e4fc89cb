/* match_session.h: a session of the simulator: one dump, many personalities. */
#ifndef DX_IOKIT_MATCH_SESSION_H
#define DX_IOKIT_MATCH_SESSION_H

#include "iokit/match.h"

struct dext_match {
    struct dext_ctx *ctx;
    struct dx_registry *reg; /* NULL until a dump was read */
    struct dx_world world;
    struct dx_mp **list;
    size_t count, cap;
};

/* A node by id, name, name@location, class or VENDOR:PRODUCT: the n-th (from 0) that the best way
 * of naming finds, counted over the whole dump. Fills at most max; returns how many there are. */
size_t dx_select(const struct dext_match *m, const char *selector, const struct dx_reg_node **out,
                 size_t max);

/* Of the nodes called selector the first that a driver of the family can stand on, else the first;
 * NULL: there is none. */
const struct dx_reg_node *dx_select_for(const struct dext_match *m, const char *selector,
                                        const char *family);

/* No such node: says so, with the nearest name. */
int dx_no_node(const struct dext_match *m, const char *selector);

#endif
