/* DX301, DX310, DX312, DX313: the family a personality is written for, and what that family needs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules/engine.h"
#include "rules/family.h"

bool dx_file_is_whole(const struct dx_check *c)
{
    return !c->doc->pl->stopped && !dx_first_break(c->doc->pl);
}

bool dx_claims(const struct dx_check *c, const char *entitlement)
{
    for (size_t i = 0; i < c->unit->entitlement_count; i++) {
        const struct dext_node *n = dx_get(c->unit->entitlements[i]->pl->root, entitlement);
        if (n && (n->kind != DEXT_BOOL || n->boolean)) {
            return true;
        }
    }
    return false;
}

/* ---- ioclass-family-mismatch -------------------------------------------------------------- */

/* What to write instead of a class that is DriverKit's own or has a twin for driver extensions
 * (IOBlockStorageDevice, IOUserBlockStorageDevice); NULL when that is not clear. */
static const char *right_class(struct dx_check *c, const struct dx_personality *p)
{
    struct dx_str have = p->ioclass->text;
    const struct kb_family *f = dx_family_of_class(have);
    if (f) {
        return kb_s(f->ioclass);
    }
    if (dx_str_is(have, "IOService")) {
        return p->family && p->family->generic_ok == KB_FAMILY_GENERIC_OK_YES
                   ? kb_s(p->family->ioclass)
                   : NULL;
    }
    if (!dx_str_has_prefix(have, "IO")) {
        return NULL;
    }
    const char *twin = dx_sprintf(&c->ctx->arena, "IOUser%s", have.p + 2);
    const struct kb_ioclass *row = dx_kb_ioclass(dx_str(twin));
    return row && row->status == KB_IOCLASS_STATUS_DRIVERKIT ? twin : NULL;
}

static void fix_class(struct dx_check *c, const struct dx_personality *p, const char *right)
{
    const struct kb_ioclass *row = dx_kb_ioclass(dx_str(right));
    dx_fix(c, "Write %s, with CFBundleIdentifierKernel %s.", right,
           row ? kb_first(row->kernel_bundle) : "of the kext that has it");
    dx_edit_replace_text(c, p->ioclass, right);
    const char *bundle = row ? kb_first(row->kernel_bundle) : "";
    if (*bundle && !p->kernel_bundle && !dx_get(p->dict, "CFBundleIdentifierKernel")) {
        dx_edit_add_string(c, p->ioclass, "CFBundleIdentifierKernel", bundle);
    } else if (*bundle && p->kernel_bundle && dx_is_literal(p->kernel_bundle) &&
               !dx_kb_list_has(row->kernel_bundle, p->kernel_bundle->text)) {
        dx_edit_replace_text(c, p->kernel_bundle, bundle);
    }
}

/* No driver extension can stand behind this class. */
static void unfit_class(struct dx_check *c, const struct dx_personality *p)
{
    dx_find(c, DX_IOCLASS_FAMILY_MISMATCH, dx_at(p->ioclass),
            "IOClass %s cannot stand for a driver extension: %s", p->ioclass->text.p,
            kb_s(p->kernel->note));
    if (p->kernel->status == KB_IOCLASS_STATUS_USER_CLIENT) {
        dx_severity(c, DEXT_WARNING);
        dx_fix(c,
               "Name the driver's kernel class here, IOUserService as a rule; %s belongs into a "
               "dictionary such as UserClientProperties.",
               p->ioclass->text.p);
        return;
    }
    const char *right = right_class(c, p);
    if (right) {
        fix_class(c, p, right);
    }
}

static void generic_on_scsi(struct dx_check *c, const struct dx_personality *p)
{
    bool known = p->family && strncmp(kb_s(p->family->family), "scsi-type", 9) == 0;
    const char *right =
        known ? kb_s(p->family->ioclass)
              : "IOUserSCSIPeripheralDeviceType00, 05 or 07, by the type of the device";
    dx_find(c, DX_IOCLASS_FAMILY_MISMATCH, dx_at(p->ioclass),
            "IOClass IOUserService on a SCSI nub: the kernel class of such drivers is %s", right);
    if (known) {
        fix_class(c, p, right);
    } else {
        dx_fix(c, "Write %s, with CFBundleIdentifierKernel of the kext that has it.", right);
    }
}

