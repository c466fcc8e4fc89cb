/* One slice's signature, as it is told. */
#include <stdio.h>
#include <string.h>

#include "sign/signature.h"

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
    if (cs->xml || !dx_codesign_blob(cs, DX_SLOT_ENTITLEMENTS)) {
        dx_node_differences(&diff, ctx, cs->xml, cs->der);
    }
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

void dx_slice_cms(struct dext_slice *s, struct dext_ctx *ctx, const struct dx_cms *c)
{
    struct dext_certificate *chain = dx_calloc(&ctx->arena, c->chain_count + 1, sizeof *chain);
    for (size_t i = 0; i < c->chain_count; i++) {
        chain[i] = dx_cert_public(c->chain[i]);
    }
    s->chain = chain;
    s->chain_count = c->chain_count;
    s->trust = c->trust_reason;
    s->signed_at = c->signing_time;
    s->timestamp = c->timestamp_valid ? c->timestamp : 0;
}

static void slice_signer(struct dext_slice *s, struct dext_ctx *ctx, const struct dx_codesign *cs)
{
    enum dext_signer_kind kind = dx_signer_kind(cs);
    s->kind = kind == DEXT_SIGNER_NONE ? DEXT_SIGNER_UNKNOWN : kind; /* malformed, but there */
    if (cs->cms_read) {
        dx_slice_cms(s, ctx, &cs->cms);
    }
}

void dx_slice_head(struct dext_slice *s, const struct dx_slice *m)
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

void dx_slice_show(struct dext_slice *s, struct dext_ctx *ctx, const struct dx_codesign *cs,
                   struct dx_report *r)
{
    slice_signer(s, ctx, cs);
    slice_directories(s, ctx, cs);
    slice_entitlements(s, ctx, cs, r);
    s->requirements = cs->requirements;
    s->requirement_count = cs->requirement_count;
    dx_slice_constraints(s, ctx, cs, r);
}

bool dx_code_open_flat(struct dx_code *code, struct dext_ctx *ctx, struct dx_image *image,
                       enum dext_form form, enum dx_depth depth)
{
    static const struct dx_slice none = {
        .arch = "", .platform = "", .minimum = "", .sdk = "", .fault = ""};
    code->report.ctx = ctx;
    code->report.file = code->pub.path;
    code->report.arch = "";
    code->pub.form = form;
    code->pub.executable = code->pub.ticket_reason = "";
    code->pub.verified = depth != DX_DEPTH_SHOW;
    code->pub.hashed = depth == DX_DEPTH_ALL;
    dx_code_make_slices(code, ctx, 1);
    dx_slice_head(&code->slices[0], &none);
    code->pub.slice_count = 1;
    if (dx_image_open(image, ctx, code->file) != DEXT_OK) {
        code->pub.error = dx_strdup(&ctx->arena, dext_ctx_error(ctx));
        return false;
    }
    return true;
}
