/* Any bytes as an installer package and as a disk image: table of contents, signatures, members,
 * ticket. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sign/package.h"

static volatile size_t sink;

static void package_walk(const struct dx_code *code)
{
    for (size_t i = 0; i < code->report.count; i++) {
        sink += strlen(code->report.list[i].text);
    }
    for (size_t i = 0; i < code->pub.slice_count; i++) {
        const struct dext_slice *s = &code->pub.slices[i];
        if (s->kind >= DEXT_SIGNER_DEVELOPMENT) {
            abort(); /* nothing that a fuzzer makes is signed by Apple */
        }
        sink += strlen(s->identifier) + strlen(s->team) + s->chain_count;
    }
    sink += code->pub.error ? strlen(code->pub.error) : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dx_file file = {
        .path = "fuzz", .shown = "fuzz", .target = "", .kept = true, .size = size};
    file.data = (struct dx_str){dx_strndup(&ctx->arena, (const char *)data, size), size};
    struct dx_code package = {.pub.path = "fuzz", .pub.name = "", .file = &file}, image = package;
    dx_package_read(&package, ctx, DX_DEPTH_ALL);
    package_walk(&package);
    dx_disk_image_read(&image, ctx, DX_DEPTH_ALL);
    package_walk(&image);
    dext_ctx_free(ctx);
    return 0;
}
