/* cmd.h: a command describes itself in one constant.
 *
 * To add one: write cmd/NAME.c with a `const struct cmd cmd_NAME`, add its line to commands.def,
 * write man/dextctl-NAME.1 and a folder in tests/cli. Everything else (help, completions, the
 * manual's option check) reads the constant. */
#ifndef CMD_H
#define CMD_H

#include "app.h"
#include "opt.h"

struct cmd_example {
    const char *line; /* what to type */
    const char *says; /* what it does */
};

struct cmd {
    const char *name;
    const char *summary;                /* one line, no full stop */
    const char *usage;                  /* "lint [OPTIONS] PATH..." */
    const char *text;                   /* a paragraph or two, "\n\n" between */
    const char *formats;                /* "human|json|..."; the first is the default */
    const struct opt *options;          /* beside the global ones */
    const struct cmd_example *examples; /* ends with {NULL, NULL} */
    const char *exits;                  /* what 0 and 1 mean here, lines */
    const char *operands;               /* what to complete: "file", "rule", "command" or NULL */
    int (*run)(struct app *app, const struct args *args);
};

/* All commands in the order of the help; NULL-terminated. */
extern const struct cmd *const cmd_all[];

const struct cmd *cmd_find(const char *name);

/* Help text of one command, or of the program when c is NULL. */
void cmd_print_help(const struct app *app, const struct cmd *c);

#endif
