/* lint_run.h: one call of `dextctl lint` once its options make sense: check, mend, report. */
#ifndef APP_LINT_RUN_H
#define APP_LINT_RUN_H

#include "lint/filter.h"
#include "lint/inputs.h"

struct lint_job {
    struct app *app;
    const struct args *args;
    struct inputs inputs;
    struct report_filter filter;
    const char *fail_on;        /* NULL: as configured */
    const char *write_baseline; /* NULL: don't */
    bool fix, diff;
};

/* Returns the exit status. */
int lint_run(struct lint_job *job);

#endif
