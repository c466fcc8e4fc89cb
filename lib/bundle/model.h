/* model.h: the parts of a driver, as found in files: documents (property lists with a known role),
 * bundles, and the unit that the rules look at. Built by lint.c and bundle.c; read-only once rules
 * run. */
#ifndef DX_BUNDLE_MODEL_H
#define DX_BUNDLE_MODEL_H

#include "dext/signature.h"
#include "project/product.h"

/* A bundle on disk. */
struct dx_bundle {
    const char *path;       /* MyDriver.dext */
    const char *name;       /* last component */
    const char *info_path;  /* its Info.plist, NULL when there is none */
    bool deep;              /* has Contents/ (an app's layout) */
    const char *executable; /* path it ought to have, or NULL when CFBundleExecutable is unknown */
    bool executable_there;
    const char *profile;       /* path of the embedded profile, or NULL */
    const char *host;          /* path of the .app around it, or NULL */
    const char *host_info;     /* its Info.plist */
    bool in_system_extensions; /* Contents/Library/SystemExtensions or SystemExtensions of host */
    bool ios_layout;           /* the host is a flat (iPadOS) app */
};

/* What the rules look at: one driver (or app, or a lone .entitlements file) with what belongs to
 * it. */
struct dx_unit {
    /* Of a target: what the build makes of its Info.plist (project/effective.h). NULL: a lone
     * entitlements file. */
    const struct dx_doc *info;
    const struct dx_doc *const *entitlements;
    size_t entitlement_count;
    const struct dx_bundle *bundle; /* NULL for source files */
    const struct dx_doc *host_info; /* Info.plist of the app around a bundle, or NULL */
    const struct dx_project *project;
    const struct dx_project_target *target; /* the project's target that builds info */
    const struct dx_config *config;         /* the configuration of this build */
    const struct dx_carrier *carrier;       /* the app that the project puts the driver into */
    const struct dx_doc *carrier_info;      /* its effective Info.plist, or NULL: not known */
    const struct dx_doc *carrier_claims;    /* the entitlements it is signed with, or NULL */
    /* The setting is known and names a file that is certainly not there, nor a template of it. */
    bool info_absent, claims_absent, carrier_claims_absent;
    bool built;    /* bundle on disk: what the build adds must be there */
    bool together; /* whoever gave the entitlements said that they are this driver's */
    bool ios;      /* the code is an iPad's */
    const struct dext_code *code;          /* its signature, or NULL */
    const struct dext_code *host_code;     /* the signature of the app around it, or NULL */
    const struct dext_profile *profile;    /* embedded in it or given beside it, or NULL */
    const struct dx_unit_sources *sources; /* rules/source.h; NULL: none are known */
    const struct dx_requests *requests;    /* rules/request.h: the app's; NULL: not known */
    int64_t now; /* seconds since 1970, to judge expiry; 0: it is not judged */
};

/* Role of a property list from its path and content. *words says what it is. */
enum dx_doc_kind dx_doc_classify(const char *path, const struct dext_plist *pl, const char **words);

#endif
