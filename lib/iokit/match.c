/* A personality against a node, in the order of the kernel: catalogue look-up, state of the nub,
 * category (for kernel drivers), IOService's own keys, the family, parents, and what stands between
 * a match and a start. Source: xnu-11417.101.15, iokit/Kernel/IOService.cpp: doServiceMatch,
 * probeCandidates, matchPassive, startCandidate; IOCatalogue.cpp: findDrivers. */
#include <inttypes.h>
#include <string.h>

#include "iokit/reg_view.h"
#include "know/know.h"

#define DEFAULT_CATEGORY "IODefaultMatchCategory"

/* ---- the world ----------------------------------------------------------------------------- */

void dx_world_init(struct dx_world *w, struct dext_ctx *ctx, struct dx_registry *reg)
{
    size_t with = 0;
    *w = (struct dx_world){.ctx = ctx, .reg = reg};
    for (size_t i = 0; i < reg->count; i++) {
        struct dx_str c = reg->nodes[i]->class_name;
        with += reg->nodes[i]->prop_count != 0;
        w->exclaves = w->exclaves || dx_reg_prop(reg->nodes[i], "exclave-assigned");
        if (dx_str_is(c, "IOResources")) {
            w->resources = w->resources ? w->resources : reg->nodes[i];
        } else if (dx_str_is(c, "AppleACPIPlatformExpert")) {
            w->platform = DX_PLATFORM_INTEL;
        } else if (dx_str_is(c, "AppleARMPE") || dx_str_is(c, "AppleARMIODevice")) {
            w->platform = DX_PLATFORM_APPLE;
        }
    }
    /* ioreg -l prints the properties of every node; without it those of a few that were selected.
     * In the first case more than nine of ten nodes of a real system have some. */
    w->whole = reg->count >= 20 && with > reg->count / 10 * 9;
}

const struct dx_reg_node *dx_provider_of(const struct dx_reg_node *n)
{
    return n->same && n->same->parent ? n->same->parent : n->parent;
}

struct dext_match_node *dx_match_node(const struct dx_world *w, const struct dx_reg_node *n)
{
    struct dx_arena *a = &w->ctx->arena;
    struct dext_match_node *out = dx_alloc(a, sizeof *out);
    out->name = dx_strndup(a, n->name.p ? n->name.p : "", n->name.n);
    out->location = dx_strndup(a, n->location.p ? n->location.p : "", n->location.n);
    out->class_name = dx_strndup(a, n->class_name.p ? n->class_name.p : "", n->class_name.n);
    out->id = n->id;
    out->line = n->line;
    out->path = dx_reg_path(a, n);
    out->index = n->index;
    return out;
}

/* ---- personalities ------------------------------------------------------------------------- */

/* The string of a key; pub gets a copy for people. */
static struct dx_str match_text_of(const struct dext_node *dict, const char *key,
                                   const char **shown)
{
    const struct dext_node *n = dx_get_kind(dict, key, DEXT_STRING);
    *shown = n ? n->text.p : NULL;
    return n ? n->text : (struct dx_str){0};
}

static const char *refusal_of_catalogue(const struct dx_mp *mp)
{
    const struct dext_node *n = dx_get(mp->dict, "IOProviderClass");
    return !n ? "IOProviderClass is missing: the catalogue drops it silently"
           : n->kind != DEXT_STRING
               ? "IOProviderClass is no string: the catalogue drops it silently"
               : NULL;
}

