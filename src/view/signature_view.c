#include "view/signature_view.h"

const struct signature_format *signature_format_for(enum face face)
{
    static const struct signature_format *const faces[FACE_COUNT] = {
        [FACE_HUMAN] = &signature_human,
        [FACE_JSON] = &signature_record,
        [FACE_NDJSON] = &signature_record};
    return faces[face];
}

static const struct dext_slice *signature_main_slice(const struct dext_code *c)
{
    for (size_t i = 0; i < c->slice_count; i++) {
        if (c->slices[i].kind != DEXT_SIGNER_NONE) {
            return &c->slices[i];
        }
    }
    return c->slice_count ? &c->slices[0] : NULL;
}

static enum signature_verdict signature_verdict(const struct dext_code *c,
                                                enum dext_signer_kind kind)
{
    return c->broken && kind != DEXT_SIGNER_NONE                      ? SIGNATURE_BROKEN
           : c->unread                                                ? SIGNATURE_UNKNOWN
           : kind == DEXT_SIGNER_NONE                                 ? SIGNATURE_UNSIGNED
           : !c->verified                                             ? SIGNATURE_NOT_VERIFIED
           : kind == DEXT_SIGNER_AD_HOC || kind == DEXT_SIGNER_LINKER ? SIGNATURE_AD_HOC
                                                                      : SIGNATURE_VALID;
}

struct signature_row signature_row_of(const struct dext_code *c)
{
    struct signature_row row = {.code = c, .main = signature_main_slice(c)};
    row.kind = row.main ? row.main->kind : DEXT_SIGNER_NONE;
    row.verdict = signature_verdict(c, row.kind);
    return row;
}

const char *signature_verdict_name(int v)
{
    static const char *const names[SIGNATURE_VERDICT_COUNT] = {
        [SIGNATURE_VALID] = "valid",
        [SIGNATURE_AD_HOC] = "ad-hoc",
        [SIGNATURE_BROKEN] = "broken",
        [SIGNATURE_UNSIGNED] = "unsigned",
        [SIGNATURE_NOT_VERIFIED] = "not-verified",
        [SIGNATURE_UNKNOWN] = "unknown",
    };
    return names[v];
}
