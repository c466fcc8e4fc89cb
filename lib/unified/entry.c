/* One entry, taken apart: what its flags say stands in it, where its format string is, where its
 * arguments are. Nothing is rendered here. */
#include <stdlib.h>
#include <string.h>

#include "unified/unified.h"

#define CHUNK_BYTES 16

enum {
    HAS_ACTIVITY = 0x0001,
    STRINGS = 0x000e, /* where the format string is */
    HAS_PID = 0x0010,
    HAS_LARGE = 0x0020,
    HAS_PRIVATE = 0x0100,
    HAS_SUBSYSTEM = 0x0200, /* of an activity: the other activity */
    HAS_RULES = 0x0400,
    HAS_OVERSIZE = 0x0800,
    HAS_NAME = 0x8000,
};

enum {
    IN_MAIN = 0x0002,   /* of the process's executable */
    IN_CACHE = 0x0004,  /* in the shared cache */
    IN_LOADED = 0x0008, /* of the image that was loaded at the address */
    IN_UUID = 0x000a,   /* of the image whose UUID is in the entry */
    IN_LARGE_CACHE = 0x000c,
};

enum { REC_ACTIVITY = 2, REC_TRACE = 3, REC_LOG = 4, REC_SIGNPOST = 6, REC_LOSS = 7 };

#define ACTIVITY_BITS (UINT64_MAX >> 1) /* the highest bit is not part of an activity's id */

/* Where an entry says its string and code are. */
struct place {
    uint32_t low;
    uint16_t large, high, cache;
    const uint8_t *uuid;
};

static void read_place(struct dx_cur *in, uint16_t flags, struct place *p)
{
    p->low = dx_get32(in);
    if (flags & HAS_LARGE) {
        p->large = dx_get16(in);
    }
    switch (flags & STRINGS) {
    case IN_LOADED:
        p->high = dx_get16(in);
        break;
    case IN_UUID:
        p->uuid = dx_take(in, DX_UUID);
        break;
    case IN_LARGE_CACHE:
        p->cache = dx_get16(in);
        break;
    default:
        break;
    }
}

static const struct dx_load *load_at(const struct dx_process *p, uint64_t address)
{
    for (size_t i = 0; p && i < p->load_count; i++) {
        if (address >= p->loads[i].start && address - p->loads[i].start <= p->loads[i].size) {
            return &p->loads[i];
        }
    }
    return NULL;
}

/* The string file an entry refers to, or NULL; base: of the image that was loaded there. */
static struct dx_strings *strings_of(struct dext_unified *u, const struct dx_process *p,
                                     uint16_t flags, const struct place *at, uint64_t *base)
{
    const struct dx_load *load;
    *base = 0;
    switch (flags & STRINGS) {
    case IN_MAIN:
        return p ? p->main : NULL;
    case IN_CACHE:
    case IN_LARGE_CACHE:
        return p ? p->cache : NULL;
    case IN_LOADED:
        load = load_at(p, (uint64_t)at->high << 32 | at->low);
        *base = load ? load->start : 0;
        return load ? dx_strings_find(u, load->uuid, false) : NULL;
    case IN_UUID:
        return at->uuid ? dx_strings_find(u, at->uuid, false) : NULL;
    default:
        return NULL;
    }
}

/* The highest bit of a reference says that there is no string: the message is the argument. What
 * does not fit into 31 bits stands elsewhere in the entry. */
static struct dx_format *format_of(struct dext_unified *u, struct dx_unpacked *x,
                                   struct dx_strings *s, uint32_t stored, uint64_t large)
{
    uint64_t ref = large << 31 | (stored & 0x7fffffffu);
    bool dynamic = stored >> 31;
    if (!s) {
        return NULL;
    }
    if (!x->near) {
        x->near = calloc(DX_NEAR, sizeof *x->near);
        if (!x->near) {
            abort();
        }
    }
    uint64_t h = ((uint64_t)(uintptr_t)s >> 4 ^ ref) * 0x9e3779b97f4a7c15u;
    struct dx_near *n = &x->near[h >> 52];
    if (!n->format || n->strings != s || n->ref != ref || n->dynamic != dynamic) {
        *n = (struct dx_near){s, ref, dynamic, dx_strings_format(u, s, ref, dynamic)};
    }
    return n->format;
}

