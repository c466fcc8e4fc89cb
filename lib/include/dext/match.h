/* dext/match.h: would this driver match that device? Plays IOKit's passive matching offline: a
 * registry dump and personalities in, a record of every decision out.
 *
 *     struct dext_match *m = dext_match_new(ctx);
 *     dext_match_use(m, registry);                    // see dext/registry.h
 *     dext_match_add_path(m, "MyDriver.dext");
 *     const struct dext_match_result *r;
 *     dext_match_run(m, &r);                          // every pair that matches
 *     dext_match_why(m, "AcmeDevice", NULL, &r);      // one node, key by key
 *
 * Results are borrowed from the context and stay valid until it is freed. What Apple's public
 * sources leave open is answered with DEXT_MATCH_UNSURE, and so is what the dump does not show. */
#ifndef DEXT_MATCH_H
#define DEXT_MATCH_H

#include <stdbool.h>

#include "dext/plist.h"

#ifdef __cplusplus
extern "C" {
#endif

enum dext_match_answer { DEXT_MATCH_NO, DEXT_MATCH_UNSURE, DEXT_MATCH_YES };

/* When the kernel makes a check. Only those of MATCH decide whether a personality matches. */
enum dext_match_phase { DEXT_MATCH_CATALOGUE, DEXT_MATCH_PASSIVE, DEXT_MATCH_START };

/* One check, in the kernel's own order. */
struct dext_match_check {
    const char *code; /* reason code, "M3"; docs/matching.md lists them */
    enum dext_match_phase phase;
    enum dext_match_answer answer;
    const char *key;                      /* "IOPropertyMatch/Color", "class", ... */
    const char *expected, *expected_type; /* NULL: nothing was asked for */
    const char *actual, *actual_type;     /* NULL: not there, or not in the dump */
    const char *text;                     /* what was compared and how it came out */
    const char *edit;                     /* what would make it hold, or NULL */
    struct dext_place at;                 /* of the value in the personality's file */
    bool reached;                         /* false: the kernel stops before it */
};

/* How the score came about, left to right. */
struct dext_match_score {
    int64_t base; /* IOProbeScore of the personality, 0 without */
    bool has_base;
    int64_t used;         /* what the family makes of it (clamped) */
    int64_t family;       /* what the family adds */
    int64_t final;        /* what candidates are ordered by */
    bool certain;         /* false: a step of it is not known; ->text says which */
    const char *combined; /* "idVendor + idProduct", or NULL */
    const char *text;     /* "" or a remark */
};

struct dext_match_node {
    const char *name, *location, *class_name;
    uint64_t id;   /* 0: not in the dump */
    unsigned line; /* of the dump, 0: none */
    const char *path;
    size_t index; /* its number, as dext_registry_node counts */
};

struct dext_match_personality {
    const char *name, *file;
    struct dext_place at;
    const char *provider, *ioclass, *user_class, *bundle_id, *category; /* NULL when absent */
    bool is_dext;
    const char *refused; /* the catalogue never takes it: why; NULL otherwise */
    const char *hint;    /* no node is of its provider class: what to look at, or NULL */
    size_t candidates;   /* nodes of its provider class */
    size_t matched, unsure;
    size_t unknown; /* nodes whose class ancestry is not known, so that nothing can be said */
};

enum dext_match_outcome {
    DEXT_MATCH_FAILS,     /* it does not match */
    DEXT_MATCH_OPEN,      /* not certain */
    DEXT_MATCH_WINS,      /* it matches, nothing is in its way: the kernel starts it */
    DEXT_MATCH_ATTACHED,  /* it matches, and stands on the node in the dump */
    DEXT_MATCH_BLOCKED,   /* a driver is attached in its category */
    DEXT_MATCH_OUTSCORED, /* another personality given here comes first */
    DEXT_MATCH_REFUSED,   /* it matches, but the kernel does not start it */
};

/* Somebody else for the same node and category. */
struct dext_match_rival {
    const char *name, *class_name, *bundle_id;
    bool attached; /* in the dump; otherwise it was given */
    uint64_t id;
    int64_t score;
    bool has_score;
    int order; /* > 0: comes before this one in a fresh match, < 0: after it, 0: not certain */
};

struct dext_match_decision {
    const struct dext_match_personality *personality;
    const struct dext_match_node *node;
    enum dext_match_answer answer;
    const struct dext_match_check *checks;
    size_t check_count;
    const struct dext_match_check *first_no; /* NULL when no check fails */
    struct dext_match_score score;           /* valid unless the answer is NO */
    const char *category;
    enum dext_match_outcome outcome;
    const char *outcome_text; /* one sentence */
    const struct dext_match_rival *rivals;
    size_t rival_count;
    const char *const *needs; /* entitlements the node demands of a driver extension, NULL-ended */
};

struct dext_match_result {
    const struct dext_match_personality *const *personalities;
    size_t personality_count;
    const struct dext_match_decision *decisions;
    size_t decision_count;
    size_t nodes;           /* in the dump */
    size_t clipped, lost;   /* lines of the dump that were cut or could not be read */
    const char *lost_text;  /* what was lost and why, or NULL */
    bool chains;            /* the dump shows class ancestry (ioreg -i) */
    bool fragment;          /* the dump is a part of a registry */
    size_t selected, shown; /* why: nodes the selector names, and how many were answered */
    size_t left_out;        /* why: personalities that match none of them and are not near */
};

/* A personality for a device. */
struct dext_match_suggestion {
    const struct dext_match_node *node;
    const char *family;       /* "usb-interface" */
    const char *provider;     /* the class that it names: "IOUSBHostInterface" */
    bool selects;             /* false: the dump shows nothing that tells the node from its like */
    const char *plist;        /* the personality, XML lines */
    const char *entitlements; /* the entitlements that go with it, XML lines */
    const char *development;  /* the same for builds signed for development */
    const char *const *notes; /* NULL-terminated */
    const struct dext_match_decision *check; /* the simulator run on it */
};

struct dext_match;

/* Lives in ctx. */
DEXT_API struct dext_match *dext_match_new(struct dext_ctx *ctx);

/* The dump. Errors: DEXT_E_IO, DEXT_E_FORMAT, DEXT_E_LIMIT; dext_ctx_error says why. */
DEXT_API int dext_match_parse_dump(struct dext_match *m, const char *name, const void *data,
                                   size_t size);

/* Personalities of an Info.plist, of a bundle, of all drivers below a folder, or a property list
 * that is one personality. Errors as above; DEXT_E_NOTFOUND when there is no personality in it. */
DEXT_API int dext_match_add_path(struct dext_match *m, const char *path);
DEXT_API int dext_match_add_bytes(struct dext_match *m, const char *name, const void *data,
                                  size_t size);

/* Every personality against every node; decisions are those that match or may match, in the order
 * of the dump, without checks, and at most 1000 for one personality, of more than 50 fewer, but 20
 * (->matched counts them all). DEXT_E_LIMIT: more pairs than are compared, some ten millions.
 * Of a personality that matches nowhere the three nodes it comes nearest to follow, with checks.
 * name: only this personality, or NULL. */
DEXT_API int dext_match_run(struct dext_match *m, const char *name,
                            const struct dext_match_result **out);

/* The same for nodes called selector (0xID, name, name@location, class or VENDOR:PRODUCT; 20 at
 * most), decisions with all their checks: those that match or may match, and of the others the
 * three that come nearest to each node; with a name that one alone. DEXT_E_NOTFOUND: no such node,
 * or no personality of that name.
 */
DEXT_API int dext_match_why(struct dext_match *m, const char *selector, const char *name,
                            const struct dext_match_result **out);

/* A personality that wins the first node called selector that the family can stand on. family:
 * "usb-device" and the like, or NULL for the plain driver of that provider. DEXT_E_NOTFOUND: no
 * such node or family, or no driver of that family can stand on it. */
DEXT_API int dext_match_suggest(struct dext_match *m, const char *selector, const char *family,
                                const struct dext_match_suggestion **out);

/* The families that a personality can be suggested for: "usb-device", and what such a driver is.
 * false past the last; both texts are constant. */
DEXT_API bool dext_match_family_at(size_t i, const char **family, const char **summary);

/* "no", "not certain", "yes"; "catalogue", ...; "wins", ... */
DEXT_API const char *dext_match_answer_name(enum dext_match_answer a);
DEXT_API const char *dext_match_phase_name(enum dext_match_phase p);
DEXT_API const char *dext_match_outcome_name(enum dext_match_outcome o);

#ifdef __cplusplus
}
#endif

#endif
