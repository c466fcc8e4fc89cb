#include "app/attributes.h"

#include <stddef.h>

#ifdef __APPLE__

#include <copyfile.h>

const char *attributes_copy(int from, int to)
{
    return fcopyfile(from, to, NULL, COPYFILE_XATTR | COPYFILE_ACL) == 0
               ? NULL
               : "its extended attributes cannot be kept";
}

#else

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/xattr.h>

#include "app/app.h"

/* The kernel's own limits (linux/limits.h): a list of names, a value. */
#define NAMES_MOST 65536
#define VALUE_MOST 65536

static bool attributes_copy_one(int from, int to, const char *name, char *value)
{
    ssize_t n = fgetxattr(from, name, value, VALUE_MOST);
    return n >= 0 && fsetxattr(to, name, value, (size_t)n, 0) == 0;
}

const char *attributes_copy(int from, int to)
{
    char *names = app_alloc(NAMES_MOST), *value = app_alloc(VALUE_MOST);
    const char *why = NULL;
    ssize_t n = flistxattr(from, names, NAMES_MOST);
    if (n < 0 && errno != ENOTSUP) {
        why = "its extended attributes cannot be read";
    }
    for (const char *name = names; n > 0 && name < names + n && !why; name += strlen(name) + 1) {
        if (!attributes_copy_one(from, to, name, value) && strncmp(name, "security.", 9) != 0) {
            why = "its extended attributes cannot be kept";
        }
    }
    free(value);
    free(names);
    return why;
}

#endif
