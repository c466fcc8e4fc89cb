/* What the build can be used for, in one sentence. */
#include <string.h>

#include "rules/code.h"
#include "rules/rights.h"
#include "rules/variant.h"

const char *dext_purpose_name(enum dext_purpose purpose)
{
    static const char *const names[] = {
        [DEXT_PURPOSE_NONE] = "none",
        [DEXT_PURPOSE_UNKNOWN] = "unknown",
        [DEXT_PURPOSE_DEVELOPMENT] = "development",
        [DEXT_PURPOSE_DEVELOPER_ID] = "developer-id",
        [DEXT_PURPOSE_APP_STORE] = "app-store",
        [DEXT_PURPOSE_APPLE] = "apple",
    };
    return names[purpose];
}

static enum dext_purpose of_signer(enum dext_signer_kind kind)
{
    switch (kind) {
    case DEXT_SIGNER_DEVELOPMENT:
        return DEXT_PURPOSE_DEVELOPMENT;
    case DEXT_SIGNER_DEVELOPER_ID:
        return DEXT_PURPOSE_DEVELOPER_ID;
    case DEXT_SIGNER_DISTRIBUTION:
    case DEXT_SIGNER_STORE:
        return DEXT_PURPOSE_APP_STORE;
    case DEXT_SIGNER_APPLE:
        return DEXT_PURPOSE_APPLE;
    default:
        return DEXT_PURPOSE_NONE;
    }
}

static enum dext_purpose of_profile(const struct dext_profile *p)
{
    switch (p->kind) {
    case DEXT_PROFILE_DEVELOPMENT:
        return DEXT_PURPOSE_DEVELOPMENT;
    case DEXT_PROFILE_DEVELOPER_ID:
        return DEXT_PURPOSE_DEVELOPER_ID;
    case DEXT_PROFILE_APP_STORE:
        return DEXT_PURPOSE_APP_STORE;
    default:
        return DEXT_PURPOSE_UNKNOWN;
    }
}

/* What is broken stands in a file of its own, often not the program. */
static const char *reason(const struct dx_subject *s, struct dext_ctx *ctx,
                          const struct dext_finding *f)
{
    bool elsewhere =
        f->rule == dext_rule_at(DX_SIGNATURE_BROKEN) && strcmp(f->file, s->pub.executable) != 0;
    return elsewhere ? dx_sprintf(&ctx->arena, "%s: %s", dx_path_name(f->file), f->message)
                     : f->message;
}

/* The findings that stand in the way, at most three of them in words. */
static const char *reasons(const struct dx_subject *s, struct dext_ctx *ctx)
{
    const char *text = "";
    size_t told = 0, count = 0;
    for (size_t i = 0; i < s->pub.finding_count; i++) {
        const struct dext_finding *f = &s->pub.findings[i];
        if (f->severity != DEXT_ERROR) {
            continue;
        }
        if (told < 3) {
            text = dx_sprintf(&ctx->arena, "%s%s%s", text, told++ ? "; " : "", reason(s, ctx, f));
        }
        count++;
    }
    return count > told ? dx_sprintf(&ctx->arena, "%s; and %zu more", text, count - told) : text;
}

static const char *devices(const struct dx_subject *s, struct dext_ctx *ctx)
{
    const struct dext_profile *p = s->pub.profile;
    if (!p || p->error || p->all_devices || p->device_count == 0) {
        return "on any Mac of the team";
    }
    return dx_sprintf(&ctx->arena, "on the %zu device%s that the profile lists", p->device_count,
                      p->device_count == 1 ? "" : "s");
}

static bool notarized(const struct dx_subject *s)
{
    const struct dext_code *host =
        s->build && s->pub.code ? dx_build_host(s->build, s->pub.code) : NULL;
    return s->pub.code->ticket || (host && host->ticket);
}

/* "be run for development on ...": to follow "can" or "cannot". */
static const char *use(const struct dx_subject *s, struct dext_ctx *ctx, bool possible)
{
    switch (s->pub.purpose) {
    case DEXT_PURPOSE_DEVELOPMENT:
        return possible ? dx_sprintf(&ctx->arena, "be run for development %s", devices(s, ctx))
                        : "be run for development";
    case DEXT_PURPOSE_DEVELOPER_ID:
        if (!possible || !s->pub.code) {
            return "be distributed with Developer ID";
        }
        return notarized(s)
                   ? "be distributed with Developer ID: a notarization ticket is stapled"
                   : "be distributed with Developer ID, once it is notarized (no ticket is "
                     "stapled to it)";
    case DEXT_PURPOSE_APP_STORE:
        return "be distributed in the App Store";
    default:
        return "be run";
    }
}

