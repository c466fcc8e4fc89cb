/* Every slice counts: a Mac runs the one that suits it, and another Mac another one. */
#include <string.h>

#include "sign/signature.h"

static bool slices_by_apple(const struct dext_slice *s)
{
    return s->kind >= DEXT_SIGNER_DEVELOPMENT;
}

/* What the others are compared with: the first one with a certificate of Apple's, else the first
 * that is signed. */
static const struct dext_slice *slices_model(const struct dext_code *c)
{
    const struct dext_slice *best = NULL;
    for (size_t i = 0; i < c->slice_count; i++) {
        const struct dext_slice *s = &c->slices[i];
        if (s->kind != DEXT_SIGNER_NONE &&
            (!best || (slices_by_apple(s) && !slices_by_apple(best)))) {
            best = s;
        }
    }
    return best;
}

static const char *slices_name(const char *s)
{
    return s[0] ? s : "none";
}

/* Security StaticCode.cpp, handleOtherArchitectures: all slices are of one team, or none is. That
 * one is signed by another kind of certificate is told; that nobody vouches for it is an error. */
static void slices_compare_signer(struct dx_report *r, const struct dext_slice *s,
                                  const struct dext_slice *model)
{
    if (strcmp(model->team, s->team) != 0) {
        dx_report(r, "slices-differ",
                  "its team is %s, that of slice %s is %s: macOS takes slices of one team alone",
                  slices_name(s->team), model->arch, slices_name(model->team));
    }
    if (model->kind != s->kind && slices_by_apple(model) && !slices_by_apple(s)) {
        dx_report(r, "slices-differ",
                  "it is signed %s, slice %s with %s: each slice has to be "
                  "signed alike",
                  s->kind == DEXT_SIGNER_AD_HOC || s->kind == DEXT_SIGNER_LINKER
                      ? dext_signer_words(s->kind)
                      : dx_sprintf(&r->ctx->arena, "with %s", dext_signer_words(s->kind)),
                  model->arch, dext_signer_words(model->kind));
    } else if (model->kind != s->kind) {
        dx_report_warning(r, "slices-differ", "its signer is %s, that of slice %s is %s",
                          dext_signer_words(s->kind), model->arch, dext_signer_words(model->kind));
    }
    if (strcmp(model->identifier, s->identifier) != 0) {
        dx_report_warning(r, "slices-differ", "its identifier is %s, that of slice %s is %s",
                          slices_name(s->identifier), model->arch, slices_name(model->identifier));
    }
}

void dx_slices_compare(struct dx_code *code, struct dext_ctx *ctx)
{
    const struct dext_slice *model = slices_model(&code->pub);
    bool any = model != NULL;
    for (size_t i = 0; i < code->pub.slice_count; i++) {
        any |= code->slices[i].fault[0] != 0;
    }
    for (size_t i = 0; i < code->pub.slice_count; i++) {
        const struct dext_slice *s = &code->slices[i];
        struct dx_texts diff = {0};
        code->report.arch = s->arch;
        if (s->kind == DEXT_SIGNER_NONE) {
            if (any && !s->fault[0]) {
                dx_report(&code->report, "unsigned", "this slice is not signed, another one is");
            }
            continue;
        }
        if (s == model || !model) { /* without a model no slice is signed */
            continue;
        }
        slices_compare_signer(&code->report, s, model);
        dx_node_differences(&diff, ctx, model->entitlements, s->entitlements);
        if (diff.count) {
            dx_report_warning(&code->report, "slices-differ",
                              "the entitlements are not those of slice %s", model->arch);
        }
    }
    code->report.arch = "";
    if (!any) {
        dx_report(&code->report, "unsigned", "it is not signed");
    }
}
