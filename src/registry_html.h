/* registry_html.h: one page that holds a whole registry dump: tree, search, filters, driver
 * extensions and their competition, and what `match` found. Nothing is loaded from elsewhere. */
#ifndef APP_REGISTRY_HTML_H
#define APP_REGISTRY_HTML_H

#include "app.h"
#include "dext/registry.h"

/* match: NULL when there is none. picked: nodes to show first, may be NULL. path: "-" is standard
 * output; a file is replaced in one step. Returns an exit status, after telling what went wrong. */
int registry_html_write(const struct app *app, const char *path, struct dext_registry *r,
                        const struct dext_match_result *match, const size_t *picked,
                        size_t picked_count);

#endif
