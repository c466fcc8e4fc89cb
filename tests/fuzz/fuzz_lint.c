/* Bytes as an Info.plist, an entitlements file and a project through the whole of lint. Findings
 * and the edits of --fix lie inside of the file, and edits of one finding do not overlap. */
#include "walk.h"

struct seen {
    size_t size;
    size_t findings, inputs;
};

static void on_finding(void *user, const struct dext_finding *f)
{
    struct seen *seen = user;
    walk_place(f->at, seen->size);
    if (!f->message[0] || !f->why[0] || !f->fix[0]) {
        abort();
    }
    for (size_t i = 0; i < f->edit_count; i++) {
        const struct dext_edit *e = &f->edits[i];
        if (e->offset > seen->size || e->length > seen->size - e->offset) {
            abort();
        }
        for (size_t k = 0; k < i; k++) {
            const struct dext_edit *o = &f->edits[k];
            if (e->offset < o->offset + o->length && o->offset < e->offset + e->length) {
                abort();
            }
        }
        sink += strlen(e->text);
    }
    sink += strlen(f->message) + strlen(f->why) + strlen(f->fix) + strlen(f->path);
    sink += f->line ? strlen(f->line) : 0;
    seen->findings++;
}

static void on_input(void *user, const struct dext_input *in)
{
    struct seen *seen = user;
    sink += strlen(in->file) + strlen(in->kind);
    if (in->status != DEXT_CHECKED && !in->reason[0]) {
        abort();
    }
    seen->inputs++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"Info.plist", "a.entitlements",
                                        "X.xcodeproj/project.pbxproj"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct seen seen = {.size = size};
        struct dext_limits limits = {.size = sizeof limits, .plist_nodes = 50000};
        struct dext_lint_options options = {
            .size = sizeof options, .user = &seen, .on_finding = on_finding, .on_input = on_input};
        struct dext_ctx *ctx = dext_ctx_new(&limits);
        struct dext_lint *lint = dext_lint_new(ctx, &options);
        dext_lint_add_bytes(lint, names[i], data, size);
        sink += (size_t)dext_lint_run(lint);
        if (seen.inputs != 1) {
            abort();
        }
        dext_lint_free(lint);
        dext_ctx_free(ctx);
    }
    return 0;
}
