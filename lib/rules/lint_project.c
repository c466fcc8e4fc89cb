/* Projects in a lint session: which builds an Info.plist or entitlements file has a part in, the
 * rules on each of them, and every finding told once. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "rules/session.h"

#define MOST_BUILDS 32 /* of one Info.plist */
#define MOST_CLAIMS 8

/* ---- builds ------------------------------------------------------------------------------- */

struct builds {
    struct dx_build_of list[MOST_BUILDS];
    size_t count;
};

static void add_builds(struct builds *all, const struct dx_project *p,
                       const struct dx_project_target *t)
{
    const struct dx_config *first = dx_config_named(t, "Release");
    for (size_t k = 0; first && k <= t->config_count && all->count < MOST_BUILDS; k++) {
        const struct dx_config *c = k ? &t->configs[k - 1] : first;
        if (!k || c != first) {
            all->list[all->count++] = (struct dx_build_of){p, t, c};
        }
    }
}

/* Every target and configuration that builds an Info.plist, what is released first. A project
 * specification counts only where no project does: the project was made of it. */
static void find_builds(struct dext_lint *l, struct builds *all, const char *path)
{
    all->count = 0;
    for (int generated = 0; generated < 2 && all->count == 0; generated++) {
        for (size_t i = 0; i < l->project_count; i++) {
            const struct dx_project *p = l->projects[i];
            const struct dx_project_target *t;
            for (size_t n = 0; p->generator == generated &&
                               (t = dx_project_target_of(l->ctx, p, path, n)) != NULL;
                 n++) {
                add_builds(all, p, t);
            }
        }
    }
}

static void builds_of(struct dext_lint *l, struct builds *all, const char *path)
{
    find_builds(l, all, path);
    size_t mark = all->count ? 0 : dx_path_template(path);
    if (mark) {
        find_builds(l, all, dx_strndup(&l->ctx->arena, path, strlen(path) - mark));
    }
}

void dx_lint_settle_kind(struct dext_lint *l, struct dx_doc *doc)
{
    bool open = doc->kind == DX_DOC_OTHER_INFO || doc->kind == DX_DOC_KEXT_INFO;
    for (size_t i = 0; open && i < l->project_count; i++) {
        const struct dx_project_target *t =
            dx_project_target_of(l->ctx, l->projects[i], doc->path, 0);
        if (t && dx_project_is_driver(t)) {
            doc->kind = DX_DOC_DEXT_INFO;
            doc->why_kind = "Info.plist of a driver extension";
            return;
        }
    }
}

/* ---- what belongs to a build ----------------------------------------------------------------- */

static const struct dx_doc *spec_doc(struct dext_lint *l, const struct dx_build_of *b,
                                     const struct dext_node *properties)
{
    struct dx_doc *doc = dx_alloc(&l->ctx->arena, sizeof *doc);
    doc->path = b->project->path;
    doc->kind = DX_DOC_ENTITLEMENTS;
    doc->why_kind = "entitlements";
    doc->pl = dx_alloc(&l->ctx->arena, sizeof *doc->pl);
    *doc->pl = *b->project->doc->pl;
    doc->pl->format = DEXT_PLIST_BINARY; /* no property list whose form could be judged */
    doc->pl->root = (struct dext_node *)properties;
    return doc;
}

/* The setting is known and names a file that is not there, and no template that becomes it. */
static bool is_absent(struct dext_lint *l, const struct dx_build_of *b, const char *setting)
{
    struct dx_str name;
    struct stat st;
    if (!dx_setting_value(l->ctx, b->project, b->target, b->config, setting, &name) ||
        dx_str_trim(name).n == 0) {
        return false;
    }
    const char *path = dx_project_path(l->ctx, b->project, name);
    return dx_lstat(l->ctx, path, &st) == DX_THERE_NO && !dx_path_has_template(l->ctx, path);
}

static bool claims_absent(struct dext_lint *l, const struct dx_build_of *b)
{
    return !b->target->entitlements && is_absent(l, b, "CODE_SIGN_ENTITLEMENTS");
}

