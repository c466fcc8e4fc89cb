/* HID devices, their interfaces and event services. Source: IOHIDFamily-2222.0.24,
 * IOHIDFamilyPrivate.cpp (MatchPropertyTable), IOHIDDevice.cpp (validateMatchingTable),
 * IOHIDInterface.cpp. */
#include <inttypes.h>
#include <string.h>

#include "iokit/match.h"

enum bucket { B_PAGE, B_USAGE, B_TRANSPORT, B_LOCATION, B_VENDOR, B_PRODUCT, B_DETAIL, B_NONE };

/* Plain keys: equal where they are given. */
static const struct {
    const char *key;
    enum bucket bucket;
    int score;
} hid_plain_keys[] = {
    {"PrimaryUsagePage", B_PAGE, 1100}, {"PrimaryUsage", B_USAGE, 100},
    {"Transport", B_TRANSPORT, 1000},   {"LocationID", B_LOCATION, 2000},
    {"VendorID", B_VENDOR, 5000},       {"ModelNumber", B_PRODUCT, 1000},
    {"VersionNumber", B_DETAIL, 100},   {"Manufacturer", B_DETAIL, 100},
    {"SerialNumber", B_DETAIL, 100},    {"PhysicalDeviceUniqueID", B_DETAIL, 100},
    {"BootProtocol", B_NONE, 0},
};

struct hid {
    struct dx_eval *e;
    int64_t bucket[B_NONE + 1];
    int64_t use; /* of DeviceUsagePairs and DeviceUsagePage */
    enum dext_match_answer page, usage;
};

/* ---- product ids --------------------------------------------------------------------------- */

static enum dext_match_answer match_hid_listed(const struct dext_node *list, struct dx_prop have,
                                               const uint64_t *mask)
{
    uint64_t a, b;
    if (!have.value) {
        return have.unknown ? DEXT_MATCH_UNSURE : DEXT_MATCH_NO;
    }
    for (const struct dext_node *c = list->child; c; c = c->next) {
        if (dx_number(c, &a) && dx_number(have.value, &b) &&
            (mask ? (a & *mask & UINT32_MAX) == (b & *mask & UINT32_MAX) : a == b)) {
            return DEXT_MATCH_YES;
        }
    }
    return DEXT_MATCH_NO;
}

static enum dext_match_answer masked(const struct dext_node *want, struct dx_prop have,
                                     uint64_t mask)
{
    uint64_t a, b;
    if (!have.value) {
        return have.unknown ? DEXT_MATCH_UNSURE : DEXT_MATCH_NO;
    }
    return dx_number(want, &a) && dx_number(have.value, &b) &&
                   (a & mask & UINT32_MAX) == (b & mask & UINT32_MAX)
               ? DEXT_MATCH_YES
               : DEXT_MATCH_NO;
}

/* ProductID, ProductIDArray and ProductIDMask: the first way that matches counts. When none does,
 * it fails as soon as one of the keys is there. */
