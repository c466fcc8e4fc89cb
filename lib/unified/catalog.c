/* A catalog: which processes wrote the chunk sets behind it, which images they had loaded, and how
 * they call their subsystems. Offsets count from behind its head of 24 bytes. */
#include <stdlib.h>
#include <string.h>

#include "unified/unified.h"

#define HEAD 24
#define NONE 0xffff
#define PROCESS_BYTES 48 /* of a process at least */
#define SPAN_BYTES 32    /* of the times of a chunk set at least */

struct reading {
    struct dext_unified *u;
    struct dx_cur body; /* behind the head */
    size_t uuids;       /* number of them */
    const char *strings;
    size_t strings_n;
    struct dx_arena *a;
};

static const uint8_t *uuid_at(const struct reading *r, size_t i)
{
    return i < r->uuids ? r->body.p + i * DX_UUID : NULL;
}

/* A string of the catalog's; "" when it is not in it. strings_n ends behind the last 0. */
static const char *catalog_string_at(const struct reading *r, size_t at)
{
    return at < r->strings_n ? r->strings + at : "";
}

static bool loads(const struct reading *r, struct dx_cur *in, struct dx_process *p)
{
    uint32_t n = dx_get32(in);
    (void)dx_get32(in);
    if (in->bad || n > dx_left(in) / 16) {
        return false;
    }
    p->loads = dx_calloc(r->a, n + 1, sizeof *p->loads);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t size = dx_get32(in);
        (void)dx_get32(in);
        const uint8_t *uuid = uuid_at(r, dx_get16(in));
        uint64_t low = dx_get32(in), high = dx_get16(in);
        if (uuid) {
            p->loads[p->load_count++] = (struct dx_load){high << 32 | low, size, uuid};
        }
    }
    return !in->bad;
}

static int catalog_by_id(const void *x, const void *y)
{
    const struct dx_subsystem *a = x, *b = y;
    return a->id < b->id ? -1 : a->id > b->id;
}

static bool subsystems(const struct reading *r, struct dx_cur *in, struct dx_process *p)
{
    uint32_t n = dx_get32(in);
    (void)dx_get32(in);
    if (in->bad || n > dx_left(in) / 6) {
        return false;
    }
    p->subsystems = dx_calloc(r->a, n + 1, sizeof *p->subsystems);
    for (uint32_t i = 0; i < n; i++) {
        struct dx_subsystem *s = &p->subsystems[p->subsystem_count++];
        s->id = dx_get16(in);
        s->name = catalog_string_at(r, dx_get16(in));
        s->category = catalog_string_at(r, dx_get16(in));
    }
    qsort(p->subsystems, p->subsystem_count, sizeof *p->subsystems, catalog_by_id);
    return !in->bad;
}

static bool catalog_process(const struct reading *r, struct dx_cur *in, struct dx_process *p)
{
    (void)dx_get32(in);
    size_t main = dx_get16(in), cache = dx_get16(in);
    p->first = dx_get64(in);
    p->second = dx_get32(in);
    p->pid = dx_get32(in);
    p->euid = dx_get32(in);
    (void)dx_get32(in);
    if (!loads(r, in, p) || !subsystems(r, in, p)) {
        return false;
    }
    const uint8_t *main_uuid = main == NONE ? NULL : uuid_at(r, main);
    const uint8_t *cache_uuid = cache == NONE ? NULL : uuid_at(r, cache);
    p->main = main_uuid ? dx_strings_find(r->u, main_uuid, false) : NULL;
    p->cache = cache_uuid ? dx_strings_find(r->u, cache_uuid, true) : NULL;
    const char *path = p->main && p->main->image_count ? p->main->images[0].path : "";
    const char *slash = strrchr(path, '/');
    p->name = slash ? slash + 1 : path;
    return true;
}

static int by_proc(const void *x, const void *y)
{
    const struct dx_process *a = x, *b = y;
    if (a->first != b->first) {
        return a->first < b->first ? -1 : 1;
    }
    return a->second < b->second ? -1 : a->second > b->second;
}

