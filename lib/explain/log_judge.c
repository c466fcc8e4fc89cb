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

struct dx_judge {
    const struct dx_search *search;
    uint64_t *begins, *ends; /* hashes of proper beginnings and ends of literals */
    struct dx_buf all;       /* the literals in lower case, a line end between */
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

static void log_judge_put(uint64_t *set, uint64_t h)
{
    h |= 1; /* 0 is free */
    for (size_t i = h >> 48;; i = (i + 1) % SLOTS) {
        if (set[i] == h) {
            return;
        }
        if (set[i] == 0) {
            set[i] = h;
            return;
        }
    }
}

static bool log_judge_has(const uint64_t *set, uint64_t h)
{
    h |= 1;
    for (size_t i = h >> 48; set[i]; i = (i + 1) % SLOTS) {
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

static void log_judge_add(struct dx_judge *j, const char *s)
{
    size_t n = strlen(s);
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i + 1 < n; i++) {
        h = hash_on(h, s[i]);
        log_judge_put(j->begins, h);
    }
    h = 0xcbf29ce484222325u;
    for (size_t i = n; i > 1; i--) {
        h = hash_on(h, s[i - 1]);
        log_judge_put(j->ends, h);
    }
    for (size_t i = 0; i < n; i++) {
        char c = log_judge_lower(s[i]);
        dx_buf_add(&j->all, &c, 1);
    }
    dx_buf_add(&j->all, "\n", 1);
    j->longest = n > j->longest ? n : j->longest;
    log_judge_number(j, s, n);
}

struct dx_judge *dx_judge_new(struct dx_arena *a)
{
    struct dx_judge *j = dx_alloc(a, sizeof *j);
    j->a = a;
    j->least = UINT64_MAX;
    j->begins = dx_calloc(a, SLOTS, sizeof *j->begins);
    j->ends = dx_calloc(a, SLOTS, sizeof *j->ends);
    j->search = dx_search_new(a);
    dx_buf_init(&j->all, a, (size_t)1 << 20);
    for (size_t i = 0; i < kb_symptom_count; i++) {
        const struct kb_symptom *kb = &kb_symptom_rows[i];
        for (const char *s = kb_first(kb->literal); *s && kb->in != KB_SYMPTOM_IN_PROSE;
             s = kb_next(s)) {
            log_judge_add(j, s);
        }
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
        for (size_t i = s.n - k; i < s.n; i++) {
            h = hash_on(h, s.p[i]);
        }
        if (log_judge_has(j->begins, h)) {
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
        for (size_t i = k; i > 0; i--) {
            h = hash_on(h, s.p[i - 1]);
        }
        if (log_judge_has(j->ends, h)) {
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
    }
    return memmem(j->all.p, j->all.n, text, s.n) != NULL;
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
        const struct step *s = &v->steps[i];
        struct dx_str before = s->gap ? s->tail : s->head;
        struct dx_str behind = i + 1 < f->count ? v->steps[i + 1].head : v->after;
        bool text = log_judge_is_text(&f->ops[i]) || before.n || behind.n;
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
    struct dx_args args;
    dx_args_begin(&args, e);
    dx_buf_add(out, lead->tail.p, lead->tail.n);
    for (size_t i = 0; i < v->count; i++) {
        const struct dx_op *op = &e->format->ops[i];
        struct dx_arg arg;
        int width, precision;
        put_step(&v->steps[i], out);
        if (!dx_args_value(&args, op, &width, &precision, &arg)) {
            break; /* the rest reads "<decode: missing data>" */
        }
        bool looked = v->steps[i].large ? log_judge_large(j, op, &arg) : v->steps[i].argument;
        if (looked) {
            dx_render_value(op, width, precision, &arg, out);
        } else {
            dx_buf_add(out, "\n", 1);
        }
    }
    dx_buf_add(out, v->after.p, v->after.n);
    return true;
}
