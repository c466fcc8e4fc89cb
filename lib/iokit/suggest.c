/* A personality for a device, and the entitlements that go with it, as property-list text. What
 * belongs to a family comes from lib/data/families.rec; which keys name the device is the row of
 * the family's matcher that names it most exactly without its release. The simulator is run on what
 * was written, so that a suggestion that does not match is seen. */
#include <inttypes.h>
#include <string.h>

#include "iokit/match.h"
#include "rules/rule.h"

#define BUNDLE_ID "$(PRODUCT_BUNDLE_IDENTIFIER)"
#define TRANSPORT "com.apple.developer.driverkit.transport."

struct draft {
    const struct dx_world *w;
    const struct dx_reg_node *nub;
    const struct kb_family *family;
    const struct kb_provider *provider;
    struct dx_buf p, e; /* personality, entitlements */
    const char **notes;
    size_t note_count, note_cap;
};

static void note(struct draft *d, const char *text)
{
    *DX_PUSH(&d->w->ctx->arena, d->notes, d->note_count, d->note_cap) = text;
}

/* ---- XML ----------------------------------------------------------------------------------- */

static void put_text(struct dx_buf *b, struct dx_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        switch (s.p[i]) {
        case '&':
            dx_buf_puts(b, "&amp;");
            break;
        case '<':
            dx_buf_puts(b, "&lt;");
            break;
        case '>':
            dx_buf_puts(b, "&gt;");
            break;
        default:
            dx_buf_add(b, &s.p[i], 1);
        }
    }
}

static void put_key(struct dx_buf *b, const char *indent, const char *key)
{
    dx_buf_printf(b, "%s<key>", indent);
    put_text(b, dx_str(key));
    dx_buf_puts(b, "</key>\n");
}

static void put_string(struct dx_buf *b, const char *indent, const char *key, struct dx_str value)
{
    put_key(b, indent, key);
    dx_buf_printf(b, "%s<string>", indent);
    put_text(b, value);
    dx_buf_puts(b, "</string>\n");
}

static void put_true(struct dx_buf *b, const char *indent, const char *key)
{
    put_key(b, indent, key);
    dx_buf_printf(b, "%s<true/>\n", indent);
}

/* A number or string property of the node, under its own name; false when it has none. */
static bool put_own(struct draft *d, struct dx_buf *b, const char *indent, const char *key)
{
    struct dx_prop p = dx_node_prop(d->w, d->nub, key);
    uint64_t n;
    if (dx_number(p.value, &n)) {
        put_key(b, indent, key);
        dx_buf_printf(b, "%s<integer>%" PRId64 "</integer>\n", indent, (int64_t)n);
        return true;
    }
    if (p.value && p.value->kind == DEXT_STRING) {
        put_string(b, indent, key, p.value->text);
        return true;
    }
    return false;
}

static bool put_all(struct draft *d, const char *const *keys)
{
    bool all = true;
    for (; *keys; keys++) {
        all &= put_own(d, &d->p, "\t", *keys);
    }
    return all;
}

/* ---- keys of the bus ----------------------------------------------------------------------- */

static bool pci_primary(const struct draft *d, uint32_t *value)
{
    struct dx_eval e = {.w = d->w, .nub = d->nub};
    return dx_pci_register(&e, 0x00, value);
}

static bool put_pci(struct draft *d)
{
    uint32_t primary;
    if (!pci_primary(d, &primary)) {
        return false;
    }
    put_string(&d->p, "\t", "IOPCIPrimaryMatch",
               dx_str(dx_sprintf(&d->w->ctx->arena, "0x%08" PRIx32, primary)));
    if (dx_node_prop(d->w, d->nub, "IOPCITunnelled").value) {
        put_true(&d->p, "\t", "IOPCITunnelCompatible");
    }
    return true;
}

static bool put_hid(struct draft *d)
{
    static const char *const named[] = {"VendorID", "ProductID", NULL};
    static const char *const usage[] = {"PrimaryUsagePage", "PrimaryUsage", NULL};
    bool vendor = put_all(d, named);
    return put_all(d, usage) || vendor;
}

static bool put_service(struct draft *d)
{
    struct dx_prop p = dx_node_prop(d->w, d->nub, "IOUserClass");
    if (p.value && p.value->kind == DEXT_STRING) {
        put_key(&d->p, "\t", "IOPropertyMatch");
        dx_buf_puts(&d->p, "\t<dict>\n");
        put_string(&d->p, "\t\t", "IOUserClass", p.value->text);
        dx_buf_puts(&d->p, "\t</dict>\n");
        note(d, "a node that a driver extension made is found by its kernel class; IOPropertyMatch "
                "tells it from the others");
        return true;
    }
    put_string(&d->p, "\t", "IONameMatch", d->nub->name);
    return true;
}

static bool put_resources(struct draft *d)
{
    put_string(&d->p, "\t", "IOMatchCategory", DX_STR(BUNDLE_ID));
    put_string(&d->p, "\t", "IOResourceMatch", DX_STR("IOKit"));
    note(d, "on IOUserResources every driver needs a match category of its own");
    return true;
}

