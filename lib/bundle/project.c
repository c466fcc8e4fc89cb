/* Xcode projects: the build settings that fill the placeholders of a target's Info.plist. Only what
 * stands in project.pbxproj counts; a target whose settings also come from an .xcconfig file has
 * fewer defaults, since what that file says is not known. */
#include <string.h>

#include "bundle/bundle.h"

#define DEEPEST 16

static const struct dext_node *object(const struct dext_node *objects, const struct dext_node *id)
{
    return id && id->kind == DEXT_STRING ? dx_get_kind(objects, id->text.p, DEXT_DICT) : NULL;
}

static const char *text_of(const struct dext_node *n, const char *otherwise)
{
    return n && n->kind == DEXT_STRING ? n->text.p : otherwise;
}

static struct dx_str joined(struct dext_ctx *ctx, const struct dext_node *n)
{
    if (n->kind == DEXT_STRING) {
        return n->text;
    }
    struct dx_buf b;
    dx_buf_init(&b, &ctx->arena, (size_t)1 << 16);
    for (const struct dext_node *e = n->kind == DEXT_ARRAY ? n->child : NULL; e; e = e->next) {
        if (e->kind == DEXT_STRING) {
            dx_buf_puts(&b, b.n ? " " : "");
            dx_buf_add(&b, e->text.p, e->text.n);
        }
    }
    return dx_buf_str(&b);
}

/* "NAME[sdk=driverkit*]" counts for driver targets, every other condition for none. */
static bool setting_name(struct dx_str key, bool driver, struct dx_str *name)
{
    const char *bracket = memchr(key.p, '[', key.n);
    *name = key;
    if (!bracket) {
        return true;
    }
    name->n = (size_t)(bracket - key.p);
    struct dx_str condition = {bracket, key.n - name->n};
    return driver && dx_str_has_prefix(condition, "[sdk=driverkit");
}

static void put(struct dext_ctx *ctx, struct dx_config *c, size_t *cap, struct dx_str name,
                struct dx_str value)
{
    for (size_t i = 0; i < c->count; i++) {
        if (dx_str_eq(c->settings[i].name, name)) {
            c->settings[i].value = value;
            return;
        }
    }
    *DX_PUSH(&ctx->arena, c->settings, c->count, *cap) = (struct dx_setting){name, value};
}

static void put_all(struct dext_ctx *ctx, struct dx_config *c, size_t *cap,
                    const struct dext_node *settings, bool driver)
{
    /* Conditional settings win over plain ones, so they go in second. */
    for (int conditional = 0; conditional < 2; conditional++) {
        for (const struct dext_node *s = settings ? settings->child : NULL; s; s = s->next) {
            struct dx_str name;
            bool has_condition = memchr(s->key.p, '[', s->key.n) != NULL;
            if (has_condition == (conditional != 0) && !s->overridden &&
                setting_name(s->key, driver, &name)) {
                put(ctx, c, cap, name, joined(ctx, s));
            }
        }
    }
}

static const struct dext_node *config_named(const struct dext_node *objects,
                                            const struct dext_node *list, const char *name)
{
    const struct dext_node *ids =
        dx_get_kind(object(objects, list), "buildConfigurations", DEXT_ARRAY);
    for (const struct dext_node *id = ids ? ids->child : NULL; id; id = id->next) {
        const struct dext_node *c = object(objects, id);
        if (c && strcmp(text_of(dx_get(c, "name"), ""), name) == 0) {
            return c;
        }
    }
    return NULL;
}

#define XCCONFIG "*xcconfig" /* marks a configuration whose settings are not all known */

static void read_target(struct dext_ctx *ctx, struct dx_project_target *t,
                        const struct dext_node *objects, const struct dext_node *target,
                        const struct dext_node *project)
{
    t->name = text_of(dx_get(target, "name"), "");
    t->product_type = text_of(dx_get(target, "productType"), "");
    bool driver = strcmp(t->product_type, "com.apple.product-type.driver-extension") == 0;
    const struct dext_node *list = object(objects, dx_get(target, "buildConfigurationList"));
    const struct dext_node *ids = dx_get_kind(list, "buildConfigurations", DEXT_ARRAY);
    size_t configs_cap = 0;
    for (const struct dext_node *id = ids ? ids->child : NULL; id; id = id->next) {
        const struct dext_node *own = object(objects, id);
        if (!own) {
            continue;
        }
        struct dx_config c = {.name = text_of(dx_get(own, "name"), "")};
        const struct dext_node *base =
            config_named(objects, dx_get(project, "buildConfigurationList"), c.name);
        size_t cap = 0;
        put_all(ctx, &c, &cap, dx_get_kind(base, "buildSettings", DEXT_DICT), driver);
        put_all(ctx, &c, &cap, dx_get_kind(own, "buildSettings", DEXT_DICT), driver);
        if (dx_get(own, "baseConfigurationReference") ||
            (base && dx_get(base, "baseConfigurationReference"))) {
            put(ctx, &c, &cap, DX_STR(XCCONFIG), DX_STR("YES"));
        }
        const char *region = text_of(dx_get(project, "developmentRegion"), "en");
        put(ctx, &c, &cap, DX_STR("DEVELOPMENT_LANGUAGE"), dx_str(region));
        *DX_PUSH(&ctx->arena, t->configs, t->config_count, configs_cap) = c;
    }
}

