/* Build settings: $(X), ${X}, $X, operators, inheritance, and what Xcode derives, as swift-build
 * evaluates them (SWBMacro). What may come from a place that was not read is unknown, never empty.
 */
#include <string.h>

#include "project/read.h"

/* A hostile file must not cost more; projects stay far below. */
#define DEEPEST 32         /* references within references */
#define MOST_STEPS 1000000 /* of one expansion: a reference costs STEP and what is searched */
#define STEP 1000

/* A setting being evaluated: a reference to itself means the levels below it. */
struct frame {
    struct dx_str name;
    size_t below; /* entries of the configuration that come before this one */
    bool bottom;  /* derived by Xcode: nothing is below */
    const struct frame *up;
};

struct expansion {
    const struct dx_project_whole *project;
    const struct dx_project_target *target;
    const struct dx_config *config;
    struct dx_buf out;
    size_t steps;
    unsigned depth;
};

struct cursor {
    struct dx_str text;
    size_t at;
};

static bool expand_text(struct expansion *x, struct cursor *c, char close, const struct frame *in);

/* ---- what Xcode derives -------------------------------------------------------------------- */

enum product { APP = 1, DRIVER = 2, SYSTEM_EXTENSION = 4, OTHER = 8 };
#define WRAPPED (APP | DRIVER | SYSTEM_EXTENSION)

static enum product product_of(const struct dx_project_target *t)
{
    if (dx_project_is_driver(t)) {
        return DRIVER;
    }
    return strcmp(t->product_type, "com.apple.product-type.application") == 0 ? APP
           : strcmp(t->product_type, "com.apple.product-type.system-extension") == 0
               ? SYSTEM_EXTENSION
               : OTHER;
}

/* DarwinProductTypes.xcspec, DarwinPackageTypes.xcspec, PackageTypes.xcspec, CoreBuildSystem.xcspec
 * of swift-build. PRODUCT_NAME of other products is empty there, but every template of Xcode writes
 * the target's name, and without a name nothing is built. */
static const struct {
    const char *name;
    unsigned products;
    const char *value;
} defaults[] = {
    {"PRODUCT_NAME", DRIVER | SYSTEM_EXTENSION, "$(PRODUCT_BUNDLE_IDENTIFIER)"},
    {"PRODUCT_NAME", APP | OTHER, "$(TARGET_NAME)"},
    {"PRODUCT_MODULE_NAME", WRAPPED | OTHER, "$(PRODUCT_NAME:c99extidentifier)"},
    {"EXECUTABLE_NAME", WRAPPED,
     "$(EXECUTABLE_PREFIX)$(PRODUCT_NAME)$(EXECUTABLE_VARIANT_SUFFIX)$(EXECUTABLE_SUFFIX)"},
    {"EXECUTABLE_VARIANT_SUFFIX", WRAPPED, ""},
    {"EXECUTABLE_PREFIX", WRAPPED, ""},
    {"EXECUTABLE_SUFFIX", WRAPPED, ""},
    {"FULL_PRODUCT_NAME", WRAPPED, "$(WRAPPER_NAME)"},
    {"WRAPPER_NAME", WRAPPED, "$(WRAPPER_PREFIX)$(PRODUCT_NAME)$(WRAPPER_SUFFIX)"},
    {"WRAPPER_PREFIX", WRAPPED, ""},
    {"WRAPPER_SUFFIX", WRAPPED, ".$(WRAPPER_EXTENSION)"},
    {"WRAPPER_EXTENSION", DRIVER, "dext"},
    {"WRAPPER_EXTENSION", SYSTEM_EXTENSION, "systemextension"},
    {"WRAPPER_EXTENSION", APP, "app"},
    {"PRODUCT_BUNDLE_PACKAGE_TYPE", DRIVER, "DEXT"},
    {"PRODUCT_BUNDLE_PACKAGE_TYPE", SYSTEM_EXTENSION, "SYSX"},
    {"PRODUCT_BUNDLE_PACKAGE_TYPE", APP, "APPL"},
};

