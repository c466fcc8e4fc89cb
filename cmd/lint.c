#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "lint/baseline.h"
#include "lint/config.h"
#include "lint/lint_run.h"

static const struct opt options[] = {
    {"fail-on", 0, "LEVEL", "error|warning|note|never", "exit 1 from this severity up", NULL},
    {"select", 's', "RULES", NULL, "report these rules only: ids, names, or groups such as DX2",
     "rules"},
    {"ignore", 'i', "RULES", NULL, "leave these rules out", "rules"},
    {"ruleset", 0, "NAME", NULL, "use the rules as they were in this ruleset", "ruleset"},
    {"preview", 0, NULL, NULL, "also report rules that are still in preview", NULL},
    {"fix", 0, NULL, NULL, "mend in place what can be mended safely", NULL},
    {"diff", 0, NULL, NULL, "print what a mend would change, change nothing; with --fix all of it",
     NULL},
    {"baseline", 0, "FILE", NULL, "report only what is not in FILE", "file"},
    {"write-baseline", 0, "FILE", NULL, "write today's findings to FILE", "file"},
    {"force", 0, NULL, NULL, "let --write-baseline replace a file that is no baseline", NULL},
    {"config", 0, "FILE", NULL, "use FILE, not the .dextctl.json above each input", "file"},
    {"no-config", 0, NULL, NULL, "use no .dextctl.json", NULL},
    {"exclude", 0, "PATTERN", NULL, "skip paths in folder walks (.gitignore syntax)", NULL},
    {"no-gitignore", 0, NULL, NULL, "walk into what .gitignore files exclude, too", NULL},
    {"allow-empty", 0, NULL, NULL, "nothing to check is a success, not exit status 3", NULL},
    {"stdin-filename", 0, "NAME", NULL, "what to call standard input", "file"},
    {"files-from", 0, "FILE", NULL, "also check the NUL-separated paths in FILE (- for stdin)",
     "file"},
    OPT_END,
};

/* Values of a repeatable option of comma lists, flattened; NULL when it was not given. */
static const char **lint_rule_list(const struct args *args, const char *name)
{
    const char **all = NULL;
    size_t count = 0;
    for (size_t i = 0; opt_nth(args, name, i); i++) {
        char **part = opt_split(opt_nth(args, name, i));
        size_t n = 0;
        while (part[n]) {
            n++;
        }
        all = app_grow(all, (count + n + 1) * sizeof *all);
        for (size_t k = 0; k < n; k++) {
            all[count++] = app_strdup(part[k]);
        }
        all[count] = NULL;
        free(part);
    }
    return all;
}

static void lint_free_list(const char **list)
{
    for (const char **p = list; p && *p; p++) {
        free((char *)*p);
    }
    free(list);
}

/* What contradicts itself is told before anything is read. */
static int lint_check_usage(const struct app *app, const struct args *args)
{
    static const char *const apart[][2] = {
        {"baseline", "write-baseline"},
        {"config", "no-config"},
        {"diff", "format"},
        {"diff", "write-baseline"},
    };
    for (size_t i = 0; i < sizeof apart / sizeof *apart; i++) {
        if (opt_flag(args, apart[i][0]) && opt_flag(args, apart[i][1])) {
            return app_usage_error(app, "--%s and --%s exclude each other", apart[i][0],
                                   apart[i][1]);
        }
    }
    bool writes = opt_flag(args, "fix") && !opt_flag(args, "diff");
    for (size_t i = 0; writes && args->operands[i]; i++) {
        if (strcmp(args->operands[i], "-") == 0) {
            return app_usage_error(app, "--fix cannot mend standard input; --diff shows the mend");
        }
    }
    return APP_CLEAN;
}

static void read_rules(const struct args *args, struct report_filter *filter)
{
    filter->select = lint_rule_list(args, "select");
    filter->ignore = lint_rule_list(args, "ignore");
    filter->ruleset = opt_value(args, "ruleset");
    filter->preview = opt_flag(args, "preview");
}

static int read_config(struct app *app, const struct args *args, struct report_filter *filter)
{
    int status = APP_CLEAN;
    if (!opt_flag(args, "no-config")) {
        filter->config = config_open(app, opt_value(args, "config"), &status);
    }
    for (size_t i = 0; status == APP_CLEAN && filter->config && filter->walked[i]; i++) {
        status = config_prepare(filter->config, filter->walked[i]);
    }
    if (status == APP_CLEAN && opt_value(args, "baseline")) {
        filter->base = baseline_read(app, opt_value(args, "baseline"));
        return filter->base ? APP_CLEAN : APP_UNREADABLE;
    }
    return status;
}

static int cmd_lint_run(struct app *app, const struct args *args)
{
    struct lint_job job = {.app = app,
                           .args = args,
                           .fail_on = opt_value(args, "fail-on"),
                           .write_baseline = opt_value(args, "write-baseline"),
                           .fix = opt_flag(args, "fix"),
                           .diff = opt_flag(args, "diff")};
    int rc = lint_check_usage(app, args);
    read_rules(args, &job.filter);
    rc = rc ? rc : inputs_read(&job.inputs, app, args);
    job.filter.walked = job.inputs.paths;
    rc = rc ? rc : read_config(app, args, &job.filter);
    rc = rc ? rc : lint_run(&job);
    inputs_free(&job.inputs);
    lint_free_list(job.filter.select);
    lint_free_list(job.filter.ignore);
    config_free(job.filter.config);
    baseline_free(job.filter.base);
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
    .text = "Checks Info.plist (XML or binary), .entitlements, .dext, .app, Xcode projects, whole "
            "folders and archives (.pkg, .zip, .ipa, .tar.gz), and says of each mistake where it "
            "is, why it is one, and how to mend "
            "it. Property lists that are not a driver's are skipped.\n\n"
            "A comment <!-- dextctl: ignore DX203 reason --> above a line silences a rule there; "
            "a .dextctl.json in the folder or above it does so for a project.",
    .formats = "human|json|ndjson|sarif|github|junit|gitlab|gcc",
    .form = &lint_form,
    .options = options,
    .examples = examples,
    .exits = "  0  nothing at or above --fail-on\n"
             "  1  findings at or above --fail-on (default: error)\n"
             "  2  wrong usage\n"
             "  3  some input could not be read, the others were checked; or nothing was\n"
             "     checked and --allow-empty is not given\n",
    .operands = "file",
    .needs = "a file, bundle or folder to check",
    .instead = "files-from",
    .run = cmd_lint_run,
};
