/* snippet.h: a source line with a mark under the place that is meant. */
#ifndef APP_SNIPPET_H
#define APP_SNIPPET_H

#include "app/app.h"
#include "dext/lint.h"

/* Two lines: "   12 | text" and "      |  ^~~~". Tabs are shown as four spaces, control characters
 * escaped, and of a long line only what stands around the place. f->line is not NULL. */
void snippet_write(const struct app *app, const struct dext_finding *f);

#endif
