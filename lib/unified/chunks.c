/* A chunk set: blocks packed as Apple's COMPRESSION_LZ4 does it, and in them chunks: of firehose
 * entries, of arguments that were too large for these, of dumps. */
#include <stdlib.h>
#include <string.h>

#include <lz4.h>

#include "unified/unified.h"

#define CHUNK_BYTES 16
#define MOST_RATIO 256 /* LZ4 cannot reach more */
#define MOST_OVERSIZE ((size_t)64 << 20)

/* ---- LZ4 ---------------------------------------------------------------------------------------
 */

static bool room(struct dx_unpacked *x, size_t n)
{
    if (n > DX_SET_BYTES - x->size) {
        return false;
    }
    if (!x->data || x->size + n > x->cap) {
        size_t cap = x->size + n + ((size_t)64 << 10);
        uint8_t *p = realloc(x->data, cap);
        if (!p) {
            abort();
        }
        x->data = p;
        x->cap = cap;
    }
    return true;
}

/* Later blocks may look back into earlier ones, which stand right before them. */
static const char *packed_block(struct dx_unpacked *x, struct dx_cur *in)
{
    uint32_t want = dx_get32(in), have = dx_get32(in);
    const uint8_t *p = dx_take(in, have);
    if (!p) {
        return "a compressed block ends too early";
    }
    /* have: LZ4 takes an int, and grows what it cannot pack by a few bytes at most. */
    if (want / MOST_RATIO > have || have > 2 * DX_SET_BYTES || !room(x, want)) {
        return "a compressed block claims an impossible size";
    }
    size_t back = x->size < ((size_t)64 << 10) ? x->size : (size_t)64 << 10;
    int got =
        LZ4_decompress_safe_usingDict((const char *)p, (char *)x->data + x->size, (int)have,
                                      (int)want, (const char *)x->data + x->size - back, (int)back);
    if (got < 0 || (uint32_t)got != want) {
        return "a compressed block is damaged";
    }
    x->size += want;
    return NULL;
}

static const char *stored_block(struct dx_unpacked *x, struct dx_cur *in)
{
    uint32_t n = dx_get32(in);
    const uint8_t *p = dx_take(in, n);
    if (!p || !room(x, n)) {
        return p ? "a stored block is too large" : "a stored block ends too early";
    }
    memcpy(x->data + x->size, p, n);
    x->size += n;
    return NULL;
}

/* What is wrong, or NULL; what came before the damage counts. */
static const char *unpack(struct dx_unpacked *x, struct dx_cur in)
{
    while (dx_left(&in) >= 4) {
        const uint8_t *magic = dx_take(&in, 4);
        const char *wrong = "an unknown kind of block";
        if (memcmp(magic, "bv4$", 4) == 0) {
            return NULL;
        }
        if (memcmp(magic, "bv41", 4) == 0) {
            wrong = packed_block(x, &in);
        } else if (memcmp(magic, "bv4-", 4) == 0) {
            wrong = stored_block(x, &in);
        }
        if (wrong) {
            return wrong;
        }
    }
    return "no end of the compressed data";
}

/* ---- entries -----------------------------------------------------------------------------------
 */

static void add_raw(struct dx_unpacked *x, uint64_t ticks, size_t chunk, size_t at)
{
    if (x->count == x->raw_cap) {
        x->raw_cap = x->raw_cap ? x->raw_cap * 2 : 4096;
        x->raw = realloc(x->raw, x->raw_cap * sizeof *x->raw);
        if (!x->raw) {
            abort();
        }
    }
    x->raw[x->count++] = (struct dx_raw){ticks, (uint32_t)chunk, (uint32_t)at};
}

/* The body of a firehose chunk: who wrote it, 32 bytes in all, then entries, each padded to eight
 * bytes. The size of the public data counts from the 16th byte. */
static bool list_firehose(struct dx_unpacked *x, size_t chunk, size_t size)
{
    const uint8_t *body = x->data + chunk + CHUNK_BYTES;
    if (size < 32) {
        return false;
    }
    size_t end = 16 + (size_t)dx_le(body + 16, 2), at = 32;
    uint64_t base = dx_le(body + 24, 8);
    bool whole = end <= size;
    end = whole ? end : size;
    while (at < end && end - at >= 24) {
        const uint8_t *p = body + at;
        size_t n = (size_t)dx_le(p + 22, 2);
        if (n > end - at - 24) {
            return false;
        }
        if (p[0]) { /* 0: not used, or cleared */
            add_raw(x, base + dx_le(p + 16, 6), chunk, chunk + CHUNK_BYTES + at);
        }
        at += (24 + n + 7) & ~(size_t)7;
    }
    return whole;
}

