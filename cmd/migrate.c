#include "cmd.h"
#include "view/migrate_view.h"

static const struct opt options[] = {
    OPT_END,
};

static int migrate_run(struct app *app, const struct args *args)
{
    const struct migrate_format *format = migrate_format_for(app->face);
    struct migrate_out view = {.app = app};
    int status = APP_CLEAN;
    if (args->operand_count == 0) {
        return app_usage_error(app, "migrate needs the folder of a kernel extension's sources");
    }
    format->open(&view);
    for (size_t i = 0; i < args->operand_count; i++) {
        struct dext_migrate *m;
        dext_ctx_clear(app->ctx);
        if (dext_migrate_read(&m, app->ctx, args->operands[i]) != DEXT_OK) {
            app_unread_error(app);
            status = APP_UNREADABLE;
            continue;
        }
        for (size_t k = 0; k < m->unread_count; k++) {
            app_unread_line(app, "", m->unread[k]);
            status = APP_UNREADABLE;
        }
        format->kext(&view, m);
        if (m->verdict != DEXT_MIGRATE_POSSIBLE && status == APP_CLEAN) {
            status = APP_FINDINGS;
        }
    }
    format->close(&view);
    return status;
}

static const struct cmd_example examples[] = {
    {"dextctl migrate MyKext", "what becomes of a kext in DriverKit"},
    {"dextctl migrate --format markdown MyKext >plan.md", "the same, for a ticket"},
    {NULL, NULL},
};

const struct cmd cmd_migrate = {
    .name = "migrate",
    .summary = "show what becomes of a kernel extension in DriverKit",
    .usage = "migrate [OPTIONS] PATH...",
    .text = "PATH is a folder with a kernel extension's sources and Info.plist, a .kext, or one "
            "source file. dextctl says which framework of DriverKit does the work of each class, "
            "how the personalities and entitlements look in a driver extension, and of each call "
            "that the sources use whether DriverKit has it, needs another design, or has nothing "
            "for it, with its places.\n\n"
            "Sources are read without a compiler: names are found, not types, and calls that are "
            "not in dextctl's tables are not judged. Folders of tests and of others' code (vendor, "
            "Pods, build) and programs beside the kext are left out.",
    .formats = "human|json|ndjson|markdown",
    .form = &migrate_form,
    .options = options,
    .examples = examples,
    .exits = "  0  possible with DriverKit, at least in part\n"
             "  1  not possible, or nothing tells what the kext drives\n"
             "  2  wrong usage\n"
             "  3  something could not be read, or there is no kernel extension\n",
    .operands = "file",
    .needs = "the folder of a kernel extension's sources",
    .run = migrate_run,
};
