#include "app/words.h"

#include <stdlib.h>
#include <string.h>

#include "app/opt.h"
#include "dext/error.h"
#include "dext/log.h"
#include "dext/match.h"
#include "dext/rule.h"
#include "dext/text.h"

/* ---- the kinds ----------------------------------------------------------------------------- */

/* Ids first, then names: a shell that sorts shows them apart anyway. */
static bool rule_word(size_t i, struct word *out)
{
    const size_t count = dext_rule_count();
    if (i >= 2 * count) {
        return false;
    }
    const struct dext_rule *r = dext_rule_at(i % count);
    *out = i < count ? (struct word){dext_rule_id(r), dext_rule_name(r)}
                     : (struct word){dext_rule_name(r), dext_rule_id(r)};
    return true;
}

static bool rule_accepted(const char *word)
{
    return dext_rule_find(word) != NULL;
}

static bool rule_group_accepted(const char *word)
{
    for (size_t i = 0; i < dext_rule_count(); i++) {
        if (dext_rule_fits(dext_rule_at(i), word)) {
            return true;
        }
    }
    return false;
}

static bool domain_word(size_t i, struct word *out)
{
    struct dext_error_domain d;
    bool more = dext_error_domain_at(i, &d);
    *out = more ? (struct word){d.name, d.title} : (struct word){NULL, NULL};
    return more;
}

static bool ruleset_word(size_t i, struct word *out)
{
    *out = (struct word){dext_ruleset_at(i), NULL};
    return out->text != NULL;
}

static bool family_word(size_t i, struct word *out)
{
    return dext_match_family_at(i, &out->text, &out->about);
}

static bool topic_word(size_t i, struct word *out)
{
    return dext_topic_at(i, &out->text, &out->about);
}

static const struct words rule_words = {"rule",    "rule",        false,
                                        rule_word, rule_accepted, "dextctl rule"};
static const struct words rules_words = {
    "rules", "rule", true, rule_word, rule_group_accepted, "dextctl rule"};
static const struct words domain_words = {
    "domain", "error domain", false, domain_word, dext_error_domain_known, "dextctl error --list"};
static const struct words ruleset_words = {"ruleset", "ruleset", false, ruleset_word, NULL, NULL};
static const struct words family_words = {"family", "family", false, family_word, NULL, NULL};

static const struct words topic_words = {"topic",    "topic",          false,
                                         topic_word, dext_topic_known, "dextctl topic"};

const struct words *const words_all[] = {&rule_words,   &rules_words, &domain_words, &ruleset_words,
                                         &family_words, &topic_words, NULL};

/* ---- checking ------------------------------------------------------------------------------ */

const struct words *words_find(const char *kind)
{
    for (size_t i = 0; kind && words_all[i]; i++) {
        if (strcmp(words_all[i]->kind, kind) == 0) {
            return words_all[i];
        }
    }
    return NULL;
}

bool words_known(const struct words *w, const char *value)
{
    struct word word;
    for (size_t i = 0; w->at(i, &word); i++) {
        if (strcmp(word.text, value) == 0) {
            return true;
        }
    }
    return w->accepts && w->accepts(value);
}

/* "a, b and c" */
static char *words_listed(const struct words *w)
{
    struct word word, after;
    char *text = app_strdup("");
    for (size_t i = 0; w->at(i, &word); i++) {
        const char *before = i == 0 ? "" : w->at(i + 1, &after) ? ", " : " and ";
        const size_t n = strlen(text), more = strlen(before) + strlen(word.text) + 1;
        text = app_grow(text, n + more);
        (void)snprintf(text + n, more, "%s%s", before, word.text);
    }
    return text;
}

static const char *words_text_at(const void *words, size_t i)
{
    const struct words *w = words;
    struct word word = {"", NULL};
    (void)w->at(i, &word);
    return word.text;
}

static int words_unknown(const struct app *app, const struct words *w, const char *value)
{
    struct word word;
    size_t count = 0;
    while (w->at(count, &word)) {
        count++;
    }
    const char *near = dext_nearest(value, count, words_text_at, w);
    if (!near && w->shown_by) {
        return app_usage_error(app, "there is no %s '%s'; '%s' lists them", w->what, value,
                               w->shown_by);
    }
    char *all = w->shown_by ? NULL : words_listed(w);
    int rc = app_usage_error(app, "there is no %s '%s'%s%s%s%s%s", w->what, value,
                             near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "",
                             !all   ? ""
                             : near ? " Known: "
                                    : "; known: ",
                             all ? all : "");
    free(all);
    return rc;
}

int words_check(const struct app *app, const struct words *w, const char *option, const char *value)
{
    if (!w->list) {
        return words_known(w, value) ? APP_CLEAN : words_unknown(app, w, value);
    }
    char **each = opt_split(value);
    int rc = *each ? APP_CLEAN : app_usage_error(app, "--%s names no %s", option, w->what);
    for (char **p = each; rc == APP_CLEAN && *p; p++) {
        rc = words_known(w, *p) ? APP_CLEAN : words_unknown(app, w, *p);
    }
    free(each);
    return rc;
}
