/* dext/lint.h: checks drivers.
 *
 *     struct dext_lint *l = dext_lint_new(ctx, &options);
 *     dext_lint_add_path(l, "MyDriver");              // file, bundle or folder
 *     dext_lint_run(l);                               // calls back
 *     dext_lint_free(l);
 *
 * Inputs added to one session are seen together: a project's build settings fill the placeholders
 * of its Info.plist, entitlements are held against the personalities beside them. */
#ifndef DEXT_LINT_H
#define DEXT_LINT_H

#include "dext/plist.h"
#include "dext/rule.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Replaces length bytes at offset of the file with text. */
struct dext_edit {
    size_t offset, length;
    const char *text;
};

/* Something wrong with the user's driver. Borrowed: valid until the callback returns. */
struct dext_finding {
    const struct dext_rule *rule;
    enum dext_severity severity;
    const char *file;
    struct dext_place at;
    const char *path;    /* key path, "IOKitPersonalities/My Driver/IOClass"; "" when none */
    const char *message; /* what is wrong here, one line, no full stop */
    const char *why;     /* the rule's, unless this case has its own */
    const char *fix;     /* what to do here */
    const char *line;    /* the source line that place is in, or NULL */
    const struct dext_edit *edits;
    size_t edit_count; /* 0: not mended by --fix */
};

enum dext_input_status { DEXT_CHECKED, DEXT_SKIPPED, DEXT_UNREADABLE };

/* What became of one input. Borrowed: valid until the callback returns. */
struct dext_input {
    const char *file;
    const char *kind; /* "info-plist", "entitlements", "bundle", "kext", "project", ... */
    enum dext_input_status status;
    const char *reason; /* "" for CHECKED; for UNREADABLE "PATH:LINE:COL: why" */
};

/* Whether a driver would come to run, as far as files can tell. IDLY: it would be launched, but
 * what is wrong keeps its family or its clients from it. */
enum dext_loads { DEXT_LOADS, DEXT_LOADS_NOT, DEXT_LOADS_UNKNOWN, DEXT_LOADS_IDLY };
DEXT_API const char *dext_loads_name(enum dext_loads v); /* "would load", ... */

/* A driver as a project among the inputs would build it, and the app around it. Texts are "" where
 * there is none or it is not known. Borrowed: valid until the callback returns. */
struct dext_product {
    const char *project;             /* its file */
    const char *configuration;       /* what the rest is told of: Release, or the last */
    const char *app, *app_id;        /* target and bundle id */
    const char *app_entitlements;    /* a file that was read */
    const char *app_named;           /* what CODE_SIGN_ENTITLEMENTS says */
    const char *driver, *driver_id;  /* likewise */
    const char *bundle;              /* "com.acme.MyApp.driver.dext" */
    const char *folder;              /* of the app: "Contents/Library/SystemExtensions" */
    const char *info, *entitlements; /* the driver's files, as read */
    const char *named;               /* what CODE_SIGN_ENTITLEMENTS says */
    const char *const *matches;      /* what each personality matches, in words */
    size_t match_count;
    enum dext_loads verdict;
    const char *const *reasons; /* the errors, or why it is not known */
    size_t reason_count;
};

struct dext_lint_options {
    size_t size;                 /* sizeof(struct dext_lint_options) */
    const char *const *excludes; /* NULL-terminated .gitignore patterns for folder walks, or NULL */
    int64_t now;    /* seconds since 1970: profiles past it have expired; 0: not judged */
    bool no_ignore; /* do not read .gitignore files in walked folders */
    void *user;
    void (*on_finding)(void *user, const struct dext_finding *f);
    void (*on_input)(void *user, const struct dext_input *in);
    void (*on_progress)(void *user, size_t done, size_t total); /* may be NULL */
    /* Once a driver target of the projects that were added; may be NULL. */
    void (*on_product)(void *user, const struct dext_product *p);
    /* Threads to use where there are many files; 0: as many as processors. Callbacks come one at a
     * time, but then from any of the threads. */
    unsigned jobs;
};

struct dext_lint;

/* options is copied. Freed with dext_lint_free, before its context. */
DEXT_API struct dext_lint *dext_lint_new(struct dext_ctx *ctx,
                                         const struct dext_lint_options *options);
DEXT_API void dext_lint_free(struct dext_lint *l);

/* A file, bundle, project or folder. What cannot be read is told through on_input by run. */
DEXT_API void dext_lint_add_path(struct dext_lint *l, const char *path);

/* What the walks below the folders added so far passed by. */
struct dext_walked {
    size_t ignored; /* folders, and files to check, that .gitignore files or excludes leave out */
    size_t links;   /* symbolic links, which a walk does not follow */
};
DEXT_API struct dext_walked dext_lint_walked(const struct dext_lint *l);

/* Bytes that stand for a file called name (standard input). Copied. */
DEXT_API void dext_lint_add_bytes(struct dext_lint *l, const char *name, const void *data,
                                  size_t size);

/* What the file called path (as the session comes by it: below an added folder, with that folder's
 * name before it) is to be read as, whatever is on disk: property list, project, build settings or
 * source, as a mend would leave it or as it stands in an editor. It is not added by that. The
 * bytes, of which the one after the last must be 0, are borrowed until the session is freed. */
DEXT_API void dext_lint_set_text(struct dext_lint *l, const char *path, const void *data,
                                 size_t size);

/* From a callback: the run ends early and returns DEXT_E_LIMIT; what it told is not all. */
DEXT_API void dext_lint_stop(struct dext_lint *l);

/* Checks everything added. Findings come in no promised order. Returns DEXT_OK, or DEXT_E_IO when
 * some input was unreadable (on_input told which). */
DEXT_API int dext_lint_run(struct dext_lint *l);

#ifdef __cplusplus
}
#endif

#endif
