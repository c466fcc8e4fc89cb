/* cert_field.h: what code requirements ask of a certificate (Security reqinterp.cpp,
 * csutilities.cpp). Object identifiers are the bytes of their DER, without tag and length. */
#ifndef DX_SIGN_CERT_FIELD_H
#define DX_SIGN_CERT_FIELD_H

#include <openssl/x509.h>

#include "base/ctx.h"

/* NULL when it cannot be read; freed by the caller. */
X509 *dx_x509_read(struct dx_str der);

/* A part of the subject by its key, "subject.OU"; of several the last counts, as in
 * SecCertificateCopySubjectAttributeValue. false: it is not there, or no such key exists. */
bool dx_cert_subject(struct dx_str *out, struct dext_ctx *ctx, const X509 *x, const char *key);

bool dx_cert_has_extension(const X509 *x, struct dx_str oid);
bool dx_cert_has_policy(const X509 *x, struct dx_str oid);

/* The time that an extension holds as text, seconds since 2001-01-01. */
bool dx_cert_time(const X509 *x, struct dx_str oid, int64_t *out);

/* Addresses of the subject and its alternative names; returns how many. */
size_t dx_cert_emails(struct dx_str *out, size_t room, struct dext_ctx *ctx, X509 *x);

#endif
