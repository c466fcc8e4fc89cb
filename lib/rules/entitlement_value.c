/* DX402-DX404, DX413-DX420, DX422, DX423: types and values of the keys of a .entitlements file.
 * Signing compares them with the profile's, element by element and exactly (Apple TN3125; a
 * wildcard there is no pattern), so what is written in another form is not granted. */
#include <string.h>

#include "know/pci_match.h"
#include "know/variant.h"
#include "rules/entitlement.h"
#include "rules/types.h"

/* What a value is, short enough for a message. */
static const char *entitlement_value_shown(const struct dx_check *c, const struct dext_node *n)
{
    struct dx_arena *a = &c->ctx->arena;
    switch (n->kind) {
    case DEXT_STRING:
        return n->text.n ? dx_sprintf(a, "the string \"%.60s\"", n->text.p) : "an empty string";
    case DEXT_INTEGER:
    case DEXT_REAL:
        return dx_sprintf(a, "%s %.40s", n->kind == DEXT_REAL ? "the <real>" : "the number",
                          n->text.p ? n->text.p : "");
    case DEXT_BOOL:
        return n->boolean ? "<true/>" : "<false/>";
    default:
        return dx_kind_words(n);
    }
}

/* ---- entitlement-type --------------------------------------------------------------------- */

static const char *entitlement_value_type_words(const struct kb_entitlement *row)
{
    switch (row->type) {
    case KB_ENTITLEMENT_TYPE_BOOLEAN:
        return "<true/>";
    case KB_ENTITLEMENT_TYPE_STRING:
        return "a string";
    case KB_ENTITLEMENT_TYPE_ARRAY_OF_DICT:
        return "an array of dictionaries";
    default:
        return "an array of strings";
    }
}

static bool entitlement_value_fits(const struct kb_entitlement *row, const struct dext_node *n)
{
    switch (row->type) {
    case KB_ENTITLEMENT_TYPE_BOOLEAN:
        return n->kind == DEXT_BOOL;
    case KB_ENTITLEMENT_TYPE_STRING:
        return n->kind == DEXT_STRING;
    case KB_ENTITLEMENT_TYPE_STRING_OR_ARRAY:
        return n->kind == DEXT_STRING || n->kind == DEXT_ARRAY;
    case KB_ENTITLEMENT_TYPE_ANY:
        return true;
    default:
        return n->kind == DEXT_ARRAY;
    }
}

static void entitlement_value_mend_boolean(struct dx_check *c, const struct dext_node *n)
{
    struct dx_str text = dx_str_trim(n->text);
    bool scalar = n->kind == DEXT_STRING || n->kind == DEXT_INTEGER;
    if (scalar &&
        (dx_str_is_nocase(text, "true") || dx_str_is_nocase(text, "yes") || dx_str_is(text, "1"))) {
        dx_edit_replace_element(c, n, "<true/>");
    }
}

static void wrong_type(struct dx_check *c, const struct dx_ent *e, const struct dext_node *n,
                       const struct kb_entitlement *row)
{
    dx_find(c, DX_ENTITLEMENT_TYPE, dx_at(n), "%s is %s, not %s", n->key.p,
            entitlement_value_shown(c, n), entitlement_value_type_words(row));
    if (row->restricted == KB_ENTITLEMENT_RESTRICTED_NO) {
        dx_severity(c, DEXT_WARNING);
        dx_why(c, "Who reads this entitlement looks for a value of its own type, and takes another "
                  "one as if the key were absent.");
    }
    if (dx_str_is(n->key, DX_ENT_PCI) && n->kind == DEXT_BOOL && n->boolean) {
        /* IOPCIFamily-726.0.5, IOPCIDevice::matchPropertyTable: "intended for Apple internal use"
         */
        dx_why(c, "A PCI nub takes <true/> for every device, as Apple's own drivers have it. But a "
                  "restricted entitlement counts only if the profile grants it, and signing "
                  "compares the value with the list that Apple grants: it is not equal, and the "
                  "process is killed at launch.");
    }
    if (row->variants == KB_ENTITLEMENT_VARIANTS_VALUE) {
        dx_fix(c, "Write an array: %s for development, %s once Apple approved it.",
               kb_s(row->development), kb_s(row->approved));
    } else if (dx_str_is(n->key, DX_ENT_CLIENT)) {
        dx_fix(c, e->driver ? "Remove it: it belongs to the client that opens the driver, as an "
                              "array of the drivers' bundle ids."
                            : "Write an array with the bundle ids of the drivers to be opened.");
    } else {
        dx_fix(c, "Write %s.", entitlement_value_type_words(row));
        if (row->type == KB_ENTITLEMENT_TYPE_BOOLEAN) {
            entitlement_value_mend_boolean(c, n);
        }
    }
}

