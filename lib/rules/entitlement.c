#include "rules/rule.h"
void dx_check_entitlements_doc(struct dx_check *c, const struct dx_doc *doc) { (void)c; (void)doc; }
