#include "know/know.h"

const char *const dx_ent_pci_keys[DX_ENT_PCI_KEYS] = {"IOPCIMatch", "IOPCIPrimaryMatch",
                                                      "IOPCISecondaryMatch", "IOPCIClassMatch"};

/* Tables are sorted by their first field: look-ups by name are a binary search. */
#define FIND(table, field, name)                                                                   \
    size_t lo = 0, hi = kb_##table##_count;                                                        \
    while (lo < hi) {                                                                              \
        size_t mid = lo + (hi - lo) / 2;                                                           \
        int order = dx_str_cmp(dx_str(kb_s(kb_##table##_rows[mid].field)), name);                  \
        if (order == 0) {                                                                          \
            return &kb_##table##_rows[mid];                                                        \
        }                                                                                          \
        if (order < 0) {                                                                           \
            lo = mid + 1;                                                                          \
        } else {                                                                                   \
            hi = mid;                                                                              \
        }                                                                                          \
    }                                                                                              \
    return NULL

const struct kb_symptom *dx_kb_symptom(struct dx_str id)
{
    FIND(symptom, symptom, id);
}

const struct kb_told_word *dx_kb_told_word(struct dx_str word)
{
    FIND(told_word, word, word);
}

const struct kb_entitlement *dx_kb_entitlement(struct dx_str key)
{
    FIND(entitlement, entitlement, key);
}

const struct kb_provider *dx_kb_provider(struct dx_str name)
{
    FIND(provider, provider, name);
}

const struct kb_ioclass *dx_kb_ioclass(struct dx_str name)
{
    FIND(ioclass, ioclass, name);
}

const struct kb_framework_class *dx_kb_framework_class(struct dx_str name)
{
    FIND(framework_class, framework_class, name);
}

const struct kb_framework_class *dx_kb_framework_super(const struct kb_framework_class *k)
{
    return dx_kb_framework_class(dx_str(kb_s(k->superclass)));
}

const struct kb_family *dx_kb_family(const char *id)
{
    struct dx_str name = dx_str(id);
    FIND(family, family, name);
}

const struct kb_kext_call *dx_kb_kext_call(struct dx_str name)
{
    FIND(kext_call, call, name);
}

const struct kb_kext_base *dx_kb_kext_base(struct dx_str name)
{
    FIND(kext_base, class, name);
}

const struct kb_driverkit *dx_kb_driverkit(const char *version)
{
    struct dx_str name = dx_str(version);
    FIND(driverkit, driverkit, name);
}

size_t dx_kb_key_first(struct dx_str key)
{
    size_t lo = 0, hi = kb_key_count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (dx_str_cmp(dx_str(kb_s(kb_key_rows[mid].key)), key) < 0) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo < kb_key_count && dx_str_is(key, kb_s(kb_key_rows[lo].key)) ? lo : kb_key_count;
}

const struct kb_key *dx_kb_key(struct dx_str key, int scope)
{
    for (size_t i = dx_kb_key_first(key); i < kb_key_count; i++) {
        const struct kb_key *row = &kb_key_rows[i];
        if (!dx_str_is(key, kb_s(row->key))) {
            break;
        }
        if (row->scope == scope) {
            return row;
        }
    }
    return NULL;
}

bool dx_kb_list_has(struct kb_list list, struct dx_str value)
{
    for (const char *s = kb_first(list); *s; s = kb_next(s)) {
        if (dx_str_is(value, s)) {
            return true;
        }
    }
    return false;
}

const char *dx_kb_transport(const struct kb_provider *provider, const char **entitlement)
{
    const char *unused = "", **right = entitlement ? entitlement : &unused;
    switch (provider ? provider->bus : KB_PROVIDER_BUS_OTHER) {
    case KB_PROVIDER_BUS_USB_DEVICE:
    case KB_PROVIDER_BUS_USB_INTERFACE:
        *right = DX_ENT_USB;
        return "USBDriverKit";
    case KB_PROVIDER_BUS_PCI:
        *right = DX_ENT_PCI;
        return "PCIDriverKit";
    case KB_PROVIDER_BUS_HID:
        *right = DX_ENT_HID;
        return "HIDDriverKit";
    default:
        *right = "";
        return "";
    }
}
