#include "signature_view.h"

#include <string.h>

const struct signature_format *signature_format_named(const char *name)
{
    static const struct signature_format *const all[] = {&signature_human, &signature_json,
                                                         &signature_ndjson};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (strcmp(all[i]->name, name) == 0) {
            return all[i];
        }
    }
    return &signature_human;
}

const struct dext_slice *signature_main_slice(const struct dext_code *c)
{
    for (size_t i = 0; i < c->slice_count; i++) {
        if (c->slices[i].kind != DEXT_SIGNER_NONE) {
            return &c->slices[i];
        }
    }
    return c->slice_count ? &c->slices[0] : NULL;
}

enum dext_signer_kind signature_kind(const struct dext_code *c)
{
    const struct dext_slice *s = signature_main_slice(c);
    return s ? s->kind : DEXT_SIGNER_NONE;
}

const char *signature_verdict(const struct dext_code *c)
{
    enum dext_signer_kind kind = signature_kind(c);
    if (kind == DEXT_SIGNER_NONE) {
        return "unsigned";
    }
    return c->broken                                                  ? "broken"
           : !c->verified                                             ? "not-verified"
           : kind == DEXT_SIGNER_AD_HOC || kind == DEXT_SIGNER_LINKER ? "ad-hoc"
                                                                      : "valid";
}
