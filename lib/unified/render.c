/* The message of an entry: conversions of the format string and arguments of the entry, side by
 * side. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "unified/unified.h"

enum { NUMBER = 0, COUNT = 1, TEXT = 2, BYTES = 3, OBJECT = 4, WIDE = 5, MASK = 7, HASH = 15 };
#define SIZE_PRIVATE 0x8000u /* of what was taken out for privacy */
#define MOST_NUMBER                                                                                \
    2304 /* widths and precisions are at most 1024 each; a double has 309 digits                   \
          */

/* ---- arguments ----------------------------------------------------------------------------------
 */

void dx_args_begin(struct dx_args *i, const struct dx_entry *e)
{
    *i = (struct dx_args){.entry = e, .left = e->count};
    if (e->trace) { /* values, then their sizes, then their number */
        size_t n = e->values.n;
        i->left = n && e->count < n ? e->count : 0;
        i->trace_size_at = n - 1 - i->left;
    } else if (e->items) {
        i->in = dx_cur(e->items, (size_t)(e->items_end - e->items));
    } else {
        i->left = 0;
    }
}

static bool trace_next(struct dx_args *i, struct dx_arg *out)
{
    struct dx_str v = i->entry->values;
    size_t n = (uint8_t)v.p[i->trace_size_at++];
    *out = (struct dx_arg){.p = (const uint8_t *)v.p + i->trace_at, .n = n};
    out->damaged = n > 8 || n > v.n - i->trace_at;
    out->n = out->damaged ? 0 : n; /* nobody may look behind the end */
    i->trace_at += out->n;
    return true;
}

/* Where a range of an argument is: of public or private data. */
static void render_range(const struct dx_entry *e, const uint8_t *p, bool secret,
                         struct dx_arg *out)
{
    size_t at = (size_t)dx_le(p, 2), n = (size_t)dx_le(p + 2, 2);
    struct dx_str data = secret ? e->secrets : e->values;
    out->n = 0;
    if (secret && (n == 0 || n >= SIZE_PRIVATE || at + n > data.n)) {
        out->hidden = true;
    } else if (n && (at > data.n || n > data.n - at)) {
        out->damaged = true;
    } else {
        out->p = (const uint8_t *)data.p + at;
        out->n = n;
    }
}

bool dx_args_next(struct dx_args *i, struct dx_arg *out)
{
    if (i->left == 0) {
        return false;
    }
    i->left--;
    if (i->entry->trace) {
        return trace_next(i, out);
    }
    uint8_t type = dx_get8(&i->in), n = dx_get8(&i->in);
    const uint8_t *p = dx_take(&i->in, n);
    if (!p) {
        i->left = 0;
        return false;
    }
    *out = (struct dx_arg){.kind = type >> 4, .privacy = type & 15, .p = p, .n = n};
    bool private = out->privacy & 1;
    bool ranged = (out->kind >= TEXT && out->kind <= WIDE) || out->kind == 8 || out->kind == HASH;
    if ((out->privacy & 4) || (out->kind == HASH && private)) {
        out->hidden = true; /* sensitive */
    } else if (private && out->kind == NUMBER) {
        if (n == 4) {
            render_range(i->entry, p, true, out);
        } else {
            out->hidden = true;
        }
    } else if (ranged && n >= 4) {
        render_range(i->entry, p, private, out);
    }
    return true;
}

/* ---- one value ----------------------------------------------------------------------------------
 */

static void pad(const struct dx_op *op, int width, size_t from, struct dx_buf *out)
{
    size_t have = out->n - from, want = width > 0 ? (size_t)width : 0;
    if (have >= want) {
        return;
    }
    size_t more = want - have;
    for (size_t i = 0; i < more; i++) {
        dx_buf_add(out, " ", 1);
    }
    if (!op->minus && !out->toobig) {
        memmove(out->p + from + more, out->p + from, have);
        memset(out->p + from, ' ', more);
    }
}

