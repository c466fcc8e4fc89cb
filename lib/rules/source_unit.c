/* Which sources belong to a driver: the files that its target lists and the headers that these
 * include, or, without a project, the folder of the Info.plist. */
#include <string.h>

#include "base/path.h"
#include "project/project.h"
#include "rules/source.h"
#include "source/folder.h"

struct entry {
    const void *target; /* of a project, or NULL */
    const char *folder; /* without one; "" with */
    struct dx_cxx *code;
    struct dx_unit_sources sources;
};

/* Property lists come folder by folder, and folders beside each other: what was found of the last
 * one is what the next one would walk for again. */
struct near {
    const char *own;    /* folder of the Info.plist, or NULL: none yet */
    const char *folder; /* where its sources are; NULL: there are none */
    const char *above;  /* the folder above that was walked last, or NULL */
    bool top, iig;      /* of above: somebody builds from there; it has .iig files */
};

struct dx_source_cache {
    struct dext_ctx *ctx;
    struct dx_arena arena;
    struct entry *entries;
    size_t count, cap;
    struct near near;
    struct dx_request_set *requests;
};

struct dx_source_cache *dx_source_cache_new(struct dext_ctx *ctx)
{
    struct dx_source_cache *cache = dx_alloc(&ctx->arena, sizeof *cache);
    cache->ctx = ctx;
    return cache;
}

void dx_source_cache_free(struct dx_source_cache *cache)
{
    for (size_t i = 0; cache && i < cache->count; i++) {
        dx_cxx_free(cache->entries[i].code);
    }
    if (cache) {
        dx_requests_free(cache->requests);
        cache->requests = NULL;
        dx_arena_free(&cache->arena);
        cache->count = 0;
    }
}

/* What was read for that target, or, without one, for that folder. */
static struct entry *source_unit_entry(struct dx_source_cache *cache, const void *target,
                                       const char *folder)
{
    for (size_t i = cache->count; i-- > 0;) { /* mostly the last */
        struct entry *e = &cache->entries[i];
        if (e->target == target && strcmp(e->folder, folder) == 0) {
            return e;
        }
    }
    return NULL;
}

static bool has_iig(const struct dx_cxx_paths *p)
{
    for (size_t i = 0; i < p->count; i++) {
        if (dx_is_iig(p->list[i])) {
            return true;
        }
    }
    return false;
}

/* Somebody builds from here: what lies below belongs together. */
static bool is_top(struct dext_ctx *ctx, const char *folder)
{
    static const char *const marks[] = {".git",     "project.yml", "CMakeLists.txt",
                                        "Makefile", "meson.build", "Package.swift"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        const char *path = dx_path_join(ctx, folder, marks[i]);
        if (dx_is_file_or_folder(ctx, path)) {
            return true;
        }
    }
    return false;
}

/* The folder above is the top of a project with .iig files. out: what stands below it, where it was
 * walked now. */
static bool source_unit_above(struct dx_source_cache *cache, struct dx_cxx_paths *out,
                              const char *above)
{
    struct near *near = &cache->near;
    if (!near->above || strcmp(near->above, above) != 0) {
        near->above = dx_strdup(&cache->arena, above);
        near->top = is_top(cache->ctx, above);
        near->iig = false;
        if (near->top) {
            dx_cxx_below(out, cache->ctx, above);
            near->iig = has_iig(out);
        }
    } else if (near->iig && !source_unit_entry(cache, NULL, above)) {
        dx_cxx_below(out, cache->ctx, above);
    }
    return near->iig;
}

/* The folder of the Info.plist, or the one above where that is the top of a project: sources often
 * stand beside Resources/Info.plist. NULL: no sources. */
static const char *walk_near(struct dx_source_cache *cache, struct dx_cxx_paths *out,
                             const char *own)
{
    out->own = own;
    dx_cxx_below(out, cache->ctx, own);
    const char *above = dx_path_folder(cache->ctx, own);
    struct dx_cxx_paths wider = {.arena = out->arena, .own = own};
    if (has_iig(out) || !own[0] || strcmp(own, ".") == 0 ||
        !source_unit_above(cache, &wider, above)) {
        return out->count ? own : NULL;
    }
    *out = wider;
    return above;
}

/* ---- a target ------------------------------------------------------------------------------- */

/* Headers beside the files that include them; those of frameworks are elsewhere. */
static void add_headers(struct dext_ctx *ctx, struct dx_cxx *code)
{
    for (size_t i = 0; i < code->file_count && code->file_count < DX_CXX_MOST_FILES; i++) {
        const struct dx_cxx_file *f = code->files[i];
        for (size_t k = 0; k < f->include_count; k++) {
            struct dx_mark mark = dx_arena_mark(&ctx->arena);
            const char *name = dx_strndup(&ctx->arena, f->includes[k].p, f->includes[k].n);
            const char *path = dx_path_join(ctx, dx_path_folder(ctx, f->path), name);
            struct dx_str normal = dx_path_normal(ctx, dx_str(path));
            path = dx_strndup(&ctx->arena, normal.p, normal.n);
            if (dx_is_cxx(path) && !dx_cxx_has(code, path) && dx_is_file(ctx, path)) {
                dx_cxx_add(code, path);
            }
            dx_arena_rewind(&ctx->arena, mark);
        }
    }
}

static bool from_target(struct dx_source_cache *cache, struct dx_cxx_paths *out,
                        const struct dx_unit *unit, bool *whole)
{
    struct dx_sources files;
    dx_project_sources(&files, cache->ctx, unit->project, unit->target);
    for (size_t i = 0; i < files.count; i++) {
        if (dx_is_cxx(files.list[i])) {
            dx_cxx_keep(out, files.list[i]);
        }
    }
    *whole = files.whole && !out->cut;
    return out->count != 0;
}

