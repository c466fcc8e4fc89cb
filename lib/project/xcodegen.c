/* XcodeGen's project.yml, as XcodeGen makes a project of it (SettingsBuilder.swift,
 * PBXProjGenerator.swift): targets, levels of settings, what an app embeds. Specs are put together
 * in spec.c; sources are in xcodegen_files.c. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "project/read.h"
#include "project/spec.h"

struct spec {
    struct dx_reading *r;
    const struct dext_node *root;
    const struct dx_doc *doc;
    bool project_presets, target_presets;
};

static const struct dext_node *dict_at(const struct dext_node *n, const char *key)
{
    return n && n->kind == DEXT_DICT ? dx_get_kind(n, key, DEXT_DICT) : NULL;
}

static const char *xcodegen_text_at(const struct dext_node *n, const char *key,
                                    const char *otherwise)
{
    const struct dext_node *t = n && n->kind == DEXT_DICT ? dx_get(n, key) : NULL;
    return t && t->text.p && t->kind != DEXT_DICT && t->kind != DEXT_ARRAY ? t->text.p : otherwise;
}

/* ---- settings ----------------------------------------------------------------------------- */

static struct dx_str xcodegen_value_of(struct dx_reading *r, const struct dext_node *n)
{
    struct dx_buf b;
    if (n->kind == DEXT_BOOL) {
        return n->boolean ? DX_STR("YES") : DX_STR("NO");
    }
    if (n->kind == DEXT_DICT) {
        return (struct dx_str){0};
    }
    if (n->kind != DEXT_ARRAY) {
        return n->text;
    }
    dx_buf_init(&b, &r->ctx->arena, DX_LONGEST_SETTING);
    for (const struct dext_node *e = n->child; e && dx_afford(r, e->text.n / 64); e = e->next) {
        dx_buf_puts(&b, e == n->child ? "" : " ");
        dx_buf_add(&b, e->text.p ? e->text.p : "", e->text.n);
    }
    const struct dx_str unknown = {0};
    if (b.toobig) {
        return unknown;
    }
    return b.p ? dx_buf_str(&b) : DX_STR("");
}

static void add_map(struct spec *s, struct dx_level *l, const struct dext_node *map)
{
    for (const struct dext_node *n = map ? map->child : NULL; n; n = n->next) {
        if (!n->overridden) {
            dx_level_add(s->r, l, n->key, xcodegen_value_of(s->r, n),
                         (struct dx_origin){s->doc, n->key_at});
        }
    }
}

static bool xcodegen_contains_nocase(const char *text, struct dx_str part)
{
    for (size_t n = strlen(text), i = 0; part.n && i + part.n <= n; i++) {
        if (strncasecmp(text + i, part.p, part.n) == 0) {
            return true;
        }
    }
    return false;
}

static bool names_config(const struct dext_node *configs, const char *config)
{
    for (const struct dext_node *c = configs ? configs->child : NULL; c; c = c->next) {
        if (dx_str_is_nocase(c->key, config)) {
            return true;
        }
    }
    return false;
}

/* "staging" is for every configuration with that in its name, but for those that another has as its
 * whole name. */
static bool meant_for(const struct spec *s, struct dx_str variant, const char *config)
{
    const struct dext_node *configs = dict_at(s->root, "configs");
    const char *name = dx_strndup(&s->r->ctx->arena, variant.p, variant.n);
    bool exact = configs ? names_config(configs, name)
                         : strcasecmp(name, "Debug") == 0 || strcasecmp(name, "Release") == 0;
    return exact ? strcasecmp(name, config) == 0 : xcodegen_contains_nocase(config, variant);
}

/* groups, then base, then configs; a map without these is base itself. */
static void add_settings(struct spec *s, struct dx_level *l, const struct dext_node *settings,
                         const char *config, unsigned depth)
{
    if (!settings || settings->kind != DEXT_DICT || depth > 8 || !dx_afford(s->r, 1)) {
        return;
    }
    const struct dext_node *groups = dx_get(settings, "groups"), *base = dict_at(settings, "base");
    const struct dext_node *configs = dict_at(settings, "configs");
    for (const struct dext_node *g = groups && groups->kind == DEXT_ARRAY ? groups->child : NULL; g;
         g = g->next) {
        add_settings(s, l, g->text.p ? dict_at(dict_at(s->root, "settingGroups"), g->text.p) : NULL,
                     config, depth + 1);
    }
    add_map(s, l, groups || base || configs ? base : settings);
    for (const struct dext_node *c = configs ? configs->child : NULL; c; c = c->next) {
        if (c->kind == DEXT_DICT && meant_for(s, c->key, config)) {
            add_settings(s, l, c, config, depth + 1);
        }
    }
}

