/* The binary reader. */
#include "walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first bytes are always those of a binary property list, so that no input is wasted. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *input = malloc(size + 8);
    if (!input) {
        abort();
    }
    memcpy(input, "bplist00", 8);
    bool whole = size >= 8 && memcmp(data, input, 8) == 0;
    memcpy(input + 8, data + (whole ? 8 : 0), size - (whole ? 8 : 0));
    walk_bytes(input, whole ? size : size + 8);
    free(input);
    return 0;
}
