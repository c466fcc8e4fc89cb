/* logs/needle.h: texts of which one is in all that a pattern matches. A search for many texts at
 * once costs less than one pattern, so patterns without a needle in the text are not tried. */
#ifndef DX_LOGS_NEEDLE_H
#define DX_LOGS_NEEDLE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/* One of them is in what the pattern matches, in any case (ASCII); count 0: nothing is known. */
struct dx_needles {
    struct dx_str *text;
    size_t count;
};

/* Of a pattern as it stands in the knowledge base (PCRE2). What is not understood is passed over,
 * so that fewer or no needles are found, never wrong ones. */
struct dx_needles dx_needles_of(const char *pattern, struct dx_arena *a);

/* The needles of all patterns for prose, and which of them two texts hold. */
struct dx_needle_set;
enum dx_needle_list { DX_NEEDLE_PATTERN, DX_NEEDLE_ALL, DX_NEEDLE_UNLESS };

struct dx_needle_set *dx_needle_set_new(struct dx_arena *a);
/* Looks through text, and around when it is another one; both are borrowed. */
void dx_needle_set_read(struct dx_needle_set *s, struct dx_str text, struct dx_str around);
/* Forgets the texts: everything is possible again. */
void dx_needle_set_forget(struct dx_needle_set *s);
/* false: pattern number index of the row's list (of kb_symptom_rows) matches nowhere in the text;
 * true of texts that were not read. */
bool dx_needle_possible(const struct dx_needle_set *s, struct dx_str text, size_t row,
                        enum dx_needle_list list, size_t index);

#endif
