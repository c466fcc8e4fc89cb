#include <stdlib.h>
#include <string.h>

#include "app/fold.h"
#include "app/progress.h"
#include "cmd.h"
#include "view/log_filter.h"
#include "view/log_view.h"

static const struct opt options[] = {
    {"style", 0, "STYLE", LOG_STYLES, "print in this style of log show", NULL},
    {"last", 0, "TIME", NULL,
     "only the last part: so many seconds, 5m, 2h or 1d, or 'boot' for what came after the last "
     "start",
     NULL},
    {"start", 0, "TIME", NULL, "only entries from then on", NULL},
    {"end", 0, "TIME", NULL, "only entries up to then", NULL},
    {"process", 'p', "NAME|PID", NULL, "only entries of this process; may be repeated", NULL},
    {"subsystem", 0, "NAME", NULL, "only entries of this subsystem; may be repeated", NULL},
    {"level", 0, "LEVEL", "debug|info|default|error|fault",
     "only entries of this level and above (default: default)", NULL},
    {"predicate", 0, "PREDICATE", NULL, "only entries that this holds for, as log show has it",
     NULL},
    {"dexts", 'D', NULL, NULL,
     "only what concerns driver extensions: who decides about them, the kernel on them, their own",
     NULL},
    {"signpost", 0, NULL, NULL, "also signposts", NULL},
    {"loss", 0, NULL, NULL, "also where messages were lost", NULL},
    OPT_END,
};

struct session {
    struct log_out out;
    struct log_filter filter;
    const struct log_style *style;
    void (*progress)(void *user, size_t done, size_t total);
    size_t seen;
};

static bool on_entry(void *user, const struct dext_unified_entry *e)
{
    struct session *s = user;
    struct dext_unified_told told;
    if (s->progress && ++s->seen % 65536 == 0) {
        dext_unified_told(s->out.u, &told);
        s->progress(NULL, told.counts.sets, told.sets);
    }
    if (log_filter_holds(&s->filter, s->out.u, e)) {
        s->style->entry(&s->out, e);
        s->out.count++;
        s->out.found += e->kind != DEXT_UNIFIED_BOOT && e->kind != DEXT_UNIFIED_CLOCK;
    }
    return !ferror(s->out.app->out);
}

/* Values of an option that may be repeated, NULL-ended; NULL: none. */
static const char **all_of(const struct args *args, const char *name)
{
    size_t n = 0;
    const char **list = NULL;
    for (const char *v; (v = opt_nth(args, name, n)) != NULL; n++) {
        list = app_grow(list, (n + 2) * sizeof *list);
        list[n] = v;
        list[n + 1] = NULL;
    }
    return list;
}

static enum dext_unified_level log_level(const char *name)
{
    static const char *const names[] = {"debug", "info", "default", "error", "fault"};
    for (unsigned i = 0; name && i < 5; i++) {
        if (strcmp(names[i], name) == 0) {
            return (enum dext_unified_level)i;
        }
    }
    return DEXT_UNIFIED_DEFAULT;
}

/* APP_CLEAN, or APP_USAGE after telling. */
static int log_range(const struct session *s, const struct args *args,
                     struct dext_unified_range *out)
{
    const char *last = opt_value(args, "last"), *start = opt_value(args, "start");
    const char *end = opt_value(args, "end");
    int64_t first_time, last_time = 0, span;
    int zone = 0;
    (void)dext_unified_extent(s->out.u, &first_time, &last_time, &zone);
    if (last && strcmp(last, "boot") == 0) {
        out->last_boot = true;
    } else if (last && !log_span_parse(last, &span)) {
        return app_usage_error(s->out.app, "--last wants a time such as 5m, or 'boot', not '%s'",
                               last);
    } else if (last) {
        out->from = last_time - span;
    }
    if (start && !log_time_parse(start, zone, &out->from)) {
        return app_usage_error(s->out.app,
                               "--start wants 2026-11-24 or '2026-11-24 12:00:00+0100'"
                               ", not '%s'",
                               start);
    }
    if (end && !log_time_parse(end, zone, &out->to)) {
        return app_usage_error(s->out.app,
                               "--end wants 2026-11-24 or '2026-11-24 12:00:00+0100'"
                               ", not '%s'",
                               end);
    }
    return APP_CLEAN;
}

