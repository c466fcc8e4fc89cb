/* rule.h: what a rule sees and how it speaks.
 *
 * A rule is a row in lib/data/rules/NAME.rec (id, name, severity, texts; its constant is DX_ and
 * the name in capitals) and code in a file of this folder that reports it:
 *
 *     static void check_user_class(struct dx_check *c, const struct dx_personality *p)
 *     {
 *         if (p->is_dext && !p->user_class) {
 *             dx_find(c, DX_MISSING_USER_CLASS, dx_at_key(p->dict), "no IOUserClass in \"%s\"",
 * ...);
 *         }
 *     }
 *
 * A check function stands in one of the lists at the top of engine.c, by what it is handed. Rules
 * never open files, hold no state and know no output format. Severity comes from the row. */
#ifndef DX_RULES_RULE_H
#define DX_RULES_RULE_H

#include "bundle/model.h"
#include "dext/lint.h"
#include "kb.h"

/* One dictionary of IOKitPersonalities. Nodes are NULL when the key is absent. */
struct dx_personality {
    const struct dext_node *dict;
    const char *name;
    const struct dext_node *ioclass, *provider, *user_class, *server_name, *category, *bundle_id,
        *kernel_bundle;
    bool is_dext;                    /* IOUserServerName or IOUserClass is there */
    const struct kb_provider *bus;   /* row of a literal IOProviderClass, or NULL */
    const struct kb_ioclass *kernel; /* row of a literal IOClass, or NULL */
    const struct kb_family *family;  /* the family IOClass, provider and keys point to, or NULL */
};

struct dx_finding {
    struct dext_finding pub;
    const struct dx_doc *doc;
    unsigned key_line; /* line of the key, for comments above it */
    size_t edit_cap;
};

struct dx_check {
    struct dext_ctx *ctx;
    const struct dx_unit *unit;
    const struct dx_doc *doc; /* the document findings are placed in */
    void (*emit)(void *user, const struct dx_finding *f);
    void *user;
    struct dx_finding *last; /* held back until the next dx_find, so that dx_fix can add to it */
    /* comparing personalities: all of the unit's */
    const struct dx_personality *all;
    size_t all_count;
};

/* Where to point: the value of n, its key, or a place inside a value. */
struct dx_target {
    const struct dext_node *node;
    struct dext_place at;
    bool own_place;
};
struct dx_target dx_at(const struct dext_node *n);     /* the value */
struct dx_target dx_at_key(const struct dext_node *n); /* its key; the value outside a dictionary */
struct dx_target dx_at_place(const struct dext_node *n, struct dext_place at);

/* Reports. The message is one line, lower case at its start unless it begins with a key's name,
 * without a full stop. Returns the finding, for the calls below. */
void dx_find(struct dx_check *c, enum dx_rule_index rule, struct dx_target at, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* For the finding just reported: its own reason, its own mend, another severity. */
void dx_why(struct dx_check *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void dx_fix(struct dx_check *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void dx_severity(struct dx_check *c, enum dext_severity s);

/* For the finding just reported: the mend as an edit of the file, for --fix. Ignored where byte
 * places are not known (binary plists, other encodings). replace_element puts text in place of the
 * whole element of n, "<integer>5</integer>"; replace_text only of what stands between its tags
 * (escaped as needed); remove_entry takes out key and value with their line. */
void dx_edit(struct dx_check *c, size_t offset, size_t length, const char *text);
void dx_edit_replace_element(struct dx_check *c, const struct dext_node *n, const char *text);
void dx_edit_replace_text(struct dx_check *c, const struct dext_node *n, const char *text);
void dx_edit_replace_key(struct dx_check *c, const struct dext_node *n, const char *key);
void dx_edit_remove_entry(struct dx_check *c, const struct dext_node *n);

/* ---- knowledge (look-ups over the generated tables; NULL when there is no such row) --------- */
const struct kb_entitlement *dx_kb_entitlement(struct dx_str key);
const struct kb_provider *dx_kb_provider(struct dx_str name);
const struct kb_ioclass *dx_kb_ioclass(struct dx_str name);
const struct kb_family *dx_kb_family(const char *id);
const struct kb_key *dx_kb_key(struct dx_str key, int scope);
const struct kb_driverkit *dx_kb_driverkit(const char *version);
bool dx_kb_list_has(struct kb_list list, struct dx_str value);

/* category.c: IOProbeScore, for driver and kernel extensions alike. */
void dx_check_score(struct dx_check *c, const struct dx_personality *p);

/* family.c: the driver family a personality is written for, from IOClass, IOUserClass, nested
 * dictionaries, provider and keys; NULL when these do not tell. */
const struct kb_family *dx_family_of(const struct dx_personality *p);

/* ---- values ------------------------------------------------------------------------------- */
/* The string of n with placeholders filled from the unit's build settings. false: n is no string,
 * or something in it stays unknown; a comparison with it must then stay silent. */
bool dx_value(const struct dx_check *c, const struct dext_node *n, struct dx_str *out);
/* The unit's bundle id, when it is known (literal or filled in). */
bool dx_bundle_id(const struct dx_check *c, struct dx_str *out);

/* ---- the check functions, called from engine.c --------------------------------------------- */
typedef void dx_doc_check(struct dx_check *c, const struct dx_doc *doc);
typedef void dx_unit_check(struct dx_check *c);
typedef void dx_personality_check(struct dx_check *c, const struct dx_personality *p);

#define DX_CHECKS(DOC, UNIT, PERSONALITY, KEXT, CODE)                                              \
    DOC(dx_check_plist_doc)           /* plist.c: any property list that is checked */             \
    DOC(dx_check_entitlements_doc)    /* entitlement.c: a .entitlements file */                    \
    UNIT(dx_check_info)               /* info.c: Info.plist keys outside personalities */          \
    UNIT(dx_check_bundle)             /* bundle.c: layout of a built bundle */                     \
    UNIT(dx_check_personalities)      /* personality.c: all of them together */                    \
    UNIT(dx_check_coverage)           /* coverage.c: entitlements against personalities */         \
    UNIT(dx_check_signing_style)      /* style.c: automatic signing of hardware drivers */         \
    PERSONALITY(dx_check_types)       /* types.c: keys, near misses, types */                      \
    PERSONALITY(dx_check_personality) /* personality.c */                                          \
    PERSONALITY(dx_check_category)    /* category.c: match category, probe score, resources */     \
    PERSONALITY(dx_check_family)      /* family.c: IOClass, kernel bundle, versions */             \
    PERSONALITY(dx_check_usb)         /* usb.c */                                                  \
    PERSONALITY(dx_check_pci)         /* pci.c */                                                  \
    PERSONALITY(dx_check_hid)         /* hid.c */                                                  \
    PERSONALITY(dx_check_scsi)        /* scsi.c */                                                 \
    KEXT(dx_check_kext_personality)   /* kext.c: what also holds for a kext */                     \
    CODE(dx_check_signature)          /* signature.c: who signed it, and how */                    \
    CODE(dx_check_profile)            /* profile.c: what the profile grants */                     \
    CODE(dx_check_host)               /* host.c: the app around a driver */                        \
    CODE(dx_check_classes)            /* classes.c: the program's classes */

#define DX_DECLARE_DOC(f) dx_doc_check f;
#define DX_DECLARE_UNIT(f) dx_unit_check f;
#define DX_DECLARE_PERSONALITY(f) dx_personality_check f;
DX_CHECKS(DX_DECLARE_DOC, DX_DECLARE_UNIT, DX_DECLARE_PERSONALITY, DX_DECLARE_PERSONALITY,
          DX_DECLARE_UNIT)

#endif
