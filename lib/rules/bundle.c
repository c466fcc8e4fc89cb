#include "rules/rule.h"
void dx_check_bundle(struct dx_check *c) { (void)c; }
