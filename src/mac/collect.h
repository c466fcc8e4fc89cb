/* collect.h: the evidence that an explanation needs, gathered on a Mac by a script for sh. */
#ifndef APP_COLLECT_H
#define APP_COLLECT_H

#include "app/app.h"

struct collect_options {
    const char *last;   /* how far back the log goes: "30m", "2h", "1d", "boot" */
    const char *app;    /* an app to look at, or NULL */
    const char *output; /* archive to write; NULL: a name with the date; "-": standard output */
    bool archive;       /* the log itself too */
    bool redact, force, quiet;
};

/* NULL, or what is wrong with a duration of log show. */
const char *collect_bad_last(const char *last);

/* The script, POSIX sh. malloc'd. */
char *collect_script(const struct app *app, const struct collect_options *o);

/* Runs the script here and puts its archive at o->output (not NULL, not "-") in one step. Nothing
 * that is there is replaced without force, and no symbolic link is followed. NULL, or why not,
 * malloc'd. */
char *collect_write(const struct app *app, const struct collect_options *o);

#endif
