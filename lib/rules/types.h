/* types.h: what types.c and info.c share: one look at one value. */
#ifndef DX_RULES_TYPES_H
#define DX_RULES_TYPES_H

#include "rules/rule.h"

/* Reports wrong-value-type when n is not of the type key asks for; true when it did. */
bool dx_check_value_type(struct dx_check *c, const struct dext_node *n, const struct kb_key *key);

/* What a template left in a string for its user to replace, in words, or NULL. */
const char *dx_template_leftover(struct dx_str text);

/* The known key of one of the scopes (bits 1 << KB_KEY_SCOPE_...) that the unknown key of n can
 * only be a slip for, or NULL. */
const struct kb_key *dx_meant_key(const struct dext_node *n, unsigned scopes);

/* n's kind with its article: "a string". */
const char *dx_kind_words(const struct dext_node *n);

#endif
