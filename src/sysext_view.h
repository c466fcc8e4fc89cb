/* sysext_view.h: a list of system extensions in words, and as JSON. */
#ifndef APP_SYSEXT_VIEW_H
#define APP_SYSEXT_VIEW_H

#include "app.h"
#include "dext/sysext.h"

struct sysext_view {
    const char *name;
    void (*open)(const struct app *app);
    void (*list)(const struct app *app, const struct dext_sysext *list);
    void (*close)(const struct app *app);
};

const struct sysext_view *sysext_view_named(const char *format);

/* On a Mac: what systemextensionsctl prints now (malloc'd). Elsewhere NULL without a word; NULL
 * after telling when the tool could not be run. */
char *sysext_live(const struct app *app, size_t *size, bool *here);

#endif
