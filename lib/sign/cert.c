/* Certificates in words. */
#include "sign/cert.h"

#include <limits.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/crypto.h"
#include "kb.h"

/* The marker extensions of leaf certificates, below 1.2.840.113635.100.6.1. Of several the first of
 * this table counts. Sources: Apple's certificate policies (Worldwide Developer Relations CPS,
 * Developer ID CPS); Security-61901.0.87, SecPolicy.c; seen in certificates of provisioning
 * profiles. */
static const struct {
    const char *marker;
    enum dx_cert_kind kind;
} markers[] = {
    {"6.1.13", DX_CERT_DEVELOPER_ID_APPLICATION},
    {"6.1.14", DX_CERT_DEVELOPER_ID_INSTALLER},
    {"6.1.9", DX_CERT_MAC_APP_STORE},
    {"6.1.8", DX_CERT_INSTALLER},
    {"6.1.7", DX_CERT_DISTRIBUTION},
    {"6.1.4", DX_CERT_DISTRIBUTION},
    {"6.1.25.1", DX_CERT_TESTFLIGHT}, /* .2 is of Apple's own tests, as below */
    {"6.1.25.2", DX_CERT_TESTFLIGHT},
    {"6.1.3", DX_CERT_IOS_APP_STORE},
    {"6.1.3.1", DX_CERT_IOS_APP_STORE},
    {"6.1.24", DX_CERT_IOS_APP_STORE}, /* tvOS */
    {"6.1.24.1", DX_CERT_IOS_APP_STORE},
    {"6.1.36", DX_CERT_IOS_APP_STORE}, /* visionOS */
    {"6.1.36.1", DX_CERT_IOS_APP_STORE},
    {"6.22", DX_CERT_APPLE_SOFTWARE},
    {"6.1.2", DX_CERT_DEVELOPMENT},
    {"6.1.12", DX_CERT_DEVELOPMENT},
};

/* What stands before the colon in a common name, or is the whole of it. */
static const struct {
    const char *name;
    enum dx_cert_kind kind;
} names[] = {
    {"Apple Development", DX_CERT_DEVELOPMENT},
    {"Mac Developer", DX_CERT_DEVELOPMENT},
    {"iPhone Developer", DX_CERT_DEVELOPMENT},
    {"Apple Distribution", DX_CERT_DISTRIBUTION},
    {"iPhone Distribution", DX_CERT_DISTRIBUTION},
    {"3rd Party Mac Developer Application", DX_CERT_DISTRIBUTION},
    {"3rd Party Mac Developer Installer", DX_CERT_INSTALLER},
    {"Developer ID Application", DX_CERT_DEVELOPER_ID_APPLICATION},
    {"Developer ID Installer", DX_CERT_DEVELOPER_ID_INSTALLER},
    {"Apple Mac OS Application Signing", DX_CERT_MAC_APP_STORE},
    {"Apple iPhone OS Application Signing", DX_CERT_IOS_APP_STORE},
    {"Software Signing", DX_CERT_APPLE_SOFTWARE},
};

static const char *kind_words(enum dx_cert_kind kind)
{
    static const char *const words[] = {
        [DX_CERT_UNKNOWN] = "certificate of another kind",
        [DX_CERT_APPLE_ROOT] = "Apple root",
        [DX_CERT_APPLE_CA] = "Apple certification authority",
        [DX_CERT_APPLE_SOFTWARE] = "Software Signing",
        [DX_CERT_DEVELOPMENT] = "Apple Development",
        [DX_CERT_DISTRIBUTION] = "Apple Distribution",
        [DX_CERT_MAC_APP_STORE] = "Apple Mac OS Application Signing",
        [DX_CERT_IOS_APP_STORE] = "Apple iPhone OS Application Signing",
        [DX_CERT_TESTFLIGHT] = "TestFlight",
        [DX_CERT_DEVELOPER_ID_APPLICATION] = "Developer ID Application",
        [DX_CERT_DEVELOPER_ID_INSTALLER] = "Developer ID Installer",
        [DX_CERT_INSTALLER] = "3rd Party Mac Developer Installer",
        [DX_CERT_PROFILE_SIGNING] = "Provisioning Profile Signing",
        [DX_CERT_TIMESTAMP] = "timestamp authority",
    };
    return words[kind];
}

