#include "project/effective.h"

#include <string.h>

#define MOST_EXPANSIONS 2000 /* different texts of one file; a person writes a dozen */

struct expansion_of {
    struct dx_str raw, text;
    struct dx_origin from;
    bool known;
};

struct making {
    struct dext_ctx *ctx;
    const struct dx_build_of *b;
    struct dx_doc *doc;
    struct dx_node_origin *origins;
    size_t count, cap;
    struct expansion_of *done; /* files say the same few references again and again */
    size_t done_count, done_cap;
};

static void decided(struct making *m, const struct dext_node *n, struct dx_origin from)
{
    *DX_PUSH(&m->ctx->arena, m->origins, m->count, m->cap) = (struct dx_node_origin){n, from};
}

static bool effective_value(struct making *m, const char *name, struct dx_str *out)
{
    return dx_setting_value(m->ctx, m->b->project, m->b->target, m->b->config, name, out);
}

/* ---- copies ------------------------------------------------------------------------------- */

static bool has_reference(const struct dext_node *n)
{
    if (n->kind == DEXT_STRING && n->text.n && memchr(n->text.p, '$', n->text.n)) {
        return true;
    }
    for (const struct dext_node *c = n->child; c; c = c->next) {
        if (has_reference(c)) {
            return true;
        }
    }
    return false;
}

static void effective_append(struct dext_node *parent, struct dext_node *n)
{
    n->parent = parent;
    *(parent->last ? &parent->last->next : &parent->child) = n;
    parent->last = n;
    parent->count++;
}

/* What holds no reference is shared with the file's own tree. */
static struct dext_node *effective_copy_of(struct making *m, const struct dext_node *n)
{
    struct dext_node *c = dx_alloc(&m->ctx->arena, sizeof *c);
    bool deep = n->child && has_reference(n);
    *c = *n;
    c->next = NULL;
    if (deep) {
        c->child = c->last = NULL;
        c->count = 0;
        for (const struct dext_node *e = n->child; e; e = e->next) {
            effective_append(c, effective_copy_of(m, e));
        }
    }
    return c;
}

static struct dext_node *effective_entry(struct dext_node *root, const char *key)
{
    return (struct dext_node *)dx_get(root, key);
}

static struct dext_node *effective_add_entry(struct making *m, struct dext_node *root,
                                             const char *key)
{
    struct dext_node *n = dx_alloc(&m->ctx->arena, sizeof *n);
    n->kind = DEXT_STRING;
    n->in_dict = true;
    n->key = dx_str(key);
    effective_append(root, n);
    return n;
}

/* ---- what the build writes ------------------------------------------------------------------ */

static const struct {
    const char *key, *setting;
} generated[] = {
    {"CFBundleName", "PRODUCT_NAME"},
    {"CFBundleExecutable", "EXECUTABLE_NAME"},
    {"CFBundleVersion", "CURRENT_PROJECT_VERSION"},
    {"CFBundleDevelopmentRegion", "DEVELOPMENT_LANGUAGE"},
    {"CFBundleIdentifier", "PRODUCT_BUNDLE_IDENTIFIER"},
    {"CFBundlePackageType", "PRODUCT_BUNDLE_PACKAGE_TYPE"},
    {"CFBundleShortVersionString", "MARKETING_VERSION"},
    {"OSBundleUsageDescription", "INFOPLIST_KEY_OSBundleUsageDescription"},
    {"NSSystemExtensionUsageDescription", "INFOPLIST_KEY_NSSystemExtensionUsageDescription"},
    {"CFBundleDisplayName", "INFOPLIST_KEY_CFBundleDisplayName"},
    {"NSHumanReadableCopyright", "INFOPLIST_KEY_NSHumanReadableCopyright"},
    {"NSPrincipalClass", "INFOPLIST_KEY_NSPrincipalClass"},
    {"NSMainNibFile", "INFOPLIST_KEY_NSMainNibFile"},
    {"LSBackgroundOnly", "INFOPLIST_KEY_LSBackgroundOnly"},
    {"LSUIElement", "INFOPLIST_KEY_LSUIElement"},
};

