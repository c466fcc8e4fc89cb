#include "sign/codesign.h"

#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "sign/entitlements_form.h"
#include "sign/profile.h"
#include "sign/requirement.h"

#define MOST_PROBLEMS 1000
#define MOST_BLOBS 64 /* about 12 kinds exist */

/* ---- problems ------------------------------------------------------------------------------ */

static struct dext_sign_problem *codesign_add(struct dx_report *r, enum dext_problem_level level,
                                              const char *name, const char *text)
{
    struct dext_sign_problem p = {.level = level,
                                  .name = name,
                                  .file = r->file,
                                  .arch = r->arch,
                                  .text = text,
                                  .page = -1,
                                  .offset = -1};
    if (r->count > MOST_PROBLEMS) {
        r->unseen = p;
        return &r->unseen;
    }
    if (r->count == MOST_PROBLEMS) {
        p.name = "more";
        p.text = "there are more problems than are listed";
        p.level = DEXT_PROBLEM_BROKEN;
    }
    struct dext_sign_problem *out = DX_PUSH(&r->ctx->arena, r->list, r->count, r->cap);
    *out = p;
    return out;
}

__attribute__((format(printf, 2, 0))) static const char *format(struct dx_report *r,
                                                                const char *fmt, va_list args)
{
    char text[1024];
    (void)vsnprintf(text, sizeof text, fmt, args);
    return dx_strdup(&r->ctx->arena, text);
}

struct dext_sign_problem *dx_report(struct dx_report *r, const char *name, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *text = format(r, fmt, args);
    va_end(args);
    return codesign_add(r, DEXT_PROBLEM_BROKEN, name, text);
}

struct dext_sign_problem *dx_report_warning(struct dx_report *r, const char *name, const char *fmt,
                                            ...)
{
    va_list args;
    va_start(args, fmt);
    const char *text = format(r, fmt, args);
    va_end(args);
    return codesign_add(r, DEXT_PROBLEM_WARNING, name, text);
}

/* ---- hashes -------------------------------------------------------------------------------- */

static const struct {
    const char *name, *digest;
    size_t size;
} hashes[] = {
    {"", NULL, 0},
    {"sha1", "SHA1", 20},
    {"sha256", "SHA256", 32},
    {"sha256-truncated", "SHA256", 20},
    {"sha384", "SHA384", 48},
};
#define HASHES (sizeof hashes / sizeof *hashes)

const char *dx_hash_name(unsigned type)
{
    return hashes[type < HASHES ? type : 0].name;
}

const char *dx_hash_digest(unsigned type)
{
    return hashes[type < HASHES ? type : 0].digest;
}

size_t dx_hash_size(unsigned type)
{
    return hashes[type < HASHES ? type : 0].size;
}

size_t dx_hash(unsigned type, const void *data, size_t n, unsigned char out[64])
{
    const char *name = dx_hash_digest(type);
    unsigned size = 0;
    const EVP_MD *md = name ? dx_md(name) : NULL;
    return md && EVP_Digest(data, n, out, &size, md, NULL) == 1 ? dx_hash_size(type) : 0;
}

/* ---- code directory ------------------------------------------------------------------------ */

/* A string of the directory: NUL-terminated within it. NULL: it is not. */
static const char *codesign_string_at(struct dx_str blob, uint32_t offset)
{
    return offset < blob.n && memchr(blob.p + offset, 0, blob.n - offset) ? blob.p + offset : NULL;
}

