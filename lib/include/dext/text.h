/* dext/text.h: text helpers that programs around libdext need too. */
#ifndef DEXT_TEXT_H
#define DEXT_TEXT_H

#include "dext/ctx.h"

/* The nearest of count names to what was typed (inserted, lost, changed or swapped letters; case
 * does not count), or NULL when none is near enough to propose. name(user, i) is candidate i. */
DEXT_API const char *dext_nearest(const char *typed, size_t count,
                                  const char *(*name)(const void *user, size_t i),
                                  const void *user);

#endif
