/* json_line.h: two fields of a JSON object, as log(1) writes one a line, without building the
 * object. It knows the JSON that occurs there and is sure of it; whatever else it meets (a \u, a
 * number that may not fit, damage of any kind) is left to jansson as a whole. */
#ifndef DX_LOGS_JSON_LINE_H
#define DX_LOGS_JSON_LINE_H

#include "base/str.h"

/* A string between its quotes, escapes as written; p NULL: not there, or no string. */
struct dx_json_raw {
    const char *p;
    size_t n;
    bool escaped;
};

struct dx_json_line {
    struct dx_json_raw message, path; /* eventMessage, processImagePath: the last of each */
};

/* open: s begins with the "{" of the object, and what follows it does not count. Otherwise s is
 * what stands between the braces of one. false: not sure; jansson has to be asked. */
bool dx_json_line(struct dx_json_line *out, struct dx_str s, bool open);

/* Adds the string as it is meant. */
void dx_json_raw_add(struct dx_buf *b, const struct dx_json_raw *raw);

#endif
