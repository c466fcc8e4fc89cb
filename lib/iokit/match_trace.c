/* Checks are kept for people here. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "iokit/match.h"

static const char *match_trace_format(struct dx_arena *a, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static const char *match_trace_format(struct dx_arena *a, const char *fmt, va_list ap)
{
    char text[1024];
    int n = vsnprintf(text, sizeof text, fmt, ap);
    return n > 0 && (size_t)n < sizeof text ? dx_strndup(a, text, (size_t)n) : dx_strdup(a, text);
}

enum dext_match_answer dx_say(struct dx_eval *e, const struct dx_say *s,
                              enum dext_match_answer answer, const char *fmt, ...)
{
    struct dx_match_trace *t = e->trace;
    e->fails += answer == DEXT_MATCH_NO && s->phase != DEXT_MATCH_START;
    if (!t) {
        return answer;
    }
    struct dx_arena *a = &e->w->ctx->arena;
    struct dext_match_check *c = DX_PUSH(a, t->list, t->count, t->cap);
    *c = (struct dext_match_check){.code = s->code,
                                   .phase = s->phase,
                                   .answer = answer,
                                   .key = s->key,
                                   .expected = s->expected,
                                   .actual = s->actual,
                                   .edit = answer == DEXT_MATCH_YES ? NULL : s->edit,
                                   .reached = !t->stopped};
    if (s->want) {
        c->at = s->want->at;
        c->expected = c->expected ? c->expected : dx_value_text(a, s->want);
        c->expected_type = dext_kind_name(s->want->kind);
    }
    if (s->have.value) {
        c->actual = c->actual ? c->actual : dx_value_text(a, s->have.value);
        c->actual_type = dext_kind_name(s->have.value->kind);
    }
    va_list ap;
    va_start(ap, fmt);
    c->text = strchr(fmt, '%') ? match_trace_format(a, fmt, ap) : fmt; /* formats are literals */
    va_end(ap);
    if (answer == DEXT_MATCH_NO) {
        t->stopped = true;
    }
    return answer;
}

const char *dx_edit_text(struct dx_eval *e, const char *fmt, ...)
{
    if (!e->trace) {
        return NULL;
    }
    va_list ap;
    va_start(ap, fmt);
    const char *text = match_trace_format(&e->w->ctx->arena, fmt, ap);
    va_end(ap);
    return text;
}

/* Why a property and a wanted value differ, as the end of a sentence. */
static const char *difference(struct dx_prop have, const struct dext_node *want)
{
    if (!have.value) {
        return have.unknown ? "the dump does not show this property of the node"
                            : "the node has no such property";
    }
    if (have.value->kind != want->kind) {
        return "the types differ";
    }
    return "the values differ";
}

enum dext_match_answer dx_compare_key(struct dx_eval *e, const char *code, const char *key)
{
    const struct dext_node *want = dx_get(e->table, key);
    if (!want) {
        return DEXT_MATCH_YES;
    }
    struct dx_prop have = dx_nub_prop(e, key);
    enum dext_match_answer answer = dx_wanted_equal(want, have);
    if (!e->trace) {
        e->fails += answer == DEXT_MATCH_NO;
        return answer;
    }
    struct dx_say s = {
        .code = code, .phase = DEXT_MATCH_PASSIVE, .key = key, .want = want, .have = have};
    if (answer == DEXT_MATCH_YES) {
        return dx_say(e, &s, answer, "the node has the same value");
    }
    if (have.value && have.value->kind == DEXT_INTEGER && want->kind != DEXT_INTEGER) {
        s.edit = dx_edit_text(e, "make %s an <integer>", key);
    } else if (have.value) {
        s.edit = dx_edit_text(e, "set %s to %s", key, dx_value_text(&e->w->ctx->arena, have.value));
    } else if (!have.unknown) {
        s.edit = dx_edit_text(e, "take %s out", key);
    }
    return dx_say(e, &s, answer, "%s", difference(have, want));
}
