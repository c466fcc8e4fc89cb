/* explain/phrases.h: which of the words of told/words.rec a text has. */
#ifndef DX_EXPLAIN_PHRASES_H
#define DX_EXPLAIN_PHRASES_H

#include "base/arena.h"
#include "base/str.h"

/* The phrases, taken apart once. */
struct dx_phrases;
struct dx_phrases *dx_phrases_new(struct dx_arena *a);

/* What a text says of a row of kb_told_word_rows. */
struct dx_told {
    size_t times;       /* 0: nothing */
    bool title;         /* in its first bytes as well */
    struct dx_str span; /* where first */
};

/* One for each row of kb_told_word_rows, of a text with one space for a line end. */
struct dx_told *dx_phrases_read(const struct dx_phrases *p, struct dx_str text, size_t title,
                                struct dx_arena *a);

#endif
