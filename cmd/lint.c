#include <stdlib.h>
#include <string.h>

#include "baseline.h"
#include "cmd.h"
#include "config.h"
#include "dext/lint.h"
#include "filter.h"
#include "fixer.h"
#include "inputs.h"
#include "progress.h"
#include "report.h"

static const struct opt options[] = {
    {"fail-on", 0, "LEVEL", "error|warning|note|never", "exit 1 from this severity up", NULL},
    {"select", 's', "RULES", NULL, "report these rules only: ids, names, or groups such as DX2",
     "rule"},
    {"ignore", 'i', "RULES", NULL, "leave these rules out", "rule"},
    {"ruleset", 0, "NAME", NULL, "use the rules as they were in this ruleset", NULL},
    {"preview", 0, NULL, NULL, "also report rules that are still in preview", NULL},
    {"fix", 0, NULL, NULL, "mend in place what can be mended safely", NULL},
    {"diff", 0, NULL, NULL, "print what --fix would change, change nothing", NULL},
    {"baseline", 0, "FILE", NULL, "report only what is not in FILE", "file"},
    {"write-baseline", 0, "FILE", NULL, "write today's findings to FILE", "file"},
    {"config", 0, "FILE", NULL, "use FILE, not the .dextctl.json above each input", "file"},
    {"no-config", 0, NULL, NULL, "use no .dextctl.json", NULL},
    {"exclude", 0, "PATTERN", NULL, "skip paths in folder walks (.gitignore syntax)", NULL},
    {"no-gitignore", 0, NULL, NULL, "walk into what .gitignore files exclude, too", NULL},
    {"stdin-filename", 0, "NAME", NULL, "what to call standard input", "file"},
    {"files-from", 0, "FILE", NULL, "also check the NUL-separated paths in FILE (- for stdin)",
     "file"},
    OPT_END,
};

/* Values of a repeatable option of comma lists, flattened; NULL when it was not given. */
static const char *const *rule_list(const struct args *args, const char *name)
{
    const char **all = NULL;
    size_t count = 0;
    for (size_t i = 0; opt_nth(args, name, i); i++) {
        char **part = opt_split(opt_nth(args, name, i));
        for (size_t k = 0; part[k]; k++) {
            all = app_grow(all, (count + 2) * sizeof *all);
            all[count++] = part[k];
            all[count] = NULL;
        }
    }
    return all;
}

static int check_rule_list(const struct app *app, const char *const *list)
{
    for (; list && *list; list++) {
        if (!filter_known(*list)) {
            const char *near = dext_rule_nearest(*list);
            return app_usage_error(app, "there is no rule '%s'%s%s%s", *list,
                                   near ? "; did you mean '" : "", near ? near : "",
                                   near ? "'?" : "");
        }
    }
    return APP_CLEAN;
}

static bool known_ruleset(const char *name)
{
    for (size_t i = 0; dext_ruleset_at(i); i++) {
        if (strcmp(dext_ruleset_at(i), name) == 0) {
            return true;
        }
    }
    return false;
}

static int read_filter(struct app *app, const struct args *args, struct report_filter *filter)
{
    int status = APP_CLEAN;
    filter->select = rule_list(args, "select");
    filter->ignore = rule_list(args, "ignore");
    filter->preview = opt_flag(args, "preview");
    if (check_rule_list(app, filter->select) || check_rule_list(app, filter->ignore)) {
        return APP_USAGE;
    }
    if (!opt_flag(args, "no-config")) {
        filter->config = config_open(app, opt_value(args, "config"), &status);
    }
    for (size_t i = 0; status == APP_CLEAN && filter->config && args->operands[i]; i++) {
        status = config_prepare(filter->config, args->operands[i]);
    }
    if (status) {
        return status;
    }
    filter->ruleset = opt_value(args, "ruleset");
    if (!filter->ruleset && filter->config) {
        filter->ruleset = config_ruleset(filter->config);
    }
    if (filter->ruleset && !known_ruleset(filter->ruleset)) {
        return app_usage_error(app, "there is no ruleset '%s'", filter->ruleset);
    }
    if (opt_value(args, "baseline")) {
        filter->base = baseline_read(app, opt_value(args, "baseline"));
        return filter->base ? APP_CLEAN : APP_UNREADABLE;
    }
    return APP_CLEAN;
}

static int check(struct app *app, const struct args *args, struct report *r)
{
    struct progress bar;
    progress_open(&bar, app, "checking");
    struct dext_lint_options opt = {.size = sizeof opt,
                                    .excludes = inputs_excludes(args, r->filter->config),
                                    .no_ignore = opt_flag(args, "no-gitignore"),
                                    .user = r,
                                    .on_finding = report_on_finding,
                                    .on_input = report_on_input};
    opt.on_progress = progress_callback(&bar);
    struct dext_lint *l = dext_lint_new(app->ctx, &opt);
    int rc = inputs_add(app, args, l);
    if (rc == APP_CLEAN) {
        (void)dext_lint_run(l);
    }
    dext_lint_free(l);
    progress_close(&bar);
    return rc;
}

static int finish(struct app *app, const struct args *args, struct report *r)
{
    report_settle(r);
    int rc = APP_CLEAN;
    if (opt_value(args, "write-baseline")) {
        rc = baseline_write(r, opt_value(args, "write-baseline"));
    }
    if (opt_flag(args, "diff")) {
        rc = fixer_diff(r);
    } else if (opt_flag(args, "fix")) {
        rc = fixer_apply(r);
    }
    const char *fail_on = opt_value(args, "fail-on");
    fail_on = fail_on || !r->filter->config ? fail_on : config_fail_on(r->filter->config);
    (void)app;
    int status = report_close(r, fail_on ? fail_on : "error");
    return rc ? rc : status;
}

static int run(struct app *app, const struct args *args)
{
    if (args->operand_count == 0 && !opt_value(args, "files-from")) {
        return app_usage_error(app, "lint needs a file, bundle or folder to check");
    }
    struct report_filter filter = {0};
    int rc = read_filter(app, args, &filter);
    if (rc == APP_CLEAN) {
        struct report r;
        report_open(&r, app, "lint", report_format_named(app->format), &filter);
        rc = check(app, args, &r);
        int done = finish(app, args, &r);
        rc = rc ? rc : done;
    }
    config_free(filter.config);
    return rc;
}

static const struct cmd_example examples[] = {
    {"dextctl lint MyDriver/Info.plist", "check one property list"},
    {"dextctl lint .", "check every driver below the current folder"},
    {"dextctl lint --format github --fail-on warning .", "one line in a CI job"},
    {"dextctl lint --diff MyDriver", "show what --fix would mend"},
    {NULL, NULL},
};

const struct cmd cmd_lint = {
    .name = "lint",
    .summary = "check a driver's property lists, entitlements and bundle",
    .usage = "lint [OPTIONS] PATH...",
    .text = "Checks Info.plist (XML or binary), .entitlements, .dext, .app, Xcode projects and "
            "whole folders, and says of each mistake where it is, why it is one, and how to mend "
            "it. Property lists that are not a driver's are skipped.\n\n"
            "A comment <!-- dextctl: ignore DX203 reason --> above a line silences a rule there; "
            "a .dextctl.json in the folder or above it does so for a project.",
    .formats = "human|json|ndjson|sarif|github|junit|gitlab",
    .options = options,
    .examples = examples,
    .exits = "  0  nothing at or above --fail-on\n"
             "  1  findings at or above --fail-on (default: error)\n"
             "  2  wrong usage\n"
             "  3  some input could not be read; the others were checked\n",
    .operands = "file",
    .run = run,
};
