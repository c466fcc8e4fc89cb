/* DX501-DX512: the code signature of a built driver and of the app around it, by itself. */
#include <string.h>

#include "rules/code.h"

static const char *signature_shown(const struct dext_code *code)
{
    return code->executable[0] ? code->executable : code->path;
}

const struct dext_slice *dx_code_slice(const struct dext_code *code)
{
    for (size_t i = 0; code && i < code->slice_count; i++) {
        if (!code->slices[i].fault[0]) {
            return &code->slices[i];
        }
    }
    return NULL;
}

bool dx_code_is_driver(const struct dext_code *code)
{
    const struct dext_slice *s = dx_code_slice(code);
    return strcmp(code->bundle_type, "DEXT") == 0 || (s && strcmp(s->platform, "DriverKit") == 0) ||
           (s && dx_get(s->entitlements, DX_ENT_BASE));
}

bool dx_is_distribution(enum dext_signer_kind kind)
{
    return kind == DEXT_SIGNER_DISTRIBUTION || kind == DEXT_SIGNER_DEVELOPER_ID ||
           dext_signer_delivers(kind);
}

static bool is_own_rule(const struct dext_sign_problem *p)
{
    static const char *const others[] = {"entitlements-differ", "chain-foreign", "chain-incomplete",
                                         "unsigned", "profile-broken"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (strcmp(p->name, others[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void signature_broken(struct dx_check *c, const struct dext_code *code)
{
    const struct dext_sign_problem *first = NULL;
    size_t count = 0;
    for (size_t i = 0; i < code->problem_count; i++) {
        const struct dext_sign_problem *p = &code->problems[i];
        if (p->level == DEXT_PROBLEM_BROKEN && !is_own_rule(p)) {
            first = first ? first : p;
            count++;
        }
    }
    if (!first) {
        return;
    }
    dx_find_in(c, DX_SIGNATURE_BROKEN, first->file, "", "%s%s%s%s", first->arch,
               first->arch[0] ? ": " : "", first->text,
               count > 1 ? dx_sprintf(&c->ctx->arena, ", and %zu more", count - 1) : "");
    dx_fix(c, "See dextctl signature %s for every place. %s", code->path,
           dext_rule_fix(dext_rule_at(DX_SIGNATURE_BROKEN)));
}

/* The hardened runtime is a process's: what is loaded into another one has none of its own (Apple
 * documentation, Hardened Runtime: executables). */
static bool needs_runtime(const struct dext_code *code)
{
    static const char *const others[] = {"KEXT", "FMWK", "BNDL"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (strcmp(code->bundle_type, others[i]) == 0) {
            return false;
        }
    }
    return true;
}

/* What the notary service asks of Developer ID. */
static void notary(struct dx_check *c, const struct dext_code *code, const struct dext_slice *s)
{
    const unsigned runtime = 0x10000; /* CS_RUNTIME, xnu osfmk/kern/cs_blobs.h */
    if (s->kind == DEXT_SIGNER_DEVELOPER_ID && !(s->flags & runtime) && needs_runtime(code)) {
        dx_find_in(c, DX_HARDENED_RUNTIME_MISSING, signature_shown(code), "",
                   "signed with Developer ID, without the hardened runtime");
    }
    if (s->kind == DEXT_SIGNER_DEVELOPER_ID && !s->timestamp) {
        dx_find_in(c, DX_TIMESTAMP_MISSING, signature_shown(code), "",
                   "signed with Developer ID, without a secure timestamp");
    }
    static const char *const names[] = {"com.apple.security.get-task-allow", "get-task-allow"};
    for (size_t i = 0; dx_is_distribution(s->kind) && i < sizeof names / sizeof *names; i++) {
        const struct dext_node *n = dx_get(s->entitlements, names[i]);
        if (n && !(n->kind == DEXT_BOOL && !n->boolean)) {
            dx_find_in(c, DX_DEBUGGABLE_DISTRIBUTION, signature_shown(code), names[i],
                       "signed with %s, and has %s", dext_signer_words(s->kind), names[i]);
        }
    }
}

static void copies(struct dx_check *c, const struct dext_code *code, const struct dext_slice *s)
{
    if (s->der == DEXT_ENTITLEMENTS_NO_DER && s->entitlements_xml &&
        s->kind >= DEXT_SIGNER_UNKNOWN) {
        dx_find_in(c, DX_ENTITLEMENTS_DER_MISSING, signature_shown(code), "",
                   "the signature has no DER copy of its entitlements");
    }
    if (s->difference_count) {
        dx_find_in(c, DX_ENTITLEMENTS_DER_DIFFERS, signature_shown(code), s->differences[0],
                   "%s%s is not the same in the property list and in the DER", s->differences[0],
                   s->difference_count > 1 ? ", with others," : "");
    }
}

static bool same_entitlements(const struct dext_slice *a, const struct dext_slice *b)
{
    return a->entitlements == b->entitlements || dx_node_equal(a->entitlements, b->entitlements);
}

static void signature_slices(struct dx_check *c, const struct dext_code *code,
                             const struct dext_slice *first)
{
    for (size_t i = 0; i < code->slice_count; i++) {
        const struct dext_slice *s = &code->slices[i];
        if (!s->fault[0] && s->kind != DEXT_SIGNER_NONE && !same_entitlements(first, s)) {
            dx_find_in(c, DX_SLICES_DIFFER, signature_shown(code), "",
                       "the slices %s and %s are signed with different entitlements", first->arch,
                       s->arch);
            return;
        }
    }
}

static void who(struct dx_check *c, const struct dext_code *code, const struct dext_slice *s)
{
    switch (s->kind) {
    case DEXT_SIGNER_NONE:
        dx_find_in(c, DX_NOT_SIGNED, signature_shown(code), "", "it is not signed");
        break;
    case DEXT_SIGNER_AD_HOC:
        dx_find_in(c, DX_AD_HOC_SIGNED, signature_shown(code), "",
                   "signed ad hoc: nothing grants it its entitlements");
        break;
    case DEXT_SIGNER_LINKER:
        dx_find_in(c, DX_AD_HOC_SIGNED, signature_shown(code), "",
                   "signed by the linker only, which is ad hoc and without entitlements");
        break;
    case DEXT_SIGNER_UNKNOWN:
    case DEXT_SIGNER_FOREIGN:
        dx_find_in(c, DX_SIGNATURE_NOT_APPLE, signature_shown(code), "", "%s",
                   s->trust[0] ? s->trust : dext_signer_words(s->kind));
        break;
    case DEXT_SIGNER_APPLE_OTHER:
        dx_find_in(c, DX_CERTIFICATE_KIND, signature_shown(code), "",
                   "signed with a certificate \"%s\"", s->chain_count ? s->chain[0].kind : "");
        break;
    default:
        break;
    }
}

void dx_check_signature(struct dx_check *c)
{
    const struct dext_code *code = c->unit->code;
    const struct dext_slice *s = dx_code_slice(code);
    if (!s) {
        return;
    }
    who(c, code, s);
    if (code->verified) {
        signature_broken(c, code);
    }
    if (s->kind == DEXT_SIGNER_NONE) {
        return;
    }
    notary(c, code, s);
    copies(c, code, s);
    signature_slices(c, code, s);
    if (code->bundle_id[0] && s->identifier[0] && strcmp(code->bundle_id, s->identifier) != 0) {
        dx_find_in(c, DX_IDENTIFIER_NOT_BUNDLE_ID, signature_shown(code), "",
                   "the signature's identifier is \"%s\", the bundle's \"%s\"", s->identifier,
                   code->bundle_id);
    }
}
