/* An explanation as SARIF 2.1.0: symptoms are the rules, what was found of each driver the results,
 * lines of the inputs the locations. Consequences are notes, and
 * so is what was seen only before the last start of the system. */
#include <stdlib.h>

#include "view/explain_formats.h"
#include "view/sarif.h"

/* Symptoms that have a result, each once, as the log wants its rules. */
struct rules {
    const struct dext_symptom **list;
    size_t count, cap;
};

static size_t rule_index(struct rules *r, const struct dext_symptom *s)
{
    for (size_t i = 0; i < r->count; i++) {
        if (r->list[i]->id == s->id) { /* of the knowledge base: the same text */
            return i;
        }
    }
    if (r->count == r->cap) {
        r->cap = r->cap ? 2 * r->cap : 16;
        r->list = app_grow(r->list, r->cap * sizeof *r->list);
    }
    r->list[r->count] = s;
    return r->count++;
}

static void each(const struct dext_explanation *x,
                 void (*use)(void *user, const struct dext_verdict *v,
                             const struct dext_symptom *s),
                 void *user)
{
    for (size_t i = 0; i < x->verdict_count; i++) {
        const struct dext_verdict *v = &x->verdicts[i];
        use(user, v, v->root);
        for (size_t k = 0; k < v->consequence_count; k++) {
            use(user, v, v->consequences[k]);
        }
        for (size_t k = 0; k < v->further_count; k++) {
            use(user, v, v->further[k]);
        }
    }
}

static void note_rule(void *user, const struct dext_verdict *v, const struct dext_symptom *s)
{
    (void)v;
    (void)rule_index(user, s);
}

static void explain_sarif_list(FILE *out, const char *title, const struct dext_texts *texts)
{
    for (size_t i = 0; texts && i < texts->count; i++) {
        (void)fprintf(out, "%s %s", i ? ";" : title, texts->text[i]);
    }
}

/* Sentences; malloc'd. */
static char *explain_sarif_joined(const char *lead, const struct dext_texts *why,
                                  const struct dext_texts *fix)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out) {
        return app_strdup(lead);
    }
    (void)fputs(lead, out);
    explain_sarif_list(out, ". Likely reasons:", why);
    explain_sarif_list(out, ". How to mend it:", fix);
    (void)fputc('.', out);
    (void)fclose(out);
    return text;
}

static void explain_sarif_rule(struct json *j, const struct dext_symptom *s)
{
    char *help = explain_sarif_joined(s->what, &s->why, &s->fix);
    json_begin(j, '{');
    json_kstr(j, "id", s->id);
    sarif_rule_name(j, s->id);
    sarif_text(j, "shortDescription", s->what);
    sarif_text(j, "help", help);
    json_kstr(j, "helpUri", DEXTCTL_HOMEPAGE "/docs/life-cycle.md");
    json_kbegin(j, "properties", '{');
    json_kstr(j, "stage", s->stage);
    json_kstr(j, "confidence", s->confidence);
    json_end(j, '}');
    json_end(j, '}');
    free(help);
}

struct results {
    struct json *j;
    const struct explain_out *o;
    struct rules *rules;
};

static void locations(const struct results *r, const struct dext_symptom *s)
{
    struct json *j = r->j;
    json_kbegin(j, "locations", '[');
    for (size_t i = 0; i < s->evidence_count; i++) {
        json_begin(j, '{');
        json_kbegin(j, "physicalLocation", '{');
        sarif_file(j, "artifactLocation", s->evidence[i].file);
        sarif_region(j, (unsigned)s->evidence[i].line, 0, 0);
        json_end(j, '}');
        char *text = explain_text(r->o, s->evidence[i].text);
        sarif_text(j, "message", text);
        free(text);
        json_end(j, '}');
    }
    json_end(j, ']');
}

static void explain_sarif_result(void *user, const struct dext_verdict *v,
                                 const struct dext_symptom *s)
{
    const struct results *r = user;
    struct json *j = r->j;
    bool sure = s->confidence[0] == 'h';
    char *lead = explain_text(r->o, s->detail), *what = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&what, &size);
    if (out) {
        (void)fprintf(out, "%s: %s%s%s%s", explain_subject(v), s->what, *lead ? ": " : "", lead,
                      s->earlier ? ". Seen only before the last start of the system" : "");
        (void)fclose(out);
    }
    char *message =
        explain_sarif_joined(what ? what : s->what, NULL, s == v->root ? &s->fix : NULL);
    json_begin(j, '{');
    json_kstr(j, "ruleId", s->id);
    json_kint(j, "ruleIndex", (int64_t)rule_index(r->rules, s));
    json_kstr(j, "level", s != v->root || s->earlier ? "note" : sure ? "error" : "warning");
    sarif_text(j, "message", message);
    locations(r, s);
    json_end(j, '}');
    free(message);
    free(what);
    free(lead);
}

static void explain_sarif_view(const struct explain_out *o)
{
    struct json j;
    struct rules rules = {NULL, 0, 0};
    each(o->result, note_rule, &rules);
    json_open(&j, o->app->out, true);
    json_begin(&j, '{');
    json_kstr(&j, "$schema", SARIF_SCHEMA);
    json_kstr(&j, "version", "2.1.0");
    json_kbegin(&j, "runs", '[');
    json_begin(&j, '{');
    json_kbegin(&j, "tool", '{');
    json_kbegin(&j, "driver", '{');
    json_kstr(&j, "name", "dextctl");
    json_kstr(&j, "version", dext_version());
    json_kstr(&j, "semanticVersion", dext_version());
    json_kstr(&j, "informationUri", DEXTCTL_HOMEPAGE);
    json_kbegin(&j, "rules", '[');
    for (size_t i = 0; i < rules.count; i++) {
        explain_sarif_rule(&j, rules.list[i]);
    }
    json_end(&j, ']');
    json_end(&j, '}');
    json_end(&j, '}');
    sarif_root(&j);
    json_kbegin(&j, "results", '[');
    each(o->result, explain_sarif_result, &(struct results){&j, o, &rules});
    json_end(&j, ']');
    json_end(&j, '}');
    json_end(&j, ']');
    json_end(&j, '}');
    json_done(&j);
    free(rules.list);
}

const struct explain_format explain_sarif = {explain_sarif_view, NULL, NULL, NULL};
