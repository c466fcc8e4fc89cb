/* log_predicate.h: the part of NSPredicate that people give to log show --predicate. */
#ifndef VIEW_LOG_PREDICATE_H
#define VIEW_LOG_PREDICATE_H

#include <stdbool.h>
#include <stddef.h>

#include "dext/unified.h"

struct log_predicate;

/* NULL: why holds the reason and the place, "unknown field 'x' at 12". */
struct log_predicate *log_predicate_parse(const char *text, char *why, size_t size);
void log_predicate_free(struct log_predicate *p);

/* The message of the entry is rendered only when the predicate asks for it. */
bool log_predicate_holds(const struct log_predicate *p, struct dext_unified *u,
                         const struct dext_unified_entry *e);

#endif
