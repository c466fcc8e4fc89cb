#include "app/path.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/app.h"

static int lost; /* errno, when the current folder could not be told */

static const char *current_folder(void)
{
    static char *cwd;
    if (!cwd) {
        cwd = getcwd(NULL, 0);
        lost = cwd || errno == ENOENT ? 0 : errno;
        if (!cwd || cwd[0] != '/') { /* gone, or not reachable from the root */
            free(cwd);
            cwd = app_strdup("/");
        }
    }
    return cwd;
}

const char *path_lost(void)
{
    return lost ? strerror(lost) : NULL;
}

/* Appends the components of path to out, which holds n bytes of a normalised path ("" is the
 * root). Returns the new length. */
static size_t path_append(char *out, size_t n, const char *path)
{
    while (*path) {
        size_t len = strcspn(path, "/");
        if (len == 2 && memcmp(path, "..", 2) == 0) {
            while (n && out[--n] != '/') {
            }
        } else if (len && !(len == 1 && path[0] == '.')) {
            out[n++] = '/';
            memcpy(out + n, path, len);
            n += len;
        }
        path += len;
        path += *path == '/';
    }
    return n;
}

char *path_absolute(const char *path)
{
    const char *cwd = path[0] == '/' ? "" : current_folder();
    char *out = app_alloc(strlen(cwd) + strlen(path) + 3);
    size_t n = path_append(out, path_append(out, 0, cwd), path);
    if (n == 0) {
        out[n++] = '/';
    }
    out[n] = 0;
    return out;
}

const char *path_below(const char *folder, const char *path)
{
    size_t n = strcmp(folder, "/") == 0 ? 0 : strlen(folder);
    if (strncmp(folder, path, n) != 0 || (path[n] && path[n] != '/')) {
        return NULL;
    }
    return path[n] ? path + n + 1 : path + n;
}

char *path_from(const char *folder, const char *path)
{
    char *base = app_strdup(folder);
    size_t up = 0;
    const char *rest;
    while (!(rest = path_below(base, path))) {
        char *slash = strrchr(base, '/');
        slash[slash == base] = 0;
        up++;
    }
    size_t size = up * 3 + strlen(rest) + 2;
    char *out = app_alloc(size);
    for (size_t i = 0; i < up; i++) {
        (void)snprintf(out + i * 3, size - i * 3, "../");
    }
    (void)snprintf(out + up * 3, size - up * 3, "%s", up || *rest ? rest : ".");
    free(base);
    return out;
}

char *path_shown(const char *path)
{
    char *full = path_absolute(path);
    const char *below = path_below(current_folder(), full);
    char *out = below ? app_strdup(*below ? below : ".") : app_strdup(full);
    free(full);
    return out;
}

/* Runners name their folder by a path that may hold links; the current folder has none. */
static char *path_top_named(const char *variable)
{
    const char *value = getenv(variable);
    char *real = value && value[0] == '/' ? realpath(value, NULL) : NULL;
    if (real && !path_below(real, current_folder())) {
        free(real);
        real = NULL;
    }
    return real;
}

static bool path_is_top(const char *folder)
{
    struct stat st;
    size_t n = strlen(folder) + sizeof "/.git";
    char *git = app_alloc(n);
    (void)snprintf(git, n, "%s/.git", folder);
    bool there = stat(git, &st) == 0;
    free(git);
    return there;
}

static const char *path_checkout(void)
{
    static char *top;
    static bool sought;
    if (sought) {
        return top;
    }
    sought = true;
    top = path_top_named("GITHUB_WORKSPACE");
    top = top ? top : path_top_named("CI_PROJECT_DIR");
    for (char *at = top ? NULL : app_strdup(current_folder()); at;) {
        if (path_is_top(at)) {
            top = at;
            break;
        }
        char *up = strcmp(at, "/") == 0 ? NULL : path_parent(at);
        free(at);
        at = up;
    }
    return top;
}