void dx_mp_init(struct dx_mp *mp, struct dext_ctx *ctx, const char *file, const char *name,
                const struct dext_node *dict, size_t order)
{
    (void)ctx;
    *mp = (struct dx_mp){.dict = dict, .order = order};
    struct dext_match_personality *p = &mp->pub;
    const char *unused;
    p->file = file;
    p->name = name;
    p->at = dict->in_dict ? dict->key_at : dict->at;
    mp->provider = match_text_of(dict, "IOProviderClass", &p->provider);
    mp->ioclass = match_text_of(dict, "IOClass", &p->ioclass);
    mp->user_class = match_text_of(dict, "IOUserClass", &p->user_class);
    mp->bundle_id = match_text_of(dict, "CFBundleIdentifier", &p->bundle_id);
    mp->server_name = match_text_of(dict, "IOUserServerName", &unused);
    mp->category = match_text_of(dict, "IOMatchCategory", &p->category);
    if (!p->category) {
        p->category = DEFAULT_CATEGORY;
        mp->category = dx_str(DEFAULT_CATEGORY);
    }
    mp->unsettled_category = dx_has_placeholder(mp->category);
    mp->unsettled_provider = dx_has_placeholder(mp->provider);
    p->is_dext = dx_get(dict, "IOUserServerName") != NULL;
    p->refused = refusal_of_catalogue(mp);
    const struct dext_node *score = dx_get_kind(dict, "IOProbeScore", DEXT_INTEGER);
    mp->has_score = score != NULL;
    mp->has_vendor = dx_int(dx_get(mp->dict, "idVendor"), &mp->vendor);
    mp->score_text =
        dx_get(dict, "IOProbeScore") && !score ? "IOProbeScore is no integer and counts as 0" : "";
    /* The kernel takes the low 32 bits of a number; anything else is no score. */
    mp->generic = dx_generic_keys(dict);
    mp->score = score && !score->bad ? (int32_t)(uint32_t)score->integer : 0;
}

enum dx_reg_is dx_match_candidate(const struct dx_mp *mp, const struct dx_reg_node *nub)
{
    if (mp->pub.refused) {
        return DX_REG_NO;
    }
    if (mp->unsettled_provider) {
        return DX_REG_UNSURE;
    }
    return dx_reg_is_a(nub, mp->pub.provider);
}

/* ---- before the keys ----------------------------------------------------------------------- */

static enum dext_match_answer from_is(enum dx_reg_is is)
{
    return is == DX_REG_YES ? DEXT_MATCH_YES : is == DX_REG_NO ? DEXT_MATCH_NO : DEXT_MATCH_UNSURE;
}

/* The class that a personality for this node would name: the nearest one that drivers match on. */
static const char *provider_for(const struct dx_reg_node *nub)
{
    const struct kb_provider *best = NULL;
    int least = 0;
    for (size_t i = 0; i < kb_provider_count; i++) {
        const struct kb_provider *p = &kb_provider_rows[i];
        const char *name = kb_s(p->provider);
        if (p->status != KB_PROVIDER_STATUS_CURRENT || dx_reg_is_a(nub, name) != DX_REG_YES) {
            continue;
        }
        int depth = dx_class_depth(nub->class_name, nub->chain, dx_str(name));
        if (!best || (depth >= 0 && depth < least)) {
            best = p;
            least = depth;
        }
    }
    return best ? kb_s(best->provider) : NULL;
}

static const char *class_text(const struct dx_eval *e)
{
    const struct dx_reg_node *n = e->nub;
    struct dx_str s = n->chain.n ? n->chain : n->class_name;
    return dx_strndup(&e->w->ctx->arena, s.p, s.n);
}

static enum dext_match_answer match_check_class(struct dx_eval *e)
{
    enum dext_match_answer a = from_is(dx_match_candidate(e->mp, e->nub));
    if (!e->trace) {
        return a;
    }
    struct dx_say s = {.code = "P2",
                       .phase = DEXT_MATCH_CATALOGUE,
                       .key = "IOProviderClass",
                       .want = dx_get(e->mp->dict, "IOProviderClass")};
    if (e->mp->pub.refused) {
        s.code = "P1";
        s.edit = "give IOProviderClass as a string";
        return dx_say(e, &s, DEXT_MATCH_NO, "%s", e->mp->pub.refused);
    }
    s.actual = class_text(e);
    const char *better = a == DEXT_MATCH_YES ? NULL : provider_for(e->nub);
    s.edit = better ? dx_edit_text(e, "set IOProviderClass to %s", better) : NULL;
    return dx_say(e, &s, a, "%s",
                  a == DEXT_MATCH_YES  ? "the node is of this class or of one derived from it"
                  : a == DEXT_MATCH_NO ? "the node's class is not derived from it"
                                       : "what the node's class is derived from is not known; a "
                                         "dump taken with ioreg -i shows it");
}

