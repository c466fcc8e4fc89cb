/* DX406, DX407, DX421: the entitlements of a driver against its personalities. Which files are the
 * driver's is certain where a project's target names them, likely where they only stand beside the
 * Info.plist. */
#include <string.h>

#include "bundle/needs.h"
#include "know/pci_match.h"
#include "rules/code.h"

/* Signed with it, or named by the target that builds the driver. */
static bool coverage_belongs(const struct dx_check *c)
{
    return c->unit->target || c->unit->code || c->unit->together;
}

/* ---- entitlement-family-missing ----------------------------------------------------------- */

static bool asked_before(const struct dx_check *c, const struct dx_personality *p, const char *name)
{
    for (const struct dx_personality *q = c->all; q < p; q++) {
        struct dx_needs all = q->is_dext ? dx_needs_of(q) : (struct dx_needs){0};
        for (size_t i = 0; i < all.count; i++) {
            if (strcmp(all.list[i].name, name) == 0) {
                return true;
            }
        }
    }
    return false;
}

static void missing(struct dx_check *c, const struct dx_ent *e, const struct dx_personality *p,
                    const struct dx_need *need)
{
    const struct kb_entitlement *row = dx_kb_entitlement(dx_str(need->name));
    const struct dext_node *base = dx_get(e->root, DX_ENT_BASE);
    struct dx_target at = base ? dx_at_key(base) : dx_at(e->root);
    if (need->for_what) {
        dx_find(c, DX_ENTITLEMENT_FAMILY_MISSING, at,
                "no %s, which \"%s\" needs for its provider %s", need->name, p->name,
                need->for_what);
    } else {
        dx_find(c, DX_ENTITLEMENT_FAMILY_MISSING, at,
                "no %s, which \"%s\" needs, a driver of the family %s", need->name, p->name,
                kb_s(p->family->family));
    }
    if (!need->enforced || !coverage_belongs(c)) {
        dx_severity(c, DEXT_WARNING);
    }
    if (strcmp(need->name, DX_ENT_ALLOW_ANY) == 0) {
        dx_why(c, "The system's own daemon opens a user client of the driver, and has no "
                  "userclient-access for it: without this entitlement the driver runs, but "
                  "nothing connects to it.");
    } else if (!need->enforced) {
        dx_why(c, "Apple documents the entitlement as needed by this family. Where it is checked "
                  "is not public; without it a driver may start and then not be served.");
    }
    if (row && row->variants == KB_ENTITLEMENT_VARIANTS_VALUE) {
        dx_fix(c, "Add it: %s for development, %s once Apple approved it.", kb_s(row->development),
               kb_s(row->approved));
    }
}

static void families(struct dx_check *c, const struct dx_ent *e)
{
    for (size_t i = 0; i < c->all_count; i++) {
        const struct dx_personality *p = &c->all[i];
        struct dx_needs all = dx_needs_of(p);
        for (size_t k = 0; p->is_dext && k < all.count; k++) {
            if (!dx_ent_tries(e->root, all.list[k].name) && !asked_before(c, p, all.list[k].name)) {
                missing(c, e, p, &all.list[k]);
            }
        }
    }
}

/* ---- entitlement-vendor-not-covered: USB -------------------------------------------------- */

enum cover { COVERED, OTHER_PRODUCT, OTHER_VENDOR };

static bool coverage_lists(const struct dext_node *array, int64_t value)
{
    for (const struct dext_node *n = array->child; n; n = n->next) {
        int64_t v;
        if (!dx_int(n, &v) || v == value) {
            return true; /* what cannot be read may be it */
        }
    }
    return false;
}

/* Only numbers that stand plainly on both sides are compared. */
static enum cover usb_covers(const struct dext_node *item, int64_t vendor,
                             const struct dext_node *product)
{
    int64_t v, have, want;
    const struct dext_node *list = dx_get_kind(item, "idProductArray", DEXT_ARRAY);
    if (item->kind != DEXT_DICT) {
        return COVERED;
    }
    if (dx_int(dx_get(item, "idVendor"), &v) && v != vendor) {
        return OTHER_VENDOR;
    }
    if (!dx_int(product, &want) || dx_get(item, "idProductMask")) {
        return COVERED;
    }
    if (list) {
        return coverage_lists(list, want) ? COVERED : OTHER_PRODUCT;
    }
    return dx_int(dx_get(item, "idProduct"), &have) && have != want ? OTHER_PRODUCT : COVERED;
}

static bool same_value(const struct dx_personality *p, const struct dx_personality *q,
                       const char *key)
{
    const struct dext_node *a = dx_get(p->dict, key), *b = dx_get(q->dict, key);
    return (!a && !b) || (a && b && dx_node_equal(a, b));
}

