#include "app/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/app.h"

struct tree {
    const char *path;
    const struct tree_file *files;
    size_t count;
    char *temp;   /* the folder that is filled */
    bool there;   /* path is an empty folder already */
    size_t moved; /* names of the top that are in their place, of a folder that was there */
    char *why;
};

static char *tree_join(const char *folder, const char *name, size_t n)
{
    size_t size = strlen(folder) + n + 2;
    char *path = app_alloc(size);
    (void)snprintf(path, size, "%s/%.*s", folder, (int)n, name);
    return path;
}

static bool tree_fail(struct tree *t, const char *path, const char *why)
{
    if (!t->why) {
        size_t size = strlen(path) + strlen(why) + 3;
        t->why = app_alloc(size);
        (void)snprintf(t->why, size, "%s: %s", path, why);
    }
    return false;
}

/* ---- what stands there ---------------------------------------------------------------------- */

static const char *folder_is_empty(const char *path)
{
    DIR *d = opendir(path);
    struct dirent *e;
    const char *why = NULL;
    if (!d) {
        return strerror(errno);
    }
    while ((e = readdir(d)) && !why) {
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
            why = "is there already and not empty; nothing is overwritten";
        }
    }
    (void)closedir(d);
    return why;
}

const char *tree_in_the_way(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        int error = errno;
        if (error != ENOENT) {
            return strerror(error);
        }
        return lstat(path, &st) == 0 ? "is a link to nothing" : NULL;
    }
    return S_ISDIR(st.st_mode) ? folder_is_empty(path) : "is there already, and no folder";
}

/* ---- writing -------------------------------------------------------------------------------- */

static bool tree_folders(struct tree *t, const char *path)
{
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        char *folder = tree_join(t->temp, path, (size_t)(slash - path));
        bool made = mkdir(folder, 0777) == 0 || errno == EEXIST;
        if (!made) {
            (void)tree_fail(t, folder, strerror(errno));
        }
        free(folder);
        if (!made) {
            return false;
        }
    }
    return true;
}

static bool tree_put(int fd, const char *data, size_t size)
{
    while (size) {
        ssize_t n = write(fd, data, size);
        if (n < 0 && errno != EINTR) {
            return false;
        }
        data += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    return fsync(fd) == 0;
}

static bool tree_one(struct tree *t, const struct tree_file *f)
{
    char *path = tree_join(t->temp, f->path, strlen(f->path));
    int fd =
        tree_folders(t, f->path) ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666) : -1;
    bool done = fd >= 0 && tree_put(fd, f->data, f->size);
    int error = errno;
    if (fd >= 0 && close(fd) != 0 && done) {
        error = errno;
        done = false;
    }
    if (!done) {
        (void)tree_fail(t, path, strerror(error));
    }
    free(path);
    return done;
}

/* mkdtemp makes a folder for its owner alone; this one gets the mode that mkdir would give. */
static bool tree_open(struct tree *t)
{
    size_t n = strlen(t->path);
    while (n > 1 && t->path[n - 1] == '/') {
        n--;
    }
    size_t size = n + 32;
    t->temp = app_alloc(size);
    (void)snprintf(t->temp, size, "%.*s%s.dextctl.XXXXXX", (int)n, t->path, t->there ? "/" : "");
    if (!mkdtemp(t->temp)) {
        int error = errno;
        free(t->temp);
        t->temp = NULL;
        return tree_fail(t, t->path, strerror(error));
    }
    mode_t mask = umask(0);
    (void)umask(mask);
    return chmod(t->temp, 0777 & ~mask) == 0 || tree_fail(t, t->temp, strerror(errno));
}

/* ---- into its place ------------------------------------------------------------------------- */

static size_t top_of(const char *path)
{
    return strcspn(path, "/");
}

/* Whether an earlier file begins with the same name. */
static bool top_was(const struct tree *t, size_t i)
{
    size_t n = top_of(t->files[i].path);
    for (size_t k = 0; k < i; k++) {
        if (top_of(t->files[k].path) == n && memcmp(t->files[k].path, t->files[i].path, n) == 0) {
            return true;
        }
    }
    return false;
}

/* Moves the top names of files [0, end) from one folder to the other. */
static bool tree_move(struct tree *t, const char *from, const char *to, size_t end)
{
    bool done = true;
    for (size_t i = 0; i < end && done; i++) {
        size_t n = top_of(t->files[i].path);
        struct stat st;
        if (!top_was(t, i)) {
            char *a = tree_join(from, t->files[i].path, n), *b = tree_join(to, t->files[i].path, n);
            done = lstat(b, &st) != 0 ? rename(a, b) == 0 || tree_fail(t, b, strerror(errno))
                                      : tree_fail(t, b, "is there already");
            free(a);
            free(b);
        }
        t->moved = done ? i + 1 : t->moved;
    }
    return done;
}

static bool tree_publish(struct tree *t)
{
    if (!t->there) {
        return rename(t->temp, t->path) == 0 ||
               tree_fail(t, t->path,
                         errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR
                             ? "came into being meanwhile; nothing is overwritten"
                             : strerror(errno));
    }
    return tree_move(t, t->temp, t->path, t->count);
}

/* ---- taking back ---------------------------------------------------------------------------- */

static void tree_take_back(struct tree *t)
{
    if (!t->temp) {
        return;
    }
    if (t->moved) {
        (void)tree_move(t, t->path, t->temp, t->moved);
    }
    for (size_t i = 0; i < t->count; i++) {
        char *path = tree_join(t->temp, t->files[i].path, strlen(t->files[i].path));
        (void)unlink(path);
        free(path);
    }
    for (size_t i = t->count; i-- > 0;) {
        char *path = tree_join(t->temp, t->files[i].path, strlen(t->files[i].path));
        for (char *slash = strrchr(path, '/'); slash && (size_t)(slash - path) > strlen(t->temp);
             slash = strrchr(path, '/')) {
            *slash = 0;
            (void)rmdir(path);
        }
        free(path);
    }
    if (rmdir(t->temp) != 0 && errno != ENOENT) {
        size_t size = strlen(t->why) + strlen(t->temp) + 16;
        char *more = app_alloc(size);
        (void)snprintf(more, size, "%s; %s is left", t->why, t->temp);
        free(t->why);
        t->why = more;
    }
}

char *tree_write(const char *path, const struct tree_file *files, size_t count)
{
    struct tree t = {.path = path, .files = files, .count = count};
    const char *why = tree_in_the_way(path);
    struct stat st;
    sigset_t hold, before;
    if (why) {
        (void)tree_fail(&t, path, why);
        return t.why;
    }
    t.there = stat(path, &st) == 0;
    (void)sigemptyset(&hold);
    (void)sigaddset(&hold, SIGINT);
    (void)sigaddset(&hold, SIGTERM);
    (void)sigaddset(&hold, SIGHUP);
    (void)sigprocmask(SIG_BLOCK, &hold, &before);
    bool done = tree_open(&t);
    for (size_t i = 0; i < count && done; i++) {
        done = tree_one(&t, &files[i]);
    }
    done = done && tree_publish(&t);
    if (!done) {
        tree_take_back(&t);
    } else if (t.there) {
        (void)rmdir(t.temp);
    }
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    free(t.temp);
    return t.why;
}
