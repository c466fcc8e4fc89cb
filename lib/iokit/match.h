/* match.h: inside of the simulator. One evaluation holds a matching table (a personality, or a
 * table nested in one) against one node; match_generic.c plays IOService's part, one file a family
 * plays matchPropertyTable of that family, match.c puts them in the kernel's order.
 *
 * Checks always run and answer; texts are written only when somebody wants to read them (->trace).
 * Answers are three-valued and combined with dx_both: NO wins over UNSURE over YES. */
#ifndef DX_IOKIT_MATCH_H
#define DX_IOKIT_MATCH_H

#include "dext/match.h"
#include "iokit/ancestry.h"
#include "iokit/registry.h"

enum dx_platform { DX_PLATFORM_UNKNOWN, DX_PLATFORM_INTEL, DX_PLATFORM_APPLE };

struct dx_match_trace {
    struct dext_match_check *list;
    size_t count, cap;
    bool stopped; /* the kernel has given up by now */
};

/* What is known of a registry as a whole. */
struct dx_world {
    struct dext_ctx *ctx;
    struct dx_registry *reg;
    enum dx_platform platform;
    const struct dx_reg_node *resources; /* the IOResources node, or NULL */
    bool exclaves;                       /* some node has exclave-assigned */
    bool whole;                          /* properties were asked for: a node without has none */
};

/* A personality. */
struct dx_mp {
    struct dext_match_personality pub;
    const struct dext_node *dict;
    struct dx_str provider, ioclass, user_class, server_name, bundle_id, category;
    bool unsettled_category; /* holds a placeholder that a build fills in */
    bool unsettled_provider;
    int32_t score;
    bool has_score;
    const char *score_text; /* "" or a remark */
    unsigned generic;       /* bit i: it has key i of those that IOService compares */
    size_t order;           /* as given: the catalogue's order */
    bool has_vendor;        /* idVendor is a plain number */
    int64_t vendor;
};

struct dx_eval {
    const struct dx_world *w;
    const struct dext_node *table;
    const struct dx_reg_node *nub;
    struct dx_match_trace *trace; /* NULL: only the answer is wanted */
    const struct dx_mp *mp;       /* NULL for a nested table */
    int matcher;                  /* KB_KERNEL_CLASS_MATCHER_* */
    bool full;      /* go on after a check that fails: there is a trace, or fails counts */
    unsigned fails; /* checks that decide and failed */
    struct dext_match_score score;
};

/* A property of a node. */
struct dx_prop {
    const struct dext_node *value; /* NULL: not there, or not known */
    bool unknown;                  /* the dump does not show it */
};

static inline enum dext_match_answer dx_both(enum dext_match_answer a, enum dext_match_answer b)
{
    return a < b ? a : b;
}

/* Keys of a dictionary and elements of a list that are compared; what is larger is hostile, and
 * answered with UNSURE. The largest of real drivers have some hundreds. */
#define DX_MOST_KEYS 2048

/* ---- match_value.c ------------------------------------------------------------------------- */

/* Equality of a property and a wanted value as libkern sees it (isEqualTo of the property). */
enum dext_match_answer dx_value_equal(const struct dext_node *prop, const struct dext_node *want);

/* The same for a property that may be absent (NO) or unknown (UNSURE). */
enum dext_match_answer dx_prop_equal(struct dx_prop prop, const struct dext_node *want);

/* compareProperty (IOService.cpp) asks the wanted value instead: data takes strings and symbols
 * alike. */
enum dext_match_answer dx_wanted_equal(const struct dext_node *want, struct dx_prop prop);

/* A value on one line: "Acme", 1452 (0x5ac), yes, <0a0b>, (1, 2), {a = 1}; long ones end with
 * "...". */
const char *dx_value_text(struct dx_arena *a, const struct dext_node *n);

/* The property, from the node's own table. */
struct dx_prop dx_nub_prop(const struct dx_eval *e, const char *key);
struct dx_prop dx_node_prop(const struct dx_world *w, const struct dx_reg_node *n, const char *key);

/* The number of a value; false when it is none (or no literal). */
bool dx_number(const struct dext_node *n, uint64_t *out);

/* A string that names all values. */
bool dx_is_star(const struct dext_node *n);

/* ---- match_trace.c ------------------------------------------------------------------------- */

struct dx_say {
    const char *code;
    enum dext_match_phase phase;
    const char *key;
    const struct dext_node *want; /* gives expected and the place, may be NULL */
    struct dx_prop have;
    const char *expected, *actual; /* instead of want and have, when not NULL */
    const char *edit;
};

