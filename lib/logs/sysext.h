/* logs/sysext.h: inside of the reader of extension lists. */
#ifndef DX_LOGS_SYSEXT_H
#define DX_LOGS_SYSEXT_H

#include "base/ctx.h"
#include "dext/sysext.h"

/* Takes one line apart. in_list: a count, category or header line stood above, so that a state that
 * is not in the table is believed. false: the line is no row. Fills everything but category. */
bool dx_sysext_row(struct dext_sysext_row *out, struct dx_arena *a, struct dx_str line,
                   bool in_list);

/* Groups rows and judges them. */
void dx_sysext_group(struct dext_sysext *list, struct dx_arena *a);

#endif