static bool list_oversize(struct dx_unpacked *x, size_t chunk, size_t size)
{
    const uint8_t *body = x->data + chunk + CHUNK_BYTES;
    if (size < 32) {
        return false;
    }
    if (x->over_count == x->over_cap) {
        x->over_cap = x->over_cap ? x->over_cap * 2 : 16;
        x->over = realloc(x->over, x->over_cap * sizeof *x->over);
        if (!x->over) {
            abort();
        }
    }
    x->over[x->over_count++] = (struct dx_oversize){.first = dx_le(body, 8),
                                                    .second = (uint32_t)dx_le(body + 8, 4),
                                                    .ref = (uint32_t)dx_le(body + 24, 4),
                                                    .chunk = (uint32_t)chunk,
                                                    .size = size};
    return true;
}

static bool list_chunk(struct dext_unified *u, struct dx_unpacked *x, uint32_t tag, size_t chunk,
                       size_t size)
{
    switch (tag) {
    case DX_CHUNK_FIREHOSE:
        return list_firehose(x, chunk, size);
    case DX_CHUNK_OVERSIZE:
        return list_oversize(x, chunk, size);
    case DX_CHUNK_STATE:
    case DX_CHUNK_SIMPLE:
        if (size >= 24) {
            add_raw(x, dx_le(x->data + chunk + CHUNK_BYTES + 16, 8), chunk, 0);
        }
        return size >= 24;
    default:
        DX_COUNT(u, unknown_chunks, 1);
        return true;
    }
}

/* Chunks are padded to eight bytes, but of some the padding is missing. */
static size_t next_chunk(const struct dx_unpacked *x, size_t end)
{
    size_t at = (end + 7) & ~(size_t)7;
    uint32_t tag = end + 4 <= x->size ? (uint32_t)dx_le(x->data + end, 4) : 0;
    bool unpadded = at != end && tag >= DX_CHUNK_FIREHOSE && tag <= DX_CHUNK_SIMPLE;
    return unpadded ? end : at;
}

static int chunks_by_key(const void *p, const void *q)
{
    const struct dx_oversize *a = p, *b = q;
    if (a->first != b->first) {
        return a->first < b->first ? -1 : 1;
    }
    if (a->second != b->second) {
        return a->second < b->second ? -1 : 1;
    }
    return a->ref < b->ref ? -1 : a->ref > b->ref;
}

static void sort_oversize(struct dx_unpacked *x)
{
    if (x->over_count > 1) {
        qsort(x->over, x->over_count, sizeof *x->over, chunks_by_key);
    }
}

void dx_unpack_set(struct dext_unified *u, const struct dx_set *set, struct dx_unpacked *x)
{
    x->set = set;
    x->size = x->count = x->over_count = 0;
    x->process = NULL;
    x->first = 0;
    x->second = 0;
    const char *wrong = unpack(x, dx_cur(set->data, set->size));
    size_t at = 0;
    while (at < x->size && x->size - at >= CHUNK_BYTES) {
        uint32_t tag = (uint32_t)dx_le(x->data + at, 4);
        uint64_t size = dx_le(x->data + at + 8, 8);
        bool fits = size <= x->size - at - CHUNK_BYTES;
        size_t n = fits ? (size_t)size : x->size - at - CHUNK_BYTES;
        if (!list_chunk(u, x, tag, at, n) || !fits) {
            wrong = wrong ? wrong : "a chunk is damaged";
            DX_COUNT(u, damaged_chunks, 1);
        }
        at = next_chunk(x, at + CHUNK_BYTES + n);
    }
    sort_oversize(x);
    DX_COUNT(u, sets, 1);
    DX_COUNT(u, entries, x->count);
    if (wrong) {
        DX_COUNT(u, damaged_chunks, at == 0);
        dx_note(u, "%s: at byte %zu: in a chunk set, %s", set->trace->shown, set->offset, wrong);
    }
}

