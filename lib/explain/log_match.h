/* explain/log_match.h: the symptoms in a unified log, chunk set by chunk set, on several threads.
 * What is found comes in the order of time. */
#ifndef DX_EXPLAIN_LOG_MATCH_H
#define DX_EXPLAIN_LOG_MATCH_H

#include "logs/log.h"
#include "unified/unified.h"

/* text: "2026-01-15 11:00:01.150 kernel[0]: DK: ..."; empty when the same symptom of the same
 * driver was just told often enough. Borrowed. */
typedef void dx_match_found(void *user, const struct dx_hit *hit, struct dx_str text);

struct dx_match;
/* jobs: threads; 0 as many as there are cores, up to 8. */
struct dx_match *dx_match_new(struct dext_unified *u, unsigned jobs, dx_match_found *found,
                              void *user);
/* A set; sorted: no later one begins earlier, and its bytes stay. Else they are copied, and what is
 * found waits for the end. */
void dx_match_set(struct dx_match *m, const struct dx_set *set, bool sorted);
/* Tells the rest; how many findings were not kept, because there were too many. */
size_t dx_match_end(struct dx_match *m);

/* All sets of an archive. */
size_t dx_match_all(struct dext_unified *u, unsigned jobs, dx_match_found *found, void *user);

#endif
