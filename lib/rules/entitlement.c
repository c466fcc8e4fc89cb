/* DX401, DX405, DX408-DX412: the keys of a .entitlements file: their names, and whom they
 * are for. */
#include "rules/entitlement.h"

#include <stdio.h>
#include <string.h>

#include "rules/engine.h"

#define DEVELOPER "com.apple.developer."
#define EXTENSION DEVELOPER "system-extension"

/* ---- names -------------------------------------------------------------------------------- */

/* Spelling is looked at only near the names that matter to drivers: the table does not know all of
 * Apple's other entitlements. */
static bool matters(const struct kb_entitlement *row)
{
    const char *name = kb_s(row->entitlement);
    return row->status == KB_ENTITLEMENT_STATUS_CURRENT &&
           (strstr(name, "driverkit") || strstr(name, "system-extension") ||
            strstr(name, "hid.virtual") || strstr(name, "task-allow") ||
            strcmp(name, DX_ENT_SANDBOX) == 0);
}

/* dx_str_distance of two names, which mostly begin alike: that part is left out. */
static size_t entitlement_distance(struct dx_str a, struct dx_str b, size_t limit)
{
    size_t same = 0;
    while (same < a.n && same < b.n && a.p[same] == b.p[same]) {
        same++;
    }
    return dx_str_distance((struct dx_str){a.p + same, a.n - same},
                           (struct dx_str){b.p + same, b.n - same}, limit);
}

static const struct kb_entitlement *entitlement_misspelt(struct dx_str key)
{
    enum { MOST = 2, LONGEST = 80 };
    if (key.n > LONGEST) {
        return NULL; /* longer than any name by more than a slip */
    }
    const struct kb_entitlement *best = NULL;
    size_t least = MOST + 1;
    for (size_t i = 0; i < kb_entitlement_count; i++) {
        const struct kb_entitlement *row = &kb_entitlement_rows[i];
        size_t d = matters(row) ? entitlement_distance(key, dx_str(kb_s(row->entitlement)), MOST)
                                : MOST + 1;
        if (d < least) {
            best = row;
            least = d;
        } else if (d <= MOST && d == least) {
            best = NULL;
        }
    }
    return best;
}

static const struct kb_entitlement *entitlement_joined(const char *prefix, struct dx_str tail)
{
    char name[128];
    if (strlen(prefix) + tail.n >= sizeof name) {
        return NULL;
    }
    (void)snprintf(name, sizeof name, "%s%.*s", prefix, (int)tail.n, tail.n ? tail.p : "");
    const struct kb_entitlement *row = dx_kb_entitlement(dx_str(name));
    return row && matters(row) ? row : NULL;
}

static struct dx_str entitlement_after(struct dx_str s, const char *part)
{
    const char *at = memmem(s.p, s.n, part, strlen(part));
    if (!at) {
        return (struct dx_str){0};
    }
    at += strlen(part);
    return (struct dx_str){at, s.n - (size_t)(at - s.p)};
}

/* The right end under a wrong beginning: "com.apple.driverkit.transport.usb". */
static const struct kb_entitlement *entitlement_misplaced(struct dx_str key)
{
    struct dx_str tail = entitlement_after(key, "driverkit.");
    if (tail.n) {
        return entitlement_joined(DX_ENT_BASE ".", tail);
    }
    if (dx_str_has_prefix(key, DEVELOPER "transport.") ||
        dx_str_has_prefix(key, DEVELOPER "family.")) {
        return entitlement_joined(DX_ENT_BASE ".", entitlement_after(key, DEVELOPER));
    }
    return NULL;
}

const struct kb_entitlement *dx_ent_meant(struct dx_str key)
{
    const struct kb_entitlement *row = dx_kb_entitlement(key);
    if (row) {
        return row->status == KB_ENTITLEMENT_STATUS_BOGUS
                   ? dx_kb_entitlement(dx_str(kb_s(row->instead)))
                   : NULL;
    }
    if (!dx_str_contains(key, ".") && !dx_str_contains(key, "-")) {
        return NULL; /* no name of an entitlement at all */
    }
    row = entitlement_misspelt(key);
    return row ? row : entitlement_misplaced(key);
}

