/* file.h: whole files in; output.h writes them. */
#ifndef APP_FILE_H
#define APP_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* Reads a regular file of at most limit bytes; *data is malloc'd and NUL-terminated. NULL, or why
 * not ("No such file or directory"); errno is ENOENT only when there is no such file. */
const char *file_read(const char *path, size_t limit, char **data, size_t *size);

/* The same for a list that may also come through a pipe (a shell's <(...)) or a FIFO; "-" is
 * standard input. A FIFO is waited for some seconds; then that nobody writes to it is the reason.
 */
const char *file_read_list(const char *path, size_t limit, char **data, size_t *size);

#endif
