/* logs/codes.h: which codes a text names, in whatever spelling, and which call returned them. The
 * error look-up knows the spellings (lib/error), the knowledge files name each code once: fields
 * `code` and `call` of a symptom. */
#ifndef DX_LOGS_CODES_H
#define DX_LOGS_CODES_H

#include "error/error.h"

/* The codes of one text, looked for when they are first asked for. */
struct dx_codes {
    struct dx_arena arena;
    struct dx_finds finds;
    struct dx_str text;
    bool read;
};

/* Another text; what was known of the last one is gone. */
void dx_codes_begin(struct dx_codes *c, struct dx_str text);
void dx_codes_free(struct dx_codes *c);
/* Whether the text shows a code of the row: one that a call of the row returned when it has calls,
 * else any that is more than a mention in source code or a table. *span: from the one to the other;
 * *named: there is no more than the code's name. */
bool dx_codes_shown(struct dx_codes *c, const struct kb_symptom *kb, struct dx_str *span,
                    bool *named);
/* A constant that a program compares with or returns at that place, or that is defined there: what
 * may happen, not what happened. */
bool dx_codes_in_source(struct dx_str text, size_t at, size_t n);

#endif
