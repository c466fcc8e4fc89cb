/* Xcode projects: the build settings that fill the placeholders of a target's Info.plist.
 *
 * Only project.pbxproj is read; what a referenced .xcconfig says stays unknown. */
#include <stdlib.h>
#include <string.h>

#include "bundle/bundle.h"
#include "bundle/project.h"

/* Settings of all targets together; nothing a person wrote comes near. */
#define MOST_WORK 4000000

/* ---- paths -------------------------------------------------------------------------------- */

/* Lexical: "./" and "x/../" go, so that two spellings of one path compare equal. */
static struct dx_str normal_path(struct dext_ctx *ctx, struct dx_str path)
{
    bool rooted = path.n && path.p[0] == '/';
    char *out = dx_alloc(&ctx->arena, path.n + 1);
    size_t n = 0, base = 0; /* "../" up to base cannot be taken back */
    for (size_t i = 0, len; i < path.n; i += len + 1) {
        const char *part = path.p + i, *slash = memchr(part, '/', path.n - i);
        len = slash ? (size_t)(slash - part) : path.n - i;
        if (len == 0 || (len == 1 && part[0] == '.')) {
            continue;
        }
        bool up = len == 2 && part[0] == '.' && part[1] == '.';
        if (up && n > base) {
            const char *last = dx_memrchr(out + base, '/', n - base);
            n = last ? (size_t)(last - out) : base;
            continue;
        }
        if (up && rooted) {
            continue;
        }
        if (n || rooted) {
            out[n++] = '/';
        }
        memcpy(out + n, part, len);
        n += len;
        base = up ? n : base;
    }
    return (struct dx_str){out, n};
}

/* A path of a setting as the path of a file: what is not absolute starts at SRCROOT. */
static struct dx_str source_path(struct dext_ctx *ctx, const char *source, struct dx_str path)
{
    if (path.n && path.p[0] == '/') {
        return normal_path(ctx, path);
    }
    const char *p = dx_strndup(&ctx->arena, path.p, path.n);
    return normal_path(ctx, dx_str(dx_path_join(ctx, source, p)));
}

/* ---- reading ------------------------------------------------------------------------------ */

struct raw { /* an entry of buildSettings; "NAME[sdk=driverkit*]" is taken apart */
    struct dx_str key, name, conditions, value;
};

struct level {
    const char *config;
    struct raw *list;
    size_t count;
    bool xcconfig;
};

struct reading {
    struct dext_ctx *ctx;
    struct dx_project_whole *project;
    const struct dext_node **objects; /* by id */
    size_t object_count;
    struct level *levels; /* of the project, by configuration name */
    size_t level_count;
    const struct level *fallback; /* for configurations that only targets have */
    size_t work;
};

static bool afford(struct reading *r, size_t work)
{
    r->work = work < MOST_WORK - r->work ? r->work + work + 1 : MOST_WORK;
    return r->work < MOST_WORK;
}

static int by_key(const void *a, const void *b)
{
    return dx_str_cmp((*(const struct dext_node *const *)a)->key,
                      (*(const struct dext_node *const *)b)->key);
}

static int key_of_object(const void *key, const void *object)
{
    return dx_str_cmp(*(const struct dx_str *)key, (*(const struct dext_node *const *)object)->key);
}

static void index_objects(struct reading *r, const struct dext_node *objects)
{
    r->objects = dx_calloc(&r->ctx->arena, objects->count, sizeof(void *));
    for (const struct dext_node *n = objects->child; n; n = n->next) {
        if (!n->overridden && n->kind == DEXT_DICT) {
            r->objects[r->object_count++] = n;
        }
    }
    qsort(r->objects, r->object_count, sizeof *r->objects, by_key);
}

/* The object whose id is the text of a node, or NULL. */
static const struct dext_node *object(const struct reading *r, const struct dext_node *id)
{
    if (!id || id->kind != DEXT_STRING || r->object_count == 0) {
        return NULL;
    }
    const struct dext_node *const *found =
        bsearch(&id->text, r->objects, r->object_count, sizeof *r->objects, key_of_object);
    return found ? *found : NULL;
}

static const char *text_of(const struct dext_node *n, const char *otherwise)
{
    return n && n->kind == DEXT_STRING ? n->text.p : otherwise;
}

