#include "rules/rule.h"
void dx_check_personalities(struct dx_check *c) { (void)c; }
void dx_check_personality(struct dx_check *c, const struct dx_personality *p) { (void)c; (void)p; }
