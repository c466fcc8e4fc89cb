#include "view/record.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "app/date.h"
#include "app/said.h"
#include "view/node_value.h"

static const void *record_member(const void *row, const struct record_field *f)
{
    return (const char *)row + f->at;
}

/* Members of a struct are read by copying: the table knows where they are, not their type. */
static const void *record_pointer(const void *row, size_t at)
{
    const void *p;
    memcpy(&p, (const char *)row + at, sizeof p);
    return p;
}

static size_t record_count(const void *row, const struct record_field *f)
{
    size_t n;
    memcpy(&n, (const char *)row + f->aux, sizeof n);
    return n;
}

static int64_t record_number(const void *row, const struct record_field *f)
{
    const void *p = record_member(row, f);
    int8_t a;
    int16_t b;
    int32_t c;
    int64_t d;
    switch (f->size) {
    case 1:
        memcpy(&a, p, 1);
        return f->flags & RECORD_SIGNED ? (int64_t)a : (int64_t)(uint8_t)a;
    case 2:
        memcpy(&b, p, 2);
        return f->flags & RECORD_SIGNED ? (int64_t)b : (int64_t)(uint16_t)b;
    case 4:
        memcpy(&c, p, 4);
        return f->flags & RECORD_SIGNED ? (int64_t)c : (int64_t)(uint32_t)c;
    default:
        assert(f->size == 8);
        memcpy(&d, p, 8);
        return d;
    }
}

/* Of 64 bits without a sign, so that the largest are no negative numbers. */
static bool record_is_wide(const struct record_field *f)
{
    return f->size == 8 && !(f->flags & RECORD_SIGNED);
}

static bool record_flag(const void *row, size_t at)
{
    bool v;
    memcpy(&v, (const char *)row + at, sizeof v);
    return v;
}

static void record_write_text(struct record_out *o, const struct record_field *f, const char *s)
{
    if (s && !*s && f->flags & RECORD_EMPTY) {
        s = NULL;
    }
    json_str(&o->json, s);
}

static void record_write_number(struct record_out *o, const struct record_field *f, const void *row)
{
    int64_t n = record_number(row, f);
    if ((f->flags & RECORD_HAS && !record_flag(row, f->aux)) || (f->flags & RECORD_NULL && n < 0) ||
        (f->flags & RECORD_EMPTY && n == 0)) {
        json_none(&o->json);
    } else if (record_is_wide(f)) {
        json_uint(&o->json, (uint64_t)n);
    } else {
        json_int(&o->json, n);
    }
}

static void record_write_hex(struct record_out *o, const struct record_field *f, const void *row)
{
    char text[24];
    uint64_t n = (uint64_t)record_number(row, f);
    if ((f->flags & RECORD_HAS && !record_flag(row, f->aux)) ||
        (f->flags & RECORD_NULL && n == 0)) {
        json_none(&o->json);
        return;
    }
    (void)snprintf(text, sizeof text, f->flags & RECORD_WIDE ? "0x%08" PRIx64 : "0x%" PRIx64, n);
    json_str(&o->json, text);
}

static void record_write_date(struct record_out *o, int64_t t)
{
    char text[40];
    if (t == 0) {
        json_none(&o->json);
        return;
    }
    date_write(t, text);
    json_str(&o->json, text);
}

static void record_write_maybe(struct record_out *o, int64_t n)
{
    if (n == 0 || n == 1) {
        json_bool(&o->json, n == 1);
    } else {
        json_none(&o->json);
    }
}

static void record_write_texts(struct record_out *o, const struct record_field *f, const void *row)
{
    const char *const *list = record_pointer(row, f->at);
    bool ended = f->flags & RECORD_ENDED;
    size_t count = ended ? 0 : record_count(row, f);
    json_begin(&o->json, '[');
    for (size_t i = 0; ended ? list && list[i] : i < count; i++) {
        record_write_text(o, f, list[i]);
    }
    json_end(&o->json, ']');
}

