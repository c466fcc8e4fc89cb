#define PCRE2_CODE_UNIT_WIDTH 8
#include "sign/resources_rule.h"

#include <ctype.h>
#include <pcre2.h>
#include <string.h>

#define LONGEST_PATTERN 1000
#define MATCH_STEPS 20000 /* Apple's patterns take a few dozen */

struct dx_pattern {
    pcre2_code *code;
};

struct dx_matcher {
    pcre2_match_data *data;
    pcre2_match_context *limits;
};

/* ---- from one language to the other -------------------------------------------------------- */

struct translate {
    struct dx_str in;
    size_t at;
    struct dx_buf out;
    size_t atom;   /* where in out the last atom begins */
    bool has_atom; /* something that a repetition can follow */
    bool repeated; /* it has one already */
};

/* Nothing is escaped in a bracket: a backslash is one. Parentheses are written as numbers, so that
 * those that are left are groups. */
static void translate_in_bracket(struct translate *t, char c)
{
    if (c == '(' || c == ')') {
        dx_buf_puts(&t->out, c == '(' ? "\\x28" : "\\x29");
        return;
    }
    dx_buf_puts(&t->out, c == '[' || c == '\\' || c == ']' ? "\\" : "");
    dx_buf_add(&t->out, &c, 1);
}

static bool translate_bracket(struct translate *t)
{
    const char *s = t->in.p;
    size_t i = t->at + 1, n = t->in.n;
    dx_buf_puts(&t->out, "[");
    if (i < n && s[i] == '^') {
        dx_buf_puts(&t->out, "^");
        i++;
    }
    for (size_t first = i; i < n && (s[i] != ']' || i == first); i++) {
        if (s[i] == '[' && i + 1 < n && s[i + 1] == ':') {
            size_t end = i + 2;
            while (end + 1 < n && !(s[end] == ':' && s[end + 1] == ']')) {
                end++;
            }
            if (end + 1 >= n) {
                return false;
            }
            dx_buf_add(&t->out, s + i, end + 2 - i);
            i = end + 1;
        } else if (s[i] == '[' && i + 1 < n && (s[i + 1] == '.' || s[i + 1] == '=')) {
            return false; /* collating elements: no pattern of Apple's has them */
        } else {
            translate_in_bracket(t, s[i]);
        }
    }
    dx_buf_puts(&t->out, "]");
    t->at = i + 1;
    return i < n;
}

/* A repetition of what is repeated already is one of the whole, not a lazy or possessive one. */
static bool translate_repeat(struct translate *t, const char *p, size_t n)
{
    if (!t->has_atom) {
        return false;
    }
    if (t->repeated) {
        size_t length = t->out.n - t->atom;
        dx_buf_puts(&t->out, "    ");
        if (t->out.toobig) {
            return false;
        }
        memmove(t->out.p + t->atom + 3, t->out.p + t->atom, length);
        memcpy(t->out.p + t->atom, "(?:", 3);
        t->out.p[t->out.n - 1] = ')';
    }
    dx_buf_add(&t->out, p, n);
    t->repeated = true;
    t->at += n;
    return true;
}

static bool translate_bound(struct translate *t)
{
    const char *s = t->in.p + t->at;
    size_t i = 1, n = t->in.n - t->at, digits = 0;
    for (; i < n && (isdigit((unsigned char)s[i]) || s[i] == ','); i++) {
        digits += s[i] != ',';
    }
    return digits && i < n && s[i] == '}' && isdigit((unsigned char)s[1]) &&
           translate_repeat(t, s, i + 1);
}

static void translate_atom(struct translate *t)
{
    t->atom = t->out.n;
    t->has_atom = true;
    t->repeated = false;
}

