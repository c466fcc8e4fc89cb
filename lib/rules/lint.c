/* A lint session: what was added is sorted into projects, bundles and loose files, and each driver
 * becomes one unit for the engine. Trees live only as long as the folder they belong to. */
#include "dext/lint.h"
#include "base/path.h"

#include <stdlib.h>
#include <string.h>

#include "rules/session.h"
#include "sign/profile.h"

struct dext_lint *dext_lint_new(struct dext_ctx *ctx, const struct dext_lint_options *options)
{
    struct dext_lint *l = dx_alloc(&ctx->arena, sizeof *l);
    l->ctx = ctx;
    l->opt = *options;
    l->sources = dx_source_cache_new(ctx);
    return l;
}

void dext_lint_free(struct dext_lint *l)
{
    dx_source_cache_free(l->sources);
    l->ctx->texts.count = 0; /* their bytes are the caller's, who may free them now */
    dx_arena_free(&l->keep); /* the rest lives in the context's arena */
}

void dext_lint_add_path(struct dext_lint *l, const char *path)
{
    struct dx_walk_options opt = {l->opt.excludes, l->opt.no_ignore};
    dx_items_add(&l->items, l->ctx, path, &opt);
}

struct dext_walked dext_lint_walked(const struct dext_lint *l)
{
    return (struct dext_walked){l->items.ignored, l->items.links};
}

void dext_lint_add_bytes(struct dext_lint *l, const char *name, const void *data, size_t size)
{
    struct dx_arena *a = &l->ctx->arena;
    struct dx_item *item = DX_PUSH(a, l->items.list, l->items.count, l->items.cap);
    *item = (struct dx_item){.path = dx_strdup(a, name), .kind = DX_ITEM_BYTES, .named = true};
    item->bytes = dx_source_bytes(item->path, dx_strndup(a, data, size), size);
    item->order = l->items.count;
}

void dext_lint_set_text(struct dext_lint *l, const char *path, const void *data, size_t size)
{
    dx_overlay_set(l->ctx, dx_strdup(&l->ctx->arena, path), data, size);
}

/* ---- telling ------------------------------------------------------------------------------ */

/* What stands in an archive is told, but cannot be mended in place. */
static bool in_archive(const struct dext_lint *l, const char *file)
{
    for (size_t i = 0; i < l->items.count; i++) {
        const struct dx_item *item = &l->items.list[i];
        size_t n = item->kind == DX_ITEM_ARCHIVE ? strlen(item->path) : 0;
        if (n && strncmp(file, item->path, n) == 0 && strncmp(file + n, "!/", 2) == 0) {
            return true;
        }
    }
    return false;
}

void dx_lint_emit(void *user, const struct dx_finding *f)
{
    struct dext_lint *l = user;
    struct dext_finding pub = f->pub;
    if (pub.edit_count && strstr(pub.file, "!/") && in_archive(l, pub.file)) {
        pub.edit_count = 0;
    }
    if (pub.severity == DEXT_ERROR) {
        dx_lint_note_error(l, f);
    }
    l->opt.on_finding(l->opt.user, &pub);
}

void dx_lint_tell(struct dext_lint *l, const char *file, const char *kind,
                  enum dext_input_status status, const char *reason)
{
    struct dext_input in = {file, kind, status, reason ? reason : ""};
    l->unreadable = l->unreadable || status == DEXT_UNREADABLE;
    l->opt.on_input(l->opt.user, &in);
}

void dx_lint_progress(struct dext_lint *l)
{
    l->done++;
    if (l->opt.on_progress && !l->stopped) {
        l->opt.on_progress(l->opt.user, l->done, l->items.count);
    }
}

void dext_lint_stop(struct dext_lint *l)
{
    l->stopped = true;
}

