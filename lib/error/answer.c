/* The public face: asks the scanner and turns rows into results. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error/error.h"

struct dext_errors {
    struct dx_arena arena; /* of the last answer */
};

struct dext_errors *dext_errors_new(void)
{
    struct dext_errors *e = calloc(1, sizeof *e);
    if (!e) {
        abort();
    }
    return e;
}

void dext_errors_free(struct dext_errors *e)
{
    if (e) {
        dx_arena_free(&e->arena);
        free(e);
    }
}

static struct dext_error_texts list_texts(struct dx_arena *a, struct kb_list list)
{
    size_t n = 0;
    for (const char *s = kb_first(list); *s; s = kb_next(s)) {
        n++;
    }
    const char **text = dx_calloc(a, n + 1, sizeof *text);
    size_t i = 0;
    for (const char *s = kb_first(list); *s; s = kb_next(s)) {
        text[i++] = s;
    }
    return (struct dext_error_texts){text, n};
}

static struct dext_error_texts split_texts(struct dx_arena *a, const char *commas)
{
    size_t n = 1;
    for (const char *p = commas; *p; p++) {
        n += *p == ',';
    }
    const char **text = dx_calloc(a, n, sizeof *text);
    size_t i = 0;
    for (const char *p = commas; *p;) {
        size_t len = strcspn(p, ",");
        text[i++] = dx_strndup(a, p, len);
        p += len + (p[len] == ',');
    }
    return (struct dext_error_texts){text, i};
}

static const char *answer_written(struct dx_arena *a, const struct kb_error *row)
{
    if (dx_is_divided(row)) {
        return dx_sprintf(a, "0x%08x", (uint32_t)row->value);
    }
    return dx_sprintf(a, "%d", (int32_t)row->value);
}

static void answer_fill(struct dext_error *out, struct dx_arena *a, const struct kb_error *row)
{
    const struct kb_error_domain *d = &kb_error_domain_rows[dx_domain_of(row)];
    const struct kb_error_meaning *m = dx_meaning_of(kb_s(row->name));
    struct dext_error_split parts = dx_split((uint32_t)row->value);
    bool divided = dx_is_divided(row);
    *out = (struct dext_error){
        .name = kb_s(row->name),
        .value = (uint32_t)row->value,
        .written = answer_written(a, row),
        .domain = kb_s(row->domain),
        .title = kb_s(d->title),
        .system = divided ? parts.system_name : NULL,
        .subsystem = divided ? parts.subsystem_name : NULL,
        .code = divided ? (int64_t)parts.code : (int32_t)row->value,
        .summary = kb_s(row->summary),
        .driverkit = m ? kb_s(m->driverkit) : NULL,
        .why = kb_s(d->why_rank),
        .aliases = split_texts(a, kb_s(row->aliases)),
    };
    const char **source = dx_calloc(a, 1, sizeof *source);
    source[0] = kb_s(row->source);
    out->sources = (struct dext_error_texts){source, 1};
    if (m) {
        out->causes = list_texts(a, m->cause);
        out->checks = list_texts(a, m->check);
        out->sources = list_texts(a, m->source);
    }
}

/* Of the first domain in scope; NULL when it has none. */
static const char *domain_title(dx_scope scope)
{
    for (size_t i = 0; i < kb_error_domain_count; i++) {
        if (scope >> i & 1) {
            return kb_s(kb_error_domain_rows[i].title);
        }
    }
    return NULL;
}

static struct dext_error_hit make_hit(struct dx_arena *a, const struct dx_found *f,
                                      const char *text)
{
    struct dext_error_hit h = {.text = dx_strndup(a, text + f->offset, f->n),
                               .offset = f->offset,
                               .kind = f->kind,
                               .value = f->value,
                               .match_count = f->refs.count};
    struct dext_error *matches = dx_calloc(a, f->refs.count + 1, sizeof *matches);
    for (size_t i = 0; i < f->refs.count; i++) {
        answer_fill(&matches[i], a, &kb_error_rows[f->refs.row[i]]);
        matches[i].derived = f->refs.derived[i];
    }
    h.matches = matches;
    if (f->kind == DEXT_ERROR_UNKNOWN_NUMBER) {
        h.split = dx_split(f->value);
        h.domain = domain_title(f->domain);
    } else if (f->kind == DEXT_ERROR_UNKNOWN_NAME) {
        h.nearest = dx_error_nearest((struct dx_str){text + f->offset, f->n});
    }
    return h;
}