static enum dext_match_answer match_hid_product(struct hid *h)
{
    const struct dext_node *t = h->e->table;
    const struct dext_node *id = dx_get(t, "ProductID");
    const struct dext_node *list = dx_get_kind(t, "ProductIDArray", DEXT_ARRAY);
    const struct dext_node *mask_at = dx_get(t, "ProductIDMask");
    struct dx_prop have = dx_nub_prop(h->e, "ProductID");
    uint64_t mask = 0;
    bool has_mask = dx_number(mask_at, &mask);
    struct {
        bool asked;
        enum dext_match_answer a;
        int score;
    } ways[] = {
        {id != NULL,
         !id              ? DEXT_MATCH_NO
         : dx_is_star(id) ? DEXT_MATCH_YES
                          : dx_prop_equal(have, id),
         1000},
        {list != NULL, list ? match_hid_listed(list, have, NULL) : DEXT_MATCH_NO, 975},
        {id && has_mask, id && has_mask ? masked(id, have, mask) : DEXT_MATCH_NO, 950},
        {list && has_mask, list && has_mask ? match_hid_listed(list, have, &mask) : DEXT_MATCH_NO,
         925},
    };
    enum dext_match_answer best = DEXT_MATCH_NO;
    for (size_t i = 0; i < 4; i++) {
        if (ways[i].asked && ways[i].a > best) {
            best = ways[i].a;
            h->bucket[B_PRODUCT] += best == DEXT_MATCH_YES ? ways[i].score : 0;
        }
    }
    if (!id && !list) {
        return DEXT_MATCH_YES;
    }
    struct dx_say s = {.code = "F-hid",
                       .phase = DEXT_MATCH_PASSIVE,
                       .key = id ? "ProductID" : "ProductIDArray",
                       .want = id ? id : list,
                       .have = have};
    if (have.value && h->e->trace) {
        s.edit = dx_edit_text(h->e, "set ProductID to %s",
                              dx_value_text(&h->e->w->ctx->arena, have.value));
    }
    return dx_say(h->e, &s, best,
                  best == DEXT_MATCH_YES      ? "the device has this product id"
                  : best == DEXT_MATCH_UNSURE ? "the dump does not show the product id"
                                              : "the device has another product id");
}

/* ---- usages -------------------------------------------------------------------------------- */

/* One {DeviceUsagePage, DeviceUsage} against the device's pairs. */
static enum dext_match_answer one_usage(const struct dext_node *want, const struct dext_node *pairs,
                                        int64_t *score)
{
    const struct dext_node *page = dx_get_kind(want, "DeviceUsagePage", DEXT_INTEGER);
    const struct dext_node *usage = dx_get_kind(want, "DeviceUsage", DEXT_INTEGER);
    enum dext_match_answer a = DEXT_MATCH_YES;
    for (const struct dext_node *p = page ? pairs->child : NULL; p; p = p->next) {
        const struct dext_node *has_page = dx_get_kind(p, "DeviceUsagePage", DEXT_INTEGER);
        const struct dext_node *has_usage = dx_get_kind(p, "DeviceUsage", DEXT_INTEGER);
        if (!has_page) {
            continue;
        }
        a = dx_value_equal(has_page, page);
        if (a != DEXT_MATCH_YES) {
            continue;
        }
        if (!usage) {
            *score += 50;
            break;
        }
        if (!has_usage) {
            continue;
        }
        a = dx_value_equal(has_usage, usage);
        if (a == DEXT_MATCH_YES) {
            *score += 100;
            break;
        }
    }
    return a;
}

static struct dx_say say_usage(const char *key, const struct dext_node *want, struct dx_prop have)
{
    return (struct dx_say){
        .code = "F-hid", .phase = DEXT_MATCH_PASSIVE, .key = key, .want = want, .have = have};
}

static enum dext_match_answer usages(struct hid *h)
{
    const struct dext_node *t = h->e->table;
    const struct dext_node *want = dx_get_kind(t, "DeviceUsagePairs", DEXT_ARRAY);
    const struct dext_node *top = dx_get(t, "DeviceUsagePage");
    struct dx_prop have = dx_nub_prop(h->e, "DeviceUsagePairs");
    const struct dext_node *pairs =
        have.value && have.value->kind == DEXT_ARRAY ? have.value : NULL;
    struct dx_say s = say_usage("DeviceUsagePairs", want, have);
    s.edit = "name a pair that the device has";
    if (!pairs) {
        /* Read even when the personality asks for no usage. */
        return dx_say(h->e, &s, have.unknown ? DEXT_MATCH_UNSURE : DEXT_MATCH_NO,
                      have.unknown ? "the dump does not show the usages of the device"
                                   : "the node has no DeviceUsagePairs: nothing matches it");
    }
    enum dext_match_answer a = DEXT_MATCH_YES;
    for (const struct dext_node *p = want ? want->child : NULL; p; p = p->next) {
        if (p->kind == DEXT_DICT) {
            a = one_usage(p, pairs, &h->use);
            if (a == DEXT_MATCH_YES) {
                break;
            }
        }
    }
    if (want) {
        (void)dx_say(h->e, &s, a,
                     a == DEXT_MATCH_YES ? "the device has one of these usages"
                                         : "the device has none of these usages");
    }
    if (top) {
        enum dext_match_answer b = one_usage(t, pairs, &h->use);
        s = say_usage("DeviceUsagePage", top, have);
        s.edit = "name a usage page that the device has";
        a = dx_both(a, dx_say(h->e, &s, b,
                              b == DEXT_MATCH_YES ? "the device has this usage"
                                                  : "the device does not have this usage"));
    }
    return a;
}

