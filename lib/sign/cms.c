/* A signature as OpenSSL finds it, and what dextctl wants to know of it. */
#include "sign/cms.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <string.h>

#include "base/crypto.h"
#include "sign/cms_open.h"

#define OID_CONTENT_TYPE "1.2.840.113549.1.9.3"
#define OID_MESSAGE_DIGEST "1.2.840.113549.1.9.4"
#define OID_SIGNING_TIME "1.2.840.113549.1.9.5"
/* Apple's hash agility attributes: Security-61901.0.87, CMSUtils and SecCmsBase.h */
#define OID_CDHASH_PLIST "1.2.840.113635.100.9.1"
#define OID_CDHASH2 "1.2.840.113635.100.9.2"

/* ---- opening ------------------------------------------------------------------------------- */

static int read_certs(struct dx_signed *s, struct dext_ctx *ctx, const char *name)
{
    STACK_OF(X509) *list = CMS_get1_certs(s->cms);
    int n = list ? sk_X509_num(list) : 0;
    int status = n > DX_MOST_CERTS
                     ? dx_fail(ctx, DEXT_E_LIMIT, "%s: holds %d certificates, at most %d are read",
                               name, n, DX_MOST_CERTS)
                     : DEXT_OK;
    s->certs = dx_calloc(&ctx->arena, (size_t)(n > 0 ? n : 0) + 1, sizeof *s->certs);
    for (int i = 0; status == DEXT_OK && i < n; i++) {
        struct dx_cert *cert = &s->certs[s->cert_count];
        X509 *x = sk_X509_value(list, i);
        if (!dx_cert_describe(cert, ctx, x)) {
            status = dx_fail(ctx, DEXT_E_FORMAT, "%s: a certificate in it cannot be read", name);
            break;
        }
        if (s->si && s->signer == DX_NO_SIGNER && CMS_SignerInfo_cert_cmp(s->si, x) == 0) {
            s->signer = s->cert_count;
            CMS_SignerInfo_set1_signer_cert(s->si, x);
        }
        dx_pool_add(&s->pool, x, cert);
        s->cert_count++;
    }
    sk_X509_pop_free(list, X509_free);
    return status;
}

int dx_signed_open(struct dx_signed *out, struct dext_ctx *ctx, const char *name, struct dx_str der)
{
    memset(out, 0, sizeof *out);
    out->signer = DX_NO_SIGNER;
    if (der.n > ctx->limits.cms_bytes) {
        return dx_fail(ctx, DEXT_E_LIMIT, "%s: larger than %zu bytes, no signature is", name,
                       ctx->limits.cms_bytes);
    }
    const unsigned char *p = (const unsigned char *)der.p;
    CMS_ContentInfo *made = dx_crypto() ? CMS_ContentInfo_new_ex(dx_crypto(), NULL) : NULL;
    out->der = der;
    out->cms = made ? d2i_CMS_ContentInfo(&made, &p, (long)der.n) : NULL; /* frees it on failure */
    if (!out->cms) {
        return dx_fail(ctx, DEXT_E_FORMAT, "%s: not a CMS message, or a damaged one", name);
    }
    out->trailing = der.n - (size_t)(p - (const unsigned char *)der.p);
    if (OBJ_obj2nid(CMS_get0_type(out->cms)) != NID_pkcs7_signed) {
        return dx_fail(ctx, DEXT_E_FORMAT, "%s: a CMS message, but not signed data", name);
    }
    STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(out->cms);
    out->si =
        signers && sk_CMS_SignerInfo_num(signers) > 0 ? sk_CMS_SignerInfo_value(signers, 0) : NULL;
    ASN1_OCTET_STRING **content = CMS_get0_content(out->cms);
    if (content && *content) {
        out->content = (struct dx_str){(const char *)ASN1_STRING_get0_data(*content),
                                       (size_t)ASN1_STRING_length(*content)};
    }
    return read_certs(out, ctx, name);
}

