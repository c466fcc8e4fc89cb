/* Declarations at file, namespace and class level. Bodies are left as tokens. */
#include <string.h>

#include "source/model.h"

struct parse {
    struct dx_cxx *code;
    struct dx_cxx_file *f;
    size_t i;                    /* next token */
    size_t head;                 /* first token of the declaration that i is in */
    struct dx_cxx_class *in[32]; /* classes around */
    size_t in_count;
};

static const struct dx_token *parse_at(const struct parse *p, size_t i)
{
    static const struct dx_token none = {.p = "", .n = 0, .kind = DX_TOKEN_PUNCT};
    return i < p->f->count ? &p->f->list[i] : &none;
}

static bool parse_is(const struct parse *p, size_t i, const char *text)
{
    return dx_token_is(parse_at(p, i), text);
}

static bool parse_is_one_of(const struct dx_token *t, const char *const *list)
{
    for (; *list; list++) {
        if (dx_token_is(t, *list)) {
            return true;
        }
    }
    return false;
}

/* ---- classes -------------------------------------------------------------------------------- */

static unsigned parse_hash(struct dx_str s)
{
    unsigned h = 5381;
    for (size_t i = 0; i < s.n; i++) {
        h = h * 33 + (unsigned char)s.p[i];
    }
    return h & 255;
}

static struct dx_cxx_class *new_class(struct parse *p, size_t name)
{
    struct dx_cxx *code = p->code;
    struct dx_cxx_class *k = dx_alloc(&code->ctx->arena, sizeof *k);
    k->name = dx_token_str(parse_at(p, name));
    k->token = name;
    k->file = p->f;
    k->iig = dx_is_iig(p->f->path);
    unsigned h = parse_hash(k->name);
    k->next = code->by_name[h];
    code->by_name[h] = k;
    *DX_PUSH(&code->ctx->arena, code->classes, code->class_count, code->class_cap) = k;
    return k;
}

/* ": public ns::Super<X>, ..." from the colon on. */
static struct dx_str first_super(const struct parse *p, size_t i, size_t end)
{
    static const char *const skipped[] = {"public", "private", "protected", "virtual", "::", NULL};
    struct dx_str name = {"", 0};
    for (; i < end && !parse_is(p, i, ",") && !parse_is(p, i, "<"); i++) {
        const struct dx_token *t = parse_at(p, i);
        if (t->kind == DX_TOKEN_WORD && !parse_is_one_of(t, skipped)) {
            name = dx_token_str(t);
        }
    }
    return name;
}

/* "#define super IOEthernetController" in the same file, a habit of kexts. */
static struct dx_str behind_macro(const struct parse *p, struct dx_str name)
{
    for (size_t i = 0; name.n && i < p->f->macro_count; i++) {
        const struct dx_macro *m = &p->f->macros[i];
        bool word = m->body.n && !m->function;
        for (size_t k = 0; word && k < m->body.n; k++) {
            char c = m->body.p[k];
            word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
                   (k && c >= '0' && c <= '9');
        }
        if (word && dx_str_eq(m->name, name)) {
            return m->body;
        }
    }
    return name;
}

/* "class KERNEL NATIVE X final : public Y" up to the brace at end. The name is the last word before
 * ":" or the brace that stands outside of parentheses. */
static bool begin_class(struct parse *p, size_t from, size_t end)
{
    static const char *const after[] = {"final", "KERNEL", "NATIVE", "LOCALONLY", NULL};
    size_t name = end, colon = end;
    bool extends = false;
    for (size_t i = from + 1; i < end; i++) {
        const struct dx_token *t = parse_at(p, i);
        if (parse_is(p, i, "(")) {
            size_t close = dx_tokens_close(p->f, i);
            if (close >= end) {
                return false;
            }
            extends = extends || parse_is(p, i - 1, "EXTENDS");
            i = close;
        } else if (parse_is(p, i, ":")) {
            colon = i;
            break;
        } else if (parse_is(p, i, "<")) {
            return false; /* a specialisation */
        } else if (t->kind == DX_TOKEN_WORD && !parse_is_one_of(t, after)) {
            name = i;
        }
    }
    if (name == end) {
        return false;
    }
    struct dx_cxx_class *k = new_class(p, name);
    k->extends = extends;
    k->super = behind_macro(p, first_super(p, colon, end));
    if (p->in_count == sizeof p->in / sizeof *p->in) {
        return false;
    }
    p->in[p->in_count++] = k;
    return true;
}

