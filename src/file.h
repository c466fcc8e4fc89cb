/* file.h: whole files in and out. */
#ifndef APP_FILE_H
#define APP_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* Reads a regular file of at most limit bytes; *data is malloc'd and NUL-terminated. NULL, or why
 * not ("No such file or directory"); errno is ENOENT only when there is no such file. */
const char *file_read(const char *path, size_t limit, char **data, size_t *size);

/* Puts size bytes in place of path in one step: readers see the old file or the new one, never a
 * part. Mode and owner stay; of a symbolic link the target is replaced. NULL, or why not. */
const char *file_replace(const char *path, const char *data, size_t size);

#endif
