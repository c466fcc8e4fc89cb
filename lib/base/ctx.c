#include "base/ctx.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define OR_DEFAULT(field)                                                                          \
    if (!l.field) {                                                                                \
        l.field = defaults.field;                                                                  \
    }

struct dext_ctx *dext_ctx_new(const struct dext_limits *limits)
{
    static const struct dext_limits defaults = DEXT_LIMITS_DEFAULT;
    struct dext_limits l = limits && limits->size == sizeof l ? *limits : defaults;
    OR_DEFAULT(file_bytes)
    OR_DEFAULT(plist_depth)
    OR_DEFAULT(plist_nodes)
    OR_DEFAULT(walk_depth)
    OR_DEFAULT(walk_files)
    OR_DEFAULT(cms_bytes)
    OR_DEFAULT(archive_bytes)
    OR_DEFAULT(archive_ratio)
    OR_DEFAULT(archive_files)
    OR_DEFAULT(archive_kept)
    OR_DEFAULT(archive_depth)
    OR_DEFAULT(dump_bytes)
    struct dext_ctx *ctx = calloc(1, sizeof *ctx);
    if (!ctx) {
        abort();
    }
    ctx->limits = l;
    return ctx;
}

void dext_ctx_free(struct dext_ctx *ctx)
{
    if (ctx) {
        dx_arena_free(&ctx->arena);
        free(ctx);
    }
}

const char *dext_ctx_error(const struct dext_ctx *ctx)
{
    return ctx->error[0] ? ctx->error : NULL;
}

void dext_ctx_clear(struct dext_ctx *ctx)
{
    ctx->error[0] = 0;
}

const char *dext_version(void)
{
    return DEXT_VERSION;
}

int dx_fail(struct dext_ctx *ctx, enum dext_status status, const char *fmt, ...)
{
    if (!ctx->error[0]) {
        va_list ap;
        va_start(ap, fmt);
        (void)vsnprintf(ctx->error, sizeof ctx->error, fmt, ap);
        va_end(ap);
    }
    return status;
}