static const char *later_fields(struct dx_directory *d, const unsigned char *p)
{
    size_t n = d->blob.n;
    uint32_t v = d->version;
    if (n < (v >= 0x20600   ? 108U
             : v >= 0x20500 ? 96U
             : v >= 0x20400 ? 88U
             : v >= 0x20300 ? 64U
             : v >= 0x20200 ? 52U
             : v >= 0x20100 ? 48U
                            : 44U)) {
        return "it is shorter than its version demands";
    }
    d->scattered = v >= 0x20100 && dx_u32(p + 44, true) != 0;
    uint32_t team = v >= 0x20200 ? dx_u32(p + 48, true) : 0;
    uint64_t limit = v >= 0x20300 ? dx_u64(p + 56, true) : 0;
    d->limit = limit ? limit : d->limit;
    if (v >= 0x20400) {
        d->exec_base = dx_u64(p + 64, true);
        d->exec_limit = dx_u64(p + 72, true);
        d->exec_flags = dx_u64(p + 80, true);
    }
    d->runtime = v >= 0x20500 ? dx_u32(p + 88, true) : 0;
    d->team = team ? codesign_string_at(d->blob, team) : "";
    if (!d->team) {
        d->team = "";
        return "its team identifier lies outside of it";
    }
    return NULL;
}

static const char *read_directory(struct dx_directory *d)
{
    const unsigned char *p = (const unsigned char *)d->blob.p;
    size_t n = d->blob.n;
    d->identifier = d->team = "";
    if (n < 44) {
        return "it is shorter than its head";
    }
    d->version = dx_u32(p + 8, true);
    /* The kernel takes these versions (xnu cs_validate_codedirectory). */
    if (d->version < 0x20001 || d->version >= 0x2f000) {
        return "its version is one that no system reads";
    }
    d->flags = dx_u32(p + 12, true);
    uint32_t hash_offset = dx_u32(p + 16, true);
    d->special_count = dx_u32(p + 24, true);
    d->code_count = dx_u32(p + 28, true);
    d->limit = dx_u32(p + 32, true);
    d->hash_size = p[36];
    d->hash_type = p[37];
    d->platform = p[38];
    d->page_bits = p[39];
    const char *why = later_fields(d, p);
    if (why) {
        return why;
    }
    if (d->hash_size == 0 || d->hash_size != dx_hash_size(d->hash_type)) {
        return "its kind of hash is not known";
    }
    if (hash_offset > n || d->special_count > hash_offset / d->hash_size ||
        d->code_count > (n - hash_offset) / d->hash_size) {
        return "its hashes lie outside of it";
    }
    d->identifier = codesign_string_at(d->blob, dx_u32(p + 20, true));
    if (!d->identifier) {
        d->identifier = "";
        return "its identifier lies outside of it";
    }
    d->hashes = p + hash_offset;
    return NULL;
}

/* How many pages there must be, which must be as many as there are hashes. */
static const char *check_pages(const struct dx_directory *d)
{
    if (d->scattered) {
        return "it covers scattered parts of the file, which only the dyld cache does";
    }
    if (d->page_bits > 24) {
        return "its page size is not one that exists";
    }
    uint64_t page = d->page_bits ? (uint64_t)1 << d->page_bits : d->limit;
    uint64_t pages = d->limit == 0 ? 0 : (d->limit - 1) / page + 1;
    return pages == d->code_count ? NULL : "it does not have one hash for each page";
}

static void add_directory(struct dext_ctx *ctx, struct dx_codesign *cs, const struct dx_blob *b,
                          struct dx_report *r)
{
    struct dx_directory d = {.slot = b->slot, .blob = b->all};
    const char *why = read_directory(&d);
    why = why ? why : check_pages(&d);
    unsigned char digest[64];
    d.digest_size =
        dx_hash_digest(d.hash_type) ? dx_hash(d.hash_type, d.blob.p, d.blob.n, digest) : 0;
    if (d.hash_type == 3 && d.digest_size) {
        d.digest_size = 32; /* cut off at 20 in the directory, whole as its own digest */
    }
    memcpy(d.digest, digest, d.digest_size > sizeof d.digest ? sizeof d.digest : d.digest_size);
    for (size_t i = 0; i < 20 && d.digest_size; i++) {
        (void)snprintf(d.cdhash + i * 2, 3, "%02x", (unsigned)digest[i]);
    }
    for (size_t i = 0; !why && i < cs->directory_count; i++) {
        why = cs->directories[i].hash_type == d.hash_type ? "another one has the same kind of hash"
                                                          : NULL;
    }
    if (why) {
        dx_report(r, "directory-malformed", "a code directory is malformed: %s", why);
        d.hashes = NULL;
        d.code_count = d.special_count = 0;
    }
    *DX_PUSH(&ctx->arena, cs->directories, cs->directory_count, cs->directory_cap) = d;
}

