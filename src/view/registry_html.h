/* registry_html.h: one page that holds a whole registry dump: tree, search, filters, driver
 * extensions and their competition, what `match` found, and what two dumps differ in. Nothing is
 * loaded from elsewhere. */
#ifndef APP_REGISTRY_HTML_H
#define APP_REGISTRY_HTML_H

#include "app/app.h"
#include "app/output.h"
#include "dext/registry.h"

/* What the page is about. */
struct registry_html {
    struct dext_registry *r;               /* with a diff: as it is after */
    const struct dext_match_result *match; /* NULL: there is none */
    const struct dext_reg_diff *diff;      /* likewise */
    const char *before;                    /* of a diff: the file compared with */
    const size_t *picked;                  /* nodes to show first */
    size_t picked_count;
};

/* A path of "-" is standard output. Returns an exit status, after telling what went wrong. */
int registry_html_write(const struct app *app, const struct output *to,
                        const struct registry_html *what);

#endif
