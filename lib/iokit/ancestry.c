/* Class ancestry. A chain from the dump is the truth; without one the table answers, and where the
 * table has a gap (closed source) "no" is said only of classes that the table knows to stand
 * elsewhere. */
#include "iokit/ancestry.h"

#include <string.h>

/* No real chain is longer; a table with a cycle ends here. */
#define DEEPEST_CLASS 32

static const struct kb_kernel_class *ancestry_row_of(struct dx_str cls)
{
    size_t lo = 0, hi = kb_kernel_class_count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int c = dx_str_cmp(cls, dx_str(kb_s(kb_kernel_class_rows[mid].class)));
        if (c == 0) {
            return &kb_kernel_class_rows[mid];
        }
        if (c < 0) {
            hi = mid;
        } else {
            lo = mid + 1;
        }
    }
    return NULL;
}

bool dx_class_known(struct dx_str cls)
{
    return ancestry_row_of(cls) != NULL;
}

/* The last class of a chain that is cut off from it; false at its end. */
static bool pop(struct dx_str *chain, struct dx_str *last)
{
    if (chain->n == 0) {
        return false;
    }
    size_t at = chain->n;
    while (at && chain->p[at - 1] != ':') {
        at--;
    }
    *last = (struct dx_str){chain->p + at, chain->n - at};
    chain->n = at ? at - 1 : 0;
    return true;
}

static enum dx_reg_is by_table(struct dx_str cls, struct dx_str base)
{
    bool gap = false;
    for (int i = 0; i < DEEPEST_CLASS; i++) {
        if (dx_str_eq(cls, base)) {
            return DX_REG_YES;
        }
        const struct kb_kernel_class *row = ancestry_row_of(cls);
        if (!row) {
            return DX_REG_UNSURE;
        }
        gap |= row->gap == KB_KERNEL_CLASS_GAP_YES;
        cls = dx_str(kb_s(row->superclass));
        if (cls.n == 0) {
            break;
        }
    }
    return gap && !dx_class_known(base) ? DX_REG_UNSURE : DX_REG_NO;
}

enum dx_reg_is dx_class_is(struct dx_str cls, struct dx_str chain, const char *base)
{
    struct dx_str want = dx_str(base), one;
    if (dx_str_eq(cls, want)) {
        return DX_REG_YES;
    }
    if (chain.n == 0) {
        return by_table(cls, want);
    }
    while (pop(&chain, &one)) {
        if (dx_str_eq(one, want)) {
            return DX_REG_YES;
        }
    }
    return DX_REG_NO;
}

static int matcher_of(const struct kb_kernel_class *row)
{
    return row ? row->matcher : KB_KERNEL_CLASS_MATCHER_CLOSED;
}

static int matcher_in_chain(struct dx_str chain)
{
    struct dx_str one;
    bool unknown = false;
    while (pop(&chain, &one)) {
        const struct kb_kernel_class *row = ancestry_row_of(one);
        int m = matcher_of(row);
        if (!row) {
            unknown = true; /* a class nobody described may have a matcher of its own */
        } else if (m != KB_KERNEL_CLASS_MATCHER_INHERITED) {
            return m == KB_KERNEL_CLASS_MATCHER_NONE && unknown ? KB_KERNEL_CLASS_MATCHER_CLOSED
                                                                : m;
        }
    }
    return KB_KERNEL_CLASS_MATCHER_CLOSED;
}

int dx_class_matcher(struct dx_str cls, struct dx_str chain)
{
    if (chain.n) {
        return matcher_in_chain(chain);
    }
    for (int i = 0; i < DEEPEST_CLASS && cls.n; i++) {
        const struct kb_kernel_class *row = ancestry_row_of(cls);
        if (!row) {
            return i ? KB_KERNEL_CLASS_MATCHER_CLOSED : KB_KERNEL_CLASS_MATCHER_INHERITED;
        }
        if (row->matcher != KB_KERNEL_CLASS_MATCHER_INHERITED) {
            return row->matcher;
        }
        cls = dx_str(kb_s(row->superclass));
    }
    return KB_KERNEL_CLASS_MATCHER_CLOSED;
}

static const struct kb_compared *compared_row(struct dx_str cls)
{
    for (size_t i = 0; i < kb_compared_count; i++) {
        if (dx_str_is(cls, kb_s(kb_compared_rows[i].compared))) {
            return &kb_compared_rows[i];
        }
    }
    return NULL;
}

const struct kb_compared *dx_class_compared(struct dx_str cls, struct dx_str chain)
{
    const struct kb_compared *found = NULL;
    struct dx_str one;
    while (chain.n && !found && pop(&chain, &one)) {
        found = compared_row(one);
        cls.n = 0;
    }
    for (int i = 0; i < DEEPEST_CLASS && cls.n && !found; i++) {
        const struct kb_kernel_class *row = ancestry_row_of(cls);
        found = compared_row(cls);
        cls = row ? dx_str(kb_s(row->superclass)) : DX_STR("");
    }
    return found;
}

int dx_class_depth(struct dx_str cls, struct dx_str chain, struct dx_str base)
{
    struct dx_str one;
    if (chain.n) {
        for (int i = 0; pop(&chain, &one); i++) {
            if (dx_str_eq(one, base)) {
                return i;
            }
        }
        return -1;
    }
    for (int i = 0; i < DEEPEST_CLASS; i++) {
        if (dx_str_eq(cls, base)) {
            return i;
        }
        const struct kb_kernel_class *row = ancestry_row_of(cls);
        if (!row) {
            break;
        }
        cls = dx_str(kb_s(row->superclass));
    }
    return -1;
}

enum dx_reg_is dx_reg_is_a(const struct dx_reg_node *n, const char *cls)
{
    enum dx_reg_is is = dx_class_is(n->class_name, n->chain, cls);
    if (is == DX_REG_UNSURE && strcmp(cls, "IOService") == 0 &&
        (n->state & (DX_REG_KNOWN_REGISTERED | DX_REG_KNOWN_MATCHED | DX_REG_KNOWN_ACTIVE))) {
        return DX_REG_YES; /* ioreg shows that state of services only (ioreg.c, show) */
    }
    return is;
}