/* ---- putting together ----------------------------------------------------------------------- */

static const struct dx_unit_sources *source_unit_known(struct dx_source_cache *cache,
                                                       const void *target, const char *folder)
{
    struct entry *e = source_unit_entry(cache, target, folder);
    if (!e) {
        return NULL;
    }
    e->sources.told = e->sources.told || !target; /* a target's builds are one driver */
    return &e->sources;
}

/* What is wrong in a file that several drivers are built from is said once. */
static void mark_told(const struct dx_source_cache *cache, struct dx_cxx *code)
{
    for (size_t i = 0; i < code->file_count; i++) {
        for (size_t k = 0; k < cache->count && !code->files[i]->told; k++) {
            code->files[i]->told = dx_cxx_has(cache->entries[k].code, code->files[i]->path);
        }
    }
}

/* Reads the files and keeps them for other units. */
static void source_unit_read(struct dx_source_cache *cache, struct dx_unit *unit, struct entry *e,
                             const struct dx_cxx_paths *paths, bool whole)
{
    struct dx_token_options opt = {.kernel = false};
    struct dx_cxx *code = dx_cxx_new(&opt);
    if (!code) {
        return;
    }
    code->ctx->texts = cache->ctx->texts;
    code->ctx->watch = cache->ctx->watch;
    for (size_t i = 0; i < paths->count; i++) {
        dx_cxx_add(code, paths->list[i]);
    }
    if (e->target) {
        add_headers(cache->ctx, code);
    }
    dx_unread_take(cache->ctx, code->ctx);
    if (paths->limited && has_iig(paths)) {
        dx_unread(cache->ctx,
                  "%s: not all sources below it are read: there are more than %d, or folders more "
                  "than %d deep",
                  dx_path_folder(cache->ctx, unit->info->path), DX_CXX_MOST_FILES, DX_CXX_DEEPEST);
    }
    mark_told(cache, code);
    e->sources.code = e->code = code;
    e->sources.whole = whole && !code->partial;
    struct entry *kept = DX_PUSH(&cache->arena, cache->entries, cache->count, cache->cap);
    *kept = *e;
    struct dx_unit_sources *copy = dx_alloc(&cache->ctx->arena, sizeof *copy);
    *copy = e->sources;
    unit->sources = copy;
}

/* Finds the sources below the folder of an Info.plist, unless that is where the last ones were
 * looked for. */
static void source_unit_seek(struct dx_source_cache *cache, struct dx_cxx_paths *paths,
                             const char *own)
{
    struct near *near = &cache->near;
    if (!near->own || strcmp(near->own, own) != 0) {
        const char *folder = walk_near(cache, paths, own);
        near->own = dx_strdup(&cache->arena, own);
        near->folder = folder ? dx_strdup(&cache->arena, folder) : NULL;
    } else if (near->folder && !source_unit_entry(cache, NULL, near->folder)) {
        (void)walk_near(cache, paths, own); /* it was only asked whether there are any */
    }
}

static void source_unit_near(struct dx_source_cache *cache, struct dx_unit *unit,
                             struct dx_cxx_paths *paths)
{
    const char *own = dx_path_folder(cache->ctx, unit->info->path);
    source_unit_seek(cache, paths, own);
    const char *folder = cache->near.folder;
    const struct dx_unit_sources *same = folder ? source_unit_known(cache, NULL, folder) : NULL;
    if (same || !paths->count) {
        unit->sources = same;
        return;
    }
    struct entry e = {.folder = folder};
    /* what was found above may be another driver's */
    source_unit_read(cache, unit, &e, paths, !paths->cut && folder && strcmp(own, folder) == 0);
}

bool dx_source_cache_has_none(const struct dx_source_cache *cache, const char *info)
{
    const struct near *near = &cache->near;
    size_t n = (size_t)(dx_path_name(info) - info);
    n -= n > 1; /* as dx_path_folder */
    return near->own && !near->folder && strncmp(near->own, info, n) == 0 && !near->own[n];
}

bool dx_source_cache_has(struct dx_source_cache *cache, const char *info)
{
    if (dx_source_cache_has_none(cache, info)) {
        return false;
    }
    struct dx_mark mark = dx_arena_mark(&cache->ctx->arena);
    struct dx_arena paths = {0};
    struct dx_cxx_paths list = {.arena = &paths};
    source_unit_seek(cache, &list, dx_path_folder(cache->ctx, info));
    dx_arena_free(&paths);
    dx_arena_rewind(&cache->ctx->arena, mark);
    return cache->near.folder != NULL;
}

void dx_source_cache_fill(struct dx_source_cache *cache, struct dx_unit *unit)
{
    if (unit->target) {
        unit->sources = source_unit_known(cache, unit->target, "");
    }
    if (!unit->sources) {
        struct dx_arena paths = {0};
        struct dx_cxx_paths list = {.arena = &paths};
        bool whole;
        if (unit->target && from_target(cache, &list, unit, &whole)) {
            struct entry e = {.target = unit->target, .folder = "", .sources.project = true};
            source_unit_read(cache, unit, &e, &list, whole);
        } else {
            source_unit_near(cache, unit, &list);
        }
        dx_arena_free(&paths);
    }
}

const struct dx_requests *dx_source_cache_requests(struct dx_source_cache *cache,
                                                   const struct dx_project *project,
                                                   const struct dx_project_target *target)
{
    return dx_requests_of(&cache->requests, &cache->arena, cache->ctx, project, target);
}
