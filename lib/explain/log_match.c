/* Chunk sets go round: the caller fills a slot, a thread looks through it, the caller takes what
 * was found out of the slots in the order in which they were filled. */
#include "explain/log_match.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "explain/log_look.h"

#define MOST_JOBS 8
#define SLOTS_EACH 3
#define LARGE_LOG ((size_t)4 << 20) /* from then on threads are worth their start */
#define MOST_WAITING 200000
#define MOST_COPIED ((size_t)32 << 20)

enum state { FREE, FILLED, DONE };

struct slot {
    enum state state;
    struct dx_set set;
    uint8_t *copy;
    size_t copy_cap;
    struct dx_log_find *first;
    struct dx_arena arena;
};

struct worker {
    struct dx_match *m;
    pthread_t thread;
    struct dx_look *look;
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
    struct dx_log_find **waiting;
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

static void log_match_look(const struct worker *w, struct slot *s)
{
    s->first = dx_look_at(w->look, &s->set, s->copy != NULL, &s->arena);
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
    const struct dx_log_find *a = *(const struct dx_log_find *const *)p,
                             *b = *(const struct dx_log_find *const *)q;
    if (a->rank != b->rank) {
        return a->rank < b->rank ? -1 : 1;
    }
    if (a->ticks != b->ticks) {
        return a->ticks < b->ticks ? -1 : 1;
    }
    return a->order < b->order ? -1 : a->order > b->order;
}

static void wait_for(struct dx_match *m, const struct dx_log_find *f)
{
    if (m->waiting_count >= MOST_WAITING) {
        m->dropped++;
        return;
    }
    struct dx_arena *a = &m->waiting_arena;
    struct dx_log_find *own = dx_alloc(a, sizeof *own);
    const struct dx_log_find *last = m->waiting_count ? m->waiting[m->waiting_count - 1] : NULL;
    bool again = last && dx_hit_same(&last->hit, &f->hit);
    *own = (struct dx_log_find){.rank = f->rank, .ticks = f->ticks, .order = m->order++};
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
        const struct dx_log_find *f = m->waiting[told];
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
    for (const struct dx_log_find *f = s->first; f; f = f->next) {
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
    w->look = dx_look_new(m->u, m->judge);
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
    for (unsigned i = 0; i < m->jobs; i++) {
        dx_look_free(m->workers[i].look);
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
