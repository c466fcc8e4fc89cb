/* app.h: the program around a command: streams, options that every command has, exit codes. */
#ifndef APP_H
#define APP_H

#include <stdbool.h>
#include <stdio.h>

#include "dext/ctx.h"

/* Exit status; the larger reason wins as noted (design contract: 3 wins over 1). */
enum app_exit {
    APP_CLEAN = 0,    /* done, nothing at or above the threshold */
    APP_FINDINGS = 1, /* findings, no match, code not known, not valid */
    APP_USAGE = 2,    /* wrong usage: nothing was read */
    APP_UNREADABLE = 3,
};

struct app {
    struct dext_ctx *ctx;
    FILE *out, *err;
    bool out_tty, err_tty;
    bool colour; /* on out */
    bool quiet, verbose;
    const char *format; /* never NULL once options are parsed */
};

/* Colour and width follow --color auto|always|never, NO_COLOR, CLICOLOR_FORCE and the terminal. */
void app_open(struct app *app);
void app_set_colour(struct app *app, const char *when);

/* Flushes; a write error (not a closed pipe) turns the status into APP_UNREADABLE with a line. */
int app_close(struct app *app, int status);

/* "dextctl: text" on stderr; untrusted bytes in it are escaped. */
void app_error(const struct app *app, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* "dextctl: text", newline, hint how to get help; returns APP_USAGE. */
int app_usage_error(const struct app *app, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Reads all of standard input (NULL-terminated, malloc'd) up to limit bytes. false: told. */
bool app_read_stdin(const struct app *app, size_t limit, char **data, size_t *size);

void *app_alloc(size_t n);            /* zeroed; ends the program when memory is out */
void *app_grow(void *p, size_t size); /* realloc; likewise */
char *app_strdup(const char *s);

#endif
