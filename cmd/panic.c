#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "panic_view.h"

#define MOST_BYTES ((size_t)64 << 20)

static bool one(struct app *app, const struct panic_view *view, const char *path, bool first)
{
    struct dext_panic *p = NULL;
    char *data = NULL;
    size_t size = 0;
    int rc;
    if (strcmp(path, "-") == 0) {
        if (!app_read_stdin(app, MOST_BYTES, &data, &size)) {
            return false;
        }
        rc = dext_panic_parse(&p, app->ctx, "-", data, size);
        free(data);
    } else {
        rc = dext_panic_read(&p, app->ctx, path);
    }
    if (rc < 0) {
        app_error(app, "%s", dext_ctx_error(app->ctx));
        dext_ctx_clear(app->ctx);
        return false;
    }
    (void)fputs(first || view == &panic_json ? "" : "\n", app->out);
    view->report(app, p);
    return true;
}

static int run(struct app *app, const struct args *args)
{
    const struct panic_view *view = panic_view_named(app->format);
    int rc = APP_CLEAN;
    if (args->operand_count == 0) {
        return app_usage_error(app, "panic needs a report");
    }
    view->open(app);
    for (size_t i = 0; i < args->operand_count; i++) {
        rc = one(app, view, args->operands[i], i == 0) ? rc : APP_UNREADABLE;
    }
    view->close(app);
    return rc;
}

static const struct cmd_example examples[] = {
    {"printf 'panic(cpu 0 caller 0xfffffe00): \"busy timeout[0], (60s): MyNub\"' | dextctl panic -",
     "a pasted report"},
    {NULL, NULL},
};

const struct cmd cmd_panic = {
    .name = "panic",
    .summary = "say what a kernel panic report tells of drivers",
    .usage = "panic FILE...",
    .text =
        "Reads panic reports as text, .panic and .ips files and pastes, of Intel Macs, Apple "
        "silicon, iPhone and iPad. Says what the reason means, which kexts are in the backtrace "
        "(not those that were merely loaded), where each frame is, and what that says of driver "
        "extensions.\n\n"
        "A frame in a kext is given as an offset from the address behind @ in the report, where on "
        "Apple silicon the code (segment __TEXT_EXEC) begins; a frame of the kernel with the "
        "kernel's slide taken off.",
    .formats = "human|json",
    .examples = examples,
    .exits = "  0  every report was read\n"
             "  2  wrong usage\n"
             "  3  an input could not be read, or holds no panic\n",
    .operands = "file",
    .run = run,
};
