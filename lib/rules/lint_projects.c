/* The projects of a lint session are read: those among the inputs, and those in the folders above a
 * file that was given alone. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "project/yaml.h"
#include "rules/session.h"

#define LONGEST_SPEC ((size_t)1 << 20)
#define MOST_FOLDERS_UP 12 /* above a single file */

/* ---- reading ------------------------------------------------------------------------------ */

static bool is_spec(const char *path)
{
    return dx_str_has_suffix(dx_str(path), ".yml");
}

/* Does a line of this text begin the list that XcodeGen calls targets? Asked of a text that is no
 * whole YAML, in which nothing else can be looked up. */
static bool spec_names_targets(const struct dx_source *src)
{
    static const char key[] = "targets:";
    const size_t n = sizeof key - 1;
    for (size_t i = 0; i + n <= src->size; i++) {
        const char *nl;
        if (memcmp(src->data + i, key, n) == 0) {
            return true;
        }
        nl = memchr(src->data + i, '\n', src->size - i);
        if (!nl) {
            break;
        }
        i = (size_t)(nl - (const char *)src->data);
    }
    return false;
}

/* NULL: it could not be read, as the context says. *ours: it is, or was meant to be, XcodeGen's. */
static struct dx_doc *load_spec(struct dext_lint *l, const char *path, bool *ours)
{
    struct dx_source src;
    if (dx_source_read_most(&src, l->ctx, path, LONGEST_SPEC) != DEXT_OK) {
        return NULL;
    }
    struct dx_doc *doc = dx_alloc(&l->ctx->arena, sizeof *doc);
    doc->path = path;
    doc->kind = DX_DOC_PROJECT;
    doc->why_kind = "a project specification";
    doc->pl = dx_plist_load_by(l->ctx, &src, dx_yaml_read);
    *ours = doc->pl->stopped ? spec_names_targets(&src) : dx_get(doc->pl->root, "targets") != NULL;
    return doc;
}

static struct dx_project *add_project(struct dext_lint *l, const struct dx_doc *doc)
{
    struct dx_project *project;
    dext_ctx_clear(l->ctx);
    if (dx_project_read(&project, l->ctx, doc) != DEXT_OK) {
        return NULL;
    }
    *DX_PUSH(&l->ctx->arena, l->projects, l->project_count, l->project_cap) = project;
    return project;
}

/* A project.yml that is another program's is nobody's business here; one that names targets and
 * cannot be read says nothing of its drivers, and that is told. */
static void read_spec(struct dext_lint *l, const struct dx_item *item)
{
    bool ours = false;
    const struct dx_doc *doc = load_spec(l, item->path, &ours);
    const char *stopped = doc && doc->pl->stopped ? doc->pl->reason : NULL;
    if (doc && !ours && !(item->named && stopped)) {
        dx_lint_tell(l, item->path, "other", DEXT_SKIPPED,
                     stopped ? stopped : "no project specification of XcodeGen");
    } else if (stopped) {
        dx_lint_tell(l, item->path, "project", DEXT_UNREADABLE, stopped);
    } else if (!doc || !add_project(l, doc)) {
        dx_lint_tell(l, item->path, "project", DEXT_UNREADABLE, dext_ctx_error(l->ctx));
    } else {
        dx_lint_tell(l, item->path, "project", DEXT_CHECKED, "");
    }
    dext_ctx_clear(l->ctx);
}

void dx_lint_read_project(struct dext_lint *l, const struct dx_item *item)
{
    dx_lint_progress(l);
    if (is_spec(item->path)) {
        read_spec(l, item);
        return;
    }
    struct dx_doc *doc = dx_lint_load(l, item);
    if (!doc) {
        return;
    }
    if (doc->pl->stopped) {
        dx_lint_tell(l, item->path, "project", DEXT_UNREADABLE, doc->pl->reason);
    } else if (!add_project(l, doc)) {
        dx_lint_tell(l, item->path, "project", DEXT_UNREADABLE, dext_ctx_error(l->ctx));
        dext_ctx_clear(l->ctx);
    } else {
        dx_lint_tell(l, item->path, "project", DEXT_CHECKED, "");
    }
}

/* ---- projects above a single file ------------------------------------------------------------ */

static bool known_project(const struct dext_lint *l, const char *path)
{
    for (size_t i = 0; i < l->project_count; i++) {
        if (strcmp(l->projects[i]->path, path) == 0) {
            return true;
        }
    }
    return false;
}

static void add_quietly(struct dext_lint *l, const char *path)
{
    struct dx_source src;
    if (known_project(l, path) || !dx_is_named_file(l->ctx, path)) {
        return;
    }
    struct dx_doc *doc = NULL;
    bool ours;
    if (is_spec(path)) {
        doc = load_spec(l, path, &ours);
    } else if (dx_source_read(&src, l->ctx, path) == DEXT_OK) {
        doc = dx_alloc(&l->ctx->arena, sizeof *doc);
        doc->path = path;
        doc->kind = DX_DOC_PROJECT;
        doc->pl = dx_plist_load(l->ctx, &src);
    }
    if (doc && !doc->pl->stopped && doc->pl->root) {
        (void)add_project(l, doc);
    } else if (!doc && dext_ctx_error(l->ctx)) {
        dext_ctx_note_error(l->ctx);
    }
    dext_ctx_clear(l->ctx);
}

void dx_lint_seek_projects(struct dext_lint *l, const struct dx_item *item)
{
    const char *folder = dx_path_folder(l->ctx, item->path);
    struct dx_project_files last = {0}, here;
    for (size_t up = 0; up < MOST_FOLDERS_UP; up++) {
        if (up && access(folder[0] ? folder : ".", R_OK | X_OK) != 0 && errno == EACCES) {
            return; /* nothing up there is this user's */
        }
        dx_projects_in(&here, l->ctx, folder);
        if (here.inode && here.inode == last.inode && here.device == last.device) {
            return; /* above the root is the root again */
        }
        for (size_t i = 0; i < here.count; i++) {
            add_quietly(l, here.list[i]);
        }
        if (here.git || strcmp(folder, "/") == 0) {
            return; /* a repository ends here */
        }
        struct dx_str above = dx_path_normal(l->ctx, dx_str(dx_path_join(l->ctx, folder, "..")));
        folder = above.n ? above.p : "";
        last = here;
    }
}
