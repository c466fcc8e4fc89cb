/* USB devices and interfaces: which keys must stand together (know/usb_keys.h), and what that is
 * worth. What a wildcard, a mask, USBSpeed or USBPortType is worth is not public: such a score is
 * not certain. */
#include <string.h>

#include "iokit/match.h"
#include "know/usb_keys.h"

#define BIT DX_USB_BIT

struct usb {
    struct dx_eval *e;
    bool device;
    const char *const *names;
    const struct dx_usb_combination *rows;
    enum dext_match_answer equal[DX_USB_KEYS]; /* valid for given keys */
    unsigned given, star;
    bool mask_used;
    uint64_t nub_class; /* 256: not a number or not there */
    bool class_unknown;
};

/* ---- one key ------------------------------------------------------------------------------- */

static bool masked_equal(const struct dext_node *want, uint64_t mask, struct dx_prop have)
{
    uint64_t a, b;
    return dx_number(want, &a) && dx_number(have.value, &b) && (a & mask) == (b & mask);
}

static enum dext_match_answer in_array(const struct dext_node *list, struct dx_prop have)
{
    enum dext_match_answer best = DEXT_MATCH_NO;
    for (const struct dext_node *c = list->child; c; c = c->next) {
        enum dext_match_answer one = dx_prop_equal(have, c);
        best = one > best ? one : best;
    }
    return best;
}

/* idProduct, idProductArray (instead of it) and idProductMask, which is tried last. */
static enum dext_match_answer match_usb_product(struct usb *u, struct dx_prop have)
{
    const struct dext_node *t = u->e->table;
    const struct dext_node *want = dx_get(t, "idProduct");
    const struct dext_node *list = dx_get_kind(t, "idProductArray", DEXT_ARRAY);
    enum dext_match_answer a = want ? dx_prop_equal(have, want) : DEXT_MATCH_NO;
    uint64_t mask;
    if (dx_is_star(want)) {
        u->star |= BIT(DX_USB_PRODUCT);
        a = DEXT_MATCH_YES;
    }
    if (list) {
        a = in_array(list, have);
        u->star &= ~BIT(DX_USB_PRODUCT);
    }
    if (a != DEXT_MATCH_NO || !dx_number(dx_get(t, "idProductMask"), &mask)) {
        return a;
    }
    bool fits = want && masked_equal(want, mask, have);
    for (const struct dext_node *c = list ? list->child : NULL; c && !fits; c = c->next) {
        fits = masked_equal(c, mask, have);
    }
    u->mask_used = fits;
    return fits ? DEXT_MATCH_YES : have.unknown ? DEXT_MATCH_UNSURE : DEXT_MATCH_NO;
}

static void match_usb_say_key(struct usb *u, int k, const struct dext_node *want,
                              struct dx_prop have)
{
    struct dx_eval *e = u->e;
    struct dx_say s = {.code = "F-usb",
                       .phase = DEXT_MATCH_PASSIVE,
                       .key = u->names[k],
                       .want = want,
                       .have = have};
    enum dext_match_answer a = u->equal[k];
    if (have.value && e->trace) {
        s.edit =
            dx_edit_text(e, "set %s to %s", s.key, dx_value_text(&e->w->ctx->arena, have.value));
    }
    const char *how = u->star & BIT(k)                      ? "\"*\" matches every value"
                      : k == DX_USB_PRODUCT && u->mask_used ? "equal under idProductMask"
                                                            : "the device has the same value";
    (void)dx_say(e, &s, a, "%s",
                 a == DEXT_MATCH_YES  ? how
                 : a == DEXT_MATCH_NO ? !have.value ? "the node has no such property"
                                        : want->kind == DEXT_INTEGER || want->kind == DEXT_ARRAY
                                            ? "the device has another value"
                                            : "the types differ; USB keys are integers"
                 : !have.value        ? "the dump does not show this property of the node"
                                      : "whether these are equal is not certain");
}

static bool compare_keys(struct usb *u)
{
    for (int k = 0; k < DX_USB_KEYS; k++) {
        if (!u->names[k]) {
            continue;
        }
        const struct dext_node *want = dx_get(u->e->table, u->names[k]);
        if (k == DX_USB_PRODUCT && (!want || dx_get(u->e->table, "idProductArray"))) {
            const struct dext_node *list = dx_get(u->e->table, "idProductArray");
            want = list ? list : want;
        }
        if (!want) {
            continue;
        }
        struct dx_prop have = dx_nub_prop(u->e, u->names[k]);
        u->given |= BIT(k);
        if (k == DX_USB_PRODUCT) {
            u->equal[k] = match_usb_product(u, have);
        } else if (dx_is_star(want)) {
            u->equal[k] = DEXT_MATCH_YES;
            u->star |= BIT(k);
        } else {
            u->equal[k] = dx_prop_equal(have, want);
        }
        match_usb_say_key(u, k, want, have);
        if (u->equal[k] == DEXT_MATCH_NO && !u->e->full) {
            return false; /* no row survives a key that differs */
        }
    }
    return true;
}

