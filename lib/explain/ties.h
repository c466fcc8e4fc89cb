/* explain/ties.h: inside of the timeline: what lines tell beside their messages, which ties those
 * without a name to a driver, and all of them to a start of the system. */
#ifndef DX_EXPLAIN_TIES_H
#define DX_EXPLAIN_TIES_H

#include "explain/timeline.h"

/* What a line tells of whose it may be; "" and -1: nothing. Slices of the hit. */
struct keys {
    struct dx_str image, process, staging; /* image, process: a bundle id */
    int64_t pid;
    bool of_driver; /* process is a driver's for certain, by its path */
};
struct keys dx_keys_of(const struct dx_hit *hit);
bool dx_entry_keys_are(const struct entry *e, const struct keys *k);
void dx_entry_keep_keys(struct dx_arena *a, struct entry *e, const struct keys *k);

/* Remembers which process and folder are of the driver that the hit names; e is its entry. */
void dx_ties_learn(struct dx_timeline *t, const struct dx_hit *hit, const struct entry *e,
                   const struct keys *keys, size_t boot, int64_t when);
/* Gives entries without a subject that of the driver they are tied to: by what they name, or else
 * by the time. */
void dx_tie_subjects(struct dx_timeline *t, bool by_time);

/* The start of the system that the hit is of: 1 + index, 0: not known. */
size_t dx_timeline_boot_of(struct dx_timeline *t, const struct dx_hit *hit, const char *file);
/* Marks what was seen only before the last start of the system. */
void dx_mark_earlier(struct dx_timeline *t);

/* ---- evidence.c ---- */
/* As one line, cut where it is long, but not inside a character. at: what must be in it. */
const char *dx_evidence_text(struct dx_arena *a, struct dx_str text, struct dx_str at);
/* As it is told; NULL: nothing is known. */
const struct dext_logged *dx_logged(struct dx_arena *a, const struct dx_logger *by);

#endif
