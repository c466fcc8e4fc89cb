#include "lint/config_schema.h"

#include <jansson.h>

#include "app/app.h"
#include "dext/rule.h"

/* What config_file.c accepts; tests/schemas/config.sh holds the two against each other. */

static json_t *config_schema_strings(const char *about, json_t *items)
{
    return json_pack("{s:s, s:s, s:o}", "type", "array", "description", about, "items", items);
}

static json_t *config_schema_ref_to(const char *name)
{
    return json_pack("{s:o}", "$ref", json_sprintf("#/definitions/%s", name));
}

static json_t *config_schema_words_of(const char *const *words)
{
    json_t *list = json_array();
    for (; *words; words++) {
        (void)json_array_append_new(list, json_string(*words));
    }
    return list;
}

/* A group is the beginning of an id, and any case will do: the pattern is what is also taken. */
static json_t *config_schema_rules(void)
{
    json_t *all = json_array();
    for (size_t i = 0; i < dext_rule_count(); i++) {
        const struct dext_rule *r = dext_rule_at(i);
        (void)json_array_append_new(all, json_pack("{s:s, s:s}", "const", dext_rule_id(r),
                                                   "description", dext_rule_summary(r)));
        (void)json_array_append_new(all, json_pack("{s:s, s:s}", "const", dext_rule_name(r),
                                                   "description", dext_rule_summary(r)));
    }
    (void)json_array_append_new(all, json_pack("{s:s, s:s}", "pattern", "^[Dd][Xx][0-9]{1,2}$",
                                               "description", "a group of rules"));
    return json_pack("{s:s, s:s, s:o}", "type", "string", "description",
                     "A rule's id or name, or a group such as DX2", "anyOf", all);
}

static json_t *config_schema_part(void)
{
    static const char *const levels[] = {"error", "warning", "note", NULL};
    return json_pack(
        "{s:o, s:{s:s, s:s, s:o, s:{s:o}}}", "ignore",
        config_schema_strings("Rules that are not reported", config_schema_ref_to("rule")),
        "severity", "type", "object", "description", "Rules and the level they get",
        "propertyNames", config_schema_ref_to("rule"), "additionalProperties", "enum",
        config_schema_words_of(levels));
}

static json_t *config_schema_rulesets(void)
{
    json_t *list = json_array();
    for (size_t i = 0; dext_ruleset_at(i); i++) {
        (void)json_array_append_new(list, json_string(dext_ruleset_at(i)));
    }
    return list;
}

static json_t *config_schema_of_override(void)
{
    json_t *properties = config_schema_part();
    (void)json_object_set_new(properties, "paths",
                              config_schema_strings("Paths for which this holds, as in .gitignore",
                                                    config_schema_ref_to("pattern")));
    return json_pack("{s:s, s:b, s:[s], s:o}", "type", "object", "additionalProperties", 0,
                     "required", "paths", "properties", properties);
}

static json_t *config_schema_of_file(void)
{
    static const char *const levels[] = {"error", "warning", "note", "never", NULL};
    json_t *properties = config_schema_part();
    (void)json_object_set_new(
        properties, "$schema",
        json_pack("{s:s, s:s}", "type", "string", "description", "Where this schema is"));
    (void)json_object_set_new(properties, "fail-on",
                              json_pack("{s:s, s:o}", "description",
                                        "lint exits with 1 from this severity up", "enum",
                                        config_schema_words_of(levels)));
    (void)json_object_set_new(properties, "ruleset",
                              json_pack("{s:s, s:o}", "description",
                                        "Rules as they were in this ruleset", "enum",
                                        config_schema_rulesets()));
    (void)json_object_set_new(
        properties, "exclude",
        config_schema_strings("Paths that folder walks leave out, as in .gitignore",
                              config_schema_ref_to("pattern")));
    (void)json_object_set_new(
        properties, "overrides",
        config_schema_strings("The same for some paths; later ones go before earlier ones",
                              config_schema_ref_to("override")));
    return properties;
}

void config_schema_write(FILE *out)
{
    json_t *root =
        json_pack("{s:s, s:s, s:s, s:s, s:b, s:o, s:{s:o, s:{s:s, s:i}, s:o}}", "$schema",
                  "http://json-schema.org/draft-07/schema#", "title", ".dextctl.json",
                  "description", "Which findings dextctl lint reports, and how severe they are",
                  "type", "object", "additionalProperties", 0, "properties",
                  config_schema_of_file(), "definitions", "rule", config_schema_rules(), "pattern",
                  "type", "string", "minLength", 1, "override", config_schema_of_override());
    (void)json_dumpf(root, out, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    (void)fputc('\n', out);
    json_decref(root);
}
