/* Patterns of the knowledge base. Only what a literal points at is compiled and tried. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "kb.h"
#include "logs/log.h"

/* A pattern gives up after this much work on one text: hostile lines cost no more. */
#define MATCH_LIMIT 200000
#define HEAP_KIB 4096

struct compiled {
    pcre2_code **match, **all, **unless; /* NULL-terminated */
    bool done;
};

struct dx_patterns {
    struct dext_ctx *ctx;
    struct dx_literals *literals; /* for logs */
    struct compiled *rows;
    uint64_t *hit;
    pcre2_match_data *data;
    pcre2_match_context *limits;
};

static struct dx_literals *make_literals(struct dx_arena *a)
{
    struct dx_literals *l = dx_literals_new(a, kb_symptom_count);
    for (size_t i = 0; i < kb_symptom_count; i++) {
        for (const char *s = kb_first(kb_symptom_rows[i].literal); *s; s = kb_next(s)) {
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
    p->literals = make_literals(a);
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
        free_list(p->rows[i].all);
        free_list(p->rows[i].unless);
    }
    pcre2_match_data_free(p->data);
    pcre2_match_context_free(p->limits);
}

/* Words that patterns for prose share. ask: words of wishes and questions; can: those that ask what
 * is possible. fail: it does not
 * work. kext: what a kernel extension is called. */
#define VOCABULARY                                                                                 \
    "(?(DEFINE)"                                                                                   \
    "(?<ask>\\b(?:can|could|possible|possibility|supports?|supported|ways?|how|want(?:s|ed)?|need" \
    "(?:s|ed)?|would|like to|try(?:ing)?|tried|looking for|is there|are there|allow(?:s|ed)?|able" \
    "|develop(?:s|ed|ing)?|writ(?:e|ing|ten)|creat(?:e|es|ed|ing)|implement(?:s|ed|ing)?|build(?:" \
    "ing)?|built|mak(?:e|ing)|does|do|use|using|any|should|plan(?:ning)?|recommended)\\b)"         \
    "(?<can>\\b(?:can|could|possible|possibility|supports?|supported|is there|are there|how "      \
    "(?:do|"                                                                                       \
    "can|to|should|would|is|does)|ways? (?:to|of|for)|want(?:s|ed)? to|needs? to|would like|like " \
    "to"                                                                                           \
    "|needs? an?|wants? an?|plan(?:ning)? to|looking for|trying to|able to|allow(?:s|ed)?|any "    \
    "(?:way|path|plan)|what "                                                                      \
    "is the"                                                                                       \
    ")\\b)"                                                                                        \
    "(?<fail>(?:\\b(?:not|never|nothing|cannot|fail(?:s|ed|ing|ures?)?|unable|empty|wrong|missing" \
    "|without|crash(?:es|ed|ing)?|errors?|problems?|issues?|stuck|refus(?:es|ed)|reject(?:s|ed))"  \
    "\\b"                                                                                          \
    "|n't\\b))"                                                                                    \
    "(?<kext>\\b(?:kexts?|kernel[ -]extensions?|kernel drivers?|IOKit drivers?)\\b))"

void *dx_pattern_compile(const char *pattern, bool prose, size_t *at)
{
    int error;
    PCRE2_SIZE offset = 0;
    char *text = NULL;
    size_t lead = prose ? sizeof VOCABULARY - 1 : 0, n = strlen(pattern);
    if (lead) {
        text = malloc(lead + n + 1);
        if (!text) {
            return NULL;
        }
        memcpy(text, VOCABULARY, lead);
        memcpy(text + lead, pattern, n + 1);
    }
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)(text ? text : pattern), lead + n,
                                     (prose ? PCRE2_DOTALL | PCRE2_CASELESS : 0) | PCRE2_DUPNAMES,
                                     &error, &offset, NULL);
    *at = offset < lead ? 0 : offset - lead;
    free(text);
    return code;
}

