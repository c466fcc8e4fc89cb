/* The files that a target is built from. */
#include <stdlib.h>
#include <string.h>

#include "base/dir.h"
#include "project/read.h"

#define DEEPEST_FOLDER 24
#define MOST_FILES 20000 /* of one target */

/* ---- folders ------------------------------------------------------------------------------ */

struct listing {
    struct dx_file_list *out;
    struct dext_ctx *ctx;
    dx_path_test *wanted;
    const void *user;
};

struct sources_entry {
    const char *name;
    bool folder;
};

static int sources_by_name(const void *a, const void *b)
{
    return strcmp(((const struct sources_entry *)a)->name, ((const struct sources_entry *)b)->name);
}

static void sources_add_file(struct dext_ctx *ctx, struct dx_file_list *out, const char *path)
{
    if (out->count >= MOST_FILES) {
        out->full = true;
        return;
    }
    *DX_PUSH(&ctx->arena, out->list, out->count, out->cap) = path;
}

/* Files and folders whose names do not begin with a dot. */
static struct sources_entry *sources_list(struct dext_ctx *ctx, struct dx_dir *dir, size_t *count)
{
    struct sources_entry *list = NULL;
    size_t cap = 0, all = 0;
    *count = 0;
    for (struct dx_entry e; all < MOST_FILES && dx_dir_next(dir, &e);) {
        bool folder = e.kind == DX_ENTRY_FOLDER;
        all += e.name[0] != '.';
        if (e.name[0] != '.' && (folder || e.kind == DX_ENTRY_FILE)) {
            *DX_PUSH(&ctx->arena, list, *count, cap) =
                (struct sources_entry){dx_strdup(&ctx->arena, e.name), folder};
        }
    }
    if (*count) {
        qsort(list, *count, sizeof *list, sources_by_name);
    }
    return list;
}

static void list_below(const struct listing *l, const struct dx_dir *above, const char *name,
                       const char *folder, const char *relative, unsigned depth)
{
    struct dx_dir dir;
    size_t count;
    if (depth > DEEPEST_FOLDER) {
        l->out->full = true;
        return;
    }
    if (!dx_dir_open(&dir, l->ctx, above, name, folder)) {
        return;
    }
    const struct sources_entry *list = sources_list(l->ctx, &dir, &count);
    for (size_t i = 0; i < count && !l->out->full; i++) {
        const char *below = dx_path_join(l->ctx, relative, list[i].name);
        if (l->wanted && !l->wanted(l->user, below, list[i].folder)) {
            continue;
        }
        const char *path = dx_path_join(l->ctx, folder, list[i].name);
        if (list[i].folder) {
            list_below(l, &dir, list[i].name, path, below, depth + 1);
        } else {
            sources_add_file(l->ctx, l->out, path);
        }
    }
    dx_dir_close(&dir);
}

void dx_list_folder(struct dx_file_list *out, struct dext_ctx *ctx, const char *folder,
                    dx_path_test *wanted, const void *user)
{
    struct listing l = {out, ctx, wanted, user};
    if (folder[0] && !dx_is_folder(ctx, folder)) {
        out->full = true; /* it is told not to be whole */
        return;
    }
    list_below(&l, NULL, folder, folder, "", 0);
}

/* ---- project.pbxproj ---------------------------------------------------------------------- */

static const struct dext_node *sources_node_of(const struct dx_project_whole *p,
                                               const struct dext_node *id)
{
    const struct dx_object *o = dx_object(p, id);
    return o ? o->node : NULL;
}

static bool sources_is_a(const struct dext_node *o, const char *isa)
{
    const struct dext_node *n = dx_get_kind(o, "isa", DEXT_STRING);
    return n && dx_str_is(n->text, isa);
}

static void add_phase(struct dx_file_list *out, struct dext_ctx *ctx,
                      const struct dx_project_whole *p, const struct dext_node *phase)
{
    const struct dext_node *files = dx_get_kind(phase, "files", DEXT_ARRAY);
    for (const struct dext_node *id = files ? files->child : NULL; id; id = id->next) {
        const struct dx_object *file = dx_object(p, dx_get(sources_node_of(p, id), "fileRef"));
        const char *path = file ? dx_object_path(ctx, p, file) : NULL;
        if (path) {
            sources_add_file(ctx, out, path);
        }
    }
}

/* A mirrored folder: everything in it but what is listed as an exception. For a target that does
 * not mirror the folder, the exceptions are what it takes from it. */
struct mirror {
    const struct dx_project_whole *p;
    const struct dext_node *exceptions; /* of this target, or NULL */
};

static bool excepted(const struct dext_node *set, const char *relative)
{
    const struct dext_node *list = dx_get_kind(set, "membershipExceptions", DEXT_ARRAY);
    for (const struct dext_node *e = list ? list->child : NULL; e; e = e->next) {
        if (e->kind == DEXT_STRING && dx_str_is(e->text, relative)) {
            return true;
        }
    }
    return false;
}

