/* DX302-DX304, DX314, DX318: matching on USB devices and interfaces, by the combinations of
 * know/usb_keys.h. What a key finer than a combination adds to the score is no concern of a lint.
 */
#include <limits.h>
#include <string.h>

#include "know/usb_keys.h"
#include "rules/family.h"
#include "rules/rule.h"

#define BIT DX_USB_BIT

static const char *const all_keys[] = {
    "idVendor",          "idProduct",       "idProductArray",
    "idProductMask",     "bcdDevice",       "bDeviceClass",
    "bDeviceSubClass",   "bDeviceProtocol", "bConfigurationValue",
    "bInterfaceNumber",  "bInterfaceClass", "bInterfaceSubClass",
    "bInterfaceProtocol"};
/* A USB personality while it is looked at. */
struct usb {
    const struct dx_personality *p;
    bool device;
    const char *const *names;
    bool hid_as_usb; /* read VendorID and ProductID as what they were meant for */
};

/* ---- keys --------------------------------------------------------------------------------- */

static bool usb_has(const struct dx_personality *p, const char *key)
{
    return dx_get(p->dict, key) != NULL;
}

static bool empty_array(const struct dx_personality *p, const char *key)
{
    const struct dext_node *n = dx_get_kind(p->dict, key, DEXT_ARRAY);
    return n && n->count == 0;
}

static bool usb_given(const struct usb *u, const char *key)
{
    if (strcmp(key, "idVendor") == 0) {
        return usb_has(u->p, key) || (u->hid_as_usb && usb_has(u->p, "VendorID"));
    }
    if (strcmp(key, "idProduct") == 0) {
        /* The mask only changes how one of the others is compared. */
        return usb_has(u->p, key) ||
               (usb_has(u->p, "idProductArray") && !empty_array(u->p, "idProductArray")) ||
               (u->hid_as_usb && (usb_has(u->p, "ProductID") || usb_has(u->p, "ProductIDArray")));
    }
    return usb_has(u->p, key);
}

/* 0xff is "vendor specific": rows with a vendor need it, rows of a class alone exclude it. A value
 * that is no number ("*", a placeholder) fits both. */
static bool usb_class_fits(const struct usb *u, enum dx_usb_class kind)
{
    int64_t value;
    const struct dext_node *n = dx_get(u->p->dict, u->names[DX_USB_CLASS]);
    return kind == DX_USB_ANY_CLASS || !dx_int(n, &value) ||
           (kind == DX_USB_VENDOR_CLASS) == (value == 0xff);
}

/* Nothing in the personality points to vendor-specific classes: not the row to propose. */
static bool far_fetched(const struct usb *u, const struct dx_usb_combination *row)
{
    return row->nub_class == DX_USB_VENDOR_CLASS && !usb_has(u->p, u->names[DX_USB_SUBCLASS]) &&
           !usb_has(u->p, u->names[DX_USB_CLASS]);
}

/* A finer combination takes the protocol, so that it does not stand against its coarser one. */
static bool usb_in_the_way(const struct usb *u, const struct dx_usb_combination *row, int k)
{
    return (row->without & BIT(k)) && k != DX_USB_PROTOCOL && u->names[k] &&
           usb_has(u->p, u->names[k]);
}

static bool is_missing(const struct usb *u, const struct dx_usb_combination *row, int k)
{
    return (row->need & BIT(k)) && !usb_given(u, u->names[k]);
}

/* What keeps the personality from this combination; 0 when it matches. */
static unsigned usb_distance(const struct usb *u, const struct dx_usb_combination *row)
{
    unsigned cost = (usb_class_fits(u, row->nub_class) ? 0U : 2U) + (far_fetched(u, row) ? 3U : 0U);
    for (int k = 0; k < DX_USB_KEYS; k++) {
        cost += is_missing(u, row, k);
        cost += usb_in_the_way(u, row, k);
    }
    return cost;
}

