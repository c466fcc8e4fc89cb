#include <stdlib.h>

#include "explain_formats.h"
#include "json.h"

static void texts(struct json *j, const char *key, const struct dext_texts *list)
{
    json_kbegin(j, key, '[');
    for (size_t i = 0; i < list->count; i++) {
        json_str(j, list->text[i]);
    }
    json_end(j, ']');
}

static void shown(struct json *j, const struct explain_out *o, const char *key, const char *text)
{
    char *copy = explain_text(o, text);
    json_kstr(j, key, copy);
    free(copy);
}

static void symptom_fields(struct json *j, const struct explain_out *o,
                           const struct dext_symptom *s)
{
    json_kstr(j, "symptom", s->id);
    json_kstr(j, "stage", s->stage);
    json_kstr(j, "role", s->role);
    json_kstr(j, "confidence", s->confidence);
    json_kstr(j, "what", s->what);
    shown(j, o, "detail", s->detail);
    texts(j, "why", &s->why);
    texts(j, "check", &s->check);
    texts(j, "fix", &s->fix);
    texts(j, "source", &s->source);
    json_kbegin(j, "evidence", '[');
    for (size_t i = 0; i < s->evidence_count; i++) {
        json_begin(j, '{');
        json_kstr(j, "file", s->evidence[i].file);
        json_kint(j, "line", (int64_t)s->evidence[i].line);
        shown(j, o, "text", s->evidence[i].text);
        json_end(j, '}');
    }
    json_end(j, ']');
    json_kint(j, "times", (int64_t)s->times);
}

static void symptom(struct json *j, const struct explain_out *o, const struct dext_symptom *s)
{
    json_begin(j, '{');
    symptom_fields(j, o, s);
    json_end(j, '}');
}

static void list(struct json *j, const struct explain_out *o, const char *key,
                 const struct dext_symptom *const *items, size_t count)
{
    json_kbegin(j, key, '[');
    for (size_t i = 0; i < count; i++) {
        symptom(j, o, items[i]);
    }
    json_end(j, ']');
}

static void verdict_fields(struct json *j, const struct explain_out *o,
                           const struct dext_verdict *v, size_t rank)
{
    json_kint(j, "rank", (int64_t)rank);
    json_kstr(j, "subject", v->subject);
    json_kstr(j, "reached", v->reached);
    json_key(j, "root");
    symptom(j, o, v->root);
    list(j, o, "consequences", v->consequences, v->consequence_count);
    list(j, o, "further", v->further, v->further_count);
}

static void inputs(struct json *j, const struct explain_out *o)
{
    json_kbegin(j, "inputs", '[');
    for (size_t i = 0; i < o->input_count; i++) {
        json_begin(j, '{');
        json_kstr(j, "file", o->inputs[i].file);
        json_kstr(j, "kind", dext_text_kind_name(o->inputs[i].kind));
        json_kstr(j, "command", explain_other_command(o->inputs[i].kind));
        json_kstr(j, "what", o->inputs[i].what);
        shown(j, o, "holds", o->inputs[i].holds);
        json_kbegin(j, "notes", '[');
        for (size_t k = 0; k < o->inputs[i].notes.count; k++) {
            char *note = explain_text(o, o->inputs[i].notes.text[k]);
            json_str(j, note);
            free(note);
        }
        json_end(j, ']');
        json_kbool(j, "aside", o->inputs[i].aside);
        json_end(j, '}');
    }
    json_end(j, ']');
}

static void place(struct json *j, const struct explain_out *o, const struct dext_evidence *e)
{
    json_kstr(j, "file", e->file);
    json_kint(j, "line", (int64_t)e->line);
    shown(j, o, "quote", e->text);
}

static void code_fields(struct json *j, const struct explain_out *o,
                        const struct dext_code_named *c)
{
    json_kstr(j, "text", c->text);
    json_kstr(j, "name", c->name);
    json_kstr(j, "written", c->written);
    json_kstr(j, "domain", c->domain);
    json_kstr(j, "meaning", c->meaning);
    json_kstr(j, "note", c->note);
    place(j, o, &c->evidence);
}

static void call_fields(struct json *j, const struct explain_out *o,
                        const struct dext_call_named *c)
{
    json_kstr(j, "name", c->name);
    json_kstr(j, "status", c->status);
    json_kstr(j, "counterpart", c->counterpart);
    json_kstr(j, "header", c->header);
    json_kstr(j, "note", c->note);
    json_kstr(j, "source", c->source);
    place(j, o, &c->evidence);
}

