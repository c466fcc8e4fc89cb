/* As much of an entry as tells whether it is of interest. Most of a log is passed over, and what
 * that costs is what reading a log costs: the format string is found by a look-up in tables of the
 * thread's own, and no field is taken out that nobody asked for. Where anything is not as it should
 * be, the entry is read whole (entry.c), which tells and counts what is wrong. */
#include <stdlib.h>
#include <string.h>

#include "unified/unified.h"

#define CHUNK_BYTES 16
#define ENTRY_BYTES 24
#define NEAR_FIRST 1024
#define NEAR_MOST ((size_t)1 << 17) /* slots: 3 MiB a thread */
#define NEAR_TRIES 8
#define SEEN 1024 /* addresses and UUIDs; a power of 2 */

/* Where a string file was found: of an address in a process, or of a UUID. */
struct dx_seen {
    const struct dx_process *process;
    uint64_t low, high;
    struct dx_strings *strings; /* NULL: free */
};

static uint64_t glance_hash(uint64_t a, uint64_t b)
{
    return (a ^ b * 0xff51afd7ed558ccdu) * 0x9e3779b97f4a7c15u;
}

static void *glance_must(void *p)
{
    if (!p) {
        abort();
    }
    return p;
}

/* ---- formats ----------------------------------------------------------------------------------
 */

/* The slot of a format; of one that is not there, a free one, or NULL. */
static struct dx_near *near_slot(const struct dx_unpacked *x, const struct dx_strings *s,
                                 uint64_t key)
{
    size_t at = (size_t)(glance_hash((uintptr_t)s >> 4, key) >> 32);
    for (size_t i = 0; i < NEAR_TRIES; i++) {
        struct dx_near *n = &x->near[(at + i) & (x->near_n - 1)];
        if (!n->format || (n->key == key && n->strings == s)) {
            return n;
        }
    }
    return NULL;
}

/* Twice as many slots; what finds no place is looked up again when it is asked for. */
static void near_grow(struct dx_unpacked *x)
{
    struct dx_near *old = x->near;
    size_t n = x->near_n;
    x->near_n = n ? n * 2 : NEAR_FIRST;
    x->near = glance_must(calloc(x->near_n, sizeof *x->near));
    for (size_t i = 0; i < n; i++) {
        struct dx_near *to = old[i].format ? near_slot(x, old[i].strings, old[i].key) : NULL;
        if (to) {
            *to = old[i];
        }
    }
    free(old);
}

struct dx_format *dx_entry_format(struct dext_unified *u, struct dx_unpacked *x,
                                  struct dx_strings *s, uint32_t stored, uint64_t large)
{
    uint64_t ref = large << 31 | (stored & 0x7fffffffu);
    bool dynamic = stored >> 31;
    uint64_t key = ref << 1 | dynamic;
    if (!s) {
        return NULL;
    }
    struct dx_near *n = x->near_n ? near_slot(x, s, key) : NULL;
    if (!n && x->near_n < NEAR_MOST) {
        near_grow(x);
        n = near_slot(x, s, key);
    }
    n = n ? n : &x->near[glance_hash((uintptr_t)s >> 4, key) >> 32 & (x->near_n - 1)];
    if (!n->format || n->key != key || n->strings != s) {
        *n = (struct dx_near){s, key, dx_strings_format(u, s, ref, dynamic)};
    }
    return n->format;
}

/* ---- where format strings are -------------------------------------------------------------------
 */

static struct dx_strings *glance_seen(struct dext_unified *u, struct dx_unpacked *x, uint16_t flags,
                                      const struct dx_place *at)
{
    struct dx_seen key = {.process = x->process, .low = at->low, .high = at->high};
    if (at->uuid) {
        key = (struct dx_seen){NULL, dx_le(at->uuid, 8), dx_le(at->uuid + 8, 8), NULL};
    }
    x->seen = x->seen ? x->seen : glance_must(calloc(SEEN, sizeof *x->seen));
    struct dx_seen *s = &x->seen[glance_hash(key.low ^ (uintptr_t)key.process, key.high) >> 54];
    if (!s->strings || s->low != key.low || s->high != key.high || s->process != key.process) {
        uint64_t base;
        key.strings = dx_entry_strings(u, x->process, flags, at, &base);
        *s = key;
    }
    return s->strings;
}

/* The string file an entry refers to, or NULL. p: where that stands; *large: the upper bits of the
 * reference. */