/* ---- functions ------------------------------------------------------------------------------ */

static bool names_function(const struct dx_token *t)
{
    static const char *const not_names[] = {
        "__attribute__", "alignas", "decltype", "noexcept", "if",   "while",
        "for",           "switch",  "return",   "throw",    "TYPE", "QUEUENAME",
        "sizeof",        "defined", "REPLY",    "catch",    NULL};
    return t->kind == DX_TOKEN_WORD && !parse_is_one_of(t, not_names);
}

/* The "(" of the parameters in a head, or end: the group after a qualified name, else the last one
 * after a name. What follows ":" are initialisers. */
static size_t parameters(const struct parse *p, size_t from, size_t end, size_t *close)
{
    size_t best = end;
    for (size_t i = from; i < end; i++) {
        if (parse_is(p, i, ":") && best < end) {
            break;
        }
        if (!parse_is(p, i, "(") || i == from) {
            continue;
        }
        size_t to = dx_tokens_close(p->f, i);
        if (to >= end) {
            return end;
        }
        if (names_function(parse_at(p, i - 1))) {
            best = i;
            *close = to;
            if (i >= 2 && (parse_is(p, i - 2, "::") || parse_is(p, i - 2, "~"))) {
                break;
            }
        }
        i = to;
    }
    return best;
}

static struct dx_str without_impl(struct dx_str name, bool *impl)
{
    if (name.n > 5 && dx_str_has_suffix(name, "_Impl")) {
        *impl = true;
        name.n -= 5;
    }
    return name;
}

static void add_function(struct parse *p, size_t from, size_t open)
{
    struct dx_cxx_function fn = {.file = p->f, .from = open, .klass = {"", 0}};
    fn.to = dx_tokens_close(p->f, open);
    fn.args = parameters(p, from, open, &fn.close);
    if (fn.args >= open || fn.args == 0) {
        return;
    }
    fn.token = fn.args - 1;
    if (parse_is(p, fn.token, "IMPL") && dx_tokens_match(p->f, fn.args, "( %word% , %word% )")) {
        fn.klass = dx_token_str(parse_at(p, fn.args + 1));
        fn.token = fn.args + 3;
        fn.impl = true;
    } else if (fn.token >= 2 && parse_is(p, fn.token - 1, "::")) {
        fn.klass = dx_token_str(parse_at(p, fn.token - 2));
    } else if (p->in_count && p->in[p->in_count - 1]) {
        fn.klass = p->in[p->in_count - 1]->name;
    }
    fn.name = without_impl(dx_token_str(parse_at(p, fn.token)), &fn.impl);
    struct dx_cxx *code = p->code;
    *DX_PUSH(&code->ctx->arena, code->functions, code->function_count, code->function_cap) = fn;
}

/* ---- methods of a class --------------------------------------------------------------------- */

static void marks(const struct parse *p, struct dx_cxx_method *m, size_t from, size_t end)
{
    for (size_t i = from; i < end; i++) {
        m->is_virtual = m->is_virtual || parse_is(p, i, "virtual");
        m->overrides = m->overrides || parse_is(p, i, "override");
        m->pure = m->pure || dx_tokens_match(p->f, i, "= 0");
        struct dx_str *to = parse_is(p, i, "TYPE")        ? &m->type
                            : parse_is(p, i, "QUEUENAME") ? &m->queue
                                                          : NULL;
        size_t close = to && parse_is(p, i + 1, "(") ? dx_tokens_close(p->f, i + 1) : p->f->count;
        if (to && close < end && close > i + 2) {
            const struct dx_token *a = parse_at(p, i + 2), *b = parse_at(p, close - 1);
            *to = (struct dx_str){a->p, (size_t)(b->p + b->n - a->p)};
        }
    }
}

/* "public :" stands before the first declaration after it. */
static size_t without_access(const struct parse *p, size_t from, size_t end)
{
    while (from + 1 < end && parse_is(p, from + 1, ":") &&
           (parse_is(p, from, "public") || parse_is(p, from, "private") ||
            parse_is(p, from, "protected"))) {
        from += 2;
    }
    return from;
}

