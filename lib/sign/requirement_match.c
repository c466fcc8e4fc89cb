#include "sign/requirement_match.h"

#include <ctype.h>
#include <string.h>

struct dx_match dx_match_read(struct dx_requirement_code *code)
{
    struct dx_match m = {.op = dx_requirement_number(code)};
    switch (m.op) {
    case DX_MATCH_EXISTS:
    case DX_MATCH_ABSENT:
        break;
    case DX_MATCH_ON:
    case DX_MATCH_BEFORE:
    case DX_MATCH_AFTER:
    case DX_MATCH_ON_BEFORE:
    case DX_MATCH_ON_AFTER:
        m.when = dx_requirement_long(code);
        break;
    default: /* one that is not known has a datum as well, and never holds */
        m.value = dx_requirement_data(code);
    }
    return m;
}

static int compare_numbers(struct dx_str a, size_t *i, struct dx_str b, size_t *j)
{
    while (*i < a.n && a.p[*i] == '0') {
        ++*i;
    }
    while (*j < b.n && b.p[*j] == '0') {
        ++*j;
    }
    size_t x = *i, y = *j;
    while (*i < a.n && isdigit((unsigned char)a.p[*i])) {
        ++*i;
    }
    while (*j < b.n && isdigit((unsigned char)b.p[*j])) {
        ++*j;
    }
    if (*i - x != *j - y) {
        return *i - x < *j - y ? -1 : 1;
    }
    return memcmp(a.p + x, b.p + y, *i - x);
}

int dx_compare_numerically(struct dx_str a, struct dx_str b)
{
    size_t i = 0, j = 0;
    while (i < a.n && j < b.n) {
        unsigned char x = (unsigned char)a.p[i], y = (unsigned char)b.p[j];
        if (isdigit(x) && isdigit(y)) {
            int c = compare_numbers(a, &i, b, &j);
            if (c != 0) {
                return c;
            }
        } else if (x != y) {
            return x < y ? -1 : 1;
        } else {
            i++;
            j++;
        }
    }
    return (i < a.n) - (j < b.n);
}

static bool match_contains(struct dx_str in, struct dx_str what)
{
    for (size_t i = 0; what.n && i + what.n <= in.n; i++) { /* CFString finds nothing of "" */
        if (memcmp(in.p + i, what.p, what.n) == 0) {
            return true;
        }
    }
    return false;
}

static bool match_text(const struct dx_match *m, struct dx_str s)
{
    struct dx_str v = m->value;
    switch (m->op) {
    case DX_MATCH_EQUAL:
        return dx_str_eq(s, v);
    case DX_MATCH_CONTAINS:
        return match_contains(s, v);
    case DX_MATCH_BEGINS:
        return v.n && s.n >= v.n && memcmp(s.p, v.p, v.n) == 0;
    case DX_MATCH_ENDS:
        return v.n && s.n >= v.n && memcmp(s.p + s.n - v.n, v.p, v.n) == 0;
    case DX_MATCH_LESS:
        return dx_compare_numerically(s, v) < 0;
    case DX_MATCH_GREATER:
        return dx_compare_numerically(s, v) > 0;
    case DX_MATCH_LESS_EQUAL:
        return dx_compare_numerically(s, v) <= 0;
    case DX_MATCH_GREATER_EQUAL:
        return dx_compare_numerically(s, v) >= 0;
    default:
        return m->op == DX_MATCH_EXISTS;
    }
}

static bool match_time(const struct dx_match *m, int64_t t)
{
    switch (m->op) {
    case DX_MATCH_ON:
        return t == m->when;
    case DX_MATCH_BEFORE:
        return t < m->when;
    case DX_MATCH_AFTER:
        return t > m->when;
    case DX_MATCH_ON_BEFORE:
        return t <= m->when;
    case DX_MATCH_ON_AFTER:
        return t >= m->when;
    default:
        return m->op == DX_MATCH_EXISTS;
    }
}

/* Of an array any element will do; apart from that it is a value that exists. Nesting is bounded by
 * the reader of property lists. */
static bool match_node(const struct dx_match *m, const struct dext_node *n)
{
    if (n->kind == DEXT_ARRAY) {
        for (const struct dext_node *x = n->child; x; x = x->next) {
            if (match_node(m, x)) {
                return true;
            }
        }
    }
    return n->kind == DEXT_STRING
               ? match_text(m, n->text)
               : m->op == DX_MATCH_EXISTS && !(n->kind == DEXT_BOOL && !n->boolean);
}

bool dx_match_holds(const struct dx_match *m, const struct dx_candidate *c)
{
    switch (c->kind) {
    case DX_VALUE_NONE:
        return m->op == DX_MATCH_ABSENT;
    case DX_VALUE_TEXT:
        return match_text(m, c->text);
    case DX_VALUE_TIME:
        return match_time(m, c->when);
    case DX_VALUE_TRUE:
        return m->op == DX_MATCH_EXISTS;
    default:
        return match_node(m, c->node);
    }
}
