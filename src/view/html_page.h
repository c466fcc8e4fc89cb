/* html_page.h: what every page of ours is made of: one file, light and dark, nothing loaded from
 * elsewhere, and text of files that stays text. */
#ifndef VIEW_HTML_PAGE_H
#define VIEW_HTML_PAGE_H

#include "app/app.h"
#include "app/output.h"

/* Head and <body> of a page "TITLE - KIND"; style is added to what all pages share. */
void html_page_begin(FILE *out, const char *title, const char *kind, const char *style);

/* Text between tags or in an attribute; control characters are spaces, what is no UTF-8 U+FFFD. */
void html_page_text(FILE *out, const char *s);

/* JSON in a script element, in which nothing may look like a tag. */
void html_page_data(FILE *out, const char *json, size_t n);

/* Where a page goes: in place of an earlier one, and of anything but inputs with force. */
struct output html_page_output(const char *path, const char *const *inputs, bool force);

/* APP_CLEAN, or APP_UNREADABLE after telling that nothing may be written there. */
int html_page_may_write(const struct app *app, const struct output *to);

/* Writes a page, masked when that was asked for; a path of "-" is standard output. An exit status,
 * after telling what went wrong. */
int html_page_write(const struct app *app, const struct output *to, const char *text, size_t size);

/* A page that is too large to be held: written in pieces. What a file gets is masked piece by
 * piece, for no mask lies before it; standard output masks by itself. */
struct html_sheet {
    const struct app *app;
    FILE *out; /* what needs no mask may go here directly */
    bool to_file;
    FILE *memory; /* a piece in the making */
    char *text;
    size_t size;
};
FILE *html_sheet_begin(struct html_sheet *s);
void html_sheet_end(struct html_sheet *s);
/* Pieces are masked: nothing from a dump goes to out directly. */
bool html_sheet_masks(const struct html_sheet *s);

/* html_page_write for such a page: write makes it, from user. */
typedef void html_page_writer(struct html_sheet *s, const void *user);
int html_page_stream(const struct app *app, const struct output *to, html_page_writer *write,
                     const void *user);

#endif
