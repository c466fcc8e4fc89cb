#include "app/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/app.h"

#define DEVICE_LIMIT ((size_t)1 << 20)
#define FIFO_WAIT 5000 /* milliseconds */
#define FIFO_STEP 20

static const char *read_open(int fd, size_t limit, char **data, size_t *size)
{
    struct stat st;
    if (fstat(fd, &st) != 0) {
        return strerror(errno);
    }
    if (!S_ISREG(st.st_mode)) {
        errno = EINVAL;
        return "not a regular file";
    }
    if ((size_t)st.st_size > limit) {
        errno = EFBIG;
        return "too large";
    }
    size_t cap = (size_t)st.st_size, n = 0;
    char *p = app_alloc(cap + 1);
    while (n < cap) {
        ssize_t got = read(fd, p + n, cap - n);
        if (got < 0 && errno != EINTR) {
            free(p);
            return strerror(errno);
        }
        if (got == 0) { /* half of a file would be judged as a whole one */
            free(p);
            errno = EIO;
            return "it became shorter while it was being read";
        }
        n += got > 0 ? (size_t)got : 0;
    }
    p[n] = 0;
    *data = p;
    *size = n;
    return NULL;
}

const char *file_read(const char *path, size_t limit, char **data, size_t *size)
{
    /* O_NONBLOCK: a FIFO of that name must not make us wait for somebody to write to it. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return strerror(errno);
    }
    const char *why = read_open(fd, limit, data, size);
    int kept = errno;
    (void)close(fd);
    errno = kept;
    return why;
}

/* wait: milliseconds for a first byte. Without a writer a FIFO is at its end, as one that has been
 * read: a list that never came is not an empty one. */
static const char *file_read_on(int fd, int wait, size_t limit, char **data, size_t *size)
{
    size_t cap = 4096, n = 0;
    char *p = app_alloc(cap + 1);
    for (;;) {
        if (n == cap) {
            cap *= 2;
            p = app_grow(p, cap + 1);
        }
        ssize_t got = read(fd, p + n, cap - n);
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            struct pollfd ready = {.fd = fd, .events = POLLIN};
            (void)poll(&ready, 1, -1); /* somebody writes: wait for it */
        } else if (got < 0 && errno != EINTR) {
            const char *why = strerror(errno);
            free(p);
            return why;
        } else if (got == 0 && n == 0 && wait > 0) {
            (void)poll(NULL, 0, FIFO_STEP);
            wait -= FIFO_STEP;
            if (wait <= 0) {
                free(p);
                return "a FIFO, and nobody writes to it";
            }
        } else if (got == 0) {
            break;
        }
        n += got > 0 ? (size_t)got : 0;
        if (n > limit) {
            free(p);
            return "it is too long a list";
        }
    }
    p[n] = 0;
    *data = p;
    *size = n;
    return NULL;
}

/* Whether it is a FIFO of the file system. A shell's <(...) is a pipe (/dev/fd/63), whose writer
 * may be gone already. */
static bool file_is_named(const char *path)
{
    struct stat st;
    return strncmp(path, "/dev/", 5) != 0 && strncmp(path, "/proc/", 6) != 0 &&
           stat(path, &st) == 0 && S_ISFIFO(st.st_mode);
}

const char *file_read_list(const char *path, size_t limit, char **data, size_t *size)
{
    struct stat st = {.st_mode = 0};
    if (strcmp(path, "-") == 0) {
        return file_read_on(STDIN_FILENO, 0, limit, data, size);
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    const char *why = fd < 0 || fstat(fd, &st) != 0 ? strerror(errno) : NULL;
    if (!why && S_ISREG(st.st_mode)) {
        why = read_open(fd, limit, data, size);
    } else if (!why) {
        /* Lists come through pipes; of a device (/dev/zero) a little shows that it has no end. */
        const size_t most = S_ISCHR(st.st_mode) && limit > DEVICE_LIMIT ? DEVICE_LIMIT : limit;
        why = S_ISDIR(st.st_mode)
                  ? "is a folder, not a file"
                  : file_read_on(fd, file_is_named(path) ? FIFO_WAIT : 0, most, data, size);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return why;
}
