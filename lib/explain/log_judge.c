/* Formats against literals. A literal that is in a message stands in one piece of literal text of
 * the format, in one argument, or across their borders. What can reach across a border: the end of
 * a piece that begins a literal, the beginning of a piece that ends one, or a piece that is the
 * inside of one. Only that is kept of each piece; where nothing is kept, a line end keeps
 * neighbours apart.
 */
#include "explain/log_judge.h"

#include <stdlib.h>
#include <string.h>

#include "kb.h"

#define SLOTS 65536u /* literals have some 20,000 beginnings and ends together */

#define DIGIT_SLOTS 8192u /* those next to a digit are some 2,000 */

/* What numbers are written with: in base 10, and in base 16. */
#define DECIMAL "0123456789+-"
#define HEXADECIMAL "0123456789abcdefx"

struct dx_judge {
    const struct dx_search *search;
    uint64_t *begins, *ends; /* hashes of proper beginnings and ends of literals */
    /* Beginnings, and literals, whose last character may be a number's; ends, and literals, whose
     * first one may. */
    uint64_t *begins_to_digit, *ends_from_digit;
    struct dx_buf all;                   /* the literals in lower case, a line end between */
    uint64_t pairs[1024], triples[1024]; /* bits: characters that follow each other in all */
    size_t longest;
    uint64_t least; /* a smaller number has too few digits for the literals that are numbers */
    struct dx_arena *a;
};

enum verdict { NEVER, ALWAYS, ASK };

/* Before and of one conversion. */
struct step {
    struct dx_str head, tail; /* kept of the piece before it; gap: something between was left out */
    bool gap, argument;       /* argument: its value is looked at */
    bool large;               /* only if it is a large number */
};

struct judged {
    enum verdict verdict;
    struct step *steps;
    size_t count; /* behind these, nothing matters but after */
    struct dx_str after;
};

static char log_judge_lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

/* ---- literals -----------------------------------------------------------------------------------
 */

static uint64_t hash_on(uint64_t h, char c)
{
    return (h ^ (unsigned char)log_judge_lower(c)) * 0x100000001b3u;
}

static void log_judge_put(uint64_t *set, size_t slots, uint64_t h)
{
    h |= 1; /* 0 is free */
    for (size_t i = (h >> 32) % slots;; i = (i + 1) % slots) {
        if (set[i] == h) {
            return;
        }
        if (set[i] == 0) {
            set[i] = h;
            return;
        }
    }
}

static bool log_judge_has(const uint64_t *set, size_t slots, uint64_t h)
{
    h |= 1;
    for (size_t i = (h >> 32) % slots; set[i]; i = (i + 1) % slots) {
        if (set[i] == h) {
            return true;
        }
    }
    return false;
}

/* A literal that consists of what numbers are written with. With that many digits behind leading
 * zeros a number is at least so large, in whatever base it is written; octal needs most of them. */
static void log_judge_number(struct dx_judge *j, const char *s, size_t n)
{
    if (strspn(s, "0123456789abcdefABCDEFxX-+.") == n) {
        size_t digits = n - strspn(s, "+-0xX.");
        uint64_t least = digits > 1 && digits < 20 ? (uint64_t)1 << 3 * (digits - 1) : 0;
        j->least = least < j->least ? least : j->least;
    }
}

static bool log_judge_of_number(char c)
{
    c = log_judge_lower(c);
    return c && (strchr(DECIMAL, c) || strchr(HEXADECIMAL, c));
}

static void log_judge_add(struct dx_judge *j, const char *s)
{
    size_t n = strlen(s);
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < n; i++) {
        h = hash_on(h, s[i]);
        if (i + 1 < n) {
            log_judge_put(j->begins, SLOTS, h);
        }
        if (i && log_judge_of_number(s[i])) {
            log_judge_put(j->begins_to_digit, DIGIT_SLOTS, h);
        }
    }
    h = 0xcbf29ce484222325u;
    for (size_t i = n; i > 0; i--) {
        h = hash_on(h, s[i - 1]);
        if (i > 1) {
            log_judge_put(j->ends, SLOTS, h);
        }
        if (i < n && log_judge_of_number(s[i - 1])) {
            log_judge_put(j->ends_from_digit, DIGIT_SLOTS, h);
        }
    }
    for (size_t i = 0; i < n; i++) {
        char c = log_judge_lower(s[i]);
        dx_buf_add(&j->all, &c, 1);
    }
    dx_buf_add(&j->all, "\n", 1);
    j->longest = n > j->longest ? n : j->longest;
    log_judge_number(j, s, n);
}

