#include "project/spec.h"

#include <string.h>

#include "project/yaml.h"

#define DEEPEST 32
#define LONGEST_FILE ((size_t)1 << 20)

struct merge {
    struct dx_reading *r;
    bool foreign;            /* what comes is of another file */
    const char *target_name; /* of the target that templates are filled in for, or NULL */
    const struct dext_node *attributes; /* its templateAttributes, or NULL */
};

static const char replace_mark[] = ":REPLACE";

static struct dx_str without_mark(struct dx_str key)
{
    return dx_str_has_suffix(key, replace_mark)
               ? (struct dx_str){key.p, key.n - (sizeof replace_mark - 1)}
               : key;
}

/* What stands for ${NAME} in a template: the target's name, or one of its templateAttributes
 * (XcodeGen, Template.swift). false: neither. */
static bool spec_attribute(const struct merge *m, struct dx_str name, struct dx_str *value)
{
    if (dx_str_is(name, "target_name")) {
        *value = dx_str(m->target_name);
        return true;
    }
    for (const struct dext_node *n = m->attributes ? m->attributes->child : NULL; n; n = n->next) {
        if (!n->overridden && dx_str_eq(n->key, name) && n->text.p) {
            *value = n->kind == DEXT_BOOL ? dx_str(n->boolean ? "true" : "false") : n->text;
            return true;
        }
    }
    return false;
}

static struct dx_str filled(const struct merge *m, struct dx_str text)
{
    struct dx_buf b;
    if (!m->target_name || !text.p || !dx_str_contains(text, "${")) {
        return text;
    }
    dx_buf_init(&b, &m->r->ctx->arena, DX_LONGEST_SETTING);
    for (size_t i = 0; i < text.n;) {
        struct dx_str rest = {text.p + i, text.n - i}, value;
        const char *end = dx_str_has_prefix(rest, "${") ? memchr(rest.p, '}', rest.n) : NULL;
        size_t n = end ? (size_t)(end - rest.p) : 0;
        if (end && spec_attribute(m, (struct dx_str){rest.p + 2, n - 2}, &value)) {
            dx_buf_add(&b, value.p, value.n);
            i += n + 1;
        } else {
            dx_buf_add(&b, rest.p, 1);
            i++;
        }
    }
    return b.toobig || !b.p ? text : dx_buf_str(&b);
}

static void spec_append(struct dext_node *parent, struct dext_node *n)
{
    n->parent = parent;
    *(parent->last ? &parent->last->next : &parent->child) = n;
    parent->last = n;
    parent->count++;
}

static struct dext_node *spec_copy_of(const struct merge *m, const struct dext_node *n,
                                      unsigned depth)
{
    struct dext_node *c = dx_alloc(&m->r->ctx->arena, sizeof *c);
    *c = *n;
    c->parent = c->child = c->last = c->next = NULL;
    c->count = 0;
    c->key = filled(m, without_mark(n->key));
    c->text = filled(m, n->text);
    if (m->foreign) {
        c->at = c->key_at = (struct dext_place){0};
    }
    for (const struct dext_node *e = n->child; e && depth < DEEPEST && dx_afford(m->r, 1);
         e = e->next) {
        if (!e->overridden) {
            spec_append(c, spec_copy_of(m, e, depth + 1));
        }
    }
    return c;
}

static struct dext_node *spec_entry(struct dext_node *dict, struct dx_str key)
{
    for (struct dext_node *n = dict->child; n; n = n->next) {
        if (dx_str_eq(n->key, key) && !n->overridden) {
            return n;
        }
    }
    return NULL;
}

/* Dictionaries and lists are added to, everything else is replaced. */
static void merge_into(const struct merge *m, struct dext_node *base, const struct dext_node *over,
                       unsigned depth)
{
    for (const struct dext_node *n = over->child; n && dx_afford(m->r, base->count); n = n->next) {
        if (n->overridden || depth > DEEPEST) {
            continue;
        }
        struct dext_node *old =
            base->kind == DEXT_DICT ? spec_entry(base, filled(m, without_mark(n->key))) : NULL;
        bool add = old && old->kind == n->kind && !dx_str_has_suffix(n->key, replace_mark);
        if (add && (n->kind == DEXT_DICT || n->kind == DEXT_ARRAY)) {
            merge_into(m, old, n, depth + 1);
            continue;
        }
        if (old) {
            old->overridden = true;
        }
        spec_append(base, spec_copy_of(m, n, depth + 1));
    }
}

