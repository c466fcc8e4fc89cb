#include "source/token.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "source/lexer.h"

enum { TOKEN_WORD_START = 1, TOKEN_WORD_CHAR = 2, TOKEN_DIGIT = 4 };

#define LETTER (TOKEN_WORD_START | TOKEN_WORD_CHAR)
#define DIGIT (TOKEN_WORD_CHAR | TOKEN_DIGIT)

/* Asked of every byte. What is no ASCII counts as a letter. */
static const uint8_t token_class[256] = {
    ['0' ... '9'] = DIGIT, ['A' ... 'Z'] = LETTER, ['a' ... 'z'] = LETTER,
    ['_'] = LETTER,        ['$'] = LETTER,         [0x80 ... 0xff] = LETTER,
};

static bool word_start(unsigned char c)
{
    return token_class[c] & TOKEN_WORD_START;
}

static bool word_char(unsigned char c)
{
    return token_class[c] & TOKEN_WORD_CHAR;
}

static bool token_is_digit(unsigned char c)
{
    return token_class[c] & TOKEN_DIGIT;
}

static void token_push(struct dx_lex *x, enum dx_token_kind kind, const char *from, uint32_t line)
{
    struct dx_cxx_file *f = x->f;
    if (x->dead || from == x->p) {
        return;
    }
    if (f->count >= x->most) {
        f->cut = true;
        x->p = x->end;
        return;
    }
    char c = kind == DX_TOKEN_PUNCT ? *from : 0;
    if (c == '}' && x->depth) {
        x->depth--;
    }
    struct dx_token *t = DX_PUSH(x->scratch, f->list, f->count, f->cap);
    *t = (struct dx_token){.p = from,
                           .n = (uint32_t)(x->p - from),
                           .line = line,
                           .branch = x->branch,
                           .depth = (uint16_t)(x->depth > UINT16_MAX ? UINT16_MAX : x->depth),
                           .kind = (uint8_t)kind};
    x->depth += c == '{';
}

/* ---- comments ------------------------------------------------------------------------------- */

static void note_silence(struct dx_lex *x, const char *from, const char *to, bool alone)
{
    struct dx_str text = {from, (size_t)(to - from)};
    const char *at = text.n ? memmem(text.p, text.n, "dextctl:", 8) : NULL;
    if (!at) {
        return;
    }
    struct dx_str rest = dx_str_trim((struct dx_str){at + 8, (size_t)(to - at - 8)});
    if (dx_str_has_prefix(rest, "ignore")) {
        struct dx_cxx_file *f = x->f;
        *DX_PUSH(x->a, f->silences, f->silence_count, f->silence_cap) = (struct dx_silence){
            x->line, dx_str_trim((struct dx_str){rest.p + 6, rest.n - 6}), alone};
    }
}

static void token_line_comment(struct dx_lex *x)
{
    const char *from = x->p;
    bool alone = x->fresh;
    for (;;) {
        const char *nl = memchr(x->p, '\n', (size_t)(x->end - x->p));
        x->p = nl ? nl : x->end;
        bool goes_on = nl && nl > from && nl[-1] == '\\';
        if (!goes_on) {
            break;
        }
        x->p++;
        x->line++;
    }
    note_silence(x, from, x->p, alone);
}

static void token_block_comment(struct dx_lex *x)
{
    const char *from = x->p;
    bool alone = x->fresh;
    x->p += 2;
    const char *close = memmem(x->p, (size_t)(x->end - x->p), "*/", 2);
    const char *to = close ? close + 2 : x->end;
    for (; x->p < to; x->p++) {
        x->line += *x->p == '\n';
    }
    note_silence(x, from, close ? close : to, alone);
}

/* ---- texts ---------------------------------------------------------------------------------- */

static void token_quoted(struct dx_lex *x, const char *from, char quote)
{
    uint32_t line = x->line;
    x->p++;
    while (x->p < x->end && *x->p != quote && *x->p != '\n') {
        if (*x->p == '\\' && x->p + 1 < x->end) {
            x->p++;
            x->line += *x->p == '\n';
        }
        x->p++;
    }
    x->p += x->p < x->end && *x->p == quote;
    token_push(x, quote == '"' ? DX_TOKEN_TEXT : DX_TOKEN_CHAR, from, line);
}

/* R"mark( ... )mark": x->p is at the quote. */
static bool raw_text(struct dx_lex *x, const char *from)
{
    const char *open = x->p + 1;
    size_t n = 0;
    while (open + n < x->end && n < 17 && open[n] != '(' && !isspace((unsigned char)open[n])) {
        n++;
    }
    if (open + n >= x->end || open[n] != '(') {
        return false;
    }
    uint32_t line = x->line;
    const char *at = open + n + 1;
    char mark[20] = ")";
    memcpy(mark + 1, open, n);
    mark[n + 1] = '"';
    const char *close = memmem(at, (size_t)(x->end - at), mark, n + 2);
    const char *to = close ? close + n + 2 : x->end;
    for (; x->p < to; x->p++) {
        x->line += *x->p == '\n';
    }
    token_push(x, DX_TOKEN_TEXT, from, line);
    return true;
}

