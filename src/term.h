/* term.h: writing for a terminal. All text that came from a file goes through term_put: control
 * characters and bytes that are no UTF-8 are shown as \x1b, so that a hostile file cannot drive
 * the reader's terminal. */
#ifndef APP_TERM_H
#define APP_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum term_style { TERM_BOLD, TERM_RED, TERM_YELLOW, TERM_BLUE, TERM_GREEN, TERM_DIM };

void term_put(FILE *out, const char *s, size_t n); /* newline and tab pass */
void term_puts(FILE *out, const char *s);
void term_line(FILE *out, const char *s); /* nothing passes that would leave the line */
/* Bytes that term_put writes for the sequence (or single bad byte) of n bytes at s. */
size_t term_width(const char *s, size_t n);
void term_styled(FILE *out, bool colour, enum term_style style, const char *s);
void term_on(FILE *out, bool colour, enum term_style style);
void term_off(FILE *out, bool colour);

/* Word-wraps text at width columns, each line after indent spaces; the first line starts at the
 * caller's column (already indented). '\n' in text breaks. */
void term_wrap(FILE *out, const char *text, size_t indent, size_t width);

/* Length of the UTF-8 sequence at p (at most n bytes), 0 when it is none. */
size_t term_utf8(const char *p, size_t n);

#endif
