#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "dump.h"
#include "view/explain_follow.h"
#include "view/explain_html.h"

#define CHUNK_BYTES ((size_t)256 << 10)

static const struct opt options[] = {
    {"follow", 0, NULL, NULL,
     "read the last FILE, or standard input, as a log that grows, and speak as soon as it shows a "
     "cause",
     NULL},
    {"jobs", 'j', "N", NULL, "look through logs with N threads (default: one for each core)", NULL},
    {"html", 0, "PAGE", NULL, "write one page for a ticket, to be read in a browser", "file"},
    DUMP_FORCE,
    CMD_REDACT,
    OPT_END,
};

struct session {
    struct app *app;
    struct dext_explain *explain;
    bool unreadable;
};

static void from_stdin(struct session *s)
{
    char *chunk = app_alloc(CHUNK_BYTES);
    ssize_t got;
    bool more = true;
    dext_explain_begin(s->explain, "-");
    while (more && (got = read(STDIN_FILENO, chunk, CHUNK_BYTES)) != 0) {
        if (got > 0) {
            more = dext_explain_feed(s->explain, chunk, (size_t)got);
        } else if (errno != EINTR) {
            app_unread(s->app, "-", "cannot be read: %s", strerror(errno));
            break;
        }
    }
    enum dext_text_kind kind = dext_explain_end(s->explain);
    if (kind == DEXT_TEXT_EMPTY || kind == DEXT_TEXT_BINARY) {
        app_unread(s->app, "-", kind == DEXT_TEXT_EMPTY ? "it is empty" : "not a text");
    }
    free(chunk);
}

static void explain_one(struct session *s, const char *path)
{
    if (strcmp(path, "-") == 0) {
        from_stdin(s);
    } else if (dext_explain_add_path(s->explain, path) < 0) {
        app_unread_error(s->app);
    }
}

/* The number of threads, 0 for the default; false: no number, after telling. */
static bool jobs(const struct app *app, const struct args *args, unsigned *out)
{
    const char *value = opt_value(args, "jobs");
    char *end = NULL;
    unsigned long n = value ? strtoul(value, &end, 10) : 0;
    if (value && (*value < '1' || *value > '9' || *end || n > 1024)) {
        (void)app_usage_error(app, "--jobs wants a number from 1 to 1024, not '%s'", value);
        return false;
    }
    *out = (unsigned)n;
    return true;
}

/* What was not looked at is not called clean: each format says so. */
static void explain_note_unread(struct session *s, const struct dext_explain_inputs *inputs,
                                const struct dext_explanation *result)
{
    struct dext_ctx *ctx = s->app->ctx;
    for (size_t i = 0; i < inputs->count; i++) {
        dump_note(s->app, inputs->list[i].file, inputs->list[i].unread);
    }
    if (result->gave_up) {
        char line[160];
        (void)snprintf(line, sizeof line,
                       "searches for patterns hit their limits (%lu): what they would have found "
                       "is not known",
                       result->gave_up);
        dext_ctx_note_unread(ctx, NULL, line);
    }
    s->unreadable = s->unreadable || dext_ctx_unread_count(ctx) != 0;
}

static int explain_run(struct app *app, const struct args *args)
{
    mask_when(app, opt_flag(args, "redact"));
    struct session s = {.app = app};
    struct dext_explanation result;
    struct dext_explain_inputs inputs;
    struct explain_out out = {.app = app, .result = &result};
    bool follow = opt_flag(args, "follow");
    size_t told = 0, count = args->operand_count;
    const char *last = count ? args->operands[count - 1] : "-";
    unsigned threads;
    struct output page = {0};
    if (!jobs(app, args, &threads)) {
        return APP_USAGE;
    }
    if (follow && opt_value(args, "html")) {
        return app_usage_error(app, "--follow excludes --html");
    }
    if (dump_page(app, args, NULL, &page) != APP_CLEAN) {
        dump_page_free(&page);
        return APP_UNREADABLE;
    }
    s.explain = dext_explain_new(app->ctx);
    dext_explain_jobs(s.explain, threads);
    for (size_t i = 0; i + follow < count; i++) {
        explain_one(&s, args->operands[i]);
    }
    if (follow) {
        s.unreadable |= !explain_follow(s.explain, &out, &result, last, &told);
    } else if (count == 0) {
        explain_one(&s, "-");
    }
    out.told = told > 0;
    dext_explain_result(s.explain, &result);
    dext_explain_inputs(s.explain, &inputs);
    out.inputs = inputs.list;
    out.input_count = inputs.count;
    out.passed_over = inputs.passed_over;
    out.operands = args->operands;
    out.operand_count = count;
    explain_note_unread(&s, &inputs, &result);
    out.unreadable = s.unreadable;
    if (page.path) {
        s.unreadable |= explain_html_write(&out, &page) != APP_CLEAN;
    } else {
        explain_view(&out);
    }
    dump_page_free(&page);
    dext_explain_free(s.explain);
    return s.unreadable                        ? APP_UNREADABLE
           : result.verdict_count != 0 || told ? APP_FINDINGS
                                               : APP_CLEAN;
}

static const struct cmd_example examples[] = {
    {"printf 'DK: MyDriver-0x100000abc: provider entitlements check failed\\n' | dextctl explain",
     "one line of the kernel's log"},
    {"log stream --style ndjson --info --debug | dextctl explain --follow",
     "on a Mac, while the driver is being activated"},
    {"dextctl explain --redact --html page.html sysdiagnose.tar.gz", "a page for the ticket"},
    {NULL, NULL},
};

const struct cmd cmd_explain = {
    .name = "explain",
    .summary = "find the cause of a failure in logs, lists and questions",
    .usage = "explain [OPTIONS] [FILE]...",
    .text =
        "Reads logs in any style of log show, copies from Console, lists of system extensions, "
        "pasted lines and questions in prose. For each driver it puts what it finds in the order "
        "of a driver's life: build, sign, embed, activate, approve, stage, match, launch, start, "
        "serve. The first stage that failed is the cause, what came later its consequence. Lines "
        "that look bad but are not are named as such.\n\n"
        "A folder or archive (a sysdiagnose as .tar.gz) is read as a stream, and of it only what "
        "can tell of drivers: the unified log, extension lists, the registry's service plane, "
        "kext lists, crash and panic reports. A .logarchive and a tracev3 file are read as they "
        "are.\n\n"
        "Beside logs, further evidence can be given: a dump of ioreg and a .dext or Info.plist "
        "(does the personality match, who is in the way), an app, profile or .entitlements file "
        "(what does it lack of what the log complains of).\n\n"
        "Any text is cut into what tools and the system printed in it, each piece for the reader "
        "of "
        "its kind, and a person's words. A question gets answers with sources, apart from causes: "
        "what a driver extension can and cannot do there (all of that: dextctl topic), the codes "
        "in the text, and the DriverKit counterparts of the kernel calls in it.\n\n"
        "Without FILE, or with -, standard input is read. A log may be of any size.\n\n"
        "With --follow, the last FILE is read as it grows: each cause is printed when it is known. "
        "In the formats json, sarif and markdown all is printed at the end.",
    .formats = "human|json|ndjson|sarif|markdown",
    .form = &explain_form,
    .options = options,
    .examples = examples,
    .exits = "  0  no failure found; questions may have been answered\n"
             "  1  a cause was found\n"
             "  2  wrong usage\n"
             "  3  an input could not be read, or not all of it\n",
    .operands = "file",
    .run = explain_run,
};