/* Everything up to the next boundary of eight bytes from the beginning of the body. */
static void align(struct dx_cur *in, const uint8_t *from)
{
    size_t odd = (size_t)(in->p - from) & 7;
    size_t skip = odd ? 8 - odd : 0;
    (void)dx_take(in, skip < dx_left(in) ? skip : dx_left(in));
}

static size_t read_spans(const struct reading *r, size_t at, size_t n, struct dx_span **out)
{
    struct dx_cur in = r->body;
    struct dx_span *spans = dx_calloc(r->a, n + 1, sizeof *spans);
    size_t k = 0;
    (void)dx_take(&in, at);
    while (k < n && !in.bad) {
        spans[k].from = dx_get64(&in);
        spans[k].to = dx_get64(&in);
        (void)dx_get64(&in); /* unpacked size, algorithm */
        for (int list = 0; list < 2; list++) {
            size_t count = dx_get32(&in);
            (void)dx_take(&in, count <= dx_left(&in) / 2 ? count * 2 : dx_left(&in) + 1);
        }
        align(&in, r->body.p);
        k += !in.bad;
    }
    *out = spans;
    return k;
}

static void processes(struct reading *r, const char *shown, size_t at, size_t n,
                      struct dx_catalog *c)
{
    struct dx_cur in = r->body;
    (void)dx_take(&in, at);
    for (size_t i = 0; i < n; i++) {
        if (!catalog_process(r, &in, &c->processes[c->count])) {
            dx_note(r->u, "%s: a catalog is damaged: %zu of %zu processes are read", shown, i, n);
            DX_COUNT(r->u, damaged_chunks, 1);
            break;
        }
        c->count++;
        align(&in, r->body.p);
    }
    qsort(c->processes, c->count, sizeof *c->processes, by_proc);
}

struct dx_catalog *dx_catalog_read(struct dext_unified *u, const char *shown, const uint8_t *p,
                                   size_t n, struct dx_span **spans, size_t *span_count)
{
    struct dx_cur in = dx_cur(p, n);
    size_t strings = dx_get16(&in), procs = dx_get16(&in), proc_count = dx_get16(&in);
    size_t subs = dx_get16(&in), sub_count = dx_get16(&in);
    struct dx_catalog *c = dx_alloc(&u->arena, sizeof *c);
    *spans = NULL;
    *span_count = 0;
    if (n < HEAD || strings > procs || procs > subs || subs > n - HEAD) {
        dx_note(u, "%s: a catalog is damaged and cannot be read", shown);
        DX_COUNT(u, damaged_chunks, 1);
        return c;
    }
    struct reading r = {.u = u, .body = dx_cur(p + HEAD, n - HEAD), .a = &u->arena};
    r.uuids = strings / DX_UUID;
    r.strings = (const char *)r.body.p + strings;
    r.strings_n = procs - strings;
    while (r.strings_n && r.strings[r.strings_n - 1]) {
        r.strings_n--;
    }
    /* No more than there are bytes for: a head of a few bytes may claim 65535 of each. */
    size_t most = (n - HEAD - procs) / PROCESS_BYTES + 1;
    c->processes =
        dx_calloc(&u->arena, (proc_count < most ? proc_count : most) + 1, sizeof *c->processes);
    processes(&r, shown, procs, proc_count, c);
    most = (n - HEAD - subs) / SPAN_BYTES + 1;
    *span_count = read_spans(&r, subs, sub_count < most ? sub_count : most, spans);
    return c;
}

const struct dx_process *dx_catalog_find(const struct dx_catalog *c, uint64_t first,
                                         uint32_t second)
{
    struct dx_process key = {.first = first, .second = second};
    return c && c->count ? bsearch(&key, c->processes, c->count, sizeof *c->processes, by_proc)
                         : NULL;
}

const struct dx_subsystem *dx_process_subsystem(const struct dx_process *p, uint16_t id)
{
    struct dx_subsystem key = {.id = id};
    return p && p->subsystem_count ? bsearch(&key, p->subsystems, p->subsystem_count,
                                             sizeof *p->subsystems, catalog_by_id)
                                   : NULL;
}
