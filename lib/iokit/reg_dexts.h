/* reg_dexts.h: driver extensions while they are collected: reg_dexts.c finds services and
 * processes, reg_dext_state.c says what state they are in. */
#ifndef DX_IOKIT_REG_DEXTS_H
#define DX_IOKIT_REG_DEXTS_H

#include "iokit/reg_view.h"

/* A driver extension's process. */
struct dx_server {
    const struct dx_reg_node *node;
    struct dx_str name;
    uint64_t tag;                   /* entry id of the service it was launched for, 0: not shown */
    const struct dext_node *hosted; /* IOAssociatedServices, or NULL */
};

struct dx_dext {
    const struct dx_reg_node *service, *provider;
    const struct dx_reg_node *maker; /* the object of the same driver that it hangs on, or NULL */
    const struct dx_server *server;
    uint64_t tag;   /* without a service: the one it was launched for */
    bool listed;    /* the server's IOAssociatedServices names the service */
    unsigned named; /* servers of its name, when none names its id: 0, 1, or 2 for several */
};

struct dx_dexts {
    struct dext_registry *r;
    const struct dx_reg_node **ids; /* by entry id */
    size_t id_count;
    struct dx_server *servers; /* by name */
    size_t server_count, server_cap;
    const char **names; /* of servers that services want, sorted */
    size_t name_count, name_cap;
    struct dx_dext *list;
    size_t count, cap;
    uint32_t *slot; /* by node: number in list + 1, or 0 */
};

/* The public records of what was found. */
const struct dext_reg_dexts *dx_dexts_tell(struct dx_dexts *d);

#endif
