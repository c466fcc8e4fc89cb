/* A small writer of archives of the unified log, for tests: catalogs, firehose chunks of every kind
 * of entry, oversize chunks, dumps, strings, shared-cache strings, times. It writes what it is told
 * to, damage included. Used by one thread; out of memory aborts. */
#ifndef TESTS_UNIFIED_WRITER_H
#define TESTS_UNIFIED_WRITER_H

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <lz4.h>

struct uw_buf {
    uint8_t *p;
    size_t n, cap;
};

static inline void uw_put(struct uw_buf *b, const void *p, size_t n)
{
    if (b->n + n > b->cap) {
        b->cap = (b->n + n) * 2 + 256;
        b->p = realloc(b->p, b->cap);
        if (!b->p) {
            abort();
        }
    }
    if (n) {
        memcpy(b->p + b->n, p, n);
    }
    b->n += n;
}

static inline void uw_int(struct uw_buf *b, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t byte = (uint8_t)(v >> (8 * i));
        uw_put(b, &byte, 1);
    }
}

static inline void uw_zero(struct uw_buf *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uw_int(b, 0, 1);
    }
}

static inline void uw_align(struct uw_buf *b)
{
    uw_zero(b, (8 - (b->n & 7)) & 7);
}

static inline void uw_set(struct uw_buf *b, size_t at, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        b->p[at + i] = (uint8_t)(v >> (8 * i));
    }
}

static inline void uw_free(struct uw_buf *b)
{
    free(b->p);
    *b = (struct uw_buf){NULL, 0, 0};
}

static inline void uw_save(const struct uw_buf *b, const char *root, const char *name)
{
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s", root, name);
    for (char *p = path + 1; *p; p++) {
        if (*p == '/') {
            *p = 0;
            (void)mkdir(path, 0777);
            *p = '/';
        }
    }
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(b->p, 1, b->n, f) != b->n || fclose(f) != 0) {
        (void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
        abort();
    }
}

/* ---- strings ------------------------------------------------------------------------------------
 * An image's UUID is its number, sixteen times. Strings are at START and on. */
#define UW_START 0x1000u

static inline void uw_uuid(uint8_t image, uint8_t *out)
{
    memset(out, image, 16);
}

struct uw_image {
    uint8_t number;
    const char *path;
    struct uw_buf strings;
};

/* The reference of a string, which is added. */
static inline uint32_t uw_string(struct uw_image *i, const char *s)
{
    uint32_t at = UW_START + (uint32_t)i->strings.n;
    uw_put(&i->strings, s, strlen(s) + 1);
    return at;
}

static inline void uw_uuidtext(const struct uw_image *i, const char *root)
{
    struct uw_buf b = {NULL, 0, 0};
    char name[64];
    int at = snprintf(name, sizeof name, "%02X/", i->number);
    for (int k = 0; k < 15; k++) {
        at += snprintf(name + at, sizeof name - (size_t)at, "%02X", i->number);
    }
    uw_int(&b, 0x66778899, 4);
    uw_int(&b, 2, 4);
    uw_int(&b, 1, 4);
    uw_int(&b, 1, 4);
    uw_int(&b, UW_START, 4);
    uw_int(&b, i->strings.n, 4);
    uw_put(&b, i->strings.p, i->strings.n);
    uw_put(&b, i->path, strlen(i->path) + 1);
    uw_save(&b, root, name);
    uw_free(&b);
}

/* A shared cache of these images, whose text begins at 0x10000 * (its place + 1), strings at 0x1000
 * in it. */
