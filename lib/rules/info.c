#include "rules/rule.h"
void dx_check_info(struct dx_check *c) { (void)c; }
