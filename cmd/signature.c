#include <string.h>

#include "cmd.h"
#include "view/signature_view.h"

static const struct opt options[] = {
    {"show-only", 0, NULL, NULL, "show what the signatures say and verify nothing", NULL},
    {"diff", 0, NULL, NULL,
     "show what differs between two builds, and whether the second passes as an update", NULL},
    {"requirement", 0, "TEXT", NULL,
     "say whether each PATH satisfies a requirement: in csreq's language, or @FILE", NULL},
    OPT_END,
};

struct session {
    struct app *app;
    const struct signature_format *format;
    struct signature_out view;
    struct dext_signature_options options;
    bool fault, unreadable;
};

static bool signature_read_path(struct session *s, struct dext_signatures *all, const char *path)
{
    dext_ctx_clear(s->app->ctx);
    if (dext_signatures_read(all, s->app->ctx, path, &s->options) != DEXT_OK) {
        app_unread_error(s->app);
        s->unreadable = true;
        return false;
    }
    for (size_t i = 0; i < all->count; i++) {
        if (all->list[i]->error) {
            app_unread_line(s->app, all->list[i]->path, all->list[i]->error);
            s->unreadable = true;
        }
    }
    return true;
}

static void signature_show(struct session *s, const char *path)
{
    struct dext_signatures all;
    if (!signature_read_path(s, &all, path)) {
        return;
    }
    for (size_t i = 0; i < all.count; i++) {
        if (!all.list[i]->error) {
            struct signature_row row = signature_row_of(all.list[i]);
            s->format->code(&s->view, &row);
            s->fault |=
                all.list[i]->broken || (all.list[i]->asked && all.list[i]->satisfies != DEXT_YES);
        }
    }
}

static void signature_compare(struct session *s)
{
    struct dext_signatures left, right;
    struct dext_updates updates;
    struct dext_changes changes;
    bool readable = signature_read_path(s, &left, s->view.left);
    if (!signature_read_path(s, &right, s->view.right) || !readable) {
        return;
    }
    dext_signatures_compare(&changes, s->app->ctx, &left, &right);
    dext_signatures_update(&updates, s->app->ctx, &left, &right);
    s->format->compare(&s->view, &updates, &changes);
    s->fault = changes.count > 0;
}

static int signature_run(struct app *app, const struct args *args)
{
    struct session s = {.app = app,
                        .format = signature_format_for(app->face),
                        .view = {.app = app},
                        .options = {.size = sizeof s.options}};
    bool diff = opt_flag(args, "diff");
    s.options.show_only = opt_flag(args, "show-only") || diff;
    struct dext_compiled requirement;
    const char *text = opt_value(args, "requirement");
    if (diff && text) {
        return app_usage_error(app, "--diff takes the requirement from the first build");
    }
    if (text &&
        dext_requirement_compile(&requirement, app->ctx, "--requirement", text) != DEXT_OK) {
        if (text[0] != '@') {
            return app_usage_error(app, "%s", dext_ctx_error(app->ctx));
        }
        app_unread_error(app);
        return APP_UNREADABLE;
    }
    s.options.requirement = text ? &requirement : NULL;
    s.view.requirement = text ? requirement.text : NULL;
    if (diff && args->operand_count != 2) {
        return app_usage_error(app, "--diff compares two builds, %zu given", args->operand_count);
    }
    if (diff) {
        s.view.left = args->operands[0];
        s.view.right = args->operands[1];
    }
    s.format->open(&s.view);
    if (diff) {
        signature_compare(&s);
    }
    for (size_t i = 0; !diff && i < args->operand_count; i++) {
        signature_show(&s, args->operands[i]);
    }
    s.format->close(&s.view);
    return s.unreadable ? APP_UNREADABLE : s.fault ? APP_FINDINGS : APP_CLEAN;
}

static const struct cmd_example examples[] = {
    {"dextctl signature MyApp.app", "the app, its driver, and every file that they seal"},
    {"dextctl signature --quiet MyApp.pkg", "one line for each thing that is signed"},
    {"dextctl signature --diff old/MyApp.app new/MyApp.app",
     "what changed between two builds, and whether the second is an update of the first"},
    {"dextctl signature --requirement 'anchor apple generic' MyApp.app",
     "whether it satisfies a requirement"},
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
        "The designated requirement has to hold for the code itself, and that sealed for nested "
        "code "
        "for what stands there. With --requirement another one is held against each PATH; with "
        "--diff that of the first build against the second: what the system asks of an update, and "
        "before it lets a program at keychain items and privacy permissions of another one.\n\n"
        "An ad hoc signature that is intact is not at fault; it is said to be ad hoc.",
    .formats = "human|json|ndjson",
    .form = &signature_form,
    .options = options,
    .examples = examples,
    .exits =
        "  0  every signature holds; with --diff: nothing differs\n"
        "  1  something is not signed, has been modified, or its chain does not end at Apple;\n"
        "     with --diff: something differs; with --requirement: it is not satisfied, or whether\n"
        "     it is cannot be told\n"
        "  2  wrong usage\n"
        "  3  something could not be read, or there is nothing that could be signed\n",
    .operands = "file",
    .needs = "a bundle, a Mach-O file or a package",
    .run = signature_run,
};
