#include <string.h>

#include "app/date.h"
#include "cmd.h"
#include "view/entitlements_view.h"

static const struct opt options[] = {
    {"at", 0, "DATE", NULL, "judge expiry as of this day (2026-11-24) instead of now", NULL},
    OPT_END,
};

static int entitlements_run(struct app *app, const struct args *args)
{
    const struct entitlements_format *format = entitlements_format_for(app->face);
    struct entitlements_out view = {.app = app};
    struct dext_entitlements_options opt = {.size = sizeof opt, .now = date_now()};
    struct dext_entitlements all;
    const char *at = opt_value(args, "at");
    bool fault = false;
    if (at && !date_parse(at, &opt.now)) {
        return app_usage_error(app, "'%s' is no date such as 2026-11-24", at);
    }
    dext_entitlements_read(&all, app->ctx, (const char *const *)args->operands, args->operand_count,
                           &opt);
    for (size_t i = 0; i < all.error_count; i++) {
        app_unread_line(app, "", all.errors[i]);
    }
    format->open(&view);
    format->all(&view, &all);
    for (size_t i = 0; i < all.product_count; i++) {
        fault |= !all.products[i].possible;
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
        "together, as the build that would be signed with them. The first line says what the whole "
        "product can be used for (development, ad hoc or in-house distribution, Developer ID, an "
        "App Store, a Mac of one's own, or nothing), and why not for more: every slice of it and "
        "all code in it have their say. What is wrong is a rule of dextctl lint (DX4xx, "
        "DX5xx).\n\n"
        "Signature, profile and Info.plist are read; whether code pages and sealed files are "
        "still what was signed is a question for dextctl signature.",
    .formats = "human|json|ndjson",
    .form = &entitlements_form,
    .options = options,
    .examples = examples,
    .exits = "  0  nothing is in the way of any of the builds\n"
             "  1  one of them cannot be used for what it was made for: its first line says why\n"
             "  2  wrong usage\n"
             "  3  something could not be read\n",
    .operands = "file",
    .needs = "a bundle, a program, a .entitlements file or a profile",
    .run = entitlements_run,
};
