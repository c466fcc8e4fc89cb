/* path.h: paths as text, and what stands at one. */
#ifndef DX_BASE_PATH_H
#define DX_BASE_PATH_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/ctx.h"

/* What a path is by its name, asked here alone. The end of a name is compared without regard to
 * case, as the Mac's file systems do. A name that is nothing but the end is no such thing. */
enum dx_path_kind {
    DX_PATH_OTHER,
    DX_PATH_DEXT,
    DX_PATH_APP,
    DX_PATH_EXTENSION, /* .systemextension */
    DX_PATH_XCODEPROJ,
    DX_PATH_PBXPROJ,      /* also project.yml, which XcodeGen reads */
    DX_PATH_PROFILE,      /* .provisionprofile, .mobileprovision */
    DX_PATH_ENTITLEMENTS, /* .entitlements, .xcent */
    DX_PATH_PLIST,
    DX_PATH_TEMPLATE, /* of a property list or entitlements, which a build fills in */
    DX_PATH_ARCHIVE,  /* package, archive, disk image */
};
enum dx_path_kind dx_path_kind(const char *path);

/* What the system says of a path: there, not there, or it could not be told (noted with dx_unread;
 * st is zeroed then). A link is followed by dx_stat, not by dx_lstat. */
enum dx_there { DX_THERE_NO, DX_THERE, DX_THERE_UNKNOWN };
enum dx_there dx_stat(struct dext_ctx *ctx, const char *path, struct stat *st);
enum dx_there dx_lstat(struct dext_ctx *ctx, const char *path, struct stat *st);

/* Whether a folder or regular file, or a link to one, stands there. false also when it could not be
 * told, which is noted. */
bool dx_is_folder(struct dext_ctx *ctx, const char *path);
bool dx_is_file(struct dext_ctx *ctx, const char *path);
bool dx_is_file_or_folder(struct dext_ctx *ctx, const char *path);
/* The same of a file that something names, or that is looked for by its name: what stands there and
 * is no file, and a link that leads nowhere, are no absence but something unread, and noted. */
bool dx_is_named_file(struct dext_ctx *ctx, const char *path);
/* "is a FIFO, not a file" and the like: why what has this mode, of no regular file, is not read. */
const char *dx_not_a_file(mode_t mode);

/* The first n bytes of a file, or as many as it has. false: it could not be read (noted). */
bool dx_path_head(struct dext_ctx *ctx, const char *path, void *to, size_t n, size_t *got);
const char *dx_path_join(struct dext_ctx *ctx, const char *folder, const char *name);
const char *dx_path_name(const char *path);                         /* last component */
const char *dx_path_folder(struct dext_ctx *ctx, const char *path); /* "" for none */

/* Lexical: "./" and "x/../" go, so that two spellings of one path compare equal. In the arena,
 * NUL-terminated. */
struct dx_str dx_path_normal(struct dext_ctx *ctx, struct dx_str path);

/* Length of what marks a file as one that a build fills in first, ".in" or ".template"; 0: none. */
size_t dx_path_template(const char *path);

/* A template stands beside path that a build would make it of, or whether one does is not known. */
bool dx_path_has_template(struct dext_ctx *ctx, const char *path);

#endif
