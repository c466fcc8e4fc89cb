/* A format string of the unified log, and behind its first 0 byte arguments as an entry stores
 * them: their number, items, values. */
#include <stdint.h>
#include <string.h>

#include "unified/unified.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dext_unified *u = dx_unified_new(ctx, "input");
    const uint8_t *end = size ? memchr(data, 0, size) : NULL;
    size_t n = end ? (size_t)(end - data) : size;
    struct dx_format f = {.text = {dx_strndup(&u->arena, (const char *)data, n), n}};
    struct dx_entry e = {.kind = DEXT_UNIFIED_LOG, .format = &f};
    struct dx_buf out;
    dx_buf_init(&out, &u->arena, DX_MESSAGE_BYTES);
    dx_format_parse(&u->arena, &f);
    if (end && size - n > 2) {
        const uint8_t *p = end + 1;
        size_t left = size - n - 1, items = p[1] < left - 2 ? p[1] : left - 2;
        e.count = p[0];
        e.items = p + 2;
        e.items_end = p + 2 + items;
        e.values = (struct dx_str){(const char *)p + 2 + items, left - 2 - items};
        e.secrets = e.values;
    }
    dx_render(u, &e, &out);
    if (e.values.n) {
        e.trace = true;
        dx_render(u, &e, &out);
    }
    dext_unified_close(u);
    dext_ctx_free(ctx);
    return 0;
}
