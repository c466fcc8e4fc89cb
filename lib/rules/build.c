#include "rules/build.h"
#include "base/path.h"

#include <string.h>

#include "rules/code.h"
#include "sign/signature.h"

void dx_build_read(struct dx_build *b, struct dext_ctx *ctx, const struct dx_files *files,
                   const char *path)
{
    *b = (struct dx_build){0};
    dext_ctx_clear(ctx);
    int status = files ? dx_signatures_in(&b->all, ctx, files, DX_DEPTH_ALL)
                       : dext_signatures_read(&b->all, ctx, path, NULL);
    if (status != DEXT_OK) {
        b->all.count = 0;
    }
    dext_ctx_clear(ctx);
}

const struct dext_code *dx_build_code(const struct dx_build *b, const char *path)
{
    for (size_t i = 0; i < b->all.count; i++) {
        const struct dext_code *code = b->all.list[i];
        if (!code->error && strcmp(code->path, path) == 0) {
            return code;
        }
    }
    return NULL;
}

const struct dext_code *dx_build_host(const struct dx_build *b, const struct dext_code *code)
{
    const struct dext_code *best = NULL;
    for (size_t i = 0; i < b->all.count; i++) {
        const struct dext_code *app = b->all.list[i];
        size_t n = strlen(app->path);
        bool around = !app->error && app != code && n < strlen(code->path) &&
                      strncmp(app->path, code->path, n) == 0 && code->path[n] == '/';
        if (around && dx_path_kind(app->path) == DX_PATH_APP && (!best || n > strlen(best->path))) {
            best = app;
        }
    }
    return best;
}

/* The entitlements of the signature, for the rules that look at files of them. */
static struct dx_doc *build_claims_of(struct dext_ctx *ctx, const struct dext_code *code)
{
    const struct dext_slice *s = dx_code_slice(code);
    if (!s || !s->entitlements || s->entitlements->kind != DEXT_DICT) {
        return NULL;
    }
    struct dx_doc *doc = dx_alloc(&ctx->arena, sizeof *doc);
    doc->path = code->executable[0] ? code->executable : code->path;
    doc->kind = DX_DOC_ENTITLEMENTS;
    doc->why_kind = "entitlements of a signature";
    doc->embedded = true;
    doc->pl = dx_alloc(&ctx->arena, sizeof *doc->pl);
    doc->pl->format = DEXT_PLIST_BINARY; /* in a program: nothing that could be edited */
    doc->pl->root = (struct dext_node *)s->entitlements;
    doc->pl->src.path = doc->path;
    return doc;
}

/* A driver's own platform is DriverKit: the app around it tells, or else its profile. */
static bool is_ios(const struct dext_code *code, const struct dext_code *host)
{
    const struct dext_slice *s = dx_code_slice(host ? host : code);
    if (!host && s && strcmp(s->platform, "DriverKit") == 0) {
        return code->profile && dx_profile_is_ios(code->profile);
    }
    return s && strcmp(s->platform, "iOS") == 0;
}

void dx_build_fill(const struct dx_build *b, struct dext_ctx *ctx, struct dx_unit *unit,
                   const struct dext_code *code, const struct dx_doc **claims)
{
    unit->code = code;
    unit->host_code = dx_build_host(b, code);
    unit->profile = code->profile;
    unit->ios = is_ios(code, unit->host_code);
    *claims = build_claims_of(ctx, code);
    unit->entitlements = claims;
    unit->entitlement_count = *claims ? 1 : 0;
}
