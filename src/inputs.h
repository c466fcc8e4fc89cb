/* inputs.h: operands, --files-from and standard input become inputs of a lint session. */
#ifndef APP_INPUTS_H
#define APP_INPUTS_H

#include "app.h"
#include "config.h"
#include "opt.h"

/* Adds every input. APP_CLEAN, or an exit status after telling. */
int inputs_add(struct app *app, const struct args *args, struct dext_lint *l);

/* --exclude patterns and the configuration's, NULL-terminated, or NULL. */
const char *const *inputs_excludes(const struct args *args, const struct config *config);

#endif
