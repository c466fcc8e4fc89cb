/* lexer.h: what token.c and directive.c share. */
#ifndef DX_SOURCE_LEXER_H
#define DX_SOURCE_LEXER_H

#include "source/token.h"

#define DX_DEEPEST_IF 64

struct dx_lex {
    struct dx_cxx_file *f;
    struct dx_arena *a, *scratch; /* scratch: the tokens while they are counted */
    const struct dx_token_options *opt;
    const char *p, *end;
    size_t most;
    uint32_t line;
    uint32_t depth;
    uint16_t branch;
    uint16_t groups;
    unsigned dead; /* arms around that no build compiles */
    bool fresh;    /* nothing but white space and comments since the line began */
    struct dx_open_if {
        uint16_t outer; /* branch outside */
        uint16_t group, arms;
        uint32_t depth, first_depth; /* braces open at #if, and at the end of its first arm */
        bool dead;                   /* the present arm */
        bool taken;                  /* an arm before is compiled by every build */
        bool first_ended;
    } open[DX_DEEPEST_IF];
    unsigned open_count, lost; /* lost: #if too deep to be told apart */
};

/* Reads the directive whose '#' is at x->p, to the end of its line. */
void dx_lex_directive(struct dx_lex *x);

#endif
