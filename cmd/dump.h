/* dump.h: what commands on registry dumps share. */
#ifndef CMD_DUMP_H
#define CMD_DUMP_H

#include "app.h"
#include "dext/registry.h"

/* Tells a library call's error. malformed: what DEXT_E_FORMAT is an error of, the input or the
 * user. */
int dump_tell(const struct app *app, int status, enum app_exit malformed);

/* Reads a dump; "-" is standard input, NULL the running system. Returns an exit status, after
 * telling what was wrong. */
int dump_read(struct app *app, const char *path, struct dext_registry **out);

/* The worse of two exit statuses. */
int dump_worse(int a, int b);

#endif