static bool is_usb(const struct dx_personality *p)
{
    const char *right = dx_right_of_nub(p);
    return p->is_dext && right && strcmp(right, DX_ENT_USB) == 0;
}

/* The same lack was told for one of the personalities before. */
static bool coverage_told_before(const struct dx_check *c, const struct dx_personality *p,
                                 bool vendor_only)
{
    enum { MOST = 256 };
    const struct dx_personality *first = p - c->all > MOST ? p - MOST : c->all;
    for (const struct dx_personality *q = first; q < p; q++) {
        if (is_usb(q) && same_value(p, q, "idVendor") &&
            (vendor_only || same_value(p, q, "idProduct"))) {
            return true;
        }
    }
    return false;
}

static void usb(struct dx_check *c, const struct dext_node *claim, const struct dx_personality *p)
{
    int64_t vendor, product;
    enum cover best = OTHER_VENDOR;
    const struct dext_node *product_node =
        dx_get(p->dict, "idProductMask") ? NULL : dx_get(p->dict, "idProduct");
    if (!is_usb(p) || !dx_int(dx_get(p->dict, "idVendor"), &vendor)) {
        return;
    }
    for (const struct dext_node *n = claim->child; n; n = n->next) {
        enum cover how = usb_covers(n, vendor, product_node);
        best = how < best ? how : best;
    }
    if (best == COVERED || coverage_told_before(c, p, best == OTHER_VENDOR)) {
        return;
    }
    if (best == OTHER_VENDOR) {
        dx_find(c, DX_ENTITLEMENT_VENDOR_NOT_COVERED, dx_at_key(claim),
                "%s does not cover idVendor %lld (0x%04llx) of \"%s\"", claim->key.p,
                (long long)vendor, (unsigned long long)vendor, p->name);
        dx_fix(c, "Add a dictionary with idVendor %lld.", (long long)vendor);
    } else {
        (void)dx_int(product_node, &product);
        dx_find(c, DX_ENTITLEMENT_VENDOR_NOT_COVERED, dx_at_key(claim),
                "%s covers idVendor %lld, but not idProduct %lld (0x%04llx) of \"%s\"",
                claim->key.p, (long long)vendor, (long long)product, (unsigned long long)product,
                p->name);
        dx_fix(c, "Add the product, or claim the vendor alone if that is what Apple granted.");
    }
    if (!coverage_belongs(c) || best == OTHER_PRODUCT) {
        dx_severity(c, DEXT_WARNING);
    }
}

/* ---- entitlement-vendor-not-covered: PCI -------------------------------------------------- */

static bool no_device_in_common(const struct dx_pci_term *a, const struct dx_pci_term *b)
{
    return ((a->value ^ b->value) & a->mask & b->mask) != 0;
}

/* A key of the entitlement that rules a term out by itself. IOPCIMatch in the entitlement also
 * looks at the subsystem's ids, so it rules out nothing but another IOPCIMatch. */
static bool rules_out(const struct dext_node *item, const char *key, const struct dx_pci_term *t)
{
    const struct dext_node *n = dx_get(item, key);
    struct dx_pci_terms terms;
    if (!dx_is_literal(n)) {
        return false;
    }
    dx_pci_parse(&terms, n->text, dx_pci_default_mask(n->key));
    bool out = terms.count > 0;
    for (size_t i = 0; i < terms.count; i++) {
        out = out && no_device_in_common(&terms.term[i], t);
    }
    return out;
}

static bool pci_covers(const struct dext_node *claim, const char *key, const struct dx_pci_term *t)
{
    bool any = strcmp(key, "IOPCIMatch") == 0;
    for (const struct dext_node *n = claim->child; n; n = n->next) {
        bool builtin = n->kind == DEXT_STRING && dx_str_is(n->text, DX_ENT_BUILTIN);
        bool out = builtin || rules_out(n, key, t) || (any && rules_out(n, "IOPCIPrimaryMatch", t));
        if (!out) {
            return true;
        }
    }
    return false;
}

