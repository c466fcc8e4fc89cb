/* Values as ioreg prints them: "text" (quotes inside are not escaped), numbers, Yes and No, <hex>,
 * <"text">, (array), ["set"], {"key"=value}. Grammar: IOKitTools, ioreg.c, and real dumps. */
#include <stdlib.h>
#include <string.h>

#include "iokit/registry_read.h"

struct ioreg_value {
    struct dext_ctx *ctx;
    const char *p, *end;
};

enum { DEEPEST = 64 };

static bool ioreg_value_value(struct ioreg_value *r, struct dext_node *n, unsigned depth);

static struct dext_node *ioreg_value_add(struct ioreg_value *r, struct dext_node *parent)
{
    struct dext_node *n = dx_alloc(&r->ctx->arena, sizeof *n);
    n->parent = parent;
    n->in_dict = parent->kind == DEXT_DICT;
    n->text = DX_STR("");
    if (parent->last) {
        parent->last->next = n;
    } else {
        parent->child = n;
    }
    parent->last = n;
    parent->count++;
    return n;
}

static struct dx_str ioreg_value_copy(struct ioreg_value *r, const char *p, size_t n)
{
    return (struct dx_str){dx_strndup(&r->ctx->arena, p, n), n};
}

/* Inside of a container a string ends at a quote that something of the container follows. */
static bool ioreg_value_quoted(struct ioreg_value *r, struct dx_str *out)
{
    const char *from = r->p + 1;
    for (const char *q = from; q < r->end; q++) {
        if (*q == '"' && (q + 1 == r->end || strchr(",)}]=>", q[1]))) {
            *out = ioreg_value_copy(r, from, (size_t)(q - from));
            r->p = q + 1;
            return true;
        }
    }
    return false;
}

static int ioreg_value_hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* <"a","b">: strings that a NUL ends each. */
static bool data_as_text(struct ioreg_value *r, struct dext_node *n)
{
    struct dx_buf b;
    struct dx_str part;
    dx_buf_init(&b, &r->ctx->arena, (size_t)(r->end - r->p) + 2);
    while (r->p < r->end && *r->p == '"') {
        if (!ioreg_value_quoted(r, &part)) {
            return false;
        }
        dx_buf_add(&b, part.p, part.n);
        dx_buf_add(&b, "", 1);
        r->p += r->p < r->end && *r->p == ',';
    }
    n->text = dx_buf_str(&b);
    return r->p < r->end && *r->p++ == '>';
}

static bool ioreg_value_data(struct ioreg_value *r, struct dext_node *n)
{
    n->kind = DEXT_DATA;
    r->p++;
    if (r->p < r->end && *r->p == '"') {
        return data_as_text(r, n);
    }
    char *out = dx_alloc(&r->ctx->arena, (size_t)(r->end - r->p) / 2 + 1);
    size_t count = 0;
    while (r->p < r->end && *r->p != '>') {
        int high = ioreg_value_hex(r->p[0]),
            low = r->p + 1 < r->end ? ioreg_value_hex(r->p[1]) : -1;
        if (*r->p == ' ') {
            r->p++;
            continue;
        }
        if (high < 0 || low < 0) {
            return false;
        }
        out[count++] = (char)(high << 4 | low);
        r->p += 2;
    }
    n->text = (struct dx_str){out, count};
    return r->p < r->end && *r->p++ == '>';
}

static bool ioreg_value_list(struct ioreg_value *r, struct dext_node *n, char close, unsigned depth)
{
    n->kind = DEXT_ARRAY;
    r->p++;
    while (r->p < r->end && *r->p != close) {
        const char *before = r->p;
        if (!ioreg_value_value(r, ioreg_value_add(r, n), depth + 1)) {
            return false;
        }
        r->p += r->p < r->end && *r->p == ',';
        if (r->p == before) {
            return false; /* another container's end: nothing would ever be consumed */
        }
    }
    return r->p < r->end && *r->p++ == close;
}

static bool ioreg_value_dictionary(struct ioreg_value *r, struct dext_node *n, unsigned depth)
{
    n->kind = DEXT_DICT;
    r->p++;
    while (r->p < r->end && *r->p != '}') {
        struct dx_str key;
        if (*r->p != '"' || !ioreg_value_quoted(r, &key) || r->p == r->end || *r->p != '=') {
            return false;
        }
        r->p++;
        struct dext_node *v = ioreg_value_add(r, n);
        v->key = key;
        if (!ioreg_value_value(r, v, depth + 1)) {
            return false;
        }
        r->p += r->p < r->end && *r->p == ',';
    }
    return r->p < r->end && *r->p++ == '}';
}

static bool ioreg_value_word(struct ioreg_value *r, struct dext_node *n)
{
    const char *from = r->p;
    while (r->p < r->end && !strchr(",)}]>", *r->p)) {
        r->p++;
    }
    struct dx_str s = dx_str_trim((struct dx_str){from, (size_t)(r->p - from)});
    if (dx_str_is(s, "Yes") || dx_str_is(s, "No")) {
        n->kind = DEXT_BOOL;
        n->boolean = s.p[0] == 'Y';
        n->text = n->boolean ? DX_STR("true") : DX_STR("false");
        return true;
    }
    char text[32];
    if (s.n == 0) {
        n->kind = DEXT_STRING; /* printed without a value */
        n->text = DX_STR("");
        return true;
    }
    if (s.n >= sizeof text) {
        return false;
    }
    memcpy(text, s.p, s.n);
    text[s.n] = 0;
    char *end;
    n->kind = DEXT_INTEGER;
    n->negative = text[0] == '-';
    n->integer = n->negative ? (uint64_t)strtoll(text, &end, 0) : strtoull(text, &end, 0);
    n->text = ioreg_value_copy(r, s.p, s.n);
    return *end == 0;
}

static bool ioreg_value_value(struct ioreg_value *r, struct dext_node *n, unsigned depth)
{
    if (r->p == r->end || depth > DEEPEST) {
        return false;
    }
    switch (*r->p) {
    case '"':
        n->kind = DEXT_STRING;
        return ioreg_value_quoted(r, &n->text);
    case '<':
        return ioreg_value_data(r, n);
    case '(':
        return ioreg_value_list(r, n, ')', depth);
    case '[':
        return ioreg_value_list(r, n, ']', depth);
    case '{':
        return ioreg_value_dictionary(r, n, depth);
    default:
        return ioreg_value_word(r, n);
    }
}

const struct dext_node *dx_reg_parse(struct dext_ctx *ctx, struct dx_str key, struct dx_str raw)
{
    struct dx_str s = dx_str_trim(raw);
    struct ioreg_value r = {ctx, s.p, s.p + s.n};
    struct dext_node *n = dx_alloc(&ctx->arena, sizeof *n);
    n->kind = DEXT_STRING;
    n->key = key;
    n->text = DX_STR("");
    if (s.n == 0) {
        return n; /* printed without a value: an empty string */
    }
    if (s.p[0] == '"') { /* alone on its line: everything up to the last quote */
        if (s.n < 2 || s.p[s.n - 1] != '"') {
            return NULL;
        }
        n->text = ioreg_value_copy(&r, s.p + 1, s.n - 2);
        return n;
    }
    return ioreg_value_value(&r, n, 0) && r.p == r.end ? n : NULL;
}
