#include "view/page.h"

#include <string.h>

#include "app/term.h"

#define NARROWEST 40
#define WIDEST 100

size_t page_width(const struct app *app)
{
    size_t width = app->width ? app->width : 80;
    return width > WIDEST ? WIDEST : width < NARROWEST ? NARROWEST : width;
}

void page_title(const struct app *app, const char *title)
{
    (void)fputs("  ", app->out);
    term_styled(app->out, app->colour, TERM_BOLD, title);
    (void)fputc('\n', app->out);
}

void page_heading(const struct app *app, const char *title)
{
    (void)fputc('\n', app->out);
    page_title(app, title);
}

void page_wrap(const struct app *app, size_t column, size_t indent, const char *text)
{
    term_wrap(app->out, text, column, indent, page_width(app));
}

void page_paragraph(const struct app *app, const char *lead, size_t indent, const char *text)
{
    const char *line = strrchr(lead, '\n');
    line = line ? line + 1 : lead;
    (void)fputs(lead, app->out);
    page_wrap(app, term_columns(line, strlen(line)), indent, text);
    (void)fputc('\n', app->out);
}

void page_block(const struct app *app, size_t indent, const char *text)
{
    (void)fprintf(app->out, "%*s", (int)indent, "");
    page_wrap(app, indent, indent, text);
    (void)fputc('\n', app->out);
}

void page_bullet(const struct app *app, const char *text)
{
    page_paragraph(app, "    -  ", 7, text);
}

void page_bullets(const struct app *app, const char *title, const char *const *list, size_t count,
                  bool numbered)
{
    for (size_t i = 0; i < count; i++) {
        char lead[32];
        (void)snprintf(lead, sizeof lead, numbered ? "    %zu. " : "    -  ", i + 1);
        if (i == 0) {
            page_heading(app, title);
        }
        page_paragraph(app, lead, 7, list[i]);
    }
}

void page_label(const struct app *app, const char *name)
{
    (void)fprintf(app->out, "  %-*s", PAGE_LABEL - 2, name);
}

void page_line(const struct app *app, const char *name, const char *text)
{
    if (text[0]) {
        page_label(app, name);
        term_line(app->out, text);
        (void)fputc('\n', app->out);
    }
}

void page_cell(const struct app *app, const char *text, size_t width)
{
    size_t n = term_columns(text, strlen(text));
    term_line(app->out, text);
    (void)fprintf(app->out, "%*s", (int)(n < width ? width - n : 0) + 2, "");
}

void page_last_cell(const struct app *app, int written, size_t column, const char *text)
{
    size_t at = written > 0 ? (size_t)written : 0;
    if (app->out_tty && page_width(app) < column + 36) {
        (void)fputc('\n', app->out);
        page_block(app, 7, text);
        return;
    }
    (void)fprintf(app->out, "%*s", at < column ? (int)(column - at) : 1, "");
    if (app->out_tty) {
        page_wrap(app, at < column ? column : at + 1, column, text);
    } else {
        term_puts(app->out, text);
    }
    (void)fputc('\n', app->out);
}
