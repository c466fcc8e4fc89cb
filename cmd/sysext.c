#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "view/sysext_view.h"

#define MOST_BYTES ((size_t)64 << 20)

struct session {
    struct app *app;
    const struct sysext_format *view;
    struct sysext_out out;
    bool attention, unreadable;
};

/* rc: of the reader that made list. */
static void sysext_show(struct session *s, int rc, const struct dext_sysext *list)
{
    if (rc < 0) {
        app_unread_error(s->app);
        s->unreadable = true;
        return;
    }
    s->view->list(&s->out, list);
    s->attention |= list->died || (list->declared > 0 && list->row_count == 0);
    for (size_t i = 0; i < list->extension_count; i++) {
        s->attention |= list->extensions[i].attention != DEXT_ATTENTION_NONE;
    }
}

static void show_bytes(struct session *s, const char *name, char *data, size_t size)
{
    struct dext_sysext *list = NULL;
    int rc = dext_sysext_parse(&list, s->app->ctx, name, data, size);
    sysext_show(s, rc, list);
    free(data);
}

static void sysext_one(struct session *s, const char *path)
{
    struct dext_sysext *list = NULL;
    char *data;
    size_t size;
    if (strcmp(path, "-") != 0) {
        int rc = dext_sysext_read(&list, s->app->ctx, path);
        sysext_show(s, rc, list);
    } else if (app_read_stdin(s->app, MOST_BYTES, &data, &size)) {
        show_bytes(s, "-", data, size);
    } else {
        s->unreadable = true;
    }
}

static int sysext_run(struct app *app, const struct args *args)
{
    struct session s = {.app = app, .view = sysext_format_for(app->face), .out = {.app = app}};
    size_t size = 0;
    bool here = true;
    char *live = args->operand_count ? NULL : sysext_live(app, &size, &here);
    if (!here) {
        return app_usage_error(app, "sysext needs a file here: there is no systemextensionsctl");
    }
    s.view->open(&s.out);
    if (live) {
        show_bytes(&s, "systemextensionsctl list", live, size);
    } else if (args->operand_count == 0) {
        s.unreadable = true;
    }
    for (size_t i = 0; i < args->operand_count; i++) {
        sysext_one(&s, args->operands[i]);
    }
    s.view->close(&s.out);
    return s.unreadable ? APP_UNREADABLE : s.attention ? APP_FINDINGS : APP_CLEAN;
}

static const struct cmd_example examples[] = {
    {"printf '0 extension(s)\\n' | dextctl sysext -", "read a list from a pipe"},
    {NULL, NULL},
};

const struct cmd cmd_sysext = {
    .name = "sysext",
    .summary = "explain the states that systemextensionsctl list shows",
    .usage = "sysext [FILE]...",
    .text =
        "Reads the output of `systemextensionsctl list`, as a file, a paste that lost its tabs, or "
        "a piece of some other text. For each extension it says what its state means and what to "
        "do next; several versions of one extension are judged together.\n\n"
        "On a Mac, without a FILE, the installed extensions are read. - is standard input.",
    .formats = "human|json|ndjson",
    .form = &sysext_form,
    .examples = examples,
    .exits = "  0  every extension is enabled (which does not prove that it runs)\n"
             "  1  some extension waits for something, is on its way out or was rejected, or the\n"
             "     list broke off\n"
             "  2  wrong usage\n"
             "  3  an input could not be read, or holds no such list\n",
    .operands = "file",
    .run = sysext_run,
};
