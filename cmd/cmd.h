/* cmd.h: a command describes itself in one constant.
 *
 * To add one: write cmd/NAME.c with a `const struct cmd cmd_NAME`, add its line to commands.def,
 * write man/dextctl-NAME.1 and a folder in tests/cli. Everything else (help, completions, the
 * manual's option check) reads the constant. */
#ifndef CMD_H
#define CMD_H

#include "app/app.h"
#include "app/mask.h"
#include "app/opt.h"
#include "view/record.h"

/* The option of commands that call mask_when with it. */
#define CMD_REDACT                                                                                 \
    {                                                                                              \
        "redact", 'r', NULL, NULL,                                                                 \
            "mask names, serial numbers, UUIDs and addresses in what is shown", NULL               \
    }

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
    const struct record_form *form;     /* what it tells as json and ndjson, or NULL */
    const struct opt *options;          /* beside the global ones */
    const struct cmd_example *examples; /* ends with {NULL, NULL} */
    const char *exits;                  /* what 0 and 1 mean here, lines */
    /* What stands behind the options: "file", "command", "text" or a kind of words.h; NULL:
     * nothing. needs: what a usage error says is missing ("a report"), NULL: operands may be left
     * out, as they may with the option named by instead. most: how many may stand there, 0: any
     * number. */
    const char *operands, *needs, *instead;
    size_t most;
    int (*run)(struct app *app, const struct args *args);
};

/* All commands in the order of the help; NULL-terminated. */
extern const struct cmd *const cmd_all[];

const struct cmd *cmd_find(const char *name);
/* Tells that there is no such command, and which was meant; APP_USAGE. */
int cmd_unknown(const struct app *app, const char *name);

/* Help text of one command, or of the program when c is NULL. */
void cmd_print_help(const struct app *app, const struct cmd *c);

#endif
