/* model.h: the parts of a driver, as found in files: documents (property lists with a known role),
 * bundles, Xcode projects, and the unit that the rules look at. Built by lint.c, bundle.c and
 * project.c; read-only once rules run. */
#ifndef DX_BUNDLE_MODEL_H
#define DX_BUNDLE_MODEL_H

#include "dext/signature.h"
#include "plist/tree.h"

enum dx_doc_kind {
    DX_DOC_UNKNOWN,      /* not read yet, or nothing dextctl knows */
    DX_DOC_DEXT_INFO,    /* Info.plist of a driver extension */
    DX_DOC_APP_INFO,     /* of an application (or another client) */
    DX_DOC_KEXT_INFO,    /* of a kernel extension */
    DX_DOC_OTHER_INFO,   /* of another kind of bundle */
    DX_DOC_ENTITLEMENTS, /* what a signature will claim */
    DX_DOC_PROFILE,      /* payload of a provisioning profile */
    DX_DOC_PROJECT,      /* project.pbxproj */
    DX_DOC_OTHER,        /* a property list of some other use */
};

struct dx_doc {
    const char *path; /* as shown to the user */
    enum dx_doc_kind kind;
    struct dext_plist *pl;              /* never NULL; ->root may be */
    const char *why_kind;               /* for skipped ones: what it is, in words */
    const struct dext_profile *profile; /* DX_DOC_PROFILE: what was read; NULL otherwise */
    bool embedded; /* in a program: lines and columns mean nothing to the user */
};

/* Build settings of one target and configuration, from a project.pbxproj, most specific last
 * written wins; values may still hold $(...) of settings that are not known. */
struct dx_setting {
    struct dx_str name, value;
};
struct dx_config {
    const char *name; /* "Debug" */
    struct dx_setting *settings;
    size_t count;
};
struct dx_project_target {
    const char *name;
    const char *product_type; /* "com.apple.product-type.driver-extension" or "" */
    struct dx_config *configs;
    size_t config_count;
};
struct dx_project {
    const char *path;   /* .../X.xcodeproj/project.pbxproj */
    const char *source; /* folder that holds X.xcodeproj: SRCROOT; "" for the current one */
    struct dx_project_target *targets;
    size_t target_count;
};

/* Reads the targets of a project.pbxproj tree. Errors: DEXT_E_FORMAT when it is none. */
int dx_project_read(struct dx_project **out, struct dext_ctx *ctx, const struct dx_doc *doc);

/* The target whose INFOPLIST_FILE is this path, or NULL. */
const struct dx_project_target *
dx_project_target_of(struct dext_ctx *ctx, const struct dx_project *project, const char *info_path);

/* A setting of a configuration with nested $(...) resolved, in the context's arena. target's
 * defaults that Xcode derives (TARGET_NAME, PRODUCT_NAME, SRCROOT...) included. false: unknown. */
bool dx_setting_value(struct dext_ctx *ctx, const struct dx_project *project,
                      const struct dx_project_target *target, const struct dx_config *config,
                      const char *name, struct dx_str *out);

/* Text with its placeholders filled from a configuration, honouring :rfc1034identifier and
 * :c99extidentifier. false: at least one of them is not known. */
bool dx_expand(struct dext_ctx *ctx, const struct dx_project *project,
               const struct dx_project_target *target, const struct dx_config *config,
               struct dx_str text, struct dx_str *out);

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
    const struct dx_doc *info; /* NULL: a lone entitlements file */
    const struct dx_doc *const *entitlements;
    size_t entitlement_count;
    const struct dx_bundle *bundle; /* NULL for source files */
    const struct dx_doc *host_info; /* Info.plist of the app around a bundle, or NULL */
    const struct dx_project *project;
    const struct dx_project_target *target; /* the project's target that builds info */
    const struct dx_config *config;         /* configuration used for placeholders */
    bool built;                             /* bundle on disk: what the build adds must be there */
    bool together; /* whoever gave the entitlements said that they are this driver's */
    bool ios;      /* the code is an iPad's */
    const struct dext_code *code;       /* its signature, or NULL */
    const struct dext_code *host_code;  /* the signature of the app around it, or NULL */
    const struct dext_profile *profile; /* embedded in it or given beside it, or NULL */
    int64_t now; /* seconds since 1970, to judge expiry; 0: it is not judged */
};

/* Role of a property list from its path and content. *words says what it is. */
enum dx_doc_kind dx_doc_classify(const char *path, const struct dext_plist *pl, const char **words);

#endif
