/* The files of a folder, and what is asked of any set of files. */
#include "bundle/files.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/archive.h"
#include "bundle/bundle.h"

struct listing {
    struct dext_ctx *ctx;
    const char *root;
    struct dx_file *list;
    size_t count, cap;
};

static int list_folder(struct listing *l, const char *below, size_t depth);

static int add_entry(struct listing *l, const char *below, const char *name, size_t depth)
{
    struct dext_ctx *ctx = l->ctx;
    const char *path = below[0] ? dx_path_join(ctx, below, name) : dx_strdup(&ctx->arena, name);
    const char *disk = dx_path_join(ctx, l->root, path);
    struct stat st;
    if (lstat(disk, &st) != 0) {
        return DEXT_OK; /* gone since the folder was read */
    }
    if (l->count >= ctx->limits.walk_files) {
        return dx_fail(ctx, DEXT_E_LIMIT, "%s: more than %zu files below", l->root,
                       ctx->limits.walk_files);
    }
    struct dx_file *f = DX_PUSH(&ctx->arena, l->list, l->count, l->cap);
    *f = (struct dx_file){.path = path, .shown = disk, .disk = disk, .target = ""};
    f->kind = S_ISREG(st.st_mode)   ? DX_FILE_REGULAR
              : S_ISDIR(st.st_mode) ? DX_FILE_FOLDER
              : S_ISLNK(st.st_mode) ? DX_FILE_LINK
                                    : DX_FILE_OTHER;
    f->size = f->kind == DX_FILE_REGULAR ? (uint64_t)st.st_size : 0;
    f->executable = (st.st_mode & 0111) != 0;
    if (f->kind == DX_FILE_LINK) {
        char target[4096];
        ssize_t n = readlink(disk, target, sizeof target);
        f->target = n > 0 ? dx_strndup(&ctx->arena, target, (size_t)n) : "";
    }
    return f->kind == DX_FILE_FOLDER ? list_folder(l, path, depth + 1) : DEXT_OK;
}

static int list_folder(struct listing *l, const char *below, size_t depth)
{
    struct dext_ctx *ctx = l->ctx;
    const char *disk = below[0] ? dx_path_join(ctx, l->root, below) : l->root;
    if (depth > ctx->limits.walk_depth) {
        return dx_fail(ctx, DEXT_E_LIMIT, "%s: nested too deep", disk);
    }
    DIR *dir = opendir(disk);
    if (!dir) {
        return dx_fail(ctx, DEXT_E_IO, "%s: cannot be opened: %s", disk, strerror(errno));
    }
    int status = DEXT_OK;
    for (struct dirent *e; status == DEXT_OK && (e = readdir(dir)) != NULL;) {
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
            status = add_entry(l, below, e->d_name, depth);
        }
    }
    (void)closedir(dir);
    return status;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct dx_file *)a)->path, ((const struct dx_file *)b)->path);
}

struct dx_files *dx_files_make(struct dext_ctx *ctx, const char *path, const char *shown,
                               bool archive, struct dx_file *list, size_t count)
{
    if (count) {
        qsort(list, count, sizeof *list, by_path);
    }
    struct dx_files *files = dx_alloc(&ctx->arena, sizeof *files);
    *files = (struct dx_files){
        .path = path, .shown = shown, .archive = archive, .list = list, .count = count};
    return files;
}

int dx_files_open(struct dx_files **out, struct dext_ctx *ctx, const char *path, enum dx_keep keep)
{
    if (!dx_is_folder(path)) {
        return dx_archive_read(out, ctx, path, keep);
    }
    struct listing l = {.ctx = ctx, .root = path};
    int status = list_folder(&l, "", 0);
    if (status == DEXT_OK) {
        *out = dx_files_make(ctx, path, path, false, l.list, l.count);
    }
    return status;
}

/* ---- asking -------------------------------------------------------------------------------- */

/* The first member whose path is not before text. */
static size_t lower_bound(const struct dx_files *files, const char *text)
{
    size_t from = 0, to = files->count;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (strcmp(files->list[mid].path, text) < 0) {
            from = mid + 1;
        } else {
            to = mid;
        }
    }
    return from;
}

const struct dx_file *dx_files_find(const struct dx_files *files, const char *path)
{
    size_t i = lower_bound(files, path);
    return i < files->count && strcmp(files->list[i].path, path) == 0 ? &files->list[i] : NULL;
}