static int log_show(struct session *s, const struct args *args)
{
    struct dext_unified_range r = {.from = 0};
    struct progress bar;
    int rc = log_range(s, args, &r);
    if (rc != APP_CLEAN) {
        return rc;
    }
    progress_open(&bar, s->out.app, "reading chunk set");
    s->progress = s->out.app->out_tty ? NULL : progress_callback(&bar);
    fold_exact(s->out.app, true);
    s->style->begin(&s->out);
    (void)dext_unified_each(s->out.u, &r, on_entry, s);
    progress_close(&bar);
    s->style->end(&s->out);
    return log_told(&s->out);
}

static int log_run(struct app *app, const struct args *args)
{
    struct session s = {.out.app = app, .style = log_style_find(app, opt_value(args, "style"))};
    const char *predicate = opt_value(args, "predicate");
    char why[200];
    if (args->operand_count != 1) {
        return app_usage_error(app, "log wants one archive");
    }
    s.filter = (struct log_filter){.least = log_level(opt_value(args, "level")),
                                   .signposts = opt_flag(args, "signpost"),
                                   .losses = opt_flag(args, "loss"),
                                   .dexts = opt_flag(args, "dexts"),
                                   .processes = all_of(args, "process"),
                                   .subsystems = all_of(args, "subsystem")};
    if (predicate && !(s.filter.predicate = log_predicate_parse(predicate, why, sizeof why))) {
        return app_usage_error(app, "--predicate: %s", why);
    }
    int rc = APP_UNREADABLE;
    if (dext_unified_open(&s.out.u, app->ctx, args->operands[0]) == DEXT_OK) {
        rc = log_show(&s, args);
        dext_unified_close(s.out.u);
    } else {
        app_unread_error(app);
    }
    log_predicate_free(s.filter.predicate);
    free(s.filter.processes);
    free(s.filter.subsystems);
    return rc;
}

static const struct cmd_example examples[] = {
    {"dextctl log system_logs.logarchive --dexts --last boot",
     "what the system logged of driver extensions since it was started"},
    {"dextctl log sysdiagnose.tar.gz --predicate 'process == \"sysextd\"'",
     "of the archive in a sysdiagnose"},
    {NULL, NULL},
};

const struct cmd cmd_log = {
    .name = "log",
    .summary = "read Apple's unified log anywhere",
    .usage = "log [OPTIONS] ARCHIVE",
    .text = "Prints what log show prints on a Mac, in its styles. ARCHIVE is a .logarchive, a "
            "single tracev3 file (strings and times are looked for around it), or a .tar.gz such "
            "as a sysdiagnose, whose log is then held in memory.\n\n"
            "A TIME is 2026-11-24, '2026-11-24 12:00:00' or with a zone as it is printed; without "
            "one, that of the log's end counts. --last counts back from the end of the log. A "
            "PREDICATE compares eventMessage, process, processID, sender, subsystem, category, "
            "messageType, eventType and the like with ==, !=, CONTAINS, BEGINSWITH, ENDSWITH, "
            "LIKE, MATCHES and IN, joined by AND, OR and NOT.\n\n"
            "What is damaged or missing is told, the rest is printed.",
    .formats = "human|json|ndjson",
    .form = &log_form,
    .options = options,
    .examples = examples,
    .exits = "  0  entries were printed\n"
             "  1  no entry is as wanted\n"
             "  2  wrong usage\n"
             "  3  the archive could not be read, or a part of it\n",
    .operands = "file",
    .run = log_run,
};