/* ---- plain keys ---------------------------------------------------------------------------- */

static enum dext_match_answer plain_keys(struct hid *h)
{
    enum dext_match_answer all = DEXT_MATCH_YES;
    h->page = h->usage = DEXT_MATCH_YES;
    for (size_t i = 0; i < sizeof hid_plain_keys / sizeof *hid_plain_keys; i++) {
        if (!dx_get(h->e->table, hid_plain_keys[i].key)) {
            continue;
        }
        enum dext_match_answer a = dx_compare_key(h->e, "F-hid", hid_plain_keys[i].key);
        h->bucket[hid_plain_keys[i].bucket] += a == DEXT_MATCH_YES ? hid_plain_keys[i].score : 0;
        all = dx_both(all, a);
        if (all == DEXT_MATCH_NO && !h->e->full) {
            break;
        }
    }
    return all;
}

static enum dext_match_answer needed_on_nub(struct hid *h, const char *key)
{
    const struct dext_node *want = dx_get(h->e->table, key);
    if (!want) {
        return DEXT_MATCH_YES;
    }
    struct dx_say s = say_usage(key, want, dx_nub_prop(h->e, key));
    enum dext_match_answer a = s.have.value     ? DEXT_MATCH_YES
                               : s.have.unknown ? DEXT_MATCH_UNSURE
                                                : DEXT_MATCH_NO;
    s.edit = dx_edit_text(h->e, "take %s out", key);
    return dx_say(h->e, &s, a, "in a personality it asks that the device has this property too");
}

/* IOHIDDevice alone: a usage of a vendor without the vendor. */
static enum dext_match_answer match_hid_vendor_usage(struct hid *h)
{
    const struct dext_node *t = h->e->table;
    const struct dext_node *page = dx_get_kind(t, "PrimaryUsagePage", DEXT_INTEGER);
    const struct dext_node *pairs = dx_get_kind(t, "DeviceUsagePairs", DEXT_ARRAY);
    const struct dext_node *transport = dx_get_kind(t, "Transport", DEXT_STRING);
    bool vendor_page = page && page->integer >= 0xff00;
    for (const struct dext_node *p = pairs ? pairs->child : NULL; p && !vendor_page; p = p->next) {
        const struct dext_node *one = dx_get_kind(p, "DeviceUsagePage", DEXT_INTEGER);
        vendor_page = one && one->integer >= 0xff00;
    }
    if (!vendor_page || dx_get(t, "VendorID") || !transport ||
        !(dx_str_contains(transport->text, "USB") ||
          dx_str_contains(transport->text, "Bluetooth"))) {
        return DEXT_MATCH_YES;
    }
    struct dx_say s = {.code = "F-hid-vendor",
                       .phase = DEXT_MATCH_PASSIVE,
                       .key = "VendorID",
                       .edit = "add VendorID"};
    return dx_say(h->e, &s, DEXT_MATCH_NO,
                  "a usage page of 0xff00 or more belongs to a vendor: without VendorID it matches "
                  "nothing on USB and Bluetooth");
}

