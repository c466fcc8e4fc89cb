/* ctx.h: inside of the context. Functions that fail say so once, through dx_fail; the first text
 * wins, upper layers do not overwrite the reason that a lower one knows better. */
#ifndef DX_BASE_CTX_H
#define DX_BASE_CTX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/str.h"
#include "dext/ctx.h"

/* A path of PATH_MAX bytes, and a reason. */
#define DX_TOLD_BYTES 5120

/* Texts that stand for files: dx_source_read gives them, whatever is on disk. */
struct dx_overlay_text {
    const char *path, *data; /* data[size] is 0 */
    size_t size;
};

struct dx_overlay {
    struct dx_overlay_text *list;
    size_t count, cap;
};

/* A line of what could not be told. All of it is malloc'd: what was met before a rewind of the
 * arena still holds. */
struct dx_unread_line {
    char *text, *file;
    struct dext_unread parts; /* points into text and file */
};

/* dext_ctx_watch. Workers' contexts point to the watch of the one that they work for. */
struct dx_watch {
    bool on;
    dev_t dev;
    ino_t ino;
    atomic_bool met;
};

struct dext_ctx {
    struct dx_arena arena;
    struct dext_limits limits;
    struct dx_overlay texts;
    char error[DX_TOLD_BYTES];
    size_t error_file; /* bytes of error that are certainly a file's name */
    struct dx_unread_line *unread;
    size_t unread_count, unread_cap;
    struct dx_watch own_watch, *watch;
};

/* Whoever opens a file to read it says so. */
void dx_opened(const struct dext_ctx *ctx, int fd);
/* The same, of one whose identity is known. */
void dx_opened_file(const struct dext_ctx *ctx, const struct stat *st);

/* path and data are borrowed; a second text of a path takes the place of the first. */
void dx_overlay_set(struct dext_ctx *ctx, const char *path, const char *data, size_t size);
const struct dx_overlay_text *dx_overlay_find(const struct dext_ctx *ctx, const char *path);

/* Keeps the text (lower case, what first, no full stop) and returns status. What the system refused
 * to read (DEXT_E_IO) is noted besides, as with dx_unread, and outlives dext_ctx_clear: a caller
 * that goes on without it gets no answer that could be taken for whole. */
int dx_fail(struct dext_ctx *ctx, enum dext_status status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Notes that something could not be told: the third answer, beside yes and no. "PATH: why", the
 * whole line. Once a line, however often it is met. */
void dx_unread(struct dext_ctx *ctx, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* What the context of a worker noted. Which worker met what is chance: those from number first on
 * are put in the order of their texts. */
void dx_unread_take(struct dext_ctx *to, const struct dext_ctx *worker);
void dx_unread_sort(struct dext_ctx *ctx, size_t first);

#endif
