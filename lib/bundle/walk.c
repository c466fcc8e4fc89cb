/* Folder walks: like a source tree, symbolic links not followed, .gitignore honoured. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

static struct dx_item *add(struct walk *w, const char *path, enum dx_item_kind kind, bool named)
{
    struct dx_items *items = w->items;
    struct dx_item *item = DX_PUSH(&w->ctx->arena, items->list, items->count, items->cap);
    *item = (struct dx_item){.path = path, .kind = kind, .named = named, .host = w->host};
    item->order = items->count;
    return item;
}

static void refuse(struct walk *w, const char *path, const char *reason)
{
    add(w, path, DX_ITEM_REFUSED, true)->reason =
        dx_sprintf(&w->ctx->arena, "%s: %s", path, reason);
}

static bool has_suffix(const char *name, const char *suffix)
{
    size_t n = strlen(name), m = strlen(suffix);
    return n > m && strcmp(name + n - m, suffix) == 0;
}

static bool interesting(const char *name)
{
    return has_suffix(name, ".plist") || has_suffix(name, ".entitlements") ||
           has_suffix(name, ".xcent");
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char **list_folder(struct walk *w, const char *path, size_t *count)
{
    DIR *dir = opendir(path);
    if (!dir) {
        refuse(w, path, dx_sprintf(&w->ctx->arena, "cannot be opened: %s", strerror(errno)));
        return NULL;
    }
    const char **names = NULL;
    size_t cap = 0;
    *count = 0;
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
            *DX_PUSH(&w->ctx->arena, names, *count, cap) = dx_strdup(&w->ctx->arena, e->d_name);
        }
    }
    (void)closedir(dir);
    if (*count) {
        qsort(names, *count, sizeof *names, by_name);
    }
    return names;
}

static void walk_folder(struct walk *w, const char *path, const char *relative,
                        const struct dx_ignore *ignore, size_t depth);

static void visit_folder(struct walk *w, const char *path, const char *relative, const char *name,
                         const struct dx_ignore *ignore, size_t depth)
{
    if (strcmp(name, ".git") == 0 || strcmp(name, ".svn") == 0 || strcmp(name, ".hg") == 0) {
        return;
    }
    if (has_suffix(name, ".dext")) {
        add(w, path, DX_ITEM_DEXT, false);
        return;
    }
    const char *outer = w->host;
    if (has_suffix(name, ".app")) {
        w->host = path;
    }
    walk_folder(w, path, relative, ignore, depth + 1);
    w->host = outer;
}

static void visit(struct walk *w, const char *folder, const char *relative, const char *name,
                  const struct dx_ignore *ignore, size_t depth)
{
    const char *path = dx_path_join(w->ctx, folder, name);
    const char *below = relative[0] ? dx_path_join(w->ctx, relative, name) : name;
    struct stat st;
    if (lstat(path, &st) != 0 || S_ISLNK(st.st_mode)) {
        return;
    }
    bool is_folder = S_ISDIR(st.st_mode);
    if (dx_ignored(ignore, below, is_folder)) {
        return;
    }
    if (is_folder) {
        visit_folder(w, path, below, name, ignore, depth);
    } else if (has_suffix(name, ".pbxproj")) {
        add(w, path, DX_ITEM_PROJECT, false);
        w->taken++;
    } else if (interesting(name) && S_ISREG(st.st_mode)) {
        add(w, path, DX_ITEM_FILE, false);
        w->taken++;
    }
}

static void walk_folder(struct walk *w, const char *path, const char *relative,
                        const struct dx_ignore *ignore, size_t depth)
{
    if (depth > w->ctx->limits.walk_depth) {
        refuse(w, path, "nested too deep, not walked");
        return;
    }
    size_t count = 0;
    const char **names = list_folder(w, path, &count);
    struct dx_ignore here;
    if (!w->opt->no_ignore && dx_is_file(dx_path_join(w->ctx, path, ".gitignore"))) {
        struct dx_source src;
        dext_ctx_clear(w->ctx);
        if (dx_source_read(&src, w->ctx, dx_path_join(w->ctx, path, ".gitignore")) == DEXT_OK) {
            dx_ignore_parse(&here, w->ctx, ignore, relative, (struct dx_str){src.data, src.size});
            ignore = &here;
        }
        dext_ctx_clear(w->ctx);
    }
    for (size_t i = 0; i < count && !w->full; i++) {
        if (w->taken >= w->ctx->limits.walk_files) {
            refuse(w, path, "too many files below, the rest is not walked");
            w->full = true;
            break;
        }
        visit(w, path, relative, names[i], ignore, depth);
    }
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
    walk_folder(w, path, "", &given, 0);
}

/* A member is below one of the bundles, which take care of their own files. */
static bool in_bundle(const struct dx_file_names *bundles, const char *path)
{
    for (size_t i = 0; i < bundles->count; i++) {
        size_t n = strlen(bundles->list[i]);
        if (strncmp(path, bundles->list[i], n) == 0 && path[n] == '/') {
            return true;
        }
    }
    return false;
}

static void add_members(struct walk *w, const struct dx_files *files)
{
    struct dx_file_names dexts = {0};
    dx_files_bundles(&dexts, w->ctx, files, ".dext");
    for (size_t i = 0; i < dexts.count; i++) {
        const char *path = dx_sprintf(&w->ctx->arena, "%s/%s", files->shown, dexts.list[i]);
        add(w, path, DX_ITEM_DEXT, false)->files = files;
        w->taken++;
    }
    for (size_t i = 0; i < files->count; i++) {
        const struct dx_file *f = &files->list[i];
        if (f->kept && interesting(dx_path_name(f->path)) && !in_bundle(&dexts, f->path)) {
            struct dx_item *item = add(w, f->shown, DX_ITEM_BYTES, false);
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
        struct dx_item *item = add(w, path, DX_ITEM_ARCHIVE, true);
        size_t at = (size_t)(item - w->items->list);
        add_members(w, files);
        w->items->list[at].reason =
            w->taken ? "" : "no driver extension, Info.plist or entitlements in it";
    } else {
        struct dx_item *item = add(w, path, DX_ITEM_REFUSED, true);
        item->reason = dx_strdup(&w->ctx->arena, dext_ctx_error(w->ctx));
    }
    dext_ctx_clear(w->ctx);
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
    if (dx_is_archive(path)) {
        walk_archive(&w, path);
    } else if (!dx_is_folder(path)) {
        add(&w, path, has_suffix(name, ".pbxproj") ? DX_ITEM_PROJECT : DX_ITEM_FILE, true);
    } else if (has_suffix(name, ".dext")) {
        add(&w, path, DX_ITEM_DEXT, true);
    } else if (has_suffix(name, ".xcodeproj")) {
        add(&w, dx_path_join(ctx, path, "project.pbxproj"), DX_ITEM_PROJECT, true);
    } else {
        w.host = has_suffix(name, ".app") ? path : NULL;
        walk_root(&w, path);
    }
}