/* "transport 1000 + vendor 6000 + usage 1200" */
static const char *trail(struct hid *h, int64_t transport, int64_t vendor, int64_t usage)
{
    const struct {
        const char *name;
        int64_t score;
    } parts[] = {{"transport", transport}, {"vendor", vendor}, {"usage", usage}};
    const char *text = NULL;
    for (size_t i = 0; i < 3 && h->e->trace; i++) {
        if (parts[i].score) {
            text = dx_edit_text(h->e, "%s%s%s %" PRId64, text ? text : "", text ? " + " : "",
                                parts[i].name, parts[i].score);
        }
    }
    return text;
}

static void match_hid_keep_score(struct hid *h)
{
    const int64_t *b = h->bucket;
    int64_t transport = b[B_TRANSPORT] ? b[B_TRANSPORT] + b[B_LOCATION] : 0;
    int64_t vendor = b[B_VENDOR] ? b[B_VENDOR] + b[B_PRODUCT] + b[B_DETAIL] : 0;
    int64_t usage = h->use ? h->use + 1100 : b[B_PAGE] ? b[B_PAGE] + b[B_USAGE] : 0;
    h->e->score.family = transport + vendor + usage;
    h->e->score.combined = trail(h, transport, vendor, usage);
    if ((b[B_PRODUCT] || b[B_DETAIL]) && !b[B_VENDOR]) {
        h->e->score.text = "without VendorID the product is worth nothing";
    }
}

/* The table is compared with the device, also when the nub is its interface; an interface of a
 * device with several is compared itself. The interface shows copies of the device's properties,
 * so the nub serves where the dump lacks the device. */
static const struct dx_reg_node *match_hid_subject(const struct dx_eval *e, bool *device)
{
    *device = dx_reg_is_a(e->nub, "IOHIDDevice") == DX_REG_YES;
    if (*device || dx_reg_is_a(e->nub, "IOHIDInterface") != DX_REG_YES) {
        return e->nub;
    }
    const struct dx_reg_node *up = dx_provider_of(e->nub);
    if (!up || up->prop_count == 0 || dx_reg_is_a(up, "IOHIDDevice") == DX_REG_NO) {
        *device = true;
        return e->nub;
    }
    struct dx_prop multiple = dx_node_prop(e->w, up, "HIDMultipleInterfaceEnabled");
    if (!multiple.value) {
        multiple = dx_node_prop(e->w, up, "MultipleInterfaceEnabled");
    }
    if (multiple.value && multiple.value->kind == DEXT_BOOL && multiple.value->boolean) {
        return e->nub;
    }
    *device = true;
    return up;
}

/* A game pad (page 1, usage 5) matches whatever it is on as long as no such device exists. */
static bool is_game_pad(const struct dext_node *t)
{
    uint64_t page, usage;
    return dx_number(dx_get(t, "PrimaryUsagePage"), &page) &&
           dx_number(dx_get(t, "PrimaryUsage"), &usage) && page == 5 && usage == 1;
}

enum dext_match_answer dx_match_hid(struct dx_eval *e)
{
    bool device;
    const struct dx_reg_node *nub = e->nub;
    struct hid h = {.e = e};
    e->nub = match_hid_subject(e, &device);
    enum dext_match_answer all = plain_keys(&h);
    if (all != DEXT_MATCH_NO || e->full) {
        all = dx_both(all, match_hid_product(&h));
        all = dx_both(all, usages(&h));
        all = dx_both(all, needed_on_nub(&h, "HIDDefaultBehavior"));
        all = dx_both(all, needed_on_nub(&h, "HIDCompatibilityInterface"));
        all = device ? dx_both(all, match_hid_vendor_usage(&h)) : all;
    }
    if (all == DEXT_MATCH_NO && device && is_game_pad(e->table)) {
        struct dx_say s = {.code = "F-hid", .phase = DEXT_MATCH_PASSIVE, .key = "PrimaryUsage"};
        all = dx_say(e, &s, DEXT_MATCH_UNSURE,
                     "page 5, usage 1 matches every HID device while no game device is there");
    }
    e->nub = nub;
    match_hid_keep_score(&h);
    return all;
}