static const struct dx_usb_combination *usb_nearest(const struct usb *u, unsigned *cost)
{
    const struct dx_usb_combination *rows = dx_usb_combinations(u->device), *best = NULL;
    *cost = UINT_MAX;
    for (size_t i = 0; i < DX_USB_COMBINATIONS; i++) {
        unsigned d = rows[i].finer ? 0 : usb_distance(u, &rows[i]);
        if (!rows[i].finer && (!best || d < *cost)) {
            *cost = d;
            best = &rows[i];
        }
    }
    return best;
}

static struct usb usb_of(const struct dx_personality *p, bool device, bool hid_as_usb)
{
    return (struct usb){p, device, dx_usb_key_names(device), hid_as_usb};
}

static bool usb_matches(const struct dx_personality *p, bool device, bool hid_as_usb)
{
    unsigned cost;
    struct usb u = usb_of(p, device, hid_as_usb);
    (void)usb_nearest(&u, &cost);
    return cost == 0;
}

/* ---- words -------------------------------------------------------------------------------- */

static void usb_add_word(struct dx_buf *b, const char *between, const char *word)
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
            usb_add_word(&b, " + ", empty_array(p, all_keys[i]) ? "an empty " : "");
            dx_buf_puts(&b, all_keys[i]);
        }
        if (n && strstr(all_keys[i], "Class") && dx_int(n, &value)) {
            dx_buf_printf(&b, " %lld", (long long)value);
        }
    }
    return b.n ? b.p : NULL;
}

/* The keys present that only the other kind of nub has, or NULL; *first is the first of them. */
static const char *of_other_nub(struct dx_check *c, const struct usb *u,
                                const struct dext_node **first)
{
    const char *const *other = dx_usb_key_names(!u->device);
    struct dx_buf b;
    dx_buf_init(&b, &c->ctx->arena, 4096);
    *first = NULL;
    for (int k = DX_USB_CONFIG; k < DX_USB_KEYS; k++) {
        const struct dext_node *n = other[k] ? dx_get(u->p->dict, other[k]) : NULL;
        if (n) {
            usb_add_word(&b, ", ", other[k]);
            *first = *first ? *first : n;
        }
    }
    return b.n ? b.p : NULL;
}

static const char *nub(const struct usb *u)
{
    return u->device ? "devices" : "interfaces";
}

/* "Add idProduct: devices match on idVendor + idProduct." */
static void fix_towards(struct dx_check *c, const struct usb *u,
                        const struct dx_usb_combination *row)
{
    struct dx_buf add, drop;
    dx_buf_init(&add, &c->ctx->arena, 4096);
    dx_buf_init(&drop, &c->ctx->arena, 4096);
    for (int k = 0; k < DX_USB_KEYS; k++) {
        if (is_missing(u, row, k)) {
            usb_add_word(&add, " and ", u->names[k]);
        }
        if (usb_in_the_way(u, row, k)) {
            usb_add_word(&drop, " and ", u->names[k]);
        }
    }
    const char *where = row->nub_class == DX_USB_VENDOR_CLASS ? ", where the class is 255" : "";
    if (add.n && drop.n) {
        dx_fix(c, "Add %s and remove %s: %s match on %s%s.", add.p, drop.p, nub(u), row->words,
               where);
    } else if (add.n || drop.n) {
        dx_fix(c, "%s %s: %s match on %s%s.", add.n ? "Add" : "Remove", add.n ? add.p : drop.p,
               nub(u), row->words, where);
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
        if (usb_has(p, *key)) {
            return true;
        }
    }
    return false;
}

