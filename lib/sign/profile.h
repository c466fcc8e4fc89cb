/* profile.h: inside of dext/profile.h: what rules and the signature room need beside the public
 * model. */
#ifndef DX_SIGN_PROFILE_H
#define DX_SIGN_PROFILE_H

#include "base/source.h"
#include "dext/profile.h"
#include "plist/tree.h"
#include "sign/cms.h"

struct dx_profile {
    struct dext_profile pub;
    const struct dext_plist *plist; /* the payload, with places; root is a dictionary */
    const struct dext_node *model;  /* what pub says: of the DER copy where it can be trusted, which
                                       is what the system reads (Apple TN3125), else of plist */
    struct dx_cms cms;              /* zero when it is a bare property list */
    const struct dx_cert *certs;    /* of the developer; pub.certificates in full */
    size_t cert_count;
};

/* Errors: DEXT_E_FORMAT, DEXT_E_LIMIT. src may go afterwards. */
int dx_profile_parse(struct dx_profile **out, struct dext_ctx *ctx, const struct dx_source *src);

/* Kind of a profile whose other fields are filled; sets kind, kind_name, kind_words, why. */
void dx_profile_classify(struct dx_profile *p);

/* Reads and compares the DER copy; der is the value of DER-Encoded-Profile. One that can be trusted
 * becomes p->model, and certificates that it does not name are taken out. */
void dx_profile_compare_der(struct dx_profile *p, struct dext_ctx *ctx, struct dx_str der);

/* A property list as Apple writes it in DER: SET or [APPLICATION 16] or [16] of SEQUENCE {
 * UTF8String, value } is a dictionary, SEQUENCE an array. NULL when it is something else. */
const struct dext_node *dx_der_plist(struct dext_ctx *ctx, struct dx_str der);

/* "2024-05-09T05:25:59Z" to seconds since 1970; false: it is none. */
bool dx_seconds(struct dx_str text, int64_t *out);

#endif
