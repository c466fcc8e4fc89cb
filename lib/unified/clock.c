/* The kernel's continuous time becomes wall-clock time: timesync files say, for each boot, which
 * wall time was which tick, again after each setting of the clock. An entry takes the last such
 * record that is not later than itself, and before the first one the time of the boot. */
#include <stdlib.h>
#include <string.h>

#include "unified/unified.h"

#define BOOT_BYTES 48
#define SYNC_BYTES 32

/* Timebases are 1/1 on Intel and 125/3 on Apple silicon; what would overflow is damage. */
static void timebase(struct dx_boot *b, uint32_t numer, uint32_t denom)
{
    bool sane = numer && denom && numer <= 1000000 && denom <= 1000000;
    b->numer = sane ? numer : 1;
    b->denom = sane ? denom : 1;
}

/* Stored is what must be added to get to UTC, and whether summer time is on. */
static int zone_of(uint32_t minutes, uint32_t summer)
{
    int32_t west = (int32_t)minutes;
    return west < -1000 || west > 1000 ? 0 : -west + (summer ? 60 : 0);
}

static struct dx_boot *boot_find(struct dext_unified *u, const uint8_t *uuid)
{
    for (size_t i = u->boot_count; i-- > 0;) {
        if (memcmp(u->boots[i]->uuid, uuid, DX_UUID) == 0) {
            return u->boots[i];
        }
    }
    return NULL;
}

struct dx_boot *dx_clock_boot(struct dext_unified *u, const uint8_t *uuid)
{
    struct dx_boot *b = boot_find(u, uuid);
    if (!b) {
        b = dx_alloc(&u->arena, sizeof *b);
        memcpy(b->uuid, uuid, DX_UUID);
        b->numer = b->denom = 1;
        b->rank = (unsigned)u->boot_count; /* until all are known */
        *DX_PUSH(&u->arena, u->boots, u->boot_count, u->boot_cap) = b;
    }
    return b;
}

static struct dx_boot *read_boot(struct dext_unified *u, struct dx_cur *in)
{
    (void)dx_take(in, 8);
    const uint8_t *uuid = dx_take(in, DX_UUID);
    uint32_t numer = dx_get32(in), denom = dx_get32(in);
    int64_t wall = (int64_t)dx_get64(in);
    uint32_t minutes = dx_get32(in), summer = dx_get32(in);
    if (in->bad) {
        return NULL;
    }
    struct dx_boot *b = dx_clock_boot(u, uuid);
    timebase(b, numer, denom);
    b->wall = wall;
    b->zone = zone_of(minutes, summer);
    b->synced = true;
    return b;
}

static bool read_sync(struct dext_unified *u, struct dx_cur *in, struct dx_boot *b)
{
    struct dx_sync s;
    (void)dx_take(in, 8);
    s.ticks = dx_get64(in);
    s.wall = (int64_t)dx_get64(in);
    uint32_t minutes = dx_get32(in), summer = dx_get32(in);
    s.zone = zone_of(minutes, summer);
    if (in->bad) {
        return false;
    }
    if (b) {
        *DX_PUSH(&u->arena, b->syncs, b->count, b->cap) = s;
    }
    return true;
}

void dx_clock_read(struct dext_unified *u, const char *shown, const uint8_t *p, size_t n)
{
    struct dx_cur in = dx_cur(p, n);
    /* A file may go on with the boot that the one before it ended with. */
    struct dx_boot *b = u->boot_count ? u->boots[u->boot_count - 1] : NULL;
    while (dx_left(&in) >= 4) {
        size_t at = (size_t)(in.p - p), size = (size_t)dx_le(in.p + 2, 2);
        struct dx_cur record = dx_cur(in.p, size < dx_left(&in) ? size : dx_left(&in));
        bool read = false;
        if (in.p[0] == 0xb0 && in.p[1] == 0xbb && size >= BOOT_BYTES) {
            struct dx_boot *next = read_boot(u, &record);
            b = next ? next : b;
            read = next != NULL;
        } else if (in.p[0] == 'T' && in.p[1] == 's' && size >= SYNC_BYTES) {
            read = read_sync(u, &record, b);
        }
        if (!read || !dx_take(&in, size)) {
            dx_note(u, "%s: at byte %zu: no record of times; what follows is left out", shown, at);
            return;
        }
    }
}

static int by_ticks(const void *x, const void *y)
{
    const struct dx_sync *a = x, *b = y;
    return a->ticks < b->ticks ? -1 : a->ticks > b->ticks;
}

/* Boots of timesync files stand in their order there, which is that of time even when the clock was
 * set; the others are put among them by their wall time. */
void dx_clock_ready(struct dext_unified *u)
{
    for (size_t i = 1; i < u->boot_count; i++) {
        struct dx_boot *b = u->boots[i];
        size_t k = i;
        while (!b->synced && k > 0 && u->boots[k - 1]->wall > b->wall) {
            u->boots[k] = u->boots[k - 1];
            k--;
        }
        u->boots[k] = b;
    }
    for (size_t i = 0; i < u->boot_count; i++) {
        struct dx_boot *b = u->boots[i];
        b->rank = (unsigned)i;
        if (b->count > 1) {
            qsort(b->syncs, b->count, sizeof *b->syncs, by_ticks);
        }
    }
}

/* Ticks as nanoseconds, without overflow for any 64 bits; beyond what time can be, the most. */
static int64_t nanoseconds(const struct dx_boot *b, uint64_t ticks)
{
    uint64_t whole = ticks / b->denom, rest = ticks % b->denom;
    if (whole > (uint64_t)(INT64_MAX / 2) / b->numer) {
        return INT64_MAX / 2;
    }
    return (int64_t)(whole * b->numer + rest * b->numer / b->denom);
}

int64_t dx_clock_wall(const struct dx_boot *b, uint64_t ticks, int *zone)
{
    size_t low = 0, high = b->count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (b->syncs[mid].ticks <= ticks) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    const struct dx_sync *s = low ? &b->syncs[low - 1] : NULL;
    int64_t base = s ? s->wall : b->wall, plus = nanoseconds(b, ticks - (s ? s->ticks : 0));
    *zone = s ? s->zone : b->zone;
    if (base > INT64_MAX / 2 || base < -(INT64_MAX / 4)) {
        base = 0; /* no time anybody could have meant */
    }
    return base > INT64_MAX - plus ? INT64_MAX : base + plus;
}

void dx_clock_span(const struct dx_boot *b, uint64_t from, uint64_t to, int64_t *first,
                   int64_t *last)
{
    int zone;
    int64_t a = dx_clock_wall(b, from, &zone), z = dx_clock_wall(b, to, &zone);
    *first = a < z ? a : z;
    *last = a < z ? z : a;
    for (size_t i = 0; i < b->count; i++) {
        uint64_t at = b->syncs[i].ticks;
        if (at > from && at <= to) {
            a = dx_clock_wall(b, at - 1, &zone);
            z = dx_clock_wall(b, at, &zone);
            *first = z < *first ? z : *first;
            *last = a > *last ? a : *last;
        }
    }
}
