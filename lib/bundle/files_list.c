/* The files of a folder: their names first, then, if asked for, a look into each. */
#include "bundle/files_list.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/dir.h"
#include "base/path.h"
#include "base/workers.h"

/* An entry of the walk: a list that grows is copied, and a struct dx_file is three times that. */
struct listed {
    const char *path, *disk, *target;
    uint64_t size;
    enum dx_file_kind kind;
    bool executable, unseen; /* unseen: a file, of which nothing else is known yet */
};

struct listing {
    struct dext_ctx *ctx;
    const char *root;
    bool look;
    struct listed *list;
    size_t count, cap;
};

static void list_stat(struct listed *e, const struct stat *st)
{
    e->kind = S_ISREG(st->st_mode)   ? DX_FILE_REGULAR
              : S_ISDIR(st->st_mode) ? DX_FILE_FOLDER
              : S_ISLNK(st->st_mode) ? DX_FILE_LINK
                                     : DX_FILE_OTHER;
    e->size = e->kind == DX_FILE_REGULAR ? (uint64_t)st->st_size : 0;
    e->executable = (st->st_mode & 0111) != 0;
    e->unseen = false;
}

/* What it is. false: it is not there any more, or the system would not say (noted). */
static bool list_see(struct listed *e, struct dext_ctx *ctx, int folder, const char *name)
{
    struct stat st;
    if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno != ENOENT) { /* else gone since the folder was read */
            dx_unread(ctx, "%s: cannot be looked at: %s", e->disk, strerror(errno));
        }
        return false;
    }
    list_stat(e, &st);
    if (e->kind == DX_FILE_LINK) {
        char target[4096];
        ssize_t n = readlinkat(folder, name, target, sizeof target);
        e->target = n > 0 ? dx_strndup(&ctx->arena, target, (size_t)n) : "";
        if (n < 0) {
            dx_unread(ctx, "%s: where the link leads cannot be read: %s", e->disk, strerror(errno));
        }
    }
    return true;
}

static int list_folder(struct listing *l, const char *disk, size_t depth);

static int list_entry(struct listing *l, const struct dx_dir *dir, const struct dx_entry *entry,
                      size_t depth)
{
    struct dext_ctx *ctx = l->ctx;
    struct listed e = {.disk = dx_path_join(ctx, dir->shown, entry->name), .target = ""};
    e.path = e.disk + strlen(l->root);
    e.path += *e.path == '/';
    e.unseen = l->look && entry->kind == DX_ENTRY_FILE;
    if (!e.unseen && !list_see(&e, ctx, dirfd(dir->dir), entry->name)) {
        return DEXT_OK;
    }
    if (l->count >= ctx->limits.walk_files) {
        return dx_fail(ctx, DEXT_E_LIMIT, "%s: more than %zu files below", l->root,
                       ctx->limits.walk_files);
    }
    *DX_PUSH(&ctx->arena, l->list, l->count, l->cap) = e;
    return e.kind == DX_FILE_FOLDER ? list_folder(l, e.disk, depth + 1) : DEXT_OK;
}

static int list_folder(struct listing *l, const char *disk, size_t depth)
{
    struct dext_ctx *ctx = l->ctx;
    if (depth > ctx->limits.walk_depth) {
        return dx_fail(ctx, DEXT_E_LIMIT, "%s: nested too deep", disk);
    }
    struct dx_dir dir;
    int status = DEXT_OK;
    if (!dx_dir_open(&dir, ctx, NULL, disk, disk)) {
        return dx_fail(ctx, DEXT_E_IO, "%s: cannot be opened: %s", disk, strerror(errno));
    }
    for (struct dx_entry e; status == DEXT_OK && dx_dir_next(&dir, &e);) {
        status = list_entry(l, &dir, &e, depth);
    }
    if (status == DEXT_OK && dir.failed) {
        status = dx_fail(ctx, DEXT_E_IO, "%s: cannot be listed to its end", disk);
    }
    dx_dir_close(&dir);
    return status;
}

