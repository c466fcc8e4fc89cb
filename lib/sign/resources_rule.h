/* resources_rule.h: the patterns of CodeResources. They are POSIX extended regular expressions
 * (Security resources.cpp, Rule: regcomp with REG_EXTENDED, which on macOS is TRE without its
 * enhancements). PCRE2 matches them, since it can be told how much work a pattern may be. */
#ifndef DX_SIGN_RESOURCES_RULE_H
#define DX_SIGN_RESOURCES_RULE_H

#include "base/ctx.h"

struct dx_pattern;
struct dx_matcher;

/* NULL: it is no pattern that macOS takes, or longer than any real one. */
struct dx_pattern *dx_pattern_new(struct dext_ctx *ctx, struct dx_str source);
void dx_pattern_free(struct dx_pattern *p);

struct dx_matcher *dx_matcher_new(struct dext_ctx *ctx);
void dx_matcher_free(struct dx_matcher *m);

enum dx_matched { DX_MATCHED_NOT, DX_MATCHED, DX_MATCHED_TOO_LONG };
enum dx_matched dx_pattern_match(const struct dx_pattern *p, const struct dx_matcher *m,
                                 const char *text, size_t n);

/* The pattern in the language of PCRE2, or NULL. */
const char *dx_pattern_translate(struct dext_ctx *ctx, struct dx_str source);

#endif
