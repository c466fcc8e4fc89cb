/* The public face of the rule table (dext/rule.h). */
#include <string.h>
#include <strings.h>

#include "rules/rule.h"

/* struct dext_rule is never defined: a rule is its row. */
static const struct kb_rule *catalogue_row(const struct dext_rule *r)
{
    return (const struct kb_rule *)(const void *)r;
}

size_t dext_rule_count(void)
{
    return kb_rule_count;
}

const struct dext_rule *dext_rule_at(size_t i)
{
    return i < kb_rule_count ? (const struct dext_rule *)(const void *)&kb_rule_rows[i] : NULL;
}

const struct dext_rule *dext_rule_find(const char *id_or_name)
{
    for (size_t i = 0; i < kb_rule_count; i++) {
        if (strcasecmp(kb_s(kb_rule_rows[i].rule), id_or_name) == 0 ||
            strcasecmp(kb_s(kb_rule_rows[i].name), id_or_name) == 0) {
            return dext_rule_at(i);
        }
    }
    return NULL;
}

static const char *rule_name_at(const void *user, size_t i)
{
    (void)user;
    return kb_s(i < kb_rule_count ? kb_rule_rows[i].name : kb_rule_rows[i - kb_rule_count].rule);
}

const char *dext_rule_nearest(const char *typed)
{
    return dx_str_meant(dx_str(typed), kb_rule_count * 2, rule_name_at, NULL);
}

bool dext_rule_fits(const struct dext_rule *r, const char *pattern)
{
    size_t n = strlen(pattern);
    bool group = n >= 3 && n < 5 && strncasecmp(pattern, dext_rule_id(r), n) == 0;
    return group || strcasecmp(pattern, dext_rule_id(r)) == 0 ||
           strcasecmp(pattern, dext_rule_name(r)) == 0;
}

const char *dext_rule_id(const struct dext_rule *r)
{
    return kb_s(catalogue_row(r)->rule);
}

const char *dext_rule_name(const struct dext_rule *r)
{
    return kb_s(catalogue_row(r)->name);
}

enum dext_severity dext_rule_severity(const struct dext_rule *r)
{
    return (enum dext_severity)catalogue_row(r)->severity;
}

bool dext_rule_is_preview(const struct dext_rule *r)
{
    return catalogue_row(r)->status == KB_RULE_STATUS_PREVIEW;
}

bool dx_rule_lets_load(const struct dext_rule *r)
{
    return catalogue_row(r)->keeps == KB_RULE_KEEPS_WORKING;
}

bool dext_rule_is_fixable(const struct dext_rule *r)
{
    return catalogue_row(r)->fixable != KB_RULE_FIXABLE_NO;
}

bool dext_rule_is_told_once(const struct dext_rule *r)
{
    return catalogue_row(r)->once == KB_RULE_ONCE_YES;
}

const char *dext_rule_since(const struct dext_rule *r)
{
    return kb_s(catalogue_row(r)->since);
}

const char *dext_rule_summary(const struct dext_rule *r)
{
    return kb_s(catalogue_row(r)->summary);
}

const char *dext_rule_why(const struct dext_rule *r)
{
    return kb_s(catalogue_row(r)->why);
}

const char *dext_rule_fix(const struct dext_rule *r)
{
    return kb_s(catalogue_row(r)->fix);
}

const char *dext_rule_bad(const struct dext_rule *r)
{
    return kb_s(catalogue_row(r)->bad);
}

const char *dext_rule_good(const struct dext_rule *r)
{
    return kb_s(catalogue_row(r)->good);
}

static const char *list_at(struct kb_list list, size_t i)
{
    const char *s = kb_first(list);
    while (*s && i--) {
        s = kb_next(s);
    }
    return *s ? s : NULL;
}

const char *dext_rule_note(const struct dext_rule *r, size_t i)
{
    return list_at(catalogue_row(r)->note, i);
}

const char *dext_rule_see(const struct dext_rule *r, size_t i)
{
    return list_at(catalogue_row(r)->see, i);
}

const char *dext_rule_source(const struct dext_rule *r, size_t i)
{
    return list_at(catalogue_row(r)->source, i);
}

const char *dext_ruleset_at(size_t i)
{
    return i < kb_ruleset_count ? kb_s(kb_ruleset_rows[i].ruleset) : NULL;
}

const char *dext_severity_name(enum dext_severity s)
{
    static const char *const names[] = {"error", "warning", "note"};
    return names[s];
}
