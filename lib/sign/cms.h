/* cms.h: a CMS SignedData: of a code signature (detached) or a provisioning profile (with its
 * content). OpenSSL parses and verifies; here stands what dextctl reads out of it. All results live
 * in the context's arena; no OpenSSL object outlives the call. No network, no system trust store: a
 * chain is Apple's when it ends in a root whose fingerprint stands in lib/data/roots.rec. */
#ifndef DX_SIGN_CMS_H
#define DX_SIGN_CMS_H

#include "base/ctx.h"
#include "dext/profile.h"

enum dx_cert_kind {
    DX_CERT_UNKNOWN,
    DX_CERT_APPLE_ROOT,
    DX_CERT_APPLE_CA,       /* an intermediate of Apple's */
    DX_CERT_APPLE_SOFTWARE, /* "Software Signing": Apple's own code */
    DX_CERT_DEVELOPMENT,    /* Apple Development, Mac Developer, iPhone Developer */
    DX_CERT_DISTRIBUTION,   /* Apple Distribution, 3rd Party Mac Developer Application */
    DX_CERT_MAC_APP_STORE,  /* Apple Mac OS Application Signing: re-signed by the store */
    DX_CERT_IOS_APP_STORE,  /* Apple iPhone OS Application Signing, and that of tvOS and visionOS */
    DX_CERT_TESTFLIGHT,     /* signs what TestFlight delivers */
    DX_CERT_DEVELOPER_ID_APPLICATION,
    DX_CERT_DEVELOPER_ID_INSTALLER,
    DX_CERT_INSTALLER,       /* 3rd Party Mac Developer Installer */
    DX_CERT_PROFILE_SIGNING, /* Apple ... Provisioning Profile Signing */
    DX_CERT_TIMESTAMP,
};

struct dx_cert {
    enum dx_cert_kind
        kind; /* by Apple's marker extensions, 1.2.840.113635.100.6.*, then by its name */
    const char *kind_words;                        /* "Developer ID Application" */
    const char *common_name, *organization, *team; /* team: the OU; "" when absent */
    const char *issuer;                            /* its common name */
    const char *serial;                            /* upper-case hex */
    int64_t not_before, not_after;                 /* seconds since 1970, UTC */
    char sha1[41], sha256[65];                     /* of the DER, lower-case hex */
    bool may_sign_code;                            /* extended key usage code signing */
    const char *const *markers; /* OIDs of its extensions below 1.2.840.113635.100, Apple's */
    size_t marker_count;
    struct dx_str der;
};

/* cert.c: what is told of it. */
struct dext_certificate dx_cert_public(const struct dx_cert *c);

enum dx_chain {
    DX_CHAIN_NONE,       /* nothing is signed with */
    DX_CHAIN_APPLE,      /* every signature up to one of Apple's roots holds */
    DX_CHAIN_OTHER_ROOT, /* holds, up to a root that is not Apple's */
    DX_CHAIN_INCOMPLETE, /* an issuer is missing */
    DX_CHAIN_BROKEN,     /* a signature in it does not hold, or a certificate may not sign */
};

/* One of the reasons below: neither good nor bad. */
#define DX_NOT_COMPUTED "it cannot be computed here"

struct dx_cms {
    struct dx_str content; /* encapsulated content, n 0 when detached */
    size_t trailing;       /* bytes after the end of the structure: nobody signed them */
    const struct dx_cert *certs;
    size_t cert_count;
    const struct dx_cert *signer;       /* NULL when its certificate is not there */
    const struct dx_cert *const *chain; /* signer first, root last where it is known */
    size_t chain_count;
    bool signature_valid; /* the signature over the signed attributes, and their message digest */
    const char *signature_reason; /* why not; "" */
    const char *oddity; /* what is wrong in parts that no signature covers (version numbers,
                           unneeded certificates): damage, though the signature holds; "" */
    enum dx_chain trust;
    const char *trust_reason;     /* in words, for every value */
    int64_t signing_time;         /* signed attribute, what the signer's clock said; 0: none */
    bool has_timestamp;           /* an RFC 3161 token of the signature is there */
    bool timestamp_valid;         /* it covers this signature, and its own chain ends at Apple */
    const char *timestamp_reason; /* why not; "" */
    int64_t timestamp;            /* seconds since 1970; 0: none */
    const struct dx_cert
        *expired;               /* of the chain, the first that was not valid at the timestamp, or
                                   else at the signing time; NULL: none, or neither is known */
    struct dx_str cdhash_plist; /* signed attribute 1.2.840.113635.100.9.1 (a plist: cdhashes) */
    struct dx_cdhash2 {         /* signed attribute 1.2.840.113635.100.9.2 */
        int algorithm;          /* NID of the digest */
        struct dx_str digest;
    } * cdhashes2;
    size_t cdhash2_count;
};

/* Parses and verifies. detached: the bytes that were signed, NULL when the CMS holds them. An empty
 * or ad hoc blob is the caller's business. Errors: DEXT_E_FORMAT, text "NAME: reason". A signature
 * that does not hold is no error: it is in the result. DEXT_E_LIMIT: larger than the limit
 * cms_bytes, or more certificates than any real one. Of several signers the first counts, as for
 * Apple's Security framework (StaticCode.cpp asks for signer 0 alone). */
int dx_cms_read(struct dx_cms *out, struct dext_ctx *ctx, const char *name, struct dx_str der,
                const struct dx_str *detached);

/* It has the extension "1.2.840.113635.100." MARKER: "6.2.1". */
bool dx_cert_marked(const struct dx_cert *cert, const char *marker);

/* One DER certificate, as profiles hold them. Errors: DEXT_E_FORMAT. */
int dx_cert_read(struct dx_cert *out, struct dext_ctx *ctx, const char *name, struct dx_str der);

#endif
