/* family.h: what the rules of one family group share. */
#ifndef DX_RULES_FAMILY_H
#define DX_RULES_FAMILY_H

#include "rules/rule.h"

/* The document was read to its end without a break: a key that is not in the tree is not in the
 * file either. */
bool dx_file_is_whole(const struct dx_check *c);

/* One of the unit's .entitlements files has the key, with another value than false. */
bool dx_claims(const struct dx_check *c, const char *entitlement);

#endif
