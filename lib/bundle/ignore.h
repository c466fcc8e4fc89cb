/* ignore.h: .gitignore patterns (gitignore(5)): comments, "!", anchoring by "/", trailing "/" for
 * folders, "*", "?", "[a-z]", "**"; the last match wins, files further down win over those above.
 *
 *     struct dx_ignore top, sub;
 *     dx_ignore_parse(&top, ctx, NULL, "", text);          // .gitignore
 *     dx_ignore_parse(&sub, ctx, &top, "Driver", more);    // Driver/.gitignore
 *     if (dx_ignored(&sub, "Driver/build", true)) ...
 *
 * Bytes are compared as they are (core.ignoreCase is not asked). */
#ifndef DX_BUNDLE_IGNORE_H
#define DX_BUNDLE_IGNORE_H

#include "base/ctx.h"

struct dx_ignore_rule {
    struct dx_str pattern; /* without "!" and slashes at its ends */
    bool negated, folder_only, anchored;
    char last; /* the byte that a path ends with, 0: any */
};

/* What comparing has cost, for all files of patterns below one another. */
struct dx_ignore_work {
    struct dext_ctx *ctx;
    uint64_t spent;
    bool told;
};

struct dx_ignore {
    const struct dx_ignore *parent; /* of the folders above, NULL at the top */
    const char *folder;             /* relative to the walk's root, "" for the root itself */
    struct dx_ignore_rule *rules;
    size_t count;
    struct dx_ignore_work *work;
};

/* Parses a file's text, or a single pattern: both hold for what is below folder. What it points to
 * must live as long as out: text, folder, parent. */
void dx_ignore_parse(struct dx_ignore *out, struct dext_ctx *ctx, const struct dx_ignore *parent,
                     const char *folder, struct dx_str text);

/* Whether path (relative to the walk's root) is excluded. What is below an excluded folder is, too,
 * whatever the patterns say of it: a walk does not enter there and so does not ask. ignore may be
 * NULL. After some hundred million comparisons nothing is excluded any more, and that is noted as
 * unread (dx_unread). */
bool dx_ignored(const struct dx_ignore *ignore, const char *path, bool is_folder);

#endif
