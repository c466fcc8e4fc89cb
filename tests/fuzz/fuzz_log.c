/* Any bytes as a log, in chunks of several sizes; what comes back is read. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "explain/explain.h"

static volatile size_t sink;

static void read_symptom(const struct dext_symptom *s)
{
    sink += strlen(s->id) + strlen(s->stage) + strlen(s->what) + strlen(s->detail);
    if (s->evidence_count == 0 || s->evidence_count > DEXT_EVIDENCE_MOST || s->times == 0) {
        abort();
    }
    for (size_t i = 0; i < s->evidence_count; i++) {
        sink += strlen(s->evidence[i].file) + strlen(s->evidence[i].text);
    }
}

static void read_result(const struct dext_explanation *r)
{
    for (size_t i = 0; i < r->verdict_count; i++) {
        const struct dext_verdict *v = &r->verdicts[i];
        sink += strlen(v->subject) + strlen(v->reached);
        read_symptom(v->root);
        if (strcmp(v->root->role, "noise") == 0 || strcmp(v->root->role, "step") == 0) {
            abort();
        }
        for (size_t k = 0; k < v->consequence_count; k++) {
            read_symptom(v->consequences[k]);
        }
        for (size_t k = 0; k < v->further_count; k++) {
            read_symptom(v->further[k]);
        }
    }
}

static void read_named(const struct dext_explanation *r)
{
    for (size_t i = 0; i < r->answer_count; i++) {
        read_symptom(r->answers[i]);
    }
    for (size_t i = 0; i < r->code_count; i++) {
        const struct dext_code_named *c = &r->codes[i];
        sink += strlen(c->text) + strlen(c->name) + strlen(c->written) + strlen(c->meaning) +
                strlen(c->note) + strlen(c->evidence.text);
    }
    for (size_t i = 0; i < r->call_count; i++) {
        const struct dext_call_named *c = &r->calls[i];
        sink +=
            strlen(c->name) + strlen(c->counterpart) + strlen(c->note) + strlen(c->evidence.text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct dx_explain_tools *tools;
    tools = tools ? tools : dx_explain_tools_new(); /* longer than an input takes */
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dext_explain *x = dx_explain_new_with(ctx, tools);
    struct dext_explanation result;
    size_t chunk = size ? data[0] % 61 + 1 : 1;
    dext_explain_begin(x, "fuzz");
    for (size_t i = size ? 1 : 0; i < size; i += chunk) {
        (void)dext_explain_feed(x, (const char *)data + i, size - i < chunk ? size - i : chunk);
    }
    sink += strlen(dext_text_kind_name(dext_explain_end(x)));
    dext_explain_result(x, &result);
    read_result(&result);
    read_named(&result);
    dext_explain_free(x);
    dext_ctx_free(ctx);
    return 0;
}
