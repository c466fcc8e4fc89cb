#include "base/dir.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static DIR *dir_open(const struct dx_dir *above, const char *path)
{
    if (!above) {
        return opendir(path[0] ? path : ".");
    }
    int fd = openat(dirfd(above->dir), path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (fd >= 0 && !dir) {
        int why = errno;
        (void)close(fd);
        errno = why;
    }
    return dir;
}

bool dx_dir_open(struct dx_dir *d, struct dext_ctx *ctx, const struct dx_dir *above,
                 const char *path, const char *shown)
{
    *d = (struct dx_dir){.dir = dir_open(above, path), .ctx = ctx, .shown = shown[0] ? shown : "."};
    if (!d->dir && errno != ENOENT && errno != ENOTDIR) {
        const int why = errno;
        dx_unread(ctx, "%s: cannot be opened: %s", d->shown, strerror(why));
        errno = why;
    }
    return d->dir != NULL;
}

static enum dx_entry_kind dir_kind(const struct dx_dir *d, const struct dirent *e)
{
    struct stat st;
    switch (e->d_type) {
    case DT_REG:
        return DX_ENTRY_FILE;
    case DT_DIR:
        return DX_ENTRY_FOLDER;
    case DT_LNK:
        return DX_ENTRY_LINK;
    case DT_UNKNOWN: /* some file systems keep it elsewhere */
        break;
    default:
        return DX_ENTRY_OTHER;
    }
    if (fstatat(dirfd(d->dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno != ENOENT) {
            dx_unread(d->ctx, "%s/%s: cannot be looked at: %s", d->shown, e->d_name,
                      strerror(errno));
        }
        return DX_ENTRY_OTHER;
    }
    return S_ISREG(st.st_mode)   ? DX_ENTRY_FILE
           : S_ISDIR(st.st_mode) ? DX_ENTRY_FOLDER
           : S_ISLNK(st.st_mode) ? DX_ENTRY_LINK
                                 : DX_ENTRY_OTHER;
}

bool dx_dir_next(struct dx_dir *d, struct dx_entry *e)
{
    const struct dirent *next;
    do {
        errno = 0; /* NULL is the end as well as a failure */
        next = readdir(d->dir);
        if (!next) {
            d->failed = errno != 0;
            if (d->failed) {
                dx_unread(d->ctx, "%s: cannot be listed to its end: %s", d->shown, strerror(errno));
            }
            return false;
        }
    } while (strcmp(next->d_name, ".") == 0 || strcmp(next->d_name, "..") == 0);
    *e = (struct dx_entry){next->d_name, dir_kind(d, next)};
    return true;
}

void dx_dir_close(struct dx_dir *d)
{
    (void)closedir(d->dir);
}
