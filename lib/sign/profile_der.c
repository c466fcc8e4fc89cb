/* The DER form of property lists and the second copy of a profile that is written in it. Form: seen
 * in the profiles that Apple issues since 2021; TN3125 says that the system reads this copy. */
#include <openssl/asn1.h>
#include <openssl/err.h>
#include <stdio.h>
#include <string.h>

#include "sign/profile.h"

#define MOST_DER_NODES 5000
#define MOST_DER_KEYS 4096 /* of one dictionary; real ones have a dozen */
#define DEEPEST_DER 32

struct der {
    struct dext_ctx *ctx;
    size_t nodes;
    unsigned depth;
};

struct tlv {
    const unsigned char *p; /* content */
    long n;
    int tag, class;
    bool constructed;
};

/* Takes one element off the front. false: none that is whole. Lengths are definite in DER. */
static bool profile_der_next(const unsigned char **p, const unsigned char *end, struct tlv *t)
{
    const unsigned char *at = *p;
    if (at >= end) {
        return false;
    }
    int r = ASN1_get_object(&at, &t->n, &t->tag, &t->class, end - at);
    if ((r & 0x80) || (r & 1) || t->n < 0 || t->n > end - at) {
        ERR_clear_error();
        return false;
    }
    t->constructed = (r & V_ASN1_CONSTRUCTED) != 0;
    t->p = at;
    *p = at + t->n;
    return true;
}

static struct dext_node *read_value(struct der *d, const struct tlv *t);

static void profile_der_append(struct dext_node *parent, struct dext_node *child)
{
    child->parent = parent;
    *(parent->last ? &parent->last->next : &parent->child) = child;
    parent->last = child;
    parent->count++;
}

/* No string of a property list has one; cut off there it would be another string. */
static bool has_nul(const struct tlv *t)
{
    return memchr(t->p, 0, (size_t)t->n) != NULL;
}

static bool read_pairs(struct der *d, const struct tlv *t, struct dext_node *dict)
{
    const unsigned char *p = t->p, *end = t->p + t->n;
    while (p < end) {
        struct tlv pair, key, value;
        if (!profile_der_next(&p, end, &pair) || pair.tag != V_ASN1_SEQUENCE || pair.class != 0) {
            return false;
        }
        const unsigned char *q = pair.p, *last = pair.p + pair.n;
        if (!profile_der_next(&q, last, &key) || key.tag != V_ASN1_UTF8STRING || has_nul(&key) ||
            !profile_der_next(&q, last, &value) || q != last) {
            return false;
        }
        struct dext_node *n = read_value(d, &value);
        if (!n) {
            return false;
        }
        n->in_dict = true;
        n->key = (struct dx_str){dx_strndup(&d->ctx->arena, (const char *)key.p, (size_t)key.n),
                                 (size_t)key.n};
        /* The system wants every key once; which of two would count is not to be guessed. */
        if (dict->count >= MOST_DER_KEYS || dx_get(dict, n->key.p)) {
            return false;
        }
        profile_der_append(dict, n);
    }
    return true;
}

static bool read_elements(struct der *d, const struct tlv *t, struct dext_node *array)
{
    const unsigned char *p = t->p, *end = t->p + t->n;
    while (p < end) {
        struct tlv e;
        struct dext_node *n = profile_der_next(&p, end, &e) ? read_value(d, &e) : NULL;
        if (!n) {
            return false;
        }
        profile_der_append(array, n);
    }
    return true;
}

/* [APPLICATION 16] { INTEGER 1, [16] { pairs } }: the form of entitlements. */
static bool profile_der_read_entitlements(struct der *d, const struct tlv *t,
                                          struct dext_node *dict)
{
    const unsigned char *p = t->p, *end = t->p + t->n;
    struct tlv version, pairs;
    return profile_der_next(&p, end, &version) && version.tag == V_ASN1_INTEGER && version.n == 1 &&
           version.p[0] == 1 && profile_der_next(&p, end, &pairs) && pairs.tag == 16 &&
           pairs.class == V_ASN1_CONTEXT_SPECIFIC && p == end && read_pairs(d, &pairs, dict);
}