static void incomplete(struct dx_check *c, const struct usb *u)
{
    unsigned cost;
    const struct dx_usb_combination *row = usb_nearest(u, &cost);
    const char *keys = combination(c, u->p);
    /* A shipped, Developer ID-signed driver has exactly vendor and product: documented nowhere, so
     * it may be that the current matcher takes it. */
    bool doubt = !u->device && usb_given(u, "idVendor") && usb_given(u, "idProduct");
    dx_find(c, DX_USB_MATCH_INCOMPLETE, dx_at_key(u->p->dict), "\"%s\" matches %s %s%s, which %s",
            u->p->name, u->p->provider->text.p, keys ? "on " : "without a USB key",
            keys ? keys : "", doubt ? "is in no documented USB rule" : "no USB rule accepts");
    if (u->device && usb_matches(u->p, false, false)) {
        dx_fix(c, "Write IOProviderClass IOUSBHostInterface: these keys are an interface's.");
    } else if (keys) {
        fix_towards(c, u, row);
    } else {
        dx_fix(c, "Add %s.", dx_usb_combinations(u->device)[1].words); /* who it is, and where */
    }
    if (!keys && other_criteria(u->p)) {
        dx_severity(c, DEXT_WARNING);
        dx_why(c, "IOPropertyMatch and its like narrow a match, but do not replace the keys that a "
                  "USB nub asks for: without one of its combinations the USB matcher says no.");
    } else if (doubt) {
        dx_severity(c, DEXT_WARNING);
        dx_why(c, "Apple documents a few combinations of keys that an interface matches on, and "
                  "this is none of them: by that the personality never matches. Drivers with it "
                  "have shipped, so the matcher of current systems may take it.");
    }
}

/* A HID device that the driver presents may take VendorID as its property; in a personality that
 * matches nothing without it, it was meant for matching. */
static void hid_keys(struct dx_check *c, const struct usb *u)
{
    static const struct {
        const char *wrong, *right;
    } keys[] = {{"VendorID", "idVendor"}, {"ProductID", "idProduct"}};
    bool would_match = usb_matches(u->p, u->device, true);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const struct dext_node *n = dx_get(u->p->dict, keys[i].wrong);
        if (n && !usb_has(u->p, keys[i].right)) {
            dx_find(c, DX_KEY_OF_OTHER_BUS, dx_at_key(n), "%s is a HID key: %s is matched on %s",
                    keys[i].wrong, u->p->provider->text.p, keys[i].right);
            dx_fix(c, "Write %s.", keys[i].right);
            dx_edit_replace_key(c, n, keys[i].right);
            if (would_match) {
                dx_severity(c, DEXT_ERROR); /* as it stands, no combination is complete */
            }
            dx_repeats(c);
        }
    }
}

static void keys_of_other_nub(struct dx_check *c, const struct usb *u)
{
    const struct dext_node *first;
    const char *list = of_other_nub(c, u, &first);
    if (!list) {
        return;
    }
    dx_find(c, DX_KEY_OF_OTHER_BUS, dx_at_key(first),
            "%s on %s: %s are not matched on the keys of %s", list, u->p->provider->text.p, nub(u),
            u->device ? "an interface" : "a device");
    dx_fix(c, u->device ? "Remove it, or match IOUSBHostInterface if one interface is meant."
                        : "Remove it, or match IOUSBHostDevice if the whole device is meant.");
    dx_repeats(c);
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

static void usb_score(struct dx_check *c, const struct dx_personality *p)
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
        dx_repeats(c);
    } else {
        dx_find(c, DX_USB_PROBE_SCORE, dx_at_key(n),
                "IOProbeScore %lld in a USB personality: the USB matcher scores by the keys",
                (long long)value);
        dx_repeats(c);
    }
}

static void class_alone(struct dx_check *c, const struct usb *u)
{
    const struct dext_node *n = dx_get(u->p->dict, u->names[DX_USB_CLASS]);
    if (u->p->is_dext && n && !usb_has(u->p, "idVendor")) {
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
    struct usb u = usb_of(p, p->bus->bus == KB_PROVIDER_BUS_USB_DEVICE, false);
    bool is_nub = p->bus->status == KB_PROVIDER_STATUS_LEGACY ||
                  dx_str_is(p->provider->text, "IOUSBHostDevice") ||
                  dx_str_is(p->provider->text, "IOUSBHostInterface");
    if (!is_nub) {
        return; /* drivers of the USB stack, which have no matcher of their own */
    }
    usb_score(c, p);
    if (usb_matches(p, u.device, false)) {
        keys_of_other_nub(c, &u);
        class_alone(c, &u);
        return;
    }
    if (dx_file_is_whole(c)) {
        hid_keys(c, &u);
        if (!usb_matches(p, u.device, true)) {
            incomplete(c, &u);
        }
    }
}
