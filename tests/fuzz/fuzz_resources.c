/* Any property list as the CodeResources of a bundle with files, links, nested code and a script.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/ctx.h"
#include "sign/resources.h"

static volatile size_t sink;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FILE_OF(path_, kind_, target_)                                                             \
    {                                                                                              \
        .path = path_, .shown = path_, .kind = kind_, .target = target_, .kept = true,             \
        .digested = true, .data = {"x", 1}, .size = 1                                              \
    }

static const struct dx_file list[] = {
    FILE_OF("Frameworks/libinner.dylib", DX_FILE_REGULAR, ""),
    FILE_OF("Info.plist", DX_FILE_REGULAR, ""),
    FILE_OF("MacOS/script", DX_FILE_REGULAR, ""),
    FILE_OF("Resources/a.txt", DX_FILE_REGULAR, ""),
    FILE_OF("Resources/link", DX_FILE_LINK, "a.txt"),
    FILE_OF("Resources/loop", DX_FILE_LINK, "loop"),
    FILE_OF("Resources/out", DX_FILE_LINK, "../../.."),
    FILE_OF("_CodeSignature/CodeResources", DX_FILE_REGULAR, ""),
    FILE_OF("main", DX_FILE_REGULAR, ""),
};
static const struct dx_files files = {
    .path = "B.app", .shown = "B.app", .list = list, .count = sizeof list / sizeof *list};

static const struct dext_code *nested(const void *user, const char *path)
{
    sink += strlen(path);
    return user;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dx_report report = {.ctx = ctx, .file = "B.app", .arch = ""};
    struct dx_source src =
        dx_source_bytes("fuzz", dx_strndup(&ctx->arena, (const char *)data, size), size);
    const struct dext_plist *pl = dx_plist_load(ctx, &src);
    dext_ctx_clear(ctx);
    if (pl->root && pl->root->kind == DEXT_DICT) {
        struct dx_resources in = {.ctx = ctx,
                                  .files = &files,
                                  .whole = &files,
                                  .base = "",
                                  .executable = "main",
                                  .root = pl->root,
                                  .report = &report,
                                  .nested = nested};
        sink += dx_verify_resources(&in);
    }
    for (size_t i = 0; i < report.count; i++) {
        sink += strlen(report.list[i].text) + strlen(report.list[i].file);
    }
    dext_ctx_free(ctx);
    return 0;
}
