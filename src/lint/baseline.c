#include "lint/baseline.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "app/file.h"
#include "app/json.h"
#include "app/path.h"

#define BASELINE_LIMIT ((size_t)64 << 20)
#define SCHEMA "dextctl.baseline/1"

struct entry {
    const char *rule, *file, *path, *message;
    size_t count, taken;
};

struct baseline {
    struct entry *entries; /* sorted by by_key */
    size_t count;
    char *folder; /* absolute */
    json_t *root; /* owner of the strings */
};

/* "first on line 12" is the same finding when it has moved to line 14. */
static int compare_messages(const char *a, const char *b)
{
    while (*a && *a == *b) {
        bool line = strncmp(a, "line ", 5) == 0 && strncmp(b, "line ", 5) == 0;
        a += line ? 5 + strspn(a + 5, "0123456789") : 1;
        b += line ? 5 + strspn(b + 5, "0123456789") : 1;
    }
    return (unsigned char)*a - (unsigned char)*b;
}

static int baseline_by_key(const void *x, const void *y)
{
    const struct entry *a = x, *b = y;
    int c = strcmp(a->file, b->file);
    c = c ? c : strcmp(a->rule, b->rule);
    c = c ? c : strcmp(a->path, b->path);
    return c ? c : compare_messages(a->message, b->message);
}

static char *baseline_folder_of(const char *path)
{
    char *full = path_absolute(path);
    char *folder = path_parent(full);
    free(full);
    return folder;
}

static char *seen_from(const char *folder, const char *file)
{
    char *full = path_absolute(file);
    char *seen = path_from(folder, full);
    free(full);
    return seen;
}

static bool baseline_read_entry(const json_t *item, struct entry *e)
{
    const json_t *count = json_object_get(item, "count");
    e->rule = json_string_value(json_object_get(item, "rule"));
    e->file = json_string_value(json_object_get(item, "file"));
    e->path = json_string_value(json_object_get(item, "path"));
    e->message = json_string_value(json_object_get(item, "message"));
    e->count = count ? (size_t)json_integer_value(count) : 1;
    return e->rule && e->file && e->path && e->message &&
           (!count || (json_is_integer(count) && json_integer_value(count) > 0));
}

/* NULL, or what is wrong with it. */
static const char *read_entries(struct baseline *b)
{
    const char *schema = json_string_value(json_object_get(b->root, "schema"));
    const json_t *list = json_object_get(b->root, "findings");
    if (!schema || strcmp(schema, SCHEMA) != 0 || !json_is_array(list)) {
        return "not a baseline (its \"schema\" is not \"" SCHEMA "\")";
    }
    b->count = json_array_size(list);
    b->entries = app_alloc((b->count + 1) * sizeof *b->entries);
    for (size_t i = 0; i < b->count; i++) {
        if (!baseline_read_entry(json_array_get(list, i), &b->entries[i])) {
            return "not a baseline (an entry lacks \"rule\", \"file\", \"path\" or \"message\")";
        }
    }
    qsort(b->entries, b->count, sizeof *b->entries,
          baseline_by_key); /* people edit and merge them */
    return NULL;
}

struct baseline *baseline_read(const struct app *app, const char *path)
{
    char *text;
    size_t size;
    const char *why = file_read(path, BASELINE_LIMIT, &text, &size);
    if (why) {
        app_unread(app, path, "cannot be read: %s", why);
        return NULL;
    }
    struct baseline *b = app_alloc(sizeof *b);
    json_error_t e;
    b->root = json_loadb(text, size, 0, &e);
    free(text);
    if (!b->root) {
        char why_not[sizeof e.text + 20];
        (void)snprintf(why_not, sizeof why_not, "not a baseline: %s", e.text);
        app_unread_at(app, path, e.line < 1 ? 1 : (size_t)e.line, e.column < 1 ? 1 : e.column,
                      why_not);
    } else if ((why = read_entries(b)) != NULL) {
        app_unread(app, path, "%s", why);
    } else {
        b->folder = baseline_folder_of(path);
        return b;
    }
    baseline_free(b);
    return NULL;
}

