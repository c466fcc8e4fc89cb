/* dext/init.h: a driver extension's project, made for a device of a registry dump or for a family:
 * files as text, written by nobody yet.
 *
 *     struct dext_init_wish wish = {.registry = registry, .node = "AcmeMeter", .name =
 * "AcmeMeter"}; const struct dext_init *project; if (dext_init_make(ctx, &wish, &project) ==
 * DEXT_OK) {
 *         ... project->files[i].path, project->files[i].text ...
 *     }
 *
 * What the files say stands in lib/data/init (templates, and the methods of each family with their
 * sources); the personality is that of dext_match_suggest. All results are borrowed from the
 * context. */
#ifndef DEXT_INIT_H
#define DEXT_INIT_H

#include "dext/match.h"
#include "dext/registry.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dext_init_wish {
    struct dext_registry *registry; /* NULL: no dump; an example device stands in */
    const char *node;      /* 0xID, name, name@location, class or VENDOR:PRODUCT; with a registry */
    const char *family;    /* "usb-interface"; NULL: the plain driver of the node's provider */
    const char *name;      /* of class and project: a C++ identifier */
    const char *bundle_id; /* of the app; NULL: "com.example.NAME". The driver's is ID.driver */
    const char *team;      /* ten letters and digits; NULL: to be chosen in Xcode */
};

struct dext_init_file {
    const char *path; /* in the project, "Driver/Info.plist" */
    const char *what; /* one line */
    const char *text;
    size_t size;
};

struct dext_init {
    const char *family, *name, *driver_id, *app_id;
    const char *team;              /* "" when none was given */
    const char *provider;          /* class that the personality matches on */
    const char *superclass;        /* of the driver's class */
    const char *driverkit, *macos; /* the first versions that the project is for */
    bool example;                  /* the node is an example, no device of the user's */
    const struct dext_init_file *files;
    size_t file_count;
    const char *const *notes; /* NULL-terminated */
    const struct dext_match_suggestion *suggestion;
};

/* Errors: DEXT_E_NOTFOUND when there is no such node or family, when no driver of that family can
 * stand on the node, or when none would be matched with it; DEXT_E_FORMAT when name, bundle_id or
 * team cannot be one. */
DEXT_API int dext_init_make(struct dext_ctx *ctx, const struct dext_init_wish *wish,
                            const struct dext_init **out);

/* The family that is meant by a name or its beginning ("network"), or NULL: *why says that there is
 * none, or which it may be. */
DEXT_API const char *dext_init_family(struct dext_ctx *ctx, const char *name, const char **why);

/* A name for class and project from that of a folder ("acme-meter" gives "AcmeMeter"), "MyDriver"
 * when nothing can be made of it. */
DEXT_API const char *dext_init_name(struct dext_ctx *ctx, const char *path);

#ifdef __cplusplus
}
#endif

#endif
