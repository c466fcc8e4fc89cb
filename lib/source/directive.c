/* Lines that begin with '#', of which only conditions, definitions and includes matter. */
#include <ctype.h>
#include <string.h>

#include "source/lexer.h"

/* The rest of the logical line, with its continuations; x->p goes to the line end. */
static struct dx_str logical_line(struct dx_lex *x)
{
    const char *from = x->p;
    while (x->p < x->end) {
        if (*x->p == '\n' &&
            !(x->p > from &&
              (x->p[-1] == '\\' || (x->p[-1] == '\r' && x->p - from > 1 && x->p[-2] == '\\')))) {
            break;
        }
        if (*x->p == '/' && x->p + 1 < x->end && x->p[1] == '*') { /* may span lines */
            const char *close = memmem(x->p + 2, (size_t)(x->end - x->p - 2), "*/", 2);
            const char *to = close ? close + 2 : x->end;
            for (; x->p < to; x->p++) {
                x->line += *x->p == '\n';
            }
            continue;
        }
        x->line += *x->p == '\n';
        x->p++;
    }
    return dx_str_trim((struct dx_str){from, (size_t)(x->p - from)});
}

static struct dx_str take_word(struct dx_str *s)
{
    *s = dx_str_trim(*s);
    size_t n = 0;
    while (n < s->n && (isalnum((unsigned char)s->p[n]) || s->p[n] == '_')) {
        n++;
    }
    struct dx_str w = {s->p, n};
    s->p += n;
    s->n -= n;
    return w;
}

/* ---- conditions ----------------------------------------------------------------------------- */

enum truth { NEVER, ALWAYS, UNKNOWN };

static struct dx_str without_comment(struct dx_str s)
{
    for (size_t i = 0; i + 1 < s.n; i++) {
        if (s.p[i] == '/' && (s.p[i + 1] == '/' || s.p[i + 1] == '*')) {
            s.n = i;
        }
    }
    return dx_str_trim(s);
}

static enum truth defined(const struct dx_lex *x, struct dx_str name)
{
    if (dx_str_is(name, "__cplusplus")) {
        return ALWAYS;
    }
    if (dx_str_is(name, "KERNEL") || dx_str_is(name, "XNU_KERNEL_PRIVATE")) {
        return x->opt->kernel ? ALWAYS : NEVER;
    }
    return UNKNOWN;
}

static enum truth not(enum truth t) {
    return t == UNKNOWN  ? UNKNOWN
           : t == ALWAYS ? NEVER
                         : ALWAYS;
}

/* Only what needs no arithmetic: 0, 1, NAME, !NAME, defined(NAME), !defined NAME. */
static enum truth condition(const struct dx_lex *x, struct dx_str s)
{
    s = without_comment(s);
    if (s.n && *s.p == '!') {
        return not(condition(x, (struct dx_str){s.p + 1, s.n - 1}));
    }
    while (s.n > 1 && *s.p == '(' && s.p[s.n - 1] == ')' && !memchr(s.p + 1, '(', s.n - 1)) {
        s = dx_str_trim((struct dx_str){s.p + 1, s.n - 2});
    }
    if (dx_str_is(s, "0") || dx_str_is(s, "1")) {
        return *s.p == '1' ? ALWAYS : NEVER;
    }
    struct dx_str name = take_word(&s);
    if (dx_str_is(name, "defined")) {
        s = dx_str_trim(s);
        bool wrapped = s.n > 1 && *s.p == '(' && s.p[s.n - 1] == ')';
        s = wrapped ? dx_str_trim((struct dx_str){s.p + 1, s.n - 2}) : s;
        name = take_word(&s);
    }
    return s.n ? UNKNOWN : defined(x, name);
}

/* #ifndef X with #define X as the next line: the whole file, for every build. */
static bool is_guard(const struct dx_lex *x, struct dx_str name)
{
    const char *p = x->p;
    while (p < x->end && isspace((unsigned char)*p)) {
        p++;
    }
    struct dx_str rest = {p, (size_t)(x->end - p)};
    if (rest.n < 8 || *p != '#') {
        return false;
    }
    rest = (struct dx_str){p + 1, rest.n - 1};
    if (rest.n > 4096) {
        rest.n = 4096;
    }
    return dx_str_is(take_word(&rest), "define") && dx_str_eq(take_word(&rest), name);
}

