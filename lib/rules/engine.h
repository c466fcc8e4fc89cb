/* engine.h: walks a unit once and offers its parts to the checks that ask for them. */
#ifndef DX_RULES_ENGINE_H
#define DX_RULES_ENGINE_H

#include "rules/rule.h"

/* Runs every check that fits on the unit, but those of its entitlements documents. emit is called
 * for each finding that no comment in the file suppresses; what it is given lives in ctx's arena.
 */
void dx_check_unit(struct dext_ctx *ctx, const struct dx_unit *unit,
                   void (*emit)(void *user, const struct dx_finding *f), void *user);

/* Runs the checks of a single document, in the light of unit (which may be empty). */
void dx_check_doc(struct dext_ctx *ctx, const struct dx_unit *unit, const struct dx_doc *doc,
                  void (*emit)(void *user, const struct dx_finding *f), void *user);

/* Hands a held-back finding on. */
void dx_flush(struct dx_check *c);

/* And those that were held back because they may repeat. */
void dx_flush_repeated(struct dx_check *c);

/* suppress.c: whether a comment above the finding's line names its rule. */
bool dx_suppressed(const struct dx_finding *f);

/* suppress.c: comments that name rules which do not exist. */
void dx_check_comments(struct dx_check *c, const struct dx_doc *doc);

#endif