static bool is_text_prefix(const char *p, size_t n, bool *raw)
{
    static const char *const known[] = {"R", "u8R", "uR", "UR", "LR", "u8", "u", "U", "L"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strlen(known[i]) == n && memcmp(p, known[i], n) == 0) {
            *raw = p[n - 1] == 'R';
            return true;
        }
    }
    return false;
}

static void token_word(struct dx_lex *x)
{
    const char *from = x->p;
    while (x->p < x->end && word_char((unsigned char)*x->p)) {
        x->p++;
    }
    bool raw = false;
    bool quote = x->p < x->end && (*x->p == '"' || *x->p == '\'');
    if (quote && is_text_prefix(from, (size_t)(x->p - from), &raw)) {
        if (raw ? *x->p == '"' && raw_text(x, from) : (token_quoted(x, from, *x->p), true)) {
            return;
        }
    }
    token_push(x, DX_TOKEN_WORD, from, x->line);
}

static void token_number(struct dx_lex *x)
{
    const char *from = x->p;
    while (x->p < x->end) {
        bool exponent = x->p > from && strchr("eEpP", x->p[-1]) && (*x->p == '+' || *x->p == '-');
        bool digit_mark = *x->p == '\'' && x->p + 1 < x->end && isalnum((unsigned char)x->p[1]);
        if (!word_char((unsigned char)*x->p) && *x->p != '.' && !digit_mark &&
            !(exponent && from[0] != '0')) {
            break;
        }
        x->p++;
    }
    token_push(x, DX_TOKEN_NUMBER, from, x->line);
}

static void token_sign(struct dx_lex *x)
{
    const char *from = x->p;
    bool two = x->p + 1 < x->end &&
               ((x->p[0] == ':' && x->p[1] == ':') || (x->p[0] == '-' && x->p[1] == '>'));
    x->p += two ? 2 : 1;
    token_push(x, DX_TOKEN_PUNCT, from, x->line);
}

static void token_step(struct dx_lex *x)
{
    char c = *x->p, next = x->p + 1 < x->end ? x->p[1] : 0;
    if (c == '\n') {
        x->line++;
        x->p++;
        x->fresh = true;
        return;
    }
    if (c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v' || c == 0) {
        x->p++;
        return;
    }
    if (c == '/' && next == '/') {
        token_line_comment(x);
        return;
    }
    if (c == '/' && next == '*') {
        token_block_comment(x);
        return;
    }
    if (c == '\\' && (next == '\n' || next == '\r')) {
        x->p++;
        return;
    }
    if (c == '#' && x->fresh) {
        dx_lex_directive(x);
        return;
    }
    x->fresh = false;
    if (word_start((unsigned char)c)) {
        token_word(x);
    } else if (token_is_digit((unsigned char)c) ||
               (c == '.' && token_is_digit((unsigned char)next))) {
        token_number(x);
    } else if (c == '"' || c == '\'') {
        token_quoted(x, x->p, c);
    } else {
        token_sign(x);
    }
}

static void token_settle(struct dx_cxx_file *f, struct dx_arena *a, struct dx_token_room *room)
{
    struct dx_token *list = dx_alloc_raw(a, (f->count + 1) * sizeof *list);
    if (f->count) {
        memcpy(list, f->list, f->count * sizeof *list);
    }
    room->list = f->list;
    room->cap = f->cap;
    f->list = list;
    f->cap = f->count;
}

void dx_tokens_read(struct dx_cxx_file *f, struct dx_arena *a, const struct dx_source *src,
                    const struct dx_token_options *opt, struct dx_token_room *room)
{
    *f = (struct dx_cxx_file){.path = src->path,
                              .data = src->data,
                              .size = src->size,
                              .list = room->list,
                              .cap = room->cap};
    *DX_PUSH(a, f->branches, f->branch_count, f->branch_cap) = (struct dx_branch){0};
    struct dx_lex x = {.f = f,
                       .a = a,
                       .scratch = &room->arena,
                       .opt = opt,
                       .p = src->data,
                       .end = src->data + src->size,
                       .most = opt->most ? opt->most : DX_MOST_TOKENS,
                       .line = 1,
                       .fresh = true};
    if (src->size >= 3 && memcmp(src->data, "\xef\xbb\xbf", 3) == 0) {
        x.p += 3;
    }
    while (x.p < x.end) {
        token_step(&x);
    }
    token_settle(f, a, room);
}

/* ---- looking at tokens ---------------------------------------------------------------------- */