/* The entitlements that a build signs with, or NULL. */
static const struct dx_doc *lint_project_claims_of(struct dext_lint *l, const struct dx_build_of *b)
{
    struct dx_str name;
    if (!dx_setting_value(l->ctx, b->project, b->target, b->config, "CODE_SIGN_ENTITLEMENTS",
                          &name) ||
        name.n == 0) {
        return NULL;
    }
    struct dx_item item = {.path = dx_project_path(l->ctx, b->project, name)};
    if (dx_is_named_file(l->ctx, item.path)) {
        struct dx_doc *doc = dx_lint_load(l, &item);
        if (doc) {
            doc->kind = DX_DOC_ENTITLEMENTS;
        }
        return doc;
    }
    const struct dext_node *made =
        b->target->entitlements ? dx_get_kind(b->target->entitlements, "properties", DEXT_DICT)
                                : NULL;
    return made ? spec_doc(l, b, made) : NULL;
}

static const struct dx_doc *info_of(struct dext_lint *l, const struct dx_build_of *b)
{
    struct dx_str name;
    struct dx_origin from;
    enum dx_assigned assigned = dx_setting_assigned(b->config, "INFOPLIST_FILE", &from);
    bool known =
        dx_setting_value(l->ctx, b->project, b->target, b->config, "INFOPLIST_FILE", &name);
    if (assigned == DX_NOT_ASSIGNED || (known && name.n == 0)) {
        return dx_effective_info(l->ctx, b, NULL);
    }
    struct dx_item item = {.path = known ? dx_project_path(l->ctx, b->project, name) : ""};
    struct dx_doc *doc =
        known && dx_is_named_file(l->ctx, item.path) ? dx_lint_load(l, &item) : NULL;
    return doc && !doc->pl->stopped ? dx_effective_info(l->ctx, b, doc) : NULL;
}

static void hand_carrier(struct dext_lint *l, struct dx_unit *u, struct dx_carrier *to,
                         const struct dx_build_of *driver)
{
    if (dx_carrier_of(to, l->ctx, driver)) {
        u->carrier = to;
        u->carrier_info = info_of(l, &to->app);
        u->carrier_claims = lint_project_claims_of(l, &to->app);
        u->requests = dx_source_cache_requests(l->sources, to->app.project, to->app.target);
    }
}

static bool carrier_absent(struct dext_lint *l, const struct dx_unit *u)
{
    return u->carrier && claims_absent(l, &u->carrier->app);
}

/* ---- findings, once ------------------------------------------------------------------------- */

struct held {
    struct dx_finding f;
    uint32_t builds; /* bit i: it holds in build i */
};

struct collection {
    struct dext_lint *l;
    struct held *list;
    size_t count, cap;
    unsigned build;
};

static bool same_place(const struct dx_finding *a, const struct dx_finding *b)
{
    return a->pub.at.line == b->pub.at.line && a->pub.at.column == b->pub.at.column;
}

/* The same fact, be it decided on another line in another build, or with what another build writes
 * for the same reference. */
static bool same_finding(const struct dx_finding *a, const struct dx_finding *b, bool same_build)
{
    return a->pub.rule == b->pub.rule && a->pub.severity == b->pub.severity &&
           strcmp(a->pub.file, b->pub.file) == 0 && strcmp(a->pub.path, b->pub.path) == 0 &&
           (strcmp(a->pub.message, b->pub.message) == 0 || (!same_build && same_place(a, b)));
}

static void lint_project_collect(void *user, const struct dx_finding *f)
{
    struct collection *all = user;
    for (size_t i = 0; i < all->count; i++) {
        bool here = all->list[i].builds & 1U << all->build;
        if (same_finding(&all->list[i].f, f, here) && (!here || same_place(&all->list[i].f, f))) {
            all->list[i].builds |= 1U << all->build;
            return;
        }
    }
    *DX_PUSH(&all->l->ctx->arena, all->list, all->count, all->cap) =
        (struct held){*f, 1U << all->build};
}