static void render_put_text(const struct dx_op *op, int width, int precision, struct dx_str s,
                            struct dx_buf *out)
{
    size_t from = out->n;
    s.n = precision > 0 && (size_t)precision < s.n ? (size_t)precision : s.n;
    dx_buf_add(out, s.p, s.n);
    pad(op, width, from, out);
}

static void render_put_utf8(struct dx_buf *out, uint32_t c)
{
    char b[4];
    size_t n = 0;
    if (c < 0x80) {
        b[n++] = (char)c;
    } else if (c < 0x800) {
        b[n++] = (char)(0xc0 | c >> 6);
    } else if (c < 0x10000) {
        b[n++] = (char)(0xe0 | c >> 12);
        b[n++] = (char)(0x80 | (c >> 6 & 0x3f));
    } else {
        b[n++] = (char)(0xf0 | (c >> 18 & 7));
        b[n++] = (char)(0x80 | (c >> 12 & 0x3f));
        b[n++] = (char)(0x80 | (c >> 6 & 0x3f));
    }
    if (c >= 0x80) {
        b[n++] = (char)(0x80 | (c & 0x3f));
    }
    dx_buf_add(out, b, n);
}

static void put_wide(const struct dx_op *op, int width, const struct dx_arg *item,
                     struct dx_buf *out)
{
    size_t from = out->n;
    for (size_t i = 0; i + 4 <= item->n; i += 4) {
        uint32_t c = (uint32_t)dx_le(item->p + i, 4);
        if (c == 0) {
            break;
        }
        render_put_utf8(out, c > 0x10ffff ? 0xfffd : c);
    }
    pad(op, width, from, out);
}

/* Builds the specification again, for C's own printf. */
static void spec(const struct dx_op *op, bool precision, const char *tail, char *out, size_t n)
{
    (void)snprintf(out, n, "%%%s%s%s%s%s*%s%s", op->minus ? "-" : "", op->plus ? "+" : "",
                   op->space ? " " : "", op->zero ? "0" : "", op->alt ? "#" : "",
                   precision ? ".*" : "", tail);
}

static uint64_t narrowed(const struct dx_op *op, const struct dx_arg *item, bool is_signed)
{
    size_t n = item->n;
    n = op->size == 'H' && n > 1 ? 1 : op->size == 'h' && n > 2 ? 2 : n;
    uint64_t v = dx_le(item->p, n);
    if (is_signed && n < 8 && n > 0 && v >> (8 * n - 1)) {
        v |= ~(uint64_t)0 << (8 * n);
    }
    return v;
}

static void put_formatted(const struct dx_op *op, int width, int precision, uint64_t v,
                          struct dx_buf *out)
{
    static const struct {
        char conv, tail[8];
    } tails[] = {{'d', PRId64}, {'i', PRId64}, {'D', PRId64}, {'o', PRIo64}, {'O', PRIo64},
                 {'x', PRIx64}, {'X', PRIX64}, {'p', PRIx64}, {'u', PRIu64}, {'U', PRIu64}};
    const char *tail = PRIu64;
    char text[32], done[MOST_NUMBER];
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        tail = tails[i].conv == op->conv ? tails[i].tail : tail;
    }
    spec(op, precision >= 0, tail, text, sizeof text);
    width = width < 0 ? 0 : width;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    int n = precision >= 0 ? snprintf(done, sizeof done, text, width, precision, v)
                           : snprintf(done, sizeof done, text, width, v);
#pragma GCC diagnostic pop
    dx_buf_add(out, done, n < 0 ? 0 : (size_t)n < sizeof done ? (size_t)n : sizeof done - 1);
}

