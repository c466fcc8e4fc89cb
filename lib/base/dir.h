/* dir.h: what is in a folder, entry by entry, relative to the folder that is held open: no path is
 * put together or looked up again for what nobody wants, and what an entry is comes with its name
 * where the file system says so (d_type). Links are not followed. */
#ifndef DX_BASE_DIR_H
#define DX_BASE_DIR_H

#include <dirent.h>
#include <stdbool.h>

#include "base/ctx.h"

enum dx_entry_kind { DX_ENTRY_FILE, DX_ENTRY_FOLDER, DX_ENTRY_LINK, DX_ENTRY_OTHER };

struct dx_entry {
    const char *name; /* until the next one; neither "." nor ".." */
    enum dx_entry_kind kind;
};

struct dx_dir {
    DIR *dir;
    struct dext_ctx *ctx;
    const char *shown; /* its path in messages */
    bool failed;       /* it could not be listed to its end (noted) */
};

/* Opens path, or the folder called path in the folder above; above NULL: path alone counts, "" is
 * the current folder. One in another is not opened through a link. shown: its whole path, which
 * lives as long as d. false: errno says why, and unless nothing is there it is noted (dx_unread);
 * nothing to close. */
bool dx_dir_open(struct dx_dir *d, struct dext_ctx *ctx, const struct dx_dir *above,
                 const char *path, const char *shown);
/* The next entry. false: there is none, or the rest cannot be told (failed). */
bool dx_dir_next(struct dx_dir *d, struct dx_entry *e);
void dx_dir_close(struct dx_dir *d);

#endif
