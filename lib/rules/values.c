#include "rules/rule.h"

bool dx_value(const struct dx_check *c, const struct dext_node *n, struct dx_str *out)
{
    if (!n || n->kind != DEXT_STRING) {
        return false;
    }
    if (!dx_has_placeholder(n->text)) {
        *out = n->text;
        return true;
    }
    const struct dx_unit *u = c->unit;
    return u->target && dx_expand(c->ctx, u->project, u->target, u->config, n->text, out);
}

bool dx_bundle_id(const struct dx_check *c, struct dx_str *out)
{
    const struct dx_unit *u = c->unit;
    const struct dext_node *id = u->info ? dx_get(u->info->pl->root, "CFBundleIdentifier") : NULL;
    if (id) {
        return dx_value(c, id, out);
    }
    /* A source Info.plist may leave it to the build. */
    return u->target && dx_setting_value(c->ctx, u->project, u->target, u->config,
                                         "PRODUCT_BUNDLE_IDENTIFIER", out);
}

bool dx_is_final(const struct dx_check *c)
{
    const struct dx_unit *u = c->unit;
    bool known = u->target && u->info && u->info->effective && u->info->whole;
    return u->built || (known && u->target->scripts == 0);
}
