/* What `lsusb -v` and `lsusb` print. Source: usbutils, lsusb.c (dump_device, dump_config,
 * dump_altsetting), and what people paste: without the line of the bus, without root's rights (no
 * texts), from FreeBSD. */
#include "iokit/devices.h"

#include <string.h>

enum lsusb_part { LSUSB_NOTHING, LSUSB_DEVICE, LSUSB_CONFIG, LSUSB_INTERFACE, LSUSB_OTHER };

/* What has been read of the device at hand, and of its interface. -1: not shown. */
struct lsusb {
    struct dx_devices *d;
    struct dx_reg_node *device;
    enum lsusb_part part;
    unsigned line, begun; /* the line at hand, and where the part begins */
    bool described;       /* its descriptor was seen */
    int vendor, product, version, config;
    int number[4]; /* of the part: class, subclass, protocol, configurations or endpoints */
    int interface, alternate;
    struct dx_str maker, model, serial, label;
};

static void lsusb_forget(struct lsusb *u)
{
    for (size_t i = 0; i < 4; i++) {
        u->number[i] = -1;
    }
    u->interface = u->alternate = -1;
    u->label = DX_STR("");
    u->begun = u->line;
}

static void lsusb_put(struct lsusb *u, const char *key, int value)
{
    if (value >= 0) {
        dx_device_number(u->d, key, (uint64_t)value);
    }
}

static void lsusb_numbers(struct lsusb *u, const char *const *keys)
{
    for (size_t i = 0; i < 4; i++) {
        lsusb_put(u, keys[i], u->number[i]);
    }
}

static void lsusb_end_device(struct lsusb *u)
{
    static const char *const keys[] = {"bDeviceClass", "bDeviceSubClass", "bDeviceProtocol",
                                       "bNumConfigurations"};
    if (u->device || u->vendor < 0 || u->product < 0) {
        return;
    }
    u->device = dx_device_add(u->d, NULL, DX_DEVICE_USB, u->model, u->begun);
    lsusb_put(u, "idVendor", u->vendor);
    lsusb_put(u, "idProduct", u->product);
    lsusb_put(u, "bcdDevice", u->version);
    lsusb_numbers(u, keys);
    dx_device_text(u->d, "USB Vendor Name", u->maker);
    dx_device_text(u->d, "USB Product Name", u->model);
    dx_device_text(u->d, "USB Serial Number", u->serial);
}

/* Alternate settings are none of their own on a Mac: an interface is one node, which begins with
 * setting 0. */
static void lsusb_end_interface(struct lsusb *u)
{
    static const char *const keys[] = {"bInterfaceClass", "bInterfaceSubClass",
                                       "bInterfaceProtocol", "bNumEndpoints"};
    if (!u->device || u->interface < 0 || u->alternate > 0) {
        return;
    }
    struct dx_reg_node *n =
        dx_device_add(u->d, u->device, DX_DEVICE_USB_INTERFACE, u->label, u->begun);
    n->location = dx_str(dx_sprintf(&u->d->b->ctx->arena, "%x", (unsigned)u->interface));
    lsusb_put(u, "idVendor", u->vendor);
    lsusb_put(u, "idProduct", u->product);
    lsusb_put(u, "bcdDevice", u->version);
    lsusb_put(u, "bConfigurationValue", u->config);
    lsusb_put(u, "bInterfaceNumber", u->interface);
    lsusb_put(u, "bAlternateSetting", u->alternate);
    lsusb_numbers(u, keys);
}

static void lsusb_end(struct lsusb *u)
{
    if (u->part == LSUSB_DEVICE) {
        lsusb_end_device(u);
    } else if (u->part == LSUSB_INTERFACE) {
        lsusb_end_interface(u);
    }
    lsusb_forget(u);
}

static void lsusb_begin_device(struct lsusb *u)
{
    lsusb_end(u);
    u->part = LSUSB_DEVICE;
    u->device = NULL;
    u->described = false;
    u->vendor = u->product = u->version = u->config = -1;
    u->maker = u->model = u->serial = DX_STR("");
}

/* "Bus 001 Device 009: ID 1fc9:0090 NXP Semiconductors"; newer tools and other systems begin it
 * otherwise. */
static bool lsusb_is_title(struct dx_str s, int *vendor, int *product)
{
    const char *id = memmem(s.p, s.n, ": ID ", 5);
    bool known = dx_str_has_prefix(s, "Bus ") || dx_str_has_prefix(s, "Device: ID ");
    id = id ? id : dx_str_has_prefix(s, "Device: ID ") ? s.p + 6 : NULL;
    if (!known || !id || (size_t)(s.p + s.n - id) < 14) {
        return false;
    }
    *vendor = dx_device_hex16((struct dx_str){id + 5, 4});
    *product = dx_device_hex16((struct dx_str){id + 10, 4});
    return id[9] == ':' && *vendor >= 0 && *product >= 0;
}

