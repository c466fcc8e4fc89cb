/* nearest.h: "did you mean". */
#ifndef APP_NEAREST_H
#define APP_NEAREST_H

#include <stddef.h>

/* The one of count names that differs least from what was typed, or NULL when none is near. */
const char *nearest(const char *typed, const char *const *names, size_t count);

#endif
