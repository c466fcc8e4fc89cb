/* What `system_profiler SPUSBDataType SPPCIDataType` writes: with -json, with -xml, and as text.
 * Its keys are not documented; these are those met in outputs of 10.7 to 10.9 (a_product_id), 10.10
 * to 15 (product_id) and 26 (USBDeviceKeyProductID). It shows devices, no interfaces. */
#include "iokit/devices.h"

#include <jansson.h>
#include <string.h>

#include "plist/tree.h"

#define DEEPEST_HUB 32 /* hubs behind hubs: USB allows seven */

/* One of Apple's own is named, not numbered. */
#define APPLE 0x05ac

struct profiler {
    struct dx_devices *d;
    bool pci;
};

/* ---- JSON as a property list ----------------------------------------------------------------- */

static struct dext_node *profiler_node(struct dext_ctx *ctx, const json_t *v, unsigned depth);

static void profiler_adopt(struct dext_node *parent, struct dext_node *child)
{
    if (child) {
        *(parent->child ? &parent->last->next : &parent->child) = child;
        parent->last = child;
        parent->count++;
    }
}

static struct dext_node *profiler_object(struct dext_ctx *ctx, json_t *v, unsigned depth)
{
    struct dext_node *n = dx_alloc(&ctx->arena, sizeof *n), *c;
    const char *key;
    json_t *one;
    n->kind = DEXT_DICT;
    json_object_foreach(v, key, one)
    {
        c = profiler_node(ctx, one, depth + 1);
        if (c) {
            c->key = dx_str(dx_strdup(&ctx->arena, key));
            c->in_dict = true;
            profiler_adopt(n, c);
        }
    }
    return n;
}

static struct dext_node *profiler_node(struct dext_ctx *ctx, const json_t *v, unsigned depth)
{
    struct dext_node *n;
    if (depth > 2 * DEEPEST_HUB) {
        return NULL;
    }
    if (json_is_object(v)) {
        return profiler_object(ctx, (json_t *)v, depth);
    }
    n = dx_alloc(&ctx->arena, sizeof *n);
    if (json_is_array(v)) {
        n->kind = DEXT_ARRAY;
        for (size_t i = 0; i < json_array_size(v); i++) {
            profiler_adopt(n, profiler_node(ctx, json_array_get(v, i), depth + 1));
        }
        return n;
    }
    n->kind = DEXT_STRING;
    n->text = DX_STR("");
    if (json_is_string(v)) {
        size_t size = json_string_length(v);
        n->text = (struct dx_str){dx_strndup(&ctx->arena, json_string_value(v), size), size};
    }
    return n;
}

/* ---- items ----------------------------------------------------------------------------------- */

/* The string of the first of the keys that is there. */
static struct dx_str profiler_text(const struct dext_node *item, const char *const *keys)
{
    for (; *keys; keys++) {
        const struct dext_node *n = dx_get_kind(item, *keys, DEXT_STRING);
        if (n) {
            return dx_str_trim(n->text);
        }
    }
    return DX_STR("");
}

#define PROFILER_KEYS(...) ((const char *const[]){__VA_ARGS__, NULL})

static int profiler_vendor(struct dx_str s)
{
    return dx_str_has_prefix(s, "apple_vendor_id") ? APPLE : dx_device_hex16(s);
}

static void profiler_put(struct dx_devices *d, const char *key, int value)
{
    if (value >= 0) {
        dx_device_number(d, key, (uint64_t)value);
    }
}

struct profiler_usb {
    int vendor, product, version;
    struct dx_str name, maker, serial, location;
};

/* "0x14200000 / 5": the place, then the address. ioreg shows it as @14200000. */
static struct dx_str profiler_location(struct dx_str s)
{
    s = dx_str_has_prefix(s, "0x") ? (struct dx_str){s.p + 2, s.n - 2} : s;
    size_t n = 0;
    while (n < s.n && strchr("0123456789abcdefABCDEF", s.p[n])) {
        n++;
    }
    return n == 8 ? (struct dx_str){s.p, n} : DX_STR("");
}

