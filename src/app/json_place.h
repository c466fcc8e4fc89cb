/* json_place.h: where a value stands in a JSON text. jansson tells the place of a syntax error
 * only; what is wrong with a well-formed file wants one, too. */
#ifndef APP_JSON_PLACE_H
#define APP_JSON_PLACE_H

#include <stdbool.h>
#include <stddef.h>

/* One step down: into the member called key, or, when key is NULL, into element index. */
struct json_step {
    const char *key;
    size_t index;
};

struct json_place {
    unsigned line, column; /* from 1; columns count code points */
};

/* The place of the value that steps lead to; of its key when at_key. text is well-formed JSON that
 * has such a value; otherwise the place of what was reached last. */
struct json_place json_place_of(const char *text, const struct json_step *steps, size_t count,
                                bool at_key);

#endif
