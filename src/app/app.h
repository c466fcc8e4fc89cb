/* app.h: the program around a command: streams, options that every command has, exit codes. */
#ifndef APP_H
#define APP_H

#include <stdbool.h>
#include <stdio.h>

#include "app/face.h"
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
    size_t width;       /* columns of the terminal, else of COLUMNS; 0: not known */
    const char *format; /* never NULL once options are parsed */
    enum face face;     /* the same, once it is known to be one that the command writes */
    struct fold *fold;  /* fold.h; NULL: what is printed goes to no terminal */
    struct mask *mask;  /* mask.h; NULL: what is printed is not masked */
    bool lost;          /* a write below the mask or the fold failed */
    struct said *said;  /* the lines that were written to err */
};

/* Colour and width follow --color auto|always|never, NO_COLOR, CLICOLOR_FORCE and the terminal. */
void app_open(struct app *app);
void app_set_colour(struct app *app, const char *when);

/* Flushes; a write error (not a closed pipe) turns the status into APP_UNREADABLE with a line. So
 * does each thing that could not be read (dext_ctx_unread) and that no line has told yet. */
int app_close(struct app *app, int status);

/* "dextctl: text" on stderr; untrusted bytes in it are escaped. */
void app_error(const struct app *app, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same for something of an input that could not be read or understood: it is noted besides
 * (dext_ctx_note_unread), so that it stands in every format, and the exit status is APP_UNREADABLE.
 * app_unread: "FILE: text". app_unread_at: "FILE:LINE:COLUMN: text", without a column if it is 0.
 * app_unread_line: a line that begins with the file, if file is not NULL;
 * without one it is about no single file. app_unread_error: what dext_ctx_error says, which is
 * cleared. */
void app_unread(const struct app *app, const char *file, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void app_unread_at(const struct app *app, const char *file, size_t line, int column,
                   const char *text);
void app_unread_line(const struct app *app, const char *file, const char *line);
void app_unread_error(const struct app *app);

/* "dextctl: text", newline, hint how to get help; returns APP_USAGE. */
int app_usage_error(const struct app *app, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Reads all of standard input (NULL-terminated, malloc'd) up to limit bytes. false: told. */
bool app_read_stdin(const struct app *app, size_t limit, char **data, size_t *size);

void *app_alloc(size_t n);            /* zeroed; ends the program when memory is out */
void *app_grow(void *p, size_t size); /* realloc; likewise */
char *app_strdup(const char *s);

#endif
