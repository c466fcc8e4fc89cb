/* passive_model.h: the kernel's passive matching once more, for comparison: what
 * IOService::matchPassive, IOService::matchInternal, compareProperty, compareNames
 * (xnu-11417.101.15, iokit/Kernel/IOService.cpp, IORegistryEntry.cpp), isEqualTo of libkern's
 * classes and IOPCIBridge::pciMatchNub (IOPCIFamily-726.0.5) do, over a model of its own that
 * shares nothing with lib/. Values are what an XML property list can hold; strings are never
 * symbols. */
#ifndef TESTS_PASSIVE_MODEL_H
#define TESTS_PASSIVE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum kv_type { KV_NUMBER, KV_STRING, KV_DATA, KV_BOOL, KV_ARRAY, KV_DICT };

struct kv {
    enum kv_type type;
    uint64_t number;  /* also of a boolean: 0, 1 */
    const char *text; /* string; data: size bytes */
    size_t size;
    struct kv_entry *entry; /* of arrays keys are NULL */
    size_t count;
};

struct kv_entry {
    const char *key;
    struct kv *value;
};

enum kn_class { KN_ROOT, KN_SERVICE, KN_STORAGE, KN_MEDIA, KN_FIREWIRE, KN_PCI, KN_CLASSES };

struct kn {
    const char *name, *location; /* location: NULL without one */
    const char *path;            /* "IOService:/A/B@1" */
    enum kn_class cls;
    uint64_t id;
    bool registered, matched, inactive;
    struct kv *props; /* a dictionary */
    struct kn *parent;
    struct kn *all; /* the tree, in the order of ids */
    size_t all_count;
};

/* The class names as a dump with ancestry prints them, base first. */
static const char *const kn_chains[KN_CLASSES] = {
    "IORegistryEntry",
    "IORegistryEntry:IOService",
    "IORegistryEntry:IOService:IOStorage",
    "IORegistryEntry:IOService:IOStorage:IOMedia",
    "IORegistryEntry:IOService:IOFireWireNub:IOFireWireUnit",
    "IORegistryEntry:IOService:IOPCIDevice"};

static const struct kv *kv_get(const struct kv *dict, const char *key)
{
    for (size_t i = 0; dict && i < dict->count; i++) {
        if (dict->entry[i].key && strcmp(dict->entry[i].key, key) == 0) {
            return dict->entry[i].value;
        }
    }
    return NULL;
}

static const struct kv *kv_typed(const struct kv *dict, const char *key, enum kv_type type)
{
    const struct kv *v = kv_get(dict, key);
    return v && v->type == type ? v : NULL;
}

/* ---- isEqualTo ------------------------------------------------------------------------------- */

static bool kv_bytes_are(const struct kv *data, const struct kv *string)
{
    size_t n = data->size;
    if (n == string->size + 1 && data->text[n - 1] == 0) {
        n--;
    }
    return n == string->size && memcmp(data->text, string->text, n) == 0;
}

static bool kv_equal(const struct kv *a, const struct kv *b)
{
    if (a->type == KV_DATA && b->type == KV_STRING) {
        return kv_bytes_are(a, b);
    }
    if (a->type == KV_STRING && b->type == KV_DATA) {
        return kv_bytes_are(b, a);
    }
    if (a->type != b->type) {
        return false;
    }
    if (a->type == KV_STRING || a->type == KV_DATA) {
        return a->size == b->size && memcmp(a->text, b->text, a->size) == 0;
    }
    if (a->type == KV_NUMBER || a->type == KV_BOOL) {
        return a->number == b->number;
    }
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++) {
        const struct kv *other =
            a->type == KV_ARRAY ? b->entry[i].value : kv_get(b, a->entry[i].key);
        same = other && kv_equal(a->entry[i].value, other);
    }
    return same;
}

/* compareProperty: a key that is not asked for holds. */
static bool kn_compares(const struct kn *n, const struct kv *table, const char *key)
{
    const struct kv *want = kv_get(table, key), *have = kv_get(n->props, key);
    return !want || (have && kv_equal(want, have));
}

