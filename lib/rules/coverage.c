#include "rules/rule.h"
void dx_check_coverage(struct dx_check *c) { (void)c; }
