#include "entitlements_view.h"
#include "node_value.h"

const char *entitlements_variant_name(enum dext_grant_variant variant)
{
    static const char *const names[] = {
        [DEXT_GRANT_EITHER] = "either",
        [DEXT_GRANT_DEVELOPMENT] = "development",
        [DEXT_GRANT_APPROVED] = "approved",
        [DEXT_GRANT_MIXED] = "mixed",
    };
    return names[variant];
}

static void cell(struct json *j, const char *key, const struct dext_right_cell *c)
{
    json_key(j, key);
    if (!c->value) {
        json_none(j);
        return;
    }
    json_begin(j, '{');
    json_kstr(j, "variant", entitlements_variant_name(c->variant));
    json_key(j, "value");
    node_value_json(j, c->value);
    json_end(j, '}');
}

static void right(struct json *j, const struct dext_right *r)
{
    json_begin(j, '{');
    json_kstr(j, "entitlement", r->key);
    json_kstr(j, "state", dext_right_state_name(r->state));
    json_kbool(j, "fault", dext_right_is_fault(r->state));
    cell(j, "file", &r->file);
    cell(j, "signature", &r->signature);
    cell(j, "der", &r->der);
    cell(j, "profile", &r->profile);
    json_kstr(j, "needed_by", r->need);
    json_kstr(j, "granted_by", r->grantor);
    json_kstr(j, "summary", r->summary);
    json_end(j, '}');
}

static void finding(struct json *j, const struct dext_finding *f)
{
    json_begin(j, '{');
    json_kstr(j, "rule", dext_rule_id(f->rule));
    json_kstr(j, "name", dext_rule_name(f->rule));
    json_kstr(j, "severity", dext_severity_name(f->severity));
    json_kstr(j, "file", f->file);
    json_kint(j, "line", f->at.line);
    json_kint(j, "column", f->at.column);
    json_kstr(j, "path", f->path);
    json_kstr(j, "message", f->message);
    json_kstr(j, "why", f->why);
    json_kstr(j, "fix", f->fix);
    json_end(j, '}');
}

static void signer(struct json *j, const struct dext_subject *s)
{
    const struct dext_slice *slice = s->code && s->code->slice_count ? s->code->slices : NULL;
    json_kstr(j, "signer", slice ? dext_signer_name(slice->kind) : NULL);
    json_kstr(j, "team", slice ? slice->team : NULL);
}

static void profile(struct json *j, const struct dext_profile *p)
{
    json_key(j, "profile");
    if (!p || p->error) {
        json_none(j);
        return;
    }
    json_begin(j, '{');
    json_kstr(j, "file", p->path);
    json_kstr(j, "kind", p->kind_name);
    json_kstr(j, "name", p->name);
    json_kstr(j, "team", p->team);
    json_kstr(j, "app_id", p->app_id);
    json_end(j, '}');
}

static void body(struct json *j, const struct dext_subject *s)
{
    json_kstr(j, "subject", s->name);
    json_kstr(j, "role", s->role);
    json_kstr(j, "executable", s->executable[0] ? s->executable : NULL);
    json_kstr(j, "entitlements_file", s->file[0] ? s->file : NULL);
    json_kstr(j, "info_plist", s->info[0] ? s->info : NULL);
    signer(j, s);
    profile(j, s->profile);
    json_kbegin(j, "entitlements", '[');
    for (size_t i = 0; i < s->right_count; i++) {
        right(j, &s->rights[i]);
    }
    json_end(j, ']');
    json_kbegin(j, "findings", '[');
    for (size_t i = 0; i < s->finding_count; i++) {
        finding(j, &s->findings[i]);
    }
    json_end(j, ']');
    json_kstr(j, "purpose", dext_purpose_name(s->purpose));
    json_kbool(j, "possible", s->possible);
    json_kstr(j, "verdict", s->verdict);
}

static void open(struct entitlements_view *v)
{
    json_open(&v->json, v->app->out, true);
    json_begin(&v->json, '{');
    json_kstr(&v->json, "schema", "dextctl.entitlements/1");
    json_kbegin(&v->json, "subjects", '[');
}

static void subject(struct entitlements_view *v, const struct dext_subject *s)
{
    json_begin(&v->json, '{');
    body(&v->json, s);
    json_end(&v->json, '}');
}

static void close(struct entitlements_view *v)
{
    json_end(&v->json, ']');
    json_end(&v->json, '}');
    json_done(&v->json);
}

const struct entitlements_format entitlements_json = {"json", open, subject, close};

static void line_open(struct entitlements_view *v)
{
    (void)v;
}

static void line(struct entitlements_view *v, const struct dext_subject *s)
{
    json_open(&v->json, v->app->out, false);
    json_begin(&v->json, '{');
    json_kstr(&v->json, "schema", "dextctl.entitlements/1");
    body(&v->json, s);
    json_end(&v->json, '}');
    json_done(&v->json);
}

const struct entitlements_format entitlements_ndjson = {"ndjson", line_open, line, line_open};
