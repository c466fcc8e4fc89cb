/* A code signature held against what it covers. */
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "sign/codesign.h"

static bool is_zero(const unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i]) {
            return false;
        }
    }
    return true;
}

/* ---- pages --------------------------------------------------------------------------------- */

/* Large enough that reading costs little, small enough to stay in the cache. */
#define CHUNK ((size_t)256 * 1024)

/* One code directory while the bytes go by. */
struct hasher {
    const struct dx_directory *d;
    const EVP_MD *md;
    EVP_MD_CTX *c;
    uint64_t page, at; /* at: bytes of the page that have gone by */
    uint64_t page_size;
};

struct pages {
    struct dx_report *r;
    const struct dx_slice *slice;
    struct hasher h[8];
    size_t count;
    struct dext_sign_problem *last; /* the run of bad pages that goes on */
    uint64_t last_end;              /* in the slice */
};

/* Neighbours become one problem. Directories come in turn for each chunk, so what a second one says
 * of a page may come a little later: it is inside what the first one said. */
static void bad_page(struct pages *p, const struct hasher *h)
{
    uint64_t from = h->page * h->page_size, to = from + h->page_size;
    to = to > h->d->limit ? h->d->limit : to;
    struct dext_sign_problem *x = p->last;
    uint64_t start = x ? (uint64_t)x->offset - p->slice->offset : 0;
    if (x && from >= start && to <= p->last_end) {
        return;
    }
    if (x && from == p->last_end && h->page == (uint64_t)(x->page + x->pages)) {
        x->pages++;
        x->text =
            dx_sprintf(&p->r->ctx->arena, "pages %lld to %lld have been modified after signing",
                       (long long)x->page, (long long)(x->page + x->pages - 1));
    } else {
        x = dx_report(p->r, "page-modified", "page %llu has been modified after signing",
                      (unsigned long long)h->page);
        x->page = (int64_t)h->page;
        x->pages = 1;
        x->offset = (int64_t)(p->slice->offset + from);
        p->last = x == &p->r->unseen ? NULL : x;
    }
    p->last_end = to;
}

static void end_page(struct pages *p, struct hasher *h)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    const struct dx_directory *d = h->d;
    (void)EVP_DigestFinal_ex(h->c, digest, NULL);
    if (memcmp(digest, d->hashes + h->page * d->hash_size, d->hash_size) != 0) {
        bad_page(p, h);
    }
    h->page++;
    h->at = 0;
}

static void codesign_verify_feed(struct pages *p, struct hasher *h, const unsigned char *data,
                                 uint64_t start, size_t n)
{
    if (start + n > h->d->limit) {
        n = start < h->d->limit ? (size_t)(h->d->limit - start) : 0;
    }
    uint64_t done = start;
    for (size_t i = 0; i < n;) {
        size_t take = n - i;
        if (h->at == 0) {
            (void)EVP_DigestInit_ex2(h->c, h->md, NULL);
        }
        if (take > h->page_size - h->at) {
            take = (size_t)(h->page_size - h->at);
        }
        (void)EVP_DigestUpdate(h->c, data + i, take);
        i += take;
        h->at += take;
        done += take;
        if (h->at == h->page_size || done == h->d->limit) {
            end_page(p, h);
        }
    }
}

static uint64_t run_pages(struct pages *p, const struct dx_image *image, unsigned char *buffer,
                          uint64_t limit)
{
    uint64_t at = 0;
    while (at < limit) {
        size_t n = limit - at < CHUNK ? (size_t)(limit - at) : CHUNK;
        const unsigned char *data = buffer;
        if (image->fd < 0) {
            data = image->memory + p->slice->offset + at;
        } else if (!dx_image_get(image, p->slice->offset + at, buffer, n)) {
            dx_report(p->r, "file-unreadable", "the file cannot be read to its end")->offset =
                (int64_t)(p->slice->offset + at);
            break;
        }
        for (size_t i = 0; i < p->count; i++) {
            codesign_verify_feed(p, &p->h[i], data, at, n);
        }
        at += n;
    }
    return at;
}

