/* DX601, DX602, DX606, DX608-DX610, DX613-DX618, DX620, and DX103, DX105 outside the personalities:
 * what an Info.plist says of the bundle. What a build adds may be missing in a source file. */
#include <string.h>

#include "rules/engine.h"
#include "rules/kext_version.h"
#include "rules/types.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static bool has_prefix(const struct dext_node *n, const char *prefix)
{
    return dx_str_has_prefix(n->key, prefix);
}

/* Absent can mean unread only when the file was read to its end without a break. */
static bool info_whole(const struct dx_check *c)
{
    return !c->doc->pl->stopped && !dx_first_break(c->doc->pl);
}

static bool info_of_apple(const struct dx_check *c)
{
    struct dx_str id;
    return dx_bundle_id(c, &id) && dx_str_has_prefix(id, "com.apple.");
}

static bool info_is_blank(const struct dext_node *n)
{
    return n->kind == DEXT_STRING && dx_str_trim(n->text).n == 0;
}

/* Some key of root can only be a slip for this one. */
static bool info_misspelt(const struct dext_node *root, const char *key)
{
    for (const struct dext_node *n = root->child; n; n = n->next) {
        const struct kb_key *meant = dx_meant_key(n, 1U << KB_KEY_SCOPE_INFO);
        if (meant && dx_str_is(dx_str(kb_s(meant->key)), key)) {
            return true;
        }
    }
    return false;
}

/* ---- DX601 bundle-version, DX610 version-not-bumped ------------------------------------------ */

/* macOS 10.15 is the only system with DriverKit 19. */
static bool runs_on_10_15(struct dx_check *c, const struct dext_node *root)
{
    struct dx_str least;
    return dx_value(c, dx_get(root, "OSMinimumDriverKitVersion"), &least) &&
           dx_str_has_prefix(least, "19.");
}

static void bundle_version(struct dx_check *c, const struct dext_node *root, const char *key)
{
    const struct dext_node *n = dx_get(root, key);
    struct dx_str text;
    if (!dx_value(c, n, &text)) {
        return;
    }
    const char *fault = dx_kext_version_fault(text, DX_KEXT_VERSION_DIGITS, NULL);
    if (fault) {
        dx_find(c, DX_BUNDLE_VERSION, dx_at(n),
                "%s \"%.*s\" %s, so it is no version of a kernel extension", key, (int)text.n,
                text.p, fault);
        if (dx_str_is(n->key, "OSBundleCompatibleVersion")) {
            dx_why(c,
                   "The kernel refuses a bundle whose OSBundleCompatibleVersion it cannot read.");
        }
        return;
    }
    fault = dx_kext_version_fault(text, DX_KEXT_VERSION_DIGITS_10_15, NULL);
    if (fault && runs_on_10_15(c, root)) {
        dx_find(c, DX_BUNDLE_VERSION, dx_at(n), "%s \"%.*s\" %s, which macOS 10.15 refuses", key,
                (int)text.n, text.p, fault);
        dx_severity(c, DEXT_WARNING);
    }
}

/* A version for people that moved on beside one for the system that never did. */
static void not_bumped(struct dx_check *c, const struct dext_node *root)
{
    const struct dext_node *n = dx_get(root, "CFBundleVersion");
    struct dx_str build, shown;
    int64_t build_value, shown_value, one;
    (void)dx_kext_version_fault(DX_STR("1"), DX_KEXT_VERSION_DIGITS, &one);
    if (dx_is_literal(n) && dx_value(c, n, &build) &&
        dx_value(c, dx_get(root, "CFBundleShortVersionString"), &shown) &&
        !dx_kext_version_fault(build, DX_KEXT_VERSION_DIGITS, &build_value) &&
        !dx_kext_version_fault(shown, DX_KEXT_VERSION_DIGITS, &shown_value) && build_value == one &&
        shown_value > one) {
        dx_find(c, DX_VERSION_NOT_BUMPED, dx_at(n),
                "CFBundleVersion is still %.*s although CFBundleShortVersionString is %.*s",
                (int)build.n, build.p, (int)shown.n, shown.p);
    }
}

/* ---- DX602 package-type, DX613 missing-info-key, DX606 usage-description-missing ------------ */

