#include "lint/report_util.h"

#include <stdlib.h>
#include <string.h>

#include "app/term.h"

unsigned report_end_column(const struct dext_finding *f)
{
    if (!f->line || f->at.length == 0) {
        return 0;
    }
    const char *p = f->line, *end = p + strlen(p);
    unsigned column = 1;
    size_t left = f->at.length;
    while (p < end && left) {
        size_t len = term_utf8(p, (size_t)(end - p));
        len = len ? len : 1;
        if (column >= f->at.column) {
            left -= left < len ? left : len;
        }
        column++;
        p += len;
    }
    return left || column <= f->at.column ? 0 : column;
}

static const char *report_util_number(const char *p, unsigned *out)
{
    char *end;
    if (*p != ':' || p[1] < '0' || p[1] > '9') {
        return NULL;
    }
    *out = (unsigned)strtoul(p + 1, &end, 10);
    return end;
}

const char *report_reason(const struct report_input *in, unsigned *line, unsigned *column)
{
    size_t n = strlen(in->file);
    *line = *column = 0;
    if (strncmp(in->reason, in->file, n) != 0) {
        return in->reason;
    }
    const char *p = in->reason + n;
    const char *at = report_util_number(p, line);
    if (at) {
        const char *after = report_util_number(at, column);
        p = after ? after : at;
    }
    return *p == ':' && p[1] == ' ' ? p + 2 : in->reason;
}

char *report_text(const struct dext_finding *f)
{
    size_t n = strlen(f->message) + strlen(f->why) + strlen(f->fix) + 32;
    char *text = app_alloc(n);
    (void)snprintf(text, n, "%s\nwhy: %s\nfix: %s", f->message, f->why, f->fix);
    return text;
}
