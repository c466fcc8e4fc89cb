/* Any bytes as a panic report; what comes back is read. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dext/panic.h"

static volatile size_t sink;

static void read_report(const struct dext_panic *p)
{
    sink += strlen(p->reason) + strlen(p->os_build) + strlen(p->kernel_version) + strlen(p->task) +
            strlen(p->arch) + strlen(p->model) + strlen(p->form) + strlen(p->system) +
            strlen(p->bridge_build) + strlen(p->kernel_uuid) + strlen(p->cache_uuid);
    for (size_t i = 0; i < p->kext_count; i++) {
        sink += strlen(p->kexts[i].id) + strlen(p->kexts[i].version) + strlen(p->kexts[i].uuid);
    }
    for (size_t i = 0; i < p->frame_count; i++) {
        const struct dext_panic_frame *f = &p->frames[i];
        if (f->kext && f->kext->end && (f->address < f->kext->start || f->address > f->kext->end)) {
            abort();
        }
        sink += strlen(f->image) + strlen(f->symbol);
    }
    for (size_t i = 0; i < p->last_count; i++) {
        sink += strlen(p->last[i].id) + strlen(p->last[i].version);
    }
    if (p->foreign && (!p->foreign->kext || p->foreign->kext->of_apple)) {
        abort();
    }
    for (size_t i = 0; i < p->sign_count; i++) {
        sink += strlen(p->signs[i].subject);
    }
}

/* What is said of the report's images when no file is at hand. */
static void read_images(struct dext_ctx *ctx, const struct dext_panic *p)
{
    const struct dext_panic_symbols *s;
    size_t frames = 0;
    dext_panic_symbolicate(&s, ctx, p, NULL);
    for (size_t i = 0; i < s->image_count; i++) {
        sink += strlen(s->images[i].why) + strlen(s->images[i].segment) +
                strlen(s->images[i].fetch) + strlen(s->images[i].uuid);
        frames += s->images[i].frames;
    }
    if (frames > p->frame_count + 1 || (s->fault != NULL) != (p->fault != NULL)) {
        abort();
    }
    for (size_t i = 0; i < p->frame_count; i++) {
        if (s->frames[i].symbol || !s->frames[i].why) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dext_panic *p;
    char *copy = malloc(size ? size : 1);
    if (copy && size) {
        memcpy(copy, data, size);
    }
    if (copy && dext_panic_parse(&p, ctx, "fuzz", copy, size) == DEXT_OK) {
        read_report(p);
        read_images(ctx, p);
    }
    free(copy);
    dext_ctx_free(ctx);
    return 0;
}
