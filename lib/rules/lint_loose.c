/* Files that are no part of a bundle, folder by folder. Where there are many and no project speaks
 * of them, folders are independent of each other and are checked by all processors; all but those
 * with sources, which several drivers may share, so that their order decides who tells of them. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/workers.h"
#include "rules/session.h"

/* Files of a larger folder are seen one by one: entitlements there belong to nobody. */
#define SMALL_FOLDER 64
/* Fewer are done before threads have begun. */
#define MANY_FILES 200

/* Some files of one folder. */
struct loose_part {
    struct dx_item **items;
    size_t count;
    bool whole;  /* they are all of a small folder */
    size_t left; /* from here on they are left to the main thread */
};

struct loose {
    struct dext_lint *l; /* of the main thread */
    struct loose_part *parts;
    size_t count, cap;
    struct dext_lint *workers;
    pthread_mutex_t lock; /* of the callbacks, and of what they count */
};

/* ---- one part ---------------------------------------------------------------------------------
 */

static struct dx_doc *loose_load(struct dext_lint *l, struct dx_item *item)
{
    struct dx_doc *doc = item->told ? NULL : dx_lint_load(l, item);
    item->told = !doc;
    return doc;
}

/* With exactly one driver in a folder, the entitlements beside belong to that driver. */
static bool loose_whole(struct dext_lint *l, const struct loose_part *p, bool worker)
{
    struct dx_arena *a = &l->ctx->arena;
    struct dx_doc **docs = dx_calloc(a, p->count, sizeof *docs);
    const struct dx_doc **beside = dx_calloc(a, p->count, sizeof *beside);
    size_t drivers = 0, beside_count = 0;
    for (size_t i = 0; i < p->count; i++) {
        docs[i] = loose_load(l, p->items[i]);
        if (worker && docs[i] && dx_lint_has_sources(l, docs[i])) {
            return false;
        }
        drivers += docs[i] && docs[i]->kind == DX_DOC_DEXT_INFO;
        if (docs[i] && docs[i]->kind == DX_DOC_ENTITLEMENTS) {
            beside[beside_count++] = docs[i];
        }
    }
    for (size_t i = 0; i < p->count; i++) {
        if (docs[i]) {
            dx_lint_doc(l, p->items[i], docs[i], beside, drivers == 1 ? beside_count : 0);
        }
        dx_lint_progress(l);
    }
    return true;
}

/* From p->left on; false: it stops before a driver with sources. */
static bool loose_singly(struct dext_lint *l, struct loose_part *p, bool worker)
{
    struct dx_mark mark = dx_arena_mark(&l->ctx->arena);
    for (; p->left < p->count; p->left++) {
        struct dx_item *item = p->items[p->left];
        struct dx_doc *doc = loose_load(l, item);
        if (doc && worker && dx_lint_has_sources(l, doc)) {
            return false;
        }
        if (doc) {
            dx_lint_doc(l, item, doc, NULL, 0);
        }
        dx_lint_progress(l);
        dx_arena_rewind(&l->ctx->arena, mark);
    }
    return true;
}

static void loose_check(struct dext_lint *l, struct loose_part *p, bool worker)
{
    struct dx_mark mark = dx_arena_mark(&l->ctx->arena);
    if (p->whole ? loose_whole(l, p, worker) : loose_singly(l, p, worker)) {
        p->left = p->count;
    }
    dx_arena_rewind(&l->ctx->arena, mark);
}

/* ---- what a worker tells ----------------------------------------------------------------------
 */

static void loose_on_finding(void *user, const struct dext_finding *f)
{
    struct loose *all = user;
    (void)pthread_mutex_lock(&all->lock);
    all->l->opt.on_finding(all->l->opt.user, f);
    (void)pthread_mutex_unlock(&all->lock);
}

static void loose_on_input(void *user, const struct dext_input *in)
{
    struct loose *all = user;
    (void)pthread_mutex_lock(&all->lock);
    all->l->opt.on_input(all->l->opt.user, in);
    (void)pthread_mutex_unlock(&all->lock);
}

