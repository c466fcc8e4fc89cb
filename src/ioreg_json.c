/* dextctl.ioreg/1: docs/json.md. */
#include <inttypes.h>
#include <string.h>

#include "ioreg_out.h"

#define SCHEMA "dextctl.ioreg/1"

/* ---- parts --------------------------------------------------------------------------------- */

void ioreg_json_id(struct json *j, uint64_t id)
{
    char hex[24];
    (void)snprintf(hex, sizeof hex, "0x%" PRIx64, id);
    json_kstr(j, "id", id ? hex : NULL);
}

void ioreg_json_known(struct json *j, const char *key, enum dext_known k)
{
    json_key(j, key);
    if (k == DEXT_UNKNOWN) {
        json_none(j);
    } else {
        json_bool(j, k == DEXT_YES);
    }
}

static void number_or_null(struct json *j, const char *key, bool has, int64_t v)
{
    json_key(j, key);
    if (has) {
        json_int(j, v);
    } else {
        json_none(j);
    }
}

static void node_or_null(struct json *j, const char *key, size_t index)
{
    number_or_null(j, key, index != DEXT_REG_NONE, (int64_t)index);
}

static const char *text_or_null(const char *s)
{
    return *s ? s : NULL;
}

static void short_fields(struct json *j, const struct dext_reg_node *n)
{
    json_kint(j, "index", (int64_t)n->index);
    json_kstr(j, "name", n->name);
    json_kstr(j, "location", text_or_null(n->location));
    json_kstr(j, "class", text_or_null(n->class_name));
    ioreg_json_id(j, n->id);
}

void ioreg_json_short(struct json *j, const char *key, const struct dext_reg_node *n)
{
    json_key(j, key);
    if (!n) {
        json_none(j);
        return;
    }
    json_begin(j, '{');
    short_fields(j, n);
    json_kint(j, "line", n->line);
    json_kstr(j, "path", n->path);
    json_kstr(j, "text", text_or_null(n->state));
    json_kstr(j, "meaning", n->meaning);
    json_end(j, '}');
}

void ioreg_json_drivers(struct json *j, const char *key, const struct dext_reg_driver *list,
                        size_t count)
{
    json_kbegin(j, key, '[');
    for (size_t i = 0; i < count; i++) {
        json_begin(j, '{');
        short_fields(j, list[i].node);
        json_kstr(j, "category", list[i].category);
        json_kstr(j, "bundle", list[i].bundle_id);
        json_kbool(j, "driver_extension", list[i].is_dext);
        number_or_null(j, "score", list[i].has_score, list[i].score);
        json_end(j, '}');
    }
    json_end(j, ']');
}

void ioreg_json_holders(struct json *j, const struct dext_reg_holders *h)
{
    ioreg_json_drivers(j, "drivers", h->drivers, h->driver_count);
    json_kbegin(j, "clients", '[');
    for (size_t i = 0; i < h->client_count; i++) {
        json_begin(j, '{');
        short_fields(j, h->clients[i].node);
        json_kstr(j, "creator", h->clients[i].creator);
        json_end(j, '}');
    }
    json_end(j, ']');
    json_kstr(j, "exclusive_owner", h->owner);
    json_kbool(j, "children_known", !h->unknown);
}

/* ---- nodes --------------------------------------------------------------------------------- */

static void put_ancestry(struct json *j, const char *s)
{
    json_key(j, "ancestry");
    if (!*s) {
        json_none(j);
        return;
    }
    json_begin(j, '[');
    for (size_t n = strcspn(s, ":");; n = strcspn(s, ":")) {
        json_strn(j, s, n);
        if (!s[n]) {
            break;
        }
        s += n + 1;
    }
    json_end(j, ']');
}

static void put_state(struct json *j, const struct dext_reg_node *n)
{
    json_kbegin(j, "state", '{');
    ioreg_json_known(j, "registered", n->registered);
    ioreg_json_known(j, "matched", n->matched);
    ioreg_json_known(j, "active", n->active);
    number_or_null(j, "busy", n->has_busy, n->busy);
    number_or_null(j, "retain", n->retain != 0, n->retain);
    json_end(j, '}');
    json_kstr(j, "text", text_or_null(n->state));
    json_kstr(j, "meaning", n->meaning);
}

static void put_properties(struct ioreg_out *o, const struct dext_reg_node *n, bool wanted)
{
    struct json *j = &o->j;
    size_t count;
    json_key(j, "properties");
    if (!wanted) {
        json_none(j);
        return;
    }
    const struct dext_reg_property *list = dext_registry_properties(o->r, n->index, &count);
    json_begin(j, '{');
    for (size_t i = 0; i < count; i++) {
        json_key(j, list[i].key);
        ioreg_json_value(j, list[i].value);
    }
    json_end(j, '}');
}

static void node_fields(struct ioreg_out *o, const struct dext_reg_node *n,
                        const struct ioreg_pick *p)
{
    struct json *j = &o->j;
    bool selected = p->all || p->marks[n->index] == IOREG_SELECTED;
    json_kint(j, "index", (int64_t)n->index);
    node_or_null(j, "parent", n->parent);
    json_kint(j, "depth", n->depth);
    json_kbool(j, "selected", selected);
    json_kstr(j, "name", n->name);
    json_kstr(j, "location", text_or_null(n->location));
    json_kstr(j, "class", text_or_null(n->class_name));
    put_ancestry(j, n->ancestry);
    ioreg_json_id(j, n->id);
    json_kint(j, "line", n->line);
    json_kstr(j, "path", n->path);
    node_or_null(j, "same", n->same);
    json_kbool(j, "clipped", n->clipped);
    put_state(j, n);
    ioreg_json_holders(j, dext_registry_holders(o->r, n->index));
    put_properties(o, n, selected && o->properties);
}