static void wrong_element(struct dx_check *c, const struct dext_node *el, size_t i,
                          const char *array, const char *want)
{
    dx_find(c, DX_ENTITLEMENT_TYPE, dx_at(el), "element %zu of %s is %s, not %s", i, array,
            entitlement_value_shown(c, el), want);
    dx_fix(c, "Write %s.", want);
}

static void entitlement_value_strings(struct dx_check *c, const struct dext_node *array)
{
    size_t i = 0;
    for (const struct dext_node *el = array->child; el; el = el->next, i++) {
        if (el->kind != DEXT_STRING) {
            wrong_element(c, el, i, array->key.p, "a string");
        }
    }
}

/* ---- dictionaries of transport.usb -------------------------------------------------------- */

/* The type of a key in such a dictionary, or NULL: "idVendor integer-or-wildcard". */
static const char *item_type(const struct kb_entitlement *row, struct dx_str key)
{
    for (const char *s = kb_first(row->item_key); *s; s = kb_next(s)) {
        const char *space = strchr(s, ' ');
        if (space && dx_str_eq(key, (struct dx_str){s, (size_t)(space - s)})) {
            return space + 1;
        }
    }
    return NULL;
}

static bool is_vendor(const struct dext_node *n)
{
    return dx_str_is(n->key, "idVendor");
}

static enum dx_rule_index number_rule(const struct dext_node *n)
{
    return is_vendor(n) ? DX_ENTITLEMENT_VENDOR_ID_TYPE : DX_ENTITLEMENT_TYPE;
}

/* "0403" may have been meant as hexadecimal, so only what cannot be read in two ways is mended. */
static void mend_number(struct dx_check *c, const struct dext_node *n)
{
    uint64_t value;
    bool minus = false;
    struct dx_str text = dx_str_trim(n->text);
    bool hex = text.n > 2 && text.p[0] == '0' && (text.p[1] == 'x' || text.p[1] == 'X');
    if (n->kind != DEXT_STRING || !dx_parse_integer(text, &value, &minus) || minus ||
        value > 0xffff) {
        return;
    }
    if (text.n > 1 && text.p[0] == '0' && !hex) {
        dx_fix(c, "Write the decimal number as <integer>; %.*s may have been meant as hexadecimal.",
               (int)text.n, text.p);
        return;
    }
    const char *element =
        dx_sprintf(&c->ctx->arena, "<integer>%llu</integer>", (unsigned long long)value);
    dx_fix(c, "Write %s.", element);
    dx_edit_replace_element(c, n, element);
}

static void entitlement_value_number(struct dx_check *c, const struct dext_node *n)
{
    const struct kb_key *key = dx_kb_key(n->key, KB_KEY_SCOPE_USB_ENTITLEMENT);
    int64_t value;
    if (n->bad || (n->kind == DEXT_STRING && dx_has_placeholder(n->text))) {
        return;
    }
    if (n->kind != DEXT_INTEGER) {
        dx_find(c, number_rule(n), dx_at(n), "%s is %s, not an integer", n->key.p,
                entitlement_value_shown(c, n));
        if (is_vendor(n)) {
            dx_fix(c, "Write the vendor id as a decimal <integer>; <string>*</string> is the "
                      "development variant.");
        } else {
            dx_why(c, "The profile has numbers there, and a string is equal to none of them: "
                      "the claim is not granted, and the driver is killed at launch.");
            dx_fix(c, "Write a decimal <integer>.");
        }
        mend_number(c, n);
    } else if (key && key->max && (!dx_int(n, &value) || value < key->min || value > key->max)) {
        dx_find(c, number_rule(n), dx_at(n), "%s is %.40s; it can be %lld to %lld", n->key.p,
                n->text.p ? n->text.p : "too big", (long long)key->min, (long long)key->max);
        dx_why(c, "USB descriptors have no room for such a number: no device has it, and no "
                  "profile grants it.");
        dx_fix(c, "Write the number that the device's descriptor has, in decimal.");
    }
}

