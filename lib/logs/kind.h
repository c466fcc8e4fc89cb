/* logs/kind.h: what an input is, told from its first bytes alone: names lie, and pastes have none.
 * Fences of markdown, quote signs, prompts and prose may stand around the real content. */
#ifndef DX_LOGS_KIND_H
#define DX_LOGS_KIND_H

#include "logs/log.h"

struct dx_kind {
    enum dext_text_kind kind;
    const char *what;           /* in words: "log (log show --style compact)" */
    enum dext_text_kind pasted; /* of a question: evidence that stands in it, or DEXT_TEXT_EMPTY */
    const char *pasted_what;
};

/* head: the first bytes of the input; all of it when it is shorter than this. */
#define DX_KIND_BYTES ((size_t)64 << 10)
struct dx_kind dx_kind_of(struct dx_arena *scratch, struct dx_str head);

/* Lines of this kind are compared with the symptoms. */
bool dx_kind_has_lines(enum dext_text_kind kind);
/* It is evidence as a whole: joins look at all of it. */
bool dx_kind_is_whole(enum dext_text_kind kind);

/* A line without what quotes and prompts put before it. */
struct dx_str dx_kind_bare(struct dx_str line);

/* Takes the next line off *rest (without its end, or the CR before it); false at the end. */
bool dx_next_line(struct dx_str *rest, struct dx_str *line);

/* The value of "key" (quotes included) in the JSON object that the line is, as far as it is a plain
 * string or number; else "". */
struct dx_str dx_json_value(struct dx_str line, const char *key);

/* A property list or report that stands in other text: what is around it becomes spaces, so that
 * lines keep their numbers. data is changed in place. */
void dx_kind_strip(enum dext_text_kind kind, char *data, size_t n);

/* ---- encoding.c: UTF-16 and byte order marks ------------------------------------------------- */

struct dx_decoder {
    unsigned char start[3];
    size_t start_n;
    enum { DX_ENC_START, DX_ENC_BYTES, DX_ENC_LITTLE, DX_ENC_BIG } enc;
    unsigned char half; /* first byte of a unit whose second comes in the next chunk */
    bool has_half;
    uint32_t high; /* first half of a surrogate pair, or 0 */
};

/* Hands the bytes on as UTF-8, without the mark; sink's false is returned. Text without a mark
 * passes unchanged. end: no more will come. */
bool dx_decode(struct dx_decoder *d, const char *data, size_t size, bool end,
               bool (*sink)(void *user, const char *data, size_t size), void *user);

#endif
