/* Signatures that lie in files of _CodeSignature: of bundles without a program, codeless kexts
 * above all, and of those whose program is a script. What covers the pages of a program covers
 * Info.plist or the script there, as one page. */
#include <string.h>

#include "sign/signature.h"

#define MOST_PART ((size_t)16 << 20)

/* Security codedirectory.cpp, canonicalSlotName; the further directories are called so there. */
static const struct {
    uint32_t slot;
    const char *name;
} part_names[] = {
    {DX_SLOT_DIRECTORY, "CodeDirectory"},
    {DX_SLOT_ALTERNATE, "CodeRequirements-1"},
    {DX_SLOT_ALTERNATE + 1, "CodeRequirements-2"},
    {DX_SLOT_ALTERNATE + 2, "CodeRequirements-3"},
    {DX_SLOT_ALTERNATE + 3, "CodeRequirements-4"},
    {DX_SLOT_ALTERNATE + 4, "CodeRequirements-5"},
    {DX_SLOT_REQUIREMENTS, "CodeRequirements"},
    {DX_SLOT_APPLICATION, "CodeTopDirectory"},
    {DX_SLOT_ENTITLEMENTS, "CodeEntitlements"},
    {DX_SLOT_REP, "CodeRepSpecific"},
    {DX_SLOT_DER, "CodeEntitlementDER"},
    {DX_SLOT_CONSTRAINT, "LaunchConstraintSelf"},
    {DX_SLOT_CONSTRAINT + 1, "LaunchConstraintParent"},
    {DX_SLOT_CONSTRAINT + 2, "LaunchConstraintResponsible"},
    {DX_SLOT_CONSTRAINT + 3, "LibraryConstraint"},
    {DX_SLOT_CMS, "CodeSignature"},
};
#define PARTS (sizeof part_names / sizeof *part_names)

bool dx_is_signature_part(const char *name)
{
    for (size_t i = 0; i < PARTS; i++) {
        if (strcmp(part_names[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void part_number(struct dx_buf *b, uint32_t v)
{
    char bytes[4] = {(char)(v >> 24), (char)(v >> 16), (char)(v >> 8), (char)v};
    dx_buf_add(b, bytes, 4);
}

/* The part as it stands in a signature of one piece: some lie bare in their files. */
static void part_add(struct dx_buf *b, uint32_t slot, const struct dx_source *src)
{
    if (slot == DX_SLOT_CMS || slot == DX_SLOT_APPLICATION || slot == DX_SLOT_REP) {
        part_number(b, 0xfade0b01);
        part_number(b, (uint32_t)src->size + 8);
    }
    dx_buf_add(b, src->data, src->size);
}

/* All parts as one signature, for the reader of such. n 0: there is no code directory. */
static struct dx_str parts_join(struct dx_code *code, struct dext_ctx *ctx)
{
    struct dx_source src[PARTS];
    const char *base = code->layout.base;
    uint32_t at, count = 0;
    struct dx_buf head, body;
    dx_buf_init(&head, &ctx->arena, MOST_PART);
    dx_buf_init(&body, &ctx->arena, MOST_PART);
    bool have[PARTS] = {false};
    for (size_t i = 0; i < PARTS; i++) {
        const struct dx_file *f =
            dx_files_find(code->files, dx_sprintf(&ctx->arena, "%s%s_CodeSignature/%s", base,
                                                  base[0] ? "/" : "", part_names[i].name));
        have[i] = f && f->kind == DX_FILE_REGULAR && dx_code_load(code, ctx, f, &src[i]);
        count += have[i];
    }
    if (!have[0]) {
        return (struct dx_str){"", 0};
    }
    at = 12 + count * 8;
    part_number(&head, 0xfade0cc0);
    part_number(&head, 0); /* its length */
    part_number(&head, count);
    for (size_t i = 0; i < PARTS; i++) {
        if (have[i]) {
            part_number(&head, part_names[i].slot);
            part_number(&head, at + (uint32_t)body.n);
            part_add(&body, part_names[i].slot, &src[i]);
        }
    }
    dx_buf_add(&head, body.n ? body.p : "", body.n);
    if (head.toobig || body.toobig) {
        return (struct dx_str){"", 0};
    }
    for (int i = 0; i < 4; i++) {
        head.p[4 + i] = (char)(head.n >> (24 - 8 * i));
    }
    return dx_buf_str(&head);
}

bool dx_code_read_files(struct dx_code *code, struct dext_ctx *ctx, enum dx_depth depth)
{
    const struct dx_file *covered = code->file ? code->file : code->layout.info;
    struct dx_str data = covered ? parts_join(code, ctx) : (struct dx_str){"", 0};
    struct dx_image image;
    dext_ctx_clear(ctx);
    if (!data.n) {
        return false;
    }
    if (dx_image_open(&image, ctx, covered) != DEXT_OK) {
        code->pub.error = dx_strdup(&ctx->arena, dext_ctx_error(ctx));
        dext_ctx_clear(ctx);
        return true;
    }
    struct dx_slice m = {.size = image.size,
                         .signature_offset = image.size,
                         .arch = "",
                         .platform = "",
                         .minimum = "",
                         .sdk = "",
                         .fault = ""};
    dx_code_make_slices(code, ctx, 1);
    code->pub.slice_count = 1;
    code->report.file = covered->shown;
    dx_slice_head(code->slices, &m);
    struct dx_codesign *cs = dx_codesign_read(ctx, data, &code->report);
    dx_slice_show(code->slices, ctx, cs, &code->report);
    dx_slice_verify(code, ctx, &image, &m, cs, depth, code->subjects);
    dx_image_close(&image);
    return true;
}