/* Some dictionary of the personality, itself included, names a kernel class that stands for
 * drivers with this entitlement, or may do so. */
static bool serves(const struct dext_node *n, const char *entitlement)
{
    const struct dext_node *ioclass = dx_get(n, "IOClass");
    if (ioclass && !dx_is_literal(ioclass)) {
        return true;
    }
    const struct kb_ioclass *row = ioclass ? dx_kb_ioclass(ioclass->text) : NULL;
    for (const char *s = row ? kb_first(row->family) : ""; *s; s = kb_next(s)) {
        const struct kb_family *f = dx_kb_family(s);
        if (f && f->generic_ok == KB_FAMILY_GENERIC_OK_NO &&
            dx_kb_list_has(f->entitlement, dx_str(entitlement))) {
            return true;
        }
    }
    for (const struct dext_node *e = n->child; e; e = e->next) {
        if (e->kind == DEXT_DICT && serves(e, entitlement)) {
            return true;
        }
    }
    return false;
}

/* Enough for any driver; beyond it, comparing each with all would take too long. */
#define MOST_FAMILY_PERSONALITIES 2000

static bool served(const struct dx_check *c, const char *entitlement)
{
    if (c->all_count > MOST_FAMILY_PERSONALITIES) {
        return true;
    }
    for (size_t i = 0; i < c->all_count; i++) {
        if (serves(c->all[i].dict, entitlement)) {
            return true;
        }
    }
    return false;
}

/* The generic class where the provider, the keys or IOUserClass ask for one of a family. */
static bool generic_class(struct dx_check *c, const struct dx_personality *p)
{
    const struct kb_family *f = p->family;
    if (p->bus && p->bus->bus == KB_PROVIDER_BUS_SCSI) {
        generic_on_scsi(c, p);
        return true;
    }
    if (!f || f->generic_ok == KB_FAMILY_GENERIC_OK_YES) {
        return false;
    }
    bool sure = dx_is_literal(p->user_class) && dx_family_of_class(p->user_class->text) == f;
    if (!sure && served(c, kb_first(f->entitlement))) {
        return true; /* its children, or the driver's other personalities, are of the family */
    }
    bool by_keys = dx_family_of_keys(p) != NULL;
    const char *by = sure ? "IOUserClass" : by_keys ? "IOTTY keys" : "provider";
    dx_find(c, DX_IOCLASS_FAMILY_MISMATCH, dx_at(p->ioclass),
            "IOClass IOUserService, but \"%s\" is a %s driver by its %s: the kernel class is %s",
            p->name, kb_s(f->family), by, kb_s(f->ioclass));
    if (sure) {
        fix_class(c, p, kb_s(f->ioclass));
    } else {
        /* A plain service may read the reports itself, or publish the port as another nub. */
        dx_severity(c, DEXT_WARNING);
        dx_fix(c, "Write %s, with CFBundleIdentifierKernel %s.", kb_s(f->ioclass),
               kb_first(f->kernel_bundle));
    }
    return true;
}

/* Audio and MIDI have no kernel class: what is not IOUserService belongs to another family. */
static void class_of_other_family(struct dx_check *c, const struct dx_personality *p)
{
    bool plain = p->family && p->family->generic_ok == KB_FAMILY_GENERIC_OK_YES &&
                 *kb_first(p->family->nested);
    if (plain && !dx_str_is(p->ioclass->text, kb_s(p->family->ioclass))) {
        dx_find(c, DX_IOCLASS_FAMILY_MISMATCH, dx_at(p->ioclass),
                "IOClass %s in a personality with %s: %s drivers stand on %s", p->ioclass->text.p,
                kb_first(p->family->nested), kb_s(p->family->family), kb_s(p->family->ioclass));
        dx_severity(c, DEXT_WARNING);
        dx_fix(c, "Write %s, or remove the dictionary if this is no %s driver.",
               kb_s(p->family->ioclass), kb_s(p->family->family));
    }
}

/* A family that the driver claims, has no class for, and that drivers on this provider can be of.
 */
