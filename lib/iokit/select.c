/* Nodes by what people call them. A driver extension's classes are those of IOUserClasses, as for
 * `ioreg -c` (IOKitTools, ioreg.c). */
#include "iokit/reg_view.h"

#include <string.h>

/* ---- a word -------------------------------------------------------------------------------- */

static bool parse_id(const char *s, uint64_t *id)
{
    bool negative;
    return s[0] == '0' && (s[1] == 'x' || s[1] == 'X') &&
           dx_parse_integer(dx_str(s), id, &negative);
}

/* A string, or an array that holds it. */
static bool select_holds(const struct dext_node *v, const char *s)
{
    if (!v || v->kind != DEXT_ARRAY) {
        return v && v->kind == DEXT_STRING && dx_str_is(v->text, s);
    }
    for (const struct dext_node *c = v->child; c; c = c->next) {
        if (c->kind == DEXT_STRING && dx_str_is(c->text, s)) {
            return true;
        }
    }
    return false;
}

static bool select_says(const struct dx_world *w, const struct dx_reg_node *n, const char *key,
                        const char *s)
{
    return dx_reg_prop(n, key) && select_holds(dx_node_prop(w, n, key).value, s);
}

static bool is_at(const struct dx_reg_node *n, const char *s)
{
    const char *at = strrchr(s, '@');
    return at && n->location.n && dx_str_is(n->location, at + 1) &&
           (at == s || dx_str_eq(n->name, (struct dx_str){s, (size_t)(at - s)}));
}

static bool select_is_called(const struct dx_world *w, const struct dx_reg_node *n, enum dx_way way,
                             const char *s)
{
    uint64_t id;
    switch (way) {
    case DX_BY_ID:
        return n->id && parse_id(s, &id) && n->id == id;
    case DX_BY_NAME:
        return dx_str_is(n->name, s);
    case DX_BY_PLACE:
        return is_at(n, s);
    case DX_BY_USER_CLASS:
        return select_says(w, n, "IOUserClass", s);
    case DX_BY_CLASS:
        return dx_str_is(n->class_name, s);
    case DX_BY_ANCESTRY:
        return dx_reg_is_a(n, s) == DX_REG_YES || select_says(w, n, "IOUserClass", s) ||
               select_says(w, n, "IOUserClasses", s);
    case DX_BY_BUNDLE:
        return select_says(w, n, "CFBundleIdentifier", s) ||
               select_says(w, n, "IOUserServerName", s);
    default:
        return dx_reg_prop(n, s) != NULL;
    }
}

static size_t select_by_way(const struct dx_world *w, enum dx_way way, const char *s,
                            const struct dx_reg_node **out, size_t max)
{
    size_t found = 0;
    for (size_t i = 0; i < w->reg->count; i++) {
        const struct dx_reg_node *n = w->reg->nodes[i];
        if (n->same || !select_is_called(w, n, way, s)) {
            continue;
        }
        if (out && found < max) {
            out[found] = n;
        }
        found++;
    }
    return found;
}

size_t dx_select_word(const struct dx_world *w, const char *word, enum dx_way end,
                      const struct dx_reg_node **out, size_t max)
{
    size_t found = 0;
    for (int way = DX_BY_ID; way < (int)end && found == 0; way++) {
        found = select_by_way(w, (enum dx_way)way, word, out, max);
    }
    return found;
}

static const char *select_name_at(const void *user, size_t i)
{
    const struct dx_world *w = user;
    const struct dx_reg_node *n = w->reg->nodes[i];
    return n->name.n < 128 ? dx_strndup(&w->ctx->arena, n->name.p, n->name.n) : "";
}

const char *dx_select_nearest(const struct dx_world *w, const char *typed)
{
    /* Names are copied to be compared; a huge dump is not worth that. */
    return w->reg->count < 20000 ? dx_str_nearest(dx_str(typed), w->reg->count, select_name_at, w)
                                 : NULL;
}

/* ---- vendor and product -------------------------------------------------------------------- */

/* USB, HID, and PCI, which keeps little-endian data of four bytes (IOPCIFamily, IOPCIBridge.cpp).
 */
