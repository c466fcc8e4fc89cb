/* The public face of the rule table (dext/rule.h) and look-ups over the other tables. */
#include <string.h>
#include <strings.h>

#include "rules/rule.h"

/* struct dext_rule is never defined: a rule is its row. */
static const struct kb_rule *row(const struct dext_rule *r)
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
    return dx_str_nearest(dx_str(typed), kb_rule_count * 2, rule_name_at, NULL);
}

const char *dext_rule_id(const struct dext_rule *r)
{
    return kb_s(row(r)->rule);
}

const char *dext_rule_name(const struct dext_rule *r)
{
    return kb_s(row(r)->name);
}

enum dext_severity dext_rule_severity(const struct dext_rule *r)
{
    return (enum dext_severity)row(r)->severity;
}

bool dext_rule_is_preview(const struct dext_rule *r)
{
    return row(r)->status == KB_RULE_STATUS_PREVIEW;
}

bool dext_rule_is_fixable(const struct dext_rule *r)
{
    return row(r)->fixable != KB_RULE_FIXABLE_NO;
}

bool dext_rule_for_kext(const struct dext_rule *r)
{
    return row(r)->kext == KB_RULE_KEXT_YES;
}

const char *dext_rule_since(const struct dext_rule *r)
{
    return kb_s(row(r)->since);
}

const char *dext_rule_summary(const struct dext_rule *r)
{
    return kb_s(row(r)->summary);
}

const char *dext_rule_why(const struct dext_rule *r)
{
    return kb_s(row(r)->why);
}

const char *dext_rule_fix(const struct dext_rule *r)
{
    return kb_s(row(r)->fix);
}

const char *dext_rule_bad(const struct dext_rule *r)
{
    return kb_s(row(r)->bad);
}

const char *dext_rule_good(const struct dext_rule *r)
{
    return kb_s(row(r)->good);
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
    return list_at(row(r)->note, i);
}

const char *dext_rule_see(const struct dext_rule *r, size_t i)
{
    return list_at(row(r)->see, i);
}

const char *dext_rule_source(const struct dext_rule *r, size_t i)
{
    return list_at(row(r)->source, i);
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

/* Tables are sorted by their first field: look-ups by name are a binary search. */
#define FIND(table, field, name)                                                                   \
    size_t lo = 0, hi = kb_##table##_count;                                                        \
    while (lo < hi) {                                                                              \
        size_t mid = lo + (hi - lo) / 2;                                                           \
        int order = dx_str_cmp(dx_str(kb_s(kb_##table##_rows[mid].field)), name);                  \
        if (order == 0) {                                                                          \
            return &kb_##table##_rows[mid];                                                        \
        }                                                                                          \
        if (order < 0) {                                                                           \
            lo = mid + 1;                                                                          \
        } else {                                                                                   \
            hi = mid;                                                                              \
        }                                                                                          \
    }                                                                                              \
    return NULL

const struct kb_entitlement *dx_kb_entitlement(struct dx_str key)
{
    FIND(entitlement, entitlement, key);
}

const struct kb_provider *dx_kb_provider(struct dx_str name)
{
    FIND(provider, provider, name);
}

const struct kb_ioclass *dx_kb_ioclass(struct dx_str name)
{
    FIND(ioclass, ioclass, name);
}

const struct kb_family *dx_kb_family(const char *id)
{
    struct dx_str name = dx_str(id);
    FIND(family, family, name);
}

const struct kb_driverkit *dx_kb_driverkit(const char *version)
{
    struct dx_str name = dx_str(version);
    FIND(driverkit, driverkit, name);
}

const struct kb_key *dx_kb_key(struct dx_str key, int scope)
{
    for (size_t i = 0; i < kb_key_count; i++) {
        if (kb_key_rows[i].scope == scope && dx_str_is(key, kb_s(kb_key_rows[i].key))) {
            return &kb_key_rows[i];
        }
    }
    return NULL;
}

bool dx_kb_list_has(struct kb_list list, struct dx_str value)
{
    for (const char *s = kb_first(list); *s; s = kb_next(s)) {
        if (dx_str_is(value, s)) {
            return true;
        }
    }
    return false;
}
