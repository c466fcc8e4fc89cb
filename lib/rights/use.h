/* use.h: what one piece of signed code can be used for, and what is in the way of more. A product
 * can be used for what all of its pieces can be used for. */
#ifndef DX_RIGHTS_USE_H
#define DX_RIGHTS_USE_H

#include "rights/rights.h"

/* A set of uses. */
enum {
    DX_USE_LOCAL = 1,       /* on a Mac of one's own, as it is */
    DX_USE_DEVELOPMENT = 2, /* on the devices that a development profile lists */
    DX_USE_AD_HOC = 4,      /* on the devices that an ad hoc profile lists */
    DX_USE_IN_HOUSE = 8,    /* on the devices of an organization */
    DX_USE_DEVELOPER_ID = 16,
    DX_USE_SUBMIT = 32, /* to a store, which signs it anew */
    DX_USE_STORE = 64,  /* delivered by a store */
    DX_USE_APPLE = 128, /* part of the system */
};
#define DX_USE_ALL 255U

/* One reason, with the uses that it takes away. */
struct dx_hindrance {
    unsigned uses;
    const char *text; /* to follow "because": "it is signed ad hoc" */
    bool doubt;       /* it may be in the way; nobody has measured it */
};

struct dx_use {
    unsigned uses, doubtful; /* what is left; of these, what is not certain */
    unsigned aim;            /* the one that the signature was made for */
    const struct dx_hindrance *list;
    size_t count, cap;
};

/* code alone; subject NULL: code without entitlements that matter, judged by its signature. */
void dx_use_of_code(struct dx_use *out, struct dext_ctx *ctx, const struct dext_code *code,
                    const struct dx_subject *subject, bool ios);

/* Takes uses away. */
void dx_use_hinder(struct dx_use *u, struct dext_ctx *ctx, unsigned uses, bool doubt,
                   const char *text);

/* "be distributed with Developer ID": to follow can or cannot. devices: how many may run it; where
 * nothing says it, 0. */
const char *dx_use_words(struct dext_ctx *ctx, unsigned use, bool ios, size_t devices);

enum dext_purpose dx_use_purpose(unsigned use);

/* The best of a set: what reaches most people first. 0 for none. */
unsigned dx_use_best(unsigned uses);

#endif