static void package_type(struct dx_check *c, const struct dext_node *root)
{
    const struct dext_node *n = dx_get(root, "CFBundlePackageType");
    struct dx_str type;
    if (!n && dx_is_final(c) && info_whole(c) && !info_misspelt(root, "CFBundlePackageType")) {
        dx_find(c, DX_PACKAGE_TYPE, dx_at(root), "%s no CFBundlePackageType",
                c->unit->built ? "the bundle has" : "there is");
    } else if (dx_value(c, n, &type) && !dx_str_is(type, "DEXT")) {
        dx_find(c, DX_PACKAGE_TYPE, dx_at(n), "CFBundlePackageType is \"%.*s\", not DEXT",
                (int)type.n, type.p);
        if (dx_is_literal(n) && (dx_str_is(type, "KEXT") || dx_str_is(type, "SYSX"))) {
            dx_edit_replace_text(c, n, "DEXT");
        }
    }
}

static void missing_keys(struct dx_check *c, const struct dext_node *root)
{
    static const char *const keys[] = {"CFBundleIdentifier", "CFBundleVersion",
                                       "CFBundleShortVersionString"};
    const char *absent = NULL; /* of a target: told together, the build adds none of them */
    for (size_t i = 0; i < COUNT(keys) && dx_is_final(c) && info_whole(c); i++) {
        const struct dext_node *n = dx_get(root, keys[i]);
        bool versions_fault = n && i == 1; /* an empty version is bundle-version's */
        if ((n && !info_is_blank(n)) || versions_fault || info_misspelt(root, keys[i])) {
            continue;
        }
        if (c->unit->built) {
            dx_find(c, DX_MISSING_INFO_KEY, n ? dx_at(n) : dx_at(root), "the bundle has %s %s",
                    n ? "an empty" : "no", keys[i]);
        } else {
            absent = absent ? dx_sprintf(&c->ctx->arena, "%s, %s", absent, keys[i]) : keys[i];
        }
    }
    if (absent) {
        dx_find(c, DX_MISSING_INFO_KEY, dx_at(root), "there is no %s, nor does the build add it",
                absent);
        dx_fix(c, "Write %s here, or set GENERATE_INFOPLIST_FILE = YES and the settings for it.",
               absent);
    }
}

static void wrong_usage_key(struct dx_check *c, const struct dext_node *n)
{
    dx_find(c, DX_USAGE_DESCRIPTION_MISSING, dx_at_key(n),
            "%s stands here instead of OSBundleUsageDescription", n->key.p);
    dx_severity(c, c->unit->built ? DEXT_ERROR : DEXT_WARNING);
    dx_why(
        c, "%s",
        dx_str_has_prefix(n->key, "NS")
            ? "NSSystemExtensionUsageDescription is for system extensions that are no drivers. A "
              "driver extension without OSBundleUsageDescription is refused at activation."
            : "OSBundleUsageDescriptionKey is the name of a constant in the SystemExtensions "
              "framework; its value, the key, has no \"Key\" at the end. Without the key the "
              "driver extension is refused at activation.");
    dx_fix(c, "Write OSBundleUsageDescription.");
    dx_edit_replace_key(c, n, "OSBundleUsageDescription");
}

static void usage_description(struct dx_check *c, const struct dext_node *root)
{
    static const char *const wrong[] = {"OSBundleUsageDescriptionKey",
                                        "NSSystemExtensionUsageDescription"};
    const struct dext_node *n = dx_get(root, "OSBundleUsageDescription");
    if (n && info_is_blank(n)) {
        dx_find(c, DX_USAGE_DESCRIPTION_MISSING, dx_at(n), "OSBundleUsageDescription is empty");
        dx_severity(c, c->unit->built ? DEXT_WARNING : DEXT_NOTE);
        dx_why(c, "The text is what the user reads when the system asks whether the driver may be "
                  "installed; Xcode's template leaves it empty.");
    }
    if (n || !info_whole(c) || info_misspelt(root, "OSBundleUsageDescription")) {
        return;
    }
    for (size_t i = 0; i < COUNT(wrong); i++) {
        if (dx_get(root, wrong[i])) {
            wrong_usage_key(c, dx_get(root, wrong[i]));
            return;
        }
    }
    dx_find(c, DX_USAGE_DESCRIPTION_MISSING, dx_at(root), "%s",
            c->unit->built   ? "the bundle has no OSBundleUsageDescription"
            : dx_is_final(c) ? "there is no OSBundleUsageDescription, and the project adds none"
                             : "there is no OSBundleUsageDescription; fine only if the build adds "
                               "it");
    if (info_of_apple(c) || !dx_is_final(c)) {
        dx_severity(c, DEXT_NOTE); /* Apple's: part of the system, never activated by an app */
    }
}

