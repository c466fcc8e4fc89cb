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

/* ---- the parts of a bundle ----------------------------------------------------------------- */

static const struct dx_file *part(const struct dx_code *code, struct dext_ctx *ctx,
                                  const char *path)
{
    const char *base = code->layout.base;
    const struct dx_file *f =
        dx_files_find(code->files, base[0] ? dx_sprintf(&ctx->arena, "%s/%s", base, path) : path);
    return f && f->kind == DX_FILE_REGULAR ? f : NULL;
}

static const char *find_base(const struct dx_code *code, struct dext_ctx *ctx)
{
    if (dx_files_has_folder(code->files, "Contents")) {
        return "Contents";
    }
    const struct dx_file *current = dx_files_find(code->files, "Versions/Current");
    if (current && current->kind == DX_FILE_LINK && current->target[0] &&
        !strchr(current->target, '/')) {
        return dx_sprintf(&ctx->arena, "Versions/%s", current->target);
    }
    return "";
}

static const char *text_of(const struct dext_node *root, const char *key)
{
    const struct dext_node *n = dx_get_kind(root, key, DEXT_STRING);
    return n ? n->text.p : "";
}

static bool is_macho_file(struct dext_ctx *ctx, const struct dx_file *f)
{
    struct dx_image image;
    unsigned char head[8];
    dext_ctx_clear(ctx);
    bool good = (f->disk || f->kept) && dx_image_open(&image, ctx, f) == DEXT_OK;
    if (good) {
        good = dx_image_get(&image, 0, head, sizeof head) && dx_is_macho(head, sizeof head);
        dx_image_close(&image);
    }
    dext_ctx_clear(ctx);
    return good;
}

/* The one Mach-O file in a folder; NULL when there are none or several. */
static const struct dx_file *only_program(const struct dx_code *code, struct dext_ctx *ctx,
                                          const char *in)
{
    const struct dx_files *all = dx_files_below(ctx, code->files, in);
    const struct dx_file *found = NULL;
    for (size_t i = 0; i < all->count; i++) {
        const struct dx_file *f = &all->list[i];
        if (f->kind == DX_FILE_REGULAR && !strchr(f->path, '/') && is_macho_file(ctx, f)) {
            if (found) {
                return NULL;
            }
            found = f;
        }
    }
    return found ? dx_files_find(code->files,
                                 in[0] ? dx_sprintf(&ctx->arena, "%s/%s", in, found->path)
                                       : found->path)
                 : NULL;
}

/* The name that Info.plist gives; without one, the bundle's. */
static const char *executable_name(const struct dx_code *code, struct dext_ctx *ctx)
{
    const char *name = text_of(code->layout.info_root, "CFBundleExecutable");
    if (name[0]) {
        return strstr(name, "..") ? "" : name;
    }
    const char *slash = strrchr(code->pub.path, '/');
    const char *last = slash ? slash + 1 : code->pub.path;
    const char *dot = strrchr(last, '.');
    return dx_strndup(&ctx->arena, last, dot ? (size_t)(dot - last) : strlen(last));
}

/* When Info.plist does not lead to it, because it has been damaged, say, there may be only one that
 * it can be; its signature then tells what is wrong with Info.plist. */
static const struct dx_file *find_executable(struct dx_code *code, struct dext_ctx *ctx)
{
    const struct dx_layout *l = &code->layout;
    const char *name = executable_name(code, ctx);
    bool deep = strcmp(l->base, "Contents") == 0;
    const struct dx_file *f =
        deep && name[0] ? part(code, ctx, dx_sprintf(&ctx->arena, "MacOS/%s", name)) : NULL;
    f = f || !name[0] ? f : part(code, ctx, name);
    if (f) {
        return f;
    }
    f = only_program(code, ctx, deep ? "Contents/MacOS" : l->base);
    if (f && l->info) {
        code->report.file = l->info->shown;
        dx_report(&code->report, "executable-missing",
                  "it does not name the main executable, which seems to be %s", f->path);
        code->report.file = code->pub.path;
    }
    return f;
}