/* A setting that is assigned, or has a value without that, comes over a scalar of the file. */
static void generate(struct making *m, struct dext_node *root, const char *key, const char *setting)
{
    struct dx_str text = {0};
    struct dx_origin from;
    enum dx_assigned assigned = dx_setting_assigned(m->b->config, setting, &from);
    bool known = effective_value(m, setting, &text);
    struct dext_node *n = effective_entry(root, key);
    if ((assigned == DX_NOT_ASSIGNED && (!known || text.n == 0)) ||
        (n && (n->kind == DEXT_DICT || n->kind == DEXT_ARRAY))) {
        return;
    }
    n = n ? n : effective_add_entry(m, root, key);
    n->kind = DEXT_STRING;
    n->bad = false;
    n->text = known ? text : dx_str(dx_sprintf(&m->ctx->arena, "$(%s)", setting));
    decided(m, n, from.at.line ? from : m->b->target->from);
}

/* ---- expansion ---------------------------------------------------------------------------- */

/* The setting that is all of a text: its line decides. */
static struct dx_origin setting_line(struct making *m, struct dx_str text)
{
    struct dx_origin from = {0};
    bool round = text.n > 3 && text.p[0] == '$' && text.p[1] == '(' && text.p[text.n - 1] == ')';
    bool curly = text.n > 3 && text.p[0] == '$' && text.p[1] == '{' && text.p[text.n - 1] == '}';
    if ((round || curly) && !memchr(text.p + 2, '$', text.n - 2)) {
        size_t n = text.n - 3;
        const char *colon = memchr(text.p + 2, ':', n);
        n = colon ? (size_t)(colon - text.p - 2) : n;
        (void)dx_setting_assigned(m->b->config, dx_strndup(&m->ctx->arena, text.p + 2, n), &from);
    }
    return from;
}

/* $(CFBundleIdentifier) is the file's own entry, whatever the settings say. */
static struct dx_str own_id(struct making *m, const struct dext_node *root, struct dx_str text)
{
    static const char *const names[] = {"$(CFBundleIdentifier)", "${CFBundleIdentifier}"};
    const struct dext_node *id = dx_get_kind(root, "CFBundleIdentifier", DEXT_STRING);
    struct dx_str known;
    for (size_t i = 0; id && i < sizeof names / sizeof *names; i++) {
        if (dx_str_is(text, names[i]) &&
            dx_expand(m->ctx, m->b->project, m->b->target, m->b->config, id->text, &known)) {
            return known;
        }
    }
    return text;
}

static const struct expansion_of *expansion(struct making *m, const struct dext_node *root,
                                            struct dx_str raw)
{
    for (size_t i = 0; i < m->done_count; i++) {
        if (dx_str_eq(m->done[i].raw, raw)) {
            return &m->done[i];
        }
    }
    if (m->done_count >= MOST_EXPANSIONS) {
        return NULL;
    }
    struct expansion_of *e = DX_PUSH(&m->ctx->arena, m->done, m->done_count, m->done_cap);
    *e = (struct expansion_of){.raw = raw};
    e->known = dx_expand(m->ctx, m->b->project, m->b->target, m->b->config, own_id(m, root, raw),
                         &e->text);
    if (e->known) {
        e->from = setting_line(m, raw);
    }
    return e;
}

static void expand(struct making *m, const struct dext_node *root, struct dext_node *n)
{
    if (n->kind == DEXT_STRING && n->text.n && memchr(n->text.p, '$', n->text.n)) {
        const struct expansion_of *e = expansion(m, root, n->text);
        if (e && e->known) {
            bool top = n->parent == root; /* further in, the reference itself is what was chosen */
            n->text = e->text;
            decided(m, n, top && e->from.doc ? e->from : (struct dx_origin){m->doc, n->at});
        }
    }
    for (struct dext_node *c = n->child; c && has_reference(n); c = c->next) {
        expand(m, root, c);
    }
}

/* Keys that the build drops when nothing is left of their values. */
static bool is_dropped(const struct dext_node *n)
{
    static const char *const keys[] = {"CFBundleDevelopmentRegion", "CFBundleExecutable",
                                       "CFBundleIdentifier",        "CFBundleName",
                                       "CFBundlePackageType",       "CFBundleShortVersionString",
                                       "CFBundleVersion",           "NSPrincipalClass"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (n->kind == DEXT_STRING && n->text.n == 0 && dx_str_is(n->key, keys[i])) {
            return true;
        }
    }
    return false;
}

static void drop_empty(struct dext_node *root)
{
    struct dext_node *all = root->child;
    root->child = root->last = NULL;
    root->count = 0;
    while (all) {
        struct dext_node *n = all;
        all = all->next;
        n->next = NULL;
        if (!is_dropped(n)) {
            effective_append(root, n);
        }
    }
}