void dx_signed_close(struct dx_signed *s)
{
    dx_pool_free(&s->pool);
    CMS_ContentInfo_free(s->cms);
    s->cms = NULL;
    ERR_clear_error();
}

/* ---- verifying ----------------------------------------------------------------------------- */

const ASN1_TYPE *dx_signed_attribute(const struct dx_signed *s, const char *oid)
{
    ASN1_OBJECT *o = OBJ_txt2obj(oid, 1);
    int at = s->si && o ? CMS_signed_get_attr_by_OBJ(s->si, o, -1) : -1;
    ASN1_OBJECT_free(o);
    X509_ATTRIBUTE *attribute = at >= 0 ? CMS_signed_get_attr(s->si, at) : NULL;
    return attribute ? X509_ATTRIBUTE_get0_type(attribute, 0) : NULL;
}

/* Apple signs with SHA-1 (old profiles) or better; MD5 proves nothing. */
const EVP_MD *dx_good_digest(const X509_ALGOR *algorithm)
{
    static const int good[] = {NID_sha1, NID_sha224, NID_sha256, NID_sha384, NID_sha512};
    const ASN1_OBJECT *o = NULL;
    X509_ALGOR_get0(&o, NULL, NULL, algorithm);
    int nid = OBJ_obj2nid(o);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        if (good[i] == nid) {
            return dx_md_nid(nid);
        }
    }
    return NULL;
}

/* Whether the signer's key made the signature over data. NULL: it did. */
static const char *cms_key_verify(const struct dx_signed *s, const EVP_MD *md, struct dx_str data,
                                  const char *differs)
{
    const ASN1_OCTET_STRING *sig = CMS_SignerInfo_get0_signature(s->si);
    EVP_PKEY *key = X509_get0_pubkey(s->pool.list[s->signer].x);
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    bool ready =
        c && key &&
        EVP_DigestVerifyInit_ex(c, NULL, EVP_MD_get0_name(md), dx_crypto(), NULL, key, NULL) == 1;
    bool good =
        ready && EVP_DigestVerify(c, ASN1_STRING_get0_data(sig), (size_t)ASN1_STRING_length(sig),
                                  (const unsigned char *)data.p, data.n) == 1;
    EVP_MD_CTX_free(c);
    ERR_clear_error();
    return good ? NULL : ready ? differs : DX_NOT_COMPUTED;
}

/* Each is there exactly once, with one value (Security cmssiginfo.c, SecCmsSignerInfoVerify). */
static const char *cms_check_attributes(const struct dx_signed *s)
{
    static const char *const needed[] = {OID_CONTENT_TYPE, OID_MESSAGE_DIGEST};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        ASN1_OBJECT *o = OBJ_txt2obj(needed[i], 1);
        int at = o ? CMS_signed_get_attr_by_OBJ(s->si, o, -1) : -1;
        bool again = at >= 0 && CMS_signed_get_attr_by_OBJ(s->si, o, at) >= 0;
        X509_ATTRIBUTE *a = at >= 0 ? CMS_signed_get_attr(s->si, at) : NULL;
        ASN1_OBJECT_free(o);
        if (!a) {
            return i ? "the signed attributes hold no message digest"
                     : "the signed attributes do not say of what type the content is";
        }
        if (again || X509_ATTRIBUTE_count(a) != 1) {
            return "a signed attribute is there more than once";
        }
    }
    return NULL;
}

/* The attributes are verified as they were received: signers exist that do not sort them, and what
 * would be written anew is not what they signed. */