/* false: its text is in ctx, which is cleared; the file counts as absent. */
static bool load(struct dx_code *code, struct dext_ctx *ctx, const struct dx_file *f,
                 struct dx_source *out)
{
    dext_ctx_clear(ctx);
    if (dx_files_read(out, ctx, f) == DEXT_OK) {
        return true;
    }
    const char *file = code->report.file;
    code->report.file = f->shown;
    dx_report(&code->report, "file-unreadable", "it cannot be read: %s", dext_ctx_error(ctx));
    code->report.file = file;
    dext_ctx_clear(ctx);
    return false;
}

static const struct dext_node *plist_root(struct dext_ctx *ctx, const struct dx_source *src)
{
    const struct dext_plist *pl = dx_plist_load(ctx, src);
    dext_ctx_clear(ctx);
    return pl->root && pl->root->kind == DEXT_DICT ? pl->root : NULL;
}

void dx_code_layout(struct dx_code *code, struct dext_ctx *ctx)
{
    struct dx_layout *l = &code->layout;
    code->report.ctx = ctx;
    code->report.file = code->pub.path;
    code->report.arch = "";
    l->base = find_base(code, ctx);
    l->info = part(code, ctx, "Info.plist");
    l->info = l->info ? l->info : part(code, ctx, "Resources/Info.plist");
    l->seal = part(code, ctx, "_CodeSignature/CodeResources");
    l->profile = part(code, ctx, "embedded.provisionprofile");
    l->profile = l->profile ? l->profile : part(code, ctx, "embedded.mobileprovision");
    /* Security notarization.cpp: the ticket stapled to a bundle is Contents/CodeResources. */
    l->ticket = l->base[0] ? part(code, ctx, "CodeResources") : NULL;
    if (l->info && load(code, ctx, l->info, &l->info_source)) {
        l->info_root = plist_root(ctx, &l->info_source);
    }
    l->executable = find_executable(code, ctx);
    code->file = l->executable;
}

/* ---- one slice ----------------------------------------------------------------------------- */

struct words {
    const char **list;
    size_t count, cap;
};

struct flag {
    uint64_t bit;
    const char *name;
};

static void flag_words(struct words *out, struct dext_ctx *ctx, uint64_t flags,
                       const struct flag *names, size_t count)
{
    for (size_t i = 0; i < 64; i++) {
        uint64_t bit = (uint64_t)1 << i;
        const char *name = NULL;
        if (!(flags & bit)) {
            continue;
        }
        for (size_t k = 0; k < count; k++) {
            name = names[k].bit == bit ? names[k].name : name;
        }
        *DX_PUSH(&ctx->arena, out->list, out->count, out->cap) =
            name ? name : dx_sprintf(&ctx->arena, "0x%llx", (unsigned long long)bit);
    }
}

/* As codesign(1) writes them; bits: xnu cs_blobs.h. */
static void slice_flags(struct dext_slice *s, struct dext_ctx *ctx, const struct dx_directory *d)
{
    static const struct flag flags[] = {
        {0x1, "host"},           {0x2, "adhoc"},
        {0x100, "hard"},         {0x200, "kill"},
        {0x400, "expires"},      {0x800, "restrict"},
        {0x1000, "enforcement"}, {0x2000, "library-validation"},
        {0x10000, "runtime"},    {0x20000, "linker-signed"},
    };
    static const struct flag exec[] = {
        {0x1, "main-binary"},
        {0x10, "allow-unsigned"},
        {0x20, "debugger"},
        {0x40, "jit"},
        {0x80, "skip-library-validation"},
        {0x100, "can-load-cdhash"},
        {0x200, "can-exec-cdhash"},
    };
    struct words a = {0}, b = {0};
    flag_words(&a, ctx, d->flags, flags, sizeof flags / sizeof *flags);
    flag_words(&b, ctx, d->exec_flags, exec, sizeof exec / sizeof *exec);
    s->flags = d->flags;
    s->exec_flags = (uint32_t)d->exec_flags;
    s->flag_names = a.list;
    s->flag_count = a.count;
    s->exec_flag_names = b.list;
    s->exec_flag_count = b.count;
    uint32_t v = d->runtime;
    s->runtime = v ? dx_sprintf(&ctx->arena, "%u.%u.%u", v >> 16, v >> 8 & 0xff, v & 0xff) : "";
}