static void record_fields(struct record_out *o, const struct record *r, const void *row);

static void record_write_object(struct record_out *o, const struct record *r, const void *row)
{
    if (!row) {
        json_none(&o->json);
        return;
    }
    json_begin(&o->json, '{');
    record_fields(o, r, row);
    json_end(&o->json, '}');
}

static void record_write_list(struct record_out *o, const struct record_field *f, const void *row)
{
    const char *list = f->flags & RECORD_ARRAY ? record_member(row, f) : record_pointer(row, f->at);
    size_t count = record_count(row, f);
    json_begin(&o->json, '[');
    for (size_t i = 0; i < count; i++) {
        record_write_object(o, f->record,
                            f->flags & RECORD_POINTER ? record_pointer(list, i * sizeof(void *))
                                                      : list + i * f->size);
    }
    json_end(&o->json, ']');
}

static const void *record_inner(const struct record_field *f, const void *row)
{
    if (f->get) {
        return f->get(row);
    }
    if (f->flags & RECORD_WHEN && !record_pointer(row, f->aux)) {
        return NULL;
    }
    return f->flags & RECORD_POINTER ? record_pointer(row, f->at) : record_member(row, f);
}

static bool record_bool(const struct record_field *f, const void *row)
{
    if (f->test) {
        return f->test((int)record_number(row, f));
    }
    if (f->mask) {
        return ((uint64_t)record_number(row, f) & f->mask) != 0;
    }
    return record_flag(row, f->at) != !!(f->flags & RECORD_NOT);
}

static void record_field(struct record_out *o, const struct record_field *f, const void *row)
{
    if (f->kind == RECORD_INLINE) {
        record_fields(o, f->record, record_inner(f, row));
        return;
    }
    json_key(&o->json, f->key);
    switch (f->kind) {
    case RECORD_TEXT:
        record_write_text(o, f, record_pointer(row, f->at));
        break;
    case RECORD_CHARS:
        record_write_text(o, f, record_member(row, f));
        break;
    case RECORD_NUMBER:
        record_write_number(o, f, row);
        break;
    case RECORD_BOOL:
        json_bool(&o->json, record_bool(f, row));
        break;
    case RECORD_MAYBE:
        record_write_maybe(o, record_number(row, f));
        break;
    case RECORD_CALLED:
        json_str(&o->json, f->of(record_inner(f, row)));
        break;
    case RECORD_WORD:
        json_str(&o->json, f->word((int)record_number(row, f)));
        break;
    case RECORD_DATE:
        record_write_date(o, record_number(row, f));
        break;
    case RECORD_HEX:
        record_write_hex(o, f, row);
        break;
    case RECORD_TEXTS:
        record_write_texts(o, f, row);
        break;
    case RECORD_OBJECT:
        record_write_object(o, f->record, record_inner(f, row));
        break;
    case RECORD_LIST:
        record_write_list(o, f, row);
        break;
    default:
        f->write(&o->json, record_member(row, f));
    }
}

static void record_fields(struct record_out *o, const struct record *r, const void *row)
{
    for (size_t i = 0; i < r->count; i++) {
        record_field(o, &r->fields[i], row);
    }
}

void record_write_value(struct json *j, const void *member)
{
    const struct dext_node *n = record_pointer(member, 0);
    if (n) {
        node_value_json(j, n);
    } else {
        json_none(j);
    }
}

/* ---- a document and its lines --------------------------------------------------------------- */

void record_schema_name(const struct record_form *form, char *out)
{
    (void)snprintf(out, 40, "dextctl.%s/%u", form->command, form->version);
}

static const struct record_part *record_part_named(const struct record_form *form, const char *name)
{
    const struct record_part *p = form->parts;
    while (strcmp(p->name, name) != 0) {
        p++;
        assert(p < form->parts + form->count);
    }
    return p;
}

