/* words.h: the words that values of options and operands are taken from. Parsing checks a value
 * against them, completion proposes them. */
#ifndef APP_WORDS_H
#define APP_WORDS_H

#include "app/app.h"

struct word {
    const char *text;  /* "DX203" */
    const char *about; /* what it is, one line: "missing-user-class" */
};

struct words {
    const char *kind;                       /* as struct opt and struct cmd name it: "rules" */
    const char *what;                       /* in messages: "rule" */
    bool list;                              /* several may be given, with commas between */
    bool (*at)(size_t i, struct word *out); /* false past the last */
    bool (*accepts)(const char *word);      /* what else is taken: aliases, groups; or NULL */
    const char *shown_by; /* the command that shows them all, or NULL: a message lists them */
};

/* Every kind; the list ends with NULL. */
extern const struct words *const words_all[];

/* The words of a kind; NULL for kinds that are none, such as "file". */
const struct words *words_find(const char *kind);

/* Whether value is one of the words, or accepted beside them. */
bool words_known(const struct words *w, const char *value);

/* Tells what is wrong with a value and what there is instead: APP_USAGE; else APP_CLEAN. A list
 * that names nothing is wrong, too; option is its name, or NULL for operands. */
int words_check(const struct app *app, const struct words *w, const char *option,
                const char *value);

#endif
