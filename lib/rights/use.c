#include "rights/use.h"

#include <string.h>

#include "rules/code.h"

/* ---- words ---------------------------------------------------------------------------------- */

unsigned dx_use_best(unsigned uses)
{
    static const unsigned order[] = {DX_USE_APPLE,       DX_USE_STORE,    DX_USE_DEVELOPER_ID,
                                     DX_USE_SUBMIT,      DX_USE_IN_HOUSE, DX_USE_AD_HOC,
                                     DX_USE_DEVELOPMENT, DX_USE_LOCAL};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        if (uses & order[i]) {
            return order[i];
        }
    }
    return 0;
}

enum dext_purpose dx_use_purpose(unsigned use)
{
    switch (use) {
    case DX_USE_APPLE:
        return DEXT_PURPOSE_APPLE;
    case DX_USE_STORE:
    case DX_USE_SUBMIT:
        return DEXT_PURPOSE_APP_STORE;
    case DX_USE_DEVELOPER_ID:
        return DEXT_PURPOSE_DEVELOPER_ID;
    case DX_USE_IN_HOUSE:
        return DEXT_PURPOSE_IN_HOUSE;
    case DX_USE_AD_HOC:
        return DEXT_PURPOSE_AD_HOC;
    case DX_USE_DEVELOPMENT:
        return DEXT_PURPOSE_DEVELOPMENT;
    case DX_USE_LOCAL:
        return DEXT_PURPOSE_LOCAL;
    default:
        return DEXT_PURPOSE_NONE;
    }
}

static const char *use_devices(struct dext_ctx *ctx, size_t devices, bool ios)
{
    return devices ? dx_sprintf(&ctx->arena, "on the %zu device%s that the profile lists", devices,
                                devices == 1 ? "" : "s")
                   : (ios ? "on the team's devices" : "on any Mac of the team");
}

const char *dx_use_words(struct dext_ctx *ctx, unsigned use, bool ios, size_t devices)
{
    switch (use) {
    case DX_USE_APPLE:
        return "be run: it is Apple's own";
    case DX_USE_STORE:
        return "be run: it comes from the App Store, which signed it";
    case DX_USE_DEVELOPER_ID:
        return "be distributed with Developer ID";
    case DX_USE_SUBMIT:
        return dx_sprintf(&ctx->arena, "be submitted to the %sApp Store", ios ? "" : "Mac ");
    case DX_USE_IN_HOUSE:
        return "be distributed within the organization (in-house)";
    case DX_USE_AD_HOC:
        return dx_sprintf(&ctx->arena, "be distributed ad hoc, %s", use_devices(ctx, devices, ios));
    case DX_USE_DEVELOPMENT:
        return dx_sprintf(&ctx->arena, "be run for development %s", use_devices(ctx, devices, ios));
    case DX_USE_LOCAL:
        return "be run on a Mac of your own";
    default:
        return "be run at all";
    }
}

/* ---- hindrances ----------------------------------------------------------------------------- */

void dx_use_hinder(struct dx_use *u, struct dext_ctx *ctx, unsigned uses, bool doubt,
                   const char *text)
{
    struct dx_hindrance *list = (struct dx_hindrance *)u->list, *same = NULL;
    for (size_t i = 0; i < u->count && !same; i++) {
        same = list[i].doubt == doubt && strcmp(list[i].text, text) == 0 ? &list[i] : NULL;
    }
    if (same) {
        same->uses |= uses;
    } else {
        *DX_PUSH(&ctx->arena, list, u->count, u->cap) = (struct dx_hindrance){uses, text, doubt};
        u->list = list;
    }
    if (doubt) {
        u->doubtful |= uses;
    } else {
        u->uses &= ~uses;
    }
}

/* ---- by certificate, profile, platform ---------------------------------------------------------
 */

/* Nobody vouches for it. */
static bool use_is_ad_hoc(enum dext_signer_kind kind)
{
    return kind == DEXT_SIGNER_AD_HOC || kind == DEXT_SIGNER_LINKER;
}

