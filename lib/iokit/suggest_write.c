/* A personality and its entitlements as property-list text. What belongs to a family comes from
 * lib/data/families.rec; which keys name the device is the row of the family's matcher that names
 * it most exactly, without its release unless that is asked for. */
#include "iokit/suggest.h"

#include <inttypes.h>
#include <libxml/xmlstring.h>
#include <string.h>

#define BUNDLE_ID "$(PRODUCT_BUNDLE_IDENTIFIER)"
#define TRANSPORT "com.apple.developer.driverkit.transport."

void dx_draft_note(struct dx_draft *d, const char *text)
{
    *DX_PUSH(&d->w->ctx->arena, d->notes, d->note_count, d->note_cap) = text;
}

/* ---- XML ----------------------------------------------------------------------------------- */

static void put_key(struct dx_buf *b, const char *indent, const char *key)
{
    dx_buf_printf(b, "%s<key>", indent);
    dx_buf_xml(b, dx_str(key));
    dx_buf_puts(b, "</key>\n");
}

static void suggest_put_string(struct dx_buf *b, const char *indent, const char *key,
                               struct dx_str value)
{
    put_key(b, indent, key);
    dx_buf_printf(b, "%s<string>", indent);
    dx_buf_xml(b, value);
    dx_buf_puts(b, "</string>\n");
}

static void put_true(struct dx_buf *b, const char *indent, const char *key)
{
    put_key(b, indent, key);
    dx_buf_printf(b, "%s<true/>\n", indent);
}

/* Whether a property list can hold the text; what a device says of itself may be anything. */
static bool fits_xml(const struct dx_draft *d, struct dx_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f) {
            return false;
        }
    }
    return s.n <= 1024 && xmlCheckUTF8((const xmlChar *)dx_strndup(&d->w->ctx->arena, s.p, s.n));
}

/* A number or string property of the node, under its own name; false when it has none that can be
 * written. */
static bool put_own(struct dx_draft *d, struct dx_buf *b, const char *indent, const char *key)
{
    struct dx_prop p = dx_node_prop(d->w, d->nub, key);
    uint64_t n;
    bool number = dx_number(p.value, &n);
    bool text = p.value && p.value->kind == DEXT_STRING && fits_xml(d, p.value->text);
    d->selects |= b == &d->p && (number || text);
    if (number) {
        put_key(b, indent, key);
        dx_buf_printf(b, "%s<integer>%" PRId64 "</integer>\n", indent, (int64_t)n);
    } else if (text) {
        suggest_put_string(b, indent, key, p.value->text);
    } else if (p.value) {
        dx_draft_note(d,
                      dx_sprintf(&d->w->ctx->arena,
                                 "%s of the node is left out: it is no text that a property list "
                                 "can hold",
                                 key));
    }
    return number || text;
}

static bool put_all(struct dx_draft *d, const char *const *keys)
{
    bool all = true;
    for (; *keys; keys++) {
        all &= put_own(d, &d->p, "\t", *keys);
    }
    return all;
}

/* ---- keys of the bus ----------------------------------------------------------------------- */

static bool pci_primary(const struct dx_draft *d, uint32_t *value)
{
    struct dx_eval e = {.w = d->w, .nub = d->nub};
    return dx_pci_register(&e, 0x00, value);
}

static bool put_pci(struct dx_draft *d)
{
    uint32_t primary;
    if (!pci_primary(d, &primary)) {
        return false;
    }
    suggest_put_string(&d->p, "\t", "IOPCIPrimaryMatch",
                       dx_str(dx_sprintf(&d->w->ctx->arena, "0x%08" PRIx32, primary)));
    /* What is no part of the Mac comes through a tunnel; it does no harm elsewhere. */
    put_true(&d->p, "\t", "IOPCITunnelCompatible");
    d->selects = true;
    return true;
}

