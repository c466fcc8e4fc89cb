/* read.h: what the files of this folder share: the two readers of projects (pbxproj.c, xcodegen.c),
 * levels of settings (settings.c, xcconfig.c), answers from them (expand.c), files (sources.c).
 *
 * Settings come in levels, each over the one before: what Xcode derives, the project's .xcconfig,
 * the project, the target's .xcconfig, the target (swift-build, Settings.swift). */
#ifndef DX_PROJECT_READ_H
#define DX_PROJECT_READ_H

#include "project/project.h"

#define DX_LONGEST_SETTING ((size_t)1 << 16) /* bytes; what is longer is not known */
#define DX_MOST_WORK 4000000 /* settings of all targets together; nobody writes that many */

struct dx_project_place { /* an INFOPLIST_FILE or CODE_SIGN_ENTITLEMENTS */
    struct dx_str path;
    size_t target;
};

struct dx_project_places { /* by path */
    struct dx_project_place *list;
    size_t count, cap;
};

/* An object of a project.pbxproj, by its id (node->key), and the group that lists it. */
struct dx_object {
    const struct dext_node *node;
    const struct dx_object *group;
};

/* What dx_project_read makes; the model shows only pub. */
struct dx_project_whole {
    struct dx_project pub;
    const char *name;   /* PROJECT_NAME; NULL: not known */
    const char *region; /* developmentRegion */
    struct dx_project_places infos, claims;
    struct dx_object *objects; /* by id */
    size_t object_count;
};

static inline const struct dx_project_whole *dx_project_whole(const struct dx_project *p)
{
    return (const struct dx_project_whole *)p;
}

/* One assignment, "NAME[sdk=driverkit*]" taken apart; name.p NULL: here stands what could not be
 * read. */
struct dx_assignment {
    struct dx_str key, name, conditions, value;
    struct dx_origin from;
};

struct dx_level {
    struct dx_assignment *list;
    size_t count, cap;
};

/* A configuration as one owner (project or target) has it: its .xcconfig and its own settings. */
struct dx_config_levels {
    const char *config;
    struct dx_level file, own;
};

/* An .xcconfig file; doc NULL: it cannot be read. */
struct dx_config_file {
    const char *path;
    struct dx_doc *doc;
};

struct dx_reading {
    struct dext_ctx *ctx;
    struct dx_project_whole *project;
    struct dx_config_levels *levels; /* of the project, by configuration name */
    size_t level_count;
    const struct dx_config_levels *fallback; /* for configurations that only targets have */
    struct dx_config_file *files;            /* .xcconfig files that were read */
    size_t file_count, file_cap;
    bool gone; /* a file that a specification includes could not be read */
    size_t work;
};

/* Counts what a hostile file makes us do; false: enough. */
bool dx_afford(struct dx_reading *r, size_t work);

/* pbxproj.c, xcodegen.c */
int dx_pbxproj_read(struct dx_reading *r, const struct dx_doc *doc);
int dx_xcodegen_read(struct dx_reading *r, const struct dx_doc *doc);

/* The object whose id is the text of a node, or NULL. */
const struct dx_object *dx_object(const struct dx_project_whole *p, const struct dext_node *id);
/* Where a file reference, group or mirrored folder lies, NULL: not among the sources. */
const char *dx_object_path(struct dext_ctx *ctx, const struct dx_project_whole *p,
                           const struct dx_object *o);

/* settings.c: levels of a target's configuration to one list. */
void dx_level_add(struct dx_reading *r, struct dx_level *l, struct dx_str key, struct dx_str value,
                  struct dx_origin from);
void dx_level_unknown(struct dx_reading *r, struct dx_level *l);
/* As Xcode takes the entries of a dictionary: "NAME[...]" after "NAME". */
void dx_level_sort(struct dx_level *l);
void dx_config_fill(struct dx_reading *r, struct dx_project_target *t, const char *config,
                    const struct dx_config_levels *own);
const struct dx_config_levels *dx_levels_of(const struct dx_reading *r, const char *config);

/* xcconfig.c: appends what a file assigns; a file that cannot be read is an unknown level. */
void dx_xcconfig_add(struct dx_reading *r, struct dx_level *l, const char *path);
/* The same for a text that was read. */
void dx_xcconfig_parse(struct dx_reading *r, struct dx_level *l, const struct dx_doc *doc);

/* sources.c: files below a folder; exclude may be NULL. */
struct dx_file_list {
    const char **list;
    size_t count, cap;
    bool full;
};
typedef bool dx_path_test(const void *user, const char *relative, bool folder);
void dx_list_folder(struct dx_file_list *out, struct dext_ctx *ctx, const char *folder,
                    dx_path_test *wanted, const void *user);
void dx_xcodegen_sources(struct dx_file_list *out, struct dext_ctx *ctx,
                         const struct dx_project *project, const struct dx_project_target *target);

#endif
