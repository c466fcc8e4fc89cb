#include <stdlib.h>
#include <string.h>

#include "app/date.h"
#include "cmd.h"
#include "view/triage_view.h"

static const struct opt options[] = {
    {"by", 0, "KEYS", NULL,
     "group by these, separated by commas: cause, driver, version, macos, model (default: cause)",
     NULL},
    {"since", 0, "DATE", NULL, "mark what was not seen before this day (2026-11-24), put it first",
     NULL},
    CMD_REDACT,
    OPT_END,
};

static int triage_keys_of(struct triage *t, const char *list)
{
    char **words = opt_split(list);
    int status = APP_CLEAN;
    for (size_t i = 0; words[i] && status == APP_CLEAN; i++) {
        int k = 0;
        while (k < TRIAGE_KEYS && strcmp(words[i], triage_key_name((enum triage_key)k)) != 0) {
            k++;
        }
        if (k == TRIAGE_KEYS) {
            status = app_usage_error(
                t->app, "--by takes cause, driver, version, macos and model, not '%s'", words[i]);
        } else {
            t->by[k] = true;
        }
    }
    free(words);
    return status;
}

static int cmd_triage_run(struct app *app, const struct args *args)
{
    mask_when(app, opt_flag(args, "redact"));
    struct triage t = {.app = app};
    const char *by = opt_value(args, "by"), *since = opt_value(args, "since");
    int rc = triage_keys_of(&t, by ? by : "cause");
    if (rc == APP_CLEAN && since && !date_parse(since, &t.since)) {
        rc = app_usage_error(app, "--since wants a date such as 2026-11-24, not '%s'", since);
    }
    if (rc != APP_CLEAN) {
        return rc;
    }
    bool fine = true;
    for (size_t i = 0; i < args->operand_count; i++) {
        fine &= triage_read(&t, args->operands[i]);
    }
    if (args->operand_count == 0) {
        fine = triage_read(&t, "-");
    }
    if (fine && t.reports == 0) {
        app_unread_line(app, NULL,
                        "no report in what was read: rows are those of explain --format ndjson");
        fine = false;
    }
    triage_settle(&t);
    triage_write(&t);
    rc = !fine ? APP_UNREADABLE : t.group_count ? APP_FINDINGS : APP_CLEAN;
    triage_free(&t);
    return rc;
}

static const struct cmd_example examples[] = {
    {"for r in *.tar.gz; do dextctl explain --format ndjson \"$r\"; done >rows.ndjson",
     "explain many reports (docs/fleet.md: on all cores, on many machines)"},
    {"dextctl triage --by cause,version,macos rows.ndjson", "what fails, and where"},
    {"dextctl triage --since 2026-11-24 rows.ndjson", "what is new this week"},
    {NULL, NULL},
};

const struct cmd cmd_triage = {
    .name = "triage",
    .summary = "group the explanations of many reports",
    .usage = "triage [OPTIONS] [ROWS]...",
    .text = "Reads what 'dextctl explain --format ndjson' wrote of many reports, one after the "
            "other in one file or in many, and says which causes they have in common: how many "
            "reports, since when, on which version of the driver, of macOS and on which Macs, with "
            "examples. A report that was explained twice, because a job was run again, counts "
            "once.\n\n"
            "Rows are lines of the type \"report\" (dextctl.explain/1): each stands for itself, so "
            "that files can be joined, split and kept in any order. Other lines are passed over; a "
            "line that a killed job left unfinished is told, and the others count.",
    .formats = "human|json|ndjson",
    .form = &triage_form,
    .options = options,
    .examples = examples,
    .exits = "  0  no report shows a cause\n"
             "  1  some do\n"
             "  2  wrong usage\n"
             "  3  some line could not be read (the others count), or no report was there\n",
    .operands = "file",
    .run = cmd_triage_run,
};
