#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "kb.h"
#include "panic/panic.h"

static struct dext_texts panic_sign_texts(struct dx_arena *a, struct kb_list list)
{
    struct dext_texts out = {NULL, 0};
    size_t cap = 0;
    for (const char *s = kb_first(list); *s; s = kb_next(s)) {
        *DX_PUSH(a, out.text, out.count, cap) = s;
    }
    return out;
}

static bool any_literal(const struct kb_panic *kb, const char *reason)
{
    for (const char *s = kb_first(kb->literal); *s; s = kb_next(s)) {
        if (strstr(reason, s)) {
            return true;
        }
    }
    return false;
}

static char *panic_sign_named(struct dx_arena *a, const pcre2_code *code, pcre2_match_data *data,
                              const char *reason)
{
    static const char *const groups[] = {"class", "dext", "what", "zone"};
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(data);
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        int n = pcre2_substring_number_from_name(code, (PCRE2_SPTR)groups[i]);
        const PCRE2_SIZE *pair = n > 0 ? at + (size_t)2 * (size_t)n : NULL;
        if (pair && pair[0] != PCRE2_UNSET) {
            return dx_strndup(a, reason + pair[0], pair[1] - pair[0]);
        }
    }
    return dx_strdup(a, "");
}

/* Whether the row's pattern is in the reason; *subject is what it names. */
static bool panic_sign_matches(struct dx_arena *a, const struct kb_panic *kb, const char *reason,
                               char **subject)
{
    int error;
    PCRE2_SIZE at;
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)kb_s(kb->pattern), PCRE2_ZERO_TERMINATED, 0, &error, &at, NULL);
    if (!code) {
        return false; /* a unit test proves that they all compile */
    }
    pcre2_match_data *data = pcre2_match_data_create_from_pattern(code, NULL);
    bool found = pcre2_match(code, (PCRE2_SPTR)reason, strlen(reason), 0, 0, data, NULL) > 0;
    if (found) {
        *subject = panic_sign_named(a, code, data, reason);
    }
    pcre2_match_data_free(data);
    pcre2_code_free(code);
    return found;
}

static int panic_sign_by_rank(const void *x, const void *y)
{
    const struct kb_panic *a = *(const struct kb_panic *const *)x;
    const struct kb_panic *b = *(const struct kb_panic *const *)y;
    return a->rank != b->rank ? (a->rank < b->rank ? -1 : 1) : a < b ? -1 : a > b;
}

#define SAYS_LITTLE 90 /* rows from this rank on: told only where no other row matches */

void dx_panic_signs(struct dx_panic_text *t)
{
    static const char *const blames[] = {"driver", "dext", "process", "user", "kernel", "hardware"};
    static const char *const confidences[] = {"high", "medium", "low"};
    struct dx_arena *a = &t->ctx->arena;
    const struct kb_panic **order = dx_calloc(a, kb_panic_count, sizeof(const struct kb_panic *));
    struct dext_panic_sign *signs = dx_calloc(a, kb_panic_count, sizeof *signs);
    for (size_t i = 0; i < kb_panic_count; i++) {
        order[i] = &kb_panic_rows[i];
    }
    qsort(order, kb_panic_count, sizeof(const struct kb_panic *), panic_sign_by_rank);
    size_t n = 0;
    for (size_t i = 0; i < kb_panic_count && !(n && order[i]->rank >= SAYS_LITTLE); i++) {
        const struct kb_panic *kb = order[i];
        char *subject = NULL;
        if (any_literal(kb, t->out->reason) &&
            panic_sign_matches(a, kb, t->out->reason, &subject)) {
            signs[n++] =
                (struct dext_panic_sign){.id = kb_s(kb->panic),
                                         .blames = blames[kb->blames],
                                         .confidence = confidences[kb->confidence],
                                         .noticed = kb->backtrace == KB_PANIC_BACKTRACE_NOTICE,
                                         .what = kb_s(kb->what),
                                         .subject = subject,
                                         .why = panic_sign_texts(a, kb->why),
                                         .check = panic_sign_texts(a, kb->check),
                                         .fix = panic_sign_texts(a, kb->fix),
                                         .source = panic_sign_texts(a, kb->source)};
        }
    }
    t->out->signs = signs;
    t->out->sign_count = n;
}
