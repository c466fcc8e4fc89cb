/* fixer.h: applies the edits of findings to files, or shows them as a diff. */
#ifndef APP_FIXER_H
#define APP_FIXER_H

#include "report.h"

/* Applies every edit of the settled findings of r, file by file; edits that overlap an earlier one
 * wait for the next run. Each file is replaced atomically (new file beside it, same mode, rename)
 * and is otherwise byte for byte as it was. Mended findings leave r. APP_CLEAN, or APP_UNREADABLE
 * after telling. */
int fixer_apply(struct report *r);

/* Writes what fixer_apply would do as a unified diff to app->out; changes nothing. */
int fixer_diff(struct report *r);

#endif