static struct dx_strings *glance_strings(struct dext_unified *u, struct dx_unpacked *x,
                                         uint16_t flags, const uint8_t *p, uint64_t *large)
{
    struct dx_place at = {.low = (uint32_t)dx_le(p, 4)};
    const struct dx_process *process = x->process;
    p += 4;
    *large = 0;
    if (flags & DX_HAS_LARGE) {
        *large = dx_le(p, 2);
        p += 2;
    }
    switch (flags & DX_STRINGS) {
    case DX_IN_MAIN:
        return process ? process->main : NULL;
    case DX_IN_LARGE_CACHE:
        at.cache = (uint16_t)dx_le(p, 2);
        *large = at.cache ? at.cache : *large;
        return process ? process->cache : NULL;
    case DX_IN_CACHE:
        return process ? process->cache : NULL;
    case DX_IN_LOADED:
        at.high = (uint16_t)dx_le(p, 2);
        return glance_seen(u, x, flags, &at);
    case DX_IN_UUID:
        at.uuid = p;
        return glance_seen(u, x, flags, &at);
    default:
        return NULL;
    }
}

/* Bytes of where the format string is. */
static size_t glance_place_bytes(uint16_t flags)
{
    static const uint8_t where[8] = {0, 0, 0, 0, 2, DX_UUID, 2, 0};
    return 4u + (flags & DX_HAS_LARGE ? 2u : 0u) + where[(flags & DX_STRINGS) >> 1];
}

/* ---- kinds --------------------------------------------------------------------------------------
 */

/* Without a format string, the entry counts as one that lacks its text. */
static enum dx_glance glance_format(struct dext_unified *u, struct dx_unpacked *x, const uint8_t *p,
                                    size_t place, struct dx_entry *e)
{
    uint64_t large;
    struct dx_strings *s =
        glance_strings(u, x, (uint16_t)dx_le(p + 2, 2), p + ENTRY_BYTES + place, &large);
    e->format = dx_entry_format(u, x, s, (uint32_t)dx_le(p + 4, 4), large);
    return e->format ? DX_GLANCE_LOOK : DX_GLANCE_READ;
}

static enum dx_glance glance_activity(struct dext_unified *u, struct dx_unpacked *x,
                                      const uint8_t *p, size_t n, struct dx_entry *e)
{
    uint16_t flags = (uint16_t)dx_le(p + 2, 2);
    size_t place = (flags & DX_HAS_ACTIVITY ? 8u : 0u) + (flags & DX_HAS_PID ? 8u : 0u) +
                   (flags & DX_HAS_SUBSYSTEM ? 8u : 0u) + (p[1] != 3 ? 8u : 0u);
    if (n < place + glance_place_bytes(flags)) {
        return DX_GLANCE_READ;
    }
    e->items = NULL;
    return glance_format(u, x, p, place, e);
}

static enum dx_glance glance_log(struct dext_unified *u, struct dx_unpacked *x,
                                 const struct dx_raw *raw, const uint8_t *p, size_t n,
                                 struct dx_entry *e)
{
    uint16_t flags = (uint16_t)dx_le(p + 2, 2);
    const uint8_t *body = p + ENTRY_BYTES;
    size_t private = flags & DX_HAS_ACTIVITY ? 8 : 0;
    size_t place = private + (flags & DX_HAS_PRIVATE ? 4u : 0u);
    size_t items = place + glance_place_bytes(flags) + (flags & DX_HAS_SUBSYSTEM ? 2u : 0u) +
                   (flags & DX_HAS_RULES ? 1u : 0u);
    if ((flags & DX_HAS_OVERSIZE) || n < items) {
        return DX_GLANCE_READ;
    }
    if (p[0] == DX_REC_SIGNPOST) { /* a string file that is missing is counted */
        uint64_t large;
        (void)glance_strings(u, x, flags, body + place, &large);
        return DX_GLANCE_PASS;
    }
    e->items = body + items;
    e->items_end = body + n;
    e->secrets.n = 0;
    if (flags & DX_HAS_PRIVATE) {
        dx_entry_private(x, raw, (uint16_t)dx_le(body + private, 2),
                         (uint16_t)dx_le(body + private + 2, 2), e);
    }
    return glance_format(u, x, p, place, e);
}

enum dx_glance dx_entry_glance(struct dext_unified *u, struct dx_unpacked *x,
                               const struct dx_raw *raw, struct dx_entry *e)
{
    if (raw->at == 0) {
        return DX_GLANCE_READ;
    }
    const uint8_t *p = x->data + raw->at;
    size_t n = (size_t)dx_le(p + 22, 2);
    e->process = dx_entry_process(x, raw);
    switch (p[0]) {
    case DX_REC_LOG:
    case DX_REC_SIGNPOST:
        return glance_log(u, x, raw, p, n, e);
    case DX_REC_ACTIVITY:
        return glance_activity(u, x, p, n, e);
    case DX_REC_LOSS:
        return DX_GLANCE_PASS;
    default:
        return DX_GLANCE_READ;
    }
}

bool dx_glance_arguments(struct dx_entry *e)
{
    struct dx_cur in = dx_cur(e->items, e->items ? (size_t)(e->items_end - e->items) : 0);
    e->values.n = 0;
    e->count = 0;
    if (dx_left(&in) < 2) {
        e->items = NULL;
        return true;
    }
    dx_entry_items(&in, e);
    return !in.bad;
}
