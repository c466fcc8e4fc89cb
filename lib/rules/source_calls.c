/* DX806-DX812: what the methods of a driver call. Each looks at one function; what is done in
 * helpers, blocks or other files is not followed, and where it might be, nothing is said. */
#include <string.h>

#include "rules/engine.h"
#include "rules/source_calls.h"

static const struct dx_str any = {"", 0};

static bool is_call(const struct dx_cxx_file *f, size_t i, const char *name)
{
    return dx_token_is(&f->list[i], name) && f->list[i].kind == DX_TOKEN_WORD &&
           dx_token_calls(f, i);
}

/* The first call of that name in a body; 0: none. */
static size_t find_call(const struct dx_cxx_function *fn, const char *name)
{
    for (size_t i = fn->from + 1; i < fn->to; i++) {
        if (is_call(fn->file, i, name)) {
            return i;
        }
    }
    return 0;
}

static bool mentions(const struct dx_cxx *code, const char *word)
{
    for (size_t k = 0; k < code->file_count; k++) {
        const struct dx_cxx_file *f = code->files[k];
        for (size_t i = 0; i < f->count; i++) {
            if (dx_token_is(&f->list[i], word)) {
                return true;
            }
        }
    }
    return false;
}

bool dx_is_driver_file(const struct dx_cxx *code, const struct dx_cxx_file *f)
{
    if (dx_is_iig(f->path)) {
        return true;
    }
    for (size_t i = 0; i < f->include_count; i++) {
        if (dx_str_contains(f->includes[i], "DriverKit/")) {
            return true;
        }
    }
    for (size_t i = f->first_function; i < code->function_count; i++) {
        const struct dx_cxx_function *fn = &code->functions[i];
        const struct dx_cxx_class *k = dx_cxx_class(code, fn->klass);
        if (fn->file != f) {
            break;
        }
        if (k && k->iig) {
            return true;
        }
    }
    return false;
}

/* ---- DX806, DX807 --------------------------------------------------------------------------- */

/* "Start(provider, SUPERDISPATCH)" or "super::Start(provider)" in the body. */
static bool calls_super(const struct dx_cxx_function *fn, const char *name)
{
    const struct dx_cxx_file *f = fn->file;
    for (size_t i = fn->from + 1; i < fn->to; i++) {
        if (!is_call(f, i, name)) {
            continue;
        }
        size_t close = dx_tokens_close(f, i + 1);
        bool super = dx_token_is(&f->list[i - 1], "::") || close >= fn->to;
        for (size_t k = i; k < close && !super; k++) {
            super = dx_token_is(&f->list[k], "SUPERDISPATCH");
        }
        if (super) {
            return true;
        }
    }
    return false;
}

static bool any_calls_super(const struct dx_cxx *code, const struct dx_cxx_class *k,
                            const char *name)
{
    const struct dx_cxx_function *fn;
    for (size_t at = 0; (fn = dx_cxx_function(code, &at, k->name, any));) {
        if (calls_super(fn, name)) {
            return true;
        }
    }
    return false;
}

/* A macro of the sources with "SUPERDISPATCH" in it may be that call. */
static bool macro_calls_super(const struct dx_cxx *code)
{
    for (size_t k = 0; k < code->file_count; k++) {
        for (size_t i = 0; i < code->files[k]->macro_count; i++) {
            if (dx_str_contains(code->files[k]->macros[i].body, "SUPERDISPATCH")) {
                return true;
            }
        }
    }
    return false;
}

static void super_call(struct dx_check *c, const struct dx_cxx_class *k, const char *name,
                       enum dx_rule_index rule)
{
    const struct dx_cxx *code = c->unit->sources->code;
    size_t at = 0;
    const struct dx_cxx_function *fn = dx_cxx_function(code, &at, k->name, dx_str(name));
    if (fn && fn->impl && !any_calls_super(code, k, name) && !macro_calls_super(code)) {
        (void)dx_find_in_code(c, rule, fn->file, fn->token, fn->token, dx_function_path(c, fn),
                              "%.*s::%s never calls %s(provider, SUPERDISPATCH)", (int)k->name.n,
                              k->name.p, name, name);
    }
}

/* ---- DX808 ---------------------------------------------------------------------------------- */

