#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "view/panic_view.h"

#define MOST_BYTES ((size_t)64 << 20)

static int panic_one(struct panic_out *o, const struct panic_format *view,
                     struct dext_symbols *symbols, const char *path)
{
    const struct app *app = o->app;
    struct dext_panic *p = NULL;
    char *data = NULL;
    size_t size = 0;
    bool found = false;
    int rc;
    if (strcmp(path, "-") == 0) {
        if (!app_read_stdin(app, MOST_BYTES, &data, &size)) {
            return APP_UNREADABLE;
        }
        rc = dext_panic_parse(&p, app->ctx, "-", data, size);
        free(data);
    } else {
        rc = dext_panic_read(&p, app->ctx, path);
    }
    if (rc < 0) {
        app_unread_error(app);
        return APP_UNREADABLE;
    }
    for (; p; p = p->next) {
        struct panic_names *names = panic_names_make(app->ctx, p, symbols);
        const struct dext_panic_kext *suspect;
        view->report(o, p, names);
        panic_names_free(names);
        (void)panic_verdict(p, &suspect);
        found |= suspect || *p->source || *p->owner;
        o->later = true;
    }
    return found ? APP_FINDINGS : APP_CLEAN;
}

/* What --symbols names; NULL when it was not given. */
static struct dext_symbols *symbols_of(struct app *app, const struct args *args, int *rc)
{
    struct dext_symbols *s = NULL;
    const char *path;
    for (size_t i = 0; (path = opt_nth(args, "symbols", i)) != NULL; i++) {
        s = s ? s : dext_symbols_new(app->ctx);
        if (dext_symbols_add(s, path) < 0) {
            app_unread_error(app);
            *rc = APP_UNREADABLE;
        }
    }
    return s;
}

static int panic_run(struct app *app, const struct args *args)
{
    mask_when(app, opt_flag(args, "redact"));
    const struct panic_format *view = panic_format_for(app->face);
    struct panic_out out = {.app = app};
    int rc = APP_CLEAN;
    struct dext_symbols *symbols = symbols_of(app, args, &rc);
    view->open(&out);
    for (size_t i = 0; i < args->operand_count; i++) {
        out.later = i > 0;
        int one = panic_one(&out, view, symbols, args->operands[i]);
        rc = one > rc ? one : rc;
    }
    view->close(&out);
    return rc;
}

static const struct opt options[] = {
    {"symbols", 0, "PATH", NULL,
     "name the functions of the backtrace with a kext, dSYM, kernel, Kernel Debug Kit or a folder "
     "of them, found by UUID; may be repeated",
     "file"},
    CMD_REDACT,
    OPT_END,
};

static const struct cmd_example examples[] = {
    {"printf 'panic(cpu 0 caller 0xfffffe00): \"busy timeout[0], (60s): MyNub\"' | dextctl panic -",
     "a pasted report"},
    {"dextctl panic report.ips --symbols MyKext.kext.dSYM --symbols KDK_12.2_21D49.kdk",
     "with functions and source lines"},
    {NULL, NULL},
};

const struct cmd cmd_panic = {
    .name = "panic",
    .summary = "say what a kernel panic report tells of drivers",
    .usage = "panic [OPTIONS] FILE...",
    .text =
        "Reads panic reports as text, .panic and .ips files and pastes, of Intel Macs, Apple "
        "silicon, iPhone and iPad. Says what the reason means, which kexts are in the backtrace "
        "(not those that were merely loaded), where each frame is, and what that says of driver "
        "extensions.\n\n"
        "A frame in a kext is given as an offset from the address behind @ in the report, where on "
        "Apple silicon the code (segment __TEXT_EXEC) begins; a frame of the kernel with the slide "
        "taken off. With --symbols, frames get their function, and their source line when the file "
        "has DWARF and llvm-symbolizer (or atos) is installed.",
    .formats = "human|json|ndjson",
    .form = &panic_form,
    .options = options,
    .examples = examples,
    .exits = "  0  every report was read, and names no third-party kext\n"
             "  1  a report names one that was at work when the kernel panicked\n"
             "  2  wrong usage\n"
             "  3  an input or PATH could not be read, or holds no panic\n",
    .operands = "file",
    .needs = "a report",
    .run = panic_run,
};