/* Three characters that stand somewhere in the literals; more do, by chance. */
static unsigned log_judge_triple(const char *p)
{
    uint64_t h = (uint64_t)(unsigned char)p[0] << 16 | (uint64_t)(unsigned char)p[1] << 8 |
                 (unsigned char)p[2];
    return (unsigned)(h * 0x9e3779b97f4a7c15u >> 48);
}

static unsigned log_judge_pair(const char *p)
{
    return (unsigned)(unsigned char)p[0] << 8 | (unsigned char)p[1];
}

static bool log_judge_pair_is_in(const struct dx_judge *j, const char *p)
{
    unsigned t = log_judge_pair(p);
    return j->pairs[t / 64] >> t % 64 & 1;
}

static bool log_judge_triple_is_in(const struct dx_judge *j, const char *p)
{
    unsigned t = log_judge_triple(p);
    return j->triples[t / 64] >> t % 64 & 1;
}

struct dx_judge *dx_judge_new(struct dx_arena *a)
{
    struct dx_judge *j = dx_calloc(a, 1, sizeof *j);
    j->a = a;
    j->least = UINT64_MAX;
    j->begins = dx_calloc(a, SLOTS, sizeof *j->begins);
    j->ends = dx_calloc(a, SLOTS, sizeof *j->ends);
    j->begins_to_digit = dx_calloc(a, DIGIT_SLOTS, sizeof *j->begins_to_digit);
    j->ends_from_digit = dx_calloc(a, DIGIT_SLOTS, sizeof *j->ends_from_digit);
    j->search = dx_search_new(a);
    dx_buf_init(&j->all, a, (size_t)1 << 20);
    for (size_t i = 0; i < kb_symptom_count; i++) {
        const struct kb_symptom *kb = &kb_symptom_rows[i];
        for (const char *s = kb_first(kb->literal); *s && kb->in != KB_SYMPTOM_IN_PROSE;
             s = kb_next(s)) {
            log_judge_add(j, s);
        }
    }
    for (size_t i = 0; i + 2 < j->all.n; i++) {
        unsigned t = log_judge_triple(j->all.p + i), p = log_judge_pair(j->all.p + i);
        j->triples[t / 64] |= (uint64_t)1 << t % 64;
        j->pairs[p / 64] |= (uint64_t)1 << p % 64;
    }
    return j;
}

static bool holds_one(const struct dx_judge *j, struct dx_str s)
{
    return s.n && dx_search_rows(j->search, s, NULL);
}

/* Length of the longest end of s that begins a literal; of the longest beginning that ends one. */
static size_t end_that_begins(const struct dx_judge *j, struct dx_str s)
{
    size_t most = s.n < j->longest ? s.n : j->longest;
    for (size_t k = most; k > 0; k--) {
        uint64_t h = 0xcbf29ce484222325u;
        bool begins = true; /* what begins a literal does so from its first character on */
        for (size_t i = s.n - k; begins && i < s.n; i++) {
            h = hash_on(h, s.p[i]);
            begins = log_judge_has(j->begins, SLOTS, h);
        }
        if (begins) {
            return k;
        }
    }
    return 0;
}

static size_t beginning_that_ends(const struct dx_judge *j, struct dx_str s)
{
    size_t most = s.n < j->longest ? s.n : j->longest;
    for (size_t k = most; k > 0; k--) {
        uint64_t h = 0xcbf29ce484222325u;
        bool ends = true;
        for (size_t i = k; ends && i > 0; i--) {
            h = hash_on(h, s.p[i - 1]);
            ends = log_judge_has(j->ends, SLOTS, h);
        }
        if (ends) {
            return k;
        }
    }
    return 0;
}

static bool is_inside(const struct dx_judge *j, struct dx_str s)
{
    char text[256];
    if (s.n == 0 || s.n > j->longest || s.n > sizeof text) {
        return s.n == 0;
    }
    for (size_t i = 0; i < s.n; i++) {
        text[i] = log_judge_lower(s.p[i]);
        if (i > 1 && !log_judge_triple_is_in(j, text + i - 2)) {
            return false;
        }
    }
    return s.n == 2 ? log_judge_pair_is_in(j, text) : memmem(j->all.p, j->all.n, text, s.n) != NULL;
}

/* ---- formats ------------------------------------------------------------------------------------
 */

