/* explain_view.h: an explanation for people, for tickets, for programs. */
#ifndef APP_EXPLAIN_VIEW_H
#define APP_EXPLAIN_VIEW_H

#include "app.h"
#include "dext/log.h"

struct explain_out {
    const struct app *app;
    const struct dext_explanation *result;
    const struct dext_explain_input *inputs;
    size_t input_count;
    size_t passed_over; /* files of folders and archives */
    bool redact;        /* mask what identifies a person or a machine */
    bool told;          /* the causes were printed already, while the log was read */
};

void explain_view(const struct explain_out *out); /* by app->format */

/* "FILE" or "FILE:LINE"; a line of 0 means the file as a whole. */
void explain_place(FILE *out, const struct dext_evidence *e);

/* The command that reads this kind of input, or NULL when explain did. */
const char *explain_other_command(enum dext_text_kind kind);

/* text with user names, serial numbers, UUIDs, hardware and mail addresses masked; malloc'd. */
char *explain_redact(const char *text);

#endif
