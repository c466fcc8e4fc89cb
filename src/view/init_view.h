/* init_view.h: the faces of `dextctl init`. */
#ifndef VIEW_INIT_VIEW_H
#define VIEW_INIT_VIEW_H

#include "app/app.h"
#include "dext/init.h"
#include "view/record.h"

/* A project, and where it was written. */
struct init_out {
    const char *directory;
    const struct dext_init *project;
};

typedef void init_format(const struct app *app, const struct init_out *v);

init_format *init_format_for(enum face face);

extern const struct record_form init_form;
init_format init_human, init_record;

#endif