/* An interface that its device's driver keeps for itself is published and never registered. */
static const char *unregistered_edit(struct dx_eval *e)
{
    if (dx_reg_is_a(e->nub, "IOUSBHostInterface") == DX_REG_YES) {
        for (const struct dx_reg_node *n = dx_provider_of(e->nub); n; n = dx_provider_of(n)) {
            if (dx_reg_is_a(n, "IOUSBHostDevice") == DX_REG_YES) {
                return dx_edit_text(
                    e,
                    "match the device, %.*s (IOUSBHostDevice): it keeps this interface to itself",
                    (int)n->name.n, n->name.p);
            }
        }
    }
    return "the driver that made the node has to call RegisterService";
}

static enum dext_match_answer check_state(struct dx_eval *e)
{
    uint32_t s = e->nub->state;
    struct dx_say reg = {.code = "P3", .phase = DEXT_MATCH_CATALOGUE, .key = "registered"};
    struct dx_say act = {.code = "P4", .phase = DEXT_MATCH_CATALOGUE, .key = "active"};
    bool known = s & DX_REG_KNOWN_REGISTERED, alive = s & DX_REG_KNOWN_ACTIVE;
    /* A device that is listed is plugged in: IOUSBHostFamily and IOPCIFamily register its nub. */
    bool listed = e->w->reg->format == DX_REG_DEVICES;
    enum dext_match_answer a = !known && !listed ? DEXT_MATCH_UNSURE : DEXT_MATCH_YES;
    enum dext_match_answer b = !alive && !listed ? DEXT_MATCH_UNSURE : DEXT_MATCH_YES;
    a = known && !(s & DX_REG_REGISTERED) ? DEXT_MATCH_NO : a;
    b = alive && (s & DX_REG_INACTIVE) ? DEXT_MATCH_NO : b;
    reg.edit = a == DEXT_MATCH_NO ? unregistered_edit(e) : NULL;
    (void)dx_say(e, &reg, a, "%s",
                 listed ? "the list shows the device: a Mac registers it when it is plugged in"
                 : a == DEXT_MATCH_YES ? "the node is registered for matching"
                 : a == DEXT_MATCH_NO  ? "the node was never registered: nothing is matched on it"
                                       : "the dump does not show whether the node is registered");
    (void)dx_say(e, &act, b, "%s",
                 listed                ? "the device is plugged in"
                 : b == DEXT_MATCH_YES ? "the node is active"
                 : b == DEXT_MATCH_NO  ? "the node is going away: nothing is matched on it"
                                       : "the dump does not show whether the node is active");
    return dx_both(a, b);
}

/* C1. A kernel driver whose category is taken is not even compared; a driver extension is compared
 * and counted, and goes no further then. */
static void check_category(struct dx_eval *e)
{
    if (!e->trace || e->mp->unsettled_category) {
        return;
    }
    bool self = false, unknown = false;
    const struct dx_reg_node *who = dx_occupant(e->w, e->nub, e->mp, &self, &unknown);
    struct dx_say s = {.code = "C1",
                       .phase = DEXT_MATCH_START,
                       .key = "IOMatchCategory",
                       .want = dx_get(e->mp->dict, "IOMatchCategory")};
    s.expected = e->mp->pub.category;
    if (who && !self) {
        s.actual = dx_strndup(&e->w->ctx->arena, who->name.p, who->name.n);
        (void)dx_say(e, &s, DEXT_MATCH_NO, "%s (%.*s) is attached in this category already",
                     s.actual, (int)who->class_name.n, who->class_name.p);
    } else if (who) {
        (void)dx_say(e, &s, DEXT_MATCH_YES, "this very driver is attached in the category");
    } else {
        (void)dx_say(e, &s, unknown ? DEXT_MATCH_UNSURE : DEXT_MATCH_YES, "%s",
                     unknown ? "the dump does not show the categories of the attached drivers"
                             : "no driver is attached in this category");
    }
}

