/* sysext_view.h: a list of system extensions in words, and as JSON. */
#ifndef APP_SYSEXT_VIEW_H
#define APP_SYSEXT_VIEW_H

#include "app/app.h"
#include "dext/sysext.h"
#include "view/record.h"

struct sysext_out {
    const struct app *app;
    struct record_out record;
};

struct sysext_format {
    void (*open)(struct sysext_out *o);
    void (*list)(struct sysext_out *o, const struct dext_sysext *list);
    void (*close)(struct sysext_out *o);
};

const struct sysext_format *sysext_format_for(enum face face);

extern const struct record_form sysext_form;
extern const struct sysext_format sysext_record;

/* On a Mac: what systemextensionsctl prints now (malloc'd). Elsewhere NULL without a word; NULL
 * after telling when the tool could not be run. */
char *sysext_live(const struct app *app, size_t *size, bool *here);

#endif
