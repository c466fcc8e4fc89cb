/* opt.h: options. One table describes them; parsing, --help, completions and the manual's check
 * all read it. */
#ifndef APP_OPT_H
#define APP_OPT_H

#include "app.h"

struct opt {
    const char *name;    /* "fail-on", given as --fail-on */
    char letter;         /* 'f' for -f, or 0 */
    const char *arg;     /* "LEVEL" when it takes a value, NULL for a flag */
    const char *choices; /* "error|warning|note|never" or NULL */
    const char *help;    /* one sentence, no full stop */
    const char *values;  /* what to complete: "file", "dir", "rule" or NULL */
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
    const struct opt *options;
};

/* Global options of every command. */
extern const struct opt opt_global[];

/* Parses argv[first..]: options may stand before or after operands, "--" ends them, "-" is an
 * operand, values as --name=value or --name value, flags of one letter may be joined, "@FILE"
 * stands for the lines of FILE, each an operand. Global options are stored into app. Returns
 * APP_CLEAN or the exit status after telling; *help is set when --help was given. */
int opt_parse(struct app *app, const char *command, const struct opt *options, int argc,
              char **argv, struct args *args, bool *help);
void opt_free(struct args *args);

const char *opt_value(const struct args *args, const char *name); /* last given, or NULL */
bool opt_flag(const struct args *args, const char *name);
/* i-th value of an option that may be repeated; NULL past the end. */
const char *opt_nth(const struct args *args, const char *name, size_t i);

/* Splits "a,b,c" (values of repeatable list options); returns malloc'd NULL-terminated list. */
char **opt_split(const char *list);

#endif
