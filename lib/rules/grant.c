/* Whether a profile grants a claim. Source: Apple TN3125, measured for arrays of dictionaries on
 * macOS 26 (stewartallen/smsc95xx-macos, reference/signing-entitlement-match.txt). */
#include <string.h>

#include "rules/code.h"

/* Keys without com.apple. that Apple's systems know all the same. */
static bool is_apples(struct dx_str key)
{
    static const char *const names[] = {"application-identifier", "keychain-access-groups",
                                        "aps-environment", "beta-reports-active"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (dx_str_is(key, names[i])) {
            return true;
        }
    }
    return dx_str_has_prefix(key, "com.apple.");
}

/* On a Mac the keys of the sandbox, of the hardened runtime and their like are free, all other keys
 * of Apple's need a grant; what other vendors call an entitlement means nothing to the system. On
 * iPadOS every claim needs one; the sandbox of a driver extension is its template's. */
bool dx_is_restricted(struct dx_str key, bool ios)
{
    if (ios) {
        return !dx_str_is(key, DX_ENT_SANDBOX);
    }
    return is_apples(key) && !dx_str_has_prefix(key, "com.apple.security.");
}

static bool string_granted(struct dx_str claim, struct dx_str grant)
{
    if (grant.n && grant.p[grant.n - 1] == '*') {
        return claim.n >= grant.n - 1 && memcmp(claim.p, grant.p, grant.n - 1) == 0;
    }
    return dx_str_eq(claim, grant);
}

/* Every entry of the grant stands in the claim, and it names a vendor by number. */
static bool narrower(const struct dext_node *claim, const struct dext_node *grant)
{
    int64_t vendor;
    if (claim->kind != DEXT_DICT || grant->kind != DEXT_DICT ||
        !dx_int(dx_get(grant, "idVendor"), &vendor)) {
        return false;
    }
    for (const struct dext_node *n = grant->child; n; n = n->next) {
        const struct dext_node *same = dx_get(claim, n->key.p);
        if (!same || !dx_node_equal(same, n)) {
            return false;
        }
    }
    return claim->count > grant->count;
}

static enum dx_grant element_granted(const struct dext_node *claim, const struct dext_node *array)
{
    enum dx_grant best = DX_GRANT_OTHER;
    for (const struct dext_node *g = array->child; g; g = g->next) {
        bool same = claim->kind == DEXT_STRING && g->kind == DEXT_STRING
                        ? string_granted(claim->text, g->text)
                        : dx_node_equal(claim, g);
        if (same) {
            return DX_GRANT_YES;
        }
        best = narrower(claim, g) ? DX_GRANT_NARROWER : best;
    }
    return best;
}

enum dx_grant dx_granted(const struct dext_node *claim, const struct dext_node *grants, bool ios)
{
    const struct dext_node *grant = dx_get(grants, claim->key.p);
    bool denied = claim->kind == DEXT_BOOL && !claim->boolean; /* nothing is asked for */
    if (!dx_is_restricted(claim->key, ios) || denied) {
        return DX_GRANT_FREE;
    }
    if (!grant) {
        return DX_GRANT_NO;
    }
    if (grant->kind == DEXT_ARRAY && claim->kind == DEXT_STRING) {
        return element_granted(claim, grant);
    }
    if (grant->kind != claim->kind) {
        return DX_GRANT_OTHER;
    }
    if (claim->kind == DEXT_STRING) {
        return string_granted(claim->text, grant->text) ? DX_GRANT_YES : DX_GRANT_OTHER;
    }
    if (claim->kind != DEXT_ARRAY) {
        return dx_node_equal(claim, grant) ? DX_GRANT_YES : DX_GRANT_OTHER;
    }
    enum dx_grant worst = DX_GRANT_YES;
    for (const struct dext_node *e = claim->child; e; e = e->next) {
        enum dx_grant g = element_granted(e, grant);
        worst = g == DX_GRANT_OTHER || worst == DX_GRANT_YES ? g : worst;
    }
    return worst;
}
