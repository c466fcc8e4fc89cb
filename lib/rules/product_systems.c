/* DX632, DX633 on the product that a project would build: the systems it is for, and how it is
 * hardened. What is not known stays silent. */
#include <string.h>

#include "rules/rule.h"

static bool product_systems_setting(const struct dx_check *c, const struct dx_build_of *b,
                                    const char *name, struct dx_str *out)
{
    return dx_setting_value(c->ctx, b->project, b->target, b->config, name, out);
}

static bool is_before(const unsigned a[3], const unsigned b[3])
{
    for (int i = 0; i < 3; i++) {
        if (a[i] != b[i]) {
            return a[i] < b[i];
        }
    }
    return false;
}

/* The macOS whose DriverKit has this major number: the first row of it. Numbers between (19.6) are
 * not all known. */
static const char *macos_of_driverkit(unsigned major)
{
    for (size_t i = 0; i < kb_driverkit_count; i++) {
        unsigned part[3];
        if (dx_version_parts(dx_str(kb_s(kb_driverkit_rows[i].driverkit)), part) &&
            part[0] == major) {
            return kb_s(kb_driverkit_rows[i].macos);
        }
    }
    return NULL;
}

/* ---- DX632 driver-newer-than-app ------------------------------------------------------------ */

static void newer_than_app(struct dx_check *c, const struct dx_build_of *driver)
{
    const struct dx_carrier *carrier = c->unit->carrier;
    struct dx_str from, app;
    unsigned kit[3], runs[3], needs[3];
    if (!carrier || !carrier->copy || dx_is_ios_build(c->ctx, &carrier->app) ||
        !product_systems_setting(c, driver, "DRIVERKIT_DEPLOYMENT_TARGET", &from) ||
        !product_systems_setting(c, &carrier->app, "MACOSX_DEPLOYMENT_TARGET", &app) ||
        !dx_version_parts(from, kit) || !dx_version_parts(app, runs)) {
        return;
    }
    const char *macos = macos_of_driverkit(kit[0]);
    if (!macos || !dx_version_parts(dx_str(macos), needs) || !is_before(runs, needs)) {
        return;
    }
    dx_find_at(c, DX_DRIVER_NEWER_THAN_APP, dx_setting_line(driver, "DRIVERKIT_DEPLOYMENT_TARGET"),
               "the driver is built for DriverKit %.*s (macOS %s) and later, its app %s for macOS "
               "%.*s and later",
               (int)from.n, from.p, macos, carrier->app.target->name, (int)app.n, app.p);
}

/* ---- DX633 hardened-runtime-off ------------------------------------------------------------- */

static void hardened(struct dx_check *c, const struct dx_build_of *b, const char *what)
{
    struct dx_str identity, on;
    struct dx_origin from;
    if (!product_systems_setting(c, b, "CODE_SIGN_IDENTITY", &identity) ||
        !dx_str_has_prefix(identity, "Developer ID") || dx_signed_elsewhere(c->ctx, b)) {
        return;
    }
    enum dx_assigned set = dx_setting_assigned(b->config, "ENABLE_HARDENED_RUNTIME", &from);
    if (set == DX_NOT_ASSIGNED ||
        (product_systems_setting(c, b, "ENABLE_HARDENED_RUNTIME", &on) && dx_str_is(on, "NO"))) {
        dx_find_at(c, DX_HARDENED_RUNTIME_OFF, dx_setting_line(b, "ENABLE_HARDENED_RUNTIME"),
                   "target %s signs the %s with Developer ID, and ENABLE_HARDENED_RUNTIME is %s",
                   b->target->name, what, set == DX_NOT_ASSIGNED ? "not set" : "NO");
    }
}

void dx_check_product_systems(struct dx_check *c)
{
    const struct dx_unit *u = c->unit;
    if (!u->target || !u->config || !dx_project_is_driver(u->target) || !c->doc->effective) {
        return;
    }
    struct dx_build_of driver = {u->project, u->target, u->config};
    newer_than_app(c, &driver);
    hardened(c, &driver, "driver");
    if (u->carrier && u->carrier->copy) {
        hardened(c, &u->carrier->app, "app around the driver");
    }
}
