/* What is asked of any set of files. */
#include "bundle/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/path.h"
#include "bundle/archive.h"
#include "bundle/bundle.h"
#include "bundle/files_list.h"
#include "bundle/zip.h"

static int files_by_path(const void *a, const void *b)
{
    return strcmp(((const struct dx_file *)a)->path, ((const struct dx_file *)b)->path);
}

struct dx_files *dx_files_make(struct dext_ctx *ctx, const char *path, const char *shown,
                               bool archive, struct dx_file *list, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (files_by_path(&list[i - 1], &list[i]) > 0) {
            qsort(list, count, sizeof *list, files_by_path);
            break;
        }
    }
    struct dx_files *files = dx_alloc(&ctx->arena, sizeof *files);
    *files = (struct dx_files){
        .path = path, .shown = shown, .archive = archive, .list = list, .count = count};
    return files;
}

int dx_files_open(struct dx_files **out, struct dext_ctx *ctx, const char *path, enum dx_keep keep)
{
    if (!dx_is_folder(ctx, path)) {
        return dx_archive_read(out, ctx, path, keep == DX_KEEP_LOOKED ? DX_KEEP_CODE : keep);
    }
    struct dx_file *list;
    size_t count;
    int status = dx_files_list(&list, &count, ctx, path, keep == DX_KEEP_LOOKED);
    if (status == DEXT_OK) {
        *out = dx_files_make(ctx, path, path, false, list, count);
    }
    return status;
}

/* ---- asking -------------------------------------------------------------------------------- */

/* The first member whose path is not before text. */
static size_t files_lower_bound(const struct dx_files *files, const char *text)
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
    size_t i = files_lower_bound(files, path);
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
    for (size_t i = files_lower_bound(files, path); i < files->count; i++) {
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

static void files_metadata_below(struct dx_files *below, struct dext_ctx *ctx, const char *prefix)
{
    const char **list = dx_calloc(&ctx->arena, below->metadata_count + 1, sizeof *list);
    size_t n = 0;
    for (size_t i = 0; i < below->metadata_count; i++) {
        if (starts_with(below->metadata[i], prefix)) {
            list[n++] = below->metadata[i] + strlen(prefix);
        }
    }
    below->metadata = list;
    below->metadata_count = n;
}

const struct dx_files *dx_files_below(struct dext_ctx *ctx, const struct dx_files *files,
                                      const char *folder)
{
    if (!folder[0]) {
        return files;
    }
    const char *prefix = dx_sprintf(&ctx->arena, "%s/", folder);
    size_t from = files_lower_bound(files, prefix), n = 0;
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
    files_metadata_below(below, ctx, prefix);
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

/* One that ends where it was said to end, short of what was asked for, has been read to its end. */
static int digest_file(struct dext_ctx *ctx, const struct dx_file *file, EVP_MD_CTX *one,
                       EVP_MD_CTX *two)
{
    char block[65536];
    int fd = open(file->disk, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        return dx_fail(ctx, DEXT_E_IO, "%s: cannot be opened: %s", file->shown, strerror(errno));
    }
    dx_opened(ctx, fd);
    uint64_t all = 0;
    ssize_t n = 1;
    bool hashed = true;
    while (hashed && n > 0 && !(all && all == file->size && (size_t)n < sizeof block)) {
        do {
            n = read(fd, block, sizeof block);
        } while (n < 0 && errno == EINTR);
        hashed = n <= 0 || ((!one || EVP_DigestUpdate(one, block, (size_t)n) == 1) &&
                            (!two || EVP_DigestUpdate(two, block, (size_t)n) == 1));
        all += n > 0 ? (uint64_t)n : 0;
    }
    (void)close(fd);
    return !hashed ? dx_fail(ctx, DEXT_E_IO, "%s: " DX_NO_DIGEST, file->shown)
           : n < 0 ? dx_fail(ctx, DEXT_E_IO, "%s: cannot be read", file->shown)
           : all != file->size
               ? dx_fail(ctx, DEXT_E_IO, "%s: changed while it was read", file->shown)
               : DEXT_OK;
}

/* The same of a member of a .zip that has not been read. */
static int digest_late(struct dext_ctx *ctx, const struct dx_file *file, EVP_MD_CTX *one,
                       EVP_MD_CTX *two)
{
    struct dx_zip_stream s;
    int fd = open(file->late->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return dx_fail(ctx, DEXT_E_IO, "%s: cannot be opened: %s", file->late->path,
                       strerror(errno));
    }
    char *block = malloc(DX_BLOCK);
    if (!block) {
        abort();
    }
    la_ssize_t n = 0;
    bool hashed = true;
    dx_zip_open(&s, file->late, fd);
    while (hashed && (n = dx_zip_read(&s, block)) > 0) {
        hashed = (!one || EVP_DigestUpdate(one, block, (size_t)n) == 1) &&
                 (!two || EVP_DigestUpdate(two, block, (size_t)n) == 1);
    }
    dx_zip_close(&s);
    free(block);
    (void)close(fd);
    return !hashed ? dx_fail(ctx, DEXT_E_IO, "%s: " DX_NO_DIGEST, file->shown)
           : n < 0 ? dx_fail(ctx, DEXT_E_FORMAT, "%s: damaged in the archive", file->shown)
                   : DEXT_OK;
}

/* NULL when nobody asks for it. */
static EVP_MD_CTX *files_digest_begin(const unsigned char *wanted, const char *name)
{
    EVP_MD_CTX *c = wanted ? EVP_MD_CTX_new() : NULL;
    if (c) {
        (void)EVP_DigestInit_ex2(c, dx_md(name), NULL);
    }
    return c;
}

static void files_digest_end(EVP_MD_CTX *c, unsigned char *out)
{
    if (c) {
        (void)EVP_DigestFinal_ex(c, out, NULL);
    }
    EVP_MD_CTX_free(c);
}

int dx_files_digest(struct dext_ctx *ctx, const struct dx_file *file, unsigned char sha1[20],
                    unsigned char sha256[32])
{
    if (file->digested || (file->hashed && !sha1)) {
        if (sha1) {
            memcpy(sha1, file->sha1, 20);
        }
        if (sha256) {
            memcpy(sha256, file->sha256, 32);
        }
        return DEXT_OK;
    }
    if ((!file->disk && !file->late) || file->kind != DX_FILE_REGULAR) {
        return dx_fail(ctx, DEXT_E_IO, "%s: has no content to digest", file->shown);
    }
    if (!dx_crypto_ready(ctx, file->shown)) {
        return DEXT_E_IO;
    }
    EVP_MD_CTX *one = files_digest_begin(sha1, "SHA1"), *two = files_digest_begin(sha256, "SHA256");
    int status = file->late ? digest_late(ctx, file, one, two) : digest_file(ctx, file, one, two);
    files_digest_end(one, sha1);
    files_digest_end(two, sha256);
    return status;
}

void dx_files_bundles(struct dx_file_names *out, struct dext_ctx *ctx, const struct dx_files *files,
                      const char *suffix)
{
    size_t n = strlen(suffix);
    const char *last = "";
    for (size_t i = 0; i < files->count; i++) {
        const char *path = files->list[i].path;
        /* Most have no such name in their path at all. */
        for (const char *end = strstr(path, suffix) ? path : ""; *end; end++) {
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