/* The unit tests prove that every pattern of the knowledge base compiles; one that does not in
 * another version of PCRE2 is left out. */
static pcre2_code **compile(struct dx_patterns *p, struct kb_list list, bool prose)
{
    size_t n = 0;
    for (const char *s = kb_first(list); *s; s = kb_next(s)) {
        n++;
    }
    pcre2_code **out = dx_calloc(&p->ctx->arena, n + 1, sizeof(pcre2_code *));
    size_t k = 0;
    for (const char *s = kb_first(list); *s; s = kb_next(s)) {
        size_t at;
        pcre2_code *code = dx_pattern_compile(s, prose, &at);
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

static void add_span(const struct dx_patterns *p, struct dx_str text, struct dx_hit *hit)
{
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(p->data);
    if (hit->span_count < DX_SPANS && at[0] <= at[1]) { /* \K in a lookahead may turn them round */
        hit->span[hit->span_count++] = (struct dx_str){text.p + at[0], at[1] - at[0]};
    }
}

/* Whether each of list is in the text; where, while there is room. */
static bool matches_all(struct dx_patterns *p, pcre2_code **list, struct dx_str text,
                        struct dx_hit *hit)
{
    for (; *list; list++) {
        if (pcre2_match(*list, (PCRE2_SPTR)text.p, text.n, 0, 0, p->data, p->limits) <= 0) {
            return false;
        }
        add_span(p, text, hit);
    }
    return true;
}

#define MOST_TIMES 4

static size_t count_times(struct dx_patterns *p, pcre2_code **list, struct dx_str text)
{
    size_t times = 0;
    for (; *list; list++) {
        size_t from = 0;
        while (times < MOST_TIMES && from < text.n &&
               pcre2_match(*list, (PCRE2_SPTR)text.p, text.n, from, 0, p->data, p->limits) > 0) {
            size_t end = pcre2_get_ovector_pointer(p->data)[1];
            from = end > from ? end : from + 1;
            times++;
        }
    }
    return times;
}

static bool try_row(struct dx_patterns *p, size_t row, struct dx_str text, struct dx_hit *hit)
{
    const struct kb_symptom *kb = &kb_symptom_rows[row];
    struct compiled *c = &p->rows[row];
    if (!c->done) {
        bool prose = kb->in == KB_SYMPTOM_IN_PROSE;
        c->match = compile(p, kb->pattern, prose);
        c->all = compile(p, kb->all, prose);
        c->unless = compile(p, kb->unless, prose);
        c->done = true;
    }
    if (matches(p, c->unless, text)) {
        return false;
    }
    const pcre2_code *code = matches(p, c->match, text);
    if (code) {
        *hit = (struct dx_hit){.row = row,
                               .dext = group(p, code, "dext", text),
                               .klass = group(p, code, "class", text),
                               .node = group(p, code, "node", text),
                               .what = group(p, code, "what", text)};
        add_span(p, text, hit);
    }
    if (!code || !matches_all(p, c->all, text, hit)) {
        return false;
    }
    hit->times = kb->in == KB_SYMPTOM_IN_PROSE ? count_times(p, c->match, text) : 1;
    return true;
}

/* Questions are short and few: there every pattern is tried. */
void dx_patterns_match(struct dx_patterns *p, struct dx_str text, bool prose,
                       void (*on_hit)(void *user, const struct dx_hit *hit), void *user)
{
    if (!prose && !dx_literals_scan(p->literals, text, p->hit)) {
        return;
    }
    for (size_t i = 0; i < kb_symptom_count; i++) {
        struct dx_hit hit;
        bool wanted = prose ? kb_symptom_rows[i].in == KB_SYMPTOM_IN_PROSE
                            : (p->hit[i / 64] >> i % 64 & 1) != 0;
        if (wanted && try_row(p, i, text, &hit)) {
            on_hit(user, &hit);
        }
    }
}
