/* Any bytes as a signed program: slices, load commands, classes, signature, every page. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sign/signature.h"

static volatile size_t sink;

static void read_slice(const struct dext_slice *s)
{
    sink += strlen(s->arch) + strlen(s->platform) + strlen(s->minimum) + strlen(s->sdk) +
            strlen(s->uuid) + strlen(s->fault) + strlen(s->identifier) + strlen(s->team) +
            strlen(s->cdhash) + strlen(s->trust) + strlen(s->runtime);
    for (size_t i = 0; i < s->directory_count; i++) {
        sink += strlen(s->directories[i].cdhash) + strlen(s->directories[i].digest);
    }
    for (size_t i = 0; i < s->requirement_count; i++) {
        sink += strlen(s->requirements[i].text);
    }
    for (size_t i = 0; i < s->class_count; i++) {
        const struct dext_class *c = &s->classes[i];
        sink += strlen(c->name) + strlen(c->super);
        for (size_t k = 0; k < c->method_count; k++) {
            sink += strlen(c->methods[k]);
        }
        for (size_t k = 0; k < c->queue_count; k++) {
            sink += strlen(c->queues[k]);
        }
    }
    for (size_t i = 0; i < s->difference_count; i++) {
        sink += strlen(s->differences[i]);
    }
    if (s->kind >= DEXT_SIGNER_DEVELOPMENT) {
        abort(); /* nothing that a fuzzer makes is signed by Apple */
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dx_file file = {.path = "fuzz",
                           .shown = "fuzz",
                           .target = "",
                           .size = size,
                           .kept = true,
                           .data = {dx_strndup(&ctx->arena, (const char *)data, size), size}};
    struct dx_code code = {.file = &file};
    code.pub.path = "fuzz";
    code.pub.name = code.pub.bundle_id = code.pub.bundle_type = code.pub.executable = "";
    dx_code_read(&code, ctx, false);
    for (size_t i = 0; !code.pub.error && i < code.pub.slice_count; i++) {
        read_slice(&code.pub.slices[i]);
    }
    for (size_t i = 0; i < code.report.count; i++) {
        sink += strlen(code.report.list[i].text) + strlen(code.report.list[i].file);
    }
    dext_ctx_free(ctx);
    return 0;
}
