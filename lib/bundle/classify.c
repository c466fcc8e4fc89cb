/* Which kind of property list this is. Decided from content first and the name second: real trees
 * hold Info.plists under any name (facts: 96 driver Info.plists of 41 repositories). */
#include <string.h>

#include "base/path.h"
#include "bundle/model.h"

static bool has_prefix_key(const struct dext_node *root, const char *prefix)
{
    for (const struct dext_node *c = root->child; c; c = c->next) {
        if (dx_str_has_prefix(c->key, prefix)) {
            return true;
        }
    }
    return false;
}

static bool path_has(const char *path, const char *part)
{
    return strstr(path, part) != NULL;
}

/* IOClass values that only a driver extension names. */
static bool dext_class(const struct dext_node *ioclass)
{
    return ioclass && ioclass->kind == DEXT_STRING &&
           (dx_str_has_prefix(ioclass->text, "IOUser") ||
            dx_str_has_prefix(ioclass->text, "AppleUserHID"));
}

static bool dext_personality(const struct dext_node *root)
{
    const struct dext_node *all = dx_get_kind(root, "IOKitPersonalities", DEXT_DICT);
    for (const struct dext_node *p = all ? all->child : NULL; p; p = p->next) {
        if (p->kind == DEXT_DICT && (dx_get(p, "IOUserServerName") || dx_get(p, "IOUserClass") ||
                                     dext_class(dx_get(p, "IOClass")))) {
            return true;
        }
    }
    return false;
}

static bool entitlements_name(const char *path)
{
    return dx_path_kind(path) == DX_PATH_ENTITLEMENTS;
}

static bool entitlements_content(const struct dext_node *root)
{
    return (has_prefix_key(root, "com.apple.developer.") ||
            has_prefix_key(root, "com.apple.security.") ||
            has_prefix_key(root, "com.apple.private.")) &&
           !has_prefix_key(root, "CFBundle") && !dx_get(root, "IOKitPersonalities");
}

static enum dx_doc_kind driver_kind(const char *path, const struct dext_node *root,
                                    struct dx_str type, const char **words)
{
    if (dx_str_is(type, "DEXT") || path_has(path, ".dext/") || dext_personality(root)) {
        *words = "Info.plist of a driver extension";
        return DX_DOC_DEXT_INFO;
    }
    *words = "Info.plist of a kernel extension";
    return DX_DOC_KEXT_INFO;
}

static enum dx_doc_kind info_kind(const char *path, const struct dext_node *root,
                                  const char **words)
{
    const struct dext_node *type_node = dx_get_kind(root, "CFBundlePackageType", DEXT_STRING);
    struct dx_str type = type_node ? type_node->text : dx_str("");
    if (dx_get(root, "IOKitPersonalities") || dx_str_is(type, "DEXT") || dx_str_is(type, "KEXT") ||
        path_has(path, ".dext/")) {
        return driver_kind(path, root, type, words);
    }
    if (dx_str_is(type, "APPL") || path_has(path, ".app/Contents/Info.plist")) {
        *words = "Info.plist of an application";
        return DX_DOC_APP_INFO;
    }
    if (dx_str_is(type, "SYSX")) {
        *words = "Info.plist of a system extension that is no driver";
    } else if (dx_get(root, "NSExtension")) {
        *words = "Info.plist of an app extension";
    } else if (dx_get(root, "CFPlugInFactories")) {
        *words = "Info.plist of a plug-in";
    } else {
        *words = "Info.plist of a bundle that is no driver extension";
    }
    return DX_DOC_OTHER_INFO;
}

enum dx_doc_kind dx_doc_classify(const char *path, const struct dext_plist *pl, const char **words)
{
    const struct dext_node *root = pl->root;
    *words = "a property list that says nothing of drivers";
    if (entitlements_name(path)) {
        *words = "entitlements";
        return DX_DOC_ENTITLEMENTS;
    }
    if (!root || root->kind != DEXT_DICT) {
        if (root && root->kind == DEXT_ARRAY && root->child &&
            dx_get(root->child, "IOObjectClass")) {
            *words = "a registry dump (dextctl ioreg reads it)";
        }
        return DX_DOC_OTHER;
    }
    if (dx_get(root, "IORegistryEntryChildren") || dx_get(root, "IOObjectClass")) {
        *words = "a registry dump (dextctl ioreg reads it)";
        return DX_DOC_OTHER;
    }
    if (dx_get(root, "objects") && dx_get(root, "archiveVersion")) {
        *words = "an Xcode project";
        return DX_DOC_PROJECT;
    }
    if (dx_get(root, "DeveloperCertificates") && dx_get(root, "Entitlements")) {
        *words = "the payload of a provisioning profile (dextctl profile reads it)";
        return DX_DOC_PROFILE;
    }
    if (entitlements_content(root)) {
        *words = "entitlements";
        return DX_DOC_ENTITLEMENTS;
    }
    if (has_prefix_key(root, "CFBundle") || dx_get(root, "IOKitPersonalities") ||
        path_has(path, ".dext/")) {
        return info_kind(path, root, words);
    }
    return DX_DOC_OTHER;
}