/* The system takes the strongest hash (xnu ubc_subr.c hash_rank): SHA-1, cut off SHA-256, SHA-256,
 * SHA-384. */
static const struct dx_directory *best_directory(const struct dx_codesign *cs)
{
    static const int rank[] = {0, 1, 3, 2, 4};
    const struct dx_directory *best = NULL;
    for (size_t i = 0; i < cs->directory_count; i++) {
        const struct dx_directory *d = &cs->directories[i];
        if (d->hashes && (!best || rank[d->hash_type] > rank[best->hash_type])) {
            best = d;
        }
    }
    return best;
}

/* ---- requirements, entitlements ------------------------------------------------------------ */

static void read_requirements(struct dext_ctx *ctx, struct dx_codesign *cs, struct dx_report *r)
{
    static const char *const kinds[] = {"", "host", "guest", "designated", "library", "plugin"};
    const struct dx_blob *b = dx_codesign_blob(cs, DX_SLOT_REQUIREMENTS);
    size_t cap = 0;
    if (!b) {
        return;
    }
    const unsigned char *p = (const unsigned char *)b->all.p;
    uint32_t count = b->all.n >= 12 ? dx_u32(p + 8, true) : 0;
    if (b->all.n < 12 || count > (b->all.n - 12) / 8) {
        dx_report(r, "requirements-malformed", "the set of requirements is malformed");
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t kind = dx_u32(p + 12 + (size_t)i * 8, true);
        uint32_t at = dx_u32(p + 16 + (size_t)i * 8, true);
        size_t n = at <= b->all.n && b->all.n - at >= 8 ? dx_u32(p + at + 4, true) : 0;
        struct dx_str one = {n ? b->all.p + at : "", n};
        const char *text = n && n <= b->all.n - at ? dx_requirement_text(ctx, one) : NULL;
        if (!text || kind == 0 || kind >= sizeof kinds / sizeof *kinds) {
            dx_report(r, "requirements-malformed", "a requirement is malformed");
            continue;
        }
        *DX_PUSH(&ctx->arena, cs->requirements, cs->requirement_count, cap) =
            (struct dext_requirement){kinds[kind], text};
        if (kind == 3 && !cs->designated.n) {
            cs->designated = one;
        }
    }
}

/* With a DER copy the kernel has no need of its own reader of XML (xnu ubc_subr.c). */
static bool report_form(struct dx_report *r, struct dx_str body, bool has_der)
{
    struct dx_form_fault f = dx_entitlements_form(body);
    if (f.text && f.certain) {
        dx_report(r, "entitlements-form",
                  "the entitlements are not in the form that the system "
                  "reads: %s (byte %zu)",
                  f.text, f.at);
    } else if (f.text && !has_der) {
        dx_report_warning(r, "entitlements-form",
                          "the kernel's reader stops in the entitlements: %s (byte %zu)", f.text,
                          f.at);
    }
    return f.text && f.certain;
}

static void codesign_read_entitlements(struct dext_ctx *ctx, struct dx_codesign *cs,
                                       struct dx_report *r)
{
    const struct dx_blob *xml = dx_codesign_blob(cs, DX_SLOT_ENTITLEMENTS);
    const struct dx_blob *der = dx_codesign_blob(cs, DX_SLOT_DER);
    if (xml && xml->body.n) {
        bool odd = report_form(r, xml->body, der != NULL);
        const char *copy = dx_strndup(&ctx->arena, xml->body.p, xml->body.n);
        struct dx_source src = dx_source_bytes(r->file, copy, xml->body.n);
        const struct dext_plist *pl = dx_plist_load(ctx, &src);
        bool half = pl->stopped || (odd && dx_first_break(pl)); /* never shown as if it were all */
        cs->xml = pl->root && !half && pl->root->kind == DEXT_DICT ? pl->root : NULL;
        dext_ctx_clear(ctx);
        if (!cs->xml && !odd) {
            dx_report(r, "entitlements-malformed", "the entitlements are no property list");
        }
    }
    if (der) {
        cs->der = dx_der_plist(ctx, der->body);
        if (!cs->der) {
            dx_report(r, "entitlements-malformed",
                      "the entitlements' DER copy is not in the form that Apple writes");
        }
    }
}

