/* One chunk set: which of its entries could show a symptom, and what those show. */
#include "explain/log_look.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "dext/log.h"
#include "explain/log_judge.h"

#define BATCH_MOST ((size_t)64 << 20)
#define TEXT_MOST 1024
/* An entry, and where its text begins in the batch. */
struct asked_entry {
    size_t at;
    size_t raw;
};

#define LOOK_AHEAD 16 /* entries that are glanced at before the first of them is asked */
#define LEADS 256     /* processes of which a thread knows what stands before their messages */
#define LEADS_BYTES ((size_t)1 << 20)

struct dx_look {
    struct dext_unified *u;
    struct dx_judge *judge;
    struct dext_ctx *ctx;
    struct dx_patterns *patterns;
    struct dx_unpacked x;
    struct dx_arena batch_arena, message_arena, strings;
    struct dx_buf batch, message;
    struct asked_entry *asked;
    size_t asked_count, asked_cap;
    uint64_t *marks;
    size_t marks_cap;
    struct dx_raw *marked; /* entries in which something was found */
    size_t marked_count, marked_cap;
    struct dx_entry glances[LOOK_AHEAD];
    enum dx_glance glanced[LOOK_AHEAD];
    struct dx_lead leads[LEADS]; /* by process */
    struct dx_arena leads_arena;
    /* of the entry whose message is compared */
    const struct dx_entry *entry;
    size_t lead_n;          /* of its bytes, what stands before the message */
    struct dx_arena *arena; /* of what is found */
    struct dx_log_find *first, **last, *told;
    unsigned repeats;
};

static void *log_look_must(void *p)
{
    if (!p) {
        abort();
    }
    return p;
}

/* "2026-01-15 11:00:01.150 kernel[0]: DK: ..." */
static struct dx_str log_look_shown(struct dx_look *w, struct dx_arena *a, const struct dx_hit *hit,
                                    struct dx_hit *kept)
{
    const struct dx_logger *by = hit->by;
    size_t lead = w->lead_n, n = w->message.n - lead;
    const char *head = dx_sprintf(a, "%.10s %.12s %.*s[%u]: ", by->time, by->time + 11,
                                  (int)by->process.n, by->process.p, (unsigned)by->pid);
    size_t at = strlen(head), most = n < TEXT_MOST ? n : TEXT_MOST;
    char *text = dx_alloc(a, at + most + 1);
    memcpy(text, head, at); /* NOLINT(bugprone-not-null-terminated-result): more follows */
    memcpy(text + at, w->message.p + lead, most);
    struct dx_str span = hit->span_count ? hit->span[0] : (struct dx_str){NULL, 0};
    if (span.p && span.p >= w->message.p + lead && span.p + span.n <= w->message.p + lead + most) {
        kept->span[0] = (struct dx_str){text + at + (span.p - w->message.p) - lead, span.n};
        kept->span_count = 1;
    }
    return (struct dx_str){text, at + most};
}

/* Who logged the entry that is compared; returns when. */
static int64_t log_look_logger(const struct dx_look *w, struct dx_logger *by)
{
    const struct dx_entry *e = w->entry;
    const struct dx_process *p = e->process;
    int zone;
    int64_t wall = dx_clock_wall(e->from->set->trace->boot, e->ticks, &zone);
    bool known = p && p->main && p->main->image_count;
    *by = (struct dx_logger){.process = dx_str(p ? p->name : ""),
                             .path = dx_str(known ? p->main->images[0].path : ""),
                             .image = dx_str(dx_path_name(e->image.path ? e->image.path : "")),
                             .subsystem = dx_str(e->subsystem),
                             .category = dx_str(e->category),
                             .pid = p ? p->pid : 0,
                             .thread = e->thread};
    if (dx_str_eq(by->image, by->process)) {
        by->image = DX_STR("");
    }
    dx_logger_time(by, wall, zone);
    return wall;
}

static struct dx_str log_look_boot(struct dx_look *w)
{
    const struct dx_boot *b = w->entry->from->set->trace->boot;
    struct dx_buf text;
    dx_buf_init(&text, w->arena, 64);
    dx_put_uuid(&text, b->uuid);
    return dx_buf_str(&text);
}

