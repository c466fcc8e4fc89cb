/* The products that the projects of a session would build, and whether they would load. */
#include <string.h>

#include "rules/session.h"

struct dx_lint_product {
    struct dext_product pub;
    const struct dx_project_target *driver;
    const char *unknown; /* why it could not be told, or NULL */
    const char **matches;
    size_t match_cap;
};

#define MOST_MATCHES 64
#define MOST_REASONS 32

static const char *lint_product_kept(struct dext_lint *l, struct dx_str s)
{
    return s.p ? dx_strndup(&l->keep, s.p, s.n) : "";
}

/* ---- what was looked at --------------------------------------------------------------------- */

static bool is_match_key(struct dx_str key)
{
    static const char *const keys[] = {
        "idVendor",          "idProduct",           "idProductMask",
        "idVendorArray",     "idProductArray",      "bcdDevice",
        "bDeviceClass",      "bDeviceSubClass",     "bDeviceProtocol",
        "bInterfaceClass",   "bInterfaceSubClass",  "bInterfaceProtocol",
        "bInterfaceNumber",  "bConfigurationValue", "IOPCIMatch",
        "IOPCIPrimaryMatch", "IOPCISecondaryMatch", "IOPCIClassMatch",
        "IONameMatch",       "IOPropertyMatch",     "VendorID",
        "ProductID",         "Transport",           "PrimaryUsagePage",
        "PrimaryUsage",      "DeviceUsagePage",     "DeviceUsage",
        "DeviceUsagePairs"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (dx_str_is(key, keys[i])) {
            return true;
        }
    }
    return false;
}

static const char *match_of(struct dext_lint *l, const struct dx_personality *p)
{
    struct dx_buf b;
    dx_buf_init(&b, &l->keep, 1024);
    dx_buf_printf(&b, "\"%s\": ", p->name);
    dx_buf_puts(&b, p->provider && p->provider->kind == DEXT_STRING ? p->provider->text.p
                                                                    : "no IOProviderClass");
    for (const struct dext_node *n = p->dict->child; n; n = n->next) {
        int64_t number;
        if (n->overridden || !is_match_key(n->key)) {
            continue;
        }
        if (dx_int(n, &number)) {
            dx_buf_printf(&b, ", %s 0x%04llx", n->key.p, (unsigned long long)number);
        } else if (n->kind == DEXT_STRING) {
            dx_buf_printf(&b, ", %s %s", n->key.p, n->text.p);
        } else {
            dx_buf_printf(&b, ", %s ...", n->key.p);
        }
    }
    return b.p;
}

static void add_matches(struct dext_lint *l, struct dx_lint_product *p, const struct dx_doc *info)
{
    const struct dx_personality *all;
    size_t n = dx_personalities(l->ctx, info->pl->root, &all);
    for (size_t i = 0; i < n && p->pub.match_count < MOST_MATCHES; i++) {
        *DX_PUSH(&l->keep, p->matches, p->pub.match_count, p->match_cap) = match_of(l, &all[i]);
    }
    p->pub.matches = p->matches;
}

static const char *lint_product_setting(struct dext_lint *l, const struct dx_build_of *b,
                                        const char *name)
{
    struct dx_str v;
    return dx_setting_value(l->ctx, b->project, b->target, b->config, name, &v)
               ? lint_product_kept(l, v)
               : "";
}

static const char *lint_product_id_of(struct dext_lint *l, const struct dx_doc *info)
{
    const struct dext_node *n = info ? dx_get(info->pl->root, "CFBundleIdentifier") : NULL;
    return n && dx_is_literal(n) ? lint_product_kept(l, n->text) : "";
}

/* A file that is named and not there may be written by the build: what it holds is not known. */
static const char *claims_unknown(struct dext_lint *l, const struct dx_build_of *b,
                                  const struct dx_doc *claims, const char *whose)
{
    const char *file = lint_product_setting(l, b, "CODE_SIGN_ENTITLEMENTS");
    struct dx_origin from;
    if (claims || dx_signed_elsewhere(l->ctx, b)) {
        return claims ? NULL
                      : dx_sprintf(&l->keep,
                                   "what signs the %s and with which entitlements is not "
                                   "in the project",
                                   whose);
    }
    return file[0] || dx_setting_assigned(b->config, "CODE_SIGN_ENTITLEMENTS", &from) ==
                          DX_ASSIGNED_UNKNOWN
               ? dx_sprintf(&l->keep, "the %s's entitlements %s were not found", whose, file)
               : NULL;
}

static const char *why_unknown(struct dext_lint *l, const struct dx_unit *u,
                               const struct dx_build_of *b)
{
    const struct dx_doc *claims = u->entitlement_count ? u->entitlements[0] : NULL;
    const char *rights = claims_unknown(l, b, claims, "driver");
    const char *app = u->carrier && u->carrier->copy
                          ? claims_unknown(l, &u->carrier->app, u->carrier_claims, "app")
                          : NULL;
    const struct dext_node *id = dx_get(u->info->pl->root, "CFBundleIdentifier");
    return !id || !dx_is_literal(id) ? "the driver's bundle id is not known"
           : !u->info->whole         ? "not all that the build puts into the Info.plist is known"
           : rights                  ? rights
           : !u->carrier             ? "no app of the project holds the driver"
           : !u->carrier->copy       ? "the app depends on the driver, but no copy phase puts it in"
           : u->carrier->placed == DX_PLACED_UNKNOWN ? "where the app holds the driver is not known"
                                                     : app;
}

