#include "dump.h"

#include <stdlib.h>
#include <string.h>

#include "view/html_page.h"

#define STDIN_LIMIT ((size_t)64 << 20)

int dump_tell(const struct app *app, int status, enum app_exit malformed)
{
    if (status == DEXT_OK) {
        return APP_CLEAN;
    }
    int rc = status == DEXT_E_NOTFOUND ? APP_FINDINGS
             : status == DEXT_E_FORMAT ? (int)malformed
                                       : APP_UNREADABLE;
    if (rc == APP_UNREADABLE) {
        app_unread_error(app);
    } else {
        app_error(app, "%s", dext_ctx_error(app->ctx));
        dext_ctx_clear(app->ctx);
    }
    return rc;
}

int dump_worse(int a, int b)
{
    return a > b ? a : b;
}

void dump_note(const struct app *app, const char *file, const char *why)
{
    size_t size = strlen(file) + strlen(why) + 3;
    char *line = app_alloc(size);
    (void)snprintf(line, size, "%s: %s", file, why);
    if (*why) {
        dext_ctx_note_unread(app->ctx, file, line);
    }
    free(line);
}

/* What is lost of it stands in every format, and is told at the end. */
static void dump_note_lost(const struct app *app, const struct dext_reg_info *i)
{
    char text[160];
    if (i->lost && i->lost_text) {
        dext_ctx_note_unread(app->ctx, i->path, i->lost_text);
    } else if (i->lost) {
        (void)snprintf(text, sizeof text, "%zu part%s of it could not be read as nodes", i->lost,
                       i->lost == 1 ? "" : "s");
        dump_note(app, i->path, text);
    }
}

int dump_read(struct app *app, const char *path, struct dext_registry **out)
{
    char *data;
    size_t size;
    int status;
    if (!path) {
        status = dext_registry_live(out, app->ctx);
    } else if (strcmp(path, "-") != 0) {
        status = dext_registry_read(out, app->ctx, path);
    } else if (app_read_stdin(app, STDIN_LIMIT, &data, &size)) {
        status = dext_registry_parse(out, app->ctx, path, data, size);
        free(data);
    } else {
        return APP_UNREADABLE;
    }
    int rc = dump_tell(app, status, APP_UNREADABLE);
    if (rc == APP_CLEAN) {
        dump_note_lost(app, dext_registry_info(*out));
    }
    if (rc == APP_CLEAN && !app->quiet && dext_registry_info(*out)->devices) {
        app_error(
            app,
            "%s: a list of devices (%s) and no registry: it shows keys of USB and PCI devices, "
            "no drivers, states and parents",
            path, dext_registry_info(*out)->devices);
    }
    return rc;
}

int dump_page(const struct app *app, const struct args *args, const char *dump, struct output *page)
{
    const char **inputs = app_alloc((args->operand_count + 2) * sizeof *inputs);
    for (size_t i = 0; i < args->operand_count; i++) {
        inputs[i] = args->operands[i];
    }
    inputs[args->operand_count] = dump;
    *page = html_page_output(opt_value(args, "html"), inputs, opt_flag(args, "force"));
    return html_page_may_write(app, page);
}

void dump_page_free(struct output *page)
{
    free((void *)page->inputs);
}

void dump_warn(const struct app *app, const struct dext_reg_info *i)
{
    if (i->clipped && !app->quiet) {
        app_error(app, "%s: %zu line%s cut off; ioreg -lw0 writes them whole", i->path, i->clipped,
                  i->clipped == 1 ? " is" : "s are");
    }
}
