#include "app/json_place.h"

#include <string.h>

static const char *json_place_blank(const char *p)
{
    return p + strspn(p, " \t\r\n");
}

static const char *past_string(const char *p)
{
    for (p++; *p && *p != '"'; p++) {
        p += *p == '\\' && p[1];
    }
    return *p ? p + 1 : p;
}

static const char *past_value(const char *p)
{
    size_t depth = 0;
    do {
        if (*p == '"') {
            p = past_string(p);
            continue;
        }
        depth += *p == '{' || *p == '[';
        depth -= *p == '}' || *p == ']';
        p++;
    } while (*p && (depth || (*p != ',' && *p != '}' && *p != ']')));
    return p;
}

/* Keys are compared as written; one with escapes is found by nobody, who then gets the place of the
 * object it is in. */
static bool is_key(const char *p, const char *key)
{
    size_t n = strlen(key);
    return strncmp(p + 1, key, n) == 0 && p[n + 1] == '"';
}

/* The value in the object or array at p, and its key; NULL when it is not there. */
static const char *into(const char *p, struct json_step step, const char **key)
{
    bool object = *p == '{';
    p = json_place_blank(p + 1);
    for (size_t i = 0; *p && *p != '}' && *p != ']'; i++) {
        const char *name = p;
        if (object) {
            p = json_place_blank(past_string(p));
            p = json_place_blank(p + (*p == ':'));
        }
        if (step.key ? object && is_key(name, step.key) : i == step.index) {
            *key = name;
            return p;
        }
        p = json_place_blank(past_value(p));
        p = json_place_blank(p + (*p == ','));
    }
    return NULL;
}

struct json_place json_place_of(const char *text, const struct json_step *steps, size_t count,
                                bool at_key)
{
    const char *p = json_place_blank(text), *key = p;
    for (size_t i = 0; i < count && (*p == '{' || *p == '['); i++) {
        const char *next = into(p, steps[i], &key);
        if (!next) {
            key = p;
            break;
        }
        p = next;
    }
    struct json_place at = {1, 1};
    for (const char *q = text; q < (at_key ? key : p); q++) {
        if (*q == '\n') {
            at.line++;
            at.column = 1;
        } else {
            at.column += ((unsigned char)*q & 0xc0) != 0x80;
        }
    }
    return at;
}
