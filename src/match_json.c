/* dextctl.match/1: docs/json.md. */
#include <inttypes.h>
#include <string.h>

#include "match_out.h"

static void put_id(struct json *j, uint64_t id)
{
    char hex[24];
    (void)snprintf(hex, sizeof hex, "0x%" PRIx64, id);
    json_kstr(j, "id", id ? hex : NULL);
}

static void put_node(struct json *j, const struct dext_match_node *n)
{
    json_kbegin(j, "node", '{');
    json_kstr(j, "name", n->name);
    json_kstr(j, "location", *n->location ? n->location : NULL);
    json_kstr(j, "class", n->class_name);
    put_id(j, n->id);
    json_kint(j, "line", n->line);
    json_kstr(j, "path", n->path);
    json_end(j, '}');
}

static void put_check(struct json *j, const struct dext_match_check *c)
{
    json_begin(j, '{');
    json_kstr(j, "code", c->code);
    json_kstr(j, "phase", dext_match_phase_name(c->phase));
    json_kstr(j, "answer", dext_match_answer_name(c->answer));
    json_kbool(j, "reached", c->reached);
    json_kstr(j, "key", c->key);
    json_kstr(j, "expected", c->expected);
    json_kstr(j, "expected_type", c->expected_type);
    json_kstr(j, "actual", c->actual);
    json_kstr(j, "actual_type", c->actual_type);
    json_kstr(j, "text", c->text);
    json_kstr(j, "edit", c->edit);
    json_kint(j, "line", c->at.line);
    json_end(j, '}');
}

static void put_score(struct json *j, const struct dext_match_decision *d)
{
    const struct dext_match_score *s = &d->score;
    json_key(j, "score");
    if (d->answer == DEXT_MATCH_NO) {
        json_none(j);
        return;
    }
    json_begin(j, '{');
    json_kint(j, "static", s->base);
    json_kbool(j, "given", s->has_base);
    json_kint(j, "counted", s->used);
    json_kint(j, "family", s->family);
    json_kint(j, "final", s->final);
    json_kbool(j, "certain", s->certain);
    json_kstr(j, "combination", s->combined);
    json_kstr(j, "text", *s->text ? s->text : NULL);
    json_end(j, '}');
}

static void put_rivals(struct json *j, const struct dext_match_decision *d)
{
    json_kbegin(j, "rivals", '[');
    for (size_t i = 0; i < d->rival_count; i++) {
        const struct dext_match_rival *r = &d->rivals[i];
        json_begin(j, '{');
        json_kstr(j, "name", r->name);
        json_kstr(j, "class", r->class_name);
        json_kstr(j, "bundle", r->bundle_id);
        json_kbool(j, "attached", r->attached);
        put_id(j, r->id);
        json_key(j, "score");
        if (r->has_score) {
            json_int(j, r->score);
        } else {
            json_none(j);
        }
        json_kstr(j, "order", r->order > 0 ? "before" : r->order < 0 ? "after" : "not certain");
        json_end(j, '}');
    }
    json_end(j, ']');
}

static void decision_fields(struct json *j, const struct dext_match_decision *d)
{
    json_kstr(j, "personality", d->personality->name);
    json_kstr(j, "file", d->personality->file);
    put_node(j, d->node);
    json_kstr(j, "answer", dext_match_answer_name(d->answer));
    json_kstr(j, "category", d->category);
    put_score(j, d);
    json_kstr(j, "outcome", dext_match_outcome_name(d->outcome));
    json_kstr(j, "text", d->outcome_text);
    put_rivals(j, d);
    json_kbegin(j, "needs", '[');
    for (const char *const *n = d->needs; *n; n++) {
        json_str(j, *n);
    }
    json_end(j, ']');
    json_kstr(j, "first_failing", d->first_no ? d->first_no->code : NULL);
    json_kbegin(j, "checks", '[');
    for (size_t i = 0; i < d->check_count; i++) {
        put_check(j, &d->checks[i]);
    }
    json_end(j, ']');
}

static void put_decision(struct json *j, const struct dext_match_decision *d)
{
    json_begin(j, '{');
    decision_fields(j, d);
    json_end(j, '}');
}