static bool put_hid(struct dx_draft *d)
{
    static const char *const named[] = {"VendorID", "ProductID", NULL};
    static const char *const usage[] = {"PrimaryUsagePage", "PrimaryUsage", NULL};
    bool vendor = put_all(d, named);
    return put_all(d, usage) || vendor;
}

static bool put_service(struct dx_draft *d)
{
    d->selects = true;
    struct dx_prop p = dx_node_prop(d->w, d->nub, "IOUserClass");
    if (p.value && p.value->kind == DEXT_STRING && fits_xml(d, p.value->text)) {
        put_key(&d->p, "\t", "IOPropertyMatch");
        dx_buf_puts(&d->p, "\t<dict>\n");
        suggest_put_string(&d->p, "\t\t", "IOUserClass", p.value->text);
        dx_buf_puts(&d->p, "\t</dict>\n");
        dx_draft_note(
            d, "a node that a driver extension made is found by its kernel class; IOPropertyMatch "
               "tells it from the others");
        return true;
    }
    d->selects = fits_xml(d, d->nub->name);
    if (d->selects) {
        suggest_put_string(&d->p, "\t", "IONameMatch", d->nub->name);
    }
    return d->selects;
}

static bool put_resources(struct dx_draft *d)
{
    const char *category = d->wish->category ? d->wish->category : BUNDLE_ID;
    suggest_put_string(&d->p, "\t", "IOMatchCategory", dx_str(category));
    suggest_put_string(&d->p, "\t", "IOResourceMatch", DX_STR("IOKit"));
    dx_draft_note(d, "on IOUserResources every driver needs a match category of its own");
    d->selects = true;
    return true;
}

static bool put_keys(struct dx_draft *d)
{
    static const char *const device[] = {"bcdDevice", "idVendor", "idProduct", NULL};
    static const char *const interface[] = {"bcdDevice",           "idVendor",         "idProduct",
                                            "bConfigurationValue", "bInterfaceNumber", NULL};
    static const char *const scsi[] = {"Peripheral Device Type", "Vendor Identification",
                                       "Product Identification", NULL};
    switch (d->provider->bus) {
    case KB_PROVIDER_BUS_USB_DEVICE:
        return put_all(d, device + !d->release);
    case KB_PROVIDER_BUS_USB_INTERFACE:
        return put_all(d, interface + !d->release);
    case KB_PROVIDER_BUS_PCI:
        return put_pci(d);
    case KB_PROVIDER_BUS_HID:
        return put_hid(d);
    case KB_PROVIDER_BUS_SCSI:
        return put_all(d, scsi);
    case KB_PROVIDER_BUS_RESOURCES:
        return put_resources(d);
    case KB_PROVIDER_BUS_SERVICE:
        return put_service(d);
    default:
        return false;
    }
}

/* ---- personality --------------------------------------------------------------------------- */

static void put_nested(struct dx_draft *d, const char *key, const char *ioclass, const char *cls)
{
    put_key(&d->p, "\t", key);
    dx_buf_puts(&d->p, "\t<dict>\n");
    suggest_put_string(&d->p, "\t\t", "IOClass", dx_str(ioclass));
    suggest_put_string(&d->p, "\t\t", "IOUserClass", dx_str(cls));
    dx_buf_puts(&d->p, "\t</dict>\n");
}

static void put_clients(struct dx_draft *d)
{
    for (const char *key = kb_first(d->family->nested); *key; key = kb_next(key)) {
        put_nested(d, key, "IOUserUserClient", kb_s(d->family->nested_class));
    }
    for (size_t i = 0; i < d->wish->nested_count; i++) {
        const struct dx_suggest_nested *n = &d->wish->nested[i];
        put_nested(d, n->key, n->ioclass, n->user_class);
    }
}

