/* A tracev3 file: a header, then catalogs, each with the chunk sets it describes. */
#include <stdlib.h>
#include <string.h>

#include "unified/unified.h"

#define HEADER_BYTES 56 /* of the fixed part, with the 16 of the chunk */
#define CHUNK_BYTES 16
#define MOST_CHUNK ((uint64_t)2 * DX_SET_BYTES)
#define MOST_SETS (1 << 20) /* an archive of 1 GB has some 50,000 */

enum { SUB_CLOCK = 0x6100, SUB_SYSTEM = 0x6101, SUB_GENERATION = 0x6102, SUB_ZONE = 0x6103 };

static size_t padded(uint64_t n)
{
    return (size_t)((n + 7) & ~(uint64_t)7);
}

/* ---- header ------------------------------------------------------------------------------------
 */

static void sub_chunks(struct dext_unified *u, struct dx_trace *t, struct dx_cur in,
                       const uint8_t **boot)
{
    while (dx_left(&in) >= 8) {
        uint32_t tag = dx_get32(&in), size = dx_get32(&in);
        const uint8_t *body = dx_take(&in, size);
        if (!body) {
            return;
        }
        if (tag == SUB_GENERATION && size >= DX_UUID) {
            *boot = body;
        } else if (tag == SUB_ZONE) {
            t->zone = dx_strndup(&u->arena, (const char *)body, strnlen((const char *)body, size));
        }
    }
}

bool dx_trace_header(struct dext_unified *u, struct dx_trace *t, const uint8_t *p, size_t n)
{
    static const uint8_t nobody[DX_UUID];
    struct dx_cur in = dx_cur(p, n);
    uint32_t tag = dx_get32(&in);
    (void)dx_get32(&in);
    uint64_t size = dx_get64(&in);
    if (in.bad || tag != DX_CHUNK_HEADER || size < HEADER_BYTES - CHUNK_BYTES ||
        size > dx_left(&in)) {
        dx_note(u, "%s: does not begin with the header of a tracev3 file", t->shown);
        return false;
    }
    in.end = in.p + size;
    uint32_t numer = dx_get32(&in), denom = dx_get32(&in);
    (void)dx_get64(&in); /* continuous time at the beginning of the file */
    int64_t wall = (int32_t)dx_get32(&in);
    (void)dx_get64(&in);
    int32_t west = (int32_t)dx_get32(&in);
    uint32_t summer = dx_get32(&in);
    (void)dx_get32(&in); /* flags */
    const uint8_t *boot = nobody;
    t->zone = "";
    sub_chunks(u, t, in, &boot);
    t->boot = dx_clock_boot(u, boot);
    if (!t->boot->synced) { /* the header's wall time is that of the boot */
        bool sane = numer && denom && numer <= 1000000 && denom <= 1000000;
        t->boot->numer = sane ? numer : 1;
        t->boot->denom = sane ? denom : 1;
        t->boot->wall = wall * 1000000000;
        t->boot->zone = west < -1000 || west > 1000 ? 0 : -west + (summer ? 60 : 0);
    }
    return true;
}

/* ---- chunks, one after the other
 * -----------------------------------------------------------------
 */

/* What the last catalog says. */
struct state {
    const struct dx_catalog *catalog;
    struct dx_span *spans;
    size_t span_count, next;
};

static void read_catalog(struct dext_unified *u, const struct dx_trace *t, struct state *s,
                         const uint8_t *p, size_t n)
{
    s->catalog = dx_catalog_read(u, t->shown, p, n, &s->spans, &s->span_count);
    s->next = 0;
}

static struct dx_set set_of(struct dx_trace *t, struct state *s, const uint8_t *p, size_t n,
                            size_t at)
{
    struct dx_set set = {.trace = t, .catalog = s->catalog, .data = p, .size = n, .offset = at};
    if (s->next < s->span_count) {
        set.from = s->spans[s->next].from;
        set.to = s->spans[s->next].to;
        s->next++;
    }
    return set;
}

void dx_trace_list(struct dext_unified *u, struct dx_trace *t)
{
    struct state s = {.next = 0};
    size_t at = 0;
    while (at < t->size && t->size - at >= CHUNK_BYTES) {
        const uint8_t *p = t->data + at;
        uint32_t tag = (uint32_t)dx_le(p, 4);
        uint64_t size = dx_le(p + 8, 8);
        if (size > t->size - at - CHUNK_BYTES) {
            dx_note(u, "%s: at byte %zu: the file ends within a chunk", t->shown, at);
            DX_COUNT(u, damaged_chunks, 1);
            return;
        }
        if (tag == DX_CHUNK_CATALOG) {
            read_catalog(u, t, &s, p + CHUNK_BYTES, (size_t)size);
        } else if (tag == DX_CHUNK_SET && (size == 0 || u->set_count == MOST_SETS)) {
            if (size) {
                dx_note(u, "%s: at byte %zu: more than %d chunk sets", t->shown, at, MOST_SETS);
            }
            DX_COUNT(u, damaged_chunks, 1); /* not even the end of its packed data */
        } else if (tag == DX_CHUNK_SET) {
            *DX_PUSH(&u->arena, u->sets, u->set_count, u->set_cap) =
                set_of(t, &s, p + CHUNK_BYTES, (size_t)size, at);
        } else if (tag != DX_CHUNK_HEADER) {
            /* Files of a system that crashed may end in zeros. */
            if (tag == 0 && size == 0) {
                return;
            }
            dx_note(u, "%s: at byte %zu: a chunk of the unknown kind 0x%x", t->shown, at, tag);
            DX_COUNT(u, unknown_chunks, 1);
        }
        at += CHUNK_BYTES + padded(size);
    }
}

