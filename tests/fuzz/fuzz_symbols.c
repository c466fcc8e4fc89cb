/* Any bytes as a Mach-O file to find symbols in: slices, entries of a kernel collection, symbol
 * tables, function starts. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sign/symbols.h"

static volatile size_t sink;

#define ASKED 24

static void ask(struct dext_ctx *ctx, const struct dx_image *image, const struct dx_slice *s)
{
    struct dx_symbol_query q[ASKED] = {{0}};
    struct dx_symbol_facts facts;
    size_t n = 0;
    for (size_t i = 0; i < s->section_count && n + 3 < ASKED; i++) {
        q[n++].address = s->sections[i].address;
        q[n++].address = s->sections[i].address + s->sections[i].size / 2;
        q[n++].address = s->sections[i].address + s->sections[i].size;
    }
    dx_symbols_find(&facts, ctx, image, s, q, n);
    for (size_t i = 0; i < n; i++) {
        if ((q[i].name == NULL) == (q[i].why == NULL) || (q[i].name && q[i].start > q[i].address)) {
            abort(); /* an answer or a reason, and never a symbol behind the address */
        }
        sink += strlen(q[i].name ? q[i].name : q[i].why);
    }
    sink += facts.functions + facts.dwarf + (facts.fault ? strlen(facts.fault) : 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    char *copy = malloc(size ? size : 1);
    struct dx_macho *m = NULL;
    if (!copy) {
        abort();
    }
    memcpy(copy, data, size);
    struct dx_image image = dx_image_bytes("fuzz", copy, size);
    if (dx_macho_read(&m, ctx, &image) == DEXT_OK) {
        for (size_t i = 0; i < m->count; i++) {
            const struct dx_slice *s = &m->slices[i];
            ask(ctx, &image, s);
            for (size_t k = 0; k < s->entry_count && k < 16; k++) {
                struct dx_slice entry;
                dx_macho_entry(&entry, ctx, &image, s, &s->entries[k]);
                ask(ctx, &image, &entry);
            }
        }
    }
    free(copy);
    dext_ctx_free(ctx);
    return 0;
}
