/* fixer.h: applies the edits of findings to files, or shows them as a diff.
 *
 * A finding is mended as a whole or not at all. Edits that touch those of an earlier finding wait:
 * once the file is mended it is checked again, and what is still wrong proposes new edits. */
#ifndef APP_FIXER_H
#define APP_FIXER_H

#include "lint/report.h"

struct fixer;

struct fixer *fixer_open(struct app *app);
void fixer_free(struct fixer *x);

/* From now on fixer_apply keeps what it mends to itself: no file is changed. */
void fixer_only_show(struct fixer *x);

/* Has the session read files as they were mended so far. */
void fixer_give_texts(const struct fixer *x, struct dext_lint *l);

/* Writes what fixer_apply did to all files, as unified diffs to app->out. */
void fixer_diff_all(const struct fixer *x);

/* The bytes that stand for a file called name (standard input): its edits can be shown. */
void fixer_note_bytes(struct fixer *x, const char *name, const char *data, size_t size);

/* Called while a file with edits is being checked: keeps its bytes, so that a file that changes
 * afterwards is left alone. */
void fixer_note(struct fixer *x, const char *file);

/* Applies the edits of the settled findings of r, file by file, each in one step. Returns how many
 * findings were mended. What could not be written was told, and is not tried again. */
size_t fixer_apply(struct fixer *x, const struct report *r);

/* Whether some file could not be mended. */
bool fixer_failed(const struct fixer *x);

/* Writes what fixer_apply would do as a unified diff to app->out; changes nothing. Returns how many
 * findings that would mend. */
size_t fixer_diff(struct fixer *x, const struct report *r);

#endif
