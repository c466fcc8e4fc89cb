/* explain_view.h: an explanation for people, for tickets, for programs. */
#ifndef APP_EXPLAIN_VIEW_H
#define APP_EXPLAIN_VIEW_H

#include "app/app.h"
#include "dext/log.h"
#include "view/record.h"

struct explain_out {
    const struct app *app;
    const struct dext_explanation *result;
    const struct dext_explain_input *inputs;
    size_t input_count;
    size_t passed_over;          /* files of folders and archives */
    const char *const *operands; /* as given */
    size_t operand_count;
    bool unreadable; /* some input could not be read */
    bool told;       /* the causes were printed already, while the log was read */
};

extern const struct record_form explain_form;

void explain_view(const struct explain_out *out); /* by app->face */

/* "FILE" or "FILE:LINE"; a line of 0 means the file as a whole. */
void explain_place(FILE *out, const struct dext_evidence *e);

/* The command that reads this kind of input, or NULL when explain did. */
const char *explain_other_command(enum dext_text_kind kind);

#endif
