/* inputs.h: operands, --files-from and standard input become inputs of a lint session. */
#ifndef APP_INPUTS_H
#define APP_INPUTS_H

#include "app/app.h"
#include "app/opt.h"
#include "lint/config.h"

/* What to check, read once: --fix checks the same several times. */
struct inputs {
    const char **paths; /* NULL-terminated */
    size_t count, cap;
    char **owned; /* paths that came from a list */
    size_t owned_count;
    const char *name; /* of standard input */
    char *data;       /* its bytes, NULL when it is no input */
    size_t size;
    int status; /* APP_UNREADABLE when a list or standard input could not be read (told) */
};

/* APP_CLEAN, or APP_USAGE after telling. */
int inputs_read(struct inputs *in, const struct app *app, const struct args *args);
void inputs_free(struct inputs *in);

void inputs_add(const struct inputs *in, struct dext_lint *l);

/* --exclude patterns and those of the configuration that a walk may apply by itself;
 * NULL-terminated, malloc'd, or NULL. */
const char **inputs_excludes(const struct inputs *in, const struct args *args,
                             struct config *config);

#endif
