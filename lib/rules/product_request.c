/* DX637: the extension that an app asks for is none that its project builds. */
#include <string.h>

#include "rules/request.h"
#include "rules/source.h"

static bool is_extension(const struct dx_project_target *t)
{
    return dx_project_is_driver(t) ||
           strcmp(t->product_type, "com.apple.product-type.system-extension") == 0;
}

/* The app copies an extension that no target of the project builds, or one whose id is not known:
 * what it may ask for is not known then. */
static bool holds_others(const struct dx_project_target *app)
{
    for (size_t i = 0; i < app->copy_count; i++) {
        struct dx_str name = dx_str(app->copies[i].name);
        if (!app->copies[i].target && (name.n == 0 || dx_str_has_suffix(name, ".dext") ||
                                       dx_str_has_suffix(name, ".systemextension"))) {
            return true;
        }
    }
    return app->scripts > 0;
}

/* One of its targets has the id, or may have it. near: the id most like it, or empty. */
static bool may_be_built(const struct dx_check *c, const struct dx_build_of *app, struct dx_str id,
                         struct dx_str *near)
{
    *near = (struct dx_str){0};
    for (size_t i = 0; i < app->project->target_count; i++) {
        const struct dx_project_target *t = &app->project->targets[i];
        const struct dx_config *config = dx_config_named(t, app->config->name);
        struct dx_str built;
        if (!is_extension(t)) {
            continue;
        }
        if (!config ||
            !dx_setting_value(c->ctx, app->project, t, config, "PRODUCT_BUNDLE_IDENTIFIER",
                              &built) ||
            dx_str_eq(built, id)) {
            return true;
        }
        if (near->n == 0 || dx_str_distance(built, id, 3) <= 3) {
            *near = built;
        }
    }
    return false;
}

/* An app with several drivers is looked at once. */
static bool is_first_of(const struct dx_project_target *driver, const struct dx_project_target *app)
{
    for (size_t i = 0; i < app->copy_count; i++) {
        if (app->copies[i].target && dx_project_is_driver(app->copies[i].target)) {
            return app->copies[i].target == driver;
        }
    }
    return false;
}

void dx_check_requests(struct dx_check *c)
{
    const struct dx_unit *u = c->unit;
    if (!u->target || !u->carrier || !u->carrier->copy || !u->requests ||
        !is_first_of(u->target, u->carrier->app.target) || holds_others(u->carrier->app.target)) {
        return;
    }
    for (size_t i = 0; i < u->requests->count; i++) {
        const struct dx_request *r = &u->requests->list[i];
        struct dx_str near;
        if (may_be_built(c, &u->carrier->app, r->id, &near)) {
            continue;
        }
        if (dx_find_in_code(c, DX_REQUEST_NOT_BUILT, r->file, r->token, r->token,
                            u->carrier->app.target->name,
                            "the app asks for %.*s, and no extension of the project has that id",
                            (int)r->id.n, r->id.p) &&
            near.n) {
            dx_fix(c, "Ask for %.*s.", (int)near.n, near.p);
        }
    }
}
