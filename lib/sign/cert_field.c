#include "sign/cert_field.h"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "sign/cert.h"
#include "sign/requirement.h"

X509 *dx_x509_read(struct dx_str der)
{
    const unsigned char *p = (const unsigned char *)der.p;
    X509 *x = dx_x509_decode(&p, (long)der.n);
    ERR_clear_error();
    return x;
}

/* reqinterp.cpp, certFields; the collective ones are those below. */
static const struct {
    const char *key, *oid;
} subject_keys[] = {
    {"subject.C", "2.5.4.6"},
    {"subject.CN", "2.5.4.3"},
    {"subject.D", "2.5.4.13"},
    {"subject.L", "2.5.4.7"},
    {"subject.O", "2.5.4.10"},
    {"subject.C-O", "2.5.4.10.1"},
    {"subject.OU", "2.5.4.11"},
    {"subject.C-OU", "2.5.4.11.1"},
    {"subject.ST", "2.5.4.8"},
    {"subject.C-ST", "2.5.4.8.1"},
    {"subject.STREET", "2.5.4.9"},
    {"subject.C-STREET", "2.5.4.9.1"},
    {"subject.UID", "0.9.2342.19200300.100.1.1"},
};

static bool field_text(struct dx_str *out, struct dext_ctx *ctx, const ASN1_STRING *s)
{
    unsigned char *utf8 = NULL;
    int n = ASN1_STRING_to_UTF8(&utf8, s);
    if (n >= 0) {
        *out = (struct dx_str){dx_strndup(&ctx->arena, (const char *)utf8, (size_t)n), (size_t)n};
    }
    OPENSSL_free(utf8);
    ERR_clear_error();
    return n >= 0;
}

bool dx_cert_subject(struct dx_str *out, struct dext_ctx *ctx, const X509 *x, const char *key)
{
    const X509_NAME *name = X509_get_subject_name(x);
    ASN1_OBJECT *wanted = NULL;
    bool found = false;
    for (size_t i = 0; i < sizeof subject_keys / sizeof *subject_keys; i++) {
        if (strcmp(subject_keys[i].key, key) == 0) {
            wanted = OBJ_txt2obj(subject_keys[i].oid, 1);
        }
    }
    for (int i = wanted ? X509_NAME_entry_count(name) - 1 : -1; i >= 0 && !found; i--) {
        const X509_NAME_ENTRY *e = X509_NAME_get_entry(name, i);
        found = OBJ_cmp(X509_NAME_ENTRY_get_object(e), wanted) == 0 &&
                field_text(out, ctx, X509_NAME_ENTRY_get_data(e));
    }
    ASN1_OBJECT_free(wanted);
    return found;
}

static bool field_is(const ASN1_OBJECT *o, struct dx_str oid)
{
    return OBJ_length(o) == oid.n && oid.n && memcmp(OBJ_get0_data(o), oid.p, oid.n) == 0;
}

static X509_EXTENSION *field_extension(const X509 *x, struct dx_str oid)
{
    for (int i = 0; i < X509_get_ext_count(x); i++) {
        X509_EXTENSION *e = X509_get_ext(x, i);
        if (field_is(X509_EXTENSION_get_object(e), oid)) {
            return e;
        }
    }
    return NULL;
}

bool dx_cert_has_extension(const X509 *x, struct dx_str oid)
{
    return field_extension(x, oid) != NULL;
}

bool dx_cert_has_policy(const X509 *x, struct dx_str oid)
{
    CERTIFICATEPOLICIES *list = X509_get_ext_d2i(x, NID_certificate_policies, NULL, NULL);
    bool found = false;
    for (int i = 0; list && i < sk_POLICYINFO_num(list); i++) {
        found |= field_is(sk_POLICYINFO_value(list, i)->policyid, oid);
    }
    CERTIFICATEPOLICIES_free(list);
    ERR_clear_error();
    return found;
}

/* The extension is a UTF8String that reads as a GeneralizedTime (csutilities.cpp,
 * certificateCopyFieldDate). */
bool dx_cert_time(const X509 *x, struct dx_str oid, int64_t *out)
{
    X509_EXTENSION *e = field_extension(x, oid);
    const ASN1_OCTET_STRING *data = e ? X509_EXTENSION_get_data(e) : NULL;
    const unsigned char *p = data ? ASN1_STRING_get0_data(data) : NULL;
    ASN1_UTF8STRING *text = p ? d2i_ASN1_UTF8STRING(NULL, &p, ASN1_STRING_length(data)) : NULL;
    ASN1_GENERALIZEDTIME *time = ASN1_GENERALIZEDTIME_new();
    char copy[40];
    int n = text ? ASN1_STRING_length(text) : 0;
    int64_t t = 0;
    if (time && n > 0 && n < (int)sizeof copy) {
        (void)snprintf(copy, sizeof copy, "%.*s", n, (const char *)ASN1_STRING_get0_data(text));
        t = ASN1_GENERALIZEDTIME_set_string(time, copy) == 1 ? dx_asn1_time(time) : 0;
    }
    ASN1_GENERALIZEDTIME_free(time);
    ASN1_UTF8STRING_free(text);
    ERR_clear_error();
    *out = t - DX_ABSOLUTE_TIME;
    return t != 0;
}

size_t dx_cert_emails(struct dx_str *out, size_t room, struct dext_ctx *ctx, X509 *x)
{
    STACK_OF(OPENSSL_STRING) *list = X509_get1_email(x);
    size_t n = 0;
    for (int i = 0; list && n < room && i < sk_OPENSSL_STRING_num(list); i++) {
        out[n++] = dx_str(dx_strdup(&ctx->arena, sk_OPENSSL_STRING_value(list, i)));
    }
    X509_email_free(list);
    ERR_clear_error();
    return n;
}
