/* The smaller families: SCSI devices, media, serial clients, IOResources and IOUserResources. */
#include <string.h>

#include "iokit/match.h"

/* ---- SCSI ---------------------------------------------------------------------------------- */

/* IOSCSIArchitectureModelFamily-139.0.2: matchPropertyTable of IOSCSIPeripheralDeviceNub and
 * IOSCSILogicalUnitNub; ranks from IOSCSIPeripheralDeviceNub.h. Each key is looked at only when the
 * one before it was given and matched. */
static const struct {
    const char *key;
    int rank;
} scsi_steps[] = {
    {"Peripheral Device Type", 5000},
    {"Vendor Identification", 10000},
    {"Product Identification", 15000},
    {"Product Revision Level", 20000},
};

static enum dext_match_answer scsi_without_type(struct dx_eval *e, struct dx_prop have)
{
    const struct dext_node *category = dx_get_kind(e->table, "IOMatchCategory", DEXT_STRING);
    const struct dext_node *want = dx_get(e->table, scsi_steps[0].key);
    struct dx_say s = {.code = "F-scsi",
                       .phase = DEXT_MATCH_PASSIVE,
                       .key = scsi_steps[0].key,
                       .want = want,
                       .have = have};
    if (e->trace) {
        s.edit = want
                     ? "match a node that has a Peripheral Device Type"
                     : dx_edit_text(e, "add Peripheral Device Type%s%s", have.value ? " = " : "",
                                    have.value ? dx_value_text(&e->w->ctx->arena, have.value) : "");
    }
    if (want && have.unknown) {
        return dx_say(e, &s, DEXT_MATCH_UNSURE, "the dump does not show this property of the node");
    }
    if (!category) {
        return dx_say(e, &s, DEXT_MATCH_NO,
                      want ? "the node has no such property"
                           : "it is missing: SCSI devices match on their type first");
    }
    e->score.family = dx_str_is(category->text, "SCSITaskUserClientDevice") ? 0 : 4900;
    return dx_say(e, &s, DEXT_MATCH_YES,
                  "without a type only a personality with a match category "
                  "of its own stays");
}

enum dext_match_answer dx_match_scsi(struct dx_eval *e)
{
    enum dext_match_answer all = DEXT_MATCH_YES;
    e->score.used = e->score.base >= 5000 ? 4000 : e->score.base;
    struct dx_prop type = dx_nub_prop(e, scsi_steps[0].key);
    if (!dx_get(e->table, scsi_steps[0].key) || !type.value) {
        return scsi_without_type(e, type);
    }
    for (size_t i = 0; i < sizeof scsi_steps / sizeof *scsi_steps; i++) {
        const char *key = scsi_steps[i].key;
        if (!dx_get(e->table, key) ||
            (!dx_nub_prop(e, key).value && !dx_nub_prop(e, key).unknown)) {
            break; /* absent on one side: not compared, and nothing after it either */
        }
        enum dext_match_answer one = dx_compare_key(e, "F-scsi", key);
        all = dx_both(all, one);
        if (one == DEXT_MATCH_NO) {
            break;
        }
        e->score.family = scsi_steps[i].rank;
        e->score.combined = key;
    }
    if (e->score.used != e->score.base) {
        e->score.text = "an IOProbeScore of 5000 or more counts as 4000 on SCSI devices";
    }
    return all;
}

/* ---- families that only compare ------------------------------------------------------------ */

static enum dext_match_answer compare_all(struct dx_eval *e, const char *code,
                                          const char *const *keys)
{
    enum dext_match_answer all = DEXT_MATCH_YES;
    for (; *keys; keys++) {
        all = dx_both(all, dx_compare_key(e, code, *keys));
    }
    return all;
}

/* IOStorageFamily-337.100.1, IOMedia::matchPropertyTable. */
enum dext_match_answer dx_match_media(struct dx_eval *e)
{
    static const char *const keys[] = {
        "Content",   "Content Hint", "Ejectable", "Leaf",  "Open",     "Preferred Block Size",
        "Removable", "Size",         "UUID",      "Whole", "Writable", NULL};
    static const char *const of_cd[] = {"TOC", "Type", NULL};
    /* IOCDStorageFamily-62, IODVDStorageFamily-46: the same, and these. */
    const char *const *more = dx_reg_is_a(e->nub, "IOCDMedia") == DX_REG_YES    ? of_cd
                              : dx_reg_is_a(e->nub, "IODVDMedia") == DX_REG_YES ? of_cd + 1
                                                                                : of_cd + 2;
    return dx_both(compare_all(e, "F-media", keys), compare_all(e, "F-media", more));
}

/* What published code compares one by one (IOService::compareProperty), or what dumps show to be
 * compared: lib/data/compared-keys.rec. */
