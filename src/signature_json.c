#include "date.h"
#include "node_value.h"
#include "signature_view.h"

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

static void directories(struct json *j, const struct dext_slice *s)
{
    json_kbegin(j, "directories", '[');
    for (size_t i = 0; i < s->directory_count; i++) {
        const struct dext_directory *d = &s->directories[i];
        json_begin(j, '{');
        json_kstr(j, "hash", d->hash);
        json_kstr(j, "cdhash", d->cdhash);
        json_kstr(j, "digest", d->digest);
        json_kstr(j, "version", d->version);
        json_kint(j, "page_size", d->page_size);
        json_kint(j, "pages", d->page_count);
        json_kint(j, "covered", d->covered);
        json_end(j, '}');
    }
    json_end(j, ']');
}

static void chain(struct json *j, const struct dext_slice *s)
{
    json_kstr(j, "trust", s->trust);
    json_kbegin(j, "chain", '[');
    for (size_t i = 0; i < s->chain_count; i++) {
        const struct dext_certificate *c = &s->chain[i];
        json_begin(j, '{');
        json_kstr(j, "kind", c->kind);
        json_kstr(j, "common_name", c->common_name);
        json_kstr(j, "organization", c->organization);
        json_kstr(j, "team", c->team);
        json_kstr(j, "issuer", c->issuer);
        json_kstr(j, "serial", c->serial);
        date(j, "not_before", c->not_before);
        date(j, "not_after", c->not_after);
        json_kstr(j, "sha1", c->sha1);
        json_kstr(j, "sha256", c->sha256);
        json_end(j, '}');
    }
    json_end(j, ']');
}

static void entitlements(struct json *j, const struct dext_slice *s)
{
    static const char *const der[] = {"absent", "same", "different", "unreadable"};
    json_key(j, "entitlements");
    if (s->entitlements) {
        node_value_json(j, s->entitlements);
    } else {
        json_none(j);
    }
    json_kbegin(j, "der", '{');
    json_kstr(j, "status", der[s->der]);
    texts(j, "differences", s->differences, s->difference_count);
    json_end(j, '}');
}

static void classes(struct json *j, const struct dext_slice *s)
{
    json_kbegin(j, "classes", '[');
    for (size_t i = 0; i < s->class_count; i++) {
        const struct dext_class *c = &s->classes[i];
        json_begin(j, '{');
        json_kstr(j, "name", c->name);
        json_kstr(j, "super", c->super);
        texts(j, "methods", c->methods, c->method_count);
        texts(j, "queues", c->queues, c->queue_count);
        json_kbool(j, "remote", c->flags & 1);
        json_end(j, '}');
    }
    json_end(j, ']');
}

static void slice(struct json *j, const struct dext_slice *s)
{
    json_begin(j, '{');
    json_kstr(j, "arch", s->arch);
    json_kstr(j, "platform", s->platform);
    json_kstr(j, "minimum", s->minimum);
    json_kstr(j, "sdk", s->sdk);
    json_kstr(j, "uuid", s->uuid);
    json_kint(j, "offset", s->offset);
    json_kint(j, "size", s->size);
    json_kstr(j, "fault", s->fault);
    json_kstr(j, "signer", dext_signer_name(s->kind));
    json_kstr(j, "identifier", s->identifier);
    json_kstr(j, "team", s->team);
    json_kstr(j, "cdhash", s->cdhash);
    json_kint(j, "flags", s->flags);
    texts(j, "flag_names", s->flag_names, s->flag_count);
    json_kint(j, "executable_flags", s->exec_flags);
    texts(j, "executable_flag_names", s->exec_flag_names, s->exec_flag_count);
    json_kstr(j, "runtime", s->runtime);
    directories(j, s);
    json_kbegin(j, "requirements", '[');
    for (size_t i = 0; i < s->requirement_count; i++) {
        json_begin(j, '{');
        json_kstr(j, "kind", s->requirements[i].kind);
        json_kstr(j, "text", s->requirements[i].text);
        json_end(j, '}');
    }
    json_end(j, ']');
    chain(j, s);
    date(j, "signed", s->signed_at);
    date(j, "timestamp", s->timestamp);
    entitlements(j, s);
    classes(j, s);
    json_end(j, '}');
}

