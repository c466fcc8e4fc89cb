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
#include "bundle/personality.h"
#include "dext/lint.h"
#include "kb_rules.h"
#include "know/know.h"

struct dx_finding {
    struct dext_finding pub;
    const struct dx_doc *doc;
    unsigned key_line; /* line of the key, for comments above it */
    size_t edit_cap;
    bool repeats; /* dx_repeats */
    size_t more;  /* further places */
    struct dx_finding *next;
};

struct dx_check {
    struct dext_ctx *ctx;
    const struct dx_unit *unit;
    const struct dx_doc *doc; /* the document findings are placed in */
    void (*emit)(void *user, const struct dx_finding *f);
    void *user;
    struct dx_finding *last; /* held back until the next dx_find, so that dx_fix can add to it */
    struct dx_finding *repeated; /* held back until all personalities were seen, dx_repeats */
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

/* An error of this rule lets the driver be launched, and only keeps it from working. */
bool dx_rule_lets_load(const struct dext_rule *r);

/* Reports at a line of a project or .xcconfig. */
void dx_find_at(struct dx_check *c, enum dx_rule_index rule, struct dx_origin at, const char *fmt,
                ...) __attribute__((format(printf, 4, 5)));

/* For the finding just reported: its own reason, its own mend, another severity. */
void dx_why(struct dx_check *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void dx_fix(struct dx_check *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void dx_severity(struct dx_check *c, enum dext_severity s);

/* The finding just reported may be found in further personalities of the file in the very same
 * words: it is told once then, at the first, with how many more have it. To be called last. */
void dx_repeats(struct dx_check *c);

/* For the finding just reported: the mend as an edit of the file, for --fix. Ignored where byte
 * places are not known (binary plists, other encodings). replace_element puts text in place of the
 * whole element of n, "<integer>5</integer>"; replace_text only of what stands between its tags
 * (escaped as needed); remove_entry takes out key and value with their line. */
void dx_edit(struct dx_check *c, size_t offset, size_t length, const char *text);
void dx_edit_replace_element(struct dx_check *c, const struct dext_node *n, const char *text);
void dx_edit_replace_text(struct dx_check *c, const struct dext_node *n, const char *text);
void dx_edit_replace_key(struct dx_check *c, const struct dext_node *n, const char *key);
void dx_edit_remove_entry(struct dx_check *c, const struct dext_node *n);
/* Key and string in lines of their own before the entry of n; not where n shares its line. */
void dx_edit_add_string(struct dx_check *c, const struct dext_node *n, const char *key,
                        const char *value);

/* identity.c: CFBundleIdentifier of an Info.plist, and the texts beside it. */
void dx_check_identifier(struct dx_check *c, const struct dext_node *root);

/* category.c: IOProbeScore, for driver and kernel extensions alike. */
void dx_check_score(struct dx_check *c, const struct dx_personality *p);

/* ---- values ------------------------------------------------------------------------------- */
/* The string of n with placeholders filled from the unit's build settings. false: n is no string,
 * or something in it stays unknown; a comparison with it must then stay silent. */
bool dx_value(const struct dx_check *c, const struct dext_node *n, struct dx_str *out);
/* The unit's bundle id, when it is known (literal or filled in). */
bool dx_bundle_id(const struct dx_check *c, struct dx_str *out);

/* "21.0", "20.4.1"; false: it is no version number. */
bool dx_version_parts(struct dx_str s, unsigned part[3]);

/* Nothing is added to the Info.plist any more: it is a built bundle's, or all that its target's
 * build does is known and in it. */
bool dx_is_final(const struct dx_check *c);

/* ---- the check functions, called from engine.c --------------------------------------------- */
typedef void dx_doc_check(struct dx_check *c, const struct dx_doc *doc);
typedef void dx_unit_check(struct dx_check *c);
typedef void dx_personality_check(struct dx_check *c, const struct dx_personality *p);

#define DX_CHECKS(DOC, UNIT, PERSONALITY, KEXT, CODE)                                              \
    DOC(dx_check_plist_doc)           /* plist.c: any property list that is checked */             \
    DOC(dx_check_entitlements_doc)    /* entitlement.c: a .entitlements file */                    \
    UNIT(dx_check_info)               /* info.c: Info.plist keys outside personalities */          \
    UNIT(dx_check_bundle)             /* bundle.c: layout of a built bundle */                     \
    UNIT(dx_check_product)            /* product.c: what a project would build */                  \
    UNIT(dx_check_product_systems)    /* product_systems.c: versions, hardened runtime */          \
    UNIT(dx_check_product_files)      /* product_files.c: what it names and is not there */        \
    UNIT(dx_check_requests)           /* product_request.c: what the app activates */              \
    UNIT(dx_check_personalities)      /* personality.c: all of them together */                    \
    UNIT(dx_check_coverage)           /* coverage.c: entitlements against personalities */         \
    UNIT(dx_check_signing_style)      /* style.c: automatic signing of hardware drivers */         \
    UNIT(dx_check_sources)            /* source.c: the driver's sources */                         \
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