static unsigned use_on_mac(const struct dext_slice *s, const struct dext_profile *p)
{
    enum dext_signer_kind kind = s->kind;
    bool listed = p && !p->error && p->device_count; /* it runs there and nowhere else */
    switch (kind) {
    case DEXT_SIGNER_DEVELOPER_ID:
        return DX_USE_DEVELOPER_ID | DX_USE_DEVELOPMENT | DX_USE_LOCAL;
    case DEXT_SIGNER_DEVELOPMENT:
        return DX_USE_DEVELOPMENT | (listed ? 0 : DX_USE_LOCAL);
    case DEXT_SIGNER_DISTRIBUTION:
        return DX_USE_SUBMIT;
    case DEXT_SIGNER_AD_HOC:
    case DEXT_SIGNER_LINKER:
        return DX_USE_DEVELOPMENT | DX_USE_LOCAL;
    case DEXT_SIGNER_NONE: /* Macs with Apple's processors start nothing unsigned that is for them
                            */
        return strncmp(s->arch, "arm64", 5) == 0 ? 0 : DX_USE_DEVELOPMENT | DX_USE_LOCAL;
    default:
        return 0;
    }
}

/* Without a profile (a framework, a tool) the certificate alone decides. */
static unsigned use_on_ios(enum dext_signer_kind kind, const struct dext_profile *p)
{
    static const unsigned by_profile[] = {
        [DEXT_PROFILE_UNKNOWN] = 0,
        [DEXT_PROFILE_DEVELOPMENT] = DX_USE_DEVELOPMENT,
        [DEXT_PROFILE_AD_HOC] = DX_USE_AD_HOC,
        [DEXT_PROFILE_APP_STORE] = DX_USE_SUBMIT,
        [DEXT_PROFILE_DEVELOPER_ID] = 0,
        [DEXT_PROFILE_IN_HOUSE] = DX_USE_IN_HOUSE,
    };
    unsigned uses = kind == DEXT_SIGNER_DEVELOPMENT ? DX_USE_DEVELOPMENT
                    : kind == DEXT_SIGNER_DISTRIBUTION
                        ? DX_USE_AD_HOC | DX_USE_SUBMIT | DX_USE_IN_HOUSE
                        : 0;
    return p && !p->error ? uses & by_profile[p->kind] : uses;
}

static unsigned use_by_signer(const struct dext_slice *s, const struct dext_profile *p, bool ios)
{
    enum dext_signer_kind kind = s->kind;
    return kind == DEXT_SIGNER_APPLE    ? DX_USE_ALL
           : dext_signer_delivers(kind) ? DX_USE_STORE | DX_USE_LOCAL | DX_USE_DEVELOPMENT
           : ios                        ? use_on_ios(kind, p)
                                        : use_on_mac(s, p);
}

static const char *use_signer_text(struct dext_ctx *ctx, const struct dext_code *code,
                                   const struct dext_slice *s, const struct dext_profile *p,
                                   bool ios)
{
    const char *slice =
        code->slice_count > 1 ? dx_sprintf(&ctx->arena, "its slice %s is ", s->arch) : "it is ";
    if (s->kind == DEXT_SIGNER_NONE) {
        return dx_sprintf(&ctx->arena, "%snot signed", slice);
    }
    if (ios && p && !p->error && s->kind >= DEXT_SIGNER_DEVELOPMENT) {
        return dx_sprintf(&ctx->arena, "%ssigned with %s and has a profile for %s", slice,
                          dext_signer_words(s->kind), p->kind_words);
    }
    return dx_sprintf(&ctx->arena, "%ssigned %s%s", slice, use_is_ad_hoc(s->kind) ? "" : "with ",
                      dext_signer_words(s->kind));
}