static const struct kb_family *claimed_family(const struct dx_check *c,
                                              const struct dx_personality *p)
{
    static const char prefix[] = "com.apple.developer.driverkit.family.";
    for (size_t i = 0; i < kb_family_count; i++) {
        const struct kb_family *f = &kb_family_rows[i];
        const char *key = kb_first(f->entitlement);
        if (f->generic_ok == KB_FAMILY_GENERIC_OK_NO && dx_str_has_prefix(dx_str(key), prefix) &&
            dx_claims(c, key) && dx_kb_list_has(f->provider, p->provider->text) &&
            !served(c, key)) {
            return f;
        }
    }
    return NULL;
}

/* What IOUserClass derives from is not in the file, but the entitlements tell. A service on
 * IOUserResources is left alone: it makes its family's objects itself. */
static void generic_but_claimed(struct dx_check *c, const struct dx_personality *p)
{
    if (!p->bus || p->bus->hardware != KB_PROVIDER_HARDWARE_YES || !dx_file_is_whole(c)) {
        return;
    }
    const struct kb_family *f = claimed_family(c, p);
    if (f) {
        dx_find(c, DX_IOCLASS_FAMILY_MISMATCH, dx_at(p->ioclass),
                "IOClass IOUserService, and no personality has %s, which drivers with %s stand on",
                kb_s(f->ioclass), kb_first(f->entitlement));
        dx_severity(c, DEXT_WARNING);
        dx_fix(c, "Write %s, with CFBundleIdentifierKernel %s, if \"%s\" is a %s driver.",
               kb_s(f->ioclass), kb_first(f->kernel_bundle), p->name, kb_s(f->family));
        dx_repeats(c);
    }
}

static void kernel_class(struct dx_check *c, const struct dx_personality *p)
{
    if (!p->kernel) {
        return; /* unknown-io-class */
    }
    if (p->kernel->status != KB_IOCLASS_STATUS_DRIVERKIT) {
        unfit_class(c, p);
    } else if (!dx_is_generic_class(p->ioclass)) {
        class_of_other_family(c, p);
    } else if (!generic_class(c, p)) {
        generic_but_claimed(c, p);
    }
}

/* ---- versions and systems ----------------------------------------------------------------- */

/* The first personality of its family in the file, so that each family is told about once. */
static bool first_of_family(const struct dx_check *c, const struct dx_personality *p)
{
    for (size_t i = 0; i < c->all_count && &c->all[i] != p; i++) {
        if (c->all[i].is_dext && c->all[i].family == p->family) {
            return false;
        }
    }
    return true;
}

/* "20.4" as 2004; 0 when it is no version. */
static unsigned long version_number(const char *s)
{
    char *end = NULL;
    unsigned long major = strtoul(s, &end, 10), minor = 0;
    if (end == s || major > 1000) {
        return 0;
    }
    if (*end == '.') {
        minor = strtoul(end + 1, NULL, 10);
    }
    return major * 100 + (minor > 99 ? 99 : minor);
}

static bool family_setting(const struct dx_check *c, const char *name, struct dx_str *out)
{
    const struct dx_unit *u = c->unit;
    return u->target && u->config &&
           dx_setting_value(c->ctx, u->project, u->target, u->config, name, out);
}

/* As version_number counts: 19.0, macOS 10.15. */
#define FIRST_DRIVERKIT_MINUTE 1900

static void os_version(struct dx_check *c, const struct dx_personality *p)
{
    const struct dext_node *min = dx_get(c->unit->info->pl->root, "OSMinimumDriverKitVersion");
    const char *least = kb_s(p->family->driverkit);
    const struct kb_driverkit *row = *least ? dx_kb_driverkit(least) : NULL;
    struct dx_str have;
    if (!row || !(min ? dx_value(c, min, &have)
                      : family_setting(c, "DRIVERKIT_DEPLOYMENT_TARGET", &have))) {
        return;
    }
    unsigned long version = version_number(dx_strndup(&c->ctx->arena, have.p, have.n));
    if (version < FIRST_DRIVERKIT_MINUTE || version >= version_number(least) ||
        !first_of_family(c, p)) {
        return; /* below the first one: min-driverkit-version */
    }
    dx_find(c, DX_FAMILY_OS_VERSION, min ? dx_at(min) : dx_at_key(p->dict),
            "%s %.*s, but %s (personality \"%s\") came with DriverKit %s, macOS %s",
            min ? "OSMinimumDriverKitVersion" : "DRIVERKIT_DEPLOYMENT_TARGET", (int)have.n, have.p,
            kb_s(p->family->framework), p->name, least, kb_s(row->macos));
    dx_fix(c, "Raise it to %s.", least);
    if (row->confirmed == KB_DRIVERKIT_CONFIRMED_NO) {
        dx_severity(c, DEXT_NOTE);
    }
}

