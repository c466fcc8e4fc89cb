/* What IOService itself compares (IOService::matchInternal, in its order).
 * Source: xnu-11417.101.15, iokit/Kernel/IOService.cpp, IORegistryEntry.cpp,
 * IODeviceTreeSupport.cpp. */
#include <inttypes.h>
#include <string.h>

#include "iokit/match.h"

typedef enum dext_match_answer answer_fn(struct dx_eval *e, const struct dext_node *want);

static struct dx_say match_generic_say_key(const char *code, const char *key,
                                           const struct dext_node *want)
{
    return (struct dx_say){.code = code, .phase = DEXT_MATCH_PASSIVE, .key = key, .want = want};
}

/* ---- names --------------------------------------------------------------------------------- */

/* CompareKey of the device tree: a name that ends with '*' is a prefix. */
static bool name_fits(struct dx_str have, struct dx_str want)
{
    if (want.n && want.p[want.n - 1] == '*') {
        want.n--;
        return have.n >= want.n && memcmp(have.p, want.p, want.n) == 0;
    }
    return dx_str_eq(have, want);
}

/* One string, or data that holds strings with a NUL after each. */
static bool value_holds(const struct dext_node *n, struct dx_str want)
{
    if (n->kind == DEXT_STRING) {
        return name_fits(n->text, want);
    }
    if (n->kind != DEXT_DATA) {
        return false;
    }
    for (size_t at = 0; at < n->text.n;) {
        const char *p = n->text.p + at;
        const char *end = memchr(p, 0, n->text.n - at);
        size_t len = end ? (size_t)(end - p) : n->text.n - at;
        if (name_fits((struct dx_str){p, len}, want)) {
            return true;
        }
        at += len + 1;
    }
    return false;
}

static const char *const tree_keys[] = {"name", "compatible", "device_type", "model"};

static bool names_as_tree(const struct dx_eval *e)
{
    return e->matcher == KB_KERNEL_CLASS_MATCHER_DEVICE_TREE ||
           e->matcher == KB_KERNEL_CLASS_MATCHER_DEVICE_TREE_CLOSED ||
           e->matcher == KB_KERNEL_CLASS_MATCHER_PCI;
}

/* IODTCompareNubName. *where says which property holds the name. */
static enum dext_match_answer in_tree_keys(const struct dx_eval *e, struct dx_str want,
                                           const char **where)
{
    enum dext_match_answer answer = DEXT_MATCH_NO;
    for (size_t i = 0; i < sizeof tree_keys / sizeof *tree_keys; i++) {
        struct dx_prop p = dx_nub_prop(e, tree_keys[i]);
        if (p.value && value_holds(p.value, want)) {
            *where = tree_keys[i];
            return e->matcher == KB_KERNEL_CLASS_MATCHER_DEVICE_TREE_CLOSED ? DEXT_MATCH_UNSURE
                                                                            : DEXT_MATCH_YES;
        }
        if (p.unknown) {
            answer = DEXT_MATCH_UNSURE;
        }
    }
    return answer;
}

static enum dext_match_answer one_name(struct dx_eval *e, struct dx_str want, const char **where)
{
    bool open = e->matcher == KB_KERNEL_CLASS_MATCHER_CLOSED ||
                e->matcher == KB_KERNEL_CLASS_MATCHER_INHERITED;
    if (dx_has_placeholder(want)) {
        return DEXT_MATCH_UNSURE;
    }
    *where = "name in the registry";
    bool same = dx_str_eq(e->nub->name, want);
    if (names_as_tree(e)) {
        enum dext_match_answer a = in_tree_keys(e, want, where);
        if (a == DEXT_MATCH_YES || !same) {
            return a;
        }
        /* The device tree's comparison reads properties, not the registry's name; the one of Intel
         * Macs (ACPI, closed) takes the name too: AppleSMBIOS on "bios" in registry dumps. */
        *where = "name in the registry";
        return e->w->platform == DX_PLATFORM_INTEL ? DEXT_MATCH_YES : DEXT_MATCH_UNSURE;
    }
    if (same) {
        return DEXT_MATCH_YES;
    }
    if (e->w->reg->format == DX_REG_DEVICES) {
        return DEXT_MATCH_UNSURE; /* what the node would be called is not shown */
    }
    return open && in_tree_keys(e, want, where) != DEXT_MATCH_NO ? DEXT_MATCH_UNSURE
                                                                 : DEXT_MATCH_NO;
}

