/* One slice held against what its signature covers, and against its own designated requirement. */
#include <string.h>

#include "sign/signature.h"

/* __TEXT,__info_plist: the Info.plist of a program that is no bundle. */
static bool embedded_info(struct dext_ctx *ctx, const struct dx_image *image,
                          const struct dx_slice *m, struct dx_str *out)
{
    const struct dx_section *s = dx_macho_section(m, "__TEXT", "__info_plist");
    const unsigned char *p = s && s->size && s->size <= ctx->limits.file_bytes
                                 ? dx_slice_span(image, ctx, m, s->offset, (size_t)s->size)
                                 : NULL;
    *out = (struct dx_str){(const char *)p, p ? (size_t)s->size : 0};
    return p != NULL;
}

static bool has_special(const struct dx_codesign *cs, uint32_t slot)
{
    const struct dx_directory *d = cs->best;
    if (!d || slot > d->special_count) {
        return false;
    }
    const unsigned char *h = d->hashes - (size_t)slot * d->hash_size;
    for (unsigned i = 0; i < d->hash_size; i++) {
        if (h[i]) {
            return true;
        }
    }
    return false;
}

/* The Info.plist that the signature speaks of. known: whether it is at hand, or surely not there.
 */
struct own_info {
    struct dx_str text; /* p NULL: none */
    const char *file;
    bool known;
};

static struct own_info verify_info(const struct dx_code *code, struct dext_ctx *ctx,
                                   const struct dx_image *image, const struct dx_slice *m,
                                   const struct dx_codesign *cs)
{
    const struct dx_layout *l = &code->layout;
    if (code->files) {
        return (struct own_info){{l->info_source.data, l->info_source.size},
                                 l->info ? l->info->shown : code->pub.path,
                                 true};
    }
    /* A program alone may be the main one of a bundle, whose Info.plist is not at hand. */
    struct dx_str text;
    bool own = embedded_info(ctx, image, m, &text) && !has_special(cs, DX_SLOT_RESOURCES);
    bool sealed = has_special(cs, DX_SLOT_INFO);
    return (struct own_info){own ? text : (struct dx_str){NULL, 0}, code->report.file,
                             own || !sealed};
}

static void verify_parts(struct dx_code *code, const struct dx_codesign *cs,
                         const struct own_info *info, enum dx_depth depth)
{
    const struct dx_layout *l = &code->layout;
    struct dx_str seal = {l->seal_source.data, l->seal_source.size};
    struct dx_special special[] = {
        {DX_SLOT_INFO, "Info.plist", info->file, info->known, info->text.p ? &info->text : NULL},
        {DX_SLOT_RESOURCES, "CodeResources", l->seal ? l->seal->shown : code->pub.path,
         /* CodeResources of a large app is larger than all else */
         code->files && depth == DX_DEPTH_ALL, seal.p ? &seal : NULL},
    };
    if (!code->files && !has_special(cs, DX_SLOT_INFO)) {
        special[0].known = false; /* a tool may have one that nobody sealed */
    }
    dx_verify_special(cs, special, 2, &code->report);
}

/* ---- requirements -------------------------------------------------------------------------- */

static const struct dext_node *verify_info_root(const struct dx_code *code, struct dext_ctx *ctx,
                                                const struct own_info *info)
{
    if (code->files) {
        return code->layout.info_root;
    }
    if (!info->text.p) {
        return NULL;
    }
    struct dx_source src = dx_source_bytes(
        code->report.file, dx_strndup(&ctx->arena, info->text.p, info->text.n), info->text.n);
    return dx_code_plist(ctx, &src);
}

/* What is not sealed is not there for the system (StaticCode.cpp, component). */
static void verify_subject(struct dx_judged *out, const struct dx_code *code, struct dext_ctx *ctx,
                           const struct dx_codesign *cs, const struct own_info *info)
{
    const struct dx_directory *d = cs->best;
    bool sealed = has_special(cs, DX_SLOT_INFO);
    const char **hashes = dx_calloc(&ctx->arena, cs->directory_count + 1, sizeof *hashes);
    for (size_t i = 0; i < cs->directory_count; i++) {
        hashes[i] = cs->directories[i].cdhash;
    }
    *out = (struct dx_judged){
        .arch = code->report.arch,
        .identifier = d ? d->identifier : NULL,
        .cdhash = d ? d->cdhash : NULL,
        .cdhashes = hashes,
        .cdhash_count = cs->directory_count,
        .platform = d ? d->platform : 0,
        .ad_hoc = dx_is_ad_hoc(cs),
        .info = sealed ? verify_info_root(code, ctx, info) : NULL,
        .info_known = info->known,
        .entitlements = cs->der ? cs->der : cs->xml,
        .designated = cs->designated,
        .notarized = DEXT_UNKNOWN,
    };
    if (cs->cms_read && !out->ad_hoc) {
        out->chain = cs->cms.chain;
        out->chain_count = cs->cms.chain_count;
    }
}

/* codesign --verify asks for this beside all that is on disk; iOS has no use for it. */
static void verify_designated(struct dx_code *code, struct dext_ctx *ctx,
                              const struct dx_codesign *cs, const struct dx_judged *subject,
                              const char *platform)
{
    if (!cs->designated.n || !subject->identifier) {
        return;
    }
    struct dx_verdict v = dx_requirement_eval(ctx, cs->designated, subject);
    if (v.truth == DEXT_NO) {
        dx_report(&code->report, "requirement-failed",
                  "it does not satisfy its own designated requirement: %s", v.why)
            ->level = dx_platform_is_lenient(platform) ? DEXT_PROBLEM_WARNING : DEXT_PROBLEM_BROKEN;
    } else if (v.truth == DEXT_UNKNOWN) {
        dx_report_warning(&code->report, "requirement-unknown",
                          "whether it satisfies its own designated requirement cannot be told "
                          "here: %s",
                          v.why);
    }
}

void dx_slice_verify(struct dx_code *code, struct dext_ctx *ctx, const struct dx_image *image,
                     const struct dx_slice *m, const struct dx_codesign *cs, enum dx_depth depth,
                     struct dx_judged *subject)
{
    struct own_info info = verify_info(code, ctx, image, m, cs);
    verify_subject(subject, code, ctx, cs, &info);
    if (depth == DX_DEPTH_SHOW) {
        return;
    }
    if (depth == DX_DEPTH_ALL) {
        code->pub.pages += dx_verify_pages(ctx, image, m, cs, &code->report);
    }
    verify_parts(code, cs, &info, depth);
    dx_verify_cms(ctx, cs, &code->report);
    dx_check_directories(cs, m, &code->report);
    verify_designated(code, ctx, cs, subject, m->platform);
}