static bool assigned(const struct dx_level *l, const char *name)
{
    for (size_t i = 0; i < l->count; i++) {
        if (!l->list[i].name.p || dx_str_is(l->list[i].name, name)) {
            return true;
        }
    }
    return false;
}

/* What XcodeGen adds by itself, unless an .xcconfig says it. */
static void preset(struct spec *s, struct dx_level *l, const struct dx_level *file,
                   const char *name, const char *value, const struct dext_node *at)
{
    if (!assigned(file, name)) {
        struct dext_place place = at ? at->key_at : (struct dext_place){0};
        dx_level_add(s->r, l, dx_str(name), dx_str(value), (struct dx_origin){s->doc, place});
    }
}

static void add_config_file(struct spec *s, struct dx_level *l, const struct dext_node *owner,
                            const char *config)
{
    const char *file = xcodegen_text_at(dict_at(owner, "configFiles"), config, NULL);
    if (file) {
        dx_xcconfig_add(s->r, l, dx_project_path(s->r->ctx, &s->r->project->pub, dx_str(file)));
    }
}

/* ---- project ------------------------------------------------------------------------------ */

static const char *sdk_of(const char *platform)
{
    static const char *const sdks[][2] = {{"macOS", "macosx"},   {"iOS", "iphoneos"},
                                          {"tvOS", "appletvos"}, {"watchOS", "watchos"},
                                          {"visionOS", "xros"},  {"auto", "auto"}};
    for (size_t i = 0; i < sizeof sdks / sizeof *sdks; i++) {
        if (strcmp(platform, sdks[i][0]) == 0) {
            return sdks[i][1];
        }
    }
    return NULL;
}

/* The one platform of all targets, or NULL. */
static const char *common_platform(const struct dext_node *targets)
{
    const char *all = NULL;
    for (const struct dext_node *t = targets ? targets->child : NULL; t; t = t->next) {
        const char *platform = xcodegen_text_at(t, "platform", "");
        if (all && strcmp(all, platform) != 0) {
            return NULL;
        }
        all = platform;
    }
    return all;
}

static int xcodegen_by_config(const void *a, const void *b)
{
    return strcmp(((const struct dx_config_levels *)a)->config,
                  ((const struct dx_config_levels *)b)->config);
}

static void read_project_level(struct spec *s, const char *config, const char *type)
{
    struct dx_config_levels *l = &s->r->levels[s->r->level_count++];
    const char *platform = common_platform(dict_at(s->root, "targets"));
    l->config = config;
    add_config_file(s, &l->file, s->root, config);
    if (platform && sdk_of(platform)) {
        preset(s, &l->own, &l->file, "SDKROOT", sdk_of(platform), NULL);
    }
    if (s->project_presets && (strcmp(type, "debug") == 0 || strcmp(type, "release") == 0)) {
        preset(s, &l->own, &l->file, "PRODUCT_NAME", "$(TARGET_NAME)", NULL);
    }
    add_settings(s, &l->own, dx_get(s->root, "settings"), config, 0);
}

static void read_configs(struct spec *s)
{
    const struct dext_node *configs = dict_at(s->root, "configs");
    s->r->levels =
        dx_calloc(&s->r->ctx->arena, configs ? configs->count + 1 : 2, sizeof *s->r->levels);
    for (const struct dext_node *c = configs ? configs->child : NULL; c; c = c->next) {
        if (!c->overridden && dx_afford(s->r, 1)) {
            read_project_level(s, c->key.p, c->text.p ? c->text.p : "");
        }
    }
    if (!configs) {
        read_project_level(s, "Debug", "debug");
        read_project_level(s, "Release", "release");
    }
    if (s->r->level_count) {
        qsort(s->r->levels, s->r->level_count, sizeof *s->r->levels, xcodegen_by_config);
    }
}

/* ---- targets ------------------------------------------------------------------------------ */

/* bundleIdPrefix and the name, in which only letters, digits, '-' and '.' stay. */
static const char *made_id(struct spec *s, const char *prefix, const char *name)
{
    struct dx_buf b;
    dx_buf_init(&b, &s->r->ctx->arena, DX_LONGEST_SETTING);
    dx_buf_printf(&b, "%s.", prefix);
    for (; *name; name++) {
        char c = *name == '_' ? '-' : *name;
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
            c == '-' || c == '.') {
            dx_buf_add(&b, &c, 1);
        }
    }
    return b.toobig ? "" : dx_buf_str(&b).p;
}

