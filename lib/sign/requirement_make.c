/* Requirements as the system writes them: what the compiler of requirements puts together, and the
 * designated requirement of code that has none of its own (Security drmaker.cpp; StaticCode.cpp,
 * defaultDesignatedRequirement). */
#include <string.h>

#include "sign/cert.h"
#include "sign/cert_field.h"
#include "sign/requirement.h"

#define MOST_BYTES ((size_t)1 << 20)

void dx_make_begin(struct dx_requirement_maker *m, struct dext_ctx *ctx)
{
    dx_buf_init(&m->out, &ctx->arena, MOST_BYTES);
    dx_make_number(m, DX_REQUIREMENT_MAGIC);
    dx_make_number(m, 0); /* its length */
    dx_make_number(m, 1); /* an expression */
}

static void make_store(char *p, uint32_t v)
{
    p[0] = (char)(v >> 24);
    p[1] = (char)(v >> 16);
    p[2] = (char)(v >> 8);
    p[3] = (char)v;
}

void dx_make_number(struct dx_requirement_maker *m, uint32_t v)
{
    char bytes[4];
    make_store(bytes, v);
    dx_buf_add(&m->out, bytes, 4);
}

void dx_make_data(struct dx_requirement_maker *m, const void *p, size_t n)
{
    dx_make_number(m, (uint32_t)n);
    dx_buf_add(&m->out, p, n);
    dx_buf_add(&m->out, "\0\0\0", (4 - n % 4) % 4);
}

void dx_make_insert(struct dx_requirement_maker *m, size_t at, uint32_t op)
{
    size_t n = m->out.n;
    dx_make_number(m, 0);
    if (!m->out.toobig) {
        memmove(m->out.p + at + 4, m->out.p + at, n - at);
        make_store(m->out.p + at, op);
    }
}

struct dx_str dx_make_end(struct dx_requirement_maker *m)
{
    if (m->out.toobig) {
        return (struct dx_str){"", 0};
    }
    make_store(m->out.p + 4, (uint32_t)m->out.n);
    return dx_buf_str(&m->out);
}

/* ---- what the system makes up -------------------------------------------------------------- */

static void make_hex(struct dx_requirement_maker *m, const char *hex)
{
    unsigned char bytes[20] = {0};
    for (size_t i = 0; i < 40 && hex[i]; i++) {
        unsigned v = (unsigned)(hex[i] <= '9' ? hex[i] - '0' : hex[i] - 'a' + 10);
        bytes[i / 2] = (unsigned char)((unsigned)bytes[i / 2] << 4 | (unsigned)v);
    }
    dx_make_data(m, bytes, sizeof bytes);
}

/* Nobody vouches for it, so it is itself and nothing else: the cdhashes of all its slices. */
static struct dx_str make_ad_hoc(struct dext_ctx *ctx, const struct dx_judged *all, size_t count)
{
    struct dx_requirement_maker m;
    size_t made = 0;
    dx_make_begin(&m, ctx);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < all[i].cdhash_count; k++) {
            if (made++) {
                dx_make_insert(&m, DX_REQUIREMENT_HEAD, DX_OP_OR);
            }
            dx_make_number(&m, DX_OP_CDHASH);
            make_hex(&m, all[i].cdhashes[k]);
        }
    }
    return made ? dx_make_end(&m) : (struct dx_str){"", 0};
}

static void make_marker(struct dx_requirement_maker *m, uint32_t slot, struct dx_str oid)
{
    dx_make_number(m, DX_OP_CERT_GENERIC);
    dx_make_number(m, slot);
    dx_make_data(m, oid.p, oid.n);
    dx_make_number(m, DX_MATCH_EXISTS);
}

static void make_subject(struct dx_requirement_maker *m, struct dext_ctx *ctx, const X509 *leaf,
                         const char *key)
{
    struct dx_str value = {"", 0};
    (void)dx_cert_subject(&value, ctx, leaf, key);
    dx_make_number(m, DX_OP_CERT_FIELD);
    dx_make_number(m, DX_SLOT_LEAF);
    dx_make_data(m, key, strlen(key));
    dx_make_number(m, DX_MATCH_EQUAL);
    dx_make_data(m, value.p, value.n);
}

static void make_apple(struct dx_requirement_maker *m, struct dext_ctx *ctx, const X509 *leaf,
                       const X509 *issuer)
{
    static const char ios[] = "\x2a\x86\x48\x86\xf7\x63\x64\x06\x02\x01";
    static const char ca[] = "\x2a\x86\x48\x86\xf7\x63\x64\x06\x02\x06";
    static const char id[] = "\x2a\x86\x48\x86\xf7\x63\x64\x06\x01\x0d";
    const struct dx_str ios_ca = DX_STR(ios), id_ca = DX_STR(ca), id_leaf = DX_STR(id);
    if (issuer && dx_cert_has_extension(issuer, ios_ca)) {
        dx_make_number(m, DX_OP_AND);
        dx_make_number(m, DX_OP_APPLE_GENERIC_ANCHOR);
        dx_make_number(m, DX_OP_AND);
        make_subject(m, ctx, leaf, "subject.CN");
        make_marker(m, 1, ios_ca);
    } else if (issuer && dx_cert_has_extension(issuer, id_ca)) {
        dx_make_number(m, DX_OP_AND);
        dx_make_number(m, DX_OP_APPLE_GENERIC_ANCHOR);
        dx_make_number(m, DX_OP_AND);
        make_marker(m, 1, id_ca);
        dx_make_number(m, DX_OP_AND);
        make_marker(m, DX_SLOT_LEAF, id_leaf);
        make_subject(m, ctx, leaf, "subject.OU");
    } else {
        dx_make_number(m, DX_OP_APPLE_ANCHOR);
    }
}

/* The highest certificate of the chain that still is of the signer's organization. */
static void make_other(struct dx_requirement_maker *m, const struct dx_judged *s)
{
    size_t slot = 0;
    const char *organization = s->chain[0]->organization;
    while (organization[0] && slot + 1 < s->chain_count &&
           strcmp(s->chain[slot + 1]->organization, organization) == 0) {
        slot++;
    }
    bool root = organization[0] && slot == s->chain_count - 1;
    dx_make_number(m, DX_OP_ANCHOR_HASH);
    dx_make_number(m, root ? (uint32_t)DX_SLOT_ROOT : (uint32_t)slot);
    make_hex(m, s->chain[slot]->sha1);
}

struct dx_str dx_requirement_designated(struct dext_ctx *ctx, const struct dx_judged *all,
                                        size_t count)
{
    struct dx_requirement_maker m;
    const struct dx_judged *s = NULL;
    for (size_t i = 0; i < count && !s; i++) {
        s = all[i].identifier ? &all[i] : NULL;
    }
    if (!s || s->designated.n) {
        return s ? s->designated : (struct dx_str){"", 0};
    }
    if (s->ad_hoc || s->chain_count == 0) {
        return make_ad_hoc(ctx, all, count);
    }
    X509 *leaf = dx_x509_read(s->chain[0]->der);
    X509 *issuer = s->chain_count == 3 ? dx_x509_read(s->chain[1]->der) : NULL;
    dx_make_begin(&m, ctx);
    dx_make_number(&m, DX_OP_AND);
    dx_make_number(&m, DX_OP_IDENT);
    dx_make_data(&m, s->identifier, strlen(s->identifier));
    if (leaf && dx_is_apple_root(s->chain[s->chain_count - 1])) {
        make_apple(&m, ctx, leaf, issuer);
    } else {
        make_other(&m, s);
    }
    X509_free(leaf);
    X509_free(issuer);
    return dx_make_end(&m);
}
