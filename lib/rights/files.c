/* What a build could be used for that is signed with loose files: entitlements, a profile. */
#include <string.h>

#include "know/variant.h"
#include "rights/use.h"
#include "rules/code.h"

const char *dext_purpose_name(enum dext_purpose purpose)
{
    static const char *const names[DEXT_PURPOSES] = {
        [DEXT_PURPOSE_NONE] = "none",
        [DEXT_PURPOSE_UNKNOWN] = "unknown",
        [DEXT_PURPOSE_DEVELOPMENT] = "development",
        [DEXT_PURPOSE_DEVELOPER_ID] = "developer-id",
        [DEXT_PURPOSE_APP_STORE] = "app-store",
        [DEXT_PURPOSE_APPLE] = "apple",
        [DEXT_PURPOSE_AD_HOC] = "ad-hoc",
        [DEXT_PURPOSE_IN_HOUSE] = "in-house",
        [DEXT_PURPOSE_LOCAL] = "local",
    };
    return names[purpose];
}

static unsigned files_use_of_profile(const struct dext_profile *p)
{
    static const unsigned uses[] = {
        [DEXT_PROFILE_UNKNOWN] = 0,
        [DEXT_PROFILE_DEVELOPMENT] = DX_USE_DEVELOPMENT,
        [DEXT_PROFILE_AD_HOC] = DX_USE_AD_HOC,
        [DEXT_PROFILE_APP_STORE] = DX_USE_SUBMIT,
        [DEXT_PROFILE_DEVELOPER_ID] = DX_USE_DEVELOPER_ID,
        [DEXT_PROFILE_IN_HOUSE] = DX_USE_IN_HOUSE,
    };
    return uses[p->kind];
}

/* Warnings that decide all the same: what is claimed there nobody grants, what is missing nothing
 * adds. */
static bool files_is_decisive(const struct dext_finding *f)
{
    return f->severity == DEXT_ERROR || f->rule == dext_rule_at(DX_ENTITLEMENT_MISSING_BASE) ||
           f->rule == dext_rule_at(DX_ENTITLEMENT_APPLE_ONLY);
}

/* The findings that stand in the way, at most three of them in words. */
static const char *files_reasons(const struct dx_subject *s, struct dext_ctx *ctx)
{
    const char *text = "";
    size_t told = 0, count = 0;
    for (size_t i = 0; i < s->pub.finding_count; i++) {
        const struct dext_finding *f = &s->pub.findings[i];
        if (!files_is_decisive(f) || f->severity == DEXT_NOTE) {
            continue;
        }
        if (told < 3) {
            text = dx_sprintf(&ctx->arena, "%s%s%s", text, told++ ? "; " : "", f->message);
        }
        count++;
    }
    return count > told ? dx_sprintf(&ctx->arena, "%s; and %zu more", text, count - told) : text;
}

static bool files_doubt(const struct dx_subject *s, const char **why)
{
    for (size_t i = 0; i < s->pub.finding_count; i++) {
        const struct dext_finding *f = &s->pub.findings[i];
        if (f->severity == DEXT_WARNING &&
            f->rule == dext_rule_at(DX_ENTITLEMENT_VALUE_NOT_GRANTED)) {
            *why = f->message;
            return true;
        }
    }
    return false;
}

/* The key that lets a debugger attach, which no way of distribution takes; NULL. */
static const char *files_debuggable(const struct dx_subject *s)
{
    static const char *const names[] = {"com.apple.security.get-task-allow", "get-task-allow"};
    for (size_t i = 0; s->file && i < sizeof names / sizeof *names; i++) {
        const struct dext_node *n = dx_get(s->file->pl->root, names[i]);
        if (n && !(n->kind == DEXT_BOOL && !n->boolean)) {
            return names[i];
        }
    }
    return NULL;
}

