#include "sign/requirement_lex.h"

#include <ctype.h>
#include <string.h>

static char lex_peek(const struct dx_lexer *l, size_t ahead)
{
    return l->at + ahead < l->n ? l->text[l->at + ahead] : 0;
}

static void lex_line(struct dx_lexer *l)
{
    while (l->at < l->n && l->text[l->at] != '\n') {
        l->at++;
    }
}

/* false: a comment that does not end. */
static bool lex_blank(struct dx_lexer *l)
{
    while (l->at < l->n) {
        char c = lex_peek(l, 0);
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            l->at++;
        } else if (c == '#' || (c == '/' && lex_peek(l, 1) == '/')) {
            lex_line(l);
        } else if (c == '/' && lex_peek(l, 1) == '*') {
            size_t end = l->at + 2;
            while (end + 1 < l->n && (l->text[end] != '*' || l->text[end + 1] != '/')) {
                end++;
            }
            if (end + 1 >= l->n) {
                return false;
            }
            l->at = end + 2;
        } else {
            return true;
        }
    }
    return true;
}

static int lex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Pairs of hex digits; bad when their number is odd. */
static struct dx_token lex_hex(struct dx_lexer *l, enum dx_token_kind kind)
{
    size_t from = l->at;
    while (l->at < l->n && lex_digit(l->text[l->at]) >= 0) {
        l->at++;
    }
    size_t n = l->at - from;
    char *out = dx_alloc(l->arena, n / 2 + 1);
    for (size_t i = 0; i + 1 < n; i += 2) {
        out[i / 2] = (char)((unsigned)lex_digit(l->text[from + i]) << 4 |
                            (unsigned)lex_digit(l->text[from + i + 1]));
    }
    return (struct dx_token){n && n % 2 == 0 ? kind : DX_TOKEN_BAD, {out, n / 2}, from};
}

static struct dx_token lex_hash(struct dx_lexer *l)
{
    l->at += 2;
    struct dx_token t = lex_hex(l, DX_TOKEN_HASH);
    t.kind = lex_peek(l, 0) == '"' ? t.kind : DX_TOKEN_BAD;
    l->at++;
    return t;
}

static struct dx_token lex_string(struct dx_lexer *l)
{
    char *out = dx_alloc(l->arena, l->n - l->at + 1);
    size_t n = 0;
    for (l->at++; l->at < l->n && l->text[l->at] != '"'; l->at++) {
        bool escaped = l->text[l->at] == '\\' && (lex_peek(l, 1) == '"' || lex_peek(l, 1) == '\\');
        l->at += escaped;
        out[n++] = l->text[l->at];
    }
    struct dx_token t = {l->at < l->n ? DX_TOKEN_STRING : DX_TOKEN_BAD, {out, n}, 0};
    l->at += l->at < l->n;
    return t;
}

/* A word: letters and digits, parts divided by dots; of the parts behind a dot some are numbers. */
static struct dx_token lex_word(struct dx_lexer *l)
{
    size_t from = l->at;
    while (isalnum((unsigned char)lex_peek(l, 0)) ||
           (lex_peek(l, 0) == '.' && isalnum((unsigned char)lex_peek(l, 1)))) {
        l->at++;
    }
    return (struct dx_token){DX_TOKEN_WORD, {l->text + from, l->at - from}, from};
}

static struct dx_token lex_number(struct dx_lexer *l)
{
    size_t from = l->at;
    while (isdigit((unsigned char)lex_peek(l, 0))) {
        l->at++;
    }
    return (struct dx_token){DX_TOKEN_NUMBER, {l->text + from, l->at - from}, from};
}

static struct dx_token lex_path(struct dx_lexer *l)
{
    size_t from = l->at;
    while (isalnum((unsigned char)lex_peek(l, 0)) || lex_peek(l, 0) == '/') {
        l->at++;
    }
    return (struct dx_token){DX_TOKEN_PATH, {l->text + from, l->at - from}, from};
}

static struct dx_token lex_sign(struct dx_lexer *l)
{
    static const char *const two[] = {"=>", "==", "<=", ">="};
    size_t n = strchr("()[];,<>=~-!*", lex_peek(l, 0)) ? 1 : 0;
    for (size_t i = 0; i < sizeof two / sizeof *two; i++) {
        n = lex_peek(l, 0) == two[i][0] && lex_peek(l, 1) == two[i][1] ? 2 : n;
    }
    l->at += n;
    return (struct dx_token){n ? DX_TOKEN_SIGN : DX_TOKEN_BAD, {l->text + l->at - n, n}, l->at - n};
}

struct dx_token dx_lex(struct dx_lexer *l)
{
    if (!lex_blank(l)) {
        return (struct dx_token){DX_TOKEN_BAD, {"", 0}, l->at};
    }
    size_t at = l->at;
    char c = lex_peek(l, 0);
    struct dx_token t = l->at >= l->n ? (struct dx_token){DX_TOKEN_END, {"", 0}, 0}
                        : c == 'H' && lex_peek(l, 1) == '"' ? lex_hash(l)
                        : isalpha((unsigned char)c)         ? lex_word(l)
                        : c == '"'                          ? lex_string(l)
                        : c == '/'                          ? lex_path(l)
                        : c == '0' && lex_peek(l, 1) == 'x' ? (l->at += 2, lex_hex(l, DX_TOKEN_HEX))
                        : isdigit((unsigned char)c)         ? lex_number(l)
                        : c                                 ? lex_sign(l)
                            : (struct dx_token){DX_TOKEN_BAD, {"", 0}, 0};
    t.at = at;
    return t;
}
