/* Bytes as YAML: the events make a tree with places in the text. */
#include "project/yaml.h"
#include "walk.h"

#include "plist/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dext_limits limits = {.size = sizeof limits, .plist_nodes = 20000};
    struct dext_ctx *ctx = dext_ctx_new(&limits);
    char *copy = malloc(size + 1);
    memcpy(copy, data, size);
    copy[size] = 0;
    struct dx_source src = dx_source_bytes("project.yml", copy, size);
    struct dext_plist *pl = dx_plist_load_by(ctx, &src, dx_yaml_read);
    if (pl->root) {
        sink += walk_node(pl->root, size, 0);
    }
    if (pl->stopped && !pl->reason[0]) {
        abort();
    }
    dext_ctx_free(ctx);
    free(copy);
    return 0;
}
