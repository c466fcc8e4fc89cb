/* Patterns of the knowledge base. Only what a literal points at is compiled and tried. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "kb.h"
#include "logs/codes.h"
#include "logs/log.h"
#include "logs/needle.h"

/* A pattern gives up after this much work on one text: hostile lines cost no more. */
#define SYMPTOM_MATCH_LIMIT 200000
#define MATCH_LIMIT_A_BYTE 100 /* more, of prose: it is one long text */
#define HEAP_KIB 4096

/* Patterns shorter texts are not worth the look through them that needles need. */
#define LONG_PROSE 4000
#define LONG_FOR_CODE 20000 /* ... or that machine code needs */

struct symptom_pattern {
    const char *text;
    pcre2_code *code; /* NULL: not compiled yet, or of no use */
    bool tried;
};

struct compiled_list {
    struct symptom_pattern *pattern;
    size_t count;
    size_t row;
    enum dx_needle_list which;
};

struct compiled {
    struct compiled_list match, all, unless;
    bool done;
};

struct dx_patterns {
    struct dext_ctx *ctx;
    struct dx_search *search; /* for logs */
    struct compiled *rows;
    uint64_t *hit;
    struct dx_needle_set *needles; /* for prose; made when it is long */
    struct dx_codes codes;         /* of the text that is being looked at */
    pcre2_match_data *data;
    pcre2_match_context *limits;
    bool jit; /* the text is long enough to be worth machine code */
    unsigned long gave_up;
};

struct dx_patterns *dx_patterns_new(struct dext_ctx *ctx)
{
    struct dx_arena *a = &ctx->arena;
    struct dx_patterns *p = dx_alloc(a, sizeof *p);
    p->ctx = ctx;
    p->rows = dx_calloc(a, kb_symptom_count, sizeof *p->rows);
    p->hit = dx_calloc(a, kb_symptom_count / 64 + 1, sizeof *p->hit);
    p->search = dx_search_new(a);
    p->data = pcre2_match_data_create(32, NULL);
    p->limits = pcre2_match_context_create(NULL);
    (void)pcre2_set_match_limit(p->limits, SYMPTOM_MATCH_LIMIT);
    (void)pcre2_set_heap_limit(p->limits, HEAP_KIB);
    return p;
}

static void symptom_free_list(struct compiled_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        pcre2_code_free(list->pattern[i].code);
    }
}

void dx_patterns_free(struct dx_patterns *p)
{
    for (size_t i = 0; i < kb_symptom_count; i++) {
        symptom_free_list(&p->rows[i].match);
        symptom_free_list(&p->rows[i].all);
        symptom_free_list(&p->rows[i].unless);
    }
    dx_codes_free(&p->codes);
    pcre2_match_data_free(p->data);
    pcre2_match_context_free(p->limits);
}

/* Words that patterns for prose share. ask: words of wishes and questions; can: those that ask what
 * is possible. fail: it does not
 * work. none: it is not there. page: where extensions are allowed. extension, kext: what they are
 * called. */
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
    "(?<none>(?:\\b(?:no|not|never|nothing|nowhere|none|cannot|unable|without|missing|fail(?:s|"   \
    "ed)?"                                                                                         \
    "|hangs?)\\b|n't\\b))"                                                                         \
    "(?<page>\\b(?:System (?:Settings|Preferences)|settings menu|Privacy|Login Items|Network "     \
    "Extensions|Camera Extensions|Driver Extensions)\\b)"                                          \
    "(?<extension>\\b(?:dexts?|drivers?|extensions?)\\b)"                                          \
    "(?<kext>\\b(?:kexts?|kernel[ -]extensions?|kernel drivers?|IOKit drivers?)\\b))"

static bool symptom_in_prose(const struct kb_symptom *kb)
{
    return kb->in == KB_SYMPTOM_IN_PROSE;
}

