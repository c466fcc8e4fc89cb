/* Any bytes as the signature of a slice: blobs, directories, requirements, entitlements, CMS. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sign/codesign.h"

static volatile size_t sink;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dx_report report = {.ctx = ctx, .file = "fuzz", .arch = ""};
    struct dx_str all = {dx_strndup(&ctx->arena, (const char *)data, size), size};
    struct dx_codesign *cs = dx_codesign_read(ctx, all, &report);
    for (size_t i = 0; i < cs->blob_count; i++) {
        const struct dx_blob *b = &cs->blobs[i];
        if (b->all.p < all.p || b->all.p + b->all.n > all.p + all.n || b->body.n > b->all.n) {
            abort();
        }
    }
    for (size_t i = 0; i < cs->directory_count; i++) {
        const struct dx_directory *d = &cs->directories[i];
        sink += strlen(d->cdhash) + strlen(d->identifier) + strlen(d->team);
        for (size_t k = 0; d->hashes && k < d->code_count && k < 8; k++) {
            sink += d->hashes[k * d->hash_size + d->hash_size - 1];
        }
        for (size_t k = 1; d->hashes && k <= d->special_count; k++) {
            sink += *(d->hashes - k * d->hash_size);
        }
    }
    for (size_t i = 0; i < cs->requirement_count; i++) {
        sink += strlen(cs->requirements[i].kind) + strlen(cs->requirements[i].text);
    }
    struct dx_str content = DX_STR("<plist/>");
    struct dx_special special[] = {{DX_SLOT_INFO, "Info.plist", "i", true, &content},
                                   {DX_SLOT_RESOURCES, "CodeResources", "r", true, NULL}};
    dx_verify_special(cs, special, 2, &report);
    dx_verify_cms(ctx, cs, &report);
    if (dx_signer_kind(cs) >= DEXT_SIGNER_DEVELOPMENT) {
        abort(); /* nothing that a fuzzer makes is signed by Apple */
    }
    for (size_t i = 0; i < report.count; i++) {
        sink += strlen(report.list[i].text);
    }
    dext_ctx_free(ctx);
    return 0;
}