/* A list is joined with spaces, as Xcode does where it needs one string. */
static struct dx_str value_of(struct reading *r, const struct dext_node *n)
{
    static const struct dx_str unknown = {0};
    struct dx_buf b;
    switch (n->kind) {
    case DEXT_STRING:
    case DEXT_INTEGER:
    case DEXT_REAL:
        return n->text;
    case DEXT_BOOL:
        return n->boolean ? DX_STR("YES") : DX_STR("NO");
    case DEXT_ARRAY:
        break;
    default:
        return unknown;
    }
    dx_buf_init(&b, &r->ctx->arena, DX_LONGEST_SETTING);
    for (const struct dext_node *e = n->child; e && !b.toobig && afford(r, e->text.n / 64);
         e = e->next) {
        dx_buf_puts(&b, e == n->child ? "" : " ");
        dx_buf_add(&b, e->text.p ? e->text.p : "", e->text.n);
    }
    return b.toobig ? unknown : dx_buf_str(&b);
}

static int by_full_key(const void *a, const void *b)
{
    return dx_str_cmp(((const struct raw *)a)->key, ((const struct raw *)b)->key);
}

/* Xcode takes the entries in the order of their keys, so that "NAME[...]" comes over "NAME". */
static struct level read_level(struct reading *r, const struct dext_node *config)
{
    struct level l = {.config = text_of(dx_get(config, "name"), "")};
    for (const struct dext_node *n = config->child; n; n = n->next) {
        /* Also ...Anchor and ...RelativePath, for files in folders that Xcode 16 mirrors. */
        l.xcconfig = l.xcconfig || dx_str_has_prefix(n->key, "baseConfigurationReference");
    }
    const struct dext_node *settings = dx_get_kind(config, "buildSettings", DEXT_DICT);
    if (!settings || !afford(r, settings->count)) {
        return l;
    }
    l.list = dx_calloc(&r->ctx->arena, settings->count, sizeof *l.list);
    for (const struct dext_node *n = settings->child; n; n = n->next) {
        if (n->overridden || n->key.n == 0) {
            continue;
        }
        const char *bracket = memchr(n->key.p, '[', n->key.n);
        size_t len = bracket ? (size_t)(bracket - n->key.p) : n->key.n;
        l.list[l.count++] = (struct raw){.key = n->key,
                                         .name = {n->key.p, len},
                                         .conditions = {n->key.p + len, n->key.n - len},
                                         .value = value_of(r, n)};
    }
    if (l.count) {
        qsort(l.list, l.count, sizeof *l.list, by_full_key);
    }
    return l;
}

/* ---- conditions --------------------------------------------------------------------------- */

enum answer { NO, YES, MAYBE };

/* What a build of a target is for, as far as conditions ask. */
struct build {
    const char *config;
    struct dx_str platform; /* "driverkit"; empty: not known */
};

/* Whether SDK names that begin with the platform's (driverkit24.0) match the pattern. */
static enum answer platform_matches(struct dx_str pattern, struct dx_str platform)
{
    size_t literal = 0;
    while (literal < pattern.n && !strchr("*?[", pattern.p[literal])) {
        literal++;
    }
    size_t common = literal < platform.n ? literal : platform.n;
    if (common && memcmp(pattern.p, platform.p, common) != 0) {
        return NO;
    }
    bool star = literal + 1 == pattern.n && pattern.p[literal] == '*';
    return star && literal <= platform.n ? YES : MAYBE;
}

/* "sdk=driverkit*". Whatever is not bound while settings of a whole target are asked (arch,
 * variant) matches "*" only (swift-build, MacroCondition.evaluate). */
static enum answer condition_holds(struct dx_str condition, const struct build *b)
{
    const char *equals = memchr(condition.p, '=', condition.n);
    if (!equals) {
        return NO;
    }
    struct dx_str name = dx_str_trim((struct dx_str){condition.p, (size_t)(equals - condition.p)});
    struct dx_str pattern =
        dx_str_trim((struct dx_str){equals + 1, condition.n - (size_t)(equals + 1 - condition.p)});
    if (dx_str_is(pattern, "*")) {
        return YES;
    }
    if (dx_str_is(name, "sdk")) {
        return platform_matches(pattern, b->platform);
    }
    if (dx_str_is(name, "config")) {
        bool glob = pattern.n && (memchr(pattern.p, '*', pattern.n) != NULL ||
                                  memchr(pattern.p, '?', pattern.n) != NULL);
        return glob ? MAYBE : dx_str_is(pattern, b->config) ? YES : NO;
    }
    return NO;
}

/* "[sdk=driverkit*][arch=*]", also "[sdk=driverkit*,arch=*]". */
static enum answer conditions_hold(struct dx_str all, const struct build *b)
{
    enum answer answer = YES;
    for (size_t i = 0, n; i < all.n && answer != NO; i += n + 1) {
        n = 0;
        while (i + n < all.n && !strchr("[],", all.p[i + n])) {
            n++;
        }
        enum answer one = n ? condition_holds((struct dx_str){all.p + i, n}, b) : YES;
        answer = one == YES ? answer : one;
    }
    return answer;
}

