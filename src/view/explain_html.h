/* explain_html.h: an explanation as one page for a ticket. */
#ifndef APP_EXPLAIN_HTML_H
#define APP_EXPLAIN_HTML_H

#include "app/output.h"
#include "view/explain_view.h"

/* Writes the page. An exit status: APP_UNREADABLE after telling why it cannot be written. */
int explain_html_write(const struct explain_out *o, const struct output *to);

#endif
