/* child.h: something that may hang, crash or write without end, in a process of its own. No shell
 * is involved; nothing of the caller's environment is handed over but what child.c names. */
#ifndef APP_CHILD_H
#define APP_CHILD_H

#include <stdbool.h>
#include <stddef.h>

struct child_output {
    char *data; /* malloc'd, NUL-terminated */
    size_t size;
};

/* Runs argv[0], an absolute path, without standard input, and reads what it writes to standard
 * output. NULL, or why not ("took longer than 30 s"). The output is there in any case. */
const char *child_run(const char *const argv[], unsigned seconds, size_t most,
                      struct child_output *out);

/* The same for a function that writes to fd, in a copy of this process. */
const char *child_call(void (*body)(int fd, const void *arg), const void *arg, unsigned seconds,
                       size_t most, struct child_output *out);

/* A program of that name in the absolute folders of PATH. malloc'd; NULL: none. */
char *child_find(const char *name);

#endif
