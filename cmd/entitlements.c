#include <string.h>

#include "cmd.h"
#include "date.h"
#include "entitlements_view.h"

static const struct opt options[] = {
    {"at", 0, "DATE", NULL, "judge expiry as of this day (2026-11-24) instead of now", NULL},
    OPT_END,
};

static int run(struct app *app, const struct args *args)
{
    const struct entitlements_format *format = entitlements_format_named(app->format);
    struct entitlements_view view = {.app = app};
    struct dext_entitlements_options opt = {.size = sizeof opt, .now = date_now()};
    struct dext_entitlements all;
    const char *at = opt_value(args, "at");
    bool fault = false;
    if (args->operand_count == 0) {
        return app_usage_error(app, "entitlements needs a bundle, a program, a .entitlements file "
                                    "or a profile");
    }
    if (at && !date_parse(at, &opt.now)) {
        return app_usage_error(app, "'%s' is no date such as 2026-11-24", at);
    }
    dext_entitlements_read(&all, app->ctx, (const char *const *)args->operands, args->operand_count,
                           &opt);
    for (size_t i = 0; i < all.error_count; i++) {
        app_error(app, "%s", all.errors[i]);
    }
    format->open(&view);
    for (size_t i = 0; i < all.count; i++) {
        format->subject(&view, all.list[i]);
        fault |= !all.list[i]->possible;
    }
    format->close(&view);
    return all.error_count ? APP_UNREADABLE : fault ? APP_FINDINGS : APP_CLEAN;
}

static const struct cmd_example examples[] = {
    {"dextctl entitlements MyApp.app", "the app and the driver in it, against their profiles"},
    {"dextctl entitlements MyApp.pkg", "the same for what is in a package"},
    {"dextctl entitlements Driver.entitlements Info.plist dev.provisionprofile",
     "before the build: do these fit together?"},
    {NULL, NULL},
};

const struct cmd cmd_entitlements = {
    .name = "entitlements",
    .summary = "show which entitlement stands where, and whether all places agree",
    .usage = "entitlements [OPTIONS] PATH...",
    .text =
        "PATH is a bundle (.dext, .app), a Mach-O file, a folder or archive (.pkg, .zip) with such "
        "in it, a .entitlements file, a provisioning profile, or a driver's Info.plist. For each "
        "driver and app there is a table: a row for each entitlement, a column for each place "
        "where it may stand (.entitlements file, signature, its DER copy where that differs, "
        "profile), and a verdict. The word in a cell is the variant: development (covers all "
        "hardware, every paid team has it) or approved (names hardware, Apple grants it); yes "
        "where both look the same.\n\n"
        "Loose files go to the driver or app that they are for; without one they are judged "
        "together, as the build that would be signed with them. The last line says what the build "
        "can be used for: development, Developer ID, the App Store, or nothing, and why. What is "
        "wrong is a rule of dextctl lint (DX4xx, DX5xx).",
    .formats = "human|json|ndjson",
    .options = options,
    .examples = examples,
    .exits = "  0  nothing is in the way of any of the builds\n"
             "  1  one of them cannot be used: its last line says why\n"
             "  2  wrong usage\n"
             "  3  something could not be read\n",
    .operands = "file",
    .run = run,
};
