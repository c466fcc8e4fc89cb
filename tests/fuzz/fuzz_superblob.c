/* Any bytes as an embedded signature: blobs, code directories, requirements, entitlements in both
 * forms, CMS; then as one requirement. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sign/codesign.h"
#include "sign/requirement.h"

static volatile size_t sink;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dx_str bytes = {(const char *)data, size};
    struct dx_report r = {.ctx = ctx};
    const struct dx_codesign *cs = dx_codesign_read(ctx, bytes, &r);
    for (size_t i = 0; i < cs->directory_count; i++) {
        const struct dx_directory *d = &cs->directories[i];
        sink += strlen(d->identifier) + strlen(d->team) + strlen(d->cdhash);
        sink += d->hashes && d->code_count ? d->hashes[0] : 0;
    }
    for (size_t i = 0; i < cs->requirement_count; i++) {
        sink += strlen(cs->requirements[i].kind) + strlen(cs->requirements[i].text);
    }
    dx_verify_special(cs, NULL, 0, &r);
    dx_verify_cms(ctx, cs, &r);
    struct dx_texts differences = {0};
    dx_node_differences(&differences, ctx, cs->xml, cs->der);
    /* Nothing that a fuzzer makes is signed by Apple's customers. */
    if (dx_signer_kind(cs) == DEXT_SIGNER_DEVELOPER_ID) {
        abort();
    }
    const char *text = dx_requirement_text(ctx, bytes);
    sink += text ? strlen(text) : 0;
    dext_ctx_free(ctx);
    return 0;
}
