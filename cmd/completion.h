/* completion.h: shell completions from the command table. */
#ifndef CMD_COMPLETION_H
#define CMD_COMPLETION_H

#include "cmd.h"

/* Writes the completion script for "bash", "zsh" or "fish". */
void completion_write(FILE *out, const char *shell);

/* One file a shell. */
void completion_zsh(FILE *out);
void completion_fish(FILE *out);

/* "a|b|c" as words. */
void completion_words(FILE *out, const char *choices);

#endif
