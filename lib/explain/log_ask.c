/* What the arguments of an entry could make a literal of, when its format alone does not tell. */
#include <string.h>

#include "explain/log_judged.h"

/* Appends few bytes: there are many such. */
static inline void log_ask_put(struct dx_buf *out, const char *p, size_t n)
{
    if (n + 1 > out->cap - out->n || n > 16) {
        dx_buf_add(out, p, n);
        return;
    }
    char *to = out->p + out->n; /* there is room, so there is a buffer */
    if (n >= 8) {               /* two that may overlap */
        memcpy(to, p, 8);
        memcpy(to + n - 8, p + n - 8, 8);
    } else if (n >= 4) {
        memcpy(to, p, 4);
        memcpy(to + n - 4, p + n - 4, 4);
    } else {
        for (size_t i = 0; i < n; i++) {
            to[i] = p[i];
        }
    }
    out->n += n;
}

static bool log_ask_small_float(uint64_t least, const struct dx_arg *arg)
{
    double v = 0, most = (double)least / 2; /* what is rounded up has no more digits */
    float f = 0;
    memcpy(&v, arg->p, arg->n == 8 ? 8 : 0);
    memcpy(&f, arg->p, arg->n == 4 ? 4 : 0);
    v = arg->n == 4 ? (double)f : v;
    return arg->n >= 4 && v > -most && v < most;
}

/* Whether a number is too small for a literal to stand in it. */
static bool log_ask_small(const struct dx_judge *j, const struct dx_step *s,
                          const struct dx_arg *arg)
{
    uint64_t v, top;
    if (arg->kind != 0 || arg->hidden || arg->damaged) {
        return false;
    }
    switch (arg->n) {
    case 8:
        v = dx_le(arg->p, 8);
        top = (uint64_t)1 << 63;
        break;
    case 4:
        v = dx_le(arg->p, 4);
        top = (uint64_t)1 << 31;
        break;
    case 2:
    case 1:
        v = dx_le(arg->p, arg->n);
        top = (uint64_t)1 << (8 * arg->n - 1);
        break;
    default:
        return false;
    }
    if (s->looks == DX_LOOK_LARGE_FLOAT) {
        return log_ask_small_float(j->least_decimal, arg);
    }
    uint64_t least = s->looks == DX_LOOK_LARGE_DECIMAL ? j->least_decimal : j->least_hexadecimal;
    return v < least || (s->negative && (v & top) && (top << 1) - v < least);
}

/* The next argument, if it is a plain one: a number, or public text. */
static bool log_ask_next(struct dx_args *i, const struct dx_step *s, struct dx_arg *out)
{
    const uint8_t *p = i->in.p;
    size_t left = dx_left(&i->in);
    if (!s->plain || i->left == 0 || left < 2 || p[1] > left - 2) {
        return false;
    }
    uint8_t type = p[0] & 0xfd; /* public, or nothing said */
    *out = (struct dx_arg){.kind = type >> 4, .p = p + 2, .n = p[1]};
    if ((type == 0x20 || type == 0x40) && p[1] >= 4) {
        size_t at = (size_t)dx_le(p + 2, 2), n = (size_t)dx_le(p + 4, 2);
        struct dx_str all = i->entry->values;
        if (at > all.n || n > all.n - at || n == 0) {
            return false;
        }
        out->p = (const uint8_t *)all.p + at;
        out->n = n;
    } else if (type != 0) {
        return false;
    }
    i->in.p = p + 2 + p[1];
    i->left--;
    return true;
}

static void log_ask_value(const struct dx_step *s, const struct dx_op *op, int width, int precision,
                          const struct dx_arg *arg, struct dx_buf *out)
{
    bool text = arg->kind == 2 || arg->kind == 4;
    if (s->text && text && arg->n && !arg->hidden && !arg->damaged) {
        size_t n = strnlen((const char *)arg->p, arg->n);
        n = precision > 0 && (size_t)precision < n ? (size_t)precision : n;
        log_ask_put(out, (const char *)arg->p, n);
    } else {
        dx_render_value(op, width, precision, arg, out);
    }
}

void dx_judge_arguments(const struct dx_judge *j, const struct dx_entry *e,
                        const struct dx_lead *lead, struct dx_buf *out)
{
    const struct dx_judged *v = atomic_load_explicit(&e->format->judged, memory_order_acquire);
    const char *before = (const char *)&v->steps[v->count];
    bool joined = lead->tail.n != 0;
    struct dx_args args;
    dx_args_begin(&args, e);
    log_ask_put(out, lead->tail.p, lead->tail.n);
    for (size_t i = 0; i < v->count; before += v->steps[i].before, i++) {
        const struct dx_step *s = &v->steps[i];
        const struct dx_op *op = &e->format->ops[i];
        struct dx_arg arg;
        int width = s->width, precision = s->precision;
        if (!log_ask_next(&args, s, &arg) && !dx_args_value(&args, op, &width, &precision, &arg)) {
            if (joined) {
                log_ask_put(out, before, s->before);
            }
            return; /* the rest reads "<decode: missing data>" */
        }
        bool looked = s->looks == DX_LOOK_ALL || !log_ask_small(j, s, &arg);
        /* A piece between two arguments that are not looked at is of no interest. */
        if (looked || joined) {
            log_ask_put(out, before, s->before);
        }
        if (looked) {
            log_ask_value(s, op, width, precision, &arg, out);
        } else if (joined) {
            log_ask_put(out, "\n", 1);
        }
        joined = looked;
    }
    if (joined) {
        log_ask_put(out, before, v->after);
    }
}
