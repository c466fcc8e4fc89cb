/* Any bytes as a file with format strings, of one image and of a shared cache: references into all
 * of it. */
#include <stdint.h>

#include "unified/unified.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dext_unified *u = dx_unified_new(ctx, "input");
    for (int shared = 0; shared < 2; shared++) {
        struct dx_strings s = {.shared = shared, .data = data, .size = size};
        if (!dx_strings_parse(u, &s, "input")) {
            continue;
        }
        for (size_t i = 0; i < s.range_count && i < 64; i++) {
            uint64_t start = s.ranges[i].start;
            (void)dx_strings_format(u, &s, start, false);
            (void)dx_strings_format(u, &s, start + s.ranges[i].size / 2, false);
            (void)dx_strings_format(u, &s, start + s.ranges[i].size, false);
            (void)dx_strings_format(u, &s, start, true);
        }
    }
    dext_unified_close(u);
    dext_ctx_free(ctx);
    return 0;
}