static const char *const vendor_keys[] = {"idVendor", "VendorID", "vendor-id"};
static const char *const product_keys[] = {"idProduct", "ProductID", "device-id"};

static bool select_number_of(const struct dext_node *v, uint64_t *out)
{
    if (dx_number(v, out)) {
        return true;
    }
    if (!v || v->kind != DEXT_DATA || v->text.n == 0 || v->text.n > 8) {
        return false;
    }
    *out = 0;
    for (size_t i = v->text.n; i-- > 0;) {
        *out = *out << 8 | (unsigned char)v->text.p[i];
    }
    return true;
}

static bool has_number(const struct dx_world *w, const struct dx_reg_node *n,
                       const char *const keys[3], uint64_t want)
{
    uint64_t v;
    for (int i = 0; i < 3; i++) {
        if (dx_reg_prop(n, keys[i]) && select_number_of(dx_node_prop(w, n, keys[i]).value, &v) &&
            v == want) {
            return true;
        }
    }
    return false;
}

static bool has_numbers(const struct dx_world *w, const struct dx_reg_node *n,
                        const uint64_t *vendor, const uint64_t *product)
{
    return (!vendor || has_number(w, n, vendor_keys, *vendor)) &&
           (!product || has_number(w, n, product_keys, *product));
}

/* "1a86" as lsusb and others write numbers of vendors and products: one to eight hexadecimal
 * digits.
 */
static bool bare_hex(struct dx_str s, uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = (char)(s.p[i] | 0x20);
        bool letter = c >= 'a' && c <= 'f';
        if (!letter && (s.p[i] < '0' || s.p[i] > '9')) {
            return false;
        }
        *out = *out << 4 | (uint64_t)(letter ? c - 'a' + 10 : s.p[i] - '0');
    }
    return s.n && s.n <= 8;
}

/* The n-th way to read "1a86:7523": decimal (or 0x...), else hexadecimal as lsusb and lspci write
 * it. */
static bool pair_read(const char *s, int n, uint64_t *vendor, uint64_t *product)
{
    const char *colon = strchr(s, ':');
    bool negative;
    if (!colon) {
        return false;
    }
    struct dx_str a = {s, (size_t)(colon - s)}, b = dx_str(colon + 1);
    return n == 0
               ? dx_parse_integer(a, vendor, &negative) && dx_parse_integer(b, product, &negative)
               : a.n == 4 && b.n == 4 && bare_hex(a, vendor) && bare_hex(b, product);
}

size_t dx_select_pair(const struct dx_world *w, const char *pair, const struct dx_reg_node **out,
                      size_t max)
{
    size_t found = 0;
    uint64_t vendor, product;
    for (int way = 0; way < 2 && found == 0; way++) {
        if (!pair_read(pair, way, &vendor, &product)) {
            continue;
        }
        for (size_t i = 0; i < w->reg->count; i++) {
            const struct dx_reg_node *n = w->reg->nodes[i];
            if (!n->same && has_numbers(w, n, &vendor, &product)) {
                out[found < max ? found : max - 1] = found < max ? n : out[max - 1];
                found++;
            }
        }
    }
    return found;
}

/* ---- properties ---------------------------------------------------------------------------- */

static bool data_is(struct dx_str data, struct dx_str want)
{
    if (data.n && data.p[data.n - 1] == 0 && data.n == want.n + 1) {
        data.n--; /* text in data ends with a NUL */
    }
    if (dx_str_eq(data, want)) {
        return true;
    }
    if (want.n >= 2 && want.p[0] == '<' && want.p[want.n - 1] == '>') {
        want = (struct dx_str){want.p + 1, want.n - 2};
    }
    static const char digits[] = "0123456789abcdef";
    bool same = want.n == data.n * 2;
    for (size_t i = 0; same && i < want.n; i++) {
        unsigned byte = (unsigned char)data.p[i / 2];
        char c = digits[i % 2 ? byte & 15U : byte >> 4];
        same = (want.p[i] | (want.p[i] >= 'A' && want.p[i] <= 'F' ? 0x20 : 0)) == c;
    }
    return same && want.n;
}

