/* DX521-DX533: the provisioning profile, and whether it grants what is claimed. The claims are
 * those of a signature, or of a .entitlements file that lies beside a profile. */
#include <string.h>

#include "know/variant.h"
#include "rules/code.h"

/* ---- the profile by itself ---------------------------------------------------------------- */

static void by_itself(struct dx_check *c, const struct dext_profile *p)
{
    if (p->trust != DEXT_PROFILE_TRUSTED) {
        dx_find_in(c, DX_PROFILE_NOT_APPLE, p->path, "", "the profile is not to be trusted: %s",
                   p->trust_reason);
    }
    if (c->unit->now && p->expires && c->unit->now >= p->expires) {
        dx_find_in(c, DX_PROFILE_EXPIRED, p->path, "ExpirationDate", "the profile has expired");
    }
    if (c->unit->now && p->created > c->unit->now) {
        dx_find_in(c, DX_PROFILE_NOT_YET_VALID, p->path, "CreationDate",
                   "the profile is valid from a later day on");
    }
    if (p->der == DEXT_DER_DIFFERENT || p->der == DEXT_DER_UNREADABLE) {
        dx_find_in(c, DX_PROFILE_DER_DIFFERS, p->path, "DER-Encoded-Profile",
                   p->der == DEXT_DER_DIFFERENT ? "its two copies say different things: %s"
                                                : "its DER copy does not count: %s",
                   p->der == DEXT_DER_DIFFERENT && p->difference_count ? p->differences[0]
                                                                       : p->der_reason);
    }
    static const char *const lists[] = {DX_ENT_USB, DX_ENT_PCI};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const struct dext_node *n = dx_get_kind(p->entitlements, lists[i], DEXT_ARRAY);
        if (n && !n->child) {
            dx_find_in(c, DX_PROFILE_EMPTY_GRANT, p->path,
                       dx_sprintf(&c->ctx->arena, "Entitlements/%s", lists[i]),
                       "it grants %s with nothing in it", lists[i]);
        }
    }
}

bool dx_unit_is_ios(const struct dx_unit *unit)
{
    return unit->bundle ? unit->bundle->ios_layout : unit->ios;
}

bool dx_profile_is_ios(const struct dext_profile *p)
{
    for (size_t i = 0; i < p->platform_count; i++) {
        if (strcmp(p->platforms[i], "OSX") == 0) {
            return false;
        }
    }
    return p->platform_count > 0;
}

/* ---- against the signature ----------------------------------------------------------------- */

static bool names_platform(const struct dext_profile *p, const char *platform)
{
    for (size_t i = 0; i < p->platform_count; i++) {
        if (strcmp(p->platforms[i], platform) == 0) {
            return true;
        }
    }
    return p->platform_count == 0; /* profiles before 2014 do not say */
}

static void profile_certificate(struct dx_check *c, const struct dext_profile *p,
                                const struct dext_slice *s)
{
    const struct dext_certificate *signer = s->chain_count ? &s->chain[0] : NULL;
    if (!signer || s->kind < DEXT_SIGNER_DEVELOPMENT || dext_signer_delivers(s->kind) ||
        s->kind == DEXT_SIGNER_APPLE) {
        return;
    }
    for (size_t i = 0; i < p->certificate_count; i++) {
        if (strcmp(p->certificates[i].sha256, signer->sha256) == 0) {
            return;
        }
    }
    dx_find_in(c, DX_PROFILE_CERTIFICATE, p->path, "DeveloperCertificates",
               "the signing certificate \"%s\" is none of the profile's %zu (%s)",
               signer->common_name, p->certificate_count, p->kind_words);
}

/* id: "ABCDE12345.com.example.driver", against one that may end in "*". */
static bool id_covers(const char *granted, const char *id)
{
    size_t n = strlen(granted);
    return n && granted[n - 1] == '*' ? strncmp(granted, id, n - 1) == 0 : strcmp(granted, id) == 0;
}

static const char *claimed_app_id(const struct dext_node *claims)
{
    const struct dext_node *n = dx_get(claims, "com.apple.application-identifier");
    n = n ? n : dx_get(claims, "application-identifier");
    return dx_is_literal(n) ? n->text.p : NULL;
}

