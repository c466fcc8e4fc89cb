#include <stdlib.h>
#include <string.h>

#include "app/date.h"
#include "cmd.h"
#include "view/profile_view.h"

static const struct opt options[] = {
    {"at", 0, "DATE", NULL, "judge expiry as of this day (2026-11-24) instead of now", NULL},
    OPT_END,
};

struct session {
    struct app *app;
    const struct profile_format *format;
    struct profile_out view;
    bool fault, unreadable;
};

static void profile_show(struct session *s, const struct dext_profile *p)
{
    if (p->error) {
        app_unread_line(s->app, p->path, p->error);
        s->unreadable = true;
        return;
    }
    s->format->profile(&s->view, p);
    s->fault |= profile_fault(p, s->view.at) != NULL;
}

static void profile_refuse(struct session *s)
{
    app_unread_error(s->app);
    s->unreadable = true;
}

/* Largest profile on standard input; real ones stay below 200 KB. */
#define STDIN_BYTES ((size_t)4 << 20)

static void profile_read_stdin(struct session *s)
{
    char *data;
    size_t size;
    const struct dext_profile *p;
    if (!app_read_stdin(s->app, STDIN_BYTES, &data, &size)) {
        s->unreadable = true;
        return;
    }
    if (dext_profile_parse(&p, s->app->ctx, "-", data, size) == DEXT_OK) {
        profile_show(s, p);
    } else {
        profile_refuse(s);
    }
    free(data);
}

static void profile_read_path(struct session *s, const char *path)
{
    struct dext_profiles list;
    dext_ctx_clear(s->app->ctx);
    if (dext_profiles_read(&list, s->app->ctx, path) != DEXT_OK) {
        profile_refuse(s);
    }
    for (size_t i = 0; i < list.count; i++) {
        profile_show(s, list.list[i]);
    }
}

static int profile_run(struct app *app, const struct args *args)
{
    struct session s = {.app = app,
                        .format = profile_format_for(app->face),
                        .view = {.app = app, .at = date_now()}};
    const char *at = opt_value(args, "at");
    if (at && !date_parse(at, &s.view.at)) {
        return app_usage_error(app, "'%s' is no date such as 2026-11-24", at);
    }
    s.format->open(&s.view);
    for (size_t i = 0; i < args->operand_count; i++) {
        dext_ctx_clear(app->ctx);
        if (strcmp(args->operands[i], "-") == 0) {
            profile_read_stdin(&s);
        } else {
            profile_read_path(&s, args->operands[i]);
        }
    }
    s.format->close(&s.view);
    return s.unreadable ? APP_UNREADABLE : s.fault ? APP_FINDINGS : APP_CLEAN;
}

static const struct cmd_example examples[] = {
    {"dextctl profile embedded.provisionprofile", "kind, team, certificates, entitlements, expiry"},
    {"dextctl profile MyApp.app", "every profile embedded in a bundle"},
    {"dextctl profile --at 2027-02-01 MyApp.pkg", "will it still be good that day?"},
    {NULL, NULL},
};

const struct cmd cmd_profile = {
    .name = "profile",
    .summary = "show what a provisioning profile allows, where and until when",
    .usage = "profile [OPTIONS] PATH...",
    .text =
        "PATH is a provisioning profile, or a bundle, folder or archive (.pkg, .zip, .ipa) that "
        "has some embedded. The kind (development, ad hoc, App Store, Developer ID, in-house) is "
        "written nowhere in a profile; it follows from its devices, certificates and platforms, "
        "and dextctl says from which.\n\n"
        "The signature is verified up to Apple's root, and the DER copy, which is what the system "
        "reads, is held against the property list. The operand - reads a profile from standard "
        "input.",
    .formats = "human|json|ndjson",
    .form = &profile_form,
    .options = options,
    .examples = examples,
    .exits = "  0  every profile is valid\n"
             "  1  a profile has expired, is not signed by Apple, or its copies differ\n"
             "  2  wrong usage\n"
             "  3  something could not be read, or holds no profile\n",
    .operands = "file",
    .needs = "a provisioning profile or a bundle",
    .run = profile_run,
};