/* ---- IOService::matchInternal -----------------------------------------------------------------
 */

static bool kn_is_a(const struct kn *n, const char *cls)
{
    const char *p = kn_chains[n->cls];
    size_t len = strlen(cls);
    while (p) {
        if (strncmp(p, cls, len) == 0 && (p[len] == ':' || p[len] == 0)) {
            return true;
        }
        p = strchr(p, ':');
        p = p ? p + 1 : NULL;
    }
    return false;
}

/* IODTCompareNubName's CompareKey: several names in one property, "*" at the end of what is asked.
 */
static bool kn_tree_name(const struct kv *have, const struct kv *want)
{
    size_t len = want->size;
    bool wild = len && want->text[len - 1] == '*';
    if (!have || (have->type != KV_STRING && have->type != KV_DATA)) {
        return false;
    }
    for (size_t at = 0; at < have->size;) {
        size_t n = strnlen(have->text + at, have->size - at);
        if (wild ? n + 1 >= len && memcmp(have->text + at, want->text, len - 1) == 0
                 : n == len && memcmp(have->text + at, want->text, n) == 0) {
            return true;
        }
        at += n + 1;
    }
    return false;
}

static bool kn_named(const struct kn *n, const struct kv *want)
{
    static const char *const keys[] = {"name", "compatible", "device_type", "model"};
    if (n->cls != KN_PCI) {
        return strlen(n->name) == want->size && memcmp(n->name, want->text, want->size) == 0;
    }
    for (size_t i = 0; i < 4; i++) {
        if (kn_tree_name(kv_get(n->props, keys[i]), want)) {
            return true;
        }
    }
    return false;
}

/* An iterator over a dictionary gives its keys. */
static bool kn_has_name(const struct kn *n, const struct kv *names)
{
    if (names->type == KV_STRING) {
        return kn_named(n, names);
    }
    for (size_t i = 0; (names->type == KV_ARRAY || names->type == KV_DICT) && i < names->count;
         i++) {
        struct kv key = {.type = KV_STRING, .text = names->entry[i].key};
        const struct kv *one = names->type == KV_DICT ? &key : names->entry[i].value;
        key.size = key.text ? strlen(key.text) : 0;
        if (one->type != KV_STRING) {
            return false;
        }
        if (kn_named(n, one)) {
            return true;
        }
    }
    return false;
}

/* _copyPropertiesForMatching: what the driver extension set lies over the node's own. */
static const struct kv *kn_merged(const struct kn *n, const char *key)
{
    const struct kv *over = kv_get(kv_typed(n->props, "IOUserServiceProperties", KV_DICT), key);
    return over ? over : kv_get(n->props, key);
}

static bool kn_has_all(const struct kn *n, const struct kv *dict)
{
    for (size_t i = 0; i < dict->count; i++) {
        const struct kv *have = kn_merged(n, dict->entry[i].key);
        if (!have || !kv_equal(have, dict->entry[i].value)) {
            return false;
        }
    }
    return true;
}

static bool kn_has_properties(const struct kn *n, const struct kv *want)
{
    if (want->type == KV_DICT) {
        return kn_has_all(n, want);
    }
    for (size_t i = 0; want->type == KV_ARRAY && i < want->count; i++) {
        if (want->entry[i].value->type != KV_DICT) {
            return false;
        }
        if (kn_has_all(n, want->entry[i].value)) {
            return true;
        }
    }
    return false;
}

static bool kn_has_one_of(const struct kn *n, const struct kv *want)
{
    if (want->type == KV_STRING) {
        return kn_merged(n, want->text) != NULL;
    }
    for (size_t i = 0; want->type == KV_ARRAY && i < want->count; i++) {
        const struct kv *key = want->entry[i].value;
        if (key->type != KV_STRING) {
            return false;
        }
        if (kn_merged(n, key->text)) {
            return true;
        }
    }
    return false;
}

