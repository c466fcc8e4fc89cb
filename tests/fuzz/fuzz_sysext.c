/* Any bytes as a list of system extensions; everything that comes back is read. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dext/sysext.h"

static volatile size_t sink;

static void read_list(const struct dext_sysext *list)
{
    size_t rows = 0;
    for (size_t i = 0; i < list->extension_count; i++) {
        const struct dext_sysext_extension *e = &list->extensions[i];
        sink += strlen(e->id) + strlen(e->team) + (e->note ? strlen(e->note) : 0);
        for (size_t k = 0; k < e->row_count; k++) {
            const struct dext_sysext_row *r = e->rows[k];
            sink += strlen(r->category) + strlen(r->version) + strlen(r->build) + strlen(r->name) +
                    strlen(r->state) + strlen(dext_attention_name(r->attention));
        }
        if (!e->judged || e->row_count == 0) {
            abort();
        }
        rows += e->row_count;
    }
    if (rows != list->row_count) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dext_sysext *list;
    char *copy = malloc(size ? size : 1); /* exact size: a read past the end is seen */
    if (copy && size) {
        memcpy(copy, data, size);
    }
    if (copy && dext_sysext_parse(&list, ctx, "fuzz", copy, size) == DEXT_OK) {
        read_list(list);
    }
    free(copy);
    dext_ctx_free(ctx);
    return 0;
}