/* "configuration Debug"; of several targets "target "X", configuration Debug". */
static const char *lint_project_where(struct dext_ctx *ctx, const struct builds *all, uint32_t bits)
{
    struct dx_buf b;
    bool several = false;
    dx_buf_init(&b, &ctx->arena, 512);
    for (size_t i = 0; i < all->count; i++) {
        several = several || all->list[i].target != all->list[0].target;
    }
    for (size_t i = 0; i < all->count; i++) {
        if (!(bits & 1U << i)) {
            continue;
        }
        dx_buf_puts(&b, b.n ? "; " : "");
        if (several) {
            dx_buf_printf(&b, "target %s, ", all->list[i].target->name);
        }
        dx_buf_printf(&b, "configuration %s", all->list[i].config->name);
    }
    return b.toobig ? "some configurations" : dx_buf_str(&b).p;
}

static void lint_project_tell_all(struct collection *c, const struct builds *all)
{
    uint32_t every = all->count == MOST_BUILDS ? ~0U : (1U << all->count) - 1;
    for (size_t i = 0; i < c->count; i++) {
        struct held *h = &c->list[i];
        if (h->builds != every) {
            h->f.pub.message = dx_sprintf(&c->l->ctx->arena, "%s (%s)", h->f.pub.message,
                                          lint_project_where(c->l->ctx, all, h->builds));
        }
        dx_lint_emit(c->l, &h->f);
    }
}

/* ---- checks ------------------------------------------------------------------------------- */

static void lint_project_check_build(struct dext_lint *l, const struct dx_build_of *b,
                                     const struct dx_doc *info, struct collection *to)
{
    struct dx_carrier carrier;
    const struct dx_doc *claims = lint_project_claims_of(l, b);
    struct dx_unit unit = {.info = dx_effective_info(l->ctx, b, info),
                           .entitlements = &claims,
                           .entitlement_count = claims != NULL,
                           .project = b->project,
                           .target = b->target,
                           .config = b->config};
    if (dx_project_is_driver(b->target)) {
        unit.claims_absent = info && claims_absent(l, b);
        hand_carrier(l, &unit, &carrier, b);
        unit.carrier_claims_absent = info && carrier_absent(l, &unit);
    }
    l->driver = dx_project_is_driver(b->target) ? b->target : NULL;
    if (l->driver) {
        dx_source_cache_fill(l->sources, &unit);
    }
    dx_check_unit(l->ctx, &unit, lint_project_collect, to);
    if (l->driver) {
        dx_lint_note_product(l, &unit, info ? info->path : NULL);
    }
}

/* It stands in a folder, where its sources may be, and not in a bundle. */
static bool has_folder(const struct dext_lint *l, const struct dx_doc *info)
{
    return info->kind == DX_DOC_DEXT_INFO && !strstr(info->path, ".dext/") &&
           !dx_source_cache_has_none(l->sources, info->path) && dx_is_file(l->ctx, info->path);
}

bool dx_lint_has_sources(struct dext_lint *l, const struct dx_doc *info)
{
    return has_folder(l, info) && dx_source_cache_has(l->sources, info->path);
}

static void check_alone(struct dext_lint *l, const struct dx_doc *info,
                        const struct dx_doc *const *beside, size_t beside_count)
{
    struct dx_unit unit = {.info = info, .entitlements = beside};
    unit.entitlement_count = beside_count < MOST_CLAIMS ? beside_count : MOST_CLAIMS;
    unit.built = strstr(info->path, ".dext/") != NULL;
    if (has_folder(l, info)) {
        dx_source_cache_fill(l->sources, &unit);
    }
    dx_check_unit(l->ctx, &unit, dx_lint_emit, l);
}