/* Whether any text can come of it; else it is written like a number. */
static bool log_judge_is_text(const struct dx_op *op)
{
    return strchr("@sSmcC", op->conv) != NULL || (op->as != DX_AS_PLAIN && op->as != DX_AS_UUID);
}

static void keep_piece(const struct dx_judge *j, struct dx_str s, struct step *out)
{
    size_t head = beginning_that_ends(j, s), tail = end_that_begins(j, s);
    if (is_inside(j, s) || head + tail >= s.n) {
        out->head = s;
        out->tail = (struct dx_str){s.p + s.n, 0};
        out->gap = false;
        return;
    }
    out->head = (struct dx_str){s.p, head};
    out->tail = (struct dx_str){s.p + s.n - tail, tail};
    out->gap = true;
}

/* What a conversion's characters may be, when it writes nothing but a number; NULL: more than that.
 */
static const char *log_judge_digits(const struct dx_op *op)
{
    bool bare = op->width == -1 && op->precision == -1 && !op->space && !log_judge_is_text(op);
    return !bare                       ? NULL
           : strchr("diuDU", op->conv) ? DECIMAL
           : strchr("xX", op->conv)    ? HEXADECIMAL
                                       : NULL;
}

/* A piece that is the inside of a literal: whether it can be one with a digit behind it (or
 * before), as far as its last (first) two characters tell. */
static bool inside_by_digit(const struct dx_judge *j, struct dx_str s, const char *digits,
                            bool behind)
{
    if (s.n == 0) {
        return true;
    }
    for (const char *d = digits; *d; d++) {
        char a = log_judge_lower(s.p[behind ? s.n - 1 : 0]),
             b = s.n > 1 ? log_judge_lower(s.p[behind ? s.n - 2 : 1]) : 0;
        bool in = s.n == 1
                      ? log_judge_pair_is_in(j, behind ? (char[]){a, *d} : (char[]){*d, a})
                      : log_judge_triple_is_in(j, behind ? (char[]){b, a, *d} : (char[]){*d, a, b});
        if (in) {
            return true;
        }
    }
    return false;
}

/* Whether a literal can reach from a number into the text before it, or behind it. s: what is kept
 * of the piece there; whole: that is all of it. */
static bool reaches_back(const struct dx_judge *j, struct dx_str s, bool whole, const char *digits)
{
    for (size_t k = 1; k <= s.n; k++) {
        uint64_t h = 0xcbf29ce484222325u;
        for (size_t i = s.n - k; i < s.n; i++) {
            h = hash_on(h, s.p[i]);
        }
        for (const char *d = digits; *d; d++) {
            if (log_judge_has(j->begins_to_digit, DIGIT_SLOTS, hash_on(h, *d))) {
                return true;
            }
        }
    }
    return whole && inside_by_digit(j, s, digits, true);
}

static bool reaches_on(const struct dx_judge *j, struct dx_str s, bool whole, const char *digits)
{
    for (size_t k = 1; k <= s.n; k++) {
        uint64_t h = 0xcbf29ce484222325u;
        for (size_t i = k; i > 0; i--) {
            h = hash_on(h, s.p[i - 1]);
        }
        for (const char *d = digits; *d; d++) {
            if (log_judge_has(j->ends_from_digit, DIGIT_SLOTS, hash_on(h, *d))) {
                return true;
            }
        }
    }
    return whole && inside_by_digit(j, s, digits, false);
}

static struct judged *log_judge_judge(struct dx_judge *j, struct dx_arena *a,
                                      const struct dx_format *f)
{
    struct judged *v = dx_alloc(a, sizeof *v);
    bool never = true;
    v->verdict = ALWAYS;
    v->steps = dx_calloc(a, f->count + 1, sizeof *v->steps);
    for (size_t i = 0; i < f->count; i++) {
        if (holds_one(j, f->ops[i].before)) {
            return v;
        }
        keep_piece(j, f->ops[i].before, &v->steps[i]);
    }
    if (holds_one(j, f->after)) {
        return v;
    }
    struct step last;
    keep_piece(j, f->after, &last);
    v->after = last.head;
    for (size_t i = 0; i < f->count; i++) {
        const struct step *s = &v->steps[i], *next = i + 1 < f->count ? s + 1 : &last;
        struct dx_str before = s->gap ? s->tail : s->head;
        const char *digits = log_judge_digits(&f->ops[i]);
        bool end = next == &last && next->head.n == 0 && !next->gap; /* the message ends with it */
        bool text = log_judge_is_text(&f->ops[i]) || before.n || next->head.n;
        if (digits) {
            text = reaches_back(j, before, !s->gap, digits) ||
                   (!end && reaches_on(j, next->head, !next->gap, digits));
        }
        v->steps[i].argument = text || j->least < UINT64_MAX;
        v->steps[i].large = !text && f->ops[i].precision == -1 && f->ops[i].width == -1;
        never &= !v->steps[i].argument;
    }
    v->count = f->count;
    v->verdict = never ? NEVER : ASK;
    return v;
}

