#include "lint/config_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/file.h"
#include "app/json_place.h"
#include "app/nearest.h"
#include "app/output.h"
#include "app/path.h"
#include "app/words.h"

#define CONFIG_LIMIT ((size_t)1 << 20)
#define DEEPEST 4

/* Reading is walking: the steps down to the value at hand say where a mistake stands. */
struct reader {
    const struct app *app;
    struct config_file *file;
    const char *text;
    struct json_step steps[DEEPEST];
    size_t depth;
    bool failed;
};

static const char *const keys_of_file[] = {"ignore",  "severity",  "fail-on", "ruleset",
                                           "exclude", "overrides", "$schema"};
static const char *const keys_of_override[] = {"paths", "ignore", "severity"};

static bool wrong(struct reader *r, bool at_key, const char *what, const char *value,
                  const char *near)
{
    struct json_place at = json_place_of(r->text, r->steps, r->depth, at_key);
    app_error(r->app, "%s:%u:%u: %s%s%s%s%s%s%s%s", r->file->path, at.line, at.column, what,
              value ? " '" : "", value ? value : "", value ? "'" : "",
              near ? "; did you mean '" : "", near ? near : "", near ? "'" : "", near ? "?" : "");
    r->failed = true;
    return false;
}

static void down(struct reader *r, const char *key, size_t index)
{
    r->steps[r->depth++] = (struct json_step){key, index};
}

static void config_file_up(struct reader *r)
{
    r->depth--;
}

static bool known_keys(struct reader *r, const json_t *object, const char *const *names, size_t n)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value)
    {
        bool known = false;
        for (size_t i = 0; i < n; i++) {
            known = known || strcmp(names[i], key) == 0;
        }
        if (!known) {
            down(r, key, 0);
            wrong(r, true, "there is no setting", key, nearest(key, names, n));
            config_file_up(r);
            return false;
        }
    }
    return true;
}

static bool known_rule(struct reader *r, const char *name, bool at_key)
{
    return words_known(words_find("rules"), name) ||
           wrong(r, at_key, "there is no rule", name, dext_rule_nearest(name));
}

/* An array of strings under key; NULL when it is absent or wrong. */
static const char **config_file_strings(struct reader *r, const json_t *object, const char *key,
                                        const char *what,
                                        bool (*fits)(struct reader *, const char *, bool))
{
    const json_t *list = json_object_get(object, key);
    if (!list) {
        return NULL;
    }
    down(r, key, 0);
    const char **out = NULL;
    if (!json_is_array(list)) {
        wrong(r, false, what, NULL, NULL);
    } else {
        size_t n = json_array_size(list);
        out = app_alloc((n + 1) * sizeof *out);
        for (size_t i = 0; i < n && !r->failed; i++) {
            down(r, NULL, i);
            out[i] = json_string_value(json_array_get(list, i));
            if (!out[i] || !*out[i]) {
                wrong(r, false, what, NULL, NULL);
            } else if (fits) {
                fits(r, out[i], false);
            }
            config_file_up(r);
        }
    }
    config_file_up(r);
    return out;
}

static bool config_file_level(struct reader *r, const json_t *value, enum dext_severity *out)
{
    const char *name = json_string_value(value);
    for (int i = DEXT_ERROR; i <= DEXT_NOTE; i++) {
        if (name && strcmp(name, dext_severity_name((enum dext_severity)i)) == 0) {
            *out = (enum dext_severity)i;
            return true;
        }
    }
    return wrong(r, false, "a severity is \"error\", \"warning\" or \"note\"", NULL, NULL);
}

static void severities(struct reader *r, const json_t *object, struct config_part *part)
{
    json_t *map = json_object_get(object, "severity");
    if (!map) {
        return;
    }
    down(r, "severity", 0);
    if (!json_is_object(map)) {
        wrong(r, false, "\"severity\" is an object of rules and their levels", NULL, NULL);
        config_file_up(r);
        return;
    }
    part->severity = app_alloc((json_object_size(map) + 1) * sizeof *part->severity);
    const char *rule;
    json_t *value;
    json_object_foreach(map, rule, value)
    {
        down(r, rule, 0);
        struct config_severity *s = &part->severity[part->severity_count++];
        s->rule = rule;
        bool fine =
            !r->failed && known_rule(r, rule, true) && config_file_level(r, value, &s->severity);
        config_file_up(r);
        if (!fine) {
            break;
        }
    }
    config_file_up(r);
}

static void config_file_part_of(struct reader *r, const json_t *object, struct config_part *part)
{
    part->ignore =
        config_file_strings(r, object, "ignore", "\"ignore\" is an array of rules", known_rule);
    if (!r->failed) {
        severities(r, object, part);
    }
}

static void override(struct reader *r, const json_t *object, struct config_part *part)
{
    if (!json_is_object(object)) {
        wrong(r, false, "an override is an object with \"paths\"", NULL, NULL);
        return;
    }
    if (!known_keys(r, object, keys_of_override,
                    sizeof keys_of_override / sizeof *keys_of_override)) {
        return;
    }
    part->paths =
        config_file_strings(r, object, "paths", "\"paths\" is an array of patterns", NULL);
    if (!part->paths && !r->failed) {
        wrong(r, false, "an override needs \"paths\"", NULL, NULL);
    } else if (!r->failed) {
        config_file_part_of(r, object, part);
    }
}