/* ---- family -------------------------------------------------------------------------------- */

enum dext_match_answer dx_match_family(struct dx_eval *e)
{
    switch (e->matcher) {
    case KB_KERNEL_CLASS_MATCHER_USB_DEVICE:
    case KB_KERNEL_CLASS_MATCHER_USB_INTERFACE:
        return dx_match_usb(e);
    case KB_KERNEL_CLASS_MATCHER_PCI:
        return dx_match_pci(e);
    case KB_KERNEL_CLASS_MATCHER_HID:
        return dx_match_hid(e);
    case KB_KERNEL_CLASS_MATCHER_SCSI:
        return dx_match_scsi(e);
    case KB_KERNEL_CLASS_MATCHER_MEDIA:
        return dx_match_media(e);
    case KB_KERNEL_CLASS_MATCHER_SERIAL_CLIENT:
        return dx_match_serial_client(e);
    case KB_KERNEL_CLASS_MATCHER_KEYS:
        return dx_match_keys(e);
    case KB_KERNEL_CLASS_MATCHER_RESOURCES:
        return dx_match_resources(e);
    case KB_KERNEL_CLASS_MATCHER_CLOSED:
    case KB_KERNEL_CLASS_MATCHER_INHERITED:
    case KB_KERNEL_CLASS_MATCHER_DEVICE_TREE_CLOSED: {
        struct dx_say s = {.code = "F-closed", .phase = DEXT_MATCH_PASSIVE, .key = "family"};
        e->score.certain = false;
        e->score.text = "whether this class adds to the score is not known";
        return dx_say(e, &s, DEXT_MATCH_UNSURE,
                      "whether this class compares keys of its own is not public");
    }
    default:
        return DEXT_MATCH_YES; /* IOService accepts and leaves the score */
    }
}

/* ---- after the keys ------------------------------------------------------------------------ */

const char *dx_refusal(const struct dx_mp *mp, const struct dx_reg_node *nub)
{
    if (mp->pub.is_dext && dx_str_is(nub->class_name, "IOResources")) {
        return "a driver extension is never started on IOResources; IOUserResources is its place";
    }
    if (!mp->ioclass.n) {
        return "IOClass is missing, so there is no kernel object to make: it is skipped silently";
    }
    return NULL;
}

/* IOResourceMatch on hardware waits; the kernel does not look at an array there. */
static void check_waiting(struct dx_eval *e)
{
    const struct dext_node *want = dx_get(e->table, "IOResourceMatch");
    if (!want || want->kind != DEXT_STRING || e->matcher == KB_KERNEL_CLASS_MATCHER_RESOURCES) {
        return;
    }
    struct dx_say s = {
        .code = "L2", .phase = DEXT_MATCH_START, .key = "IOResourceMatch", .want = want};
    bool there = e->w->resources && dx_reg_prop(e->w->resources, want->text.p);
    (void)dx_say(e, &s, there ? DEXT_MATCH_YES : DEXT_MATCH_UNSURE, "%s",
                 there ? "no filter on such a node, but a condition of the start; IOResources has "
                         "published it"
                       : "no filter on such a node: the start waits until IOResources publishes "
                         "it, and the dump does not show that");
}

