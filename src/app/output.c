#include "app/output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/app.h"
#include "app/attributes.h"

#define SUFFIX ".dextctl."
#define RANDOM "XXXXXX"
#define NAME_MOST ((size_t)255) /* bytes, of every file system that matters here */
#define MARK_WITHIN 4096

/* ---- the file beside it ------------------------------------------------------------------- */

/* Length of the folder in path, with its slash. */
static size_t output_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash + 1 - path) : 0;
}

/* Path of the file beside target: "TARGET.dextctl.XXXXXX", its name cut where it would be too long
 * (between characters: APFS takes only UTF-8). */
static char *output_template(const char *target)
{
    const size_t folder = output_folder(target), most = NAME_MOST - strlen(SUFFIX RANDOM);
    size_t n = strlen(target) - folder;
    if (n > most) {
        n = most;
        while (n && ((unsigned char)target[folder + n] & 0xc0) == 0x80) {
            n--;
        }
    }
    char *temp = app_alloc(folder + n + sizeof SUFFIX RANDOM);
    memcpy(temp, target, folder + n);
    memcpy(temp + folder + n, SUFFIX RANDOM, sizeof SUFFIX RANDOM);
    return temp;
}

/* Whether the file is one that a run which is no more left: ours, regular, and nobody holds it. */
static bool output_is_left(int folder, const char *name)
{
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat st;
    bool left = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
                flock(fd, LOCK_EX | LOCK_NB) == 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    return left;
}

/* Removes what killed runs left beside the target. That it cannot be looked for is no fault. */
static void output_sweep(const char *temp)
{
    const size_t folder = output_folder(temp), stem = strlen(temp) - folder - strlen(RANDOM);
    char *path = app_strdup(folder ? temp : ".");
    if (folder) {
        path[folder] = 0;
    }
    DIR *dir = opendir(path);
    for (struct dirent *e; dir && (e = readdir(dir)) != NULL;) {
        if (strlen(e->d_name) == stem + strlen(RANDOM) &&
            memcmp(e->d_name, temp + folder, stem) == 0 && output_is_left(dirfd(dir), e->d_name)) {
            (void)unlinkat(dirfd(dir), e->d_name, 0);
        }
    }
    if (dir) {
        (void)closedir(dir);
    }
    free(path);
}

/* An empty file beside target, locked so that no other run takes it for a leftover. */
static int output_open_temp(const char *target, char **temp)
{
    *temp = output_template(target);
    output_sweep(*temp);
    for (;;) {
        struct stat st;
        int fd = mkstemp(*temp);
        if (fd < 0) {
            return -1;
        }
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
        /* Some file systems have no locks; then nobody sweeps there either. Who came between the
         * two calls has removed it: once more. */
        (void)flock(fd, LOCK_EX | LOCK_NB);
        if (fstat(fd, &st) != 0 || st.st_nlink) {
            return fd;
        }
        (void)close(fd);
        memcpy(*temp + strlen(*temp) - strlen(RANDOM), RANDOM, strlen(RANDOM));
    }
}

static bool output_put(int fd, const char *data, size_t size)
{
    while (size) {
        ssize_t put = write(fd, data, size);
        if (put < 0 && errno != EINTR) {
            return false;
        }
        data += put > 0 ? put : 0;
        size -= put > 0 ? (size_t)put : 0;
    }
    return true;
}

/* So that the rename survives a crash, too. Some file systems cannot do it: no harm. */
static void output_sync_folder(char *path)
{
    const size_t folder = output_folder(path);
    if (folder) {
        path[folder] = 0;
    }
    int fd = open(folder ? path : ".", O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    if (fd >= 0) {
        (void)fsync(fd);
        (void)close(fd);
    }
}

/* ---- results ------------------------------------------------------------------------------ */

/* Of this run: lists of operands, settings. */
static struct output_spared {
    dev_t dev;
    ino_t ino;
} * output_spared;
static size_t output_spared_count, output_spared_cap;

void output_never(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode)) {
        return;
    }
    if (output_spared_count == output_spared_cap) {
        output_spared_cap = output_spared_cap ? output_spared_cap * 2 : 16;
        output_spared = app_grow(output_spared, output_spared_cap * sizeof *output_spared);
    }
    output_spared[output_spared_count++] = (struct output_spared){st.st_dev, st.st_ino};
}

static bool output_is_input(const struct output *o, const struct stat *there)
{
    struct stat st;
    for (size_t i = 0; i < output_spared_count; i++) {
        if (output_spared[i].dev == there->st_dev && output_spared[i].ino == there->st_ino) {
            return true;
        }
    }
    for (const char *const *p = o->inputs; p && *p; p++) {
        if (stat(*p, &st) == 0 && st.st_dev == there->st_dev && st.st_ino == there->st_ino) {
            return true;
        }
    }
    return fstat(STDIN_FILENO, &st) == 0 && st.st_dev == there->st_dev &&
           st.st_ino == there->st_ino;
}

