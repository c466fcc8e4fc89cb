#include "bundle/personality.h"

#include <string.h>

/* ---- which family ------------------------------------------------------------------------- */

static const struct kb_family *family_by_nested(const struct dext_node *dict)
{
    for (size_t i = 0; i < kb_family_count; i++) {
        for (const char *s = kb_first(kb_family_rows[i].nested); *s; s = kb_next(s)) {
            if (dx_get(dict, s)) {
                return &kb_family_rows[i];
            }
        }
    }
    return NULL;
}

bool dx_is_generic_class(const struct dext_node *ioclass)
{
    return ioclass && ioclass->kind == DEXT_STRING && dx_str_is(ioclass->text, "IOUserService");
}

static const struct kb_family *family_by_class(const struct dx_personality *p)
{
    if (!p->kernel || p->kernel->status != KB_IOCLASS_STATUS_DRIVERKIT ||
        dx_is_generic_class(p->ioclass)) {
        return NULL;
    }
    const char *id = kb_first(p->kernel->family);
    return *id ? dx_kb_family(id) : NULL;
}

/* A class of the DriverKit frameworks; the bases of all drivers and user clients say nothing. */
const struct kb_family *dx_family_of_class(struct dx_str name)
{
    if (dx_str_is(name, "IOService") || dx_str_is(name, "IOUserClient")) {
        return NULL;
    }
    for (size_t i = 0; i < kb_family_count; i++) {
        if (dx_kb_list_has(kb_family_rows[i].user_class, name)) {
            return &kb_family_rows[i];
        }
    }
    return NULL;
}

const struct kb_family *dx_family_of_keys(const struct dx_personality *p)
{
    int64_t type;
    if (p->bus && p->bus->bus == KB_PROVIDER_BUS_SCSI &&
        dx_int(dx_get(p->dict, "Peripheral Device Type"), &type)) {
        return type == 0   ? dx_kb_family("scsi-type00")
               : type == 5 ? dx_kb_family("scsi-type05")
               : type == 7 ? dx_kb_family("scsi-type07")
                           : NULL;
    }
    if (dx_get(p->dict, "IOTTYBaseName") || dx_get(p->dict, "IOTTYSuffix")) {
        return dx_kb_family("serial");
    }
    return NULL;
}

/* A service without hardware whose children are HID devices. */
static bool makes_hid_devices(const struct dx_personality *p)
{
    for (const struct dext_node *n = p->dict->child; n; n = n->next) {
        const struct dext_node *ioclass = dx_get_kind(n, "IOClass", DEXT_STRING);
        if (ioclass && dx_str_is(ioclass->text, "AppleUserHIDDevice")) {
            return true;
        }
    }
    return false;
}

static const struct kb_family *family_by_bus(const struct dx_personality *p)
{
    switch (p->bus ? (int)p->bus->bus : -1) {
    case KB_PROVIDER_BUS_USB_DEVICE:
        return dx_kb_family("usb-device");
    case KB_PROVIDER_BUS_USB_INTERFACE:
        return dx_kb_family("usb-interface");
    case KB_PROVIDER_BUS_PCI:
        return dx_kb_family("pci");
    case KB_PROVIDER_BUS_HID:
        return dx_str_is(p->provider->text, "IOHIDInterface") ? dx_kb_family("hid-event") : NULL;
    case KB_PROVIDER_BUS_RESOURCES:
        return dx_kb_family(makes_hid_devices(p) ? "hid-virtual" : "control-service");
    default:
        return NULL;
    }
}

const struct kb_family *dx_family_of(const struct dx_personality *p)
{
    const struct kb_family *f = family_by_nested(p->dict);
    f = f ? f : family_by_class(p);
    if (!f && p->user_class && dx_is_literal(p->user_class)) {
        f = dx_family_of_class(p->user_class->text);
    }
    f = f ? f : dx_family_of_keys(p);
    return f ? f : family_by_bus(p);
}

static struct dx_personality read_personality(const struct dext_node *dict)
{
    struct dx_personality p = {.dict = dict, .name = dict->key.p};
    p.ioclass = dx_get(dict, "IOClass");
    p.provider = dx_get(dict, "IOProviderClass");
    p.user_class = dx_get(dict, "IOUserClass");
    p.server_name = dx_get(dict, "IOUserServerName");
    p.category = dx_get(dict, "IOMatchCategory");
    p.bundle_id = dx_get(dict, "CFBundleIdentifier");
    p.kernel_bundle = dx_get(dict, "CFBundleIdentifierKernel");
    p.is_dext = p.user_class || p.server_name;
    p.bus = dx_is_literal(p.provider) ? dx_kb_provider(p.provider->text) : NULL;
    p.kernel = dx_is_literal(p.ioclass) ? dx_kb_ioclass(p.ioclass->text) : NULL;
    p.family = dx_family_of(&p);
    return p;
}

size_t dx_personalities(struct dext_ctx *ctx, const struct dext_node *root,
                        const struct dx_personality **out)
{
    const struct dext_node *all = dx_get_kind(root, "IOKitPersonalities", DEXT_DICT);
    *out = NULL;
    if (!all) {
        return 0;
    }
    struct dx_personality *list = dx_calloc(&ctx->arena, all->count + 1, sizeof *list);
    size_t n = 0;
    for (const struct dext_node *p = all->child; p; p = p->next) {
        if (p->kind == DEXT_DICT && !p->overridden) {
            list[n++] = read_personality(p);
        }
    }
    *out = list;
    return n;
}