static void registered(struct dx_check *c, const struct dx_cxx_class *k)
{
    const struct dx_cxx *code = c->unit->sources->code;
    size_t at = 0, none = 0;
    const struct dx_cxx_function *start = dx_cxx_function(code, &at, k->name, DX_STR("Start"));
    if (start && start->impl && dx_str_is(dx_cxx_base(code, k), "IOService") &&
        dx_cxx_function(code, &none, k->name, DX_STR("NewUserClient")) &&
        !mentions(code, "RegisterService") && c->unit->sources->whole) {
        (void)dx_find_in_code(c, DX_REGISTER_SERVICE_MISSING, start->file, start->token,
                              start->token, dx_function_path(c, start),
                              "%.*s has NewUserClient and never calls RegisterService",
                              (int)k->name.n, k->name.p);
    }
}

/* ---- DX809 ---------------------------------------------------------------------------------- */

/* Every personality of the class stands on hardware, whose nub the kernel owns. */
static bool source_calls_on_hardware(const struct dx_check *c, const struct dx_cxx_class *k)
{
    size_t count = 0;
    for (size_t i = 0; i < c->all_count; i++) {
        const struct dx_personality *p = &c->all[i];
        if (!p->user_class || !dx_str_eq(p->user_class->text, k->name)) {
            continue;
        }
        if (!p->bus || p->bus->hardware != KB_PROVIDER_HARDWARE_YES) {
            return false;
        }
        count++;
    }
    return count != 0;
}

/* The name of Start's parameter: of its definition, or, for IMPL(), of its declaration. */
static struct dx_str provider_name(const struct dx_cxx_class *k, const struct dx_cxx_function *fn)
{
    const struct dx_cxx_file *f = fn->file;
    size_t open = fn->args;
    if (dx_token_is(&f->list[open - 1], "IMPL")) {
        const struct dx_cxx_method *m = dx_cxx_method(k, DX_STR("Start"));
        if (!m) {
            return any;
        }
        f = k->file;
        open = m->token + 1;
    }
    return dx_tokens_match(f, open, "( IOService * %word% )") ? dx_token_str(&f->list[open + 3])
                                                              : any;
}

/* The provider by other names: what OSDynamicCast made of it in the same function. */
struct aliases {
    struct dx_str list[8];
    size_t count;
};

static bool is_alias(const struct aliases *all, struct dx_str name)
{
    for (size_t i = 0; i < all->count; i++) {
        if (dx_str_eq(all->list[i], name)) {
            return true;
        }
    }
    return false;
}

static void find_aliases(struct aliases *all, const struct dx_cxx_function *fn)
{
    const struct dx_cxx_file *f = fn->file;
    for (size_t i = fn->from + 1; i < fn->to && all->count < sizeof all->list / sizeof *all->list;
         i++) {
        if (dx_tokens_match(f, i, "%word% = OSDynamicCast ( %word% , %word% )") &&
            dx_str_eq(dx_token_str(&f->list[i + 6]), all->list[0])) {
            all->list[all->count++] = dx_token_str(&f->list[i]);
        }
    }
}

static void provider_properties(struct dx_check *c, const struct dx_cxx_class *k)
{
    const struct dx_cxx *code = c->unit->sources->code;
    size_t at = 0;
    const struct dx_cxx_function *fn = dx_cxx_function(code, &at, k->name, DX_STR("Start"));
    struct aliases names = {.count = 1};
    names.list[0] = fn && fn->impl && source_calls_on_hardware(c, k) ? provider_name(k, fn) : any;
    if (names.list[0].n == 0) {
        return;
    }
    find_aliases(&names, fn);
    for (size_t i = fn->from + 1; i < fn->to; i++) {
        if (dx_tokens_match(fn->file, i, "%word% -> SetProperties (") &&
            is_alias(&names, dx_token_str(&fn->file->list[i]))) {
            (void)dx_find_in_code(c, DX_PROVIDER_SET_PROPERTIES, fn->file, i, i + 2,
                                  dx_function_path(c, fn),
                                  "SetProperties on the provider returns kIOReturnUnsupported");
        }
    }
}

/* ---- DX810 ---------------------------------------------------------------------------------- */

/* First token of the n-th argument (from 0) of the call whose "(" is at open; 0: none. */
static size_t argument(const struct dx_cxx_file *f, size_t open, size_t close, size_t n)
{
    unsigned deep = 0;
    size_t i = open + 1;
    for (; n && i < close; i++) {
        const struct dx_token *t = &f->list[i];
        char c = t->kind == DX_TOKEN_PUNCT ? *t->p : 0;
        deep += c == '(' || c == '[' || c == '{';
        deep -= deep && (c == ')' || c == ']' || c == '}');
        n -= c == ',' && !deep;
    }
    return n || i >= close ? 0 : i;
}

