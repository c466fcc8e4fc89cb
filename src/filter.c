#include "filter.h"

#include <string.h>
#include <strings.h>

#include "baseline.h"
#include "config.h"

bool filter_names_one(const char *pattern, const struct dext_rule *rule)
{
    return strcasecmp(pattern, dext_rule_id(rule)) == 0 ||
           strcasecmp(pattern, dext_rule_name(rule)) == 0;
}

bool filter_names(const char *pattern, const struct dext_rule *rule)
{
    size_t n = strlen(pattern);
    bool group = n >= 3 && n < 5 && strncasecmp(pattern, dext_rule_id(rule), n) == 0;
    return group || filter_names_one(pattern, rule);
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

bool filter_ruleset_known(const char *name)
{
    for (size_t i = 0; dext_ruleset_at(i); i++) {
        if (strcmp(dext_ruleset_at(i), name) == 0) {
            return true;
        }
    }
    return false;
}

static bool listed(const char **list, const struct dext_rule *rule,
                   bool (*names)(const char *, const struct dext_rule *))
{
    for (; list && *list; list++) {
        if (names(*list, rule)) {
            return true;
        }
    }
    return false;
}

/* Who names a rule gets it, young or in preview; who names a group gets what is settled of it. */
static bool of_ruleset(const struct report_filter *filter, const struct report_finding *f)
{
    const struct dext_rule *rule = f->f.rule;
    if (listed(filter->select, rule, filter_names_one)) {
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
    if ((filter->select && !listed(filter->select, rule, filter_names)) || !of_ruleset(filter, f)) {
        return FILTER_NOT_ASKED;
    }
    bool hidden = listed(filter->ignore, rule, filter_names) ||
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
