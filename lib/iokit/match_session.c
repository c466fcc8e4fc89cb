/* Where the personalities come from: Info.plists, bundles, folders, or a property list that is a
 * personality by itself. */
#include "iokit/match_session.h"

#include <string.h>

#include "bundle/bundle.h"
#include "iokit/reg_view.h"

struct dext_match *dext_match_new(struct dext_ctx *ctx)
{
    struct dext_match *m = dx_alloc(&ctx->arena, sizeof *m);
    m->ctx = ctx;
    return m;
}

/* ---- the dump ------------------------------------------------------------------------------ */

void dext_match_use(struct dext_match *m, struct dext_registry *r)
{
    m->reg = r->w.reg;
    m->world = r->w;
}

int dext_match_parse_dump(struct dext_match *m, const char *name, const void *data, size_t size)
{
    struct dext_registry *r;
    int rc = dext_registry_parse(&r, m->ctx, name, data, size);
    if (rc == DEXT_OK) {
        dext_match_use(m, r);
    }
    return rc;
}

/* ---- personalities ------------------------------------------------------------------------- */

static void add_one(struct dext_match *m, const char *file, const char *name,
                    const struct dext_node *dict)
{
    struct dx_mp *mp = dx_alloc(&m->ctx->arena, sizeof *mp);
    dx_mp_init(mp, m->ctx, file, name, dict, m->count);
    *DX_PUSH(&m->ctx->arena, m->list, m->count, m->cap) = mp;
}

static bool match_session_is_personality(const struct dext_node *n)
{
    return n && n->kind == DEXT_DICT && (dx_get(n, "IOProviderClass") || dx_get(n, "IOClass"));
}

/* The dictionaries of IOKitPersonalities. */
static size_t add_all(struct dext_match *m, const char *file, const struct dext_node *all,
                      bool strict)
{
    size_t before = m->count;
    for (const struct dext_node *p = all->child; p; p = p->next) {
        if (p->kind == DEXT_DICT && !p->overridden &&
            (!strict || match_session_is_personality(p))) {
            add_one(m, file, p->key.p, p);
        }
    }
    return m->count - before;
}

static const char *stem(struct dx_arena *a, const char *file)
{
    const char *name = dx_path_name(file), *dot = strrchr(name, '.');
    return dot && dot > name ? dx_strndup(a, name, (size_t)(dot - name)) : name;
}

static size_t add_tree(struct dext_match *m, const char *file, const struct dext_node *root)
{
    if (!root || root->kind != DEXT_DICT) {
        return 0;
    }
    const struct dext_node *all = dx_get_kind(root, "IOKitPersonalities", DEXT_DICT);
    if (all) {
        return add_all(m, file, all, false);
    }
    if (match_session_is_personality(root)) {
        add_one(m, file, stem(&m->ctx->arena, file), root);
        return 1;
    }
    return add_all(m, file, root, true);
}

/* named: the user asked for this very file, so that it is wrong when there is nothing in it. */
static int match_session_add_source(struct dext_match *m, const struct dx_source *src, bool named)
{
    struct dext_plist *pl = dx_plist_load(m->ctx, src);
    const struct dx_problem_at *broken = dx_first_break(pl);
    const char *words;
    if (!named && !dx_str_contains((struct dx_str){src->data, src->size}, "IOKitPersonalities")) {
        return DEXT_OK; /* whatever is wrong with it, it is no driver's */
    }
    if (pl->stopped || broken) {
        return broken ? dx_fail(m->ctx, DEXT_E_FORMAT, "%s:%u:%u: %s", src->path, broken->at.line,
                                broken->at.column, broken->text)
                      : dx_fail(m->ctx, DEXT_E_FORMAT, "%s", pl->reason);
    }
    enum dx_doc_kind kind = dx_doc_classify(src->path, pl, &words);
    if (!named && kind != DX_DOC_DEXT_INFO && kind != DX_DOC_KEXT_INFO) {
        return DEXT_OK;
    }
    if (add_tree(m, src->path, pl->root) == 0 && named) {
        return dx_fail(m->ctx, DEXT_E_NOTFOUND, "%s: no personality in it (%s)", src->path, words);
    }
    return DEXT_OK;
}