/* The driver is also meant for iPadOS. */
static bool for_ipados(const struct dx_check *c)
{
    const struct dx_unit *u = c->unit;
    struct dx_str value;
    if (u->bundle && u->bundle->ios_layout && u->bundle->host) {
        return true;
    }
    const struct dext_node *platforms =
        dx_get_kind(u->info->pl->root, "CFBundleSupportedPlatforms", DEXT_ARRAY);
    for (const struct dext_node *n = platforms ? platforms->child : NULL; n; n = n->next) {
        if (n->kind == DEXT_STRING && dx_str_is(n->text, "iPhoneOS")) {
            return true;
        }
    }
    if (u->carrier && u->carrier->copy && dx_is_ios_build(c->ctx, &u->carrier->app)) {
        return true;
    }
    return family_setting(c, "SUPPORTED_PLATFORMS", &value) && dx_str_contains(value, "iphoneos");
}

static void ipados(struct dx_check *c, const struct dx_personality *p)
{
    bool resources = p->bus && p->bus->bus == KB_PROVIDER_BUS_RESOURCES;
    bool missing = !resources && strcmp(kb_s(p->family->ipados), "no") == 0;
    if ((!resources && !missing) || !for_ipados(c)) {
        return;
    }
    if (missing) {
        dx_find(c, DX_IPADOS_UNSUPPORTED_FAMILY, dx_at_key(p->dict),
                "\"%s\" is a %s driver; iPadOS has no %s", p->name, kb_s(p->family->family),
                kb_s(p->family->framework));
        return;
    }
    dx_find(c, DX_IPADOS_UNSUPPORTED_FAMILY, dx_at(p->provider),
            "\"%s\" is for iPadOS too, where %s starts development-signed drivers only", p->name,
            p->provider->text.p);
    dx_severity(c, DEXT_NOTE);
    dx_why(c, "A release kernel of iPadOS ends a third-party driver that matched without hardware, "
              "with \"Third party driver may only match real hardware\", unless it is signed for "
              "development.");
    dx_fix(c, "Match hardware on iPadOS; keep this personality for macOS.");
}

/* ---- audio-user-client-missing ------------------------------------------------------------ */

static bool family_any_has(const struct dx_check *c, const char *key)
{
    for (size_t i = 0; i < c->all_count; i++) {
        if (dx_get(c->all[i].dict, key)) {
            return true;
        }
    }
    return false;
}

/* Only the entitlement tells from outside that a driver on IOUserService is an audio driver. */
static void family_user_client(struct dx_check *c, const struct dx_personality *p, const char *id)
{
    const struct kb_family *f = dx_kb_family(id);
    const char *nested = f ? kb_first(f->nested) : "";
    if (!*nested || !dx_claims(c, kb_first(f->entitlement)) || family_any_has(c, nested)) {
        return;
    }
    dx_find(c, DX_AUDIO_USER_CLIENT_MISSING, dx_at_key(p->dict),
            "the driver claims %s, but no personality has %s", kb_first(f->entitlement), nested);
    dx_fix(c, "Add the dictionary %s with IOClass IOUserUserClient and IOUserClass %s.", nested,
           kb_s(f->nested_class));
}

static bool first_dext(const struct dx_check *c, const struct dx_personality *p)
{
    for (size_t i = 0; i < c->all_count && &c->all[i] != p; i++) {
        if (c->all[i].is_dext) {
            return false;
        }
    }
    return true;
}

void dx_check_family(struct dx_check *c, const struct dx_personality *p)
{
    if (!p->is_dext) {
        return;
    }
    kernel_class(c, p);
    if (p->family) {
        os_version(c, p);
        ipados(c, p);
    }
    if (first_dext(c, p) && dx_file_is_whole(c)) {
        family_user_client(c, p, "audio");
        family_user_client(c, p, "midi");
    }
}
