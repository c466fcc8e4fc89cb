#include "panic/symbolicate.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sign/symbols.h"

/* ---- images -------------------------------------------------------------------------------- */

struct images {
    struct dext_panic_image *list;
    size_t count;
};

/* The image of a frame; user space has none. */
static struct dext_panic_image *symbolicate_image_of(struct images *all,
                                                     const struct dext_panic_frame *f)
{
    if (!f->kext && !(f->address >> 63)) {
        return NULL;
    }
    for (size_t i = 0; i < all->count; i++) {
        if (all->list[i].kext == f->kext) {
            return &all->list[i];
        }
    }
    return NULL;
}

/* Kernel first, then kexts as they stand in the report; of a kext that is listed twice (as a
 * dependency, too) the entry that its frames point to. */
static void symbolicate_collect(struct images *all, struct dext_ctx *ctx,
                                const struct dext_panic *p)
{
    size_t most = p->kext_count + 1, n = p->frame_count + (p->fault != NULL);
    all->list = dx_calloc(&ctx->arena, most, sizeof *all->list);
    for (size_t k = 0; k < most; k++) {
        const struct dext_panic_kext *kext = k ? &p->kexts[k - 1] : NULL;
        size_t frames = 0;
        for (size_t i = 0; i < n; i++) {
            const struct dext_panic_frame *f = i < p->frame_count ? &p->frames[i] : p->fault;
            frames += f->kext == kext && (kext || f->address >> 63);
        }
        if (frames) {
            all->list[all->count++] = (struct dext_panic_image){
                .kext = kext, .frames = frames, .arch = p->arch, .why = "", .segment = ""};
        }
    }
}

/* ---- looking up ---------------------------------------------------------------------------- */

/* "Kernel trap at 0x...": the instruction that failed. The trap handler puts it into the chain of
 * frames as if it had called (xnu osfmk/x86_64/idt64.s, trap_from_kernel). */
static struct dext_address trap_of(const struct dext_panic *p)
{
    static const char words[] = "Kernel trap at 0x";
    struct dext_address a = {p->fault != NULL, p->fault ? p->fault->address : 0};
    const char *s = a.known ? NULL : strstr(p->reason, words);
    if (s) {
        char *end;
        a.value = strtoull(s + sizeof words - 1, &end, 16);
        a.known = end != s + sizeof words - 1;
    }
    return a;
}

struct lookup {
    const struct dext_panic_frame *frame;
    struct dext_panic_spot *spot;
    uint64_t in_file; /* of the report's address */
};

struct lookups {
    struct lookup *list;
    size_t count;
};

static void symbolicate_look_up(struct dx_symbolication *x, struct dext_panic_image *image,
                                const struct dx_image *file, const struct dx_slice *slice,
                                struct lookups *all)
{
    struct dx_symbol_query *q = dx_calloc(&x->ctx->arena, all->count + 1, sizeof *q);
    struct lookup **asked = dx_calloc(&x->ctx->arena, all->count + 1, sizeof *asked);
    struct dx_symbol_facts facts;
    size_t n = 0;
    for (size_t i = 0; i < all->count; i++) {
        struct lookup *l = &all->list[i];
        if (l->spot->image != image) {
            continue;
        }
        if (!dx_image_address(x, image, slice, l->frame->address, &l->in_file)) {
            l->spot->why = image->linked.known ? dx_sprintf(&x->ctx->arena,
                                                            "the address is not in %s, the segment "
                                                            "whose place the report gives",
                                                            image->segment)
                                               : image->why;
            continue;
        }
        l->spot->lookup = (struct dext_address){true, l->in_file - !l->spot->exact};
        q[n].address = l->spot->lookup.value;
        asked[n++] = l;
    }
    dx_symbols_find(&facts, x->ctx, file, slice, q, n);
    for (size_t i = 0; i < n; i++) {
        asked[i]->spot->symbol = q[i].name;
        asked[i]->spot->offset = q[i].name ? asked[i]->in_file - q[i].start : 0;
        asked[i]->spot->why = q[i].why;
    }
    image->dwarf = facts.dwarf;
    if (facts.fault) {
        image->note = facts.fault;
    } else if (!facts.dwarf && !image->note) {
        image->note = facts.debug_map
                          ? "no line numbers: the file only names the object files that "
                            "hold its DWARF; dsymutil makes a dSYM of them where it "
                            "was built"
                          : "no line numbers: the file has no DWARF; its dSYM has";
    }
}

static void symbolicate_explain(struct lookups *all, const struct dext_panic_image *image,
                                const char *why)
{
    for (size_t i = 0; i < all->count; i++) {
        if (all->list[i].spot->image == image) {
            all->list[i].spot->why = why;
        }
    }
}

static void one_image(struct dx_symbolication *x, struct dext_panic_image *image,
                      struct lookups *all)
{
    struct dx_image file;
    struct dx_slice slice;
    struct dx_binary *b = dx_image_find(x, image);
    if (!b) {
        image->fetch = dx_image_fetch(x, image);
        dx_image_place(x, image, NULL);
        symbolicate_explain(all, image,
                            image->state == DEXT_IMAGE_OTHER
                                ? "only another build of its file was given"
                                : "its file was not given");
        return;
    }
    image->file = b->path;
    if (dx_binary_open(&file, &slice, x->ctx, b) != DEXT_OK) {
        image->note = dx_strdup(&x->ctx->arena, dext_ctx_error(x->ctx));
        dext_ctx_clear(x->ctx);
        dx_image_place(x, image, NULL);
        symbolicate_explain(all, image, "its file cannot be read");
        return;
    }
    image->collection = b->entry != SIZE_MAX;
    image->arch = slice.arch;
    image->uuid = b->uuid;
    dx_image_place(x, image, &slice);
    symbolicate_look_up(x, image, &file, &slice, all);
    dx_image_close(&file);
}

void dext_panic_symbolicate(const struct dext_panic_symbols **out, struct dext_ctx *ctx,
                            const struct dext_panic *p, struct dext_symbols *s)
{
    struct dx_symbolication x = {.ctx = ctx, .panic = p, .symbols = s};
    struct dext_panic_symbols *r = dx_alloc(&ctx->arena, sizeof *r);
    size_t n = p->frame_count + (p->fault != NULL);
    struct dext_panic_spot *spots = dx_calloc(&ctx->arena, n + 1, sizeof *spots);
    struct lookups all = {dx_calloc(&ctx->arena, n + 1, sizeof *all.list), n};
    struct images images;
    struct dext_address trap = trap_of(p);
    images.count = 0;
    symbolicate_collect(&images, ctx, p);
    for (size_t i = 0; i < n; i++) {
        const struct dext_panic_frame *f = i < p->frame_count ? &p->frames[i] : p->fault;
        all.list[i] = (struct lookup){.frame = f, .spot = &spots[i]};
        spots[i].image = symbolicate_image_of(&images, f);
        spots[i].exact = i == p->frame_count || (trap.known && f->address == trap.value);
        spots[i].why = spots[i].image ? NULL : "not an address of the kernel";
    }
    for (size_t i = 0; i < images.count; i++) {
        one_image(&x, &images.list[i], &all);
    }
    r->images = images.list;
    r->image_count = images.count;
    r->frames = spots;
    r->fault = p->fault ? &spots[p->frame_count] : NULL;
    *out = r;
}
