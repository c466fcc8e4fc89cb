/* page.h: how all commands set what people read. Text is wrapped at the page's width: that of the
 * terminal, else of COLUMNS, else 80; 100 at most, for longer lines are hard to read. Bytes of
 * files that could drive a terminal are escaped (app/term.h), and characters that take two columns
 * count as two. */
#ifndef VIEW_PAGE_H
#define VIEW_PAGE_H

#include "app/app.h"

/* Columns that a line may take, 40 to 100. */
size_t page_width(const struct app *app);

/* "  TITLE" in bold, after an empty line. */
void page_heading(const struct app *app, const char *title);
/* The same without the empty line. */
void page_title(const struct app *app, const char *title);

/* lead, then text and a newline; further lines stand indent columns from the left. lead comes from
 * the program, not from a file; it may begin with newlines. */
void page_paragraph(const struct app *app, const char *lead, size_t indent, const char *text);
/* Text indented by indent columns. */
void page_block(const struct app *app, size_t indent, const char *text);
/* The text alone: the caller has written column columns of the line, and ends it. */
void page_wrap(const struct app *app, size_t column, size_t indent, const char *text);

/* "    -  text". */
void page_bullet(const struct app *app, const char *text);
/* A heading and a bullet, or a number, for each text; nothing when there is none. */
void page_bullets(const struct app *app, const char *title, const char *const *list, size_t count,
                  bool numbered);

/* "  name      ": what follows on the line begins at column 16. */
#define PAGE_LABEL 16
void page_label(const struct app *app, const char *name);
/* A label and a text on one line; nothing when the text is empty. */
void page_line(const struct app *app, const char *name, const char *text);

/* The last cell of a row, from column on, and a newline; the caller has written `written` columns.
 * In a file or a pipe it is one line, so that grep finds rows; a terminal has it wrapped below
 * itself or, where there is no room for that, on lines of its own. */
void page_last_cell(const struct app *app, int written, size_t column, const char *text);

/* A cell of a table: text, filled up to width columns, and two more. */
void page_cell(const struct app *app, const char *text, size_t width);

#endif
