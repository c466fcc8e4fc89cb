/* Formats against literals. A literal that is in a message stands in one piece of literal text of
 * the format, in one argument, or across their borders. What can reach across a border: the end of
 * a piece that begins a literal, the beginning of a piece that ends one, or a piece that is the
 * inside of one. Only that is kept of each piece; where nothing is kept, a line end keeps
 * neighbours apart.
 */
#include "explain/log_judged.h"

#include <stdlib.h>
#include <string.h>

#include "kb.h"

#define SLOTS 65536u /* literals have some 20,000 beginnings and ends together */

#define DIGIT_SLOTS 8192u /* those next to a digit are some 2,000 */

/* What numbers are written with: in base 10, and in base 16. */
#define DECIMAL "0123456789+-"
#define HEXADECIMAL "0123456789abcdefx"

#define MOST_KEPT_PIECES 256 /* of a format; clang allows 48 arguments */

/* What is kept of a piece; gap: something between was left out. */
struct kept_piece {
    struct dx_str head, tail;
    bool gap;
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

static uint64_t log_judge_power(uint64_t base, size_t n)
{
    uint64_t v = 1;
    for (; n && v < UINT64_MAX; n--) {
        v = v > UINT64_MAX / base ? UINT64_MAX : v * base;
    }
    return v;
}

/* A literal that consists of what numbers are written with. With that many digits behind leading
 * zeros a number is at least so large. */
static void log_judge_number(struct dx_judge *j, const char *s, size_t n)
{
    size_t digits = n - strspn(s, "+-0xX."), before = digits ? digits - 1 : 0;
    if (strspn(s, DECIMAL) == n) {
        uint64_t least = log_judge_power(10, before);
        j->least_decimal = least < j->least_decimal ? least : j->least_decimal;
    }
    if (strspn(s, HEXADECIMAL "ABCDEFX") == n) {
        uint64_t least = log_judge_power(16, before);
        j->least_hexadecimal = least < j->least_hexadecimal ? least : j->least_hexadecimal;
    }
    size_t exponent = strcspn(s, "eE"); /* of a number that has one, its sign is always written */
    bool possible = exponent + 1 >= n || strchr("+-", s[exponent + 1]);
    if (strspn(s, DECIMAL ".eE") == n && possible) {
        digits = strspn(s, DECIMAL) == n ? digits : 0;
        j->fewest = digits < j->fewest ? digits : j->fewest;
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
    j->least_decimal = j->least_hexadecimal = UINT64_MAX;
    j->fewest = SIZE_MAX;
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

static void keep_piece(const struct dx_judge *j, struct dx_str s, struct kept_piece *out)
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

/* What a conversion's first and last characters may be, when it writes nothing but a number that is
 * finite; NULL: more than that. */
static const char *log_judge_digits(const struct dx_op *op)
{
    bool bare = op->width == -1 && !op->space && !log_judge_is_text(op);
    if (strchr("eEfFgG", op->conv)) {
        return bare && !op->alt && op->precision != DX_STAR ? DECIMAL : NULL;
    }
    return !bare || op->precision != -1 ? NULL
           : strchr("diuDU", op->conv)  ? DECIMAL
           : strchr("xXp", op->conv)    ? HEXADECIMAL
                                        : NULL;
}

/* A piece that is the inside of a literal: whether it is one with a digit behind it (or before). */
static bool inside_by_digit(const struct dx_judge *j, struct dx_str s, const char *digits,
                            bool behind)
{
    char text[256];
    if (s.n == 0 || s.n > sizeof text) {
        return true;
    }
    for (size_t i = 0; i < s.n; i++) {
        text[i] = log_judge_lower(s.p[i]);
    }
    const char *all = j->all.p, *end = all + j->all.n, *at = all;
    while ((at = memmem(at, (size_t)(end - at), text, s.n)) != NULL) {
        char c = behind ? at[s.n] : at > all ? at[-1] : '\n'; /* a line end is the last in all */
        if (strchr(digits, c)) {
            return true;
        }
        at++;
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

/* Which numbers have to be looked at where no literal reaches into them from the text around. */
static enum dx_looks log_judge_large_ones(const struct dx_judge *j, const struct dx_op *op,
                                          const char *digits)
{
    if (strchr("eEfFgG", op->conv)) { /* there are digits behind the point, and of an exponent */
        int at_once = op->precision < 0 ? 6 : op->precision < 4 ? 4 : op->precision;
        return (size_t)at_once + 1 < j->fewest ? DX_LOOK_LARGE_FLOAT : DX_LOOK_ALL;
    }
    return strcmp(digits, HEXADECIMAL) == 0 ? DX_LOOK_LARGE_HEXADECIMAL : DX_LOOK_LARGE_DECIMAL;
}

/* Of one conversion between two pieces. last: the message ends with what follows. */
static struct dx_step log_judge_step(const struct dx_judge *j, const struct dx_op *op,
                                     const struct kept_piece *piece, const struct kept_piece *next,
                                     bool last)
{
    struct dx_str before = piece->gap ? piece->tail : piece->head;
    const char *digits = log_judge_digits(op);
    bool end = last && next->head.n == 0 && !next->gap;
    struct dx_step s = {.looks = DX_LOOK_ALL,
                        .negative = op->conv == 'd' || op->conv == 'i',
                        .plain = op->width != DX_STAR && op->precision != DX_STAR,
                        .text = strchr("@sS", op->conv) && op->as == DX_AS_PLAIN && op->width == -1,
                        .width = (int16_t)op->width,
                        .precision = (int16_t)op->precision};
    if (digits && !reaches_back(j, before, !piece->gap, digits) &&
        (end || !reaches_on(j, next->head, !next->gap, digits))) {
        s.looks = (uint8_t)log_judge_large_ones(j, op, digits);
    }
    return s;
}

/* Writes what is kept of a piece as one text, with a line end where something was left out. */
static size_t log_judge_kept(const struct kept_piece *p, char *out)
{
    memcpy(out, p->head.p, p->head.n);
    if (!p->gap) {
        return p->head.n;
    }
    out[p->head.n] = '\n';
    memcpy(out + p->head.n + 1, p->tail.p, p->tail.n);
    return p->head.n + 1 + p->tail.n;
}

static const struct dx_judged *log_judge_judge(struct dx_judge *j, struct dx_arena *a,
                                               const struct dx_format *f)
{
    static const struct dx_judged always = {.verdict = DX_MAY_ALWAYS};
    struct kept_piece pieces[MOST_KEPT_PIECES];
    size_t bytes = 0;
    if (f->count >= MOST_KEPT_PIECES) {
        return &always;
    }
    for (size_t i = 0; i <= f->count; i++) {
        struct dx_str text = i < f->count ? f->ops[i].before : f->after;
        if (holds_one(j, text)) {
            return &always;
        }
        keep_piece(j, text, &pieces[i]);
        bytes += pieces[i].head.n + 1 + pieces[i].tail.n;
    }
    struct dx_judged *v = dx_alloc(a, sizeof *v + f->count * sizeof v->steps[0] + bytes);
    char *out = (char *)&v->steps[f->count];
    for (size_t i = 0; i < f->count; i++) {
        v->steps[i] = log_judge_step(j, &f->ops[i], &pieces[i], &pieces[i + 1], i + 1 == f->count);
        v->steps[i].before = (uint16_t)log_judge_kept(&pieces[i], out);
        out += v->steps[i].before;
    }
    struct kept_piece last = pieces[f->count];
    last.gap = false; /* behind it, there is nothing */
    v->after = (uint16_t)log_judge_kept(&last, out);
    v->count = (uint16_t)f->count;
    v->verdict = f->count ? DX_MAY_ASK : DX_MAY_NEVER;
    return v;
}

static const struct dx_judged *judged(struct dx_judge *j, struct dext_unified *u,
                                      struct dx_format *f)
{
    const struct dx_judged *v = atomic_load_explicit(&f->judged, memory_order_acquire);
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

enum dx_may dx_judge_format(struct dx_judge *j, struct dext_unified *u, struct dx_format *f,
                            const struct dx_lead *lead)
{
    const struct dx_judged *v = judged(j, u, f);
    if (v->verdict == DX_MAY_ALWAYS || lead->always) {
        return DX_MAY_ALWAYS;
    }
    return v->verdict == DX_MAY_NEVER && lead->tail.n == 0 ? DX_MAY_NEVER : DX_MAY_ASK;
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
    enum dx_may may = dx_judge_format(j, u, e->format, lead);
    *whole = may == DX_MAY_ALWAYS;
    if (may == DX_MAY_ASK) {
        dx_judge_arguments(j, e, lead, out);
    }
    return may != DX_MAY_NEVER;
}
