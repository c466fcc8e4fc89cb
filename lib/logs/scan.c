/* Blocks of whole records, looked through by several threads, told in order. See scan.h. */
#include "logs/scan.h"

#include "logs/text.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK_BYTES ((size_t)512 << 10)
#define MOST_JOBS 8     /* beyond that, reading is what takes the time */
#define MOST_BLOCKS 10  /* on their way at once; full of findings, each takes some 5 MB */
#define BACK_LINES 4096 /* looked at for the beginning of a record */
#define MARKS (BLOCK_BYTES / DX_GRAIN / 64 + 1)

struct found {
    struct found *next;
    struct dx_hit hit;
    unsigned long line; /* within the block, from 0 */
    struct dx_str text;
};

enum block_state { BLOCK_FREE, BLOCK_QUEUED, BLOCK_DONE };

struct block {
    char *data;
    size_t n;
    unsigned long lines;
    enum block_state state;
    struct found *first, **last;
    struct dx_arena arena; /* of what was found */
};

/* What one thread needs to look through blocks. */
struct looker {
    struct dx_scan *scan;
    struct dext_ctx *ctx; /* patterns live here: a context serves one thread */
    struct dx_patterns *patterns;
    struct dx_arena lines; /* of the line that was taken apart last */
    struct dx_mark lines_base;
    size_t line_at; /* where it begins, SIZE_MAX: none */
    struct dx_line line;
    uint64_t *marks;
    char *record;
    size_t record_n;
    pthread_t thread;
    /* the block that is looked through */
    struct block *block;
    const struct found *last;
    unsigned repeats;
    size_t at;          /* records before this offset were taken apart */
    size_t from;        /* where the record that is looked at begins */
    size_t known;       /* line that begins here: what it belongs to is known */
    size_t known_start; /* ... to the record that begins here, when known_open */
    bool known_open;
    size_t counted; /* newlines were counted up to here */
    unsigned long count;
};

struct dx_scan {
    struct dext_ctx *ctx;
    dx_scan_found *found;
    void *user;
    unsigned jobs;
    struct looker own;      /* of the feeding thread */
    struct looker *lookers; /* of the others, started when needed */
    unsigned started;
    struct block *ring;
    size_t ring_n, head, tail; /* blocks from tail to head are on their way; head is being filled */
    unsigned long lines;       /* before the block at tail */
    bool skipping;             /* inside a line that is too long */
    pthread_mutex_t lock;
    pthread_cond_t work, done;
    size_t next; /* block that the next idle thread takes */
    bool stop;
};

static void *scan_must(void *p)
{
    if (!p) {
        abort();
    }
    return p;
}

/* ---- lines and records --------------------------------------------------------------------- */

static size_t line_end(struct dx_str b, size_t at)
{
    const char *end = memchr(b.p + at, '\n', b.n - at);
    return end ? (size_t)(end - b.p) : b.n;
}

static size_t scan_line_start(struct dx_str b, size_t at)
{
    const char *p = at ? dx_memrchr(b.p, '\n', at) : NULL;
    return p ? (size_t)(p - b.p) + 1 : 0;
}

enum role {
    ROLE_OPENS,     /* has a prefix: lines without one go on with it */
    ROLE_ALONE,     /* JSON, or a message known to stand alone; bare lines after it do too */
    ROLE_NOTHING,   /* a header of a listing */
    ROLE_CONTINUES, /* no prefix */
};

/* The kernel's DK lines are pasted without prefix and stand alone, as rows of lists do. */
static enum role role_of(const struct dx_line *l)
{
    struct dx_str m = l->message;
    switch (l->form) {
    case DX_LINE_BARE:
        return dx_str_has_prefix(m, "DK: ") || (m.n && m.p[m.n - 1] == ']') ? ROLE_ALONE
                                                                            : ROLE_CONTINUES;
    case DX_LINE_NAMED: /* "amfid: PATH not valid:", and the error below it */
        return m.n && m.p[m.n - 1] == ':' ? ROLE_OPENS : ROLE_ALONE;
    case DX_LINE_JSON:
        return ROLE_ALONE;
    case DX_LINE_HEADER:
        return ROLE_NOTHING;
    default:
        return ROLE_OPENS;
    }
}

/* A line is asked first where its record begins and then what it says. */
static const struct dx_line *scan_parse(struct looker *k, size_t start, size_t end)
{
    size_t n = end - start < DX_RECORD_BYTES ? end - start : DX_RECORD_BYTES;
    if (k->line_at != start) {
        dx_arena_rewind(&k->lines, k->lines_base);
        k->line = dx_line_parse((struct dx_str){k->block->data + start, n}, &k->lines);
        k->line_at = start;
    }
    return &k->line;
}