static void open_hashers(struct pages *p, const struct dx_codesign *cs, uint64_t *limit)
{
    for (size_t i = 0; i < cs->directory_count && p->count < 8; i++) {
        const struct dx_directory *d = &cs->directories[i];
        const EVP_MD *md = d->code_count ? dx_md(dx_hash_digest(d->hash_type)) : NULL;
        if (!md) {
            if (d->code_count) {
                dx_report(p->r, "not-computed",
                          "its pages are not known to be good or bad: %s cannot be computed here",
                          dx_hash_name(d->hash_type));
            }
            continue;
        }
        if (d->limit > p->slice->size) {
            dx_report(p->r, "limit-beyond-end",
                      "the signature covers more bytes than the slice has: it has been cut off");
            continue;
        }
        struct hasher *h = &p->h[p->count++];
        *h = (struct hasher){.d = d, .md = md, .c = EVP_MD_CTX_new()};
        h->page_size = d->page_bits ? (uint64_t)1 << d->page_bits : d->limit;
        *limit = d->limit > *limit ? d->limit : *limit;
    }
}

/* The signature must cover all that is before it, and nothing may follow it. */
static void check_coverage(const struct dx_slice *s, const struct dx_codesign *cs,
                           struct dx_report *r)
{
    for (size_t i = 0; i < cs->directory_count; i++) {
        const struct dx_directory *d = &cs->directories[i];
        if (d->hashes && d->limit < s->signature_offset) {
            dx_report(r, "not-covered",
                      "the signature covers the first %llu bytes of the slice, not all up to the "
                      "signature at %llu",
                      (unsigned long long)d->limit, (unsigned long long)s->signature_offset)
                ->offset = (int64_t)(s->offset + d->limit);
            break;
        }
    }
    uint64_t end = s->signature_offset + s->signature_size;
    if (end < s->size) {
        dx_report(r, "bytes-behind",
                  "there are %llu bytes behind the signature that nothing covers",
                  (unsigned long long)(s->size - end))
            ->offset = (int64_t)(s->offset + end);
    }
}

int64_t dx_verify_pages(struct dext_ctx *ctx, const struct dx_image *image,
                        const struct dx_slice *slice, const struct dx_codesign *cs,
                        struct dx_report *r)
{
    struct pages p = {.r = r, .slice = slice};
    uint64_t limit = 0;
    int64_t pages = 0;
    open_hashers(&p, cs, &limit);
    struct dx_mark mark = dx_arena_mark(&ctx->arena);
    bool rewind = image->fd >= 0;
    unsigned char *buffer = rewind ? dx_alloc(&ctx->arena, CHUNK) : NULL;
    size_t before = r->count;
    (void)run_pages(&p, image, buffer, limit);
    if (rewind && r->count == before) {
        dx_arena_rewind(&ctx->arena, mark);
    }
    for (size_t i = 0; i < p.count; i++) {
        pages = (int64_t)p.h[i].page > pages ? (int64_t)p.h[i].page : pages;
        EVP_MD_CTX_free(p.h[i].c);
    }
    check_coverage(slice, cs, r);
    return pages;
}

/* ---- between the slices -------------------------------------------------------------------- */

static bool all_zero(const struct dx_image *image, uint64_t from, uint64_t to)
{
    unsigned char block[4096];
    while (from < to) {
        size_t n = to - from < sizeof block ? (size_t)(to - from) : sizeof block;
        if (!dx_image_get(image, from, block, n) || !is_zero(block, n)) {
            return false;
        }
        from += n;
    }
    return true;
}

/* No signature covers what lies around the slices of a universal file; lipo fills it with zeros. */
void dx_verify_gaps(const struct dx_image *image, const struct dx_macho *m, struct dx_report *r)
{
    uint64_t at = 8 + (uint64_t)m->count * (m->wide_table ? 32 : 20);
    while (m->fat && at < image->size) {
        uint64_t next = image->size;
        uint64_t end = next;
        for (size_t i = 0; i < m->count; i++) {
            const struct dx_slice *s = &m->slices[i];
            if (s->size && s->offset + s->size > at && s->offset < next) {
                next = s->offset;
                end = s->offset + s->size;
            }
        }
        if (next > at && !all_zero(image, at, next)) {
            dx_report(r, "bytes-between",
                      "there are bytes outside of the slices that nothing covers")
                ->offset = (int64_t)at;
        }
        at = end;
    }
}

/* ---- special slots ------------------------------------------------------------------------- */

/* The hash that d keeps for a slot; NULL: it keeps none. */
static const unsigned char *special_hash(const struct dx_directory *d, uint32_t slot)
{
    if (!d->hashes || slot > d->special_count) {
        return NULL;
    }
    const unsigned char *h = d->hashes - (size_t)slot * d->hash_size;
    return is_zero(h, d->hash_size) ? NULL : h;
}

/* What has no form of its own is wrapped, and hashed without (Security sigblob.cpp). */
#define MAGIC_WRAPPER 0xfade0b01U