/* ---- DX608 forbidden-dext-key, DX616 kext-only-key, DX618 app-extension-key ----------------- */

static void forbidden(struct dx_check *c, const struct dext_node *n)
{
    struct dx_str id;
    bool known = dx_bundle_id(c, &id);
    bool required = dx_str_is(n->key, "OSBundleRequired");
    if (required && info_of_apple(c)) {
        return; /* Apple's own may run early */
    }
    dx_find(c, DX_FORBIDDEN_DEXT_KEY, dx_at_key(n), "%s in the Info.plist of a driver extension",
            n->key.p);
    if (required) {
        dx_why(c, "Only Apple's own driver extensions may ask to run in Safe Boot or to match "
                  "during early boot. IOKit's validation calls a third party's ineligible and asks "
                  "for the key to be removed.");
    }
    if (required && !known) {
        dx_severity(c, DEXT_NOTE);
    } else {
        dx_edit_remove_entry(c, n);
    }
}

static bool kext_only(const struct dext_node *n)
{
    static const char *const keys[] = {"OSBundleAllowUserLoad", "OSBundleAllowUserTerminate",
                                       "OSBundleRequireExplicitLoad", "OSBundleDebugLevel",
                                       "OSBundleEnableKextLogging"};
    bool found = has_prefix(n, "OSBundleLibraries");
    for (size_t i = 0; i < COUNT(keys); i++) {
        found = found || dx_str_is(n->key, keys[i]);
    }
    return found;
}

static void foreign_key(struct dx_check *c, const struct dext_node *n)
{
    const struct kb_key *key = dx_kb_key(n->key, KB_KEY_SCOPE_INFO);
    if (key && key->forbidden) {
        forbidden(c, n);
    } else if (kext_only(n)) {
        dx_find(c, DX_KEXT_ONLY_KEY, dx_at_key(n), "%s is for kernel extensions", n->key.p);
    } else if (dx_str_is(n->key, "NSExtension") || dx_str_is(n->key, "EXAppExtensionAttributes")) {
        dx_find(c, DX_APP_EXTENSION_KEY, dx_at_key(n),
                "%s makes an app extension, which a driver extension is not", n->key.p);
    }
}

/* ---- DX617 entitlement-in-info-plist -------------------------------------------------------- */

static bool entitlement_name(struct dx_str s)
{
    return dx_kb_entitlement(s) || dx_str_has_prefix(s, "com.apple.developer.") ||
           dx_str_has_prefix(s, "com.apple.security.");
}

static void info_entitlements(struct dx_check *c, const struct dext_node *n)
{
    if (entitlement_name(n->key)) {
        dx_find(c, DX_ENTITLEMENT_IN_INFO_PLIST, dx_at_key(n),
                "the entitlement %s in an Info.plist", n->key.p);
    } else if (n->kind == DEXT_ARRAY && n->child && n->child->kind == DEXT_STRING &&
               entitlement_name(n->child->text)) {
        dx_find(c, DX_ENTITLEMENT_IN_INFO_PLIST, dx_at_key(n), "%s lists entitlements", n->key.p);
    }
}

/* ---- DX609 min-driverkit-version ------------------------------------------------------------ */

static bool info_number(struct dx_str *s, unsigned *value)
{
    *value = 0;
    size_t n = 0;
    for (; n < s->n && n < 5 && s->p[n] >= '0' && s->p[n] <= '9'; n++) {
        *value = *value * 10 + (unsigned)(s->p[n] - '0');
    }
    s->p += n;
    s->n -= n;
    return n != 0;
}

bool dx_version_parts(struct dx_str s, unsigned part[3])
{
    part[0] = part[1] = part[2] = 0;
    bool legal = info_number(&s, &part[0]);
    for (int i = 1; legal && i < 3 && s.n && *s.p == '.'; i++) {
        s.p++;
        s.n--;
        legal = info_number(&s, &part[i]);
    }
    return legal && s.n == 0;
}

