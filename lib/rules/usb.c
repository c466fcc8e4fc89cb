/* DX302-DX304, DX314, DX318: matching on USB devices and interfaces. The combinations are those of
 * Apple's QA1076, as IOUSBFamily-560.4.2 implements them (matchPropertyTable of IOUSBDevice and
 * IOUSBInterface). The matcher of current systems is not public; registry dumps of macOS 13 to 15
 * show the same scores. */
#include <string.h>

#include "rules/family.h"
#include "rules/rule.h"

enum class_kind { CLASS_ANY, CLASS_VENDOR, CLASS_STANDARD };

/* One combination that matches. */
struct row {
    const char *words;
    const char *need[4];
    const char *without[5];
    enum class_kind kind; /* what the nub's class must be */
};

#define ROWS 3

static const struct row device_rows[ROWS] = {
    {"idVendor + idProduct", {"idVendor", "idProduct"}, {0}, CLASS_ANY},
    {"idVendor + bDeviceSubClass, where the class is 255",
     {"idVendor", "bDeviceSubClass"},
     {"idProduct", "bcdDevice"},
     CLASS_VENDOR},
    {"bDeviceClass + bDeviceSubClass",
     {"bDeviceClass", "bDeviceSubClass"},
     {"idVendor", "idProduct", "bcdDevice"},
     CLASS_STANDARD},
};

static const struct row interface_rows[ROWS] = {
    {"idVendor + idProduct + bConfigurationValue + bInterfaceNumber",
     {"idVendor", "idProduct", "bConfigurationValue", "bInterfaceNumber"},
     {0},
     CLASS_ANY},
    {"idVendor + bInterfaceSubClass, where the class is 255",
     {"idVendor", "bInterfaceSubClass"},
     {"idProduct", "bcdDevice", "bConfigurationValue", "bInterfaceNumber"},
     CLASS_VENDOR},
    {"bInterfaceClass + bInterfaceSubClass",
     {"bInterfaceClass", "bInterfaceSubClass"},
     {"idVendor", "idProduct", "bcdDevice", "bConfigurationValue", "bInterfaceNumber"},
     CLASS_STANDARD},
};

static const char *const all_keys[] = {
    "idVendor",          "idProduct",       "idProductArray",
    "idProductMask",     "bcdDevice",       "bDeviceClass",
    "bDeviceSubClass",   "bDeviceProtocol", "bConfigurationValue",
    "bInterfaceNumber",  "bInterfaceClass", "bInterfaceSubClass",
    "bInterfaceProtocol"};
static const char *const device_keys[] = {"bDeviceClass", "bDeviceSubClass", "bDeviceProtocol",
                                          NULL};
static const char *const interface_keys[] = {"bConfigurationValue", "bInterfaceNumber",
                                             "bInterfaceClass",     "bInterfaceSubClass",
                                             "bInterfaceProtocol",  NULL};

/* A USB personality while it is looked at. */
struct usb {
    const struct dx_personality *p;
    bool device;
    bool hid_as_usb; /* read VendorID and ProductID as what they were meant for */
};

/* ---- keys --------------------------------------------------------------------------------- */

static bool has(const struct dx_personality *p, const char *key)
{
    return dx_get(p->dict, key) != NULL;
}

static bool empty_array(const struct dx_personality *p, const char *key)
{
    const struct dext_node *n = dx_get_kind(p->dict, key, DEXT_ARRAY);
    return n && n->count == 0;
}

static bool given(const struct usb *u, const char *key)
{
    if (strcmp(key, "idVendor") == 0) {
        return has(u->p, key) || (u->hid_as_usb && has(u->p, "VendorID"));
    }
    if (strcmp(key, "idProduct") == 0) {
        /* The mask only changes how one of the others is compared. */
        return has(u->p, key) ||
               (has(u->p, "idProductArray") && !empty_array(u->p, "idProductArray")) ||
               (u->hid_as_usb && (has(u->p, "ProductID") || has(u->p, "ProductIDArray")));
    }
    return has(u->p, key);
}

/* 0xff is "vendor specific": rows with a vendor need it, rows of a class alone exclude it. A value
 * that is no number ("*", a placeholder) fits both. */
static bool class_fits(const struct usb *u, enum class_kind kind)
{
    int64_t value;
    const struct dext_node *n = dx_get(u->p->dict, u->device ? "bDeviceClass" : "bInterfaceClass");
    return kind == CLASS_ANY || !dx_int(n, &value) || (kind == CLASS_VENDOR) == (value == 0xff);
}

/* Nothing in the personality points to vendor-specific classes: not the row to propose. */
static bool far_fetched(const struct usb *u, const struct row *row)
{
    return row->kind == CLASS_VENDOR && !has(u->p, row->need[1]) &&
           !has(u->p, u->device ? "bDeviceClass" : "bInterfaceClass");
}

