/* code.h: what the rules about built code share: findings in files that are no property lists, and
 * the question whether a profile grants what a signature claims. */
#ifndef DX_RULES_CODE_H
#define DX_RULES_CODE_H

#include "rules/entitlement.h"

/* Reports in a file without lines (a program, a profile); path is a key path in it or "". */
void dx_find_in(struct dx_check *c, enum dx_rule_index rule, const char *file, const char *path,
                const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* The slice that stands for the code: the first that is not damaged. NULL: there is none. */
const struct dext_slice *dx_code_slice(const struct dext_code *code);

/* It is a driver extension, by its Info.plist or by what it claims. */
bool dx_code_is_driver(const struct dext_code *code);

/* Signed for others than the team itself: Developer ID, a store. */
bool dx_is_distribution(enum dext_signer_kind kind);

enum dx_grant {
    DX_GRANT_FREE,     /* it is no restricted entitlement: no grant is needed */
    DX_GRANT_YES,      /* granted */
    DX_GRANT_NO,       /* the profile has no such key */
    DX_GRANT_OTHER,    /* another value is granted */
    DX_GRANT_NARROWER, /* the claim adds keys to a granted dictionary of one vendor; whether that
                          passes is not known */
};

/* Apple TN3125, "Entitlements": booleans and dictionaries have to be equal, strings equal or below
 * a granted prefix with "*", each element of an array granted by one element. claim has its key. */
enum dx_grant dx_granted(const struct dext_node *claim, const struct dext_node *grants, bool ios);

/* Entitlements that need a profile, on a Mac or on an iPad; the others (sandbox, get-task-allow,
 * ...) anybody may claim. Source: Apple TN3125. */
bool dx_is_restricted(struct dx_str key, bool ios);

/* The unit's code runs on an iPad. */
bool dx_unit_is_ios(const struct dx_unit *unit);

/* The profile is for iPads alone. */
bool dx_profile_is_ios(const struct dext_profile *p);

#endif