static void use_slices(struct dx_use *u, struct dext_ctx *ctx, const struct dext_code *code,
                       const struct dext_profile *p, bool ios)
{
    for (size_t i = 0; i < code->slice_count; i++) {
        const struct dext_slice *s = &code->slices[i];
        unsigned uses = s->fault[0] ? 0 : use_by_signer(s, p, ios);
        u->aim |= uses;
        if (uses != DX_USE_ALL) {
            dx_use_hinder(u, ctx, DX_USE_ALL & ~uses, false,
                          s->fault[0] ? dx_sprintf(&ctx->arena, "its slice %s is damaged", s->arch)
                                      : use_signer_text(ctx, code, s, p, ios));
        }
    }
    bool plain = u->aim == (DX_USE_LOCAL | DX_USE_DEVELOPMENT);
    for (size_t i = 0; i < code->slice_count; i++) {
        plain = plain &&
                (use_is_ad_hoc(code->slices[i].kind) || code->slices[i].kind == DEXT_SIGNER_NONE);
    }
    u->aim = plain ? DX_USE_LOCAL : dx_use_best(u->aim);
}

/* ---- by findings ----------------------------------------------------------------------------- */

/* What codesign and Gatekeeper refuse, and the kernel does not look at. */
static unsigned use_taken_by_problem(const struct dext_sign_problem *p)
{
    static const char *const strict[] = {
        "bytes-behind", "bytes-between", "envelope-old", "link-broken",
        "link-outside", "root-unsealed", "rules-weak",   "signature-stray",
    };
    if (p->level != DEXT_PROBLEM_BROKEN || strcmp(p->name, "unsigned") == 0) {
        return 0;
    }
    for (size_t i = 0; i < sizeof strict / sizeof *strict; i++) {
        if (strcmp(p->name, strict[i]) == 0) {
            return DX_USE_ALL & ~(unsigned)(DX_USE_LOCAL | DX_USE_DEVELOPMENT);
        }
    }
    return DX_USE_ALL;
}

/* What is in the way of distribution alone: the notary service, the store. */
static unsigned use_taken_by(const struct dx_subject *s, const struct dext_finding *f)
{
    size_t i = 0;
    while (dext_rule_at(i) && dext_rule_at(i) != f->rule) {
        i++;
    }
    unsigned broken = 0;
    switch (i) {
    case DX_SIGNATURE_BROKEN:
        for (size_t k = 0; k < s->pub.code->problem_count && !s->driver; k++) {
            broken |= use_taken_by_problem(&s->pub.code->problems[k]);
        }
        return s->driver ? DX_USE_ALL : broken;
    case DX_HARDENED_RUNTIME_MISSING:
    case DX_TIMESTAMP_MISSING:
        return DX_USE_DEVELOPER_ID;
    case DX_DEBUGGABLE_DISTRIBUTION:
        return DX_USE_DEVELOPER_ID | DX_USE_SUBMIT | DX_USE_AD_HOC | DX_USE_IN_HOUSE;
    case DX_ENTITLEMENT_MISSING_BASE:      /* a warning in a file; in a signature nothing adds it */
    case DX_ENTITLEMENT_VALUE_NOT_GRANTED: /* as warnings: use_is_doubt */
    case DX_PROFILE_NOT_YET_VALID:
        return DX_USE_ALL;
    case DX_PROFILE_DER_DIFFERS: /* the copy that the system reads is not Apple's */
        return s->pub.profile->der == DEXT_DER_UNREADABLE ? DX_USE_ALL : 0;
    case DX_ENTITLEMENT_EMPTY_LIST: /* one of clients is the client's own business */
        return f->severity == DEXT_ERROR || strstr(f->message, DX_ENT_USB) ? DX_USE_ALL : 0;
    default:
        return f->severity == DEXT_ERROR ? DX_USE_ALL : 0;
    }
}

/* What is refused by all that is known, and by nothing that is published. */
static bool use_is_doubt(const struct dext_finding *f)
{
    return f->severity != DEXT_ERROR &&
           (f->rule == dext_rule_at(DX_ENTITLEMENT_VALUE_NOT_GRANTED) ||
            f->rule == dext_rule_at(DX_PROFILE_DER_DIFFERS) ||
            f->rule == dext_rule_at(DX_PROFILE_NOT_YET_VALID) ||
            f->rule == dext_rule_at(DX_ENTITLEMENT_EMPTY_LIST));
}

