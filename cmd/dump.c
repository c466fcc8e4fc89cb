#include "dump.h"

#include <stdlib.h>
#include <string.h>

#define STDIN_LIMIT ((size_t)64 << 20)

int dump_tell(const struct app *app, int status, enum app_exit malformed)
{
    if (status == DEXT_OK) {
        return APP_CLEAN;
    }
    app_error(app, "%s", dext_ctx_error(app->ctx));
    dext_ctx_clear(app->ctx);
    return status == DEXT_E_NOTFOUND ? APP_FINDINGS
           : status == DEXT_E_FORMAT ? (int)malformed
                                     : APP_UNREADABLE;
}

int dump_worse(int a, int b)
{
    return a > b ? a : b;
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
    return dump_tell(app, status, APP_UNREADABLE);
}