static void numbers(struct dx_check *c, const struct dext_node *n)
{
    if (n->kind != DEXT_ARRAY) {
        dx_find(c, DX_ENTITLEMENT_TYPE, dx_at(n), "%s is %s, not an array of integers", n->key.p,
                entitlement_value_shown(c, n));
        dx_fix(c, "Write an array of <integer>.");
        return;
    }
    size_t i = 0;
    for (const struct dext_node *el = n->child; el; el = el->next, i++) {
        if (el->kind != DEXT_INTEGER &&
            !(el->kind == DEXT_STRING && dx_has_placeholder(el->text))) {
            wrong_element(c, el, i, n->key.p, "an integer");
            mend_number(c, el);
        }
    }
}

static void usb_entry(struct dx_check *c, const struct dext_node *n, const char *type)
{
    if (strcmp(type, "array-of-integer") == 0) {
        numbers(c, n);
    } else if (!(is_vendor(n) && n->kind == DEXT_STRING && dx_str_is(n->text, "*"))) {
        entitlement_value_number(c, n);
    }
}

/* ---- dictionaries of transport.pci -------------------------------------------------------- */

/* Made of 0 and F only, as masks mostly are and ids are not. */
static bool entitlement_value_looks_like_mask(uint32_t v)
{
    bool mask = v != 0;
    for (int i = 0; i < 32; i += 4) {
        mask = mask && ((v >> i & 15) == 0 || (v >> i & 15) == 15);
    }
    return mask;
}

static void pci_syntax(struct dx_check *c, const struct dext_node *n,
                       const struct dx_pci_terms *terms)
{
    if (terms->count == 0 && terms->stopped) {
        dx_find(c, DX_ENTITLEMENT_PCI_SYNTAX, dx_at(n),
                "%s \"%.60s\" is no hexadecimal number, so no device matches", n->key.p, n->text.p);
    } else if (terms->count == 0) {
        dx_find(c, DX_ENTITLEMENT_PCI_SYNTAX, dx_at(n), "%s is empty, so no device matches",
                n->key.p);
    } else if (terms->stopped) {
        dx_find(c, DX_ENTITLEMENT_PCI_SYNTAX, dx_at(n),
                "%s: the kernel reads no further than \"%.*s\"", n->key.p, (int)terms->stop_at,
                n->text.p);
        dx_severity(c, DEXT_WARNING);
        dx_fix(c, "Put spaces between the values, and nothing else.");
    }
}

static void pci_entry(struct dx_check *c, const struct dext_node *n)
{
    struct dx_pci_terms terms;
    if (n->kind != DEXT_STRING) {
        dx_find(c, DX_ENTITLEMENT_TYPE, dx_at(n), "%s is %s, not a string", n->key.p,
                entitlement_value_shown(c, n));
        dx_fix(c, "Write a string in hexadecimal, such as 0x0000VVVV&0x0000FFFF.");
        return;
    }
    if (dx_has_placeholder(n->text)) {
        return;
    }
    dx_pci_parse(&terms, n->text, dx_pci_default_mask(n->key));
    pci_syntax(c, n, &terms);
    for (size_t i = 0; i < terms.count; i++) {
        const struct dx_pci_term *t = &terms.term[i];
        if (t->bad_mask) {
            dx_find(c, DX_ENTITLEMENT_PCI_SYNTAX, dx_at(n),
                    "%s: no hexadecimal number follows \"&\"", n->key.p);
            dx_severity(c, DEXT_WARNING);
            dx_why(c, "The kernel takes the mask as 0 then, which covers every PCI device; no "
                      "profile grants such a value.");
            dx_fix(c, "Write the mask in hexadecimal.");
        } else if (t->has_mask && t->mask && entitlement_value_looks_like_mask(t->value) &&
                   !entitlement_value_looks_like_mask(t->mask)) {
            dx_find(c, DX_ENTITLEMENT_PCI_SYNTAX, dx_at(n),
                    "%s: 0x%08x under the mask 0x%08x: value and mask look swapped", n->key.p,
                    t->value, t->mask);
            dx_severity(c, DEXT_WARNING);
            dx_fix(c, "Write 0x%08x&0x%08x.", t->mask, t->value);
        }
    }
}

/* ---- any of these dictionaries ------------------------------------------------------------ */

/* The keys that no such dictionary has, as a list. */
static const char *odd_keys(struct dx_check *c, const struct kb_entitlement *row,
                            const struct dext_node *dict)
{
    struct dx_buf b;
    dx_buf_init(&b, &c->ctx->arena, 512);
    for (const struct dext_node *n = dict->child; n; n = n->next) {
        if (!n->overridden && !item_type(row, n->key)) {
            dx_buf_printf(&b, "%s%s", b.n ? ", " : "", n->key.p);
        }
    }
    return b.toobig ? "of these names" : b.p;
}

