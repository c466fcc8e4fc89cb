/* explain/log_judged.h: between log_judge.c, which judges formats, and log_ask.c, which asks
 * entries of what was judged. */
#ifndef DX_EXPLAIN_LOG_JUDGED_H
#define DX_EXPLAIN_LOG_JUDGED_H

#include "explain/log_judge.h"

struct dx_judge {
    const struct dx_search *search;
    uint64_t *begins, *ends; /* hashes of proper beginnings and ends of literals */
    /* Beginnings, and literals, whose last character may be a number's; ends, and literals, whose
     * first one may. */
    uint64_t *begins_to_digit, *ends_from_digit;
    struct dx_buf all;                   /* the literals in lower case, a line end between */
    uint64_t pairs[1024], triples[1024]; /* bits: characters that follow each other in all */
    size_t longest;
    /* A smaller number has too few digits for the literals that are numbers. */
    uint64_t least_decimal, least_hexadecimal;
    size_t fewest; /* digits of those that can stand in a floating-point number */
    struct dx_arena *a;
};

/* Which values of an argument are looked at. */
enum dx_looks {
    DX_LOOK_LARGE_DECIMAL,
    DX_LOOK_LARGE_HEXADECIMAL,
    DX_LOOK_LARGE_FLOAT,
    DX_LOOK_ALL
};

/* Of one conversion. */
struct dx_step {
    uint8_t looks;
    bool negative;            /* numbers are written with a sign */
    bool plain;               /* width and precision are no arguments */
    bool text;                /* an argument that is text is written as it is */
    int16_t width, precision; /* of the format */
    uint16_t before;          /* bytes that are kept of the piece before it */
};

/* A format as it is judged: small, and in one piece of memory, for what an entry costs is to fetch
 * this. */
struct dx_judged {
    uint8_t verdict;
    uint16_t count, after;  /* steps; bytes that are kept of the last piece */
    struct dx_step steps[]; /* and behind them, the bytes */
};

#endif
