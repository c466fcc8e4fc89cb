/* requirement_lex.h: words of the requirement language (Security requirements.grammar). */
#ifndef DX_SIGN_REQUIREMENT_LEX_H
#define DX_SIGN_REQUIREMENT_LEX_H

#include "base/ctx.h"

enum dx_token_kind {
    DX_TOKEN_END,
    DX_TOKEN_WORD,   /* a.b.c: a key or a keyword */
    DX_TOKEN_STRING, /* "text" */
    DX_TOKEN_HASH,   /* H"00ff": text is the bytes */
    DX_TOKEN_HEX,    /* 0x00ff: text is the bytes */
    DX_TOKEN_NUMBER,
    DX_TOKEN_PATH, /* /a/b */
    DX_TOKEN_SIGN, /* ( ) [ ] ; , < > <= >= = == ~ - ! * => */
    DX_TOKEN_BAD,
};

struct dx_token {
    enum dx_token_kind kind;
    struct dx_str text;
    size_t at; /* where it begins */
};

struct dx_lexer {
    struct dx_arena *arena;
    const char *text;
    size_t n, at;
};

/* White space and comments are passed over. */
struct dx_token dx_lex(struct dx_lexer *l);

#endif
