/* token.h: the words of a C++ or .iig file, without a compiler.
 *
 *     struct dx_cxx_file f;
 *     struct dx_token_options opt = {.kernel = false};
 *     dx_tokens_read(&f, arena, &src, &opt, &room);
 *     for (size_t i = 0; i < f.count; i++) {
 *         if (dx_tokens_match(&f, i, "Create ( this , %text%")) { ... f.list[i].line ... }
 *     }
 *
 * Comments and directives are no tokens. Macros are not expanded: a definition is kept in
 * ->macros. The arms of #if ... #else ... #endif are kept apart: a token knows its arm
 * (->branch, an index into ->branches; 0 is what every build compiles), what no build compiles
 * (#if 0; code of the kernel in a driver extension) is left out, and ->depth, the number of open
 * braces, begins anew in each arm, so that an arm that opens a brace and one that opens it again
 * do not make two. Any bytes are read: what is no C++ becomes tokens all the same. */
#ifndef DX_SOURCE_TOKEN_H
#define DX_SOURCE_TOKEN_H

#include "base/source.h"
#include "dext/plist.h"

enum dx_token_kind {
    DX_TOKEN_WORD,   /* names and keywords */
    DX_TOKEN_NUMBER, /* 0x10, 1.5f */
    DX_TOKEN_TEXT,   /* "..." with its quotes, raw strings too */
    DX_TOKEN_CHAR,   /* 'x' */
    DX_TOKEN_PUNCT,  /* one character, "::" or "->" */
};

struct dx_token {
    const char *p;
    uint32_t n;
    uint32_t line; /* 1-based */
    uint16_t branch;
    uint16_t depth; /* open braces around it; a brace itself has the depth outside */
    uint8_t kind;   /* enum dx_token_kind */
};

/* An arm of an #if. Two arms exclude each other when they are of one group. */
struct dx_branch {
    uint16_t parent; /* the arm around; 0 outside of all */
    uint16_t group, arm;
};

struct dx_macro {
    struct dx_str name, params, body; /* params without parentheses; "" and function false: none */
    uint32_t line;
    bool function;
};

/* What a comment "dextctl: ignore DX8xx reason" silences. */
struct dx_silence {
    uint32_t line; /* of the comment's end */
    struct dx_str rules;
    bool alone; /* nothing else on its line: it is for the next one */
};

struct dx_cxx_file {
    const char *path;
    const char *data;
    size_t size;
    struct dx_token *list;
    size_t count, cap;
    struct dx_branch *branches;
    size_t branch_count, branch_cap;
    struct dx_str *includes; /* "Net.h", "DriverKit/IOService.iig" */
    size_t include_count, include_cap;
    struct dx_macro *macros;
    size_t macro_count, macro_cap;
    struct dx_silence *silences;
    size_t silence_count, silence_cap;
    bool cut; /* too many tokens: the rest was not read */
    /* model.c */
    struct dx_cxx_file *next;
    size_t first_function; /* of its functions in struct dx_cxx */
    bool told;             /* for its reader's use */
};

struct dx_token_options {
    bool kernel; /* KERNEL is defined: a kext's sources */
    size_t most; /* tokens; 0: DX_MOST_TOKENS */
};
/* Room for the tokens of a file while they are counted, used for one file after the other. */
struct dx_token_room {
    struct dx_arena arena;
    struct dx_token *list;
    size_t cap;
};
#define DX_MOST_TOKENS ((size_t)512 << 10)

/* src's bytes must live as long as the file. Never fails; see ->cut. */
void dx_tokens_read(struct dx_cxx_file *f, struct dx_arena *a, const struct dx_source *src,
                    const struct dx_token_options *opt, struct dx_token_room *room);

/* The tokens from i on are those of a pattern: words and signs as written, separated by spaces;
 * %word% %text% %number% %any%; a|b for either; $ and a NUL-terminated argument for each: that
 * text. false also past the end. */
bool dx_tokens_match(const struct dx_cxx_file *f, size_t i, const char *pattern, ...);

/* The next token after i that the same build can compile; f->count at the end. */
size_t dx_tokens_next(const struct dx_cxx_file *f, size_t i);

/* Both can be in one build. */
bool dx_branches_meet(const struct dx_cxx_file *f, unsigned a, unsigned b);

/* Index of the ")", "]" or "}" that closes the bracket at i; f->count when there is none (for the
 * first two: within DX_MOST_BETWEEN tokens). */
#define DX_MOST_BETWEEN 4096
size_t dx_tokens_close(const struct dx_cxx_file *f, size_t i);

static inline struct dx_str dx_token_str(const struct dx_token *t)
{
    return (struct dx_str){t->p, t->n};
}

static inline bool dx_token_is(const struct dx_token *t, const char *text)
{
    return dx_str_is(dx_token_str(t), text);
}

/* The same as the pattern "%any% (". */
static inline bool dx_token_calls(const struct dx_cxx_file *f, size_t i)
{
    size_t next = dx_tokens_next(f, i);
    return next < f->count && f->list[next].kind == DX_TOKEN_PUNCT && *f->list[next].p == '(';
}

/* What stands between the quotes of a text, escapes as written. */
struct dx_str dx_token_text(const struct dx_token *t);

/* 1-based line and column (code points), byte offset and length of the tokens from first to last.
 */
struct dext_place dx_token_place(const struct dx_cxx_file *f, size_t first, size_t last);

#endif