/* ---- the whole ---------------------------------------------------------------------------- */

static bool effective_says_no(struct making *m, const char *setting)
{
    struct dx_str v;
    return effective_value(m, setting, &v) && dx_str_is_nocase(v, "NO");
}

static bool is_set(struct making *m, const char *setting)
{
    struct dx_origin from;
    struct dx_str v;
    return dx_setting_assigned(m->b->config, setting, &from) != DX_NOT_ASSIGNED &&
           !(effective_value(m, setting, &v) && (v.n == 0 || dx_str_is_nocase(v, "NO")));
}

/* Everything that the build puts into the file is known. */
static bool effective_is_whole(struct making *m, const struct dx_doc *info)
{
    struct dx_str v;
    struct dx_origin from;
    bool decided_here =
        effective_value(m, "GENERATE_INFOPLIST_FILE", &v) ||
        dx_setting_assigned(m->b->config, "GENERATE_INFOPLIST_FILE", &from) == DX_NOT_ASSIGNED;
    return decided_here && !is_set(m, "INFOPLIST_FILE_CONTENTS") &&
           !is_set(m, "INFOPLIST_PREPROCESS") && (!info || !info->pl->stopped);
}

static void effective_make(struct making *m, struct dext_node *root)
{
    if (effective_says_no(m, "INFOPLIST_EXPAND_BUILD_SETTINGS")) {
        return;
    }
    if (dx_setting_is_yes(m->ctx, m->b->project, m->b->target, m->b->config,
                          "GENERATE_INFOPLIST_FILE")) {
        for (size_t i = 0; i < sizeof generated / sizeof *generated; i++) {
            generate(m, root, generated[i].key, generated[i].setting);
        }
    }
    for (struct dext_node *n = root->child; n; n = n->next) {
        expand(m, root, n);
    }
    drop_empty(root);
}

/* The file that XcodeGen would write, or nothing at all. */
static struct dext_node *root_of(struct making *m, const struct dx_doc *info)
{
    struct dext_node *root = dx_alloc(&m->ctx->arena, sizeof *root);
    const struct dext_node *from = info ? info->pl->root : NULL;
    if (from) {
        *root = *from;
        root->child = root->last = NULL;
        root->count = 0;
    }
    root->kind = DEXT_DICT;
    for (const struct dext_node *n = from ? from->child : NULL; n; n = n->next) {
        effective_append(root, effective_copy_of(m, n));
    }
    return root;
}

struct dx_doc *dx_effective_info(struct dext_ctx *ctx, const struct dx_build_of *b,
                                 const struct dx_doc *info)
{
    struct making m = {.ctx = ctx, .b = b};
    struct dx_doc *doc = m.doc = dx_alloc(&ctx->arena, sizeof *doc);
    *doc = info ? *info : (struct dx_doc){.path = b->project->path, .kind = DX_DOC_UNKNOWN};
    if (!info && dx_project_is_driver(b->target)) {
        doc->kind = DX_DOC_DEXT_INFO;
        doc->why_kind = "Info.plist of a driver extension";
    }
    doc->pl = dx_alloc(&ctx->arena, sizeof *doc->pl);
    if (info) {
        *doc->pl = *info->pl;
    } else {
        doc->pl->src.path = doc->path;
    }
    if (info && (!info->pl->root || info->pl->root->kind != DEXT_DICT)) {
        return doc;
    }
    struct dext_node *root = root_of(&m, info);
    doc->pl->root = root;
    if (!info) {
        decided(&m, root, b->target->from);
    }
    effective_make(&m, root);
    doc->origins = m.origins;
    doc->origin_count = m.count;
    doc->effective = true;
    doc->whole = effective_is_whole(&m, info);
    return doc;
}

struct dx_origin dx_origin_of(const struct dx_doc *doc, const struct dext_node *n)
{
    for (; n && doc->origin_count; n = n->parent) {
        for (size_t i = 0; i < doc->origin_count; i++) {
            if (doc->origins[i].node == n) {
                return doc->origins[i].from;
            }
        }
    }
    return (struct dx_origin){0};
}

bool dx_is_made(const struct dx_doc *doc, const struct dext_node *n)
{
    for (size_t i = 0; i < doc->origin_count; i++) {
        if (doc->origins[i].node == n) {
            return true;
        }
    }
    return false;
}