int dx_project_read(struct dx_project **out, struct dext_ctx *ctx, const struct dx_doc *doc)
{
    const struct dext_node *objects = dx_get_kind(doc->pl->root, "objects", DEXT_DICT);
    const struct dext_node *project = object(objects, dx_get(doc->pl->root, "rootObject"));
    if (!project) {
        return dx_fail(ctx, DEXT_E_FORMAT, "%s: is no Xcode project (no rootObject in objects)",
                       doc->path);
    }
    struct dx_project *p = dx_alloc(&ctx->arena, sizeof *p);
    p->path = doc->path;
    p->source = dx_path_folder(ctx, dx_path_folder(ctx, doc->path));
    const struct dext_node *ids = dx_get_kind(project, "targets", DEXT_ARRAY);
    size_t cap = 0;
    for (const struct dext_node *id = ids ? ids->child : NULL; id; id = id->next) {
        const struct dext_node *target = object(objects, id);
        if (target) {
            struct dx_project_target *t = DX_PUSH(&ctx->arena, p->targets, p->target_count, cap);
            *t = (struct dx_project_target){0};
            read_target(ctx, t, objects, target, project);
        }
    }
    *out = p;
    return DEXT_OK;
}

/* ---- values ------------------------------------------------------------------------------- */

static bool raw_setting(const struct dx_config *config, struct dx_str name, struct dx_str *out)
{
    for (size_t i = 0; config && i < config->count; i++) {
        if (dx_str_eq(config->settings[i].name, name)) {
            *out = config->settings[i].value;
            return true;
        }
    }
    return false;
}

/* What Xcode derives when no setting says otherwise. For driver extensions PRODUCT_NAME is the
 * bundle id (DarwinProductTypes.xcspec of swift-build). */
static bool derived(const struct dx_project *project, const struct dx_project_target *target,
                    const struct dx_config *config, struct dx_str name, struct dx_str *out)
{
    bool driver = strcmp(target->product_type, "com.apple.product-type.driver-extension") == 0;
    struct dx_str unused;
    bool open = raw_setting(config, DX_STR(XCCONFIG), &unused);
    if (dx_str_is(name, "TARGET_NAME") || dx_str_is(name, "TARGETNAME")) {
        *out = dx_str(target->name);
    } else if (dx_str_is(name, "CONFIGURATION")) {
        *out = dx_str(config->name);
    } else if (dx_str_is(name, "SRCROOT") || dx_str_is(name, "PROJECT_DIR")) {
        *out = dx_str(project->source[0] ? project->source : ".");
    } else if (open) {
        return false; /* the .xcconfig may say it */
    } else if (dx_str_is(name, "PRODUCT_NAME")) {
        *out = driver ? DX_STR("$(PRODUCT_BUNDLE_IDENTIFIER)") : DX_STR("$(TARGET_NAME)");
    } else if (dx_str_is(name, "EXECUTABLE_NAME")) {
        *out = DX_STR("$(PRODUCT_NAME)");
    } else if (dx_str_is(name, "PRODUCT_MODULE_NAME")) {
        *out = DX_STR("$(PRODUCT_NAME:c99extidentifier)");
    } else if (dx_str_is(name, "PRODUCT_BUNDLE_PACKAGE_TYPE") && driver) {
        *out = DX_STR("DEXT");
    } else {
        return false;
    }
    return true;
}

struct expansion {
    struct dext_ctx *ctx;
    const struct dx_project *project;
    const struct dx_project_target *target;
    const struct dx_config *config;
    unsigned depth;
};

static bool expand(struct expansion *x, struct dx_str text, struct dx_buf *out);

/* rfc1034identifier: letters, digits, '-' and '.' stay, the rest becomes '-'; c99extidentifier: '_'
 * for everything else, also for a digit in front. */
static void add_transformed(struct dx_buf *out, struct dx_str value, struct dx_str how)
{
    bool rfc = dx_str_is(how, "rfc1034identifier"), c99 = dx_str_is(how, "c99extidentifier");
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool digit = c >= '0' && c <= '9';
        if (rfc && !letter && !digit && c != '-' && c != '.') {
            c = '-';
        } else if (c99 && !letter && !(digit && i)) {
            c = '_';
        } else if (dx_str_is(how, "lower") && c >= 'A' && c <= 'Z') {
            c = (char)(c - 'A' + 'a');
        } else if (dx_str_is(how, "upper") && c >= 'a' && c <= 'z') {
            c = (char)(c - 'a' + 'A');
        }
        dx_buf_add(out, &c, 1);
    }
}