#define UW_TEXT(k) (0x10000u * ((k) + 1))
static inline void uw_cache(uint8_t number, unsigned version, const struct uw_image *images,
                            size_t count, const char *root)
{
    struct uw_buf b = {NULL, 0, 0}, tail = {NULL, 0, 0};
    char name[64] = "dsc/";
    for (int k = 0; k < 16; k++) {
        (void)snprintf(name + 4 + 2 * k, sizeof name - 4 - 2 * (size_t)k, "%02X", number);
    }
    size_t head = 16 + count * (version == 2 ? 24 + 32 : 16 + 28);
    uw_put(&b, "hcsd", 4);
    uw_int(&b, version, 2);
    uw_int(&b, 0, 2);
    uw_int(&b, count, 4);
    uw_int(&b, count, 4);
    for (size_t k = 0; k < count; k++) {
        size_t at = head + tail.n;
        uw_put(&tail, images[k].strings.p, images[k].strings.n);
        if (version == 1) {
            uw_int(&b, k, 4);
        }
        uw_int(&b, UW_TEXT(k) + UW_START, version == 2 ? 8 : 4);
        uw_int(&b, at, 4);
        uw_int(&b, images[k].strings.n, 4);
        if (version == 2) {
            uw_int(&b, k, 8);
        }
    }
    for (size_t k = 0; k < count; k++) {
        uint8_t uuid[16];
        uw_uuid(images[k].number, uuid);
        uw_int(&b, UW_TEXT(k), version == 2 ? 8 : 4);
        uw_int(&b, 0x10000, 4);
        uw_put(&b, uuid, 16);
        uw_int(&b, head + tail.n, 4);
        uw_put(&tail, images[k].path, strlen(images[k].path) + 1);
    }
    uw_put(&b, tail.p, tail.n);
    uw_save(&b, root, name);
    uw_free(&b);
    uw_free(&tail);
}

/* ---- times --------------------------------------------------------------------------------------
 */

/* zone: minutes to be added to get to UTC. */
static inline void uw_boot(struct uw_buf *b, uint8_t boot, uint32_t numer, uint32_t denom,
                           int64_t wall, int32_t zone)
{
    uint8_t uuid[16];
    uw_uuid(boot, uuid);
    uw_int(b, 0xbbb0, 2);
    uw_int(b, 48, 2);
    uw_int(b, 0, 4);
    uw_put(b, uuid, 16);
    uw_int(b, numer, 4);
    uw_int(b, denom, 4);
    uw_int(b, (uint64_t)wall, 8);
    uw_int(b, (uint32_t)zone, 4);
    uw_int(b, 0, 4);
}

static inline void uw_sync(struct uw_buf *b, uint64_t ticks, int64_t wall, int32_t zone)
{
    uw_put(b, "Ts \0\0\0\0\0", 8);
    uw_int(b, ticks, 8);
    uw_int(b, (uint64_t)wall, 8);
    uw_int(b, (uint32_t)zone, 4);
    uw_int(b, 0, 4);
}

/* ---- arguments ----------------------------------------------------------------------------------
 */

struct uw_args {
    unsigned count;
    struct uw_buf items, values, secrets;
};

static inline void uw_number(struct uw_args *a, uint8_t type, uint64_t v, uint8_t n)
{
    uw_int(&a->items, type, 1);
    uw_int(&a->items, n, 1);
    uw_int(&a->items, v, n);
    a->count++;
}

/* Bytes of any kind; of a private type they go to the private data. */
static inline void uw_bytes(struct uw_args *a, uint8_t type, const void *p, size_t n)
{
    struct uw_buf *to = type & 1 ? &a->secrets : &a->values;
    uw_int(&a->items, type, 1);
    uw_int(&a->items, 4, 1);
    uw_int(&a->items, to->n, 2);
    uw_int(&a->items, n, 2);
    uw_put(to, p, n);
    a->count++;
}

static inline void uw_text(struct uw_args *a, uint8_t type, const char *s)
{
    uw_bytes(a, type, s, strlen(s) + 1);
}

static inline void uw_range(struct uw_args *a, uint8_t type, unsigned at, unsigned n)
{
    uw_int(&a->items, type, 1);
    uw_int(&a->items, 4, 1);
    uw_int(&a->items, at, 2);
    uw_int(&a->items, n, 2);
    a->count++;
}

static inline void uw_args_free(struct uw_args *a)
{
    uw_free(&a->items);
    uw_free(&a->values);
    uw_free(&a->secrets);
    a->count = 0;
}

/* ---- a tracev3 file -----------------------------------------------------------------------------
 */

struct uw_process {
    uint64_t first;
    uint32_t second, pid, euid;
    uint8_t main, cache; /* numbers of images; 0: none */
    uint64_t load;       /* address where image `loaded` is, with 0x10000 bytes */
    uint8_t loaded;
    const char *subsystem, *category; /* id 1 */
};

