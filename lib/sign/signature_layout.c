/* Where the parts of a bundle stand. */
#include <string.h>

#include "bundle/bundle.h"
#include "sign/signature.h"

static const struct dx_file *code_part(const struct dx_code *code, struct dext_ctx *ctx,
                                       const char *path)
{
    const char *base = code->layout.base;
    path = base[0] ? dx_sprintf(&ctx->arena, "%s/%s", base, path) : path;
    const struct dx_file *f = dx_files_find(code->files, path);
    return f && f->kind == DX_FILE_REGULAR ? f : NULL;
}

static const char *find_base(const struct dx_code *code, struct dext_ctx *ctx)
{
    if (dx_files_has_folder(code->files, "Contents")) {
        return "Contents";
    }
    const struct dx_file *current = dx_files_find(code->files, "Versions/Current");
    if (current && current->kind == DX_FILE_LINK && current->target[0] &&
        !strchr(current->target, '/')) {
        return dx_sprintf(&ctx->arena, "Versions/%s", current->target);
    }
    return "";
}

const char *dx_code_text(const struct dext_node *root, const char *key)
{
    const struct dext_node *n = dx_get_kind(root, key, DEXT_STRING);
    return n ? n->text.p : "";
}

/* The one Mach-O file in a folder; NULL when there are none or several. */
static const struct dx_file *only_program(const struct dx_code *code, struct dext_ctx *ctx,
                                          const char *in)
{
    const struct dx_files *all = dx_files_below(ctx, code->files, in);
    const struct dx_file *found = NULL;
    for (size_t i = 0; i < all->count; i++) {
        const struct dx_file *f = &all->list[i];
        if (f->kind == DX_FILE_REGULAR && !strchr(f->path, '/') && dx_is_macho_file(ctx, f)) {
            if (found) {
                return NULL;
            }
            found = f;
        }
    }
    return found ? dx_files_find(code->files,
                                 in[0] ? dx_sprintf(&ctx->arena, "%s/%s", in, found->path)
                                       : found->path)
                 : NULL;
}

/* The name that Info.plist gives; without one, the bundle's. */
static const char *executable_name(const struct dx_code *code, struct dext_ctx *ctx)
{
    const char *name = dx_code_text(code->layout.info_root, "CFBundleExecutable");
    if (name[0]) {
        return strstr(name, "..") ? "" : name;
    }
    const char *slash = strrchr(code->pub.path, '/');
    const char *last = slash ? slash + 1 : code->pub.path;
    const char *dot = strrchr(last, '.');
    return dx_strndup(&ctx->arena, last, dot ? (size_t)(dot - last) : strlen(last));
}

/* When Info.plist does not lead to it, because it has been damaged, say, there may be only one that
 * it can be; its signature then tells what is wrong with Info.plist. */
static const struct dx_file *find_executable(struct dx_code *code, struct dext_ctx *ctx)
{
    const struct dx_layout *l = &code->layout;
    const char *name = executable_name(code, ctx),
               *inner = dx_sprintf(&ctx->arena, "MacOS/%s", name);
    bool deep = strcmp(l->base, "Contents") == 0;
    const struct dx_file *f = deep && name[0] ? code_part(code, ctx, inner) : NULL;
    f = f || !name[0] ? f : code_part(code, ctx, name);
    if (f) {
        return f;
    }
    f = only_program(code, ctx, deep ? "Contents/MacOS" : l->base);
    if (f && l->info) {
        code->report.file = l->info->shown;
        dx_report(&code->report, "executable-missing",
                  "it does not name the main executable, which seems to be %s", f->path);
        code->report.file = code->pub.path;
    }
    return f;
}

/* false: its text is in ctx, which is cleared; the file counts as absent. */
bool dx_code_load(struct dx_code *code, struct dext_ctx *ctx, const struct dx_file *f,
                  struct dx_source *out)
{
    dext_ctx_clear(ctx);
    if (dx_files_read(out, ctx, f) == DEXT_OK) {
        return true;
    }
    code->report.file = f->shown;
    dx_report(&code->report, "file-unreadable", "it cannot be read: %s", dext_ctx_error(ctx));
    code->report.file = code->pub.path;
    dext_ctx_clear(ctx);
    return false;
}

const struct dext_node *dx_code_plist(struct dext_ctx *ctx, const struct dx_source *src)
{
    const struct dext_plist *pl = dx_plist_load(ctx, src);
    dext_ctx_clear(ctx);
    return pl->root && pl->root->kind == DEXT_DICT ? pl->root : NULL;
}

void dx_code_layout(struct dx_code *code, struct dext_ctx *ctx)
{
    struct dx_layout *l = &code->layout;
    code->report.ctx = ctx;
    code->report.file = code->pub.path;
    code->report.arch = "";
    l->base = find_base(code, ctx);
    l->info = code_part(code, ctx, "Info.plist");
    l->info = l->info ? l->info : code_part(code, ctx, "Resources/Info.plist");
    l->seal = code_part(code, ctx, "_CodeSignature/CodeResources");
    l->profile = code_part(code, ctx, "embedded.provisionprofile");
    l->profile = l->profile ? l->profile : code_part(code, ctx, "embedded.mobileprovision");
    /* Security notarization.cpp: the ticket stapled to a bundle is Contents/CodeResources. */
    l->ticket = l->base[0] ? code_part(code, ctx, "CodeResources") : NULL;
    if (l->info && dx_code_load(code, ctx, l->info, &l->info_source)) {
        l->info_root = dx_code_plist(ctx, &l->info_source);
    }
    l->executable = find_executable(code, ctx);
    code->file = l->executable;
}
