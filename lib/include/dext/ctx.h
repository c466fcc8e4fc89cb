/* dext/ctx.h: the context every call needs: memory, limits, the last error.
 *
 *     struct dext_ctx *ctx = dext_ctx_new(NULL);
 *     ...
 *     dext_ctx_free(ctx);     // everything borrowed from it dies here
 *
 * A context serves one thread. Out of memory ends the process (abort). */
#ifndef DEXT_CTX_H
#define DEXT_CTX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define DEXT_API __attribute__((visibility("default")))
#else
#define DEXT_API
#endif

#define DEXT_VERSION "0.1.0"

struct dext_ctx;

/* What a call that reads can answer; 0 is success, errors are negative. */
enum dext_status {
    DEXT_OK = 0,
    DEXT_E_IO = -1,       /* the system refused to open or read it */
    DEXT_E_FORMAT = -2,   /* read, but not what it claims to be */
    DEXT_E_LIMIT = -3,    /* larger, deeper or more than the limits allow */
    DEXT_E_NOTFOUND = -4, /* no such thing here */
};

/* What a question can come to: what was not there to be read is unknown, never "no". */
enum dext_known { DEXT_NO, DEXT_YES, DEXT_UNKNOWN };

/* Ceilings for hostile input. Set size to sizeof(struct dext_limits); 0 in a field = default.
 * The defaults stand in DEXT_LIMITS_DEFAULT, the one place that names them. */
struct dext_limits {
    size_t size;
    size_t file_bytes;  /* largest file read into memory */
    size_t plist_depth; /* deepest nesting of dictionaries and arrays */
    size_t plist_nodes; /* keys and values of one property list */
    size_t walk_depth;  /* deepest folder below one that is walked */
    size_t walk_files;  /* most files taken from one folder walk */
    size_t cms_bytes;   /* largest signature or provisioning profile; real ones stay below 200 KB */
    size_t archive_bytes; /* most bytes an archive may unpack to, all layers counted */
    size_t archive_ratio; /* most bytes unpacked for one byte read, once 64 MiB have come out */
    size_t archive_files; /* most members of an archive, nested ones included */
    size_t archive_kept;  /* most bytes of members held in memory */
    size_t archive_depth; /* deepest nesting of archives in archives */
    size_t dump_bytes;    /* largest registry dump; real ones are 5 to 50 MB */
};

/* Installer packages of drivers unpack to 3 to 10 times their size, deflate can reach 1000.
 * CoreFoundation's own binary reader stops at a depth of 512 (CFBinaryPList.c, CF-1153); real
 * driver property lists stay below 12. */
#define DEXT_LIMITS_DEFAULT                                                                        \
    {                                                                                              \
        sizeof(struct dext_limits), (size_t)64 << 20, 512, 4000000, 64, 1000000, (size_t)4 << 20,  \
            (size_t)16 << 30, 300, 500000, (size_t)512 << 20, 4, (size_t)1 << 30                   \
    }

/* A new context with these limits (NULL = defaults). Owned by the caller: dext_ctx_free. */
DEXT_API struct dext_ctx *dext_ctx_new(const struct dext_limits *limits);
DEXT_API void dext_ctx_free(struct dext_ctx *ctx);

/* The first error since the last dext_ctx_clear: "path:line:col: reason" or "path: reason", or NULL
 * when there was none. Borrowed, valid until dext_ctx_clear or dext_ctx_free. */
DEXT_API const char *dext_ctx_error(const struct dext_ctx *ctx);
DEXT_API void dext_ctx_clear(struct dext_ctx *ctx);

/* What could not be read, or asked of the system, on the way to an answer: lines "PATH: why", each
 * once, in the order in which they were met. As long as there is one, what was answered is not the
 * whole: nothing may be called clean, absent or broken because of it. Borrowed, valid until
 * dext_ctx_free; at most DEXT_UNREAD_MOST are kept. */
#define DEXT_UNREAD_MOST 200
DEXT_API size_t dext_ctx_unread_count(const struct dext_ctx *ctx);
DEXT_API const char *dext_ctx_unread(const struct dext_ctx *ctx, size_t i);

/* Such a line in its parts. Borrowed likewise. */
struct dext_unread {
    const char *file;      /* NULL: it is about no single file */
    unsigned line, column; /* from 1; 0: not known */
    const char *reason;
};
DEXT_API void dext_ctx_unread_parts(const struct dext_ctx *ctx, size_t i, struct dext_unread *out);

/* Notes what the caller could not read or understand itself. The line begins with file, unless that
 * is NULL: then the line is about no single file. Both are copied. */
DEXT_API void dext_ctx_note_unread(struct dext_ctx *ctx, const char *file, const char *line);
/* Notes what dext_ctx_error says; nothing when there is no error. */
DEXT_API void dext_ctx_note_error(struct dext_ctx *ctx);

/* Watches the file that stands there now: whether any byte of it is asked for from now on, by this
 * path or another. So that a result never takes the place of what it was made from. One file a
 * context; nothing when there is none. */
DEXT_API void dext_ctx_watch(struct dext_ctx *ctx, const char *path);
DEXT_API bool dext_ctx_watched_read(const struct dext_ctx *ctx);

/* The version of the library that is linked, as "0.1.0". */
DEXT_API const char *dext_version(void);

#ifdef __cplusplus
}
#endif

#endif