static void of_code(struct dx_subject *s, struct dext_ctx *ctx)
{
    const struct dext_slice *slice = dx_code_slice(s->pub.code);
    enum dext_signer_kind kind = slice ? slice->kind : DEXT_SIGNER_NONE;
    const char *why = reasons(s, ctx);
    s->pub.purpose = of_signer(kind);
    s->pub.possible = s->pub.purpose != DEXT_PURPOSE_NONE && !why[0];
    if (kind == DEXT_SIGNER_NONE) {
        s->pub.verdict = "This build cannot be run at all, because it is not signed.";
    } else if (kind == DEXT_SIGNER_AD_HOC || kind == DEXT_SIGNER_LINKER) {
        bool plain = !s->driver && !s->pub.right_count;
        s->pub.possible = plain && !why[0];
        s->pub.verdict =
            plain ? "This program is signed ad hoc, and claims nothing that would need more."
                  : "This build cannot be run at all on a Mac as it is shipped, because it is "
                    "signed ad hoc: nothing grants it its entitlements.";
    } else if (kind == DEXT_SIGNER_STORE && !why[0]) {
        s->pub.verdict = "This build comes from the App Store, which signed it.";
    } else if (kind == DEXT_SIGNER_APPLE) {
        s->pub.possible = true;
        s->pub.verdict = "This is Apple's own.";
    } else if (s->pub.purpose == DEXT_PURPOSE_NONE) {
        s->pub.verdict = dx_sprintf(&ctx->arena, "This build cannot be run at all, because %s.",
                                    why[0] ? why : dext_signer_words(kind));
    } else {
        s->pub.verdict = s->pub.possible
                             ? dx_sprintf(&ctx->arena, "This build can %s.", use(s, ctx, true))
                             : dx_sprintf(&ctx->arena, "This build cannot %s, because %s.",
                                          use(s, ctx, false), why);
    }
}

static void of_profile_alone(struct dx_subject *s, struct dext_ctx *ctx)
{
    const char *why = reasons(s, ctx);
    const char *what = s->file ? "A build signed with these entitlements and this profile"
                               : "A build with this profile";
    s->pub.purpose = of_profile(s->pub.profile);
    s->pub.possible = !why[0] && s->pub.purpose != DEXT_PURPOSE_UNKNOWN;
    if (s->pub.purpose == DEXT_PURPOSE_UNKNOWN && !why[0]) {
        s->pub.verdict = dx_sprintf(&ctx->arena,
                                    "%s is for none of development, Developer ID and the App Store "
                                    "on a Mac (%s).",
                                    what, s->pub.profile->kind_words);
        return;
    }
    s->pub.verdict =
        s->pub.possible
            ? dx_sprintf(&ctx->arena, "%s can %s.", what, use(s, ctx, true))
            : dx_sprintf(&ctx->arena, "%s cannot %s, because %s.", what, use(s, ctx, false), why);
}

static void of_file(struct dx_subject *s, struct dext_ctx *ctx)
{
    const char *why = reasons(s, ctx);
    enum dx_variant v = s->file ? dx_variant_of_all(s->file->pl->root) : DX_VARIANT_EITHER;
    s->pub.purpose = DEXT_PURPOSE_UNKNOWN;
    s->pub.possible = !why[0];
    if (!s->file) {
        s->pub.verdict = "The driver needs these entitlements; nothing that was given claims or "
                         "grants one.";
    } else if (why[0]) {
        s->pub.verdict = dx_sprintf(
            &ctx->arena, "A build signed with these entitlements cannot be run at all, because %s.",
            why);
    } else if (v == DX_VARIANT_DEVELOPMENT) {
        s->pub.purpose = DEXT_PURPOSE_DEVELOPMENT;
        s->pub.verdict = "A build signed with these entitlements can be run for development; for "
                         "distribution they would have to name the hardware.";
    } else if (v == DX_VARIANT_MIXED) {
        s->pub.verdict = "These entitlements fit a profile only that grants both variants, the "
                         "wildcard and the hardware that is named.";
    } else if (v == DX_VARIANT_APPROVED) {
        s->pub.verdict =
            "A build signed with these entitlements can be distributed, with a profile "
            "that grants these very values; a development profile grants other ones.";
    } else {
        s->pub.verdict = "A build signed with these entitlements can be run for development and "
                         "distributed: whichever its profile and certificate are for.";
    }
}

void dx_rights_verdict(struct dx_subject *s, struct dext_ctx *ctx)
{
    if (s->pub.code) {
        of_code(s, ctx);
    } else if (s->pub.profile && !s->pub.profile->error) {
        of_profile_alone(s, ctx);
    } else {
        of_file(s, ctx);
    }
}