static void named(struct json *j, const struct explain_out *o)
{
    const struct dext_explanation *r = o->result;
    json_kbegin(j, "codes", '[');
    for (size_t i = 0; i < r->code_count; i++) {
        json_begin(j, '{');
        code_fields(j, o, &r->codes[i]);
        json_end(j, '}');
    }
    json_end(j, ']');
    json_kbegin(j, "calls", '[');
    for (size_t i = 0; i < r->call_count; i++) {
        json_begin(j, '{');
        call_fields(j, o, &r->calls[i]);
        json_end(j, '}');
    }
    json_end(j, ']');
}

static void life(struct json *j, const struct dext_life *l)
{
    json_kstr(j, "subject", l->subject);
    json_kstr(j, "node", l->node);
    json_kbegin(j, "stages", '[');
    for (size_t i = 0; i < l->stage_count; i++) {
        const struct dext_stage_seen *s = &l->stages[i];
        json_begin(j, '{');
        json_kstr(j, "stage", s->stage);
        json_kstr(j, "state", explain_stage_state(s->state));
        json_kstr(j, "symptom", s->by ? s->by->id : NULL);
        json_end(j, '}');
    }
    json_end(j, ']');
}

void explain_json(const struct explain_out *o)
{
    struct json j;
    const struct dext_explanation *r = o->result;
    json_open(&j, o->app->out, true);
    json_begin(&j, '{');
    json_kstr(&j, "schema", "dextctl.explain/1");
    json_kbegin(&j, "causes", '[');
    for (size_t i = 0; i < r->verdict_count; i++) {
        json_begin(&j, '{');
        verdict_fields(&j, o, &r->verdicts[i], i + 1);
        json_end(&j, '}');
    }
    json_end(&j, ']');
    named(&j, o);
    json_kbegin(&j, "drivers", '[');
    for (size_t i = 0; i < r->life_count; i++) {
        json_begin(&j, '{');
        life(&j, &r->lives[i]);
        json_end(&j, '}');
    }
    json_end(&j, ']');
    list(&j, o, "steps", r->steps, r->step_count);
    list(&j, o, "noise", r->noise, r->noise_count);
    texts(&j, "collect", &r->collect);
    inputs(&j, o);
    json_kint(&j, "lines", (int64_t)r->lines);
    json_kint(&j, "dropped", (int64_t)r->dropped);
    json_kint(&j, "passed_over", (int64_t)o->passed_over);
    json_end(&j, '}');
    json_done(&j);
}

static void record(struct json *j, const char *type)
{
    json_begin(j, '{');
    json_kstr(j, "type", type);
}

static void records(struct json *j, const struct explain_out *o, const char *type,
                    const struct dext_symptom *const *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        record(j, type);
        symptom_fields(j, o, items[i]);
        json_end(j, '}');
        json_done(j);
    }
}

void explain_ndjson_cause(const struct explain_out *o, const struct dext_verdict *v, size_t rank)
{
    struct json j;
    json_open(&j, o->app->out, false);
    record(&j, "cause");
    verdict_fields(&j, o, v, rank);
    json_end(&j, '}');
    json_done(&j);
}

void explain_ndjson_over(const struct explain_out *o, const char *subject, const char *symptom)
{
    struct json j;
    json_open(&j, o->app->out, false);
    record(&j, "over");
    json_kstr(&j, "subject", subject);
    json_kstr(&j, "symptom", symptom);
    json_end(&j, '}');
    json_done(&j);
}

void explain_ndjson(const struct explain_out *o)
{
    struct json j;
    const struct dext_explanation *r = o->result;
    json_open(&j, o->app->out, false);
    for (size_t i = 0; i < r->verdict_count && !o->told; i++) {
        explain_ndjson_cause(o, &r->verdicts[i], i + 1);
    }
    for (size_t i = 0; i < r->life_count; i++) {
        record(&j, "driver");
        life(&j, &r->lives[i]);
        json_end(&j, '}');
        json_done(&j);
    }
    for (size_t i = 0; i < r->code_count; i++) {
        record(&j, "code");
        code_fields(&j, o, &r->codes[i]);
        json_end(&j, '}');
        json_done(&j);
    }
    for (size_t i = 0; i < r->call_count; i++) {
        record(&j, "call");
        call_fields(&j, o, &r->calls[i]);
        json_end(&j, '}');
        json_done(&j);
    }
    records(&j, o, "step", r->steps, r->step_count);
    records(&j, o, "noise", r->noise, r->noise_count);
    record(&j, "summary");
    json_kstr(&j, "schema", "dextctl.explain/1");
    texts(&j, "collect", &r->collect);
    inputs(&j, o);
    json_kint(&j, "lines", (int64_t)r->lines);
    json_kint(&j, "dropped", (int64_t)r->dropped);
    json_kint(&j, "passed_over", (int64_t)o->passed_over);
    json_end(&j, '}');
    json_done(&j);
}
