/* term.h: writing for a terminal. All text that came from a file goes through term_put: control
 * characters, what is not seen, bytes that are no UTF-8, and what would begin a command of a CI
 * runner ("::" at the beginning of a line, "##[") are shown as \x1b, so that a hostile file can
 * drive neither the reader's terminal nor the job whose log it stands in. */
#ifndef APP_TERM_H
#define APP_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum term_style { TERM_BOLD, TERM_RED, TERM_YELLOW, TERM_BLUE, TERM_GREEN, TERM_DIM };

void term_put(FILE *out, const char *s, size_t n); /* newline and tab pass */
void term_puts(FILE *out, const char *s);
void term_line(FILE *out, const char *s); /* nothing passes that would leave the line */
/* Columns of the terminal that n bytes at s take as term_put shows them: characters of two columns
 * count as two, combining ones as none, escapes as they are written. */
size_t term_columns(const char *s, size_t n);
/* Columns of the terminal at fd, 0 when it is none or does not know. */
size_t term_window(int fd);
void term_styled(FILE *out, bool colour, enum term_style style, const char *s);
void term_on(FILE *out, bool colour, enum term_style style);
void term_off(FILE *out, bool colour);

/* Word-wraps text at width columns. The caller has written column columns of the first line; each
 * further one begins after indent spaces. '\n' in text breaks. */
void term_wrap(FILE *out, const char *text, size_t column, size_t indent, size_t width);

/* Whether the UTF-8 sequence of len bytes at s is one that is not seen and changes what is: every
 * format escapes it in its own way. */
bool term_unseen(const char *s, size_t len);

/* Length of the UTF-8 sequence at p (at most n bytes), 0 when it is none. */
size_t term_utf8(const char *p, size_t n);

#endif