static const char *kind_name(enum dx_doc_kind kind)
{
    switch (kind) {
    case DX_DOC_DEXT_INFO:
        return "info-plist";
    case DX_DOC_KEXT_INFO:
        return "kext-info-plist";
    case DX_DOC_APP_INFO:
    case DX_DOC_OTHER_INFO:
        return "other-info-plist";
    case DX_DOC_ENTITLEMENTS:
        return "entitlements";
    case DX_DOC_PROFILE:
        return "profile";
    case DX_DOC_PROJECT:
        return "project";
    default:
        return "other";
    }
}

/* ---- reading ------------------------------------------------------------------------------ */

static struct dx_doc *profile_doc(struct dext_lint *l, struct dx_source *src)
{
    struct dx_profile *p;
    if (dx_profile_parse(&p, l->ctx, src) != DEXT_OK) {
        dx_lint_tell(l, src->path, "profile", DEXT_UNREADABLE, dext_ctx_error(l->ctx));
        dext_ctx_clear(l->ctx);
        return NULL;
    }
    struct dx_doc *doc = dx_alloc(&l->ctx->arena, sizeof *doc);
    doc->path = src->path;
    doc->kind = DX_DOC_PROFILE;
    doc->why_kind = "a provisioning profile";
    doc->profile = &p->pub;
    doc->pl = dx_alloc(&l->ctx->arena, sizeof *doc->pl);
    return doc;
}

/* Loads one document. NULL when it could not be opened; told then. */
struct dx_doc *dx_lint_load(struct dext_lint *l, const struct dx_item *item)
{
    struct dx_source src = item->bytes;
    dext_ctx_clear(l->ctx);
    const struct dx_file *member = item->files ? dx_file_shown(item->files, item->path) : NULL;
    const struct dx_overlay_text *text = dx_overlay_find(l->ctx, item->path);
    if (text) {
        src = dx_source_bytes(item->path, text->data, text->size);
    } else if (member ? dx_files_read(&src, l->ctx, member) != DEXT_OK
                      : item->kind != DX_ITEM_BYTES &&
                            dx_source_read(&src, l->ctx, item->path) != DEXT_OK) {
        dx_lint_tell(l, item->path, "other", DEXT_UNREADABLE, dext_ctx_error(l->ctx));
        dext_ctx_clear(l->ctx);
        return NULL;
    }
    if (dx_path_kind(item->path) == DX_PATH_PROFILE) {
        return profile_doc(l, &src);
    }
    struct dx_doc *doc = dx_alloc(&l->ctx->arena, sizeof *doc);
    doc->path = item->path;
    doc->pl = dx_plist_load(l->ctx, &src);
    doc->kind = dx_doc_classify(item->path, doc->pl, &doc->why_kind);
    dx_lint_settle_kind(l, doc);
    return doc;
}

static bool lint_speaks_of_drivers(const struct dx_doc *doc)
{
    struct dx_str s = {doc->pl->src.data, doc->pl->src.size};
    return dx_str_contains(s, "IOKitPersonalities") || dx_str_contains(s, "developer.driverkit") ||
           dx_str_contains(s, "IOUserClass");
}

/* Why a document is not whole, as "PATH:LINE:COL: reason", or NULL. */
static const char *lint_broken(struct dext_lint *l, const struct dx_doc *doc)
{
    if (doc->pl->stopped) {
        return doc->pl->reason;
    }
    const struct dx_problem_at *p = dx_first_break(doc->pl);
    return p ? dx_sprintf(&l->ctx->arena, "%s:%u:%u: %s", doc->path, p->at.line, p->at.column,
                          p->text)
             : NULL;
}

static bool is_checked_kind(enum dx_doc_kind kind)
{
    return kind == DX_DOC_DEXT_INFO || kind == DX_DOC_KEXT_INFO || kind == DX_DOC_ENTITLEMENTS;
}

