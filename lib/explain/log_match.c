/* Chunk sets go round: the caller fills a slot, a thread looks through it, the caller takes what
 * was found out of the slots in the order in which they were filled. */
#include "explain/log_match.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "dext/log.h"
#include "explain/log_judge.h"
#include "logs/log.h"

#define MOST_JOBS 8
#define SLOTS_EACH 3
#define LARGE_LOG ((size_t)4 << 20) /* from then on threads are worth their start */
#define BATCH_MOST ((size_t)64 << 20)
#define TEXT_MOST 1024
#define MOST_WAITING 200000
#define MOST_COPIED ((size_t)32 << 20)

struct find {
    struct find *next;
    struct dx_hit hit;
    struct dx_str text;
    unsigned rank;
    uint64_t ticks;
    size_t order; /* at the same time, as they were found */
};

enum state { FREE, FILLED, DONE };

struct slot {
    enum state state;
    struct dx_set set;
    uint8_t *copy;
    size_t copy_cap;
    struct find *first, **last;
    struct dx_arena arena;
};

struct asked {
    size_t at; /* where its text begins in the batch */
    size_t raw;
    bool whole;
};

struct worker {
    struct dx_match *m;
    pthread_t thread;
    struct dext_ctx *ctx;
    struct dx_patterns *patterns;
    struct dx_unpacked x;
    struct dx_arena batch_arena, message_arena, strings;
    struct dx_buf batch, message;
    struct asked *asked;
    size_t asked_count, asked_cap;
    uint64_t *marks;
    size_t marks_cap;
    struct dx_lead lead;
    struct dx_arena leads;
    /* of the entry whose message is compared */
    const struct dx_entry *entry;
    struct slot *slot;
    struct find *told;
    unsigned repeats;
};

struct dx_match {
    struct dext_unified *u;
    dx_match_found *found;
    void *user;
    struct dx_judge *judge;
    struct worker *workers;
    unsigned jobs, started;
    struct slot *ring;
    size_t ring_n, head, tail, next;
    bool stop, sorted;
    pthread_mutex_t lock;
    pthread_cond_t work, done;
    struct dx_arena arena, waiting_arena;
    struct find **waiting;
    size_t waiting_count, waiting_cap, order, dropped;
    size_t copied; /* bytes of sets that are on their way */
};

static void *log_match_must(void *p)
{
    if (!p) {
        abort();
    }
    return p;
}

/* ---- one set ------------------------------------------------------------------------------------
 */

