/* DX307, DX308, DX314: matching on HID nubs. Sources: IOHIDFamily-2222.0.24, IOHIDDevice.cpp
 * (validateMatchingTable), IOHIDInterface.cpp, AppleUserHIDEventService.cpp. */
#include <string.h>

#include "rules/family.h"

static bool vendor_page(const struct dext_node *dict, const char *key)
{
    int64_t page;
    return dx_int(dx_get(dict, key), &page) && page >= 0xff00;
}

/* The first node that asks for a vendor-defined page, or NULL. */
static const struct dext_node *hid_vendor_usage(const struct dx_personality *p)
{
    if (vendor_page(p->dict, "PrimaryUsagePage")) {
        return dx_get(p->dict, "PrimaryUsagePage");
    }
    const struct dext_node *pairs = dx_get_kind(p->dict, "DeviceUsagePairs", DEXT_ARRAY);
    for (const struct dext_node *n = pairs ? pairs->child : NULL; n; n = n->next) {
        if (vendor_page(n, "DeviceUsagePage")) {
            return dx_get(n, "DeviceUsagePage");
        }
    }
    return NULL;
}

static void usage_without_vendor(struct dx_check *c, const struct dx_personality *p)
{
    const struct dext_node *usage = hid_vendor_usage(p);
    const struct dext_node *transport = dx_get(p->dict, "Transport");
    if (!usage || dx_get(p->dict, "VendorID") || dx_get(p->dict, "idVendor")) {
        return; /* idVendor in its place: key-of-other-bus */
    }
    dx_find(c, DX_HID_USAGE_WITHOUT_VENDOR, dx_at(usage),
            "%s 0x%llx is a vendor-defined page, but VendorID is missing", usage->key.p,
            (unsigned long long)usage->integer);
    if (dx_is_literal(transport) && (dx_str_contains(transport->text, "USB") ||
                                     dx_str_contains(transport->text, "Bluetooth"))) {
        dx_severity(c, DEXT_ERROR);
        dx_why(c,
               "With Transport %s the kernel refuses such a personality: a vendor-defined page "
               "means something only together with the vendor.",
               transport->text.p);
    }
}

static void usb_keys(struct dx_check *c, const struct dx_personality *p)
{
    static const struct {
        const char *wrong, *right;
    } keys[] = {{"idVendor", "VendorID"}, {"idProduct", "ProductID"}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const struct dext_node *n = dx_get(p->dict, keys[i].wrong);
        if (n && !dx_get(p->dict, keys[i].right)) {
            dx_find(c, DX_KEY_OF_OTHER_BUS, dx_at_key(n),
                    "%s is a USB key: %s is matched on %s, so this one selects nothing",
                    keys[i].wrong, p->provider->text.p, keys[i].right);
            dx_fix(c, "Write %s.", keys[i].right);
            dx_edit_replace_key(c, n, keys[i].right);
            dx_repeats(c);
        }
    }
}

static void hid_provider(struct dx_check *c, const struct dx_personality *p)
{
    if (!p->bus || !p->kernel || dx_str_is(p->provider->text, "IOHIDInterface") ||
        !dx_str_is(p->ioclass->text, "AppleUserHIDEventService")) {
        return;
    }
    dx_find(c, DX_HID_PROVIDER, dx_at(p->provider),
            "AppleUserHIDEventService on %s: it starts on an IOHIDInterface only",
            p->provider->text.p);
    if (p->bus->bus == KB_PROVIDER_BUS_HID) {
        dx_fix(c, "Write IOHIDInterface.");
        dx_edit_replace_text(c, p->provider, "IOHIDInterface");
    } else {
        dx_fix(c,
               "For the events of a device write IOHIDInterface and match on VendorID and "
               "ProductID; to present a device on %s, IOClass is AppleUserHIDDevice.",
               p->provider->text.p);
    }
}

void dx_check_hid(struct dx_check *c, const struct dx_personality *p)
{
    hid_provider(c, p);
    if (!p->bus || p->bus->bus != KB_PROVIDER_BUS_HID) {
        return;
    }
    usb_keys(c, p);
    if (dx_file_is_whole(c) && !dx_str_is(p->provider->text, "IOHIDEventService")) {
        usage_without_vendor(c, p);
    }
}
