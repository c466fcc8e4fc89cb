/* logs/text.h: text as people paste it and files hold it: lines, quotation marks, encodings. */
#ifndef DX_LOGS_TEXT_H
#define DX_LOGS_TEXT_H

#include <stdint.h>

#include "base/str.h"

/* A line without what quotes and prompts put before it. */
struct dx_str dx_kind_bare(struct dx_str line);

/* Takes the next line off *rest (without its end, or the CR before it); false at the end. */
bool dx_next_line(struct dx_str *rest, struct dx_str *line);

/* Whether the line begins with one of the texts; a space at the end of one is any white space: a
 * page copied from System Information has tabs there. list ends with NULL. */
bool dx_begins_with_any(struct dx_str line, const char *const *list);

unsigned long dx_count_newlines(const char *p, size_t n);

/* The value of "key" (quotes included) in the JSON object that the line is, as far as it is a plain
 * string or number; else "". */
struct dx_str dx_json_value(struct dx_str line, const char *key);

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
