#include "sign/classes.h"

#include <string.h>

#define MOST_CLASSES 1024
#define MOST_NAMES 4096
#define MOST_DESCRIPTION ((uint32_t)64 * 1024)

struct reader {
    struct dext_ctx *ctx;
    const struct dx_image *image;
    const struct dx_slice *slice;
    uint64_t base;   /* address that offsets of chained fixups count from */
    uint32_t format; /* of pointers; 0: plain addresses */
};

/* Formats of chained pointers (mach-o/fixup-chains.h). */
enum {
    PTR_ARM64E = 1,
    PTR_64 = 2,
    PTR_64_OFFSET = 6,
    PTR_ARM64E_KERNEL = 7,
    PTR_ARM64E_USERLAND = 9,
    PTR_ARM64E_USERLAND24 = 12,
};

static const unsigned char *at_address(const struct reader *r, uint64_t address, size_t n)
{
    for (size_t i = 0; i < r->slice->segment_count; i++) {
        const struct dx_segment *g = &r->slice->segments[i];
        if (address >= g->address && address - g->address < g->file_size &&
            n <= g->file_size - (address - g->address)) {
            return dx_slice_span(r->image, r->ctx, r->slice, g->offset + (address - g->address), n);
        }
    }
    return NULL;
}

/* The format of the segment that holds the pointers; one image uses one in all of them. */
static uint32_t pointer_format(const struct reader *r)
{
    const struct dx_slice *s = r->slice;
    size_t n = (size_t)s->fixups_size;
    const unsigned char *h =
        n >= 28 ? dx_slice_span(r->image, r->ctx, s, s->fixups_offset, 28) : NULL;
    uint64_t starts = h ? dx_u32(h + 4, s->big) : 0;
    if (!h || starts > n || n - starts < 4) {
        return 0;
    }
    const unsigned char *p = dx_slice_span(r->image, r->ctx, s, s->fixups_offset + starts, 4);
    uint32_t count = p ? dx_u32(p, s->big) : 0;
    if (count > 256 || n - starts < 4 + (uint64_t)count * 4) {
        return 0;
    }
    for (uint32_t i = 0; i < count; i++) {
        p = dx_slice_span(r->image, r->ctx, s, s->fixups_offset + starts + 4 + (uint64_t)i * 4, 4);
        uint64_t at = p ? dx_u32(p, s->big) : 0;
        if (at && at + 22 <= n - starts) {
            p = dx_slice_span(r->image, r->ctx, s, s->fixups_offset + starts + at, 22);
            return p ? dx_u16(p + 6, s->big) : 0;
        }
    }
    return 0;
}

/* The address that a stored pointer stands for; 0: none inside of the image. */
static uint64_t classes_target(const struct reader *r, uint64_t raw)
{
    bool auth = raw >> 63,
         bind = r->format == PTR_64 || r->format == PTR_64_OFFSET ? raw >> 63 : raw >> 62 & 1;
    switch (r->format) {
    case 0:
        return raw;
    case PTR_64:
        return bind ? 0 : raw & 0xfffffffffULL;
    case PTR_64_OFFSET:
        return bind ? 0 : r->base + (raw & 0xfffffffffULL);
    case PTR_ARM64E:
        return bind ? 0 : auth ? r->base + (raw & 0xffffffffULL) : raw & 0x7ffffffffffULL;
    case PTR_ARM64E_KERNEL:
    case PTR_ARM64E_USERLAND:
    case PTR_ARM64E_USERLAND24:
        return bind ? 0 : r->base + (raw & (auth ? 0xffffffffULL : 0x7ffffffffffULL));
    default:
        return 0;
    }
}

static uint64_t pointer_at(const struct reader *r, uint64_t address)
{
    const unsigned char *p = at_address(r, address, 8);
    return p ? classes_target(r, dx_u64(p, r->slice->big)) : 0;
}

/* Names with a NUL behind each; empty ones are padding. In real drivers a byte with the length
 * stands before each of them. */
static const char *const *classes_names(const struct reader *r, const unsigned char *d, uint32_t n,
                                        const unsigned char *field, size_t *count)
{
    uint32_t size = dx_u32(field, r->slice->big), offset = dx_u32(field + 4, r->slice->big);
    const char **list = NULL;
    size_t cap = 0;
    *count = 0;
    if (offset > n || size > n - offset) {
        return NULL;
    }
    const char *p = (const char *)d + offset, *end = p + size;
    while (p < end && *count < MOST_NAMES) {
        size_t length = strnlen(p, (size_t)(end - p));
        size_t skip = length > 1 && (unsigned char)*p == length - 1;
        if (length) {
            *DX_PUSH(&r->ctx->arena, list, *count, cap) =
                dx_strndup(&r->ctx->arena, p + skip, length - skip);
        }
        p += length + 1;
    }
    return list;
}

static const char *classes_text(const struct reader *r, const unsigned char *p)
{
    return dx_strndup(&r->ctx->arena, (const char *)p, strnlen((const char *)p, 96));
}

static bool read_class(const struct reader *r, uint64_t info, struct dext_class *c)
{
    uint64_t address = pointer_at(r, info);
    const unsigned char *d = address ? at_address(r, address, 4) : NULL;
    uint32_t n = d ? dx_u32(d, r->slice->big) : 0;
    if (n < 248 || n > MOST_DESCRIPTION || !(d = at_address(r, address, n))) {
        return false;
    }
    *c = (struct dext_class){.name = classes_text(r, d + 4), .super = classes_text(r, d + 100)};
    c->queues = classes_names(r, d, n, d + 212, &c->queue_count);
    c->methods = classes_names(r, d, n, d + 220, &c->method_count);
    c->flags = dx_u64(d + 240, r->slice->big);
    return c->name[0] != 0;
}

void dx_classes_read(struct dx_classes *out, struct dext_ctx *ctx, const struct dx_image *image,
                     const struct dx_slice *slice)
{
    struct reader r = {.ctx = ctx, .image = image, .slice = slice};
    const struct dx_section *s = dx_macho_section(slice, NULL, "__osclassinfo");
    *out = (struct dx_classes){.fault = ""};
    if (!s || !slice->wide) {
        return;
    }
    for (size_t i = 0; i < slice->segment_count; i++) {
        const struct dx_segment *g = &slice->segments[i];
        r.base = strcmp(g->name, "__TEXT") == 0 ? g->address : r.base;
    }
    r.format = slice->fixups_size ? pointer_format(&r) : 0;
    uint64_t count = s->size / 8;
    for (uint64_t i = 0; i < count && i < MOST_CLASSES; i++) {
        uint64_t info = pointer_at(&r, s->address + i * 8);
        struct dext_class c;
        if (info && read_class(&r, info, &c)) {
            *DX_PUSH(&ctx->arena, out->list, out->count, out->cap) = c;
        } else {
            out->fault = "the section __osclassinfo holds an entry that leads nowhere";
        }
    }
}
