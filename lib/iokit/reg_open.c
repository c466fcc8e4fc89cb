/* Where a dump comes from: a file, or the registry dump in a sysdiagnose, folder or archive. */
#include <string.h>
#include <sys/stat.h>

#include "bundle/files.h"
#include "iokit/reg_view.h"
#include "iokit/registry_read.h"

static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int open_folder(struct dx_feed *out, struct dext_ctx *ctx, const char *path)
{
    size_t n = strlen(path);
    const char *slash = n && path[n - 1] == '/' ? "" : "/";
    const char *member = dx_sprintf(&ctx->arena, "%s%s%s", path, slash, DX_REGISTRY_MEMBER);
    struct stat st;
    if (stat(member, &st) != 0) {
        return dx_fail(ctx, DEXT_E_IO, "%s: a folder without %s, so it is no sysdiagnose", path,
                       DX_REGISTRY_MEMBER);
    }
    return dx_feed_open(out, ctx, member, ctx->limits.dump_bytes);
}

static bool is_dump(const struct dx_file *f)
{
    size_t n = strlen(f->path), m = sizeof DX_REGISTRY_MEMBER - 1;
    return f->kind == DX_FILE_REGULAR && n >= m &&
           strcmp(f->path + n - m, DX_REGISTRY_MEMBER) == 0 &&
           (n == m || f->path[n - m - 1] == '/');
}

static int read_archive(struct dx_source *out, struct dext_ctx *ctx, const char *path)
{
    struct dx_files *all;
    int rc = dx_files_open(&all, ctx, path, DX_KEEP_REGISTRY);
    for (size_t i = 0; rc == DEXT_OK && i < all->count; i++) {
        if (is_dump(&all->list[i])) {
            return dx_files_read(out, ctx, &all->list[i]);
        }
    }
    return rc != DEXT_OK
               ? rc
               : dx_fail(ctx, DEXT_E_FORMAT, "%s: an archive without %s, so it is no sysdiagnose",
                         path, DX_REGISTRY_MEMBER);
}

int dx_registry_open(struct dx_registry **out, struct dext_ctx *ctx, const char *path)
{
    struct dx_source src;
    struct dx_feed feed;
    int rc;
    if (!is_folder(path) && dx_is_archive(path)) {
        rc = read_archive(&src, ctx, path);
        return rc ? rc : dx_registry_read(out, ctx, &src);
    }
    feed.fd = -1;
    rc = is_folder(path) ? open_folder(&feed, ctx, path)
                         : dx_feed_open(&feed, ctx, path, ctx->limits.dump_bytes);
    rc = rc ? rc : dx_registry_read_feed(out, ctx, &feed);
    dx_feed_close(&feed);
    return rc;
}