struct dx_str dx_token_text(const struct dx_token *t)
{
    struct dx_str s = dx_token_str(t);
    const char *open = memchr(s.p, '"', s.n);
    if (t->kind != DX_TOKEN_TEXT || !open) {
        return (struct dx_str){s.p, 0};
    }
    bool raw = open > s.p && open[-1] == 'R';
    size_t n = s.n - (size_t)(open + 1 - s.p);
    s = (struct dx_str){open + 1, n};
    s.n -= s.n && s.p[s.n - 1] == '"';
    const char *in = raw ? memchr(s.p, '(', s.n) : NULL;
    if (in) {
        size_t mark = (size_t)(in - s.p) + 1;
        s = (struct dx_str){in + 1, s.n > 2 * mark ? s.n - 2 * mark : 0};
    }
    return s;
}

static bool token_one_of(const struct dx_token *t, const char *p, size_t n, const char *given)
{
    if (n == 1 && *p == '$') {
        return given && dx_token_is(t, given);
    }
    if (n > 2 && p[0] == '%' && p[n - 1] == '%') {
        struct dx_str kind = {p + 1, n - 2};
        return dx_str_is(kind, "any") || (dx_str_is(kind, "word") && t->kind == DX_TOKEN_WORD) ||
               (dx_str_is(kind, "text") && t->kind == DX_TOKEN_TEXT) ||
               (dx_str_is(kind, "number") && t->kind == DX_TOKEN_NUMBER);
    }
    for (const char *end = p + n; p < end;) {
        const char *bar = n > 1 ? memchr(p, '|', (size_t)(end - p)) : NULL;
        size_t len = (size_t)((bar ? bar : end) - p);
        if (len == t->n && memcmp(p, t->p, len) == 0) {
            return true;
        }
        p += len + 1;
    }
    return false;
}

bool dx_tokens_match(const struct dx_cxx_file *f, size_t i, const char *pattern, ...)
{
    va_list ap;
    va_start(ap, pattern);
    bool ok = true;
    for (const char *p = pattern; ok && *p;) {
        size_t n = 0;
        while (p[n] && p[n] != ' ') {
            n++;
        }
        const char *given = n == 1 && *p == '$' ? va_arg(ap, const char *) : NULL;
        ok = i < f->count && token_one_of(&f->list[i], p, n, given);
        i = ok ? dx_tokens_next(f, i) : i;
        p += n + (p[n] == ' ');
    }
    va_end(ap);
    return ok;
}

static unsigned nesting(const struct dx_cxx_file *f, unsigned b)
{
    unsigned n = 0;
    for (; b; b = f->branches[b].parent) {
        n++;
    }
    return n;
}

bool dx_branches_meet(const struct dx_cxx_file *f, unsigned a, unsigned b)
{
    unsigned da = a == b ? 0 : nesting(f, a), db = a == b ? 0 : nesting(f, b);
    while (a != b) {
        const struct dx_branch *x = &f->branches[a], *y = &f->branches[b];
        if (da == db && x->group == y->group && x->arm != y->arm) {
            return false;
        }
        bool up_a = da >= db, up_b = db >= da;
        a = up_a ? x->parent : a;
        b = up_b ? y->parent : b;
        da -= up_a;
        db -= up_b;
    }
    return true;
}

size_t dx_tokens_next(const struct dx_cxx_file *f, size_t i)
{
    unsigned b = f->list[i].branch;
    do {
        i++;
    } while (i < f->count && b != f->list[i].branch && !dx_branches_meet(f, b, f->list[i].branch));
    return i;
}

static size_t close_brace(const struct dx_cxx_file *f, size_t i)
{
    unsigned depth = f->list[i].depth, branch = f->list[i].branch;
    for (i++; i < f->count; i++) {
        const struct dx_token *t = &f->list[i];
        if (t->depth <= depth && t->kind == DX_TOKEN_PUNCT && *t->p == '}' &&
            dx_branches_meet(f, branch, t->branch)) {
            return i;
        }
    }
    return i;
}

size_t dx_tokens_close(const struct dx_cxx_file *f, size_t i)
{
    if (*f->list[i].p == '{') {
        return close_brace(f, i);
    }
    unsigned open = 0, depth = f->list[i].depth;
    size_t most = i + DX_MOST_BETWEEN;
    for (; i < f->count && i < most; i = dx_tokens_next(f, i)) {
        const struct dx_token *t = &f->list[i];
        if (t->kind != DX_TOKEN_PUNCT) {
            continue;
        }
        open += *t->p == '(' || *t->p == '[';
        if ((*t->p == ')' || *t->p == ']') && --open == 0) {
            return i;
        }
        if (t->depth < depth) {
            break; /* the block ends first: brackets are not in order */
        }
    }
    return f->count;
}

struct dext_place dx_token_place(const struct dx_cxx_file *f, size_t first, size_t last)
{
    const struct dx_token *a = &f->list[first], *b = &f->list[last];
    unsigned column = 1;
    for (const char *p = a->p; p > f->data && p[-1] != '\n'; p--) {
        column += ((unsigned char)p[-1] & 0xc0) != 0x80;
    }
    return (struct dext_place){.line = a->line,
                               .column = column,
                               .offset = (size_t)(a->p - f->data),
                               .length = (size_t)(b->p + b->n - a->p)};
}
