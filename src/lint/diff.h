/* diff.h: a unified diff of a text and some edits of it. */
#ifndef APP_DIFF_H
#define APP_DIFF_H

#include "app/app.h"
#include "dext/lint.h"

/* edits are sorted by offset and do not overlap. Bytes come out as they are, so that patch(1) takes
 * the diff, except on a terminal. */
void diff_write(const struct app *app, const char *name, const char *data, size_t size,
                const struct dext_edit *const *edits, size_t count);

/* The same for a text and what became of it. */
void diff_write_texts(const struct app *app, const char *name, const char *old, size_t old_size,
                      const char *now, size_t now_size);

/* data with the edits applied, NUL-terminated, malloc'd. */
char *diff_apply(const char *data, size_t size, const struct dext_edit *const *edits, size_t count,
                 size_t *result_size);

#endif
