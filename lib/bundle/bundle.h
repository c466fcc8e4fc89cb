/* bundle.h: finds the parts of bundles on disk, and what a folder walk is interested in. */
#ifndef DX_BUNDLE_BUNDLE_H
#define DX_BUNDLE_BUNDLE_H

#include <sys/types.h>

#include "base/path.h"
#include "bundle/files.h"
#include "bundle/model.h"

enum dx_item_kind {
    DX_ITEM_FILE,    /* a property list or something that claims to be one */
    DX_ITEM_DEXT,    /* folder NAME.dext */
    DX_ITEM_PROJECT, /* project.pbxproj */
    DX_ITEM_BYTES,   /* standard input, member of an archive */
    DX_ITEM_ARCHIVE, /* its members are items of their own */
    DX_ITEM_REFUSED, /* found, but cannot be entered: reason */
};

struct dx_item {
    const char *path;
    enum dx_item_kind kind;
    bool named; /* by the user, not found by a walk */
    bool told;  /* what became of it was reported: it could not be read */
    const char *reason;
    const char *host; /* DX_ITEM_DEXT: the .app it was found in, or NULL */
    struct dx_source bytes;
    const struct dx_files *files; /* of the archive it is in, or NULL; path is as shown */
    size_t order;                 /* as found */
};

struct dx_items {
    struct dx_item *list;
    size_t count, cap;
    size_t ignored, links; /* passed by: by a pattern, as symbolic links */
};

struct dx_walk_options {
    const char *const *excludes;
    bool no_ignore;
};

/* What path stands for: one item, or everything below a folder. Never fails: what cannot be
 * entered becomes a DX_ITEM_REFUSED. */
void dx_items_add(struct dx_items *items, struct dext_ctx *ctx, const char *path,
                  const struct dx_walk_options *opt);

/* Projects that lie right in a folder ("" for the current one): paths of project.pbxproj and
 * project.yml. */
struct dx_project_files {
    const char **list;
    size_t count;
    bool git;     /* a repository begins here */
    dev_t device; /* of the folder, 0 when it could not be opened */
    ino_t inode;
};
void dx_projects_in(struct dx_project_files *out, struct dext_ctx *ctx, const char *folder);

/* Finds the parts of a .dext folder, on disk or, with files, in an archive (path as shown). info
 * may be filled later. */
struct dx_bundle *dx_bundle_open(struct dext_ctx *ctx, const struct dx_files *files,
                                 const char *path, const char *host);

/* The same questions for a path on disk or, with files, in an archive. */
bool dx_is_folder_in(struct dext_ctx *ctx, const struct dx_files *files, const char *path);
bool dx_is_file_in(struct dext_ctx *ctx, const struct dx_files *files, const char *path);

/* The member that is shown as path, or NULL. */
const struct dx_file *dx_file_shown(const struct dx_files *files, const char *path);

/* Path of the Info.plist of a bundle folder, Contents/Info.plist or Info.plist, or NULL. */
const char *dx_bundle_info_path(struct dext_ctx *ctx, const char *bundle);

#endif
