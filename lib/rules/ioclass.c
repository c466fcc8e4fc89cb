/* DX206, DX207, DX222, DX223, DX228: the kernel's classes that a personality names, and the kext
 * that has IOClass. The kernel makes IOClass and compares IOProviderClass by names of its own
 * metaclasses (xnu IOService.cpp, probeCandidates; IOCatalogue.cpp, findDrivers), so a class that
 * lives in a driver's process is none for it. */
#include <string.h>

#include "rules/family.h"
#include "rules/personality.h"
#include "rules/types.h"

/* ---- kernel class and bundle ---------------------------------------------------------------- */

/* Nothing but the driver itself has the kext loaded. */
static bool on_demand(const struct kb_ioclass *kernel)
{
    return kernel->loaded == KB_IOCLASS_LOADED_ON_DEMAND;
}

/* The kext matters: it is not there from the start of the system on. */
static bool kext_matters(const struct kb_ioclass *kernel)
{
    return *kb_first(kernel->wrong_bundle);
}

static bool lacks_harmlessly(const struct dx_personality *p)
{
    return p->is_dext && !p->kernel_bundle && p->kernel && !kext_matters(p->kernel) &&
           p->kernel->status == KB_IOCLASS_STATUS_DRIVERKIT;
}

/* Where the key is harmless to miss it is told once, at the first personality: how many there are
 * from p on, or 0 when p is not the first. */
static size_t lacking(const struct dx_check *c, const struct dx_personality *p)
{
    size_t count = 0;
    for (const struct dx_personality *q = c->all; q < c->all + c->all_count; q++) {
        bool lacks_too = lacks_harmlessly(q);
        if (lacks_too && q < p) {
            return 0;
        }
        count += lacks_too;
    }
    return count;
}

static void no_kernel_bundle(struct dx_check *c, const struct dx_personality *p)
{
    if (p->kernel->status != KB_IOCLASS_STATUS_DRIVERKIT || !*kb_first(p->kernel->kernel_bundle) ||
        !dx_is_absent(c, p->dict, "CFBundleIdentifierKernel")) {
        return;
    }
    const char *right = kb_first(p->kernel->kernel_bundle);
    if (kext_matters(p->kernel)) {
        dx_find(c, DX_MISSING_KERNEL_BUNDLE_ID, dx_at_key(p->dict),
                "\"%s\" has no CFBundleIdentifierKernel, but IOClass %s of %s", p->name,
                p->ioclass->text.p, right);
        dx_severity(c, on_demand(p->kernel) ? DEXT_ERROR : DEXT_WARNING);
        dx_why(c, "Nothing asks for that kext then. If it is not loaded, its class is not there: "
                  "the log says \"Couldn't alloc class\" and the personality is passed over.");
    } else {
        size_t count = lacking(c, p);
        if (count == 0) {
            return;
        }
        const char *others =
            count == 1   ? ""
            : count == 2 ? " (and one more personality)"
                         : dx_sprintf(&c->ctx->arena, " (and %zu more personalities)", count - 1);
        dx_find(c, DX_MISSING_KERNEL_BUNDLE_ID, dx_at_key(p->dict),
                "\"%s\" has no CFBundleIdentifierKernel%s", p->name, others);
    }
    dx_fix(c, "Add CFBundleIdentifierKernel %s.", right);
}

/* A kext that is known for other classes, and not for this one. */
static bool is_bundle_of_another(const struct kb_ioclass *kernel, struct dx_str bundle)
{
    bool known = false;
    for (size_t i = 0; i < kb_ioclass_count && !known; i++) {
        known = dx_kb_list_has(kb_ioclass_rows[i].kernel_bundle, bundle);
    }
    return known && kext_matters(kernel) && !dx_kb_list_has(kernel->kernel_bundle, bundle);
}

/* A kext that is meant, and written in another way: the kernel compares letter by letter. The
 * answer is the right one, or NULL. */
