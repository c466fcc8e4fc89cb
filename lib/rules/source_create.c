/* DX804: Create(this, "NAME", ...) against the dictionaries of the personalities. DX815: Create()
 * for another service than the driver itself. */
#include <string.h>

#include "rules/engine.h"
#include "rules/source_calls.h"

/* The text that a token stands for: itself, or what a macro of the sources stands for. */
static struct dx_str source_create_text_of(const struct dx_cxx *code, const struct dx_token *t)
{
    struct dx_str none = {"", 0};
    if (t->kind == DX_TOKEN_TEXT) {
        return dx_token_text(t);
    }
    struct dx_str body = t->kind == DX_TOKEN_WORD ? dx_cxx_macro(code, dx_token_str(t)) : none;
    bool quoted = body.n > 2 && *body.p == '"' && body.p[body.n - 1] == '"' &&
                  !memchr(body.p + 1, '"', body.n - 2);
    return quoted ? (struct dx_str){body.p + 1, body.n - 2} : none;
}

/* The name stands in a text of the sources besides in calls of Create: the driver may make the
 * dictionary itself. */
static bool stands_elsewhere(const struct dx_cxx *code, struct dx_str name)
{
    for (size_t k = 0; k < code->file_count; k++) {
        const struct dx_cxx_file *f = code->files[k];
        for (size_t i = 0; i < f->count; i++) {
            bool same =
                f->list[i].kind == DX_TOKEN_TEXT && dx_str_eq(dx_token_text(&f->list[i]), name);
            if (same && !(i >= 4 && dx_tokens_match(f, i - 4, "Create ( %any% ,"))) {
                return true;
            }
        }
    }
    return false;
}

/* One of the personalities with that class has such a dictionary. *some: one was looked at. */
static bool source_create_any_has(const struct dx_check *c, const struct dx_cxx_class *k,
                                  struct dx_str name, const struct dx_personality **some)
{
    *some = NULL;
    for (size_t i = 0; i < c->all_count; i++) {
        struct dx_str klass;
        const struct dx_personality *p = &c->all[i];
        if (!p->user_class || !dx_value(c, p->user_class, &klass) || !dx_str_eq(klass, k->name)) {
            continue;
        }
        *some = *some ? *some : p;
        for (const struct dext_node *n = p->dict->child; n; n = n->next) {
            if (dx_str_eq(n->key, name)) {
                return true;
            }
        }
    }
    return false;
}

static const char *nearest_dictionary(struct dx_check *c, const struct dx_personality *p,
                                      struct dx_str name)
{
    const char *best = NULL;
    for (const struct dext_node *n = p->dict->child; n; n = n->next) {
        if (n->kind == DEXT_DICT && dx_get(n, "IOUserClass") &&
            (!best || dx_str_distance(n->key, name, 8) < dx_str_distance(dx_str(best), name, 8))) {
            best = dx_strndup(&c->ctx->arena, n->key.p, n->key.n);
        }
    }
    return best;
}

static void source_create_call(struct dx_check *c, const struct dx_cxx_class *k,
                               const struct dx_cxx_function *fn, size_t i)
{
    const struct dx_cxx *code = c->unit->sources->code;
    const struct dx_personality *p;
    struct dx_str name = source_create_text_of(code, &fn->file->list[i + 4]);
    if (!name.n || source_create_any_has(c, k, name, &p) || !p || stands_elsewhere(code, name)) {
        return;
    }
    if (!dx_find_in_code(c, DX_CREATE_DICTIONARY_MISSING, fn->file, i, i + 4,
                         dx_function_path(c, fn),
                         "Create() names \"%.*s\", which the personality \"%s\" does not have",
                         (int)name.n, name.p, p->name)) {
        return;
    }
    const char *near = nearest_dictionary(c, p, name);
    if (near) {
        dx_fix(c, "Name \"%s\", which is there, or add \"%.*s\" to the personality.", near,
               (int)name.n, name.p);
    }
}

/* "Other::Create(" and "x->Create(" are other functions. */
static bool source_create_is_own(const struct dx_cxx_file *f, size_t i)
{
    const struct dx_token *before = &f->list[i - 1];
    return !dx_token_is(before, "::") && !dx_token_is(before, ".") &&
           (!dx_token_is(before, "->") || dx_tokens_match(f, i - 2, "this ->"));
}

/* The word is a parameter of the function, or what iig calls the one of Start, which IMPL() hides.
 */
static bool is_parameter(const struct dx_cxx_function *fn, const struct dx_token *word)
{
    for (size_t i = fn->token + 1; i < fn->from; i++) {
        if (fn->file->list[i].kind == DX_TOKEN_WORD &&
            dx_str_eq(dx_token_str(&fn->file->list[i]), dx_token_str(word))) {
            return true;
        }
    }
    return dx_token_is(word, "provider");
}

static void for_another(struct dx_check *c, const struct dx_cxx_function *fn, size_t i)
{
    const struct dx_token *first = &fn->file->list[i + 2];
    if (first->kind != DX_TOKEN_WORD || dx_token_is(first, "this") || !is_parameter(fn, first) ||
        !source_create_text_of(c->unit->sources->code, &fn->file->list[i + 4]).n) {
        return;
    }
    if (dx_find_in_code(c, DX_CREATE_FOR_ANOTHER, fn->file, i, i + 2, dx_function_path(c, fn),
                        "Create() is called for %.*s, not for the driver itself",
                        (int)dx_token_str(first).n, dx_token_str(first).p)) {
        dx_fix(c, "Write Create(this, ...).");
    }
}

/* Only the class itself: what a superclass creates may serve other personalities. */
void dx_check_create(struct dx_check *c, const struct dx_cxx_class *k)
{
    const struct dx_cxx_function *fn;
    for (size_t at = 0; k && (fn = dx_cxx_function(c->unit->sources->code, &at, k->name,
                                                   (struct dx_str){"", 0}));) {
        for (size_t i = fn->from + 1; i < fn->to; i++) {
            if (dx_tokens_match(fn->file, i, "Create ( this , %any% ,") &&
                source_create_is_own(fn->file, i)) {
                source_create_call(c, k, fn, i);
            } else if (dx_tokens_match(fn->file, i, "Create ( %any% , %any% , & %any% )") &&
                       source_create_is_own(fn->file, i)) {
                for_another(c, fn, i);
            }
        }
    }
}