static struct dx_reg_node *profiler_add_usb(struct dx_devices *d, struct dx_reg_node *parent,
                                            const struct profiler_usb *u, unsigned line)
{
    struct dx_reg_node *n = dx_device_add(d, parent, DX_DEVICE_USB, u->name, line);
    n->location = profiler_location(u->location);
    profiler_put(d, "idVendor", u->vendor);
    profiler_put(d, "idProduct", u->product);
    profiler_put(d, "bcdDevice", u->version);
    dx_device_text(d, "USB Vendor Name", u->maker);
    dx_device_text(d, "USB Product Name", u->name);
    dx_device_text(d, "USB Serial Number", u->serial);
    return n;
}

static struct dx_reg_node *profiler_usb(struct dx_devices *d, struct dx_reg_node *parent,
                                        const struct dext_node *item)
{
    struct profiler_usb u = {
        .vendor = profiler_vendor(
            profiler_text(item, PROFILER_KEYS("vendor_id", "b_vendor_id", "USBDeviceKeyVendorID"))),
        .product = dx_device_hex16(profiler_text(
            item, PROFILER_KEYS("product_id", "a_product_id", "USBDeviceKeyProductID"))),
        .version = dx_device_bcd(profiler_text(
            item, PROFILER_KEYS("bcd_device", "c_bcd_device", "USBDeviceKeyProductVersion"))),
        .name = profiler_text(item, PROFILER_KEYS("_name")),
        .maker = profiler_text(
            item, PROFILER_KEYS("manufacturer", "f_manufacturer", "USBDeviceKeyVendorName")),
        .serial = profiler_text(
            item, PROFILER_KEYS("serial_num", "d_serial_num", "USBDeviceKeySerialNumber")),
        .location =
            profiler_text(item, PROFILER_KEYS("location_id", "g_location_id", "USBKeyLocationID")),
    };
    return u.vendor < 0 && u.product < 0 ? parent : profiler_add_usb(d, parent, &u, item->at.line);
}

static int profiler_number(const struct dext_node *item, const char *key)
{
    return dx_device_hex16(profiler_text(item, PROFILER_KEYS(key)));
}

/* A device in a slot of this name is behind a tunnel, and IOPCIFamily says so on its node. */
static void profiler_slot(struct dx_devices *d, struct dx_str slot)
{
    dx_device_text(d, "AAPL,slot-name", slot);
    if (dx_str_has_prefix(slot, "Thunderbolt@")) {
        dx_device_flag(d, "IOPCITunnelled");
    }
}

static struct dx_reg_node *profiler_pci(struct dx_devices *d, struct dx_reg_node *parent,
                                        const struct dext_node *item)
{
    struct dx_pci_facts f = {profiler_number(item, "sppci_vendor-id"),
                             profiler_number(item, "sppci_device-id"),
                             profiler_number(item, "sppci_subsystem-vendor-id"),
                             profiler_number(item, "sppci_subsystem-id"),
                             profiler_number(item, "sppci_revision-id"),
                             -1,
                             -1};
    if (f.vendor < 0 || f.device < 0) {
        return parent;
    }
    struct dx_str name = profiler_text(item, PROFILER_KEYS("_name"));
    struct dx_reg_node *n = dx_device_add(d, NULL, DX_DEVICE_PCI, name, item->at.line);
    dx_device_pci(d, &f);
    n->name = name.n ? name : n->name;
    profiler_slot(d, profiler_text(item, PROFILER_KEYS("sppci_slot_name")));
    return n;
}

static void profiler_items(const struct profiler *p, struct dx_reg_node *parent,
                           const struct dext_node *list, unsigned depth)
{
    const struct dext_node *n = list ? list->child : NULL;
    for (; n && depth < DEEPEST_HUB; n = n->next) {
        if (n->kind == DEXT_DICT) {
            struct dx_reg_node *made =
                p->pci ? profiler_pci(p->d, parent, n) : profiler_usb(p->d, parent, n);
            profiler_items(p, made, dx_get_kind(n, "_items", DEXT_ARRAY), depth + 1);
        }
    }
}

static void profiler_type(struct dx_devices *d, struct dx_str type, const struct dext_node *items)
{
    bool usb = dx_str_is(type, "SPUSBDataType") || dx_str_is(type, "SPUSBHostDataType");
    struct profiler p = {.d = d, .pci = dx_str_is(type, "SPPCIDataType")};
    if (usb || p.pci) {
        profiler_items(&p, NULL, items, 0);
    }
}