static bool is_asked(const struct dext_lint *l, const struct dx_project *p)
{
    for (size_t i = 0; i < l->asked && i < l->project_count; i++) {
        if (l->projects[i] == p) {
            return true;
        }
    }
    return false;
}

void dx_lint_note_product(struct dext_lint *l, const struct dx_unit *u, const char *info_path)
{
    struct dx_build_of b = {u->project, u->target, u->config};
    for (size_t i = 0; i < l->product_count; i++) {
        if (l->products[i].driver == u->target) {
            return; /* told as it is released */
        }
    }
    if (!is_asked(l, u->project)) {
        return;
    }
    const struct dx_carrier *c = u->carrier;
    struct dx_lint_product *p = DX_PUSH(&l->keep, l->products, l->product_count, l->product_cap);
    *p = (struct dx_lint_product){.driver = u->target};
    p->pub = (struct dext_product){
        .project = u->project->path,
        .configuration = u->config->name,
        .app = c ? c->app.target->name : "",
        .app_id = lint_product_id_of(l, u->carrier_info),
        .app_entitlements =
            u->carrier_claims ? lint_product_kept(l, dx_str(u->carrier_claims->path)) : "",
        .driver = u->target->name,
        .driver_id = lint_product_id_of(l, u->info),
        .bundle = lint_product_setting(l, &b, "WRAPPER_NAME"),
        .folder = c && c->copy ? lint_product_kept(l, dx_str(c->folder)) : "",
        .app_named = c ? lint_product_setting(l, &c->app, "CODE_SIGN_ENTITLEMENTS") : "",
        .named = lint_product_setting(l, &b, "CODE_SIGN_ENTITLEMENTS"),
        .info = info_path ? lint_product_kept(l, dx_str(info_path)) : "",
        .entitlements =
            u->entitlement_count ? lint_product_kept(l, dx_str(u->entitlements[0]->path)) : "",
    };
    add_matches(l, p, u->info);
    p->unknown = why_unknown(l, u, &b);
}

void dx_lint_note_unread(struct dext_lint *l, const struct dx_unit *u, const char *why)
{
    size_t before = l->product_count;
    dx_lint_note_product(l, u, NULL);
    if (l->product_count != before) {
        l->products[before].unknown = lint_product_kept(l, dx_str(why));
    }
}

/* ---- verdicts ----------------------------------------------------------------------------- */

void dx_lint_note_error(struct dext_lint *l, const struct dx_finding *f)
{
    struct dx_lint_error *e = DX_PUSH(&l->keep, l->errors, l->error_count, l->error_cap);
    e->file = lint_product_kept(l, dx_str(f->pub.file));
    e->driver = l->driver;
    e->loads = dx_rule_lets_load(f->pub.rule);
    const char *line = f->pub.at.line ? dx_sprintf(&l->keep, ":%u", f->pub.at.line) : "";
    e->what = dx_sprintf(&l->keep, "%s %s, %s%s", dext_rule_id(f->pub.rule),
                         dext_rule_name(f->pub.rule), f->pub.file, line);
}

static bool is_its(const struct dx_lint_product *p, const struct dx_lint_error *e)
{
    return e->driver
               ? e->driver == p->driver
               : (p->pub.entitlements[0] && strcmp(e->file, p->pub.entitlements) == 0) ||
                     (p->pub.app_entitlements[0] && strcmp(e->file, p->pub.app_entitlements) == 0);
}

/* The errors that keep the driver from working only, or the others, behind `n` reasons. */
static size_t lint_product_reasons(const struct dext_lint *l, const struct dx_lint_product *p,
                                   bool loads, const char **reasons, size_t n)
{
    size_t first = n;
    for (size_t i = 0; i < l->error_count && n < MOST_REASONS; i++) {
        const struct dx_lint_error *e = &l->errors[i];
        if (e->loads == loads && is_its(p, e) &&
            (n == first || strcmp(reasons[n - 1], e->what) != 0)) {
            reasons[n++] = e->what;
        }
    }
    return n;
}

static void lint_product_judge(struct dext_lint *l, struct dx_lint_product *p)
{
    const char **reasons = dx_calloc(&l->keep, MOST_REASONS, sizeof *reasons);
    size_t n = lint_product_reasons(l, p, false, reasons, 0), stops = n;
    n = lint_product_reasons(l, p, true, reasons, n);
    p->pub.verdict = stops        ? DEXT_LOADS_NOT
                     : p->unknown ? DEXT_LOADS_UNKNOWN
                     : n          ? DEXT_LOADS_IDLY
                                  : DEXT_LOADS;
    if (stops == 0 && p->unknown && n < MOST_REASONS) {
        reasons[n++] = p->unknown;
    }
    p->pub.reasons = reasons;
    p->pub.reason_count = n;
}

void dx_lint_tell_products(struct dext_lint *l)
{
    for (size_t i = 0; l->opt.on_product && i < l->product_count; i++) {
        lint_product_judge(l, &l->products[i]);
        l->opt.on_product(l->opt.user, &l->products[i].pub);
    }
}

const char *dext_loads_name(enum dext_loads v)
{
    static const char *const names[] = {"would load", "would not load", "not known",
                                        "would load, but not work"};
    return names[v];
}
