/* DX603-DX605, DX541, DX630 and DX631 on the product that a project would build: the unit is a
 * build of a driver target, with the app that carries it. What is not known stays silent. */
#include <string.h>

#include "bundle/needs.h"
#include "rules/entitlement.h"
#include "rules/rule.h"

static struct dx_build_of build_of(const struct dx_check *c)
{
    return (struct dx_build_of){c->unit->project, c->unit->target, c->unit->config};
}

static bool product_setting(const struct dx_check *c, const struct dx_build_of *b, const char *name,
                            struct dx_str *out)
{
    return dx_setting_value(c->ctx, b->project, b->target, b->config, name, out);
}

static bool product_id_of(const struct dx_doc *info, struct dx_str *id)
{
    const struct dext_node *n = info ? dx_get(info->pl->root, "CFBundleIdentifier") : NULL;
    *id = n && dx_is_literal(n) ? n->text : (struct dx_str){0};
    return id->n != 0;
}

/* ---- names and ids ------------------------------------------------------------------------ */

static void product_name_is_id(struct dx_check *c, struct dx_str id)
{
    struct dx_build_of b = build_of(c);
    struct dx_str name;
    if (!product_setting(c, &b, "WRAPPER_NAME", &name) || !dx_str_has_suffix(name, ".dext")) {
        return;
    }
    const char *wanted = dx_sprintf(&c->ctx->arena, "%.*s.dext", (int)id.n, id.p);
    if (dx_str_is(name, wanted)) {
        return;
    }
    dx_find_at(c, DX_BUNDLE_NAME_NOT_ID, dx_setting_line(&b, "PRODUCT_NAME"),
               "target %s builds %.*s, but the CFBundleIdentifier is %.*s", b.target->name,
               (int)name.n, name.p, (int)id.n, id.p);
    dx_fix(c, "Set PRODUCT_NAME = $(PRODUCT_BUNDLE_IDENTIFIER) in the driver's target.");
    if (dx_str_is_nocase(name, wanted)) {
        dx_severity(c, DEXT_WARNING); /* found on the usual volume, which ignores case */
    }
}

static void ids_of_both(struct dx_check *c, struct dx_str id)
{
    const struct dx_carrier *carrier = c->unit->carrier;
    const struct dext_node *n = dx_get(c->doc->pl->root, "CFBundleIdentifier");
    struct dx_str app;
    if (!carrier->copy || !product_id_of(c->unit->carrier_info, &app)) {
        return;
    }
    if (dx_str_eq(app, id)) {
        dx_find(c, DX_SAME_BUNDLE_ID, dx_at(n), "the driver and the app %s share one id, %.*s",
                carrier->app.target->name, (int)id.n, id.p);
        dx_fix(c,
               "Name the driver %.*s.driver or the like; its folder and IOUserServerName follow.",
               (int)app.n, app.p);
    }
    if (!dx_str_has_prefix(id, dx_sprintf(&c->ctx->arena, "%.*s.", (int)app.n, app.p))) {
        dx_find(c, DX_BUNDLE_ID_PREFIX, dx_at(n),
                "the id %.*s does not begin with the app's, \"%.*s.\"", (int)id.n, id.p, (int)app.n,
                app.p);
        if (dx_is_ios_build(c->ctx, &carrier->app)) {
            dx_severity(c, DEXT_ERROR);
        }
    }
}

/* ---- the place in the app ------------------------------------------------------------------- */

static void placed(struct dx_check *c)
{
    const struct dx_carrier *carrier = c->unit->carrier;
    if (carrier->copy && carrier->placed == DX_PLACED_ELSEWHERE &&
        carrier->app.target->scripts == 0) {
        dx_find_at(c, DX_DEXT_NOT_IN_SYSTEM_EXTENSIONS, carrier->copy->from,
                   "target %s copies the driver of %s into %s", carrier->app.target->name,
                   c->unit->target->name, carrier->folder[0] ? carrier->folder : "the app itself");
    }
}

/* ---- signatures --------------------------------------------------------------------------- */

/* A setting of Xcode's that names no entitlements, in a build that Xcode signs. */
static bool signs_without_file(const struct dx_check *c, const struct dx_build_of *b)
{
    struct dx_origin from;
    return dx_setting_assigned(b->config, "CODE_SIGN_ENTITLEMENTS", &from) == DX_NOT_ASSIGNED &&
           !dx_signed_elsewhere(c->ctx, b);
}

static void product_install(struct dx_check *c)
{
    const struct dx_carrier *carrier = c->unit->carrier;
    const struct dx_build_of *app = &carrier->app;
    const struct dx_doc *claims = c->unit->carrier_claims;
    struct dx_str identity;
    if (!carrier->copy || dx_is_ios_build(c->ctx, app)) {
        return;
    }
    const struct dext_node *n = claims ? dx_get(claims->pl->root, DX_ENT_INSTALL) : NULL;
    bool readable =
        claims && claims->pl->root && claims->pl->root->kind == DEXT_DICT && !claims->pl->stopped;
    bool held = n && !(n->kind == DEXT_BOOL && !n->boolean);
    if (held || (readable ? dx_signed_elsewhere(c->ctx, app) : !signs_without_file(c, app))) {
        return;
    }
    dx_find_at(
        c, DX_HOST_INSTALL_MISSING, dx_setting_line(app, "CODE_SIGN_ENTITLEMENTS"),
        readable
            ? "target %s holds the driver of %s, and signs without " DX_ENT_INSTALL
            : "target %s holds the driver of %s, and has no entitlements, so not " DX_ENT_INSTALL,
        app->target->name, c->unit->target->name);
    if (product_setting(c, app, "CODE_SIGN_IDENTITY", &identity) && dx_str_is(identity, "-")) {
        dx_severity(c, DEXT_WARNING); /* ad hoc: for a Mac with relaxed security */
    }
}

/* Something says how, by whom or for whom it is signed. */
static bool is_signed(const struct dx_check *c, const struct dx_build_of *b)
{
    static const char *const names[] = {"CODE_SIGN_STYLE", "DEVELOPMENT_TEAM", "CODE_SIGN_IDENTITY",
                                        "PROVISIONING_PROFILE_SPECIFIER"};
    struct dx_str value;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (product_setting(c, b, names[i], &value) && value.n) {
            return true;
        }
    }
    return false;
}

/* The build adds com.apple.developer.driverkit by itself (DarwinProductTypes.xcspec), and nothing
 * else. */
static void entitlements_file(struct dx_check *c)
{
    struct dx_build_of b = build_of(c);
    if (c->unit->entitlement_count || !is_signed(c, &b) || !signs_without_file(c, &b)) {
        return;
    }
    for (size_t i = 0; i < c->all_count; i++) {
        struct dx_needs needs = dx_needs_of(&c->all[i]);
        for (size_t k = 0; k < needs.count; k++) {
            if (needs.list[k].enforced) {
                dx_find_at(c, DX_ENTITLEMENTS_FILE_MISSING, b.target->from,
                           "target %s signs without an entitlements file; \"%s\" needs %s",
                           b.target->name, c->all[i].name, needs.list[k].name);
                return;
            }
        }
    }
}

void dx_check_product(struct dx_check *c)
{
    struct dx_str id;
    const struct dx_unit *u = c->unit;
    if (!u->target || !u->config || !dx_project_is_driver(u->target) || !c->doc->effective) {
        return;
    }
    bool known = product_id_of(c->doc, &id);
    if (known) {
        product_name_is_id(c, id);
    }
    entitlements_file(c);
    if (u->carrier) {
        if (known) {
            ids_of_both(c, id);
        }
        placed(c);
        product_install(c);
    }
}
