#include "bundle/bundle.h"

#include <string.h>

/* Path below the root of the set, or NULL when it is not in it. */
static const char *below(const struct dx_files *files, const char *path)
{
    size_t n = strlen(files->shown);
    return strncmp(path, files->shown, n) == 0 && path[n] == '/' ? path + n + 1 : NULL;
}

const struct dx_file *dx_file_shown(const struct dx_files *files, const char *path)
{
    const char *rest = below(files, path);
    return rest ? dx_files_find(files, rest) : NULL;
}

bool dx_is_folder_in(struct dext_ctx *ctx, const struct dx_files *files, const char *path)
{
    const char *rest = files ? below(files, path) : NULL;
    return files ? rest && dx_files_has_folder(files, rest) : dx_is_folder(ctx, path);
}

bool dx_is_file_in(struct dext_ctx *ctx, const struct dx_files *files, const char *path)
{
    const struct dx_file *f = files ? dx_file_shown(files, path) : NULL;
    return files ? f && f->kind == DX_FILE_REGULAR : dx_is_file(ctx, path);
}

static const char *first_file(struct dext_ctx *ctx, const struct dx_files *files,
                              const char *folder, const char *a, const char *b)
{
    const char *path = dx_path_join(ctx, folder, a);
    if (dx_is_file_in(ctx, files, path)) {
        return path;
    }
    path = dx_path_join(ctx, folder, b);
    return dx_is_file_in(ctx, files, path) ? path : NULL;
}

const char *dx_bundle_info_path(struct dext_ctx *ctx, const char *bundle)
{
    return first_file(ctx, NULL, bundle, "Contents/Info.plist", "Info.plist");
}

/* The innermost .app around a path, by its components: what was handed over may be only part of an
 * app. */
static const char *host_of(struct dext_ctx *ctx, const char *path)
{
    const char *found = NULL;
    for (const char *p = path; (p = strstr(p, ".app/")) != NULL; p++) {
        found = p;
    }
    return found ? dx_strndup(&ctx->arena, path, (size_t)(found - path) + 4) : NULL;
}

struct dx_bundle *dx_bundle_open(struct dext_ctx *ctx, const struct dx_files *files,
                                 const char *path, const char *host)
{
    struct dx_bundle *b = dx_alloc(&ctx->arena, sizeof *b);
    b->path = path;
    b->name = dx_path_name(path);
    b->deep = dx_is_folder_in(ctx, files, dx_path_join(ctx, path, "Contents"));
    b->info_path = first_file(ctx, files, path, "Info.plist", "Contents/Info.plist");
    b->profile = first_file(ctx, files, path, "embedded.provisionprofile",
                            "Contents/embedded.provisionprofile");
    if (!b->profile) {
        b->profile = first_file(ctx, files, path, "embedded.mobileprovision",
                                "Contents/embedded.mobileprovision");
    }
    b->host = host ? host : host_of(ctx, path);
    if (b->host) {
        b->host_info = first_file(ctx, files, b->host, "Contents/Info.plist", "Info.plist");
        b->ios_layout = !dx_is_folder_in(ctx, files, dx_path_join(ctx, b->host, "Contents"));
        const char *folder = dx_path_folder(ctx, path);
        const char *legal = dx_path_join(
            ctx, b->host, b->ios_layout ? "SystemExtensions" : "Contents/Library/SystemExtensions");
        b->in_system_extensions = strcmp(folder, legal) == 0;
    }
    return b;
}
