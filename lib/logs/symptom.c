/* Patterns of the knowledge base. Only what a literal points at is compiled and tried. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

#include "kb.h"
#include "logs/log.h"

/* A pattern gives up after this much work on one text: hostile lines cost no more. */
#define MATCH_LIMIT 200000
#define HEAP_KIB 4096

struct compiled {
    pcre2_code **match, **unless; /* NULL-terminated */
    bool done;
};

struct dx_patterns {
    struct dext_ctx *ctx;
    struct dx_literals *literals[2]; /* for logs; for prose, made when the first question comes */
    struct compiled *rows;
    uint64_t *hit;
    pcre2_match_data *data;
    pcre2_match_context *limits;
};

/* Words of questions would only slow the search through logs. */
static struct dx_literals *make_literals(struct dx_arena *a, bool prose)
{
    struct dx_literals *l = dx_literals_new(a, kb_symptom_count);
    for (size_t i = 0; i < kb_symptom_count; i++) {
        const struct kb_symptom *kb = &kb_symptom_rows[i];
        for (const char *s = kb_first(kb->literal); *s && (kb->in == KB_SYMPTOM_IN_PROSE) == prose;
             s = kb_next(s)) {
            dx_literals_add(l, s, i);
        }
    }
    dx_literals_ready(l);
    return l;
}

struct dx_patterns *dx_patterns_new(struct dext_ctx *ctx)
{
    struct dx_arena *a = &ctx->arena;
    struct dx_patterns *p = dx_alloc(a, sizeof *p);
    p->ctx = ctx;
    p->rows = dx_calloc(a, kb_symptom_count, sizeof *p->rows);
    p->hit = dx_calloc(a, kb_symptom_count / 64 + 1, sizeof *p->hit);
    p->literals[0] = make_literals(a, false);
    p->data = pcre2_match_data_create(32, NULL);
    p->limits = pcre2_match_context_create(NULL);
    (void)pcre2_set_match_limit(p->limits, MATCH_LIMIT);
    (void)pcre2_set_heap_limit(p->limits, HEAP_KIB);
    return p;
}

static void free_list(pcre2_code **list)
{
    for (; list && *list; list++) {
        pcre2_code_free(*list);
    }
}

void dx_patterns_free(struct dx_patterns *p)
{
    for (size_t i = 0; i < kb_symptom_count; i++) {
        free_list(p->rows[i].match);
        free_list(p->rows[i].unless);
    }
    pcre2_match_data_free(p->data);
    pcre2_match_context_free(p->limits);
}

/* The unit tests prove that every pattern of the knowledge base compiles; one that does not in
 * another version of PCRE2 is left out. */
static pcre2_code **compile(struct dx_patterns *p, struct kb_list list, uint32_t options)
{
    size_t n = 0;
    for (const char *s = kb_first(list); *s; s = kb_next(s)) {
        n++;
    }
    pcre2_code **out = dx_calloc(&p->ctx->arena, n + 1, sizeof(pcre2_code *));
    size_t k = 0;
    for (const char *s = kb_first(list); *s; s = kb_next(s)) {
        int error;
        PCRE2_SIZE at;
        pcre2_code *code = pcre2_compile((PCRE2_SPTR)s, PCRE2_ZERO_TERMINATED,
                                         options | PCRE2_DUPNAMES, &error, &at, NULL);
        if (code) {
            out[k++] = code;
        }
    }
    return out;
}

static const pcre2_code *matches(struct dx_patterns *p, pcre2_code **list, struct dx_str text)
{
    for (; *list; list++) {
        if (pcre2_match(*list, (PCRE2_SPTR)text.p, text.n, 0, 0, p->data, p->limits) > 0) {
            return *list;
        }
    }
    return NULL;
}

/* A group may stand several times in a pattern, in branches of which one took part. */
static struct dx_str group(struct dx_patterns *p, const pcre2_code *code, const char *name,
                           struct dx_str text)
{
    PCRE2_SPTR first, last;
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(p->data);
    int size = pcre2_substring_nametable_scan(code, (PCRE2_SPTR)name, &first, &last);
    if (size < 0) {
        return DX_STR("");
    }
    for (PCRE2_SPTR entry = first; entry <= last; entry += size) {
        size_t n = (size_t)entry[0] << 8 | entry[1];
        if (n < pcre2_get_ovector_count(p->data) && at[2 * n] != PCRE2_UNSET &&
            at[2 * n] <= at[2 * n + 1]) {
            return (struct dx_str){text.p + at[2 * n], at[2 * n + 1] - at[2 * n]};
        }
    }
    return DX_STR("");
}

static bool try_row(struct dx_patterns *p, size_t row, struct dx_str text, struct dx_hit *hit)
{
    const struct kb_symptom *kb = &kb_symptom_rows[row];
    struct compiled *c = &p->rows[row];
    if (!c->done) {
        uint32_t options = kb->in == KB_SYMPTOM_IN_PROSE ? PCRE2_DOTALL | PCRE2_CASELESS : 0;
        c->match = compile(p, kb->pattern, options);
        c->unless = compile(p, kb->unless, options);
        c->done = true;
    }
    if (matches(p, c->unless, text)) {
        return false;
    }
    const pcre2_code *code = matches(p, c->match, text);
    if (code) {
        *hit = (struct dx_hit){row, group(p, code, "dext", text), group(p, code, "class", text),
                               group(p, code, "node", text), group(p, code, "what", text)};
    }
    return code != NULL;
}

void dx_patterns_match(struct dx_patterns *p, struct dx_str text, bool prose,
                       void (*on_hit)(void *user, const struct dx_hit *hit), void *user)
{
    if (!p->literals[prose]) {
        p->literals[prose] = make_literals(&p->ctx->arena, prose);
    }
    if (!dx_literals_scan(p->literals[prose], text, p->hit)) {
        return;
    }
    for (size_t i = 0; i < kb_symptom_count; i++) {
        struct dx_hit hit;
        if ((p->hit[i / 64] >> i % 64 & 1) != 0 && try_row(p, i, text, &hit)) {
            on_hit(user, &hit);
        }
    }
}
