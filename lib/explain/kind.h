/* logs/kind.h: what an input is, told from its first bytes alone: names lie, and pastes have none.
 * Fences of markdown, quote signs, prompts and prose may stand around the real content. */
#ifndef DX_EXPLAIN_KIND_H
#define DX_EXPLAIN_KIND_H

#include "explain/explain.h"
#include "logs/text.h"

struct dx_kind {
    enum dext_text_kind kind;
    const char *what;           /* in words: "log (log show --style compact)" */
    enum dext_text_kind pasted; /* of a question: evidence that stands in it, or DEXT_TEXT_EMPTY */
    const char *pasted_what;
};

/* A registry dump whose lines are escaped: it is read as a whole, tags and all. */
#define DX_KIND_PAGE "registry dump (ioreg), in the source of a page"

/* head: the first bytes of the input; all of it when it is shorter than this. */
#define DX_KIND_BYTES ((size_t)64 << 10)
struct dx_kind dx_kind_of(struct dx_arena *scratch, struct dx_str head);

/* The kind in words, where no more is known than that. */
const char *dx_text_kind_words(enum dext_text_kind kind);

/* Lines of this kind are compared with the symptoms. */
bool dx_kind_has_lines(enum dext_text_kind kind);
/* It is evidence as a whole: joins look at all of it. */
bool dx_kind_is_whole(enum dext_text_kind kind);

/* A property list or report that stands in other text: what is around it becomes spaces, so that
 * lines keep their numbers. data is changed in place. */
void dx_kind_strip(enum dext_text_kind kind, char *data, size_t n);

#endif