static bool put_keys(struct draft *d)
{
    static const char *const device[] = {"idVendor", "idProduct", NULL};
    static const char *const interface[] = {"idVendor", "idProduct", "bConfigurationValue",
                                            "bInterfaceNumber", NULL};
    static const char *const scsi[] = {"Peripheral Device Type", "Vendor Identification",
                                       "Product Identification", NULL};
    switch (d->provider->bus) {
    case KB_PROVIDER_BUS_USB_DEVICE:
        return put_all(d, device);
    case KB_PROVIDER_BUS_USB_INTERFACE:
        return put_all(d, interface);
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

static void put_clients(struct draft *d)
{
    const char *cls = kb_s(d->family->nested_class);
    for (const char *key = kb_first(d->family->nested); *key; key = kb_next(key)) {
        put_key(&d->p, "\t", key);
        dx_buf_puts(&d->p, "\t<dict>\n");
        put_string(&d->p, "\t\t", "IOClass", DX_STR("IOUserUserClient"));
        put_string(&d->p, "\t\t", "IOUserClass", dx_str(cls));
        dx_buf_puts(&d->p, "\t</dict>\n");
    }
}

static bool put_personality(struct draft *d)
{
    struct dx_buf *b = &d->p;
    dx_buf_puts(b, "<dict>\n");
    put_string(b, "\t", "CFBundleIdentifier", DX_STR(BUNDLE_ID));
    const char *kernel = kb_first(d->family->kernel_bundle);
    put_string(b, "\t", "CFBundleIdentifierKernel",
               dx_str(*kernel ? kernel : "com.apple.kpi.iokit"));
    put_string(b, "\t", "IOClass", dx_str(kb_s(d->family->ioclass)));
    put_string(b, "\t", "IOProviderClass", dx_str(kb_s(d->provider->provider)));
    put_string(b, "\t", "IOUserClass", DX_STR("MyDriver"));
    put_string(b, "\t", "IOUserServerName", DX_STR(BUNDLE_ID));
    bool whole = put_keys(d);
    put_clients(d);
    dx_buf_puts(b, "</dict>\n");
    return whole;
}

/* ---- entitlements -------------------------------------------------------------------------- */

static void put_usb_transport(struct draft *d)
{
    put_key(&d->e, "\t", TRANSPORT "usb");
    dx_buf_puts(&d->e, "\t<array>\n\t\t<dict>\n");
    (void)put_own(d, &d->e, "\t\t\t", "idVendor");
    dx_buf_puts(&d->e, "\t\t</dict>\n\t</array>\n");
    note(d, "transport.usb has to name the vendor as Apple approved it for your team; builds "
            "signed for development take \"*\" as idVendor");
}

static void put_pci_transport(struct draft *d)
{
    uint32_t primary = 0;
    (void)pci_primary(d, &primary);
    put_key(&d->e, "\t", TRANSPORT "pci");
    dx_buf_puts(&d->e, "\t<array>\n\t\t<dict>\n");
    put_string(
        &d->e, "\t\t\t", "IOPCIPrimaryMatch",
        dx_str(dx_sprintf(&d->w->ctx->arena, "0x0000%04" PRIx32 "&0x0000FFFF", primary & 0xffff)));
    dx_buf_puts(&d->e, "\t\t</dict>\n\t</array>\n");
    note(d, "transport.pci has to cover the device as Apple approved it for your team");
}

static bool is_transport(const char *key)
{
    return strncmp(key, TRANSPORT, strlen(TRANSPORT)) == 0;
}

static void put_entitlements(struct draft *d)
{
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
        put_usb_transport(d);
        break;
    case KB_PROVIDER_BUS_PCI:
        put_pci_transport(d);
        break;
    case KB_PROVIDER_BUS_HID:
        put_true(&d->e, "\t", TRANSPORT "hid");
        break;
    default:
        break;
    }
    dx_buf_puts(&d->e, "</dict>\n");
}

/* ---- which family -------------------------------------------------------------------------- */

static const struct kb_provider *provider_of(const struct kb_family *f,
                                             const struct dx_reg_node *nub)
{
    for (const char *p = kb_first(f->provider); *p; p = kb_next(p)) {
        if (dx_reg_is_a(nub, p) == DX_REG_YES) {
            return dx_kb_provider(dx_str(p));
        }
    }
    return NULL;
}

/* The plain driver of a node, without a family's class above it. */
static const char *plain_family(const struct dx_world *w, const struct dx_reg_node *nub)
{
    static const struct {
        const char *provider, *family;
    } plain[] = {
        {"IOUSBHostInterface", "usb-interface"},
        {"IOUSBHostDevice", "usb-device"},
        {"IOPCIDevice", "pci"},
        {"IOHIDInterface", "hid-event"},
        {"IOUserResources", "control-service"},
        {"IOUserService", "control-service"},
    };
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        if (dx_reg_is_a(nub, plain[i].provider) == DX_REG_YES) {
            return plain[i].family;
        }
    }
    uint64_t type;
    if (dx_reg_is_a(nub, "IOSCSIPeripheralDeviceNub") == DX_REG_YES &&
        dx_number(dx_node_prop(w, nub, "Peripheral Device Type").value, &type)) {
        return type == 0   ? "scsi-type00"
               : type == 5 ? "scsi-type05"
               : type == 7 ? "scsi-type07"
                           : NULL;
    }
    return NULL;
}

