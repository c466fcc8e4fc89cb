/* fold.h: no line that people read is wider than their terminal. What a command prints for people
 * goes to the terminal through this: a line with no room is broken between words and goes on below
 * where its text began (after a label, a bullet, a number). A word longer than the page stays
 * whole. In a file or a pipe lines stay as they are, so that grep finds them. */
#ifndef APP_FOLD_H
#define APP_FOLD_H

#include "app/app.h"

/* From here on lines that go to a terminal are folded at width columns; else nothing happens. */
void fold_open(struct app *app, size_t width);
/* exact: until it is taken back as often, lines go out as they are, however long: what is there to
 * be copied (commands, sources, patches) and what programs read. Called between lines. */
void fold_exact(const struct app *app, bool exact);
/* Hands on what is left and gives app->out back. */
void fold_close(struct app *app);

#endif