static void number_or_null(struct json *j, const char *key, int64_t n)
{
    json_key(j, key);
    if (n >= 0) {
        json_int(j, n);
    } else {
        json_none(j);
    }
}

static void problems(struct json *j, const struct dext_code *c)
{
    json_kbegin(j, "problems", '[');
    for (size_t i = 0; i < c->problem_count; i++) {
        const struct dext_sign_problem *p = &c->problems[i];
        json_begin(j, '{');
        json_kstr(j, "level", p->level == DEXT_PROBLEM_BROKEN ? "error" : "warning");
        json_kstr(j, "name", p->name);
        json_kstr(j, "file", p->file);
        json_kstr(j, "arch", p->arch);
        number_or_null(j, "page", p->page);
        json_kint(j, "pages", p->pages);
        number_or_null(j, "offset", p->offset);
        json_kstr(j, "text", p->text);
        json_end(j, '}');
    }
    json_end(j, ']');
}

static void body(struct json *j, const struct dext_code *c)
{
    json_begin(j, '{');
    json_kstr(j, "file", c->path);
    json_kstr(j, "name", c->name);
    json_kstr(j, "executable", c->executable);
    json_kbool(j, "bundle", c->bundle);
    json_kstr(j, "bundle_id", c->bundle_id);
    json_kstr(j, "bundle_type", c->bundle_type);
    json_kstr(j, "verdict", signature_verdict(c));
    json_kstr(j, "signer", dext_signer_name(signature_kind(c)));
    json_kbool(j, "verified", c->verified);
    json_kint(j, "pages", c->pages);
    json_kbool(j, "sealed", c->sealed);
    json_kint(j, "sealed_files", (int64_t)c->sealed_files);
    json_kbool(j, "ticket", c->ticket);
    json_key(j, "profile");
    if (c->profile) {
        json_begin(j, '{');
        json_kstr(j, "file", c->profile->path);
        json_kstr(j, "kind", c->profile->kind_name);
        json_kstr(j, "name", c->profile->name);
        json_kstr(j, "uuid", c->profile->uuid);
        date(j, "expires", c->profile->expires);
        json_end(j, '}');
    } else {
        json_none(j);
    }
    problems(j, c);
    json_kbegin(j, "slices", '[');
    for (size_t i = 0; i < c->slice_count; i++) {
        slice(j, &c->slices[i]);
    }
    json_end(j, ']');
    json_end(j, '}');
}

static void change_body(struct json *j, const struct dext_change *c)
{
    json_begin(j, '{');
    json_kstr(j, "name", c->name);
    json_kstr(j, "arch", c->arch);
    json_kstr(j, "what", c->what);
    json_kstr(j, "key", c->key);
    json_kstr(j, "left", c->left);
    json_kstr(j, "right", c->right);
    json_end(j, '}');
}

static void doc_open(struct signature_view *v)
{
    json_open(&v->json, v->app->out, true);
    json_begin(&v->json, '{');
    json_kstr(&v->json, "schema", "dextctl.signature/1");
    if (v->left) {
        json_kstr(&v->json, "left", v->left);
        json_kstr(&v->json, "right", v->right);
    }
    json_kbegin(&v->json, v->left ? "changes" : "signatures", '[');
}

static void doc_code(struct signature_view *v, const struct dext_code *c)
{
    body(&v->json, c);
}

static void doc_change(struct signature_view *v, const struct dext_change *c)
{
    change_body(&v->json, c);
}

static void doc_close(struct signature_view *v)
{
    json_end(&v->json, ']');
    json_end(&v->json, '}');
    json_done(&v->json);
}

static void line_open(struct signature_view *v)
{
    json_open(&v->json, v->app->out, false);
}

static void line_code(struct signature_view *v, const struct dext_code *c)
{
    body(&v->json, c);
    json_done(&v->json);
}

static void line_change(struct signature_view *v, const struct dext_change *c)
{
    change_body(&v->json, c);
    json_done(&v->json);
}

static void line_close(struct signature_view *v)
{
    v->written = 0;
}

const struct signature_format signature_json = {"json", doc_open, doc_code, doc_change, doc_close};
const struct signature_format signature_ndjson = {"ndjson", line_open, line_code, line_change,
                                                  line_close};
