/* DX208-DX216, DX227, DX311: who competes with whom (match category, score) and what is matched at
 * all. */
#include <string.h>

#include "rules/family.h"
#include "rules/personality.h"
#include "rules/types.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static bool on_resources(const struct dx_personality *p)
{
    return p->bus && p->bus->bus == KB_PROVIDER_BUS_RESOURCES;
}

static bool rules_category_on_hardware(const struct dx_personality *p)
{
    return p->bus && p->bus->hardware == KB_PROVIDER_HARDWARE_YES;
}

static bool is_string(const struct dext_node *n)
{
    return n && n->kind == DEXT_STRING;
}

/* Keys the kernel itself compares with any nub (IOService.cpp, matchInternal and matchPassive). */
static const char *const any_nub[] = {
    "IOPropertyMatch",
    "IONameMatch",
    "IOParentMatch",
    "IOPathMatch",
    "IOLocationMatch",
    "IORegistryEntryID",
    "IOPropertyExistsMatch",
    "BSD Name",
    "BSD Major",
    "BSD Minor",
    "BSD Unit",
    "IOMatchedServiceCountMatch",
    "IOCompatibilityMatch",
    "IOResourceMatched",
};

/* Keys a HID nub compares (IOHIDFamily-2222.0.24, IOHIDFamilyPrivate.cpp, MatchPropertyTable). */
static const char *const hid_nub[] = {
    "PrimaryUsagePage", "PrimaryUsage",
    "DeviceUsagePairs", "DeviceUsagePage",
    "Transport",        "VendorID",
    "ProductID",        "ProductIDArray",
    "ModelNumber",      "VersionNumber",
    "Manufacturer",     "SerialNumber",
    "LocationID",       "PhysicalDeviceUniqueID",
    "BootProtocol",     "HIDDefaultBehavior",
    "HIDVirtualDevice", "HIDCompatibilityInterface",
    "Built-In",         "Product",
};

static bool category_listed(const char *const *list, size_t count, struct dx_str key)
{
    for (size_t i = 0; i < count; i++) {
        if (dx_str_is(key, list[i])) {
            return true;
        }
    }
    return false;
}

/* A key that some nub compares; those that only matter once a driver runs are left out. */
static bool is_criterion(const struct dext_node *n)
{
    bool pci = dx_kb_key(n->key, KB_KEY_SCOPE_PCI) && dx_str_has_suffix(n->key, "Match");
    return !n->overridden &&
           (pci || category_listed(any_nub, COUNT(any_nub), n->key) ||
            category_listed(hid_nub, COUNT(hid_nub), n->key) ||
            dx_kb_key(n->key, KB_KEY_SCOPE_USB) || dx_kb_key(n->key, KB_KEY_SCOPE_SCSI) ||
            dx_kb_key(n->key, KB_KEY_SCOPE_STORAGE));
}

/* Something that nearly is a match key: unknown-personality-key tells of it. */
static bool misspelt_criterion(const struct dx_personality *p)
{
    unsigned scopes = 1U << KB_KEY_SCOPE_PERSONALITY | 1U << KB_KEY_SCOPE_PCI |
                      1U << KB_KEY_SCOPE_HID | 1U << KB_KEY_SCOPE_STORAGE;
    for (const struct dext_node *n = p->dict->child; n; n = n->next) {
        if (!n->overridden && dx_meant_key(n, scopes)) {
            return true;
        }
    }
    return false;
}

static bool narrows(const struct dx_personality *p)
{
    for (const struct dext_node *n = p->dict->child; n; n = n->next) {
        if (is_criterion(n)) {
            return true;
        }
    }
    return false;
}

/* ---- match category ------------------------------------------------------------------------- */

#define MOST_CRITERIA 32
#define MOST_PERSONALITIES 1000 /* beyond it, comparing each with all would take too long */

/* The match keys of one personality. */
struct criteria {
    const struct dext_node *keys[MOST_CRITERIA];
    size_t count;
};

static struct criteria criteria_of(const struct dx_personality *p)
{
    struct criteria list = {.count = 0};
    for (const struct dext_node *n = p->dict->child; n; n = n->next) {
        if (list.count < MOST_CRITERIA && is_criterion(n)) {
            list.keys[list.count++] = n;
        }
    }
    return list;
}

/* No key that both have keeps them apart, so one nub may match both. */
static bool may_share_nub(const struct criteria *list, const struct dx_personality *p,
                          const struct dx_personality *q)
{
    if (!q->provider || !dx_node_equal(q->provider, p->provider)) {
        return false;
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct dext_node *other = dx_get(q->dict, list->keys[i]->key.p);
        if (other && !dx_node_equal(list->keys[i], other)) {
            return false;
        }
    }
    return true;
}

