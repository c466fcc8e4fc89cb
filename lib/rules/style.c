/* DX533: how Xcode signs a target whose driver is for USB or PCI hardware. */
#include <string.h>

#include "rules/entitlement.h"

static bool setting_is(const struct dx_check *c, const char *name, const char *value)
{
    struct dx_str text;
    return dx_setting_value(c->ctx, c->unit->project, c->unit->target, c->unit->config, name,
                            &text) &&
           dx_str_is_nocase(text, value);
}

/* The file that this configuration signs with: the one of that name among the target's. */
static bool signs_with(const struct dx_check *c, const struct dx_doc *doc)
{
    struct dx_str text;
    return dx_setting_value(c->ctx, c->unit->project, c->unit->target, c->unit->config,
                            "CODE_SIGN_ENTITLEMENTS", &text) &&
           text.n &&
           dx_str_has_suffix(dx_str(doc->path), dx_strndup(&c->ctx->arena, text.p, text.n));
}

void dx_check_signing_style(struct dx_check *c)
{
    static const char *const keys[] = {DX_ENT_USB, DX_ENT_PCI};
    const struct dx_doc *info = c->doc;
    if (!c->unit->config || strcmp(c->unit->config->name, "Debug") == 0 ||
        !setting_is(c, "CODE_SIGN_STYLE", "Automatic")) {
        return;
    }
    for (size_t i = 0; i < c->unit->entitlement_count; i++) {
        const struct dx_doc *doc = c->unit->entitlements[i];
        for (size_t k = 0; k < 2 && signs_with(c, doc); k++) {
            const struct dext_node *n = dx_get(doc->pl->root, keys[k]);
            if (n) {
                c->doc = doc;
                dx_find(c, DX_AUTOMATIC_SIGNING_HARDWARE, dx_at_key(n),
                        "target \"%s\" signs %s automatically: that does not make a distribution "
                        "build with %s",
                        c->unit->target->name, c->unit->config->name, keys[k]);
            }
        }
    }
    c->doc = info;
}
