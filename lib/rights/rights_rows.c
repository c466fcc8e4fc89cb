/* The table of a subject's entitlements: a row for each that is claimed, needed or, if it is about
 * drivers, granted. */
#include <string.h>

#include "bundle/needs.h"
#include "know/variant.h"
#include "rights/rights.h"
#include "rules/code.h"

static const char *const names[] = {
    [DEXT_RIGHT_FREE] = "free",
    [DEXT_RIGHT_GRANTED] = "granted",
    [DEXT_RIGHT_CLAIMED] = "claimed",
    [DEXT_RIGHT_NOT_GRANTED] = "not-granted",
    [DEXT_RIGHT_OTHER_VALUE] = "other-value",
    [DEXT_RIGHT_UNSURE] = "unsure",
    [DEXT_RIGHT_NO_PROFILE] = "no-profile",
    [DEXT_RIGHT_NEEDED] = "needed",
    [DEXT_RIGHT_UNSIGNED] = "unsigned",
    [DEXT_RIGHT_CHANGED] = "changed",
    [DEXT_RIGHT_SPARE] = "spare",
};

static const char *const words[] = {
    [DEXT_RIGHT_FREE] = "needs no grant",
    [DEXT_RIGHT_GRANTED] = "granted",
    [DEXT_RIGHT_CLAIMED] = "claimed",
    [DEXT_RIGHT_NOT_GRANTED] = "not granted",
    [DEXT_RIGHT_OTHER_VALUE] = "granted with another value",
    [DEXT_RIGHT_UNSURE] = "granted with fewer keys: not certain",
    [DEXT_RIGHT_NO_PROFILE] = "no profile grants it",
    [DEXT_RIGHT_NEEDED] = "needed, not claimed",
    [DEXT_RIGHT_UNSIGNED] = "in the file, not in the signature",
    [DEXT_RIGHT_CHANGED] = "signed with another value than the file's",
    [DEXT_RIGHT_SPARE] = "granted, not claimed",
};

const char *dext_right_state_name(enum dext_right_state state)
{
    return names[state];
}

const char *dext_right_state_words(enum dext_right_state state)
{
    return words[state];
}

bool dext_right_is_fault(enum dext_right_state state)
{
    return state == DEXT_RIGHT_NOT_GRANTED || state == DEXT_RIGHT_OTHER_VALUE ||
           state == DEXT_RIGHT_NO_PROFILE || state == DEXT_RIGHT_NEEDED;
}

/* ---- rows ----------------------------------------------------------------------------------- */

static const char *grantor(const struct kb_entitlement *row)
{
    if (!row) {
        return "";
    }
    switch (row->approval) {
    case KB_ENTITLEMENT_APPROVAL_SELF_SERVE:
        return "every team";
    case KB_ENTITLEMENT_APPROVAL_MANAGED:
        return row->variants == KB_ENTITLEMENT_VARIANTS_NONE
                   ? "Apple, on request"
                   : "every team for development; Apple, on request, for distribution";
    case KB_ENTITLEMENT_APPROVAL_APPLE:
        return "nobody: Apple keeps it to itself";
    default:
        return "";
    }
}

static struct dext_right *rights_rows_row_of(struct dx_subject *s, struct dext_ctx *ctx,
                                             const char *key)
{
    struct dext_right *list = (struct dext_right *)s->pub.rights;
    for (size_t i = 0; i < s->pub.right_count; i++) {
        if (strcmp(list[i].key, key) == 0) {
            return &list[i];
        }
    }
    const struct kb_entitlement *row = dx_kb_entitlement(dx_str(key));
    struct dext_right *r = DX_PUSH(&ctx->arena, list, s->pub.right_count, s->right_cap);
    *r = (struct dext_right){
        .key = key, .summary = row ? kb_s(row->summary) : "", .grantor = grantor(row), .need = ""};
    s->pub.rights = list;
    return r;
}

static struct dext_right_cell rights_rows_cell(const struct dext_node *n)
{
    static const enum dext_grant_variant variants[] = {
        [DX_VARIANT_EITHER] = DEXT_GRANT_EITHER,
        [DX_VARIANT_DEVELOPMENT] = DEXT_GRANT_DEVELOPMENT,
        [DX_VARIANT_APPROVED] = DEXT_GRANT_APPROVED,
        [DX_VARIANT_MIXED] = DEXT_GRANT_MIXED,
    };
    return (struct dext_right_cell){n, variants[dx_variant_of(n->key, n)]};
}

/* offset: of the cell in struct dext_right. */
static void column(struct dx_subject *s, struct dext_ctx *ctx, const struct dext_node *dict,
                   size_t offset)
{
    for (const struct dext_node *n = dict ? dict->child : NULL; n; n = n->next) {
        if (!n->overridden && n->key.n) {
            struct dext_right *r = rights_rows_row_of(s, ctx, n->key.p);
            *(struct dext_right_cell *)(void *)((char *)r + offset) = rights_rows_cell(n);
        }
    }
}

