#include "base/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *not_a_file(mode_t mode)
{
    if (S_ISDIR(mode)) {
        return "is a folder, not a file";
    }
    if (S_ISFIFO(mode)) {
        return "is a FIFO, not a file; use - to read standard input";
    }
    if (S_ISCHR(mode) || S_ISBLK(mode)) {
        return "is a device, not a file";
    }
    return S_ISSOCK(mode) ? "is a socket, not a file" : "is not a regular file";
}

int dx_source_read(struct dx_source *out, struct dext_ctx *ctx, const char *path)
{
    return dx_source_read_most(out, ctx, path, ctx->limits.file_bytes);
}

int dx_source_read_most(struct dx_source *out, struct dext_ctx *ctx, const char *path, size_t most)
{
    struct dx_feed f;
    int rc = dx_feed_open(&f, ctx, path, most);
    rc = rc ? rc : dx_feed_whole(&f);
    struct dx_source none = {.path = path};
    *out = rc ? none : f.src;
    dx_feed_close(&f);
    return rc;
}

/* ---- a little at a time ---------------------------------------------------------------------- */

int dx_feed_open(struct dx_feed *f, struct dext_ctx *ctx, const char *path, size_t most)
{
    *f = (struct dx_feed){.src = {.path = path}, .ctx = ctx, .block = DX_FEED_BLOCK};
    /* O_NONBLOCK: opening a FIFO nobody writes to would wait for ever. */
    f->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (f->fd < 0) {
        return dx_fail(ctx, DEXT_E_IO, "%s: cannot be opened: %s", path, strerror(errno));
    }
    struct stat st;
    if (fstat(f->fd, &st) != 0) {
        return dx_fail(ctx, DEXT_E_IO, "%s: cannot be read: %s", path, strerror(errno));
    }
    if (!S_ISREG(st.st_mode)) {
        return dx_fail(ctx, DEXT_E_IO, "%s: %s", path, not_a_file(st.st_mode));
    }
    if ((unsigned long long)st.st_size > most) {
        return dx_fail(ctx, DEXT_E_LIMIT,
                       "%s: %lld bytes, more than the %zu that are read of a file", path,
                       (long long)st.st_size, most);
    }
    f->src.size = (size_t)st.st_size;
    f->data = dx_alloc_raw(&ctx->arena, f->src.size + 2);
    f->src.data = f->data;
    return DEXT_OK;
}

/* One byte more than there were tells that the file grew. */
static ssize_t read_some(struct dx_feed *f, size_t n)
{
    size_t room = f->src.size + 1 - f->filled;
    ssize_t got;
    do {
        got = read(f->fd, f->data + f->filled, n < room ? n : room);
    } while (got < 0 && errno == EINTR);
    f->filled += got > 0 ? (size_t)got : 0;
    return got;
}

bool dx_feed_fill(struct dx_feed *f, size_t end)
{
    size_t all = f->src.size;
    while (f->filled < (end < all ? end : all)) {
        if (read_some(f, end - f->filled) <= 0) {
            return false;
        }
    }
    return f->filled < all || (f->filled == all && read_some(f, 1) == 0);
}

/* Whole large pages, as the arena asked for them. */
void dx_feed_drop(struct dx_feed *f, size_t end)
{
    uintptr_t base = (uintptr_t)f->data, first = (base + DX_FEED_BLOCK - 1) / DX_FEED_BLOCK;
    uintptr_t from = (base + f->dropped) / DX_FEED_BLOCK, to = (base + end) / DX_FEED_BLOCK;
    from = from > first ? from : first;
    if (to > from) {
        (void)madvise(f->data + (from * DX_FEED_BLOCK - base), (to - from) * DX_FEED_BLOCK,
                      MADV_DONTNEED);
    }
    f->dropped = end;
}

int dx_feed_whole(struct dx_feed *f)
{
    const char *path = f->src.path;
    f->filled = f->dropped = 0;
    ssize_t got = lseek(f->fd, 0, SEEK_SET) < 0 ? -1 : 1;
    while (got > 0) {
        got = read_some(f, SIZE_MAX);
        if (f->filled > f->src.size) {
            return dx_fail(f->ctx, DEXT_E_IO, "%s: grew while it was read", path);
        }
    }
    if (got < 0) {
        return dx_fail(f->ctx, DEXT_E_IO, "%s: cannot be read: %s", path, strerror(errno));
    }
    f->src.size = f->filled;
    f->data[f->filled] = 0;
    return DEXT_OK;
}

void dx_feed_close(struct dx_feed *f)
{
    if (f->fd >= 0) {
        (void)close(f->fd);
    }
    f->fd = -1;
}

struct dx_source dx_source_bytes(const char *path, const char *data, size_t size)
{
    return (struct dx_source){path, data, size};
}

/* A file of megabytes may be one line: columns are counted from the nearest of these steps. */
#define COUNT_EVERY 1024

static bool begins_point(char c)
{
    return ((unsigned char)c & 0xc0) != 0x80;
}

void dx_lines_init(struct dx_lines *l, struct dx_arena *a, const char *data, size_t size)
{
    size_t count = 1;
    for (size_t i = 0; i < size; i++) {
        count += data[i] == '\n' || (data[i] == '\r' && (i + 1 == size || data[i + 1] != '\n'));
    }
    l->data = data;
    l->size = size;
    l->starts = dx_calloc(a, count, sizeof *l->starts);
    l->count = 1;
    for (size_t i = 0; i < size; i++) {
        if (data[i] == '\n' || (data[i] == '\r' && (i + 1 == size || data[i + 1] != '\n'))) {
            l->starts[l->count++] = i + 1;
        }
    }
    l->before = dx_calloc(a, size / COUNT_EVERY + 1, sizeof *l->before);
    size_t points = 0;
    for (size_t i = 0; i < size; i++) {
        if (i % COUNT_EVERY == 0) {
            l->before[i / COUNT_EVERY] = points;
        }
        points += begins_point(data[i]);
    }
}

/* Code points that begin before off. */
static size_t points_before(const struct dx_lines *l, size_t off)
{
    size_t step = l->size ? (off == l->size ? off - 1 : off) / COUNT_EVERY : 0;
    size_t points = l->size ? l->before[step] : 0;
    for (size_t i = step * COUNT_EVERY; i < off; i++) {
        points += begins_point(l->data[i]);
    }
    return points;
}

void dx_lines_at(const struct dx_lines *l, size_t off, unsigned *line, unsigned *column)
{
    off = off > l->size ? l->size : off;
    size_t lo = 0, hi = l->count;
    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;
        if (l->starts[mid] <= off) {
            lo = mid;
        } else {
            hi = mid;
        }
    }
    size_t start = l->starts[lo];
    if (lo == 0 && l->size >= 3 && memcmp(l->data, "\xef\xbb\xbf", 3) == 0 && off >= 3) {
        start = 3; /* an editor does not count the byte order mark as a column */
    }
    *line = (unsigned)lo + 1;
    *column = 1 + (off > start ? (unsigned)(points_before(l, off) - points_before(l, start)) : 0);
}