static const char *cms_verify_attributes(const struct dx_signed *s, struct dext_ctx *ctx,
                                         const EVP_MD *md)
{
    static const char differs[] = "the signature over the signed attributes does not hold";
    X509_ALGOR *signature = NULL;
    const ASN1_OBJECT *o = NULL;
    CMS_SignerInfo_get0_algs(s->si, NULL, NULL, NULL, &signature);
    X509_ALGOR_get0(&o, NULL, NULL, signature);
    if (OBJ_obj2nid(o) == NID_rsassaPss) { /* its parameters are OpenSSL's to read */
        return CMS_SignerInfo_verify(s->si) == 1 ? NULL : differs;
    }
    struct dx_str raw = dx_cms_raw_attributes(ctx, s->der);
    return raw.n ? cms_key_verify(s, md, raw, differs)
                 : "its signed attributes cannot be told apart";
}

const char *dx_signed_verify(const struct dx_signed *s, struct dext_ctx *ctx, struct dx_str content)
{
    if (!s->si) {
        return "nobody signed it";
    }
    if (s->signer == DX_NO_SIGNER) {
        return "the signer's certificate is not in it";
    }
    X509_ALGOR *algorithm = NULL;
    CMS_SignerInfo_get0_algs(s->si, NULL, NULL, &algorithm, NULL);
    const EVP_MD *md = dx_good_digest(algorithm);
    if (!md) {
        return "signed with a digest that proves nothing";
    }
    if (CMS_signed_get_attr_count(s->si) <= 0) { /* RFC 5652, 5.4: over the content itself */
        return cms_key_verify(s, md, content, "the signature over the content does not hold");
    }
    const char *why = cms_check_attributes(s);
    why = why ? why : cms_verify_attributes(s, ctx, md);
    if (why) {
        return why;
    }
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    const ASN1_TYPE *want = dx_signed_attribute(s, OID_MESSAGE_DIGEST);
    if (!want || want->type != V_ASN1_OCTET_STRING) {
        return "the signed attributes hold no message digest";
    }
    if (EVP_Digest(content.p, content.n, digest, &n, md, NULL) != 1) {
        return DX_NOT_COMPUTED;
    }
    if (ASN1_STRING_length(want->value.octet_string) != (int)n ||
        memcmp(ASN1_STRING_get0_data(want->value.octet_string), digest, n) != 0) {
        return "the content is not what was signed: its digest differs";
    }
    return NULL;
}

/* ---- attributes ---------------------------------------------------------------------------- */

static struct dx_str cms_copy(struct dext_ctx *ctx, const ASN1_STRING *s)
{
    size_t n = (size_t)ASN1_STRING_length(s);
    const char *p = (const char *)ASN1_STRING_get0_data(s);
    return (struct dx_str){dx_strndup(&ctx->arena, n ? p : "", n), n};
}

/* SEQUENCE { digest OID, OCTET STRING }: the shape of an AlgorithmIdentifier. */
static bool read_cdhash2(struct dx_cdhash2 *out, struct dext_ctx *ctx, const ASN1_TYPE *value)
{
    if (!value || value->type != V_ASN1_SEQUENCE) {
        return false;
    }
    const unsigned char *p = ASN1_STRING_get0_data(value->value.sequence);
    X509_ALGOR *pair = d2i_X509_ALGOR(NULL, &p, ASN1_STRING_length(value->value.sequence));
    if (!pair) {
        return false;
    }
    const ASN1_OBJECT *algorithm = NULL;
    int type = 0;
    const void *digest = NULL;
    X509_ALGOR_get0(&algorithm, &type, &digest, pair);
    bool good = type == V_ASN1_OCTET_STRING;
    if (good) {
        *out = (struct dx_cdhash2){OBJ_obj2nid(algorithm), cms_copy(ctx, digest)};
    }
    X509_ALGOR_free(pair);
    return good;
}

