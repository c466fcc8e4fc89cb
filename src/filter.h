/* filter.h: which findings are shown: ruleset, --select and --ignore, severities and ignores from
 * .dextctl.json, the baseline. */
#ifndef APP_FILTER_H
#define APP_FILTER_H

#include "report.h"

struct report_filter {
    const char *ruleset;         /* newest ruleset whose rules count; NULL = newest of all */
    bool preview;                /* preview rules count without being selected by name */
    const char *const *select;   /* ids, names or id prefixes (DX2); NULL = all */
    const char *const *ignore;   /* likewise; NULL = none */
    struct config *config;       /* config.h; NULL = none */
    const struct baseline *base; /* baseline.h; NULL = none */
};

/* Whether to show f. May change its severity (configuration). filter may be NULL. */
bool filter_admits(struct report_filter *filter, struct report_finding *f);

/* "DX203", "missing-user-class", "DX2": whether pattern names rule. */
bool filter_names(const char *pattern, const struct dext_rule *rule);

/* Whether pattern names any rule at all. */
bool filter_known(const char *pattern);

#endif