void record_begin_as(struct record_out *o, const struct app *app, const struct record_form *form,
                     bool lines)
{
    *o = (struct record_out){.app = app, .form = form, .lines = lines};
    said_begin(app->said);
    record_schema_name(form, o->schema);
    json_open(&o->json, app->out, !lines);
    if (!lines && form->bare) {
        json_begin(&o->json, '[');
    } else if (!lines) {
        json_begin(&o->json, '{');
        json_kstr(&o->json, "schema", o->schema);
    }
}

void record_begin(struct record_out *o, const struct app *app, const struct record_form *form)
{
    record_begin_as(o, app, form, app->face == FACE_NDJSON);
}

static void record_close_list(struct record_out *o)
{
    if (o->part && !o->lines) {
        json_end(&o->json, ']');
    }
    o->part = NULL;
}

static void record_line(struct record_out *o, const struct record_part *p, const void *item)
{
    json_begin(&o->json, '{');
    if (!o->form->bare) {
        json_kstr(&o->json, "schema", o->schema);
        json_kstr(&o->json, "type", p->type);
    }
    record_fields(o, p->record, item);
    json_end(&o->json, '}');
    json_done(&o->json);
}

void record_list(struct record_out *o, const char *name)
{
    record_close_list(o);
    o->part = record_part_named(o->form, name);
    assert(o->part->place == RECORD_ITEMS);
    if (!o->lines) {
        json_kbegin(&o->json, name, '[');
    }
}

void record_add(struct record_out *o, const void *item)
{
    if (!o->lines) {
        record_write_object(o, o->part->record, item);
    } else if (o->part->type) {
        record_line(o, o->part, item);
    }
}

void record_put(struct record_out *o, const char *name, const void *item)
{
    const struct record_part *p = record_part_named(o->form, name);
    record_close_list(o);
    if (o->lines) {
        if (p->type || o->form->bare) {
            record_line(o, p, item);
        }
    } else if (p->place == RECORD_PART) {
        if (!o->form->bare) {
            json_key(&o->json, p->name);
        }
        record_write_object(o, p->record, item);
    } else if (p->place == RECORD_FIELDS) {
        record_fields(o, p->record, item);
    }
}

/* ---- what could not be read ----------------------------------------------------------------- */

static const struct record_field unread_fields[] = {
    R_TEXT_OR_NULL(
        "file", struct dext_unread, file,
        "as given, or as found; `-` is standard input; `null` when it is no single file"),
    R_NONZERO("line", struct dext_unread, line, "from 1; `null` when not known"),
    R_NONZERO("column", struct dext_unread, column, "likewise"),
    R_TEXT("reason", struct dext_unread, reason, "in words"),
};
static const struct record unread_record = RECORD("unread", struct dext_unread, unread_fields);

static const struct record_part unread_part = {
    "unread",
    RECORD_ITEMS,
    "unread",
    &unread_record,
    false,
    "what could not be read or understood: what it holds is not known, and the exit status is 3"};

const struct record_part *record_unread(const struct record_form *form)
{
    return form->file || form->bare ? NULL : &unread_part;
}

static void record_write_unread(struct record_out *o)
{
    const struct dext_ctx *ctx = o->app->ctx;
    size_t count = dext_ctx_unread_count(ctx), before = said_unread(o->app->said, count);
    if (!o->lines) {
        json_kbegin(&o->json, unread_part.name, '[');
    }
    o->part = &unread_part;
    for (size_t i = o->lines ? before : 0; i < count; i++) {
        struct dext_unread u;
        dext_ctx_unread_parts(ctx, i, &u);
        record_add(o, &u);
    }
    record_close_list(o);
}

void record_unanswered(const struct app *app, const struct record_form *form)
{
    struct record_out o;
    if (!form->bare) {
        record_begin(&o, app, form);
        record_end(&o);
    }
}

void record_end(struct record_out *o)
{
    record_close_list(o);
    if (record_unread(o->form)) {
        record_write_unread(o);
    }
    if (!o->lines) {
        json_end(&o->json, o->form->bare ? ']' : '}');
        json_done(&o->json);
    }
}
