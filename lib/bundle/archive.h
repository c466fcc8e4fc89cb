/* archive.h: inside of files.h: an archive read as a stream, layer in layer. */
#ifndef DX_BUNDLE_ARCHIVE_H
#define DX_BUNDLE_ARCHIVE_H

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>

#include "bundle/files.h"

/* A package inside: members found in it get its place and install location put before their path,
 * which is known only when all of it was read. */
struct dx_part {
    const char *name;     /* "" or "MyApp.pkg" */
    const char *location; /* "/Applications"; "" */
};

struct dx_member {
    struct dx_file file;
    size_t part;
    size_t order;
};

struct dx_unpack {
    struct dext_ctx *ctx;
    const char *path; /* of the archive file, for messages */
    enum dx_keep keep;
    struct archive
        *top; /* tells how many bytes were read from the file; NULL for a xar: read does */
    uint64_t read;
    struct dx_member *list;
    size_t count, cap;
    struct dx_part *parts;
    size_t part_count, part_cap;
    size_t *part_slots; /* index into parts by name, open addressing; 0: free */
    size_t slot_count;  /* power of 2 */
    uint64_t unpacked;
    size_t kept, kept_count; /* bytes and members */
    unsigned depth;
    int limit; /* DEXT_E_LIMIT once one was passed: what follows from that is no damage */
};

/* Bytes of one layer, as they come. */
struct dx_layer {
    struct dx_unpack *u;
    la_ssize_t (*more)(struct dx_layer *l, const void **out); /* NULL: from `from` */
    struct archive *from;
    const char *head; /* read already, to see what it is; stays where it is until the next read */
    size_t head_size;
    bool head_given;
    char *block; /* DX_BLOCK bytes, for whoever reads */
};
#define DX_BLOCK ((size_t)64 * 1024)

/* Reads up to DX_BLOCK bytes; 0 at the end, negative after dx_fail. */
la_ssize_t dx_layer_read(struct dx_layer *l, const void **out);

/* Bytes that can be read anywhere: a file, or memory. */
struct dx_bytes {
    FILE *file;
    const char *memory;
    uint64_t size;
};
bool dx_bytes_at(const struct dx_bytes *b, uint64_t at, void *to, size_t n);

/* A xar archive. */
int dx_unpack_xar(struct dx_unpack *u, const struct dx_bytes *bytes, size_t part);

/* Adds the members of a to u, in that part. */
int dx_unpack_members(struct dx_unpack *u, struct archive *a, size_t part);

/* A package's Payload: cpio, packed with gzip, bzip2, xz or as pbzx. */
int dx_unpack_payload(struct dx_unpack *u, struct dx_layer *l, size_t part);

/* An archive in an archive. */
int dx_unpack_nested(struct dx_unpack *u, struct dx_layer *l, size_t part);

/* One regular member whose bytes l gives: a layer of its own, or a file. package: it stands in a
 * xar, where Payload and PackageInfo mean something. */
int dx_unpack_regular(struct dx_unpack *u, struct dx_layer *l, struct dx_file *f, size_t part,
                      bool package);
int dx_unpack_add(struct dx_unpack *u, const struct dx_file *f, size_t part);

/* A regular member whose content begins with head is of no use but for its size and its digest: it
 * need not be read before somebody asks for that. */
bool dx_unpack_may_wait(const struct dx_unpack *u, const char *path, const void *head, size_t n);

/* A member's name made clean; NULL after dx_fail when it leads out. */
const char *dx_unpack_name(struct dx_unpack *u, const char *raw);

/* Counts n more unpacked bytes against the limits. */
int dx_unpack_count(struct dx_unpack *u, size_t n);

int dx_archive_fail(struct dx_unpack *u, struct archive *a);

/* The whole list as a set of files; path is the archive's. */
int dx_archive_read(struct dx_files **out, struct dext_ctx *ctx, const char *path,
                    enum dx_keep keep);

/* "a//b/./c" to "a/b/c"; NULL when the name would lead out: absolute, or with "..". */
const char *dx_member_name(struct dext_ctx *ctx, const char *name);

/* Sorts, drops what a later member of the same name replaces. */
struct dx_files *dx_files_make(struct dext_ctx *ctx, const char *path, const char *shown,
                               bool archive, struct dx_file *list, size_t count);

#endif
