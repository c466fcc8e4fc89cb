/* Any bytes as a property list in DER, the form of entitlements in signatures and of the second
 * copy in profiles. What comes back is walked, and compared with itself and with what XML says. */
#include <stdint.h>
#include <stdlib.h>

#include "rules/code.h"
#include "sign/codesign.h"
#include "sign/profile.h"

#include "walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dx_str der = {dx_strndup(&ctx->arena, (const char *)data, size), size};
    const struct dext_node *root = dx_der_plist(ctx, der);
    if (root) {
        struct dx_texts same = {0}, other = {0};
        sink += walk_node(root, size, 0);
        dx_node_differences(&same, ctx, root, root);
        if (same.count) {
            abort();
        }
        dx_node_differences(&other, ctx, root, NULL);
        for (const struct dext_node *n = root->kind == DEXT_DICT ? root->child : NULL; n;
             n = n->next) {
            (void)dx_granted(n, root, false);
        }
    } else {
        dext_ctx_clear(ctx);
    }
    dext_ctx_free(ctx);
    return 0;
}
