/* kext_version.h: the version strings of kernel extensions, which driver extensions must keep to.
 */
#ifndef DX_RULES_KEXT_VERSION_H
#define DX_RULES_KEXT_VERSION_H

#include <stdint.h>

#include "base/str.h"

/* How many digits the second and the third part may have: four since macOS 11, two before. */
#define DX_KEXT_VERSION_DIGITS 4
#define DX_KEXT_VERSION_DIGITS_10_15 2

/* NULL when text is a legal version, and *value (which may be NULL) orders versions as the kernel
 * does; otherwise what is wrong with it, in words that follow "the version". */
const char *dx_kext_version_fault(struct dx_str text, unsigned digits, int64_t *value);

#endif
