/* dext/sysext.h: what `systemextensionsctl list` says.
 *
 *     struct dext_sysext *list;
 *     if (dext_sysext_parse(&list, ctx, "list.txt", data, size) == DEXT_OK) {
 *         for (size_t i = 0; i < list->extension_count; i++) ...
 *     }
 *
 * Reads the output of macOS 10.15 to 26, whole or pasted: without tabs, quoted, inside other text.
 * Everything is borrowed from the context. */
#ifndef DEXT_SYSEXT_H
#define DEXT_SYSEXT_H

#include <stdbool.h>

#include "dext/ctx.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a state asks for. */
enum dext_attention {
    DEXT_ATTENTION_NONE,
    DEXT_ATTENTION_WAIT,   /* it passes by itself */
    DEXT_ATTENTION_USER,   /* somebody has to allow it or switch it on */
    DEXT_ATTENTION_BUSY,   /* something in use keeps it: unplug, quit */
    DEXT_ATTENTION_REBOOT, /* the Mac has to be restarted */
    DEXT_ATTENTION_FAILED, /* rejected or removed */
    DEXT_ATTENTION_UNKNOWN /* a state that is not in the table */
};

/* A flag column: pastes lose the tabs that tell an empty first column from an empty second. */
enum dext_flag { DEXT_FLAG_NO, DEXT_FLAG_YES, DEXT_FLAG_LOST };

/* One row of the list. Texts are "" where the row has none. */
struct dext_sysext_row {
    unsigned line;
    const char *category; /* "driver_extension", "network_extension", ... */
    enum dext_flag enabled, active;
    const char *team; /* 10 letters and digits */
    const char *id, *version, *build, *name;
    const char *state; /* as written; '_' has become ' ' */
    enum dext_attention attention;
    const char *meaning, *next; /* NULL: the state is not in the table */
    const char *seen;           /* "observed", "documented", "reported" or NULL */
    bool stale;                 /* a copy on its way out */
    bool judged;                /* the row of its extension that counts */
};

/* The rows of one extension (same team and id). */
struct dext_sysext_extension {
    const char *team, *id;
    const struct dext_sysext_row **rows; /* in the order of the list */
    size_t row_count;
    const struct dext_sysext_row *judged; /* newest row that is not on its way out */
    enum dext_attention attention;        /* of all rows together */
    const char *note;                     /* what several rows mean together, or NULL */
};

struct dext_sysext {
    const char *file;
    long declared; /* N of "N extension(s)"; -1 when that line is missing */
    struct dext_sysext_row *rows;
    size_t row_count;
    struct dext_sysext_extension *extensions;
    size_t extension_count;
    const char **notes; /* what is odd about the list: count differs, the tool died */
    size_t note_count;
    bool died; /* systemextensionsctl crashed on the way: rows are missing */
};

/* Reads size bytes; data need not outlive the call. DEXT_E_FORMAT: there is no such list in it;
 * DEXT_E_LIMIT: more rows than are read (2000). */
DEXT_API int dext_sysext_parse(struct dext_sysext **out, struct dext_ctx *ctx, const char *name,
                               const char *data, size_t size);
/* The same for a file. */
DEXT_API int dext_sysext_read(struct dext_sysext **out, struct dext_ctx *ctx, const char *path);

DEXT_API const char *dext_attention_name(enum dext_attention a); /* "none", "wait", "user", ... */

#ifdef __cplusplus
}
#endif

#endif
