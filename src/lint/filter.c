#include "lint/filter.h"

#include <string.h>

#include "lint/baseline.h"
#include "lint/config.h"

/* group: whether a pattern such as DX2 counts as naming the rule. */
static bool filter_lists(const char **list, const struct dext_rule *rule, bool group)
{
    for (; list && *list; list++) {
        if (group ? dext_rule_fits(rule, *list) : dext_rule_find(*list) == rule) {
            return true;
        }
    }
    return false;
}

/* Who names a rule gets it, young or in preview; who names a group gets what is settled of it. */
static bool of_ruleset(const struct report_filter *filter, const struct report_finding *f)
{
    const struct dext_rule *rule = f->f.rule;
    if (filter_lists(filter->select, rule, false)) {
        return true;
    }
    if (dext_rule_is_preview(rule) && !filter->preview) {
        return false;
    }
    const char *ruleset = filter->ruleset;
    if (!ruleset && filter->config) {
        ruleset = config_ruleset(filter->config, f->f.file);
    }
    return !ruleset || strcmp(dext_rule_since(rule), ruleset) <= 0;
}

enum filter_verdict filter_judge(struct report_filter *filter, struct report_finding *f)
{
    if (!filter) {
        return FILTER_SHOW;
    }
    const struct dext_rule *rule = f->f.rule;
    if ((filter->select && !filter_lists(filter->select, rule, true)) || !of_ruleset(filter, f)) {
        return FILTER_NOT_ASKED;
    }
    bool hidden = filter_lists(filter->ignore, rule, true) ||
                  (filter->config && !config_admits(filter->config, f)) ||
                  (filter->base && baseline_takes(filter->base, f));
    return hidden ? FILTER_SUPPRESSED : FILTER_SHOW;
}

bool filter_excludes(const struct report_filter *filter, const char *file)
{
    return filter && filter->config && filter->walked &&
           config_excludes(filter->config, filter->walked, file);
}

const char *filter_fail_on(const struct report_filter *filter, const char *given, const char *file)
{
    if (!given && filter && filter->config) {
        given = config_fail_on(filter->config, file);
    }
    return given ? given : "error";
}