static const char *meant_bundle(struct dx_str bundle)
{
    const char *best = NULL;
    for (size_t i = 0; i < kb_ioclass_count; i++) {
        for (const char *known = kb_first(kb_ioclass_rows[i].kernel_bundle); *known;
             known = kb_next(known)) {
            if (dx_str_is(bundle, known)) {
                return NULL;
            }
            if (dx_str_distance(bundle, dx_str(known), 2) <= 2) {
                best = known;
            }
        }
    }
    return best;
}

static void kernel_bundle(struct dx_check *c, const struct dx_personality *p)
{
    struct dx_str bundle;
    const char *right = kb_first(p->kernel->kernel_bundle), *meant;
    if (!p->kernel_bundle) {
        no_kernel_bundle(c, p);
        return;
    }
    if (dx_names_itself(c, p->kernel_bundle)) {
        dx_find(c, DX_WRONG_KERNEL_BUNDLE_ID, dx_at(p->kernel_bundle),
                "CFBundleIdentifierKernel names the driver extension itself, not a kext");
        if (!kext_matters(p->kernel)) {
            dx_why(c,
                   "The key names the kext that has IOClass; a driver extension has no kernel "
                   "code. %s is always in the kernel, so that no harm is done here.",
                   p->ioclass->text.p);
        }
    } else if (dx_value(c, p->kernel_bundle, &bundle) &&
               (dx_kb_list_has(p->kernel->wrong_bundle, bundle) ||
                is_bundle_of_another(p->kernel, bundle))) {
        dx_find(c, DX_WRONG_KERNEL_BUNDLE_ID, dx_at(p->kernel_bundle),
                "CFBundleIdentifierKernel is %.*s, but %s is in %s", (int)bundle.n, bundle.p,
                p->ioclass->text.p, right);
    } else if (dx_value(c, p->kernel_bundle, &bundle) && (meant = meant_bundle(bundle))) {
        dx_find(c, DX_WRONG_KERNEL_BUNDLE_ID, dx_at(p->kernel_bundle),
                "CFBundleIdentifierKernel is %.*s, which looks like %s", (int)bundle.n, bundle.p,
                meant);
        if (!kext_matters(p->kernel)) {
            right = meant;
            dx_why(c,
                   "No kext has that name, so none is loaded for the key. %s is always in the "
                   "kernel, so that the driver may start all the same.",
                   p->ioclass->text.p);
        }
    } else {
        return;
    }
    if (on_demand(p->kernel)) {
        dx_severity(c, DEXT_ERROR);
        dx_why(c,
               "The kext that has the class is loaded on demand, and CFBundleIdentifierKernel is "
               "what demands it. Without it the kernel has no such class: the log says "
               "\"Couldn't alloc class\", and the driver never starts.");
    }
    if (*right) {
        dx_fix(c, "Write %s.", right);
        dx_edit_replace_text(c, p->kernel_bundle, right);
    }
}

/* ---- what the kernel has -------------------------------------------------------------------- */

static bool ioclass_is_kernel_class(struct dx_str name)
{
    for (size_t i = 0; i < kb_kernel_class_count; i++) {
        if (dx_str_is(name, kb_s(kb_kernel_class_rows[i].class))) {
            return true;
        }
    }
    return dx_kb_provider(name) != NULL;
}

/* A class of DriverKit's frameworks that has no kernel class of the very same name. */
static const struct kb_framework_class *of_process(struct dx_str name)
{
    const struct kb_framework_class *k = dx_kb_framework_class(name);
    return k && !dx_kb_list_has(k->kernel, name) && !ioclass_is_kernel_class(name) ? k : NULL;
}

/* Names that Apple gives; the tables do not hold all of the kernel's. */
static bool apples_name(struct dx_str name)
{
    return dx_str_has_prefix(name, "IO") || dx_str_has_prefix(name, "Apple") ||
           dx_str_has_prefix(name, "com_apple_");
}

bool dx_calls_a_process(const struct dx_personality *p)
{
    /* Of the family-less ones, UVCService stands for codeless extensions. */
    return p->kernel && p->kernel->status == KB_IOCLASS_STATUS_DRIVERKIT &&
           *kb_first(p->kernel->family);
}