struct slot_name {
    uint32_t slot;
    const char *what, *modified, *missing, *unsealed;
};

static const struct slot_name slot_names[] = {
    {DX_SLOT_INFO, "Info.plist", "info-plist-modified", "info-plist-missing",
     "info-plist-unsealed"},
    {DX_SLOT_REQUIREMENTS, "the set of requirements", "requirements-modified",
     "requirements-missing", "requirements-unsealed"},
    {DX_SLOT_RESOURCES, "CodeResources", "resources-modified", "resources-missing",
     "resources-unsealed"},
    {DX_SLOT_APPLICATION, "the list of the signature's parts", "parts-modified", "parts-missing",
     "parts-unsealed"},
    {DX_SLOT_REP, "what belongs to its format (slot 6)", "parts-modified", "parts-missing",
     "parts-unsealed"},
    {DX_SLOT_ENTITLEMENTS, "the entitlements", "entitlements-modified", "entitlements-missing",
     "entitlements-unsealed"},
    {DX_SLOT_DER, "the entitlements' DER copy", "entitlements-der-modified",
     "entitlements-der-missing", "entitlements-der-unsealed"},
    {DX_SLOT_CONSTRAINT, "the launch constraint on the process itself", "constraint-modified",
     "constraint-missing", "constraint-unsealed"},
    {DX_SLOT_CONSTRAINT + 1, "the launch constraint on the parent process", "constraint-modified",
     "constraint-missing", "constraint-unsealed"},
    {DX_SLOT_CONSTRAINT + 2, "the launch constraint on the responsible process",
     "constraint-modified", "constraint-missing", "constraint-unsealed"},
    {DX_SLOT_CONSTRAINT + 3, "the constraint on loaded libraries", "constraint-modified",
     "constraint-missing", "constraint-unsealed"},
};

static void unsealed(const struct slot_name *n, struct dx_report *r)
{
    if (n->slot == DX_SLOT_INFO) {
        dx_report_warning(r, n->unsealed, "the signature does not cover Info.plist");
    } else {
        dx_report(r, n->unsealed, "the signature does not cover %s", n->what);
    }
}

static void verify_slot(const struct dx_codesign *cs, const struct slot_name *n,
                        const struct dx_str *content, struct dx_report *r)
{
    for (size_t i = 0; i < cs->directory_count; i++) {
        const struct dx_directory *d = &cs->directories[i];
        const unsigned char *stored = special_hash(d, n->slot);
        unsigned char digest[64];
        if (!d->hashes || (!stored && !content)) {
            continue;
        }
        if (!stored) {
            unsealed(n, r);
            return;
        }
        if (!content) {
            dx_report(r, n->missing, "the signature covers %s, which is not there", n->what);
            return;
        }
        if (dx_hash(d->hash_type, content->p, content->n, digest) == 0) {
            dx_report(r, "not-computed", "nothing is known of %s: %s cannot be computed here",
                      n->what, dx_hash_name(d->hash_type));
            return;
        }
        if (memcmp(digest, stored, d->hash_size) != 0) {
            dx_report(r, n->modified, "%s been modified after signing",
                      n->slot == DX_SLOT_ENTITLEMENTS
                          ? "the entitlements have"
                          : dx_sprintf(&r->ctx->arena, "%s has", n->what));
            return;
        }
    }
}

void dx_verify_special(const struct dx_codesign *cs, const struct dx_special *special, size_t count,
                       struct dx_report *r)
{
    for (size_t i = 0; i < sizeof slot_names / sizeof *slot_names; i++) {
        const struct slot_name *n = &slot_names[i];
        const struct dx_blob *b = dx_codesign_blob(cs, n->slot);
        bool outside = n->slot == DX_SLOT_INFO || n->slot == DX_SLOT_RESOURCES;
        for (size_t k = 0; k < count; k++) {
            outside |= special[k].slot == n->slot;
        }
        if (!outside) {
            verify_slot(cs, n, !b ? NULL : b->magic == MAGIC_WRAPPER ? &b->body : &b->all, r);
        }
    }
    const char *file = r->file;
    for (size_t i = 0; i < count; i++) {
        const struct slot_name *n = slot_names;
        while (n->slot != special[i].slot) {
            n++;
        }
        r->file = special[i].file;
        if (special[i].known) {
            verify_slot(cs, n, special[i].content, r);
        }
        r->file = file;
    }
}

/* ---- CMS ----------------------------------------------------------------------------------- */