static void log_look_on_hit(void *user, const struct dx_hit *found)
{
    struct dx_look *w = user;
    struct dx_arena *a = w->arena;
    struct dx_hit hit = *found;
    struct dx_logger by;
    hit.when = log_look_logger(w, &by);
    hit.by = &by;
    hit.staging = hit.staging.n ? hit.staging : dx_staging_in(by.path);
    hit.boot = w->told ? w->told->hit.boot : log_look_boot(w);
    bool again = w->told && dx_hit_same(&w->told->hit, &hit);
    w->repeats = again ? w->repeats + 1 : 0;
    if (w->repeats > DEXT_EVIDENCE_MOST) { /* no more is kept of it than its number */
        w->told->hit.more++;
        w->told->hit.when = hit.when;
        w->told->ticks = w->entry->ticks;
        return;
    }
    struct dx_log_find *f = dx_alloc(a, sizeof *f);
    dx_hit_keep(a, &f->hit, &hit, again ? &w->told->hit : NULL);
    f->rank = w->entry->from->set->trace->boot->rank;
    f->ticks = w->entry->ticks;
    if (w->repeats < DEXT_EVIDENCE_MOST) {
        f->hit.by = dx_logger_copy(a, &by);
        f->text = log_look_shown(w, a, &hit, &f->hit);
    }
    *w->last = f;
    w->last = &f->next;
    w->told = f;
}

static const struct dx_lead *log_look_lead(struct dx_look *w, const struct dx_process *p)
{
    size_t at = (size_t)(((uintptr_t)p >> 4) * 0x9e3779b97f4a7c15u >> 56);
    struct dx_lead *lead = &w->leads[at];
    if (lead->process != p || !lead->text.p) {
        if (w->leads_arena.total > LEADS_BYTES) {
            dx_arena_rewind(&w->leads_arena, (struct dx_mark){0});
            memset(w->leads, 0, sizeof w->leads);
        }
        dx_judge_lead(w->judge, p, lead, &w->leads_arena);
    }
    return lead;
}

static void log_look_compare(struct dx_look *w, const struct dx_raw *raw)
{
    struct dx_entry e;
    if (!dx_entry_read(w->u, &w->x, raw, &e, &w->strings)) {
        return;
    }
    const struct dx_lead *lead = log_look_lead(w, e.process);
    w->message.n = 0;
    w->message.toobig = false;
    dx_buf_add(&w->message, lead->text.p, lead->text.n);
    dx_render(w->u, &e, &w->message);
    while (w->message.n && strchr(" \t\r\n", w->message.p[w->message.n - 1])) {
        w->message.n--;
    }
    w->entry = &e;
    w->lead_n = lead->text.n;
    dx_patterns_match(w->patterns, dx_buf_str(&w->message), log_look_on_hit, w);
    w->entry = NULL;
}

/* The entry is compared. */
static void log_look_mark(struct dx_look *w, size_t raw)
{
    if (w->marked_count == w->marked_cap) {
        w->marked_cap = w->marked_cap ? w->marked_cap * 2 : 256;
        w->marked = log_look_must(realloc(w->marked, w->marked_cap * sizeof *w->marked));
    }
    w->marked[w->marked_count++] = w->x.raw[raw];
}

/* What was added to the batch since is the entry's. */
static void log_look_batch(struct dx_look *w, size_t raw, size_t at)
{
    if (w->batch.n == at) {
        return;
    }
    dx_buf_add(&w->batch, "\n", 1);
    if (w->asked_count == w->asked_cap) {
        w->asked_cap = w->asked_cap ? w->asked_cap * 2 : 4096;
        w->asked = log_look_must(realloc(w->asked, w->asked_cap * sizeof *w->asked));
    }
    w->asked[w->asked_count++] = (struct asked_entry){at, raw};
}

/* An entry that has to be read whole to be asked. */
static void log_look_ask_whole(struct dx_look *w, size_t raw)
{
    struct dx_entry e;
    bool whole = false;
    size_t at = w->batch.n;
    if (!dx_entry_read(w->u, &w->x, &w->x.raw[raw], &e, &w->strings) ||
        !(e.kind == DEXT_UNIFIED_LOG || e.kind == DEXT_UNIFIED_TRACE ||
          e.kind == DEXT_UNIFIED_ACTIVITY || e.kind == DEXT_UNIFIED_ACTION)) {
        return;
    }
    if (!dx_judge_entry(w->judge, w->u, &e, log_look_lead(w, e.process), &w->batch, &whole)) {
        if (!e.text.p && (!e.format || !e.format->text.p)) {
            DX_COUNT(w->u, unrendered, 1);
        }
    } else if (whole) {
        w->batch.n = at;
        log_look_mark(w, raw);
    } else {
        log_look_batch(w, raw, at);
    }
}

static void log_look_ask(struct dx_look *w, size_t raw, enum dx_glance glance, struct dx_entry *e)
{
    if (glance == DX_GLANCE_PASS) {
        return;
    }
    if (glance == DX_GLANCE_READ) {
        log_look_ask_whole(w, raw);
        return;
    }
    if (!e->format->text.p) {
        DX_COUNT(w->u, unrendered, 1);
        return;
    }
    const struct dx_lead *lead = log_look_lead(w, e->process);
    enum dx_may may = dx_judge_format(w->judge, w->u, e->format, lead);
    if (may == DX_MAY_ASK && dx_glance_arguments(e)) {
        size_t at = w->batch.n;
        dx_judge_arguments(w->judge, e, lead, &w->batch);
        log_look_batch(w, raw, at);
    } else if (may == DX_MAY_ASK) {
        log_look_ask_whole(w, raw);
    } else if (may == DX_MAY_ALWAYS) {
        log_look_mark(w, raw);
    }
}

