/* What the editor's user has set. */
#include <stdlib.h>
#include <string.h>

#include "lsp/server.h"

static void settings_free_list(const char **list)
{
    for (const char **p = list; p && *p; p++) {
        free((char *)*p);
    }
    free(list);
}

void lsp_settings_free(struct lsp_settings *set)
{
    settings_free_list(set->select);
    settings_free_list(set->ignore);
    free(set->ruleset);
    free(set->config);
    free(set->dump);
    *set = (struct lsp_settings){0};
}

/* Rules that there are not are left out: a setting of a newer version harms nobody. */
static bool settings_fits(const char *rule)
{
    for (size_t i = 0; i < dext_rule_count(); i++) {
        if (dext_rule_fits(dext_rule_at(i), rule)) {
            return true;
        }
    }
    return false;
}

static const char **settings_list(const json_t *value)
{
    size_t n = json_array_size(value), count = 0;
    const char **list = n ? app_alloc((n + 1) * sizeof *list) : NULL;
    for (size_t i = 0; i < n; i++) {
        const char *rule = json_string_value(json_array_get(value, i));
        if (rule && settings_fits(rule)) {
            list[count++] = app_strdup(rule);
        }
    }
    if (list && count == 0) {
        free(list);
        list = NULL;
    }
    return list;
}

static char *settings_text(const json_t *value)
{
    const char *text = json_string_value(value);
    return text && *text ? app_strdup(text) : NULL;
}

void lsp_settings_take(struct lsp *s, const json_t *value)
{
    if (!json_is_object(value)) {
        return;
    }
    lsp_settings_free(&s->settings);
    s->settings = (struct lsp_settings){
        .select = settings_list(json_object_get(value, "select")),
        .ignore = settings_list(json_object_get(value, "ignore")),
        .ruleset = settings_text(json_object_get(value, "ruleset")),
        .config = settings_text(json_object_get(value, "config")),
        .dump = settings_text(json_object_get(value, "dump")),
        .preview = json_is_true(json_object_get(value, "preview")),
    };
    bool known = false;
    for (size_t i = 0; s->settings.ruleset && dext_ruleset_at(i); i++) {
        known = known || strcmp(dext_ruleset_at(i), s->settings.ruleset) == 0;
    }
    if (s->settings.ruleset && !known) {
        free(s->settings.ruleset);
        s->settings.ruleset = NULL;
    }
    s->dump_sought = false;
}
