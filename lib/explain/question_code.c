/* Whether the answers to a text tell what a code in it means there: what it means elsewhere is then
 * left out. */
#include <string.h>

#include "explain/explain.h"

static bool question_code_names(const struct dext_texts *texts, const char *const *words)
{
    for (size_t i = 0; i < texts->count; i++) {
        if (dx_prose_has_word(dx_str(texts->text[i]), words)) {
            return true;
        }
    }
    return false;
}

/* Whether a verdict tells what the code means here. A number alone ("4") is no name of a code. */
static bool question_code_explains(const struct dext_symptom *s, const struct dext_code_named *c)
{
    const char *const words[] = {c->name, strncmp(c->written, "0x", 2) == 0 ? c->written : NULL,
                                 NULL};
    return dx_prose_has_word(dx_str(s->what), words) || question_code_names(&s->why, words) ||
           question_code_names(&s->check, words);
}

bool dx_code_is_explained(const struct dext_explanation *out, const struct dext_code_named *c)
{
    bool found = false;
    for (size_t i = 0; i < out->verdict_count && !found; i++) {
        const struct dext_verdict *v = &out->verdicts[i];
        found = question_code_explains(v->root, c);
        for (size_t k = 0; k < v->consequence_count && !found; k++) {
            found = question_code_explains(v->consequences[k], c);
        }
        for (size_t k = 0; k < v->further_count && !found; k++) {
            found = question_code_explains(v->further[k], c);
        }
    }
    for (size_t i = 0; i < out->answer_count && !found; i++) {
        found = question_code_explains(out->answers[i], c);
    }
    return found;
}
