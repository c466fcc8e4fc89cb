/* The timestamp of a signature: an RFC 3161 token as unsigned attribute. The token is a SignedData
 * of its own, over a TSTInfo that names the digest of the signature's bytes. */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "sign/cms_open.h"

/* The imprint in the TSTInfo is the digest of the signature value (RFC 3161, 2.4.2, appendix A). */
static bool cms_time_covers(const struct dx_signed *s, TS_TST_INFO *info)
{
    TS_MSG_IMPRINT *imprint = TS_TST_INFO_get_msg_imprint(info);
    const EVP_MD *md = dx_good_digest(TS_MSG_IMPRINT_get_algo(imprint));
    const ASN1_OCTET_STRING *want = TS_MSG_IMPRINT_get_msg(imprint);
    const ASN1_OCTET_STRING *sig = CMS_SignerInfo_get0_signature(s->si);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    return md &&
           EVP_Digest(ASN1_STRING_get0_data(sig), (size_t)ASN1_STRING_length(sig), digest, &n, md,
                      NULL) == 1 &&
           ASN1_STRING_length(want) == (int)n &&
           memcmp(ASN1_STRING_get0_data(want), digest, n) == 0;
}

/* With a SHA-1 digest, rsaEncryption and sha1WithRSAEncryption mean the same (RFC 3370, 3.2), so no
 * arithmetic tells a flipped bit between them. Every token of Apple's server that was looked at
 * (packages of 2020 to 2026) says rsaEncryption. Only asked once the chain ends at Apple. */
static bool names_other_algorithm(const struct dx_signed *token)
{
    const ASN1_OBJECT *o = NULL;
    X509_ALGOR *signature = NULL;
    CMS_SignerInfo_get0_algs(token->si, NULL, NULL, NULL, &signature);
    X509_ALGOR_get0(&o, NULL, NULL, signature);
    return OBJ_obj2nid(o) == NID_sha1WithRSAEncryption;
}

/* Why the token's own signature or chain is not good, or NULL. */
static const char *check_token(struct dext_ctx *ctx, struct dx_signed *token,
                               const struct dx_signed *s, int64_t at)
{
    const char *why = dx_signed_verify(token, ctx, token->content);
    if (why) {
        return dx_sprintf(&ctx->arena, "of the timestamp: %s", why);
    }
    const struct dx_pool_cert *signer = &token->pool.list[token->signer];
    uint32_t eku = X509_get_extended_key_usage(signer->x);
    if (eku == UINT32_MAX || !(eku & XKU_TIMESTAMP)) {
        return dx_sprintf(&ctx->arena, "%s may not issue timestamps", signer->cert->common_name);
    }
    if (at < signer->cert->not_before || at > signer->cert->not_after) {
        return dx_sprintf(&ctx->arena, "%s was not valid at the time it names",
                          signer->cert->common_name);
    }
    for (size_t i = 0; i < s->cert_count; i++) {
        dx_pool_add(&token->pool, s->pool.list[i].x, s->pool.list[i].cert);
    }
    dx_pool_add_roots(&token->pool, ctx);
    struct dx_chain_result chain;
    dx_chain_build(&chain, ctx, &token->pool, token->signer, at);
    if (chain.trust != DX_CHAIN_APPLE) {
        return dx_sprintf(&ctx->arena, "of the timestamp: %s", chain.reason);
    }
    why = names_other_algorithm(token)
              ? "the signature algorithm is not the one that Apple's server writes"
              : dx_signed_oddity(token, ctx, chain.chain, chain.count);
    return why ? dx_sprintf(&ctx->arena, "of the timestamp: %s", why) : NULL;
}

static const char *read_token(struct dx_cms *out, struct dext_ctx *ctx, struct dx_signed *token,
                              const struct dx_signed *s)
{
    if (OBJ_obj2nid(CMS_get0_eContentType(token->cms)) != NID_id_smime_ct_TSTInfo) {
        return "the timestamp holds no TSTInfo";
    }
    const unsigned char *p = (const unsigned char *)token->content.p;
    TS_TST_INFO *info = d2i_TS_TST_INFO(NULL, &p, (long)token->content.n);
    if (!info) {
        return "the timestamp's TSTInfo cannot be read";
    }
    out->timestamp = dx_asn1_time(TS_TST_INFO_get_time(info));
    const char *why = !out->timestamp             ? "the timestamp names no time"
                      : !cms_time_covers(s, info) ? "the timestamp is of another signature"
                                                  : check_token(ctx, token, s, out->timestamp);
    TS_TST_INFO_free(info);
    return why;
}

void dx_timestamp_read(struct dx_cms *out, struct dext_ctx *ctx, const char *name,
                       const struct dx_signed *s)
{
    ASN1_STRING *der = CMS_unsigned_get0_data_by_OBJ(
        s->si, OBJ_nid2obj(NID_id_smime_aa_timeStampToken), -2, V_ASN1_SEQUENCE);
    out->has_timestamp =
        CMS_unsigned_get_attr_by_NID(s->si, NID_id_smime_aa_timeStampToken, -1) >= 0;
    if (!out->has_timestamp) {
        return;
    }
    struct dx_signed *token = dx_alloc(&ctx->arena, sizeof *token);
    const char *why = "the timestamp cannot be read";
    if (der) {
        struct dx_str bytes = {(const char *)ASN1_STRING_get0_data(der),
                               (size_t)ASN1_STRING_length(der)};
        if (dx_signed_open(token, ctx, name, bytes) == DEXT_OK) {
            why = read_token(out, ctx, token, s);
        }
        dext_ctx_clear(ctx);
        dx_signed_close(token);
    }
    out->timestamp_valid = !why;
    out->timestamp_reason = why ? why : "";
}
