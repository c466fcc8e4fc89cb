/* IOParentMatch: the part of IOService::matchPassive that climbs. */
#include "iokit/match.h"
#include "plist/tree.h"

static struct dx_say match_parent_say_key(const char *code, const char *key,
                                          const struct dext_node *want)
{
    return (struct dx_say){.code = code, .phase = DEXT_MATCH_PASSIVE, .key = key, .want = want};
}

/* matchInternal counts the keys that it compared; when that is all of the table, matchPassive does
 * not ask the family (xnu-11417, IOService.cpp, "don't call family if we've done all the entries").
 */
static bool family_is_asked(const struct dext_node *table)
{
    static const struct {
        const char *key;
        int kind; /* which values count, -1: any */
    } counted[] = {{"IOCompatibilityMatch", -1},
                   {"IOProviderClass", DEXT_STRING},
                   {"IONameMatch", -1},
                   {"IOLocationMatch", DEXT_STRING},
                   {"IOPropertyMatch", -1},
                   {"IOPropertyExistsMatch", -1},
                   {"IOPathMatch", DEXT_STRING},
                   {"IORegistryEntryID", DEXT_INTEGER},
                   {"IOMatchedServiceCountMatch", DEXT_INTEGER},
                   {"BSD Name", -1},
                   {"BSD Major", -1},
                   {"BSD Minor", -1},
                   {"BSD Unit", -1}};
    size_t all = 0, done = 0;
    for (const struct dext_node *n = table->child; n; n = n->next) {
        all += !n->overridden;
    }
    for (size_t i = 0; i < sizeof counted / sizeof *counted; i++) {
        const struct dext_node *n = dx_get(table, counted[i].key);
        done += n && (counted[i].kind < 0 || (int)n->kind == counted[i].kind);
    }
    return done < all;
}

/* One nested table against one ancestor. Its family score is thrown away. */
static enum dext_match_answer ancestor_fits(const struct dx_eval *e, const struct dext_node *table,
                                            const struct dx_reg_node *n)
{
    struct dx_eval up = {.w = e->w, .table = table, .nub = n};
    up.matcher = dx_class_matcher(n->class_name, n->chain);
    enum dext_match_answer a = dx_match_internal(&up, true);
    return a == DEXT_MATCH_NO || !family_is_asked(table) ? a : dx_both(a, dx_match_family(&up));
}

#define MOST_ALIASES 16

/* The way up from a node. */
struct climb {
    const struct dx_eval *e;
    const struct dext_node *table;
    const struct dx_reg_node *where; /* that fitted the last table */
    enum dext_match_answer sure;
    uint64_t alias[MOST_ALIASES]; /* IOServiceLegacyMatchingRegistryID of nodes passed by */
    size_t aliases;
    unsigned jumps;
};

/* On macOS a node may say which older node it also stands for: its parents count as well. */
static void pass_by(struct climb *c, const struct dx_reg_node *n)
{
    struct dx_prop p = dx_node_prop(c->e->w, n, "IOServiceLegacyMatchingRegistryID");
    uint64_t id;
    if (p.unknown) {
        c->sure = DEXT_MATCH_UNSURE;
    } else if (p.value && dx_number(p.value, &id) && c->aliases < MOST_ALIASES) {
        c->alias[c->aliases++] = id;
    }
}

/* copyMatchingService finds services in the state "matched"; one that is assigned to an exclave
 * does not even answer to its id (xnu-11417, IOService.cpp, copyMatchingService, matchInternal). */
static bool alias_is_found(struct climb *c, const struct dx_reg_node *n)
{
    struct dx_prop exclave = dx_node_prop(c->e->w, n, "exclave-assigned");
    bool known = (n->state & DX_REG_KNOWN_MATCHED) && (n->state & DX_REG_KNOWN_ACTIVE);
    if (!known || exclave.unknown) {
        c->sure = DEXT_MATCH_UNSURE;
        return true;
    }
    return (n->state & DX_REG_MATCHED) && !(n->state & DX_REG_INACTIVE) && !exclave.value;
}

/* The node that the alias met last stands for; NULL: there is none, or it is not in the dump. */
static const struct dx_reg_node *next_alias(struct climb *c)
{
    if (c->aliases == 0 || c->jumps++ > 4 * MOST_ALIASES) { /* aliases may point at each other */
        return NULL;
    }
    uint64_t id = c->alias[--c->aliases];
    const struct dx_registry *reg = c->e->w->reg;
    for (size_t i = 0; i < reg->count; i++) {
        if (reg->nodes[i]->id == id) {
            return alias_is_found(c, reg->nodes[i]) ? reg->nodes[i] : NULL;
        }
    }
    c->sure = c->e->w->reg->fragment ? DEXT_MATCH_UNSURE : c->sure;
    return NULL;
}

/* matchPassive takes the first ancestor that fits and goes on from there with the table nested in
 * the one that fitted; it never goes back. At the root it goes on from the aliases it passed by,
 * the last one first (xnu-11417, IOService.cpp, matchPassive). */
static enum dext_match_answer climb(struct climb *c)
{
    const struct dx_reg_node *n = c->e->nub;
    while (true) {
        pass_by(c, n);
        n = dx_provider_of(n);
        /* The root of the registry is no service, and nobody's provider (getProvider). */
        n = n && dx_str_is(n->class_name, "IORegistryEntry") ? NULL : n;
        n = n ? n : next_alias(c);
        if (!n) {
            break;
        }
        enum dext_match_answer one = ancestor_fits(c->e, c->table, n);
        if (one == DEXT_MATCH_UNSURE) {
            c->sure = DEXT_MATCH_UNSURE;
        }
        if (one != DEXT_MATCH_YES) {
            continue;
        }
        c->where = n;
        c->table = dx_get_kind(c->table, "IOParentMatch", DEXT_DICT);
        if (!c->table) {
            /* That an earlier one may have fitted matters only when it led on from there. */
            return DEXT_MATCH_YES;
        }
    }
    c->where = NULL;
    return c->sure == DEXT_MATCH_UNSURE || c->e->w->reg->fragment ? DEXT_MATCH_UNSURE
                                                                  : DEXT_MATCH_NO;
}

enum dext_match_answer dx_match_parents(struct dx_eval *e)
{
    const struct dext_node *want = dx_get_kind(e->table, "IOParentMatch", DEXT_DICT);
    const struct dext_node *place = dx_get_kind(e->table, "IOLocationMatch", DEXT_DICT);
    if (want) {
        struct dx_say s = match_parent_say_key("A1", "IOParentMatch", want);
        struct climb c = {.e = e, .table = want, .sure = DEXT_MATCH_YES};
        enum dext_match_answer a = climb(&c);
        if (e->trace && c.where) {
            s.actual = dx_match_node(e->w, c.where)->path;
        }
        s.edit = "compare the nested dictionary with the node's parents, one by one";
        return dx_say(e, &s, a,
                      a == DEXT_MATCH_YES ? "a parent of the node fits"
                      : a == DEXT_MATCH_UNSURE
                          ? "whether a parent fits cannot be told from the dump"
                          : "no parent of the node fits");
    }
    if (place) {
        struct dx_say s = match_parent_say_key("A1", "IOLocationMatch", place);
        return dx_say(e, &s, DEXT_MATCH_UNSURE,
                      "IOLocationMatch as a dictionary is not played by this program");
    }
    return DEXT_MATCH_YES;
}
