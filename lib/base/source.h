/* source.h: bytes with a name. A source is read whole, once, up to the context's file_bytes. */
#ifndef DX_BASE_SOURCE_H
#define DX_BASE_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ctx.h"

struct dx_source {
    const char *path; /* as the user wrote it or as found below what he wrote; for messages */
    const char *data; /* NUL-terminated one past size */
    size_t size;
};

/* Reads a regular file into the context's arena. Follows a symbolic link only when it is the path
 * itself (what the user named); a FIFO, device or folder is refused without being opened for long.
 * Errors: DEXT_E_IO, DEXT_E_LIMIT, text "PATH: reason". */
int dx_source_read(struct dx_source *out, struct dext_ctx *ctx, const char *path);
/* The same with a limit of its own, in bytes. */
int dx_source_read_most(struct dx_source *out, struct dext_ctx *ctx, const char *path, size_t most);

/* Reads a file that others name and that may be absent. false: it is not there, or it could not be
 * read, which is noted (dx_unread): what stands in it is not known then. Leaves no error. */
bool dx_source_if_there(struct dx_source *out, struct dext_ctx *ctx, const char *path, size_t most);

/* A large file that is read once from its beginning to its end, and of which little is kept: its
 * bytes come when they are asked for, and their memory can be given back when they are done with,
 * so that a file of 50 MB needs some 6 of them. At any time src.data holds the bytes from dropped
 * to filled.
 *
 *     struct dx_feed f;
 *     dx_feed_open(&f, ctx, path, most)       like dx_source_read_most
 *     dx_feed_fill(&f, end)                   the first end bytes, or all; false: it cannot be read
 *     dx_feed_drop(&f, end)                   the first end bytes are not looked at any more
 *     dx_feed_whole(&f)                       on second thoughts: all of it, as dx_source_read
 * gives it dx_feed_close(&f)
 */
struct dx_feed {
    struct dx_source src;
    struct dext_ctx *ctx;
    char *data; /* src.data */
    int fd;
    size_t filled, dropped;
    uintptr_t passed; /* where, in blocks, the last pages that were passed on end */
    size_t block;     /* what is asked for and given back at once: DX_FEED_BLOCK, in tests less */
};
#define DX_FEED_BLOCK ((size_t)2 << 20)

int dx_feed_open(struct dx_feed *f, struct dext_ctx *ctx, const char *path, size_t most);
bool dx_feed_fill(struct dx_feed *f, size_t end);
void dx_feed_drop(struct dx_feed *f, size_t end);
int dx_feed_whole(struct dx_feed *f);
void dx_feed_close(struct dx_feed *f);

/* A source over bytes that the caller keeps alive. data[size] must be readable and 0. */
struct dx_source dx_source_bytes(const char *path, const char *data, size_t size);

/* 1-based line and column (in code points) of byte offset off. Lines end at LF, CR LF or CR. */
struct dx_lines {
    const char *data;
    size_t size;
    size_t *starts; /* offset of each line's first byte */
    size_t count;
    size_t *before; /* code points before every 1024th byte; NULL: all is ASCII */
};
void dx_lines_init(struct dx_lines *l, struct dx_arena *a, const char *data, size_t size);
void dx_lines_at(const struct dx_lines *l, size_t off, unsigned *line, unsigned *column);

#endif
