/* ancestry.h: what a kernel class descends from, by the chain a dump shows (ioreg -i) or by the
 * table in lib/data/kernel-classes.tsv. */
#ifndef DX_IOKIT_ANCESTRY_H
#define DX_IOKIT_ANCESTRY_H

#include "iokit/registry.h"
#include "kb.h"

/* cls is known to the tables. */
bool dx_class_known(struct dx_str cls);

/* class descends from (or is) base; chain is "" or "IORegistryEntry:...:class". */
enum dx_reg_is dx_class_is(struct dx_str cls, struct dx_str chain, const char *base);

/* KB_KERNEL_CLASS_MATCHER_* of the class: who of it and its ancestors compares keys of a
 * personality. CLOSED when that is not public, INHERITED when the class is not known at all. */
/* The record of compared-keys.rec that holds for the class: its own, or its nearest ancestor's.
 * NULL: there is none. */
const struct kb_compared *dx_class_compared(struct dx_str cls, struct dx_str chain);

int dx_class_matcher(struct dx_str cls, struct dx_str chain);

/* Steps from the class up to base; -1 when not known. */
int dx_class_depth(struct dx_str cls, struct dx_str chain, struct dx_str base);

#endif