static void unknown_keys(struct dx_check *c, const struct kb_entitlement *row,
                         const struct dext_node *first, size_t known, bool usb)
{
    dx_find(c, DX_ENTITLEMENT_ITEM_KEY, dx_at_key(first), "unknown in a dictionary of %s: %s",
            kb_s(row->entitlement), odd_keys(c, row, first->parent));
    if (known) {
        dx_severity(c, DEXT_WARNING); /* the rest may equal a profile that has the key too */
        dx_fix(c, "Remove it, unless the profile has it.");
        return;
    }
    if (!usb) {
        dx_why(c, "Signing compares the dictionary with the profile's, which has the IOPCI keys: "
                  "it is equal to none, and the driver is killed at launch. With signing checks "
                  "off the kernel reads none of its keys, and every PCI device matches.");
    }
    dx_fix(c, usb ? "Write idVendor with the vendor id as <integer>."
                  : "Write IOPCIPrimaryMatch with 0xDDDDVVVV, device and vendor, or "
                    "0x0000VVVV&0x0000FFFF for all devices of a vendor.");
}

/* What the dictionaries of one array have in common. */
struct items {
    const struct dext_node *narrow; /* the first that says more than its vendor */
    size_t narrow_count;
};

static void usb_scope(struct dx_check *c, const struct dext_node *dict, struct items *all)
{
    const struct dext_node *vendor = dx_get(dict, "idVendor");
    if (!vendor && dict->count) {
        dx_find(c, DX_ENTITLEMENT_ITEM_WITHOUT_VENDOR, dx_at(dict),
                "this dictionary of " DX_ENT_USB " has no idVendor");
    } else if (vendor && vendor->kind == DEXT_STRING && dx_str_is(vendor->text, "*") &&
               dict->count > 1) {
        dx_find(c, DX_ENTITLEMENT_ITEM_NARROWER, dx_at(vendor),
                "idVendor \"*\" beside other keys is not the development variant");
        dx_severity(c, DEXT_WARNING);
        dx_why(c, "A development profile grants the dictionary with idVendor \"*\" and nothing "
                  "else, and a claim has to equal it: one with more keys was refused.");
        dx_fix(c, "Write idVendor \"*\" alone.");
    } else if (vendor && vendor->kind == DEXT_INTEGER && dict->count > 1) {
        all->narrow = all->narrow ? all->narrow : dict;
        all->narrow_count++;
    }
}

static void entitlement_value_item(struct dx_check *c, const struct dx_ent *e,
                                   const struct kb_entitlement *row, const struct dext_node *dict,
                                   struct items *all)
{
    bool usb = dx_str_is(dx_str(kb_s(row->entitlement)), DX_ENT_USB);
    const struct dext_node *odd = NULL;
    size_t known = 0;
    for (const struct dext_node *n = dict->child; n; n = n->next) {
        const char *type = item_type(row, n->key);
        if (n->overridden) {
            continue;
        }
        if (!type) {
            odd = odd ? odd : n;
            continue;
        }
        known++;
        if (usb) {
            usb_entry(c, n, type);
        } else {
            pci_entry(c, n);
        }
    }
    if (odd) {
        unknown_keys(c, row, odd, known, usb);
    } else if (usb && !e->apple) {
        usb_scope(c, dict, all);
    }
}

static void empty_item(struct dx_check *c, const struct kb_entitlement *row,
                       const struct dext_node *el, size_t i)
{
    dx_find(c, DX_ENTITLEMENT_EMPTY_ITEM, dx_at(el), "element %zu of %s is an empty dictionary", i,
            kb_s(row->entitlement));
    if (dx_str_is(dx_str(kb_s(row->entitlement)), DX_ENT_PCI)) {
        dx_why(c,
               "Signing compares the dictionary with those of the profile, and Apple grants none "
               "without a key: the claim is refused, and the process is killed at launch. With "
               "signing checks off it covers every PCI device.");
    }
    dx_fix(c, "Write %s for development, %s once Apple approved it.", kb_s(row->development),
           kb_s(row->approved));
}

