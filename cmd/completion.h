/* completion.h: shell completions, written from the table of commands, their options and the words
 * that values are taken from (app/words.h), so that they cannot lag behind. */
#ifndef CMD_COMPLETION_H
#define CMD_COMPLETION_H

#include "app/words.h"
#include "cmd.h"

/* What completes a value or an operand. */
struct completion {
    enum {
        COMPLETE_NOTHING,
        COMPLETE_FILES,
        COMPLETE_FOLDERS,
        COMPLETE_CHOICES,
        COMPLETE_WORDS
    } as;
    const char *choices;       /* "a|b|c" */
    const struct words *words; /* the first kind that has these words */
    const char *kind;          /* its name, or "command" */
    bool list;                 /* several, with commas between */
};

/* Of an option's value; c: the command, NULL before it. */
struct completion completion_value(const struct cmd *c, const struct opt *o);
struct completion completion_operand(const struct cmd *c);

/* Every kind of words once; NULL past the last. The commands are not among them. */
const struct words *completion_words_at(size_t i);

/* "a|b|c" as "a b c". */
void completion_choices(FILE *out, const char *choices);

/* The completion script; one file a shell. */
void completion_bash(FILE *out);
void completion_zsh(FILE *out);
void completion_fish(FILE *out);

#endif