void *dx_pattern_compile(const char *pattern, bool prose, size_t *at)
{
    int error;
    PCRE2_SIZE offset = 0;
    char *text = NULL;
    bool words = prose && strstr(pattern, "(?&");
    size_t lead = words ? sizeof VOCABULARY - 1 : 0, n = strlen(pattern);
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

static struct compiled_list symptom_list(struct dx_patterns *p, size_t row, struct kb_list list,
                                         enum dx_needle_list which)
{
    struct compiled_list out = {.row = row, .which = which};
    for (const char *s = kb_first(list); *s; s = kb_next(s)) {
        out.count++;
    }
    out.pattern = dx_calloc(&p->ctx->arena, out.count + 1, sizeof *out.pattern);
    size_t k = 0;
    for (const char *s = kb_first(list); *s; s = kb_next(s)) {
        out.pattern[k++].text = s;
    }
    return out;
}

/* Compiled when it is tried at last: half of them never are. The unit tests prove that every
 * pattern of the knowledge base compiles; one that does not in another version of PCRE2 is left
 * out. */
static pcre2_code *symptom_code(const struct compiled_list *list, size_t i)
{
    struct symptom_pattern *one = &list->pattern[i];
    size_t at;
    if (!one->tried) {
        one->tried = true;
        one->code =
            dx_pattern_compile(one->text, symptom_in_prose(&kb_symptom_rows[list->row]), &at);
    }
    return one->code;
}

/* Whether the pattern is in text from there on. Giving up is no "no": it is counted. */
static bool found(struct dx_patterns *p, pcre2_code *code, struct dx_str text, size_t from)
{
    if (p->jit) { /* done before: nothing; not possible here: matched as before */
        (void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    }
    int rc = pcre2_match(code, (PCRE2_SPTR)text.p, text.n, from, 0, p->data, p->limits);
    if (rc == PCRE2_ERROR_JIT_STACKLIMIT) {
        rc = pcre2_match(code, (PCRE2_SPTR)text.p, text.n, from, PCRE2_NO_JIT, p->data, p->limits);
    }
    p->gave_up += rc < 0 && rc != PCRE2_ERROR_NOMATCH;
    return rc > 0;
}

/* Whether it is worth to try a pattern of the list. */
static bool symptom_possible(const struct dx_patterns *p, const struct compiled_list *list,
                             size_t i, struct dx_str text)
{
    return !p->needles || dx_needle_possible(p->needles, text, list->row, list->which, i);
}

static bool symptom_found(struct dx_patterns *p, const struct compiled_list *list, size_t i,
                          struct dx_str text, size_t from)
{
    return symptom_possible(p, list, i, text) && symptom_code(list, i) &&
           found(p, symptom_code(list, i), text, from);
}

static const pcre2_code *symptom_matches(struct dx_patterns *p, const struct compiled_list *list,
                                         struct dx_str text)
{
    for (size_t i = 0; i < list->count; i++) {
        if (symptom_found(p, list, i, text, 0)) {
            return symptom_code(list, i);
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

/* Whether each of list is in the text, and where while there is room; or at least around it. */
static bool matches_all(struct dx_patterns *p, const struct compiled_list *list, struct dx_str text,
                        struct dx_str around, struct dx_hit *hit)
{
    for (size_t i = 0; i < list->count; i++) {
        if (symptom_found(p, list, i, text, 0)) {
            add_span(p, text, hit);
        } else if (symptom_code(list, i) &&
                   (around.p == text.p || !symptom_found(p, list, i, around, 0))) {
            return false;
        }
    }
    return true;
}

#define MOST_TIMES 4

static size_t count_times(struct dx_patterns *p, const struct compiled_list *list,
                          struct dx_str text)
{
    size_t times = 0;
    for (size_t i = 0; i < list->count; i++) {
        size_t from = 0;
        while (times < MOST_TIMES && from < text.n && symptom_found(p, list, i, text, from)) {
            size_t end = pcre2_get_ovector_pointer(p->data)[1];
            from = end > from ? end : from + 1;
            times++;
        }
    }
    return times;
}

static bool by_code(struct dx_patterns *p, size_t row, struct dx_hit *hit)
{
    const struct kb_symptom *kb = &kb_symptom_rows[row];
    struct dx_str shown;
    bool named, calls = *kb_first(kb->call) != 0;
    if (!*kb_first(kb->code) || !dx_codes_shown(&p->codes, kb, &shown, &named)) {
        return false;
    }
    *hit = (struct dx_hit){.row = row, .span = {shown}, .span_count = 1, .times = 1};
    hit->seen = calls ? DX_SEEN_CALL : named ? DX_SEEN_NAME : DX_SEEN_CODE;
    return true;
}

static bool try_row(struct dx_patterns *p, size_t row, struct dx_str text, struct dx_str around,
                    struct dx_hit *hit)
{
    const struct kb_symptom *kb = &kb_symptom_rows[row];
    struct compiled *c = &p->rows[row];
    if (!c->done) {
        c->match = symptom_list(p, row, kb->pattern, DX_NEEDLE_PATTERN);
        c->all = symptom_list(p, row, kb->all, DX_NEEDLE_ALL);
        c->unless = symptom_list(p, row, kb->unless, DX_NEEDLE_UNLESS);
        c->done = true;
    }
    const pcre2_code *code = symptom_matches(p, &c->match, text);
    if (code) { /* what it captured, before another pattern is tried */
        *hit = (struct dx_hit){.row = row,
                               .dext = group(p, code, "dext", text),
                               .klass = group(p, code, "class", text),
                               .node = group(p, code, "node", text),
                               .pid = group(p, code, "pid", text),
                               .what = group(p, code, "what", text)};
        add_span(p, text, hit);
    }
    if ((!code && !*kb_first(kb->code)) || symptom_matches(p, &c->unless, text)) {
        return false;
    }
    if (!code) {
        return by_code(p, row, hit);
    }
    if (!matches_all(p, &c->all, text, around, hit)) {
        return false;
    }
    hit->times = symptom_in_prose(kb) ? count_times(p, &c->match, text) : 1;
    return true;
}

void dx_patterns_match(struct dx_patterns *p, struct dx_str text,
                       void (*on_hit)(void *user, const struct dx_hit *hit), void *user)
{
    if (!dx_search_rows(p->search, text, p->hit)) {
        return;
    }
    dx_codes_begin(&p->codes, text);
    for (size_t i = 0; i < kb_symptom_count; i++) {
        struct dx_hit hit;
        if ((p->hit[i / 64] >> i % 64 & 1) && try_row(p, i, text, text, &hit)) {
            hit.staging = dx_staging_in(text);
            on_hit(user, &hit);
        }
    }
}

void dx_patterns_ask(struct dx_patterns *p, struct dx_str text, struct dx_str around,
                     void (*on_hit)(void *user, const struct dx_hit *hit), void *user)
{
    size_t more = (text.n > around.n ? text.n : around.n) * MATCH_LIMIT_A_BYTE;
    (void)pcre2_set_match_limit(p->limits, (uint32_t)(SYMPTOM_MATCH_LIMIT + more));
    if (text.n >= LONG_PROSE) {
        p->needles = p->needles ? p->needles : dx_needle_set_new(&p->ctx->arena);
        dx_needle_set_read(p->needles, text, around);
        p->jit = text.n >= LONG_FOR_CODE;
    }
    for (size_t i = 0; i < kb_symptom_count; i++) {
        const struct kb_symptom *kb = &kb_symptom_rows[i];
        bool message =
            /* quoted, or pasted */
            (kb->about == KB_SYMPTOM_ABOUT_ANYTHING && kb->weight == KB_SYMPTOM_WEIGHT_REASON);
        struct dx_hit hit;
        if (kb->in == KB_SYMPTOM_IN_PROSE &&
            (try_row(p, i, text, around, &hit) ||
             (message && text.p != around.p && try_row(p, i, around, around, &hit)))) {
            on_hit(user, &hit);
        }
    }
    if (p->needles) {
        dx_needle_set_forget(p->needles);
        p->jit = false;
    }
    (void)pcre2_set_match_limit(p->limits, SYMPTOM_MATCH_LIMIT);
}

const struct dx_search *dx_patterns_search(const struct dx_patterns *p)
{
    return p->search;
}

unsigned long dx_patterns_gave_up(const struct dx_patterns *p)
{
    return p->gave_up;
}