/* Tells what becomes of a document; true when it is to be checked. */
static bool announce(struct dext_lint *l, const struct dx_item *item, const struct dx_doc *doc)
{
    const char *why = lint_broken(l, doc);
    bool driver = is_checked_kind(doc->kind) || lint_speaks_of_drivers(doc);
    if (why && !driver && !item->named) {
        dx_lint_tell(
            l, doc->path, "other", DEXT_SKIPPED,
            dx_sprintf(&l->ctx->arena, "no property list that speaks of drivers (%s)", why));
        return false;
    }
    if (why) {
        dx_lint_tell(l, doc->path, kind_name(doc->kind), DEXT_UNREADABLE, why);
        return driver || !doc->pl->root || doc->pl->problems;
    }
    if (!is_checked_kind(doc->kind)) {
        dx_lint_tell(l, doc->path, kind_name(doc->kind), DEXT_SKIPPED, doc->why_kind);
        return false;
    }
    dx_lint_tell(l, doc->path, kind_name(doc->kind), DEXT_CHECKED, "");
    return true;
}

/* ---- units -------------------------------------------------------------------------------- */

void dx_lint_doc(struct dext_lint *l, const struct dx_item *item, const struct dx_doc *doc,
                 const struct dx_doc *const *beside, size_t beside_count)
{
    if (doc->profile) {
        struct dx_unit unit = {.profile = doc->profile, .now = l->opt.now};
        dx_lint_tell(l, doc->path, "profile", DEXT_CHECKED, "");
        dx_check_unit(l->ctx, &unit, dx_lint_emit, l);
        return;
    }
    if (!announce(l, item, doc)) {
        return;
    }
    if (doc->kind == DX_DOC_DEXT_INFO || doc->kind == DX_DOC_KEXT_INFO) {
        dx_lint_info(l, doc, beside, beside_count);
    } else {
        dx_lint_claims(l, doc);
    }
}

static void check_bundle_item(struct dext_lint *l, const struct dx_item *item,
                              const struct dx_build *build)
{
    struct dx_unit unit = {.built = true, .now = l->opt.now};
    const struct dx_doc *claims;
    struct dx_bundle *b = dx_bundle_open(l->ctx, item->files, item->path, item->host);
    struct dx_doc *info = NULL;
    if (b->info_path) {
        struct dx_item plist = {.path = b->info_path, .named = true, .files = item->files};
        info = dx_lint_load(l, &plist);
        if (info) {
            info->kind = DX_DOC_DEXT_INFO;
            info->why_kind = "Info.plist of a driver extension";
            (void)announce(l, &plist, info);
        }
    }
    if (b->host_info) {
        struct dx_item plist = {.path = b->host_info, .files = item->files};
        unit.host_info = dx_lint_load(l, &plist);
    }
    const struct dext_node *exec =
        info ? dx_get_kind(info->pl->root, "CFBundleExecutable", DEXT_STRING) : NULL;
    if (exec && dx_is_literal(exec)) {
        b->executable = dx_path_join(l->ctx, b->path, exec->text.p);
        if (b->deep && !dx_is_file_in(l->ctx, item->files, b->executable)) {
            b->executable = dx_path_join(
                l->ctx, b->path, dx_sprintf(&l->ctx->arena, "Contents/MacOS/%s", exec->text.p));
        }
        b->executable_there = dx_is_file_in(l->ctx, item->files, b->executable);
    }
    unit.bundle = b;
    unit.info = info;
    const struct dext_code *code = dx_build_code(build, b->path);
    if (code) {
        dx_build_fill(build, l->ctx, &unit, code, &claims);
    }
    if (dx_is_folder_in(l->ctx, item->files, b->path)) {
        dx_lint_tell(l, b->path, "bundle", DEXT_CHECKED, "");
        dx_check_unit(l->ctx, &unit, dx_lint_emit, l);
    }
}

/* The app around drivers has a signature and a profile of its own. */
static void check_app(struct dext_lint *l, const struct dx_build *build,
                      const struct dext_code *app)
{
    struct dx_unit unit = {.built = true, .now = l->opt.now};
    const struct dx_doc *claims;
    dx_build_fill(build, l->ctx, &unit, app, &claims);
    dx_check_unit(l->ctx, &unit, dx_lint_emit, l);
}

