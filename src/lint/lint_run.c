#include "lint/lint_run.h"
#include "app/date.h"

#include <stdlib.h>

#include "app/progress.h"
#include "lint/baseline.h"
#include "lint/fixer.h"

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
                                    .on_input = report_on_input,
                                    .on_product = report_on_product};
    opt.on_progress = progress_callback(&bar);
    struct dext_lint *l = dext_lint_new(job->app->ctx, &opt);
    inputs_add(&job->inputs, l);
    fixer_give_texts(r->fixer, l);
    r->walked = dext_lint_walked(l);
    (void)dext_lint_run(l);
    dext_lint_free(l);
    progress_close(&bar);
    free(excludes);
}

/* Fills r with what is to be reported. */
static int check_and_settle(struct lint_job *job, struct report *r, struct fixer *x)
{
    report_open(r, job->app, "lint", report_format_for(job->app->face), &job->filter);
    r->fixer = x;
    r->allow_empty = job->inputs.status != APP_CLEAN || opt_flag(job->args, "allow-empty");
    baseline_rewind(job->filter.base);
    config_rewind(job->filter.config);
    check(job, r);
    return report_settle(r, job->fail_on);
}

/* Mends until nothing is left to mend, so that what is reported is what stands in the files now. */
static int lint_run_mend(struct lint_job *job, struct report *r, struct fixer *x)
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

/* The diff alone goes to stdout; what it leaves is told in one line. With --fix it is that of all
 * rounds; without, of the findings that a plain lint shows. */
static int show_diff(struct lint_job *job, struct report *r, struct fixer *x)
{
    size_t mended, all;
    if (job->fix) {
        fixer_only_show(x);
        int rc = lint_run_mend(job, r, x);
        if (!r->settled) {
            return rc;
        }
        mended = r->counts.fixed;
        all = mended + r->count;
        fixer_diff_all(x);
    } else {
        mended = fixer_diff(x, r);
        all = r->count;
    }
    report_tell_unreadable(r);
    if (!job->app->quiet) {
        app_error(job->app, "%zu of %zu finding%s would be mended%s", mended, all,
                  all == 1 ? "" : "s",
                  mended < all ? "; lint without --diff shows the others" : "");
    }
    int status = report_status(r);
    status = status == APP_CLEAN && mended ? APP_FINDINGS : status;
    return fixer_failed(x) ? APP_UNREADABLE : status;
}

/* What was checked is not written over, --force or not. malloc'd. */
static const char **lint_run_inputs(const struct lint_job *job, const struct report *r)
{
    const char **all = app_alloc((job->inputs.count + r->input_count + 1) * sizeof *all);
    size_t n = 0;
    for (size_t i = 0; i < job->inputs.count; i++) {
        all[n++] = job->inputs.paths[i];
    }
    for (size_t i = 0; i < r->input_count; i++) {
        all[n++] = r->inputs[i].file;
    }
    return all;
}

static int accept_all(const struct lint_job *job, struct report *r)
{
    if (r->counts.unreadable) { /* what is in there would be new findings next time */
        app_error(r->app, "%s: not written: not all inputs could be read", job->write_baseline);
        return APP_UNREADABLE;
    }
    const char **inputs = lint_run_inputs(job, r);
    struct output to = baseline_output(job->write_baseline, opt_flag(job->args, "force"));
    to.inputs = inputs;
    to.read = dext_ctx_watched_read(r->app->ctx);
    int status = baseline_write(r, &to);
    free(inputs);
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
    int mending = status == APP_CLEAN && job->fix ? lint_run_mend(job, r, x) : status;
    if (!r->settled) {
        return mending; /* a configuration below the operands: show nothing */
    }
    if (job->write_baseline && !r->nothing) {
        status = accept_all(job, r);
    }
    return worse(worse(mending, status), report_write(r));
}

/* Told before the work, not after it. */
static int lint_run_may_write(const struct lint_job *job)
{
    struct output to = baseline_output(job->write_baseline, opt_flag(job->args, "force"));
    to.inputs = job->inputs.paths;
    if (!to.path) {
        return APP_CLEAN;
    }
    const char *why = output_refused(&to);
    if (why) {
        app_error(job->app, "%s: cannot be written: %s", to.path, why);
        return APP_UNREADABLE;
    }
    dext_ctx_watch(job->app->ctx, to.path);
    return APP_CLEAN;
}

int lint_run(struct lint_job *job)
{
    if (lint_run_may_write(job) != APP_CLEAN) {
        return APP_UNREADABLE;
    }
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
