/* DX814: calls that only kernel extensions have. */
#include <string.h>

#include "rules/engine.h"
#include "rules/source_calls.h"

/* The driver has a function, method or macro of that name itself. */
static bool source_kernel_is_own(const struct dx_cxx *code, struct dx_str name)
{
    size_t at = 0;
    if (dx_cxx_function(code, &at, (struct dx_str){"", 0}, name)) {
        return true;
    }
    for (size_t i = 0; i < code->class_count; i++) {
        if (dx_cxx_method(code->classes[i], name)) {
            return true;
        }
    }
    for (size_t k = 0; k < code->file_count; k++) {
        for (size_t i = 0; i < code->files[k]->macro_count; i++) {
            if (dx_str_eq(code->files[k]->macros[i].name, name)) {
                return true;
            }
        }
    }
    return false;
}

/* "Class::name(" or a free function; a method of some object may be anybody's. */
static const struct kb_kext_call *call_at(struct dx_check *c, const struct dx_cxx_file *f, size_t i)
{
    struct dx_str name = dx_token_str(&f->list[i]);
    const struct dx_token *before = i ? &f->list[i - 1] : NULL;
    if (f->list[i].branch || f->list[i].kind != DX_TOKEN_WORD || !dx_token_calls(f, i) ||
        (before && (dx_token_is(before, "->") || dx_token_is(before, ".")))) {
        return NULL;
    }
    if (before && dx_token_is(before, "::")) {
        if (i < 2 || f->list[i - 2].kind != DX_TOKEN_WORD) {
            return NULL;
        }
        struct dx_str klass = dx_token_str(&f->list[i - 2]);
        return dx_kb_kext_call(dx_str(
            dx_sprintf(&c->ctx->arena, "%.*s::%.*s", (int)klass.n, klass.p, (int)name.n, name.p)));
    }
    /* A declaration has a type before the name; a bare method name says too little. */
    bool free_name = dx_str_has_prefix(name, "IO") || dx_str_has_prefix(name, "OS") ||
                     memchr(name.p, '_', name.n) || dx_str_is(name, "copyin") ||
                     dx_str_is(name, "copyout") || dx_str_is(name, "kprintf");
    bool declared = before && (before->kind == DX_TOKEN_WORD || *before->p == '*') &&
                    !dx_token_is(before, "return");
    return free_name && !declared ? dx_kb_kext_call(name) : NULL;
}

void dx_check_kernel_calls(struct dx_check *c)
{
    const struct dx_cxx *code = c->unit->sources->code;
    for (size_t k = 0; k < code->file_count; k++) {
        const struct dx_cxx_file *f = code->files[k];
        bool driver = dx_is_driver_file(code, f);
        for (size_t i = 0; driver && i < f->count; i++) {
            const struct kb_kext_call *row = call_at(c, f, i);
            if (!row || row->status == KB_KEXT_CALL_STATUS_SAME ||
                source_kernel_is_own(code, dx_token_str(&f->list[i]))) {
                continue;
            }
            if (dx_find_in_code(c, DX_KERNEL_CALL, f, i, i, "", "%s is not in DriverKit",
                                kb_s(row->call))) {
                dx_fix(c, "%s: %s.",
                       row->status == KB_KEXT_CALL_STATUS_OTHER ? "DriverKit has"
                                                                : "The way that exists",
                       kb_s(row->counterpart));
            }
        }
    }
}