struct uw_trace {
    struct uw_buf file, set;
    const struct uw_process *processes;
    size_t process_count;
    uint64_t from, to; /* ticks of the set */
    bool any;
    /* the firehose chunk that is being filled */
    const struct uw_process *process;
    struct uw_buf public, private;
    uint64_t base;
    bool stored; /* sets are not compressed */
};

static inline void uw_chunk(struct uw_buf *b, uint32_t tag, const struct uw_buf *body)
{
    uw_int(b, tag, 4);
    uw_int(b, 0x11, 4);
    uw_int(b, body->n, 8);
    uw_put(b, body->p, body->n);
    uw_align(b);
}

static inline void uw_trace_begin(struct uw_trace *t, uint8_t boot, uint32_t numer, uint32_t denom,
                                  int32_t wall, const struct uw_process *processes, size_t count)
{
    struct uw_buf b = {NULL, 0, 0};
    uint8_t uuid[16];
    uw_uuid(boot, uuid);
    *t = (struct uw_trace){.processes = processes, .process_count = count};
    uw_int(&b, numer, 4);
    uw_int(&b, denom, 4);
    uw_int(&b, 0, 8);
    uw_int(&b, (uint32_t)wall, 4);
    uw_zero(&b, 8);
    uw_int(&b, 0, 4);
    uw_int(&b, 0, 4);
    uw_int(&b, 1, 4);
    uw_int(&b, 0x6100, 4);
    uw_int(&b, 8, 4);
    uw_int(&b, 0, 8);
    uw_int(&b, 0x6101, 4);
    uw_int(&b, 56, 4);
    uw_zero(&b, 56);
    uw_int(&b, 0x6102, 4);
    uw_int(&b, 24, 4);
    uw_put(&b, uuid, 16);
    uw_zero(&b, 8);
    uw_int(&b, 0x6103, 4);
    uw_int(&b, 48, 4);
    char zone[48] = "/var/db/timezone/zoneinfo/Europe/Berlin";
    uw_put(&b, zone, sizeof zone);
    uw_chunk(&t->file, 0x1000, &b);
    uw_free(&b);
}

static inline void uw_firehose_end(struct uw_trace *t)
{
    struct uw_buf b = {NULL, 0, 0};
    if (!t->process || t->public.n == 0) {
        return;
    }
    uw_int(&b, t->process->first, 8);
    uw_int(&b, t->process->second, 4);
    uw_int(&b, 7, 1);
    uw_int(&b, 1, 1);
    uw_int(&b, 0, 2);
    uw_int(&b, t->public.n + 16, 2);
    uw_int(&b, 4096 - t->private.n, 2);
    uw_int(&b, 0, 4);
    uw_int(&b, t->base, 8);
    uw_put(&b, t->public.p, t->public.n);
    uw_put(&b, t->private.p, t->private.n);
    uw_chunk(&t->set, 0x6001, &b);
    uw_free(&b);
    t->public.n = t->private.n = 0;
}

static inline void uw_seen(struct uw_trace *t, uint64_t ticks)
{
    t->from = !t->any || ticks < t->from ? ticks : t->from;
    t->to = !t->any || ticks > t->to ? ticks : t->to;
    t->any = true;
}

/* An entry; its data stands in body. */
static inline void uw_record(struct uw_trace *t, const struct uw_process *p, uint64_t ticks,
                             uint8_t record, uint8_t type, uint16_t flags, uint32_t ref,
                             uint64_t thread, const struct uw_buf *body)
{
    if (t->process != p || t->public.n + body->n > 3200 || ticks < t->base) {
        uw_firehose_end(t);
        t->process = p;
        t->base = ticks;
    }
    uw_seen(t, ticks);
    uw_int(&t->public, record, 1);
    uw_int(&t->public, type, 1);
    uw_int(&t->public, flags, 2);
    uw_int(&t->public, ref, 4);
    uw_int(&t->public, thread, 8);
    uw_int(&t->public, ticks - t->base, 6);
    uw_int(&t->public, body->n, 2);
    uw_put(&t->public, body->p, body->n);
    uw_align(&t->public);
}

