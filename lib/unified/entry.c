/* One entry, taken apart: what its flags say stands in it, where its format string is, where its
 * arguments are. Nothing is rendered here. */
#include <stdlib.h>
#include <string.h>

#include "unified/unified.h"

#define CHUNK_BYTES 16

#define ACTIVITY_BITS (UINT64_MAX >> 1) /* the highest bit is not part of an activity's id */

static void read_place(struct dx_cur *in, uint16_t flags, struct dx_place *p)
{
    p->low = dx_get32(in);
    if (flags & DX_HAS_LARGE) {
        p->large = dx_get16(in);
    }
    switch (flags & DX_STRINGS) {
    case DX_IN_LOADED:
        p->high = dx_get16(in);
        break;
    case DX_IN_UUID:
        p->uuid = dx_take(in, DX_UUID);
        break;
    case DX_IN_LARGE_CACHE:
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

struct dx_strings *dx_entry_strings(struct dext_unified *u, const struct dx_process *p,
                                    uint16_t flags, const struct dx_place *at, uint64_t *base)
{
    const struct dx_load *load;
    *base = 0;
    switch (flags & DX_STRINGS) {
    case DX_IN_MAIN:
        return p ? p->main : NULL;
    case DX_IN_CACHE:
    case DX_IN_LARGE_CACHE:
        return p ? p->cache : NULL;
    case DX_IN_LOADED:
        load = load_at(p, (uint64_t)at->high << 32 | at->low);
        *base = load ? load->start : 0;
        return load ? dx_strings_find(u, load->uuid, false) : NULL;
    case DX_IN_UUID:
        return at->uuid ? dx_strings_find(u, at->uuid, false) : NULL;
    default:
        return NULL;
    }
}

/* As dtformats found out from what log(1) prints: where the two large parts contradict each other
 * ("Invalid shared cache code pointer offset") the one counts as the address's upper half. */
static uint64_t address_of(const struct dx_place *p)
{
    uint64_t address = (uint64_t)p->high << 32 | p->low;
    if (p->cache) {
        bool odd = p->large && p->large != p->cache >> 1;
        return odd ? address | (uint64_t)p->large << 32 : address | (uint64_t)p->cache << 31;
    }
    return address | (uint64_t)p->large << 31;
}

static void locate(struct dext_unified *u, struct dx_unpacked *x, const struct dx_place *p,
                   struct dx_entry *e)
{
    uint64_t base;
    struct dx_strings *s = dx_entry_strings(u, e->process, e->flags, p, &base);
    e->format = dx_entry_format(u, x, s, e->reference, p->cache ? p->cache : p->large);
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

void dx_entry_items(struct dx_cur *in, struct dx_entry *e)
{
    (void)dx_get8(in);
    e->count = dx_get8(in);
    e->items = in->p;
    for (unsigned i = 0; i < e->count && !in->bad; i++) {
        if (dx_left(in) >= 2 && dx_left(in) - 2 >= in->p[1]) {
            in->p += 2 + in->p[1];
        } else {
            in->p += dx_left(in) < 2 ? dx_left(in) : 2;
            in->bad = true;
        }
    }
    e->items_end = in->p;
    e->values = (struct dx_str){(const char *)in->p, dx_left(in)};
}

/* The body of an entry's chunk, as far as it is there. */
static struct dx_cur entry_chunk(const struct dx_unpacked *x, const struct dx_raw *raw)
{
    const uint8_t *chunk = x->data + raw->chunk;
    uint64_t said = dx_le(chunk + 8, 8);
    size_t left = x->size - raw->chunk - CHUNK_BYTES;
    return dx_cur(chunk + CHUNK_BYTES, said < left ? (size_t)said : left);
}

/* Private data stands at the end of the chunk, as the end of a page of 4096 bytes. */
void dx_entry_private(const struct dx_unpacked *x, const struct dx_raw *raw, uint16_t offset,
                      uint16_t n, struct dx_entry *e)
{
    struct dx_cur body = entry_chunk(x, raw);
    size_t start = (size_t)dx_le(body.p + 18, 2) & 0xfff, all = start ? 4096 - start : 0;
    if (all == 0 || all > dx_left(&body) || offset < start || offset - start >= all) {
        return;
    }
    size_t at = offset - start, most = all - at;
    e->secrets = (struct dx_str){(const char *)body.end - all + at, n < most ? n : most};
}

const struct dx_process *dx_entry_process(struct dx_unpacked *x, const struct dx_raw *raw)
{
    const uint8_t *body = x->data + raw->chunk + CHUNK_BYTES;
    uint64_t first = dx_le(body, 8);
    uint32_t second = (uint32_t)dx_le(body + 8, 4);
    if (!x->process || x->first != first || x->second != second) {
        x->first = first;
        x->second = second;
        x->process = dx_catalog_find(x->set->catalog, first, second);
    }
    return x->process;
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
    dx_entry_items(&in, e);
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
                     const struct dx_raw *raw, struct dx_entry *e)
{
    struct dx_place place = {.low = 0};
    uint16_t offset = 0, n = 0;
    uint32_t ref = 0, name = 0;
    uint64_t name_large = 0;
    bool signpost = e->kind == DEXT_UNIFIED_SIGNPOST;
    if (e->flags & DX_HAS_ACTIVITY) {
        e->activity = dx_get64(&in) & ACTIVITY_BITS;
    }
    if (e->flags & DX_HAS_PRIVATE) {
        offset = dx_get16(&in);
        n = dx_get16(&in);
    }
    read_place(&in, e->flags, &place);
    if (e->flags & DX_HAS_SUBSYSTEM) {
        subsystem(dx_get16(&in), e);
    }
    e->signpost = signpost ? dx_get64(&in) : 0;
    if (e->flags & DX_HAS_RULES) {
        e->ttl = dx_get8(&in);
    }
    if (e->flags & DX_HAS_OVERSIZE) { /* 32 bits, like what it refers to */
        ref = dx_left(&in) >= 4 ? dx_get32(&in) : dx_get16(&in);
    }
    if (signpost && (e->flags & DX_HAS_NAME)) {
        name = dx_get32(&in);
        name_large = e->flags & DX_HAS_LARGE ? dx_get16(&in) : 0;
    }
    e->incomplete = in.bad;
    locate(u, x, &place, e);
    if (name && e->format) {
        uint64_t base;
        struct dx_strings *s = dx_entry_strings(u, e->process, e->flags, &place, &base);
        e->name = dx_entry_format(u, x, s, name, name_large);
    }
    if (ref) {
        read_oversize(u, x, ref, e);
    } else {
        dx_entry_private(x, raw, offset, n, e);
        if (dx_left(&in) >= 2) {
            dx_entry_items(&in, e);
            e->incomplete |= in.bad;
        }
    }
}

static void read_activity(struct dext_unified *u, struct dx_unpacked *x, struct dx_cur in,
                          struct dx_entry *e)
{
    struct dx_place place = {.low = 0};
    uint64_t current = e->flags & DX_HAS_ACTIVITY ? dx_get64(&in) : 0;
    if (e->flags & DX_HAS_PID) {
        (void)dx_get64(&in);
    }
    if (e->flags & DX_HAS_SUBSYSTEM) {
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
    struct dx_place place = {.low = 0};
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
                          struct dx_entry *e)
{
    const uint8_t *p = x->data + raw->at;
    struct dx_cur in = dx_cur(p + 24, (size_t)dx_le(p + 22, 2));
    e->type = p[1];
    e->flags = (uint16_t)dx_le(p + 2, 2);
    e->reference = (uint32_t)dx_le(p + 4, 4);
    e->thread = dx_le(p + 8, 8);
    switch (p[0]) {
    case DX_REC_ACTIVITY:
        e->kind = e->type == 3 ? DEXT_UNIFIED_ACTION : DEXT_UNIFIED_ACTIVITY;
        read_activity(u, x, in, e);
        return true;
    case DX_REC_TRACE:
        e->kind = DEXT_UNIFIED_TRACE;
        read_trace(u, x, in, e);
        return true;
    case DX_REC_LOG:
    case DX_REC_SIGNPOST:
        e->kind = p[0] == DX_REC_LOG ? DEXT_UNIFIED_LOG : DEXT_UNIFIED_SIGNPOST;
        read_log(u, x, in, raw, e);
        return true;
    case DX_REC_LOSS:
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
    *e = (struct dx_entry){.from = x, .ticks = raw->ticks, .subsystem = "", .category = ""};
    e->process = dx_entry_process(x, raw);
    bool read;
    if (raw->at) {
        read = read_firehose(u, x, raw, e);
    } else if (dx_le(x->data + raw->chunk, 4) == DX_CHUNK_STATE) {
        read = entry_read_state(u, entry_chunk(x, raw), e, a);
    } else {
        read = read_simple(u, entry_chunk(x, raw), e, a);
    }
    if (!read) {
        DX_COUNT(u, damaged_entries, 1);
    }
    return read;
}