/* What keeps the personality from this row; 0 when it matches. */
static unsigned distance(const struct usb *u, const struct row *row)
{
    unsigned cost = (class_fits(u, row->kind) ? 0U : 2U) + (far_fetched(u, row) ? 3U : 0U);
    for (size_t i = 0; i < sizeof row->need / sizeof *row->need && row->need[i]; i++) {
        cost += !given(u, row->need[i]);
    }
    for (size_t i = 0; i < sizeof row->without / sizeof *row->without && row->without[i]; i++) {
        cost += has(u->p, row->without[i]);
    }
    return cost;
}

static const struct row *nearest(const struct usb *u, unsigned *cost)
{
    const struct row *rows = u->device ? device_rows : interface_rows, *best = rows;
    *cost = distance(u, best);
    for (size_t i = 1; i < ROWS; i++) {
        unsigned d = distance(u, &rows[i]);
        if (d < *cost) {
            *cost = d;
            best = &rows[i];
        }
    }
    return best;
}

static bool matches(const struct dx_personality *p, bool device, bool hid_as_usb)
{
    unsigned cost;
    (void)nearest(&(struct usb){p, device, hid_as_usb}, &cost);
    return cost == 0;
}

/* ---- words -------------------------------------------------------------------------------- */

static void add_word(struct dx_buf *b, const char *between, const char *word)
{
    dx_buf_puts(b, b->n ? between : "");
    dx_buf_puts(b, word);
}

/* The keys present: "idVendor + bDeviceClass 3"; NULL when there are none. */
static const char *combination(struct dx_check *c, const struct dx_personality *p)
{
    struct dx_buf b;
    dx_buf_init(&b, &c->ctx->arena, 4096);
    for (size_t i = 0; i < sizeof all_keys / sizeof *all_keys; i++) {
        const struct dext_node *n = dx_get(p->dict, all_keys[i]);
        int64_t value;
        if (n) {
            add_word(&b, " + ", empty_array(p, all_keys[i]) ? "an empty " : "");
            dx_buf_puts(&b, all_keys[i]);
        }
        if (n && strstr(all_keys[i], "Class") && dx_int(n, &value)) {
            dx_buf_printf(&b, " %lld", (long long)value);
        }
    }
    return b.n ? b.p : NULL;
}

static const char *present(struct dx_check *c, const struct dx_personality *p,
                           const char *const *keys)
{
    struct dx_buf b;
    dx_buf_init(&b, &c->ctx->arena, 4096);
    for (; *keys; keys++) {
        if (has(p, *keys)) {
            add_word(&b, ", ", *keys);
        }
    }
    return b.n ? b.p : NULL;
}

static const char *nub(const struct usb *u)
{
    return u->device ? "devices" : "interfaces";
}

/* "Add idProduct: devices match on idVendor + idProduct." */
static void fix_towards(struct dx_check *c, const struct usb *u, const struct row *row)
{
    struct dx_buf add, drop;
    dx_buf_init(&add, &c->ctx->arena, 4096);
    dx_buf_init(&drop, &c->ctx->arena, 4096);
    for (size_t i = 0; i < sizeof row->need / sizeof *row->need && row->need[i]; i++) {
        if (!given(u, row->need[i])) {
            add_word(&add, " and ", row->need[i]);
        }
    }
    for (size_t i = 0; i < sizeof row->without / sizeof *row->without && row->without[i]; i++) {
        if (has(u->p, row->without[i])) {
            add_word(&drop, " and ", row->without[i]);
        }
    }
    if (add.n && drop.n) {
        dx_fix(c, "Add %s and remove %s: %s match on %s.", add.p, drop.p, nub(u), row->words);
    } else if (add.n || drop.n) {
        dx_fix(c, "%s %s: %s match on %s.", add.n ? "Add" : "Remove", add.n ? add.p : drop.p,
               nub(u), row->words);
    }
}

/* ---- combinations ------------------------------------------------------------------------- */

/* Keys that the kernel compares on any nub. */
static bool other_criteria(const struct dx_personality *p)
{
    static const char *const keys[] = {
        "IOPropertyMatch", "IOParentMatch", "IONameMatch", "IOPropertyExistsMatch",
        "IOLocationMatch", "IOPathMatch",   NULL};
    for (const char *const *key = keys; *key; key++) {
        if (has(p, *key)) {
            return true;
        }
    }
    return false;
}

static void incomplete(struct dx_check *c, const struct usb *u)
{
    unsigned cost;
    const struct row *row = nearest(u, &cost);
    const char *keys = combination(c, u->p);
    dx_find(c, DX_USB_MATCH_INCOMPLETE, dx_at_key(u->p->dict),
            "\"%s\" matches %s %s%s, which no USB rule accepts", u->p->name, u->p->provider->text.p,
            keys ? "on " : "without a USB key", keys ? keys : "");
    if (u->device && matches(u->p, false, false)) {
        dx_fix(c, "Write IOProviderClass IOUSBHostInterface: these keys are an interface's.");
    } else if (keys) {
        fix_towards(c, u, row);
    } else {
        dx_fix(c, "Add %s.", (u->device ? device_rows : interface_rows)[0].words);
    }
    if (!keys && other_criteria(u->p)) {
        dx_severity(c, DEXT_WARNING);
        dx_why(c, "IOPropertyMatch and its like narrow a match, but do not replace the keys that a "
                  "USB nub asks for: without one of its combinations the USB matcher says no.");
    } else if (!u->device && given(u, "idVendor") && given(u, "idProduct")) {
        /* A shipped, Developer ID-signed driver has exactly vendor and product: documented
         * nowhere, so it may be that the current matcher takes it. */
        dx_severity(c, DEXT_WARNING);
    }
}