enum dext_match_answer dx_match_keys(struct dx_eval *e)
{
    const struct kb_compared *row = dx_class_compared(e->nub->class_name, e->nub->chain);
    bool sure = row && row->how == KB_COMPARED_HOW_CODE;
    enum dext_match_answer all = row ? DEXT_MATCH_YES : DEXT_MATCH_UNSURE;
    if (sure) {
        for (const char *key = kb_first(row->keys); *key; key = kb_next(key)) {
            all = dx_both(all, dx_compare_key(e, "F-keys", key));
        }
        return all;
    }
    struct dx_say s = {.code = "F-keys", .phase = DEXT_MATCH_PASSIVE, .key = "family"};
    e->score.certain = false;
    e->score.text = "whether this class adds to the score is not known";
    for (const char *key = row ? kb_first(row->keys) : ""; *key; key = kb_next(key)) {
        s.key = key;
        s.want = dx_get(e->table, key);
        s.have = dx_nub_prop(e, key);
        bool same = s.want && dx_prop_equal(s.have, s.want) == DEXT_MATCH_YES;
        all = same ? all : DEXT_MATCH_UNSURE;
    }
    return dx_say(
        e, &s, all, "%s",
        all == DEXT_MATCH_YES
            ? "the node has the same value, as with every driver attached in public dumps"
            : "drivers attached in public dumps have this key with the node's value; what "
              "else this class compares is not public");
}

/* IOSerialFamily-93, IOSerialBSDClient::matchPropertyTable; IOSerialBSDClientType is the beginning
 * of the name of a class that the client's provider descends from. */
enum dext_match_answer dx_match_serial_client(struct dx_eval *e)
{
    static const char *const keys[] = {"IOTTYDevice",     "IOTTYBaseName",  "IOTTYSuffix",
                                       "IOCalloutDevice", "IODialinDevice", NULL};
    enum dext_match_answer all = compare_all(e, "F-serial", keys);
    const struct dext_node *want = dx_get(e->table, "IOSerialBSDClientType");
    if (!want) {
        return all;
    }
    struct dx_say s = {.code = "F-serial",
                       .phase = DEXT_MATCH_PASSIVE,
                       .key = "IOSerialBSDClientType",
                       .want = want,
                       .have = dx_nub_prop(e, "IOSerialBSDClientType")};
    enum dext_match_answer a = dx_prop_equal(s.have, want);
    /* The node's own property names the type it serves; a prefix of another ancestor's name may
     * fit too. */
    return dx_both(all, dx_say(e, &s, a == DEXT_MATCH_YES ? a : DEXT_MATCH_UNSURE,
                               "compared with the classes that the serial port descends from"));
}

/* ---- IOResources, IOUserResources ---------------------------------------------------------- */

static enum dext_match_answer published(struct dx_eval *e, const struct dext_node *want)
{
    struct dx_say s = {
        .code = "F-res", .phase = DEXT_MATCH_PASSIVE, .key = "IOResourceMatch", .want = want};
    enum dext_match_answer all = DEXT_MATCH_YES;
    const char *missing = "";
    bool list = want->kind == DEXT_ARRAY;
    const struct dext_node *c = list ? want->child : want;
    for (; c; c = list ? c->next : NULL) {
        if (c->kind != DEXT_STRING) {
            s.edit = "make IOResourceMatch a string";
            return dx_say(e, &s, DEXT_MATCH_UNSURE,
                          "names of resources are strings; what another type does is not certain");
        }
        struct dx_prop p = dx_nub_prop(e, c->text.p);
        enum dext_match_answer one = dx_has_placeholder(c->text)      ? DEXT_MATCH_UNSURE
                                     : dx_reg_prop(e->nub, c->text.p) ? DEXT_MATCH_YES
                                     : p.unknown                      ? DEXT_MATCH_UNSURE
                                                                      : DEXT_MATCH_NO;
        missing = one < all ? c->text.p : missing;
        all = dx_both(all, one);
    }
    bool user = dx_str_is(e->nub->class_name, "IOUserResources");
    s.edit = user ? "set IOResourceMatch to IOKit" : "name a resource that is published";
    return dx_say(e, &s, all,
                  all == DEXT_MATCH_YES      ? "every resource is published%.0s"
                  : all == DEXT_MATCH_UNSURE ? "the dump does not show whether %s is published"
                  : user ? "%s is not published there; the system publishes IOKit alone on "
                           "IOUserResources"
                         : "%s is not published",
                  missing);
}

/* xnu, IOService.cpp: IOResourcesMatchPropertyTable. */
enum dext_match_answer dx_match_resources(struct dx_eval *e)
{
    const struct dext_node *want = dx_get(e->table, "IOResourceMatch");
    const struct dext_node *already = dx_get_kind(e->table, "IOResourceMatched", DEXT_STRING);
    if (want) {
        return published(e, want);
    }
    if (!already) {
        return DEXT_MATCH_YES;
    }
    struct dx_say s = {.code = "F-res",
                       .phase = DEXT_MATCH_PASSIVE,
                       .key = "IOResourceMatched",
                       .want = already,
                       .have = dx_nub_prop(e, "IOResourceMatched")};
    enum dext_match_answer a = s.have.unknown ? DEXT_MATCH_UNSURE : DEXT_MATCH_NO;
    const struct dext_node *c =
        s.have.value && s.have.value->kind == DEXT_ARRAY ? s.have.value->child : NULL;
    for (; c && a != DEXT_MATCH_YES; c = c->next) {
        a = dx_value_equal(c, already) == DEXT_MATCH_YES ? DEXT_MATCH_YES : a;
    }
    return dx_say(e, &s, a, "compared with the node's list IOResourceMatched");
}
