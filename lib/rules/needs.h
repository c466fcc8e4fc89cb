/* needs.h: which entitlements a personality asks for. */
#ifndef DX_RULES_NEEDS_H
#define DX_RULES_NEEDS_H

#include "rules/entitlement.h"

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

/* engine.c: the personalities of an Info.plist; how many. */
size_t dx_personalities(struct dext_ctx *ctx, const struct dext_node *root,
                        const struct dx_personality **out);

#endif