static void pci_key(struct dx_check *c, const struct dext_node *claim,
                    const struct dx_personality *p, const char *key)
{
    const struct dext_node *n = dx_get(p->dict, key);
    struct dx_pci_terms terms;
    if (!dx_is_literal(n)) {
        return;
    }
    dx_pci_parse(&terms, n->text, dx_pci_default_mask(n->key));
    for (size_t i = 0; i < terms.count; i++) {
        const struct dx_pci_term *t = &terms.term[i];
        if (!pci_covers(claim, key, t)) {
            dx_find(c, DX_ENTITLEMENT_VENDOR_NOT_COVERED, dx_at_key(claim),
                    "%s does not cover %s %.*s of \"%s\"", claim->key.p, key, (int)t->length,
                    n->text.p + t->at, p->name);
            if (!coverage_belongs(c) || strcmp(key, "IOPCIMatch") == 0) {
                dx_severity(c, DEXT_WARNING);
            }
            dx_fix(c, "Add a dictionary with IOPCIPrimaryMatch that covers the device.");
            return;
        }
    }
}

static void hardware(struct dx_check *c, const struct dx_ent *e)
{
    const struct dext_node *usb_claim = dx_get_kind(e->root, DX_ENT_USB, DEXT_ARRAY);
    const struct dext_node *pci_claim = dx_get_kind(e->root, DX_ENT_PCI, DEXT_ARRAY);
    for (size_t i = 0; i < c->all_count; i++) {
        const struct dx_personality *p = &c->all[i];
        const char *right = p->is_dext ? dx_right_of_nub(p) : NULL;
        if (usb_claim && usb_claim->child) {
            usb(c, usb_claim, p);
        }
        for (size_t k = 0; pci_claim && pci_claim->child && right &&
                           strcmp(right, DX_ENT_PCI) == 0 && k < DX_ENT_PCI_KEYS;
             k++) {
            pci_key(c, pci_claim, p, dx_ent_pci_keys[k]);
        }
    }
}

/* ---- userclient-access-other-driver ------------------------------------------------------- */

static void coverage_client(struct dx_check *c, const struct dx_ent *e)
{
    const struct dext_node *list = dx_get(e->root, DX_ENT_CLIENT);
    const struct dext_node *n = list && list->kind == DEXT_ARRAY ? list->child : list;
    const struct dext_node *near = NULL;
    struct dx_str id;
    if (!n || !dx_bundle_id(c, &id)) {
        return;
    }
    for (const struct dext_node *el = n; el; el = list->kind == DEXT_ARRAY ? el->next : NULL) {
        if (!dx_is_literal(el) || dx_str_eq(el->text, id)) {
            return;
        }
        if (dx_str_distance(el->text, id, 3) <= 3) {
            near = el;
        }
    }
    const char *name = dx_strndup(&c->ctx->arena, id.p, id.n);
    if (near) {
        dx_find(c, DX_USERCLIENT_ACCESS_OTHER_DRIVER, dx_at(near),
                "\"%s\" is not the bundle id of the driver %s, %s", near->text.p,
                c->unit->carrier ? "in this app" : "beside it", name);
        dx_fix(c, "Write %s.", name);
    } else {
        dx_find(c, DX_USERCLIENT_ACCESS_OTHER_DRIVER, dx_at_key(list),
                "the driver %s, %s, is not in %s",
                c->unit->carrier ? "that this app holds" : "beside this file", name, list->key.p);
        dx_severity(c, DEXT_NOTE);
    }
}

/* A driver that everybody may open needs no client with the right. */
static bool coverage_open_to_all(const struct dx_check *c)
{
    for (size_t i = 0; i < c->unit->entitlement_count; i++) {
        if (dx_get(c->unit->entitlements[i]->pl->root, DX_ENT_ALLOW_ANY)) {
            return true;
        }
    }
    return false;
}

/* The app that a project puts the driver into: its list is about this driver for sure, when the
 * driver's own entitlements are known. */
static void carrier_client(struct dx_check *c)
{
    const struct dx_unit *u = c->unit;
    const struct dx_doc *info = c->doc;
    struct dx_ent e;
    if (u->carrier && u->carrier->copy && u->carrier_claims && u->entitlement_count &&
        !coverage_open_to_all(c) && dx_ent_read(&e, u->carrier_claims) && e.whole) {
        c->doc = u->carrier_claims;
        coverage_client(c, &e);
        c->doc = info;
    }
}

void dx_check_coverage(struct dx_check *c)
{
    const struct dx_doc *info = c->doc;
    for (size_t i = 0; i < c->unit->entitlement_count; i++) {
        struct dx_ent e;
        const struct dx_doc *doc = c->unit->entitlements[i];
        if (!dx_ent_read(&e, doc) || !e.whole) {
            continue;
        }
        c->doc = doc;
        if (c->unit->code ? dx_code_is_driver(c->unit->code) : c->unit->target || e.driver) {
            families(c, &e);
            hardware(c, &e);
        } else if (!coverage_open_to_all(c)) {
            coverage_client(c, &e);
        }
    }
    c->doc = info;
    carrier_client(c);
}