char *path_hosted(const char *path)
{
    const char *top = path_checkout();
    char *full = path_absolute(path);
    const char *below = top ? path_below(top, full) : NULL;
    char *out = below ? app_strdup(*below ? below : ".") : path_shown(path);
    free(full);
    return out;
}

char *path_parent(const char *path)
{
    char *out = app_strdup(path);
    char *slash = strrchr(out, '/');
    slash[slash == out] = 0;
    return out;
}

/* "[a-z]" at p against c. Returns the end of the set, NULL when it is not closed. */
static const char *in_set(const char *p, const char *end, char c, bool *matches)
{
    const char *q = p + 1;
    bool negated = q < end && (*q == '!' || *q == '^');
    bool found = false;
    q += negated;
    for (const char *first = q; q < end && (*q != ']' || q == first); q++) {
        if (q + 2 < end && q[1] == '-' && q[2] != ']') {
            found = found || (*q <= c && c <= q[2]);
            q += 2;
        } else {
            found = found || *q == c;
        }
    }
    *matches = found != negated;
    return q < end ? q + 1 : NULL;
}

/* One step of a pattern against one character. Returns what follows in the pattern, NULL for no. */
static const char *path_step(const char *p, const char *end, char c)
{
    bool matches = false;
    if (*p == '[') {
        const char *next = in_set(p, end, c, &matches);
        if (next) {
            return matches ? next : NULL;
        }
    }
    if (*p == '\\' && p + 1 < end) {
        p++;
        return *p == c ? p + 1 : NULL;
    }
    return *p == '?' || *p == c ? p + 1 : NULL;
}

/* One component: '*' stands for any characters; the last '*' met is the only one to go back to. */
static bool component(const char *p, size_t pn, const char *s, size_t sn)
{
    const char *end = p + pn, *send = s + sn, *star = NULL, *resume = NULL;
    while (s < send) {
        const char *next;
        if (p < end && *p == '*') {
            star = ++p;
            resume = s;
        } else if (p < end && (next = path_step(p, end, *s)) != NULL) {
            p = next;
            s++;
        } else if (star) {
            p = star;
            s = ++resume;
        } else {
            return false;
        }
    }
    while (p < end && *p == '*') {
        p++;
    }
    return p == end;
}

/* Whether the n bytes at path match the whole pattern, component by component. */
static bool path_whole(const char *pattern, const char *path, size_t n)
{
    for (;;) {
        size_t pn = strcspn(pattern, "/");
        bool last = pattern[pn] == 0 || pattern[pn + 1] == 0;
        if (pn == 2 && memcmp(pattern, "**", 2) == 0) {
            if (last) {
                return n != 0;
            }
            const char *rest = pattern + pn + 1;
            for (size_t i = 0; i <= n; i++) {
                if ((i == 0 || path[i - 1] == '/') && path_whole(rest, path + i, n - i)) {
                    return true;
                }
            }
            return false;
        }
        const char *slash = memchr(path, '/', n);
        size_t len = slash ? (size_t)(slash - path) : n;
        if (!component(pattern, pn, path, len)) {
            return false;
        }
        if (last || !slash) {
            return last && !slash;
        }
        pattern += pn + 1;
        path += len + 1;
        n -= len + 1;
    }
}

bool path_matches(const char *pattern, const char *path, unsigned long skip)
{
    size_t len = strlen(pattern);
    bool folders_only = len && pattern[len - 1] == '/';
    const char *slash = strchr(pattern, '/');
    bool anchored = slash && slash[1];
    pattern += pattern[0] == '/';
    for (const char *p = path, *next; *p; p = next) {
        size_t n = strcspn(p, "/");
        next = p + n + (p[n] == '/');
        size_t end = (size_t)(p - path) + n;
        if (end <= skip || (folders_only && !p[n])) {
            continue;
        }
        if (anchored ? path_whole(pattern, path, end)
                     : component(pattern, strcspn(pattern, "/"), p, n)) {
            return true;
        }
    }
    return false;
}
