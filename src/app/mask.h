/* mask.h: everything that a command prints, masked (--redact): whatever the format, nothing reaches
 * the reader by another way. */
#ifndef APP_MASK_H
#define APP_MASK_H

#include "app/app.h"

/* When asked: from here on what is written to app->out is masked, whole lines at a time; a flush
 * hands on what stands before the last line end. Ended by mask_close. */
void mask_when(struct app *app, bool asked);

/* Hands on what is left and gives app->out back; nothing when nothing is masked. */
void mask_close(struct app *app);

/* A copy, masked, for what is wrapped or measured before it is written. malloc'd. */
char *mask_text(const struct app *app, const char *text);

/* The same of *size bytes that go elsewhere than to app->out, a file; *size is set. malloc'd; NULL:
 * they need no mask. */
char *mask_bytes(const struct app *app, const char *text, size_t *size);

#endif