static uint32_t kn_drivers(const struct kn *n)
{
    uint32_t count = 0;
    for (size_t i = 0; i < n->all_count; i++) {
        const struct kn *c = &n->all[i];
        count += c->parent == n && !c->inactive && kv_get(c->props, "IOMatchCategory");
    }
    return count;
}

/* One key after the other; *done: how many of the table's this part looked at. It stops at the
 * first that fails, and when nothing is left. */
static bool kn_internal(const struct kn *n, const struct kv *table, bool class_done, size_t *done)
{
    static const char *const bsd[] = {"BSD Name", "BSD Major", "BSD Minor", "BSD Unit"};
    const struct kv *v;
    bool ok = true;
    *done = 0;
    if ((kv_get(n->props, "exclave-assigned") != NULL) !=
        (kv_get(table, "IOExclaveProxy") != NULL)) {
        return false;
    }
#define KN_STEP(value, test)                                                                       \
    if (ok && *done < table->count && (v = (value)) != NULL) {                                     \
        (*done)++;                                                                                 \
        ok = (test);                                                                               \
    }
    KN_STEP(kv_typed(table, "IOProviderClass", KV_STRING), class_done || kn_is_a(n, v->text))
    KN_STEP(kv_get(table, "IONameMatch"), kn_has_name(n, v))
    KN_STEP(kv_typed(table, "IOLocationMatch", KV_STRING),
            n->location && strcmp(n->location, v->text) == 0)
    KN_STEP(kv_get(table, "IOPropertyMatch"), kn_has_properties(n, v))
    KN_STEP(kv_get(table, "IOPropertyExistsMatch"), kn_has_one_of(n, v))
    KN_STEP(kv_typed(table, "IOPathMatch", KV_STRING), strcmp(n->path, v->text) == 0)
    KN_STEP(kv_typed(table, "IORegistryEntryID", KV_NUMBER), n->id == v->number)
    KN_STEP(kv_typed(table, "IOMatchedServiceCountMatch", KV_NUMBER),
            kn_drivers(n) == (uint32_t)v->number)
    for (size_t i = 0; i < 4; i++) {
        KN_STEP(kv_get(table, bsd[i]), kn_compares(n, table, bsd[i]))
    }
#undef KN_STEP
    return ok;
}

/* ---- families -------------------------------------------------------------------------------- */

static uint32_t kn_little(const struct kn *n, const char *key)
{
    const struct kv *v = kv_get(n->props, key);
    uint32_t x = 0;
    for (size_t i = 4; v && v->type == KV_DATA && v->size == 4 && i-- > 0;) {
        x = x << 8 | (unsigned char)v->text[i];
    }
    return x;
}

static bool kn_pci_holds(const char *keys, uint32_t reg, uint32_t mask_of_key)
{
    char *end;
    bool found = false;
    do {
        uint32_t value = (uint32_t)strtoul(keys, &end, 16), mask = mask_of_key;
        if (end == keys) {
            break;
        }
        end += strspn(end, " ");
        if (*end == '&') {
            mask = (uint32_t)strtoul(end + 1, &end, 16);
        }
        found = (value & mask) == (reg & mask);
        keys = end;
    } while (!found);
    return found;
}

