/* One bundle or Mach-O file: everything about its signature, read and verified. */
#include <stdio.h>
#include <string.h>

#include "bundle/bundle.h"
#include "sign/classes.h"
#include "sign/profile.h"
#include "sign/resources.h"
#include "sign/signature.h"

/* A signature of a program of 1 GB has 15 MB. */
#define MOST_SIGNATURE ((uint64_t)64 << 20)

void dx_code_make_slices(struct dx_code *code, struct dext_ctx *ctx, size_t count)
{
    code->slices = dx_calloc(&ctx->arena, count + 1, sizeof *code->slices);
    code->subjects = dx_calloc(&ctx->arena, count + 1, sizeof *code->subjects);
    code->pub.slices = code->slices;
}

/* ---- one slice ----------------------------------------------------------------------------- */

static void signature_code_read_slice(struct dx_code *code, struct dext_ctx *ctx,
                                      const struct dx_image *image, const struct dx_slice *m,
                                      enum dx_depth depth, size_t index)
{
    struct dext_slice *s = &code->slices[index];
    struct dx_judged *subject = &code->subjects[index];
    struct dx_report *r = &code->report;
    struct dx_classes classes;
    r->arch = m->arch;
    dx_slice_head(s, m);
    if (m->fault[0]) {
        dx_report(r, "file-malformed", "the slice cannot be read: %s", m->fault);
        return;
    }
    if (depth != DX_DEPTH_RIGHTS) {
        dx_classes_read(&classes, ctx, image, m);
        s->classes = classes.list;
        s->class_count = classes.count;
        if (classes.fault[0]) {
            dx_report_warning(r, "classes-unreadable", "not every class could be read: %s",
                              classes.fault);
        }
    }
    if (!m->has_signature || m->signature_size == 0) {
        return;
    }
    const unsigned char *p =
        m->signature_size <= MOST_SIGNATURE
            ? dx_slice_span(image, ctx, m, m->signature_offset, (size_t)m->signature_size)
            : NULL;
    if (!p) {
        s->kind = DEXT_SIGNER_UNKNOWN;
        dx_report(r, "signature-malformed", "the signature cannot be read");
        return;
    }
    struct dx_str data = {(const char *)p, (size_t)m->signature_size};
    struct dx_codesign *cs = dx_codesign_read(ctx, data, r);
    dx_slice_show(s, ctx, cs, r);
    dx_slice_verify(code, ctx, image, m, cs, depth, subject);
}

/* ---- the whole ----------------------------------------------------------------------------- */

static bool all_damaged(const struct dext_code *c)
{
    size_t n = 0;
    while (n < c->slice_count && c->slices[n].fault[0]) {
        n++;
    }
    return n == c->slice_count && n > 0;
}

/* xnu kern_exec.c, exec_fat_imgact, and mach_fat.c, fatfile_validate_fatarches: programs are
 * started from tables of 32-bit offsets alone. */
static void code_check_table(const struct dx_macho *m, struct dx_report *r)
{
    for (size_t i = 0; i < m->count && m->wide_table; i++) {
        if (m->slices[i].file_type == DX_FILE_EXECUTE) {
            dx_report(r, "wide-table",
                      "its table of slices has 64-bit offsets, from which the kernel starts no "
                      "program");
            return;
        }
    }
}

static void read_macho(struct dx_code *code, struct dext_ctx *ctx, enum dx_depth depth)
{
    struct dx_image image;
    struct dx_macho *m;
    dext_ctx_clear(ctx);
    int status = dx_image_open(&image, ctx, code->file);
    code->report.file = code->file->shown;
    if (status == DEXT_OK) {
        status = dx_macho_read(&m, ctx, &image);
        if (status != DEXT_OK) {
            dx_image_close(&image);
        }
    }
    if (status != DEXT_OK) {
        code->pub.error = dx_strdup(&ctx->arena, dext_ctx_error(ctx));
        dext_ctx_clear(ctx);
        return;
    }
    if (m->fault[0]) {
        dx_report(&code->report, "file-malformed", "%s", m->fault);
    }
    code_check_table(m, &code->report);
    dx_code_make_slices(code, ctx, m->count);
    for (size_t i = 0; i < m->count; i++) {
        signature_code_read_slice(code, ctx, &image, &m->slices[i], depth, i);
        code->pub.slice_count = i + 1;
    }
    code->report.arch = "";
    if (depth == DX_DEPTH_ALL) {
        dx_verify_gaps(&image, m, &code->report);
    }
    dx_image_close(&image);
    dx_slices_compare(code, ctx);
    if (all_damaged(&code->pub)) {
        code->pub.error = dx_sprintf(&ctx->arena, "%s: a damaged Mach-O file: %s",
                                     code->file->shown, code->slices[0].fault);
    }
}

