/* The kext's classes that derive from the kernel's. */
#include <string.h>

#include "migrate/plan.h"

/* "#define Device com_vendor_Device": the name in the Info.plist is the macro's body. */
const struct dx_cxx_class *dx_plan_class(const struct dx_plan *p, struct dx_str name)
{
    const struct dx_cxx_class *k = name.n ? dx_cxx_class(p->code, name) : NULL;
    for (size_t i = 0; !k && name.n && i < p->code->file_count; i++) {
        const struct dx_cxx_file *f = p->code->files[i];
        for (size_t m = 0; !k && m < f->macro_count; m++) {
            if (!f->macros[m].function && dx_str_eq(f->macros[m].body, name)) {
                k = dx_cxx_class(p->code, f->macros[m].name);
            }
        }
    }
    return k;
}

/* The first class above k that the table knows, otherwise the first that the sources do not
 * declare: headers of Apple's (Airport's, Skywalk's) are copied into many a tree. */
static struct dx_str classes_base(const struct dx_plan *p, const struct dx_cxx_class *k)
{
    for (size_t i = 0; k && i <= p->code->class_count; i++) {
        if (dx_kb_kext_base(k->super)) {
            return k->super;
        }
        const struct dx_cxx_class *up = dx_cxx_super(p->code, k);
        if (!up) {
            return dx_cxx_base(p->code, k);
        }
        k = up;
    }
    return (struct dx_str){"", 0};
}

struct dx_str dx_plan_base(const struct dx_plan *p, struct dx_str klass)
{
    const struct dx_cxx_class *k = dx_plan_class(p, klass);
    return k ? classes_base(p, k) : (struct dx_str){"", 0};
}

/* ---- OSDefineMetaClassAndStructors and its like --------------------------------------------- */

static bool defines_meta_class(const struct dx_cxx_file *f, size_t i, struct dx_str *name)
{
    if (f->list[i].kind != DX_TOKEN_WORD ||
        !dx_str_has_prefix(dx_token_str(&f->list[i]), "OSDefineMetaClass") ||
        !dx_tokens_match(f, i + 1, "( %any% ,")) {
        return false;
    }
    *name = dx_token_str(&f->list[i + 2]);
    return true;
}

/* name NULL: any class is made at all. */
static bool is_made_here(const struct dx_plan *p, const struct dx_str *name)
{
    struct dx_str made;
    for (size_t k = 0; k < p->code->file_count; k++) {
        const struct dx_cxx_file *f = p->code->files[k];
        for (size_t i = 0; !f->told && i < f->count; i++) {
            if (defines_meta_class(f, i, &made) && (!name || dx_str_eq(made, *name))) {
                return true;
            }
        }
    }
    return false;
}

static const char *classes_copy(struct dx_plan *p, struct dx_str s)
{
    return dx_strndup(&p->ctx->arena, s.p, s.n);
}

/* What the kernel's classes are called; others are the kext's own helpers or a library's. */
static bool classes_is_kernel_class(struct dx_str name)
{
    return dx_str_has_prefix(name, "IO") || dx_str_has_prefix(name, "Apple") ||
           dx_kb_kext_base(name);
}

static bool is_object(struct dx_str name)
{
    static const char *const objects[] = {"OSObject", "OSMetaClass", "IOCommand", "IOEventSource",
                                          "IOWorkLoop"};
    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) {
        if (dx_str_is(name, objects[i])) {
            return true;
        }
    }
    return false;
}

static void classes_add(struct dx_plan *p, const struct dx_cxx_class *k, struct dx_str super)
{
    struct dext_migrate *m = p->out;
    const struct kb_kext_base *row = dx_kb_kext_base(super);
    const struct kb_family *f = row ? dx_kb_family(kb_s(row->family)) : NULL;
    struct dext_migrate_class *c =
        DX_PUSH(&p->ctx->arena, m->classes, m->class_count, p->class_cap);
    *c = (struct dext_migrate_class){
        .name = classes_copy(p, k->name),
        .super = classes_copy(p, super),
        .at = {dx_strdup(&p->ctx->arena, k->file->path), k->file->list[k->token].line},
        .way = row && row->way == KB_KEXT_BASE_WAY_NONE ? DEXT_MIGRATE_NONE : DEXT_MIGRATE_OTHER,
        .known = row != NULL,
        .base = f                               ? kb_first(f->user_class)
                : dx_str_is(super, "IOService") ? "IOService"
                                                : "",
        .framework = f ? kb_s(f->framework) : "",
        .text = row ? kb_s(row->text) : "not a class that is known here"};
    if (dx_str_is(super, "IOUserClient") || dx_str_is(super, "IOUserClient2022")) {
        p->client = p->client ? p->client : c->name;
    }
}

void dx_plan_classes(struct dx_plan *p)
{
    bool all = !is_made_here(p, NULL);
    for (size_t i = 0; i < p->code->class_count; i++) {
        const struct dx_cxx_class *k = p->code->classes[i];
        struct dx_str super = classes_base(p, k);
        if (!k->file->told && dx_cxx_class(p->code, k->name) == k && super.n &&
            classes_is_kernel_class(super) && !is_object(super) &&
            (all || is_made_here(p, &k->name))) {
            classes_add(p, k, super);
        }
    }
}