/* Keeps a check when there is a trace; returns answer. The text is formatted only then. */
enum dext_match_answer dx_say(struct dx_eval *e, const struct dx_say *s,
                              enum dext_match_answer answer, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Compares a key of the table with the property of the same name and keeps the check. YES when the
 * table lacks the key. */
enum dext_match_answer dx_compare_key(struct dx_eval *e, const char *code, const char *key);

/* printf into the arena, or NULL without a trace. */
const char *dx_edit_text(struct dx_eval *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- the parts ----------------------------------------------------------------------------- */

/* Bits for dx_mp.generic. */
unsigned dx_generic_keys(const struct dext_node *table);

/* IOService::matchInternal. nested: IOProviderClass counts. */
enum dext_match_answer dx_match_internal(struct dx_eval *e, bool nested);

/* matchPropertyTable of the nub's family; changes e->score. */
enum dext_match_answer dx_match_family(struct dx_eval *e);
enum dext_match_answer dx_match_usb(struct dx_eval *e);
enum dext_match_answer dx_match_pci(struct dx_eval *e);
enum dext_match_answer dx_match_hid(struct dx_eval *e);
enum dext_match_answer dx_match_scsi(struct dx_eval *e);
enum dext_match_answer dx_match_keys(struct dx_eval *e);
enum dext_match_answer dx_match_media(struct dx_eval *e);
enum dext_match_answer dx_match_serial_client(struct dx_eval *e);
enum dext_match_answer dx_match_resources(struct dx_eval *e);

/* IOParentMatch, or IOLocationMatch when it is a dictionary. */
enum dext_match_answer dx_match_parents(struct dx_eval *e);

/* The registers a PCI key looks at; false when the dump does not show them. */
bool dx_pci_register(const struct dx_eval *e, unsigned offset, uint32_t *out);

/* match.c: all of a personality against a node. e is set up by the call. */
enum dext_match_answer dx_match_eval(struct dx_eval *e, const struct dx_world *w,
                                     const struct dx_mp *mp, const struct dx_reg_node *nub,
                                     struct dx_match_trace *trace);

/* The same without a trace for a node whose class is known to be is (not NO) the provider class,
 * and whose matcher is known. */
enum dext_match_answer dx_match_quick(struct dx_eval *e, const struct dx_world *w,
                                      const struct dx_mp *mp, const struct dx_reg_node *nub,
                                      enum dx_reg_is is, int matcher);
int dx_matcher_for(const struct dx_mp *mp, const struct dx_reg_node *nub);

/* How many checks fail, for finding the node that a personality comes nearest to. */
unsigned dx_match_count_fails(const struct dx_world *w, const struct dx_mp *mp,
                              const struct dx_reg_node *nub, int matcher);

/* Whether the personality is a candidate for the node at all (class ancestry). */
enum dx_reg_is dx_match_candidate(const struct dx_mp *mp, const struct dx_reg_node *nub);

/* A personality from its dictionary; name and file for people. */
void dx_mp_init(struct dx_mp *mp, struct dext_ctx *ctx, const char *file, const char *name,
                const struct dext_node *dict, size_t order);

void dx_world_init(struct dx_world *w, struct dext_ctx *ctx, struct dx_registry *reg);

/* One personality's result on a node. */
struct dx_match_entry {
    const struct dx_mp *mp;
    enum dext_match_answer answer;
    struct dext_match_score score;
};

/* decision.c: who else wants the node, and who gets it: entries[i] among all entries. */
void dx_decide(struct dext_match_decision *d, const struct dx_world *w,
               const struct dx_reg_node *nub, const struct dx_match_entry *entries, size_t count,
               size_t i);

/* The driver that is attached to the node in mp's category, or NULL. *self: it is mp's own;
 * *unknown: a child's category is not in the dump. */
const struct dx_reg_node *dx_occupant(const struct dx_world *w, const struct dx_reg_node *nub,
                                      const struct dx_mp *mp, bool *self, bool *unknown);

/* Why the kernel does not start a driver that matches, as a sentence, or NULL. */
const char *dx_refusal(const struct dx_mp *mp, const struct dx_reg_node *nub);

/* The node for people, in the arena. */
struct dext_match_node *dx_match_node(const struct dx_world *w, const struct dx_reg_node *n);

/* The node's parent in the dump; a repeated node stands for the first one printed. */
const struct dx_reg_node *dx_provider_of(const struct dx_reg_node *n);

/* suggest.c */
struct dx_suggest_nested {
    const char *key, *ioclass, *user_class; /* a dictionary that Create() reads */
};

/* What the personality and its entitlements shall say besides what node and family decide. */
struct dx_suggest_wish {
    const char *family;     /* NULL: the plain driver of that provider */
    const char *user_class; /* "MyDriver" */
    bool named;             /* that is the name of the author's class */
    const char *category;   /* of a driver on IOUserResources; NULL: its bundle identifier */
    const struct dx_suggest_nested *nested;
    size_t nested_count;
    const char *const *development, *const
                                        *distribution; /* more entitlements; NULL-ended, or NULL */
};

int dx_suggest(const struct dx_world *w, const struct dx_reg_node *nub,
               const struct dx_suggest_wish *wish, struct dext_match_suggestion *out);
/* Whether a driver of the family can stand on the node; NULL: a plain one. */
bool dx_suggest_fits(const struct dx_world *w, const struct dx_reg_node *nub, const char *family);

#endif
