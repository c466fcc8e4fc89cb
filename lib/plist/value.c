#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "plist/tree.h"

static int value_hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* CoreFoundation takes white space, a sign, and hexadecimal after 0x (CFPropertyList.c,
 * parseIntegerTag, CF-1153). */
bool dx_parse_integer(struct dx_str text, uint64_t *value, bool *negative)
{
    text = dx_str_trim(text);
    bool minus = false;
    if (text.n && (text.p[0] == '-' || text.p[0] == '+')) {
        minus = text.p[0] == '-';
        text.p++;
        text.n--;
    }
    unsigned base = 10;
    if (text.n > 2 && text.p[0] == '0' && (text.p[1] == 'x' || text.p[1] == 'X')) {
        base = 16;
        text.p += 2;
        text.n -= 2;
    }
    if (text.n == 0) {
        return false;
    }
    uint64_t v = 0;
    for (size_t i = 0; i < text.n; i++) {
        int d = value_hex_digit(text.p[i]);
        if (d < 0 || (unsigned)d >= base ||
            (v >> 59 && v > (UINT64_MAX - (unsigned)d) / base)) { /* below 2^59 there is room */
            return false;
        }
        v = v * base + (unsigned)d;
    }
    if (minus && v > (uint64_t)INT64_MAX + 1) {
        return false;
    }
    *value = minus ? 0 - v : v;
    *negative = minus && v != 0;
    return true;
}

bool dx_parse_real(struct dx_str text, double *value)
{
    text = dx_str_trim(text);
    char number[64];
    if (text.n == 0 || text.n >= sizeof number) {
        return false;
    }
    memcpy(number, text.p, text.n);
    number[text.n] = 0;
    char *end = NULL;
    *value = strtod(number, &end);
    return *end == 0;
}

bool dx_parse_date(struct dx_str text)
{
    static const char form[] = "0000-00-00T00:00:00Z";
    text = dx_str_trim(text);
    if (text.n != sizeof form - 1) {
        return false;
    }
    for (size_t i = 0; i < text.n; i++) {
        bool digit = text.p[i] >= '0' && text.p[i] <= '9';
        if (form[i] == '0' ? !digit : text.p[i] != form[i]) {
            return false;
        }
    }
    return true;
}

static int base64_digit(char c)
{
    /* Six bits and 1, so that 0 is no digit. */
    static const unsigned char digits[256] = {
        ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,
        ['H'] = 8,  ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14,
        ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21,
        ['V'] = 22, ['W'] = 23, ['X'] = 24, ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28,
        ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35,
        ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42,
        ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48, ['w'] = 49,
        ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
        ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63,
        ['/'] = 64,
    };
    return digits[(unsigned char)c] - 1;
}

bool dx_parse_base64(struct dx_str text, struct dx_buf *out)
{
    unsigned bits = 0, have = 0;
    bool padded = false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        int d = base64_digit(c);
        if (d < 0) {
            if (c != ' ' && c != '\t' && c != '\n' && c != '\r' && c != '=') {
                return false;
            }
            padded = padded || c == '=';
            continue;
        }
        if (padded) {
            return false;
        }
        bits = bits << 6 | (unsigned)d;
        have += 6;
        if (have >= 8) {
            have -= 8;
            char byte = (char)(bits >> have & 0xff);
            if (out) {
                dx_buf_add(out, &byte, 1);
            }
        }
    }
    return have < 6;
}

/* A name between open and the next close. */
static bool placeholder_name(struct dx_str s, const char *open, const char *close)
{
    size_t n = strlen(open);
    const char *end = s.p + s.n;
    for (const char *p = s.p; p + n < end; p++) {
        p = memchr(p, *open, (size_t)(end - p));
        if (!p || p + n >= end) {
            return false;
        }
        if (memcmp(p, open, n) != 0) {
            continue;
        }
        const char *from = p + n, *to = memmem(from, (size_t)(end - from), close, strlen(close));
        if (!to) {
            return false;
        }
        bool name = to > from;
        for (const char *q = from; q < to && name; q++) {
            /* "/A@0/B@1" is a path of the registry. */
            name = *q > ' ' && *q != '<' && *q != '>' && *q != '@' && (*q != '/' || *open != '@');
        }
        if (name) {
            return true;
        }
    }
    return false;
}

bool dx_has_placeholder(struct dx_str s)
{
    if (!s.n) {
        return false;
    }
    return (memchr(s.p, '$', s.n) &&
            (placeholder_name(s, "$(", ")") || placeholder_name(s, "${", "}"))) ||
           placeholder_name(s, "{{", "}}") || placeholder_name(s, "@", "@");
}

bool dx_is_literal(const struct dext_node *n)
{
    return n && n->kind == DEXT_STRING && !dx_has_placeholder(n->text);
}

bool dx_int(const struct dext_node *n, int64_t *value)
{
    if (!n || n->kind != DEXT_INTEGER || n->bad) {
        return false;
    }
    *value = (int64_t)n->integer;
    return true;
}

const struct dext_node *dx_get(const struct dext_node *n, const char *key)
{
    if (!n || n->kind != DEXT_DICT) {
        return NULL;
    }
    size_t len = strlen(key);
    for (const struct dext_node *c = n->child; c; c = c->next) {
        if (!c->overridden && c->key.n == len && memcmp(c->key.p, key, len) == 0) {
            return c;
        }
    }
    return NULL;
}

const struct dext_node *dx_get_kind(const struct dext_node *n, const char *key, enum dext_kind kind)
{
    const struct dext_node *c = dx_get(n, key);
    return c && c->kind == kind ? c : NULL;
}

const char *dx_node_path(struct dx_arena *a, const struct dext_node *n)
{
    if (!n || !n->parent) {
        return "";
    }
    const char *above = dx_node_path(a, n->parent);
    const char *slash = above[0] ? "/" : "";
    if (n->in_dict) {
        return dx_sprintf(a, "%s%s%.*s", above, slash, (int)n->key.n, n->key.p);
    }
    size_t index = 0;
    for (const struct dext_node *c = n->parent->child; c != n; c = c->next) {
        index++;
    }
    return dx_sprintf(a, "%s%s%zu", above, slash, index);
}

static bool equal_dicts(const struct dext_node *a, const struct dext_node *b)
{
    size_t live_a = 0, live_b = 0;
    for (const struct dext_node *c = b->child; c; c = c->next) {
        live_b += !c->overridden;
    }
    for (const struct dext_node *c = a->child; c; c = c->next) {
        if (c->overridden) {
            continue;
        }
        live_a++;
        if (!dx_node_equal(c, dx_get(b, c->key.p))) {
            return false;
        }
    }
    return live_a == live_b;
}

bool dx_node_equal(const struct dext_node *a, const struct dext_node *b)
{
    if (!a || !b || a->kind != b->kind) {
        return a == b;
    }
    switch (a->kind) {
    case DEXT_DICT:
        return equal_dicts(a, b);
    case DEXT_ARRAY: {
        const struct dext_node *x = a->child, *y = b->child;
        while (x && y && dx_node_equal(x, y)) {
            x = x->next;
            y = y->next;
        }
        return !x && !y;
    }
    case DEXT_INTEGER:
    case DEXT_UID:
        return a->integer == b->integer && a->negative == b->negative && !a->bad && !b->bad;
    case DEXT_REAL:
        return a->real == b->real;
    case DEXT_BOOL:
        return a->boolean == b->boolean;
    default:
        return dx_str_eq(a->text, b->text);
    }
}
