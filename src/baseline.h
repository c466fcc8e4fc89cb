/* baseline.h: findings that were there before: only what is new is reported. */
#ifndef APP_BASELINE_H
#define APP_BASELINE_H

#include "report.h"

struct baseline;

/* Reads what baseline_write wrote. NULL after telling. */
struct baseline *baseline_read(struct app *app, const char *path);
void baseline_free(struct baseline *b);

bool baseline_has(const struct baseline *b, const struct report_finding *f);

/* Writes the settled findings of r, atomically, pretty-printed and sorted. APP_CLEAN or an exit
 * status after telling. */
int baseline_write(const struct report *r, const char *path);

#endif