static void check_builds(struct dext_lint *l, const struct builds *all, const struct dx_doc *info)
{
    struct collection c = {.l = l};
    for (size_t i = 0; i < all->count; i++) {
        c.build = (unsigned)i;
        lint_project_check_build(l, &all->list[i], info, &c);
    }
    lint_project_tell_all(&c, all);
    l->driver = NULL;
}

void dx_lint_info(struct dext_lint *l, const struct dx_doc *info,
                  const struct dx_doc *const *beside, size_t beside_count)
{
    struct builds all;
    builds_of(l, &all, info->path);
    if (all.count == 0 || strstr(info->path, ".dext/") || info->kind == DX_DOC_KEXT_INFO) {
        check_alone(l, info, beside, beside_count);
        return;
    }
    check_builds(l, &all, info);
}

/* ---- Info.plists that XcodeGen writes ------------------------------------------------------- */

static void add_default(struct dext_lint *l, const struct dext_node *at, struct dext_node *root,
                        const char *key, const char *text)
{
    if (dx_get(root, key)) {
        return;
    }
    struct dext_node *n = dx_alloc(&l->ctx->arena, sizeof *n);
    *n = (struct dext_node){.kind = DEXT_STRING, .in_dict = true, .parent = root};
    n->key = dx_str(key);
    n->text = dx_str(text);
    n->key_at = n->at = at->key_at;
    *(root->last ? &root->last->next : &root->child) = n;
    root->last = n;
    root->count++;
}

/* The properties of a specification, and what XcodeGen adds (InfoPlistGenerator.swift). */
static struct dx_doc *written_info(struct dext_lint *l, const struct dx_build_of *b)
{
    static const char *const defaults[][2] = {
        {"CFBundleIdentifier", "$(PRODUCT_BUNDLE_IDENTIFIER)"},
        {"CFBundleInfoDictionaryVersion", "6.0"},
        {"CFBundleName", "$(PRODUCT_NAME)"},
        {"CFBundleDevelopmentRegion", "$(DEVELOPMENT_LANGUAGE)"},
        {"CFBundleShortVersionString", "1.0"},
        {"CFBundleVersion", "1"},
        {"CFBundleExecutable", "$(EXECUTABLE_NAME)"}};
    const struct dext_node *info = b->target->info;
    const struct dext_node *own = info ? dx_get_kind(info, "properties", DEXT_DICT) : NULL;
    if (!own) {
        return NULL;
    }
    struct dext_node *root = dx_alloc(&l->ctx->arena, sizeof *root);
    *root = *own;
    root->child = root->last = root->parent = NULL;
    root->in_dict = false;
    root->count = 0;
    for (const struct dext_node *n = own->child; n; n = n->next) {
        struct dext_node *copy = dx_alloc(&l->ctx->arena, sizeof *copy);
        *copy = *n;
        copy->next = NULL;
        copy->parent = root;
        *(root->last ? &root->last->next : &root->child) = copy;
        root->last = copy;
        root->count++;
    }
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) {
        add_default(l, info, root, defaults[i][0], defaults[i][1]);
    }
    struct dx_doc *doc = dx_alloc(&l->ctx->arena, sizeof *doc);
    *doc = *spec_doc(l, b, root);
    doc->kind = DX_DOC_DEXT_INFO;
    doc->why_kind = "Info.plist of a driver extension";
    return doc;
}

static void check_written_claims(struct dext_lint *l, const struct dx_build_of *b)
{
    const struct dx_doc *claims =
        b->config && b->target->entitlements ? lint_project_claims_of(l, b) : NULL;
    if (claims && strcmp(claims->path, b->project->path) == 0) {
        struct dx_unit unit = {.project = b->project, .target = b->target, .config = b->config};
        l->driver = dx_project_is_driver(b->target) ? b->target : NULL;
        dx_check_doc(l->ctx, &unit, claims, dx_lint_emit, l);
        l->driver = NULL;
    }
}

