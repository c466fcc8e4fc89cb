/* The XML reader. */
#include "walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 6 || memcmp(data, "bplist", 6) != 0) {
        walk_bytes(data, size);
    }
    return 0;
}
