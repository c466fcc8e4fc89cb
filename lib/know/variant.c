#include "know/variant.h"

#include "know/know.h"
#include "know/pci_match.h"

static enum dx_variant variant_join(enum dx_variant a, enum dx_variant b)
{
    if (a == DX_VARIANT_EITHER || a == b) {
        return b;
    }
    return b == DX_VARIANT_EITHER ? a : DX_VARIANT_MIXED;
}

static enum dx_variant of_vendor(const struct dext_node *vendor)
{
    if (vendor && vendor->kind == DEXT_INTEGER) {
        return DX_VARIANT_APPROVED;
    }
    bool all = vendor && vendor->kind == DEXT_STRING && dx_str_is(vendor->text, "*");
    return all ? DX_VARIANT_DEVELOPMENT : DX_VARIANT_EITHER;
}

/* "0xFFFFFFFF&0x00000000" is how it is written, but the mask alone makes it match everything
 * (IOPCIFamily-726.0.5, IOPCIBridge.cpp, matchKeys). */
static enum dx_variant of_pci_value(const struct dext_node *n)
{
    struct dx_pci_terms terms;
    enum dx_variant v = DX_VARIANT_EITHER;
    if (!dx_is_literal(n)) {
        return v;
    }
    dx_pci_parse(&terms, n->text, dx_pci_default_mask(n->key));
    for (size_t i = 0; i < terms.count; i++) {
        if (!terms.term[i].bad_mask) {
            v = variant_join(v, terms.term[i].mask ? DX_VARIANT_APPROVED : DX_VARIANT_DEVELOPMENT);
        }
    }
    return v;
}

/* All keys of a dictionary have to match, so one that narrows is enough. */
static enum dx_variant of_pci(const struct dext_node *dict)
{
    enum dx_variant all = DX_VARIANT_EITHER;
    for (size_t i = 0; i < DX_ENT_PCI_KEYS; i++) {
        enum dx_variant v = of_pci_value(dx_get(dict, dx_ent_pci_keys[i]));
        if (v == DX_VARIANT_APPROVED) {
            return v;
        }
        all = variant_join(all, v);
    }
    return all;
}

enum dx_variant dx_variant_of_element(struct dx_str key, const struct dext_node *element)
{
    if (!element || element->kind != DEXT_DICT) {
        return DX_VARIANT_EITHER;
    }
    return dx_str_is(key, DX_ENT_USB)   ? of_vendor(dx_get(element, "idVendor"))
           : dx_str_is(key, DX_ENT_PCI) ? of_pci(element)
                                        : DX_VARIANT_EITHER;
}

enum dx_variant dx_variant_of(struct dx_str key, const struct dext_node *value)
{
    enum dx_variant v = DX_VARIANT_EITHER;
    if (value && value->kind == DEXT_ARRAY) {
        for (const struct dext_node *e = value->child; e; e = e->next) {
            v = variant_join(v, dx_variant_of_element(key, e));
        }
    }
    return v;
}

enum dx_variant dx_variant_of_all(const struct dext_node *entitlements)
{
    return variant_join(dx_variant_of(DX_STR(DX_ENT_USB), dx_get(entitlements, DX_ENT_USB)),
                        dx_variant_of(DX_STR(DX_ENT_PCI), dx_get(entitlements, DX_ENT_PCI)));
}
