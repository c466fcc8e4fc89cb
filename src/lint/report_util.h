/* report_util.h: what several formats need. */
#ifndef APP_REPORT_UTIL_H
#define APP_REPORT_UTIL_H

#include "lint/report.h"

/* Column after the place, in code points, or 0 when it goes on past its line or the line is not
 * known. */
unsigned report_end_column(const struct dext_finding *f);

/* What is wrong with an unreadable input, without its name and position; those are taken out of
 * the reason. line and column are 0 when it does not tell. */
const char *report_reason(const struct report_input *in, unsigned *line, unsigned *column);

/* The finding in plain lines: message, why, fix. malloc'd. */
char *report_text(const struct dext_finding *f);

#endif
