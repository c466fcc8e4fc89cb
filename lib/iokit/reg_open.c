/* Where a dump comes from: a file, or the registry dump in a sysdiagnose, folder or archive. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "bundle/files.h"
#include "iokit/reg_view.h"
#include "iokit/registry_read.h"

#define MOST_NAMED 4

static bool reg_open_is_zip(struct dext_ctx *ctx, const char *path)
{
    char head[4];
    size_t n;
    return dx_path_head(ctx, path, head, sizeof head, &n) && n == sizeof head &&
           memcmp(head, "PK\3\4", 4) == 0;
}

static int reg_open_open_folder(struct dx_feed *out, struct dext_ctx *ctx, const char *path)
{
    size_t n = strlen(path);
    const char *slash = n && path[n - 1] == '/' ? "" : "/";
    const char *member = dx_sprintf(&ctx->arena, "%s%s%s", path, slash, DX_REGISTRY_MEMBER);
    struct stat st;
    enum dx_there there = dx_stat(ctx, member, &st);
    if (there == DX_THERE_UNKNOWN) {
        return dx_fail(ctx, DEXT_E_IO, "%s: cannot be looked at", member);
    }
    if (there == DX_THERE_NO) {
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

/* How well a member of an archive answers "the registry": that of a sysdiagnose, what
 * IORegistryExplorer saved, a dump of the plane that shows drivers (IOResources is in no other),
 * what looks like a dump. 0: not at all. */
static int reg_open_rank(const struct dx_file *f)
{
    size_t n = strlen(f->path);
    if (is_dump(f)) {
        return 4;
    }
    if (!f->kept) {
        return 0;
    }
    if (n > 6 && strcmp(f->path + n - 6, ".ioreg") == 0) {
        return 3;
    }
    bool drivers = memmem(f->data.p, f->data.n, "<class IOResources,", 19) ||
                   memmem(f->data.p, f->data.n, ":IOResources,", 13);
    return drivers ? 2 : 1;
}

/* Several dumps: which one is meant is not for us to guess. */
static int reg_open_several(struct dext_ctx *ctx, const struct dx_files *all, int rank)
{
    const char *names = "";
    size_t count = 0;
    for (size_t i = 0; i < all->count; i++) {
        if (reg_open_rank(&all->list[i]) == rank && ++count <= MOST_NAMED) {
            names =
                dx_sprintf(&ctx->arena, "%s%s%s", names, count > 1 ? ", " : "", all->list[i].path);
        }
    }
    return dx_fail(ctx, DEXT_E_FORMAT, "%s: %zu registry dumps in it, %s%s; name one as %s!/MEMBER",
                   all->path, count, names, count > MOST_NAMED ? ", ..." : "", all->path);
}

/* wanted: the member that was asked for, or NULL. */
static int read_archive(struct dx_source *out, struct dext_ctx *ctx, const char *path,
                        const char *wanted)
{
    struct dx_files *all;
    bool zip = reg_open_is_zip(ctx, path);
    int rc = dx_files_open(&all, ctx, path, zip ? DX_KEEP_DUMPS : DX_KEEP_REGISTRY);
    const struct dx_file *best = NULL;
    size_t as_good = 0;
    for (size_t i = 0; rc == DEXT_OK && i < all->count; i++) {
        int rank = reg_open_rank(&all->list[i]), most = best ? reg_open_rank(best) : 0;
        if (wanted ? strcmp(all->list[i].path, wanted) == 0 : rank > most) {
            best = &all->list[i];
            as_good = 1;
        } else {
            as_good += !wanted && rank && rank == most;
        }
    }
    if (rc != DEXT_OK) {
        return rc;
    }
    if (wanted && (!best || !best->kept)) {
        return dx_fail(ctx, DEXT_E_FORMAT, "%s: %s '%s' in it", path,
                       best ? "no registry dump is" : "there is no", wanted);
    }
    if (!best) {
        return dx_fail(ctx, DEXT_E_FORMAT,
                       zip ? "%s: an archive without %s and without another registry dump"
                           : "%s: an archive without %s, so it is no sysdiagnose",
                       path, DX_REGISTRY_MEMBER);
    }
    /* Of a sysdiagnose there is one; two of them are two sysdiagnoses. */
    return as_good > 1 ? reg_open_several(ctx, all, reg_open_rank(best))
                       : dx_files_read(out, ctx, best);
}

/* "FILE.zip!/MEMBER", as messages name what stands in an archive. */
static const char *reg_open_member(struct dext_ctx *ctx, const char **path)
{
    const char *mark = strstr(*path, "!/");
    struct stat st;
    if (!mark || stat(*path, &st) == 0) {
        return NULL;
    }
    *path = dx_strndup(&ctx->arena, *path, (size_t)(mark - *path));
    return mark + 2;
}

int dx_registry_open(struct dx_registry **out, struct dext_ctx *ctx, const char *path)
{
    struct dx_source src;
    struct dx_feed feed;
    int rc;
    const char *member = reg_open_member(ctx, &path);
    if (!dx_is_folder(ctx, path) && (member || dx_is_archive(ctx, path))) {
        rc = read_archive(&src, ctx, path, member);
        return rc ? rc : dx_registry_read(out, ctx, &src);
    }
    feed.fd = -1;
    rc = dx_is_folder(ctx, path) ? reg_open_open_folder(&feed, ctx, path)
                                 : dx_feed_open(&feed, ctx, path, ctx->limits.dump_bytes);
    rc = rc ? rc : dx_registry_read_feed(out, ctx, &feed);
    dx_feed_close(&feed);
    return rc;
}