static const char *files_refusal(const struct dx_subject *s, struct dext_ctx *ctx, unsigned use)
{
    const char *why = files_reasons(s, ctx), *debug = files_debuggable(s);
    bool goes_out = use & ~(unsigned)(DX_USE_DEVELOPMENT | DX_USE_LOCAL);
    if (debug && goes_out) {
        why = dx_sprintf(&ctx->arena, "%s%s%s lets a debugger attach", why, why[0] ? "; " : "",
                         debug);
    }
    return why;
}

static void of_profile_alone(struct dx_subject *s, struct dext_ctx *ctx)
{
    const struct dext_profile *p = s->pub.profile;
    unsigned use = files_use_of_profile(p);
    const char *why = files_refusal(s, ctx, use), *doubt = NULL;
    const char *what = s->file ? "A build signed with these entitlements and this profile"
                               : "A build with this profile";
    const char *words = dx_use_words(ctx, use, s->ios, p->device_count);
    s->pub.purpose = use ? dx_use_purpose(use) : DEXT_PURPOSE_UNKNOWN;
    s->pub.possible = !why[0] && use && !files_doubt(s, &doubt);
    s->pub.verdict =
        !use && !why[0]
            ? dx_sprintf(
                  &ctx->arena,
                  "%s is for none of development, ad hoc, in-house, Developer ID and the App "
                  "Store: %s.",
                  what, p->why)
        : why[0] ? dx_sprintf(&ctx->arena, "%s cannot %s, because %s.", what,
                              use == DX_USE_DEVELOPMENT ? "be run for development" : words, why)
        : doubt  ? dx_sprintf(&ctx->arena, "It is not certain that %c%s can %s, because %s.", 'a',
                              what + 1, words, doubt)
                 : dx_sprintf(&ctx->arena, "%s can %s.", what, words);
}

static const char *files_variant_words(enum dx_variant v, bool debug)
{
    if (debug && v == DX_VARIANT_APPROVED) {
        return "A build signed with these entitlements can be run for development, with a profile "
               "that grants these very values (most development profiles grant the wildcard); "
               "get-task-allow keeps it from being distributed.";
    }
    if (debug && v != DX_VARIANT_MIXED) {
        return "A build signed with these entitlements can be run for development; get-task-allow "
               "keeps it from being distributed.";
    }
    switch (v) {
    case DX_VARIANT_DEVELOPMENT:
        return "A build signed with these entitlements can be run for development; for "
               "distribution they would have to name the hardware.";
    case DX_VARIANT_MIXED:
        return "These entitlements fit a profile only that grants both variants, the wildcard and "
               "the hardware that is named.";
    case DX_VARIANT_APPROVED:
        return "A build signed with these entitlements can be distributed, with a profile that "
               "grants these very values; a development profile grants other ones.";
    default:
        return "A build signed with these entitlements can be run for development and distributed: "
               "whichever its profile and certificate are for.";
    }
}

void dx_rights_verdict_of_files(struct dx_subject *s, struct dext_ctx *ctx)
{
    if (s->pub.profile && !s->pub.profile->error) {
        of_profile_alone(s, ctx);
        return;
    }
    const char *why = files_reasons(s, ctx);
    enum dx_variant v = s->file ? dx_variant_of_all(s->file->pl->root) : DX_VARIANT_EITHER;
    bool debug = files_debuggable(s) != NULL;
    s->pub.purpose = (debug && v != DX_VARIANT_MIXED) || v == DX_VARIANT_DEVELOPMENT
                         ? DEXT_PURPOSE_DEVELOPMENT
                         : DEXT_PURPOSE_UNKNOWN;
    s->pub.possible = !why[0];
    if (!s->file) {
        s->pub.verdict = "The driver needs these entitlements; nothing that was given claims or "
                         "grants one.";
    } else if (why[0]) {
        s->pub.purpose = DEXT_PURPOSE_UNKNOWN;
        s->pub.verdict = dx_sprintf(
            &ctx->arena, "A build signed with these entitlements cannot be run at all, because %s.",
            why);
    } else {
        s->pub.verdict = files_variant_words(v, debug);
    }
}
