/* DX801-DX805: the classes in a driver's sources against its personalities. The rules about what
 * the code does stand in source_calls.c. */
#include "rules/source.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "rules/engine.h"
#include "rules/family.h"
#include "rules/source_calls.h"

/* ---- reporting ------------------------------------------------------------------------------ */

static bool silenced(const struct dx_cxx_file *f, unsigned line, enum dx_rule_index rule)
{
    const struct dext_rule *r = dext_rule_at(rule);
    for (size_t i = 0; i < f->silence_count; i++) {
        const struct dx_silence *s = &f->silences[i];
        if ((s->line == line || (s->alone && s->line + 1 == line)) &&
            (dx_str_contains(s->rules, dext_rule_id(r)) ||
             dx_str_contains(s->rules, dext_rule_name(r)))) {
            return true;
        }
    }
    return false;
}

static const char *line_at(struct dx_check *c, const struct dx_cxx_file *f, size_t offset)
{
    size_t from = offset, to = offset;
    while (from && f->data[from - 1] != '\n') {
        from--;
    }
    while (to < f->size && f->data[to] != '\n' && f->data[to] != '\r') {
        to++;
    }
    return to - from > 400 ? NULL : dx_strndup(&c->ctx->arena, f->data + from, to - from);
}

bool dx_find_in_code(struct dx_check *c, enum dx_rule_index rule, const struct dx_cxx_file *f,
                     size_t first, size_t last, const char *path, const char *fmt, ...)
{
    char message[1024];
    va_list ap;
    if ((f->told && rule != DX_CREATE_DICTIONARY_MISSING) ||
        silenced(f, f->list[first].line, rule)) {
        return false;
    }
    va_start(ap, fmt);
    (void)vsnprintf(message, sizeof message, fmt, ap);
    va_end(ap);
    const struct dx_doc *doc = c->doc;
    dx_flush(c);
    c->doc = NULL;
    dx_find(c, rule, dx_at_place(NULL, dx_token_place(f, first, last)), "%s", message);
    c->last->pub.file = f->path;
    c->last->pub.path = path;
    c->last->pub.line = line_at(c, f, c->last->pub.at.offset);
    c->doc = doc;
    return true;
}

const char *dx_function_path(struct dx_check *c, const struct dx_cxx_function *fn)
{
    return dx_sprintf(&c->ctx->arena, "%.*s%s%.*s", (int)fn->klass.n, fn->klass.p,
                      fn->klass.n ? "::" : "", (int)fn->name.n, fn->name.p);
}

/* ---- looking up ----------------------------------------------------------------------------- */

const struct kb_framework_class *dx_framework_base(const struct dx_cxx *code,
                                                   const struct dx_cxx_class *k)
{
    struct dx_str base = k ? dx_cxx_base(code, k) : (struct dx_str){"", 0};
    return base.n ? dx_kb_framework_class(base) : NULL;
}

const struct dx_cxx_class *dx_class_of(struct dx_check *c, const struct dext_node *user_class)
{
    struct dx_str name;
    const struct dx_unit_sources *s = c->unit->sources;
    if (!s || !user_class || !dx_value(c, user_class, &name) || !name.n) {
        return NULL;
    }
    return dx_cxx_class(s->code, name);
}

static const char *class_name_at(const void *user, size_t i)
{
    const struct dx_cxx *code = user;
    const struct dx_cxx_class *k = code->classes[i];
    return k->iig && !k->extends ? dx_strndup(&code->ctx->arena, k->name.p, k->name.n) : "";
}

/* iig has written the class: the header that it made is kept instead of the .iig file. */
static bool is_generated(const struct dx_cxx_class *k)
{
    for (size_t i = 0; i < k->file->macro_count; i++) {
        struct dx_str m = k->file->macros[i].name;
        if (m.n == k->name.n + 8 && memcmp(m.p, k->name.p, k->name.n) == 0 &&
            dx_str_has_suffix(m, "_Methods")) {
            return true;
        }
    }
    return false;
}

/* ---- DX801, DX803 --------------------------------------------------------------------------- */

static bool is_system_name(struct dx_str name)
{
    return dx_str_has_prefix(name, "IO") || dx_str_has_prefix(name, "Apple");
}

static void in_iig(struct dx_check *c, const struct dext_node *key, enum dx_rule_index rule)
{
    const struct dx_unit_sources *s = c->unit->sources;
    const struct dx_cxx_class *k = dx_class_of(c, key);
    struct dx_str name;
    if (!key || !dx_value(c, key, &name) || !name.n || (k && (k->iig || is_generated(k)))) {
        return;
    }
    if (k) {
        dx_find(c, rule, dx_at(key), "class %.*s is declared in %s, which iig does not read",
                (int)name.n, name.p, dx_path_name(k->file->path));
        dx_fix(c, "Declare it in an .iig file of the driver's target.");
        return;
    }
    if (!s->whole || is_system_name(name) || (!s->code->iig_count && !s->project)) {
        return;
    }
    if (!s->code->iig_count) {
        dx_find(c, rule, dx_at(key), "the driver has no .iig file that could declare class %.*s",
                (int)name.n, name.p);
        return;
    }
    const char *near = dx_str_nearest(name, s->code->class_count, class_name_at, s->code);
    dx_find(c, rule, dx_at(key), "no .iig file of the driver declares class %.*s", (int)name.n,
            name.p);
    if (near && *near) {
        dx_fix(c, "There is class %s.", near);
    }
}