static struct dext_directory public_directory(struct dext_ctx *ctx, const struct dx_directory *d)
{
    char hex[97] = "";
    for (size_t i = 0; i < d->digest_size; i++) {
        (void)snprintf(hex + i * 2, 3, "%02x", (unsigned)d->digest[i]);
    }
    return (struct dext_directory){
        .hash = dx_hash_name(d->hash_type),
        .cdhash = dx_strdup(&ctx->arena, d->cdhash),
        .digest = dx_strdup(&ctx->arena, hex),
        .version = dx_sprintf(&ctx->arena, "0x%x", d->version),
        .page_size = d->page_bits && d->page_bits < 32 ? (int64_t)1 << d->page_bits : 0,
        .page_count = d->code_count,
        .covered = (int64_t)d->limit,
    };
}

static void slice_directories(struct dext_slice *s, struct dext_ctx *ctx,
                              const struct dx_codesign *cs)
{
    struct dext_directory *list = dx_calloc(&ctx->arena, cs->directory_count + 1, sizeof *list);
    size_t n = 0;
    if (cs->best) {
        list[n++] = public_directory(ctx, cs->best);
    }
    for (size_t i = 0; i < cs->directory_count; i++) {
        if (&cs->directories[i] != cs->best) {
            list[n++] = public_directory(ctx, &cs->directories[i]);
        }
    }
    s->directories = list;
    s->directory_count = n;
    s->cdhash = cs->best ? list[0].cdhash : "";
    if (cs->best) {
        s->identifier = cs->best->identifier;
        s->team = cs->best->team;
        slice_flags(s, ctx, cs->best);
    }
}

static void slice_entitlements(struct dext_slice *s, struct dext_ctx *ctx,
                               const struct dx_codesign *cs, struct dx_report *r)
{
    const struct dx_blob *der = dx_codesign_blob(cs, DX_SLOT_DER);
    struct dx_texts diff = {0};
    s->entitlements_xml = cs->xml;
    s->entitlements_der = cs->der;
    s->entitlements = cs->xml ? cs->xml : cs->der;
    s->der = !der ? DEXT_ENTITLEMENTS_NO_DER : DEXT_ENTITLEMENTS_UNREADABLE;
    if (!cs->der) {
        return;
    }
    dx_node_differences(&diff, ctx, cs->xml, cs->der);
    s->differences = diff.list;
    s->difference_count = diff.count;
    s->der = diff.count ? DEXT_ENTITLEMENTS_DIFFERENT : DEXT_ENTITLEMENTS_SAME;
    for (size_t i = 0; i < diff.count; i++) {
        dx_report(r, "entitlements-differ",
                  "the entitlement %s is not the same in the property list and in the DER copy, "
                  "which is what the system reads",
                  diff.list[i]);
    }
}

static struct dext_certificate public_cert(const struct dx_cert *c)
{
    return (struct dext_certificate){
        .kind = c->kind_words,
        .common_name = c->common_name,
        .organization = c->organization,
        .team = c->team,
        .issuer = c->issuer,
        .serial = c->serial,
        .sha1 = c->sha1,
        .sha256 = c->sha256,
        .not_before = c->not_before,
        .not_after = c->not_after,
    };
}

static void slice_signer(struct dext_slice *s, struct dext_ctx *ctx, const struct dx_codesign *cs)
{
    enum dext_signer_kind kind = dx_signer_kind(cs);
    s->kind = kind == DEXT_SIGNER_NONE ? DEXT_SIGNER_UNKNOWN : kind; /* malformed, but there */
    if (!cs->cms_read) {
        return;
    }
    const struct dx_cms *c = &cs->cms;
    struct dext_certificate *chain = dx_calloc(&ctx->arena, c->chain_count + 1, sizeof *chain);
    for (size_t i = 0; i < c->chain_count; i++) {
        chain[i] = public_cert(c->chain[i]);
    }
    s->chain = chain;
    s->chain_count = c->chain_count;
    s->trust = c->trust_reason;
    s->signed_at = c->signing_time;
    s->timestamp = c->timestamp_valid ? c->timestamp : 0;
}