static bool expand_name(struct expansion *x, struct dx_str name, struct dx_buf *out)
{
    struct dx_str how = {0}, raw;
    const char *colon = memchr(name.p, ':', name.n);
    if (colon) {
        how = (struct dx_str){colon + 1, name.n - (size_t)(colon + 1 - name.p)};
        name.n = (size_t)(colon - name.p);
    }
    if (!raw_setting(x->config, name, &raw) &&
        !derived(x->project, x->target, x->config, name, &raw)) {
        return false;
    }
    if (x->depth >= DEEPEST) {
        return false; /* refers to itself */
    }
    struct dx_buf value;
    dx_buf_init(&value, &x->ctx->arena, (size_t)1 << 16);
    x->depth++;
    bool known = expand(x, raw, &value);
    x->depth--;
    if (known) {
        add_transformed(out, dx_buf_str(&value), how);
    }
    return known;
}

static bool expand(struct expansion *x, struct dx_str text, struct dx_buf *out)
{
    for (size_t i = 0; i < text.n;) {
        char c = text.p[i];
        bool opens = c == '$' && i + 1 < text.n && (text.p[i + 1] == '(' || text.p[i + 1] == '{');
        if (!opens) {
            dx_buf_add(out, &c, 1);
            i++;
            continue;
        }
        char close = text.p[i + 1] == '(' ? ')' : '}';
        const char *end = memchr(text.p + i + 2, close, text.n - i - 2);
        if (!end) {
            return false;
        }
        struct dx_str name = {text.p + i + 2, (size_t)(end - (text.p + i + 2))};
        if (!dx_str_is(name, "inherited") && !expand_name(x, name, out)) {
            return false;
        }
        i = (size_t)(end - text.p) + 1;
    }
    return !out->toobig;
}

bool dx_expand(struct dext_ctx *ctx, const struct dx_project *project,
               const struct dx_project_target *target, const struct dx_config *config,
               struct dx_str text, struct dx_str *out)
{
    struct expansion x = {ctx, project, target, config, 0};
    struct dx_buf b;
    dx_buf_init(&b, &ctx->arena, (size_t)1 << 16);
    if (!config || !expand(&x, text, &b)) {
        return false;
    }
    *out = dx_buf_str(&b);
    return !dx_has_placeholder(*out);
}

bool dx_setting_value(struct dext_ctx *ctx, const struct dx_project *project,
                      const struct dx_project_target *target, const struct dx_config *config,
                      const char *name, struct dx_str *out)
{
    return dx_expand(ctx, project, target, config, dx_str(dx_sprintf(&ctx->arena, "$(%s)", name)),
                     out);
}

/* Lexical: "./" and "x/../" go, so that two spellings of one path compare equal. */
static struct dx_str normal_path(struct dext_ctx *ctx, struct dx_str path)
{
    struct dx_buf b;
    dx_buf_init(&b, &ctx->arena, (size_t)1 << 16);
    bool rooted = path.n && path.p[0] == '/';
    for (size_t i = 0; i < path.n;) {
        const char *slash = memchr(path.p + i, '/', path.n - i);
        size_t n = slash ? (size_t)(slash - (path.p + i)) : path.n - i;
        struct dx_str part = {path.p + i, n};
        i += n + 1;
        const char *last = b.n ? memrchr(b.p, '/', b.n) : NULL;
        struct dx_str top = {last ? last + 1 : b.p, b.n - (last ? (size_t)(last + 1 - b.p) : 0)};
        if (n == 0 || dx_str_is(part, ".")) {
            continue;
        }
        if (dx_str_is(part, "..") && b.n && !dx_str_is(top, "..")) {
            b.n = last ? (size_t)(last - b.p) : 0;
            continue;
        }
        dx_buf_puts(&b, b.n || rooted ? "/" : "");
        dx_buf_add(&b, part.p, part.n);
    }
    return dx_buf_str(&b);
}

const struct dx_project_target *
dx_project_target_of(struct dext_ctx *ctx, const struct dx_project *project, const char *info_path)
{
    struct dx_str want = normal_path(ctx, dx_str(info_path));
    for (size_t i = 0; i < project->target_count; i++) {
        const struct dx_project_target *t = &project->targets[i];
        for (size_t k = 0; k < t->config_count; k++) {
            struct dx_str file;
            if (!dx_setting_value(ctx, project, t, &t->configs[k], "INFOPLIST_FILE", &file) ||
                file.n == 0) {
                continue;
            }
            const char *path = dx_strndup(&ctx->arena, file.p, file.n);
            bool rooted = path[0] == '/' ||
                          dx_str_has_prefix(file, project->source[0] ? project->source : "./");
            path = rooted ? path : dx_path_join(ctx, project->source, path);
            if (dx_str_eq(normal_path(ctx, dx_str(path)), want)) {
                return t;
            }
        }
    }
    return NULL;
}