static void app_id(struct dx_check *c, const struct dext_profile *p, const struct dext_node *claims,
                   const char *bundle_id)
{
    const char *claim = claimed_app_id(claims), *id = claim;
    if (!p->app_id[0] || (!id && (!bundle_id[0] || !p->prefix[0]))) {
        return;
    }
    id = id ? id : dx_sprintf(&c->ctx->arena, "%s.%s", p->prefix, bundle_id);
    if (!id_covers(p->app_id, id)) {
        dx_find_in(c, DX_PROFILE_APP_ID, p->path, "Entitlements/com.apple.application-identifier",
                   "the profile is for %s, this is %s", p->app_id, id);
    } else if (claim && bundle_id[0] && p->prefix[0] &&
               strcmp(id, dx_sprintf(&c->ctx->arena, "%s.%s", p->prefix, bundle_id)) != 0) {
        dx_find_in(c, DX_PROFILE_APP_ID, c->unit->code->executable,
                   "com.apple.application-identifier", "it claims to be %s, and is %s.%s", claim,
                   p->prefix, bundle_id);
        dx_severity(c, DEXT_WARNING);
        dx_why(c, "A profile with a wildcard covers both names, so this passes; what is granted by "
                  "name is then granted to the name that is claimed.");
        dx_fix(c, "Claim the prefix, a point and the bundle's identifier.");
    }
}

static void against_signature(struct dx_check *c, const struct dext_profile *p,
                              const struct dext_slice *s)
{
    const char *platform = dx_unit_is_ios(c->unit) ? "iOS" : "OSX";
    if (s->team[0] && p->team[0] && strcmp(s->team, p->team) != 0) {
        dx_find_in(c, DX_PROFILE_TEAM, p->path, "TeamIdentifier",
                   "the profile is of team %s, the signature of %s", p->team, s->team);
    }
    if (!names_platform(p, platform)) {
        dx_find_in(c, DX_PROFILE_PLATFORM, p->path, "Platform", "the profile is for %s, not for %s",
                   p->platforms[0], platform);
    }
    profile_certificate(c, p, s);
}

/* ---- claims against grants ----------------------------------------------------------------- */

static bool is_hardware(struct dx_str key)
{
    return dx_str_is(key, DX_ENT_USB) || dx_str_is(key, DX_ENT_PCI);
}

static void other_value(struct dx_check *c, const struct dext_profile *p,
                        const struct dext_node *claim, enum dx_grant how)
{
    const struct dext_node *grant = dx_get(p->entitlements, claim->key.p);
    bool wild = dx_variant_of(claim->key, grant) == DX_VARIANT_DEVELOPMENT;
    bool claims_wild = dx_variant_of(claim->key, claim) == DX_VARIANT_DEVELOPMENT;
    if (wild && !claims_wild && is_hardware(claim->key)) {
        dx_fix(c,
               "For development, claim the wildcard as the profile has it. For distribution, embed "
               "a profile with the approved value: made by hand, since automatic signing does not "
               "do it.");
    } else if (claims_wild) {
        dx_fix(c,
               "The wildcard is for development. Claim what the profile grants: give the Release "
               "configuration a .entitlements file of its own.");
    }
    if (how == DX_GRANT_NARROWER) {
        dx_severity(c, DEXT_WARNING);
        dx_why(c, "The profile grants the vendor, the claim adds keys to it. With a wildcard grant "
                  "such a claim is refused; with a vendor's it has not been measured.");
        dx_fix(c, "Claim exactly what the profile grants.");
    }
}

static void claim_one(struct dx_check *c, const struct dext_profile *p,
                      const struct dext_node *claim)
{
    enum dx_grant how = dx_granted(claim, p->entitlements, dx_unit_is_ios(c->unit));
    struct dx_target at = dx_at_key(claim);
    bool id = dx_str_is(claim->key, "application-identifier") ||
              dx_str_is(claim->key, "com.apple.application-identifier");
    if (how == DX_GRANT_FREE || how == DX_GRANT_YES || (id && how == DX_GRANT_OTHER) ||
        dx_has_placeholder(claim->text)) {
        return; /* another app id is DX525 */
    }
    if (how == DX_GRANT_NO) {
        dx_find(c, DX_ENTITLEMENT_NOT_GRANTED, at, "%s is not granted by %s", claim->key.p,
                p->path);
        if (dx_str_is(claim->key, DX_ENT_COMMUNICATES) && !dx_unit_is_ios(c->unit)) {
            dx_fix(c, "Remove it: only iPadOS knows this key. On a Mac " DX_ENT_CLIENT
                      " lists the drivers that the app may open.");
        }
    } else {
        dx_find(c, DX_ENTITLEMENT_VALUE_NOT_GRANTED, at, "%s is granted by %s with another value",
                claim->key.p, p->path);
        other_value(c, p, claim, how);
    }
}

static void claims(struct dx_check *c, const struct dext_profile *p, const struct dext_node *root)
{
    for (const struct dext_node *n = root->child; n; n = n->next) {
        if (!n->overridden) {
            claim_one(c, p, n);
        }
    }
}

static bool any_restricted(const struct dext_node *root, bool ios)
{
    for (const struct dext_node *n = root ? root->child : NULL; n; n = n->next) {
        if (dx_granted(n, NULL, ios) != DX_GRANT_FREE) {
            return true;
        }
    }
    return false;
}