static void personality_fields(struct json *j, const struct dext_match_personality *p)
{
    json_kstr(j, "name", p->name);
    json_kstr(j, "file", p->file);
    json_kint(j, "line", p->at.line);
    json_kstr(j, "provider", p->provider);
    json_kstr(j, "ioclass", p->ioclass);
    json_kstr(j, "user_class", p->user_class);
    json_kstr(j, "bundle", p->bundle_id);
    json_kstr(j, "category", p->category);
    json_kbool(j, "driver_extension", p->is_dext);
    json_kint(j, "candidates", (int64_t)p->candidates);
    json_kint(j, "matched", (int64_t)p->matched);
    json_kint(j, "not_certain", (int64_t)p->unsure);
    json_kint(j, "unknown_class", (int64_t)p->unknown);
    json_kstr(j, "refused", p->refused);
    json_kstr(j, "hint", p->hint);
}

static void put_dump(struct json *j, const struct dext_match_result *r)
{
    json_kbegin(j, "dump", '{');
    json_kint(j, "nodes", (int64_t)r->nodes);
    json_kbool(j, "ancestry", r->chains);
    json_kbool(j, "fragment", r->fragment);
    json_kint(j, "clipped", (int64_t)r->clipped);
    json_kint(j, "lost", (int64_t)r->lost);
    json_end(j, '}');
}

static void whole(struct match_out *o, const struct dext_match_result *r, bool counts)
{
    struct json *j = &o->j;
    json_open(j, o->app->out, true);
    json_begin(j, '{');
    json_kstr(j, "schema", "dextctl.match/1");
    put_dump(j, r);
    if (counts) {
        json_kbegin(j, "personalities", '[');
        for (size_t i = 0; i < r->personality_count; i++) {
            json_begin(j, '{');
            personality_fields(j, r->personalities[i]);
            json_end(j, '}');
        }
        json_end(j, ']');
    }
    json_kbegin(j, "decisions", '[');
    for (size_t i = 0; i < r->decision_count; i++) {
        put_decision(j, &r->decisions[i]);
    }
    json_end(j, ']');
    json_end(j, '}');
    json_done(j);
}

static void json_run(struct match_out *o, const struct dext_match_result *r)
{
    whole(o, r, true);
}

static void json_why(struct match_out *o, const struct dext_match_result *r)
{
    whole(o, r, false);
}

static void put_suggestion(struct json *j, const struct dext_match_suggestion *s)
{
    put_node(j, s->node);
    json_kstr(j, "family", s->family);
    json_kstr(j, "personality", s->plist);
    json_kstr(j, "entitlements", s->entitlements);
    json_kbegin(j, "notes", '[');
    for (const char *const *n = s->notes; *n; n++) {
        json_str(j, *n);
    }
    json_end(j, ']');
    json_key(j, "check");
    if (s->check) {
        put_decision(j, s->check);
    } else {
        json_none(j);
    }
}

static void json_suggest(struct match_out *o, const struct dext_match_suggestion *s)
{
    struct json *j = &o->j;
    json_open(j, o->app->out, true);
    json_begin(j, '{');
    json_kstr(j, "schema", "dextctl.match/1");
    json_kbegin(j, "suggestion", '{');
    put_suggestion(j, s);
    json_end(j, '}');
    json_end(j, '}');
    json_done(j);
}

/* ---- a record a line ----------------------------------------------------------------------- */

static void record(struct match_out *o, const char *type)
{
    json_open(&o->j, o->app->out, false);
    json_begin(&o->j, '{');
    json_kstr(&o->j, "schema", "dextctl.match/1");
    json_kstr(&o->j, "type", type);
}

static void record_end(struct match_out *o)
{
    json_end(&o->j, '}');
    json_done(&o->j);
}

static void ndjson_why(struct match_out *o, const struct dext_match_result *r)
{
    for (size_t i = 0; i < r->decision_count; i++) {
        record(o, "decision");
        decision_fields(&o->j, &r->decisions[i]);
        record_end(o);
    }
}

static void ndjson_run(struct match_out *o, const struct dext_match_result *r)
{
    for (size_t i = 0; i < r->personality_count; i++) {
        record(o, "personality");
        personality_fields(&o->j, r->personalities[i]);
        record_end(o);
    }
    ndjson_why(o, r);
}

static void ndjson_suggest(struct match_out *o, const struct dext_match_suggestion *s)
{
    record(o, "suggestion");
    put_suggestion(&o->j, s);
    record_end(o);
}

const struct match_format match_json = {"json", json_run, json_why, json_suggest};
const struct match_format match_ndjson = {"ndjson", ndjson_run, ndjson_why, ndjson_suggest};

const struct match_format *match_format_named(const char *name)
{
    return strcmp(name, match_json.name) == 0     ? &match_json
           : strcmp(name, match_ndjson.name) == 0 ? &match_ndjson
                                                  : &match_human;
}
