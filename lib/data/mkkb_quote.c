/* One text, one place: "<<question-scsi-target why 2>>" in a rule stands for that text of that
 * symptom (2: the second of a list; no number: the first). */
#include <stdlib.h>
#include <string.h>

#include "mkkb.h"

static size_t table_named(const char *name)
{
    size_t i = 0;
    while (i + 1 < COUNT(tables) && strcmp(tables[i].name, name) != 0) {
        i++;
    }
    return i;
}

/* The n-th text of a field, which may be a list; NULL when there is none. */
static const char *mkkb_quote_quoted(const char *id, const char *field, unsigned n, size_t *length)
{
    size_t symptoms = table_named("symptom");
    int f = field_index(&tables[symptoms], field);
    for (size_t i = 0; f >= 0 && i < all[symptoms].count; i++) {
        const struct row *r = &all[symptoms].row[i];
        const char *v = r->value[f];
        if (strcmp(r->value[0] ? r->value[0] : "", id) != 0 || !v) {
            continue;
        }
        for (; n > 1 && v; n--) {
            v = strchr(v, '\x01');
            v += v != NULL;
        }
        *length = v ? strcspn(v, "\x01") : 0;
        return v;
    }
    return NULL;
}

/* Replaces the first quotation in v; false when there is none. */
static bool mkkb_quote_replace(const struct row *r, char **v)
{
    char id[128], field[32];
    char *open = strstr(*v, "<<"), *close = open ? strstr(open, ">>") : NULL;
    if (!close) {
        return false;
    }
    size_t length = 0, before = (size_t)(open - *v);
    char count[8] = "1";
    int words = sscanf(open, "<<%127[^ >] %31[^ >] %7[0-9]", id, field, count);
    const char *text =
        words >= 2 ? mkkb_quote_quoted(id, field, (unsigned)strtoul(count, NULL, 10), &length)
                   : NULL;
    if (!text) {
        complain(r->file, r->line, "nothing to quote: %.*s>>", (int)(close - open), open);
        return false;
    }
    char *whole = need(malloc(before + length + strlen(close + 2) + 1));
    memcpy(whole, *v, before);
    memcpy(whole + before, text, length);
    memcpy(whole + before + length, close + 2, strlen(close + 2) + 1);
    free(*v);
    *v = whole;
    return true;
}

void quote_texts(void)
{
    size_t rules = table_named("rule");
    for (size_t i = 0; i < all[rules].count; i++) {
        struct row *r = &all[rules].row[i];
        for (size_t f = 0; f < field_count(&tables[rules]); f++) {
            while (r->value[f] && mkkb_quote_replace(r, &r->value[f])) {
            }
        }
    }
}
