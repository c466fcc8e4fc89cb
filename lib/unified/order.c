/* Entries in the order of time. Chunk sets overlap: a set is unpacked when time comes to its
 * beginning, and dropped after its last entry. */
#include <stdlib.h>
#include <string.h>

#include "unified/unified.h"

#define MOST_UNPACKED ((size_t)128 << 20) /* at the same time; then order is given up, and told */
#define MOST_OPEN 4096

struct open_set {
    struct dx_unpacked x;
    size_t next;
    unsigned rank;
};

struct sweep {
    struct dext_unified *u;
    const struct dext_unified_range *range;
    dext_unified_fn *fn;
    void *user;
    const struct dx_set **order;
    size_t count, at;
    struct open_set **heap; /* smallest key first */
    size_t open, unpacked;
    struct open_set *spare;
    bool any, stop;
    unsigned rank;
    uint64_t ticks; /* of the last entry */
    size_t sync;    /* of its boot, not yet told */
    struct dx_arena strings;
};

static int order_compare(unsigned rank_a, uint64_t a, unsigned rank_b, uint64_t b)
{
    if (rank_a != rank_b) {
        return rank_a < rank_b ? -1 : 1;
    }
    return a < b ? -1 : a > b;
}

static int order_by_start(const void *x, const void *y)
{
    const struct dx_set *a = *(const struct dx_set *const *)x,
                        *b = *(const struct dx_set *const *)y;
    int c = order_compare(a->trace->boot->rank, a->from, b->trace->boot->rank, b->from);
    return c ? c : (a < b ? -1 : a > b);
}

static bool before(const struct open_set *a, const struct open_set *b)
{
    const struct dx_raw *ra = &a->x.raw[a->next], *rb = &b->x.raw[b->next];
    int c = order_compare(a->rank, ra->ticks, b->rank, rb->ticks);
    return c < 0 || (c == 0 && a->x.set < b->x.set);
}

static void sift_down(struct sweep *s, size_t i)
{
    for (;;) {
        size_t least = i;
        for (size_t c = 2 * i + 1; c <= 2 * i + 2 && c < s->open; c++) {
            least = before(s->heap[c], s->heap[least]) ? c : least;
        }
        if (least == i) {
            return;
        }
        struct open_set *t = s->heap[i];
        s->heap[i] = s->heap[least];
        s->heap[least] = t;
        i = least;
    }
}

static void sift_up(struct sweep *s, size_t i)
{
    while (i && before(s->heap[i], s->heap[(i - 1) / 2])) {
        struct open_set *t = s->heap[i];
        s->heap[i] = s->heap[(i - 1) / 2];
        s->heap[(i - 1) / 2] = t;
        i = (i - 1) / 2;
    }
}

static void release(struct sweep *s, struct open_set *o)
{
    s->unpacked -= o->x.size;
    dx_set_done(o->x.set);
    if (s->spare) {
        dx_unpacked_free(&o->x);
        free(o);
    } else {
        s->spare = o;
    }
}

static void open_next(struct sweep *s)
{
    const struct dx_set *set = s->order[s->at++];
    struct open_set *o = s->spare ? s->spare : calloc(1, sizeof *o);
    s->spare = NULL;
    if (!o) {
        abort();
    }
    dx_unpack_set(s->u, set, &o->x);
    dx_raws_sort(o->x.raw, o->x.count);
    o->next = 0;
    o->rank = set->trace->boot->rank;
    s->unpacked += o->x.size;
    if (o->x.count == 0) {
        release(s, o);
        return;
    }
    s->heap[s->open++] = o;
    sift_up(s, s->open - 1);
}

/* Whether the next set may hold an entry that comes before all that are open. */
static bool must_open(const struct sweep *s)
{
    if (s->at == s->count || s->open == MOST_OPEN || (s->open && s->unpacked > MOST_UNPACKED)) {
        return false;
    }
    if (s->open == 0) {
        return true;
    }
    const struct open_set *o = s->heap[0];
    const struct dx_set *set = s->order[s->at];
    return order_compare(set->trace->boot->rank, set->from, o->rank, o->x.raw[o->next].ticks) <= 0;
}

/* ---- handing out -------------------------------------------------------------------------------
 */

static void hand_out(struct sweep *s, struct dext_unified_entry *e)
{
    bool in = e->time >= s->range->from && (s->range->to == 0 || e->time <= s->range->to);
    if (in && !s->stop) {
        struct dext_unified *u = s->u;
        u->first = u->told_any ? u->first : e->time;
        u->last = e->time;
        u->told_any = true;
        s->stop = !s->fn(s->user, e);
    }
}

