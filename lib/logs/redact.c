/* The forms of lib/data/redactions.rec, applied one after the other to a whole text. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "base/ctx.h"
#include "dext/redact.h"
#include "kb.h"

/* A pattern gives up after this much work on one match. Each begins at a boundary, so that real
 * texts need a small part of it. */
#define MATCH_LIMIT 1000000
#define LEFT_OUT "[left out: it could not be masked]"

struct dext_redactor {
    const struct kb_redaction **row; /* by rank */
    pcre2_code **code;
    pcre2_match_data *data;
    pcre2_match_context *limits;
};

struct text {
    char *p;
    size_t n, cap;
};

/* The i-th by rank: ranks differ, see test_redact. */
static const struct kb_redaction *redact_row_at(size_t i)
{
    for (size_t k = 0; k < kb_redaction_count; k++) {
        size_t before = 0;
        for (size_t m = 0; m < kb_redaction_count; m++) {
            before += kb_redaction_rows[m].rank < kb_redaction_rows[k].rank;
        }
        if (before == i) {
            return &kb_redaction_rows[k];
        }
    }
    return NULL;
}

bool dext_redaction_at(size_t i, struct dext_redaction *out)
{
    const struct kb_redaction *row = redact_row_at(i);
    if (row) {
        *out = (struct dext_redaction){.pattern = kb_s(row->pattern),
                                       .mask = kb_s(row->mask),
                                       .rest = (unsigned)row->rest,
                                       .value = row->unit == KB_REDACTION_UNIT_VALUE};
    }
    return row != NULL;
}

struct dext_redactor *dext_redactor_new(struct dext_ctx *ctx)
{
    struct dext_redactor *r = dx_alloc(&ctx->arena, sizeof *r);
    r->row = dx_calloc(&ctx->arena, kb_redaction_count, sizeof *r->row);
    r->code = dx_calloc(&ctx->arena, kb_redaction_count, sizeof *r->code);
    for (size_t i = 0; i < kb_redaction_count; i++) {
        int why;
        PCRE2_SIZE at;
        r->row[i] = redact_row_at(i);
        r->code[i] = pcre2_compile((PCRE2_SPTR)kb_s(r->row[i]->pattern), PCRE2_ZERO_TERMINATED,
                                   PCRE2_MULTILINE, &why, &at, NULL);
    }
    r->data = pcre2_match_data_create(16, NULL);
    r->limits = pcre2_match_context_create(NULL);
    if (r->limits) {
        (void)pcre2_set_match_limit(r->limits, MATCH_LIMIT);
    }
    return r;
}

void dext_redactor_free(struct dext_redactor *r)
{
    for (size_t i = 0; r && i < kb_redaction_count; i++) {
        pcre2_code_free(r->code[i]);
    }
    if (r) {
        pcre2_match_data_free(r->data);
        pcre2_match_context_free(r->limits);
    }
}

static void text_add(struct text *t, const char *p, size_t n)
{
    if (t->n + n + 1 > t->cap) {
        t->cap = (t->n + n + 1) * 2;
        t->p = realloc(t->p, t->cap);
        if (!t->p) {
            abort(); /* out of memory: see dext/ctx.h */
        }
    }
    if (p && t->p) { /* the second is always so; the analyzer cannot see it */
        memcpy(t->p + t->n, p, n);
        t->n += n;
        t->p[t->n] = 0;
    }
}

/* Whether the text could be looked through to its end; what stands masked is then in out. */
static bool redact_apply(struct dext_redactor *r, size_t i, struct text in, struct text *out)
{
    const struct kb_redaction *row = r->row[i];
    const char *mask = kb_s(row->mask);
    size_t at = 0;
    if (!r->code[i] || !r->data || !r->limits) {
        return false;
    }
    for (size_t from = 0; from <= in.n;) {
        int got = pcre2_match(r->code[i], (PCRE2_SPTR)in.p, in.n, from, 0, r->data, r->limits);
        if (got == PCRE2_ERROR_NOMATCH) {
            break;
        }
        if (got < 2) {
            return false;
        }
        const PCRE2_SIZE *v = pcre2_get_ovector_pointer(r->data);
        size_t rest = row->rest ? (size_t)row->rest : 0;
        size_t end = rest && (int)rest < got && v[2 * rest] != PCRE2_UNSET ? v[2 * rest] : v[1];
        text_add(out, in.p + at, v[3] - at);
        text_add(out, mask, strlen(mask));
        at = end;
        from = end > from ? end : from + 1;
    }
    text_add(out, in.p + at, in.n - at);
    return true;
}

char *dext_redact(struct dext_redactor *r, const char *text, size_t size, size_t *out_size)
{
    struct text now = {NULL, 0, 0};
    text_add(&now, text, size);
    for (size_t i = 0; i < kb_redaction_count; i++) {
        struct text next = {NULL, 0, 0};
        bool whole = redact_apply(r, i, now, &next);
        if (!whole) {
            next.n = 0;
            text_add(&next, LEFT_OUT, strlen(LEFT_OUT));
        }
        free(now.p);
        now = next;
        if (!whole) {
            break;
        }
    }
    if (out_size) {
        *out_size = now.n;
    }
    return now.p;
}
