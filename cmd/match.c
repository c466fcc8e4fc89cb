#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "dump.h"
#include "view/match_view.h"
#include "view/registry_html.h"

#define STDIN_LIMIT ((size_t)64 << 20)

static const struct opt options[] = {
    {"ioreg", 'i', "DUMP", NULL, "the registry to match against, as ioreg -l or ioreg -a wrote it",
     "file"},
    {"why", 'w', "NODE", NULL, "account for one node key by key; its name, 0xID or class", NULL},
    {"personality", 'p', "NAME", NULL, "consider only the personality of this name", NULL},
    {"suggest", 's', "NODE", NULL, "write a personality and entitlements for this node", NULL},
    {"html", 0, "PAGE", NULL, "write one page: the registry, and what matches in it", "file"},
    DUMP_FORCE,
    {"family", 0, "FAMILY", NULL, "with --suggest: the family of driver, such as serial", "family"},
    CMD_REDACT,
    OPT_END,
};

struct session {
    struct app *app;
    const struct args *args;
    struct dext_match *m;
    struct match_out out;
    const struct match_format *format;
    struct dext_registry *registry;
    struct output page; /* path NULL: none is asked for */
};

static int match_tell(const struct session *s, int status)
{
    return dump_tell(s->app, status, APP_UNREADABLE);
}

static int match_add(const struct session *s, const char *path)
{
    char *data;
    size_t size;
    if (strcmp(path, "-") != 0) {
        return match_tell(s, dext_match_add_path(s->m, path));
    }
    if (!app_read_stdin(s->app, STDIN_LIMIT, &data, &size)) {
        return APP_UNREADABLE;
    }
    int status = dext_match_add_bytes(s->m, path, data, size);
    free(data);
    return match_tell(s, status);
}

static int match_check_usage(const struct app *app, const struct args *args)
{
    const char *dump = opt_value(args, "ioreg"), *suggest = opt_value(args, "suggest");
    size_t stdins = dump && strcmp(dump, "-") == 0;
    for (size_t i = 0; i < args->operand_count; i++) {
        stdins += strcmp(args->operands[i], "-") == 0;
    }
    if (!dump) {
        return app_usage_error(app, "match needs --ioreg DUMP, what ioreg -lw0 or ioreg -al wrote");
    }
    if (stdins > 1) {
        return app_usage_error(app, "standard input can be read once only");
    }
    if (suggest && (opt_value(args, "why") || opt_value(args, "personality"))) {
        return app_usage_error(app, "--suggest excludes --why and --personality");
    }
    if (suggest && args->operand_count) {
        return app_usage_error(app, "--suggest takes no property list");
    }
    if (suggest && opt_value(args, "html")) {
        return app_usage_error(app, "--suggest excludes --html");
    }
    if (!suggest && opt_value(args, "family")) {
        return app_usage_error(app, "--family needs --suggest");
    }
    return APP_CLEAN;
}

static void match_warn(const struct session *s, const struct dext_match_result *r)
{
    if (s->app->quiet) {
        return;
    }
    const char *why = opt_value(s->args, "why");
    dump_warn(s->app, dext_registry_info(s->registry));
    if (r->left_out) {
        app_error(s->app,
                  "%s: %zu more personalit%s not match; --personality NAME accounts for one", why,
                  r->left_out, r->left_out == 1 ? "y does" : "ies do");
    }
    if (r->selected > r->shown) {
        app_error(s->app, "%s: %zu more nodes of this name; an id (0x...) names one", why,
                  r->selected - r->shown);
    }
}

static int match_answer(struct session *s)
{
    const char *why = opt_value(s->args, "why"), *name = opt_value(s->args, "personality");
    const struct dext_match_result *r;
    int status = why ? dext_match_why(s->m, why, name, &r) : dext_match_run(s->m, name, &r);
    int rc = match_tell(s, status);
    if (rc != APP_CLEAN) {
        return rc;
    }
    if (opt_value(s->args, "html")) {
        struct registry_html what = {.r = s->registry, .match = r};
        rc = registry_html_write(s->app, &s->page, &what);
    } else {
        (why ? s->format->why : s->format->run)(&s->out, r);
    }
    if (rc != APP_CLEAN) {
        return rc;
    }
    match_warn(s, r);
    for (size_t i = 0; i < r->decision_count; i++) {
        if (r->decisions[i].answer == DEXT_MATCH_YES) {
            return r->lost ? APP_UNREADABLE : APP_CLEAN;
        }
    }
    return r->lost ? APP_UNREADABLE : APP_FINDINGS;
}

static int suggest(struct session *s)
{
    const struct dext_match_suggestion *out;
    int rc = match_tell(s, dext_match_suggest(s->m, opt_value(s->args, "suggest"),
                                              opt_value(s->args, "family"), &out));
    if (rc == APP_CLEAN) {
        s->format->suggest(&s->out, out);
        rc = out->check && out->check->answer == DEXT_MATCH_YES ? APP_CLEAN : APP_FINDINGS;
    }
    return rc;
}

static int match_all(struct session *s)
{
    int read = APP_CLEAN;
    for (size_t i = 0; i < s->args->operand_count; i++) {
        read = dump_worse(read, match_add(s, s->args->operands[i]));
    }
    return read == APP_UNREADABLE ? dump_worse(read, match_answer(s)) : match_answer(s);
}

static int match_run(struct app *app, const struct args *args)
{
    mask_when(app, opt_flag(args, "redact"));
    struct session s = {.app = app,
                        .args = args,
                        .m = dext_match_new(app->ctx),
                        .out = {.app = app},
                        .format = match_format_for(app->face)};
    int rc = match_check_usage(app, args);
    rc = rc ? rc : dump_page(app, args, opt_value(args, "ioreg"), &s.page);
    rc = rc ? rc : dump_read(app, opt_value(args, "ioreg"), &s.registry);
    if (rc == APP_CLEAN) {
        dext_match_use(s.m, s.registry);
        rc = opt_value(args, "suggest") ? suggest(&s) : match_all(&s);
    }
    dump_page_free(&s.page);
    return rc;
}

static const struct cmd_example examples[] = {
    {"dextctl match MyDriver/Info.plist --ioreg ioreg.txt", "which devices the driver matches"},
    {"dextctl match MyDriver --ioreg ioreg.txt --why AcmeDevice", "why not that one, key by key"},
    {"dextctl match --ioreg ioreg.txt --suggest AcmeDevice", "a personality for a device"},
    {NULL, NULL},
};

const struct cmd cmd_match = {
    .name = "match",
    .summary = "play IOKit's matching: personalities against a registry dump",
    .usage = "match [OPTIONS] PLIST|BUNDLE... --ioreg DUMP",
    .text = "Holds every personality against every node of the dump as the kernel would, and says "
            "which nodes it matches, with what score, and which drivers it competes with. Drivers "
            "that are installed but neither attached in the dump nor given are not known.\n\n"
            "What Apple's public sources leave open, and what the dump does not show, is answered "
            "with 'not certain'.",
    .formats = "human|json|ndjson",
    .form = &match_form,
    .options = options,
    .examples = examples,
    .exits = "  0  a personality matches a node\n"
             "  1  none does, or there is no such node or personality\n"
             "  2  wrong usage\n"
             "  3  some input could not be read\n",
    .operands = "file",
    .needs = "an Info.plist or bundle",
    .instead = "suggest",
    .run = match_run,
};
