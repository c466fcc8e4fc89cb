/* source_calls.h: the rules about what a driver's code does. */
#ifndef DX_RULES_SOURCE_CALLS_H
#define DX_RULES_SOURCE_CALLS_H

#include "rules/source.h"

/* source_create.c: DX804, of the class that personalities name; NULL: nothing. */
void dx_check_create(struct dx_check *c, const struct dx_cxx_class *k);

/* source_calls.c: DX806-DX814 */
void dx_check_calls(struct dx_check *c);

/* source_log.c: DX813 */
void dx_check_logs(struct dx_check *c);

/* source_kernel.c: DX814 */
void dx_check_kernel_calls(struct dx_check *c);

/* The file is a driver extension's: .iig, or includes DriverKit, or implements what .iig
 * declares. */
bool dx_is_driver_file(const struct dx_cxx *code, const struct dx_cxx_file *f);

#endif