static void slice_head(struct dext_slice *s, const struct dx_slice *m)
{
    *s = (struct dext_slice){
        .arch = m->arch,
        .platform = m->platform,
        .minimum = m->minimum,
        .sdk = m->sdk,
        .uuid = m->uuid,
        .offset = (int64_t)m->offset,
        .size = (int64_t)m->size,
        .fault = m->fault,
        .identifier = "",
        .team = "",
        .runtime = "",
        .cdhash = "",
        .trust = "",
    };
}

/* ---- verifying ----------------------------------------------------------------------------- */

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

static void verify(struct dx_code *code, struct dext_ctx *ctx, const struct dx_image *image,
                   const struct dx_slice *m, const struct dx_codesign *cs)
{
    const struct dx_layout *l = &code->layout;
    struct dx_str info = {l->info_source.data, l->info_source.size}, text;
    struct dx_str seal = {l->seal_source.data, l->seal_source.size};
    const char *path = code->pub.path;
    struct dx_special special[] = {
        {DX_SLOT_INFO, "Info.plist", l->info ? l->info->shown : path, true, info.p ? &info : NULL},
        {DX_SLOT_RESOURCES, "CodeResources", l->seal ? l->seal->shown : path, true,
         seal.p ? &seal : NULL},
    };
    if (!code->files) {
        /* A program alone may be the main one of a bundle, whose Info.plist is not at hand. */
        bool own = embedded_info(ctx, image, m, &text) && !has_special(cs, DX_SLOT_RESOURCES);
        special[0].known = own && has_special(cs, DX_SLOT_INFO);
        special[0].content = own ? &text : NULL;
        special[0].file = code->report.file;
        special[1].known = false;
    }
    int64_t pages = dx_verify_pages(ctx, image, m, cs, &code->report);
    code->pub.pages += pages;
    dx_verify_special(cs, special, 2, &code->report);
    dx_verify_cms(ctx, cs, &code->report);
}

static void read_slice(struct dx_code *code, struct dext_ctx *ctx, const struct dx_image *image,
                       const struct dx_slice *m, struct dext_slice *s, bool show_only)
{
    struct dx_report *r = &code->report;
    struct dx_classes classes;
    r->arch = m->arch;
    slice_head(s, m);
    if (m->fault[0]) {
        dx_report(r, "file-malformed", "the slice cannot be read: %s", m->fault);
        return;
    }
    dx_classes_read(&classes, ctx, image, m);
    s->classes = classes.list;
    s->class_count = classes.count;
    if (classes.fault[0]) {
        dx_report_warning(r, "classes-unreadable", "not every class could be read: %s",
                          classes.fault);
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
    slice_signer(s, ctx, cs);
    slice_directories(s, ctx, cs);
    slice_entitlements(s, ctx, cs, r);
    s->requirements = cs->requirements;
    s->requirement_count = cs->requirement_count;
    if (!show_only) {
        verify(code, ctx, image, m, cs);
    }
}

/* ---- the whole ----------------------------------------------------------------------------- */

static void compare_slices(struct dx_code *code, struct dext_ctx *ctx)
{
    const struct dext_slice *first = NULL;
    bool any = false;
    for (size_t i = 0; i < code->pub.slice_count; i++) {
        any |= code->pub.slices[i].kind != DEXT_SIGNER_NONE || code->pub.slices[i].fault[0];
    }
    for (size_t i = 0; i < code->pub.slice_count; i++) {
        const struct dext_slice *s = &code->pub.slices[i];
        code->report.arch = s->arch;
        if (s->kind == DEXT_SIGNER_NONE) {
            if (any && !s->fault[0]) {
                dx_report(&code->report, "unsigned", "this slice is not signed, another one is");
            }
            continue;
        }
        struct dx_texts diff = {0};
        if (first) {
            dx_node_differences(&diff, ctx, first->entitlements, s->entitlements);
        }
        if (first && (strcmp(first->identifier, s->identifier) != 0 ||
                      strcmp(first->team, s->team) != 0 || first->kind != s->kind)) {
            dx_report_warning(&code->report, "slices-differ",
                              "identifier, team or signer are not those of slice %s", first->arch);
        }
        if (diff.count) {
            dx_report_warning(&code->report, "slices-differ",
                              "the entitlements are not those of slice %s", first->arch);
        }
        first = first ? first : s;
    }
    code->report.arch = "";
    if (!any) {
        dx_report(&code->report, "unsigned", "it is not signed");
    }
}

static bool all_damaged(const struct dext_code *c)
{
    size_t n = 0;
    while (n < c->slice_count && c->slices[n].fault[0]) {
        n++;
    }
    return n == c->slice_count && n > 0;
}

static void read_macho(struct dx_code *code, struct dext_ctx *ctx, bool show_only)
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
    struct dext_slice *slices = dx_calloc(&ctx->arena, m->count + 1, sizeof *slices);
    code->pub.slices = slices;
    for (size_t i = 0; i < m->count; i++) {
        read_slice(code, ctx, &image, &m->slices[i], &slices[i], show_only);
        code->pub.slice_count = i + 1;
    }
    code->report.arch = "";
    if (!show_only) {
        dx_verify_gaps(&image, m, &code->report);
    }
    dx_image_close(&image);
    compare_slices(code, ctx);
    if (all_damaged(&code->pub)) {
        code->pub.error = dx_sprintf(&ctx->arena, "%s: a damaged Mach-O file: %s",
                                     code->file->shown, slices[0].fault);
    }
}

