/* project.h: what project.c (reads the levels of settings) and expand.c (answers from them) share.
 *
 * Settings come in levels, each over the one before: what Xcode derives, the project's .xcconfig,
 * the project, the target's .xcconfig, the target (swift-build, Settings.swift). dx_config.settings
 * holds them in that order, so a search runs from its end. An .xcconfig is an entry without a name
 * (name.p NULL), behind which nothing is known; a setting that cannot be told, because it depends
 * on the SDK's version for instance, has value.p NULL. */
#ifndef DX_BUNDLE_PROJECT_H
#define DX_BUNDLE_PROJECT_H

#include "bundle/model.h"

#define DX_LONGEST_SETTING ((size_t)1 << 16) /* bytes; what is longer is not known */

struct dx_project_place { /* an INFOPLIST_FILE */
    struct dx_str path;
    size_t target;
};

/* What dx_project_read makes; the model shows only pub. */
struct dx_project_whole {
    struct dx_project pub;
    const char *name;                /* PROJECT_NAME; NULL: not known */
    const char *region;              /* developmentRegion */
    struct dx_project_place *places; /* by path */
    size_t place_count;
};

static inline const struct dx_project_whole *dx_project_whole(const struct dx_project *p)
{
    return (const struct dx_project_whole *)p;
}

bool dx_project_is_driver(const struct dx_project_target *t);

#endif