static void add_method(struct parse *p, size_t from, size_t end)
{
    struct dx_cxx_class *k = p->in[p->in_count - 1];
    size_t close = end;
    from = without_access(p, from, end);
    size_t args = parameters(p, from, end, &close);
    if (!k || args >= end || args == 0) {
        return;
    }
    struct dx_cxx_method m = {.name = dx_token_str(parse_at(p, args - 1)), .token = args - 1};
    m.type = m.queue = (struct dx_str){"", 0};
    marks(p, &m, from, end);
    *DX_PUSH(&p->code->ctx->arena, k->methods, k->method_count, k->method_cap) = m;
}

/* ---- walking -------------------------------------------------------------------------------- */

enum block { TRANSPARENT, CLASS, FUNCTION, OTHER };

static enum block kind_of(struct parse *p, size_t open)
{
    bool parens = false, assigned = false;
    size_t klass = open, from = without_access(p, p->head, open);
    for (size_t i = from; i < open; i++) {
        const struct dx_token *t = parse_at(p, i);
        if (parse_is(p, i, "namespace") ||
            (parse_is(p, i, "extern") && parse_at(p, i + 1)->kind == DX_TOKEN_TEXT &&
             i + 2 == open)) {
            return TRANSPARENT;
        }
        if (parse_is(p, i, "template") && parse_is(p, i + 1, "<")) { /* its "class T" is no class */
            unsigned deep = 0;
            for (i++; i < open; i++) {
                deep += parse_is(p, i, "<");
                if (parse_is(p, i, ">") && --deep == 0) {
                    break;
                }
            }
            continue;
        }
        if (parse_is(p, i, "enum")) {
            return OTHER;
        }
        if (t->kind == DX_TOKEN_WORD && !parens && klass == open &&
            (parse_is(p, i, "class") || parse_is(p, i, "struct") || parse_is(p, i, "union"))) {
            klass = i;
        }
        if (parse_is(p, i, "(")) {
            parens = parens || klass == open;
            size_t close = dx_tokens_close(p->f, i);
            i = close < open ? close : i;
        }
        assigned = assigned || parse_is(p, i, "=");
    }
    if (klass < open && !parens) {
        /* "struct X f(...) {" returns one */
        bool returns = !assigned && parse_is(p, open - 1, ")") && !parse_is(p, klass, "class");
        return returns ? FUNCTION : begin_class(p, klass, open) ? CLASS : OTHER;
    }
    return parens && !assigned ? FUNCTION : OTHER;
}

static void skip_block(struct parse *p, size_t open)
{
    size_t close = dx_tokens_close(p->f, open);
    p->i = close < p->f->count ? close + 1 : p->f->count;
}

static void open_brace(struct parse *p)
{
    size_t open = p->i;
    switch (kind_of(p, open)) {
    case TRANSPARENT:
        if (p->in_count < sizeof p->in / sizeof *p->in) {
            p->in[p->in_count++] = NULL;
            p->i++;
            break;
        }
        skip_block(p, open);
        break;
    case CLASS:
        p->i++;
        break;
    case FUNCTION:
        if (p->in_count && p->in[p->in_count - 1]) {
            add_method(p, p->head, open);
        }
        add_function(p, p->head, open);
        skip_block(p, open);
        break;
    default:
        skip_block(p, open);
        /* "enum {...} x;" and "int a[] = {...};" go on to their semicolon */
        break;
    }
    p->head = p->i;
}

void dx_cxx_parse(struct dx_cxx *code, struct dx_cxx_file *f)
{
    struct parse p = {.code = code, .f = f};
    f->first_function = code->function_count;
    while (p.i < f->count) {
        const struct dx_token *t = &f->list[p.i];
        char c = t->kind == DX_TOKEN_PUNCT ? *t->p : 0;
        if (c == '{') {
            open_brace(&p);
        } else if (c == '}') {
            p.in_count -= p.in_count != 0;
            p.head = ++p.i;
        } else if (c == ';') {
            if (p.in_count && p.in[p.in_count - 1]) {
                add_method(&p, p.head, p.i);
            }
            p.head = ++p.i;
        } else {
            p.i++;
        }
    }
}
