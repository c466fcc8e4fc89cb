/* Two builds side by side. */
#include <string.h>

#include "sign/codesign.h"

struct changes {
    struct dext_ctx *ctx;
    struct dext_change *list;
    size_t count, cap;
    const char *name, *arch;
};

static void differ(struct changes *c, const char *what, const char *key, const char *left,
                   const char *right)
{
    if ((!left && !right) || (left && right && strcmp(left, right) == 0)) {
        return;
    }
    *DX_PUSH(&c->ctx->arena, c->list, c->count, c->cap) = (struct dext_change){
        .name = c->name, .arch = c->arch, .what = what, .key = key, .left = left, .right = right};
}

static const char *or_null(const char *s)
{
    return s && s[0] ? s : NULL;
}

static const char *signature_compare_join(struct dext_ctx *ctx, const char *const *words,
                                          size_t count)
{
    const char *s = "";
    for (size_t i = 0; i < count; i++) {
        s = dx_sprintf(&ctx->arena, "%s%s%s", s, i ? ", " : "", words[i]);
    }
    return s;
}

/* ---- values -------------------------------------------------------------------------------- */

static void signature_compare_put_value(struct dx_buf *b, const struct dext_node *n, unsigned depth)
{
    bool dict = n->kind == DEXT_DICT;
    if (n->kind == DEXT_STRING) {
        dx_buf_printf(b, "\"%s\"", n->text.p);
    } else if (n->kind == DEXT_BOOL) {
        dx_buf_puts(b, n->boolean ? "true" : "false");
    } else if (n->kind == DEXT_INTEGER) {
        dx_buf_printf(b, "%lld", (long long)n->integer);
    } else if (n->kind == DEXT_DATA) {
        dx_buf_printf(b, "(%zu bytes)", n->text.n);
    } else if (!dict && n->kind != DEXT_ARRAY) {
        dx_buf_add(b, n->text.p, n->text.n);
    } else if (depth > 16) {
        dx_buf_puts(b, "...");
    } else {
        dx_buf_puts(b, dict ? "{" : "[");
        for (const struct dext_node *c = n->child; c; c = c->next) {
            if (dict) {
                dx_buf_printf(b, "%s: ", c->key.p);
            }
            signature_compare_put_value(b, c, depth + 1);
            dx_buf_puts(b, c->next ? ", " : "");
        }
        dx_buf_puts(b, dict ? "}" : "]");
    }
}

static const char *signature_compare_value(struct dext_ctx *ctx, const struct dext_node *n)
{
    struct dx_buf b;
    if (!n) {
        return NULL;
    }
    dx_buf_init(&b, &ctx->arena, 4096);
    signature_compare_put_value(&b, n, 0);
    return b.p ? b.p : "";
}

/* ---- one slice ----------------------------------------------------------------------------- */

/* Entries that differ or stand on one side only; prefix goes before their keys. */
static void entries(struct changes *c, const char *what, const char *prefix,
                    const struct dext_node *a, const struct dext_node *b)
{
    for (int side = 0; side < 2; side++) {
        const struct dext_node *one = side ? b : a, *other = side ? a : b;
        for (const struct dext_node *n = one ? one->child : NULL; n; n = n->next) {
            const struct dext_node *m = dx_get(other, n->key.p);
            if (n->overridden || (side && m) || (m && dx_node_equal(n, m))) {
                continue;
            }
            differ(c, what, dx_sprintf(&c->ctx->arena, "%s%s", prefix, n->key.p),
                   signature_compare_value(c->ctx, side ? m : n),
                   signature_compare_value(c->ctx, side ? n : m));
        }
    }
}

/* One on both sides by its keys, others as a whole. */
static void signature_compare_personalities(struct changes *c, const struct dext_node *a,
                                            const struct dext_node *b)
{
    for (const struct dext_node *n = a ? a->child : NULL; n; n = n->next) {
        const struct dext_node *m = n->overridden ? NULL : dx_get_kind(b, n->key.p, DEXT_DICT);
        if (m && n->kind == DEXT_DICT) {
            entries(c, "personality", dx_sprintf(&c->ctx->arena, "%s/", n->key.p), n, m);
        } else if (!n->overridden) {
            differ(c, "personality", n->key.p, signature_compare_value(c->ctx, n),
                   signature_compare_value(c->ctx, dx_get(b, n->key.p)));
        }
    }
    for (const struct dext_node *n = b ? b->child : NULL; n; n = n->next) {
        if (!n->overridden && !dx_get(a, n->key.p)) {
            differ(c, "personality", n->key.p, NULL, signature_compare_value(c->ctx, n));
        }
    }
}

static const struct dext_class *class_named(const struct dext_slice *s, const char *name)
{
    for (size_t i = 0; i < s->class_count; i++) {
        if (strcmp(s->classes[i].name, name) == 0) {
            return &s->classes[i];
        }
    }
    return NULL;
}

static void signature_compare_classes(struct changes *c, const struct dext_slice *a,
                                      const struct dext_slice *b)
{
    for (size_t i = 0; i < a->class_count; i++) {
        const struct dext_class *x = &a->classes[i], *y = class_named(b, x->name);
        differ(c, "class", x->name, x->super, y ? y->super : NULL);
        if (y) {
            differ(c, "methods", x->name,
                   signature_compare_join(c->ctx, x->methods, x->method_count),
                   signature_compare_join(c->ctx, y->methods, y->method_count));
        }
    }
    for (size_t i = 0; i < b->class_count; i++) {
        if (!class_named(a, b->classes[i].name)) {
            differ(c, "class", b->classes[i].name, NULL, b->classes[i].super);
        }
    }
}

