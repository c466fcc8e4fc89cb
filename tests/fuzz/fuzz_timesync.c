/* Any bytes as a timesync file; every boot's clock is asked around each of its records. */
#include <stdint.h>

#include "unified/unified.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dext_unified *u = dx_unified_new(ctx, "input");
    int zone;
    dx_clock_read(u, "input", data, size);
    dx_clock_ready(u);
    for (size_t i = 0; i < u->boot_count; i++) {
        const struct dx_boot *b = u->boots[i];
        int64_t first, last;
        (void)dx_clock_wall(b, UINT64_MAX, &zone);
        for (size_t k = 0; k < b->count && k < 64; k++) {
            (void)dx_clock_wall(b, b->syncs[k].ticks, &zone);
            (void)dx_clock_wall(b, b->syncs[k].ticks - 1, &zone);
        }
        dx_clock_span(b, 0, UINT64_MAX, &first, &last);
    }
    dext_unified_close(u);
    dext_ctx_free(ctx);
    return 0;
}