/* Some entries at once: what is known of their formats is spread over memory, and comes while
 * others are looked at. */
static void log_look_ask_some(struct dx_look *w, size_t first, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct dx_entry *e = &w->glances[i];
        w->glanced[i] = dx_entry_glance(w->u, &w->x, &w->x.raw[first + i], e);
        if (w->glanced[i] == DX_GLANCE_LOOK) {
            __builtin_prefetch(e->format);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (w->glanced[i] == DX_GLANCE_LOOK) {
            __builtin_prefetch(
                atomic_load_explicit(&w->glances[i].format->judged, memory_order_relaxed));
        }
    }
    for (size_t i = 0; i < count; i++) {
        log_look_ask(w, first + i, w->glanced[i], &w->glances[i]);
    }
}

/* The next grain from there on that is marked, or one behind the last. */
static size_t log_look_next(const struct dx_look *w, size_t grain, size_t words)
{
    size_t i = grain / 64;
    uint64_t bits = i < words ? w->marks[i] >> grain % 64 << grain % 64 : 0;
    while (!bits && ++i < words) {
        bits = w->marks[i];
    }
    return i < words ? i * 64 + (size_t)__builtin_ctzll(bits) : words * 64;
}

/* Which of those that were asked have a marked place. */
static void log_look_answer(struct dx_look *w)
{
    size_t words = w->batch.n / DX_GRAIN / 64 + 1;
    if (words > w->marks_cap) {
        w->marks_cap = words * 2;
        w->marks = log_look_must(realloc(w->marks, w->marks_cap * sizeof *w->marks));
    }
    memset(w->marks, 0, words * sizeof *w->marks);
    dx_search_mark(dx_patterns_search(w->patterns), dx_buf_str(&w->batch), w->marks);
    size_t marked = log_look_next(w, 0, words);
    for (size_t i = 0; i < w->asked_count && marked < words * 64; i++) {
        size_t from = w->asked[i].at / DX_GRAIN;
        size_t end = i + 1 < w->asked_count ? w->asked[i + 1].at : w->batch.n;
        if (marked < from) {
            marked = log_look_next(w, from, words);
        }
        if (marked <= (end - 1) / DX_GRAIN) {
            log_look_mark(w, w->asked[i].raw);
        }
    }
    w->batch.n = 0;
    w->batch.toobig = false;
    w->asked_count = 0;
}

struct dx_log_find *dx_look_at(struct dx_look *w, const struct dx_set *set, bool keep,
                               struct dx_arena *a)
{
    w->arena = a;
    w->told = NULL;
    w->repeats = 0;
    w->marked_count = 0;
    w->first = NULL;
    w->last = &w->first;
    dx_unpack_set(w->u, set, &w->x);
    if (keep && w->x.over_count) {
        dx_oversize_keep(w->u, &w->x);
    }
    /* Entries are asked as they stand; what is to be compared comes in the order of time. */
    for (size_t i = 0, n = w->x.count; i < n; i += LOOK_AHEAD) {
        log_look_ask_some(w, i, n - i < LOOK_AHEAD ? n - i : LOOK_AHEAD);
        if (w->batch.n > BATCH_MOST / 4) {
            log_look_answer(w);
        }
    }
    if (w->asked_count) {
        log_look_answer(w);
    }
    dx_raws_sort(w->marked, w->marked_count);
    for (size_t i = 0; i < w->marked_count; i++) {
        log_look_compare(w, &w->marked[i]);
    }
    dx_arena_rewind(&w->strings, (struct dx_mark){0});
    return w->first;
}

struct dx_look *dx_look_new(struct dext_unified *u, struct dx_judge *judge)
{
    struct dx_look *w = log_look_must(calloc(1, sizeof *w));
    w->u = u;
    w->judge = judge;
    w->ctx = dext_ctx_new(&u->ctx->limits);
    w->patterns = dx_patterns_new(w->ctx);
    dx_buf_init(&w->batch, &w->batch_arena, BATCH_MOST);
    dx_buf_init(&w->message, &w->message_arena, DX_MESSAGE_BYTES);
    return w;
}

void dx_look_free(struct dx_look *w)
{
    if (!w) {
        return;
    }
    dx_patterns_free(w->patterns);
    dext_ctx_free(w->ctx);
    dx_unpacked_free(&w->x);
    dx_arena_free(&w->batch_arena);
    dx_arena_free(&w->message_arena);
    dx_arena_free(&w->strings);
    dx_arena_free(&w->leads_arena);
    free(w->asked);
    free(w->marks);
    free(w->marked);
    free(w);
}