/* Another personality of this driver may match the same nub and is in another category: then the
 * category is there on purpose, to put both on that nub. */
static bool shares_nub(const struct dx_check *c, const struct dx_personality *p)
{
    struct criteria list = criteria_of(p);
    for (size_t i = 0; i < c->all_count && c->all_count <= MOST_PERSONALITIES; i++) {
        const struct dx_personality *q = &c->all[i];
        bool apart = !q->category || !dx_node_equal(q->category, p->category);
        if (q != p && apart && may_share_nub(&list, p, q)) {
            return true;
        }
    }
    return false;
}

static void category_on_hardware(struct dx_check *c, const struct dx_personality *p)
{
    if (dx_str_is(p->category->text, "IODefaultMatchCategory")) {
        return; /* what an absent key means */
    }
    if (p->bus->bus == KB_PROVIDER_BUS_SCSI && !dx_get(p->dict, "Peripheral Device Type")) {
        /* Without a type, only a personality with a category passes a SCSI nub's matcher
         * (IOSCSIArchitectureModelFamily-139.0.2, IOSCSIPeripheralDeviceNub.cpp). */
        return;
    }
    dx_find(c, DX_MATCH_CATEGORY_ON_HARDWARE, dx_at_key(p->category),
            "IOMatchCategory \"%s\" on %s: a driver of the system's may load beside yours",
            p->category->text.p, p->provider->text.p);
    if (shares_nub(c, p)) {
        dx_severity(c, DEXT_NOTE);
        dx_why(c, "Another personality of this driver may match the same nub, and a category of "
                  "its own lets both of them in. It also lets the system's driver in, which "
                  "usually opens the device first, so that your Open fails.");
        dx_fix(c, "Keep it if both are meant to run on one nub; a nub that your first service "
                  "publishes for the second one is the safer way.");
    } else {
        dx_edit_remove_entry(c, p->category);
    }
    dx_repeats(c);
}

static void missing_category(struct dx_check *c, const struct dx_personality *p)
{
    dx_find(c, DX_MATCH_CATEGORY_MISSING, dx_at_key(p->dict),
            "\"%s\" is on %s without IOMatchCategory", p->name, p->provider->text.p);
    if (!p->is_dext) {
        dx_why(c,
               "All drivers without hardware share the one %s nub. In the default category only "
               "one of them can attach: the first one blocks every other.",
               p->provider->text.p);
        dx_fix(c, "Add IOMatchCategory with the name of IOClass.");
    }
}

/* A name that others are likely to have as well. */
static bool is_common_category(const struct dx_personality *p)
{
    struct dx_str name = p->category->text;
    return dx_is_blank(p->category) || dx_str_is(name, "IODefaultMatchCategory") ||
           (p->is_dext && dx_is_literal(p->category) &&
            (dx_kb_ioclass(name) || dx_kb_provider(name)));
}

static void category_value(struct dx_check *c, const struct dx_personality *p)
{
    const char *name = p->category->text.p;
    if (is_common_category(p)) {
        dx_find(c, DX_MATCH_CATEGORY_VALUE, dx_at(p->category),
                dx_str_is(p->category->text, "IODefaultMatchCategory")
                    ? "IOMatchCategory \"%s\" on %s is the category that an absent key means"
                    : "IOMatchCategory \"%s\" on %s is no name of your own",
                name, p->provider->text.p);
        dx_fix(c, "Write a name of your own, such as the %s.",
               p->is_dext ? "bundle id" : "name of IOClass");
    } else if (!p->is_dext && dx_is_literal(p->category) && dx_is_literal(p->ioclass) &&
               !dx_node_equal(p->category, p->ioclass)) {
        dx_find(c, DX_MATCH_CATEGORY_VALUE, dx_at(p->category),
                "IOMatchCategory \"%s\" on %s is not the name of IOClass, %s", name,
                p->provider->text.p, p->ioclass->text.p);
        dx_why(c, "All drivers on IOResources share one nub, where one driver wins in each "
                  "category. The system's check of kernel extensions asks for the name of IOClass, "
                  "which nobody else has: the driver may be blocked or block others.");
        dx_fix(c, "Write %s.", p->ioclass->text.p);
    }
}

void dx_check_resources_category(struct dx_check *c, const struct dx_personality *p)
{
    bool refused = p->bus && p->bus->status == KB_PROVIDER_STATUS_REFUSED;
    if (!on_resources(p) || (p->is_dext && refused)) {
        return; /* on IOResources a driver extension has other worries */
    }
    if (is_string(p->category)) {
        category_value(c, p);
    } else if (dx_is_absent(c, p->dict, "IOMatchCategory")) {
        missing_category(c, p);
    }
}