enum { UW_MAIN = 2, UW_SHARED = 4, UW_LOADED = 8, UW_BY_UUID = 0xa, UW_LARGE = 0xc };

/* What a log entry says besides its arguments. */
struct uw_log {
    uint64_t ticks, thread, activity;
    uint8_t type;  /* 0, 1 info, 2 debug, 0x10 error, 0x11 fault */
    uint8_t where; /* UW_MAIN, ...; 0: UW_MAIN */
    uint8_t image; /* of UW_BY_UUID */
    uint64_t pc;
    uint16_t large;
    uint32_t ref;
    bool subsystem; /* id 1 */
    uint32_t oversize;
    uint64_t signpost; /* makes it one */
    uint32_t name;
};

/* Where a string and code are. */
static inline void uw_place(struct uw_buf *b, const struct uw_log *l)
{
    uint8_t uuid[16];
    uw_int(b, l->pc & 0xffffffff, 4);
    if (l->where == UW_LOADED) {
        uw_int(b, l->pc >> 32, 2);
    } else if (l->where == UW_BY_UUID) {
        uw_uuid(l->image, uuid);
        uw_put(b, uuid, 16);
    } else if (l->where == UW_LARGE) {
        uw_int(b, l->large, 2);
    }
}

static inline void uw_log(struct uw_trace *t, const struct uw_process *p, const struct uw_log *log,
                          const struct uw_args *a)
{
    static const struct uw_args none;
    struct uw_buf b = {NULL, 0, 0};
    struct uw_log l = *log;
    a = a ? a : &none;
    l.where = l.where ? l.where : UW_MAIN;
    uint16_t flags = l.where;
    size_t size = 64 + a->items.n + a->values.n;
    if (t->process != p || t->private.n + a->secrets.n > 700 || t->public.n + size > 3200) {
        uw_firehose_end(t);
        t->process = p;
        t->base = l.ticks;
    }
    if (l.activity) {
        flags |= 1;
        uw_int(&b, l.activity | (uint64_t)1 << 63, 8);
    }
    if (a->secrets.n) {
        flags |= 0x100;
        /* Private data grow from the end of the page downwards: what comes later stands before. */
        struct uw_buf both = {NULL, 0, 0};
        uw_put(&both, a->secrets.p, a->secrets.n);
        uw_put(&both, t->private.p, t->private.n);
        uw_free(&t->private);
        t->private = both;
        uw_int(&b, 4096 - t->private.n, 2);
        uw_int(&b, a->secrets.n, 2);
    }
    uw_place(&b, &l);
    if (l.subsystem) {
        flags |= 0x200;
        uw_int(&b, 1, 2);
    }
    if (l.signpost) {
        uw_int(&b, l.signpost, 8);
    }
    flags |= 0x400;
    uw_int(&b, 14, 1);
    if (l.oversize) {
        flags |= 0x800;
        uw_int(&b, l.oversize, 4);
    }
    if (l.name) {
        flags |= 0x8000;
        uw_int(&b, l.name, 4);
    }
    uw_int(&b, 0, 1);
    uw_int(&b, a->count, 1);
    uw_put(&b, a->items.p, a->items.n);
    uw_put(&b, a->values.p, a->values.n);
    uw_record(t, p, l.ticks, l.signpost ? 6 : 4, l.type, flags, l.ref, l.thread, &b);
    uw_free(&b);
}

/* An activity that begins (type 1), or an action of the user (3). */
static inline void uw_activity(struct uw_trace *t, const struct uw_process *p, uint64_t ticks,
                               uint8_t type, uint64_t id, uint64_t parent, uint32_t ref)
{
    struct uw_buf b = {NULL, 0, 0};
    uint16_t flags = UW_MAIN | (parent ? 0x200 : 0);
    if (parent) {
        uw_int(&b, parent, 8);
    }
    if (type != 3) {
        uw_int(&b, id, 8);
    }
    uw_int(&b, 0x40, 4);
    uw_record(t, p, ticks, 2, type, flags, ref, 0x77, &b);
    uw_free(&b);
}

