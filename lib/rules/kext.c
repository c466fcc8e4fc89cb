/* What also holds for a kernel extension's personality: the same kernel code reads it. */
#include "rules/personality.h"

void dx_check_kext_personality(struct dx_check *c, const struct dx_personality *p)
{
    dx_check_required(c, p);
    dx_check_score(c, p);
    dx_check_resources_category(c, p);
}
