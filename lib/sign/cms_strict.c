/* What a signature does not cover and a verifier skips over: version numbers, the list of digests,
 * the parameters of algorithms, certificates that nobody needs. Wrong values there prove damage,
 * even though every signature holds. */
#include <openssl/asn1.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <string.h>

#include "sign/cms_open.h"

#define OID_CONTENT_TYPE "1.2.840.113549.1.9.3"

struct element {
    const unsigned char *p; /* content */
    long n;                 /* of it */
    int tag;
};

static bool cms_strict_next(const unsigned char **p, const unsigned char *end, struct element *e)
{
    int class;
    const unsigned char *at = *p;
    int r = at < end ? ASN1_get_object(&at, &e->n, &e->tag, &class, end - at) : 0x80;
    ERR_clear_error();
    if ((r & 0x80) || (r & 1) || e->n < 0 || e->n > end - at) {
        return false;
    }
    e->p = at;
    *p = at + e->n;
    return true;
}

struct head {
    struct element version, digests, signer; /* signer: version of the first SignerInfo */
};

/* Steps into the first element of what is at *p. */
static bool enter(const unsigned char **p, const unsigned char **end)
{
    struct element e;
    if (!cms_strict_next(p, *end, &e)) {
        return false;
    }
    *p = e.p;
    *end = e.p + e.n;
    return true;
}

/* A SignedData's version, its digest algorithms and its last part, the SignerInfos. der has
 * definite lengths. */
static bool open_head(struct dx_str der, struct head *h)
{
    const unsigned char *p = (const unsigned char *)der.p, *end = p + der.n;
    struct element type, last;
    if (!enter(&p, &end) || !cms_strict_next(&p, end, &type) || !enter(&p, &end) ||
        !enter(&p, &end) || !cms_strict_next(&p, end, &h->version) ||
        !cms_strict_next(&p, end, &h->digests) || !cms_strict_next(&p, end, &last)) {
        return false;
    }
    while (p < end && cms_strict_next(&p, end, &last)) {
    }
    const unsigned char *q = last.p, *stop = last.p + last.n;
    return p == end && last.tag == V_ASN1_SET && enter(&q, &stop) &&
           cms_strict_next(&q, stop, &h->signer);
}

static bool is_number(const struct element *e, unsigned char wanted)
{
    return e->tag == V_ASN1_INTEGER && e->n == 1 && e->p[0] == wanted;
}

static bool is_plain(const X509_ALGOR *a, int *nid)
{
    const ASN1_OBJECT *o = NULL;
    int type = V_ASN1_UNDEF;
    X509_ALGOR_get0(&o, &type, NULL, a);
    *nid = OBJ_obj2nid(o);
    return type == V_ASN1_UNDEF || type == V_ASN1_NULL;
}

/* Of several signers each has its digest in the list; the first is the one that counts here. */
static bool lists_digest(const struct element *digests, int wanted)
{
    const unsigned char *p = digests->p, *end = digests->p + digests->n;
    bool found = false;
    for (size_t i = 0; p < end && i < 16; i++) {
        const unsigned char *was = p;
        X509_ALGOR *a = d2i_X509_ALGOR(NULL, &p, end - p);
        int nid = NID_undef;
        bool good = a && is_plain(a, &nid) && nid != NID_undef;
        X509_ALGOR_free(a);
        ERR_clear_error();
        if (!good || p == was) {
            return false;
        }
        found = found || nid == wanted;
    }
    return found;
}

/* rsaEncryption, or an algorithm of the signer's kind of key and the same digest. */
static bool cms_strict_fits(const struct dx_signed *s, int signature, int digest)
{
    const EVP_PKEY *key =
        s->signer == DX_NO_SIGNER ? NULL : X509_get0_pubkey(s->pool.list[s->signer].x);
    int kind = key ? EVP_PKEY_get_base_id(key) : NID_undef, md = NID_undef, of = NID_undef;
    if (!key || signature == kind || signature == NID_rsassaPss) {
        return true;
    }
    return OBJ_find_sigid_algs(signature, &md, &of) == 1 && (md == NID_undef || md == digest) &&
           (of == kind || (of == NID_X9_62_id_ecPublicKey && kind == EVP_PKEY_EC));
}

/* RFC 5652, 5.1 and 5.3: versions follow from how the signer is named and from the content. */
static const char *odd_version(const struct dx_signed *s, const struct head *h)
{
    ASN1_OCTET_STRING *key_id = NULL;
    (void)CMS_SignerInfo_get0_signer_id(s->si, &key_id, NULL, NULL);
    bool data = OBJ_obj2nid(CMS_get0_eContentType(s->cms)) == NID_pkcs7_data;
    bool good = is_number(&h->version, key_id || !data ? 3 : 1) ||
                (!data && !key_id && is_number(&h->version, 1)); /* older signers write 1 */
    return good && is_number(&h->signer, key_id ? 3 : 1)
               ? NULL
               : "a version number is not what its form requires";
}

