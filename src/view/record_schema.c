/* The JSON Schema (draft 7) of what record.c writes. */
#include <assert.h>
#include <string.h>

#include "view/record.h"

#define RECORDS 64

struct schema_out {
    struct json json;
    const struct record *known[RECORDS];
    size_t count;
};

static void schema_collect(struct schema_out *s, const struct record *r, bool named)
{
    for (size_t i = 0; named && i < s->count; i++) {
        if (s->known[i] == r) {
            return;
        }
    }
    if (named) {
        assert(s->count < RECORDS);
        s->known[s->count++] = r;
    }
    for (size_t i = 0; i < r->count; i++) {
        const struct record_field *f = &r->fields[i];
        if (f->record) {
            assert(f->size == f->record->size); /* the row and the record are about one struct */
            schema_collect(s, f->record, f->kind != RECORD_INLINE);
        }
    }
}

static void schema_ref(struct json *j, const char *name)
{
    char ref[200];
    (void)snprintf(ref, sizeof ref, "#/definitions/%s", name);
    json_begin(j, '{');
    json_kstr(j, "$ref", ref);
    json_end(j, '}');
}

static bool schema_null(const struct record_field *f)
{
    return f->flags & (RECORD_NULL | RECORD_HAS);
}

/* "a|b" as an array of texts; one alone as a text where alone is allowed. */
static void schema_split(struct json *j, const char *key, const char *list, bool alone, bool null)
{
    json_key(j, key);
    if (alone && !null && !strchr(list, '|')) {
        json_str(j, list);
        return;
    }
    json_begin(j, '[');
    for (const char *p = list; *p;) {
        size_t n = strcspn(p, "|");
        json_strn(j, p, n);
        p += n + (p[n] == '|');
    }
    if (null && alone) {
        json_str(j, "null");
    } else if (null) {
        json_none(j);
    }
    json_end(j, ']');
}

static void schema_type(struct json *j, const char *type, bool null)
{
    schema_split(j, "type", type, true, null);
}

static void schema_words(struct json *j, const struct record_field *f)
{
    json_kbegin(j, "enum", '[');
    for (int i = 0; i < f->words; i++) {
        if (f->word(i)) {
            json_str(j, f->word(i));
        }
    }
    if (schema_null(f)) {
        json_none(j);
    }
    json_end(j, ']');
}

static void schema_items(struct json *j, const struct record *of)
{
    schema_type(j, "array", false);
    json_key(j, "items");
    if (of) {
        schema_ref(j, of->name);
    } else {
        json_begin(j, '{');
        schema_type(j, "string", false);
        json_end(j, '}');
    }
}

static void schema_object(struct json *j, const struct record_field *f)
{
    json_kbegin(j, "anyOf", '[');
    schema_ref(j, f->record->name);
    if (schema_null(f)) {
        json_begin(j, '{');
        schema_type(j, "null", false);
        json_end(j, '}');
    }
    json_end(j, ']');
}

static void schema_value(struct json *j, const struct record_field *f)
{
    switch (f->kind) {
    case RECORD_TEXT:
    case RECORD_CHARS:
    case RECORD_CALLED:
        if (f->choices) {
            schema_split(j, "enum", f->choices, false, schema_null(f));
        } else {
            schema_type(j, "string", schema_null(f));
        }
        break;
    case RECORD_NUMBER:
        schema_type(j, "integer", schema_null(f));
        break;
    case RECORD_BOOL:
    case RECORD_MAYBE:
        schema_type(j, "boolean", schema_null(f));
        break;
    case RECORD_WORD:
        schema_words(j, f);
        break;
    case RECORD_DATE:
        schema_type(j, "string", true);
        json_kstr(j, "format", "date-time");
        break;
    case RECORD_HEX:
        schema_type(j, "string", schema_null(f));
        json_kstr(j, "pattern", f->flags & RECORD_WIDE ? "^0x[0-9a-f]{8,16}$" : "^0x[0-9a-f]+$");
        break;
    case RECORD_TEXTS:
    case RECORD_LIST:
        schema_items(j, f->record);
        break;
    case RECORD_OBJECT:
        schema_object(j, f);
        break;
    default:
        schema_type(j, f->choices, false);
    }
}

