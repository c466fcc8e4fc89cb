/* The OpenStep reader, which reads project.pbxproj: what does not begin with "<" or "bplist". */
#include "walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size && data[0] != '<' && (size < 6 || memcmp(data, "bplist", 6) != 0)) {
        walk_bytes(data, size);
    }
    return 0;
}
