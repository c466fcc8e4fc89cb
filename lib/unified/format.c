/* A format string becomes conversions with the literal text between them:
 * %{annotations}flags width .precision size conversion, as os_log and printf have it. What is
 * no conversion stays text, without its percent sign, as log(1) shows it. */
#include <string.h>

#include "unified/unified.h"

#define MOST_OPS 512 /* clang allows 48 arguments */
#define MOST_WIDTH 1024

static const char *const decoders[] = {
#define DECODER(id, name) name,
#include "unified/decoders.def"
#undef DECODER
};

static enum dx_decoder_id decoder_of(struct dx_str name)
{
    for (size_t i = 1; i < DX_AS_COUNT; i++) {
        if (dx_str_is(name, decoders[i])) {
            return (enum dx_decoder_id)i;
        }
    }
    return DX_AS_PLAIN;
}

/* "public, uuid_t": who may see it, and how it looks. The first that is known counts; a mask wins
 * over what would show the value. */
static void annotations(struct dx_str s, struct dx_op *op)
{
    while (s.n) {
        const char *comma = memchr(s.p, ',', s.n);
        size_t n = comma ? (size_t)(comma - s.p) : s.n;
        struct dx_str word = dx_str_trim((struct dx_str){s.p, n});
        enum dx_decoder_id as = decoder_of(word);
        op->sensitive |= dx_str_is(word, "sensitive");
        if (as != DX_AS_PLAIN && (op->as == DX_AS_PLAIN || as == DX_AS_MASK)) {
            op->as = (uint8_t)as;
        }
        n += comma != NULL;
        s = (struct dx_str){s.p + n, s.n - n};
    }
}

static int format_number(struct dx_str s, size_t *i)
{
    if (*i < s.n && s.p[*i] == '*') {
        ++*i;
        return DX_STAR;
    }
    int v = -1;
    while (*i < s.n && s.p[*i] >= '0' && s.p[*i] <= '9') {
        v = (v < 0 ? 0 : v) * 10 + (s.p[*i] - '0');
        v = v > MOST_WIDTH ? MOST_WIDTH : v;
        ++*i;
    }
    return v;
}

static void flags(struct dx_str s, size_t *i, struct dx_op *op)
{
    for (; *i < s.n; ++*i) {
        switch (s.p[*i]) {
        case '-':
            op->minus = true;
            break;
        case '+':
            op->plus = true;
            break;
        case ' ':
            op->space = true;
            break;
        case '0':
            op->zero = true;
            break;
        case '#':
            op->alt = true;
            break;
        case '\'':
            break;
        default:
            return;
        }
    }
}

/* Takes a conversion that begins with the percent sign at *i; false: it is none. */
static bool conversion(struct dx_str s, size_t *i, struct dx_op *op)
{
    size_t k = *i + 1;
    op->width = op->precision = -1;
    if (k < s.n && s.p[k] == '{') {
        const char *end = memchr(s.p + k, '}', s.n - k);
        if (!end) {
            return false;
        }
        size_t n = (size_t)(end - s.p) - k;
        annotations((struct dx_str){s.p + k + 1, n - 1}, op);
        k += n + 1;
    }
    flags(s, &k, op);
    op->width = format_number(s, &k);
    if (k < s.n && s.p[k] == '.') {
        k++;
        op->precision = format_number(s, &k);
        op->precision = op->precision == -1 ? 0 : op->precision;
    }
    for (char before = 0; k < s.n && strchr("hljLqtz", s.p[k]); k++) {
        op->size = s.p[k] == 'h' ? (before == 'h' ? 'H' : 'h') : op->size;
        before = s.p[k];
    }
    if (k >= s.n || !strchr("@aAcCdDeEfFgGimnoOpPsSuUxX", s.p[k])) {
        return false;
    }
    op->conv = s.p[k];
    op->spec = (struct dx_str){s.p + *i, k + 1 - *i};
    *i = k + 1;
    return true;
}

void dx_format_parse(struct dx_arena *a, struct dx_format *f)
{
    struct dx_str s = f->text;
    struct dx_op *ops = NULL;
    size_t cap = 0, n = 0, i = 0, from = 0;
    char *text = s.n ? dx_alloc_raw(a, s.n) : NULL; /* literal text, without doubled signs */
    while (i < s.n) {
        struct dx_op op = {.conv = 0};
        if (s.p[i] != '%') {
            text[n++] = s.p[i++];
        } else if (i + 1 < s.n && s.p[i + 1] == '%') {
            text[n++] = '%';
            i += 2;
        } else if (f->count < MOST_OPS && conversion(s, &i, &op)) {
            op.before = (struct dx_str){text + from, n - from};
            from = n;
            *DX_PUSH(a, ops, f->count, cap) = op;
        } else {
            i++; /* the percent sign goes, what follows it stays */
        }
    }
    f->ops = ops;
    f->after = (struct dx_str){n > from ? text + from : "", n - from};
}