bool dx_project_is_driver(const struct dx_project_target *t)
{
    return strcmp(t->product_type, "com.apple.product-type.driver-extension") == 0;
}

static bool plain_setting(const struct level *l, const char *name, struct dx_str *value)
{
    for (size_t i = 0; l && i < l->count; i++) {
        if (dx_str_is(l->list[i].key, name)) {
            *value = l->list[i].value;
            return true;
        }
    }
    return false;
}

/* A driver extension is built for DriverKit whatever SDKROOT says (DarwinProductTypes.xcspec). */
static struct dx_str platform_of(const struct dx_project_target *t, const struct level *own,
                                 const struct level *above)
{
    struct dx_str root = {0};
    if (dx_project_is_driver(t)) {
        return DX_STR("driverkit");
    }
    if (!plain_setting(own, "SDKROOT", &root) && !own->xcconfig) {
        (void)plain_setting(above, "SDKROOT", &root);
    }
    size_t n = 0;
    while (n < root.n && root.p[n] >= 'a' && root.p[n] <= 'z') {
        n++;
    }
    root.n = dx_str_is((struct dx_str){root.p, n}, "auto") ? 0 : n;
    return root;
}

/* ---- targets ------------------------------------------------------------------------------ */

static void add_level(struct dx_config *c, const struct level *l, const struct build *b)
{
    if (l->xcconfig) {
        c->settings[c->count++] = (struct dx_setting){0};
    }
    for (size_t i = 0; i < l->count; i++) {
        const struct raw *raw = &l->list[i];
        enum answer holds = conditions_hold(raw->conditions, b);
        if (holds != NO) {
            struct dx_setting *s = &c->settings[c->count++];
            s->name = raw->name;
            s->value = holds == YES ? raw->value : (struct dx_str){0};
        }
    }
}

static int by_config(const void *a, const void *b)
{
    return strcmp(((const struct level *)a)->config, ((const struct level *)b)->config);
}

static int config_of_level(const void *name, const void *level)
{
    return strcmp(name, ((const struct level *)level)->config);
}

static const struct dext_node *configurations(struct reading *r, const struct dext_node *owner)
{
    const struct dext_node *list = object(r, dx_get(owner, "buildConfigurationList"));
    return list && afford(r, list->count) ? dx_get_kind(list, "buildConfigurations", DEXT_ARRAY)
                                          : NULL;
}

static void read_project_levels(struct reading *r, const struct dext_node *project)
{
    const struct dext_node *list = object(r, dx_get(project, "buildConfigurationList"));
    const struct dext_node *ids = configurations(r, project);
    r->levels = dx_calloc(&r->ctx->arena, ids ? ids->count : 0, sizeof *r->levels);
    for (const struct dext_node *id = ids ? ids->child : NULL; id; id = id->next) {
        const struct dext_node *config = object(r, id);
        if (config && afford(r, config->count)) {
            r->levels[r->level_count++] = read_level(r, config);
        }
    }
    if (r->level_count) {
        qsort(r->levels, r->level_count, sizeof *r->levels, by_config);
        const char *name = text_of(dx_get(list, "defaultConfigurationName"), "");
        r->fallback = bsearch(name, r->levels, r->level_count, sizeof *r->levels, config_of_level);
    }
}

static void read_config(struct reading *r, struct dx_project_target *t,
                        const struct dext_node *config)
{
    struct level own = read_level(r, config);
    const struct level *above = r->level_count ? bsearch(own.config, r->levels, r->level_count,
                                                         sizeof *r->levels, config_of_level)
                                               : NULL;
    above = above ? above : r->fallback;
    size_t most = own.count + (above ? above->count : 0) + 2;
    if (!afford(r, most)) {
        return;
    }
    struct build b = {own.config, platform_of(t, &own, above)};
    struct dx_config *c = &t->configs[t->config_count++];
    c->name = own.config;
    c->settings = dx_calloc(&r->ctx->arena, most, sizeof *c->settings);
    if (above) {
        add_level(c, above, &b);
    }
    add_level(c, &own, &b);
}

static void read_target(struct reading *r, struct dx_project_target *t,
                        const struct dext_node *target)
{
    t->name = text_of(dx_get(target, "name"), "");
    t->product_type = text_of(dx_get(target, "productType"), "");
    const struct dext_node *ids = configurations(r, target);
    if (!ids || !afford(r, ids->count)) {
        return;
    }
    t->configs = dx_calloc(&r->ctx->arena, ids->count, sizeof *t->configs);
    for (const struct dext_node *id = ids->child; id; id = id->next) {
        const struct dext_node *config = object(r, id);
        if (config && afford(r, config->count)) {
            read_config(r, t, config);
        }
    }
}

