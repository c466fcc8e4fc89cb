/* What questions are answered from, as a catalogue. */
#include <stdlib.h>
#include <string.h>

#include "explain/timeline.h"

bool dx_symptom_is_answer(const struct kb_symptom *kb)
{
    return kb->in == KB_SYMPTOM_IN_PROSE || kb->in == KB_SYMPTOM_IN_TOLD;
}

static int topic_by_name(const void *x, const void *y)
{
    return strcmp(((const struct dext_symptom *)x)->id, ((const struct dext_symptom *)y)->id);
}

const struct dext_symptom *dext_topics(struct dext_ctx *ctx, size_t *count)
{
    struct dext_symptom *list = dx_calloc(&ctx->arena, kb_symptom_count, sizeof *list);
    *count = 0;
    for (size_t i = 0; i < kb_symptom_count; i++) {
        if (dx_symptom_is_answer(&kb_symptom_rows[i])) {
            struct dext_symptom *s = &list[(*count)++];
            dx_symptom_describe(&ctx->arena, s, &kb_symptom_rows[i]);
            s->detail = "";
        }
    }
    qsort(list, *count, sizeof *list, topic_by_name);
    return list;
}

static bool topic_is_called(const char *id, const char *name)
{
    const char *dash = strchr(id, '-');
    return strcmp(id, name) == 0 || (dash && strcmp(dash + 1, name) == 0);
}

const struct dext_symptom *dext_topic_find(struct dext_ctx *ctx, const char *name)
{
    size_t count;
    const struct dext_symptom *list = dext_topics(ctx, &count);
    for (size_t i = 0; i < count; i++) {
        if (topic_is_called(list[i].id, name)) {
            return &list[i];
        }
    }
    return NULL;
}

bool dext_topic_at(size_t i, const char **name, const char **what)
{
    for (size_t k = 0; k < kb_symptom_count; k++) {
        const struct kb_symptom *kb = &kb_symptom_rows[k];
        if (dx_symptom_is_answer(kb) && i-- == 0) {
            *name = kb_s(kb->symptom);
            *what = kb_s(kb->what);
            return true;
        }
    }
    return false;
}

bool dext_topic_known(const char *name)
{
    const char *id, *what;
    for (size_t i = 0; dext_topic_at(i, &id, &what); i++) {
        if (topic_is_called(id, name)) {
            return true;
        }
    }
    return false;
}
