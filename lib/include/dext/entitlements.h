/* dext/entitlements.h: which entitlement stands where, in which variant, and what the build can
 * therefore be used for.
 *
 *     const char *paths[] = {"MyApp.app"};
 *     struct dext_entitlements all;
 *     dext_entitlements_read(&all, ctx, paths, 1, NULL);
 *     for (size_t i = 0; i < all.count; i++) { ... all.list[i]->verdict ... }
 *
 * A subject is one thing that is or will be signed: a driver, its app, another program, or loose
 * files that are taken together; a product is what belongs together, with one verdict. Of code the
 * signature, the profile and Info.plist are read, no page is hashed: dext/signature.h does that.
 * Results are borrowed from the context. */
#ifndef DEXT_ENTITLEMENTS_H
#define DEXT_ENTITLEMENTS_H

#include "dext/lint.h"
#include "dext/signature.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One entitlement in one place. */
struct dext_right_cell {
    const struct dext_node *value; /* NULL: not there */
    enum dext_grant_variant variant;
};

enum dext_right_state {
    DEXT_RIGHT_FREE,        /* claimed; anybody may claim it */
    DEXT_RIGHT_GRANTED,     /* claimed, and the profile grants it */
    DEXT_RIGHT_CLAIMED,     /* claimed; no profile was given or needed */
    DEXT_RIGHT_NOT_GRANTED, /* claimed, and the profile has no such key */
    DEXT_RIGHT_OTHER_VALUE, /* claimed, and granted with another value */
    DEXT_RIGHT_UNSURE,      /* claimed; a dictionary of the vendor is granted, with fewer keys */
    DEXT_RIGHT_NO_PROFILE,  /* claimed, and there is no profile to grant it */
    DEXT_RIGHT_NEEDED,      /* a personality needs it, and nothing claims it */
    DEXT_RIGHT_UNSIGNED,    /* in the .entitlements file, but not in the signature */
    DEXT_RIGHT_CHANGED,     /* the signature has another value than the file */
    DEXT_RIGHT_SPARE,       /* granted, not claimed */
};

struct dext_right {
    const char *key;
    const char *summary; /* what it is for; "" when dextctl does not know it */
    const char *grantor; /* who grants it: "every team", "Apple, on request"; "" */
    struct dext_right_cell file, signature, der, profile;
    const char *need; /* who needs it: "\"My Port\" (IOUSBHostInterface)"; "" */
    enum dext_right_state state;
};

/* What a build is for, by who signed it or, before that, by its profile or entitlements. */
enum dext_purpose {
    DEXT_PURPOSE_NONE,        /* nothing: unsigned, ad hoc, not Apple's certificate */
    DEXT_PURPOSE_UNKNOWN,     /* nothing tells yet */
    DEXT_PURPOSE_DEVELOPMENT, /* on the team's own Macs */
    DEXT_PURPOSE_DEVELOPER_ID,
    DEXT_PURPOSE_APP_STORE, /* for submission, or from the store */
    DEXT_PURPOSE_APPLE,     /* part of the system */
    DEXT_PURPOSE_AD_HOC,    /* on the devices that an ad hoc profile lists */
    DEXT_PURPOSE_IN_HOUSE,  /* on the devices of an organization */
    DEXT_PURPOSE_LOCAL, /* on a Mac of one's own: nobody vouches for it, and it claims nothing */
};
#define DEXT_PURPOSES 9

struct dext_subject {
    const char *name;                   /* bundle, program, or first of the files */
    const char *role;                   /* "driver", "app", "program", "files" */
    const char *file;                   /* .entitlements file; "" when none was given */
    const char *info;                   /* Info.plist; "" */
    const char *executable;             /* "" for files */
    const struct dext_code *code;       /* NULL for files */
    const struct dext_profile *profile; /* embedded or given; NULL */
    const struct dext_right *rights;
    size_t right_count;
    const struct dext_finding *findings; /* rules DX4xx and DX5xx */
    size_t finding_count;
    enum dext_purpose purpose;
    bool possible;       /* nothing is in the way of it, for certain */
    const char *verdict; /* one sentence */
};

/* Why a product cannot be used for more. */
struct dext_hindrance {
    const char *part; /* the code at fault, as dext_code.path; "" for the product itself */
    const char *text; /* one clause without its full stop */
    bool doubt;       /* it may be in the way: nobody has measured it */
};

/* What belongs together: an app with all code in it, a lone driver or program, loose files that are
 * judged together. It can be used for what all of its parts can be used for. */
struct dext_rights_product {
    const char *name;
    enum dext_purpose purpose; /* what it was made for */
    bool possible;             /* and can be used for, for certain */
    const char *const *uses;   /* all that it can be used for: dext_purpose_name */
    size_t use_count;
    const char *verdict; /* one sentence: what it can be used for, and why not for more */
    const struct dext_hindrance *hindrances; /* in the way of its purpose */
    size_t hindrance_count;
    const struct dext_subject *const *subjects; /* of all.list, in their order */
    size_t subject_count;
    const char *const *unchecked; /* what may have changed since it was signed: dext_signatures_read
                                     hashes it, nobody here; none for loose files */
    size_t unchecked_count;
};

struct dext_entitlements {
    const struct dext_subject *const *list;
    size_t count;
    const struct dext_rights_product *products;
    size_t product_count;
    const char *const *errors; /* "PATH: reason" of what could not be read */
    size_t error_count;
};

struct dext_entitlements_options {
    size_t size; /* sizeof(struct dext_entitlements_options) */
    int64_t now; /* seconds since 1970: profiles past it have expired; 0: not judged */
};

/* paths: bundles, programs, packages, .entitlements files, profiles, Info.plists. Loose files go to
 * the code they are for: a .entitlements file to the driver or the app, a profile to the bundle it
 * covers; without code they are one subject. Never fails: see errors. */
DEXT_API void dext_entitlements_read(struct dext_entitlements *out, struct dext_ctx *ctx,
                                     const char *const *paths, size_t count,
                                     const struct dext_entitlements_options *options);

/* "granted", "not-granted", ... */
DEXT_API const char *dext_right_state_name(enum dext_right_state state);
/* The same for people. */
DEXT_API const char *dext_right_state_words(enum dext_right_state state);
/* The state is in the way of the build. */
DEXT_API bool dext_right_is_fault(enum dext_right_state state);
DEXT_API const char *dext_purpose_name(enum dext_purpose purpose); /* "developer-id" */

#ifdef __cplusplus
}
#endif

#endif
