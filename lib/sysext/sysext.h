/* logs/sysext.h: inside of the reader of extension lists. */
#ifndef DX_SYSEXT_SYSEXT_H
#define DX_SYSEXT_SYSEXT_H

#include "base/ctx.h"
#include "dext/sysext.h"

/* Takes one line apart. in_list: a count, category or header line stood above, so that a state that
 * is not in the table is believed; category: the row's, "" when it is not known, which decides
 * between advice on drivers and on others. false: the line is no row. */
bool dx_sysext_row(struct dext_sysext_row *out, struct dx_arena *a, struct dx_str line,
                   const char *category, bool in_list);

/* A line as it stood in the terminal: without the marks of a quotation, of code and of a table in
 * Markdown, whose bars become tabs. Into the arena only when something has to go. */
struct dx_str dx_sysext_unpaste(struct dx_str line, struct dx_arena *a);

/* Groups rows and judges them. */
void dx_sysext_group(struct dext_sysext *list, struct dx_arena *a);

#endif