static bool mirrored(const void *user, const char *relative, bool folder)
{
    const struct mirror *m = user;
    (void)folder;
    return !excepted(m->exceptions, relative);
}

static const struct dext_node *exceptions_of(const struct dx_project_whole *p,
                                             const struct dext_node *group,
                                             const struct dx_project_target *t)
{
    const struct dext_node *sets = dx_get_kind(group, "exceptions", DEXT_ARRAY);
    for (const struct dext_node *id = sets ? sets->child : NULL; id; id = id->next) {
        const struct dext_node *set = sources_node_of(p, id);
        if (sources_is_a(set, "PBXFileSystemSynchronizedBuildFileExceptionSet") &&
            sources_node_of(p, dx_get(set, "target")) == t->node) {
            return set;
        }
    }
    return NULL;
}

static bool mirrors(const struct dx_project_whole *p, const struct dx_project_target *t,
                    const struct dext_node *group)
{
    const struct dext_node *own = dx_get_kind(t->node, "fileSystemSynchronizedGroups", DEXT_ARRAY);
    for (const struct dext_node *id = own ? own->child : NULL; id; id = id->next) {
        if (sources_node_of(p, id) == group) {
            return true;
        }
    }
    return false;
}

static void add_mirrors(struct dx_file_list *out, struct dext_ctx *ctx,
                        const struct dx_project_whole *p, const struct dx_project_target *t)
{
    for (size_t i = 0; i < p->object_count && !out->full; i++) {
        const struct dx_object *group = &p->objects[i];
        if (!sources_is_a(group->node, "PBXFileSystemSynchronizedRootGroup")) {
            continue;
        }
        struct mirror m = {p, exceptions_of(p, group->node, t)};
        bool all = mirrors(p, t, group->node);
        const char *folder = all || m.exceptions ? dx_object_path(ctx, p, group) : NULL;
        if (folder && all) {
            dx_list_folder(out, ctx, folder, mirrored, &m);
        } else if (folder) {
            const struct dext_node *list =
                dx_get_kind(m.exceptions, "membershipExceptions", DEXT_ARRAY);
            for (const struct dext_node *e = list ? list->child : NULL; e; e = e->next) {
                if (e->kind == DEXT_STRING) {
                    sources_add_file(ctx, out, dx_path_join(ctx, folder, e->text.p));
                }
            }
        }
    }
}

static void pbxproj_sources(struct dx_file_list *out, struct dext_ctx *ctx,
                            const struct dx_project_whole *p, const struct dx_project_target *t)
{
    const struct dext_node *phases = dx_get_kind(t->node, "buildPhases", DEXT_ARRAY);
    for (const struct dext_node *id = phases ? phases->child : NULL; id; id = id->next) {
        const struct dext_node *phase = sources_node_of(p, id);
        if (sources_is_a(phase, "PBXSourcesBuildPhase") ||
            sources_is_a(phase, "PBXHeadersBuildPhase")) {
            add_phase(out, ctx, p, phase);
        }
    }
    add_mirrors(out, ctx, p, t);
}

/* ---- both --------------------------------------------------------------------------------- */

struct ranked {
    const char *path;
    size_t at;
};

static int by_ranked_path(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    int c = strcmp(x->path, y->path);
    return c ? c : x->at < y->at ? -1 : x->at > y->at;
}

static int sources_by_rank(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    return x->at < y->at ? -1 : x->at > y->at;
}

/* The first of equal paths stays. */
static void sources_drop_doubles(struct dext_ctx *ctx, struct dx_file_list *out)
{
    struct ranked *all = dx_calloc(&ctx->arena, out->count, sizeof *all);
    size_t n = 0;
    for (size_t i = 0; i < out->count; i++) {
        all[i] = (struct ranked){out->list[i], i};
    }
    qsort(all, out->count, sizeof *all, by_ranked_path);
    for (size_t i = 0; i < out->count; i++) {
        if (n == 0 || strcmp(all[n - 1].path, all[i].path) != 0) {
            all[n++] = all[i];
        }
    }
    qsort(all, n, sizeof *all, sources_by_rank);
    for (size_t i = 0; i < n; i++) {
        out->list[i] = all[i].path;
    }
    out->count = n;
}

void dx_project_sources(struct dx_sources *out, struct dext_ctx *ctx,
                        const struct dx_project *project, const struct dx_project_target *target)
{
    struct dx_file_list files = {0};
    if (project->generator) {
        dx_xcodegen_sources(&files, ctx, project, target);
    } else {
        pbxproj_sources(&files, ctx, dx_project_whole(project), target);
    }
    if (files.count) {
        sources_drop_doubles(ctx, &files);
    }
    *out = (struct dx_sources){files.list, files.count, !files.full};
}
