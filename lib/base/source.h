/* source.h: bytes with a name. A source is read whole, once, up to the context's file_bytes. */
#ifndef DX_BASE_SOURCE_H
#define DX_BASE_SOURCE_H

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

/* A source over bytes that the caller keeps alive. data[size] must be readable and 0. */
struct dx_source dx_source_bytes(const char *path, const char *data, size_t size);

/* 1-based line and column (in code points) of byte offset off. Lines end at LF, CR LF or CR. */
struct dx_lines {
    const char *data;
    size_t size;
    size_t *starts; /* offset of each line's first byte */
    size_t count;
    size_t *before; /* code points before every 1024th byte */
};
void dx_lines_init(struct dx_lines *l, struct dx_arena *a, const char *data, size_t size);
void dx_lines_at(const struct dx_lines *l, size_t off, unsigned *line, unsigned *column);

#endif