/* A group is an atom once it is closed; where it began is found again by counting. */
static size_t translate_open_of(const struct translate *t)
{
    size_t depth = 0, i = t->out.n;
    while (i-- > 0) {
        size_t escapes = 0;
        while (escapes < i && t->out.p[i - 1 - escapes] == '\\') {
            escapes++;
        }
        if (escapes % 2 == 0 && t->out.p[i] == ')') {
            depth++;
        } else if (escapes % 2 == 0 && t->out.p[i] == '(' && depth-- == 0) {
            return i;
        }
    }
    return 0;
}

static bool translate_escape(struct translate *t)
{
    if (t->at + 1 >= t->in.n) {
        return false;
    }
    char c = t->in.p[t->at + 1];
    translate_atom(t);
    dx_buf_puts(&t->out, isalnum((unsigned char)c) || (unsigned char)c > 127 ? "" : "\\");
    dx_buf_add(&t->out, &c, 1);
    t->at += 2;
    return true;
}

static bool translate_one(struct translate *t)
{
    char c = t->in.p[t->at];
    switch (c) {
    case '\\':
        return translate_escape(t);
    case '[':
        translate_atom(t);
        return translate_bracket(t);
    case '*':
    case '+':
    case '?':
        return translate_repeat(t, &t->in.p[t->at], 1);
    case '{':
        return translate_bound(t);
    case '(':
    case '|':
        dx_buf_add(&t->out, &c, 1);
        t->has_atom = false;
        break;
    case ')':
        t->atom = translate_open_of(t);
        dx_buf_add(&t->out, &c, 1);
        t->has_atom = true;
        t->repeated = false;
        break;
    case '}':
        translate_atom(t);
        dx_buf_puts(&t->out, "\\}");
        break;
    default:
        translate_atom(t);
        dx_buf_add(&t->out, &c, 1);
    }
    t->at++;
    return true;
}

const char *dx_pattern_translate(struct dext_ctx *ctx, struct dx_str source)
{
    struct translate t = {.in = source};
    dx_buf_init(&t.out, &ctx->arena, (size_t)LONGEST_PATTERN * 4);
    dx_buf_puts(&t.out, "");
    while (t.at < source.n) {
        if (!translate_one(&t)) {
            return NULL;
        }
    }
    return t.out.toobig ? NULL : t.out.n ? t.out.p : "";
}

/* ---- matching ------------------------------------------------------------------------------ */

struct dx_pattern *dx_pattern_new(struct dext_ctx *ctx, struct dx_str source)
{
    int error;
    PCRE2_SIZE at;
    const char *text = source.n <= LONGEST_PATTERN && !memchr(source.p, 0, source.n)
                           ? dx_pattern_translate(ctx, source)
                           : NULL;
    pcre2_code *code =
        text ? pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
                             PCRE2_NO_AUTO_CAPTURE | PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY, &error,
                             &at, NULL)
             : NULL;
    if (!code) {
        return NULL;
    }
    struct dx_pattern *p = dx_alloc(&ctx->arena, sizeof *p);
    p->code = code;
    return p;
}

void dx_pattern_free(struct dx_pattern *p)
{
    if (p) {
        pcre2_code_free(p->code);
    }
}

struct dx_matcher *dx_matcher_new(struct dext_ctx *ctx)
{
    struct dx_matcher *m = dx_alloc(&ctx->arena, sizeof *m);
    m->data = pcre2_match_data_create(1, NULL);
    m->limits = pcre2_match_context_create(NULL);
    pcre2_set_match_limit(m->limits, MATCH_STEPS);
    return m;
}

void dx_matcher_free(struct dx_matcher *m)
{
    pcre2_match_context_free(m->limits);
    pcre2_match_data_free(m->data);
}

enum dx_matched dx_pattern_match(const struct dx_pattern *p, const struct dx_matcher *m,
                                 const char *text, size_t n)
{
    int r = pcre2_match(p->code, (PCRE2_SPTR)text, n, 0, 0, m->data, m->limits);
    return r >= 0 ? DX_MATCHED : r == PCRE2_ERROR_NOMATCH ? DX_MATCHED_NOT : DX_MATCHED_TOO_LONG;
}
