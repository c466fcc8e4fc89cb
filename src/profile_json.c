#include "date.h"
#include "node_value.h"
#include "profile_view.h"

static void date(struct json *j, const char *key, int64_t t)
{
    char text[40];
    json_key(j, key);
    if (t) {
        date_write(t, text);
        json_str(j, text);
    } else {
        json_none(j);
    }
}

static void texts(struct json *j, const char *key, const char *const *list, size_t count)
{
    json_kbegin(j, key, '[');
    for (size_t i = 0; i < count; i++) {
        json_str(j, list[i]);
    }
    json_end(j, ']');
}

static void certificates(struct json *j, const char *key, const struct dext_certificate *list,
                         size_t count, int64_t at)
{
    json_kbegin(j, key, '[');
    for (size_t i = 0; i < count; i++) {
        const struct dext_certificate *c = &list[i];
        json_begin(j, '{');
        json_kstr(j, "kind", c->kind);
        json_kstr(j, "common_name", c->common_name);
        json_kstr(j, "organization", c->organization);
        json_kstr(j, "team", c->team);
        json_kstr(j, "issuer", c->issuer);
        json_kstr(j, "serial", c->serial);
        date(j, "not_before", c->not_before);
        date(j, "not_after", c->not_after);
        json_kbool(j, "expired", profile_cert_expired(c, at));
        json_kstr(j, "sha1", c->sha1);
        json_kstr(j, "sha256", c->sha256);
        json_end(j, '}');
    }
    json_end(j, ']');
}

static void grants(struct json *j, const struct dext_profile *p)
{
    static const char *const variants[] = {"either", "development", "approved", "mixed"};
    json_kbegin(j, "entitlements", '[');
    for (size_t i = 0; i < p->grant_count; i++) {
        const struct dext_grant *g = &p->grants[i];
        json_begin(j, '{');
        json_kstr(j, "key", g->key);
        json_key(j, "value");
        node_value_json(j, g->value);
        json_kstr(j, "variant", variants[g->variant]);
        json_kbool(j, "driverkit", g->driverkit);
        json_kstr(j, "summary", g->summary);
        json_end(j, '}');
    }
    json_end(j, ']');
}

static void signature(struct json *j, const struct dext_profile *p, int64_t at)
{
    static const char *const trust[] = {"unsigned", "broken", "foreign", "apple"};
    json_kbegin(j, "signature", '{');
    json_kstr(j, "trust", trust[p->trust]);
    json_kstr(j, "reason", p->trust_reason);
    date(j, "signed", p->signed_at);
    certificates(j, "chain", p->signers, p->signer_count, at);
    json_end(j, '}');
}

static void der_copy(struct json *j, const struct dext_profile *p)
{
    static const char *const der[] = {"absent", "same", "different", "unreadable"};
    json_kbegin(j, "der", '{');
    json_kstr(j, "status", der[p->der]);
    json_kstr(j, "reason", p->der_reason);
    texts(j, "differences", p->differences, p->difference_count);
    json_kstr(j, "distribution", p->distribution);
    json_end(j, '}');
}

static void body(struct json *j, const struct dext_profile *p, int64_t at)
{
    json_begin(j, '{');
    json_kstr(j, "file", p->path);
    json_kstr(j, "kind", p->kind_name);
    json_kstr(j, "why", p->why);
    json_kstr(j, "fault", profile_fault(p, at));
    json_kbool(j, "driverkit", p->driverkit);
    json_kstr(j, "name", p->name);
    json_kstr(j, "uuid", p->uuid);
    json_kstr(j, "team", p->team);
    json_kstr(j, "team_name", p->team_name);
    json_kstr(j, "app_id", p->app_id);
    json_kstr(j, "app_id_name", p->app_id_name);
    json_kstr(j, "prefix", p->prefix);
    json_kstr(j, "bundle_id", p->bundle_id);
    json_kbool(j, "wildcard", p->wildcard);
    texts(j, "platforms", p->platforms, p->platform_count);
    date(j, "created", p->created);
    date(j, "expires", p->expires);
    json_kbool(j, "expired", p->expires && at >= p->expires);
    json_kint(j, "days", p->days);
    json_kbool(j, "xcode_managed", p->xcode_managed);
    json_kbool(j, "all_devices", p->all_devices);
    texts(j, "devices", p->devices, p->device_count);
    certificates(j, "certificates", p->certificates, p->certificate_count, at);
    grants(j, p);
    signature(j, p, at);
    der_copy(j, p);
    json_end(j, '}');
}

static void doc_open(struct profile_view *v)
{
    json_open(&v->json, v->app->out, true);
    json_begin(&v->json, '{');
    json_kstr(&v->json, "schema", "dextctl.profile/1");
    date(&v->json, "at", v->at);
    json_kbegin(&v->json, "profiles", '[');
}

static void doc_profile(struct profile_view *v, const struct dext_profile *p)
{
    body(&v->json, p, v->at);
}

static void doc_close(struct profile_view *v)
{
    json_end(&v->json, ']');
    json_end(&v->json, '}');
    json_done(&v->json);
}

static void line_open(struct profile_view *v)
{
    json_open(&v->json, v->app->out, false);
}

static void line_profile(struct profile_view *v, const struct dext_profile *p)
{
    body(&v->json, p, v->at);
    json_done(&v->json);
}

static void line_close(struct profile_view *v)
{
    v->written = 0;
}

const struct profile_format profile_json = {"json", doc_open, doc_profile, doc_close};
const struct profile_format profile_ndjson = {"ndjson", line_open, line_profile, line_close};