/* Integers as they come: a quick way without flags, printf's for the rest. */
static void put_integer(const struct dx_op *op, int width, int precision, const struct dx_arg *item,
                        struct dx_buf *out)
{
    bool is_signed = op->conv == 'd' || op->conv == 'i' || op->conv == 'D';
    uint64_t v = narrowed(op, item, is_signed);
    if (op->conv == 'c' || op->conv == 'C') {
        size_t from = out->n;
        render_put_utf8(out, op->conv == 'c' ? (uint32_t)(v & 0xff) : (uint32_t)(v & 0x1fffff));
        pad(op, width, from, out);
        return;
    }
    bool plain = width <= 0 && precision < 0 && !op->plus && !op->space && !op->alt;
    if (op->conv == 'p') {
        struct dx_op as = *op;
        as.alt = true;
        if (v == 0 || (width <= 0 && precision < 0)) {
            size_t from = out->n;
            dx_buf_add(out, "0x", 2);
            dx_buf_number(out, v, 16);
            pad(op, width, from, out);
        } else {
            put_formatted(&as, width, precision, v, out);
        }
    } else if (!plain || op->conv == 'X' || op->conv == 'o' || op->conv == 'O') {
        put_formatted(op, width, precision, v, out);
    } else if (is_signed && v >> 63) {
        dx_buf_add(out, "-", 1);
        dx_buf_number(out, -v, 10);
    } else {
        dx_buf_number(out, v, op->conv == 'x' ? 16 : 10);
    }
}

static void put_float(const struct dx_op *op, int width, int precision, const struct dx_arg *item,
                      struct dx_buf *out)
{
    double v = 0;
    char text[32], tail[2] = {op->conv, 0}, done[MOST_NUMBER];
    if (item->n == 4) {
        float f;
        memcpy(&f, item->p, 4);
        v = (double)f;
    } else {
        memcpy(&v, item->p, 8);
    }
    spec(op, precision >= 0, tail, text, sizeof text);
    width = width < 0 ? 0 : width;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    int n = precision >= 0 ? snprintf(done, sizeof done, text, width, precision, v)
                           : snprintf(done, sizeof done, text, width, v);
#pragma GCC diagnostic pop
    dx_buf_add(out, done, n < 0 ? 0 : (size_t)n < sizeof done ? (size_t)n : sizeof done - 1);
}

static void put_hex(const struct dx_arg *item, struct dx_buf *out)
{
    for (size_t i = 0; i < item->n && !out->toobig; i++) {
        dx_buf_printf(out, "%02X", item->p[i]);
    }
}

static bool is_textual(const struct dx_arg *item)
{
    return item->kind == TEXT || item->kind == OBJECT || item->kind == 8;
}

static struct dx_str render_text_of(const struct dx_arg *item)
{
    return (struct dx_str){(const char *)item->p, strnlen((const char *)item->p, item->n)};
}

/* Without an annotation, or where it says nothing about how the value looks. */
static bool put_plain(const struct dx_op *op, int width, int precision, const struct dx_arg *item,
                      struct dx_buf *out)
{
    bool number = item->kind == NUMBER || item->kind == 6;
    if (strchr("@sS", op->conv)) {
        if (item->kind == WIDE) {
            put_wide(op, width, item, out);
        } else if (is_textual(item) || item->kind == BYTES) {
            bool null = item->n == 0 && !(op->precision == DX_STAR && precision == 0);
            render_put_text(op, width, precision, null ? DX_STR("(null)") : render_text_of(item),
                            out);
        } else {
            return false;
        }
        return true;
    }
    if (op->conv == 'P') {
        put_hex(item, out);
        return item->kind == BYTES || is_textual(item);
    }
    if (!number || !(item->n == 1 || item->n == 2 || item->n == 4 || item->n == 8)) {
        return false;
    }
    if (op->conv == 'm') {
        uint64_t code = dx_le(item->p, item->n);
        const char *says = dx_errno_text(code & 0xffffffffu);
        if (says) {
            dx_buf_puts(out, says);
        } else {
            dx_buf_printf(out, "Unknown error: %" PRId32, (int32_t)code);
        }
    } else if (strchr("aAeEfFgG", op->conv)) {
        if (item->n < 4) {
            return false;
        }
        put_float(op, width, precision, item, out);
    } else {
        put_integer(op, width, precision, item, out);
    }
    return true;
}

