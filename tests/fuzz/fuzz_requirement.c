/* A requirement in source form or compiled, evaluated against code whose certificates are any bytes
 * as well. What is compiled here can be shown, and what is shown can be compiled to the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/ctx.h"
#include "base/source.h"
#include "sign/requirement.h"

static volatile size_t sink;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void evaluate(struct dext_ctx *ctx, struct dx_str blob, struct dx_str cert)
{
    static const char info[] = "<plist><dict><key>CFBundleVersion</key><string>1.10</string>"
                               "<key>L</key><array><array><string>a</string></array></array>"
                               "</dict></plist>";
    struct dx_source src = dx_source_bytes("info", info, sizeof info - 1);
    struct dx_cert certs[2] = {{.common_name = "Leaf", .organization = "O", .der = cert},
                               {.common_name = "Root", .organization = "O", .der = cert}};
    const struct dx_cert *chain[] = {&certs[0], &certs[1]};
    const char *hashes[] = {"0011223344556677889900112233445566778899"};
    struct dx_judged s = {.arch = "arm64",
                          .identifier = "com.example.driver",
                          .cdhash = hashes[0],
                          .cdhashes = hashes,
                          .cdhash_count = 1,
                          .info = dx_plist_load(ctx, &src)->root,
                          .info_known = true,
                          .notarized = DEXT_UNKNOWN};
    for (size_t n = 0; n <= 2; n++) {
        s.chain = chain;
        s.chain_count = n;
        struct dx_verdict v = dx_requirement_eval(ctx, blob, &s);
        if ((v.truth == DEXT_YES) != (v.why[0] == 0)) {
            abort();
        }
        sink += strlen(v.why) + dx_requirement_designated(ctx, &s, 1).n;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dx_str all = {dx_strndup(&ctx->arena, (const char *)data, size), size};
    struct dx_str blob = all;
    if (size < 4 || memcmp(data, "\xfa\xde\x0c\x00", 4) != 0) {
        blob = dx_requirement_compile(ctx, "fuzz", all.p);
    }
    const char *text = blob.n ? dx_requirement_text(ctx, blob) : NULL;
    if (blob.p != all.p && blob.n && text) {
        struct dx_str again = dx_requirement_compile(ctx, "again", text);
        if (!again.n || !dx_requirement_text(ctx, again) ||
            strcmp(dx_requirement_text(ctx, again), text) != 0) {
            abort();
        }
    }
    if (blob.n) {
        evaluate(ctx, blob, all);
    }
    dext_ctx_free(ctx);
    return 0;
}