static void schema_properties(struct json *j, const struct record *r)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct record_field *f = &r->fields[i];
        if (f->kind == RECORD_INLINE) {
            schema_properties(j, f->record);
            continue;
        }
        json_kbegin(j, f->key, '{');
        json_kstr(j, "description", f->help);
        schema_value(j, f);
        json_end(j, '}');
    }
}

static void schema_required(struct json *j, const struct record *r)
{
    for (size_t i = 0; i < r->count; i++) {
        if (r->fields[i].kind == RECORD_INLINE) {
            schema_required(j, r->fields[i].record);
        } else {
            json_str(j, r->fields[i].key);
        }
    }
}

static void schema_record(struct json *j, const struct record *r)
{
    json_kbegin(j, r->name, '{');
    schema_type(j, "object", false);
    json_kbegin(j, "properties", '{');
    schema_properties(j, r);
    json_end(j, '}');
    json_kbegin(j, "required", '[');
    schema_required(j, r);
    json_end(j, ']');
    json_end(j, '}');
}

static void schema_const(struct json *j, const char *key, const char *value)
{
    json_kbegin(j, key, '{');
    json_kstr(j, "const", value);
    json_end(j, '}');
}

static void schema_part(struct json *j, const struct record_part *p)
{
    if (p->place == RECORD_FIELDS) {
        schema_properties(j, p->record);
        return;
    }
    json_kbegin(j, p->name, '{');
    json_kstr(j, "description", p->help);
    if (p->place == RECORD_ITEMS) {
        schema_items(j, p->record);
    } else {
        json_kbegin(j, "allOf", '[');
        schema_ref(j, p->record->name);
        json_end(j, ']');
    }
    json_end(j, '}');
}

/* The parts of the form, and then the one that all have; NULL behind the last. */
static const struct record_part *schema_part_at(const struct record_form *form, size_t i)
{
    return i < form->count ? &form->parts[i] : i == form->count ? record_unread(form) : NULL;
}

static void schema_document(struct json *j, const struct record_form *form, const char *schema)
{
    const struct record_part *p;
    json_kbegin(j, "document", '{');
    schema_type(j, "object", false);
    json_kbegin(j, "properties", '{');
    schema_const(j, "schema", schema);
    for (size_t i = 0; (p = schema_part_at(form, i)) != NULL; i++) {
        if (p->place != RECORD_LINE) {
            schema_part(j, p);
        }
    }
    json_end(j, '}');
    json_kbegin(j, "required", '[');
    json_str(j, "schema");
    for (size_t i = 0; (p = schema_part_at(form, i)) != NULL; i++) {
        if (p->place == RECORD_FIELDS && !p->optional) {
            schema_required(j, p->record);
        } else if (p->place != RECORD_LINE && !p->optional) {
            json_str(j, p->name);
        }
    }
    json_end(j, ']');
    json_end(j, '}');
}

/* What is written where there was nothing to answer from. */
static void schema_unanswered(struct json *j, const struct record_form *form, const char *schema)
{
    const struct record_part *p = record_unread(form);
    json_kbegin(j, "unanswered", '{');
    schema_type(j, "object", false);
    json_kstr(j, "description", "exit status 3 without a result");
    json_kbegin(j, "properties", '{');
    schema_const(j, "schema", schema);
    schema_part(j, p);
    json_end(j, '}');
    json_kbegin(j, "required", '[');
    json_str(j, "schema");
    json_str(j, p->name);
    json_end(j, ']');
    json_kbool(j, "additionalProperties", false);
    json_end(j, '}');
}