/* pciMatchNub, and what matchNubWithPropertyTable asks of drivers behind a tunnel. */
static bool kn_pci(const struct kn *n, const struct kv *table)
{
    uint32_t primary = kn_little(n, "device-id") << 16 | kn_little(n, "vendor-id");
    uint32_t sub = kn_little(n, "subsystem-id") << 16 | kn_little(n, "subsystem-vendor-id");
    uint32_t cls = kn_little(n, "class-code") << 8 | kn_little(n, "revision-id");
    const struct kv *v;
    bool ok = true;
    if ((v = kv_get(table, "IOPCIMatch"))) {
        ok = kn_pci_holds(v->text, primary, UINT32_MAX) || kn_pci_holds(v->text, sub, UINT32_MAX);
    }
    if (ok && (v = kv_get(table, "IOPCIPrimaryMatch"))) {
        ok = kn_pci_holds(v->text, primary, UINT32_MAX);
    }
    if (ok && (v = kv_get(table, "IOPCISecondaryMatch"))) {
        ok = kn_pci_holds(v->text, sub, UINT32_MAX);
    }
    if (ok && (v = kv_get(table, "IOPCIClassMatch"))) {
        ok = kn_pci_holds(v->text, cls, 0xffffff00);
    }
    v = kv_typed(table, "IOClass", KV_STRING);
    if (ok && v && kv_get(n->props, "IOPCITunnelled") && strcmp(v->text, "IOPCI2PCIBridge") != 0) {
        const struct kv *fits = kv_typed(table, "IOPCITunnelCompatible", KV_BOOL);
        ok = fits && fits->number;
    }
    return ok;
}

static bool kn_family(const struct kn *n, const struct kv *table)
{
    static const char *const media[] = {
        "Content",   "Content Hint", "Ejectable", "Leaf",  "Open",     "Preferred Block Size",
        "Removable", "Size",         "UUID",      "Whole", "Writable", NULL};
    static const char *const unit[] = {"Unit_Spec_ID", "Unit_SW_Version", "Vendor_ID", "GUID",
                                       NULL};
    static const char *const none[] = {NULL};
    const char *const *keys = n->cls == KN_MEDIA ? media : n->cls == KN_FIREWIRE ? unit : none;
    bool ok = n->cls != KN_PCI || kn_pci(n, table);
    for (; ok && *keys; keys++) {
        ok = kn_compares(n, table, *keys);
    }
    return ok;
}

/* ---- IOService::matchPassive ----------------------------------------------------------------- */

static const struct kn *kn_provider(const struct kn *n)
{
    return n->parent && n->parent->cls != KN_ROOT ? n->parent : NULL; /* the root is no service */
}

/* copyMatchingService: a service in the state "matched". */
static const struct kn *kn_by_id(const struct kn *n, uint64_t id)
{
    for (size_t i = 0; i < n->all_count; i++) {
        const struct kn *o = &n->all[i];
        if (o->id == id && o->cls != KN_ROOT && o->matched && !o->inactive &&
            !kv_get(o->props, "exclave-assigned")) {
            return o;
        }
    }
    return NULL;
}

#define KN_ALIASES 64

static bool kn_passive(const struct kn *node, const struct kv *table, bool class_done)
{
    const struct kn *where = node;
    uint64_t alias[KN_ALIASES];
    size_t aliases = 0, done;
    bool climbing = false;
    while (where) {
        bool ok = kn_internal(where, table, class_done, &done);
        if (ok && done < table->count) {
            ok = kn_family(where, table);
            if (ok) {
                const struct kv *next = kv_typed(table, "IOParentMatch", KV_DICT);
                class_done = false;
                climbing = next != NULL;
                table = next ? next : table;
                ok = next == NULL;
            }
        }
        if (ok) {
            return true;
        }
        if (!climbing) {
            return false;
        }
        const struct kv *other =
            kv_typed(where->props, "IOServiceLegacyMatchingRegistryID", KV_NUMBER);
        if (other && aliases < KN_ALIASES) {
            alias[aliases++] = other->number;
        }
        where = kn_provider(where);
        if (!where && aliases) {
            where = kn_by_id(node, alias[--aliases]);
        }
    }
    return false;
}

/* The kernel would count this personality as matching the node; *score: as it leaves matching. */
static bool kn_matches(const struct kn *node, const struct kv *personality, int32_t *score)
{
    const struct kv *cls = kv_typed(personality, "IOProviderClass", KV_STRING);
    const struct kv *base = kv_typed(personality, "IOProbeScore", KV_NUMBER);
    *score = base ? (int32_t)(uint32_t)base->number : 0;
    return cls && node->cls != KN_ROOT && node->registered && !node->inactive &&
           kn_is_a(node, cls->text) && kn_passive(node, personality, true);
}

#endif