/* Core Audio's codes are four letters, which it prints as such: '!dev'. */
static bool four_letters(struct dx_finds *out, const char *text, size_t n, dx_scope scope)
{
    struct dx_found f = {.n = n, .kind = DEXT_ERROR_KNOWN};
    size_t quote = n == 6 && text[0] == text[5] && (text[0] == '\'' || text[0] == '"');
    if (n != 4 + 2 * quote) {
        return false;
    }
    for (size_t i = quote; i < quote + 4; i++) {
        f.value = f.value << 8 | (unsigned char)text[i];
    }
    dx_refs_by_value(&f.refs, f.value, scope & dx_scope_of(DX_STR("coreaudio")));
    if (f.refs.count) {
        *DX_PUSH(out->arena, out->list, out->count, out->cap) = f;
    }
    return f.refs.count != 0;
}

static bool is_wrapping(char c)
{
    return c && strchr(" \t\r\n\"'`()[]<>{},;:.!?", c) != NULL;
}

int dext_errors_ask(struct dext_errors *e, struct dext_error_answer *out, const char *text,
                    size_t n, const char *domain)
{
    *out = (struct dext_error_answer){NULL, 0};
    dx_arena_free(&e->arena);
    dx_scope scope = domain ? dx_scope_of(dx_str(domain)) : DX_SCOPE_ALL;
    if (!scope) {
        return DEXT_E_NOTFOUND;
    }
    /* Quotes and punctuation around a word come along when it is copied. */
    size_t from = 0, to = n;
    while (from < to && is_wrapping(text[from])) {
        from++;
    }
    /* The bracket of "iokit_usb_err(0x4f)" is a part of it. */
    while (to > from && is_wrapping(text[to - 1]) &&
           !(text[to - 1] == ')' && memchr(text + from, '(', to - from))) {
        to--;
    }
    bool word = to > from && !memchr(text + from, ' ', to - from) &&
                !memchr(text + from, '\t', to - from) && !memchr(text + from, '\n', to - from);
    struct dx_finds finds = {.arena = &e->arena, .text = text + from};
    if (four_letters(&finds, text, n, scope)) {
        from = 0;
        finds.text = text;
    } else if (word) {
        dx_scan_word(&finds, text + from, to - from, scope);
    } else {
        from = 0;
        finds.text = text;
        dx_scan_line(&finds, text, n, scope);
    }
    struct dext_error_hit *hits = dx_calloc(&e->arena, finds.count + 1, sizeof *hits);
    for (size_t i = 0; i < finds.count; i++) {
        hits[i] = make_hit(&e->arena, &finds.list[i], text + from);
        hits[i].offset += from;
    }
    *out = (struct dext_error_answer){hits, finds.count};
    return DEXT_OK;
}

static int answer_by_number(const void *x, const void *y)
{
    const struct kb_error *a = &kb_error_rows[*(const size_t *)x];
    const struct kb_error *b = &kb_error_rows[*(const size_t *)y];
    if (a->domain.off != b->domain.off) {
        return dx_domain_of(a) < dx_domain_of(b) ? -1 : 1;
    }
    if (a->value != b->value) {
        return a->value < b->value ? -1 : 1;
    }
    return a < b ? -1 : a > b;
}

int dext_errors_list(struct dext_errors *e, const char *domain, const struct dext_error **out,
                     size_t *count)
{
    *out = NULL;
    *count = 0;
    dx_arena_free(&e->arena);
    dx_scope scope = dx_scope_of(dx_str(domain));
    if (!scope) {
        return DEXT_E_NOTFOUND;
    }
    size_t *rows = dx_calloc(&e->arena, kb_error_count, sizeof *rows);
    size_t n = 0;
    for (size_t i = 0; i < kb_error_count; i++) {
        if (dx_scope_has(scope, &kb_error_rows[i])) {
            rows[n++] = i;
        }
    }
    qsort(rows, n, sizeof *rows, answer_by_number);
    struct dext_error *list = dx_calloc(&e->arena, n + 1, sizeof *list);
    for (size_t i = 0; i < n; i++) {
        answer_fill(&list[i], &e->arena, &kb_error_rows[rows[i]]);
    }
    *out = list;
    *count = n;
    return DEXT_OK;
}

bool dext_error_domain_at(size_t i, struct dext_error_domain *out)
{
    const struct kb_error_domain *found = NULL;
    for (size_t k = 0; k < kb_error_domain_count; k++) {
        const struct kb_error_domain *d = &kb_error_domain_rows[k];
        size_t before = 0;
        for (size_t j = 0; j < kb_error_domain_count; j++) {
            before += kb_error_domain_rows[j].rank < d->rank;
        }
        found = before == i ? d : found;
    }
    if (!found) {
        return false;
    }
    *out = (struct dext_error_domain){kb_s(found->domain), kb_s(found->title), 0};
    for (size_t k = 0; k < kb_error_count; k++) {
        out->count += kb_error_rows[k].domain.off == found->domain.off;
    }
    return true;
}

bool dext_error_domain_known(const char *name)
{
    return dx_scope_of(dx_str(name)) != 0;
}