static void loose_on_progress(void *user, size_t done, size_t total)
{
    struct loose *all = user;
    (void)done, (void)total; /* the worker's own */
    (void)pthread_mutex_lock(&all->lock);
    dx_lint_progress(all->l);
    (void)pthread_mutex_unlock(&all->lock);
}

/* ---- workers ----------------------------------------------------------------------------------
 */

static bool loose_worker_open(struct loose *all, struct dext_lint *own)
{
    struct dext_ctx *ctx = dext_ctx_new(&all->l->ctx->limits);
    if (!ctx) {
        return false;
    }
    *own = (struct dext_lint){.ctx = ctx,
                              .opt = all->l->opt,
                              .items = all->l->items,
                              .sources = dx_source_cache_new(ctx)};
    ctx->texts = all->l->ctx->texts;
    ctx->watch = all->l->ctx->watch;
    own->opt.user = all;
    own->opt.on_finding = loose_on_finding;
    own->opt.on_input = loose_on_input;
    own->opt.on_progress = loose_on_progress;
    return true;
}

static void loose_worker_close(struct loose *all, struct dext_lint *own)
{
    all->l->unreadable = all->l->unreadable || own->unreadable;
    dx_source_cache_free(own->sources);
    dx_arena_free(&own->keep);
    dx_unread_take(all->l->ctx, own->ctx);
    dext_ctx_free(own->ctx);
}

static void loose_work(void *user, unsigned worker, size_t i)
{
    struct loose *all = user;
    (void)pthread_mutex_lock(&all->lock);
    bool stopped = all->l->stopped;
    (void)pthread_mutex_unlock(&all->lock);
    if (!stopped) {
        loose_check(&all->workers[worker], &all->parts[i], true);
    }
}

static void loose_spread(struct loose *all, unsigned most)
{
    unsigned opened = 0;
    const size_t unread = dext_ctx_unread_count(all->l->ctx);
    dx_plist_prepare();
    (void)pthread_mutex_init(&all->lock, NULL);
    all->workers = dx_calloc(&all->l->ctx->arena, most, sizeof *all->workers);
    while (opened < most && loose_worker_open(all, &all->workers[opened])) {
        opened++;
    }
    if (opened) {
        dx_work_on(opened, all->count, loose_work, all);
    }
    for (unsigned i = 0; i < opened; i++) {
        loose_worker_close(all, &all->workers[i]);
    }
    dx_unread_sort(all->l->ctx, unread);
    (void)pthread_mutex_destroy(&all->lock);
}

/* ---- parts ------------------------------------------------------------------------------------
 */

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

static void loose_split(struct loose *all, struct dx_item **items, size_t count)
{
    struct dx_arena *a = &all->l->ctx->arena;
    for (size_t i = 0, n; i < count; i += n) {
        n = 1;
        while (i + n < count && same_folder(items[i], items[i + n])) {
            n++;
        }
        bool whole = n <= SMALL_FOLDER;
        for (size_t k = 0; k < n; k += SMALL_FOLDER) {
            size_t some = n - k < SMALL_FOLDER ? n - k : SMALL_FOLDER;
            *DX_PUSH(a, all->parts, all->count, all->cap) =
                (struct loose_part){.items = items + i + k, .count = some, .whole = whole};
        }
    }
}

void dx_lint_loose(struct dext_lint *l, struct dx_item **items, size_t count)
{
    struct loose all = {.l = l};
    qsort(items, count, sizeof *items, by_folder);
    loose_split(&all, items, count);
    unsigned workers = count < MANY_FILES || l->project_count ? 1 : dx_workers(l->opt.jobs);
    if (workers > 1) {
        loose_spread(&all, workers);
    }
    for (size_t i = 0; i < all.count && !l->stopped; i++) {
        if (all.parts[i].left < all.parts[i].count) {
            loose_check(l, &all.parts[i], false);
        }
    }
}
