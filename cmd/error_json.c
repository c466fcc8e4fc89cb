#include <inttypes.h>

#include "error_out.h"

static void json_texts(struct json *j, const char *key, const struct dext_error_texts *list)
{
    json_kbegin(j, key, '[');
    for (size_t i = 0; i < list->count; i++) {
        json_str(j, list->text[i]);
    }
    json_end(j, ']');
}

static void json_match(struct json *j, const struct dext_error *e)
{
    char hex[16];
    (void)snprintf(hex, sizeof hex, "0x%08" PRIx32, e->value);
    json_begin(j, '{');
    json_kstr(j, "name", e->name);
    json_kstr(j, "value", hex);
    json_kint(j, "signed", (int32_t)e->value);
    json_kstr(j, "domain", e->domain);
    json_kstr(j, "system", e->system);
    json_kstr(j, "subsystem", e->subsystem);
    json_kint(j, "code", e->code);
    json_kstr(j, "summary", e->summary);
    json_kstr(j, "driverkit", e->driverkit);
    json_texts(j, "aliases", &e->aliases);
    json_kstr(j, "written", e->written);
    json_kstr(j, "title", e->title);
    json_kbool(j, "derived", e->derived);
    json_texts(j, "causes", &e->causes);
    json_texts(j, "checks", &e->checks);
    json_texts(j, "sources", &e->sources);
    json_kstr(j, "why", e->why);
    json_end(j, '}');
}

static void json_unknown(struct json *j, const struct dext_error_hit *h)
{
    json_key(j, "unknown");
    if (!h || h->kind != DEXT_ERROR_UNKNOWN_NUMBER) {
        json_none(j);
        return;
    }
    char hex[16];
    (void)snprintf(hex, sizeof hex, "0x%08" PRIx32, h->value);
    json_begin(j, '{');
    json_kstr(j, "value", hex);
    json_kint(j, "signed", (int32_t)h->value);
    json_kstr(j, "system", h->split.system_name);
    json_kint(j, "system_number", h->split.system);
    json_kstr(j, "subsystem", h->split.subsystem_name);
    json_kint(j, "subsystem_number", h->split.subsystem);
    json_kint(j, "code", h->split.code);
    json_end(j, '}');
}

static void json_result_body(struct json *j, const char *input, const struct dext_error_hit *h)
{
    json_kstr(j, "input", input);
    json_kbegin(j, "matches", '[');
    for (size_t i = 0; h && i < h->match_count; i++) {
        json_match(j, &h->matches[i]);
    }
    json_end(j, ']');
    json_kstr(j, "text", h ? h->text : NULL);
    json_key(j, "offset");
    if (h) {
        json_int(j, (int64_t)h->offset);
    } else {
        json_none(j);
    }
    json_unknown(j, h);
    json_kbool(j, "too_wide", h && h->kind == DEXT_ERROR_TOO_WIDE);
    json_kstr(j, "nearest", h ? h->nearest : NULL);
}

static void doc_open(struct error_out *o, const char *list)
{
    json_open(&o->json, o->app->out, true);
    json_begin(&o->json, '{');
    json_kstr(&o->json, "schema", "dextctl.error/1");
    json_kbegin(&o->json, list, '[');
}

static void doc_close(struct error_out *o)
{
    json_end(&o->json, ']');
    json_end(&o->json, '}');
    json_done(&o->json);
}

static void doc_result(struct error_out *o, const char *input, const struct dext_error_hit *h,
                       bool first)
{
    (void)first;
    json_begin(&o->json, '{');
    json_result_body(&o->json, input, h);
    json_end(&o->json, '}');
}

static void json_domain_body(struct json *j, const struct dext_error_domain *d)
{
    json_kstr(j, "domain", d->name);
    json_kstr(j, "title", d->title);
    json_kint(j, "codes", (int64_t)d->count);
}

static void doc_domain(struct error_out *o, const struct dext_error_domain *d)
{
    json_begin(&o->json, '{');
    json_domain_body(&o->json, d);
    json_end(&o->json, '}');
}

static void doc_row(struct error_out *o, const struct dext_error *e)
{
    json_match(&o->json, e);
}

static void line_open(struct error_out *o, const char *list)
{
    o->opened = list;
    json_open(&o->json, o->app->out, false);
}

static void line_close(struct error_out *o)
{
    o->opened = NULL;
}

static void line_result(struct error_out *o, const char *input, const struct dext_error_hit *h,
                        bool first)
{
    (void)first;
    json_begin(&o->json, '{');
    json_kstr(&o->json, "schema", "dextctl.error/1");
    json_result_body(&o->json, input, h);
    json_end(&o->json, '}');
    json_done(&o->json);
}

static void line_domain(struct error_out *o, const struct dext_error_domain *d)
{
    doc_domain(o, d);
    json_done(&o->json);
}

static void line_row(struct error_out *o, const struct dext_error *e)
{
    json_match(&o->json, e);
    json_done(&o->json);
}

const struct error_format error_json = {"json",     doc_open, doc_result,
                                        doc_domain, doc_row,  doc_close};
const struct error_format error_ndjson = {"ndjson",    line_open, line_result,
                                          line_domain, line_row,  line_close};
