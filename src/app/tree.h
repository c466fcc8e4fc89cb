/* tree.h: a whole folder, made or not made. */
#ifndef APP_TREE_H
#define APP_TREE_H

#include <stddef.h>

struct tree_file {
    const char *path; /* in the folder, "Driver/Info.plist"; no "..", no leading "/" */
    const char *data;
    size_t size;
};

/* Why no folder can be made at path, or NULL: it is there and not empty, or something else. What
 * stands there is never overwritten. */
const char *tree_in_the_way(const char *path);

/* Makes the folder with these files in one step: they are written beside it (in it, when it is
 * there and empty) and moved to their place when all of them are on the disk. NULL, or why not as a
 * malloc'd line; then nothing of it is left, or the line says what is. Interrupts wait until it is
 * done. */
char *tree_write(const char *path, const struct tree_file *files, size_t count);

#endif