/* ---- probe score ---------------------------------------------------------------------------- */

static void score_type(struct dx_check *c, const struct dext_node *n)
{
    uint64_t value;
    bool minus;
    struct dx_str text = n->kind == DEXT_STRING ? dx_str_trim(n->text) : DX_STR("");
    if (n->kind == DEXT_STRING && !dx_is_literal(n)) {
        return;
    }
    const char *value_words =
        n->kind == DEXT_STRING ? dx_sprintf(&c->ctx->arena, " \"%s\"", n->text.p) : "";
    dx_find(c, DX_PROBE_SCORE_TYPE, dx_at(n), "IOProbeScore is %s%s, not an integer",
            dx_kind_words(n), value_words);
    if (n->kind == DEXT_REAL) {
        dx_why(c, "The kernel takes the score from an integer. What becomes of a <real> on its way "
                  "there is not known.");
    }
    /* "0403" may be padded or octal. */
    bool padded = text.n > 1 && text.p[0] == '0' && text.p[1] >= '0' && text.p[1] <= '9';
    if (!padded && dx_parse_integer(text, &value, &minus)) {
        const char *element =
            dx_sprintf(&c->ctx->arena, "<integer>%lld</integer>", (long long)value);
        dx_fix(c, "Write %s.", element);
        dx_edit_replace_element(c, n, element);
    }
}

static void score_range(struct dx_check *c, const struct dext_node *n)
{
    static const int64_t most = INT64_C(1) << 30;
    bool above = !n->negative && n->integer > (uint64_t)INT32_MAX;
    int64_t score = (int64_t)n->integer;
    if (above || (n->negative && score < INT32_MIN)) {
        uint32_t low = (uint32_t)n->integer;
        int64_t counts = low > INT32_MAX ? (int64_t)low - (INT64_C(1) << 32) : (int64_t)low;
        dx_find(c, DX_PROBE_SCORE_RANGE, dx_at(n),
                n->negative ? "IOProbeScore %lld does not fit into 32 bits: it counts as %lld"
                            : "IOProbeScore %llu does not fit into 32 bits: it counts as %lld",
                (long long)n->integer, (long long)counts);
    } else if (score > most || score < -most) {
        dx_find(c, DX_PROBE_SCORE_RANGE, dx_at(n),
                "IOProbeScore %lld is so far from others that the comparison may wrap around",
                (long long)score);
    }
}

void dx_check_score(struct dx_check *c, const struct dx_personality *p)
{
    const struct dext_node *n = dx_get(p->dict, "IOProbeScore");
    bool usb =
        p->is_dext && p->bus &&
        (p->bus->bus == KB_PROVIDER_BUS_USB_DEVICE || p->bus->bus == KB_PROVIDER_BUS_USB_INTERFACE);
    if (!n || n->bad) {
        return;
    }
    if (n->kind != DEXT_INTEGER) {
        score_type(c, n);
    } else if (!usb) { /* usb-probe-score says what becomes of it there */
        score_range(c, n);
    }
}

/* ---- resources ------------------------------------------------------------------------------ */

static const struct dext_node *hardware_key(const struct dx_personality *p)
{
    for (const struct dext_node *n = p->dict->child; n; n = n->next) {
        /* HID keys are left out: a virtual device publishes them as its own properties. */
        bool pci = dx_kb_key(n->key, KB_KEY_SCOPE_PCI) && dx_str_has_suffix(n->key, "Match");
        if (!n->overridden && (pci || dx_kb_key(n->key, KB_KEY_SCOPE_USB) ||
                               dx_str_is(n->key, "Peripheral Device Type"))) {
            return n;
        }
    }
    return NULL;
}

/* A transport entitlement is of use on a nub of that bus alone. */
static const char *hardware_claim(const struct dx_check *c)
{
    static const char *const claims[] = {"com.apple.developer.driverkit.transport.usb",
                                         "com.apple.developer.driverkit.transport.pci"};
    for (size_t i = 0; i < c->all_count; i++) {
        if (!on_resources(&c->all[i])) {
            return NULL; /* it may be for that one */
        }
    }
    for (size_t i = 0; i < COUNT(claims); i++) {
        if (dx_claims(c, claims[i])) {
            return claims[i];
        }
    }
    return NULL;
}