static const char *names_of_nub(struct dx_eval *e)
{
    if (!e->trace) {
        return NULL;
    }
    struct dx_arena *a = &e->w->ctx->arena;
    const char *text = dx_sprintf(a, "\"%.*s\"", (int)e->nub->name.n, e->nub->name.p);
    for (size_t i = 0; names_as_tree(e) && i < sizeof tree_keys / sizeof *tree_keys; i++) {
        struct dx_prop p = dx_nub_prop(e, tree_keys[i]);
        if (p.value) {
            text = dx_sprintf(a, "%s, %s %s", text, tree_keys[i], dx_value_text(a, p.value));
        }
    }
    return text;
}

static enum dext_match_answer match_name(struct dx_eval *e, const struct dext_node *want)
{
    struct dx_say s = match_generic_say_key("M1", "IONameMatch", want);
    enum dext_match_answer best = DEXT_MATCH_NO;
    const char *where = "";
    s.actual = names_of_nub(e);
    if (want->kind == DEXT_STRING) {
        best = one_name(e, want->text, &where);
    } else if (want->kind == DEXT_ARRAY || want->kind == DEXT_DICT) {
        /* compareNames goes through any collection, of a dictionary through its keys, and stops at
         * the first element that is no string. */
        bool dict = want->kind == DEXT_DICT;
        const struct dext_node *c = want->child;
        for (; c && (dict || c->kind == DEXT_STRING); c = c->next) {
            enum dext_match_answer one = one_name(e, dict ? c->key : c->text, &where);
            best = one > best ? one : best;
            if (best == DEXT_MATCH_YES) {
                break;
            }
        }
    } else {
        s.edit = "make IONameMatch a string or an array of strings";
        return dx_say(e, &s, DEXT_MATCH_NO, "IONameMatch is neither a string nor a list of them");
    }
    s.edit = dx_edit_text(e, "set IONameMatch to \"%.*s\"", (int)e->nub->name.n, e->nub->name.p);
    return dx_say(e, &s, best,
                  best == DEXT_MATCH_YES      ? "the node has this name (%s)"
                  : best == DEXT_MATCH_UNSURE ? "how this class compares names is not certain%.0s"
                  : names_as_tree(e)
                      ? "neither name, compatible, device_type nor model of the node says so%.0s"
                      : "the node's name is another one; only its name counts on this class%.0s",
                  where);
}

static enum dext_match_answer match_location(struct dx_eval *e, const struct dext_node *want)
{
    if (want->kind != DEXT_STRING) {
        return DEXT_MATCH_YES; /* a dictionary is looked at later */
    }
    struct dx_say s = match_generic_say_key("M2", "IOLocationMatch", want);
    struct dx_arena *a = &e->w->ctx->arena;
    if (e->trace && e->nub->location.n) {
        s.actual = dx_sprintf(a, "\"%.*s\"", (int)e->nub->location.n, e->nub->location.p);
        s.edit = dx_sprintf(a, "set IOLocationMatch to %s", s.actual);
    }
    bool same = e->nub->location.n && dx_str_eq(e->nub->location, want->text);
    return dx_say(e, &s, same ? DEXT_MATCH_YES : DEXT_MATCH_NO,
                  same                 ? "the node's location is the same"
                  : e->nub->location.n ? "the node's location is another one"
                                       : "the node has no location");
}

/* ---- properties ---------------------------------------------------------------------------- */

/* With what a driver extension set on its nub (IOUserServiceProperties) over the node's own. */
static struct dx_prop merged_prop(const struct dx_eval *e, const char *key)
{
    struct dx_prop over = dx_nub_prop(e, "IOUserServiceProperties");
    const struct dext_node *n = dx_get(over.value, key);
    if (n) {
        return (struct dx_prop){.value = n};
    }
    struct dx_prop own = dx_nub_prop(e, key);
    own.unknown |= over.unknown && !own.value;
    return own;
}

