/* A folder, or an archive that is made of it (tree.h, "!pack"), as evidence: explained as a whole,
 * each thing at its top by itself as well. First line: "once" for the whole alone. */
#include "explain/explain.h"
#include "tree.h"
#include "walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_symptom(const struct dext_symptom *s)
{
    sink += strlen(s->id) + strlen(s->what) + strlen(s->detail);
    if (s->evidence_count > DEXT_EVIDENCE_MOST) {
        abort();
    }
    for (size_t i = 0; i < s->evidence_count; i++) {
        sink += strlen(s->evidence[i].file) + strlen(s->evidence[i].text);
    }
}

static void read_inputs(const struct dext_explain *x)
{
    struct dext_explain_inputs in;
    dext_explain_inputs(x, &in);
    for (size_t i = 0; i < in.count; i++) {
        sink += strlen(in.list[i].file) + strlen(in.list[i].what) + strlen(in.list[i].holds) +
                strlen(in.list[i].unread);
        for (size_t k = 0; k < in.list[i].notes.count; k++) {
            sink += strlen(in.list[i].notes.text[k]);
        }
    }
}

static void read_result(struct dext_explain *x)
{
    struct dext_explanation r;
    dext_explain_result(x, &r);
    sink += strlen(r.system.version) + strlen(r.system.model);
    for (size_t i = 0; i < r.verdict_count; i++) {
        read_symptom(r.verdicts[i].root);
        for (size_t k = 0; k < r.verdicts[i].consequence_count; k++) {
            read_symptom(r.verdicts[i].consequences[k]);
        }
        for (size_t k = 0; k < r.verdicts[i].further_count; k++) {
            read_symptom(r.verdicts[i].further[k]);
        }
    }
    for (size_t i = 0; i < r.life_count; i++) {
        for (size_t k = 0; k < r.lives[i].stage_count; k++) {
            const struct dext_stage_seen *s = &r.lives[i].stages[k];
            sink += strlen(s->stage);
            if ((s->state == DEXT_STAGE_IMPLIED) != (s->by == NULL)) {
                abort();
            }
        }
    }
    for (size_t i = 0; i < r.noise_count; i++) {
        read_symptom(r.noise[i]);
    }
    for (size_t i = 0; i < r.step_count; i++) {
        read_symptom(r.steps[i]);
    }
    for (size_t i = 0; i < r.collect.count; i++) {
        sink += strlen(r.collect.text[i]);
    }
    read_inputs(x);
}

static struct dx_explain_tools *the_tools(void)
{
    static struct dx_explain_tools *tools;
    return tools = tools ? tools : dx_explain_tools_new(); /* longer than an input takes */
}

static void explain(const char *path)
{
    struct dext_limits limits = DEXT_LIMITS_DEFAULT;
    limits.plist_nodes = 20000;
    limits.archive_bytes = (size_t)16 << 20;
    limits.archive_kept = (size_t)4 << 20;
    struct dext_ctx *ctx = dext_ctx_new(&limits);
    struct dext_explain *x = dx_explain_new_with(ctx, the_tools());
    if (dext_explain_add_path(x, path) != DEXT_OK && !dext_ctx_error(ctx)) {
        abort();
    }
    read_result(x);
    dext_explain_free(x);
    dext_ctx_free(ctx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *root = tree_make(data, size), *path;
    explain(root);
    for (size_t i = 0; !tree_wants("once") && i < 8 && (path = tree_path(i)) != NULL; i++) {
        explain(path);
    }
    return 0;
}