/* Messages that were not kept, between two times. */
static inline void uw_lost(struct uw_trace *t, const struct uw_process *p, uint64_t ticks,
                           uint64_t from, uint64_t to, uint64_t count)
{
    struct uw_buf b = {NULL, 0, 0};
    uw_int(&b, from, 8);
    uw_int(&b, to, 8);
    uw_int(&b, count, 8);
    uw_record(t, p, ticks, 7, 0, 0, 0, 1, &b);
    uw_free(&b);
}

/* Arguments that entries refer to by number. */
static inline void uw_oversize(struct uw_trace *t, const struct uw_process *p, uint32_t ref,
                               const struct uw_args *a)
{
    struct uw_buf b = {NULL, 0, 0};
    uw_firehose_end(t);
    uw_int(&b, p->first, 8);
    uw_int(&b, p->second, 4);
    uw_int(&b, 7, 4);
    uw_int(&b, 0, 8);
    uw_int(&b, ref, 4);
    uw_int(&b, 2 + a->items.n + a->values.n, 2);
    uw_int(&b, a->secrets.n, 2);
    uw_int(&b, 0, 1);
    uw_int(&b, a->count, 1);
    uw_put(&b, a->items.p, a->items.n);
    uw_put(&b, a->values.p, a->values.n);
    uw_put(&b, a->secrets.p, a->secrets.n);
    uw_chunk(&t->set, 0x6002, &b);
    uw_free(&b);
}

static inline void uw_fixed(struct uw_buf *b, const char *s, size_t n)
{
    size_t m = strlen(s);
    uw_put(b, s, m);
    uw_zero(b, n - m);
}

static inline void uw_state(struct uw_trace *t, const struct uw_process *p, uint64_t ticks,
                            uint32_t kind, const char *library, const char *type, const char *title,
                            const void *data, size_t n)
{
    struct uw_buf b = {NULL, 0, 0};
    uint8_t uuid[16];
    uw_uuid(p->main, uuid);
    uw_firehose_end(t);
    uw_seen(t, ticks);
    uw_int(&b, p->first, 8);
    uw_int(&b, p->second, 4);
    uw_int(&b, 0, 4);
    uw_int(&b, ticks, 8);
    uw_int(&b, 0, 8);
    uw_put(&b, uuid, 16);
    uw_int(&b, kind, 4);
    uw_int(&b, n, 4);
    uw_fixed(&b, library, 64);
    uw_fixed(&b, type, 64);
    uw_fixed(&b, title, 64);
    uw_put(&b, data, n);
    uw_chunk(&t->set, 0x6003, &b);
    uw_free(&b);
}

static inline void uw_simple(struct uw_trace *t, const struct uw_process *p, uint64_t ticks,
                             uint8_t level, const char *subsystem, const char *message)
{
    struct uw_buf b = {NULL, 0, 0};
    uint8_t uuid[16];
    uw_uuid(p->main, uuid);
    uw_firehose_end(t);
    uw_seen(t, ticks);
    uw_int(&b, p->first, 8);
    uw_int(&b, p->second, 4);
    uw_int(&b, 0, 1);
    uw_int(&b, level, 1);
    uw_int(&b, 0, 2);
    uw_int(&b, ticks, 8);
    uw_int(&b, 0x51, 8);
    uw_int(&b, 0x99, 8);
    uw_put(&b, uuid, 16);
    uw_zero(&b, 16);
    uw_int(&b, 1, 4);
    uw_int(&b, strlen(subsystem) + 1, 4);
    uw_int(&b, strlen(message) + 1, 4);
    uw_put(&b, subsystem, strlen(subsystem) + 1);
    uw_put(&b, message, strlen(message) + 1);
    uw_chunk(&t->set, 0x6004, &b);
    uw_free(&b);
}

/* ---- catalog and set ----------------------------------------------------------------------------
 */

