/* files_list.h: inside of bundle/files.h: what is in a folder on disk. */
#ifndef DX_BUNDLE_FILES_LIST_H
#define DX_BUNDLE_FILES_LIST_H

#include "bundle/files.h"

/* Everything below root, sorted by path. look: each file is opened as well, once, on all
 * processors: its first bytes, and the SHA-256 of one that fits into a single read; of what cannot
 * be read neither is noted. Errors: DEXT_E_IO, DEXT_E_LIMIT. */
int dx_files_list(struct dx_file **list, size_t *count, struct dext_ctx *ctx, const char *root,
                  bool look);

#endif
