/* DX701-DX705: the classes in a driver's program against its personalities. */
#include <string.h>

#include "rules/code.h"

static const struct dext_class *find_class(const struct dext_slice *s, struct dx_str name)
{
    for (size_t i = 0; s && i < s->class_count; i++) {
        if (dx_str_is(name, s->classes[i].name)) {
            return &s->classes[i];
        }
    }
    return NULL;
}

/* The first slice that has classes; a program without any tells nothing. */
static const struct dext_slice *with_classes(const struct dext_code *code)
{
    for (size_t i = 0; i < code->slice_count; i++) {
        if (!code->slices[i].fault[0] && code->slices[i].class_count) {
            return &code->slices[i];
        }
    }
    return NULL;
}

static const char *classes_nearest(const struct dext_slice *s, struct dx_str name)
{
    const char *best = NULL;
    size_t limit = name.n < 6 ? 1 : 3, least = limit + 1;
    for (size_t i = 0; i < s->class_count; i++) {
        size_t d = dx_str_distance(dx_str(s->classes[i].name), name, limit);
        if (d < least) {
            least = d;
            best = s->classes[i].name;
        }
    }
    return best;
}

/* The framework class at the end of the program's own ones; "" when they go round. */
static const char *framework_class(const struct dext_slice *s, const struct dext_class *k)
{
    for (size_t i = 0; i <= s->class_count; i++) {
        const struct dext_class *up = find_class(s, dx_str(k->super));
        if (!up) {
            return k->super;
        }
        k = up;
    }
    return "";
}

/* ---- a name in the plist ------------------------------------------------------------------- */

static bool elsewhere(struct dx_str name, const char *near)
{
    return !near && dx_str_has_prefix(name, "IO"); /* the frameworks' own, as for audio clients */
}

/* The class a key names. NULL: it is not there, which has been told, or cannot be known. */
static const struct dext_class *classes_named(struct dx_check *c, const struct dext_slice *s,
                                              const struct dext_node *key, enum dx_rule_index rule)
{
    struct dx_str name;
    if (!key || !dx_value(c, key, &name) || !name.n) {
        return NULL;
    }
    const struct dext_class *k = find_class(s, name);
    const char *near = k ? NULL : classes_nearest(s, name);
    if (k || elsewhere(name, near)) {
        return k;
    }
    dx_find(c, rule, dx_at(key), "the program has no class \"%.*s\"", (int)name.n, name.p);
    if (near) {
        dx_fix(c, "It has \"%s\".", near);
    } else {
        dx_fix(c, "%s Its first class is \"%s\".", dext_rule_fix(dext_rule_at(rule)),
               s->classes[0].name);
    }
    return NULL;
}

/* Another slice has classes, but not this one. */
static void in_every_slice(struct dx_check *c, const struct dext_code *code,
                           const struct dext_class *k, const struct dext_node *key)
{
    for (size_t i = 0; k && i < code->slice_count; i++) {
        const struct dext_slice *s = &code->slices[i];
        if (!s->fault[0] && !find_class(s, dx_str(k->name))) {
            dx_find(c, DX_CLASS_MISSING_IN_SLICE, dx_at(key), "the slice %s has no class \"%s\"",
                    s->arch, k->name);
            return;
        }
    }
}

/* ---- the kernel's twin --------------------------------------------------------------------- */

/* The row of a framework class that has kernel classes of its own: on plain IOService a driver of
 * any family may stand. */
static const struct kb_framework_class *with_twin(const char *framework)
{
    const struct kb_framework_class *f = dx_kb_framework_class(dx_str(framework));
    bool judged = f && (f->role == KB_FRAMEWORK_CLASS_ROLE_DRIVER ||
                        f->role == KB_FRAMEWORK_CLASS_ROLE_CLIENT);
    return judged && strcmp(framework, "IOService") != 0 && *kb_first(f->kernel) ? f : NULL;
}

static void classes_twin(struct dx_check *c, const struct dext_slice *s, const struct dext_class *k,
                         const struct dx_personality *p)
{
    const char *framework = k ? framework_class(s, k) : "";
    const struct kb_framework_class *f = with_twin(framework);
    if (!f || !dx_is_literal(p->ioclass) || dx_kb_list_has(f->kernel, p->ioclass->text)) {
        return;
    }
    const char *twin = kb_first(f->kernel);
    dx_find(c, DX_IOCLASS_NOT_TWIN, dx_at(p->ioclass),
            "\"%s\" derives from %s, whose kernel class is %s, not %s", k->name, framework, twin,
            p->ioclass->text.p);
    const struct kb_family *family = dx_family_of_class(dx_str(framework));
    if (family &&
        family->kernel_bundle_confidence == KB_FAMILY_KERNEL_BUNDLE_CONFIDENCE_UNCERTAIN) {
        dx_severity(c, DEXT_WARNING);
    }
    if (f->role == KB_FRAMEWORK_CLASS_ROLE_CLIENT) {
        dx_severity(c, DEXT_WARNING);
        dx_why(c,
               "%s is what an app talks to; the driver makes one in NewUserClient. The driver "
               "itself derives from IOService or from the class of its family.",
               framework);
        dx_fix(c, "Derive the driver from IOService, and name the user client in a dictionary "
                  "UserClientProperties of the personality.");
        return;
    }
    const struct kb_ioclass *row = dx_kb_ioclass(dx_str(twin));
    const char *bundle = row ? kb_first(row->kernel_bundle) : "";
    dx_fix(c, "Write %s%s%s.", twin, *bundle ? ", with CFBundleIdentifierKernel " : "", bundle);
}

/* ---- nested dictionaries ------------------------------------------------------------------- */

static void classes_user_client(struct dx_check *c, const struct dext_code *code,
                                const struct dext_slice *s, const struct dext_node *dict)
{
    const struct dext_node *io = dx_get_kind(dict, "IOClass", DEXT_STRING);
    const struct dext_node *key = dx_get_kind(dict, "IOUserClass", DEXT_STRING);
    if (!io || !dx_str_is(io->text, "IOUserUserClient")) {
        return;
    }
    const struct dext_class *k = classes_named(c, s, key, DX_USER_CLIENT_CLASS_NOT_IN_BINARY);
    in_every_slice(c, code, k, key);
    const char *framework = k ? framework_class(s, k) : "";
    if (framework[0] && !strstr(framework, "UserClient")) {
        dx_find(c, DX_USER_CLIENT_SUPERCLASS, dx_at(key),
                "\"%s\" derives from %s, not IOUserClient", k->name, framework);
    }
}

void dx_check_classes(struct dx_check *c)
{
    const struct dext_code *code = c->unit->code;
    const struct dext_slice *s = code ? with_classes(code) : NULL;
    c->doc = c->unit->info;
    for (size_t i = 0; s && c->doc && i < c->all_count; i++) {
        const struct dx_personality *p = &c->all[i];
        if (!p->is_dext) {
            continue;
        }
        const struct dext_class *k =
            classes_named(c, s, p->user_class, DX_USER_CLASS_NOT_IN_BINARY);
        in_every_slice(c, code, k, p->user_class);
        classes_twin(c, s, k, p);
        for (const struct dext_node *n = p->dict->child; n; n = n->next) {
            if (n->kind == DEXT_DICT && !n->overridden) {
                classes_user_client(c, code, s, n);
            }
        }
    }
}
