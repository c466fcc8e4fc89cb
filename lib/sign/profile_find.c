/* The profiles of a path: the file itself, or what is embedded in a bundle, folder or archive. */
#include <string.h>

#include "base/path.h"
#include "bundle/bundle.h"
#include "bundle/files.h"
#include "sign/profile.h"

struct profile_found {
    const struct dext_profile **list;
    size_t count, cap;
};

static void profile_find_add(struct profile_found *f, struct dext_ctx *ctx,
                             const struct dx_file *file)
{
    struct dx_source src;
    struct dx_profile *p;
    dext_ctx_clear(ctx);
    const struct dext_profile *result;
    if (dx_files_read(&src, ctx, file) == DEXT_OK && dx_profile_parse(&p, ctx, &src) == DEXT_OK) {
        result = &p->pub;
    } else {
        struct dext_profile *broken = dx_alloc(&ctx->arena, sizeof *broken);
        broken->path = file->shown;
        broken->error = dx_strdup(&ctx->arena, dext_ctx_error(ctx));
        dext_ctx_clear(ctx);
        result = broken;
    }
    *DX_PUSH(&ctx->arena, f->list, f->count, f->cap) = result;
}

static int profile_find_read_all(struct profile_found *f, struct dext_ctx *ctx, const char *path)
{
    struct dx_files *files;
    int status = dx_files_open(&files, ctx, path, DX_KEEP_TEXT);
    if (status != DEXT_OK) {
        return status;
    }
    for (size_t i = 0; i < files->count; i++) {
        const struct dx_file *file = &files->list[i];
        if (dx_path_kind(file->path) != DX_PATH_PROFILE || file->kind == DX_FILE_FOLDER) {
            continue;
        }
        if (file->kind == DX_FILE_REGULAR) {
            profile_find_add(f, ctx, file);
        } else {
            dx_unread(ctx, "%s: is not a regular file", file->shown);
        }
    }
    return f->count ? DEXT_OK
                    : dx_fail(ctx, DEXT_E_NOTFOUND,
                              "%s: no provisioning profile in it (embedded.provisionprofile or "
                              "embedded.mobileprovision)",
                              path);
}

int dext_profiles_read(struct dext_profiles *out, struct dext_ctx *ctx, const char *path)
{
    struct profile_found f = {0};
    *out = (struct dext_profiles){0};
    int status;
    if (dx_is_folder(ctx, path) || dx_is_archive(ctx, path)) {
        status = profile_find_read_all(&f, ctx, path);
    } else {
        struct dx_source src;
        struct dx_profile *p;
        status = dx_source_read(&src, ctx, path);
        status = status == DEXT_OK ? dx_profile_parse(&p, ctx, &src) : status;
        if (status == DEXT_OK) {
            *DX_PUSH(&ctx->arena, f.list, f.count, f.cap) = &p->pub;
        }
    }
    *out = (struct dext_profiles){f.list, f.count};
    return status;
}