int64_t dx_asn1_time(const ASN1_TIME *t)
{
    struct tm tm;
    memset(&tm, 0, sizeof tm);
    return t && ASN1_TIME_to_tm(t, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

const char *dx_date_words(struct dext_ctx *ctx, int64_t seconds)
{
    struct tm tm;
    time_t t = (time_t)seconds;
    char text[32];
    return gmtime_r(&t, &tm) && strftime(text, sizeof text, "%Y-%m-%d", &tm)
               ? dx_strdup(&ctx->arena, text)
               : "an unknown date";
}

/* A part of a name as UTF-8, "" when it is not there. Of several the first counts. */
static const char *cert_name_part(struct dext_ctx *ctx, const X509_NAME *name, int nid)
{
    int at = name ? X509_NAME_get_index_by_NID(name, nid, -1) : -1;
    if (at < 0) {
        return "";
    }
    unsigned char *utf8 = NULL;
    int n = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    const char *text = n > 0 ? dx_strndup(&ctx->arena, (const char *)utf8, (size_t)n) : "";
    OPENSSL_free(utf8);
    return text;
}

/* Some certification authorities have no common name: the unit or the organization stands in. */
static const char *any_name(struct dext_ctx *ctx, const X509_NAME *name)
{
    static const int parts[] = {NID_commonName, NID_organizationalUnitName, NID_organizationName};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const char *text = cert_name_part(ctx, name, parts[i]);
        if (text[0]) {
            return text;
        }
    }
    return "a certificate without a name";
}

static const char *serial_of(struct dext_ctx *ctx, const X509 *x)
{
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
    char *hex = number ? BN_bn2hex(number) : NULL;
    const char *text = hex ? dx_strdup(&ctx->arena, hex) : "";
    OPENSSL_free(hex);
    BN_free(number);
    return text;
}

static void cert_fingerprint(char *out, const EVP_MD *md, struct dx_str der)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    if (md && EVP_Digest(der.p, der.n, digest, &n, md, NULL) == 1) {
        for (unsigned i = 0; i < n; i++) {
            (void)snprintf(out + (size_t)i * 2, 3, "%02x", digest[i]);
        }
    }
}

#define MARKER "1.2.840.113635.100."

static void read_markers(struct dx_cert *out, struct dext_ctx *ctx, const X509 *x)
{
    int n = X509_get_ext_count(x);
    const char **list = dx_calloc(&ctx->arena, (size_t)(n > 0 ? n : 0) + 1, sizeof *list);
    for (int i = 0; i < n; i++) {
        char oid[80];
        ASN1_OBJECT *o = X509_EXTENSION_get_object(X509_get_ext(x, i));
        if (OBJ_obj2txt(oid, sizeof oid, o, 1) > 0 &&
            strncmp(oid, MARKER, sizeof MARKER - 1) == 0) {
            list[out->marker_count++] = dx_strdup(&ctx->arena, oid);
        }
    }
    out->markers = list;
}

bool dx_cert_marked(const struct dx_cert *cert, const char *marker)
{
    for (size_t i = 0; i < cert->marker_count; i++) {
        if (strcmp(cert->markers[i] + sizeof MARKER - 1, marker) == 0) {
            return true;
        }
    }
    return false;
}

/* Intermediates carry a marker below 6.2. */
static bool has_ca_marker(const struct dx_cert *cert)
{
    for (size_t i = 0; i < cert->marker_count; i++) {
        if (strncmp(cert->markers[i] + sizeof MARKER - 1, "6.2.", 4) == 0) {
            return true;
        }
    }
    return false;
}

static bool cert_ends_in(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);
    return n >= m && strcmp(s + n - m, end) == 0;
}

static enum dx_cert_kind kind_by_name(const char *name, const char **words)
{
    const char *colon = strstr(name, ": ");
    size_t n = colon ? (size_t)(colon - name) : strlen(name);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strlen(names[i].name) == n && strncmp(name, names[i].name, n) == 0) {
            *words = names[i].name;
            return names[i].kind;
        }
    }
    return DX_CERT_UNKNOWN;
}

