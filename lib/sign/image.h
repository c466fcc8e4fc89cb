/* image.h: the bytes of one file, read where they are asked for: a Mach-O file of several GB costs
 * what is looked at. Read with pread, not mapped: a file that shrinks meanwhile is an error here
 * and a signal there, and one buffer that stays in the cache is read faster than pages are mapped.
 *
 *     struct dx_image image;
 *     if (dx_image_open(&image, ctx, file) == DEXT_OK) {
 *         const unsigned char *head = dx_image_span(&image, ctx, 0, 4096);
 *         dx_image_close(&image);
 *     }
 */
#ifndef DX_SIGN_IMAGE_H
#define DX_SIGN_IMAGE_H

#include "bundle/files.h"

struct dx_image {
    struct dext_ctx *ctx; /* notes what cannot be read; NULL: bytes in memory */
    const char *path;     /* for messages */
    int fd;               /* -1: in memory */
    const unsigned char *memory;
    uint64_t size;
};

/* A regular file of a set, from disk or memory. Errors: DEXT_E_IO, DEXT_E_LIMIT (an archive's
 * member too large to be kept), DEXT_E_NOTFOUND (not kept). */
int dx_image_open(struct dx_image *out, struct dext_ctx *ctx, const struct dx_file *file);
void dx_image_close(struct dx_image *image);

/* An image over bytes that the caller keeps alive. */
struct dx_image dx_image_bytes(const char *path, const void *data, size_t size);

/* Exactly n bytes at offset into to. false: outside of the file, or unreadable. */
bool dx_image_get(const struct dx_image *image, uint64_t offset, void *to, size_t n);

/* The same as a pointer: into memory, or to a copy in the arena. NULL as above, also when n is 0.
 */
const unsigned char *dx_image_span(const struct dx_image *image, struct dext_ctx *ctx,
                                   uint64_t offset, size_t n);

#endif