/* What is broken stands in a file of its own, often not the program. */
static const char *use_finding_text(const struct dx_subject *s, struct dext_ctx *ctx,
                                    const struct dext_finding *f)
{
    bool elsewhere =
        f->rule == dext_rule_at(DX_SIGNATURE_BROKEN) && strcmp(f->file, s->pub.executable) != 0;
    if (strncmp(f->message, "signed with ", 12) == 0) {
        return dx_sprintf(&ctx->arena, "it is %s", f->message);
    }
    const char *path = s->pub.profile ? s->pub.profile->path : NULL;
    const char *at = path ? strstr(f->message, path) : NULL;
    if (at) {
        return dx_sprintf(&ctx->arena, "%.*sits profile%s", (int)(at - f->message), f->message,
                          at + strlen(path));
    }
    return elsewhere ? dx_sprintf(&ctx->arena, "%s: %s", dx_path_name(f->file), f->message)
                     : f->message;
}

static void use_findings(struct dx_use *u, struct dext_ctx *ctx, const struct dx_subject *s)
{
    for (size_t i = 0; i < s->pub.finding_count; i++) {
        const struct dext_finding *f = &s->pub.findings[i];
        /* The rules are those of other teams; Apple's own code has to be whole. */
        bool apart = u->aim == DX_USE_APPLE && f->rule != dext_rule_at(DX_SIGNATURE_BROKEN);
        unsigned uses = apart ? 0 : use_taken_by(s, f);
        if (uses) {
            dx_use_hinder(u, ctx, uses, use_is_doubt(f), use_finding_text(s, ctx, f));
        }
    }
}

/* Code that nobody looks at more closely: what its signature has against it. */
static void use_problems(struct dx_use *u, struct dext_ctx *ctx, const struct dext_code *code)
{
    for (size_t i = 0; i < code->problem_count; i++) {
        unsigned uses = use_taken_by_problem(&code->problems[i]);
        if (uses) {
            dx_use_hinder(u, ctx, uses, false, code->problems[i].text);
        }
    }
}

/* An ad hoc signature grants nothing; without claims it does not matter on one's own Mac. */
static void use_ad_hoc_claims(struct dx_use *u, struct dext_ctx *ctx, const struct dx_subject *s)
{
    const struct dext_code *code = s->pub.code;
    for (size_t i = 0; i < code->slice_count; i++) {
        const struct dext_slice *slice = &code->slices[i];
        bool ad_hoc = use_is_ad_hoc(slice->kind);
        for (const struct dext_node *n = ad_hoc && slice->entitlements ? slice->entitlements->child
                                                                       : NULL;
             n; n = n->next) {
            if (dx_granted(n, NULL, s->ios) != DX_GRANT_FREE) {
                dx_use_hinder(u, ctx, DX_USE_ALL, false,
                              dx_sprintf(&ctx->arena, "%s, and nothing grants it %s",
                                         use_signer_text(ctx, code, slice, NULL, s->ios),
                                         n->key.p));
                break;
            }
        }
        if ((ad_hoc || slice->kind == DEXT_SIGNER_NONE) && s->driver && !slice->entitlements) {
            dx_use_hinder(u, ctx, DX_USE_ALL, false,
                          "it is a driver, and has no entitlements in its signature");
        }
    }
}

void dx_use_of_code(struct dx_use *out, struct dext_ctx *ctx, const struct dext_code *code,
                    const struct dx_subject *subject, bool ios)
{
    const struct dext_profile *p = subject ? subject->pub.profile : code->profile;
    *out = (struct dx_use){.uses = DX_USE_ALL};
    if (code->error) {
        dx_use_hinder(out, ctx, DX_USE_ALL, true, "it cannot be read");
        return;
    }
    if (code->form == DEXT_FORM_PACKAGE && code->slices[0].kind == DEXT_SIGNER_NONE) {
        dx_use_hinder(out, ctx, DX_USE_DEVELOPER_ID | DX_USE_SUBMIT, false,
                      "the package is not signed");
        return;
    }
    use_slices(out, ctx, code, p, ios);
    if (!subject) {
        use_problems(out, ctx, code);
        return;
    }
    use_ad_hoc_claims(out, ctx, subject);
    use_findings(out, ctx, subject);
}
