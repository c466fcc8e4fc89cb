#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app/date.h"
#include "app/fold.h"
#include "app/path.h"
#include "app/term.h"
#include "cmd.h"
#include "mac/collect.h"

static const struct opt options[] = {
    {"print", 'p', NULL, NULL, "print the script that collects instead of running it", NULL},
    {"last", 0, "DURATION", NULL, "how far back the log goes: 30m (default), 2h, 1d, boot", NULL},
    {"app", 0, "PATH", NULL, "an app whose extensions and signature are looked at as well", "file"},
    {"log-archive", 0, NULL, NULL, "take the log itself as well (log collect), up to 256 MiB",
     NULL},
    {"output", 'o', "FILE", NULL, "archive to write; default: a name with the date", "file"},
    {"redact", 'r', NULL, NULL,
     "mask user names, serial numbers, UUIDs and addresses in what is collected", NULL},
    {"force", 0, NULL, NULL, "replace an archive that exists", NULL},
    OPT_END,
};

static bool on_a_mac(void)
{
#ifdef __APPLE__
    return true;
#else
    return false;
#endif
}

/* "dextctl-evidence-20261124-120000.tar.gz" */
static char *dated(void)
{
    char date[40], digits[40];
    size_t n = 0;
    date_write(date_now(), date);
    for (const char *p = date; *p && n < 30; p++) {
        if (*p >= '0' && *p <= '9') {
            digits[n++] = *p;
        } else if (*p == 'T') {
            digits[n++] = '-';
        }
    }
    digits[n] = 0;
    char *name = app_alloc(n + 40);
    (void)snprintf(name, n + 40, "dextctl-evidence-%s.tar.gz", digits);
    return name;
}

static int collect_print(const struct app *app, const struct collect_options *o, bool asked)
{
    char *script = collect_script(app, o);
    if (!asked && !app->quiet) {
        app_error(app, "this is no Mac: run the script that is printed on the one where it fails");
    }
    fold_exact(app, true);
    (void)fputs(script, app->out);
    free(script);
    return APP_CLEAN;
}

static int collect_collect(const struct app *app, struct collect_options *o)
{
    char *name = o->output ? app_strdup(o->output) : dated();
    char *bundle = o->app ? path_absolute(o->app) : NULL;
    struct stat st;
    char *why = NULL;
    o->output = name;
    o->app = bundle;
    if (bundle && (stat(bundle, &st) != 0 || !S_ISDIR(st.st_mode))) {
        app_error(app, "%s: no app is there", bundle);
    } else if ((why = collect_write(app, o)) != NULL) {
        app_error(app, "%s", why);
    } else {
        fold_exact(app, true);
        (void)fputs("dextctl explain ", app->out);
        term_line(app->out, name);
        (void)fputc('\n', app->out);
        free(name);
        free(bundle);
        return APP_CLEAN;
    }
    free(why);
    free(name);
    free(bundle);
    return APP_UNREADABLE;
}

static int collect_run(struct app *app, const struct args *args)
{
    const char *last = opt_value(args, "last");
    struct collect_options o = {.last = last ? last : "30m",
                                .app = opt_value(args, "app"),
                                .output = opt_value(args, "output"),
                                .archive = opt_flag(args, "log-archive"),
                                .redact = opt_flag(args, "redact"),
                                .force = opt_flag(args, "force"),
                                .quiet = app->quiet};
    const char *bad = collect_bad_last(o.last);
    if (bad) {
        return app_usage_error(app, "--last takes %s, not '%s'", bad, o.last);
    }
    if ((o.app && !*o.app) || (o.output && (!*o.output || strcmp(o.output, "-") == 0))) {
        return app_usage_error(app, "--app and --output take a path");
    }
    if (o.archive && o.redact) {
        return app_usage_error(app, "--log-archive excludes --redact: nothing in it can be masked");
    }
    bool asked = opt_flag(args, "print");
    return asked || !on_a_mac() ? collect_print(app, &o, asked) : collect_collect(app, &o);
}

static const struct cmd_example examples[] = {
    {"dextctl collect --print --last 2h >collect.sh", "the script, to send to somebody with a Mac"},
    {NULL, NULL},
};

const struct cmd cmd_collect = {
    .name = "collect",
    .summary = "gather on a Mac what an explanation needs",
    .usage = "collect [--print] [--last DURATION] [--app PATH] [--log-archive] [--output FILE]",
    .text =
        "On a Mac, writes one .tar.gz with the evidence that explain reads: the log of the "
        "processes that check and start drivers, the lists of system and kernel extensions, the "
        "registry, what the installed driver extensions say of themselves, their crash reports "
        "and the panics of the last days, version and protection of the system. What fails is "
        "taken down, and the rest goes on. Run it as root: the log is complete only then.\n\n"
        "On other systems, or with --print, prints the script of the exact commands instead, for "
        "a Mac without dextctl: it needs nothing but the system.\n\n"
        "Nothing is changed or sent. An archive that exists is not replaced without --force, and "
        "no symbolic link is followed.",
    .formats = "human",
    .options = options,
    .examples = examples,
    .exits = "  0  the archive was written, or the script printed\n"
             "  2  wrong usage\n"
             "  3  the archive could not be written\n",
    .operands = NULL,
    .run = collect_run,
};