static bool read_container(struct der *d, const struct tlv *t, struct dext_node *n)
{
    bool good = false;
    if (++d->depth > DEEPEST_DER) {
        return false;
    }
    n->kind = DEXT_DICT;
    if (t->class == V_ASN1_APPLICATION && t->tag == 16) {
        good = profile_der_read_entitlements(d, t, n);
    } else if ((t->class == V_ASN1_CONTEXT_SPECIFIC && t->tag == 16) ||
               (t->class == V_ASN1_UNIVERSAL && t->tag == V_ASN1_SET)) {
        good = read_pairs(d, t, n);
    } else if (t->class == V_ASN1_UNIVERSAL && t->tag == V_ASN1_SEQUENCE) {
        n->kind = DEXT_ARRAY;
        good = read_elements(d, t, n);
    }
    d->depth--;
    return good;
}

static bool read_integer(const struct tlv *t, struct dext_node *n)
{
    if (t->n < 1 || t->n > 8) {
        return false;
    }
    uint64_t v = t->p[0] & 0x80 ? UINT64_MAX : 0;
    for (long i = 0; i < t->n; i++) {
        v = v << 8 | t->p[i];
    }
    n->kind = DEXT_INTEGER;
    n->integer = v;
    n->negative = (t->p[0] & 0x80) != 0;
    return true;
}

/* UTCTime and GeneralizedTime as a property list writes a date. */
static bool read_time(struct der *d, const struct tlv *t, struct dext_node *n)
{
    ASN1_STRING *s = ASN1_STRING_type_new(t->tag);
    struct tm tm;
    char text[64];
    bool good = s && ASN1_STRING_set(s, t->p, (int)t->n) == 1 && ASN1_TIME_to_tm(s, &tm) == 1;
    ASN1_STRING_free(s);
    ERR_clear_error();
    if (good) {
        (void)snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900,
                       tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
        n->kind = DEXT_DATE;
        n->text = dx_str(dx_strdup(&d->ctx->arena, text));
    }
    return good;
}

static bool read_scalar(struct der *d, const struct tlv *t, struct dext_node *n)
{
    if (t->class != V_ASN1_UNIVERSAL) {
        return false;
    }
    switch (t->tag) {
    case V_ASN1_BOOLEAN:
        n->kind = DEXT_BOOL;
        n->boolean = t->n == 1 && t->p[0];
        n->text = n->boolean ? DX_STR("true") : DX_STR("false");
        return t->n == 1;
    case V_ASN1_INTEGER:
        return read_integer(t, n);
    case V_ASN1_UTCTIME:
    case V_ASN1_GENERALIZEDTIME:
        return read_time(d, t, n);
    case V_ASN1_UTF8STRING:
    case V_ASN1_OCTET_STRING:
        n->kind = t->tag == V_ASN1_UTF8STRING ? DEXT_STRING : DEXT_DATA;
        n->text = (struct dx_str){dx_strndup(&d->ctx->arena, (const char *)t->p, (size_t)t->n),
                                  (size_t)t->n};
        return t->tag != V_ASN1_UTF8STRING || !has_nul(t);
    default:
        return false;
    }
}

static struct dext_node *read_value(struct der *d, const struct tlv *t)
{
    if (d->nodes++ >= MOST_DER_NODES) {
        return NULL;
    }
    struct dext_node *n = dx_alloc(&d->ctx->arena, sizeof *n);
    bool good = t->constructed ? read_container(d, t, n) : read_scalar(d, t, n);
    return good ? n : NULL;
}

const struct dext_node *dx_der_plist(struct dext_ctx *ctx, struct dx_str der)
{
    struct der d = {.ctx = ctx};
    const unsigned char *p = (const unsigned char *)der.p, *end = p + der.n;
    struct tlv t;
    const struct dext_node *n =
        profile_der_next(&p, end, &t) && p == end ? read_value(&d, &t) : NULL;
    return n && n->kind == DEXT_DICT ? n : NULL;
}

/* ---- comparing ----------------------------------------------------------------------------- */

static bool names_certificate(const struct dext_node *der, const struct dx_cert *cert)
{
    for (const struct dext_node *hash = der->child; hash; hash = hash->next) {
        char hex[65] = "";
        for (size_t k = 0; k < hash->text.n && k < 32; k++) {
            (void)snprintf(hex + k * 2, 3, "%02x", (unsigned)(unsigned char)hash->text.p[k]);
        }
        if (hash->kind == DEXT_DATA && strcmp(hex, cert->sha256) == 0) {
            return true;
        }
    }
    return false;
}