/* ---- superblob ----------------------------------------------------------------------------- */

const struct dx_blob *dx_codesign_blob(const struct dx_codesign *cs, uint32_t slot)
{
    for (size_t i = 0; i < cs->blob_count; i++) {
        if (cs->blobs[i].slot == slot) {
            return &cs->blobs[i];
        }
    }
    return NULL;
}

static bool is_alternate(uint32_t slot)
{
    return slot >= DX_SLOT_ALTERNATE && slot < DX_SLOT_ALTERNATE + 5;
}

/* The magic that a slot's blob begins with; 0: any. */
static uint32_t slot_magic(uint32_t slot)
{
    return slot == DX_SLOT_DIRECTORY || is_alternate(slot)               ? 0xfade0c02
           : slot == DX_SLOT_REQUIREMENTS                                ? 0xfade0c01
           : slot == DX_SLOT_ENTITLEMENTS                                ? 0xfade7171
           : slot == DX_SLOT_DER                                         ? 0xfade7172
           : slot >= DX_SLOT_CONSTRAINT && slot < DX_SLOT_CONSTRAINT + 4 ? 0xfade8181
           : slot == DX_SLOT_CMS || slot == DX_SLOT_IDENTIFICATION       ? 0xfade0b01
                                                                         : 0;
}

static bool known_slot(uint32_t slot)
{
    return slot <= DX_SLOT_CONSTRAINT + 3 || is_alternate(slot) || slot == DX_SLOT_CMS ||
           slot == DX_SLOT_IDENTIFICATION || slot == DX_SLOT_TICKET;
}

static const char *read_blob(struct dx_codesign *cs, struct dx_str super,
                             const unsigned char *entry, size_t head, struct dx_blob *b)
{
    b->slot = dx_u32(entry, true);
    b->offset = dx_u32(entry + 4, true);
    if (b->offset < head || b->offset > super.n || super.n - b->offset < 8) {
        return "a part lies outside of it";
    }
    const unsigned char *p = (const unsigned char *)super.p + b->offset;
    size_t n = dx_u32(p + 4, true);
    b->magic = dx_u32(p, true);
    if (n < 8 || n > super.n - b->offset) {
        return "a part is larger than the whole";
    }
    b->all = (struct dx_str){(const char *)p, n};
    b->body = (struct dx_str){(const char *)p + 8, n - 8};
    if (!known_slot(b->slot)) {
        return "a part is of a kind that does not exist";
    }
    if (slot_magic(b->slot) && slot_magic(b->slot) != b->magic) {
        return "a part is not what it is listed as";
    }
    return dx_codesign_blob(cs, b->slot) ? "two parts are listed as the same" : NULL;
}

/* Bytes that no part holds. Signers leave none, or zeros: anything else is nobody's. */
static bool only_zeros(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i]) {
            return false;
        }
    }
    return true;
}

