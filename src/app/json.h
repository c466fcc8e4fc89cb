/* json.h: a streaming JSON writer. Commas, escaping and nesting are its business; bytes that are no
 * UTF-8 come out as U+FFFD. Pretty (two spaces) or one line. Keys appear in the order written. */
#ifndef APP_JSON_H
#define APP_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define JSON_DEPTH 32

struct json {
    FILE *out;
    bool pretty;
    unsigned depth;
    bool first[JSON_DEPTH];
    bool after_key;
    bool html; /* inside a script element: no '<' */
};

void json_open(struct json *j, FILE *out, bool pretty);
void json_begin(struct json *j, char bracket); /* '{' or '[' */
void json_end(struct json *j, char bracket);   /* '}' or ']' */
void json_key(struct json *j, const char *key);
void json_str(struct json *j, const char *s); /* NULL writes null */
void json_strn(struct json *j, const char *s, size_t n);
void json_int(struct json *j, int64_t v);
void json_uint(struct json *j, uint64_t v);
void json_bool(struct json *j, bool v);
void json_none(struct json *j); /* null; jansson has taken the better name */
void json_done(struct json *j); /* final newline */

/* s as a reader of the JSON gets it back: what is no UTF-8 is U+FFFD. malloc'd. */
char *json_text(const char *s);

/* key and value in one */
void json_kstr(struct json *j, const char *key, const char *s);
void json_kint(struct json *j, const char *key, int64_t v);
void json_kbool(struct json *j, const char *key, bool v);
void json_kbegin(struct json *j, const char *key, char bracket);

#endif