static void check_start(struct dx_eval *e)
{
    const char *refusal = dx_refusal(e->mp, e->nub);
    if (e->mp->pub.is_dext) {
        check_category(e);
    }
    struct dx_say s = {.phase = DEXT_MATCH_START};
    if (refusal) {
        s.code = e->mp->pub.is_dext && dx_str_is(e->nub->class_name, "IOResources") ? "L1" : "K3";
        s.key = s.code[0] == 'L' ? "IOProviderClass" : "IOClass";
        s.want = dx_get(e->table, s.key);
        s.edit = s.code[0] == 'L' ? "set IOProviderClass to IOUserResources" : "add IOClass";
        (void)dx_say(e, &s, DEXT_MATCH_NO, "%s", refusal);
        return;
    }
    check_waiting(e);
}

/* ---- all ----------------------------------------------------------------------------------- */

int dx_matcher_for(const struct dx_mp *mp, const struct dx_reg_node *nub)
{
    int matcher = dx_class_matcher(nub->class_name, nub->chain);
    if (matcher == KB_KERNEL_CLASS_MATCHER_INHERITED && !mp->pub.refused) {
        /* Of an unknown class only that much is known: it would have to be derived from this. */
        matcher = dx_class_matcher(mp->provider, (struct dx_str){0});
    }
    return matcher;
}

static void set_up(struct dx_eval *e, const struct dx_world *w, const struct dx_mp *mp,
                   const struct dx_reg_node *nub, int matcher)
{
    *e = (struct dx_eval){.w = w, .table = mp->dict, .nub = nub, .mp = mp, .matcher = matcher};
    e->score = (struct dext_match_score){.base = mp->score,
                                         .used = mp->score,
                                         .has_base = mp->has_score,
                                         .certain = true,
                                         .text = mp->score_text};
}

/* What decides: matchPassive. */
static enum dext_match_answer passive(struct dx_eval *e)
{
    enum dext_match_answer all = dx_match_internal(e, false);
    if (all != DEXT_MATCH_NO || e->full) {
        all = dx_both(all, dx_match_family(e));
    }
    if (all != DEXT_MATCH_NO || e->full) {
        all = dx_both(all, dx_match_parents(e));
    }
    return all;
}

/* The kernel keeps a score in 32 bits. */
static void add_up(struct dx_eval *e)
{
    e->score.final = (int32_t)(uint32_t)(uint64_t)(e->score.used + e->score.family);
}

enum dext_match_answer dx_match_eval(struct dx_eval *e, const struct dx_world *w,
                                     const struct dx_mp *mp, const struct dx_reg_node *nub,
                                     struct dx_match_trace *trace)
{
    set_up(e, w, mp, nub, dx_matcher_for(mp, nub));
    e->trace = trace;
    e->full = trace != NULL;
    enum dext_match_answer all = match_check_class(e);
    bool other_class = all == DEXT_MATCH_NO;
    if (other_class && !trace) {
        return all;
    }
    all = dx_both(all, check_state(e));
    if (other_class) {
        return all; /* its keys mean something else on another class */
    }
    if (!mp->pub.is_dext) {
        check_category(e);
    }
    if (all != DEXT_MATCH_NO || trace) {
        all = dx_both(all, passive(e));
    }
    if (trace) {
        check_start(e);
    }
    add_up(e);
    return all;
}

enum dext_match_answer dx_match_quick(struct dx_eval *e, const struct dx_world *w,
                                      const struct dx_mp *mp, const struct dx_reg_node *nub,
                                      enum dx_reg_is is, int matcher)
{
    set_up(e, w, mp, nub, matcher);
    enum dext_match_answer all = dx_both(from_is(is), check_state(e));
    if (all != DEXT_MATCH_NO) {
        all = dx_both(all, passive(e));
    }
    add_up(e);
    return all;
}

unsigned dx_match_count_fails(const struct dx_world *w, const struct dx_mp *mp,
                              const struct dx_reg_node *nub, int matcher)
{
    struct dx_eval e;
    set_up(&e, w, mp, nub, matcher);
    e.full = true;
    (void)check_state(&e);
    (void)passive(&e);
    return e.fails;
}