static bool lsusb_section(struct lsusb *u, struct dx_str s)
{
    int vendor, product;
    if (lsusb_is_title(s, &vendor, &product)) {
        lsusb_begin_device(u);
        u->vendor = vendor;
        u->product = product;
        return true;
    }
    if (dx_str_is(s, "Device Descriptor:")) {
        if (u->part != LSUSB_DEVICE || u->described) { /* the line of the bus was left out */
            lsusb_begin_device(u);
        }
        u->described = true;
        return true;
    }
    if (s.n == 0 || s.p[s.n - 1] != ':' || u->part == LSUSB_NOTHING) {
        return false;
    }
    lsusb_end(u);
    u->part = dx_str_is(s, "Configuration Descriptor:") ? LSUSB_CONFIG
              : dx_str_is(s, "Interface Descriptor:")   ? LSUSB_INTERFACE
                                                        : LSUSB_OTHER;
    return true;
}

/* ---- fields ---------------------------------------------------------------------------------- */

static int lsusb_decimal(struct dx_str s)
{
    int v = 0;
    size_t i = 0;
    for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9' && v < 100000; i++) {
        v = v * 10 + (s.p[i] - '0');
    }
    return i && (i == s.n || s.p[i] == ' ') && v <= 255 ? v : -1;
}

/* "2 LPC-LINK2": the text, unless the tool could not read it. */
static struct dx_str lsusb_text(struct dx_str s)
{
    const char *space = memchr(s.p, ' ', s.n);
    if (lsusb_decimal(s) <= 0 || !space) {
        return DX_STR("");
    }
    s = dx_str_trim((struct dx_str){space, s.n - (size_t)(space - s.p)});
    return dx_str_is(s, "(error)") ? DX_STR("") : s;
}

static void lsusb_device_field(struct lsusb *u, struct dx_str key, struct dx_str value)
{
    if (dx_str_is(key, "idVendor")) {
        u->vendor = dx_device_hex16(value);
    } else if (dx_str_is(key, "idProduct")) {
        u->product = dx_device_hex16(value);
    } else if (dx_str_is(key, "bcdDevice")) {
        u->version = dx_device_bcd(value);
    } else if (dx_str_is(key, "iManufacturer")) {
        u->maker = lsusb_text(value);
    } else if (dx_str_is(key, "iProduct")) {
        u->model = lsusb_text(value);
    } else if (dx_str_is(key, "iSerial")) {
        u->serial = lsusb_text(value);
    }
}

static void lsusb_field(struct lsusb *u, struct dx_str key, struct dx_str value)
{
    static const char *const device[] = {"bDeviceClass", "bDeviceSubClass", "bDeviceProtocol",
                                         "bNumConfigurations"};
    static const char *const interface[] = {"bInterfaceClass", "bInterfaceSubClass",
                                            "bInterfaceProtocol", "bNumEndpoints"};
    const char *const *names = u->part == LSUSB_DEVICE ? device : interface;
    for (size_t i = 0; (u->part == LSUSB_DEVICE || u->part == LSUSB_INTERFACE) && i < 4; i++) {
        if (dx_str_is(key, names[i])) {
            u->number[i] = lsusb_decimal(value);
            return;
        }
    }
    if (u->part == LSUSB_DEVICE) {
        lsusb_device_field(u, key, value);
    } else if (u->part == LSUSB_CONFIG && dx_str_is(key, "bConfigurationValue")) {
        u->config = lsusb_decimal(value);
    } else if (u->part == LSUSB_INTERFACE && dx_str_is(key, "bInterfaceNumber")) {
        u->interface = lsusb_decimal(value);
    } else if (u->part == LSUSB_INTERFACE && dx_str_is(key, "bAlternateSetting")) {
        u->alternate = lsusb_decimal(value);
    } else if (u->part == LSUSB_INTERFACE && dx_str_is(key, "iInterface")) {
        u->label = lsusb_text(value);
    }
}

void dx_devices_lsusb(struct dx_devices *d, struct dx_str text)
{
    struct lsusb u = {.d = d};
    struct dx_str rest = text;
    lsusb_forget(&u);
    while (rest.n && d->b->reg->count <= d->b->ctx->limits.plist_nodes) {
        const char *end = memchr(rest.p, '\n', rest.n);
        size_t n = end ? (size_t)(end - rest.p) : rest.n;
        struct dx_str s = dx_device_unquoted(dx_str_trim((struct dx_str){rest.p, n}));
        rest = (struct dx_str){rest.p + n + (end != NULL), rest.n - n - (end != NULL)};
        u.line++;
        if (lsusb_section(&u, s) || u.part == LSUSB_NOTHING) {
            continue;
        }
        const char *space = memchr(s.p, ' ', s.n);
        size_t k = space ? (size_t)(space - s.p) : 0;
        if (k) {
            lsusb_field(&u, (struct dx_str){s.p, k},
                        dx_str_trim((struct dx_str){s.p + k, s.n - k}));
        }
    }
    lsusb_end(&u);
}
