/* rule_view.h: the documentation of rules in each format. */
#ifndef APP_RULE_VIEW_H
#define APP_RULE_VIEW_H

#include "app/app.h"
#include "dext/rule.h"
#include "view/record.h"

/* all: no rule was named, so people get the catalogue rather than every page. */
typedef void rule_format(const struct app *app, const struct dext_rule *const *rules, size_t count,
                         bool all);

rule_format *rule_format_for(enum face face);

rule_format rule_record;
extern const struct record_form rule_form;

#endif