/* What depends on the rest: the files that XcodeGen writes or finds, the id that it makes. */
static void add_found(struct spec *s, struct dx_project_target *t, struct dx_config_levels *own)
{
    const struct dx_config_levels *above = dx_levels_of(s->r, own->config);
    const char *info = xcodegen_text_at(t->info, "path", NULL);
    const char *rights = xcodegen_text_at(t->entitlements, "path", NULL);
    const char *prefix = xcodegen_text_at(dict_at(s->root, "options"), "bundleIdPrefix", NULL);
    bool has_info = assigned(&own->own, "INFOPLIST_FILE") ||
                    assigned(&own->file, "INFOPLIST_FILE") ||
                    (above && assigned(&above->own, "INFOPLIST_FILE"));
    if (!info && !has_info) {
        info = dx_xcodegen_info(s->r->ctx, &s->r->project->pub, t);
    }
    if (info && !has_info) {
        preset(s, &own->own, &(struct dx_level){0}, "INFOPLIST_FILE", info, t->info);
    }
    if (rights && !assigned(&own->own, "CODE_SIGN_ENTITLEMENTS")) {
        preset(s, &own->own, &own->file, "CODE_SIGN_ENTITLEMENTS", rights, t->entitlements);
    }
    bool has_id = assigned(&own->own, "PRODUCT_BUNDLE_IDENTIFIER") ||
                  assigned(&own->file, "PRODUCT_BUNDLE_IDENTIFIER") ||
                  (above && (assigned(&above->own, "PRODUCT_BUNDLE_IDENTIFIER") ||
                             assigned(&above->file, "PRODUCT_BUNDLE_IDENTIFIER")));
    if (prefix && !has_id) {
        preset(s, &own->own, &own->file, "PRODUCT_BUNDLE_IDENTIFIER", made_id(s, prefix, t->name),
               dx_get(dict_at(s->root, "options"), "bundleIdPrefix"));
    }
}

static void read_target_config(struct spec *s, struct dx_project_target *t, const char *config)
{
    struct dx_config_levels own = {.config = config};
    const char *platform = xcodegen_text_at(t->node, "platform", "");
    const char *minimum = xcodegen_text_at(t->node, "deploymentTarget", NULL);
    if (s->r->gone) { /* it may set whatever is not set here */
        dx_level_unknown(s->r, &own.file);
    }
    add_config_file(s, &own.file, t->node, config);
    if (s->target_presets && sdk_of(platform)) {
        preset(s, &own.own, &own.file, "SDKROOT", sdk_of(platform), dx_get(t->node, "platform"));
    }
    if (minimum && strcmp(platform, "macOS") == 0) {
        preset(s, &own.own, &own.file, "MACOSX_DEPLOYMENT_TARGET", minimum,
               dx_get(t->node, "deploymentTarget"));
    } else if (minimum && strcmp(platform, "iOS") == 0) {
        preset(s, &own.own, &own.file, "IPHONEOS_DEPLOYMENT_TARGET", minimum,
               dx_get(t->node, "deploymentTarget"));
    }
    add_settings(s, &own.own, dx_get(t->node, "settings"), config, 0);
    add_found(s, t, &own);
    dx_config_fill(s->r, t, config, &own);
}

static size_t count_scripts(const struct dext_node *target)
{
    static const char *const keys[] = {"preBuildScripts", "postCompileScripts", "postBuildScripts",
                                       "prebuildScripts", "postbuildScripts"};
    size_t n = 0;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const struct dext_node *list = dx_get(target, keys[i]);
        n += list && list->kind == DEXT_ARRAY ? list->count : 0;
    }
    return n + (dx_get(target, "legacy") != NULL);
}

static void xcodegen_read_target(struct spec *s, struct dx_project_target *t,
                                 const struct dext_node *node)
{
    static const char prefix[] = "com.apple.product-type.";
    const struct dext_node *whole = dx_spec_target(s->r, s->root, node);
    const char *type = xcodegen_text_at(whole, "type", "");
    t->name = xcodegen_text_at(whole, "name", node->key.p);
    t->node = whole;
    t->product_type = type[0] == 0 || strncmp(type, prefix, sizeof prefix - 1) == 0
                          ? type
                          : dx_sprintf(&s->r->ctx->arena, "%s%s", prefix, type);
    t->from = (struct dx_origin){s->doc, node->key_at};
    t->info = dict_at(whole, "info");
    t->entitlements = dict_at(whole, "entitlements");
    t->scripts = count_scripts(whole);
    t->configs = dx_calloc(&s->r->ctx->arena, s->r->level_count, sizeof *t->configs);
    for (size_t i = 0; i < s->r->level_count; i++) {
        read_target_config(s, t, s->r->levels[i].config);
    }
}

/* ---- dependencies ------------------------------------------------------------------------- */

static const struct dx_project_target *target_named(const struct spec *s, const char *name)
{
    const struct dx_project *p = &s->r->project->pub;
    for (size_t i = 0; i < p->target_count; i++) {
        if (strcmp(p->targets[i].name, name) == 0) {
            return &p->targets[i];
        }
    }
    return NULL;
}