/* The project and the target say these themselves; that an .xcconfig says otherwise is not to be
 * feared. SRCROOT is given the way other paths of settings are: absolute, or from SRCROOT. */
static bool expand_fixed(const struct expansion *x, struct dx_str name, struct dx_str *out)
{
    const struct dx_project *p = &x->project->pub;
    const char *value = NULL;
    if (dx_str_is(name, "TARGET_NAME") || dx_str_is(name, "TARGETNAME")) {
        value = x->target->name;
    } else if (dx_str_is(name, "CONFIGURATION")) {
        value = x->config->name;
    } else if (dx_str_is(name, "SRCROOT") || dx_str_is(name, "PROJECT_DIR") ||
               dx_str_is(name, "SOURCE_ROOT")) {
        value = p->source[0] == '/' ? p->source : ".";
    } else if (dx_str_is(name, "PROJECT_NAME") || dx_str_is(name, "PROJECT")) {
        value = x->project->name;
    } else if (dx_str_is(name, "PRODUCT_TYPE")) {
        value = x->target->product_type;
    }
    *out = dx_str(value);
    return value != NULL;
}

static bool derived(const struct expansion *x, struct dx_str name, struct dx_str *out)
{
    enum product product = product_of(x->target);
    if (expand_fixed(x, name, out)) {
        return true;
    }
    if (dx_str_is(name, "DEVELOPMENT_LANGUAGE")) {
        *out = dx_str(x->project->region);
        return true;
    }
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) {
        if ((defaults[i].products & product) && dx_str_is(name, defaults[i].name)) {
            *out = dx_str(defaults[i].value);
            return true;
        }
    }
    return false;
}

/* ---- one setting -------------------------------------------------------------------------- */

static bool spend(struct expansion *x, size_t steps)
{
    x->steps = steps < MOST_STEPS - x->steps ? x->steps + steps : MOST_STEPS;
    return x->steps < MOST_STEPS;
}

/* The value of a name in the levels below in; false: not known. */
static bool expand_look_up(struct expansion *x, struct frame *f, struct dx_str *value)
{
    size_t from = f->below;
    while (f->below-- > 0) {
        const struct dx_setting *s = &x->config->settings[f->below];
        if (!s->name.p) {
            return spend(x, from - f->below) && expand_fixed(x, f->name, value);
        }
        if (dx_str_eq(s->name, f->name)) {
            *value = s->value;
            return spend(x, from - f->below) && s->value.p;
        }
    }
    f->below = 0;
    f->bottom = true;
    return spend(x, from) && derived(x, f->name, value);
}

/* Appends the value of a setting. in: the setting whose value asks, or NULL. */
static bool expand_setting(struct expansion *x, struct dx_str name, const struct frame *in)
{
    struct frame f = {.name = name, .below = x->config->count, .up = in};
    bool inherited = dx_str_is(name, "inherited");
    if (inherited && !in) {
        return false;
    }
    for (const struct frame *up = in; up; up = up->up) {
        if (inherited || dx_str_eq(up->name, name)) {
            f.name = up->name;
            f.below = up->below;
            f.bottom = up->bottom;
            break;
        }
    }
    struct dx_str value;
    if (f.bottom || !expand_look_up(x, &f, &value)) {
        return false;
    }
    struct cursor c = {value, 0};
    return expand_text(x, &c, 0, &f);
}

/* ---- operators ---------------------------------------------------------------------------- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* rfc1034identifier: letters and '-' stay, digits too but not in front, all else (also '.' and '_')
 * becomes '-'. identifier and c99extidentifier: the same with '_' (swift-build, String.swift). */
static char identifier_char(char c, bool first, char other)
{
    return is_letter(c) || c == other || (is_digit(c) && !first) ? c : other;
}

/* Applies an operator to what was appended from start on. Beyond ASCII it would take Unicode's
 * tables to say what Xcode makes of it. */
