/* A line as it is shown, and who logged it. */
#include <string.h>

#include "explain/ties.h"

#define TEXT_BYTES 400
#define LEAD_BYTES 80 /* shown before what was found in a long line */

static bool evidence_inside_character(struct dx_str text, size_t at)
{
    return at < text.n && at && ((unsigned char)text.p[at] & 0xc0) == 0x80;
}

const char *dx_evidence_text(struct dx_arena *a, struct dx_str text, struct dx_str at)
{
    const char *lead = "";
    size_t before = at.p ? (size_t)(at.p - text.p) : 0;
    if (text.n > TEXT_BYTES && before + at.n > TEXT_BYTES && before > LEAD_BYTES) {
        size_t from = before - LEAD_BYTES;
        while (evidence_inside_character(text, from)) {
            from--;
        }
        text = (struct dx_str){text.p + from, text.n - from};
        lead = "...";
    }
    size_t n = text.n > TEXT_BYTES ? TEXT_BYTES : text.n;
    while (evidence_inside_character(text, n)) {
        n--;
    }
    char *copy = dx_sprintf(a, "%s%.*s%s", lead, (int)n, text.p, n < text.n ? "..." : "");
    for (char *p = copy; *p; p++) {
        if (*p == '\t' || *p == '\n' || *p == '\r') {
            *p = ' ';
        }
    }
    return copy;
}

const struct dext_logged *dx_logged(struct dx_arena *a, const struct dx_logger *by)
{
    bool any = by && (*by->time || by->process.n || by->pid >= 0);
    struct dext_logged *l = any ? dx_alloc(a, sizeof *l) : NULL;
    if (l) {
        *l = (struct dext_logged){.time = dx_strdup(a, by->time),
                                  .process = dx_strndup(a, by->process.p, by->process.n),
                                  .image = dx_strndup(a, by->image.p, by->image.n),
                                  .subsystem = dx_strndup(a, by->subsystem.p, by->subsystem.n),
                                  .category = dx_strndup(a, by->category.p, by->category.n),
                                  .thread = by->thread,
                                  .pid = by->pid};
    }
    return l;
}