bool dx_draft_personality(struct dx_draft *d)
{
    struct dx_buf *b = &d->p;
    dx_buf_puts(b, "<dict>\n");
    suggest_put_string(b, "\t", "CFBundleIdentifier", DX_STR(BUNDLE_ID));
    const char *kernel = kb_first(d->family->kernel_bundle);
    suggest_put_string(b, "\t", "CFBundleIdentifierKernel",
                       dx_str(*kernel ? kernel : "com.apple.kpi.iokit"));
    suggest_put_string(b, "\t", "IOClass", dx_str(kb_s(d->family->ioclass)));
    suggest_put_string(b, "\t", "IOProviderClass", dx_str(kb_s(d->provider->provider)));
    suggest_put_string(b, "\t", "IOUserClass", dx_str(d->wish->user_class));
    suggest_put_string(b, "\t", "IOUserServerName", DX_STR(BUNDLE_ID));
    if (d->score) {
        put_key(b, "\t", "IOProbeScore");
        dx_buf_printf(b, "\t<integer>%" PRId64 "</integer>\n", d->score);
    }
    bool whole = put_keys(d);
    put_clients(d);
    dx_buf_puts(b, "</dict>\n");
    return whole;
}

/* ---- entitlements -------------------------------------------------------------------------- */

/* In a file of its own the development form is what it shall be. */
static void note_development(struct dx_draft *d)
{
    if (d->wish->named) {
        dx_buf_puts(&d->e,
                    "\t\t\t<!-- dextctl: ignore DX418 builds for development alone are signed "
                    "with this file -->\n");
    }
}

static void put_usb_transport(struct dx_draft *d, bool development)
{
    put_key(&d->e, "\t", TRANSPORT "usb");
    dx_buf_puts(&d->e, "\t<array>\n\t\t<dict>\n");
    if (development) {
        note_development(d);
        suggest_put_string(&d->e, "\t\t\t", "idVendor", DX_STR("*"));
    } else {
        (void)put_own(d, &d->e, "\t\t\t", "idVendor");
    }
    dx_buf_puts(&d->e, "\t\t</dict>\n\t</array>\n");
}

static void put_pci_transport(struct dx_draft *d, bool development)
{
    uint32_t primary = 0;
    (void)pci_primary(d, &primary);
    put_key(&d->e, "\t", TRANSPORT "pci");
    dx_buf_puts(&d->e, "\t<array>\n\t\t<dict>\n");
    const char *vendor =
        dx_sprintf(&d->w->ctx->arena, "0x0000%04" PRIx32 "&0x0000FFFF", primary & 0xffff);
    if (development) {
        note_development(d);
    }
    suggest_put_string(&d->e, "\t\t\t", "IOPCIPrimaryMatch",
                       dx_str(development ? "0xFFFFFFFF&0x00000000" : vendor));
    dx_buf_puts(&d->e, "\t\t</dict>\n\t</array>\n");
}

static bool is_transport(const char *key)
{
    return strncmp(key, TRANSPORT, strlen(TRANSPORT)) == 0;
}

const char *dx_draft_entitlements(struct dx_draft *d, bool development)
{
    const char *const *more = development ? d->wish->development : d->wish->distribution;
    dx_buf_init(&d->e, &d->w->ctx->arena, 1 << 20);
    dx_buf_puts(&d->e, "<dict>\n");
    put_true(&d->e, "\t", "com.apple.developer.driverkit");
    for (const char *k = kb_first(d->family->entitlement); *k; k = kb_next(k)) {
        if (!is_transport(k)) {
            put_true(&d->e, "\t", k);
        }
    }
    switch (d->provider->bus) {
    case KB_PROVIDER_BUS_USB_DEVICE:
    case KB_PROVIDER_BUS_USB_INTERFACE:
        put_usb_transport(d, development);
        break;
    case KB_PROVIDER_BUS_PCI:
        put_pci_transport(d, development);
        break;
    case KB_PROVIDER_BUS_HID:
        put_true(&d->e, "\t", TRANSPORT "hid");
        break;
    default:
        break;
    }
    for (; more && *more; more++) {
        if (!dx_kb_list_has(d->family->entitlement, dx_str(*more))) {
            put_true(&d->e, "\t", *more);
        }
    }
    dx_buf_puts(&d->e, "</dict>\n");
    return d->e.p;
}
