/* Any bytes as a Mach-O file, through all that `signature` does with one: slices, load commands,
 * classes, the signature in it, every page, and what lies between slices. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sign/classes.h"
#include "sign/codesign.h"

static volatile size_t sink;

static void read_slice(struct dext_ctx *ctx, const struct dx_image *image, const struct dx_slice *s)
{
    struct dx_classes classes = {0};
    dx_classes_read(&classes, ctx, image, s);
    sink += strlen(classes.fault) + strlen(s->fault) + strlen(s->platform) + strlen(s->minimum);
    for (size_t i = 0; i < classes.count; i++) {
        sink += strlen(classes.list[i].name) + strlen(classes.list[i].super);
    }
    const unsigned char *p = s->has_signature ? dx_slice_span(image, ctx, s, s->signature_offset,
                                                              (size_t)s->signature_size)
                                              : NULL;
    if (p) {
        struct dx_report r = {.ctx = ctx};
        struct dx_str bytes = {(const char *)p, (size_t)s->signature_size};
        const struct dx_codesign *cs = dx_codesign_read(ctx, bytes, &r);
        sink += (size_t)dx_verify_pages(ctx, image, s, cs, &r);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dx_image image = dx_image_bytes("fuzz", data, size);
    struct dx_macho *m;
    if (dx_macho_read(&m, ctx, &image) == DEXT_OK) {
        struct dx_report r = {.ctx = ctx};
        for (size_t i = 0; i < m->count; i++) {
            read_slice(ctx, &image, &m->slices[i]);
        }
        dx_verify_gaps(&image, m, &r);
    } else if (!dext_ctx_error(ctx)) {
        abort();
    }
    dext_ctx_free(ctx);
    return 0;
}