/* Where the project lies: SRCROOT is the folder of X.xcodeproj, or projectDirPath from there. */
static void place_project(struct reading *r, const char *path, const struct dext_node *project)
{
    struct dx_project_whole *p = r->project;
    const char *folder = dx_path_folder(r->ctx, path);
    struct dx_str name = dx_str(dx_path_name(folder));
    if (dx_str_has_suffix(name, ".xcodeproj")) {
        p->name = dx_strndup(&r->ctx->arena, name.p, name.n - strlen(".xcodeproj"));
    }
    p->region = text_of(dx_get(project, "developmentRegion"), "en");
    p->pub.path = path;
    bool hidden = name.n == 0 || dx_str_is(name, ".") || dx_str_is(name, "..");
    p->pub.source = hidden ? dx_path_join(r->ctx, folder, "..") : dx_path_folder(r->ctx, folder);
    const char *dir = text_of(dx_get(project, "projectDirPath"), "");
    if (dir[0]) {
        p->pub.source = dir[0] == '/' ? dir : dx_path_join(r->ctx, p->pub.source, dir);
    }
}

static int by_path(const void *a, const void *b)
{
    const struct dx_project_place *x = a, *y = b;
    int c = dx_str_cmp(x->path, y->path);
    return c ? c : x->target < y->target ? -1 : x->target > y->target;
}

static void index_places(struct reading *r)
{
    struct dx_project_whole *p = r->project;
    size_t cap = 0;
    for (size_t i = 0; i < p->pub.target_count; i++) {
        const struct dx_project_target *t = &p->pub.targets[i];
        for (size_t k = 0; k < t->config_count; k++) {
            struct dx_str file;
            if (dx_setting_value(r->ctx, &p->pub, t, &t->configs[k], "INFOPLIST_FILE", &file) &&
                file.n) {
                *DX_PUSH(&r->ctx->arena, p->places, p->place_count, cap) =
                    (struct dx_project_place){source_path(r->ctx, p->pub.source, file), i};
            }
        }
    }
    if (p->place_count) {
        qsort(p->places, p->place_count, sizeof *p->places, by_path);
    }
}

int dx_project_read(struct dx_project **out, struct dext_ctx *ctx, const struct dx_doc *doc)
{
    const struct dext_node *objects = dx_get_kind(doc->pl->root, "objects", DEXT_DICT);
    struct reading r = {.ctx = ctx};
    if (objects) {
        index_objects(&r, objects);
    }
    const struct dext_node *project = object(&r, dx_get(doc->pl->root, "rootObject"));
    if (!project) {
        return dx_fail(ctx, DEXT_E_FORMAT, "%s: is no Xcode project (no rootObject in objects)",
                       doc->path);
    }
    struct dx_project_whole *p = r.project = dx_alloc(&ctx->arena, sizeof *p);
    place_project(&r, doc->path, project);
    read_project_levels(&r, project);
    const struct dext_node *ids = dx_get_kind(project, "targets", DEXT_ARRAY);
    p->pub.targets = dx_calloc(&ctx->arena, ids ? ids->count : 0, sizeof *p->pub.targets);
    for (const struct dext_node *id = ids ? ids->child : NULL; id; id = id->next) {
        const struct dext_node *target = object(&r, id);
        if (target && afford(&r, target->count)) {
            read_target(&r, &p->pub.targets[p->pub.target_count++], target);
        }
    }
    if (r.work >= MOST_WORK) {
        return dx_fail(ctx, DEXT_E_LIMIT, "%s: more build settings than are read", doc->path);
    }
    index_places(&r);
    *out = &p->pub;
    return DEXT_OK;
}

const struct dx_project_target *
dx_project_target_of(struct dext_ctx *ctx, const struct dx_project *project, const char *info_path)
{
    const struct dx_project_whole *p = dx_project_whole(project);
    struct dx_mark mark = dx_arena_mark(&ctx->arena);
    struct dx_str want = normal_path(ctx, dx_str(info_path));
    size_t lo = 0, hi = p->place_count;
    while (lo < hi) { /* the first of equals */
        size_t mid = lo + (hi - lo) / 2;
        if (dx_str_cmp(p->places[mid].path, want) < 0) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    bool found = lo < p->place_count && dx_str_eq(p->places[lo].path, want);
    dx_arena_rewind(&ctx->arena, mark);
    return found ? &project->targets[p->places[lo].target] : NULL;
}
