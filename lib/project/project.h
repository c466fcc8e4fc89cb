/* project.h: Xcode projects, as .xcodeproj or as XcodeGen's project.yml: targets, what they are
 * built from, and their build settings per configuration.
 *
 *     struct dx_project *p;
 *     if (dx_project_read(&p, ctx, doc) == DEXT_OK) {       doc: project.pbxproj or project.yml
 *         struct dx_sources files;
 *         dx_project_sources(&files, ctx, p, &p->targets[0]);
 *     }
 *
 * Everything lives in the context's arena and is read-only. What it says follows swift-build
 * (Settings.swift, MacroEvaluation) and XcodeGen; what cannot be told is unknown, never empty. */
#ifndef DX_PROJECT_PROJECT_H
#define DX_PROJECT_PROJECT_H

#include "base/path.h"
#include "plist/doc.h"

/* A build setting; value may still hold $(...) of settings that are not known. name.p NULL: a level
 * that could not be read, behind which nothing is known. value.p NULL: cannot be told. */
struct dx_setting {
    struct dx_str name, value;
    struct dx_origin from;
};

/* Settings of one target and configuration, the most specific last: what overrides what is decided
 * by searching from the end. */
struct dx_config {
    const char *name; /* "Debug" */
    struct dx_setting *settings;
    size_t count;
};

struct dx_project_target;

/* One file that a copy phase ("Embed System Extensions") puts into a target's product. */
struct dx_copy {
    const struct dx_project_target *target; /* whose product it is, or NULL */
    const char *name;                       /* "MyDriver.dext"; "" when not known */
    int folder;                             /* dstSubfolderSpec; DX_COPY_... */
    struct dx_str path;                     /* dstPath, unexpanded */
    const char *phase;                      /* name of the phase, or "" */
    struct dx_origin from;                  /* where the phase stands */
};
#define DX_COPY_ABSOLUTE 0
#define DX_COPY_WRAPPER 1
#define DX_COPY_EXECUTABLES 6
#define DX_COPY_RESOURCES 7
#define DX_COPY_FRAMEWORKS 10
#define DX_COPY_SHARED_FRAMEWORKS 11
#define DX_COPY_SHARED_SUPPORT 12
#define DX_COPY_PLUGINS 13
#define DX_COPY_PRODUCTS 16 /* BUILT_PRODUCTS_DIR: what Xcode uses for system extensions */

struct dx_project_target {
    const char *name;
    const char *product_type; /* "com.apple.product-type.driver-extension" or "" */
    struct dx_config *configs;
    size_t config_count;
    struct dx_origin from; /* where the target is declared */
    const struct dx_copy *copies;
    size_t copy_count;
    const struct dx_project_target **needs; /* targets that are built before it */
    size_t need_count;
    size_t scripts;               /* phases that run a script of the project's own */
    const struct dext_node *node; /* its object */
    /* XcodeGen writes these files itself; NULL: it does not. */
    const struct dext_node *info, *entitlements;
};

struct dx_project {
    const char *path;   /* .../X.xcodeproj/project.pbxproj or .../project.yml */
    const char *source; /* folder that paths start from: SRCROOT; "" for the current one */
    struct dx_project_target *targets;
    size_t target_count;
    const struct dx_doc *doc;
    bool generator; /* project.yml */
};

/* Reads the targets of a project.pbxproj or project.yml. doc must outlive the project. Errors:
 * DEXT_E_FORMAT when it is none, DEXT_E_LIMIT. */
int dx_project_read(struct dx_project **out, struct dext_ctx *ctx, const struct dx_doc *doc);

/* ---- what a target is built from ---------------------------------------------------------- */

/* Paths that can be opened (they begin like the project's own path), in the order in which they are
 * listed, none twice. .iig, .cpp, .mm, .c, .h: whatever the target's sources and headers phases
 * name, and what lies in folders that are mirrored (PBXFileSystemSynchronizedRootGroup, sources of
 * a project.yml). */
struct dx_sources {
    const char *const *list;
    size_t count;
    bool whole; /* false: some of them could not be told, more may be there */
};
void dx_project_sources(struct dx_sources *out, struct dext_ctx *ctx,
                        const struct dx_project *project, const struct dx_project_target *target);

bool dx_project_is_driver(const struct dx_project_target *t);
bool dx_project_is_app(const struct dx_project_target *t);

/* ---- settings ----------------------------------------------------------------------------- */

/* The target whose INFOPLIST_FILE is this path, or NULL; number n of them, from 0. */
const struct dx_project_target *dx_project_target_of(struct dext_ctx *ctx,
                                                     const struct dx_project *project,
                                                     const char *info_path, size_t n);

/* The same for CODE_SIGN_ENTITLEMENTS. */
const struct dx_project_target *dx_project_signer(struct dext_ctx *ctx,
                                                  const struct dx_project *project,
                                                  const char *path, size_t n);

/* A setting of a configuration with nested $(...) resolved, in the context's arena. target's
 * defaults that Xcode derives (TARGET_NAME, PRODUCT_NAME, SRCROOT...) included. false: unknown. */
bool dx_setting_value(struct dext_ctx *ctx, const struct dx_project *project,
                      const struct dx_project_target *target, const struct dx_config *config,
                      const char *name, struct dx_str *out);

/* What is assigned to a setting. */
enum dx_assigned {
    DX_NOT_ASSIGNED, /* nowhere; Xcode may derive a value */
    DX_ASSIGNED,
    DX_ASSIGNED_UNKNOWN, /* a level that could not be read, or a condition, hides it */
};
/* from: the line that decides, through settings that are nothing but a reference to another. */
enum dx_assigned dx_setting_assigned(const struct dx_config *config, const char *name,
                                     struct dx_origin *from);

/* A yes or no setting: "YES" in any case, as swift-build's boolean macros. */
bool dx_setting_is_yes(struct dext_ctx *ctx, const struct dx_project *project,
                       const struct dx_project_target *target, const struct dx_config *config,
                       const char *name);

/* Text with its placeholders filled from a configuration, honouring :rfc1034identifier and
 * :c99extidentifier. false: at least one of them is not known. */
bool dx_expand(struct dext_ctx *ctx, const struct dx_project *project,
               const struct dx_project_target *target, const struct dx_config *config,
               struct dx_str text, struct dx_str *out);

/* A path of a setting as a path that can be opened: what is not absolute starts at SRCROOT. */
const char *dx_project_path(struct dext_ctx *ctx, const struct dx_project *project,
                            struct dx_str path);

#endif
