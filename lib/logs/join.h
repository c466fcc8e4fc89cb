/* logs/join.h: inside of the joins of evidence. A join fires only on what the inputs show; what a
 * dump or a build does not show is never a finding. */
#ifndef DX_LOGS_JOIN_H
#define DX_LOGS_JOIN_H

#include "logs/log.h"

struct dx_join {
    struct dext_ctx *ctx;
    struct dx_timeline *timeline;
    const struct dx_held *held;
    size_t count;
};

/* Adds evidence while there is room; line 0: the file as a whole. */
void dx_join_say(struct dx_finding *f, const char *file, unsigned long line, const char *text);

/* join_registry.c: a dump by itself, and every driver given played against it. */
void dx_join_registry(struct dx_join *j, const struct dx_held *dump);

/* join_rights.c: what builds and profiles lack of what a log complains about. */
void dx_join_rights(struct dx_join *j);

#endif