/* No decimal number looks like it: a letter in it, or a leading zero. */
static bool surely_hex(struct dx_str s, uint64_t *out)
{
    uint64_t decimal;
    bool negative;
    return bare_hex(s, out) &&
           ((s.n > 1 && s.p[0] == '0') || !dx_parse_integer(s, &decimal, &negative));
}

static bool is_value(const struct dext_node *v, struct dx_str want)
{
    uint64_t number;
    bool negative;
    switch (v->kind) {
    case DEXT_INTEGER:
        return !v->bad && ((dx_parse_integer(want, &number, &negative) && number == v->integer) ||
                           (surely_hex(want, &number) && number == v->integer));
    case DEXT_BOOL:
        return v->boolean ? dx_str_is_nocase(want, "yes") || dx_str_is_nocase(want, "true")
                          : dx_str_is_nocase(want, "no") || dx_str_is_nocase(want, "false");
    case DEXT_DATA:
        return data_is(v->text, want);
    case DEXT_ARRAY:
        for (const struct dext_node *c = v->child; c; c = c->next) {
            if (c->kind != DEXT_ARRAY && is_value(c, want)) {
                return true;
            }
        }
        return false;
    case DEXT_DICT:
        return false;
    default:
        return dx_str_eq(v->text, want);
    }
}

struct want {
    const struct dx_world *w;
    const char *key, *below; /* "A" and "B/C" of "A/B/C=..."; below NULL without "/" */
    const char *whole;       /* "A/B/C": a key may hold a "/" itself */
    struct dx_str value;
};

static bool has_value(const struct want *q, const struct dx_reg_node *n)
{
    const struct dext_node *v = NULL;
    if (dx_reg_prop(n, q->whole)) {
        v = dx_node_prop(q->w, n, q->whole).value;
    } else if (q->below && dx_reg_prop(n, q->key)) {
        v = dx_node_prop(q->w, n, q->key).value;
        v = v ? dext_node_at(v, q->below) : NULL;
    }
    return v && is_value(v, q->value);
}

/* ---- selectors ----------------------------------------------------------------------------- */

struct found {
    struct dext_registry *r;
    size_t *list;
    size_t count, cap;
};

static void select_add(struct found *f, const struct dx_reg_node *n)
{
    *DX_PUSH(&f->r->w.ctx->arena, f->list, f->count, f->cap) = n->index;
}

static void add_way(struct found *f, enum dx_way way, const char *s)
{
    for (size_t i = 0; i < f->r->w.reg->count; i++) {
        const struct dx_reg_node *n = dx_reg_at(f->r, i);
        if (!n->same && select_is_called(&f->r->w, n, way, s)) {
            select_add(f, n);
        }
    }
}

/* A word may name a node in any way; a property's key only when it is nothing else. */
static void select_add_word(struct found *f, const char *s)
{
    const struct dx_world *w = &f->r->w;
    for (size_t i = 0; i < w->reg->count; i++) {
        const struct dx_reg_node *n = dx_reg_at(f->r, i);
        if (!n->same &&
            (select_is_called(w, n, DX_BY_ID, s) || select_is_called(w, n, DX_BY_NAME, s) ||
             select_is_called(w, n, DX_BY_PLACE, s) || select_is_called(w, n, DX_BY_ANCESTRY, s) ||
             select_is_called(w, n, DX_BY_BUNDLE, s))) {
            select_add(f, n);
        }
    }
    if (f->count == 0) {
        add_way(f, DX_BY_PROPERTY, s);
    }
}

/* Numbers are vendor and product; NULL: not asked for. */
static void add_numbers(struct found *f, const uint64_t *vendor, const uint64_t *product)
{
    for (size_t i = 0; i < f->r->w.reg->count; i++) {
        const struct dx_reg_node *n = dx_reg_at(f->r, i);
        if (!n->same && has_numbers(&f->r->w, n, vendor, product)) {
            select_add(f, n);
        }
    }
}