static void overrides(struct reader *r, const json_t *list, size_t n)
{
    down(r, "overrides", 0);
    if (!json_is_array(list)) {
        wrong(r, false, "\"overrides\" is an array of objects", NULL, NULL);
    }
    for (size_t i = 0; i < n && !r->failed; i++) {
        down(r, NULL, i);
        override(r, json_array_get(list, i), &r->file->parts[i + 1]);
        config_file_up(r);
    }
    config_file_up(r);
}

static const char *fail_on(struct reader *r, const json_t *value)
{
    static const char *const levels[] = {"error", "warning", "note", "never"};
    const char *name = json_string_value(value);
    for (size_t i = 0; name && i < 4; i++) {
        if (strcmp(name, levels[i]) == 0) {
            return name;
        }
    }
    down(r, "fail-on", 0);
    wrong(r, false, "\"fail-on\" is \"error\", \"warning\", \"note\" or \"never\"", NULL, NULL);
    config_file_up(r);
    return NULL;
}

static const char *ruleset(struct reader *r, const json_t *value)
{
    const char *name = json_string_value(value);
    if (name && words_known(words_find("ruleset"), name)) {
        return name;
    }
    down(r, "ruleset", 0);
    wrong(r, false, name ? "there is no ruleset" : "\"ruleset\" is a string", name, NULL);
    config_file_up(r);
    return NULL;
}

static void whole_file(struct reader *r)
{
    struct config_file *f = r->file;
    if (!json_is_object(f->root)) {
        wrong(r, false, "a configuration is a JSON object", NULL, NULL);
        return;
    }
    if (!known_keys(r, f->root, keys_of_file, sizeof keys_of_file / sizeof *keys_of_file)) {
        return;
    }
    const json_t *list = json_object_get(f->root, "overrides");
    const json_t *value;
    f->part_count = 1 + json_array_size(list);
    f->parts = app_alloc(f->part_count * sizeof *f->parts);
    config_file_part_of(r, f->root, &f->parts[0]);
    if (!r->failed && (value = json_object_get(f->root, "fail-on")) != NULL) {
        f->fail_on = fail_on(r, value);
    }
    if (!r->failed && (value = json_object_get(f->root, "ruleset")) != NULL) {
        f->ruleset = ruleset(r, value);
    }
    if (!r->failed) {
        f->exclude =
            config_file_strings(r, f->root, "exclude", "\"exclude\" is an array of patterns", NULL);
    }
    if (!r->failed && list) {
        overrides(r, list, f->part_count - 1);
    }
}

static struct config_file *new_file(const char *path)
{
    struct config_file *f = app_alloc(sizeof *f);
    char *full = path_absolute(path);
    f->folder = path_parent(full);
    f->path = path_shown(path);
    free(full);
    return f;
}

static bool config_file_is_foreign(const char *path, const char *folder)
{
    struct stat file, in;
    return stat(path, &file) == 0 && stat(folder, &in) == 0 && file.st_uid != geteuid() &&
           file.st_uid != in.st_uid;
}

int config_file_read(const struct app *app, const char *path, struct config_file **out)
{
    char *text;
    size_t size;
    *out = NULL;
    const char *why = file_read(path, CONFIG_LIMIT, &text, &size);
    if (why && (errno == ENOENT || errno == ENOTDIR)) {
        struct stat st;
        if (lstat(path, &st) != 0) {
            return APP_CLEAN;
        }
        why = "it is a link that leads nowhere"; /* settings that are meant, and not known */
    }
    output_never(path);
    struct config_file *f = new_file(path);
    if (why) {
        app_unread(app, f->path, "cannot be read: %s", why);
        config_file_free(f);
        return APP_UNREADABLE;
    }
    if (config_file_is_foreign(path, f->folder)) {
        app_error(app, "%s: not used: it belongs to another user", f->path);
        config_file_free(f);
        free(text);
        return APP_CLEAN;
    }
    json_error_t e;
    struct reader r = {.app = app, .file = f, .text = text};
    f->root = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);
    if (f->root) {
        whole_file(&r);
    } else {
        app_error(app, "%s:%d:%d: %s", f->path, e.line < 1 ? 1 : e.line,
                  e.column < 1 ? 1 : e.column, e.text);
    }
    free(text);
    if (!f->root || r.failed) {
        config_file_free(f);
        return APP_USAGE;
    }
    *out = f;
    return APP_CLEAN;
}

void config_file_free(struct config_file *f)
{
    if (!f) {
        return;
    }
    for (size_t i = 0; f->parts && i < f->part_count; i++) {
        free(f->parts[i].paths);
        free(f->parts[i].ignore);
        free(f->parts[i].severity);
    }
    free(f->parts);
    free(f->exclude);
    json_decref(f->root);
    free(f->folder);
    free(f->path);
    free(f);
}
