/* logs/life.h: inside of the timeline: the life of each driver, stage by stage. */
#ifndef DX_EXPLAIN_LIFE_H
#define DX_EXPLAIN_LIFE_H

#include "explain/explain.h"

/* Something that was seen of a driver, in the order it was first seen. */
struct dx_life_event {
    const char *subject, *node; /* node: "" when not known */
    unsigned stage;             /* index into dx_stages */
    bool failed;                /* else a step of success */
    const struct dext_symptom *symptom;
};

#define DX_STAGES 13
extern const char *const dx_stages[DX_STAGES];

/* One life for each subject, in the order of the events; into a. */
const struct dext_life *dx_lives(struct dx_arena *a, const struct dx_life_event *events,
                                 size_t count, size_t *lives);

#endif