/* ---- DX802 ---------------------------------------------------------------------------------- */

static void source_twin(struct dx_check *c, const struct dx_personality *p)
{
    const struct dx_cxx_class *k = dx_class_of(c, p->user_class);
    const struct kb_framework_class *f =
        k && k->iig ? dx_framework_base(c->unit->sources->code, k) : NULL;
    /* On plain IOService a driver of any family may stand; other wrong values of IOClass have
     * rules of their own. */
    if (!f || f->role != KB_FRAMEWORK_CLASS_ROLE_DRIVER || !dx_is_literal(p->ioclass) ||
        strcmp(kb_s(f->framework_class), "IOService") == 0 ||
        dx_kb_list_has(f->kernel, p->ioclass->text) || !p->kernel ||
        p->kernel->status != KB_IOCLASS_STATUS_DRIVERKIT) {
        return;
    }
    const char *twin = kb_first(f->kernel);
    dx_find(c, DX_IOCLASS_NOT_SOURCE_TWIN, dx_at(p->ioclass),
            "\"%.*s\" derives from %s, whose kernel class is %s, not %s", (int)k->name.n, k->name.p,
            kb_s(f->framework_class), twin, p->ioclass->text.p);
    const struct kb_ioclass *row = dx_kb_ioclass(dx_str(twin));
    const char *bundle = row ? kb_first(row->kernel_bundle) : "";
    dx_fix(c, "Write %s%s%s.", twin, *bundle ? ", with CFBundleIdentifierKernel " : "", bundle);
}

/* ---- DX805 ---------------------------------------------------------------------------------- */

static bool has_method(const struct dx_cxx *code, const struct dx_cxx_class *k, struct dx_str name)
{
    for (size_t i = 0; k && i <= code->class_count; i++, k = dx_cxx_super(code, k)) {
        size_t at = 0;
        if (dx_cxx_method(k, name) || dx_cxx_function(code, &at, k->name, name)) {
            return true;
        }
    }
    return false;
}

static void required(struct dx_check *c, const struct dx_cxx_class *k)
{
    const struct dx_unit_sources *s = c->unit->sources;
    const struct kb_framework_class *f = k && k->iig ? dx_framework_base(s->code, k) : NULL;
    size_t missing = 0;
    struct dx_buf names;
    dx_buf_init(&names, &c->ctx->arena, 512);
    for (const char *m = f ? kb_first(f->required) : ""; *m; m = kb_next(m)) {
        if (!has_method(s->code, k, dx_str(m))) {
            missing++;
            dx_buf_printf(&names, "%s%s", names.n ? ", " : "", m);
        }
    }
    if (missing && !s->told && !s->code->partial &&
        dx_find_in_code(c, DX_REQUIRED_METHOD_MISSING, k->file, k->token, k->token,
                        dx_strndup(&c->ctx->arena, k->name.p, k->name.n),
                        "%.*s lacks %zu method%s of %s: %s", (int)k->name.n, k->name.p, missing,
                        missing == 1 ? "" : "s", kb_s(f->framework_class),
                        names.p ? names.p : "")) {
        dx_why(c,
               "%s declares %s pure virtual: the kernel calls %s and there is no implementation "
               "to fall back on.",
               kb_s(f->framework_class), missing == 1 ? "it" : "them",
               missing == 1 ? "it" : "them");
    }
}

/* ---- all of a unit -------------------------------------------------------------------------- */

static void source_nested(struct dx_check *c, const struct dx_personality *p)
{
    for (const struct dext_node *n = p->dict->child; n; n = n->next) {
        const struct dext_node *io =
            n->kind == DEXT_DICT && !n->overridden ? dx_get_kind(n, "IOClass", DEXT_STRING) : NULL;
        if (io && dx_str_is(io->text, "IOUserUserClient")) {
            in_iig(c, dx_get_kind(n, "IOUserClass", DEXT_STRING), DX_NESTED_CLASS_NOT_IN_SOURCE);
        }
    }
}

void dx_check_sources(struct dx_check *c)
{
    const struct dx_unit_sources *s = c->unit->sources;
    for (size_t i = 0; s && i < c->all_count; i++) {
        const struct dx_personality *p = &c->all[i];
        if (!p->is_dext || !p->user_class || p->user_class->kind != DEXT_STRING) {
            continue;
        }
        in_iig(c, p->user_class, DX_USER_CLASS_NOT_IN_SOURCE);
        source_twin(c, p);
        source_nested(c, p);
        bool first = true;
        for (size_t k = 0; k < i && first; k++) {
            first = !c->all[k].user_class || !dx_node_equal(c->all[k].user_class, p->user_class);
        }
        if (first) {
            required(c, dx_class_of(c, p->user_class));
            dx_check_create(c, dx_class_of(c, p->user_class));
        }
    }
    if (s && !s->told) {
        dx_check_calls(c);
    }
}
