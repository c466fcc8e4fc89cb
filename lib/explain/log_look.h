/* explain/log_look.h: the symptoms in one chunk set of a unified log. */
#ifndef DX_EXPLAIN_LOG_LOOK_H
#define DX_EXPLAIN_LOG_LOOK_H

#include "explain/log_judge.h"
#include "logs/log.h"
#include "unified/unified.h"

struct dx_log_find {
    struct dx_log_find *next;
    struct dx_hit hit;
    struct dx_str text; /* see dx_match_found */
    unsigned rank;      /* of the boot */
    uint64_t ticks;
    size_t order; /* at the same time, as they were found */
};

/* What one thread needs. */
struct dx_look;
struct dx_look *dx_look_new(struct dext_unified *u, struct dx_judge *judge);
void dx_look_free(struct dx_look *w);
/* What a set shows, in the order of time, in a. keep: others may need its oversize chunks. */
struct dx_log_find *dx_look_at(struct dx_look *w, const struct dx_set *set, bool keep,
                               struct dx_arena *a);

#endif