static enum role role_at(struct looker *k, size_t start, size_t end)
{
    return role_of(scan_parse(k, start, end));
}

/* Where the record begins that holds the line at start: the line itself, unless lines above it, up
 * to one with a prefix, say that it continues that one. Lines whose record is known are not looked
 * at twice. */
static size_t record_start(struct looker *k, size_t start)
{
    struct dx_str b = {k->block->data, k->block->n};
    size_t at = start;
    for (unsigned i = 0; i < BACK_LINES && start - at < DX_RECORD_BYTES; i++) {
        enum role role = role_at(k, at, line_end(b, at));
        if (role != ROLE_CONTINUES) {
            return role == ROLE_OPENS ? at : start;
        }
        if (at == k->known) {
            return k->known_open ? k->known_start : start;
        }
        if (at == 0) {
            return start;
        }
        at = scan_line_start(b, at - 1);
    }
    return start;
}

static void add_text(struct looker *k, struct dx_str s, bool newline)
{
    if (newline && k->record_n < DX_RECORD_BYTES) {
        k->record[k->record_n++] = '\n';
    }
    size_t n = s.n < DX_RECORD_BYTES - k->record_n ? s.n : DX_RECORD_BYTES - k->record_n;
    memcpy(k->record + k->record_n, s.p, n);
    k->record_n += n;
}

/* Fills k->record; where the record ends. */
static size_t take_record(struct looker *k, size_t start)
{
    struct dx_str b = {k->block->data, k->block->n};
    size_t end = line_end(b, start);
    const struct dx_line *l = scan_parse(k, start, end);
    enum role role = role_of(l);
    k->record_n = 0;
    if (role != ROLE_NOTHING) {
        add_text(k, l->message, false);
    }
    while (role == ROLE_OPENS && end < b.n && end - start < DX_RECORD_BYTES) {
        size_t next = end + 1, next_end = line_end(b, next);
        if (next >= b.n || role_of(l = scan_parse(k, next, next_end)) != ROLE_CONTINUES) {
            break;
        }
        add_text(k, l->message, true);
        end = next_end;
    }
    k->known = end < b.n ? end + 1 : b.n;
    k->known_open = role == ROLE_OPENS;
    k->known_start = start;
    return k->known;
}

/* ---- a block ------------------------------------------------------------------------------- */

/* What is said again and again of one driver shares its names, and no more texts are kept of it
 * than are shown: a log that is full of one complaint stays small. */
static void scan_on_hit(void *user, const struct dx_hit *found)
{
    struct looker *k = user;
    struct dx_arena *a = &k->block->arena;
    struct found *f = dx_alloc(a, sizeof *f);
    struct dx_str raw = {k->block->data + k->from, k->at - k->from};
    struct dx_hit hit = *found;
    struct dx_logger by;
    bool named = hit.dext.n || hit.klass.n;
    bool again = k->last && named && dx_hit_same(&k->last->hit, &hit);
    if (!again || k->repeats + 1 < DEXT_EVIDENCE_MOST) {
        dx_line_logger(raw, a, &by);
        hit.by = &by;
        hit.staging = hit.staging.n ? hit.staging : dx_staging_in(by.path);
        again = again || (k->last && dx_hit_same(&k->last->hit, &hit));
    }
    hit.when = dx_line_when(raw);
    k->repeats = again ? k->repeats + 1 : 0;
    dx_hit_keep(a, &f->hit, &hit, again ? &k->last->hit : NULL);
    f->line = k->count;
    if (k->repeats < DEXT_EVIDENCE_MOST) {
        f->hit.by = hit.by ? dx_logger_copy(a, hit.by) : f->hit.by;
        f->text =
            dx_str_copy(a, (struct dx_str){k->record, k->record_n < 1024 ? k->record_n : 1024});
    } else {
        f->text = DX_STR("");
    }
    *k->block->last = f;
    k->block->last = &f->next;
    k->last = f;
}

static void one_record(struct looker *k, size_t at)
{
    struct block *b = k->block;
    struct dx_str text = {b->data, b->n};
    size_t start = record_start(k, scan_line_start(text, at));
    start = start < k->at ? scan_line_start(text, at) : start;
    k->count += dx_count_newlines(b->data + k->counted, start - k->counted);
    k->counted = k->from = start;
    k->at = take_record(k, start);
    if (k->record_n) {
        dx_patterns_match(k->patterns, (struct dx_str){k->record, k->record_n}, scan_on_hit, k);
    }
}

