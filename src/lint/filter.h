/* filter.h: which findings are shown: ruleset, --select and --ignore, severities and ignores from
 * .dextctl.json, the baseline. */
#ifndef APP_FILTER_H
#define APP_FILTER_H

#include "lint/report.h"

struct report_filter {
    const char *ruleset;       /* newest ruleset whose rules count; NULL = newest of all */
    bool preview;              /* preview rules count without being selected by name */
    const char **select;       /* ids, names or id prefixes (DX2); NULL = all */
    const char **ignore;       /* likewise; NULL = none */
    struct config *config;     /* config.h; NULL = none */
    struct baseline *base;     /* baseline.h; NULL = none */
    const char *const *walked; /* operands: "exclude" holds below them only; NULL = nowhere */
};

enum filter_verdict {
    FILTER_SHOW,
    FILTER_NOT_ASKED,  /* --select, --ruleset and --preview leave its rule out */
    FILTER_SUPPRESSED, /* ignored, or known from the baseline: counted as not shown */
};

/* What to do with f. May change its severity (configuration), and counts it in the baseline. filter
 * may be NULL. The command line goes before the configuration; what either leaves out is out. */
enum filter_verdict filter_judge(struct report_filter *filter, struct report_finding *f);

/* Whether the configuration excludes a file that a folder walk came by. */
bool filter_excludes(const struct report_filter *filter, const char *file);

/* The threshold for findings of file: as given, else the configuration's, else "error". */
const char *filter_fail_on(const struct report_filter *filter, const char *given, const char *file);

#endif
