#include "filter.h"

#include <string.h>
#include <strings.h>

#include "baseline.h"
#include "config.h"

bool filter_names(const char *pattern, const struct dext_rule *rule)
{
    size_t n = strlen(pattern);
    bool prefix = n >= 3 && n < 5 && strncasecmp(pattern, dext_rule_id(rule), n) == 0;
    return prefix || strcasecmp(pattern, dext_rule_id(rule)) == 0 ||
           strcasecmp(pattern, dext_rule_name(rule)) == 0;
}

bool filter_known(const char *pattern)
{
    for (size_t i = 0; i < dext_rule_count(); i++) {
        if (filter_names(pattern, dext_rule_at(i))) {
            return true;
        }
    }
    return false;
}

static bool listed(const char *const *list, const struct dext_rule *rule)
{
    for (; list && *list; list++) {
        if (filter_names(*list, rule)) {
            return true;
        }
    }
    return false;
}

bool filter_admits(struct report_filter *filter, struct report_finding *f)
{
    if (!filter) {
        return true;
    }
    const struct dext_rule *rule = f->f.rule;
    bool selected = listed(filter->select, rule);
    if (filter->select && !selected) {
        return false;
    }
    if (!selected && dext_rule_is_preview(rule) && !filter->preview) {
        return false;
    }
    if (!selected && filter->ruleset && strcmp(dext_rule_since(rule), filter->ruleset) > 0) {
        return false;
    }
    if (listed(filter->ignore, rule)) {
        return false;
    }
    if (filter->config && !config_admits(filter->config, f)) {
        return false;
    }
    return !filter->base || !baseline_has(filter->base, f);
}