static void hardware_driver(struct dx_check *c, const struct dx_personality *p)
{
    const struct dext_node *key = hardware_key(p);
    if (key) {
        dx_find(c, DX_RESOURCES_ON_HARDWARE_DRIVER, dx_at(p->provider),
                "IOProviderClass %s, but \"%s\" has %s, which only hardware is matched on",
                p->provider->text.p, p->name, key->key.p);
        return;
    }
    const char *claim = p == c->all && dx_file_is_whole(c) ? hardware_claim(c) : NULL;
    if (claim) {
        dx_find(c, DX_RESOURCES_ON_HARDWARE_DRIVER, dx_at(p->provider),
                "IOProviderClass %s, but the driver claims %s", p->provider->text.p, claim);
        dx_why(c, "The entitlement lets a driver run on nubs of that bus, and no personality "
                  "matches one. Either the provider is left over from a template, or the "
                  "entitlement is.");
        dx_fix(c, "Name the device's nub as IOProviderClass, or remove the entitlement.");
    }
}

/* Xcode's template says IOKit, which is all that xnu publishes there. */
static void unpublished(struct dx_check *c, const struct dx_personality *p)
{
    const struct dext_node *match = dx_get(p->dict, "IOResourceMatch");
    const struct dext_node *n = match && match->kind == DEXT_ARRAY ? match->child : match;
    for (; n; n = match->kind == DEXT_ARRAY ? n->next : NULL) {
        if (dx_is_literal(n) && !dx_str_is(n->text, "IOKit")) {
            dx_find(c, DX_RESOURCE_NOT_PUBLISHED, dx_at(n),
                    "IOResourceMatch \"%s\": only \"IOKit\" is known to be published on %s",
                    n->text.p, p->provider->text.p);
        }
    }
}

static void resources(struct dx_check *c, const struct dx_personality *p)
{
    if (p->bus->status == KB_PROVIDER_STATUS_REFUSED) {
        dx_find(c, DX_IORESOURCES_PROVIDER, dx_at(p->provider),
                "IOProviderClass %s: the kernel starts no driver extension there",
                p->provider->text.p);
        dx_fix(c, "Write %s.", kb_s(p->bus->instead));
        dx_edit_replace_text(c, p->provider, kb_s(p->bus->instead));
    } else {
        unpublished(c, p);
    }
    hardware_driver(c, p);
}

/* ---- what is matched ------------------------------------------------------------------------ */

/* Nubs that are many and differ by their properties only. USB nubs match nothing without keys
 * (usb-match-incomplete), nor do SCSI nubs (scsi-peripheral-type). */
static bool is_crowd(const struct kb_provider *bus, struct dx_str name)
{
    static const char *const nubs[] = {
        "IOHIDInterface",       "IOHIDDevice",      "IOHIDEventService", "IOMedia",
        "IOACPIPlatformDevice", "IOPlatformDevice", "AppleARMIODevice",
    };
    return bus && (bus->bus == KB_PROVIDER_BUS_PCI || category_listed(nubs, COUNT(nubs), name));
}

static void breadth(struct dx_check *c, const struct dx_personality *p)
{
    if (p->bus->status == KB_PROVIDER_STATUS_TOO_BROAD) {
        bool narrow = narrows(p);
        dx_find(c, DX_TOO_BROAD_PROVIDER, dx_at(p->provider),
                narrow ? "IOProviderClass %s is every object of the registry: only the match keys "
                         "tell them apart"
                       : "IOProviderClass %s is every object of the registry",
                p->provider->text.p);
        if (narrow) {
            dx_severity(c, DEXT_NOTE);
        }
    } else if (is_crowd(p->bus, p->provider->text) && !narrows(p) && !misspelt_criterion(p) &&
               dx_file_is_whole(c)) {
        dx_find(c, DX_NO_MATCH_CRITERIA, dx_at_key(p->dict),
                "\"%s\" has no key that selects among %s nubs: it is a candidate for all of them",
                p->name, p->provider->text.p);
    }
}

static void resource_match(struct dx_check *c, const struct dx_personality *p)
{
    const struct dext_node *n = dx_get_kind(p->dict, "IOResourceMatch", DEXT_STRING);
    if (n && rules_category_on_hardware(p)) {
        dx_find(c, DX_RESOURCE_MATCH_ON_HARDWARE, dx_at_key(n),
                "IOResourceMatch %s on %s does not select anything", n->text.p,
                p->provider->text.p);
        if (dx_str_is(n->text, "IOKit")) {
            dx_edit_remove_entry(c, n);
        }
        dx_repeats(c);
    }
}

void dx_check_category(struct dx_check *c, const struct dx_personality *p)
{
    dx_check_score(c, p);
    if (!p->is_dext || !p->bus) {
        return;
    }
    dx_check_resources_category(c, p);
    if (on_resources(p)) {
        resources(c, p);
    } else if (is_string(p->category) && rules_category_on_hardware(p)) {
        category_on_hardware(c, p);
    }
    breadth(c, p);
    resource_match(c, p);
}