static void read_profile(struct dx_code *code, struct dext_ctx *ctx)
{
    struct dx_source src;
    struct dx_profile *p;
    const struct dx_file *f = code->layout.profile;
    if (!f || !load(code, ctx, f, &src)) {
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

void dx_code_read(struct dx_code *code, struct dext_ctx *ctx, bool show_only)
{
    struct dx_layout *l = &code->layout;
    struct dext_code *pub = &code->pub;
    code->report.ctx = ctx;
    code->report.file = pub->path;
    code->report.arch = "";
    pub->executable = code->file ? code->file->shown : "";
    pub->verified = !show_only;
    pub->bundle_id = text_of(l->info_root, "CFBundleIdentifier");
    pub->bundle_type = text_of(l->info_root, "CFBundlePackageType");
    pub->personalities = dx_get_kind(l->info_root, "IOKitPersonalities", DEXT_DICT);
    pub->ticket = l->ticket != NULL;
    if (l->seal && !load(code, ctx, l->seal, &l->seal_source)) {
        l->seal_source = (struct dx_source){0};
    }
    pub->sealed = l->seal_source.data != NULL;
    if (code->file) {
        read_macho(code, ctx, show_only);
    } else {
        dx_report(&code->report, "executable-missing",
                  "the bundle has no main executable, so nothing holds its signature");
    }
    read_profile(code, ctx);
    code->report.file = pub->path;
}

void dx_code_seal(struct dx_code *code, struct dext_ctx *ctx,
                  const struct dext_code *(*nested)(const void *user, const char *path),
                  const void *user)
{
    const struct dx_layout *l = &code->layout;
    if (!code->pub.sealed) {
        return;
    }
    const char *executable = l->executable ? l->executable->path : "";
    size_t n = strlen(l->base);
    struct dx_resources in = {
        .ctx = ctx,
        .files = dx_files_below(ctx, code->files, l->base),
        .executable = n && strncmp(executable, l->base, n) == 0 ? executable + n + 1 : executable,
        .root = plist_root(ctx, &l->seal_source),
        .report = &code->report,
        .nested = nested,
        .user = user,
    };
    code->report.file = l->seal->shown;
    code->report.arch = "";
    if (!in.root) {
        dx_report(&code->report, "resources-malformed", "CodeResources is no property list");
    } else {
        code->pub.sealed_files = dx_verify_resources(&in);
    }
    code->report.file = code->pub.path;
}
