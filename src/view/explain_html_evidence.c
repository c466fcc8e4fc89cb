/* Evidence in place: the line, and what stands around it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/file.h"
#include "view/explain_html_part.h"
#include "view/html_page.h"

#define EVIDENCE_FILE ((size_t)16 << 20) /* of a larger file only the line itself is shown */
#define EVIDENCE_AROUND 2                /* lines before and after */
#define EVIDENCE_LINE 400                /* bytes of a line */

/* Members of archives and standard input are not read again. */
static bool evidence_read(struct explain_page *p, const char *file)
{
    if (p->file && strcmp(p->file, file) == 0) {
        return p->text != NULL;
    }
    free(p->file);
    free(p->text);
    p->file = app_strdup(file);
    p->text = NULL;
    if (strcmp(file, "-") == 0 || strstr(file, "!/")) {
        return false;
    }
    const char *why = file_read(file, EVIDENCE_FILE, &p->text, &p->size);
    if (why && errno != EFBIG && errno != EINVAL) { /* too large; a pipe or a folder */
        app_unread(p->o->app, file, "cannot be read again for the page: %s", why);
    }
    return !why && !memchr(p->text, 0, p->size);
}

/* Where line n (from 1) begins; NULL: there is none. */
static const char *evidence_line(const struct explain_page *p, unsigned long n)
{
    const char *at = p->text, *end = p->text + p->size;
    while (at && --n) {
        at = memchr(at, '\n', (size_t)(end - at));
        at = at ? at + 1 : NULL;
    }
    return at && at < end ? at : NULL;
}

static size_t evidence_length(const struct explain_page *p, const char *line)
{
    const char *end = memchr(line, '\n', (size_t)(p->text + p->size - line));
    size_t n = (size_t)((end ? end : p->text + p->size) - line);
    return n && line[n - 1] == '\r' ? n - 1 : n;
}

static void evidence_put_line(const struct explain_page *p, unsigned long number, const char *line,
                              size_t n, bool found)
{
    char text[EVIDENCE_LINE + 4];
    bool cut = n > EVIDENCE_LINE;
    n = cut ? EVIDENCE_LINE : n;
    while (cut && n && ((unsigned char)line[n] & 0xc0) == 0x80) {
        n--; /* no half character */
    }
    (void)snprintf(text, sizeof text, "%.*s%s", (int)n, line, cut ? "..." : "");
    (void)fprintf(p->out, "%s%6lu  ", found ? "<mark>" : "<span class=\"around\">", number);
    explain_page_text(p, text);
    (void)fputs(found ? "</mark>\n" : "</span>\n", p->out);
}

/* false: the file does not have that text on that line any more, or cannot be read again. */
static bool evidence_around(struct explain_page *p, const struct dext_evidence *e)
{
    const char *line = e->line && evidence_read(p, e->file) ? evidence_line(p, e->line) : NULL;
    size_t n = line ? evidence_length(p, line) : 0, begins = strnlen(e->text, 24);
    if (!line || !begins || !memmem(line, n, e->text, begins)) {
        return false;
    }
    unsigned long first = e->line > EVIDENCE_AROUND ? e->line - EVIDENCE_AROUND : 1;
    for (unsigned long i = first; i <= e->line + EVIDENCE_AROUND; i++) {
        line = evidence_line(p, i);
        if (line) {
            evidence_put_line(p, i, line, evidence_length(p, line), i == e->line);
        }
    }
    return true;
}

void explain_page_evidence(struct explain_page *p, const struct dext_symptom *s, size_t section)
{
    for (size_t i = 0; i < s->evidence_count; i++) {
        const struct dext_evidence *e = &s->evidence[i];
        (void)fprintf(p->out, "<figure id=\"e%zu-%zu\"><figcaption>", section, i + 1);
        explain_page_place(p, e);
        (void)fputs("</figcaption><pre>", p->out);
        if (!evidence_around(p, e)) {
            (void)fputs("<mark>", p->out);
            explain_page_text(p, e->text);
            (void)fputs("</mark>", p->out);
        }
        (void)fputs("</pre></figure>\n", p->out);
    }
    if (s->times > s->evidence_count) {
        (void)fprintf(p->out, "<p class=\"dim\">%zu times in all.</p>\n", s->times);
    }
}