/* As dtformats found out from what log(1) prints: where the two large parts contradict each other
 * ("Invalid shared cache code pointer offset") the one counts as the address's upper half. */
static uint64_t address_of(const struct place *p)
{
    uint64_t address = (uint64_t)p->high << 32 | p->low;
    if (p->cache) {
        bool odd = p->large && p->large != p->cache >> 1;
        return odd ? address | (uint64_t)p->large << 32 : address | (uint64_t)p->cache << 31;
    }
    return address | (uint64_t)p->large << 31;
}

static void locate(struct dext_unified *u, struct dx_unpacked *x, const struct place *p,
                   struct dx_entry *e)
{
    uint64_t base;
    struct dx_strings *s = strings_of(u, e->process, e->flags, p, &base);
    e->format = format_of(u, x, s, e->reference, p->cache ? p->cache : p->large);
    if (e->format) {
        e->image = e->format->image;
    }
    if (base) {
        e->image.base = base;
    }
    if (p->cache && p->large && p->large != p->cache >> 1 && e->format) {
        e->image = (struct dx_sender){s->uuid, "", 0};
    }
    e->pc = address_of(p) - e->image.base;
}

/* ---- the kinds of entries -----------------------------------------------------------------------
 */

static void read_items(struct dx_cur *in, struct dx_entry *e)
{
    (void)dx_get8(in);
    e->count = dx_get8(in);
    e->items = in->p;
    for (unsigned i = 0; i < e->count && !in->bad; i++) {
        (void)dx_get8(in);
        (void)dx_take(in, dx_get8(in));
    }
    e->items_end = in->p;
    e->values = (struct dx_str){(const char *)in->p, dx_left(in)};
}

/* Private data stands at the end of the chunk, as the end of a page of 4096 bytes. */
static void read_private(const uint8_t *body, size_t size, uint16_t offset, uint16_t n,
                         struct dx_entry *e)
{
    size_t start = (size_t)dx_le(body + 18, 2) & 0xfff, all = start ? 4096 - start : 0;
    if (all == 0 || all > size || offset < start || offset - start >= all) {
        return;
    }
    size_t at = offset - start, most = all - at;
    e->secrets = (struct dx_str){(const char *)body + size - all + at, n < most ? n : most};
}

static void read_oversize(struct dext_unified *u, const struct dx_unpacked *x, uint32_t ref,
                          struct dx_entry *e)
{
    struct dx_cur in = dx_cur(NULL, 0);
    e->incomplete = !dx_oversize_find(u, x, e->process ? e->process->first : x->first,
                                      e->process ? e->process->second : x->second, ref, &in);
    if (e->incomplete) {
        return;
    }
    (void)dx_take(&in, 28);
    size_t public = dx_get16(&in), private = dx_get16(&in);
    const uint8_t *end = in.end;
    if (in.bad || public > dx_left(&in)) {
        e->incomplete = true;
        return;
    }
    in.end = in.p + public;
    const uint8_t *secrets = in.end;
    read_items(&in, e);
    e->incomplete = in.bad;
    size_t left = (size_t)(end - secrets);
    e->secrets = (struct dx_str){(const char *)secrets, private < left ? private : left};
}

static void subsystem(uint16_t id, struct dx_entry *e)
{
    const struct dx_subsystem *s = dx_process_subsystem(e->process, id);
    e->subsystem = s ? s->name : "";
    e->category = s ? s->category : "";
}

