/* The signature of a disk image, as Security diskimagerep.cpp reads it: the last 512 bytes ("koly",
 * version 4) say where it lies; its code directory covers all that is before it, and as its special
 * slot 6 the trailer itself, with the signature's length as 0. Offsets in the trailer: those of
 * UDIF images as hdiutil writes them. What is in the image is not read. */
#include <string.h>

#include "base/path.h"
#include "sign/signature.h"

#define TRAILER 512
#define OFFSET_AT 296
#define LENGTH_AT 304
#define MOST_IMAGE_SIGNATURE ((uint64_t)64 << 20)

static bool image_is_trailer(const unsigned char *t)
{
    return memcmp(t, "koly", 4) == 0 && dx_u32(t + 4, true) == 4;
}

bool dx_is_disk_image(struct dext_ctx *ctx, const char *path)
{
    struct dx_file file = {.path = path, .shown = path, .disk = path, .target = ""};
    struct dx_image image;
    unsigned char t[TRAILER];
    bool is = false;
    if (dx_is_file(ctx, path) && dx_image_open(&image, ctx, &file) == DEXT_OK) {
        is = image.size >= TRAILER && dx_image_get(&image, image.size - TRAILER, t, TRAILER) &&
             image_is_trailer(t);
        dx_image_close(&image);
    }
    dext_ctx_clear(ctx); /* what could not be read is noted */
    return is;
}

/* Slot 6: the trailer, whose field for the length is 0 while it is hashed. */
static void image_special(const struct dx_codesign *cs, const unsigned char *trailer,
                          struct dx_report *r)
{
    unsigned char t[TRAILER];
    memcpy(t, trailer, TRAILER);
    memset(t + LENGTH_AT, 0, 8);
    struct dx_str content = {(const char *)t, TRAILER};
    struct dx_special special = {DX_SLOT_REP, "the trailer", r->file, true, &content};
    dx_verify_special(cs, &special, 1, r);
}

static void image_ticket(struct dx_code *code, struct dext_ctx *ctx, const struct dx_codesign *cs)
{
    const struct dx_blob *b = dx_codesign_blob(cs, DX_SLOT_TICKET);
    struct dx_ticket t;
    if (b) {
        bool is_one = dx_ticket_read(&t, ctx, b->body);
        dx_code_ticket(code, ctx, &t, is_one);
    }
}

static void image_signature(struct dx_code *code, struct dext_ctx *ctx,
                            const struct dx_image *image, const unsigned char *trailer,
                            enum dx_depth depth)
{
    struct dx_report *r = &code->report;
    uint64_t at = dx_u64(trailer + OFFSET_AT, true), n = dx_u64(trailer + LENGTH_AT, true);
    if (at == 0) {
        dx_report(r, "unsigned", "it is not signed");
        return;
    }
    code->slices[0].kind = DEXT_SIGNER_UNKNOWN;
    if (n > MOST_IMAGE_SIGNATURE || at > image->size - TRAILER || n != image->size - TRAILER - at) {
        dx_report(r, "signature-malformed",
                  "the signature does not lie between the image and its trailer");
        return;
    }
    const unsigned char *p = dx_image_span(image, ctx, at, (size_t)n);
    if (!p) {
        dx_report(r, "signature-malformed", "the signature cannot be read");
        return;
    }
    struct dx_slice m = {.arch = "",
                         .platform = "",
                         .minimum = "",
                         .sdk = "",
                         .fault = "",
                         .size = at + n,
                         .has_signature = true,
                         .signature_offset = at,
                         .signature_size = n};
    struct dx_codesign *cs = dx_codesign_read(ctx, (struct dx_str){(const char *)p, (size_t)n}, r);
    dx_slice_show(&code->slices[0], ctx, cs, r);
    if (depth != DX_DEPTH_SHOW) {
        if (depth == DX_DEPTH_ALL) {
            code->pub.pages += dx_verify_pages(ctx, image, &m, cs, r);
        }
        image_special(cs, trailer, r);
        dx_verify_cms(ctx, cs, r);
    }
    image_ticket(code, ctx, cs);
}

void dx_disk_image_read(struct dx_code *code, struct dext_ctx *ctx, enum dx_depth depth)
{
    struct dx_image image;
    unsigned char trailer[TRAILER];
    if (!dx_code_open_flat(code, ctx, &image, DEXT_FORM_IMAGE, depth)) {
        return;
    }
    if (image.size < TRAILER || !dx_image_get(&image, image.size - TRAILER, trailer, TRAILER) ||
        !image_is_trailer(trailer)) {
        code->pub.error =
            dx_sprintf(&ctx->arena, "%s: it has no trailer of a disk image", code->pub.path);
    } else {
        image_signature(code, ctx, &image, trailer, depth);
    }
    dx_image_close(&image);
}