static bool starts_with(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool dx_files_has_folder(const struct dx_files *files, const char *path)
{
    size_t n = strlen(path);
    const struct dx_file *self = dx_files_find(files, path);
    if (n == 0 || (self && self->kind == DX_FILE_FOLDER)) {
        return true;
    }
    /* Members below sort behind "path/", but "path-x" may stand between path and them. */
    for (size_t i = lower_bound(files, path); i < files->count; i++) {
        const char *p = files->list[i].path;
        if (!starts_with(p, path) || p[n] > '/') {
            return false;
        }
        if (p[n] == '/') {
            return true;
        }
    }
    return false;
}

const struct dx_files *dx_files_below(struct dext_ctx *ctx, const struct dx_files *files,
                                      const char *folder)
{
    if (!folder[0]) {
        return files;
    }
    const char *prefix = dx_sprintf(&ctx->arena, "%s/", folder);
    size_t from = lower_bound(files, prefix), n = 0;
    while (from + n < files->count && starts_with(files->list[from + n].path, prefix)) {
        n++;
    }
    struct dx_file *list = dx_calloc(&ctx->arena, n + 1, sizeof *list);
    for (size_t i = 0; i < n; i++) {
        list[i] = files->list[from + i];
        list[i].path += strlen(prefix);
    }
    struct dx_files *below = dx_alloc(&ctx->arena, sizeof *below);
    *below = *files;
    below->list = list;
    below->count = n;
    below->shown = dx_sprintf(&ctx->arena, "%s/%s", files->shown, folder);
    return below;
}

int dx_files_read(struct dx_source *out, struct dext_ctx *ctx, const struct dx_file *file)
{
    if (file->kind != DX_FILE_REGULAR) {
        return dx_fail(ctx, DEXT_E_IO, "%s: not a regular file", file->shown);
    }
    if (file->disk) {
        return dx_source_read(out, ctx, file->disk);
    }
    if (!file->kept) {
        return file->size > ctx->limits.file_bytes
                   ? dx_fail(ctx, DEXT_E_LIMIT, "%s: larger than %zu bytes", file->shown,
                             ctx->limits.file_bytes)
                   : dx_fail(ctx, DEXT_E_NOTFOUND, "%s: not kept of the archive", file->shown);
    }
    *out = dx_source_bytes(file->shown, file->data.p, file->data.n);
    return DEXT_OK;
}

static int digest_file(struct dext_ctx *ctx, const struct dx_file *file, EVP_MD_CTX *one,
                       EVP_MD_CTX *two)
{
    char block[65536];
    FILE *f = fopen(file->disk, "rb");
    if (!f) {
        return dx_fail(ctx, DEXT_E_IO, "%s: cannot be opened: %s", file->shown, strerror(errno));
    }
    for (size_t n; (n = fread(block, 1, sizeof block, f)) > 0;) {
        EVP_DigestUpdate(one, block, n);
        EVP_DigestUpdate(two, block, n);
    }
    bool bad = ferror(f) != 0;
    (void)fclose(f);
    return bad ? dx_fail(ctx, DEXT_E_IO, "%s: cannot be read", file->shown) : DEXT_OK;
}

int dx_files_digest(struct dext_ctx *ctx, const struct dx_file *file, unsigned char sha1[20],
                    unsigned char sha256[32])
{
    unsigned char a[EVP_MAX_MD_SIZE], b[EVP_MAX_MD_SIZE];
    if (file->digested) {
        memcpy(a, file->sha1, sizeof file->sha1);
        memcpy(b, file->sha256, sizeof file->sha256);
    } else if (!file->disk || file->kind != DX_FILE_REGULAR) {
        return dx_fail(ctx, DEXT_E_IO, "%s: has no content to digest", file->shown);
    } else {
        EVP_MD_CTX *one = EVP_MD_CTX_new(), *two = EVP_MD_CTX_new();
        EVP_DigestInit_ex(one, EVP_sha1(), NULL);
        EVP_DigestInit_ex(two, EVP_sha256(), NULL);
        int status = digest_file(ctx, file, one, two);
        EVP_DigestFinal_ex(one, a, NULL);
        EVP_DigestFinal_ex(two, b, NULL);
        EVP_MD_CTX_free(one);
        EVP_MD_CTX_free(two);
        if (status != DEXT_OK) {
            return status;
        }
    }
    if (sha1) {
        memcpy(sha1, a, 20);
    }
    if (sha256) {
        memcpy(sha256, b, 32);
    }
    return DEXT_OK;
}

void dx_files_bundles(struct dx_file_names *out, struct dext_ctx *ctx, const struct dx_files *files,
                      const char *suffix)
{
    size_t n = strlen(suffix);
    const char *last = "";
    for (size_t i = 0; i < files->count; i++) {
        const char *path = files->list[i].path;
        for (const char *end = path; *end; end++) {
            const char *stop = strchr(end, '/');
            bool folder = stop || files->list[i].kind == DX_FILE_FOLDER;
            stop = stop ? stop : path + strlen(path);
            size_t length = (size_t)(stop - path);
            if (folder && (size_t)(stop - end) > n && strncmp(stop - n, suffix, n) == 0 &&
                !(strncmp(last, path, length) == 0 && (last[length] == '/' || last[length] == 0))) {
                last = dx_strndup(&ctx->arena, path, length);
                *DX_PUSH(&ctx->arena, out->list, out->count, out->cap) = last;
            }
            if (!*stop) {
                break;
            }
            end = stop;
        }
    }
}
