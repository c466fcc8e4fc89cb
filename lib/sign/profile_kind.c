/* What kind of profile it is. No key says so: devices, certificates, platforms and get-task-allow
 * do, together. Sources: Apple's TN3125; profiles of all kinds but ad hoc as Apple issued them. */
#include <string.h>

#include "sign/profile.h"

static const struct {
    const char *name, *words;
} kinds[] = {
    [DEXT_PROFILE_UNKNOWN] = {"unknown", "unknown"},
    [DEXT_PROFILE_DEVELOPMENT] = {"development", "development"},
    [DEXT_PROFILE_AD_HOC] = {"ad-hoc", "ad hoc"},
    [DEXT_PROFILE_APP_STORE] = {"app-store", "App Store"},
    [DEXT_PROFILE_DEVELOPER_ID] = {"developer-id", "Developer ID"},
    [DEXT_PROFILE_IN_HOUSE] = {"in-house", "in-house (enterprise)"},
};

struct evidence {
    bool development, distribution, developer_id; /* kinds of its certificates */
    bool debug;                                   /* get-task-allow */
    bool mac, other;                              /* platforms */
};

static bool profile_kind_is_true(const struct dext_node *entitlements, const char *key)
{
    const struct dext_node *n = dx_get_kind(entitlements, key, DEXT_BOOL);
    return n && n->boolean;
}

static struct evidence gather(const struct dx_profile *p)
{
    struct evidence e = {0};
    for (size_t i = 0; i < p->cert_count; i++) {
        e.development |= p->certs[i].kind == DX_CERT_DEVELOPMENT;
        e.distribution |= p->certs[i].kind == DX_CERT_DISTRIBUTION;
        e.developer_id |= p->certs[i].kind == DX_CERT_DEVELOPER_ID_APPLICATION;
    }
    e.debug = profile_kind_is_true(p->pub.entitlements, "get-task-allow") ||
              profile_kind_is_true(p->pub.entitlements, "com.apple.security.get-task-allow");
    for (size_t i = 0; i < p->pub.platform_count; i++) {
        bool mac = strcmp(p->pub.platforms[i], "OSX") == 0;
        e.mac |= mac;
        e.other |= !mac;
    }
    return e;
}

static enum dext_profile_kind for_all(const struct evidence *e, const char **why)
{
    if (e->developer_id) {
        *why = "it covers all devices and its certificate is a Developer ID one";
        return DEXT_PROFILE_DEVELOPER_ID;
    }
    if (e->mac && !e->other) {
        *why = "it covers all devices and is for macOS alone";
        return DEXT_PROFILE_DEVELOPER_ID;
    }
    if (e->debug || e->development) {
        *why = "it covers all devices, and yet allows debugging or names a development certificate";
        return DEXT_PROFILE_UNKNOWN;
    }
    *why = e->other ? "it covers all devices and is not for macOS"
                    : "it covers all devices, names no platform and no Developer ID certificate";
    return DEXT_PROFILE_IN_HOUSE;
}

static enum dext_profile_kind for_listed(const struct evidence *e, const char **why)
{
    if (e->debug) {
        *why = "it lists devices and allows debugging (get-task-allow)";
        return DEXT_PROFILE_DEVELOPMENT;
    }
    if (e->development) {
        *why = "it lists devices and its certificates are for development";
        return DEXT_PROFILE_DEVELOPMENT;
    }
    if (e->distribution) {
        *why = "it lists devices, does not allow debugging and its certificate is for distribution";
        return DEXT_PROFILE_AD_HOC;
    }
    *why = "it lists devices, but neither get-task-allow nor a certificate tells what for";
    return DEXT_PROFILE_UNKNOWN;
}

static enum dext_profile_kind for_nobody(const struct evidence *e, const char **why)
{
    if (e->distribution && !e->debug) {
        *why = "it names no devices and its certificate is for distribution";
        return DEXT_PROFILE_APP_STORE;
    }
    *why = e->debug || e->development ? "it names no devices, and yet is for development"
                                      : "it names no devices, and no certificate tells what for";
    return DEXT_PROFILE_UNKNOWN;
}

void dx_profile_classify(struct dx_profile *p)
{
    struct evidence e = gather(p);
    const char *why;
    enum dext_profile_kind kind = p->pub.all_devices    ? for_all(&e, &why)
                                  : p->pub.device_count ? for_listed(&e, &why)
                                                        : for_nobody(&e, &why);
    p->pub.kind = kind;
    p->pub.kind_name = kinds[kind].name;
    p->pub.kind_words = kinds[kind].words;
    p->pub.why = why;
}