static int nid(const struct dx_directory *d)
{
    return d->hash_type == 1 ? NID_sha1 : d->hash_type == 4 ? NID_sha384 : NID_sha256;
}

/* Attribute 9.1: a property list {cdhashes: [20 bytes, ...]}, in the order of the directories. */
static const char *check_plist(struct dext_ctx *ctx, const struct dx_codesign *cs)
{
    struct dx_str s = cs->cms.cdhash_plist;
    if (s.n == 0) {
        return cs->directory_count > 1 ? "it does not name the further code directories" : NULL;
    }
    struct dx_source src = dx_source_bytes("cdhashes", dx_strndup(&ctx->arena, s.p, s.n), s.n);
    const struct dext_plist *pl = dx_plist_load(ctx, &src);
    dext_ctx_clear(ctx);
    const struct dext_node *list = dx_get_kind(pl->root, "cdhashes", DEXT_ARRAY);
    const struct dext_node *n = list ? list->child : NULL;
    size_t i = 0;
    for (; n && i < cs->directory_count; n = n->next, i++) {
        const struct dx_directory *d = &cs->directories[i];
        if (n->kind != DEXT_DATA || n->text.n != 20 || memcmp(n->text.p, d->digest, 20) != 0) {
            return "it was made for another code directory (cdhash)";
        }
    }
    return n || i < cs->directory_count ? "it names other code directories than there are" : NULL;
}

/* Attribute 9.2: a digest for each directory, not cut off. */
static const char *check_agility(const struct dx_codesign *cs)
{
    const struct dx_cms *c = &cs->cms;
    for (size_t i = 0; c->cdhash2_count && i < cs->directory_count; i++) {
        const struct dx_directory *d = &cs->directories[i];
        bool found = false;
        for (size_t k = 0; k < c->cdhash2_count; k++) {
            struct dx_str s = c->cdhashes2[k].digest;
            found |= c->cdhashes2[k].algorithm == nid(d) && s.n == d->digest_size &&
                     memcmp(s.p, d->digest, s.n) == 0;
        }
        if (!found) {
            return "it was made for another code directory (digest)";
        }
    }
    return NULL;
}

static void check_chain(const struct dx_cms *c, bool fit, struct dx_report *r)
{
    switch (c->trust) {
    case DX_CHAIN_APPLE:
        if (!fit) {
            dx_report(r, "certificate-unfit", "the certificate is not one for signing this");
        }
        break;
    case DX_CHAIN_OTHER_ROOT:
        dx_report(r, "chain-foreign", "%s", c->trust_reason);
        break;
    case DX_CHAIN_INCOMPLETE:
        dx_report(r, "chain-incomplete", "%s", c->trust_reason);
        break;
    default:
        dx_report(r, "chain-broken", "%s", c->trust_reason);
    }
}

static void check_time(const struct dx_cms *c, struct dx_report *r)
{
    if (c->has_timestamp && !c->timestamp_valid) {
        dx_report(r, "timestamp-broken", "the timestamp does not hold: %s", c->timestamp_reason);
    }
    if (!c->expired) {
        return;
    }
    const char *name = c->expired == c->signer ? "the certificate" : c->expired->common_name;
    if (c->timestamp_valid) {
        dx_report(r, "certificate-expired", "%s was not valid when it signed", name);
    } else {
        dx_report_warning(r, "certificate-expired",
                          "%s was not valid at the time the signer's clock gave", name);
    }
}

/* StaticCode.cpp, verifySignature: for the kinds of isAppleDeveloperCert. */
static void check_team(const struct dx_codesign *cs, struct dx_report *r)
{
    enum dext_signer_kind kind = dx_signer_kind(cs);
    const char *signer = cs->cms.signer ? cs->cms.signer->team : "";
    if (cs->best &&
        (kind == DEXT_SIGNER_DEVELOPMENT || kind == DEXT_SIGNER_DISTRIBUTION ||
         kind == DEXT_SIGNER_DEVELOPER_ID) &&
        cs->best->team[0] && signer[0] && strcmp(cs->best->team, signer) != 0) {
        dx_report(r, "team-differs",
                  "the signature says team %s, but the certificate is of team %s", cs->best->team,
                  signer);
    }
}

void dx_verify_signer(const struct dx_cms *c, bool fit, struct dx_report *r)
{
    check_chain(c, fit, r);
    check_time(c, r);
}

