/* files.h: the files of something that holds files, a folder on disk or an archive, behind one
 * list: whoever looks at a bundle asks here and does not know which of the two it is.
 *
 *     struct dx_files *all;
 *     if (dx_files_open(&all, ctx, "MyDriver.pkg", DX_KEEP_CODE) == DEXT_OK) {
 *         const struct dx_files *app = dx_files_below(ctx, all, "Applications/MyApp.app");
 *         const struct dx_file *info = dx_files_find(app, "Contents/Info.plist");
 *         struct dx_source src;
 *         if (info && dx_files_read(&src, ctx, info) == DEXT_OK) { ... src.path is info->shown ...
 * }
 *     }
 *
 * A folder is listed, its files are read when asked for. An archive (.pkg, .zip, .ipa, .tar.gz,
 * ...) is read through once, as a stream, and never unpacked to disk: what drivers need stays in
 * memory (enum dx_keep), of all other members there is the size and the digests; of a .zip, which
 * has a directory, those are not read before somebody asks for their digest. Names are the
 * archive's after cleaning: no leading "./" or "/", no "..": a member that wants out is refused
 * (DEXT_E_FORMAT) as a whole archive, because no honest one has such a member. A component
 * package's members carry their install location: "Applications/MyApp.app/Contents/Info.plist"; a
 * product archive's stand below the name of their component, "MyApp.pkg/Applications/...".
 * Everything lives in the arena. */
#ifndef DX_BUNDLE_FILES_H
#define DX_BUNDLE_FILES_H

#include "base/source.h"

/* Where sysdiagnose puts what `ioreg -l` says of the plane IOService. */
#define DX_REGISTRY_MEMBER "ioreg/IOService.txt"

enum dx_keep {
    DX_KEEP_TEXT,     /* Info.plist, *.entitlements, *.xcent, embedded profiles, CodeResources */
    DX_KEEP_CODE,     /* also Mach-O files, up to the limit file_bytes */
    DX_KEEP_LOOKED,   /* as DX_KEEP_CODE; every file of a folder is opened, once */
    DX_KEEP_REGISTRY, /* ioreg/IOService.txt alone: the registry dump of a sysdiagnose */
    DX_KEEP_DUMPS,    /* that, and everything else that is named or begins like a registry dump */
};

enum dx_file_kind { DX_FILE_REGULAR, DX_FILE_FOLDER, DX_FILE_LINK, DX_FILE_OTHER };

/* Why a digest is not there: never "differs". */
#define DX_NO_DIGEST "cannot be hashed here (does an OpenSSL configuration refuse SHA-1?)"

struct dx_file {
    const char *path;   /* below the root of the set: "Contents/Info.plist" */
    const char *shown;  /* for people: "build/My.app/Contents/Info.plist", "My.pkg!/My.app/..." */
    const char *disk;   /* where it can be opened or mapped; NULL inside an archive */
    const char *target; /* of a link, as written; "" otherwise */
    enum dx_file_kind kind;
    uint64_t size;
    bool metadata;   /* of another file, "._NAME" in an archive: only in ->metadata below */
    bool executable; /* a permission bit x; true for all of a zip without permissions */
    bool kept;       /* archive: data is the content */
    bool digested;   /* archive, regular: the digests are there, also when not kept */
    const struct dx_late
        *late;   /* archive: where to read it when its digest is asked for; or NULL */
    bool looked; /* folder: head is the file's first bytes */
    bool hashed; /* folder: sha256 is there */
    unsigned char head[8];
    size_t head_size;
    struct dx_str data;       /* NUL-terminated one past n */
    unsigned char sha1[20];   /* valid when digested */
    unsigned char sha256[32]; /* valid when digested or hashed */
};

struct dx_files {
    const char *path;  /* as given: a folder or "FILE.pkg" */
    const char *shown; /* prefix of the members' shown: path, or "FILE.pkg!" or "FILE.pkg!/sub" */
    bool archive;
    const struct dx_file *list; /* sorted by path (bytes); folders of archives may be missing */
    const char *twice; /* of an archive: the first path that two files of different content have, of
                          which list has the later one; NULL: none */
    size_t count;
    const char *const *metadata; /* paths of AppleDouble files of an archive: whoever unpacks it on
                                    macOS gets extended attributes and no such files */
    size_t metadata_count;
};

/* The name says archive, or the first bytes do. A folder is none. */
bool dx_is_archive(struct dext_ctx *ctx, const char *path);

/* Lists a folder (links not followed) or reads an archive. Errors: DEXT_E_IO, DEXT_E_FORMAT ("PATH:
 * a disk image, mount it first"), DEXT_E_LIMIT. */
int dx_files_open(struct dx_files **out, struct dext_ctx *ctx, const char *path, enum dx_keep keep);

/* The part below a folder of the set, its members' paths relative to it. Never NULL; empty when
 * there is nothing. "" gives the same set. */
const struct dx_files *dx_files_below(struct dext_ctx *ctx, const struct dx_files *files,
                                      const char *folder);

/* The member of that path, or NULL. */
const struct dx_file *dx_files_find(const struct dx_files *files, const char *path);

/* There is a folder of that path, on its own or as part of a member's path. */
bool dx_files_has_folder(const struct dx_files *files, const char *path);

/* Content of a regular file, from disk or memory, named by ->shown. Errors: DEXT_E_IO,
 * DEXT_E_LIMIT, DEXT_E_NOTFOUND when an archive's member was not kept. */
int dx_files_read(struct dx_source *out, struct dext_ctx *ctx, const struct dx_file *file);

/* SHA-1 and SHA-256 of a regular file: what the archive pass computed, or streamed from disk or
 * from where it stands in a .zip. Either pointer may be NULL. Threads may ask for files of one set
 * at a time, each with a context of its own. Errors: DEXT_E_IO; DEXT_E_FORMAT: a damaged member. */
int dx_files_digest(struct dext_ctx *ctx, const struct dx_file *file, unsigned char sha1[20],
                    unsigned char sha256[32]);

/* Paths of the bundles of a suffix (".dext", ".app") in the set, sorted, outermost first. */
struct dx_file_names {
    const char **list;
    size_t count, cap;
};
void dx_files_bundles(struct dx_file_names *out, struct dext_ctx *ctx, const struct dx_files *files,
                      const char *suffix);

#endif
