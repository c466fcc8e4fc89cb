#include "view/html_page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/mask.h"
#include "app/term.h"
#include "html_parts.h"

/* Says that a page is one of ours, so that the next one may replace it. */
#define GENERATOR "<meta name=\"generator\" content=\"dextctl\">"

void html_page_begin(FILE *out, const char *title, const char *kind, const char *style)
{
    (void)fputs("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n" GENERATOR
                "\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n<title>",
                out);
    html_page_text(out, title);
    (void)fprintf(out, " - %s</title>\n<style>\n%s%s</style>\n</head>\n<body>\n", kind,
                  html_page_css, style);
}

void html_page_text(FILE *out, const char *s)
{
    for (size_t n = strlen(s); n;) {
        size_t len = term_utf8(s, n);
        if (*s == '<') {
            (void)fputs("&lt;", out);
        } else if (*s == '&') {
            (void)fputs("&amp;", out);
        } else if (*s == '"') {
            (void)fputs("&quot;", out);
        } else if (len == 0 || term_unseen(s, len)) {
            (void)fputs("\xef\xbf\xbd", out);
        } else if ((unsigned char)*s < 0x20 || *s == 0x7f) {
            (void)fputc(' ', out);
        } else {
            (void)fwrite(s, 1, len, out);
        }
        len = len ? len : 1;
        s += len;
        n -= len;
    }
}

void html_page_data(FILE *out, const char *json, size_t n)
{
    const char *end = json + n; /* '<' stands in strings only */
    while (json < end) {
        const char *at = memchr(json, '<', (size_t)(end - json));
        size_t plain = at ? (size_t)(at - json) : (size_t)(end - json);
        (void)fwrite(json, 1, plain, out);
        (void)fputs(at ? "\\u003c" : "", out);
        json += plain + (at != NULL);
    }
}

struct output html_page_output(const char *path, const char *const *inputs, bool force)
{
    return (struct output){.path = path, .inputs = inputs, .mark = GENERATOR, .force = force};
}

int html_page_may_write(const struct app *app, const struct output *to)
{
    const char *why = to->path && strcmp(to->path, "-") != 0 ? output_refused(to) : NULL;
    if (why) {
        app_error(app, "%s: cannot be written: %s", to->path, why);
    } else if (to->path) {
        dext_ctx_watch(app->ctx, to->path);
    }
    return why ? APP_UNREADABLE : APP_CLEAN;
}

/* As now is known, at the end of the work. */
static struct output html_page_settled(const struct app *app, const struct output *to)
{
    struct output settled = *to;
    settled.read = dext_ctx_watched_read(app->ctx);
    return settled;
}

int html_page_write(const struct app *app, const struct output *to, const char *text, size_t size)
{
    if (strcmp(to->path, "-") == 0) {
        (void)fwrite(text, 1, size, app->out); /* masks by itself */
        return APP_CLEAN;
    }
    char *safe = mask_bytes(app, text, &size);
    const struct output settled = html_page_settled(app, to);
    const char *why = output_write(&settled, safe ? safe : text, size);
    free(safe);
    if (why) {
        app_error(app, "%s: cannot be written: %s", to->path, why);
        return APP_UNREADABLE;
    }
    return APP_CLEAN;
}

/* ---- in pieces ------------------------------------------------------------------------------- */

FILE *html_sheet_begin(struct html_sheet *s)
{
    s->text = NULL;
    s->memory = open_memstream(&s->text, &s->size);
    if (!s->memory) {
        abort(); /* only memory can be missing */
    }
    return s->memory;
}

void html_sheet_end(struct html_sheet *s)
{
    (void)fclose(s->memory);
    char *safe = html_sheet_masks(s) ? mask_bytes(s->app, s->text, &s->size) : NULL;
    (void)fwrite(safe ? safe : s->text, 1, s->size, s->out);
    free(safe);
    free(s->text);
}

bool html_sheet_masks(const struct html_sheet *s)
{
    return s->to_file && s->app->mask;
}

/* A stream of its own over fd, which stays open. */
static const char *html_page_fill(struct html_sheet *s, int fd, html_page_writer *write,
                                  const void *user)
{
    int own = dup(fd);
    s->out = own < 0 ? NULL : fdopen(own, "w");
    if (!s->out) {
        return strerror(errno);
    }
    (void)setvbuf(s->out, NULL, _IOFBF, (size_t)1 << 18);
    write(s, user);
    bool failed = fflush(s->out) != 0 || ferror(s->out);
    const char *why = failed ? strerror(errno) : NULL;
    (void)fclose(s->out);
    return why;
}

int html_page_stream(const struct app *app, const struct output *to, html_page_writer *write,
                     const void *user)
{
    struct html_sheet s = {.app = app, .out = app->out, .to_file = strcmp(to->path, "-") != 0};
    struct output_file f;
    if (!s.to_file) {
        write(&s, user);
        return APP_CLEAN;
    }
    const struct output settled = html_page_settled(app, to);
    const char *why = output_begin(&f, &settled);
    why = output_end(&f, why ? why : html_page_fill(&s, f.fd, write, user));
    if (why) {
        app_error(app, "%s: cannot be written: %s", to->path, why);
    }
    return why ? APP_UNREADABLE : APP_CLEAN;
}