/* "2026-01-15 11:00:01.150 kernel[0]: DK: ..." */
static struct dx_str log_match_shown(struct worker *w, struct dx_arena *a, const struct dx_hit *hit,
                                     struct dx_hit *kept)
{
    const struct dx_logger *by = hit->by;
    size_t lead = w->lead.text.n, n = w->message.n - lead;
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
static int64_t log_match_logger(const struct worker *w, struct dx_logger *by)
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

static struct dx_str log_match_boot(struct worker *w)
{
    const struct dx_boot *b = w->entry->from->set->trace->boot;
    struct dx_buf text;
    dx_buf_init(&text, &w->slot->arena, 64);
    dx_put_uuid(&text, b->uuid);
    return dx_buf_str(&text);
}

static void log_match_on_hit(void *user, const struct dx_hit *found)
{
    struct worker *w = user;
    struct dx_arena *a = &w->slot->arena;
    struct dx_hit hit = *found;
    struct dx_logger by;
    hit.when = log_match_logger(w, &by);
    hit.by = &by;
    hit.staging = hit.staging.n ? hit.staging : dx_staging_in(by.path);
    hit.boot = w->told ? w->told->hit.boot : log_match_boot(w);
    bool again = w->told && dx_hit_same(&w->told->hit, &hit);
    w->repeats = again ? w->repeats + 1 : 0;
    if (w->repeats > DEXT_EVIDENCE_MOST) { /* no more is kept of it than its number */
        w->told->hit.more++;
        w->told->hit.when = hit.when;
        w->told->ticks = w->entry->ticks;
        return;
    }
    struct find *f = dx_alloc(a, sizeof *f);
    dx_hit_keep(a, &f->hit, &hit, again ? &w->told->hit : NULL);
    f->rank = w->entry->from->set->trace->boot->rank;
    f->ticks = w->entry->ticks;
    if (w->repeats < DEXT_EVIDENCE_MOST) {
        f->hit.by = dx_logger_copy(a, &by);
        f->text = log_match_shown(w, a, &hit, &f->hit);
    }
    *w->slot->last = f;
    w->slot->last = &f->next;
    w->told = f;
}

static void log_match_compare(struct worker *w, size_t raw)
{
    struct dx_entry e;
    if (!dx_entry_read(w->m->u, &w->x, &w->x.raw[raw], &e, &w->strings)) {
        return;
    }
    if (w->lead.process != e.process || !w->lead.text.p) {
        dx_judge_lead(w->m->judge, e.process, &w->lead, &w->leads);
    }
    w->message.n = 0;
    w->message.toobig = false;
    dx_buf_add(&w->message, w->lead.text.p, w->lead.text.n);
    dx_render(w->m->u, &e, &w->message);
    while (w->message.n && strchr(" \t\r\n", w->message.p[w->message.n - 1])) {
        w->message.n--;
    }
    w->entry = &e;
    dx_patterns_match(w->patterns, dx_buf_str(&w->message), log_match_on_hit, w);
    w->entry = NULL;
}

static void log_match_ask(struct worker *w, size_t raw)
{
    struct dx_entry e;
    bool whole = false;
    size_t at = w->batch.n;
    if (!dx_entry_read(w->m->u, &w->x, &w->x.raw[raw], &e, &w->strings)) {
        return;
    }
    bool wanted = e.kind == DEXT_UNIFIED_LOG || e.kind == DEXT_UNIFIED_TRACE ||
                  e.kind == DEXT_UNIFIED_ACTIVITY || e.kind == DEXT_UNIFIED_ACTION;
    if (wanted && (w->lead.process != e.process || !w->lead.text.p)) {
        dx_judge_lead(w->m->judge, e.process, &w->lead, &w->leads);
    }
    if (!wanted || !dx_judge_entry(w->m->judge, w->m->u, &e, &w->lead, &w->batch, &whole) ||
        (w->batch.n == at && !whole)) {
        DX_COUNT(w->m->u, unrendered, wanted && !e.text.p && (!e.format || !e.format->text.p));
        return;
    }
    dx_buf_add(&w->batch, "\n", 1);
    if (w->asked_count == w->asked_cap) {
        w->asked_cap = w->asked_cap ? w->asked_cap * 2 : 4096;
        w->asked = log_match_must(realloc(w->asked, w->asked_cap * sizeof *w->asked));
    }
    w->asked[w->asked_count++] = (struct asked){at, raw, whole};
}

/* Which of those that were asked have a marked place. */
static void log_match_answer(struct worker *w)
{
    size_t words = w->batch.n / DX_GRAIN / 64 + 1;
    if (words > w->marks_cap) {
        w->marks_cap = words * 2;
        w->marks = log_match_must(realloc(w->marks, w->marks_cap * sizeof *w->marks));
    }
    memset(w->marks, 0, words * sizeof *w->marks);
    dx_search_mark(dx_patterns_search(w->patterns), dx_buf_str(&w->batch), w->marks);
    for (size_t i = 0; i < w->asked_count; i++) {
        size_t from = w->asked[i].at / DX_GRAIN;
        size_t end = i + 1 < w->asked_count ? w->asked[i + 1].at : w->batch.n;
        bool marked = w->asked[i].whole;
        for (size_t g = from; g <= (end - 1) / DX_GRAIN && !marked; g++) {
            marked = w->marks[g / 64] >> (g % 64) & 1;
        }
        if (marked) {
            log_match_compare(w, w->asked[i].raw);
        }
    }
    w->batch.n = 0;
    w->batch.toobig = false;
    w->asked_count = 0;
}

static void log_match_look(struct worker *w, struct slot *s)
{
    w->slot = s;
    w->told = NULL;
    w->repeats = 0;
    dx_arena_rewind(&w->leads, (struct dx_mark){0});
    memset(&w->lead, 0, sizeof w->lead);
    s->first = NULL;
    s->last = &s->first;
    dx_unpack_set(w->m->u, &s->set, &w->x);
    if (s->copy && w->x.over_count) {
        dx_oversize_keep(w->m->u, &w->x);
    }
    dx_unpacked_sort(&w->x);
    for (size_t i = 0; i < w->x.count; i++) {
        log_match_ask(w, i);
        if (w->batch.n > BATCH_MOST / 4) {
            log_match_answer(w);
        }
    }
    if (w->asked_count) {
        log_match_answer(w);
    }
    dx_arena_rewind(&w->strings, (struct dx_mark){0});
}

static void *log_match_work(void *user)
{
    struct worker *w = user;
    struct dx_match *m = w->m;
    pthread_mutex_lock(&m->lock);
    for (;;) {
        while (!m->stop && m->next == m->head) {
            pthread_cond_wait(&m->work, &m->lock);
        }
        if (m->next == m->head) {
            break;
        }
        struct slot *s = &m->ring[m->next++ % m->ring_n];
        pthread_mutex_unlock(&m->lock);
        log_match_look(w, s);
        pthread_mutex_lock(&m->lock);
        s->state = DONE;
        pthread_cond_signal(&m->done);
    }
    pthread_mutex_unlock(&m->lock);
    return NULL;
}

/* ---- in order -----------------------------------------------------------------------------------
 */

static int log_match_by_time(const void *p, const void *q)
{
    const struct find *a = *(const struct find *const *)p, *b = *(const struct find *const *)q;
    if (a->rank != b->rank) {
        return a->rank < b->rank ? -1 : 1;
    }
    if (a->ticks != b->ticks) {
        return a->ticks < b->ticks ? -1 : 1;
    }
    return a->order < b->order ? -1 : a->order > b->order;
}

static void wait_for(struct dx_match *m, const struct find *f)
{
    if (m->waiting_count >= MOST_WAITING) {
        m->dropped++;
        return;
    }
    struct dx_arena *a = &m->waiting_arena;
    struct find *own = dx_alloc(a, sizeof *own);
    const struct find *last = m->waiting_count ? m->waiting[m->waiting_count - 1] : NULL;
    bool again = last && dx_hit_same(&last->hit, &f->hit);
    *own = (struct find){.rank = f->rank, .ticks = f->ticks, .order = m->order++};
    dx_hit_keep(a, &own->hit, &f->hit, again ? &last->hit : NULL);
    own->hit.more = f->hit.more;
    if (f->text.n) {
        own->hit.by = dx_logger_copy(a, f->hit.by);
        own->text = dx_str_copy(a, f->text);
    }
    if (f->hit.span_count) {
        own->hit.span_count = 1;
        own->hit.span[0] =
            (struct dx_str){own->text.p + (f->hit.span[0].p - f->text.p), f->hit.span[0].n};
    }
    if (m->waiting_count == m->waiting_cap) {
        m->waiting_cap = m->waiting_cap ? m->waiting_cap * 2 : 256;
        m->waiting = log_match_must(realloc(m->waiting, m->waiting_cap * sizeof *m->waiting));
    }
    m->waiting[m->waiting_count++] = own;
}

/* Tells all that waits and comes before the set; NULL: all. */
static void tell_before(struct dx_match *m, const struct dx_set *set)
{
    size_t told = 0;
    if (m->waiting_count == 0) {
        return;
    }
    qsort(m->waiting, m->waiting_count, sizeof *m->waiting, log_match_by_time);
    while (told < m->waiting_count) {
        const struct find *f = m->waiting[told];
        unsigned rank = set ? set->trace->boot->rank : 0;
        if (set && (f->rank > rank || (f->rank == rank && f->ticks >= set->from))) {
            break;
        }
        m->found(m->user, &f->hit, f->text);
        told++;
    }
    m->waiting_count -= told;
    memmove(m->waiting, m->waiting + told, m->waiting_count * sizeof *m->waiting);
    if (m->waiting_count == 0) {
        dx_arena_rewind(&m->waiting_arena, (struct dx_mark){0});
    }
}

static void take_oldest(struct dx_match *m)
{
    struct slot *s = &m->ring[m->tail % m->ring_n];
    pthread_mutex_lock(&m->lock);
    while (s->state != DONE) {
        pthread_cond_wait(&m->done, &m->lock);
    }
    pthread_mutex_unlock(&m->lock);
    if (m->sorted) {
        tell_before(m, &s->set);
    }
    for (const struct find *f = s->first; f; f = f->next) {
        wait_for(m, f);
    }
    dx_arena_rewind(&s->arena, (struct dx_mark){0});
    dx_set_done(&s->set);
    if (s->set.data == s->copy) {
        m->copied -= s->set.size;
    }
    if (s->copy_cap > MOST_COPIED / 8) { /* a real one is far smaller */
        free(s->copy);
        s->copy = NULL;
        s->copy_cap = 0;
    }
    s->state = FREE;
    m->tail++;
}

void dx_match_set(struct dx_match *m, const struct dx_set *set, bool sorted)
{
    while (m->head - m->tail == m->ring_n ||
           (!sorted && m->head > m->tail && m->copied + set->size > MOST_COPIED)) {
        take_oldest(m);
    }
    struct slot *s = &m->ring[m->head % m->ring_n];
    m->sorted = sorted;
    s->set = *set;
    if (!sorted) {
        if (set->size > s->copy_cap || !s->copy) {
            s->copy_cap = set->size + 1;
            free(s->copy);
            s->copy = log_match_must(malloc(s->copy_cap));
        }
        memcpy(s->copy, set->data, set->size);
        s->set.data = s->copy;
        m->copied += set->size;
    }
    if (m->started == 0) {
        log_match_look(&m->workers[0], s);
        s->state = DONE;
        m->head++;
        return;
    }
    pthread_mutex_lock(&m->lock);
    s->state = FILLED;
    m->head++;
    pthread_cond_signal(&m->work);
    pthread_mutex_unlock(&m->lock);
}

/* ---- beginning and end --------------------------------------------------------------------------
 */

static void worker_init(struct worker *w, struct dx_match *m)
{
    w->m = m;
    w->ctx = dext_ctx_new(&m->u->ctx->limits);
    w->patterns = dx_patterns_new(w->ctx);
    dx_buf_init(&w->batch, &w->batch_arena, BATCH_MOST);
    dx_buf_init(&w->message, &w->message_arena, DX_MESSAGE_BYTES);
}

static void worker_free(struct worker *w)
{
    dx_patterns_free(w->patterns);
    dext_ctx_free(w->ctx);
    dx_unpacked_free(&w->x);
    dx_arena_free(&w->batch_arena);
    dx_arena_free(&w->message_arena);
    dx_arena_free(&w->strings);
    dx_arena_free(&w->leads);
    free(w->asked);
    free(w->marks);
}

static unsigned log_match_cores(unsigned jobs)
{
    long n = jobs ? (long)jobs : sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > MOST_JOBS ? MOST_JOBS : (unsigned)n;
}

struct dx_match *dx_match_new(struct dext_unified *u, unsigned jobs, dx_match_found *found,
                              void *user)
{
    struct dx_match *m = log_match_must(calloc(1, sizeof *m));
    size_t bytes = 0;
    for (size_t i = 0; i < u->set_count && bytes < LARGE_LOG; i++) {
        bytes += u->sets[i].size;
    }
    bool large = u->set_count == 0 || bytes >= LARGE_LOG;
    m->u = u;
    m->found = found;
    m->user = user;
    m->judge = dx_judge_new(&m->arena);
    m->jobs = large ? log_match_cores(jobs) : 1;
    m->ring_n = (size_t)m->jobs * SLOTS_EACH;
    m->ring = log_match_must(calloc(m->ring_n, sizeof *m->ring));
    m->workers = log_match_must(calloc(m->jobs, sizeof *m->workers));
    (void)pthread_mutex_init(&m->lock, NULL);
    (void)pthread_cond_init(&m->work, NULL);
    (void)pthread_cond_init(&m->done, NULL);
    worker_init(&m->workers[0], m);
    for (unsigned i = 0; m->jobs > 1 && i < m->jobs; i++) {
        if (i) {
            worker_init(&m->workers[i], m);
        }
        if (pthread_create(&m->workers[i].thread, NULL, log_match_work, &m->workers[i]) != 0) {
            break; /* fewer threads, or none, do the same */
        }
        m->started++;
    }
    return m;
}

size_t dx_match_end(struct dx_match *m)
{
    while (m->tail < m->head) {
        take_oldest(m);
    }
    tell_before(m, NULL);
    pthread_mutex_lock(&m->lock);
    m->stop = true;
    pthread_cond_broadcast(&m->work);
    pthread_mutex_unlock(&m->lock);
    for (unsigned i = 0; i < m->started; i++) {
        (void)pthread_join(m->workers[i].thread, NULL);
    }
    for (unsigned i = 0; i < m->jobs && m->workers[i].m; i++) {
        worker_free(&m->workers[i]);
    }
    for (size_t i = 0; i < m->ring_n; i++) {
        free(m->ring[i].copy);
        dx_arena_free(&m->ring[i].arena);
    }
    size_t dropped = m->dropped;
    (void)pthread_mutex_destroy(&m->lock);
    (void)pthread_cond_destroy(&m->work);
    (void)pthread_cond_destroy(&m->done);
    dx_arena_free(&m->arena);
    dx_arena_free(&m->waiting_arena);
    free(m->waiting);
    free(m->ring);
    free(m->workers);
    free(m);
    return dropped;
}

static int log_match_by_start(const void *p, const void *q)
{
    const struct dx_set *a = *(const struct dx_set *const *)p;
    const struct dx_set *b = *(const struct dx_set *const *)q;
    unsigned ra = a->trace->boot->rank, rb = b->trace->boot->rank;
    if (ra != rb) {
        return ra < rb ? -1 : 1;
    }
    return a->from < b->from ? -1 : a->from > b->from;
}

size_t dx_match_all(struct dext_unified *u, unsigned jobs, dx_match_found *found, void *user)
{
    if (u->set_count == 0) {
        return 0; /* dx_match_new would get ready for a log of unknown size */
    }
    struct dx_match *m = dx_match_new(u, jobs, found, user);
    const struct dx_set **order =
        log_match_must(calloc(u->set_count + 1, sizeof(const struct dx_set *)));
    for (size_t i = 0; i < u->set_count; i++) {
        order[i] = &u->sets[i];
    }
    qsort(order, u->set_count, sizeof *order, log_match_by_start);
    for (size_t i = 0; i < u->set_count; i++) {
        order[i]->trace->boot->used = true;
        dx_match_set(m, order[i], true);
    }
    free(order);
    return dx_match_end(m);
}
