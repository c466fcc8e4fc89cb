/* resources.h: _CodeSignature/CodeResources: the files of a bundle that its signature seals.
 * Version 2 (files2, rules2; since OS X 10.9) counts where it is there, version 1 (files, rules)
 * else. Semantics: Security resources.cpp, StaticCode.cpp. */
#ifndef DX_SIGN_RESOURCES_H
#define DX_SIGN_RESOURCES_H

#include "sign/codesign.h"
#include "sign/resources_rule.h"

struct dx_resources {
    struct dext_ctx *ctx;
    const struct dx_files *files; /* of the bundle's base: what the paths are relative to */
    const struct dx_files *whole; /* of the bundle */
    const char *base;             /* of files below the bundle; "" */
    bool inner;                   /* the bundle stands in another one */
    bool lenient;           /* for a system whose strictness is not known: iOS and its relatives */
    const char *executable; /* main executable below the base; "" when it is elsewhere */
    const struct dext_node *root; /* of CodeResources */
    struct dx_report *report;
    /* The code at a path below the base; NULL: none. */
    const struct dext_code *(*nested)(const void *user, const char *path);
    const void *user;
};

/* Every sealed file and every file that should be. Returns how many are sealed. */
size_t dx_verify_resources(const struct dx_resources *in);

/* ---- inside: resources*.c ------------------------------------------------------------------- */

struct dx_seal_rule {
    struct dx_str source;
    struct dx_pattern *pattern;
    double weight;
    bool omit, optional, nested;
    bool exclusion, soft; /* added by the system itself; soft: a link may lead there */
};

/* What a sealed file holds. */
struct dx_seal_digest {
    unsigned char sha1[20], sha256[32]; /* those that the entry asks for */
    bool done;
};

struct dx_seal {
    const struct dx_resources *in;
    struct dx_seal_rule *rules;
    size_t rule_count, rule_cap;
    struct dx_matcher *matcher;
    const struct dext_node **entries; /* sorted by key */
    size_t entry_count;
    struct dx_seal_digest *digests;      /* of the entries, made ahead; or NULL */
    const struct dx_seal_digest *digest; /* of the entry that is looked at, or NULL */
    bool version2, too_long;
    const char *folder; /* the last one asked about, and the answer */
    size_t folder_size;
    bool skip_folder;
    const char *nested; /* the bundle that the last files were in: they are its business */
};

/* resources_digest.c: digests of all sealed files by several threads, when there are many. */
void dx_seal_digest_all(struct dx_seal *s);
/* The hashes of an entry: SHA-1, SHA-256; NULL where there is none. */
void dx_seal_hashes(const struct dext_node *entry, const struct dext_node **one,
                    const struct dext_node **two);

/* Says it of a file. The level is BROKEN. */
struct dext_sign_problem *dx_seal_report(const struct dx_seal *s, const char *shown,
                                         const char *name, const char *text);
const char *dx_seal_shown(const struct dx_seal *s, const char *path);

/* The rule that applies to a path, or NULL. */
const struct dx_seal_rule *dx_seal_rule(struct dx_seal *s, const char *path, size_t n);

/* resources_nested.c: code that is sealed by a requirement. */
void dx_seal_nested(const struct dx_seal *s, const struct dext_node *entry, const char *path);

/* resources_strict.c: rules that leave out too much; where a link leads. */
void dx_seal_strict_rules(struct dx_seal *s, const struct dext_node *rules);
void dx_seal_strict_link(struct dx_seal *s, const struct dx_file *link);

#endif