static enum dext_match_answer one_dict(struct dx_eval *e, const struct dext_node *dict,
                                       const char *prefix, bool alone)
{
    enum dext_match_answer all = dict->count > DX_MOST_KEYS ? DEXT_MATCH_UNSURE : DEXT_MATCH_YES;
    const struct dext_node *want = all == DEXT_MATCH_YES ? dict->child : NULL;
    for (; want; want = want->next) {
        if (want->overridden) {
            continue;
        }
        struct dx_prop have = merged_prop(e, want->key.p);
        enum dext_match_answer one = dx_prop_equal(have, want);
        all = dx_both(all, one);
        if (!e->trace || !alone) {
            e->fails += one == DEXT_MATCH_NO && alone;
            continue;
        }
        struct dx_arena *a = &e->w->ctx->arena;
        struct dx_say s =
            match_generic_say_key("M3", dx_sprintf(a, "%s/%s", prefix, want->key.p), want);
        s.have = have;
        s.edit = have.value
                     ? dx_sprintf(a, "set %s to %s%s", s.key, dx_value_text(a, have.value),
                                  have.value->kind != want->kind
                                      ? dx_sprintf(a, ", as <%s>", dext_kind_name(have.value->kind))
                                      : "")
                 : have.unknown ? NULL
                                : dx_sprintf(a, "take %s out", s.key);
        (void)dx_say(e, &s, one, "%s",
                     one == DEXT_MATCH_YES ? "the node has the same value"
                     : !have.value
                         ? have.unknown
                               ? "the dump does not show this property of the node"
                               : "the node itself has no such property (those of its parents "
                                 "do not count)"
                     : one == DEXT_MATCH_UNSURE       ? "whether these are equal is not certain"
                     : have.value->kind != want->kind ? "the types differ"
                                                      : "the values differ");
    }
    return all;
}

static enum dext_match_answer match_property(struct dx_eval *e, const struct dext_node *want)
{
    struct dx_say s = match_generic_say_key("M3", "IOPropertyMatch", want);
    if (want->kind == DEXT_DICT) {
        enum dext_match_answer a = one_dict(e, want, "IOPropertyMatch", true);
        return want->child ? a : dx_say(e, &s, a, "an empty dictionary asks for nothing");
    }
    if (want->kind != DEXT_ARRAY) {
        s.edit = "make IOPropertyMatch a dictionary";
        return dx_say(e, &s, DEXT_MATCH_NO, "IOPropertyMatch is neither a dictionary nor a list");
    }
    enum dext_match_answer best = DEXT_MATCH_NO;
    unsigned i = 0;
    const struct dext_node *c = want->count > DX_MOST_KEYS ? NULL : want->child;
    best = want->count > DX_MOST_KEYS ? DEXT_MATCH_UNSURE : best;
    for (; c && c->kind == DEXT_DICT && best != DEXT_MATCH_YES; c = c->next, i++) {
        enum dext_match_answer one = one_dict(e, c, NULL, false);
        best = one > best ? one : best;
    }
    s.edit = i ? "give one dictionary whose values the node has" : "give at least one dictionary";
    return dx_say(e, &s, best,
                  best == DEXT_MATCH_YES      ? "the node has all values of dictionary %u"
                  : best == DEXT_MATCH_UNSURE ? "none of %u dictionaries matches for certain"
                  : i && c ? "none of the first %u dictionaries matches; what follows is no "
                             "dictionary and ends the search"
                           : "none of %u dictionaries matches",
                  i);
}

static enum dext_match_answer match_exists(struct dx_eval *e, const struct dext_node *want)
{
    struct dx_say s = match_generic_say_key("M4", "IOPropertyExistsMatch", want);
    bool list = want->kind == DEXT_ARRAY;
    const struct dext_node *c = list ? want->child : want->kind == DEXT_STRING ? want : NULL;
    /* Whether a dictionary counts as a collection of its keys here has not been read anywhere. */
    enum dext_match_answer best = want->kind == DEXT_DICT ? DEXT_MATCH_UNSURE : DEXT_MATCH_NO;
    const char *found = "";
    for (; c && c->kind == DEXT_STRING && best != DEXT_MATCH_YES; c = list ? c->next : NULL) {
        struct dx_prop p = merged_prop(e, c->text.p);
        const struct dx_reg_prop *raw = dx_reg_prop(e->nub, c->text.p);
        enum dext_match_answer one = p.value || raw                             ? DEXT_MATCH_YES
                                     : p.unknown || dx_has_placeholder(c->text) ? DEXT_MATCH_UNSURE
                                                                                : DEXT_MATCH_NO;
        found = one == DEXT_MATCH_YES ? c->text.p : found;
        best = one > best ? one : best;
    }
    s.edit = "name a property that the node has";
    return dx_say(e, &s, best,
                  best == DEXT_MATCH_YES      ? "the node has %s"
                  : best == DEXT_MATCH_UNSURE ? "the dump does not tell%s"
                                              : "the node has no such property%s",
                  found);
}