static void add_values(struct found *f, const char *s, const char *equals)
{
    struct dx_arena *a = &f->r->w.ctx->arena;
    char *whole = dx_strndup(a, s, (size_t)(equals - s));
    const char *slash = strchr(whole, '/');
    struct want q = {
        .w = &f->r->w,
        .key = slash ? dx_strndup(a, whole, (size_t)(slash - whole)) : whole,
        .below = slash ? slash + 1 : NULL,
        .whole = whole,
        .value = dx_str(equals + 1),
    };
    for (size_t i = 0; i < f->r->w.reg->count; i++) {
        const struct dx_reg_node *n = dx_reg_at(f->r, i);
        if (!n->same && has_value(&q, n)) {
            select_add(f, n);
        }
    }
}

/* "name:...": true when s is of that kind; then *rc is the answer. */
static bool add_prefixed(struct found *f, const char *s, int *rc)
{
    static const struct {
        const char *prefix;
        enum dx_way way;
    } kinds[] = {{"id:", DX_BY_ID},
                 {"name:", DX_BY_NAME},
                 {"class:", DX_BY_ANCESTRY},
                 {"bundle:", DX_BY_BUNDLE},
                 {"has:", DX_BY_PROPERTY}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t n = strlen(kinds[i].prefix);
        if (strncmp(s, kinds[i].prefix, n) == 0) {
            add_way(f, kinds[i].way, s + n);
            return true;
        }
    }
    bool vendor = strncmp(s, "vendor:", 7) == 0, product = strncmp(s, "product:", 8) == 0;
    uint64_t number;
    bool negative;
    if (vendor || product) {
        if (!dx_parse_integer(dx_str(strchr(s, ':') + 1), &number, &negative)) {
            *rc = dx_fail(f->r->w.ctx, DEXT_E_FORMAT, "%s: no number; write it decimal or as 0x...",
                          s);
            return true;
        }
        add_numbers(f, vendor ? &number : NULL, product ? &number : NULL);
        return true;
    }
    if (strncmp(s, "at:", 3) == 0) {
        add_way(f, DX_BY_PLACE, dx_sprintf(&f->r->w.ctx->arena, "@%s", s + 3));
        return true;
    }
    return false;
}

static bool add_pair(struct found *f, const char *s)
{
    uint64_t vendor, product;
    bool read = false;
    for (int way = 0; way < 2 && f->count == 0; way++) {
        if (pair_read(s, way, &vendor, &product)) {
            read = true;
            add_numbers(f, &vendor, &product);
        }
    }
    return read;
}

/* A decimal value that no node has may be meant hexadecimal: the 7523 of 1a86:7523. NULL: no node
 * has that either. */
static const char *select_hex_meant(struct found *f, const char *s, const char *equals)
{
    uint64_t number;
    bool negative;
    struct dx_str value = dx_str(equals + 1);
    if (!dx_parse_integer(value, &number, &negative) || !bare_hex(value, &number)) {
        return NULL;
    }
    const char *other = dx_sprintf(&f->r->w.ctx->arena, "%.*s=0x%s", (int)(equals - s), s, value.p);
    struct found g = {.r = f->r};
    add_values(&g, other, strchr(other, '='));
    return g.count ? other : NULL;
}

int dext_registry_select(struct dext_registry *r, const char *selector, const size_t **out,
                         size_t *count)
{
    struct found f = {.r = r};
    int rc = DEXT_OK;
    const char *equals = strchr(selector, '=');
    *out = NULL;
    *count = 0;
    if (*selector == 0) {
        return dx_fail(r->w.ctx, DEXT_E_FORMAT, "an empty selector names nothing");
    }
    if (!add_prefixed(&f, selector, &rc) && !add_pair(&f, selector)) {
        if (equals && equals > selector) {
            add_values(&f, selector, equals);
        } else {
            select_add_word(&f, selector);
        }
    }
    if (rc == DEXT_OK && f.count == 0) {
        const char *near = !equals             ? dx_select_nearest(&r->w, selector)
                           : equals > selector ? select_hex_meant(&f, selector, equals)
                                               : NULL;
        rc = dx_fail(r->w.ctx, DEXT_E_NOTFOUND, "%s: no such node in %s%s%s%s", selector,
                     r->info.path, near ? "; did you mean '" : "", near ? near : "",
                     near ? "'?" : "");
    }
    *out = f.list;
    *count = f.count;
    return rc;
}