/* The DriverKit version of a macOS version, or NULL. */
static const char *driverkit_of_macos(const unsigned wanted[3])
{
    for (size_t i = 0; i < kb_driverkit_count; i++) {
        unsigned part[3];
        if (dx_version_parts(dx_str(kb_s(kb_driverkit_rows[i].macos)), part) &&
            part[0] == wanted[0] && (wanted[0] != 10 || part[1] == wanted[1])) {
            return kb_s(kb_driverkit_rows[i].driverkit);
        }
    }
    return NULL;
}

/* DriverKit began with 19.0, the Darwin version of macOS 10.15. */
#define FIRST_DRIVERKIT_MAJOR 19

static void min_driverkit(struct dx_check *c, const struct dext_node *root)
{
    const struct dext_node *n = dx_get(root, "OSMinimumDriverKitVersion");
    struct dx_str text;
    unsigned part[3];
    if (!n && c->unit->built && info_whole(c) && !info_of_apple(c) &&
        !info_misspelt(root, "OSMinimumDriverKitVersion")) {
        dx_find(c, DX_MIN_DRIVERKIT_VERSION, dx_at(root),
                "the bundle has no OSMinimumDriverKitVersion");
        return;
    }
    if (!dx_value(c, n, &text)) {
        return;
    }
    if (!dx_version_parts(text, part)) {
        dx_find(c, DX_MIN_DRIVERKIT_VERSION, dx_at(n),
                "OSMinimumDriverKitVersion \"%.*s\" is no version number", (int)text.n, text.p);
    } else if (part[0] < FIRST_DRIVERKIT_MAJOR) {
        const char *meant = driverkit_of_macos(part);
        dx_find(c, DX_MIN_DRIVERKIT_VERSION, dx_at(n),
                "OSMinimumDriverKitVersion is %.*s, but DriverKit's versions begin at 19.0",
                (int)text.n, text.p);
        if (meant) {
            dx_fix(c, "Write %s if macOS %.*s is meant.", meant, (int)text.n, text.p);
        }
    }
}

/* ---- DX614 misspelt-info-key, DX615 misplaced-personality-key, DX620 debug-key-left --------- */

static void misspelt_key(struct dx_check *c, const struct dext_node *n,
                         const struct dext_node *root)
{
    const struct kb_key *meant = dx_meant_key(n, 1U << KB_KEY_SCOPE_INFO);
    if (meant && !meant->forbidden && !dx_get(root, kb_s(meant->key))) {
        dx_find(c, DX_MISSPELT_INFO_KEY, dx_at_key(n), "%s is no known key; is %s meant?", n->key.p,
                kb_s(meant->key));
        dx_fix(c, "Write %s.", kb_s(meant->key));
        dx_edit_replace_key(c, n, kb_s(meant->key));
    }
}

static bool personality_key(const struct dext_node *n)
{
    return !dx_str_has_suffix(n->key, "UserClientProperties") && !dx_str_is(n->key, "IOKitDebug") &&
           !dx_kb_key(n->key, KB_KEY_SCOPE_INFO) &&
           (dx_kb_key(n->key, KB_KEY_SCOPE_PERSONALITY) || dx_kb_key(n->key, KB_KEY_SCOPE_USB) ||
            dx_kb_key(n->key, KB_KEY_SCOPE_PCI));
}

/* Told once, at the first one: they were misplaced together. */
static bool info_misplaced(struct dx_check *c, const struct dext_node *dict, const char *where)
{
    const struct dext_node *first = NULL;
    size_t more = 0;
    for (const struct dext_node *n = dict->child; n; n = n->next) {
        if (n->overridden || n->kind == DEXT_DICT || !personality_key(n)) {
            continue;
        }
        more += first != NULL;
        first = first ? first : n;
    }
    if (first) {
        dx_find(c, DX_MISPLACED_PERSONALITY_KEY, dx_at_key(first),
                "%s%s %s %s, not in a personality", first->key.p,
                more ? dx_sprintf(&c->ctx->arena, " and %zu more of its kind", more) : "",
                more ? "stand" : "stands", where);
    }
    return first != NULL;
}