void baseline_free(struct baseline *b)
{
    if (b) {
        json_decref(b->root);
        free(b->entries);
        free(b->folder);
        free(b);
    }
}

void baseline_rewind(struct baseline *b)
{
    for (size_t i = 0; b && i < b->count; i++) {
        b->entries[i].taken = 0;
    }
}

bool baseline_takes(struct baseline *b, const struct report_finding *f)
{
    /* What a JSON text cannot hold was written as U+FFFD: compare what would be written. */
    char *file = seen_from(b->folder, f->f.file);
    char *written = json_text(file), *path = json_text(f->f.path),
         *message = json_text(f->f.message);
    struct entry key = {dext_rule_id(f->f.rule), written, path, message, 0, 0};
    struct entry *found = bsearch(&key, b->entries, b->count, sizeof *b->entries, baseline_by_key);
    bool taken = false;
    /* Merged files may hold the same entry twice: any of them will do. */
    while (found && found > b->entries && baseline_by_key(found - 1, &key) == 0) {
        found--;
    }
    for (; found && found < b->entries + b->count && baseline_by_key(found, &key) == 0 && !taken;
         found++) {
        taken = found->taken < found->count;
        found->taken += taken;
    }
    free(file);
    free(written);
    free(path);
    free(message);
    return taken;
}

static const struct record_field entry_fields[] = {
    R_TEXT("rule", struct entry, rule, "id"),
    R_TEXT("file", struct entry, file, "as seen from the baseline's folder"),
    R_TEXT("path", struct entry, path, "key path"),
    R_TEXT("message", struct entry, message, "numbers of lines in it don't count"),
    R_NUMBER("count", struct entry, count, "how many findings it hides"),
};
static const struct record entry_record = RECORD("entry", struct entry, entry_fields);

static const struct record_part parts[] = {
    {"findings", RECORD_ITEMS, NULL, &entry_record, false, "sorted"},
};
const struct record_form baseline_form = RECORD_FILE("baseline", 1, parts);

static void write_entries(FILE *out, const struct entry *entries, size_t count)
{
    const struct app app = {.out = out, .face = FACE_JSON};
    struct record_out o;
    record_begin(&o, &app, &baseline_form);
    record_list(&o, "findings");
    for (size_t i = 0; i < count; i += entries[i].count) {
        record_add(&o, &entries[i]);
    }
    record_end(&o);
}

struct output baseline_output(const char *path, bool force)
{
    return (struct output){.path = path, .mark = "\"" SCHEMA "\"", .force = force};
}

int baseline_write(const struct report *r, const struct output *to)
{
    const char *path = to->path;
    char *folder = baseline_folder_of(path);
    struct entry *entries = app_alloc((r->count + 1) * sizeof *entries);
    for (size_t i = 0; i < r->count; i++) {
        const struct dext_finding *f = &r->findings[i].f;
        char *file = seen_from(folder, f->file);
        entries[i] = (struct entry){dext_rule_id(f->rule), file, f->path, f->message, 0, 0};
    }
    qsort(entries, r->count, sizeof *entries, baseline_by_key);
    for (size_t i = 0; i < r->count; i += entries[i].count) {
        do {
            entries[i].count++;
        } while (i + entries[i].count < r->count &&
                 baseline_by_key(&entries[i], &entries[i + entries[i].count]) == 0);
    }
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    write_entries(out, entries, r->count);
    (void)fclose(out);
    const char *why = output_write(to, text, size);
    if (why) {
        app_error(r->app, "%s: cannot be written: %s", path, why);
    }
    for (size_t i = 0; i < r->count; i++) {
        free((char *)entries[i].file);
    }
    free(entries);
    free(text);
    free(folder);
    return why ? APP_UNREADABLE : APP_CLEAN;
}
