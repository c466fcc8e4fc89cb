/* zip.h: inside of files.h: a .zip file read by its central directory: of a member that nobody
 * needs, no byte is unpacked. Plain archives alone: zip64, encryption, other methods than stored
 * and deflated, names that are not ASCII and whatever else is unusual is libarchive's.
 * Form: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3 and 4.4. */
#ifndef DX_BUNDLE_ZIP_H
#define DX_BUNDLE_ZIP_H

#include <sys/types.h>
#include <zlib.h>

#include "bundle/archive.h"

/* Where the content of a member stands. */
struct dx_late {
    const char *path; /* of the archive */
    uint64_t at;      /* of the first byte */
    uint32_t packed, size, crc;
    bool deflated;
};

struct dx_zip_member {
    const char *name; /* as written, NUL-terminated */
    size_t name_size; /* more than its length when there is a NUL in it */
    uint64_t header;  /* offset of its local header */
    struct dx_late content;
    uint16_t method, flags;
    mode_t mode; /* with its type; the archive's bits are AE_IF..., which are stat's */
};

struct dx_zip {
    int fd;
    uint64_t size; /* of the file */
    struct dx_zip_member *list;
    size_t count;
    bool plain;          /* every member is one that this reads */
    const char *differs; /* the first member whose local header is not the directory's; or NULL */
};

/* Reads the central directory; its members in the order of their headers. false: not one that this
 * knows, libarchive is to judge. */
bool dx_zip_index(struct dx_zip *zip, struct dext_ctx *ctx, const char *path, int fd);

/* Reads exactly n bytes at that offset of the file. */
bool dx_zip_at(int fd, uint64_t at, void *to, size_t n);

uint32_t dx_zip_little(const unsigned char *p, size_t n);

/* Adds all members to u. false: u counts for nothing, libarchive is to read the file. *differs: the
 * name of the first member whose local header says other things than the central directory; NULL.
 */
bool dx_unpack_zip(struct dx_unpack *u, int fd, const char **differs);

/* The content of a member, in order. */
struct dx_zip_stream {
    const struct dx_late *content;
    int fd;
    uint64_t at;   /* of the next packed byte */
    uint32_t left; /* packed bytes not read yet */
    uint64_t given;
    uLong crc;
    bool ended;
    z_stream z;
    unsigned char *in; /* DX_BLOCK bytes, when deflated */
};
void dx_zip_open(struct dx_zip_stream *s, const struct dx_late *content, int fd);
/* Up to DX_BLOCK bytes to block; 0 at the end, where size and CRC have been found right; -1:
 * damaged or unreadable. */
la_ssize_t dx_zip_read(struct dx_zip_stream *s, void *block);
void dx_zip_close(struct dx_zip_stream *s);

#endif
