#include "lint_run.h"
#include "date.h"

#include <stdlib.h>

#include "baseline.h"
#include "fixer.h"
#include "progress.h"

/* Mends that propose new mends end after two or three rounds; more means that two rules quarrel. */
#define ROUNDS 10

static void check(const struct lint_job *job, struct report *r)
{
    struct progress bar;
    progress_open(&bar, job->app, "checking");
    const char **excludes = inputs_excludes(&job->inputs, job->args, job->filter.config);
    struct dext_lint_options opt = {.size = sizeof opt,
                                    .now = date_now(),
                                    .excludes = excludes,
                                    .no_ignore = opt_flag(job->args, "no-gitignore"),
                                    .user = r,
                                    .on_finding = report_on_finding,
                                    .on_input = report_on_input};
    opt.on_progress = progress_callback(&bar);
    struct dext_lint *l = dext_lint_new(job->app->ctx, &opt);
    inputs_add(&job->inputs, l);
    (void)dext_lint_run(l);
    dext_lint_free(l);
    progress_close(&bar);
    free(excludes);
}

/* Fills r with what is to be reported. */
static int check_and_settle(struct lint_job *job, struct report *r, struct fixer *x)
{
    report_open(r, job->app, "lint", report_format_named(job->app->format), &job->filter);
    r->fixer = x;
    baseline_rewind(job->filter.base);
    check(job, r);
    return report_settle(r, job->fail_on);
}

/* Mends until nothing is left to mend, so that what is reported is what stands in the files now. */
static int mend(struct lint_job *job, struct report *r, struct fixer *x)
{
    size_t mended = 0, now;
    int status = APP_CLEAN;
    for (int round = 0; round < ROUNDS && (now = fixer_apply(x, r)) != 0; round++) {
        mended += now;
        report_free(r);
        status = check_and_settle(job, r, x);
        if (status) {
            return status;
        }
    }
    r->counts.fixed = mended;
    return fixer_failed(x) ? APP_UNREADABLE : APP_CLEAN;
}

/* The diff alone goes to stdout; what it leaves is told in one line. */
static int show_diff(const struct lint_job *job, const struct report *r, struct fixer *x)
{
    size_t mended = fixer_diff(x, r);
    report_tell_unreadable(r);
    if (!job->app->quiet) {
        app_error(job->app, "%zu of %zu finding%s would be mended%s", mended, r->count,
                  r->count == 1 ? "" : "s",
                  mended < r->count ? "; lint without --diff shows the others" : "");
    }
    int status = report_status(r);
    status = status == APP_CLEAN && mended ? APP_FINDINGS : status;
    return fixer_failed(x) ? APP_UNREADABLE : status;
}

static int accept_all(const struct lint_job *job, struct report *r)
{
    int status = baseline_write(r, job->write_baseline);
    if (status == APP_CLEAN) {
        if (!job->app->quiet) {
            app_error(job->app, "%s: %zu finding%s written", job->write_baseline, r->count,
                      r->count == 1 ? "" : "s");
        }
        report_forget(r);
    }
    return status;
}

static int worse(int a, int b)
{
    return a > b ? a : b; /* 3 wins over 1 */
}

static int report(struct lint_job *job, struct report *r, struct fixer *x)
{
    int status = check_and_settle(job, r, x);
    if (status == APP_CLEAN && job->diff) {
        return show_diff(job, r, x);
    }
    int mending = status == APP_CLEAN && job->fix ? mend(job, r, x) : status;
    if (mending == APP_USAGE) {
        return mending; /* a configuration below the operands is wrong: show nothing */
    }
    if (job->write_baseline) {
        status = accept_all(job, r);
    }
    return worse(worse(mending, status), report_write(r));
}

int lint_run(struct lint_job *job)
{
    struct report r;
    struct fixer *x = job->fix || job->diff ? fixer_open(job->app) : NULL;
    if (x && job->inputs.data) {
        fixer_note_bytes(x, job->inputs.name, job->inputs.data, job->inputs.size);
    }
    int status = report(job, &r, x);
    report_free(&r);
    fixer_free(x);
    return status == APP_USAGE ? status : worse(status, job->inputs.status);
}
