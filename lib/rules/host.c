/* DX541-DX543: the app around a driver. The unit is the driver's. */
#include <string.h>

#include "rules/code.h"

static const char *host_shown(const struct dext_code *code)
{
    return code->executable[0] ? code->executable : code->path;
}

static bool knows_rights(const struct dext_slice *s)
{
    return s && s->kind != DEXT_SIGNER_NONE && s->kind != DEXT_SIGNER_LINKER;
}

static void host_install(struct dx_check *c, const struct dext_code *host,
                         const struct dext_slice *s)
{
    const struct dext_node *n = dx_get(s->entitlements, DX_ENT_INSTALL);
    if (!c->unit->ios && (!n || (n->kind == DEXT_BOOL && !n->boolean))) {
        dx_find_in(c, DX_HOST_INSTALL_MISSING, host_shown(host), "",
                   "the app holds %s, and is signed without %s", c->unit->code->path,
                   DX_ENT_INSTALL);
        if (s->kind == DEXT_SIGNER_AD_HOC) {
            dx_severity(c, DEXT_WARNING);
        }
    }
}

static void team(struct dx_check *c, const struct dext_code *host, const struct dext_slice *app,
                 const struct dext_slice *driver)
{
    bool both = app->team[0] && driver->team[0];
    if (both && strcmp(app->team, driver->team) != 0 &&
        !dx_get(driver->entitlements, "com.apple.developer.system-extension.redistributable")) {
        dx_find_in(c, DX_HOST_TEAM_DIFFERS, host_shown(host), "",
                   "the app is signed by team %s, the driver in it by %s", app->team, driver->team);
    }
}

/* Every driver in the app: whether one of them is what is listed. */
static void clients(struct dx_check *c, const struct dext_code *host, const struct dext_slice *app,
                    const struct dext_slice *driver)
{
    const struct dext_node *list = dx_get(app->entitlements, DX_ENT_CLIENT);
    const char *id = c->unit->code->bundle_id;
    const struct dext_node *near = NULL;
    if (!list || !id[0] || dx_get(driver->entitlements, DX_ENT_ALLOW_ANY)) {
        return;
    }
    const struct dext_node *n = list->kind == DEXT_ARRAY ? list->child : list;
    for (; n; n = list->kind == DEXT_ARRAY ? n->next : NULL) {
        if (n->kind == DEXT_STRING && dx_str_is(n->text, id)) {
            return;
        }
        if (n->kind == DEXT_STRING && dx_str_distance(n->text, dx_str(id), 3) <= 3) {
            near = n;
        }
    }
    dx_find_in(c, DX_CLIENT_NAMES_NO_DRIVER, host_shown(host), DX_ENT_CLIENT,
               "the driver in the app, %s, is not listed", id);
    if (near) {
        dx_severity(c, DEXT_WARNING);
        dx_fix(c, "\"%s\" is listed: write %s.", near->text.p, id);
    }
}

void dx_check_host(struct dx_check *c)
{
    const struct dext_code *host = c->unit->host_code;
    const struct dext_slice *app = dx_code_slice(host), *driver = dx_code_slice(c->unit->code);
    if (!knows_rights(app) || !driver) {
        return;
    }
    host_install(c, host, app);
    if (driver->kind != DEXT_SIGNER_NONE) {
        team(c, host, app, driver);
        clients(c, host, app, driver);
    }
}