static const char *requirement(const struct dext_slice *s)
{
    for (size_t i = 0; i < s->requirement_count; i++) {
        if (strcmp(s->requirements[i].kind, "designated") == 0) {
            return s->requirements[i].text;
        }
    }
    return NULL;
}

static const char *signature_compare_signer(const struct dext_slice *s)
{
    return s->chain_count ? s->chain[0].common_name : NULL;
}

static void signature_compare_slices(struct changes *c, const struct dext_slice *a,
                                     const struct dext_slice *b)
{
    c->arch = a->arch;
    differ(c, "signer kind", "", dext_signer_words(a->kind), dext_signer_words(b->kind));
    differ(c, "signer", "", signature_compare_signer(a), signature_compare_signer(b));
    differ(c, "certificate", "", a->chain_count ? a->chain[0].sha256 : NULL,
           b->chain_count ? b->chain[0].sha256 : NULL);
    differ(c, "cdhash", "", or_null(a->cdhash), or_null(b->cdhash));
    differ(c, "identifier", "", or_null(a->identifier), or_null(b->identifier));
    differ(c, "team", "", or_null(a->team), or_null(b->team));
    differ(c, "flags", "", or_null(signature_compare_join(c->ctx, a->flag_names, a->flag_count)),
           or_null(signature_compare_join(c->ctx, b->flag_names, b->flag_count)));
    differ(c, "executable flags", "",
           or_null(signature_compare_join(c->ctx, a->exec_flag_names, a->exec_flag_count)),
           or_null(signature_compare_join(c->ctx, b->exec_flag_names, b->exec_flag_count)));
    differ(c, "runtime version", "", or_null(a->runtime), or_null(b->runtime));
    differ(c, "requirement", "", requirement(a), requirement(b));
    differ(c, "platform", "", or_null(a->platform), or_null(b->platform));
    differ(c, "minimum system", "", or_null(a->minimum), or_null(b->minimum));
    differ(c, "SDK", "", or_null(a->sdk), or_null(b->sdk));
    differ(c, "UUID", "", or_null(a->uuid), or_null(b->uuid));
    entries(c, "entitlement", "", a->entitlements, b->entitlements);
    signature_compare_classes(c, a, b);
}

/* ---- one code ------------------------------------------------------------------------------ */

static const struct dext_slice *slice_of(const struct dext_code *code, const char *arch)
{
    for (size_t i = 0; code && i < code->slice_count; i++) {
        if (strcmp(code->slices[i].arch, arch) == 0) {
            return &code->slices[i];
        }
    }
    return NULL;
}

static const char *signature_compare_profile(struct dext_ctx *ctx, const struct dext_code *code)
{
    const struct dext_profile *p = code->profile;
    return p ? dx_sprintf(&ctx->arena, "%s (%s, %s)", p->name, p->kind_words, p->uuid) : NULL;
}

static void signature_compare_code(struct changes *c, const struct dext_code *a,
                                   const struct dext_code *b)
{
    c->arch = "";
    differ(c, "bundle identifier", "", or_null(a->bundle_id), or_null(b->bundle_id));
    signature_compare_personalities(c, a->personalities, b->personalities);
    differ(c, "profile", "", signature_compare_profile(c->ctx, a),
           signature_compare_profile(c->ctx, b));
    differ(c, "ticket", "", a->ticket ? dext_ticket_name(a->ticket) : NULL,
           b->ticket ? dext_ticket_name(b->ticket) : NULL);
    for (size_t i = 0; i < a->slice_count; i++) {
        const struct dext_slice *s = slice_of(b, a->slices[i].arch);
        if (s) {
            signature_compare_slices(c, &a->slices[i], s);
            c->arch = "";
        } else {
            differ(c, "slice", a->slices[i].arch, a->slices[i].arch, NULL);
        }
    }
    for (size_t i = 0; i < b->slice_count; i++) {
        if (!slice_of(a, b->slices[i].arch)) {
            differ(c, "slice", b->slices[i].arch, NULL, b->slices[i].arch);
        }
    }
}

static const struct dext_code *code_named(const struct dext_signatures *all, const char *name)
{
    for (size_t i = 0; i < all->count; i++) {
        if (strcmp(all->list[i]->name, name) == 0) {
            return all->list[i];
        }
    }
    return NULL;
}

void dext_signatures_compare(struct dext_changes *out, struct dext_ctx *ctx,
                             const struct dext_signatures *left,
                             const struct dext_signatures *right)
{
    struct changes c = {.ctx = ctx};
    for (size_t i = 0; i < left->count; i++) {
        const struct dext_code *a = left->list[i], *b = code_named(right, a->name);
        c.name = a->name;
        c.arch = "";
        if (b) {
            signature_compare_code(&c, a, b);
        } else {
            differ(&c, "code", "", a->path, NULL);
        }
    }
    for (size_t i = 0; i < right->count; i++) {
        c.name = right->list[i]->name;
        c.arch = "";
        if (!code_named(left, c.name)) {
            differ(&c, "code", "", NULL, right->list[i]->path);
        }
    }
    *out = (struct dext_changes){c.list, c.count};
}
