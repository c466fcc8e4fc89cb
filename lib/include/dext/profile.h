/* dext/profile.h: provisioning profiles: what Apple allows a team to run, where, and until when.
 *
 *     struct dext_profiles list;
 *     if (dext_profiles_read(&list, ctx, "MyApp.app") == DEXT_OK) {
 *         for (size_t i = 0; i < list.count; i++) { ... list.list[i]->kind_words ... }
 *     }
 *
 * A profile is a signed message (CMS) around a property list; newer ones hold the same once more as
 * DER, which is what the system reads. All results are borrowed from the context. */
#ifndef DEXT_PROFILE_H
#define DEXT_PROFILE_H

#include "dext/plist.h"

#ifdef __cplusplus
extern "C" {
#endif

enum dext_profile_kind {
    DEXT_PROFILE_UNKNOWN,
    DEXT_PROFILE_DEVELOPMENT,  /* runs on the devices it lists, for debugging */
    DEXT_PROFILE_AD_HOC,       /* runs on the devices it lists, signed for distribution */
    DEXT_PROFILE_APP_STORE,    /* for submission; runs nowhere until the store has signed it anew */
    DEXT_PROFILE_DEVELOPER_ID, /* runs on any Mac */
    DEXT_PROFILE_IN_HOUSE,     /* runs on any device of an organization (enterprise program) */
};

/* A certificate, of the developer or of the profile's own signature. Times: seconds since 1970. */
struct dext_certificate {
    const char *kind; /* "Developer ID Application" */
    const char *common_name, *organization;
    const char *team; /* the organizational unit; "" when absent */
    const char *issuer, *serial;
    const char *sha1, *sha256; /* of the DER, lower-case hex */
    int64_t not_before, not_after;
};

enum dext_profile_trust {
    DEXT_PROFILE_UNSIGNED, /* a bare property list: nothing vouches for it */
    DEXT_PROFILE_BROKEN,   /* the signature or a link of its chain does not hold */
    DEXT_PROFILE_FOREIGN,  /* it holds, but the chain does not end at Apple, or begins with a
                              certificate that is not one for profiles */
    DEXT_PROFILE_TRUSTED,  /* it holds, up to a root of Apple's, and its signer signs profiles */
};

enum dext_profile_der {
    DEXT_DER_ABSENT, /* profiles before about 2021 */
    DEXT_DER_SAME,
    DEXT_DER_DIFFERENT,
    DEXT_DER_UNREADABLE,
};

/* Which variant of an entitlement its value is. Most values are the same in both. */
enum dext_grant_variant {
    DEXT_GRANT_EITHER,
    DEXT_GRANT_DEVELOPMENT, /* covers all hardware: what every team gets for development */
    DEXT_GRANT_APPROVED,    /* names hardware */
    DEXT_GRANT_MIXED,
};

struct dext_grant {
    const char *key;
    const struct dext_node *value;
    enum dext_grant_variant variant;
    bool driverkit;      /* one of DriverKit's or of system extensions */
    const char *summary; /* what it is for; "" when dextctl does not know it */
};

struct dext_profile {
    const char *path;  /* as given, as found in a bundle, or "FILE.pkg!/path/inside" */
    const char *error; /* "PATH: reason" when it could not be read: nothing below is valid. NULL */

    const char *kind_name;  /* "developer-id" */
    const char *kind_words; /* "Developer ID" */
    const char *why;        /* why it is that kind, one sentence without its full stop */

    const char *name, *uuid, *app_id_name, *team, *team_name; /* "" when absent */
    const char *app_id;           /* with its prefix: "ABCDE12345.com.example.driver" */
    const char *prefix;           /* of app_id; "" when it has none */
    const char *bundle_id;        /* app_id without prefix; "*" or "com.example.*" for a wildcard */
    const char *const *platforms; /* as written: "OSX", "iOS" */
    size_t platform_count;
    int64_t created, expires; /* seconds since 1970; 0: absent */
    int64_t days;             /* TimeToLive, 0: absent */

    const char *const *devices; /* identifiers */
    size_t device_count;
    const struct dext_certificate *certificates;
    size_t certificate_count;
    const struct dext_node *entitlements; /* NULL when there are none */
    const struct dext_grant *grants;      /* the same, one a row, in the order of the file */
    size_t grant_count;

    const char *trust_reason;               /* in words, for every value of trust */
    const struct dext_certificate *signers; /* the signer first, the root last */
    size_t signer_count;
    int64_t signed_at; /* 0: not said */

    const char *der_reason;         /* in words; "" for ABSENT and SAME */
    const char *const *differences; /* keys that the DER copy says otherwise */
    size_t difference_count;
    const char *distribution; /* the DER copy's ProfileDistributionType: "DIRECT"; "" */

    enum dext_profile_kind kind;
    enum dext_profile_trust trust;
    enum dext_profile_der der;
    bool driverkit; /* grants com.apple.developer.driverkit */
    bool wildcard;
    bool xcode_managed;
    bool all_devices;
};

struct dext_profiles {
    const struct dext_profile *const *list;
    size_t count;
};

/* The profile that path is, or those embedded in the bundle, folder or archive that it is. A
 * profile in a bundle that cannot be read has ->error set. Errors: DEXT_E_IO, DEXT_E_FORMAT,
 * DEXT_E_LIMIT, DEXT_E_NOTFOUND when there is none. */
DEXT_API int dext_profiles_read(struct dext_profiles *out, struct dext_ctx *ctx, const char *path);

/* One profile from memory; data need not outlive the call. */
DEXT_API int dext_profile_parse(const struct dext_profile **out, struct dext_ctx *ctx,
                                const char *name, const void *data, size_t size);

#ifdef __cplusplus
}
#endif

#endif
