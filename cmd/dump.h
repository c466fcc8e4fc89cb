/* dump.h: what commands on registry dumps share. */
#ifndef CMD_DUMP_H
#define CMD_DUMP_H

#include "app/app.h"
#include "app/opt.h"
#include "app/output.h"
#include "dext/registry.h"

/* Tells a library call's error. malformed: what DEXT_E_FORMAT is an error of, the input or the
 * user. */
int dump_tell(const struct app *app, int status, enum app_exit malformed);

/* Reads a dump; "-" is standard input, NULL the running system. Returns an exit status, after
 * telling what was wrong. */
int dump_read(struct app *app, const char *path, struct dext_registry **out);

#define DUMP_FORCE                                                                                 \
    {                                                                                              \
        "force", 0, NULL, NULL, "let --html replace a file that is no such page", NULL             \
    }

/* Where --html goes (path NULL: it is not given): never over an operand or dump, which may be NULL.
 * An exit status, after telling that it cannot be written there. Free with dump_page_free. */
int dump_page(const struct app *app, const struct args *args, const char *dump,
              struct output *page);
void dump_page_free(struct output *page);

/* Notes what could not be read, "FILE: why"; told at the end of the run. Nothing when why is "". */
void dump_note(const struct app *app, const char *file, const char *why);

/* What of a dump is cut off. */
void dump_warn(const struct app *app, const struct dext_reg_info *i);

/* The worse of two exit statuses. */
int dump_worse(int a, int b);

#endif