bool dx_meant_for_driver(const struct dx_personality *p)
{
    if (!dx_is_literal(p->ioclass) || dx_is_blank(p->ioclass) ||
        dx_template_leftover(p->ioclass->text)) {
        return false;
    }
    struct dx_str name = p->ioclass->text;
    return dx_calls_a_process(p) || of_process(name) ||
           (!p->kernel && !apples_name(name) && !ioclass_is_kernel_class(name));
}

/* ---- IOClass -------------------------------------------------------------------------------- */

#define MOST_SLIPS 2 /* letters that may be wrong */

static const char *nearest_ioclass(struct dx_str have)
{
    const char *best = NULL;
    size_t least = MOST_SLIPS + 1;
    for (size_t i = 0; i < kb_ioclass_count; i++) {
        const struct kb_ioclass *row = &kb_ioclass_rows[i];
        size_t d = dx_str_distance(have, dx_str(kb_s(row->ioclass)), MOST_SLIPS);
        if (row->status == KB_IOCLASS_STATUS_DRIVERKIT && d <= least && d <= MOST_SLIPS) {
            best = d < least ? kb_s(row->ioclass) : NULL; /* NULL: it could be either */
            least = d;
        }
    }
    return best;
}

/* A kext of the author's own may bring the class. */
static bool has_own_kext(const struct dx_check *c, const struct dx_personality *p)
{
    struct dx_str bundle;
    return p->kernel_bundle &&
           (!dx_value(c, p->kernel_bundle, &bundle) ||
            (!dx_str_has_prefix(bundle, "com.apple.") && !dx_names_itself(c, p->kernel_bundle)));
}

static bool ioclass_of_apple(const struct dx_check *c)
{
    struct dx_str id;
    return dx_bundle_id(c, &id) && dx_str_has_prefix(id, "com.apple.");
}

static void unknown_ioclass(struct dx_check *c, const struct dx_personality *p)
{
    struct dx_str name = p->ioclass->text;
    const char *near = nearest_ioclass(name);
    bool own = p->user_class && dx_node_equal(p->ioclass, p->user_class);
    if (near) {
        dx_find(c, DX_UNKNOWN_IO_CLASS, dx_at(p->ioclass),
                "the kernel has no class %s; is %s meant?", name.p, near);
        dx_fix(c, "Write %s.", near);
        dx_edit_replace_text(c, p->ioclass, near);
    } else if (ioclass_is_kernel_class(name)) {
        dx_find(c, DX_UNKNOWN_IO_CLASS, dx_at(p->ioclass),
                "IOClass %s is no class that a driver extension can stand on", name.p);
        dx_why(c, "The kernel has the class, but it was not made to call into a driver's process, "
                  "so the driver is never started.");
    } else {
        dx_find(c, DX_UNKNOWN_IO_CLASS, dx_at(p->ioclass),
                own ? "IOClass %s is the driver's own class, which the kernel does not have"
                    : "IOClass %s is no class of the kernel that drivers can stand on",
                name.p);
    }
    if (!own && (has_own_kext(c, p) || ioclass_of_apple(c))) {
        dx_severity(c, DEXT_WARNING); /* its kext may bring it */
    }
}

/* A personality without a process may have any class of the kernel, known here or not. */
static void ioclass(struct dx_check *c, const struct dx_personality *p)
{
    if (p->kernel || !dx_is_literal(p->ioclass) || dx_is_blank(p->ioclass) ||
        dx_template_leftover(p->ioclass->text)) {
        return;
    }
    struct dx_str name = p->ioclass->text;
    if (p->is_dext || !(apples_name(name) || ioclass_is_kernel_class(name)) || of_process(name)) {
        unknown_ioclass(c, p);
    }
}

/* ---- IOProviderClass ------------------------------------------------------------------------ */