static void event(struct sweep *s, const struct dx_boot *b, enum dext_unified_kind kind,
                  uint64_t ticks, int64_t wall, int zone)
{
    struct dext_unified_entry e = {.kind = kind,
                                   .level = DEXT_UNIFIED_DEFAULT,
                                   .time = wall,
                                   .zone = zone,
                                   .ticks = ticks,
                                   .boot = b->rank,
                                   .process = "",
                                   .process_path = "",
                                   .sender_path = "",
                                   .subsystem = "",
                                   .category = "",
                                   .signpost_name = "",
                                   .signpost_scope = "",
                                   .signpost_type = ""};
    memcpy(e.boot_uuid, b->uuid, DX_UUID);
    hand_out(s, &e);
}

/* Starts of the system and settings of the clock, as far as timesync files tell of them. */
static void events_before(struct sweep *s, const struct dx_boot *b, uint64_t ticks)
{
    if (!s->any || s->rank != b->rank) {
        s->sync = 0;
        if (b->synced) {
            event(s, b, DEXT_UNIFIED_BOOT, 0, b->wall, b->zone);
        }
    }
    for (; s->sync < b->count && b->syncs[s->sync].ticks <= ticks; s->sync++) {
        const struct dx_sync *y = &b->syncs[s->sync];
        event(s, b, DEXT_UNIFIED_CLOCK, y->ticks, y->wall, y->zone);
    }
}

static void order_one(struct sweep *s, struct open_set *o)
{
    struct dx_raw *raw = &o->x.raw[o->next];
    const struct dx_boot *b = o->x.set->trace->boot;
    struct dx_entry entry;
    struct dext_unified_entry e;
    if (s->any && order_compare(o->rank, raw->ticks, s->rank, s->ticks) < 0) {
        DX_COUNT(s->u, unordered, 1);
    } else {
        events_before(s, b, raw->ticks);
        s->rank = o->rank;
        s->ticks = raw->ticks;
        s->any = true;
    }
    if (!s->stop && dx_entry_read(s->u, &o->x, raw, &entry, &s->strings)) {
        dx_public(s->u, &entry, &e);
        hand_out(s, &e);
    }
    dx_arena_rewind(&s->strings, (struct dx_mark){0});
}

static void order_step(struct sweep *s)
{
    struct open_set *o = s->heap[0];
    order_one(s, o);
    if (++o->next == o->x.count) {
        s->heap[0] = s->heap[--s->open];
        release(s, o);
    }
    sift_down(s, 0);
}

/* ---- which sets --------------------------------------------------------------------------------
 */

static bool order_wanted(const struct dx_set *set, const struct dext_unified_range *range,
                         unsigned last)
{
    const struct dx_boot *b = set->trace->boot;
    int64_t first, end;
    if (range->last_boot && b->rank != last) {
        return false;
    }
    if (set->to < set->from || (set->from == 0 && set->to == 0)) {
        return true; /* the catalog does not say */
    }
    dx_clock_span(b, set->from, set->to, &first, &end);
    return end >= range->from && (range->to == 0 || first <= range->to);
}

static void order_choose(struct sweep *s)
{
    struct dext_unified *u = s->u;
    unsigned last = 0;
    s->order = calloc(u->set_count + 1, sizeof(const struct dx_set *));
    s->heap = calloc(MOST_OPEN, sizeof *s->heap);
    if (!s->order || !s->heap) {
        abort();
    }
    for (size_t i = 0; i < u->set_count; i++) {
        unsigned rank = u->sets[i].trace->boot->rank;
        last = rank > last ? rank : last;
    }
    for (size_t i = 0; i < u->set_count; i++) {
        if (order_wanted(&u->sets[i], s->range, last)) {
            s->order[s->count++] = &u->sets[i];
        }
    }
    qsort(s->order, s->count, sizeof *s->order, order_by_start);
}

int dext_unified_each(struct dext_unified *u, const struct dext_unified_range *range,
                      dext_unified_fn *fn, void *user)
{
    static const struct dext_unified_range all;
    struct sweep s = {.u = u, .range = range ? range : &all, .fn = fn, .user = user};
    order_choose(&s);
    while (!s.stop && (s.open || s.at < s.count)) {
        while (must_open(&s)) {
            open_next(&s);
        }
        if (s.open) {
            order_step(&s);
        }
    }
    while (s.open) {
        release(&s, s.heap[--s.open]);
    }
    if (s.spare) {
        dx_unpacked_free(&s.spare->x);
        free(s.spare);
    }
    free(s.order);
    free(s.heap);
    dx_arena_free(&s.strings);
    return DEXT_OK;
}

bool dext_unified_extent(const struct dext_unified *u, int64_t *first, int64_t *last, int *zone)
{
    bool any = false;
    for (size_t i = 0; i < u->set_count; i++) {
        const struct dx_set *set = &u->sets[i];
        int64_t from, to;
        if (set->to < set->from || set->to == 0) {
            continue;
        }
        dx_clock_span(set->trace->boot, set->from, set->to, &from, &to);
        *first = !any || from < *first ? from : *first;
        if (!any || to > *last) {
            *last = to;
            (void)dx_clock_wall(set->trace->boot, set->to, zone);
        }
        any = true;
    }
    return any;
}
