#include "completion.h"

#include <stdio.h>
#include <string.h>

#include "app/face.h"

/* Before a command is named, any format may be meant: "human|json|..." */
static const char *every_format(void)
{
    static char all[256];
    size_t n = 0;
    for (int face = *all ? FACE_COUNT : 0; face < FACE_COUNT; face++) {
        n += (size_t)snprintf(all + n, sizeof all - n, "%s%s", face ? "|" : "",
                              face_name((enum face)face));
    }
    return all;
}

const struct words *completion_words_at(size_t i)
{
    for (size_t k = 0; words_all[k]; k++) {
        bool met = false;
        for (size_t j = 0; j < k; j++) {
            met |= words_all[j]->at == words_all[k]->at;
        }
        if (!met && i-- == 0) {
            return words_all[k];
        }
    }
    return NULL;
}

static struct completion completion_of_kind(const char *kind)
{
    struct completion c = {.as = COMPLETE_NOTHING, .kind = kind};
    const struct words *words = words_find(kind), *w;
    for (size_t i = 0; words && (w = completion_words_at(i)) != NULL; i++) {
        if (w->at == words->at) {
            return (struct completion){COMPLETE_WORDS, NULL, w, w->kind, words->list};
        }
    }
    if (kind && strcmp(kind, "file") == 0) {
        c.as = COMPLETE_FILES;
    } else if (kind && strcmp(kind, "dir") == 0) {
        c.as = COMPLETE_FOLDERS;
    } else if (kind && strcmp(kind, "command") == 0) {
        c.as = COMPLETE_WORDS;
    }
    return c;
}

struct completion completion_value(const struct cmd *c, const struct opt *o)
{
    const char *choices = o->choices;
    if (strcmp(o->name, "format") == 0) {
        choices = c ? c->formats : every_format();
    }
    return choices ? (struct completion){COMPLETE_CHOICES, choices, NULL, NULL, false}
                   : completion_of_kind(o->values);
}

struct completion completion_operand(const struct cmd *c)
{
    return completion_of_kind(c->operands);
}

void completion_choices(FILE *out, const char *choices)
{
    for (const char *p = choices; *p; p++) {
        (void)fputc(*p == '|' ? ' ' : *p, out);
    }
}
