/* ctx.h: inside of the context. Functions that fail say so once, through dx_fail; the first text
 * wins, upper layers do not overwrite the reason that a lower one knows better. */
#ifndef DX_BASE_CTX_H
#define DX_BASE_CTX_H

#include "base/arena.h"
#include "base/str.h"
#include "dext/ctx.h"

struct dext_ctx {
    struct dx_arena arena;
    struct dext_limits limits;
    char error[1024];
};

/* Keeps the text (lower case, what first, no full stop) and returns status. */
int dx_fail(struct dext_ctx *ctx, enum dext_status status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