static void read_log(struct dext_unified *u, struct dx_unpacked *x, struct dx_cur in,
                     const uint8_t *body, size_t size, struct dx_entry *e)
{
    struct place place = {.low = 0};
    uint16_t offset = 0, n = 0;
    uint32_t ref = 0, name = 0;
    uint64_t name_large = 0;
    bool signpost = e->kind == DEXT_UNIFIED_SIGNPOST;
    if (e->flags & HAS_ACTIVITY) {
        e->activity = dx_get64(&in) & ACTIVITY_BITS;
    }
    if (e->flags & HAS_PRIVATE) {
        offset = dx_get16(&in);
        n = dx_get16(&in);
    }
    read_place(&in, e->flags, &place);
    if (e->flags & HAS_SUBSYSTEM) {
        subsystem(dx_get16(&in), e);
    }
    e->signpost = signpost ? dx_get64(&in) : 0;
    if (e->flags & HAS_RULES) {
        e->ttl = dx_get8(&in);
    }
    if (e->flags & HAS_OVERSIZE) { /* 32 bits, like what it refers to */
        ref = dx_left(&in) >= 4 ? dx_get32(&in) : dx_get16(&in);
    }
    if (signpost && (e->flags & HAS_NAME)) {
        name = dx_get32(&in);
        name_large = e->flags & HAS_LARGE ? dx_get16(&in) : 0;
    }
    e->incomplete = in.bad;
    locate(u, x, &place, e);
    if (name && e->format) {
        uint64_t base;
        struct dx_strings *s = strings_of(u, e->process, e->flags, &place, &base);
        e->name = format_of(u, x, s, name, name_large);
    }
    if (ref) {
        read_oversize(u, x, ref, e);
    } else {
        read_private(body, size, offset, n, e);
        if (dx_left(&in) >= 2) {
            read_items(&in, e);
            e->incomplete |= in.bad;
        }
    }
}

static void read_activity(struct dext_unified *u, struct dx_unpacked *x, struct dx_cur in,
                          struct dx_entry *e)
{
    struct place place = {.low = 0};
    uint64_t current = e->flags & HAS_ACTIVITY ? dx_get64(&in) : 0;
    if (e->flags & HAS_PID) {
        (void)dx_get64(&in);
    }
    if (e->flags & HAS_SUBSYSTEM) {
        e->parent = dx_get64(&in) & ACTIVITY_BITS;
    }
    if (e->type != 3) {
        e->activity = dx_get64(&in) & ACTIVITY_BITS;
        e->creator = current;
    }
    read_place(&in, e->flags, &place);
    e->incomplete = in.bad;
    locate(u, x, &place, e);
}

static void read_trace(struct dext_unified *u, struct dx_unpacked *x, struct dx_cur in,
                       struct dx_entry *e)
{
    struct place place = {.low = 0};
    read_place(&in, e->flags, &place);
    locate(u, x, &place, e);
    e->trace = true;
    e->incomplete = in.bad;
    e->values = (struct dx_str){(const char *)in.p, dx_left(&in)};
    e->count = dx_left(&in) ? in.end[-1] : 0;
}

static void read_loss(struct dx_cur in, struct dx_entry *e)
{
    e->lost_from = dx_get64(&in);
    e->lost_to = dx_get64(&in);
    e->lost = dx_get64(&in);
    e->incomplete = in.bad;
}

/* ---- dumps ------------------------------------------------------------------------------------
 */

static const char *entry_fixed(struct dx_arena *a, const uint8_t *p, size_t n)
{
    return p ? dx_strndup(a, (const char *)p, strnlen((const char *)p, n)) : "";
}

static bool entry_read_state(struct dext_unified *u, struct dx_cur in, struct dx_entry *e,
                             struct dx_arena *a)
{
    e->kind = DEXT_UNIFIED_STATE;
    (void)dx_take(&in, 24);
    e->activity = dx_get64(&in) & ACTIVITY_BITS;
    const uint8_t *uuid = dx_take(&in, DX_UUID);
    e->state_kind = dx_get32(&in);
    size_t n = dx_get32(&in);
    const uint8_t *library = dx_take(&in, 64), *type = dx_take(&in, 64), *title = dx_take(&in, 64);
    const uint8_t *data = dx_take(&in, n < dx_left(&in) ? n : dx_left(&in));
    if (in.bad) {
        return false;
    }
    /* Of other kinds these fields hold what was in memory before. */
    e->state_library = e->state_kind == 3 ? entry_fixed(a, library, 64) : "";
    e->state_type = e->state_kind == 3 ? entry_fixed(a, type, 64) : "";
    e->state_title = entry_fixed(a, title, 64);
    e->text = (struct dx_str){(const char *)data, (size_t)(in.p - data)};
    const struct dx_strings *s = dx_strings_find(u, uuid, false);
    e->image = (struct dx_sender){s->uuid, s->image_count ? s->images[0].path : "", 0};
    return true;
}