void dx_verify_cms(struct dext_ctx *ctx, const struct dx_codesign *cs, struct dx_report *r)
{
    const struct dx_cms *c = &cs->cms;
    if (!cs->has_cms && cs->best && !(cs->best->flags & 2)) {
        dx_report(r, "cms-missing",
                  "the cryptographic signature is missing, though it is not ad hoc");
    }
    if (!cs->cms_read || dx_is_ad_hoc(cs)) {
        return;
    }
    if (!c->signature_valid && strcmp(c->signature_reason, DX_NOT_COMPUTED) == 0) {
        dx_report(r, "not-computed", "whether the cryptographic signature holds is not known: %s",
                  c->signature_reason);
    } else if (!c->signature_valid) {
        dx_report(r, "cms-invalid", "the cryptographic signature does not hold: %s",
                  c->signature_reason);
    }
    if (c->oddity[0]) {
        dx_report(r, "cms-malformed", "the cryptographic signature is damaged: %s", c->oddity);
    }
    const struct dx_blob *b = dx_codesign_blob(cs, DX_SLOT_CMS);
    if (c->trailing && b && c->trailing <= b->body.n &&
        !is_zero((const unsigned char *)b->body.p + b->body.n - c->trailing, c->trailing)) {
        dx_report(r, "cms-malformed", "there are bytes behind the cryptographic signature");
    }
    const char *why = check_plist(ctx, cs);
    why = why ? why : check_agility(cs);
    if (why) {
        dx_report(r, "cms-other-code", "the cryptographic signature does not belong here: %s", why);
    }
    dx_verify_signer(c, !c->signer || c->signer->may_sign_code, r);
    check_team(cs, r);
}

bool dx_is_ad_hoc(const struct dx_codesign *cs)
{
    return !cs->has_cms || (cs->best && (cs->best->flags & 2));
}

enum dext_signer_kind dx_signer_kind(const struct dx_codesign *cs)
{
    if (dx_is_ad_hoc(cs)) {
        return !cs->directory_count                      ? DEXT_SIGNER_NONE
               : cs->best && (cs->best->flags & 0x20000) ? DEXT_SIGNER_LINKER
                                                         : DEXT_SIGNER_AD_HOC;
    }
    if (!cs->cms_read || !cs->cms.signer || cs->cms.trust != DX_CHAIN_APPLE) {
        return cs->cms_read && cs->cms.trust == DX_CHAIN_OTHER_ROOT ? DEXT_SIGNER_FOREIGN
                                                                    : DEXT_SIGNER_UNKNOWN;
    }
    switch (cs->cms.signer->kind) {
    case DX_CERT_DEVELOPMENT:
        return DEXT_SIGNER_DEVELOPMENT;
    case DX_CERT_DISTRIBUTION:
        return DEXT_SIGNER_DISTRIBUTION;
    case DX_CERT_DEVELOPER_ID_APPLICATION:
        return DEXT_SIGNER_DEVELOPER_ID;
    case DX_CERT_MAC_APP_STORE:
    case DX_CERT_IOS_APP_STORE:
        return DEXT_SIGNER_STORE;
    case DX_CERT_TESTFLIGHT:
        return DEXT_SIGNER_TESTFLIGHT;
    case DX_CERT_APPLE_SOFTWARE:
        return DEXT_SIGNER_APPLE;
    default:
        return DEXT_SIGNER_APPLE_OTHER;
    }
}

/* ---- entitlements -------------------------------------------------------------------------- */

static void differences(struct dx_texts *out, struct dext_ctx *ctx, const char *path,
                        const struct dext_node *a, const struct dext_node *b)
{
    if (a && b && a->kind == DEXT_DICT && b->kind == DEXT_DICT) {
        for (int side = 0; side < 2; side++) {
            const struct dext_node *one = side ? b : a, *other = side ? a : b;
            for (const struct dext_node *n = one->child; n; n = n->next) {
                const struct dext_node *m = dx_get(other, n->key.p);
                const char *below =
                    path[0] ? dx_sprintf(&ctx->arena, "%s/%s", path, n->key.p) : n->key.p;
                if (!n->overridden && !(side && m)) {
                    differences(out, ctx, below, side ? m : n, side ? n : m);
                }
            }
        }
    } else if (!a || !b || !dx_node_equal(a, b)) {
        *DX_PUSH(&ctx->arena, out->list, out->count, out->cap) = path;
    }
}

void dx_node_differences(struct dx_texts *out, struct dext_ctx *ctx, const struct dext_node *a,
                         const struct dext_node *b)
{
    static const struct dext_node nothing = {.kind = DEXT_DICT};
    differences(out, ctx, "", a ? a : &nothing, b ? b : &nothing);
}
