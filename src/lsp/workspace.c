/* What the folders hold beside the files that are checked: the sources' classes, and a dump of the
 * registry, whose devices are proposed. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app/path.h"
#include "lsp/server.h"

#define WORKSPACE_DEEPEST 4
#define WORKSPACE_MOST 5000 /* names that are looked at for a dump */

/* ---- sources ----------------------------------------------------------------------------------
 */

const struct dext_sources *lsp_sources(struct lsp *s)
{
    if (s->sources && !s->sources_stale) {
        return s->sources;
    }
    dext_sources_free(s->sources);
    s->sources = dext_sources_new();
    s->sources_stale = false;
    for (size_t i = 0; s->sources && i < s->doc_count; i++) {
        const struct lsp_doc *d = &s->docs[i];
        if (d->path && d->kind == LSP_DOC_SOURCE) {
            dext_sources_set_text(s->sources, d->path, d->text.data, d->text.size);
        }
    }
    for (size_t i = 0; s->sources && i < s->root_count; i++) {
        dext_sources_add(s->sources, s->roots[i]);
    }
    for (size_t i = 0; s->sources && i < s->doc_count; i++) {
        if (s->docs[i].path && s->docs[i].kind == LSP_DOC_SOURCE) {
            dext_sources_add(s->sources, s->docs[i].path);
        }
    }
    return s->sources;
}

/* ---- dump -------------------------------------------------------------------------------------
 */

/* ioreg.txt, IOService.txt, ioreg-2026.plist, mac.ioreg */
static bool workspace_is_dump(const char *name)
{
    static const char *const endings[] = {".txt", ".plist", ".xml", ".ioreg"};
    size_t n = strlen(name);
    bool named = strncmp(name, "ioreg", 5) == 0 || strcmp(name, "IOService.txt") == 0 ||
                 (n > 6 && strcmp(name + n - 6, ".ioreg") == 0);
    for (size_t i = 0; named && i < sizeof endings / sizeof *endings; i++) {
        size_t m = strlen(endings[i]);
        if (n > m && strcmp(name + n - m, endings[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* The first dump below a folder, in no promised order; malloc'd, or NULL. */
static char *workspace_seek(const char *folder, int depth, size_t *left)
{
    DIR *dir = opendir(folder);
    char *found = NULL;
    struct dirent *e;
    while (dir && !found && *left && (e = readdir(dir)) != NULL) {
        struct stat st;
        if (e->d_name[0] == '.' || strcmp(e->d_name, "node_modules") == 0) {
            continue;
        }
        --*left;
        size_t n = strlen(folder) + strlen(e->d_name) + 2;
        char *path = app_alloc(n);
        (void)snprintf(path, n, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, e->d_name);
        if (lstat(path, &st) == 0 && S_ISREG(st.st_mode) && workspace_is_dump(e->d_name)) {
            found = app_strdup(path);
        } else if (depth && S_ISDIR(st.st_mode)) {
            found = workspace_seek(path, depth - 1, left);
        }
        free(path);
    }
    if (dir) {
        (void)closedir(dir);
    }
    return found;
}

static char *workspace_dump_path(const struct lsp *s)
{
    const char *set = s->settings.dump;
    char *found = NULL;
    size_t left = WORKSPACE_MOST;
    if (set && (set[0] == '/' || s->root_count == 0)) {
        return app_strdup(set);
    }
    if (set) {
        size_t n = strlen(s->roots[0]) + strlen(set) + 2;
        found = app_alloc(n);
        (void)snprintf(found, n, "%s/%s", s->roots[0], set);
        return found;
    }
    for (size_t i = 0; !found && i < s->root_count; i++) {
        found = workspace_seek(s->roots[i], WORKSPACE_DEEPEST, &left);
    }
    return found;
}

struct dext_registry *lsp_dump(struct lsp *s)
{
    if (s->dump_sought) {
        return s->dump;
    }
    dext_ctx_free(s->dump_ctx);
    s->dump_ctx = NULL;
    s->dump = NULL;
    s->dump_sought = true;
    char *path = workspace_dump_path(s);
    if (path) {
        s->dump_ctx = dext_ctx_new(NULL);
        if (dext_registry_read(&s->dump, s->dump_ctx, path) != DEXT_OK) {
            s->dump = NULL;
        }
    }
    free(path);
    return s->dump;
}

void lsp_workspace_free(struct lsp *s)
{
    dext_sources_free(s->sources);
    dext_ctx_free(s->dump_ctx);
}
