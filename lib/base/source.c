#include "base/source.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int dx_source_read(struct dx_source *out, struct dext_ctx *ctx, const char *path)
{
    return dx_source_read_most(out, ctx, path, ctx->limits.file_bytes);
}

int dx_source_read_most(struct dx_source *out, struct dext_ctx *ctx, const char *path, size_t most)
{
    struct dx_feed f;
    const struct dx_overlay_text *text = dx_overlay_find(ctx, path);
    if (text && text->size <= most) {
        *out = dx_source_bytes(path, text->data, text->size);
        return DEXT_OK;
    }
    int rc = dx_feed_open(&f, ctx, path, most);
    rc = rc ? rc : dx_feed_whole(&f);
    struct dx_source none = {.path = path};
    *out = rc ? none : f.src;
    dx_feed_close(&f);
    return rc;
}

bool dx_source_if_there(struct dx_source *out, struct dext_ctx *ctx, const char *path, size_t most)
{
    if (!dx_is_named_file(ctx, path)) {
        return false;
    }
    dext_ctx_clear(ctx);
    bool read = dx_source_read_most(out, ctx, path, most) == DEXT_OK;
    if (!read) {
        dext_ctx_note_error(ctx);
    }
    dext_ctx_clear(ctx);
    return read;
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
    dx_opened_file(ctx, &st);
    if (!S_ISREG(st.st_mode)) {
        return dx_fail(ctx, DEXT_E_IO, "%s: %s%s", path, dx_not_a_file(st.st_mode),
                       S_ISFIFO(st.st_mode) ? "; use - to read standard input" : "");
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

/* The pages of a block that is done with become those of one that is still to be filled: new ones
 * would be cleared first, which costs more than reading into them. false: not on this system. */
static bool feed_pass_on(struct dx_feed *f, uintptr_t block)
{
#ifdef MREMAP_DONTUNMAP
    uintptr_t base = (uintptr_t)f->data;
    uintptr_t to = (base + f->filled + DX_FEED_BLOCK - 1) / DX_FEED_BLOCK;
    to = to > f->passed ? to : f->passed;
    if ((to + 1) * DX_FEED_BLOCK <= base + f->src.size &&
        mremap(f->data + (block * DX_FEED_BLOCK - base), DX_FEED_BLOCK, DX_FEED_BLOCK,
               MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP,
               f->data + (to * DX_FEED_BLOCK - base)) != MAP_FAILED) {
        f->passed = to + 1;
        return true;
    }
#else
    (void)f;
    (void)block;
#endif
    return false;
}

/* Whole large pages, as the arena asked for them. */
void dx_feed_drop(struct dx_feed *f, size_t end)
{
    uintptr_t base = (uintptr_t)f->data, first = (base + DX_FEED_BLOCK - 1) / DX_FEED_BLOCK;
    uintptr_t from = (base + f->dropped) / DX_FEED_BLOCK, to = (base + end) / DX_FEED_BLOCK;
    for (from = from > first ? from : first; from < to; from++) {
        if (!feed_pass_on(f, from)) {
            (void)madvise(f->data + (from * DX_FEED_BLOCK - base), DX_FEED_BLOCK, MADV_DONTNEED);
        }
    }
    f->dropped = end;
}

int dx_feed_whole(struct dx_feed *f)
{
    const char *path = f->src.path;
    ssize_t got = f->filled && lseek(f->fd, 0, SEEK_SET) < 0 ? -1 : 1;
    f->filled = f->dropped = 0;
    /* One that ends where it was said to end, short of what was asked for, has been read to its
     * end: another read would only say so again. */
    for (bool more = true; got > 0 && more;) {
        got = read_some(f, SIZE_MAX);
        more = f->filled != f->src.size || (size_t)got > f->src.size;
        if (f->filled > f->src.size) {
            return dx_fail(f->ctx, DEXT_E_IO, "%s: grew while it was read", path);
        }
    }
    if (got < 0) {
        return dx_fail(f->ctx, DEXT_E_IO, "%s: cannot be read: %s", path, strerror(errno));
    }
    if (f->filled < f->src.size) { /* half of a file would be judged as a whole one */
        return dx_fail(f->ctx, DEXT_E_IO, "%s: became shorter while it was read", path);
    }
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

static bool is_ascii(const char *data, size_t size)
{
    uint64_t all = 0, word;
    size_t i = 0;
    for (; i + sizeof word <= size; i += sizeof word) {
        memcpy(&word, data + i, sizeof word);
        all |= word;
    }
    for (; i < size; i++) {
        all |= (unsigned char)data[i];
    }
    return (all & 0x8080808080808080U) == 0;
}

/* Where the line after the one at p begins; end: there is none. */
static const char *line_after(const char *p, const char *end, bool returns)
{
    const char *lf = memchr(p, '\n', (size_t)(end - p));
    const char *cr = returns ? memchr(p, '\r', (size_t)((lf ? lf : end) - p)) : NULL;
    if (cr && cr + 1 != lf) {
        return cr + 1;
    }
    return lf ? lf + 1 : NULL;
}

void dx_lines_init(struct dx_lines *l, struct dx_arena *a, const char *data, size_t size)
{
    const char *end = data + size;
    bool returns = size && memchr(data, '\r', size);
    size_t count = 1, points = 0;
    for (const char *p = data; size && (p = line_after(p, end, returns)) != NULL;) {
        count++;
    }
    *l = (struct dx_lines){.data = data, .size = size, .count = 1};
    l->starts = dx_calloc(a, count, sizeof *l->starts);
    for (const char *p = data; size && (p = line_after(p, end, returns)) != NULL;) {
        l->starts[l->count++] = (size_t)(p - data);
    }
    if (is_ascii(data, size)) {
        return;
    }
    l->before = dx_calloc(a, size / COUNT_EVERY + 1, sizeof *l->before);
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

static size_t points_between(const struct dx_lines *l, size_t from, size_t to)
{
    if (!l->before) {
        return to - from;
    }
    if (to - from > COUNT_EVERY) {
        return points_before(l, to) - points_before(l, from);
    }
    size_t points = 0;
    for (size_t i = from; i < to; i++) {
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
    *column = 1 + (off > start ? (unsigned)points_between(l, start, off) : 0);
}
