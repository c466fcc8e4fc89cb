/* dext/text.h: text helpers that programs around libdext need too. */
#ifndef DEXT_TEXT_H
#define DEXT_TEXT_H

#include "dext/ctx.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The nearest of count names to what was typed (inserted, lost, changed or swapped letters; case
 * does not count), else the first that begins with it, or NULL when none is worth proposing.
 * name(user, i) is candidate i. */
DEXT_API const char *dext_nearest(const char *typed, size_t count,
                                  const char *(*name)(const void *user, size_t i),
                                  const void *user);

/* The SHA-256 of a regular file's bytes, as 64 hexadecimal digits; it is read in pieces. Errors:
 * DEXT_E_IO, text "PATH: reason". */
DEXT_API int dext_file_sha256(struct dext_ctx *ctx, const char *path, char hex[65]);

#ifdef __cplusplus
}
#endif

#endif
