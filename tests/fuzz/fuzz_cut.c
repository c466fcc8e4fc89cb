/* Any text, cut into its pieces: every line belongs to one, and every piece keeps its lines in
 * their places. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "explain/cut.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t newlines(struct dx_str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        n += s.p[i] == '\n';
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dx_arena a = {0};
    struct dx_cut cut;
    char *text = dx_alloc(&a, size + 1);
    memcpy(text, data, size);
    for (size_t i = 0; i < size; i++) {
        text[i] = text[i] ? text[i] : ' '; /* a text has no NUL */
    }
    dx_cut_text(&cut, (struct dx_str){text, size}, &a);
    for (size_t i = 0; i < cut.lines; i++) {
        if (cut.what[i] >= DX_CUT_KINDS) {
            abort();
        }
    }
    for (unsigned k = 0; k < DX_CUT_KINDS; k++) {
        struct dx_str copy = dx_cut_copy(&cut, DX_CUT_BIT(k), &a);
        if (newlines(copy) != cut.lines || copy.n > size + 1 || copy.p[copy.n] != 0) {
            abort();
        }
    }
    dx_arena_free(&a);
    return 0;
}