static void element(struct dx_check *c, const struct dx_ent *e, const struct kb_entitlement *row,
                    const struct dext_node *el, size_t i, struct items *all)
{
    const char *array = kb_s(row->entitlement);
    if (el->kind == DEXT_DICT && el->count == 0) {
        empty_item(c, row, el, i);
    } else if (el->kind == DEXT_DICT) {
        entitlement_value_item(c, e, row, el, all);
    } else if (el->kind == DEXT_STRING && dx_str_is(el->text, DX_ENT_BUILTIN) &&
               strcmp(array, DX_ENT_PCI) == 0) {
        dx_find(c, DX_ENTITLEMENT_APPLE_ONLY, dx_at(el),
                DX_ENT_BUILTIN ": Apple's own drivers of built-in devices have it, nobody else is "
                               "granted it");
        dx_severity(c, DEXT_NOTE);
    } else if (el->kind != DEXT_STRING || !dx_has_placeholder(el->text)) {
        wrong_element(c, el, i, array, "a dictionary");
    }
}

/* ---- variants ----------------------------------------------------------------------------- */

/* The element that is the development variant, or is mixed in itself. */
static const struct dext_node *entitlement_value_wildcard(const struct dext_node *array)
{
    for (const struct dext_node *el = array->child; el; el = el->next) {
        enum dx_variant v = dx_variant_of_element(array->key, el);
        if (v == DX_VARIANT_DEVELOPMENT || v == DX_VARIANT_MIXED) {
            const struct dext_node *vendor = dx_get(el, "idVendor");
            return vendor ? vendor : el->child;
        }
    }
    return array;
}

static void variants(struct dx_check *c, const struct dext_node *array)
{
    enum dx_variant v = dx_variant_of(array->key, array);
    const char *all = dx_str_is(array->key, DX_ENT_USB) ? "idVendor \"*\"" : "a mask of 0";
    if (v == DX_VARIANT_MIXED) {
        dx_find(c, DX_ENTITLEMENT_WILDCARD_WITH_APPROVED, dx_at(entitlement_value_wildcard(array)),
                "%s has %s beside values for certain hardware", array->key.p, all);
    } else if (v == DX_VARIANT_DEVELOPMENT) {
        dx_find(c, DX_ENTITLEMENT_DEVELOPMENT_VARIANT, dx_at(entitlement_value_wildcard(array)),
                "%s with %s is the development variant", array->key.p, all);
    }
}

static void transport(struct dx_check *c, const struct dx_ent *e, const struct dext_node *n,
                      const struct kb_entitlement *row)
{
    struct items all = {0};
    size_t i = 0;
    if (!n->child) {
        dx_find(c, DX_ENTITLEMENT_EMPTY_LIST, dx_at(n), "%s is empty: it covers no device",
                n->key.p);
        if (dx_str_is(n->key, DX_ENT_USB)) {
            dx_severity(c, DEXT_WARNING); /* the USB matcher is not public */
        }
        dx_fix(c, "Write %s for development, %s once Apple approved it.", kb_s(row->development),
               kb_s(row->approved));
        return;
    }
    for (const struct dext_node *el = n->child; el; el = el->next, i++) {
        element(c, e, row, el, i, &all);
    }
    if (all.narrow) {
        dx_find(c, DX_ENTITLEMENT_ITEM_NARROWER, dx_at(all.narrow),
                "%zu of %u dictionaries of %s name more than the vendor", all.narrow_count,
                n->count, n->key.p);
    }
    variants(c, n);
}

/* ---- userclient-access -------------------------------------------------------------------- */

static bool has_team(struct dx_str s)
{
    size_t i = 0;
    while (i < s.n && ((s.p[i] >= 'A' && s.p[i] <= 'Z') || (s.p[i] >= '0' && s.p[i] <= '9'))) {
        i++;
    }
    return i == 10 && i < s.n && s.p[i] == '.';
}

static void driver_id(struct dx_check *c, const struct dext_node *n)
{
    struct dx_str id = n->text;
    if (dx_has_placeholder(id)) {
        return;
    }
    const char *colon = memchr(id.p, ':', id.n);
    if (colon) {
        dx_find(c, DX_USERCLIENT_ACCESS_ELEMENT, dx_at(n),
                "\"%s\": userclient-access holds bundle ids, without a class", id.p);
        dx_fix(c, "Write %.*s alone.", (int)(colon - id.p), id.p);
    } else if (memchr(id.p, '*', id.n)) {
        dx_find(c, DX_USERCLIENT_ACCESS_ELEMENT, dx_at(n),
                "\"%s\": userclient-access knows no wildcard", id.p);
    } else if (has_team(id)) {
        dx_find(c, DX_USERCLIENT_ACCESS_ELEMENT, dx_at(n),
                "\"%s\": userclient-access holds bundle ids, without the team", id.p);
        dx_fix(c, "Write %s.", id.p + 11);
    } else if (!memchr(id.p, '.', id.n) || memchr(id.p, ' ', id.n) || memchr(id.p, '/', id.n)) {
        dx_find(c, DX_USERCLIENT_ACCESS_ELEMENT, dx_at(n),
                "\"%s\" in userclient-access is no bundle id", id.p);
    }
}

