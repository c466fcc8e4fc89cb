/* DX813: os_log and its like with %s, directly or through a macro of the driver. */
#include <string.h>

#include "rules/engine.h"
#include "rules/source_calls.h"

/* A macro that hands its first parameter on as the format of os_log. */
static bool is_log_macro(const struct dx_macro *m)
{
    const char *comma = m->params.n ? memchr(m->params.p, ',', m->params.n) : NULL;
    struct dx_str first = m->params;
    first.n = comma ? (size_t)(comma - first.p) : first.n;
    first = dx_str_trim(first);
    struct dx_str body = m->body;
    const char *call =
        m->function && first.n && body.n ? memmem(body.p, body.n, "os_log", 6) : NULL;
    if (!call) {
        return false;
    }
    struct dx_str rest = {call, (size_t)(body.p + body.n - call)};
    const char *at = memmem(rest.p, rest.n, first.p, first.n);
    /* what is put in front of it makes the count of conversions unknown unless it has none */
    return at && !memchr(rest.p, '%', (size_t)(at - rest.p));
}

struct logs {
    struct dx_check *c;
    struct dx_str *macros;
    size_t count, cap;
};

static void collect_macros(struct logs *l)
{
    const struct dx_cxx *code = l->c->unit->sources->code;
    for (size_t k = 0; k < code->file_count; k++) {
        const struct dx_cxx_file *f = code->files[k];
        for (size_t i = 0; i < f->macro_count; i++) {
            if (is_log_macro(&f->macros[i])) {
                *DX_PUSH(&l->c->ctx->arena, l->macros, l->count, l->cap) = f->macros[i].name;
            }
        }
    }
}

static bool is_log_word(const struct logs *l, const struct dx_token *t, bool *direct)
{
    static const char *const calls[] = {"os_log", "os_log_error", "os_log_debug", "os_log_info",
                                        "os_log_fault"};
    struct dx_str name = dx_token_str(t);
    *direct = dx_str_has_prefix(name, "os_log");
    for (size_t i = 0; *direct && i < sizeof calls / sizeof *calls; i++) {
        if (dx_str_is(name, calls[i])) {
            return true;
        }
    }
    for (size_t i = 0; !*direct && i < l->count; i++) {
        if (dx_str_eq(l->macros[i], name)) {
            return true;
        }
    }
    return false;
}

/* The argument is known when it is compiled, so that nothing of it is hidden. */
static bool is_constant(const struct dx_cxx_file *f, size_t i, size_t close)
{
    static const char *const names[] = {"__func__", "__FUNCTION__", "__PRETTY_FUNCTION__",
                                        "__FILE_NAME__", "__FILE__"};
    if (i >= close) {
        return true; /* an argument that is not there is not ours to judge */
    }
    bool constant = f->list[i].kind == DX_TOKEN_TEXT;
    for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
        constant = constant || dx_token_is(&f->list[i], names[n]);
    }
    return constant;
}

/* The start of the argument after the one at i; close at the end. */
static size_t next_argument(const struct dx_cxx_file *f, size_t i, size_t close)
{
    unsigned deep = 0;
    for (; i < close; i++) {
        char c = f->list[i].kind == DX_TOKEN_PUNCT ? *f->list[i].p : 0;
        deep += c == '(' || c == '[' || c == '{';
        deep -= deep && (c == ')' || c == ']' || c == '}');
        if (c == ',' && !deep) {
            return i + 1;
        }
    }
    return close;
}

/* Walks the conversions of a format and the arguments beside them. true: a %s (or %.*s) without
 * {public} whose argument is not constant. */
static bool hides(const struct dx_cxx_file *f, struct dx_str s, size_t *argument, size_t close)
{
    bool found = false;
    for (const char *p = s.p, *end = s.p + s.n; p < end; p++) {
        if (*p != '%' || p + 1 >= end) {
            continue;
        }
        p++;
        if (*p == '%') {
            continue;
        }
        const char *brace = *p == '{' ? memchr(p, '}', (size_t)(end - p)) : NULL;
        bool labelled = brace != NULL;
        p = brace ? brace + 1 : p;
        for (; p < end && strchr("-+ #0123456789.*hlqjzt'L", *p); p++) {
            *argument = *p == '*' ? next_argument(f, *argument, close) : *argument;
        }
        if (p < end && *p != 'm') {
            found = found || (*p == 's' && !labelled && !is_constant(f, *argument, close));
            *argument = next_argument(f, *argument, close);
        }
    }
    return found;
}

/* The format is the run of texts that begins the second argument of os_log, or a macro's first. */
static bool call_hides(const struct dx_cxx_file *f, size_t i, bool direct)
{
    size_t close = dx_tokens_close(f, i + 1), at = i + 2;
    if (close >= f->count) {
        return false;
    }
    at = direct ? next_argument(f, at, close) : at;
    size_t rest = next_argument(f, at, close);
    bool hidden = false;
    for (; at < rest && f->list[at].kind == DX_TOKEN_TEXT; at++) {
        hidden = hides(f, dx_token_text(&f->list[at]), &rest, close) || hidden;
        if (at + 1 >= close || f->list[at + 1].kind != DX_TOKEN_TEXT) {
            break;
        }
    }
    return hidden;
}

static void source_log_check_file(const struct logs *l, const struct dx_cxx_file *f)
{
    struct dx_check *c = l->c;
    size_t first = 0, count = 0;
    for (size_t i = 0; i + 1 < f->count; i++) {
        bool direct;
        if (f->list[i].kind == DX_TOKEN_WORD && *f->list[i + 1].p == '(' &&
            is_log_word(l, &f->list[i], &direct) && call_hides(f, i, direct)) {
            first = count++ ? first : i;
        }
    }
    if (count && dx_find_in_code(c, DX_LOG_PRIVATE, f, first, first, "",
                                 "%%s without {public} shows <private>")) {
        if (count > 1) {
            dx_fix(c,
                   "Write %%{public}s here and in %zu other call%s of this file, unless the text "
                   "is a user's secret.",
                   count - 1, count == 2 ? "" : "s");
        }
    }
}

void dx_check_logs(struct dx_check *c)
{
    const struct dx_cxx *code = c->unit->sources->code;
    struct logs l = {.c = c};
    collect_macros(&l);
    for (size_t i = 0; i < code->file_count; i++) {
        if (dx_is_driver_file(code, code->files[i])) {
            source_log_check_file(&l, code->files[i]);
        }
    }
}
