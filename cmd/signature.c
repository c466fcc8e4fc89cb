#include <string.h>

#include "cmd.h"
#include "signature_view.h"

static const struct opt options[] = {
    {"show-only", 0, NULL, NULL, "show what the signatures say and verify nothing", NULL},
    {"diff", 0, NULL, NULL, "show what differs between two builds", NULL},
    OPT_END,
};

struct session {
    struct app *app;
    const struct signature_format *format;
    struct signature_view view;
    struct dext_signature_options options;
    bool fault, unreadable;
};

static bool read_path(struct session *s, struct dext_signatures *all, const char *path)
{
    dext_ctx_clear(s->app->ctx);
    if (dext_signatures_read(all, s->app->ctx, path, &s->options) != DEXT_OK) {
        app_error(s->app, "%s", dext_ctx_error(s->app->ctx));
        s->unreadable = true;
        return false;
    }
    for (size_t i = 0; i < all->count; i++) {
        if (all->list[i]->error) {
            app_error(s->app, "%s", all->list[i]->error);
            s->unreadable = true;
        }
    }
    return true;
}

static void show(struct session *s, const char *path)
{
    struct dext_signatures all;
    if (!read_path(s, &all, path)) {
        return;
    }
    for (size_t i = 0; i < all.count; i++) {
        if (!all.list[i]->error) {
            s->format->code(&s->view, all.list[i]);
            s->fault |= all.list[i]->broken;
        }
    }
}

static void compare(struct session *s)
{
    struct dext_signatures left, right;
    struct dext_changes changes;
    bool readable = read_path(s, &left, s->view.left);
    if (!read_path(s, &right, s->view.right) || !readable) {
        return;
    }
    dext_signatures_compare(&changes, s->app->ctx, &left, &right);
    for (size_t i = 0; i < changes.count; i++) {
        s->format->change(&s->view, &changes.list[i]);
    }
    s->fault = changes.count > 0;
}

static int run(struct app *app, const struct args *args)
{
    struct session s = {.app = app,
                        .format = signature_format_named(app->format),
                        .view = {.app = app},
                        .options = {.size = sizeof s.options}};
    bool diff = opt_flag(args, "diff");
    s.options.show_only = opt_flag(args, "show-only") || diff;
    if (args->operand_count == 0) {
        return app_usage_error(app, "signature needs a bundle, a Mach-O file or a package");
    }
    if (diff && args->operand_count != 2) {
        return app_usage_error(app, "--diff compares two builds, %zu given", args->operand_count);
    }
    if (diff) {
        s.view.left = args->operands[0];
        s.view.right = args->operands[1];
    }
    s.format->open(&s.view);
    if (diff) {
        compare(&s);
    }
    for (size_t i = 0; !diff && i < args->operand_count; i++) {
        show(&s, args->operands[i]);
    }
    s.format->close(&s.view);
    return s.unreadable ? APP_UNREADABLE : s.fault ? APP_FINDINGS : APP_CLEAN;
}

static const struct cmd_example examples[] = {
    {"dextctl signature MyApp.app", "the app, its driver, and every file that they seal"},
    {"dextctl signature --quiet MyApp.pkg", "one line for each thing that is signed"},
    {"dextctl signature --diff old/MyApp.app new/MyApp.app", "what changed between two builds"},
    {NULL, NULL},
};

const struct cmd cmd_signature = {
    .name = "signature",
    .summary = "show who signed what, and verify every hash of it",
    .usage = "signature [OPTIONS] PATH...",
    .text =
        "PATH is a Mach-O file, a bundle (.dext, .app, .kext, ...), or a folder or archive (.pkg, "
        ".zip) with such in it. For each thing that is signed dextctl shows the signer, team, "
        "identifier, flags, cdhash of each slice, entitlements and the driver's classes.\n\n"
        "Everything that the signature covers is verified: each page of each slice, Info.plist, "
        "requirements, entitlements in both forms, every file that CodeResources seals, files "
        "added and missing, nested code, the cryptographic signature, its timestamp, and the "
        "chain of certificates up to Apple's root. Nothing is asked of the network.\n\n"
        "An ad hoc signature that is intact is not at fault; it is said to be ad hoc.",
    .formats = "human|json|ndjson",
    .options = options,
    .examples = examples,
    .exits =
        "  0  every signature holds; with --diff: nothing differs\n"
        "  1  something is not signed, has been modified, or its chain does not end at Apple;\n"
        "     with --diff: something differs\n"
        "  2  wrong usage\n"
        "  3  something could not be read, or there is nothing that could be signed\n",
    .operands = "file",
    .run = run,
};