static void find_kind(struct dx_cert *cert, X509 *x)
{
    const char *words = NULL;
    enum dx_cert_kind kind = DX_CERT_UNKNOWN;
    bool of_apple = strncmp(cert->organization, "Apple ", 6) == 0;
    if (dx_is_apple_root(cert)) {
        kind = DX_CERT_APPLE_ROOT;
    } else if (X509_check_ca(x) == 1) {
        kind = has_ca_marker(cert) || of_apple ? DX_CERT_APPLE_CA : DX_CERT_UNKNOWN;
    } else {
        for (size_t i = 0; !kind && i < sizeof markers / sizeof *markers; i++) {
            kind = dx_cert_marked(cert, markers[i].marker) ? markers[i].kind : DX_CERT_UNKNOWN;
        }
        enum dx_cert_kind by_name = kind_by_name(cert->common_name, &words);
        words = kind && by_name != kind ? NULL : words;
        kind = kind ? kind : by_name;
        if (!kind && cert_ends_in(cert->common_name, "Provisioning Profile Signing")) {
            kind = DX_CERT_PROFILE_SIGNING;
        } else if (!kind && (X509_get_extended_key_usage(x) & XKU_TIMESTAMP) &&
                   X509_get_extended_key_usage(x) != UINT32_MAX) {
            kind = DX_CERT_TIMESTAMP;
        }
    }
    cert->kind = kind;
    cert->kind_words = words ? words : kind_words(kind);
}

bool dx_cert_describe(struct dx_cert *out, struct dext_ctx *ctx, X509 *x)
{
    *out = (struct dx_cert){0};
    unsigned char *der = NULL;
    int n = i2d_X509(x, &der);
    if (n <= 0) {
        return false;
    }
    out->der = (struct dx_str){dx_strndup(&ctx->arena, (const char *)der, (size_t)n), (size_t)n};
    OPENSSL_free(der);
    cert_fingerprint(out->sha1, dx_md("SHA1"), out->der);
    cert_fingerprint(out->sha256, dx_md("SHA256"), out->der);
    const X509_NAME *subject = X509_get_subject_name(x);
    out->common_name = any_name(ctx, subject);
    out->organization = cert_name_part(ctx, subject, NID_organizationName);
    out->team = cert_name_part(ctx, subject, NID_organizationalUnitName);
    out->issuer = any_name(ctx, X509_get_issuer_name(x));
    out->serial = serial_of(ctx, x);
    out->not_before = dx_asn1_time(X509_get0_notBefore(x));
    out->not_after = dx_asn1_time(X509_get0_notAfter(x));
    uint32_t eku = X509_get_extended_key_usage(x);
    out->may_sign_code = eku != UINT32_MAX && (eku & XKU_CODE_SIGN);
    read_markers(out, ctx, x);
    find_kind(out, x);
    /* SecPolicy.c, SecPolicyCreateiPhoneApplicationSigning: the usage may be left out there */
    out->may_sign_code |=
        out->kind == DX_CERT_IOS_APP_STORE && (eku == UINT32_MAX || (eku & XKU_ANYEKU));
    return out->not_after != 0;
}

int dx_cert_read(struct dx_cert *out, struct dext_ctx *ctx, const char *name, struct dx_str der)
{
    const unsigned char *p = (const unsigned char *)der.p;
    X509 *x = der.n <= ctx->limits.cms_bytes ? dx_x509_decode(&p, (long)der.n) : NULL;
    bool good = x && dx_cert_describe(out, ctx, x);
    X509_free(x);
    ERR_clear_error();
    return good ? DEXT_OK
                : dx_fail(ctx, DEXT_E_FORMAT, "%s: a certificate in it cannot be read", name);
}

struct dext_certificate dx_cert_public(const struct dx_cert *c)
{
    return (struct dext_certificate){.kind = c->kind_words,
                                     .common_name = c->common_name,
                                     .organization = c->organization,
                                     .team = c->team,
                                     .issuer = c->issuer,
                                     .serial = c->serial,
                                     .sha1 = c->sha1,
                                     .sha256 = c->sha256,
                                     .not_before = c->not_before,
                                     .not_after = c->not_after};
}
