/* rule_view.h: the documentation of rules in each format. */
#ifndef APP_RULE_VIEW_H
#define APP_RULE_VIEW_H

#include <stdio.h>

#include "dext/rule.h"

struct rule_view {
    const char *name;
    /* all: no rule was named, so people get the catalogue rather than every page. */
    void (*write)(FILE *out, const struct dext_rule *const *rules, size_t count, bool all);
};

const struct rule_view *rule_view_named(const char *format);

#endif