/* ---- place --------------------------------------------------------------------------------- */

static bool component_fits(const struct dx_reg_node *n, struct dx_str part)
{
    const char *at = memchr(part.p, '@', part.n);
    struct dx_str name = {part.p, at ? (size_t)(at - part.p) : part.n};
    if (!dx_str_eq(n->name, name)) {
        return false;
    }
    return !at || dx_str_eq(n->location, (struct dx_str){at + 1, part.n - name.n - 1});
}

/* "IOService:/A/B@0" against the node and its parents, from the end. */
static enum dext_match_answer path_fits(const struct dx_eval *e, struct dx_str path)
{
    const char *colon = memchr(path.p, ':', path.n);
    if (colon) {
        struct dx_str plane = {path.p, (size_t)(colon - path.p)};
        if (!dx_str_is(plane, "IOService")) {
            return DEXT_MATCH_UNSURE; /* a dump is one plane */
        }
        path = (struct dx_str){colon + 1, path.n - plane.n - 1};
    }
    const struct dx_reg_node *n = e->nub;
    while (path.n && path.p[path.n - 1] == '/') {
        path.n--;
    }
    while (path.n) {
        size_t from = path.n;
        while (from && path.p[from - 1] != '/') {
            from--;
        }
        if (!n) {
            return e->w->reg->fragment ? DEXT_MATCH_UNSURE : DEXT_MATCH_NO;
        }
        if (!component_fits(n, (struct dx_str){path.p + from, path.n - from})) {
            return DEXT_MATCH_NO;
        }
        n = dx_provider_of(n);
        path.n = from ? from - 1 : 0;
    }
    if (n && n->parent) {
        return DEXT_MATCH_NO; /* the path begins below the root */
    }
    return !n || e->w->reg->fragment ? DEXT_MATCH_UNSURE : DEXT_MATCH_YES;
}

static enum dext_match_answer match_path(struct dx_eval *e, const struct dext_node *want)
{
    if (want->kind != DEXT_STRING) {
        return DEXT_MATCH_YES; /* the kernel does not look at another type */
    }
    struct dx_say s = match_generic_say_key("M5", "IOPathMatch", want);
    enum dext_match_answer a =
        dx_has_placeholder(want->text) ? DEXT_MATCH_UNSURE : path_fits(e, want->text);
    if (e->trace) {
        s.actual = dx_match_node(e->w, e->nub)->path;
        s.edit = dx_edit_text(e, "set IOPathMatch to %s", s.actual);
    }
    return dx_say(e, &s, a,
                  a == DEXT_MATCH_YES      ? "the path leads to this node"
                  : a == DEXT_MATCH_UNSURE ? "the dump does not show where the path leads"
                                           : "the path leads elsewhere");
}

static enum dext_match_answer match_id(struct dx_eval *e, const struct dext_node *want)
{
    uint64_t id;
    if (!dx_number(want, &id)) {
        return DEXT_MATCH_YES;
    }
    struct dx_say s = match_generic_say_key("M6", "IORegistryEntryID", want);
    enum dext_match_answer a = e->nub->id == 0    ? DEXT_MATCH_UNSURE
                               : e->nub->id == id ? DEXT_MATCH_YES
                                                  : DEXT_MATCH_NO;
    if (e->trace && e->nub->id) {
        s.actual = dx_edit_text(e, "0x%" PRIx64, e->nub->id);
    }
    s.edit = "take IORegistryEntryID out: ids change with every start of the system";
    return dx_say(e, &s, a,
                  a == DEXT_MATCH_YES ? "the node has this id"
                                      : "the node has another id, or the dump shows none");
}

static enum dext_match_answer match_count(struct dx_eval *e, const struct dext_node *want)
{
    uint64_t number, clients = 0;
    if (!dx_number(want, &number)) {
        return DEXT_MATCH_YES;
    }
    bool unknown = false;
    for (const struct dx_reg_node *c = e->nub->child; c; c = c->next) {
        struct dx_prop p = dx_node_prop(e->w, c, "IOMatchCategory");
        if (c->state & DX_REG_INACTIVE) {
            continue; /* clients on their way out are not counted */
        }
        clients += p.value != NULL;
        unknown |= p.unknown || (p.value && !(c->state & DX_REG_KNOWN_ACTIVE));
    }
    struct dx_say s = match_generic_say_key("M7", "IOMatchedServiceCountMatch", want);
    s.actual = dx_edit_text(e, "%" PRIu64, clients);
    enum dext_match_answer a = unknown             ? DEXT_MATCH_UNSURE
                               : clients == number ? DEXT_MATCH_YES
                                                   : DEXT_MATCH_NO;
    return dx_say(e, &s, a, "the node has this many drivers attached");
}

