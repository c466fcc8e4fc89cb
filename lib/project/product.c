#include "project/product.h"

#include <string.h>

const struct dx_config *dx_config_named(const struct dx_project_target *t, const char *name)
{
    const struct dx_config *release = NULL;
    for (size_t i = 0; i < t->config_count; i++) {
        if (strcmp(t->configs[i].name, name) == 0) {
            return &t->configs[i];
        }
        if (strcmp(t->configs[i].name, "Release") == 0) {
            release = &t->configs[i];
        }
    }
    return release ? release : t->config_count ? &t->configs[t->config_count - 1] : NULL;
}

struct dx_origin dx_setting_line(const struct dx_build_of *b, const char *name)
{
    struct dx_origin from;
    (void)dx_setting_assigned(b->config, name, &from);
    return from.at.line ? from : b->target->from;
}

static bool product_value(struct dext_ctx *ctx, const struct dx_build_of *b, const char *name,
                          struct dx_str *out)
{
    return dx_setting_value(ctx, b->project, b->target, b->config, name, out);
}

bool dx_is_ios_build(struct dext_ctx *ctx, const struct dx_build_of *b)
{
    struct dx_str platforms, root;
    if (product_value(ctx, b, "SUPPORTED_PLATFORMS", &platforms)) {
        return dx_str_contains(platforms, "iphoneos") && !dx_str_contains(platforms, "macosx");
    }
    return product_value(ctx, b, "SDKROOT", &root) && dx_str_has_prefix(root, "iphoneos");
}

/* ---- places ------------------------------------------------------------------------------- */

/* The folder of an app that a dstSubfolderSpec stands for; NULL: not one of those. */
static const char *start_of(int folder, bool ios)
{
    switch (folder) {
    case DX_COPY_WRAPPER:
        return "";
    case DX_COPY_EXECUTABLES:
        return ios ? "" : "Contents/MacOS";
    case DX_COPY_RESOURCES:
        return ios ? "" : "Contents/Resources";
    case DX_COPY_FRAMEWORKS:
        return ios ? "Frameworks" : "Contents/Frameworks";
    case DX_COPY_SHARED_FRAMEWORKS:
        return ios ? "SharedFrameworks" : "Contents/SharedFrameworks";
    case DX_COPY_SHARED_SUPPORT:
        return ios ? "SharedSupport" : "Contents/SharedSupport";
    case DX_COPY_PLUGINS:
        return ios ? "PlugIns" : "Contents/PlugIns";
    default:
        return NULL;
    }
}

/* What Xcode calls folders of the product, as paths from BUILT_PRODUCTS_DIR; takes it off the path.
 * NULL: another beginning. */
static const char *start_named(struct dx_str *path, bool ios)
{
    static const struct {
        const char *name, *mac, *ios;
    } starts[] = {{"$(WRAPPER_NAME)", "", ""},
                  {"$(CONTENTS_FOLDER_PATH)", "Contents", ""},
                  {"$(PLUGINS_FOLDER_PATH)", "Contents/PlugIns", "PlugIns"},
                  {"$(FRAMEWORKS_FOLDER_PATH)", "Contents/Frameworks", "Frameworks"},
                  {"$(UNLOCALIZED_RESOURCES_FOLDER_PATH)", "Contents/Resources", ""}};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        size_t n = strlen(starts[i].name);
        if (dx_str_has_prefix(*path, starts[i].name) && (path->n == n || path->p[n] == '/')) {
            path->p += n;
            path->n -= n;
            return ios ? starts[i].ios : starts[i].mac;
        }
    }
    return NULL;
}

