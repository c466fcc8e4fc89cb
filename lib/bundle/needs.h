/* needs.h: which entitlements a personality asks for. */
#ifndef DX_BUNDLE_NEEDS_H
#define DX_BUNDLE_NEEDS_H

#include "bundle/personality.h"

/* A right that a personality asks for. enforced: the kernel is known to refuse the driver without
 * it. */
struct dx_need {
    const char *name;
    bool enforced;
    const char *for_what; /* the provider class, or NULL: the family */
};

#define DX_MOST_NEEDS 8

struct dx_needs {
    struct dx_need list[DX_MOST_NEEDS];
    size_t count;
};

struct dx_needs dx_needs_of(const struct dx_personality *p);

/* The right that the provider's nub asks for, or NULL. */
const char *dx_right_of_nub(const struct dx_personality *p);

#endif