/* A driver whose Info.plist is made of settings alone. None of them writes personalities. */
static void check_without_file(struct dext_lint *l, const struct dx_project *p,
                               const struct dx_project_target *t)
{
    struct builds all = {.count = 0};
    bool bare = dx_project_is_driver(t) && t->config_count && !t->scripts && !t->info;
    for (size_t i = 0; bare && i < t->config_count; i++) {
        struct dx_origin from;
        bare = dx_setting_assigned(&t->configs[i], "INFOPLIST_FILE", &from) == DX_NOT_ASSIGNED;
    }
    if (bare) {
        add_builds(&all, p, t);
        check_builds(l, &all, NULL);
    }
}

/* Something of the target is here: the project file was not carried off alone. */
static bool any_source(struct dext_lint *l, const struct dx_project *p,
                       const struct dx_project_target *t)
{
    struct dx_sources files;
    dx_project_sources(&files, l->ctx, p, t);
    for (size_t i = 0; i < files.count; i++) {
        if (dx_is_file(l->ctx, files.list[i])) {
            return true;
        }
    }
    return false;
}

/* A driver whose Info.plist is named and not there: it may be made by the build, so nothing is said
 * of it but that. */
static void tell_missing_file(struct dext_lint *l, const struct dx_project *p,
                              const struct dx_project_target *t)
{
    struct dx_build_of b = {p, t, dx_config_named(t, "Release")};
    struct dx_carrier carrier;
    struct dx_str name;
    if (!dx_project_is_driver(t) || !b.config || t->info ||
        !dx_setting_value(l->ctx, p, t, b.config, "INFOPLIST_FILE", &name) || name.n == 0 ||
        dx_is_named_file(l->ctx, dx_project_path(l->ctx, p, name))) {
        return;
    }
    const struct dx_doc *claims = lint_project_claims_of(l, &b);
    struct dx_unit unit = {.info = dx_effective_info(l->ctx, &b, NULL),
                           .entitlements = &claims,
                           .entitlement_count = claims != NULL,
                           .project = p,
                           .target = t,
                           .config = b.config};
    unit.info_absent = (claims || any_source(l, p, t)) && is_absent(l, &b, "INFOPLIST_FILE");
    hand_carrier(l, &unit, &carrier, &b);
    if (unit.info_absent) {
        l->driver = t;
        dx_check_unit(l->ctx, &unit, dx_lint_emit, l);
        l->driver = NULL;
    }
    dx_lint_note_unread(l, &unit,
                        dx_sprintf(&l->ctx->arena, "the driver's Info.plist, %.*s, was not found",
                                   (int)name.n, name.p));
}

void dx_lint_written(struct dext_lint *l)
{
    for (size_t i = 0; i < l->asked; i++) {
        const struct dx_project *p = l->projects[i];
        for (size_t k = 0; k < p->target_count; k++) {
            const struct dx_project_target *t = &p->targets[k];
            check_without_file(l, p, t);
            tell_missing_file(l, p, t);
            if (!p->generator) {
                continue;
            }
            struct dx_build_of b = {p, t, dx_config_named(t, "Release")};
            struct dx_str path;
            bool there = b.config &&
                         dx_setting_value(l->ctx, p, t, b.config, "INFOPLIST_FILE", &path) &&
                         dx_is_file(l->ctx, dx_project_path(l->ctx, p, path));
            struct dx_doc *info =
                b.config && !there && dx_project_is_driver(t) ? written_info(l, &b) : NULL;
            if (info) {
                struct builds all = {.count = 0};
                add_builds(&all, p, t);
                check_builds(l, &all, info);
            }
            check_written_claims(l, &b);
        }
    }
}

void dx_lint_claims(struct dext_lint *l, const struct dx_doc *doc)
{
    struct dx_unit unit = {0};
    for (size_t i = 0; i < l->project_count && !unit.target; i++) {
        unit.target = dx_project_signer(l->ctx, l->projects[i], doc->path, 0);
        if (unit.target) {
            unit.project = l->projects[i];
            unit.config = dx_config_named(unit.target, "Release");
        }
    }
    dx_check_doc(l->ctx, &unit, doc, dx_lint_emit, l);
}