static void map_calls(struct dx_check *c, const struct dx_cxx_function *fn)
{
    const struct dx_cxx_file *f = fn->file;
    for (size_t i = fn->from + 1; i < fn->to; i++) {
        if (!is_call(f, i, "Map") || !dx_token_is(&f->list[i - 1], "->")) {
            continue;
        }
        size_t close = dx_tokens_close(f, i + 1);
        size_t fifth = close < fn->to ? argument(f, i + 1, close, 4) : 0;
        bool six = fifth && argument(f, i + 1, close, 5) && !argument(f, i + 1, close, 6);
        if (six && dx_tokens_match(f, fifth, "nullptr|NULL|0 ,")) {
            (void)dx_find_in_code(
                c, DX_MAP_RETURN_ADDRESS, f, fifth, fifth, dx_function_path(c, fn),
                "Map writes the address through its fifth argument, which is %.*s",
                (int)f->list[fifth].n, f->list[fifth].p);
        }
    }
}

/* ---- DX811, DX812 --------------------------------------------------------------------------- */

/* Blocks that are handed to another queue run later and elsewhere. */
static bool dispatches(const struct dx_cxx_function *fn)
{
    return find_call(fn, "DispatchAsync") || find_call(fn, "DispatchAsync_f") ||
           find_call(fn, "DispatchSync");
}

static void create_target(struct dx_check *c, const struct dx_cxx_class *k)
{
    static const char *const early[] = {"Start", "UserInitializeController", "UserStartController"};
    for (size_t n = 0; n < sizeof early / sizeof *early; n++) {
        size_t at = 0;
        const struct dx_cxx_function *fn =
            dx_cxx_function(c->unit->sources->code, &at, k->name, dx_str(early[n]));
        const struct dx_cxx_method *m = dx_cxx_method(k, dx_str(early[n]));
        size_t call = fn && (!m || !m->queue.n) && !dispatches(fn)
                          ? find_call(fn, "UserCreateTargetForID")
                          : 0;
        if (call) {
            (void)dx_find_in_code(
                c, DX_TARGET_CREATED_IN_START, fn->file, call, call, dx_function_path(c, fn),
                "UserCreateTargetForID in %s runs on the default queue", early[n]);
        }
    }
}

/* Of two calls on one object the second stands before the first. */
static bool out_of_order(const struct dx_cxx_function *fn, size_t first, size_t second)
{
    return first > second && second > 1 &&
           dx_str_eq(dx_token_str(&fn->file->list[first - 2]),
                     dx_token_str(&fn->file->list[second - 2]));
}

static void iterator_order(struct dx_check *c, const struct dx_cxx_function *fn)
{
    size_t create = find_call(fn, "CreateInterfaceIterator");
    size_t configure = create ? find_call(fn, "SetConfiguration") : 0;
    size_t open = configure ? find_call(fn, "Open") : 0;
    if (configure && out_of_order(fn, configure, create)) {
        (void)dx_find_in_code(c, DX_INTERFACE_ITERATOR_ORDER, fn->file, create, create,
                              dx_function_path(c, fn),
                              "CreateInterfaceIterator comes before SetConfiguration (line %u)",
                              fn->file->list[configure].line);
    } else if (open && out_of_order(fn, open, configure)) {
        (void)dx_find_in_code(
            c, DX_INTERFACE_ITERATOR_ORDER, fn->file, configure, configure, dx_function_path(c, fn),
            "SetConfiguration comes before Open (line %u)", fn->file->list[open].line);
    }
}

/* ---- all of them ---------------------------------------------------------------------------- */

static void source_calls_check_class(struct dx_check *c, const struct dx_cxx_class *k)
{
    const struct kb_framework_class *f = dx_framework_base(c->unit->sources->code, k);
    if (!k->iig || k->extends || !f ||
        (f->role != KB_FRAMEWORK_CLASS_ROLE_DRIVER && f->role != KB_FRAMEWORK_CLASS_ROLE_CLIENT)) {
        return;
    }
    super_call(c, k, "Start", DX_START_WITHOUT_SUPER);
    super_call(c, k, "Stop", DX_STOP_WITHOUT_SUPER);
    registered(c, k);
    provider_properties(c, k);
    create_target(c, k);
}

void dx_check_calls(struct dx_check *c)
{
    const struct dx_cxx *code = c->unit->sources->code;
    for (size_t i = 0; i < code->class_count; i++) {
        source_calls_check_class(c, code->classes[i]);
    }
    for (size_t i = 0; i < code->function_count; i++) {
        const struct dx_cxx_function *fn = &code->functions[i];
        map_calls(c, fn);
        iterator_order(c, fn);
    }
    dx_check_logs(c);
    dx_check_kernel_calls(c);
}
