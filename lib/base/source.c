#include "base/source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
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

static int read_all(struct dx_source *out, struct dext_ctx *ctx, int fd, size_t expected)
{
    size_t cap = expected + 1, n = 0;
    char *data = dx_alloc_raw(&ctx->arena, cap + 1);
    for (;;) {
        ssize_t got = read(fd, data + n, cap - n);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return dx_fail(ctx, DEXT_E_IO, "%s: cannot be read: %s", out->path, strerror(errno));
        }
        if (got == 0) {
            break;
        }
        n += (size_t)got;
        if (n == cap) {
            return dx_fail(ctx, DEXT_E_IO, "%s: grew while it was read", out->path);
        }
    }
    data[n] = 0;
    out->data = data;
    out->size = n;
    return DEXT_OK;
}

int dx_source_read(struct dx_source *out, struct dext_ctx *ctx, const char *path)
{
    return dx_source_read_most(out, ctx, path, ctx->limits.file_bytes);
}

int dx_source_read_most(struct dx_source *out, struct dext_ctx *ctx, const char *path, size_t most)
{
    *out = (struct dx_source){.path = path};
    /* O_NONBLOCK: opening a FIFO nobody writes to would wait for ever. */
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        return dx_fail(ctx, DEXT_E_IO, "%s: cannot be opened: %s", path, strerror(errno));
    }
    struct stat st;
    int rc = DEXT_OK;
    if (fstat(fd, &st) != 0) {
        rc = dx_fail(ctx, DEXT_E_IO, "%s: cannot be read: %s", path, strerror(errno));
    } else if (!S_ISREG(st.st_mode)) {
        rc = dx_fail(ctx, DEXT_E_IO, "%s: %s", path, not_a_file(st.st_mode));
    } else if ((unsigned long long)st.st_size > most) {
        rc = dx_fail(ctx, DEXT_E_LIMIT, "%s: %lld bytes, more than the %zu that are read of a file",
                     path, (long long)st.st_size, most);
    } else {
        rc = read_all(out, ctx, fd, (size_t)st.st_size);
    }
    (void)close(fd);
    return rc;
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
