/* snippet.h: a source line with a mark under the place that is meant. */
#ifndef APP_SNIPPET_H
#define APP_SNIPPET_H

#include "app.h"
#include "dext/lint.h"

/* Two lines: "   12 | text" and "      |  ^~~~". Tabs are shown as four spaces, control characters
 * escaped, and of a long line only what stands around the place. f->line is not NULL. */
void snippet_write(FILE *out, bool colour, const struct dext_finding *f);

/* Terminal columns that the UTF-8 sequence of n bytes at s takes: 0 (combining), 1 or 2. */
unsigned snippet_width(const char *s, size_t n);

#endif
