/* baseline.h: findings that were there before: only what is new is reported.
 *
 * A finding is known again by its rule, file, key path and message; not by its line, so that edits
 * above it do not matter. Files are named as seen from the baseline's folder, so that it does not
 * matter where dextctl is started. */
#ifndef APP_BASELINE_H
#define APP_BASELINE_H

#include "app/output.h"
#include "lint/report.h"

struct baseline;

extern const struct record_form baseline_form;

/* Reads what baseline_write wrote. NULL after telling. */
struct baseline *baseline_read(const struct app *app, const char *path);
void baseline_free(struct baseline *b);

/* Whether f is a known one. Each entry is good for as many findings as it counts. */
bool baseline_takes(struct baseline *b, const struct report_finding *f);

/* Begins counting anew, for another run. */
void baseline_rewind(struct baseline *b);

/* Where a baseline goes: in place of an earlier one, and of anything with force. */
struct output baseline_output(const char *path, bool force);

/* Writes the settled findings of r, in one step, pretty-printed and sorted. APP_CLEAN or an exit
 * status after telling. */
int baseline_write(const struct report *r, const struct output *to);

#endif
