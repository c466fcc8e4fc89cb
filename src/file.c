#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app.h"

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
        if (got == 0) {
            break;
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

static bool write_all(int fd, const char *data, size_t size)
{
    while (size) {
        ssize_t put = write(fd, data, size);
        if (put < 0 && errno != EINTR) {
            return false;
        }
        data += put > 0 ? put : 0;
        size -= put > 0 ? (size_t)put : 0;
    }
    return fsync(fd) == 0;
}

/* So that the rename survives a crash, too. Some file systems cannot do it: no harm. */
static void sync_folder(char *path)
{
    char *slash = strrchr(path, '/');
    if (slash) {
        slash[slash == path] = 0;
    }
    int fd = open(slash ? path : ".", O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    if (fd >= 0) {
        (void)fsync(fd);
        (void)close(fd);
    }
}

static bool same_owner(int fd, const struct stat *st)
{
    struct stat now;
    return fstat(fd, &now) == 0 && now.st_uid == st->st_uid && now.st_gid == st->st_gid;
}

static const char *replace(const char *target, const struct stat *old, const char *data,
                           size_t size)
{
    size_t n = strlen(target);
    char *temp = app_alloc(n + 16);
    (void)snprintf(temp, n + 16, "%s.dextctl.XXXXXX", target);
    int fd = mkstemp(temp);
    if (fd < 0) {
        const char *why = strerror(errno);
        free(temp);
        return why;
    }
    /* A new file gets the mode that creating it plainly would give. */
    mode_t mask = umask(0);
    (void)umask(mask);
    mode_t mode = old ? old->st_mode & 07777 : 0666 & ~mask;
    bool done = true;
    if (old && !same_owner(fd, old)) {
        done = fchown(fd, old->st_uid, old->st_gid) == 0;
    }
    done = done && fchmod(fd, mode) == 0 && write_all(fd, data, size);
    done = close(fd) == 0 && done && rename(temp, target) == 0;
    const char *why = done ? NULL : strerror(errno);
    if (done) {
        sync_folder(temp);
    } else {
        (void)unlink(temp);
    }
    free(temp);
    return why;
}

const char *file_replace(const char *path, const char *data, size_t size)
{
    struct stat st;
    bool there = stat(path, &st) == 0;
    if (there && !S_ISREG(st.st_mode)) {
        return "not a regular file";
    }
    /* A rename would succeed on a file that says "do not write me". */
    if (there && access(path, W_OK) != 0) {
        return strerror(errno);
    }
    char *target = there ? realpath(path, NULL) : app_strdup(path);
    if (!target) {
        return strerror(errno);
    }
    const char *why = replace(target, there ? &st : NULL, data, size);
    free(target);
    return why;
}