/* ---- rare ---------------------------------------------------------------------------------- */

static enum dext_match_answer match_exclave(struct dx_eval *e)
{
    const struct dext_node *want = dx_get(e->table, "IOExclaveProxy");
    if (!want && !e->w->exclaves) {
        return DEXT_MATCH_YES;
    }
    struct dx_prop have = dx_nub_prop(e, "exclave-assigned");
    if (!want && !have.value) {
        return DEXT_MATCH_YES;
    }
    struct dx_say s = match_generic_say_key("M9", "IOExclaveProxy", want);
    s.have = have;
    enum dext_match_answer a = (want != NULL) == (have.value != NULL) ? DEXT_MATCH_YES
                               : have.unknown                         ? DEXT_MATCH_UNSURE
                                                                      : DEXT_MATCH_NO;
    return dx_say(e, &s, a,
                  "IOExclaveProxy in the personality and exclave-assigned on the node go together");
}

static enum dext_match_answer match_compatibility(struct dx_eval *e)
{
    const struct dext_node *want = dx_get(e->table, "IOCompatibilityMatch");
    if (!want) {
        return DEXT_MATCH_YES;
    }
    struct dx_say s = match_generic_say_key("M10", "IOCompatibilityMatch", want);
    struct dx_prop have = dx_nub_prop(e, "IOCompatibilityProperties");
    s.have = have;
    if (!have.value && !have.unknown) {
        return dx_say(e, &s, DEXT_MATCH_NO, "the node has no IOCompatibilityProperties");
    }
    return dx_say(e, &s, DEXT_MATCH_UNSURE,
                  "matching on IOCompatibilityProperties is not played by this program");
}

static enum dext_match_answer match_nested_class(struct dx_eval *e)
{
    const struct dext_node *want = dx_get_kind(e->table, "IOProviderClass", DEXT_STRING);
    if (!want) {
        return DEXT_MATCH_YES;
    }
    enum dx_reg_is is = dx_reg_is_a(e->nub, want->text.p);
    return is == DX_REG_YES      ? DEXT_MATCH_YES
           : is == DX_REG_UNSURE ? DEXT_MATCH_UNSURE
                                 : DEXT_MATCH_NO;
}

/* ---- all of it ----------------------------------------------------------------------------- */

static const struct {
    const char *key;
    answer_fn *fn; /* NULL: BSD keys, compared as they are */
} steps[] = {
    {"IONameMatch", match_name},
    {"IOLocationMatch", match_location},
    {"IOPropertyMatch", match_property},
    {"IOPropertyExistsMatch", match_exists},
    {"IOPathMatch", match_path},
    {"IORegistryEntryID", match_id},
    {"IOMatchedServiceCountMatch", match_count},
    {"BSD Name", NULL},
    {"BSD Major", NULL},
    {"BSD Minor", NULL},
    {"BSD Unit", NULL},
};

#define STEPS (sizeof steps / sizeof *steps)

unsigned dx_generic_keys(const struct dext_node *table)
{
    unsigned mask = 0;
    for (size_t i = 0; i < STEPS; i++) {
        mask |= dx_get(table, steps[i].key) ? 1U << i : 0;
    }
    return mask;
}

enum dext_match_answer dx_match_internal(struct dx_eval *e, bool nested)
{
    unsigned keys = e->mp ? e->mp->generic : dx_generic_keys(e->table);
    enum dext_match_answer all = match_exclave(e);
    all = dx_both(all, match_compatibility(e));
    if (nested) {
        all = dx_both(all, match_nested_class(e));
    }
    for (size_t i = 0; keys >> i && (all != DEXT_MATCH_NO || e->full); i++) {
        if (keys >> i & 1) {
            all = dx_both(all, steps[i].fn ? steps[i].fn(e, dx_get(e->table, steps[i].key))
                                           : dx_compare_key(e, "M8", steps[i].key));
        }
    }
    return all;
}