static const char *nearest_provider(struct dx_str have)
{
    const char *best = NULL;
    size_t least = MOST_SLIPS + 1;
    for (size_t i = 0; i < kb_provider_count; i++) {
        const struct kb_provider *row = &kb_provider_rows[i];
        size_t d = dx_str_distance(have, dx_str(kb_s(row->provider)), MOST_SLIPS);
        if (row->status == KB_PROVIDER_STATUS_CURRENT && d <= least && d <= MOST_SLIPS) {
            best = d < least ? kb_s(row->provider) : NULL;
            least = d;
        }
    }
    return best;
}

/* IOProviderClass is the class of one of this driver's own objects. */
static bool ioclass_is_own_class(const struct dx_check *c, struct dx_str name)
{
    for (size_t i = 0; i < c->all_count; i++) {
        const struct dext_node *k = c->all[i].user_class;
        if (dx_is_literal(k) && dx_str_eq(k->text, name)) {
            return true;
        }
    }
    return false;
}

/* What a driver matches on instead of a framework's class. */
static const char *nub_for(const struct kb_framework_class *k)
{
    const char *framework = kb_s(k->framework);
    return strcmp(framework, "HIDDriverKit") == 0   ? "IOHIDInterface"
           : strcmp(framework, "PCIDriverKit") == 0 ? "IOPCIDevice"
           : strcmp(framework, "USBDriverKit") == 0 ? "IOUSBHostDevice or IOUSBHostInterface"
                                                    : NULL;
}

static void of_process_class(struct dx_check *c, const struct dx_personality *p,
                             const struct kb_framework_class *k)
{
    const char *nub = nub_for(k);
    dx_find(c, DX_PROVIDER_NOT_KERNEL_CLASS, dx_at(p->provider),
            "IOProviderClass %s is a class of %s in a driver's process; no nub of the kernel is of "
            "it",
            p->provider->text.p, kb_s(k->framework));
    if (nub) {
        dx_fix(c, "Name the nub in the kernel that the device has: %s.", nub);
    }
}

static void ioclass_provider(struct dx_check *c, const struct dx_personality *p)
{
    if (p->bus || !dx_is_literal(p->provider) || dx_is_blank(p->provider) ||
        ioclass_is_kernel_class(p->provider->text)) {
        return;
    }
    struct dx_str name = p->provider->text;
    const struct kb_framework_class *k = dx_kb_framework_class(name);
    const char *near = nearest_provider(name);
    if (k && (k->role == KB_FRAMEWORK_CLASS_ROLE_OBJECT || !dx_kb_list_has(k->kernel, name))) {
        of_process_class(c, p, k);
    } else if (!k && ioclass_is_own_class(c, name) && !apples_name(name)) {
        dx_find(c, DX_PROVIDER_NOT_KERNEL_CLASS, dx_at(p->provider),
                "IOProviderClass %s is a class of the driver's own; in the kernel its objects are "
                "of the IOClass they were made with",
                name.p);
        dx_fix(c, "Write that IOClass, IOUserService as a rule, and tell the service apart by "
                  "IOPropertyMatch on IOUserClass.");
    } else if (!k && near) {
        dx_find(c, DX_UNKNOWN_PROVIDER_CLASS, dx_at(p->provider),
                "IOProviderClass %s is not known; is %s meant?", name.p, near);
        dx_fix(c, "Write %s.", near);
        dx_edit_replace_text(c, p->provider, near);
    } else if (!k && apples_name(name) && !ioclass_of_apple(c)) {
        /* Names like Apple's are hardly a kext's of one's own; the table of classes is not whole,
         * so this is no error. */
        dx_find(c, DX_UNKNOWN_PROVIDER_CLASS, dx_at(p->provider),
                "no kernel class %s is known: if macOS has none, \"%s\" never matches", name.p,
                p->name);
        dx_severity(c, DEXT_NOTE);
    }
}

void dx_check_kernel_classes(struct dx_check *c, const struct dx_personality *p)
{
    ioclass(c, p);
    if (p->is_dext) {
        if (p->kernel) {
            kernel_bundle(c, p);
        }
        ioclass_provider(c, p);
    }
}
