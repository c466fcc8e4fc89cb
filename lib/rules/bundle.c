/* DX603-DX605, DX607, DX611, DX612: a driver extension as a folder, alone or in its app. */
#include <string.h>

#include "bundle/bundle.h"
#include "rules/rule.h"

/* Where to point when the fault is the folder's own: the identifier if there is one. */
static struct dx_target identity(const struct dx_check *c)
{
    const struct dext_node *root = c->unit->info ? c->unit->info->pl->root : NULL;
    const struct dext_node *id = dx_get(root, "CFBundleIdentifier");
    return dx_at(id ? id : root);
}

static void bundle_name_is_id(struct dx_check *c, const struct dx_bundle *b)
{
    struct dx_str id, name = dx_str(b->name);
    if (!dx_bundle_id(c, &id) || !id.n || !dx_str_has_suffix(name, ".dext")) {
        return;
    }
    name.n -= strlen(".dext");
    if (dx_str_eq(name, id)) {
        return;
    }
    dx_find(c, DX_BUNDLE_NAME_NOT_ID, identity(c),
            "the folder is called %s, the CFBundleIdentifier is %.*s", b->name, (int)id.n, id.p);
    dx_fix(c, "Call the folder %.*s.dext: in Xcode, PRODUCT_NAME = $(PRODUCT_BUNDLE_IDENTIFIER).",
           (int)id.n, id.p);
    if (dx_str_is_nocase(name, id.p)) {
        dx_severity(c, DEXT_WARNING); /* found on the usual volume, which ignores case */
    }
}

static void place_in_app(struct dx_check *c, const struct dx_bundle *b)
{
    if (b->host && !b->in_system_extensions) {
        dx_find(c, DX_DEXT_NOT_IN_SYSTEM_EXTENSIONS, identity(c), "%s is in %s, but not in its %s",
                b->name, dx_path_name(b->host),
                b->ios_layout ? "SystemExtensions" : "Contents/Library/SystemExtensions");
    }
}

static void id_prefix(struct dx_check *c, const struct dx_bundle *b)
{
    const struct dx_doc *host = c->unit->host_info;
    const struct dext_node *n = host ? dx_get(host->pl->root, "CFBundleIdentifier") : NULL;
    struct dx_str id;
    if (!n || !dx_is_literal(n) || !n->text.n || !dx_bundle_id(c, &id) || !id.n) {
        return;
    }
    if (!dx_str_has_prefix(id, dx_sprintf(&c->ctx->arena, "%s.", n->text.p))) {
        dx_find(c, DX_BUNDLE_ID_PREFIX, identity(c),
                "the id %.*s does not begin with the app's, \"%s.\"", (int)id.n, id.p, n->text.p);
        if (b->ios_layout) {
            dx_severity(c, DEXT_ERROR);
        }
    }
}

static bool has_user_code(const struct dx_check *c)
{
    for (size_t i = 0; i < c->all_count; i++) {
        if (c->all[i].is_dext) {
            return true;
        }
    }
    return false;
}

static void executable(struct dx_check *c, const struct dx_bundle *b)
{
    const struct dext_node *root = c->unit->info ? c->unit->info->pl->root : NULL;
    const struct dext_node *n = dx_get(root, "CFBundleExecutable");
    if (b->executable && !b->executable_there) {
        dx_find(c, DX_EXECUTABLE_MISSING, dx_at(n), "%s holds no file \"%s\"", b->name, n->text.p);
    } else if (!n && !dx_get(root, "CFBundleUEXTExecutable") && has_user_code(c) &&
               !c->doc->pl->stopped) {
        dx_find(c, DX_EXECUTABLE_MISSING, dx_at(root), "the bundle has no CFBundleExecutable");
        dx_severity(c, DEXT_WARNING);
        dx_why(c, "Without the key a program of the folder's own name is looked for; whether that "
                  "holds for driver extensions is not documented.");
    }
}

void dx_check_bundle(struct dx_check *c)
{
    const struct dx_bundle *b = c->unit->bundle;
    if (!b) {
        return;
    }
    if (!b->info_path) {
        dx_find(c, DX_INFO_PLIST_MISSING, dx_at(NULL), "%s holds no Info.plist", b->name);
    } else if (b->deep && dx_str_has_suffix(dx_str(b->info_path), "/Contents/Info.plist")) {
        dx_find(c, DX_DEXT_LAYOUT, dx_at(c->unit->info ? c->unit->info->pl->root : NULL),
                "%s is laid out with a Contents folder", b->name);
    }
    place_in_app(c, b);
    if (c->unit->info && c->doc) {
        bundle_name_is_id(c, b);
        id_prefix(c, b);
        executable(c, b);
    }
}
