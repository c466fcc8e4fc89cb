/* DX634, DX635, DX636 on the product that a project would build: a file that a setting names and
 * that is not there, a driver that nothing puts into the app, an executable of another name. */
#include <string.h>

#include "rules/rule.h"

/* ---- DX634 named-file-missing ---------------------------------------------------------------- */

/* A script phase may write the file before it is read. */
static void named_file(struct dx_check *c, const struct dx_build_of *b, const char *setting)
{
    struct dx_str path;
    if (b->target->scripts ||
        !dx_setting_value(c->ctx, b->project, b->target, b->config, setting, &path)) {
        return;
    }
    dx_find_at(c, DX_NAMED_FILE_MISSING, dx_setting_line(b, setting),
               "%s of target %s is %.*s, and no such file is there", setting, b->target->name,
               (int)path.n, path.p);
    if (path.n && *path.p == '/') {
        dx_severity(c, DEXT_NOTE); /* it may be there on the machine that builds */
    }
}

/* ---- DX635 driver-not-embedded --------------------------------------------------------------- */

static void embedded(struct dx_check *c)
{
    const struct dx_carrier *carrier = c->unit->carrier;
    if (carrier && !carrier->copy && carrier->app.target->scripts == 0) {
        dx_find_at(c, DX_DRIVER_NOT_EMBEDDED, carrier->app.target->from,
                   "target %s needs the driver of %s built, and no phase copies it into the app",
                   carrier->app.target->name, c->unit->target->name);
    }
}

/* ---- DX636 executable-not-built -------------------------------------------------------------- */

static void names_program(struct dx_check *c, const struct dx_build_of *b)
{
    const struct dext_node *n = dx_get(c->doc->pl->root, "CFBundleExecutable");
    struct dx_str built;
    if (!n || n->kind != DEXT_STRING || !dx_is_literal(n) || b->target->scripts ||
        !dx_setting_value(c->ctx, b->project, b->target, b->config, "EXECUTABLE_NAME", &built) ||
        built.n == 0 || dx_str_eq(built, n->text)) {
        return;
    }
    dx_find(c, DX_EXECUTABLE_NOT_BUILT, dx_at(n),
            "CFBundleExecutable is %.*s, and target %s builds the program %.*s", (int)n->text.n,
            n->text.p, b->target->name, (int)built.n, built.p);
}

void dx_check_product_files(struct dx_check *c)
{
    const struct dx_unit *u = c->unit;
    if (!u->target || !u->config || !dx_project_is_driver(u->target) || !c->doc->effective) {
        return;
    }
    struct dx_build_of driver = {u->project, u->target, u->config};
    if (u->info_absent) {
        named_file(c, &driver, "INFOPLIST_FILE");
    } else {
        names_program(c, &driver);
    }
    if (u->claims_absent) {
        named_file(c, &driver, "CODE_SIGN_ENTITLEMENTS");
    }
    if (u->carrier && u->carrier->copy && u->carrier_claims_absent) {
        named_file(c, &u->carrier->app, "CODE_SIGN_ENTITLEMENTS");
    }
    embedded(c);
}