static void product_place(struct dx_carrier *c, struct dext_ctx *ctx)
{
    const struct dx_copy *copy = c->copy;
    bool ios = dx_is_ios_build(ctx, &c->app);
    const char *right = ios ? "SystemExtensions" : "Contents/Library/SystemExtensions";
    struct dx_str path = copy->path;
    const char *start =
        copy->folder == DX_COPY_PRODUCTS ? start_named(&path, ios) : start_of(copy->folder, ios);
    c->placed = DX_PLACED_UNKNOWN;
    c->folder = "";
    if (dx_str_contains(path, "SYSTEM_EXTENSIONS_FOLDER_PATH")) {
        c->placed = copy->folder == DX_COPY_PRODUCTS ? DX_PLACED_RIGHT : DX_PLACED_UNKNOWN;
        c->folder = c->placed == DX_PLACED_RIGHT ? right : "";
        return;
    }
    if (!start || (path.n && memchr(path.p, '$', path.n) &&
                   !dx_expand(ctx, c->app.project, c->app.target, c->app.config, path, &path))) {
        return;
    }
    const char *below = dx_strndup(&ctx->arena, path.p ? path.p : "", path.n);
    struct dx_str folder = dx_path_normal(ctx, dx_str(dx_path_join(ctx, start, below)));
    c->folder = folder.p;
    c->placed = dx_str_is(folder, right) ? DX_PLACED_RIGHT : DX_PLACED_ELSEWHERE;
}

static bool depends(const struct dx_project_target *t, const struct dx_project_target *on)
{
    for (size_t i = 0; i < t->need_count; i++) {
        if (t->needs[i] == on) {
            return true;
        }
    }
    return false;
}

/* The product's name may also be written by hand in a copy phase, without its target. */
static bool copies_it(const struct dx_copy *copy, const struct dx_project_target *driver)
{
    return copy->target == driver;
}

static int product_rank(const struct dx_carrier *c)
{
    return !c->copy ? 1 : c->placed == DX_PLACED_RIGHT ? 4 : c->placed == DX_PLACED_UNKNOWN ? 3 : 2;
}

static void product_consider(struct dx_carrier *best, const struct dx_carrier *c)
{
    if (!best->app.target || product_rank(c) > product_rank(best)) {
        *best = *c;
    }
}

bool dx_carrier_of(struct dx_carrier *out, struct dext_ctx *ctx, const struct dx_build_of *driver)
{
    const struct dx_project *p = driver->project;
    *out = (struct dx_carrier){0};
    for (size_t i = 0; i < p->target_count; i++) {
        const struct dx_project_target *t = &p->targets[i];
        if (!dx_project_is_app(t) || t == driver->target || t->config_count == 0) {
            continue;
        }
        struct dx_carrier c = {.app = {p, t, dx_config_named(t, driver->config->name)},
                               .folder = ""};
        for (size_t k = 0; k < t->copy_count; k++) {
            if (copies_it(&t->copies[k], driver->target)) {
                c.copy = &t->copies[k];
                product_place(&c, ctx);
                product_consider(out, &c);
            }
        }
        if (!c.copy && depends(t, driver->target)) {
            c.placed = DX_PLACED_UNKNOWN;
            product_consider(out, &c);
        }
    }
    return out->app.target != NULL;
}

/* ---- signing ------------------------------------------------------------------------------ */

static bool product_says_no(struct dext_ctx *ctx, const struct dx_build_of *b, const char *name)
{
    struct dx_str v;
    return product_value(ctx, b, name, &v) && dx_str_is_nocase(v, "NO");
}

/* Assigned, and empty or not known. */
static bool empty_or_unknown(struct dext_ctx *ctx, const struct dx_build_of *b, const char *name)
{
    struct dx_origin from;
    struct dx_str v;
    return dx_setting_assigned(b->config, name, &from) != DX_NOT_ASSIGNED &&
           (!product_value(ctx, b, name, &v) || dx_str_trim(v).n == 0);
}

bool dx_signed_elsewhere(struct dext_ctx *ctx, const struct dx_build_of *b)
{
    struct dx_str flags;
    struct dx_origin from;
    enum dx_assigned more = dx_setting_assigned(b->config, "OTHER_CODE_SIGN_FLAGS", &from);
    return product_says_no(ctx, b, "CODE_SIGNING_ALLOWED") ||
           product_says_no(ctx, b, "CODE_SIGNING_REQUIRED") ||
           empty_or_unknown(ctx, b, "CODE_SIGN_IDENTITY") ||
           empty_or_unknown(ctx, b, "CODE_SIGN_ENTITLEMENTS") ||
           (more != DX_NOT_ASSIGNED && (!product_value(ctx, b, "OTHER_CODE_SIGN_FLAGS", &flags) ||
                                        dx_str_contains(flags, "entitlements"))) ||
           b->target->scripts > 0;
}
