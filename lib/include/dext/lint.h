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

struct dext_lint_options {
    size_t size;                 /* sizeof(struct dext_lint_options) */
    const char *const *excludes; /* NULL-terminated .gitignore patterns for folder walks, or NULL */
    int64_t now;    /* seconds since 1970: profiles past it have expired; 0: not judged */
    bool no_ignore; /* do not read .gitignore files in walked folders */
    void *user;
    void (*on_finding)(void *user, const struct dext_finding *f);
    void (*on_input)(void *user, const struct dext_input *in);
    void (*on_progress)(void *user, size_t done, size_t total); /* may be NULL */
};

struct dext_lint;

/* options is copied. Freed with dext_lint_free, before its context. */
DEXT_API struct dext_lint *dext_lint_new(struct dext_ctx *ctx,
                                         const struct dext_lint_options *options);
DEXT_API void dext_lint_free(struct dext_lint *l);

/* A file, bundle, project or folder. What cannot be read is told through on_input by run. */
DEXT_API void dext_lint_add_path(struct dext_lint *l, const char *path);

/* Bytes that stand for a file called name (standard input). Copied. */
DEXT_API void dext_lint_add_bytes(struct dext_lint *l, const char *name, const void *data,
                                  size_t size);

/* Checks everything added. Findings come in no promised order. Returns DEXT_OK, or DEXT_E_IO when
 * some input was unreadable (on_input told which). */
DEXT_API int dext_lint_run(struct dext_lint *l);

#endif