static void scan_look(struct looker *k, struct block *b)
{
    k->block = b;
    k->at = k->known = k->known_start = k->counted = 0;
    k->line_at = SIZE_MAX;
    k->known_open = false;
    k->last = NULL;
    k->count = 0;
    b->first = NULL;
    b->last = &b->first;
    memset(k->marks, 0, MARKS * sizeof *k->marks);
    dx_search_mark(dx_patterns_search(k->patterns), (struct dx_str){b->data, b->n}, k->marks);
    for (size_t w = 0; w < MARKS; w++) {
        for (uint64_t bits = k->marks[w]; bits; bits &= bits - 1) {
            size_t from = (w * 64 + (size_t)__builtin_ctzll(bits)) * DX_GRAIN;
            size_t to = from + DX_GRAIN < b->n ? from + DX_GRAIN : b->n;
            for (size_t at = k->at > from ? k->at : from; at < to; at = k->at) {
                one_record(k, at);
            }
        }
    }
    b->lines = k->count + dx_count_newlines(b->data + k->counted, b->n - k->counted);
    b->lines += b->n && b->data[b->n - 1] != '\n';
}

static void looker_init(struct looker *k, struct dx_scan *s)
{
    k->scan = s;
    k->ctx = dext_ctx_new(&s->ctx->limits);
    k->patterns = dx_patterns_new(k->ctx);
    (void)dx_alloc(&k->lines, 1); /* so that a chunk stays when lines are forgotten */
    k->lines_base = dx_arena_mark(&k->lines);
    k->marks = scan_must(calloc(MARKS, sizeof *k->marks));
    k->record = scan_must(malloc(DX_RECORD_BYTES));
}

static void looker_free(struct looker *k)
{
    dx_patterns_free(k->patterns);
    dx_arena_free(&k->lines);
    dext_ctx_free(k->ctx);
    free(k->marks);
    free(k->record);
}

/* ---- threads ------------------------------------------------------------------------------- */