/* ---- a file in pieces --------------------------------------------------------------------------
 */

struct dx_stream {
    struct dext_unified *u;
    struct dx_trace *trace;
    struct state state;
    void (*on_set)(void *user, const struct dx_set *set);
    void *user;
    uint8_t *held; /* the chunk that is not complete */
    size_t held_n, held_cap, at;
    bool begun, dead;
};

struct dx_stream *dx_stream_new(struct dext_unified *u, const char *shown,
                                void (*on_set)(void *user, const struct dx_set *set), void *user)
{
    struct dx_stream *s = calloc(1, sizeof *s);
    if (!s) {
        abort();
    }
    s->u = u;
    pthread_mutex_lock(&u->lock);
    s->trace = dx_alloc(&u->arena, sizeof *s->trace);
    s->trace->shown = dx_strdup(&u->arena, shown);
    pthread_mutex_unlock(&u->lock);
    s->on_set = on_set;
    s->user = user;
    return s;
}

static void trace_complete(struct dx_stream *s, size_t whole)
{
    uint32_t tag = (uint32_t)dx_le(s->held, 4);
    size_t size = (size_t)dx_le(s->held + 8, 8);
    if (!s->begun || tag == DX_CHUNK_CATALOG) {
        /* Others may be decoding sets of the archive meanwhile. */
        pthread_mutex_lock(&s->u->lock);
        if (!s->begun) {
            s->begun = true;
            s->dead = !dx_trace_header(s->u, s->trace, s->held, whole);
            DX_COUNT(s->u, files, !s->dead);
        } else { /* copied: what is read from it points into the bytes */
            uint8_t *copy = dx_alloc_raw(&s->u->arena, size + 1);
            memcpy(copy, s->held + CHUNK_BYTES, size);
            read_catalog(s->u, s->trace, &s->state, copy, size);
        }
        pthread_mutex_unlock(&s->u->lock);
    } else if (tag == DX_CHUNK_SET) {
        struct dx_set set = set_of(s->trace, &s->state, s->held + CHUNK_BYTES, size, s->at);
        s->on_set(s->user, &set);
    } else if (tag == 0 && size == 0) {
        s->dead = true;
    } else if (tag != DX_CHUNK_HEADER) {
        DX_COUNT(s->u, unknown_chunks, 1);
    }
    s->at += whole;
    s->held_n = 0;
}

static void trace_hold(struct dx_stream *s, const uint8_t *p, size_t n)
{
    if (s->held_n + n > s->held_cap) {
        s->held_cap = (s->held_n + n) * 2;
        s->held = realloc(s->held, s->held_cap);
        if (!s->held) {
            abort();
        }
    }
    memcpy(s->held + s->held_n, p, n);
    s->held_n += n;
}

/* How many bytes the chunk takes whose first bytes are held; 0 if it cannot be (told). */
static size_t trace_wanted(struct dx_stream *s)
{
    if (s->held_n < CHUNK_BYTES) {
        return CHUNK_BYTES;
    }
    uint64_t size = dx_le(s->held + 8, 8);
    if (size <= MOST_CHUNK) {
        return CHUNK_BYTES + padded(size);
    }
    dx_note(s->u, "%s: at byte %zu: a chunk of impossible size", s->trace->shown, s->at);
    DX_COUNT(s->u, damaged_chunks, 1);
    s->dead = true;
    return 0;
}

void dx_stream_feed(struct dx_stream *s, const uint8_t *p, size_t n)
{
    while (n && !s->dead) {
        size_t want = trace_wanted(s);
        size_t take = want - s->held_n < n ? want - s->held_n : n;
        trace_hold(s, p, take);
        p += take;
        n -= take;
        /* Asked again: with its first bytes the chunk said how long it is, perhaps nothing more. */
        want = trace_wanted(s);
        if (want && s->held_n >= CHUNK_BYTES && s->held_n == want) {
            trace_complete(s, s->held_n);
        }
    }
}

void dx_stream_end(struct dx_stream *s)
{
    size_t need = s->held_n >= CHUNK_BYTES ? CHUNK_BYTES + (size_t)dx_le(s->held + 8, 8) : 0;
    if (!s->dead && need && s->held_n >= need) {
        trace_complete(s, s->held_n); /* the last chunk without its padding */
    } else if (!s->dead && s->held_n) {
        dx_note(s->u, "%s: at byte %zu: the file ends within a chunk", s->trace->shown, s->at);
        DX_COUNT(s->u, damaged_chunks, 1);
    }
    free(s->held);
    free(s);
}