/* ---- rows ---------------------------------------------------------------------------------- */

static enum dext_match_answer match_usb_class_fits(const struct usb *u, enum dx_usb_class kind)
{
    if (kind == DX_USB_ANY_CLASS) {
        return DEXT_MATCH_YES;
    }
    if (u->class_unknown) {
        return DEXT_MATCH_UNSURE;
    }
    return (kind == DX_USB_VENDOR_CLASS) == (u->nub_class == 0xff) ? DEXT_MATCH_YES : DEXT_MATCH_NO;
}

static enum dext_match_answer row_fits(const struct usb *u, const struct dx_usb_combination *r)
{
    enum dext_match_answer all = match_usb_class_fits(u, r->nub_class);
    if ((u->given & r->without) || (r->need & ~u->given)) {
        return DEXT_MATCH_NO;
    }
    for (int k = 0; k < DX_USB_KEYS; k++) {
        if (u->given & BIT(k)) {
            all = dx_both(all, u->equal[k]);
        }
    }
    return all;
}

/* The keys given make up the row, whatever their values are. */
static bool row_is_meant(const struct usb *u, const struct dx_usb_combination *r)
{
    return !(u->given & r->without) && !(r->need & ~u->given) &&
           match_usb_class_fits(u, r->nub_class) != DEXT_MATCH_NO;
}

static unsigned bits(unsigned v)
{
    unsigned n = 0;
    for (; v; v &= v - 1) {
        n++;
    }
    return n;
}

/* "idVendor + idProduct" */
static const char *match_usb_join(const struct usb *u, unsigned keys, const char *between)
{
    struct dx_arena *a = &u->e->w->ctx->arena;
    const char *text = "";
    for (int k = 0; k < DX_USB_KEYS; k++) {
        if (keys & BIT(k)) {
            text = dx_sprintf(a, "%s%s%s", text, *text ? between : "", u->names[k]);
        }
    }
    return text;
}

/* The row that takes the fewest changes and can match this device at all; ties go to the one
 * that names the device (of higher score). */
static const struct dx_usb_combination *match_usb_nearest(const struct usb *u)
{
    const struct dx_usb_combination *best = NULL;
    unsigned least = 0;
    for (size_t i = 0; i < DX_USB_COMBINATIONS; i++) {
        const struct dx_usb_combination *r = &u->rows[i];
        unsigned cost = 2 * bits(r->need & ~u->given) + 3 * bits(u->given & r->without);
        /* A class alone leads to the class row, a product to the row of a product. */
        if (match_usb_class_fits(u, r->nub_class) != DEXT_MATCH_NO && (!best || cost < least)) {
            best = r;
            least = cost;
        }
    }
    return best;
}

static const char *with_values(const struct usb *u, unsigned keys)
{
    struct dx_arena *a = &u->e->w->ctx->arena;
    const char *text = "";
    for (int k = 0; k < DX_USB_KEYS; k++) {
        if (keys & BIT(k)) {
            struct dx_prop p = dx_nub_prop(u->e, u->names[k]);
            text = dx_sprintf(a, "%s%s%s%s%s", text, *text ? " and " : "", u->names[k],
                              p.value ? " = " : "", p.value ? dx_value_text(a, p.value) : "");
        }
    }
    return text;
}

static enum dext_match_answer say_none(const struct usb *u)
{
    struct dx_eval *e = u->e;
    const struct dx_usb_combination *r = e->trace ? match_usb_nearest(u) : NULL;
    struct dx_say s = {.code = "F-usb", .phase = DEXT_MATCH_PASSIVE, .key = "combination"};
    if (!r) {
        return dx_say(e, &s, DEXT_MATCH_NO, "the keys are no combination that matches");
    }
    unsigned missing = r->need & ~u->given, extra = u->given & r->without;
    const char *nouns = u->device ? "devices" : "interfaces";
    struct dx_arena *a = &e->w->ctx->arena;
    s.expected = r->words;
    s.actual = u->given ? match_usb_join(u, u->given, " + ") : "no USB key";
    const char *add = missing ? dx_sprintf(a, "add %s", with_values(u, missing)) : "";
    const char *take = extra ? dx_sprintf(a, "take out %s", match_usb_join(u, extra, " and ")) : "";
    s.edit = dx_sprintf(a, "%s%s%s", add, missing && extra ? ", " : "", take);
    const char *only = r->nub_class == DX_USB_VENDOR_CLASS     ? " when the class is 255"
                       : r->nub_class == DX_USB_STANDARD_CLASS ? " when the class is not 255"
                                                               : "";
    if (missing) {
        return dx_say(e, &s, DEXT_MATCH_NO, "%s %s missing: %s match on %s%s",
                      match_usb_join(u, missing, " and "), bits(missing) > 1 ? "are" : "is", nouns,
                      s.expected, only);
    }
    return dx_say(e, &s, DEXT_MATCH_NO, "%s must not stand there: %s match on %s%s without %s",
                  match_usb_join(u, extra, " and "), nouns, s.expected, only,
                  bits(extra) > 1 ? "them" : "it");
}

