/* A lint session: what was added is sorted into projects, bundles and loose files, and each driver
 * becomes one unit for the engine. Trees live only as long as the folder they belong to. */
#include "dext/lint.h"

#include <stdlib.h>
#include <string.h>

#include "rules/build.h"
#include "sign/profile.h"

struct dext_lint {
    struct dext_ctx *ctx;
    struct dext_lint_options opt;
    struct dx_items items;
    struct dx_project **projects;
    size_t project_count, project_cap;
    size_t done;
    bool unreadable;
};

struct dext_lint *dext_lint_new(struct dext_ctx *ctx, const struct dext_lint_options *options)
{
    struct dext_lint *l = dx_alloc(&ctx->arena, sizeof *l);
    l->ctx = ctx;
    l->opt = *options;
    return l;
}

void dext_lint_free(struct dext_lint *l)
{
    (void)l; /* lives in the context's arena */
}

void dext_lint_add_path(struct dext_lint *l, const char *path)
{
    struct dx_walk_options opt = {l->opt.excludes, l->opt.no_ignore};
    dx_items_add(&l->items, l->ctx, path, &opt);
}

void dext_lint_add_bytes(struct dext_lint *l, const char *name, const void *data, size_t size)
{
    struct dx_arena *a = &l->ctx->arena;
    struct dx_item *item = DX_PUSH(a, l->items.list, l->items.count, l->items.cap);
    *item = (struct dx_item){.path = dx_strdup(a, name), .kind = DX_ITEM_BYTES, .named = true};
    item->bytes = dx_source_bytes(item->path, dx_strndup(a, data, size), size);
    item->order = l->items.count;
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

static void emit(void *user, const struct dx_finding *f)
{
    struct dext_lint *l = user;
    struct dext_finding pub = f->pub;
    if (pub.edit_count && strstr(pub.file, "!/") && in_archive(l, pub.file)) {
        pub.edit_count = 0;
    }
    l->opt.on_finding(l->opt.user, &pub);
}

static void tell(struct dext_lint *l, const char *file, const char *kind,
                 enum dext_input_status status, const char *reason)
{
    struct dext_input in = {file, kind, status, reason ? reason : ""};
    l->unreadable = l->unreadable || status == DEXT_UNREADABLE;
    l->opt.on_input(l->opt.user, &in);
}

static void progress(struct dext_lint *l)
{
    l->done++;
    if (l->opt.on_progress) {
        l->opt.on_progress(l->opt.user, l->done, l->items.count);
    }
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

/* A file that is a profile by its name: a signed message around a property list. */
static bool is_profile(const char *path)
{
    struct dx_str name = dx_str(path);
    return dx_str_has_suffix(name, ".provisionprofile") ||
           dx_str_has_suffix(name, ".mobileprovision");
}

static struct dx_doc *profile_doc(struct dext_lint *l, struct dx_source *src)
{
    struct dx_profile *p;
    if (dx_profile_parse(&p, l->ctx, src) != DEXT_OK) {
        tell(l, src->path, "profile", DEXT_UNREADABLE, dext_ctx_error(l->ctx));
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
static struct dx_doc *load(struct dext_lint *l, const struct dx_item *item)
{
    struct dx_source src = item->bytes;
    dext_ctx_clear(l->ctx);
    const struct dx_file *member = item->files ? dx_file_shown(item->files, item->path) : NULL;
    if (member
            ? dx_files_read(&src, l->ctx, member) != DEXT_OK
            : item->kind != DX_ITEM_BYTES && dx_source_read(&src, l->ctx, item->path) != DEXT_OK) {
        tell(l, item->path, "other", DEXT_UNREADABLE, dext_ctx_error(l->ctx));
        dext_ctx_clear(l->ctx);
        return NULL;
    }
    if (is_profile(item->path)) {
        return profile_doc(l, &src);
    }
    struct dx_doc *doc = dx_alloc(&l->ctx->arena, sizeof *doc);
    doc->path = item->path;
    doc->pl = dx_plist_load(l->ctx, &src);
    doc->kind = dx_doc_classify(item->path, doc->pl, &doc->why_kind);
    return doc;
}

static bool speaks_of_drivers(const struct dx_doc *doc)
{
    struct dx_str s = {doc->pl->src.data, doc->pl->src.size};
    return dx_str_contains(s, "IOKitPersonalities") || dx_str_contains(s, "developer.driverkit") ||
           dx_str_contains(s, "IOUserClass");
}

/* Why a document is not whole, as "PATH:LINE:COL: reason", or NULL. */
static const char *broken(struct dext_lint *l, const struct dx_doc *doc)
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
    const char *why = broken(l, doc);
    bool driver = is_checked_kind(doc->kind) || speaks_of_drivers(doc);
    if (why && !driver && !item->named) {
        tell(l, doc->path, "other", DEXT_SKIPPED,
             dx_sprintf(&l->ctx->arena, "no property list that speaks of drivers (%s)", why));
        return false;
    }
    if (why) {
        tell(l, doc->path, kind_name(doc->kind), DEXT_UNREADABLE, why);
        return driver || !doc->pl->root || doc->pl->problems;
    }
    if (!is_checked_kind(doc->kind)) {
        tell(l, doc->path, kind_name(doc->kind), DEXT_SKIPPED, doc->why_kind);
        return false;
    }
    tell(l, doc->path, kind_name(doc->kind), DEXT_CHECKED, "");
    return true;
}

/* ---- projects ----------------------------------------------------------------------------- */

static void read_project(struct dext_lint *l, const struct dx_item *item)
{
    struct dx_project *project;
    struct dx_doc *doc = load(l, item);
    progress(l);
    if (!doc) {
        return;
    }
    if (doc->pl->stopped) {
        tell(l, item->path, "project", DEXT_UNREADABLE, doc->pl->reason);
        return;
    }
    dext_ctx_clear(l->ctx);
    if (dx_project_read(&project, l->ctx, doc) != DEXT_OK) {
        tell(l, item->path, "project", DEXT_UNREADABLE, dext_ctx_error(l->ctx));
        dext_ctx_clear(l->ctx);
        return;
    }
    *DX_PUSH(&l->ctx->arena, l->projects, l->project_count, l->project_cap) = project;
    tell(l, item->path, "project", DEXT_CHECKED, "");
}

static const struct dx_config *preferred_config(const struct dx_project_target *target)
{
    for (size_t i = 0; i < target->config_count; i++) {
        if (strcmp(target->configs[i].name, "Release") == 0) {
            return &target->configs[i];
        }
    }
    return target->config_count ? &target->configs[target->config_count - 1] : NULL;
}

static void find_target(struct dext_lint *l, struct dx_unit *unit, const char *info_path)
{
    for (size_t i = 0; i < l->project_count && !unit->target; i++) {
        unit->target = dx_project_target_of(l->ctx, l->projects[i], info_path);
        if (unit->target) {
            unit->project = l->projects[i];
            unit->config = preferred_config(unit->target);
        }
    }
}

/* The entitlements files that the configurations of the unit's target sign with. */
static void target_entitlements(struct dext_lint *l, struct dx_unit *unit,
                                const struct dx_doc **out, size_t *count, size_t max)
{
    for (size_t i = 0; unit->target && i < unit->target->config_count; i++) {
        struct dx_str name;
        if (!dx_setting_value(l->ctx, unit->project, unit->target, &unit->target->configs[i],
                              "CODE_SIGN_ENTITLEMENTS", &name) ||
            name.n == 0 || *count >= max) {
            continue;
        }
        const char *path = dx_strndup(&l->ctx->arena, name.p, name.n);
        path = path[0] == '/' ? path : dx_path_join(l->ctx, unit->project->source, path);
        bool known = false;
        for (size_t k = 0; k < *count; k++) {
            known = known || strcmp(out[k]->path, path) == 0;
        }
        if (!known && dx_is_file(path)) {
            struct dx_item item = {.path = path};
            struct dx_doc *doc = load(l, &item);
            if (doc) {
                out[(*count)++] = doc;
            }
        }
    }
}

/* ---- units -------------------------------------------------------------------------------- */

static void check_entitlements_alone(struct dext_lint *l, const struct dx_doc *doc)
{
    struct dx_unit unit = {0};
    dx_check_doc(l->ctx, &unit, doc, emit, l);
}

static void check_info(struct dext_lint *l, const struct dx_doc *info,
                       const struct dx_doc *const *beside, size_t beside_count)
{
    const struct dx_doc *entitlements[16];
    struct dx_unit unit = {.info = info, .entitlements = entitlements};
    for (size_t i = 0; i < beside_count && i < 8; i++) {
        entitlements[unit.entitlement_count++] = beside[i];
    }
    find_target(l, &unit, info->path);
    if (unit.target) {
        unit.entitlement_count = 0; /* the project knows better than the folder */
        target_entitlements(l, &unit, entitlements, &unit.entitlement_count, 16);
    }
    unit.built = strstr(info->path, ".dext/") != NULL;
    dx_check_unit(l->ctx, &unit, emit, l);
}

static void check_doc(struct dext_lint *l, const struct dx_item *item, const struct dx_doc *doc,
                      const struct dx_doc *const *beside, size_t beside_count)
{
    if (doc->profile) {
        struct dx_unit unit = {.profile = doc->profile, .now = l->opt.now};
        tell(l, doc->path, "profile", DEXT_CHECKED, "");
        dx_check_unit(l->ctx, &unit, emit, l);
        return;
    }
    if (!announce(l, item, doc)) {
        return;
    }
    if (doc->kind == DX_DOC_DEXT_INFO || doc->kind == DX_DOC_KEXT_INFO) {
        check_info(l, doc, beside, beside_count);
    } else {
        check_entitlements_alone(l, doc);
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
        info = load(l, &plist);
        if (info) {
            info->kind = DX_DOC_DEXT_INFO;
            info->why_kind = "Info.plist of a driver extension";
            (void)announce(l, &plist, info);
        }
    }
    if (b->host_info) {
        struct dx_item plist = {.path = b->host_info, .files = item->files};
        unit.host_info = load(l, &plist);
    }
    const struct dext_node *exec =
        info ? dx_get_kind(info->pl->root, "CFBundleExecutable", DEXT_STRING) : NULL;
    if (exec && dx_is_literal(exec)) {
        b->executable = dx_path_join(l->ctx, b->path, exec->text.p);
        if (b->deep && !dx_is_file_in(item->files, b->executable)) {
            b->executable = dx_path_join(
                l->ctx, b->path, dx_sprintf(&l->ctx->arena, "Contents/MacOS/%s", exec->text.p));
        }
        b->executable_there = dx_is_file_in(item->files, b->executable);
    }
    unit.bundle = b;
    unit.info = info;
    const struct dext_code *code = dx_build_code(build, b->path);
    if (code) {
        dx_build_fill(build, l->ctx, &unit, code, &claims);
    }
    if (dx_is_folder_in(item->files, b->path)) {
        tell(l, b->path, "bundle", DEXT_CHECKED, "");
        dx_check_unit(l->ctx, &unit, emit, l);
    }
}

/* The app around drivers has a signature and a profile of its own. */
static void check_app(struct dext_lint *l, const struct dx_build *build,
                      const struct dext_code *app)
{
    struct dx_unit unit = {.built = true, .now = l->opt.now};
    const struct dx_doc *claims;
    dx_build_fill(build, l->ctx, &unit, app, &claims);
    dx_check_unit(l->ctx, &unit, emit, l);
}

static bool same_build(const struct dx_item *a, const struct dx_item *b)
{
    return b->kind == DX_ITEM_DEXT && a->files == b->files &&
           (a->files || (a->host && b->host && strcmp(a->host, b->host) == 0));
}

/* The drivers of one app or archive, which is read and verified once. Returns how many. */
static size_t check_build(struct dext_lint *l, const struct dx_item *items, size_t count)
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
        progress(l);
        n++;
    } while (n < count && same_build(items, &items[n]));
    return n;
}

static bool is_loose(const struct dx_item *item)
{
    return item->kind == DX_ITEM_FILE || item->kind == DX_ITEM_BYTES;
}

/* Files of one folder that is small enough to be seen as a whole: with exactly one driver in it,
 * the entitlements beside belong to that driver. */
static void check_folder(struct dext_lint *l, struct dx_item **items, size_t count)
{
    struct dx_doc **docs = dx_calloc(&l->ctx->arena, count, sizeof *docs);
    const struct dx_doc **beside = dx_calloc(&l->ctx->arena, count, sizeof *beside);
    size_t drivers = 0, beside_count = 0;
    for (size_t i = 0; i < count; i++) {
        docs[i] = load(l, items[i]);
        drivers += docs[i] && docs[i]->kind == DX_DOC_DEXT_INFO;
        if (docs[i] && docs[i]->kind == DX_DOC_ENTITLEMENTS) {
            beside[beside_count++] = docs[i];
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (docs[i]) {
            check_doc(l, items[i], docs[i], beside, drivers == 1 ? beside_count : 0);
        }
        progress(l);
    }
}

static void check_one(struct dext_lint *l, struct dx_item *item)
{
    struct dx_doc *doc = load(l, item);
    if (doc) {
        check_doc(l, item, doc, NULL, 0);
    }
    progress(l);
}

#define SMALL_FOLDER 64

static int by_folder(const void *x, const void *y)
{
    const struct dx_item *a = *(struct dx_item *const *)x, *b = *(struct dx_item *const *)y;
    const char *sa = strrchr(a->path, '/'), *sb = strrchr(b->path, '/');
    struct dx_str da = {a->path, sa ? (size_t)(sa - a->path) : 0};
    struct dx_str db = {b->path, sb ? (size_t)(sb - b->path) : 0};
    int c = dx_str_cmp(da, db);
    return c ? c : strcmp(a->path, b->path);
}

static bool same_folder(const struct dx_item *a, const struct dx_item *b)
{
    size_t n = (size_t)(dx_path_name(a->path) - a->path);
    size_t m = (size_t)(dx_path_name(b->path) - b->path);
    return n == m && memcmp(a->path, b->path, n) == 0;
}

static void check_loose(struct dext_lint *l, struct dx_item **items, size_t count)
{
    qsort(items, count, sizeof *items, by_folder);
    for (size_t i = 0; i < count;) {
        size_t n = 1;
        while (i + n < count && same_folder(items[i], items[i + n])) {
            n++;
        }
        struct dx_mark mark = dx_arena_mark(&l->ctx->arena);
        if (n <= SMALL_FOLDER) {
            check_folder(l, items + i, n);
            dx_arena_rewind(&l->ctx->arena, mark);
        } else {
            for (size_t k = 0; k < n; k++) {
                check_one(l, items[i + k]);
                dx_arena_rewind(&l->ctx->arena, mark);
            }
        }
        i += n;
    }
}

int dext_lint_run(struct dext_lint *l)
{
    struct dx_items *all = &l->items;
    struct dx_item **loose = dx_calloc(&l->ctx->arena, all->count + 1, sizeof *loose);
    size_t loose_count = 0;
    for (size_t i = 0; i < all->count; i++) {
        struct dx_item *item = &all->list[i];
        if (item->kind == DX_ITEM_PROJECT) {
            read_project(l, item);
        } else if (item->kind == DX_ITEM_REFUSED) {
            tell(l, item->path, "other", DEXT_UNREADABLE, item->reason);
            progress(l);
        } else if (item->kind == DX_ITEM_ARCHIVE) {
            tell(l, item->path, "archive", item->reason[0] ? DEXT_SKIPPED : DEXT_CHECKED,
                 item->reason);
            progress(l);
        } else if (is_loose(item)) {
            loose[loose_count++] = item;
        }
    }
    if (loose_count) {
        check_loose(l, loose, loose_count);
    }
    for (size_t i = 0; i < all->count;) {
        struct dx_mark mark = dx_arena_mark(&l->ctx->arena);
        bool dext = all->list[i].kind == DX_ITEM_DEXT;
        i += dext ? check_build(l, &all->list[i], all->count - i) : 1;
        dx_arena_rewind(&l->ctx->arena, mark);
    }
    return l->unreadable ? DEXT_E_IO : DEXT_OK;
}
