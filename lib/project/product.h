/* product.h: what a project would build around a driver: the app that carries it, and where. */
#ifndef DX_PROJECT_PRODUCT_H
#define DX_PROJECT_PRODUCT_H

#include "project/effective.h"

/* Where a copy phase puts a driver. */
enum dx_placed {
    DX_PLACED_RIGHT,     /* where the system looks for extensions */
    DX_PLACED_ELSEWHERE, /* in the app, but not there */
    DX_PLACED_UNKNOWN,   /* depends on what is not known, or outside of the app */
};

/* An app that carries a driver, or says that it needs it. */
struct dx_carrier {
    struct dx_build_of app;
    const struct dx_copy *copy; /* NULL: it only depends on it */
    enum dx_placed placed;
    const char *folder; /* "Contents/PlugIns"; "" when not known */
};

/* The app of a driver's build: of those that copy it the one that puts it right, otherwise one that
 * copies it, otherwise one that depends on it. Configurations go by name. false: there is none. */
bool dx_carrier_of(struct dx_carrier *out, struct dext_ctx *ctx, const struct dx_build_of *driver);

/* The configuration of a target that has this name, or its Release, or its last. */
const struct dx_config *dx_config_named(const struct dx_project_target *t, const char *name);

/* The line of a project or .xcconfig that decides a setting, or else that of the target. */
struct dx_origin dx_setting_line(const struct dx_build_of *b, const char *name);

/* Another step than Xcode's own signs what a target builds, or may: signing is switched off, the
 * identity or the file is empty or not known, flags name entitlements, a script runs. */
bool dx_signed_elsewhere(struct dext_ctx *ctx, const struct dx_build_of *b);

/* The app is built for iPhone and iPad only. */
bool dx_is_ios_build(struct dext_ctx *ctx, const struct dx_build_of *b);

#endif
