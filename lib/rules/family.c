#include "rules/rule.h"
void dx_check_family(struct dx_check *c, const struct dx_personality *p) { (void)c; (void)p; }
const struct kb_family *dx_family_of(const struct dx_personality *p) { (void)p; return NULL; }