static inline void uw_catalog(struct uw_trace *t, struct uw_buf *out)
{
    struct uw_buf uuids = {NULL, 0, 0}, texts = {NULL, 0, 0}, procs = {NULL, 0, 0};
    uint8_t uuid[16];
    for (size_t i = 0; i < t->process_count; i++) {
        const struct uw_process *p = &t->processes[i];
        uint64_t index = uuids.n / 16, text = texts.n;
        uw_uuid(p->main, uuid);
        uw_put(&uuids, uuid, 16);
        uw_uuid(p->cache, uuid);
        uw_put(&uuids, uuid, 16);
        uw_uuid(p->loaded, uuid);
        uw_put(&uuids, uuid, 16);
        uw_int(&procs, i, 2);
        uw_int(&procs, 0, 2);
        uw_int(&procs, p->main ? index : 0xffff, 2);
        uw_int(&procs, p->cache ? index + 1 : 0xffff, 2);
        uw_int(&procs, p->first, 8);
        uw_int(&procs, p->second, 4);
        uw_int(&procs, p->pid, 4);
        uw_int(&procs, p->euid, 4);
        uw_int(&procs, 0, 4);
        uw_int(&procs, p->loaded != 0, 4);
        uw_int(&procs, 0, 4);
        if (p->loaded) {
            uw_int(&procs, 0x10000, 4);
            uw_int(&procs, 0, 4);
            uw_int(&procs, index + 2, 2);
            uw_int(&procs, p->load & 0xffffffff, 4);
            uw_int(&procs, p->load >> 32, 2);
        }
        uw_int(&procs, p->subsystem != NULL, 4);
        uw_int(&procs, 0, 4);
        if (p->subsystem) {
            uw_int(&procs, 1, 2);
            uw_int(&procs, text, 2);
            uw_put(&texts, p->subsystem, strlen(p->subsystem) + 1);
            uw_int(&procs, texts.n, 2);
            uw_put(&texts, p->category, strlen(p->category) + 1);
        }
        uw_align(&procs);
    }
    uw_align(&texts);
    uw_int(out, uuids.n, 2);
    uw_int(out, uuids.n + texts.n, 2);
    uw_int(out, t->process_count, 2);
    uw_int(out, uuids.n + texts.n + procs.n, 2);
    uw_int(out, 1, 2);
    uw_zero(out, 6);
    uw_int(out, t->from, 8);
    uw_put(out, uuids.p, uuids.n);
    uw_put(out, texts.p, texts.n);
    uw_put(out, procs.p, procs.n);
    uw_int(out, t->from, 8);
    uw_int(out, t->to, 8);
    uw_int(out, t->set.n, 4);
    uw_int(out, 0x100, 4);
    uw_int(out, 0, 4);
    uw_int(out, 0, 4);
    uw_free(&uuids);
    uw_free(&texts);
    uw_free(&procs);
}

/* The catalog and the chunk set that was filled. */
static inline void uw_set_end(struct uw_trace *t)
{
    struct uw_buf catalog = {NULL, 0, 0}, packed = {NULL, 0, 0};
    uw_firehose_end(t);
    uw_catalog(t, &catalog);
    uw_chunk(&t->file, 0x600b, &catalog);
    if (t->stored) {
        uw_put(&packed, "bv4-", 4);
        uw_int(&packed, t->set.n, 4);
        uw_put(&packed, t->set.p, t->set.n);
    } else {
        int most = LZ4_compressBound((int)t->set.n);
        char *to = malloc((size_t)most);
        if (!to) {
            abort();
        }
        int n = LZ4_compress_default((const char *)t->set.p, to, (int)t->set.n, most);
        uw_put(&packed, "bv41", 4);
        uw_int(&packed, t->set.n, 4);
        uw_int(&packed, (uint64_t)n, 4);
        uw_put(&packed, to, (size_t)n);
        free(to);
    }
    uw_put(&packed, "bv4$", 4);
    uw_chunk(&t->file, 0x600d, &packed);
    uw_free(&catalog);
    uw_free(&packed);
    t->set.n = 0;
    t->any = false;
    t->process = NULL;
}

static inline void uw_trace_end(struct uw_trace *t, const char *root, const char *name)
{
    if (t->any) {
        uw_set_end(t);
    }
    uw_save(&t->file, root, name);
    uw_free(&t->file);
    uw_free(&t->set);
    uw_free(&t->public);
    uw_free(&t->private);
}

#endif
