/* opt.h: options. One table describes them; parsing, --help, completions and the manual's check
 * all read it. */
#ifndef APP_OPT_H
#define APP_OPT_H

#include "app/app.h"

struct opt {
    const char *name;    /* "fail-on", given as --fail-on */
    char letter;         /* 'f' for -f, or 0 */
    const char *arg;     /* "LEVEL" when it takes a value, NULL for a flag */
    const char *choices; /* "error|warning|note|never" or NULL */
    const char *help;    /* one sentence, no full stop */
    const char *values;  /* "file", "dir", a kind of words.h (checked, too), or NULL */
};

#define OPT_END                                                                                    \
    {                                                                                              \
        NULL, 0, NULL, NULL, NULL, NULL                                                            \
    }

struct opt_given {
    const struct opt *opt;
    const char *value; /* NULL for a flag */
};

struct args {
    const char **operands; /* NULL-terminated */
    size_t operand_count, operand_cap;
    char **owned; /* operands that came from an @FILE */
    size_t owned_count;
    struct opt_given *given;
    size_t given_count, given_cap;
    /* What is being read. */
    char **argv;
    int argc, next;
    bool only_operands;        /* after "--" */
    const struct opt *options; /* beside the global ones */
};

/* Global options of every command. */
extern const struct opt opt_global[];

/* The command that has an option which was given too early, before the command: name is what was
 * typed behind "--", or NULL for the letter; rest is what follows on the line. NULL: none has. */
typedef const char *opt_home(char **rest, const char *name, char letter);

/* Begins to read a program's arguments; args is to be freed in any case. */
void opt_open(struct args *args, int argc, char **argv);

/* Reads global options up to the command, the first operand: *command, NULL when there is none.
 * Returns APP_CLEAN, or APP_USAGE after telling. */
int opt_parse_global(struct app *app, struct args *args, opt_home *home, const char **command);

/* Reads the rest: options may stand before or after operands, "--" ends them, "-" is an operand,
 * values as --name=value or --name value, flags of one letter may be joined, "@FILE" stands for the
 * lines of FILE, each an operand. Global options are stored into app. Returns likewise. */
int opt_parse(struct app *app, const struct opt *options, struct args *args);
void opt_free(struct args *args);

const char *opt_value(const struct args *args, const char *name); /* last given, or NULL */
bool opt_flag(const struct args *args, const char *name);
/* i-th value of an option that may be repeated; NULL past the end. */
const char *opt_nth(const struct args *args, const char *name, size_t i);

/* Whether value is one of "a|b|c". */
bool opt_is_choice(const char *choices, const char *value);
/* The choice nearest to value, written to near; NULL when none is. */
const char *opt_near_choice(const char *choices, const char *value, char near[64]);

/* Splits "a,b,c" (values of repeatable list options); returns malloc'd NULL-terminated list. */
char **opt_split(const char *list);

#endif