/* files: of the archive that path stands in, or NULL. */
static int match_session_add_file(struct dext_match *m, const struct dx_files *files,
                                  const char *path, bool named)
{
    struct dx_source src;
    const struct dx_file *member = files ? dx_file_shown(files, path) : NULL;
    int rc = member ? dx_files_read(&src, m->ctx, member) : dx_source_read(&src, m->ctx, path);
    return rc == DEXT_OK ? match_session_add_source(m, &src, named) : rc;
}

static int add_item(struct dext_match *m, const struct dx_item *item)
{
    switch (item->kind) {
    case DX_ITEM_FILE:
        return match_session_add_file(m, item->files, item->path, item->named);
    case DX_ITEM_DEXT: {
        struct dx_bundle *b = dx_bundle_open(m->ctx, item->files, item->path, item->host);
        return b->info_path ? match_session_add_file(m, item->files, b->info_path, true)
                            : dx_fail(m->ctx, DEXT_E_FORMAT, "%s: no Info.plist in it", item->path);
    }
    case DX_ITEM_REFUSED:
        return dx_fail(m->ctx, DEXT_E_IO, "%s", item->reason);
    default:
        return DEXT_OK;
    }
}

int dext_match_add_path(struct dext_match *m, const char *path)
{
    struct dx_items items = {0};
    struct dx_walk_options opt = {0};
    size_t before = m->count;
    int rc = DEXT_OK;
    const char *why = NULL;
    dx_items_add(&items, m->ctx, path, &opt);
    for (size_t i = 0; i < items.count; i++) {
        int one = add_item(m, &items.list[i]);
        if (one != DEXT_OK && rc == DEXT_OK) {
            rc = one;
            why = dx_strdup(&m->ctx->arena, dext_ctx_error(m->ctx));
        }
        dext_ctx_clear(m->ctx); /* reading the next one may leave a text behind as well */
    }
    if (rc != DEXT_OK) {
        return dx_fail(m->ctx, (enum dext_status)rc, "%s", why);
    }
    if (m->count == before) {
        return dx_fail(m->ctx, DEXT_E_NOTFOUND, "%s: no personality in it", path);
    }
    return DEXT_OK;
}

int dext_match_add_bytes(struct dext_match *m, const char *name, const void *data, size_t size)
{
    struct dx_arena *a = &m->ctx->arena;
    struct dx_source src = dx_source_bytes(dx_strdup(a, name), dx_strndup(a, data, size), size);
    return match_session_add_source(m, &src, true);
}

/* ---- nodes --------------------------------------------------------------------------------- */

size_t dx_select(const struct dext_match *m, const char *selector, const struct dx_reg_node **out,
                 size_t max)
{
    size_t found = dx_select_word(&m->world, selector, DX_BY_BUNDLE, out, max);
    return found ? found : dx_select_pair(&m->world, selector, out, max);
}

#define MOST_LOOKED_AT 64

const struct dx_reg_node *dx_select_for(const struct dext_match *m, const char *selector,
                                        const char *family)
{
    const struct dx_reg_node *nodes[MOST_LOOKED_AT] = {NULL};
    size_t count = dx_select(m, selector, nodes, MOST_LOOKED_AT);
    for (size_t i = 0; i < count && i < MOST_LOOKED_AT; i++) {
        if (dx_suggest_fits(&m->world, nodes[i], family)) {
            return nodes[i];
        }
    }
    return nodes[0];
}

int dx_no_node(const struct dext_match *m, const char *selector)
{
    const char *near = dx_select_nearest(&m->world, selector);
    return dx_fail(m->ctx, DEXT_E_NOTFOUND, "%s: no node of this name, id or class%s%s%s", selector,
                   near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}
