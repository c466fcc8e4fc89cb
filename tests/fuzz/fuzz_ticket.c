/* Any bytes as a notarization ticket, as the end of a package that may have one, and as the
 * entitlements of a signature, whose form is judged. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sign/entitlements_form.h"
#include "sign/ticket.h"

static volatile size_t sink;

struct whole {
    const uint8_t *data;
    size_t size;
};

static bool ticket_get(const void *user, uint64_t at, void *to, size_t n)
{
    const struct whole *w = user;
    if (at > w->size || n > w->size - at) {
        return false;
    }
    memcpy(to, w->data + at, n);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dx_str all = {dx_strndup(&ctx->arena, (const char *)data, size), size};
    struct dx_ticket t;
    if (dx_ticket_read(&t, ctx, all)) {
        if (!t.reason) {
            abort(); /* no certificate of Apple's has signed what a fuzzer makes */
        }
        static const unsigned char none[DX_TICKET_HASH];
        sink += strlen(t.reason) + (t.hashes && dx_ticket_names(&t, 2, none));
    }
    struct whole w = {data, size};
    struct dx_trailer trailer;
    if (dx_ticket_trailer(&trailer, size, ticket_get, &w) &&
        (trailer.at > size || trailer.length > size - trailer.at)) {
        abort();
    }
    struct dx_form_fault f = dx_entitlements_form(all);
    if (f.at > size) {
        abort();
    }
    sink += f.text ? strlen(f.text) : 0;
    dext_ctx_free(ctx);
    return 0;
}