/* Of the profile, what nothing claims is shown only if it is about drivers. */
static void profile_column(struct dx_subject *s, struct dext_ctx *ctx)
{
    const struct dext_profile *p = s->pub.profile;
    for (size_t i = 0; p && !p->error && i < p->grant_count; i++) {
        const struct dext_grant *g = &p->grants[i];
        bool row = g->driverkit;
        for (size_t k = 0; k < s->pub.right_count && !row; k++) {
            row = strcmp(s->pub.rights[k].key, g->key) == 0;
        }
        if (row) {
            rights_rows_row_of(s, ctx, g->key)->profile =
                (struct dext_right_cell){g->value, g->variant};
        }
    }
}

static void add_need(struct dx_subject *s, struct dext_ctx *ctx, const char *key, const char *who)
{
    struct dext_right *r = rights_rows_row_of(s, ctx, key);
    if (strstr(r->need, who)) {
        return;
    }
    r->need = r->need[0] ? dx_sprintf(&ctx->arena, "%s, %s", r->need, who) : who;
}

#define MOST_NEEDY 64 /* personalities that are named; a table is to be read */

static void needs(struct dx_subject *s, struct dext_ctx *ctx)
{
    const struct dx_personality *all;
    size_t count = s->info ? dx_personalities(ctx, s->info->pl->root, &all) : 0;
    if (s->driver) {
        add_need(s, ctx, DX_ENT_BASE, "every driver");
    } else if (s->hosts && !s->ios) {
        add_need(s, ctx, DX_ENT_INSTALL, "an app that installs a driver");
    }
    for (size_t i = 0; i < count && i < MOST_NEEDY; i++) {
        struct dx_needs n = all[i].is_dext ? dx_needs_of(&all[i]) : (struct dx_needs){0};
        for (size_t k = 0; k < n.count; k++) {
            add_need(s, ctx, n.list[k].name,
                     n.list[k].for_what
                         ? dx_sprintf(&ctx->arena, "\"%s\" (%s)", all[i].name, n.list[k].for_what)
                         : dx_sprintf(&ctx->arena, "\"%s\"", all[i].name));
        }
    }
}

/* ---- states --------------------------------------------------------------------------------- */

static bool wants_profile(const struct dx_subject *s)
{
    const struct dext_slice *slice = s->pub.code ? dx_code_slice(s->pub.code) : NULL;
    return slice && !dext_signer_delivers(slice->kind) && slice->kind != DEXT_SIGNER_APPLE &&
           slice->kind != DEXT_SIGNER_NONE;
}

static enum dext_right_state rights_rows_claimed(const struct dx_subject *s,
                                                 const struct dext_right *r,
                                                 const struct dext_node *claim)
{
    static const enum dext_right_state states[] = {
        [DX_GRANT_FREE] = DEXT_RIGHT_FREE,       [DX_GRANT_YES] = DEXT_RIGHT_GRANTED,
        [DX_GRANT_NO] = DEXT_RIGHT_NOT_GRANTED,  [DX_GRANT_OTHER] = DEXT_RIGHT_OTHER_VALUE,
        [DX_GRANT_NARROWER] = DEXT_RIGHT_UNSURE,
    };
    const struct dext_profile *p = s->pub.profile;
    if (p && !p->error) {
        enum dx_grant g = dx_granted(claim, p->entitlements, s->ios);
        if (g != DX_GRANT_YES || !r->file.value || claim == r->file.value ||
            dx_node_equal(claim, r->file.value)) {
            return states[g];
        }
        return DEXT_RIGHT_CHANGED;
    }
    if (dx_granted(claim, NULL, s->ios) == DX_GRANT_FREE) {
        return DEXT_RIGHT_FREE;
    }
    return wants_profile(s) ? DEXT_RIGHT_NO_PROFILE : DEXT_RIGHT_CLAIMED;
}

static enum dext_right_state state(const struct dx_subject *s, const struct dext_right *r)
{
    const struct dext_node *signature = r->signature.value ? r->signature.value : r->der.value;
    bool is_signed = s->pub.code && wants_profile(s);
    if (is_signed && !signature && r->file.value) {
        return DEXT_RIGHT_UNSIGNED;
    }
    const struct dext_node *claim = signature ? signature : r->file.value;
    if (claim) {
        return rights_rows_claimed(s, r, claim);
    }
    return r->need[0] ? DEXT_RIGHT_NEEDED : DEXT_RIGHT_SPARE;
}

void dx_rights_rows(struct dx_subject *s, struct dext_ctx *ctx)
{
    const struct dext_slice *slice = s->pub.code ? dx_code_slice(s->pub.code) : NULL;
    if (slice) {
        column(s, ctx, slice->entitlements_xml, offsetof(struct dext_right, signature));
        column(s, ctx, slice->entitlements_der, offsetof(struct dext_right, der));
    }
    column(s, ctx, s->file ? s->file->pl->root : NULL, offsetof(struct dext_right, file));
    needs(s, ctx);
    profile_column(s, ctx);
    struct dext_right *list = (struct dext_right *)s->pub.rights;
    for (size_t i = 0; i < s->pub.right_count; i++) {
        list[i].state = state(s, &list[i]);
    }
}