static int list_by_path(const void *a, const void *b)
{
    return strcmp(((const struct listed *)a)->path, ((const struct listed *)b)->path);
}

/* ---- looking ------------------------------------------------------------------------------- */

/* Fewer are read before threads have begun. */
#define MANY_FILES 64
#define LOOK_BLOCK ((size_t)64 * 1024)

struct look {
    struct listed *from;
    struct dx_file *to;
    const struct dext_ctx *ctx;
    EVP_MD_CTX *digest[DX_MOST_WORKERS]; /* NULL: none can be computed */
};

/* The whole of a file below LOOK_BLOCK, the head of another one; -1: it is no file, or cannot be
 * read. */
static ssize_t look_read(const struct dext_ctx *ctx, struct listed *e, char *block)
{
    struct stat st;
    ssize_t n = -1;
    int fd = open(e->disk, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
    if (fd < 0) {
        return -1;
    }
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        list_stat(e, &st);
        dx_opened_file(ctx, &st);
        do {
            n = read(fd, block, e->size < LOOK_BLOCK ? LOOK_BLOCK : 8);
        } while (n < 0 && errno == EINTR);
    }
    (void)close(fd);
    return n;
}

static bool look_digest(EVP_MD_CTX *c, const char *block, size_t n, unsigned char out[32])
{
    return c && EVP_DigestInit_ex2(c, dx_md("SHA256"), NULL) == 1 &&
           EVP_DigestUpdate(c, block, n) == 1 && EVP_DigestFinal_ex(c, out, NULL) == 1;
}

/* One that ends where it was said to end has been read to its end. */
static void look_at(void *user, unsigned worker, size_t i)
{
    const struct look *l = user;
    struct dx_file *f = &l->to[i];
    char block[LOOK_BLOCK];
    ssize_t n = l->from[i].unseen ? look_read(l->ctx, &l->from[i], block) : -1;
    if (n < 0) {
        return; /* left to who asks for it and says why not */
    }
    f->looked = true;
    f->head_size = (size_t)n < sizeof f->head ? (size_t)n : sizeof f->head;
    memcpy(f->head, block, f->head_size);
    f->hashed = l->from[i].size < LOOK_BLOCK && (uint64_t)n == l->from[i].size &&
                look_digest(l->digest[worker], block, (size_t)n, f->sha256);
}

static void look_at_all(struct listing *l, struct dx_file *list)
{
    unsigned workers = l->count < MANY_FILES ? 1 : dx_workers(0);
    struct look look = {.from = l->list, .to = list, .ctx = l->ctx};
    for (unsigned i = 0; i < workers && dx_md("SHA256"); i++) {
        look.digest[i] = EVP_MD_CTX_new();
    }
    dx_work_on(workers, l->count, look_at, &look);
    for (unsigned i = 0; i < workers; i++) {
        EVP_MD_CTX_free(look.digest[i]);
    }
}

/* ---- all of it ----------------------------------------------------------------------------- */

int dx_files_list(struct dx_file **list, size_t *count, struct dext_ctx *ctx, const char *root,
                  bool look)
{
    struct listing l = {.ctx = ctx, .root = root, .look = look};
    int status = list_folder(&l, root, 0);
    if (status != DEXT_OK) {
        return status;
    }
    if (l.count) {
        qsort(l.list, l.count, sizeof *l.list, list_by_path);
    }
    *list = dx_calloc(&ctx->arena, l.count + 1, sizeof **list);
    if (look) {
        look_at_all(&l, *list);
    }
    *count = 0;
    for (size_t i = 0; i < l.count; i++) {
        struct listed *e = &l.list[i];
        if (e->unseen && !list_see(e, ctx, AT_FDCWD, e->disk)) {
            continue;
        }
        struct dx_file *f = &(*list)[(*count)++];
        *f = (*list)[i];
        f->path = e->path;
        f->shown = f->disk = e->disk;
        f->target = e->target;
        f->kind = e->kind;
        f->size = e->size;
        f->executable = e->executable;
    }
    return DEXT_OK;
}