static const char *family_at(const void *user, size_t i)
{
    (void)user;
    return kb_s(kb_family_rows[i].family);
}

static const char *families_for(const struct dx_world *w, const struct dx_reg_node *nub)
{
    const char *text = "";
    for (size_t i = 0; i < kb_family_count; i++) {
        if (provider_of(&kb_family_rows[i], nub)) {
            text = dx_sprintf(&w->ctx->arena, "%s%s%s", text, *text ? ", " : "",
                              kb_s(kb_family_rows[i].family));
        }
    }
    return text;
}

static int choose(struct draft *d, const char *family)
{
    struct dext_ctx *ctx = d->w->ctx;
    const struct dx_reg_node *n = d->nub;
    const char *plain = plain_family(d->w, n), *fits = families_for(d->w, n);
    d->family = dx_kb_family(family ? family : plain ? plain : "");
    if (!d->family && family) {
        const char *near = dx_str_nearest(dx_str(family), kb_family_count, family_at, NULL);
        return dx_fail(ctx, DEXT_E_NOTFOUND, "there is no family '%s'%s%s%s", family,
                       near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    }
    if (d->family) {
        d->provider = provider_of(d->family, n);
        if (!d->provider && plain && d->family == dx_kb_family(plain)) {
            d->provider = dx_kb_provider(DX_STR("IOUserService"));
        }
    }
    if (d->provider) {
        return DEXT_OK;
    }
    return dx_fail(ctx, DEXT_E_NOTFOUND, "%.*s (%.*s): no driver extension%s%s can stand on it%s%s",
                   (int)n->name.n, n->name.p, (int)n->class_name.n, n->class_name.p,
                   family ? " of the family " : "", family ? family : "",
                   *fits ? "; families that can: " : "", fits);
}

/* ---- check --------------------------------------------------------------------------------- */

static const struct dext_match_decision *run_it(struct draft *d, const char *plist)
{
    struct dext_ctx *ctx = d->w->ctx;
    struct dx_source src = dx_source_bytes("suggestion", plist, strlen(plist));
    struct dext_plist *pl = dx_plist_load(ctx, &src);
    struct dx_mp *mp = dx_alloc(&ctx->arena, sizeof *mp);
    struct dx_trace *t = dx_alloc(&ctx->arena, sizeof *t);
    struct dx_eval e;
    if (!pl->root) {
        return NULL;
    }
    dx_mp_init(mp, ctx, "suggestion", "MyDriver", pl->root, 0);
    enum dext_match_answer a = dx_match_eval(&e, d->w, mp, d->nub, t);
    struct dx_entry *entry = dx_alloc(&ctx->arena, sizeof *entry);
    *entry = (struct dx_entry){mp, a, e.score};
    struct dext_match_decision *out = dx_alloc(&ctx->arena, sizeof *out);
    out->node = dx_match_node(d->w, d->nub);
    dx_decide(out, d->w, d->nub, entry, 1, 0);
    out->checks = t->list;
    out->check_count = t->count;
    for (size_t i = 0; i < t->count && !out->first_no; i++) {
        out->first_no = t->list[i].answer == DEXT_MATCH_NO ? &t->list[i] : NULL;
    }
    return out;
}

int dx_suggest(const struct dx_world *w, const struct dx_reg_node *nub, const char *family,
               struct dext_match_suggestion *out)
{
    struct draft d = {.w = w, .nub = nub};
    int rc = choose(&d, family);
    if (rc != DEXT_OK) {
        return rc;
    }
    dx_buf_init(&d.p, &w->ctx->arena, 1 << 20);
    dx_buf_init(&d.e, &w->ctx->arena, 1 << 20);
    if (!put_personality(&d)) {
        note(&d, "the dump does not show every property that the keys need; take it with ioreg -l");
    }
    put_entitlements(&d);
    if (d.family->kernel_bundle_confidence != KB_FAMILY_KERNEL_BUNDLE_CONFIDENCE_CONFIRMED &&
        *kb_first(d.family->kernel_bundle)) {
        note(&d, "CFBundleIdentifierKernel is what shipped drivers say; Apple documents none");
    }
    note(&d, "IOUserClass is the name of your class");
    *DX_PUSH(&w->ctx->arena, d.notes, d.note_count, d.note_cap) = NULL;
    out->family = kb_s(d.family->family);
    out->plist = d.p.p;
    out->entitlements = d.e.p;
    out->notes = d.notes;
    out->check = run_it(&d, out->plist);
    out->node = out->check ? out->check->node : dx_match_node(w, nub);
    return DEXT_OK;
}
