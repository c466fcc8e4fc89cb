/* session.h: inside of a lint session, shared by lint.c (inputs, documents, bundles),
 * lint_project.c (projects and what they build) and lint_product.c (the table of products). */
#ifndef DX_RULES_SESSION_H
#define DX_RULES_SESSION_H

#include "dext/lint.h"
#include "rules/build.h"
#include "rules/engine.h"
#include "rules/source.h"

/* A finding of severity error that was told, for the verdicts. */
struct dx_lint_error {
    const char *file, *what;                /* what: "DX601 bundle-version, FILE:LINE" */
    bool loads;                             /* it keeps a driver from working only */
    const struct dx_project_target *driver; /* found while this one was looked at, or NULL */
};

struct dx_lint_product;

struct dext_lint {
    struct dext_ctx *ctx;
    struct dext_lint_options opt;
    struct dx_items items;
    struct dx_project **projects;
    size_t project_count, project_cap;
    size_t asked;         /* of these: those among the inputs; they are the first */
    struct dx_arena keep; /* what outlives the folder it was met in */
    struct dx_lint_error *errors;
    size_t error_count, error_cap;
    struct dx_lint_product *products;
    size_t product_count, product_cap;
    const struct dx_project_target *driver; /* being looked at */
    struct dx_source_cache *sources;
    size_t done;
    bool unreadable;
    bool stopped; /* by dext_lint_stop */
};

/* lint.c */
void dx_lint_emit(void *user, const struct dx_finding *f);
void dx_lint_tell(struct dext_lint *l, const char *file, const char *kind,
                  enum dext_input_status status, const char *reason);
void dx_lint_progress(struct dext_lint *l);
/* Loads one document. NULL when it could not be opened; told then. */
struct dx_doc *dx_lint_load(struct dext_lint *l, const struct dx_item *item);
/* Checks it, and tells what became of it. beside: entitlements that belong to it. */
void dx_lint_doc(struct dext_lint *l, const struct dx_item *item, const struct dx_doc *doc,
                 const struct dx_doc *const *beside, size_t beside_count);

/* lint_loose.c: files that are no part of a bundle, folder by folder. */
void dx_lint_loose(struct dext_lint *l, struct dx_item **items, size_t count);

/* lint_projects.c */
void dx_lint_read_project(struct dext_lint *l, const struct dx_item *item);
/* Reads the projects in the folders above a file that was given alone. */
void dx_lint_seek_projects(struct dext_lint *l, const struct dx_item *item);

/* lint_project.c */
/* Checks an Info.plist: as each build of a target makes it, or as it stands. */
void dx_lint_info(struct dext_lint *l, const struct dx_doc *info,
                  const struct dx_doc *const *beside, size_t beside_count);
/* Checks the Info.plists that XcodeGen would write and that are not there. */
void dx_lint_written(struct dext_lint *l);
/* Sources beside the Info.plist would be read for it. */
bool dx_lint_has_sources(struct dext_lint *l, const struct dx_doc *info);
/* Checks an entitlements file, in the light of a target that signs with it. */
void dx_lint_claims(struct dext_lint *l, const struct dx_doc *doc);
/* The kind that a target gives its Info.plist, whatever stands in it. */
void dx_lint_settle_kind(struct dext_lint *l, struct dx_doc *doc);

/* lint_product.c */
void dx_lint_note_product(struct dext_lint *l, const struct dx_unit *unit, const char *info_path);
/* Of a driver whose Info.plist could not be read: its product, with why no more is known. */
void dx_lint_note_unread(struct dext_lint *l, const struct dx_unit *unit, const char *why);
void dx_lint_note_error(struct dext_lint *l, const struct dx_finding *f);
/* Tells all products that were noted, in the order of their projects. */
void dx_lint_tell_products(struct dext_lint *l);

#endif