static void *scan_work(void *user)
{
    struct looker *k = user;
    struct dx_scan *s = k->scan;
    pthread_mutex_lock(&s->lock);
    for (;;) {
        while (!s->stop && s->next == s->head) {
            pthread_cond_wait(&s->work, &s->lock);
        }
        if (s->next == s->head) {
            break;
        }
        struct block *b = &s->ring[s->next++ % s->ring_n];
        pthread_mutex_unlock(&s->lock);
        scan_look(k, b);
        pthread_mutex_lock(&s->lock);
        b->state = BLOCK_DONE;
        pthread_cond_signal(&s->done);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

static void scan_start(struct dx_scan *s)
{
    if (s->jobs < 2 || s->lookers) {
        return;
    }
    for (size_t i = 1; i < s->ring_n; i++) {
        s->ring[i].data = scan_must(malloc(BLOCK_BYTES));
    }
    s->lookers = scan_must(calloc(s->jobs, sizeof *s->lookers));
    for (unsigned i = 0; i < s->jobs; i++) {
        looker_init(&s->lookers[i], s);
        if (pthread_create(&s->lookers[i].thread, NULL, scan_work, &s->lookers[i]) != 0) {
            looker_free(&s->lookers[i]);
            break; /* fewer threads, or none, do the same */
        }
        s->started++;
    }
}

static void scan_tell(struct dx_scan *s, struct block *b)
{
    for (struct found *f = b->first; f; f = f->next) {
        s->found(s->user, &f->hit, s->lines + f->line + 1, f->text);
    }
    s->lines += b->lines;
    b->n = 0;
    b->lines = 0;
    b->first = NULL;
    b->state = BLOCK_FREE;
    dx_arena_rewind(&b->arena, (struct dx_mark){0});
}

/* Tells of the oldest block, waiting for it. */
static void tell_oldest(struct dx_scan *s)
{
    struct block *b = &s->ring[s->tail % s->ring_n];
    pthread_mutex_lock(&s->lock);
    while (b->state != BLOCK_DONE) {
        pthread_cond_wait(&s->done, &s->lock);
    }
    pthread_mutex_unlock(&s->lock);
    scan_tell(s, b);
    s->tail++;
}

static void scan_tell_all(struct dx_scan *s)
{
    while (s->tail < s->head) {
        tell_oldest(s);
    }
}

static struct block *filling(struct dx_scan *s)
{
    return &s->ring[s->head % s->ring_n];
}

/* Has the block that is being filled looked through, here or by another thread, and begins the next
 * with what stands behind cut. */
static void submit(struct dx_scan *s, size_t cut)
{
    struct block *b = filling(s);
    size_t rest = b->n - cut;
    char *carried = rest ? scan_must(malloc(rest)) : NULL;
    if (rest) {
        memcpy(carried, b->data + cut, rest);
    }
    b->n = cut;
    if (s->started) {
        if (s->head + 1 - s->tail == s->ring_n) {
            tell_oldest(s);
        }
        pthread_mutex_lock(&s->lock);
        b->state = BLOCK_QUEUED;
        s->head++;
        pthread_cond_signal(&s->work);
        pthread_mutex_unlock(&s->lock);
    } else {
        scan_look(&s->own, b);
        scan_tell(s, b);
    }
    if (rest) {
        memcpy(filling(s)->data, carried, rest);
        free(carried);
    }
    filling(s)->n = rest;
}

/* Where a full block is cut: before the last record, which may go on. A record that takes half of
 * the block is cut at a line. all: the last record is complete. */
static size_t cut_of(struct dx_scan *s, bool all)
{
    struct block *b = filling(s);
    struct dx_str text = {b->data, b->n};
    size_t end = scan_line_start(text, b->n), at = end;
    s->own.block = b;
    s->own.line_at = SIZE_MAX;
    while (!all && at > b->n / 2) {
        at = scan_line_start(text, at - 1);
        if (role_at(&s->own, at, line_end(text, at)) != ROLE_CONTINUES) {
            return at;
        }
    }
    return end;
}

static void full(struct dx_scan *s)
{
    struct block *b = filling(s);
    size_t cut = cut_of(s, false);
    scan_start(s);  /* there is more to read */
    if (cut == 0) { /* one line: its beginning is looked at, the rest of it is passed over */
        b->n = DX_RECORD_BYTES;
        s->skipping = true;
        cut = b->n;
    }
    submit(s, cut);
}

void dx_scan_feed(struct dx_scan *s, const char *data, size_t size)
{
    if (s->skipping && size) {
        const char *end = memchr(data, '\n', size);
        size_t n = end ? (size_t)(end - data) + 1 : size;
        s->skipping = !end;
        data += n;
        size -= n;
    }
    while (size) {
        struct block *b = filling(s);
        size_t n = size < BLOCK_BYTES - b->n ? size : BLOCK_BYTES - b->n;
        memcpy(b->data + b->n, data, n);
        b->n += n;
        data += n;
        size -= n;
        if (b->n == BLOCK_BYTES) {
            full(s);
            if (s->skipping) {
                dx_scan_feed(s, data, size);
                return;
            }
        }
    }
}

void dx_scan_flush(struct dx_scan *s, bool all)
{
    size_t cut = cut_of(s, all);
    if (cut) {
        submit(s, cut);
    }
    scan_tell_all(s);
}

void dx_scan_begin(struct dx_scan *s)
{
    s->lines = 0;
    s->skipping = false;
    filling(s)->n = 0;
}

unsigned long dx_scan_end(struct dx_scan *s)
{
    if (filling(s)->n) {
        submit(s, filling(s)->n);
    }
    scan_tell_all(s);
    return s->lines;
}

static unsigned scan_cores(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > MOST_JOBS ? MOST_JOBS : (unsigned)n;
}

struct dx_scan *dx_scan_new(struct dext_ctx *ctx, unsigned jobs, dx_scan_found *found, void *user)
{
    struct dx_scan *s = scan_must(calloc(1, sizeof *s));
    s->ctx = ctx;
    s->found = found;
    s->user = user;
    s->jobs = jobs == 0 ? scan_cores() : jobs > MOST_JOBS ? MOST_JOBS : jobs;
    looker_init(&s->own, s);
    s->ring_n = s->jobs < 2 ? 1 : s->jobs * 4 < MOST_BLOCKS ? s->jobs * 4 : MOST_BLOCKS;
    s->ring = scan_must(calloc(s->ring_n, sizeof *s->ring));
    s->ring[0].data = scan_must(malloc(BLOCK_BYTES)); /* the others when threads are started */
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->work, NULL);
    pthread_cond_init(&s->done, NULL);
    return s;
}

void dx_scan_tell(struct dx_scan *s, dx_scan_found *found, void *user)
{
    s->found = found;
    s->user = user;
}

unsigned long dx_scan_gave_up(const struct dx_scan *s)
{
    unsigned long n = dx_patterns_gave_up(s->own.patterns);
    for (unsigned i = 0; i < s->started; n += dx_patterns_gave_up(s->lookers[i++].patterns)) {
    }
    return n;
}

void dx_scan_free(struct dx_scan *s)
{
    if (!s) {
        return;
    }
    pthread_mutex_lock(&s->lock);
    s->stop = true;
    pthread_cond_broadcast(&s->work);
    pthread_mutex_unlock(&s->lock);
    for (unsigned i = 0; i < s->started; i++) {
        pthread_join(s->lookers[i].thread, NULL);
        looker_free(&s->lookers[i]);
    }
    looker_free(&s->own);
    for (size_t i = 0; i < s->ring_n; i++) {
        dx_arena_free(&s->ring[i].arena);
        free(s->ring[i].data);
    }
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->work);
    pthread_cond_destroy(&s->done);
    free(s->lookers);
    free(s->ring);
    free(s);
}
