/* Projects of both kinds: what is common to them once they are read. */
#include "project/project.h"

#include <stdlib.h>
#include <string.h>

#include "project/read.h"

bool dx_project_is_driver(const struct dx_project_target *t)
{
    return strcmp(t->product_type, "com.apple.product-type.driver-extension") == 0;
}

bool dx_project_is_app(const struct dx_project_target *t)
{
    return strcmp(t->product_type, "com.apple.product-type.application") == 0;
}

const char *dx_project_path(struct dext_ctx *ctx, const struct dx_project *project,
                            struct dx_str path)
{
    const char *p = dx_strndup(&ctx->arena, path.p, path.n);
    return p[0] == '/' ? p : dx_path_join(ctx, project->source, p);
}

/* ---- which target builds an Info.plist ------------------------------------------------------ */

static int project_by_path(const void *a, const void *b)
{
    const struct dx_project_place *x = a, *y = b;
    int c = dx_str_cmp(x->path, y->path);
    return c ? c : x->target < y->target ? -1 : x->target > y->target;
}

/* One a target and path. */
static void project_drop_doubles(struct dx_project_places *all)
{
    size_t n = 0;
    for (size_t i = 0; i < all->count; i++) {
        if (n == 0 || project_by_path(&all->list[n - 1], &all->list[i]) != 0) {
            all->list[n++] = all->list[i];
        }
    }
    all->count = n;
}

static void index_places(struct dx_reading *r, const char *setting, struct dx_project_places *all)
{
    const struct dx_project *p = &r->project->pub;
    for (size_t i = 0; i < p->target_count; i++) {
        const struct dx_project_target *t = &p->targets[i];
        for (size_t k = 0; k < t->config_count; k++) {
            struct dx_str file;
            if (dx_setting_value(r->ctx, p, t, &t->configs[k], setting, &file) && file.n) {
                struct dx_str path =
                    dx_path_normal(r->ctx, dx_str(dx_project_path(r->ctx, p, file)));
                *DX_PUSH(&r->ctx->arena, all->list, all->count, all->cap) =
                    (struct dx_project_place){path, i};
            }
        }
    }
    if (all->count) {
        qsort(all->list, all->count, sizeof *all->list, project_by_path);
    }
    project_drop_doubles(all);
}

static const struct dx_project_target *target_at(struct dext_ctx *ctx, const struct dx_project *p,
                                                 const struct dx_project_places *all,
                                                 const char *path, size_t n)
{
    struct dx_mark mark = dx_arena_mark(&ctx->arena);
    struct dx_str want = dx_path_normal(ctx, dx_str(path));
    size_t lo = 0, hi = all->count;
    while (lo < hi) { /* the first of equals */
        size_t mid = lo + (hi - lo) / 2;
        if (dx_str_cmp(all->list[mid].path, want) < 0) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    lo += n < all->count ? n : all->count;
    bool found = lo < all->count && dx_str_eq(all->list[lo].path, want);
    dx_arena_rewind(&ctx->arena, mark);
    return found ? &p->targets[all->list[lo].target] : NULL;
}

const struct dx_project_target *dx_project_target_of(struct dext_ctx *ctx,
                                                     const struct dx_project *project,
                                                     const char *info_path, size_t n)
{
    return target_at(ctx, project, &dx_project_whole(project)->infos, info_path, n);
}

const struct dx_project_target *dx_project_signer(struct dext_ctx *ctx,
                                                  const struct dx_project *project,
                                                  const char *path, size_t n)
{
    return target_at(ctx, project, &dx_project_whole(project)->claims, path, n);
}

int dx_project_read(struct dx_project **out, struct dext_ctx *ctx, const struct dx_doc *doc)
{
    struct dx_reading r = {.ctx = ctx};
    r.project = dx_alloc(&ctx->arena, sizeof *r.project);
    r.project->pub.path = doc->path;
    r.project->pub.doc = doc;
    bool yaml = !dx_get(doc->pl->root, "objects");
    int rc = yaml ? dx_xcodegen_read(&r, doc) : dx_pbxproj_read(&r, doc);
    if (rc == DEXT_OK && r.work >= DX_MOST_WORK) {
        rc = dx_fail(ctx, DEXT_E_LIMIT, "%s: more build settings than are read", doc->path);
    }
    if (rc == DEXT_OK) {
        index_places(&r, "INFOPLIST_FILE", &r.project->infos);
        index_places(&r, "CODE_SIGN_ENTITLEMENTS", &r.project->claims);
        *out = &r.project->pub;
    }
    return rc;
}
