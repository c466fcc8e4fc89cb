/* Values of a registry as JSON. */
#include <stdlib.h>
#include <string.h>

#include "view/ioreg_view.h"

#define DEEPEST 16 /* JSON_DEPTH holds what is around it as well */

static void ioreg_value_put_data(struct json *j, const struct dext_node *n)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *p = (const unsigned char *)dext_node_text(n);
    size_t length = dext_node_length(n);
    char *hex = app_alloc(length * 2 + 1);
    for (size_t i = 0; i < length; i++) {
        hex[i * 2] = digits[p[i] >> 4];
        hex[i * 2 + 1] = digits[p[i] & 15U];
    }
    json_begin(j, '{');
    json_kstr(j, "data", hex);
    json_end(j, '}');
    free(hex);
}

static void ioreg_value_put_value(struct json *j, const struct dext_node *n, unsigned depth)
{
    enum dext_kind kind = n ? dext_node_kind(n) : DEXT_STRING;
    if (!n || depth > DEEPEST) {
        json_none(j);
    } else if (kind == DEXT_DICT || kind == DEXT_ARRAY) {
        json_begin(j, kind == DEXT_DICT ? '{' : '[');
        for (const struct dext_node *c = dext_node_child(n); c; c = dext_node_next(c)) {
            if (kind == DEXT_DICT) {
                json_key(j, dext_node_key(c));
            }
            ioreg_value_put_value(j, c, depth + 1);
        }
        json_end(j, kind == DEXT_DICT ? '}' : ']');
    } else if (kind == DEXT_BOOL) {
        json_bool(j, dext_node_bool(n));
    } else if (kind == DEXT_INTEGER) {
        json_int(j, dext_node_integer(n));
    } else if (kind == DEXT_DATA) {
        ioreg_value_put_data(j, n);
    } else {
        json_strn(j, dext_node_text(n), dext_node_length(n));
    }
}

void ioreg_json_value(struct json *j, const struct dext_node *n)
{
    ioreg_value_put_value(j, n, 0);
}

void ioreg_json_ancestry(struct json *j, const void *member)
{
    const char *s;
    memcpy(&s, member, sizeof s);
    if (!*s) {
        json_none(j);
        return;
    }
    json_begin(j, '[');
    for (size_t n = strcspn(s, ":");; n = strcspn(s, ":")) {
        json_strn(j, s, n);
        if (!s[n]) {
            break;
        }
        s += n + 1;
    }
    json_end(j, ']');
}

void ioreg_json_properties(struct json *j, const void *member)
{
    const struct ioreg_properties *p = member;
    if (!p->list) {
        json_none(j);
        return;
    }
    json_begin(j, '{');
    for (size_t i = 0; i < p->count; i++) {
        json_key(j, p->list[i].key);
        ioreg_json_value(j, p->list[i].value);
    }
    json_end(j, '}');
}