static void signature_code_read_profile(struct dx_code *code, struct dext_ctx *ctx)
{
    struct dx_source src;
    struct dx_profile *p;
    const struct dx_file *f = code->layout.profile;
    if (!f || !dx_code_load(code, ctx, f, &src)) {
        return;
    }
    const char *file = code->report.file;
    code->report.file = f->shown;
    if (dx_profile_parse(&p, ctx, &src) != DEXT_OK) {
        dx_report_warning(&code->report, "profile-unreadable",
                          "the provisioning profile cannot be read: %s", dext_ctx_error(ctx));
        dext_ctx_clear(ctx);
    } else {
        code->pub.profile = &p->pub;
        if (p->pub.trust == DEXT_PROFILE_BROKEN) {
            dx_report(&code->report, "profile-broken", "the provisioning profile's signature: %s",
                      p->pub.trust_reason);
        }
    }
    code->report.file = file;
}

/* Of an archive not every file is kept. */
static bool code_is_at_hand(const struct dx_file *f)
{
    return f->disk || f->kept;
}

void dx_code_read(struct dx_code *code, struct dext_ctx *ctx, enum dx_depth depth)
{
    struct dx_layout *l = &code->layout;
    struct dext_code *pub = &code->pub;
    code->report.ctx = ctx;
    code->report.file = pub->path;
    code->report.arch = "";
    pub->executable = code->file ? code->file->shown : "";
    pub->verified = depth != DX_DEPTH_SHOW;
    pub->hashed = depth == DX_DEPTH_ALL;
    pub->bundle_id = dx_code_text(l->info_root, "CFBundleIdentifier");
    pub->bundle_type = dx_code_text(l->info_root, "CFBundlePackageType");
    pub->personalities = dx_get_kind(l->info_root, "IOKitPersonalities", DEXT_DICT);
    pub->ticket_reason = "";
    if (l->seal && depth != DX_DEPTH_RIGHTS && !dx_code_load(code, ctx, l->seal, &l->seal_source)) {
        l->seal_source = (struct dx_source){0};
    }
    pub->sealed = depth == DX_DEPTH_RIGHTS ? l->seal != NULL : l->seal_source.data != NULL;
    if (code->file &&
        (!code->files || !code_is_at_hand(code->file) || dx_is_macho_file(ctx, code->file))) {
        read_macho(code, ctx, depth);
    } else if (!dx_code_read_files(code, ctx, depth)) {
        dx_report(&code->report, "unsigned",
                  code->file ? "it is not signed: its program is no Mach-O file, and there is no "
                               "_CodeSignature/CodeDirectory"
                             : "it is not signed: it has no program, and there is no "
                               "_CodeSignature/CodeDirectory");
    }
    signature_code_read_profile(code, ctx);
    code->report.file = pub->path;
}

bool dx_platform_is_lenient(const char *platform)
{
    static const char *const systems[] = {"iOS", "tvOS", "watchOS", "visionOS", "bridgeOS"};
    for (size_t k = 0; k < sizeof systems / sizeof *systems; k++) {
        if (strncmp(platform, systems[k], strlen(systems[k])) == 0) {
            return true;
        }
    }
    return false;
}

bool dx_code_is_lenient(const struct dext_code *code)
{
    for (size_t i = 0; i < code->slice_count; i++) {
        if (dx_platform_is_lenient(code->slices[i].platform)) {
            return true;
        }
    }
    return false;
}

/* A bundle that is signed has CodeResources (Security StaticCode.cpp, loadResources). */
static bool code_is_sealed(struct dx_code *code)
{
    bool is_signed = false;
    for (size_t i = 0; i < code->pub.slice_count; i++) {
        is_signed |= code->slices[i].kind != DEXT_SIGNER_NONE;
    }
    if (is_signed && !code->layout.seal) {
        dx_report(
            &code->report, "resources-missing",
            "the program is signed, the bundle is not: there is no CodeResources, which seals "
            "its files");
    }
    return code->pub.sealed;
}

void dx_code_seal(struct dx_code *code, struct dext_ctx *ctx,
                  const struct dext_code *(*nested)(const void *user, const char *path),
                  const void *user)
{
    const struct dx_layout *l = &code->layout;
    code->report.file = code->pub.path;
    code->report.arch = "";
    if (!code_is_sealed(code)) {
        return;
    }
    dx_check_envelope(code, ctx);
    const char *executable = l->executable ? l->executable->path : "";
    size_t n = strlen(l->base);
    struct dx_resources in = {
        .ctx = ctx,
        .files = dx_files_below(ctx, code->files, l->base),
        .whole = code->files,
        .base = l->base,
        .inner = code->pub.inner,
        .lenient = dx_code_is_lenient(&code->pub),
        .executable = n && strncmp(executable, l->base, n) == 0 ? executable + n + 1 : executable,
        .root = dx_code_plist(ctx, &l->seal_source),
        .report = &code->report,
        .nested = nested,
        .user = user,
    };
    code->pub.metadata_files = code->files->metadata_count;
    code->report.file = l->seal->shown;
    code->report.arch = "";
    if (!in.root) {
        dx_report(&code->report, "resources-malformed", "CodeResources is no property list");
    } else {
        code->pub.sealed_files = dx_verify_resources(&in);
    }
    code->report.file = code->pub.path;
}