static void check_gaps(const struct dx_codesign *cs, struct dx_str super, size_t head,
                       struct dx_report *r)
{
    size_t at = head;
    while (at < super.n) {
        size_t next = super.n, end = super.n;
        for (size_t i = 0; i < cs->blob_count; i++) {
            const struct dx_blob *b = &cs->blobs[i];
            if (b->offset + b->all.n > at && b->offset < next) {
                next = b->offset;
                end = b->offset + b->all.n;
            }
        }
        /* codesign ends the whole where its last part ends; other signers may fill up with zeros.
         */
        bool tail = next == super.n && end == super.n && dx_codesign_blob(cs, DX_SLOT_CMS) &&
                    dx_codesign_blob(cs, DX_SLOT_CMS)->body.n > 0;
        if (next > at && (tail || !only_zeros(super.p + at, next - at))) {
            dx_report(r, "signature-malformed",
                      "the signature holds bytes that are in no part of it");
            return;
        }
        at = end > at ? end : super.n;
    }
    if (!only_zeros(super.p + super.n, cs->data.n - super.n)) {
        /* codesign leaves what was there when it signs anew in the same room, with a shorter
         * signature; macOS does not look at it (bun 1.4.4 for macOS is such a program) */
        dx_report_warning(r, "signature-padding",
                          "the room behind the signature holds bytes that nothing covers, as "
                          "signing anew leaves them");
    }
}

static bool read_superblob(struct dext_ctx *ctx, struct dx_codesign *cs, struct dx_report *r)
{
    const unsigned char *p = (const unsigned char *)cs->data.p;
    uint32_t length = cs->data.n >= 12 ? dx_u32(p + 4, true) : 0;
    uint32_t count = cs->data.n >= 12 ? dx_u32(p + 8, true) : 0;
    if (cs->data.n < 12 || dx_u32(p, true) != 0xfade0cc0 || length < 12 || length > cs->data.n) {
        dx_report(r, "signature-malformed", "the signature does not begin like one");
        return false;
    }
    if (count > MOST_BLOBS || count > (length - 12) / 8) {
        dx_report(r, "signature-malformed", "the signature claims to have more parts than it can");
        return false;
    }
    struct dx_str super = {cs->data.p, length};
    size_t head = 12 + (size_t)count * 8, cap = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct dx_blob b = {0};
        const char *why = read_blob(cs, super, p + 12 + (size_t)i * 8, head, &b);
        if (why) {
            dx_report(r, "signature-malformed", "the signature is malformed: %s", why);
        } else {
            *DX_PUSH(&ctx->arena, cs->blobs, cs->blob_count, cap) = b;
        }
    }
    check_gaps(cs, super, head, r);
    return true;
}

static void read_cms(struct dext_ctx *ctx, struct dx_codesign *cs, struct dx_report *r)
{
    const struct dx_blob *b = dx_codesign_blob(cs, DX_SLOT_CMS);
    cs->has_cms = b && b->body.n > 0;
    if (!cs->has_cms || cs->directory_count == 0) {
        return;
    }
    dext_ctx_clear(ctx);
    cs->cms_read =
        dx_cms_read(&cs->cms, ctx, "signature", b->body, &cs->directories[0].blob) == DEXT_OK;
    if (!cs->cms_read) {
        dx_report(r, "cms-malformed", "the cryptographic signature cannot be read: %s",
                  dext_ctx_error(ctx));
        dext_ctx_clear(ctx);
    }
}

struct dx_codesign *dx_codesign_read(struct dext_ctx *ctx, struct dx_str data, struct dx_report *r)
{
    struct dx_codesign *cs = dx_alloc(&ctx->arena, sizeof *cs);
    cs->data = data;
    if (!read_superblob(ctx, cs, r)) {
        return cs;
    }
    const struct dx_blob *first = dx_codesign_blob(cs, DX_SLOT_DIRECTORY);
    if (!first) {
        dx_report(r, "directory-missing", "the signature has no code directory");
        return cs;
    }
    add_directory(ctx, cs, first, r);
    for (uint32_t slot = DX_SLOT_ALTERNATE; slot < DX_SLOT_ALTERNATE + 5; slot++) {
        const struct dx_blob *b = dx_codesign_blob(cs, slot);
        if (b) {
            add_directory(ctx, cs, b, r);
        }
    }
    cs->best = best_directory(cs);
    read_requirements(ctx, cs, r);
    codesign_read_entitlements(ctx, cs, r);
    read_cms(ctx, cs, r);
    return cs;
}
