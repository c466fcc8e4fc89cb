/* Any bytes as entitlements in DER: whatever comes back is walked to its leaves. */
#include <stdint.h>
#include <string.h>

#include "sign/codesign.h"
#include "sign/profile.h"

static volatile size_t sink;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    const struct dext_node *n = dx_der_plist(ctx, (struct dx_str){(const char *)data, size});
    /* A value is the same as itself, and compared with nothing in every key. */
    struct dx_texts same = {0}, all = {0};
    dx_node_differences(&same, ctx, n, n);
    dx_node_differences(&all, ctx, n, NULL);
    for (size_t i = 0; i < all.count; i++) {
        sink += strlen(all.list[i]);
    }
    if (same.count > 0) {
        __builtin_trap();
    }
    dext_ctx_free(ctx);
    return 0;
}