static bool expand_apply(struct dx_buf *out, size_t start, struct dx_str how)
{
    bool rfc = dx_str_is(how, "rfc1034identifier"), lower = dx_str_is(how, "lower");
    bool c = dx_str_is(how, "c99extidentifier") || dx_str_is(how, "identifier");
    if (!rfc && !c && !lower && !dx_str_is(how, "upper")) {
        return false;
    }
    for (size_t i = start; i < out->n; i++) {
        char *p = &out->p[i];
        if ((unsigned char)*p >= 0x80) {
            return false;
        }
        if (rfc || c) {
            *p = identifier_char(*p, i == start, rfc ? '-' : '_');
        } else if (is_letter(*p)) {
            *p = (char)(lower ? *p | 0x20 : *p & ~0x20);
        }
    }
    return true;
}

/* ":lower", ":default=text"; c stands at the ':'. */
static bool expand_operator(struct expansion *x, struct cursor *c, char close, size_t start,
                            const struct frame *in)
{
    size_t name = ++c->at;
    while (c->at < c->text.n && (is_letter(c->text.p[c->at]) || is_digit(c->text.p[c->at]) ||
                                 strchr("-+._", c->text.p[c->at]))) {
        c->at++;
    }
    struct dx_str how = {c->text.p + name, c->at - name};
    if (c->at >= c->text.n || c->text.p[c->at] != '=') {
        return expand_apply(&x->out, start, how);
    }
    c->at++;
    size_t end = x->out.n;
    if (!dx_str_is(how, "default") || !expand_text(x, c, close, in)) {
        return false;
    }
    x->out.n = end > start ? end : x->out.n; /* the replacement is for an empty value only */
    return true;
}

/* ---- references --------------------------------------------------------------------------- */

static bool expand_brackets(struct expansion *x, struct cursor *c, char close,
                            const struct frame *in)
{
    size_t start = x->out.n;
    char name[256];
    if (!expand_text(x, c, close, in)) { /* the name may itself be made of references */
        return false;
    }
    size_t n = x->out.n - start;
    if (n == 0 || n > sizeof name) {
        return false;
    }
    memcpy(name, x->out.p + start, n);
    x->out.n = start;
    bool known = expand_setting(x, (struct dx_str){name, n}, in);
    while (known && c->at < c->text.n && c->text.p[c->at] == ':') {
        known = expand_operator(x, c, close, start, in);
    }
    return known && c->at < c->text.n && c->text.p[c->at++] == close;
}

/* c stands at a '$'. */
static bool expand_reference(struct expansion *x, struct cursor *c, const struct frame *in)
{
    static const char opening[] = "({[", closing[] = ")}]";
    struct dx_str t = c->text;
    char next = c->at + 1 < t.n ? t.p[c->at + 1] : 0;
    const char *bracket = next ? strchr(opening, next) : NULL;
    if (!bracket && !is_letter(next) && next != '_') {
        dx_buf_add(&x->out, "$", 1); /* "$$" is one, too */
        c->at += next == '$' ? 2 : 1;
        return true;
    }
    if (x->depth >= DEEPEST || !spend(x, STEP)) {
        return false;
    }
    bool known;
    x->depth++;
    if (bracket) {
        c->at += 2;
        known = expand_brackets(x, c, closing[bracket - opening], in);
    } else {
        size_t name = ++c->at;
        while (c->at < t.n && (is_letter(t.p[c->at]) || is_digit(t.p[c->at]) || t.p[c->at] == '_' ||
                               t.p[c->at] == '.')) {
            c->at++;
        }
        known = expand_setting(x, (struct dx_str){t.p + name, c->at - name}, in);
    }
    x->depth--;
    return known;
}

