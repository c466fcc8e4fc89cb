/* Lists of devices as registries: what every list shares. The keys of USB devices and interfaces
 * are those of IOUSBHostFamily (IOUSBHostFamilyDefinitions.h, as registry dumps show them); those
 * of PCI functions, and how they are named, are IOPCIFamily-726.0.5, IOPCIConfigurator.cpp,
 * constructProperties. */
#include "iokit/devices.h"

#include <stdio.h>
#include <string.h>

/* ---- nodes ----------------------------------------------------------------------------------- */

struct dx_reg_node *dx_device_add(struct dx_devices *d, struct dx_reg_node *parent,
                                  enum dx_device_kind kind, struct dx_str name, unsigned line)
{
    static const struct {
        const char *class_name, *chain;
    } kinds[] = {{"IOUSBHostDevice", "IORegistryEntry:IOService:IOUSBHostDevice"},
                 {"IOUSBHostInterface", "IORegistryEntry:IOService:IOUSBHostInterface"},
                 {"IOPCIDevice", "IORegistryEntry:IOService:IOPCIDevice"}};
    struct dx_reg_node *n = dx_reg_add(d->b, parent);
    n->name = name.n ? name : dx_str(kinds[kind].class_name);
    n->location = DX_STR("");
    n->class_name = dx_str(kinds[kind].class_name);
    n->chain = dx_str(kinds[kind].chain);
    n->state = DX_REG_PARTIAL;
    n->line = line;
    d->node = n;
    d->cap = 0;
    return n;
}

static struct dext_node *devices_put(struct dx_devices *d, const char *key, enum dext_kind kind)
{
    struct dx_arena *a = &d->b->ctx->arena;
    struct dext_node *v = dx_alloc(a, sizeof *v);
    size_t count = d->node->prop_count;
    v->kind = kind;
    v->at.line = d->node->line;
    struct dx_reg_prop *p = DX_PUSH(a, d->node->props, count, d->cap);
    d->node->prop_count = (uint32_t)count;
    *p = (struct dx_reg_prop){.key = dx_str(key), .value = v};
    return v;
}

void dx_device_number(struct dx_devices *d, const char *key, uint64_t value)
{
    struct dext_node *v = devices_put(d, key, DEXT_INTEGER);
    v->integer = value;
    const char *text = dx_sprintf(&d->b->ctx->arena, "%llu", (unsigned long long)value);
    v->text = dx_str(text);
}

void dx_device_flag(struct dx_devices *d, const char *key)
{
    devices_put(d, key, DEXT_BOOL)->boolean = true;
}

void dx_device_text(struct dx_devices *d, const char *key, struct dx_str text)
{
    if (text.n) {
        struct dext_node *v = devices_put(d, key, DEXT_STRING);
        v->text = (struct dx_str){dx_strndup(&d->b->ctx->arena, text.p, text.n), text.n};
    }
}

static void devices_data(struct dx_devices *d, const char *key, const char *p, size_t n)
{
    struct dext_node *v = devices_put(d, key, DEXT_DATA);
    v->text = (struct dx_str){dx_strndup(&d->b->ctx->arena, p, n), n};
}

/* ---- PCI ------------------------------------------------------------------------------------- */

/* Four bytes, the lowest first. */
static void devices_register(struct dx_devices *d, const char *key, int32_t value)
{
    if (value >= 0) {
        uint32_t v = (uint32_t)value;
        char bytes[4] = {(char)v, (char)(v >> 8), (char)(v >> 16), (char)(v >> 24)};
        devices_data(d, key, bytes, sizeof bytes);
    }
}

/* A function of these classes is called by what it does. (A display of class 0x000100 is, too: of
 * the days before classes.) */
static const char *devices_generic_name(int class_base)
{
    static const struct {
        const char *name;
        int mask, base;
    } names[] = {{"scsi", 0xffff, 0x0100},
                 {"ethernet", 0xffff, 0x0200},
                 {"display", 0xff00, 0x0300},
                 {"pci-bridge", 0xffff, 0x0604}};
    for (size_t i = 0; class_base >= 0 && i < sizeof names / sizeof *names; i++) {
        if ((class_base & names[i].mask) == names[i].base) {
            return names[i].name;
        }
    }
    return NULL;
}

/* Names in "compatible" end with a NUL each. */
static void devices_compatible(struct dx_devices *d, const struct dx_pci_facts *f,
                               const char **first)
{
    char text[64];
    size_t n = 0;
    bool sub = f->sub_vendor > 0 || f->sub_device > 0;
    if (sub && (f->sub_vendor != f->vendor || f->sub_device != f->device)) {
        n += (size_t)snprintf(text, 16, "pci%x,%x", (unsigned)f->sub_vendor,
                              (unsigned)f->sub_device) +
             1;
    }
    n += (size_t)snprintf(text + n, 16, "pci%x,%x", (unsigned)f->vendor, (unsigned)f->device) + 1;
    if (f->class_code >= 0) {
        n += (size_t)snprintf(text + n, 20, "pciclass,%06x", (unsigned)f->class_code) + 1;
    }
    devices_data(d, "compatible", text, n);
    *first = dx_strdup(&d->b->ctx->arena, text);
}