bool dx_ent_tries(const struct dext_node *root, const char *name)
{
    if (dx_get(root, name)) {
        return true;
    }
    for (const struct dext_node *n = root->child; n; n = n->next) {
        const struct kb_entitlement *meant = dx_ent_meant(n->key);
        if (meant && strcmp(kb_s(meant->entitlement), name) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- whose file it is --------------------------------------------------------------------- */

static bool is_hardware_right(const char *name)
{
    return strncmp(name, DX_ENT_FAMILY, strlen(DX_ENT_FAMILY)) == 0 ||
           strncmp(name, DX_ENT_TRANSPORT, strlen(DX_ENT_TRANSPORT)) == 0;
}

static bool has_builtin(const struct dext_node *root)
{
    const struct dext_node *pci = dx_get_kind(root, DX_ENT_PCI, DEXT_ARRAY);
    for (const struct dext_node *e = pci ? pci->child : NULL; e; e = e->next) {
        if (e->kind == DEXT_STRING && dx_str_is(e->text, DX_ENT_BUILTIN)) {
            return true;
        }
    }
    return dx_get(root, DX_ENT_BUILTIN) != NULL;
}

/* Rights over hardware are a driver's beyond doubt; the base entitlement is what gets copied into
 * apps, so there the app's keys win. */
bool dx_ent_read(struct dx_ent *e, const struct dx_doc *doc)
{
    const struct dext_node *right = NULL, *driver = NULL, *host = NULL, *client = NULL;
    *e = (struct dx_ent){.root = doc->pl->root};
    if (!e->root || e->root->kind != DEXT_DICT) {
        return false;
    }
    for (const struct dext_node *n = e->root->child; n; n = n->next) {
        const struct kb_entitlement *meant = dx_ent_meant(n->key);
        const struct kb_entitlement *row = meant ? meant : dx_kb_entitlement(n->key);
        if (n->overridden || !row) {
            continue;
        }
        const char *name = kb_s(row->entitlement);
        if (is_hardware_right(name)) {
            right = right ? right : n;
        } else if (row->carrier == KB_ENTITLEMENT_CARRIER_DEXT) {
            driver = driver && strcmp(name, DX_ENT_BASE) != 0 ? driver : n;
        } else if (strcmp(name, DX_ENT_INSTALL) == 0) {
            host = n;
        } else if (strcmp(name, DX_ENT_COMMUNICATES) == 0) {
            host = host ? host : n;
        } else if (row->carrier == KB_ENTITLEMENT_CARRIER_CLIENT ||
                   row->carrier == KB_ENTITLEMENT_CARRIER_APP) {
            client = client ? client : n;
        }
    }
    e->driver = right || (driver && !host);
    e->client = !e->driver && (host || client);
    e->driver_key = right ? right : driver;
    e->client_key = host ? host : client;
    e->apple = has_builtin(e->root);
    e->whole = !doc->pl->stopped && !dx_first_break(doc->pl);
    return true;
}

/* ---- entitlement-unknown ------------------------------------------------------------------ */

static bool entitlement_type_fits(const struct kb_entitlement *row, const struct dext_node *n)
{
    return row->type == KB_ENTITLEMENT_TYPE_BOOLEAN ? n->kind == DEXT_BOOL : n->kind == DEXT_ARRAY;
}

static void entitlement_unknown(struct dx_check *c, const struct dx_ent *e,
                                const struct dext_node *n)
{
    const struct kb_entitlement *row = dx_kb_entitlement(n->key), *meant = dx_ent_meant(n->key);
    if (!meant) {
        if (dx_str_has_prefix(n->key, DX_ENT_BASE) || dx_str_has_prefix(n->key, EXTENSION) ||
            dx_str_contains(n->key, ".iokit.")) {
            dx_find(c, DX_ENTITLEMENT_UNKNOWN, dx_at_key(n), "no entitlement %s is known",
                    n->key.p);
            dx_severity(c, DEXT_WARNING);
            dx_fix(c, "Remove it, unless Apple granted your team exactly this key.");
        }
        return;
    }
    const char *right = kb_s(meant->entitlement);
    bool there = dx_get(e->root, right) != NULL;
    dx_find(c, DX_ENTITLEMENT_UNKNOWN, dx_at_key(n), "there is no entitlement %s; is %s meant?",
            n->key.p, right);
    if (there) {
        dx_severity(c, DEXT_WARNING); /* the file claims the right one too */
        dx_fix(c, "Remove it; %s is there.", right);
        return;
    }
    if (meant->restricted == KB_ENTITLEMENT_RESTRICTED_NO) {
        dx_severity(c, DEXT_WARNING);
        dx_why(c, "Entitlements are looked up by their exact names: under this one nothing looks.");
    }
    bool fits = entitlement_type_fits(meant, n);
    dx_fix(c, fits ? "Write %s." : "Write %s, with a value of its own type.", right);
    if (!row && fits) {
        dx_edit_replace_key(c, n, right);
    }
}

/* ---- entitlement-apple-only, entitlement-defunct ------------------------------------------ */

/* Something in the file says that it is a driver's, or of a program that installs or opens one.
 * What other programs of Apple's claim is none of a driver author's business. */
static bool about_drivers(const struct dx_check *c, const struct dx_ent *e)
{
    if (c->unit->info || e->driver) {
        return true;
    }
    for (const struct dext_node *n = e->root->child; n; n = n->next) {
        if (dx_str_has_prefix(n->key, DX_ENT_BASE) || dx_str_has_prefix(n->key, EXTENSION) ||
            dx_str_contains(n->key, ".iokit.")) {
            return true;
        }
    }
    return false;
}

static void apple_only(struct dx_check *c, const struct dx_ent *e, const struct dext_node *n)
{
    bool builtin = dx_str_is(n->key, DX_ENT_BUILTIN);
    if ((e->apple && !builtin) || !about_drivers(c, e)) {
        return; /* told once, at builtin */
    }
    if (builtin) {
        dx_find(c, DX_ENTITLEMENT_APPLE_ONLY, dx_at_key(n),
                "%s: Apple's own drivers of built-in devices have it, nobody else is granted it",
                n->key.p);
        dx_severity(c, DEXT_NOTE);
    } else {
        dx_find(c, DX_ENTITLEMENT_APPLE_ONLY, dx_at_key(n),
                "%s is Apple's own: no profile of another team grants it", n->key.p);
    }
}

static void defunct(struct dx_check *c, const struct dext_node *n, const struct kb_entitlement *row)
{
    dx_find(c, DX_ENTITLEMENT_DEFUNCT, dx_at_key(n), "%s has no function any more", n->key.p);
    if (*kb_s(row->instead)) {
        dx_fix(c, "Remove it; what it was for is %s.", kb_s(row->instead));
    }
    dx_edit_remove_entry(c, n);
}

static void entitlement_names(struct dx_check *c, const struct dx_ent *e)
{
    for (const struct dext_node *n = e->root->child; n; n = n->next) {
        const struct kb_entitlement *row = n->overridden ? NULL : dx_kb_entitlement(n->key);
        if (n->overridden) {
            continue;
        }
        if (dx_str_has_prefix(n->key, "com.apple.private.") ||
            (row && row->status == KB_ENTITLEMENT_STATUS_APPLE_ONLY)) {
            apple_only(c, e, n);
        } else if (!row || row->status == KB_ENTITLEMENT_STATUS_BOGUS) {
            entitlement_unknown(c, e, n);
        } else if (row->status == KB_ENTITLEMENT_STATUS_DEFUNCT) {
            defunct(c, n, row);
        }
    }
}

/* ---- entitlement-wrong-carrier ------------------------------------------------------------ */

static void client_key_in_driver(struct dx_check *c, const struct dx_ent *e,
                                 const struct dext_node *n)
{
    if (dx_str_is(n->key, DX_ENT_CLIENT)) {
        if (n->kind != DEXT_STRING && n->kind != DEXT_ARRAY) {
            return; /* entitlement-type says it all */
        }
        dx_find(c, DX_ENTITLEMENT_WRONG_CARRIER, dx_at_key(n),
                "%s belongs to the client that opens the driver, not to the driver", n->key.p);
        dx_fix(c, "Remove it, and sign the client with it. " DX_ENT_ALLOW_ANY
                  " lets a driver be opened by everybody.");
    } else if (dx_str_is(n->key, DX_ENT_VIRTUAL_HID)) {
        dx_find(c, DX_ENTITLEMENT_WRONG_CARRIER, dx_at_key(n),
                "%s is for processes that use IOHIDUserDevice, not for a driver", n->key.p);
        dx_fix(c, "Remove it; a driver that makes HID devices has " DX_ENT_FAMILY "hid.device.");
    } else {
        dx_find(c, DX_ENTITLEMENT_WRONG_CARRIER, dx_at_key(n),
                "%s is an app's, %s a driver's: one file cannot be right for both", n->key.p,
                e->driver_key->key.p);
        dx_fix(c, "Remove it here, and sign the app with a file of its own.");
    }
}

static void carriers(struct dx_check *c, const struct dx_ent *e)
{
    for (const struct dext_node *n = e->root->child; n; n = n->next) {
        const struct kb_entitlement *row = n->overridden ? NULL : dx_kb_entitlement(n->key);
        if (!row || row->status != KB_ENTITLEMENT_STATUS_CURRENT) {
            continue;
        }
        if (e->driver && (row->carrier == KB_ENTITLEMENT_CARRIER_CLIENT ||
                          row->carrier == KB_ENTITLEMENT_CARRIER_APP)) {
            client_key_in_driver(c, e, n);
        } else if (e->client && row->carrier == KB_ENTITLEMENT_CARRIER_DEXT) {
            dx_find(c, DX_ENTITLEMENT_WRONG_CARRIER, dx_at_key(n),
                    "%s is a driver's, %s an app's: one file cannot be right for both", n->key.p,
                    e->client_key->key.p);
            dx_fix(c, "Remove it here, and sign the driver extension with a file of its own.");
        }
    }
}

/* ---- entitlement-missing-base, entitlement-false-counts, sandbox-missing ------------------- */

/* Xcode's build of a driver target does (swift-build, DefaultEntitlements of the product type). */
static bool build_adds_base(const struct dx_check *c)
{
    return c->unit->target && !c->unit->code && dx_project_is_driver(c->unit->target);
}

static void base(struct dx_check *c, const struct dx_ent *e)
{
    const struct dext_node *n = dx_get(e->root, DX_ENT_BASE);
    if (n && n->kind == DEXT_BOOL && !n->boolean) {
        dx_find(c, DX_ENTITLEMENT_MISSING_BASE, dx_at(n), DX_ENT_BASE " is false");
        dx_severity(c, DEXT_ERROR);
        dx_why(c, "For this key the kernel does look at the value: it lets a process run as a "
                  "driver extension only where it is true.");
        dx_fix(c, "Write <true/>.");
        dx_edit_replace_element(c, n, "<true/>");
    } else if (!n && e->driver && !e->client_key && e->whole && !build_adds_base(c) &&
               !dx_ent_tries(e->root, DX_ENT_BASE)) {
        dx_find(c, DX_ENTITLEMENT_MISSING_BASE, dx_at_key(e->driver_key),
                "%s without " DX_ENT_BASE ", which every driver extension needs",
                e->driver_key->key.p);
    }
}

/* Rights whose presence alone the kernel tests: those that nubs and family classes ask for
 * (IOUserServer.cpp, checkEntitlements) and allow-any-userclient-access (serviceNewUserClient). */
static void false_counts(struct dx_check *c, const struct dx_ent *e)
{
    for (const struct dext_node *n = e->root->child; n; n = n->next) {
        const struct kb_entitlement *row = n->overridden ? NULL : dx_kb_entitlement(n->key);
        if (n->kind != DEXT_BOOL || n->boolean || !row ||
            row->status != KB_ENTITLEMENT_STATUS_CURRENT ||
            row->type != KB_ENTITLEMENT_TYPE_BOOLEAN) {
            continue;
        }
        if (dx_str_is(n->key, DX_ENT_ALLOW_ANY)) {
            dx_find(c, DX_ENTITLEMENT_FALSE_COUNTS, dx_at(n),
                    "%s is false, yet every process may open the driver: only its presence is "
                    "tested",
                    n->key.p);
        } else if (is_hardware_right(n->key.p)) {
            dx_find(c, DX_ENTITLEMENT_FALSE_COUNTS, dx_at(n),
                    "%s is false, yet the kernel takes it as held: only its presence is tested",
                    n->key.p);
        }
    }
}

static bool build_adds_sandbox(const struct dx_check *c)
{
    const struct dx_unit *u = c->unit;
    return u->target && u->config &&
           dx_setting_is_yes(c->ctx, u->project, u->target, u->config, "ENABLE_APP_SANDBOX");
}

static void sandbox(struct dx_check *c, const struct dx_ent *e)
{
    const struct dext_node *n = dx_get(e->root, DX_ENT_SANDBOX);
    if (!e->driver || e->client_key || e->apple || !e->whole || (n && n->kind != DEXT_BOOL) ||
        (n && n->boolean) || dx_ent_tries(e->root, DX_ENT_SANDBOX) != (n != NULL) ||
        build_adds_sandbox(c)) {
        return;
    }
    dx_find(c, DX_SANDBOX_MISSING, n ? dx_at(n) : dx_at_key(e->driver_key),
            n ? DX_ENT_SANDBOX " is false in a driver's entitlements"
              : "no " DX_ENT_SANDBOX " among a driver's entitlements");
    if (n) {
        dx_fix(c, "Write <true/>.");
    }
}

void dx_check_entitlements_doc(struct dx_check *c, const struct dx_doc *doc)
{
    struct dx_ent e;
    const struct dext_node *root = doc->pl->root;
    if (doc->kind != DX_DOC_ENTITLEMENTS || !root) {
        return;
    }
    if (!dx_ent_read(&e, doc)) {
        if (!doc->pl->stopped && !dx_first_break(doc->pl)) {
            dx_find(c, DX_ENTITLEMENT_TYPE, dx_at(root),
                    "the file holds a value of the type %s, not a dictionary of entitlements",
                    dext_kind_name(root->kind));
            dx_fix(c, "Write one dictionary with the entitlements as its keys.");
        }
        return;
    }
    entitlement_names(c, &e);
    carriers(c, &e);
    base(c, &e);
    false_counts(c, &e);
    sandbox(c, &e);
    dx_check_ent_values(c, &e);
}