static void put_dump(struct json *j, const char *key, const struct dext_reg_info *i)
{
    static const char *const formats[] = {"text", "archive", "live"};
    json_kbegin(j, key, '{');
    json_kstr(j, "file", i->path);
    json_kstr(j, "format", formats[i->format]);
    json_kint(j, "nodes", (int64_t)i->nodes);
    json_kint(j, "objects", (int64_t)i->objects);
    json_kbool(j, "ancestry", i->ancestry);
    json_kbool(j, "properties", i->properties);
    json_kbool(j, "service_plane", i->service_plane);
    json_kbool(j, "fragment", i->fragment);
    json_kint(j, "clipped", (int64_t)i->clipped);
    json_kint(j, "lost", (int64_t)i->lost);
    json_end(j, '}');
}

/* ---- one document -------------------------------------------------------------------------- */

static void document(struct ioreg_out *o)
{
    json_open(&o->j, o->app->out, true);
    json_begin(&o->j, '{');
    json_kstr(&o->j, "schema", SCHEMA);
    put_dump(&o->j, "dump", dext_registry_info(o->r));
}

static void document_end(struct ioreg_out *o)
{
    json_end(&o->j, '}');
    json_done(&o->j);
}

static void json_tree(struct ioreg_out *o, const struct ioreg_pick *p)
{
    document(o);
    json_kbegin(&o->j, "nodes", '[');
    for (size_t i = 0; i < p->count; i++) {
        if (p->marks[i]) {
            json_begin(&o->j, '{');
            node_fields(o, dext_registry_node(o->r, i), p);
            json_end(&o->j, '}');
        }
    }
    json_end(&o->j, ']');
    document_end(o);
}

static void json_dexts(struct ioreg_out *o, const struct dext_reg_dexts *d,
                       const struct ioreg_pick *p)
{
    document(o);
    json_kbegin(&o->j, "dexts", '[');
    for (size_t i = 0; i < d->count; i++) {
        if (ioreg_pick_has(p, &d->list[i])) {
            json_begin(&o->j, '{');
            ioreg_json_dext(&o->j, &d->list[i]);
            json_end(&o->j, '}');
        }
    }
    json_end(&o->j, ']');
    json_kbegin(&o->j, "unserved", '[');
    for (size_t i = 0; i < d->unserved_count; i++) {
        if (ioreg_pick_has_node(p, d->unserved[i].node)) {
            json_begin(&o->j, '{');
            ioreg_json_unserved(&o->j, &d->unserved[i]);
            json_end(&o->j, '}');
        }
    }
    json_end(&o->j, ']');
    document_end(o);
}

static void diff_fields(struct json *j, const struct dext_reg_diff *d)
{
    json_kstr(j, "paired_by", d->by_id ? "id" : "path");
    json_kstr(j, "pairing", d->pairing);
    json_kint(j, "added", (int64_t)d->added);
    json_kint(j, "removed", (int64_t)d->removed);
    json_kint(j, "changed", (int64_t)d->changed);
    json_kint(j, "same", (int64_t)d->same);
}

static void json_diff(struct ioreg_out *o, struct dext_registry *after,
                      const struct dext_reg_diff *d)
{
    document(o);
    put_dump(&o->j, "after", dext_registry_info(after));
    json_kbegin(&o->j, "diff", '{');
    diff_fields(&o->j, d);
    json_kbegin(&o->j, "changes", '[');
    for (size_t i = 0; i < d->count; i++) {
        json_begin(&o->j, '{');
        ioreg_json_change(&o->j, &d->changes[i]);
        json_end(&o->j, '}');
    }
    json_end(&o->j, ']');
    json_end(&o->j, '}');
    document_end(o);
}

/* ---- a record a line ----------------------------------------------------------------------- */

static void record(struct ioreg_out *o, const char *type)
{
    json_open(&o->j, o->app->out, false);
    json_begin(&o->j, '{');
    json_kstr(&o->j, "schema", SCHEMA);
    json_kstr(&o->j, "type", type);
}

static void ndjson_tree(struct ioreg_out *o, const struct ioreg_pick *p)
{
    for (size_t i = 0; i < p->count; i++) {
        if (p->marks[i]) {
            record(o, "node");
            node_fields(o, dext_registry_node(o->r, i), p);
            document_end(o);
        }
    }
}

static void ndjson_dexts(struct ioreg_out *o, const struct dext_reg_dexts *d,
                         const struct ioreg_pick *p)
{
    for (size_t i = 0; i < d->count; i++) {
        if (ioreg_pick_has(p, &d->list[i])) {
            record(o, "dext");
            ioreg_json_dext(&o->j, &d->list[i]);
            document_end(o);
        }
    }
    for (size_t i = 0; i < d->unserved_count; i++) {
        if (ioreg_pick_has_node(p, d->unserved[i].node)) {
            record(o, "unserved");
            ioreg_json_unserved(&o->j, &d->unserved[i]);
            document_end(o);
        }
    }
}

static void ndjson_diff(struct ioreg_out *o, struct dext_registry *after,
                        const struct dext_reg_diff *d)
{
    (void)after;
    for (size_t i = 0; i < d->count; i++) {
        record(o, "change");
        ioreg_json_change(&o->j, &d->changes[i]);
        document_end(o);
    }
    record(o, "summary");
    diff_fields(&o->j, d);
    document_end(o);
}

const struct ioreg_format ioreg_json = {"json", json_tree, json_dexts, json_diff};
const struct ioreg_format ioreg_ndjson = {"ndjson", ndjson_tree, ndjson_dexts, ndjson_diff};