/* A HID device that the driver presents may take VendorID as its property; in a personality that
 * matches nothing without it, it was meant for matching. */
static void hid_keys(struct dx_check *c, const struct usb *u)
{
    static const struct {
        const char *wrong, *right;
    } keys[] = {{"VendorID", "idVendor"}, {"ProductID", "idProduct"}};
    bool would_match = matches(u->p, u->device, true);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const struct dext_node *n = dx_get(u->p->dict, keys[i].wrong);
        if (n && !has(u->p, keys[i].right)) {
            dx_find(c, DX_KEY_OF_OTHER_BUS, dx_at_key(n), "%s is a HID key: %s is matched on %s",
                    keys[i].wrong, u->p->provider->text.p, keys[i].right);
            dx_fix(c, "Write %s.", keys[i].right);
            dx_edit_replace_key(c, n, keys[i].right);
            if (would_match) {
                dx_severity(c, DEXT_ERROR); /* as it stands, no combination is complete */
            }
        }
    }
}

static void keys_of_other_nub(struct dx_check *c, const struct usb *u)
{
    const char *const *wrong = u->device ? interface_keys : device_keys;
    const char *list = present(c, u->p, wrong);
    if (!list) {
        return;
    }
    while (!has(u->p, *wrong)) {
        wrong++;
    }
    dx_find(c, DX_KEY_OF_OTHER_BUS, dx_at_key(dx_get(u->p->dict, *wrong)),
            "%s on %s: %s are not matched on the keys of %s", list, u->p->provider->text.p, nub(u),
            u->device ? "an interface" : "a device");
    dx_fix(c, u->device ? "Remove it, or match IOUSBHostInterface if one interface is meant."
                        : "Remove it, or match IOUSBHostDevice if the whole device is meant.");
}

/* ---- the rules ---------------------------------------------------------------------------- */

static void legacy(struct dx_check *c, const struct dx_personality *p)
{
    if (p->bus->status == KB_PROVIDER_STATUS_LEGACY) {
        dx_find(c, DX_USB_LEGACY_CLASS, dx_at(p->provider),
                "IOProviderClass %s is a nub of the old USB stack; driver extensions match %s",
                p->provider->text.p, kb_s(p->bus->instead));
        dx_fix(c, "Write %s.", kb_s(p->bus->instead));
        dx_edit_replace_text(c, p->provider, kb_s(p->bus->instead));
    }
}

static void score(struct dx_check *c, const struct dx_personality *p)
{
    const struct dext_node *n = dx_get(p->dict, "IOProbeScore");
    int64_t value;
    if (!dx_int(n, &value) || value == 0) {
        return;
    }
    if (value >= 10000) {
        dx_find(c, DX_USB_PROBE_SCORE, dx_at_key(n),
                "IOProbeScore %lld in a USB personality counts as 9000", (long long)value);
        dx_severity(c, DEXT_WARNING);
    } else {
        dx_find(c, DX_USB_PROBE_SCORE, dx_at_key(n),
                "IOProbeScore %lld in a USB personality: the USB matcher scores by the keys",
                (long long)value);
    }
}

static void class_alone(struct dx_check *c, const struct usb *u)
{
    const char *key = u->device ? "bDeviceClass" : "bInterfaceClass";
    const struct dext_node *n = dx_get(u->p->dict, key);
    if (u->p->is_dext && n && !has(u->p, "idVendor")) {
        dx_find(c, DX_USB_CLASS_MATCH, dx_at_key(n),
                "\"%s\" matches %s of every vendor by their class", u->p->name, nub(u));
    }
}

void dx_check_usb(struct dx_check *c, const struct dx_personality *p)
{
    if (!p->bus || (p->bus->bus != KB_PROVIDER_BUS_USB_DEVICE &&
                    p->bus->bus != KB_PROVIDER_BUS_USB_INTERFACE)) {
        return;
    }
    legacy(c, p);
    struct usb u = {.p = p, .device = p->bus->bus == KB_PROVIDER_BUS_USB_DEVICE};
    bool is_nub = p->bus->status == KB_PROVIDER_STATUS_LEGACY ||
                  dx_str_is(p->provider->text, "IOUSBHostDevice") ||
                  dx_str_is(p->provider->text, "IOUSBHostInterface");
    if (!is_nub) {
        return; /* drivers of the USB stack, which have no matcher of their own */
    }
    score(c, p);
    if (matches(p, u.device, false)) {
        keys_of_other_nub(c, &u);
        class_alone(c, &u);
        return;
    }
    if (dx_file_is_whole(c)) {
        hid_keys(c, &u);
        if (!matches(p, u.device, true)) {
            incomplete(c, &u);
        }
    }
}
