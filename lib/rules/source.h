/* source.h: what the rules about a driver's sources share. */
#ifndef DX_RULES_SOURCE_H
#define DX_RULES_SOURCE_H

#include "rules/request.h"
#include "rules/rule.h"
#include "source/model.h"

/* ---- source_unit.c: the sources of a unit --------------------------------------------------- */

/* The sources that were read in a lint session; several drivers may share them. */
struct dx_source_cache;
struct dx_source_cache *dx_source_cache_new(struct dext_ctx *ctx);
void dx_source_cache_free(struct dx_source_cache *cache);

/* Fills unit->sources: the files of its target, or else what lies below the folder of its
 * Info.plist. Left NULL when there are none. */
void dx_source_cache_fill(struct dx_source_cache *cache, struct dx_unit *unit);
/* Whether there are some below the folder of that Info.plist; the second knows only that there are
 * none, when that folder is the last one asked for. */
bool dx_source_cache_has(struct dx_source_cache *cache, const char *info);
bool dx_source_cache_has_none(const struct dx_source_cache *cache, const char *info);

/* What an app asks the system to activate (request.h); lives as long as the cache. */
const struct dx_requests *dx_source_cache_requests(struct dx_source_cache *cache,
                                                   const struct dx_project *project,
                                                   const struct dx_project_target *target);

/* What a driver is built from. */
struct dx_unit_sources {
    const struct dx_cxx *code;
    bool whole;   /* nothing else belongs to the driver */
    bool project; /* a project lists them */
    bool told;    /* another unit shares them: what does not depend on the unit has been reported */
};

/* ---- source.c ------------------------------------------------------------------------------- */

/* Reports at the tokens from first to last, unless a comment there silences the rule; path is the
 * function or class it is about. false: silenced. */
bool dx_find_in_code(struct dx_check *c, enum dx_rule_index rule, const struct dx_cxx_file *f,
                     size_t first, size_t last, const char *path, const char *fmt, ...)
    __attribute__((format(printf, 7, 8)));

/* "Net::Start" */
const char *dx_function_path(struct dx_check *c, const struct dx_cxx_function *fn);

/* The row of the framework class that k leads to, or NULL. */
const struct kb_framework_class *dx_framework_base(const struct dx_cxx *code,
                                                   const struct dx_cxx_class *k);

/* IOUserClass of a personality or nested dictionary: the class in the sources; NULL. */
const struct dx_cxx_class *dx_class_of(struct dx_check *c, const struct dext_node *user_class);

#endif
