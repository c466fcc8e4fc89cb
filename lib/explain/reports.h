/* explain/reports.h: several reports of panics or crashes in one text, as people paste them. */
#ifndef DX_EXPLAIN_REPORTS_H
#define DX_EXPLAIN_REPORTS_H

#include "base/arena.h"
#include "base/str.h"
#include "dext/log.h"

#define DX_MOST_REPORTS 16 /* in one text; what follows stays with the last */

/* Bytes of the first report of this kind in text; text.n: there is no other one. */
size_t dx_report_end(enum dext_text_kind kind, struct dx_str text);

/* n bytes from a place in text on, with the line ends before them, so that places stay lines of
 * text. NUL-terminated one past its end; lives in a. */
struct dx_str dx_report_copy(struct dx_arena *a, struct dx_str text, size_t from, size_t n);

#endif