static int chunks_by_time(const void *p, const void *q)
{
    const struct dx_raw *a = p, *b = q;
    if (a->ticks != b->ticks) {
        return a->ticks < b->ticks ? -1 : 1;
    }
    if (a->chunk != b->chunk) {
        return a->chunk < b->chunk ? -1 : 1;
    }
    return a->at < b->at ? -1 : a->at > b->at;
}

void dx_raws_sort(struct dx_raw *raw, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (chunks_by_time(&raw[i - 1], &raw[i]) > 0) {
            qsort(raw, count, sizeof *raw, chunks_by_time);
            return;
        }
    }
}

void dx_unpacked_free(struct dx_unpacked *x)
{
    free(x->data);
    free(x->raw);
    free(x->over);
    free(x->near);
    free(x->seen);
    *x = (struct dx_unpacked){.set = NULL};
}

/* ---- oversize ----------------------------------------------------------------------------------
 */

static struct dx_oversize **chunks_slot(struct dext_unified *u, const struct dx_oversize *key)
{
    uint64_t h = (key->first * 31 + key->second) * 0x9e3779b97f4a7c15u + key->ref;
    return &u->over[(h * 0x9e3779b97f4a7c15u) >> 52];
}

static void chunks_keep(struct dext_unified *u, const struct dx_unpacked *x)
{
    for (size_t k = 0; k < x->over_count && u->over_bytes < MOST_OVERSIZE; k++) {
        struct dx_oversize *o = dx_alloc(&u->arena, sizeof *o), **at = chunks_slot(u, &x->over[k]);
        uint8_t *copy = dx_alloc_raw(&u->arena, x->over[k].size + 1);
        memcpy(copy, x->data + x->over[k].chunk + CHUNK_BYTES, x->over[k].size);
        *o = x->over[k];
        o->copy = copy;
        o->boot = x->set->trace->boot;
        o->next = *at;
        *at = o;
        u->over_bytes += o->size + sizeof *o;
    }
}

void dx_oversize_keep(struct dext_unified *u, const struct dx_unpacked *x)
{
    pthread_mutex_lock(&u->lock);
    chunks_keep(u, x);
    pthread_mutex_unlock(&u->lock);
}

/* Copies the oversize chunks of all sets; under the lock. Needed only when an entry refers to one
 * that is not in its own set. */
static void list_all(struct dext_unified *u)
{
    struct dx_unpacked x = {.set = NULL};
    u->over_listed = true;
    for (size_t i = 0; i < u->set_count && u->over_bytes < MOST_OVERSIZE; i++) {
        x.set = &u->sets[i];
        x.size = x.count = x.over_count = 0;
        (void)unpack(&x, dx_cur(x.set->data, x.set->size));
        size_t at = 0;
        while (at < x.size && x.size - at >= CHUNK_BYTES) {
            uint64_t size = dx_le(x.data + at + 8, 8);
            size_t left = x.size - at - CHUNK_BYTES, n = size < left ? (size_t)size : left;
            if (dx_le(x.data + at, 4) == DX_CHUNK_OVERSIZE) {
                (void)list_oversize(&x, at, n);
            }
            at = next_chunk(&x, at + CHUNK_BYTES + n);
        }
        chunks_keep(u, &x);
    }
    dx_unpacked_free(&x);
}

bool dx_oversize_find(struct dext_unified *u, const struct dx_unpacked *x, uint64_t first,
                      uint32_t second, uint32_t ref, struct dx_cur *out)
{
    const struct dx_oversize key = {.first = first, .second = second, .ref = ref};
    const struct dx_oversize *o =
        x->over_count ? bsearch(&key, x->over, x->over_count, sizeof *x->over, chunks_by_key)
                      : NULL;
    if (o) {
        *out = dx_cur(x->data + o->chunk + CHUNK_BYTES, o->size);
        return true;
    }
    pthread_mutex_lock(&u->lock);
    if (!u->over_listed) {
        list_all(u);
    }
    o = *chunks_slot(u, &key);
    while (o && (chunks_by_key(o, &key) != 0 || o->boot != x->set->trace->boot)) {
        o = o->next;
    }
    pthread_mutex_unlock(&u->lock);
    if (o) {
        *out = dx_cur(o->copy, o->size);
    }
    return o != NULL;
}