static const char *odd_head(const struct dx_signed *s)
{
    struct head h;
    X509_ALGOR *digest = NULL, *signature = NULL;
    int wanted = NID_undef, nid = NID_undef;
    CMS_SignerInfo_get0_algs(s->si, NULL, NULL, &digest, &signature);
    if (!is_plain(digest, &wanted)) {
        return "the digest algorithm has parameters";
    }
    /* Only RSASSA-PSS has parameters that mean something; its verifier reads them. */
    if (!is_plain(signature, &nid) && nid != NID_rsassaPss) {
        return "the signature algorithm has parameters";
    }
    if (!cms_strict_fits(s, nid, wanted)) {
        return "the signature algorithm is not one of the signer's key";
    }
    /* Written anew, so that BER with its indefinite lengths (codesign's) becomes DER. */
    unsigned char *der = NULL;
    int n = i2d_CMS_ContentInfo(s->cms, &der);
    struct dx_str bytes = {(const char *)der, n > 0 ? (size_t)n : 0};
    const char *why = !open_head(bytes, &h) ? "its parts cannot be told apart"
                      : !lists_digest(&h.digests, wanted)
                          ? "the list of digests is not the signer's"
                          : odd_version(s, &h);
    OPENSSL_free(der);
    return why;
}

/* RFC 5652, 11.1: the attribute repeats the type of the content. */
static const char *odd_type(const struct dx_signed *s)
{
    const ASN1_TYPE *type = dx_signed_attribute(s, OID_CONTENT_TYPE);
    if (!type) {
        return NULL;
    }
    return type->type == V_ASN1_OBJECT &&
                   OBJ_cmp(type->value.object, CMS_get0_eContentType(s->cms)) == 0
               ? NULL
               : "the type of the content is not the one that was signed";
}

/* OpenSSL takes the signer's name for the same in capitals and small letters; signers copy it. */
static const char *odd_name(const struct dx_signed *s)
{
    ASN1_OCTET_STRING *key_id = NULL;
    X509_NAME *named = NULL;
    const unsigned char *a, *b;
    size_t an, bn;
    (void)CMS_SignerInfo_get0_signer_id(s->si, &key_id, &named, NULL);
    if (!named || s->signer == DX_NO_SIGNER) {
        return NULL;
    }
    const X509_NAME *own = X509_get_issuer_name(s->pool.list[s->signer].x);
    return X509_NAME_get0_der(named, &a, &an) == 1 && X509_NAME_get0_der(own, &b, &bn) == 1 &&
                   an == bn && memcmp(a, b, an) == 0
               ? NULL
               : "the issuer of the signer's certificate is not written as in the certificate";
}

static bool cms_strict_in_chain(const struct dx_cert *cert, const struct dx_cert *const *chain,
                                size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(chain[i]->sha256, cert->sha256) == 0) {
            return true;
        }
    }
    return false;
}

/* A certificate that the chain does not need leads to a root as well, or it is damaged. (iOS
 * profiles carry a root that none of their certificates needs.) */
static const char *odd_certificate(const struct dx_signed *s, struct dext_ctx *ctx,
                                   const struct dx_cert *const *chain, size_t count)
{
    for (size_t i = 0; i < s->cert_count; i++) {
        struct dx_chain_result r;
        if (cms_strict_in_chain(&s->certs[i], chain, count)) {
            continue;
        }
        dx_chain_build(&r, ctx, &s->pool, i, 0);
        if (r.trust == DX_CHAIN_BROKEN || r.trust == DX_CHAIN_INCOMPLETE) {
            return dx_sprintf(&ctx->arena, "a certificate in it leads nowhere: %s", r.reason);
        }
    }
    return NULL;
}

/* Nothing signs the unsigned attributes, and a verifier passes over those it does not know: a
 * timestamp whose identifier is damaged would just not be there. All that Apple's tools write is
 * one timestamp. */
static const char *odd_unsigned(const struct dx_signed *s)
{
    int count = CMS_unsigned_get_attr_count(s->si);
    for (int i = 0; i < count; i++) {
        X509_ATTRIBUTE *a = CMS_unsigned_get_attr(s->si, i);
        const ASN1_OBJECT *o = a ? X509_ATTRIBUTE_get0_object(a) : NULL;
        if (!o || OBJ_obj2nid(o) != NID_id_smime_aa_timeStampToken || i > 0) {
            return "it has an unsigned attribute that no tool of Apple's writes";
        }
    }
    return NULL;
}

const char *dx_signed_oddity(const struct dx_signed *s, struct dext_ctx *ctx,
                             const struct dx_cert *const *chain, size_t count)
{
    if (!s->si) {
        return NULL;
    }
    const char *why = odd_head(s);
    why = why ? why : odd_type(s);
    why = why ? why : odd_name(s);
    why = why ? why : odd_unsigned(s);
    return why ? why : odd_certificate(s, ctx, chain, count);
}