static void read_cdhashes2(struct dx_cms *out, struct dext_ctx *ctx, const struct dx_signed *s)
{
    ASN1_OBJECT *o = OBJ_txt2obj(OID_CDHASH2, 1);
    int at = o ? CMS_signed_get_attr_by_OBJ(s->si, o, -1) : -1;
    ASN1_OBJECT_free(o);
    X509_ATTRIBUTE *attribute = at >= 0 ? CMS_signed_get_attr(s->si, at) : NULL;
    int count = attribute ? X509_ATTRIBUTE_count(attribute) : 0;
    out->cdhashes2 = dx_calloc(&ctx->arena, (size_t)count + 1, sizeof *out->cdhashes2);
    for (int i = 0; i < count; i++) {
        out->cdhash2_count += read_cdhash2(&out->cdhashes2[out->cdhash2_count], ctx,
                                           X509_ATTRIBUTE_get0_type(attribute, i));
    }
}

static void read_attributes(struct dx_cms *out, struct dext_ctx *ctx, const struct dx_signed *s)
{
    const ASN1_TYPE *time = dx_signed_attribute(s, OID_SIGNING_TIME);
    if (time && (time->type == V_ASN1_UTCTIME || time->type == V_ASN1_GENERALIZEDTIME)) {
        out->signing_time = dx_asn1_time(time->value.asn1_string);
    }
    const ASN1_TYPE *plist = dx_signed_attribute(s, OID_CDHASH_PLIST);
    if (plist && plist->type == V_ASN1_OCTET_STRING) {
        out->cdhash_plist = cms_copy(ctx, plist->value.octet_string);
    }
    read_cdhashes2(out, ctx, s);
}

/* ---- putting it together ------------------------------------------------------------------- */

static void read_chain(struct dx_cms *out, struct dext_ctx *ctx, struct dx_signed *s)
{
    if (s->signer == DX_NO_SIGNER) {
        out->trust = s->si ? DX_CHAIN_INCOMPLETE : DX_CHAIN_NONE;
        out->trust_reason = s->si ? "the signer's certificate is not in it" : "nobody signed it";
        return;
    }
    int64_t at = out->timestamp_valid ? out->timestamp : out->signing_time;
    /* Without a timestamp nobody vouches for the time, and the system passes over certificates that
     * have expired, whichever it is (Security StaticCode.cpp, verifySignature). */
    int64_t strict = out->timestamp_valid ? at : 0;
    struct dx_chain_result *r = dx_alloc(&ctx->arena, sizeof *r);
    dx_pool_add_roots(&s->pool, ctx);
    dx_chain_build(r, ctx, &s->pool, s->signer, strict);
    out->signer = &s->certs[s->signer];
    out->chain = r->chain;
    out->chain_count = r->count;
    out->trust = r->trust;
    out->trust_reason = r->reason;
    for (size_t i = 0; at && i < r->count && !out->expired; i++) {
        const struct dx_cert *c = r->chain[i];
        out->expired = at < c->not_before || at > c->not_after ? c : NULL;
    }
}

int dx_cms_read(struct dx_cms *out, struct dext_ctx *ctx, const char *name, struct dx_str der,
                const struct dx_str *detached)
{
    *out = (struct dx_cms){
        .signature_reason = "", .timestamp_reason = "", .trust_reason = "", .oddity = ""};
    struct dx_signed *s = dx_alloc(&ctx->arena, sizeof *s);
    int status = dx_signed_open(s, ctx, name, der);
    if (status == DEXT_OK) {
        out->trailing = s->trailing;
        out->certs = s->certs;
        out->cert_count = s->cert_count;
        out->content.n = s->content.n;
        out->content.p = dx_strndup(&ctx->arena, s->content.n ? s->content.p : "", s->content.n);
        const char *why = dx_signed_verify(s, ctx, detached ? *detached : out->content);
        out->signature_valid = !why;
        out->signature_reason = why ? why : "";
        if (s->si) {
            read_attributes(out, ctx, s);
            dx_timestamp_read(out, ctx, name, s);
        }
        read_chain(out, ctx, s);
        const char *odd = dx_signed_oddity(s, ctx, out->chain, out->chain_count);
        out->oddity = odd ? odd : "";
    }
    dx_signed_close(s);
    return status;
}