/* Whether the file begins as results of the kind do. */
static bool output_is_ours(const struct output *o, const struct stat *there)
{
    char head[MARK_WITHIN];
    size_t n = 0;
    if (!o->mark) {
        return false;
    }
    int fd = open(o->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat st;
    bool same =
        fd >= 0 && fstat(fd, &st) == 0 && st.st_dev == there->st_dev && st.st_ino == there->st_ino;
    for (ssize_t got = 1; same && got > 0 && n<sizeof head; n += got> 0 ? (size_t)got : 0) {
        got = read(fd, head + n, sizeof head - n);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return memmem(head, n, o->mark, strlen(o->mark)) != NULL;
}

const char *output_refused(const struct output *o)
{
    struct stat st;
    if (lstat(o->path, &st) != 0) {
        return errno == ENOENT ? NULL : strerror(errno);
    }
    if (S_ISLNK(st.st_mode)) {
        return "it is a symbolic link, and none is followed";
    }
    if (!S_ISREG(st.st_mode)) {
        return "not a regular file";
    }
    if (output_is_input(o, &st)) {
        return "it is an input";
    }
    if ((o->read || !o->force) && !output_is_ours(o, &st)) {
        return o->read   ? "it is an input"
               : o->mark ? "it exists, and is no earlier result of this (--force replaces it)"
                         : "it exists already (--force replaces it)";
    }
    /* A rename would succeed on a file that says "do not write me". */
    return access(o->path, W_OK) != 0 ? strerror(errno) : NULL;
}

/* link() makes no file in place of another; some file systems have no links. */
static const char *output_publish(const struct output *o, const char *temp)
{
    if (link(temp, o->path) == 0) {
        (void)unlink(temp); /* a leftover that stays does no harm */
        return NULL;
    }
    const char *why = output_refused(o);
    return why ? why : rename(temp, o->path) == 0 ? NULL : strerror(errno);
}

const char *output_begin(struct output_file *f, const struct output *o)
{
    *f = (struct output_file){.to = *o, .fd = -1};
    const char *why = output_refused(o);
    if (why) {
        return why;
    }
    f->fd = output_open_temp(o->path, &f->temp);
    return f->fd < 0 ? strerror(errno) : NULL;
}

/* A new file gets the mode that creating it plainly would give; one that is replaced keeps its. */
static const char *output_settle_mode(const struct output_file *f)
{
    struct stat st;
    mode_t mask = umask(0);
    (void)umask(mask);
    mode_t mode = (f->to.secret ? 0600 : 0666) & ~mask;
    if (stat(f->to.path, &st) == 0) {
        mode = st.st_mode & 0777;
    }
    return fchmod(f->fd, mode) != 0 || fsync(f->fd) != 0 ? strerror(errno) : NULL;
}

const char *output_end(struct output_file *f, const char *drop)
{
    const char *why = drop;
    if (f->fd >= 0) {
        why = why ? why : output_settle_mode(f);
        why = why ? why : output_publish(&f->to, f->temp);
        if (close(f->fd) != 0 && !why) {
            why = strerror(errno);
        }
        if (why) {
            (void)unlink(f->temp);
        } else {
            output_sync_folder(f->temp);
        }
    }
    free(f->temp);
    *f = (struct output_file){.fd = -1};
    return why;
}

const char *output_write(const struct output *o, const char *data, size_t size)
{
    struct output_file f;
    const char *why = output_begin(&f, o);
    if (!why && !output_put(f.fd, data, size)) {
        why = strerror(errno);
    }
    return output_end(&f, why);
}

/* ---- mending ------------------------------------------------------------------------------ */

static const char *output_keep(int from, int fd, const struct stat *old)
{
    struct stat now;
    if (fstat(fd, &now) != 0) {
        return strerror(errno);
    }
    if ((now.st_uid != old->st_uid || now.st_gid != old->st_gid) &&
        fchown(fd, old->st_uid, old->st_gid) != 0) {
        return "its owner cannot be kept";
    }
    const char *why = attributes_copy(from, fd);
    return why ? why : fchmod(fd, old->st_mode & 07777) != 0 ? strerror(errno) : NULL;
}

static const char *output_replace(int from, const char *target, const struct stat *old,
                                  const char *data, size_t size)
{
    char *temp;
    const char *why = NULL;
    int fd = output_open_temp(target, &temp);
    if (fd < 0) {
        why = strerror(errno);
        free(temp);
        return why;
    }
    if (!output_put(fd, data, size)) {
        why = strerror(errno);
    }
    why = why ? why : output_keep(from, fd, old);
    if (!why && (fsync(fd) != 0 || rename(temp, target) != 0)) {
        why = strerror(errno);
    }
    (void)close(fd); /* synced already */
    if (why) {
        (void)unlink(temp);
    } else {
        output_sync_folder(temp);
    }
    free(temp);
    return why;
}

const char *output_mend(const char *path, const char *data, size_t size, size_t *links)
{
    struct stat st = {.st_mode = 0};
    *links = 0;
    char *target = realpath(path, NULL);
    int from = target ? open(target, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;
    const char *why = from < 0 || fstat(from, &st) != 0 ? strerror(errno) : NULL;
    if (!why && !S_ISREG(st.st_mode)) {
        why = "not a regular file";
    }
    if (!why && access(target, W_OK) != 0) {
        why = strerror(errno);
    }
    why = why ? why : output_replace(from, target, &st, data, size);
    if (!why && st.st_nlink > 1) {
        *links = (size_t)st.st_nlink - 1;
    }
    if (from >= 0) {
        (void)close(from);
    }
    free(target);
    return why;
}
