/* help_record.h: the command table, and what commands tell, for programs. */
#ifndef CMD_HELP_RECORD_H
#define CMD_HELP_RECORD_H

#include "cmd.h"

extern const struct record_form help_form;

/* json or ndjson of the table; only: of this command, or NULL. */
void help_record(const struct app *app, const struct cmd *only);

/* Prints the form of the command called word, or of "baseline". An exit status. */
int help_form_print(const struct app *app, const char *word,
                    void (*print)(FILE *, const struct record_form *));

#endif