void dx_render_value(const struct dx_op *op, int width, int precision, const struct dx_arg *item,
                     struct dx_buf *out)
{
    size_t from = out->n;
    if (item->hidden) {
        dx_buf_puts(out, "<private>");
        return;
    }
    if (item->damaged) {
        dx_buf_printf(out, "<decode: bad range for [%.*s]>", (int)op->spec.n, op->spec.p);
        return;
    }
    if (item->kind == HASH) {
        (void)dx_annotated(DX_AS_MASK, op, item->p, item->n, out);
        return;
    }
    if (op->as != DX_AS_PLAIN && op->as != DX_AS_MASK &&
        dx_annotated((enum dx_decoder_id)op->as, op, item->p, item->n, out)) {
        pad(op, width, from, out);
        return;
    }
    if (!put_plain(op, width, precision, item, out)) {
        dx_buf_printf(out, "<decode: mismatch for [%.*s]>", (int)op->spec.n, op->spec.p);
    }
}

/* ---- a message ----------------------------------------------------------------------------------
 */

bool dx_args_value(struct dx_args *i, const struct dx_op *op, int *width, int *precision,
                   struct dx_arg *item)
{
    *width = op->width;
    *precision = op->precision;
    bool found = dx_args_next(i, item);
    if (found && op->width == DX_STAR && item->kind == NUMBER) {
        *width = item->n && item->n <= 8 ? (int32_t)dx_le(item->p, item->n) : 0;
        *width = *width < 0 ? 0 : *width > 1024 ? 1024 : *width;
        found = dx_args_next(i, item);
    }
    while (found && (item->kind == COUNT || item->kind == MASK)) {
        if (item->kind == COUNT && (op->precision == DX_STAR || strchr("sS@", op->conv))) {
            int32_t n = item->n && item->n <= 8 ? (int32_t)dx_le(item->p, item->n) : -1;
            *precision = n;
        }
        found = dx_args_next(i, item);
    }
    if (*precision == DX_STAR) {
        *precision = -1;
    }
    if (*precision > 1024 && !strchr("sS@P", op->conv)) {
        *precision = 1024;
    }
    return found;
}

static void render_format(const struct dx_entry *e, struct dx_buf *out)
{
    const struct dx_format *f = e->format;
    struct dx_args items;
    struct dx_arg item;
    dx_args_begin(&items, e);
    for (size_t i = 0; i < f->count; i++) {
        const struct dx_op *op = &f->ops[i];
        int width, precision;
        dx_buf_add(out, op->before.p, op->before.n);
        bool lacks = op->conv == 'm' && items.left == 0 && !e->trace;
        if (!lacks && dx_args_value(&items, op, &width, &precision, &item)) {
            dx_render_value(op, width, precision, &item, out);
        } else {
            dx_buf_puts(out, "<decode: missing data>");
        }
    }
    dx_buf_add(out, f->after.p, f->after.n);
}

/* What log(1) prints where it has no format string. */
static void render_failure(const struct dx_entry *e, struct dx_buf *out)
{
    if (e->format && e->image.uuid) {
        dx_buf_puts(out, "<compose failure [");
        dx_put_uuid(out, e->image.uuid);
        dx_buf_puts(out, "]>");
    } else {
        dx_buf_puts(out, "<compose failure [missing precomposed log]>");
    }
}

void dx_render(struct dext_unified *u, const struct dx_entry *e, struct dx_buf *out)
{
    if (e->kind == DEXT_UNIFIED_LOSS) {
        dx_buf_printf(out,
                      "lost >=%" PRIu64 " unreliable messages from %" PRIu64 "-%" PRIu64
                      " (Mach continuous exact start-approx. end)",
                      e->lost, e->lost_from, e->lost_to);
    } else if (e->kind == DEXT_UNIFIED_STATE) {
        dx_render_state(e, out);
    } else if (e->text.p) {
        dx_buf_add(out, e->text.p, e->text.n);
    } else if (!e->format || !e->format->text.p) {
        render_failure(e, out);
        DX_COUNT(u, unrendered, 1);
        DX_COUNT(u, bad_references, e->format && e->format->bounds);
    } else {
        render_format(e, out);
    }
    DX_COUNT(u, oversize_missing, e->incomplete && (e->flags & 0x0800));
}
