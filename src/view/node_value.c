#include "view/node_value.h"

#include <inttypes.h>

#include "app/term.h"

#define DEEPEST 16 /* entitlements nest two or three deep */

static void view_node_value_print(FILE *out, const struct dext_node *n, unsigned depth);

static void node_value_container(FILE *out, const struct dext_node *n, unsigned depth)
{
    bool dict = dext_node_kind(n) == DEXT_DICT;
    (void)fputc(dict ? '{' : '[', out);
    for (const struct dext_node *c = dext_node_child(n); c; c = dext_node_next(c)) {
        if (dict) {
            term_line(out, dext_node_key(c));
            (void)fputs(": ", out);
        }
        view_node_value_print(out, c, depth + 1);
        (void)fputs(dext_node_next(c) ? ", " : "", out);
    }
    (void)fputc(dict ? '}' : ']', out);
}

static void view_node_value_print(FILE *out, const struct dext_node *n, unsigned depth)
{
    switch (dext_node_kind(n)) {
    case DEXT_DICT:
    case DEXT_ARRAY:
        if (depth > DEEPEST) {
            (void)fputs("...", out);
        } else {
            node_value_container(out, n, depth);
        }
        break;
    case DEXT_STRING:
        (void)fputc('"', out);
        term_line(out, dext_node_text(n));
        (void)fputc('"', out);
        break;
    case DEXT_BOOL:
        (void)fputs(dext_node_bool(n) ? "true" : "false", out);
        break;
    case DEXT_INTEGER:
        (void)fprintf(out, "%" PRId64, dext_node_integer(n));
        break;
    case DEXT_DATA:
        (void)fputs("(data)", out);
        break;
    default:
        term_line(out, dext_node_text(n));
    }
}

void node_value_print(FILE *out, const struct dext_node *n)
{
    view_node_value_print(out, n, 0);
}

static void write_json(struct json *j, const struct dext_node *n, unsigned depth)
{
    enum dext_kind kind = dext_node_kind(n);
    if (kind == DEXT_DICT || kind == DEXT_ARRAY) {
        if (depth > DEEPEST) {
            json_none(j);
            return;
        }
        json_begin(j, kind == DEXT_DICT ? '{' : '[');
        for (const struct dext_node *c = dext_node_child(n); c; c = dext_node_next(c)) {
            if (kind == DEXT_DICT) {
                json_key(j, dext_node_key(c));
            }
            write_json(j, c, depth + 1);
        }
        json_end(j, kind == DEXT_DICT ? '}' : ']');
    } else if (kind == DEXT_BOOL) {
        json_bool(j, dext_node_bool(n));
    } else if (kind == DEXT_INTEGER) {
        json_int(j, dext_node_integer(n));
    } else {
        json_str(j, dext_node_text(n));
    }
}

void node_value_json(struct json *j, const struct dext_node *n)
{
    write_json(j, n, 0);
}