static void debug_key(struct dx_check *c, const struct dext_node *dict)
{
    const struct dext_node *n = dx_get(dict, "IOKitDebug");
    int64_t value;
    bool off = n && ((dx_int(n, &value) && value == 0) || (n->kind == DEXT_BOOL && !n->boolean));
    if (n && !off) {
        dx_find(c, DX_DEBUG_KEY_LEFT, dx_at_key(n), "IOKitDebug was left in");
        dx_edit_remove_entry(c, n);
        dx_repeats(c);
    }
}

static void info_personalities(struct dx_check *c, const struct dext_node *root)
{
    const struct dext_node *all = dx_get(root, "IOKitPersonalities");
    if (!all || all->kind != DEXT_DICT) {
        return; /* its type is looked at like that of any key */
    }
    bool told = info_misplaced(c, all, "right below IOKitPersonalities");
    for (const struct dext_node *p = all->child; p; p = p->next) {
        if (p->kind == DEXT_DICT) {
            debug_key(c, p);
        } else if (!told && !p->overridden) {
            dx_find(c, DX_WRONG_VALUE_TYPE, dx_at(p), "the personality \"%s\" is %s", p->key.p,
                    dx_kind_words(p));
            dx_why(c, "A personality is a dictionary; the system passes over any other value.");
            dx_fix(c, "Put the keys of the personality into a dictionary.");
        }
    }
}

/* ---- DX105 template-placeholder ------------------------------------------------------------- */

static bool must_be_known(const struct dext_node *n)
{
    return dx_str_is(n->key, "CFBundleIdentifier") || dx_str_is(n->key, "CFBundleVersion") ||
           dx_str_is(n->key, "IOClass") || dx_str_is(n->key, "IOProviderClass");
}

/* In a bundle nothing is expanded any more. */
static void unexpanded(const struct dext_node *n, const struct dext_node **first, size_t *count,
                       bool *fatal)
{
    if (n->kind == DEXT_STRING && dx_has_placeholder(n->text)) {
        *first = *first ? *first : n;
        *fatal = *fatal || must_be_known(n);
        ++*count;
    }
    for (const struct dext_node *e = n->child; e; e = e->next) {
        unexpanded(e, first, count, fatal);
    }
}

static void placeholders(struct dx_check *c, const struct dext_node *root)
{
    const struct dext_node *first = NULL;
    size_t count = 0;
    bool fatal = false;
    if (c->unit->built) {
        unexpanded(root, &first, &count, &fatal);
    }
    if (first) {
        dx_find(
            c, DX_TEMPLATE_PLACEHOLDER, dx_at(first),
            "\"%s\"%s in a bundle that was built: nothing will fill it in any more", first->text.p,
            count > 1 ? dx_sprintf(&c->ctx->arena, " and %zu more placeholders", count - 1) : "");
        dx_severity(c, fatal ? DEXT_ERROR : DEXT_WARNING);
        dx_fix(c, "Let the build process the Info.plist (INFOPLIST_FILE), do not copy it.");
    }
    for (const struct dext_node *n = root->child; n; n = n->next) {
        const char *left = n->kind == DEXT_STRING ? dx_template_leftover(n->text) : NULL;
        if (left) {
            dx_find(c, DX_TEMPLATE_PLACEHOLDER, dx_at(n), "%s is still \"%s\", %s", n->key.p,
                    n->text.p, left);
        }
    }
}

void dx_check_info(struct dx_check *c)
{
    const struct dext_node *root = c->doc->pl->root;
    if (!root || root->kind != DEXT_DICT) {
        return;
    }
    bundle_version(c, root, "CFBundleVersion");
    bundle_version(c, root, "OSBundleCompatibleVersion");
    not_bumped(c, root);
    dx_check_identifier(c, root);
    package_type(c, root);
    missing_keys(c, root);
    usage_description(c, root);
    min_driverkit(c, root);
    (void)info_misplaced(c, root, "at the top of the Info.plist");
    debug_key(c, root);
    info_personalities(c, root);
    placeholders(c, root);
    for (const struct dext_node *n = root->child; n; n = n->next) {
        const struct kb_key *key = n->overridden ? NULL : dx_kb_key(n->key, KB_KEY_SCOPE_INFO);
        if (key) {
            (void)dx_check_value_type(c, n, key);
        }
        if (!n->overridden) {
            foreign_key(c, n);
            info_entitlements(c, n);
            misspelt_key(c, n, root);
        }
    }
}
