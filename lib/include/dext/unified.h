/* dext/unified.h: Apple's unified log, read anywhere: .logarchive, tracev3, and the archive in a
 * sysdiagnose.
 *
 *     struct dext_unified *u;
 *     if (dext_unified_open(&u, ctx, "system_logs.logarchive") == DEXT_OK) {
 *         dext_unified_each(u, &range, on_entry, user);
 *         dext_unified_told(u, &told);
 *         dext_unified_close(u);
 *     }
 *
 * Entries come in the order of time: boot after boot, within a boot by the kernel's continuous
 * clock, which no setting of the wall clock disturbs. What is damaged or missing is counted and
 * told, the rest is read. Memory is bounded: the files are mapped, and only chunk sets whose times
 * overlap are unpacked at the same time. */
#ifndef DEXT_UNIFIED_H
#define DEXT_UNIFIED_H

#include <stdbool.h>

#include "dext/ctx.h"

#ifdef __cplusplus
extern "C" {
#endif

enum dext_unified_kind {
    DEXT_UNIFIED_LOG,
    DEXT_UNIFIED_ACTIVITY, /* an activity was created */
    DEXT_UNIFIED_ACTION,   /* by the user */
    DEXT_UNIFIED_TRACE,
    DEXT_UNIFIED_SIGNPOST,
    DEXT_UNIFIED_LOSS,  /* messages that were not kept */
    DEXT_UNIFIED_STATE, /* what a process told of its state */
    DEXT_UNIFIED_BOOT,  /* the system started; from timesync */
    DEXT_UNIFIED_CLOCK, /* the wall clock was set; from timesync */
};

/* Levels in the order of importance; log(1) shows DEFAULT, ERROR and FAULT unless asked for more.
 */
enum dext_unified_level {
    DEXT_UNIFIED_DEBUG,
    DEXT_UNIFIED_INFO,
    DEXT_UNIFIED_DEFAULT,
    DEXT_UNIFIED_ERROR,
    DEXT_UNIFIED_FAULT,
};

/* An entry; strings are borrowed until the callback returns, "" stands for not known. */
struct dext_unified_entry {
    enum dext_unified_kind kind;
    enum dext_unified_level level;
    int64_t time;   /* nanoseconds since 1970-01-01 UTC */
    int zone;       /* minutes east of UTC where it was written */
    uint64_t ticks; /* continuous time of the kernel */
    unsigned boot;  /* counts from 0, in the order of time */
    uint8_t boot_uuid[16];
    uint64_t thread;
    uint64_t activity, parent, creator; /* ids of activities; 0: none */
    uint32_t pid, euid;
    uint8_t ttl;    /* days it is kept */
    uint64_t trace; /* traceID as log(1) shows it in JSON */
    const char *process, *process_path;
    const char *sender_path; /* image that logged: a library, a kernel extension */
    uint8_t process_uuid[16], sender_uuid[16];
    uint64_t sender_pc; /* relative to its image */
    const char *subsystem, *category;
    const char *format; /* the format string; NULL: its file or place is missing */
    uint64_t signpost;  /* id */
    const char *signpost_name, *signpost_scope, *signpost_type;
    uint64_t lost;      /* of a loss: messages */
    bool partial;       /* its message cannot be rendered: strings or arguments are missing */
    const void *inside; /* for dext_unified_message */
};

/* What a reader found on its way. */
struct dext_unified_counts {
    size_t files, sets, entries;
    size_t strings_missing;  /* files with format strings that are not there */
    size_t unrendered;       /* entries whose format string could not be found */
    size_t bad_references;   /* of these: the file is there, the place is not in it */
    size_t oversize_missing; /* entries whose arguments are not there */
    size_t damaged_chunks, damaged_entries, unknown_chunks;
    size_t unordered; /* entries that came late: too many chunk sets overlap */
};

struct dext_unified_told {
    struct dext_unified_counts counts;
    const char *const *notes; /* sentences on damage: the first 20 */
    size_t note_count;
    size_t boots;
    size_t sets;         /* in all; counts.sets of them were read */
    int64_t first, last; /* times of the first and last entry that was handed out */
};

/* What is wanted; zero means everything. */
struct dext_unified_range {
    int64_t from, to; /* times, nanoseconds; to 0: no end */
    bool last_boot;   /* only what came after the last start of the system */
};

struct dext_unified;

/* Opens a .logarchive, another folder with tracev3 files, a tracev3 file (its strings and clock are
 * looked for around it), or a .tar.gz or .zip that has one in it, which is held in memory. Errors:
 * DEXT_E_IO, DEXT_E_FORMAT (nothing of the unified log there), DEXT_E_LIMIT. */
DEXT_API int dext_unified_open(struct dext_unified **out, struct dext_ctx *ctx, const char *path);
DEXT_API void dext_unified_close(struct dext_unified *u);

/* Whether the path looks like something that dext_unified_open reads, by name or first bytes. */
DEXT_API bool dext_unified_is(const char *path);

/* Hands out entries until the callback returns false. */
typedef bool dext_unified_fn(void *user, const struct dext_unified_entry *e);
DEXT_API int dext_unified_each(struct dext_unified *u, const struct dext_unified_range *range,
                               dext_unified_fn *fn, void *user);

/* The message of the entry that is being handed out, rendered now; borrowed until the next call. */
DEXT_API const char *dext_unified_message(struct dext_unified *u,
                                          const struct dext_unified_entry *e, size_t *size);

/* Times of the first and the last entry as the catalogs announce them, without reading entries;
 * zone: of the last one, minutes east of UTC. false: none. */
DEXT_API bool dext_unified_extent(const struct dext_unified *u, int64_t *first, int64_t *last,
                                  int *zone);

DEXT_API void dext_unified_told(const struct dext_unified *u, struct dext_unified_told *out);

DEXT_API const char *dext_unified_kind_name(enum dext_unified_kind kind); /* "logEvent" */

#ifdef __cplusplus
}
#endif

#endif