static void client_access(struct dx_check *c, const struct dext_node *n)
{
    if (n->kind == DEXT_STRING) {
        driver_id(c, n);
        return;
    }
    if (!n->child) {
        dx_find(c, DX_ENTITLEMENT_EMPTY_LIST, dx_at(n), "%s is empty: it opens no driver",
                n->key.p);
        dx_severity(c, DEXT_WARNING);
        dx_fix(c, "List the bundle ids of the drivers to be opened.");
    }
    entitlement_value_strings(c, n);
    for (const struct dext_node *el = n->child; el; el = el->next) {
        if (el->kind == DEXT_STRING) {
            driver_id(c, el);
        }
    }
}

/* ---- all values --------------------------------------------------------------------------- */

/* Apps have many rights that are none of ours; the one to install drivers is. */
static bool ours(const struct kb_entitlement *row)
{
    return row->status == KB_ENTITLEMENT_STATUS_CURRENT &&
           (row->carrier != KB_ENTITLEMENT_CARRIER_APP ||
            strcmp(kb_s(row->entitlement), DX_ENT_INSTALL) == 0);
}

static void entitlement_value_value(struct dx_check *c, const struct dx_ent *e,
                                    const struct dext_node *n)
{
    const struct kb_entitlement *row = dx_kb_entitlement(n->key);
    bool filled_later = n->kind == DEXT_STRING && dx_has_placeholder(n->text);
    if (!row || !ours(row) || n->bad || filled_later) {
        return;
    }
    if (!entitlement_value_fits(row, n)) {
        bool switched_on = n->kind == DEXT_BOOL && n->boolean;
        if (!(e->apple && switched_on && row->type == KB_ENTITLEMENT_TYPE_ARRAY_OF_DICT)) {
            wrong_type(c, e, n, row);
        }
    } else if (row->type == KB_ENTITLEMENT_TYPE_ARRAY_OF_DICT) {
        transport(c, e, n, row);
    } else if (dx_str_is(n->key, DX_ENT_CLIENT)) {
        client_access(c, n);
    } else if (n->kind == DEXT_ARRAY) {
        entitlement_value_strings(c, n);
    }
}

static bool is_on(const struct dext_node *root, const char *key)
{
    const struct dext_node *n = dx_get_kind(root, key, DEXT_BOOL);
    return n && n->boolean;
}

static void task_allow(struct dx_check *c, const struct dx_ent *e)
{
    static const char *const keys[] = {"com.apple.security.get-task-allow", "get-task-allow"};
    bool approved = e->driver && dx_variant_of_all(e->root) == DX_VARIANT_APPROVED;
    for (size_t i = 0; approved && i < sizeof keys / sizeof *keys; i++) {
        if (is_on(e->root, keys[i])) {
            dx_find(c, DX_GET_TASK_ALLOW_WITH_APPROVED, dx_at_key(dx_get(e->root, keys[i])),
                    "%s, for development, beside the approved variant, for distribution", keys[i]);
            return;
        }
    }
}

static void entitlement_value_open_to_all(struct dx_check *c, const struct dx_ent *e)
{
    if (e->driver && is_on(e->root, DX_ENT_ALLOW_ANY) &&
        !dx_ent_tries(e->root, DX_ENT_FAMILY "audio") &&
        !dx_ent_tries(e->root, DX_ENT_FAMILY "midi")) {
        dx_find(c, DX_USERCLIENT_OPEN_TO_ALL, dx_at_key(dx_get(e->root, DX_ENT_ALLOW_ANY)),
                "every process on the Mac may open this driver's user clients");
    }
}

void dx_check_ent_values(struct dx_check *c, const struct dx_ent *e)
{
    for (const struct dext_node *n = e->root->child; n; n = n->next) {
        if (!n->overridden) {
            entitlement_value_value(c, e, n);
        }
    }
    task_allow(c, e);
    entitlement_value_open_to_all(c, e);
}