/* ---- include ------------------------------------------------------------------------------- */

static const struct dext_node *whole_spec(struct dx_reading *r, const char *path,
                                          const struct dext_node *own, bool foreign,
                                          unsigned depth);

static const struct dext_node *spec_load(struct dx_reading *r, const char *path, unsigned depth)
{
    struct dx_source src;
    const struct dext_node *root = NULL;
    if (dx_source_if_there(&src, r->ctx, path, LONGEST_FILE)) {
        struct dext_plist *pl = dx_plist_load_by(r->ctx, &src, dx_yaml_read);
        if (!pl->stopped && pl->root && pl->root->kind == DEXT_DICT) {
            root = whole_spec(r, path, pl->root, true, depth);
        }
    }
    dext_ctx_clear(r->ctx);
    return root;
}

static void spec_include(struct dx_reading *r, const char *path, struct dext_node *base,
                         const struct dext_node *what, unsigned depth)
{
    const struct dext_node *n = what->kind == DEXT_DICT ? dx_get(what, "path") : what;
    if (!n || n->kind != DEXT_STRING || depth > 8 || !dx_afford(r, 1000)) {
        return;
    }
    const char *file = n->text.p[0] == '/'
                           ? n->text.p
                           : dx_path_join(r->ctx, dx_path_folder(r->ctx, path), n->text.p);
    const struct dext_node *other = spec_load(r, file, depth + 1);
    const struct dext_node *on = what->kind == DEXT_DICT ? dx_get(what, "enable") : NULL;
    if (other) {
        merge_into(&(struct merge){r, true, NULL, NULL}, base, other, 0);
    } else if (!on || on->kind != DEXT_BOOL || on->boolean) {
        r->gone = true;
    }
}

static const struct dext_node *whole_spec(struct dx_reading *r, const char *path,
                                          const struct dext_node *own, bool foreign, unsigned depth)
{
    const struct dext_node *includes = dx_get(own, "include");
    if (!includes) {
        return own;
    }
    struct dext_node *base = dx_alloc(&r->ctx->arena, sizeof *base);
    base->kind = DEXT_DICT;
    if (includes->kind == DEXT_ARRAY) {
        for (const struct dext_node *i = includes->child; i; i = i->next) {
            spec_include(r, path, base, i, depth);
        }
    } else {
        spec_include(r, path, base, includes, depth);
    }
    merge_into(&(struct merge){r, foreign, NULL, NULL}, base, own, 0);
    return base;
}

const struct dext_node *dx_spec_root(struct dx_reading *r, const struct dx_doc *doc)
{
    const struct dext_node *root = doc->pl->root;
    return root && root->kind == DEXT_DICT ? whole_spec(r, doc->path, root, false, 0) : NULL;
}

/* ---- templates ------------------------------------------------------------------------------ */

static void add_templates(const struct merge *m, struct dext_node *base,
                          const struct dext_node *root, const struct dext_node *owner,
                          unsigned depth)
{
    const struct dext_node *names = dx_get_kind(owner, "templates", DEXT_ARRAY);
    const struct dext_node *all = dx_get_kind(root, "targetTemplates", DEXT_DICT);
    for (const struct dext_node *n = names ? names->child : NULL; n && all && depth < 8;
         n = n->next) {
        /* Each name is looked for among all templates: that search is what it costs. */
        const struct dext_node *one = n->kind == DEXT_STRING && dx_afford(m->r, all->count)
                                          ? dx_get_kind(all, n->text.p, DEXT_DICT)
                                          : NULL;
        if (one) {
            add_templates(m, base, root, one, depth + 1);
            merge_into(m, base, one, 0);
        }
    }
}

const struct dext_node *dx_spec_target(struct dx_reading *r, const struct dext_node *root,
                                       const struct dext_node *target)
{
    if (!dx_get(target, "templates")) {
        return target;
    }
    struct merge m = {r, false, target->key.p,
                      dx_get_kind(target, "templateAttributes", DEXT_DICT)};
    struct dext_node *base = dx_alloc(&r->ctx->arena, sizeof *base);
    base->kind = DEXT_DICT;
    add_templates(&m, base, root, target, 0);
    merge_into(&m, base, target, 0);
    base->key = target->key;
    base->key_at = target->key_at;
    base->at = target->at;
    return base;
}