/* ---- documents ------------------------------------------------------------------------------- */

const char *dx_devices_profiler_json(struct dx_devices *d, const struct dx_source *src)
{
    struct dext_ctx *ctx = d->b->ctx;
    json_error_t error;
    json_t *v = json_loadb(src->data, src->size, JSON_ALLOW_NUL, &error);
    if (!json_is_object(v)) {
        json_decref(v);
        return dx_sprintf(&ctx->arena, "%s:%d:%d: %s", src->path, v ? 1 : error.line,
                          v ? 1 : error.column, v ? "not what system_profiler writes" : error.text);
    }
    const struct dext_node *root = profiler_node(ctx, v, 0);
    json_decref(v);
    for (const struct dext_node *n = root->child; n; n = n->next) {
        profiler_type(d, n->key, n->kind == DEXT_ARRAY ? n : NULL);
    }
    return NULL;
}

/* An array with a dictionary for each kind of data that was asked for. */
const char *dx_devices_profiler_xml(struct dx_devices *d, const struct dx_source *src)
{
    const struct dext_plist *pl = dx_plist_load(d->b->ctx, src);
    const struct dext_node *root = pl->root;
    bool array = root && root->kind == DEXT_ARRAY;
    for (const struct dext_node *n = array ? root->child : NULL; n; n = n->next) {
        const struct dext_node *type = dx_get_kind(n, "_dataType", DEXT_STRING);
        if (type) {
            profiler_type(d, type->text, dx_get_kind(n, "_items", DEXT_ARRAY));
        }
    }
    return pl->stopped ? pl->reason : NULL;
}

/* ---- text ------------------------------------------------------------------------------------ */

struct profiler_lines {
    struct dx_devices *d;
    struct profiler_usb usb;
    unsigned line, begun;
};

static void profiler_end(struct profiler_lines *p)
{
    if (p->begun && p->usb.vendor >= 0 && p->usb.product >= 0) {
        (void)profiler_add_usb(p->d, NULL, &p->usb, p->begun);
    }
    p->usb = (struct profiler_usb){-1, -1, -1, DX_STR(""), DX_STR(""), DX_STR(""), DX_STR("")};
}

/* "        YubiKey OTP+FIDO+CCID:", then "          Product ID: 0x0407" and its like. */
static void profiler_line(struct profiler_lines *p, struct dx_str s)
{
    const char *colon = memmem(s.p, s.n, ": ", 2);
    if (!colon) {
        if (s.n > 1 && s.p[s.n - 1] == ':') {
            profiler_end(p);
            p->usb.name = (struct dx_str){s.p, s.n - 1};
            p->begun = p->line;
        }
        return;
    }
    struct dx_str key = {s.p, (size_t)(colon - s.p)};
    struct dx_str value = dx_str_trim((struct dx_str){colon + 2, s.n - key.n - 2});
    if (dx_str_is(key, "Product ID") || dx_str_is(key, "USB Product ID")) {
        p->usb.product = dx_device_hex16(value);
    } else if (dx_str_is(key, "Vendor ID") || dx_str_is(key, "USB Vendor ID")) {
        p->usb.vendor = profiler_vendor(value);
    } else if (dx_str_is(key, "Version")) {
        p->usb.version = dx_device_bcd(value);
    } else if (dx_str_is(key, "Manufacturer")) {
        p->usb.maker = value;
    } else if (dx_str_is(key, "Serial Number")) {
        p->usb.serial = value;
    } else if (dx_str_is(key, "Location ID")) {
        p->usb.location = value;
    }
}

void dx_devices_profiler_text(struct dx_devices *d, struct dx_str text)
{
    struct profiler_lines p = {.d = d, .line = 0};
    struct dx_str rest = text;
    profiler_end(&p);
    while (rest.n && d->b->reg->count <= d->b->ctx->limits.plist_nodes) {
        const char *end = memchr(rest.p, '\n', rest.n);
        size_t n = end ? (size_t)(end - rest.p) : rest.n;
        struct dx_str raw = {rest.p, n};
        rest = (struct dx_str){rest.p + n + (end != NULL), rest.n - n - (end != NULL)};
        p.line++;
        profiler_line(&p, dx_str_trim(raw));
    }
    profiler_end(&p);
}