#ifndef NDEBUG
/* A line has these two of its own. */
static bool schema_is_free(const struct record *r)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct record_field *f = &r->fields[i];
        if (f->kind == RECORD_INLINE
                ? !schema_is_free(f->record)
                : strcmp(f->key, "schema") == 0 || strcmp(f->key, "type") == 0) {
            return false;
        }
    }
    return true;
}
#endif

static void schema_line(struct json *j, const struct record_part *p, const char *schema)
{
    char name[80];
    assert(schema_is_free(p->record));
    (void)snprintf(name, sizeof name, "line-%s", p->type);
    json_kbegin(j, name, '{');
    schema_type(j, "object", false);
    json_kstr(j, "description", p->help);
    json_kbegin(j, "properties", '{');
    schema_const(j, "schema", schema);
    schema_const(j, "type", p->type);
    json_end(j, '}');
    json_kbegin(j, "required", '[');
    json_str(j, "schema");
    json_str(j, "type");
    json_end(j, ']');
    json_kbegin(j, "allOf", '[');
    schema_ref(j, p->record->name);
    json_end(j, ']');
    json_end(j, '}');
}

/* The kinds of elements, or of lines as well, of another tool's form. */
static void schema_bare(struct json *j, const struct record_form *form, bool lines)
{
    json_kbegin(j, "anyOf", '[');
    for (size_t i = 0; i < form->count; i++) {
        if (lines || form->parts[i].place != RECORD_LINE) {
            schema_ref(j, form->parts[i].record->name);
        }
    }
    json_end(j, ']');
}

static void schema_bare_document(struct json *j, const struct record_form *form)
{
    json_kbegin(j, "document", '{');
    schema_type(j, "array", false);
    json_kbegin(j, "items", '{');
    schema_bare(j, form, false);
    json_end(j, '}');
    json_end(j, '}');
    json_kbegin(j, "line", '{');
    schema_bare(j, form, true);
    json_end(j, '}');
}

static void schema_head(struct json *j, const struct record_form *form)
{
    char text[160];
    json_kstr(j, "$schema", "http://json-schema.org/draft-07/schema#");
    (void)snprintf(text, sizeof text, "What dextctl %s writes, version %u", form->command,
                   form->version);
    json_kstr(j, "title", text);
    json_kstr(j, "description",
              "The document of --format json, or one line of --format ndjson. Made by dextctl "
              "help --schema; within a version fields may be added.");
    json_kbegin(j, "anyOf", '[');
    schema_ref(j, "document");
    if (form->bare) {
        schema_ref(j, "line");
    }
    if (record_unread(form)) {
        schema_ref(j, "unanswered");
    }
    const struct record_part *p;
    for (size_t i = 0; (p = schema_part_at(form, i)) != NULL; i++) {
        if (p->type) {
            (void)snprintf(text, sizeof text, "line-%s", p->type);
            schema_ref(j, text);
        }
    }
    json_end(j, ']');
}

void record_schema(FILE *out, const struct record_form *form)
{
    struct schema_out s = {.count = 0};
    char schema[40];
    record_schema_name(form, schema);
    json_open(&s.json, out, true);
    json_begin(&s.json, '{');
    schema_head(&s.json, form);
    json_kbegin(&s.json, "definitions", '{');
    if (form->bare) {
        schema_bare_document(&s.json, form);
    } else {
        schema_document(&s.json, form, schema);
    }
    if (record_unread(form)) {
        schema_unanswered(&s.json, form, schema);
    }
    const struct record_part *p;
    for (size_t i = 0; (p = schema_part_at(form, i)) != NULL; i++) {
        if (p->type) {
            schema_line(&s.json, p, schema);
        }
        schema_collect(&s, p->record, p->type || p->place != RECORD_FIELDS);
    }
    for (size_t i = 0; i < s.count; i++) {
        schema_record(&s.json, s.known[i]);
    }
    json_end(&s.json, '}');
    json_end(&s.json, '}');
    json_done(&s.json);
}