void dx_device_pci(struct dx_devices *d, const struct dx_pci_facts *f)
{
    const char *by_number = NULL, *name = devices_generic_name(f->class_base);
    if (f->vendor < 0 || f->device < 0) {
        d->nameless_line = d->nameless++ ? d->nameless_line : d->node->line;
    }
    devices_register(d, "vendor-id", f->vendor);
    devices_register(d, "device-id", f->device);
    devices_register(d, "subsystem-vendor-id", f->sub_vendor);
    devices_register(d, "subsystem-id", f->sub_device);
    devices_register(d, "revision-id", f->revision);
    devices_register(d, "class-code", f->class_code);
    if (f->vendor >= 0 && f->device >= 0) {
        devices_compatible(d, f, &by_number);
        d->node->name = dx_str(name ? name : by_number);
    }
}

/* ---- numbers --------------------------------------------------------------------------------- */

static int devices_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

int dx_device_hex16(struct dx_str s)
{
    size_t i = dx_str_has_prefix(s, "0x") || dx_str_has_prefix(s, "0X") ? 2 : 0, digits = 0;
    int v = 0;
    for (; i < s.n && devices_digit(s.p[i]) >= 0; i++, digits++) {
        v = v * 16 + devices_digit(s.p[i]);
        if (v > 0xffff) {
            return -1;
        }
    }
    return digits ? v : -1;
}

int dx_device_bcd(struct dx_str s)
{
    const char *dot = memchr(s.p, '.', s.n);
    size_t major = dot ? (size_t)(dot - s.p) : 0;
    if (dx_str_has_prefix(s, "0x")) {
        return dx_device_hex16(s);
    }
    if (major == 0 || major > 2 || s.n < major + 3) {
        return -1;
    }
    int high = dx_device_hex16((struct dx_str){s.p, major});
    int a = devices_digit(s.p[major + 1]), b = devices_digit(s.p[major + 2]);
    bool more = s.n > major + 3 && devices_digit(s.p[major + 3]) >= 0;
    return high < 0 || a < 0 || b < 0 || more || high > 0xff ? -1 : high << 8 | a << 4 | b;
}

struct dx_str dx_device_unquoted(struct dx_str s)
{
    while (s.n && *s.p == '>') {
        s = dx_str_trim((struct dx_str){s.p + 1, s.n - 1});
    }
    return s;
}

/* ---- which list ------------------------------------------------------------------------------ */

bool dx_devices_is_profiler_xml(struct dx_str head)
{
    return dx_str_contains(head, "<key>_SPCommandLineArguments</key>") ||
           dx_str_contains(head, "<key>_SPCompletionInterval</key>") ||
           dx_str_contains(head, "<key>_SPResponseTime</key>") ||
           dx_str_contains(head, "<key>_dataType</key>");
}

static const char *devices_read_profiler(struct dx_devices *d, const struct dx_source *src,
                                         bool xml)
{
    const char *why = xml ? dx_devices_profiler_xml(d, src) : dx_devices_profiler_json(d, src);
    if (!why && d->b->reg->count == 0) {
        why = dx_sprintf(&d->b->ctx->arena,
                         "%s: no USB and no PCI device in it; from macOS 26 on, USB devices are in "
                         "SPUSBHostDataType, and SPUSBDataType is empty",
                         src->path);
    }
    return why;
}

#define HEAD ((size_t)65536)

bool dx_reg_read_devices(struct dx_reg_builder *b, const struct dx_source *src)
{
    struct dx_registry *r = b->reg;
    struct dx_devices d = {.b = b};
    struct dx_str text = {src->data, src->size}, head = dx_str_trim(text);
    head.n = head.n < HEAD ? head.n : HEAD;
    bool xml = dx_str_has_prefix(head, "<") || dx_str_has_prefix(head, "bplist");
    bool json = dx_str_has_prefix(head, "{") && dx_str_contains(head, "DataType\"");
    const char *why = NULL;
    if (xml || json) {
        why = devices_read_profiler(&d, src, xml);
        r->devices = "system_profiler";
    } else {
        dx_devices_lsusb(&d, text);
        r->devices = r->count ? "lsusb" : NULL;
        size_t usb = r->count;
        dx_devices_lspci(&d, text);
        r->devices = r->count == usb ? r->devices : usb ? "lsusb and lspci" : "lspci";
        if (r->count == 0) {
            dx_devices_profiler_text(&d, text);
            r->devices = r->count ? "system_profiler" : NULL;
        }
    }
    if (d.nameless) {
        r->lost += d.nameless;
        why =
            dx_sprintf(&b->ctx->arena, "%s:%u: no vendor and device number; lspci -nnvv shows them",
                       src->path, d.nameless_line);
    } else if (why) {
        r->lost++;
    }
    r->reason = why ? why : r->reason;
    r->format = r->devices ? DX_REG_DEVICES : r->format;
    r->chains |= r->devices != NULL;
    return r->devices != NULL;
}
