/* requirement_match.h: the right side of a condition, "= VALUE", "exists", and what is held against
 * it. Semantics: Security reqinterp.cpp, Match. */
#ifndef DX_SIGN_REQUIREMENT_MATCH_H
#define DX_SIGN_REQUIREMENT_MATCH_H

#include "sign/requirement.h"

struct dx_match {
    uint32_t op;
    struct dx_str value; /* of comparisons with text */
    int64_t when;        /* of comparisons with a time, seconds since 2001 */
};

enum dx_candidate_kind {
    DX_VALUE_NONE,
    DX_VALUE_TEXT,
    DX_VALUE_TIME,
    DX_VALUE_TRUE,
    DX_VALUE_NODE
};

struct dx_candidate {
    enum dx_candidate_kind kind;
    struct dx_str text;
    int64_t when;
    const struct dext_node *node; /* of a property list */
};

/* Reads it at the place where code stands. */
struct dx_match dx_match_read(struct dx_requirement_code *code);

bool dx_match_holds(const struct dx_match *m, const struct dx_candidate *c);

/* Which of two texts comes first, numbers in them compared as numbers: below, at or above 0
 * (CFStringCompare, kCFCompareNumerically). */
int dx_compare_numerically(struct dx_str a, struct dx_str b);

#endif