/* Up to the end of the text; with close, also up to it or to a ':'. */
static bool expand_text(struct expansion *x, struct cursor *c, char close, const struct frame *in)
{
    while (c->at < c->text.n) {
        const char *p = c->text.p + c->at;
        if (close && (*p == close || *p == ':')) {
            return true;
        }
        if (*p == '$') {
            if (!expand_reference(x, c, in)) {
                return false;
            }
            continue;
        }
        size_t n = 1, left = c->text.n - c->at;
        while (n < left && p[n] != '$' && !(close && (p[n] == close || p[n] == ':'))) {
            n++;
        }
        dx_buf_add(&x->out, p, n);
        c->at += n;
    }
    return !x->out.toobig;
}

/* "$(NAME)" and nothing else. */
static bool only_reference(struct dx_str text, struct dx_str *name)
{
    bool round = text.n > 3 && text.p[0] == '$' && text.p[1] == '(' && text.p[text.n - 1] == ')';
    bool curly = text.n > 3 && text.p[0] == '$' && text.p[1] == '{' && text.p[text.n - 1] == '}';
    *name = (struct dx_str){text.p + 2, text.n > 3 ? text.n - 3 : 0};
    for (size_t i = 0; i < name->n; i++) {
        char c = name->p[i];
        if (!is_letter(c) && !is_digit(c) && c != '_') {
            return false;
        }
    }
    return round || curly;
}

/* ---- entry points ------------------------------------------------------------------------- */

static bool expand_answer(struct expansion *x, bool known, struct dx_str *out)
{
    struct dx_str text = dx_buf_str(&x->out);
    if (!known || x->out.toobig || dx_has_placeholder(text)) {
        return false;
    }
    *out = text;
    return true;
}

enum dx_assigned dx_setting_assigned(const struct dx_config *config, const char *name,
                                     struct dx_origin *from)
{
    struct dx_str wanted = dx_str(name);
    *from = (struct dx_origin){0};
    for (size_t i = config->count, hops = 0; i-- > 0;) {
        const struct dx_setting *s = &config->settings[i];
        if (!s->name.p) {
            return from->doc ? DX_ASSIGNED : DX_ASSIGNED_UNKNOWN;
        }
        if (!dx_str_eq(s->name, wanted)) {
            continue;
        }
        *from = s->from;
        struct dx_str next;
        if (!s->value.p || !only_reference(s->value, &next) || ++hops > DEEPEST) {
            return s->value.p ? DX_ASSIGNED : DX_ASSIGNED_UNKNOWN;
        }
        if (!dx_str_is(next, "inherited") && !dx_str_eq(next, wanted)) {
            wanted = next; /* a setting of its own, from the top */
            i = config->count;
        }
    }
    return from->doc ? DX_ASSIGNED : DX_NOT_ASSIGNED;
}

bool dx_setting_is_yes(struct dext_ctx *ctx, const struct dx_project *project,
                       const struct dx_project_target *target, const struct dx_config *config,
                       const char *name)
{
    struct dx_str value;
    return dx_setting_value(ctx, project, target, config, name, &value) &&
           (dx_str_is_nocase(value, "YES") || dx_str_is_nocase(value, "TRUE") ||
            dx_str_is(value, "1"));
}

bool dx_expand(struct dext_ctx *ctx, const struct dx_project *project,
               const struct dx_project_target *target, const struct dx_config *config,
               struct dx_str text, struct dx_str *out)
{
    if (!project || !target || !config) {
        return false;
    }
    struct expansion x = {dx_project_whole(project), target, config, {0}, 0, 0};
    struct cursor c = {text, 0};
    dx_buf_init(&x.out, &ctx->arena, DX_LONGEST_SETTING);
    return expand_answer(&x, expand_text(&x, &c, 0, NULL), out);
}

bool dx_setting_value(struct dext_ctx *ctx, const struct dx_project *project,
                      const struct dx_project_target *target, const struct dx_config *config,
                      const char *name, struct dx_str *out)
{
    if (!project || !target || !config) {
        return false;
    }
    struct expansion x = {dx_project_whole(project), target, config, {0}, 0, 0};
    dx_buf_init(&x.out, &ctx->arena, DX_LONGEST_SETTING);
    return expand_answer(&x, expand_setting(&x, dx_str(name), NULL), out);
}