static void enter_arm(struct dx_lex *x, struct dx_open_if *o, enum truth t)
{
    o->dead = t == NEVER || o->taken;
    o->taken = o->taken || t == ALWAYS;
    x->dead += o->dead;
    x->depth = o->depth;
    x->branch = o->outer;
    struct dx_cxx_file *f = x->f;
    if (t == UNKNOWN && !x->dead && f->branch_count < UINT16_MAX) {
        x->branch = (uint16_t)f->branch_count;
        *DX_PUSH(x->a, f->branches, f->branch_count, f->branch_cap) =
            (struct dx_branch){o->outer, o->group, o->arms};
    }
    o->arms++;
}

static void leave_arm(struct dx_lex *x, struct dx_open_if *o)
{
    if (!o->dead && !o->first_ended) {
        o->first_depth = x->depth;
        o->first_ended = true;
    }
    x->dead -= o->dead;
    o->dead = false;
}

static void begin_if(struct dx_lex *x, enum truth t)
{
    if (x->open_count == DX_DEEPEST_IF) {
        x->lost++;
        return;
    }
    x->groups++;
    struct dx_open_if *o = &x->open[x->open_count++];
    *o = (struct dx_open_if){.outer = x->branch, .group = x->groups, .depth = x->depth};
    enter_arm(x, o, t);
}

static void begin_else(struct dx_lex *x, bool has_condition, struct dx_str s)
{
    if (x->lost || !x->open_count) {
        return;
    }
    struct dx_open_if *o = &x->open[x->open_count - 1];
    bool only = !o->taken && x->branch == o->outer && o->arms == 1 && !has_condition;
    leave_arm(x, o);
    /* #else of an #if that never holds is what every build compiles. */
    enter_arm(x, o, has_condition ? condition(x, s) : only ? ALWAYS : UNKNOWN);
}

static void end_if(struct dx_lex *x)
{
    if (x->lost) {
        x->lost--;
    } else if (x->open_count) {
        struct dx_open_if *o = &x->open[--x->open_count];
        leave_arm(x, o);
        x->depth = o->first_ended ? o->first_depth : o->depth;
        x->branch = o->outer;
    }
}

/* ---- definitions, includes ------------------------------------------------------------------ */

static void define(struct dx_lex *x, struct dx_str s, uint32_t line)
{
    struct dx_macro m = {.line = line};
    m.name = take_word(&s);
    if (!m.name.n || x->dead) {
        return;
    }
    if (s.n && *s.p == '(') {
        const char *close = memchr(s.p, ')', s.n);
        if (!close) {
            return;
        }
        m.function = true;
        m.params = dx_str_trim((struct dx_str){s.p + 1, (size_t)(close - s.p) - 1});
        s = (struct dx_str){close + 1, s.n - (size_t)(close + 1 - s.p)};
    }
    m.body = dx_str_trim(s);
    struct dx_cxx_file *f = x->f;
    *DX_PUSH(x->a, f->macros, f->macro_count, f->macro_cap) = m;
}

static void directive_include(struct dx_lex *x, struct dx_str s)
{
    s = dx_str_trim(s);
    char close = s.n && *s.p == '<' ? '>' : '"';
    const char *end = s.n > 1 ? memchr(s.p + 1, close, s.n - 1) : NULL;
    if (end && !x->dead) {
        struct dx_cxx_file *f = x->f;
        *DX_PUSH(x->a, f->includes, f->include_count, f->include_cap) =
            (struct dx_str){s.p + 1, (size_t)(end - s.p) - 1};
    }
}

void dx_lex_directive(struct dx_lex *x)
{
    uint32_t line = x->line;
    x->p++;
    struct dx_str s = logical_line(x);
    struct dx_str word = take_word(&s);
    s = dx_str_trim(s);
    if (dx_str_is(word, "if")) {
        begin_if(x, condition(x, s));
    } else if (dx_str_is(word, "ifdef")) {
        begin_if(x, defined(x, take_word(&s)));
    } else if (dx_str_is(word, "ifndef")) {
        struct dx_str name = take_word(&s);
        begin_if(x, is_guard(x, name) ? ALWAYS : not(defined(x, name)));
    } else if (dx_str_is(word, "elif") || dx_str_is(word, "else")) {
        begin_else(x, word.p[2] == 'i', s);
    } else if (dx_str_is(word, "endif")) {
        end_if(x);
    } else if (dx_str_is(word, "define")) {
        define(x, s, line);
    } else if (dx_str_is(word, "include") || dx_str_is(word, "import")) {
        directive_include(x, s);
    }
}
