/* progress.h: one line on stderr that tells how far long work is; only on a terminal, only after
 * half a second. */
#ifndef APP_PROGRESS_H
#define APP_PROGRESS_H

#include <time.h>

#include "app/app.h"

struct progress {
    const struct app *app;
    const char *what; /* "checking" */
    struct timespec begun, shown;
    bool drawn;
};

void progress_open(struct progress *p, const struct app *app, const char *what);
/* What to hand to the library as on_progress, NULL when nothing is to be shown. */
void (*progress_callback(struct progress *p))(void *user, size_t done, size_t total);
void progress_close(struct progress *p);

#endif
