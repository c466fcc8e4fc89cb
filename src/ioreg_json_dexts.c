/* dextctl.ioreg/1: driver extensions, changes, values. */
#include <stdlib.h>

#include "ioreg_out.h"

#define DEEPEST 16 /* JSON_DEPTH holds what is around it as well */

static void count_or_null(struct json *j, const char *key, bool has, uint64_t v)
{
    json_key(j, key);
    if (has) {
        json_int(j, (int64_t)v);
    } else {
        json_none(j);
    }
}

void ioreg_json_dext(struct json *j, const struct dext_reg_dext *d)
{
    static const struct dext_reg_holders none;
    json_kstr(j, "name", d->name);
    json_kstr(j, "bundle", d->bundle_id);
    json_kstr(j, "server", d->server_name);
    json_kstr(j, "user_class", d->user_class);
    json_kstr(j, "process", d->process);
    ioreg_json_known(j, "running", d->running);
    ioreg_json_known(j, "attached", d->attached);
    json_kstr(j, "attached_text", d->attached_text);
    ioreg_json_short(j, "service", d->service);
    ioreg_json_short(j, "provider", d->provider);
    ioreg_json_short(j, "server_node", d->server);
    ioreg_json_short(j, "made_by", d->maker);
    json_kstr(j, "category", d->category);
    count_or_null(j, "score", d->has_score, (uint64_t)d->score);
    count_or_null(j, "match_count", d->has_match_count, d->match_count);
    count_or_null(j, "rematch_count", d->has_rematch_count, d->rematch_count);
    ioreg_json_drivers(j, "beside", d->competitors, d->competitor_count);
    ioreg_json_holders(j, d->holders ? d->holders : &none);
    json_kbegin(j, "notes", '[');
    for (const char *const *n = d->notes; *n; n++) {
        json_str(j, *n);
    }
    json_end(j, ']');
}

void ioreg_json_unserved(struct json *j, const struct dext_reg_unserved *u)
{
    ioreg_json_short(j, "node", u->node);
    json_kint(j, "match_count", (int64_t)u->match_count);
    json_kstr(j, "text", u->text);
    ioreg_json_holders(j, u->holders);
}

void ioreg_json_change(struct json *j, const struct dext_reg_change *c)
{
    json_kstr(j, "change", dext_reg_change_name(c->kind));
    json_kstr(j, "role", dext_reg_role_name(c->role));
    json_kstr(j, "category", c->category);
    json_kstr(j, "creator", c->creator);
    json_kbool(j, "inside", c->inside);
    ioreg_json_short(j, "before", c->before);
    ioreg_json_short(j, "after", c->after);
    json_kbegin(j, "deltas", '[');
    for (size_t i = 0; i < c->delta_count; i++) {
        json_begin(j, '{');
        json_kstr(j, "what", c->deltas[i].what);
        json_kstr(j, "before", c->deltas[i].before);
        json_kstr(j, "after", c->deltas[i].after);
        json_end(j, '}');
    }
    json_end(j, ']');
}

/* ---- values -------------------------------------------------------------------------------- */

static void put_data(struct json *j, const struct dext_node *n)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *p = (const unsigned char *)dext_node_text(n);
    size_t length = dext_node_length(n);
    char *hex = app_alloc(length * 2 + 1);
    for (size_t i = 0; i < length; i++) {
        hex[i * 2] = digits[p[i] >> 4];
        hex[i * 2 + 1] = digits[p[i] & 15U];
    }
    json_begin(j, '{');
    json_kstr(j, "data", hex);
    json_end(j, '}');
    free(hex);
}

static void put_value(struct json *j, const struct dext_node *n, unsigned depth)
{
    enum dext_kind kind = n ? dext_node_kind(n) : DEXT_STRING;
    if (!n || depth > DEEPEST) {
        json_none(j);
    } else if (kind == DEXT_DICT || kind == DEXT_ARRAY) {
        json_begin(j, kind == DEXT_DICT ? '{' : '[');
        for (const struct dext_node *c = dext_node_child(n); c; c = dext_node_next(c)) {
            if (kind == DEXT_DICT) {
                json_key(j, dext_node_key(c));
            }
            put_value(j, c, depth + 1);
        }
        json_end(j, kind == DEXT_DICT ? '}' : ']');
    } else if (kind == DEXT_BOOL) {
        json_bool(j, dext_node_bool(n));
    } else if (kind == DEXT_INTEGER) {
        json_int(j, dext_node_integer(n));
    } else if (kind == DEXT_DATA) {
        put_data(j, n);
    } else {
        json_strn(j, dext_node_text(n), dext_node_length(n));
    }
}

void ioreg_json_value(struct json *j, const struct dext_node *n)
{
    put_value(j, n, 0);
}