/* Only what the DER copy names counts. */
static void drop_certificates(struct dx_profile *p, const struct dext_node *root)
{
    const struct dext_node *der = dx_get_kind(root, "DeveloperCertificates", DEXT_ARRAY);
    struct dx_cert *certs = (struct dx_cert *)p->certs;
    struct dext_certificate *pub = (struct dext_certificate *)p->pub.certificates;
    size_t n = 0;
    for (size_t i = 0; i < p->cert_count; i++) {
        if (der && names_certificate(der, &certs[i])) {
            certs[n] = certs[i];
            pub[n++] = pub[i];
        }
    }
    p->cert_count = p->pub.certificate_count = n;
}

/* The DER copy names the developer's certificates by their SHA-256. */
static bool same_certificates(const struct dx_profile *p, const struct dext_node *der)
{
    bool same = der->kind == DEXT_ARRAY && der->count == p->cert_count;
    for (size_t i = 0; same && i < p->cert_count; i++) {
        same = names_certificate(der, &p->certs[i]);
    }
    return same;
}

struct differences {
    const char **list;
    size_t count, cap;
};

/* Keys of one side that the other says differently or, when both_ways, not at all. */
static void profile_der_compare(const struct dx_profile *p, struct dext_ctx *ctx,
                                const struct dext_node *xml, const struct dext_node *der,
                                struct differences *out)
{
    for (const struct dext_node *d = der->child; d; d = d->next) {
        const struct dext_node *x = dx_get(xml, d->key.p);
        bool same = dx_str_is(d->key, "DeveloperCertificates") ? same_certificates(p, d)
                    : x                                        ? dx_node_equal(d, x)
                        : dx_str_is(d->key, "ProfileDistributionType");
        if (!same) {
            *DX_PUSH(&ctx->arena, out->list, out->count, out->cap) = d->key.p;
        }
    }
    for (const struct dext_node *x = xml->child; x; x = x->next) {
        if (!x->overridden && !dx_str_is(x->key, "DER-Encoded-Profile") && !dx_get(der, x->key.p)) {
            *DX_PUSH(&ctx->arena, out->list, out->count, out->cap) = x->key.p;
        }
    }
}

/* A copy that Apple did not sign proves nothing about a profile that Apple did sign. Every copy
 * that was looked at (profiles of 2021 to 2026) is signed with a certificate marked 12.19 below
 * Apple System Integration CA 4, marked 6.2.17; a developer's certificate ends at Apple as well. */
static const char *untrusted(const struct dx_profile *p, struct dext_ctx *ctx,
                             const struct dx_cms *cms)
{
    if (!cms->signature_valid) {
        return dx_sprintf(&ctx->arena, "its signature does not hold: %s", cms->signature_reason);
    }
    if (p->pub.trust != DEXT_PROFILE_TRUSTED) {
        return NULL;
    }
    if (cms->trust != DX_CHAIN_APPLE) {
        return cms->trust_reason;
    }
    bool portal = cms->chain_count > 1 && dx_cert_marked(cms->chain[0], "12.19") &&
                  dx_cert_marked(cms->chain[1], "6.2.17");
    return portal ? NULL
                  : dx_sprintf(&ctx->arena, "its signer, %s, is not the one of Apple's portal",
                               cms->chain[0]->common_name);
}

void dx_profile_compare_der(struct dx_profile *p, struct dext_ctx *ctx, struct dx_str der)
{
    struct dx_cms cms;
    p->pub.der = DEXT_DER_UNREADABLE;
    if (dx_cms_read(&cms, ctx, "DER-Encoded-Profile", der, NULL) != DEXT_OK) {
        p->pub.der_reason = dx_strdup(&ctx->arena, dext_ctx_error(ctx));
        dext_ctx_clear(ctx);
        return;
    }
    const char *why = untrusted(p, ctx, &cms);
    const struct dext_node *root = why ? NULL : dx_der_plist(ctx, cms.content);
    if (!root) {
        p->pub.der_reason = why ? why : "it is no property list in the form that Apple writes";
        return;
    }
    const struct dext_node *type = dx_get_kind(root, "ProfileDistributionType", DEXT_STRING);
    p->pub.distribution = type ? type->text.p : "";
    struct differences diff = {0};
    profile_der_compare(p, ctx, p->plist->root, root, &diff);
    p->pub.differences = diff.list;
    p->pub.difference_count = diff.count;
    p->pub.der = diff.count ? DEXT_DER_DIFFERENT : DEXT_DER_SAME;
    p->pub.der_reason = diff.count ? "it differs from the property list" : "";
    if (p->pub.trust == DEXT_PROFILE_TRUSTED) {
        p->model = root;
        drop_certificates(p, root);
    }
}
