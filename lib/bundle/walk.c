/* Folder walks: like a source tree, symbolic links not followed, .gitignore honoured. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/dir.h"
#include "base/path.h"
#include "bundle/bundle.h"
#include "bundle/ignore.h"

struct walk {
    struct dx_items *items;
    struct dext_ctx *ctx;
    const struct dx_walk_options *opt;
    const char *host; /* .app being walked */
    size_t taken;
    bool full;
};

static struct dx_item *walk_add(struct walk *w, const char *path, enum dx_item_kind kind,
                                bool named)
{
    struct dx_items *items = w->items;
    struct dx_item *item = DX_PUSH(&w->ctx->arena, items->list, items->count, items->cap);
    *item = (struct dx_item){.path = path, .kind = kind, .named = named, .host = w->host};
    item->order = items->count;
    return item;
}

static void walk_refuse(struct walk *w, const char *path, const char *reason)
{
    walk_add(w, path, DX_ITEM_REFUSED, true)->reason =
        dx_sprintf(&w->ctx->arena, "%s: %s", path, reason);
}

/* Property lists, also those that a build fills in first: Info.plist.in, Info.plist.template. */
static bool interesting(const char *name)
{
    static const char *const ends[] = {".plist", ".entitlements", ".xcent"};
    size_t n = strlen(name) - dx_path_template(name);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t m = strlen(ends[i]);
        if (n > m && memcmp(name + n - m, ends[i], m) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_project(const char *name)
{
    return dx_path_kind(name) == DX_PATH_PBXPROJ;
}

/* An entry that a walk does something with: the others leave nothing behind. */
struct walk_entry {
    const char *name;
    enum dx_path_kind kind;
    bool folder;
    bool other; /* a FIFO, device or socket */
};

static int walk_by_name(const void *a, const void *b)
{
    return strcmp(((const struct walk_entry *)a)->name, ((const struct walk_entry *)b)->name);
}

struct walk_listing {
    struct walk_entry *list;
    size_t count, cap;
    bool has_ignore; /* something is called .gitignore */
};

static void walk_sort(struct walk_listing *l)
{
    if (l->count) {
        qsort(l->list, l->count, sizeof *l->list, walk_by_name);
    }
}

static void walk_list_folder(struct walk *w, struct dx_dir *dir, struct walk_listing *l)
{
    struct dx_arena *a = &w->ctx->arena;
    for (struct dx_entry e; dx_dir_next(dir, &e);) {
        bool folder = e.kind == DX_ENTRY_FOLDER;
        if (!folder && e.name[0] == '.' && strcmp(e.name, ".gitignore") == 0) {
            l->has_ignore = true;
        } else if (e.kind == DX_ENTRY_LINK) {
            w->items->links++;
            if (dx_path_kind(e.name) == DX_PATH_PBXPROJ) { /* what its builds are is not known */
                (void)dx_is_named_file(w->ctx, dx_path_join(w->ctx, dir->shown, e.name));
            }
        } else {
            enum dx_path_kind kind = dx_path_kind(e.name);
            if (folder || kind == DX_PATH_PBXPROJ || interesting(e.name)) {
                *DX_PUSH(a, l->list, l->count, l->cap) = (struct walk_entry){
                    dx_strdup(a, e.name), kind, folder, e.kind == DX_ENTRY_OTHER};
            }
        }
    }
    walk_sort(l);
}

/* A folder on the way down. */
struct walk_place {
    struct dx_dir *dir;   /* NULL: nothing is open */
    const char *path;     /* as shown */
    const char *relative; /* to the root of the walk, "" for itself */
    const char *name;     /* in the folder above; of the root its path */
    size_t depth;
};

static void walk_folder(struct walk *w, const struct walk_place *above,
                        const struct walk_place *here, const struct dx_ignore *ignore);

static void visit_folder(struct walk *w, const struct walk_place *above, const struct walk_entry *e,
                         const struct dx_ignore *ignore)
{
    if (strcmp(e->name, ".git") == 0 || strcmp(e->name, ".svn") == 0 ||
        strcmp(e->name, ".hg") == 0) {
        return;
    }
    const char *path = dx_path_join(w->ctx, above->path, e->name);
    struct walk_place here = {.path = path, .name = e->name, .depth = above->depth + 1};
    here.relative = above->relative[0] ? dx_path_join(w->ctx, above->relative, e->name) : e->name;
    if (dx_ignored(ignore, here.relative, true)) {
        w->items->ignored++;
        return;
    }
    if (e->kind == DX_PATH_DEXT) {
        walk_add(w, path, DX_ITEM_DEXT, false);
        return;
    }
    const char *outer = w->host;
    if (e->kind == DX_PATH_APP) {
        w->host = path;
    }
    walk_folder(w, above, &here, ignore);
    w->host = outer;
}

static void visit_file(struct walk *w, const struct walk_place *above, const struct walk_entry *e,
                       const struct dx_ignore *ignore)
{
    const char *below =
        above->relative[0] ? dx_path_join(w->ctx, above->relative, e->name) : e->name;
    if (dx_ignored(ignore, below, false)) {
        w->items->ignored++;
    } else if (e->other) {
        walk_refuse(w, dx_path_join(w->ctx, above->path, e->name),
                    "is a FIFO, a device or a socket, not a file");
    } else {
        walk_add(w, dx_path_join(w->ctx, above->path, e->name),
                 e->kind == DX_PATH_PBXPROJ ? DX_ITEM_PROJECT : DX_ITEM_FILE, false);
        w->taken++;
    }
}

static const struct dx_ignore *walk_ignore(struct walk *w, const struct walk_place *here,
                                           const struct dx_ignore *above)
{
    const char *path = dx_path_join(w->ctx, here->path, ".gitignore");
    struct dx_source src;
    struct dx_ignore *ignore = NULL;
    dext_ctx_clear(w->ctx);
    /* What it leaves out is not known when it cannot be read: all is walked, and that is noted. */
    if (dx_is_named_file(w->ctx, path) && dx_source_read(&src, w->ctx, path) == DEXT_OK) {
        ignore = dx_alloc(&w->ctx->arena, sizeof *ignore);
        dx_ignore_parse(ignore, w->ctx, above, here->relative, (struct dx_str){src.data, src.size});
    }
    dext_ctx_clear(w->ctx);
    return ignore ? ignore : above;
}

static void walk_folder(struct walk *w, const struct walk_place *above,
                        const struct walk_place *here, const struct dx_ignore *ignore)
{
    if (here->depth > w->ctx->limits.walk_depth) {
        walk_refuse(w, here->path, "nested too deep, not walked");
        return;
    }
    struct dx_dir dir;
    struct walk_place open = *here;
    struct walk_listing l = {0};
    if (!dx_dir_open(&dir, w->ctx, above ? above->dir : NULL, here->name, here->path)) {
        walk_refuse(w, here->path,
                    dx_sprintf(&w->ctx->arena, "cannot be opened: %s", strerror(errno)));
        return;
    }
    open.dir = &dir;
    walk_list_folder(w, &dir, &l);
    if (l.has_ignore && !w->opt->no_ignore) {
        ignore = walk_ignore(w, here, ignore);
    }
    for (size_t i = 0; i < l.count && !w->full; i++) {
        if (w->taken >= w->ctx->limits.walk_files) {
            walk_refuse(w, here->path, "too many files below, the rest is not walked");
            w->full = true;
        } else if (l.list[i].folder) {
            visit_folder(w, &open, &l.list[i], ignore);
        } else {
            visit_file(w, &open, &l.list[i], ignore);
        }
    }
    dx_dir_close(&dir);
}

static void walk_root(struct walk *w, const char *path)
{
    struct dx_buf b;
    dx_buf_init(&b, &w->ctx->arena, (size_t)1 << 20);
    for (size_t i = 0; w->opt->excludes && w->opt->excludes[i]; i++) {
        dx_buf_printf(&b, "%s\n", w->opt->excludes[i]);
    }
    struct dx_ignore given;
    dx_ignore_parse(&given, w->ctx, NULL, "", dx_buf_str(&b));
    struct walk_place top = {.path = path, .relative = "", .name = path};
    walk_folder(w, NULL, &top, &given);
}

static int walk_by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A member is below one of the bundles, which take care of their own files. sorted: by
 * walk_by_text; each folder above the member is looked up, so that many of both are no work of many
 * times many. */
static bool in_bundle(struct dx_arena *a, const struct dx_file_names *sorted, const char *path)
{
    struct dx_mark mark = dx_arena_mark(a);
    char *above = dx_strdup(a, path);
    bool found = false;
    for (char *slash = strchr(above, '/'); slash && !found; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        found = bsearch(&above, sorted->list, sorted->count, sizeof *sorted->list, walk_by_text);
        *slash = '/';
    }
    dx_arena_rewind(a, mark);
    return found;
}

/* What is told of so many takes 200 MB. */
#define MOST_BUNDLES 15000

static void add_members(struct walk *w, const struct dx_files *files)
{
    struct dx_file_names dexts = {0};
    dx_files_bundles(&dexts, w->ctx, files, ".dext");
    for (size_t i = 0; i < dexts.count && i < MOST_BUNDLES; i++) {
        const char *path = dx_sprintf(&w->ctx->arena, "%s/%s", files->shown, dexts.list[i]);
        walk_add(w, path, DX_ITEM_DEXT, false)->files = files;
        w->taken++;
    }
    if (dexts.count > MOST_BUNDLES) {
        walk_refuse(w, files->shown,
                    dx_sprintf(&w->ctx->arena, "holds %zu driver extensions; %d of them are read",
                               dexts.count, MOST_BUNDLES));
    }
    if (dexts.count) {
        qsort(dexts.list, dexts.count, sizeof *dexts.list, walk_by_text);
    }
    for (size_t i = 0; i < files->count; i++) {
        const struct dx_file *f = &files->list[i];
        if (f->kept && interesting(dx_path_name(f->path)) &&
            !(dexts.count && in_bundle(&w->ctx->arena, &dexts, f->path))) {
            struct dx_item *item = walk_add(w, f->shown, DX_ITEM_BYTES, false);
            item->bytes = dx_source_bytes(f->shown, f->data.p, f->data.n);
            w->taken++;
        }
    }
}

static void walk_archive(struct walk *w, const char *path)
{
    struct dx_files *files;
    dext_ctx_clear(w->ctx);
    if (dx_files_open(&files, w->ctx, path, DX_KEEP_CODE) == DEXT_OK) {
        struct dx_item *item = walk_add(w, path, DX_ITEM_ARCHIVE, true);
        size_t at = (size_t)(item - w->items->list);
        add_members(w, files);
        w->items->list[at].reason =
            w->taken ? "" : "no driver extension, Info.plist or entitlements in it";
    } else {
        struct dx_item *item = walk_add(w, path, DX_ITEM_REFUSED, true);
        item->reason = dx_strdup(&w->ctx->arena, dext_ctx_error(w->ctx));
    }
    dext_ctx_clear(w->ctx);
}

void dx_projects_in(struct dx_project_files *out, struct dext_ctx *ctx, const char *folder)
{
    struct walk_listing l = {0};
    struct dx_dir dir;
    struct stat st;
    size_t cap = 0;
    *out = (struct dx_project_files){0};
    if (!dx_dir_open(&dir, ctx, NULL, folder, folder)) {
        return;
    }
    if (fstat(dirfd(dir.dir), &st) == 0) {
        out->device = st.st_dev;
        out->inode = st.st_ino;
    }
    for (struct dx_entry e; dx_dir_next(&dir, &e);) { /* also what is linked to */
        char last = (char)(e.name[strlen(e.name) - 1] | 0x20);
        out->git = out->git || strcmp(e.name, ".git") == 0;
        if (last != 'j' && last != 'l') {
            continue; /* most names: neither "...proj" nor "project.yml" */
        }
        enum dx_path_kind kind = dx_path_kind(e.name);
        if (kind == DX_PATH_XCODEPROJ || kind == DX_PATH_PBXPROJ) {
            *DX_PUSH(&ctx->arena, l.list, l.count, l.cap) =
                (struct walk_entry){.name = dx_strdup(&ctx->arena, e.name), .kind = kind};
        }
    }
    dx_dir_close(&dir);
    walk_sort(&l);
    for (size_t i = 0; i < l.count; i++) {
        const char *path = dx_path_join(ctx, folder, l.list[i].name);
        *DX_PUSH(&ctx->arena, out->list, out->count, cap) =
            l.list[i].kind == DX_PATH_XCODEPROJ ? dx_path_join(ctx, path, "project.pbxproj") : path;
    }
}

void dx_items_add(struct dx_items *items, struct dext_ctx *ctx, const char *path,
                  const struct dx_walk_options *opt)
{
    struct walk w = {.items = items, .ctx = ctx, .opt = opt};
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/') {
        n--;
    }
    path = dx_strndup(&ctx->arena, path, n);
    const char *name = dx_path_name(path);
    if (dx_is_archive(ctx, path)) {
        walk_archive(&w, path);
    } else if (!dx_is_folder(ctx, path)) {
        walk_add(&w, path, is_project(name) ? DX_ITEM_PROJECT : DX_ITEM_FILE, true);
    } else if (dx_path_kind(name) == DX_PATH_DEXT) {
        walk_add(&w, path, DX_ITEM_DEXT, true);
    } else if (dx_path_kind(name) == DX_PATH_XCODEPROJ) {
        walk_add(&w, dx_path_join(ctx, path, "project.pbxproj"), DX_ITEM_PROJECT, true);
    } else {
        w.host = dx_path_kind(name) == DX_PATH_APP ? path : NULL;
        walk_root(&w, path);
    }
}