static const struct judged *judged(struct dx_judge *j, struct dext_unified *u, struct dx_format *f)
{
    const struct judged *v = atomic_load_explicit(&f->judged, memory_order_acquire);
    if (!v) {
        pthread_mutex_lock(&u->lock);
        v = log_judge_judge(j, &u->arena, f);
        pthread_mutex_unlock(&u->lock);
        atomic_store_explicit(&f->judged, v, memory_order_release);
    }
    return v;
}

/* ---- entries ------------------------------------------------------------------------------------
 */

void dx_judge_lead(const struct dx_judge *j, const struct dx_process *p, struct dx_lead *out,
                   struct dx_arena *a)
{
    const char *name = p ? p->name : "";
    char *text = dx_sprintf(a, "%s%s", name, name[0] ? ": " : "");
    out->process = p;
    out->text = dx_str(text);
    out->always = holds_one(j, out->text);
    size_t n = end_that_begins(j, out->text);
    out->tail = (struct dx_str){out->text.p + out->text.n - n, n};
}

static void put_step(const struct step *s, struct dx_buf *out)
{
    dx_buf_add(out, s->head.p, s->head.n);
    if (s->gap) {
        dx_buf_add(out, "\n", 1);
        dx_buf_add(out, s->tail.p, s->tail.n);
    }
}

/* Whether the number that is to be written is large enough for a literal to stand in it. */
static bool log_judge_large(const struct dx_judge *j, const struct dx_op *op,
                            const struct dx_arg *arg)
{
    if (arg->kind != 0 || arg->hidden || arg->damaged || !strchr("diuxXDU", op->conv) ||
        !(arg->n == 1 || arg->n == 2 || arg->n == 4 || arg->n == 8)) {
        return true;
    }
    uint64_t v = dx_le(arg->p, arg->n), top = (uint64_t)1 << (8 * arg->n - 1);
    bool negative = (v & top) != 0; /* written with a sign, or as a larger number */
    return v >= j->least && !(negative && (top << 1) - v < j->least && strchr("di", op->conv));
}

bool dx_judge_entry(struct dx_judge *j, struct dext_unified *u, const struct dx_entry *e,
                    const struct dx_lead *lead, struct dx_buf *out, bool *whole)
{
    *whole = false;
    if (e->text.p) { /* rendered by who wrote it */
        dx_buf_add(out, lead->tail.p, lead->tail.n);
        dx_buf_add(out, e->text.p, e->text.n);
        *whole = lead->always;
        return true;
    }
    if (!e->format || !e->format->text.p) {
        return false;
    }
    const struct judged *v = judged(j, u, e->format);
    if (v->verdict == ALWAYS || lead->always) {
        *whole = true;
        return true;
    }
    if (v->verdict == NEVER && lead->tail.n == 0) {
        return false;
    }
    /* A piece between two arguments that are not looked at is of no interest. */
    bool joined = lead->tail.n != 0;
    struct dx_args args;
    dx_args_begin(&args, e);
    dx_buf_add(out, lead->tail.p, lead->tail.n);
    for (size_t i = 0; i < v->count; i++) {
        const struct dx_op *op = &e->format->ops[i];
        struct dx_arg arg;
        int width, precision;
        if (!dx_args_value(&args, op, &width, &precision, &arg)) {
            if (joined) {
                put_step(&v->steps[i], out);
            }
            return true; /* the rest reads "<decode: missing data>" */
        }
        bool looked = v->steps[i].large ? log_judge_large(j, op, &arg) : v->steps[i].argument;
        if (looked || joined) {
            put_step(&v->steps[i], out);
        }
        if (looked) {
            dx_render_value(op, width, precision, &arg, out);
        } else if (joined) {
            dx_buf_add(out, "\n", 1);
        }
        joined = looked;
    }
    if (joined) {
        dx_buf_add(out, v->after.p, v->after.n);
    }
    return true;
}