static bool read_simple(struct dext_unified *u, struct dx_cur in, struct dx_entry *e,
                        struct dx_arena *a)
{
    e->kind = DEXT_UNIFIED_LOG;
    (void)dx_take(&in, 13);
    e->type = dx_get8(&in);
    (void)dx_take(&in, 10);
    e->thread = dx_get64(&in);
    e->pc = dx_get64(&in);
    const uint8_t *uuid = dx_take(&in, DX_UUID);
    (void)dx_take(&in, DX_UUID + 4);
    size_t n = dx_get32(&in), m = dx_get32(&in);
    const uint8_t *subsystem = dx_take(&in, n), *text = dx_take(&in, m);
    if (in.bad) {
        return false;
    }
    e->subsystem = entry_fixed(a, subsystem, n);
    e->text = (struct dx_str){(const char *)text, strnlen((const char *)text, m)};
    const struct dx_strings *s = dx_strings_find(u, uuid, false);
    e->image = (struct dx_sender){s->uuid, s->image_count ? s->images[0].path : "", 0};
    return true;
}

/* ---- any ---------------------------------------------------------------------------------------
 */

static bool read_firehose(struct dext_unified *u, struct dx_unpacked *x, const struct dx_raw *raw,
                          const uint8_t *body, size_t size, struct dx_entry *e)
{
    const uint8_t *p = x->data + raw->at;
    struct dx_cur in = dx_cur(p + 24, (size_t)dx_le(p + 22, 2));
    e->type = p[1];
    e->flags = (uint16_t)dx_le(p + 2, 2);
    e->reference = (uint32_t)dx_le(p + 4, 4);
    e->thread = dx_le(p + 8, 8);
    switch (p[0]) {
    case REC_ACTIVITY:
        e->kind = e->type == 3 ? DEXT_UNIFIED_ACTION : DEXT_UNIFIED_ACTIVITY;
        read_activity(u, x, in, e);
        return true;
    case REC_TRACE:
        e->kind = DEXT_UNIFIED_TRACE;
        read_trace(u, x, in, e);
        return true;
    case REC_LOG:
    case REC_SIGNPOST:
        e->kind = p[0] == REC_LOG ? DEXT_UNIFIED_LOG : DEXT_UNIFIED_SIGNPOST;
        read_log(u, x, in, body, size, e);
        return true;
    case REC_LOSS:
        e->kind = DEXT_UNIFIED_LOSS;
        read_loss(in, e);
        return true;
    default:
        return false;
    }
}

bool dx_entry_read(struct dext_unified *u, struct dx_unpacked *x, const struct dx_raw *raw,
                   struct dx_entry *e, struct dx_arena *a)
{
    const uint8_t *chunk = x->data + raw->chunk, *body = chunk + CHUNK_BYTES;
    uint64_t said = dx_le(chunk + 8, 8);
    size_t left = x->size - raw->chunk - CHUNK_BYTES, size = said < left ? (size_t)said : left;
    *e = (struct dx_entry){.from = x, .ticks = raw->ticks, .subsystem = "", .category = ""};
    uint64_t first = dx_le(body, 8);
    uint32_t second = (uint32_t)dx_le(body + 8, 4);
    if (!x->process || x->first != first || x->second != second) {
        x->first = first;
        x->second = second;
        x->process = dx_catalog_find(x->set->catalog, first, second);
    }
    e->process = x->process;
    bool read;
    if (raw->at) {
        read = read_firehose(u, x, raw, body, size, e);
    } else if (dx_le(chunk, 4) == DX_CHUNK_STATE) {
        read = entry_read_state(u, dx_cur(body, size), e, a);
    } else {
        read = read_simple(u, dx_cur(body, size), e, a);
    }
    if (!read) {
        DX_COUNT(u, damaged_entries, 1);
    }
    return read;
}
