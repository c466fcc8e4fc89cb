/* log_filter.h: which entries of the unified log are wanted. */
#ifndef VIEW_LOG_FILTER_H
#define VIEW_LOG_FILTER_H

#include "dext/unified.h"
#include "view/log_predicate.h"

struct log_filter {
    enum dext_unified_level least;
    bool signposts, losses, dexts;
    const char **processes, **subsystems; /* NULL-ended, or NULL: all */
    struct log_predicate *predicate;
};

bool log_filter_holds(const struct log_filter *f, struct dext_unified *u,
                      const struct dext_unified_entry *e);

/* "2022-05-30", "2022-05-30 00:38:21.5-0400" or "@1653885501" to nanoseconds since 1970; zone:
 * minutes east of UTC where the text names none. */
bool log_time_parse(const char *text, int zone, int64_t *out);
/* "90", "90s", "5m", "2h", "1d" to nanoseconds. */
bool log_span_parse(const char *text, int64_t *out);

#endif
