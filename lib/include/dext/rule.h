/* dext/rule.h: the catalogue of rules. Rows are compiled in from lib/data/rules; all texts are
 * constant and live as long as the program. */
#ifndef DEXT_RULE_H
#define DEXT_RULE_H

#include <stdbool.h>

#include "dext/ctx.h"

#ifdef __cplusplus
extern "C" {
#endif

enum dext_severity { DEXT_ERROR, DEXT_WARNING, DEXT_NOTE };

struct dext_rule;

DEXT_API size_t dext_rule_count(void);
/* Rules in order of their ids; NULL past the end. */
DEXT_API const struct dext_rule *dext_rule_at(size_t i);
/* By id or name, in any case; NULL when there is none. */
DEXT_API const struct dext_rule *dext_rule_find(const char *id_or_name);
/* Name or id nearest to a mistyped one, or NULL. */
DEXT_API const char *dext_rule_nearest(const char *typed);

/* Whether pattern is the rule's id or name in any case, or the beginning of its id with one or two
 * digits, which names a group: "DX2", "DX30". */
DEXT_API bool dext_rule_fits(const struct dext_rule *r, const char *pattern);

DEXT_API const char *dext_rule_id(const struct dext_rule *r);   /* "DX203" */
DEXT_API const char *dext_rule_name(const struct dext_rule *r); /* "missing-user-class" */
DEXT_API enum dext_severity dext_rule_severity(const struct dext_rule *r);
DEXT_API bool dext_rule_is_preview(const struct dext_rule *r);
DEXT_API bool dext_rule_is_fixable(const struct dext_rule *r);
DEXT_API bool dext_rule_is_told_once(const struct dext_rule *r); /* one finding stands for all */
DEXT_API const char *dext_rule_since(const struct dext_rule *r); /* ruleset, "2026.11" */
DEXT_API const char *dext_rule_summary(const struct dext_rule *r);
DEXT_API const char *dext_rule_why(const struct dext_rule *r);
DEXT_API const char *dext_rule_fix(const struct dext_rule *r);
DEXT_API const char *dext_rule_bad(const struct dext_rule *r);  /* an example, lines */
DEXT_API const char *dext_rule_good(const struct dext_rule *r); /* the same, right */
/* i-th note, related rule id, source; NULL past the end. */
DEXT_API const char *dext_rule_note(const struct dext_rule *r, size_t i);
DEXT_API const char *dext_rule_see(const struct dext_rule *r, size_t i);
DEXT_API const char *dext_rule_source(const struct dext_rule *r, size_t i);

/* Rulesets, oldest first; NULL past the end. */
DEXT_API const char *dext_ruleset_at(size_t i);

DEXT_API const char *dext_severity_name(enum dext_severity s); /* "error", ... */

#ifdef __cplusplus
}
#endif

#endif
