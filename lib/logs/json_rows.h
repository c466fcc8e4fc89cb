/* logs/json_rows.h: an array of objects on one line, or over many, as one object a line: what
 * readers of lines want of "[{...},{...}]". Anything else passes as it is. */
#ifndef DX_LOGS_JSON_ROWS_H
#define DX_LOGS_JSON_ROWS_H

#include <stdbool.h>
#include <stddef.h>

struct dx_json_rows {
    enum { DX_ROWS_START, DX_ROWS_BRACKET, DX_ROWS_PASS, DX_ROWS_ARRAY } state; /* 0: a beginning */
    unsigned long depth; /* of braces and brackets inside of the array */
    unsigned long lines; /* ended before the first object, and not handed on yet */
    bool string, escape;
    bool spread; /* the object stands on several lines: they are read as they are */
    bool ended;  /* since the last object, a line ended: lines keep their numbers */
    bool owed; /* the line end that was put in place of a comma: the next one of the text is that */
};

/* Hands on what data becomes, never more bytes than were given so far; end: nothing follows.
 * Returns what sink said last: false, it wants no more. */
bool dx_json_rows(struct dx_json_rows *r, const char *data, size_t size, bool end,
                  bool (*sink)(void *user, const char *data, size_t size), void *user);

#endif