static bool same_build(const struct dx_item *a, const struct dx_item *b)
{
    return b->kind == DX_ITEM_DEXT && a->files == b->files &&
           (a->files || (a->host && b->host && strcmp(a->host, b->host) == 0));
}

/* The drivers of one app or archive, which is read and verified once. Returns how many. */
static size_t lint_check_build(struct dext_lint *l, const struct dx_item *items, size_t count)
{
    struct dx_build build;
    const struct dext_code *last = NULL;
    size_t n = 0;
    dx_build_read(&build, l->ctx, items->files, items->host ? items->host : items->path);
    do {
        const struct dext_code *code = dx_build_code(&build, items[n].path);
        const struct dext_code *app = code ? dx_build_host(&build, code) : NULL;
        if (app && app != last) {
            check_app(l, &build, app);
            last = app;
        }
        check_bundle_item(l, &items[n], &build);
        dx_lint_progress(l);
        n++;
    } while (n < count && same_build(items, &items[n]));
    return n;
}

static bool is_loose(const struct dx_item *item)
{
    return item->kind == DX_ITEM_FILE || item->kind == DX_ITEM_BYTES;
}

/* What could not be told on the way is an input that could not be read: it stands in every format.
 */
static void lint_tell_unread(struct dext_lint *l)
{
    for (size_t i = 0; i < dext_ctx_unread_count(l->ctx); i++) {
        struct dext_unread u;
        dext_ctx_unread_parts(l->ctx, i, &u);
        dx_lint_tell(l, u.file ? u.file : "", "other", DEXT_UNREADABLE, dext_ctx_unread(l->ctx, i));
    }
}

int dext_lint_run(struct dext_lint *l)
{
    struct dx_items *all = &l->items;
    struct dx_item **loose = dx_calloc(&l->ctx->arena, all->count + 1, sizeof *loose);
    size_t loose_count = 0;
    bool alone = false;
    for (size_t i = 0; i < all->count && !l->stopped; i++) {
        struct dx_item *item = &all->list[i];
        if (item->kind == DX_ITEM_PROJECT) {
            dx_lint_read_project(l, item);
        } else if (item->kind == DX_ITEM_REFUSED) {
            dx_lint_tell(l, item->path, "other", DEXT_UNREADABLE, item->reason);
            dx_lint_progress(l);
        } else if (item->kind == DX_ITEM_ARCHIVE) {
            dx_lint_tell(l, item->path, "archive", item->reason[0] ? DEXT_SKIPPED : DEXT_CHECKED,
                         item->reason);
            dx_lint_progress(l);
        } else if (is_loose(item)) {
            loose[loose_count++] = item;
            alone = alone || (item->named && item->kind == DX_ITEM_FILE);
        }
    }
    l->asked = l->project_count;
    for (size_t i = 0; alone && i < loose_count && !l->stopped; i++) {
        if (loose[i]->named && loose[i]->kind == DX_ITEM_FILE) {
            dx_lint_seek_projects(l, loose[i]);
        }
    }
    if (loose_count) {
        dx_lint_loose(l, loose, loose_count);
    }
    for (size_t i = 0; i < all->count && !l->stopped;) {
        struct dx_mark mark = dx_arena_mark(&l->ctx->arena);
        bool dext = all->list[i].kind == DX_ITEM_DEXT;
        i += dext ? lint_check_build(l, &all->list[i], all->count - i) : 1;
        dx_arena_rewind(&l->ctx->arena, mark);
    }
    if (l->stopped) {
        return DEXT_E_LIMIT;
    }
    dx_lint_written(l);
    dx_lint_tell_products(l);
    lint_tell_unread(l);
    return l->unreadable ? DEXT_E_IO : DEXT_OK;
}