/* The wildcard passes, since the profile has it, in a build that goes to others. */
static void profile_wildcard(struct dx_check *c, const struct dext_profile *p,
                             const struct dext_slice *s)
{
    static const char *const keys[] = {DX_ENT_USB, DX_ENT_PCI};
    for (size_t i = 0; dx_is_distribution(s->kind) && i < sizeof keys / sizeof *keys; i++) {
        const struct dext_node *n = dx_get(s->entitlements, keys[i]);
        if (n && dx_granted(n, p->entitlements, dx_unit_is_ios(c->unit)) == DX_GRANT_YES &&
            dx_variant_of(n->key, n) == DX_VARIANT_DEVELOPMENT) {
            dx_find(c, DX_WILDCARD_IN_DISTRIBUTION, dx_at_key(n),
                    "signed with %s, and claims all hardware", dext_signer_words(s->kind));
        }
    }
}

/* Slices whose claims are not the first one's, which are checked with their places. */
static void other_slices(struct dx_check *c, const struct dext_profile *p,
                         const struct dext_code *code, const struct dext_slice *first)
{
    for (size_t i = 0; i < code->slice_count; i++) {
        const struct dext_slice *s = &code->slices[i];
        bool other = s != first && !s->fault[0] && s->entitlements &&
                     !(first->entitlements && dx_node_equal(s->entitlements, first->entitlements));
        for (const struct dext_node *n = other ? s->entitlements->child : NULL; n; n = n->next) {
            enum dx_grant how = dx_granted(n, p->entitlements, dx_unit_is_ios(c->unit));
            if (how == DX_GRANT_NO || how == DX_GRANT_OTHER) {
                dx_find_in(c,
                           how == DX_GRANT_NO ? DX_ENTITLEMENT_NOT_GRANTED
                                              : DX_ENTITLEMENT_VALUE_NOT_GRANTED,
                           code->executable, n->key.p, "slice %s: %s is not granted%s by %s",
                           s->arch, n->key.p, how == DX_GRANT_NO ? "" : " with this value",
                           p->path);
            }
        }
    }
}

static bool needs_profile(const struct dext_slice *s, bool ios)
{
    return (s->kind == DEXT_SIGNER_DEVELOPMENT || s->kind == DEXT_SIGNER_DEVELOPER_ID ||
            s->kind == DEXT_SIGNER_DISTRIBUTION) &&
           any_restricted(s->entitlements, ios);
}

static bool unreadable_profile(struct dx_check *c, const struct dext_code *code)
{
    for (size_t i = 0; i < code->problem_count; i++) {
        if (strcmp(code->problems[i].name, "profile-unreadable") == 0) {
            dx_find_in(c, DX_PROFILE_NOT_APPLE, code->problems[i].file, "", "%s",
                       code->problems[i].text);
            return true;
        }
    }
    return false;
}

static void profile_of_code(struct dx_check *c, const struct dext_code *code)
{
    const struct dext_slice *s = dx_code_slice(code);
    const struct dext_profile *p = c->unit->profile;
    if (!s) {
        return;
    }
    if (!p) {
        if (unreadable_profile(c, code)) {
            return;
        }
        /* A program that was given by itself may be the main one of a bundle with a profile. */
        if (needs_profile(s, dx_unit_is_ios(c->unit)) && (code->bundle || code->name[0])) {
            dx_find_in(c, DX_PROFILE_MISSING, code->path, "",
                       code->bundle ? "it claims restricted entitlements, and has no provisioning "
                                      "profile"
                                    : "it claims restricted entitlements, and only a bundle has "
                                      "a place for the profile that would grant them");
            if (!code->bundle) {
                dx_fix(c, "Wrap the program in a bundle like an app's, with a profile in it; or "
                          "remove the claims.");
            }
        }
        return;
    }
    by_itself(c, p);
    if (s->kind == DEXT_SIGNER_NONE) {
        return;
    }
    against_signature(c, p, s);
    app_id(c, p, s->entitlements, code->bundle_id);
    profile_wildcard(c, p, s);
    other_slices(c, p, code, s);
}

void dx_check_profile(struct dx_check *c)
{
    const struct dext_profile *p = c->unit->profile;
    if (c->unit->code) {
        profile_of_code(c, c->unit->code);
    } else if (p && !p->error) {
        by_itself(c, p);
    }
    for (size_t i = 0; p && !p->error && i < c->unit->entitlement_count; i++) {
        const struct dx_doc *doc = c->unit->entitlements[i];
        if (doc->pl->root && doc->pl->root->kind == DEXT_DICT) {
            c->doc = doc;
            claims(c, p, doc->pl->root);
        }
    }
    c->doc = c->unit->info;
}
