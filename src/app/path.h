/* path.h: paths as text; no link is followed and nothing needs to exist. */
#ifndef APP_PATH_H
#define APP_PATH_H

#include <stdbool.h>

/* The absolute path, without ".", ".." and doubled slashes. malloc'd. */
char *path_absolute(const char *path);

/* What of path lies below folder ("" when they are the same), or NULL. Both are absolute and
 * normalised. Points into path. */
const char *path_below(const char *folder, const char *path);

/* path as seen from folder, with "../" where needed; both absolute and normalised. malloc'd. */
char *path_from(const char *folder, const char *path);

/* path as seen from the current folder when it is at or below it, absolute otherwise: what other
 * programs (code hosts, editors) take as the name of a file. malloc'd. */
char *path_shown(const char *path);

/* path as a code host names it: as seen from the top of the checkout (GITHUB_WORKSPACE on GitHub's
 * runners, CI_PROJECT_DIR on GitLab's, else the folder above the current one that holds .git), so
 * that an annotation finds its file whatever folder the job works in. A file outside is named like
 * path_shown names it. malloc'd. */
char *path_hosted(const char *path);

/* The folder that holds path, "/" at the top. malloc'd; path is absolute and normalised. */
char *path_parent(const char *path);

/* Whether a .gitignore-like pattern (without "!") names path or a folder above it. path is
 * relative; its first `skip` bytes are taken as given: nothing that ends there is tested. */
bool path_matches(const char *pattern, const char *path, unsigned long skip);

/* Why the current folder could not be told to a function above, or NULL: names, and what is looked
 * for in folders above, may be wrong then. That it was deleted is no reason: nothing is in it. */
const char *path_lost(void);

#endif