static enum dext_match_answer say_row(const struct usb *u, const struct dx_usb_combination *r)
{
    struct dx_eval *e = u->e;
    struct dx_say s = {.code = "F-usb", .phase = DEXT_MATCH_PASSIVE, .key = "combination"};
    s.expected = s.actual = r->words;
    return dx_say(e, &s, match_usb_class_fits(u, r->nub_class),
                  "a combination that matches, worth %d", r->score);
}

/* USBSpeed and USBPortType may be added to any combination; how is not public. */
static enum dext_match_answer extras(const struct usb *u)
{
    static const char *const keys[] = {"USBSpeed", "USBPortType"};
    enum dext_match_answer all = DEXT_MATCH_YES;
    for (size_t i = 0; i < 2; i++) {
        const struct dext_node *want = dx_get(u->e->table, keys[i]);
        if (want) {
            struct dx_say s = {.code = "F-usb",
                               .phase = DEXT_MATCH_PASSIVE,
                               .key = keys[i],
                               .want = want,
                               .have = dx_nub_prop(u->e, keys[i])};
            all = dx_both(all, dx_say(u->e, &s, DEXT_MATCH_UNSURE,
                                      "may be added to any combination; how it is compared is not "
                                      "public"));
            u->e->score.certain = false;
        }
    }
    return all;
}

static void match_usb_keep_score(const struct usb *u, const struct dx_usb_combination *r, bool sure)
{
    struct dext_match_score *s = &u->e->score;
    unsigned stars = bits(u->star & r->need);
    s->used = s->base >= 10000 ? 9000 : s->base;
    s->family = r->score - 1000 * (int64_t)stars - (u->mask_used ? 500 : 0);
    s->combined = r->words;
    if (s->used != s->base) {
        /* IOUSBFamily-560.4.2; QA1076 only says that there should be none. */
        const char *current = u->device ? "IOUSBHostDevice" : "IOUSBHostInterface";
        bool old = dx_reg_is_a(u->e->nub, current) == DX_REG_NO;
        s->certain = old;
        s->text =
            old ? "an IOProbeScore of 10000 or more counts as 9000 on USB"
                : "an IOProbeScore of 10000 or more counted as 9000 in the USB family of 2013; "
                  "what it counts today is not public";
    }
    if (stars || u->mask_used) {
        s->certain = false;
        s->text = "what a wildcard or a mask costs is known of the USB family of 2013 only";
    }
    s->certain = s->certain && sure;
}

enum dext_match_answer dx_match_usb(struct dx_eval *e)
{
    struct usb u = {
        .e = e, .device = e->matcher == KB_KERNEL_CLASS_MATCHER_USB_DEVICE, .nub_class = 256};
    u.names = dx_usb_key_names(u.device);
    u.rows = dx_usb_combinations(u.device);
    struct dx_prop cls = dx_nub_prop(e, u.names[DX_USB_CLASS]);
    u.class_unknown = cls.unknown;
    (void)dx_number(cls.value, &u.nub_class);
    if (!compare_keys(&u)) {
        return DEXT_MATCH_NO;
    }
    enum dext_match_answer best = DEXT_MATCH_NO;
    const struct dx_usb_combination *taken = NULL, *meant = NULL;
    bool sure = true;
    for (size_t i = 0; i < DX_USB_COMBINATIONS && best != DEXT_MATCH_YES; i++) {
        enum dext_match_answer one = row_fits(&u, &u.rows[i]);
        if (one > best) {
            sure = best == DEXT_MATCH_NO && one == DEXT_MATCH_YES;
            best = one;
            taken = &u.rows[i];
        }
        meant = !meant && row_is_meant(&u, &u.rows[i]) ? &u.rows[i] : meant;
    }
    if (!meant) {
        return say_none(&u);
    }
    (void)say_row(&u, taken ? taken : meant);
    best = dx_both(best, extras(&u));
    if (taken) {
        match_usb_keep_score(&u, taken, sure);
    }
    return best;
}