static int xcodegen_folder_of(const char *destination)
{
    static const struct {
        const char *name;
        int folder;
    } all[] = {{"absolutePath", DX_COPY_ABSOLUTE},
               {"productsDirectory", DX_COPY_PRODUCTS},
               {"wrapper", DX_COPY_WRAPPER},
               {"executables", DX_COPY_EXECUTABLES},
               {"resources", DX_COPY_RESOURCES},
               {"frameworks", DX_COPY_FRAMEWORKS},
               {"sharedSupport", DX_COPY_SHARED_SUPPORT},
               {"plugins", DX_COPY_PLUGINS}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (strcmp(all[i].name, destination) == 0) {
            return all[i].folder;
        }
    }
    return -1;
}

static bool is_system_extension(const struct dx_project_target *t)
{
    return dx_project_is_driver(t) ||
           strcmp(t->product_type, "com.apple.product-type.system-extension") == 0;
}

static struct dx_copy xcodegen_copy_of(const struct spec *s, const struct dx_project_target *needed,
                                       const struct dext_node *dependency)
{
    struct dx_copy c = {.target = needed, .name = "", .phase = ""};
    const struct dext_node *copy = dict_at(dependency, "copy");
    const struct dext_node *target = dx_get(dependency, "target");
    c.from = (struct dx_origin){s->doc, target->key_at};
    if (copy) {
        c.folder = xcodegen_folder_of(xcodegen_text_at(copy, "destination", ""));
        c.path = dx_str(xcodegen_text_at(copy, "subpath", ""));
    } else if (is_system_extension(needed)) {
        c.folder = DX_COPY_PRODUCTS;
        c.path = DX_STR("$(SYSTEM_EXTENSIONS_FOLDER_PATH)");
    } else {
        c.folder = DX_COPY_RESOURCES;
        c.path = DX_STR("");
    }
    return c;
}

static void read_dependencies(struct spec *s, struct dx_project_target *t)
{
    const struct dext_node *list = dx_get_kind(t->node, "dependencies", DEXT_ARRAY);
    struct dx_copy *copies = NULL;
    size_t cap = 0;
    t->needs = dx_calloc(&s->r->ctx->arena, list ? list->count : 0, sizeof *t->needs);
    for (const struct dext_node *d = list ? list->child : NULL; d; d = d->next) {
        const char *name = xcodegen_text_at(d, "target", NULL);
        const struct dx_project_target *needed =
            name && dx_afford(s->r, s->r->project->pub.target_count) ? target_named(s, name) : NULL;
        if (!needed) {
            continue;
        }
        t->needs[t->need_count++] = needed;
        const struct dext_node *embed = dx_get(d, "embed");
        if (embed ? embed->boolean : dx_project_is_app(t)) {
            *DX_PUSH(&s->r->ctx->arena, copies, t->copy_count, cap) =
                xcodegen_copy_of(s, needed, d);
        }
    }
    t->copies = copies;
}

int dx_xcodegen_read(struct dx_reading *r, const struct dx_doc *doc)
{
    struct dx_project_whole *p = r->project;
    struct spec s = {.r = r, .doc = doc};
    p->pub.source = dx_path_folder(r->ctx, doc->path);
    s.root = dx_spec_root(r, doc);
    const struct dext_node *targets = dict_at(s.root, "targets");
    if (!targets) {
        return dx_fail(r->ctx, DEXT_E_FORMAT, "%s: is no project specification (no targets)",
                       doc->path);
    }
    const struct dext_node *options = dict_at(s.root, "options");
    const char *presets = xcodegen_text_at(options, "settingPresets", "all");
    s.project_presets = strcmp(presets, "all") == 0 || strcmp(presets, "project") == 0;
    s.target_presets = strcmp(presets, "all") == 0 || strcmp(presets, "targets") == 0;
    p->name = xcodegen_text_at(s.root, "name", NULL);
    p->region = xcodegen_text_at(options, "developmentLanguage", "en");
    p->pub.generator = true;
    read_configs(&s);
    p->pub.targets = dx_calloc(&r->ctx->arena, targets->count, sizeof *p->pub.targets);
    for (const struct dext_node *t = targets->child; t; t = t->next) {
        if (!t->overridden && t->kind == DEXT_DICT && dx_afford(r, 1)) {
            xcodegen_read_target(&s, &p->pub.targets[p->pub.target_count++], t);
        }
    }
    for (size_t i = 0; i < p->pub.target_count; i++) {
        read_dependencies(&s, &p->pub.targets[i]);
    }
    return DEXT_OK;
}
