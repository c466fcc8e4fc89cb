/* project.pbxproj: targets and levels of settings. Files and groups: objects.c, sources.c. */
#include <stdlib.h>
#include <string.h>

#include "project/read.h"

static const char *pbxproj_text_of(const struct dext_node *n, const char *otherwise)
{
    return n && n->kind == DEXT_STRING ? n->text.p : otherwise;
}

static const struct dext_node *pbxproj_object(const struct dx_reading *r,
                                              const struct dext_node *id)
{
    const struct dx_object *o = dx_object(r->project, id);
    return o ? o->node : NULL;
}

static bool pbxproj_is_a(const struct dext_node *o, const char *isa)
{
    return o && strcmp(pbxproj_text_of(dx_get(o, "isa"), ""), isa) == 0;
}

/* ---- settings ----------------------------------------------------------------------------- */

/* A list is joined with spaces, as Xcode does where it needs one string. */
static struct dx_str pbxproj_value_of(struct dx_reading *r, const struct dext_node *n)
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
    for (const struct dext_node *e = n->child; e && !b.toobig && dx_afford(r, e->text.n / 64);
         e = e->next) {
        dx_buf_puts(&b, e == n->child ? "" : " ");
        dx_buf_add(&b, e->text.p ? e->text.p : "", e->text.n);
    }
    return b.toobig ? unknown : b.p ? dx_buf_str(&b) : DX_STR("");
}

/* The .xcconfig below a configuration: a file reference, or, for files in folders that Xcode 16
 * mirrors, the folder and a path in it. */
static void pbxproj_read_file(struct dx_reading *r, struct dx_level *l,
                              const struct dext_node *config)
{
    const struct dext_node *reference = dx_get(config, "baseConfigurationReference");
    const struct dext_node *anchor = dx_get(config, "baseConfigurationReferenceAnchor");
    const struct dext_node *below = dx_get(config, "baseConfigurationReferenceRelativePath");
    const struct dx_object *o = dx_object(r->project, reference ? reference : anchor);
    const char *path = o ? dx_object_path(r->ctx, r->project, o) : NULL;
    if (path && !reference) {
        path = dx_path_join(r->ctx, path, pbxproj_text_of(below, ""));
    }
    if (path) {
        dx_xcconfig_add(r, l, path);
    } else if (reference || anchor) {
        dx_level_unknown(r, l);
    }
}

static struct dx_config_levels read_levels(struct dx_reading *r, const struct dext_node *config)
{
    struct dx_config_levels l = {.config = pbxproj_text_of(dx_get(config, "name"), "")};
    pbxproj_read_file(r, &l.file, config);
    const struct dext_node *settings = dx_get_kind(config, "buildSettings", DEXT_DICT);
    for (const struct dext_node *n = settings ? settings->child : NULL; n; n = n->next) {
        if (!n->overridden) {
            dx_level_add(r, &l.own, n->key, pbxproj_value_of(r, n),
                         (struct dx_origin){r->project->pub.doc, n->key_at});
        }
    }
    dx_level_sort(&l.own);
    return l;
}

static const struct dext_node *configurations(struct dx_reading *r, const struct dext_node *owner)
{
    const struct dext_node *list = pbxproj_object(r, dx_get(owner, "buildConfigurationList"));
    return list && dx_afford(r, list->count) ? dx_get_kind(list, "buildConfigurations", DEXT_ARRAY)
                                             : NULL;
}

static int pbxproj_by_config(const void *a, const void *b)
{
    return strcmp(((const struct dx_config_levels *)a)->config,
                  ((const struct dx_config_levels *)b)->config);
}

static void read_project_levels(struct dx_reading *r, const struct dext_node *project)
{
    const struct dext_node *list = pbxproj_object(r, dx_get(project, "buildConfigurationList"));
    const struct dext_node *ids = configurations(r, project);
    r->levels = dx_calloc(&r->ctx->arena, ids ? ids->count : 0, sizeof *r->levels);
    for (const struct dext_node *id = ids ? ids->child : NULL; id; id = id->next) {
        const struct dext_node *config = pbxproj_object(r, id);
        if (config && dx_afford(r, config->count)) {
            r->levels[r->level_count++] = read_levels(r, config);
        }
    }
    if (r->level_count) {
        qsort(r->levels, r->level_count, sizeof *r->levels, pbxproj_by_config);
        r->fallback =
            dx_levels_of(r, pbxproj_text_of(dx_get(list, "defaultConfigurationName"), ""));
    }
}

/* ---- targets ------------------------------------------------------------------------------ */

static void pbxproj_read_target(struct dx_reading *r, struct dx_project_target *t,
                                const struct dext_node *target)
{
    t->name = pbxproj_text_of(dx_get(target, "name"), "");
    t->product_type = pbxproj_text_of(dx_get(target, "productType"), "");
    t->node = target;
    const struct dext_node *name = dx_get(target, "name");
    t->from = (struct dx_origin){r->project->pub.doc, name ? name->key_at : target->key_at};
    const struct dext_node *ids = configurations(r, target);
    if (!ids || !dx_afford(r, ids->count)) {
        return;
    }
    t->configs = dx_calloc(&r->ctx->arena, ids->count, sizeof *t->configs);
    for (const struct dext_node *id = ids->child; id; id = id->next) {
        const struct dext_node *config = pbxproj_object(r, id);
        if (config && dx_afford(r, config->count)) {
            struct dx_config_levels own = read_levels(r, config);
            dx_config_fill(r, t, own.config, &own);
        }
    }
}

static const struct dx_project_target *target_of_object(const struct dx_reading *r,
                                                        const struct dext_node *o)
{
    for (size_t i = 0; o && i < r->project->pub.target_count; i++) {
        if (r->project->pub.targets[i].node == o) {
            return &r->project->pub.targets[i];
        }
    }
    return NULL;
}

static const struct dx_project_target *target_of_product(struct dx_reading *r,
                                                         const struct dext_node *reference)
{
    for (size_t i = 0; reference && i < r->project->pub.target_count; i++) {
        if (!dx_afford(r, 1)) {
            return NULL;
        }
        if (pbxproj_object(r, dx_get(r->project->pub.targets[i].node, "productReference")) ==
            reference) {
            return &r->project->pub.targets[i];
        }
    }
    return NULL;
}

/* ---- phases and dependencies ---------------------------------------------------------------- */

struct copies {
    struct dx_copy *list;
    size_t count, cap;
};

static int pbxproj_number_of(const struct dext_node *n)
{
    int value = 0;
    const char *p = pbxproj_text_of(n, "");
    for (size_t i = 0; i < 4 && p[i] >= '0' && p[i] <= '9'; i++) {
        value = value * 10 + (p[i] - '0');
    }
    return *p >= '0' && *p <= '9' ? value : -1;
}

static void read_copies(struct dx_reading *r, struct copies *all, const struct dext_node *phase)
{
    const struct dext_node *folder = dx_get(phase, "dstSubfolderSpec");
    const struct dext_node *files = dx_get_kind(phase, "files", DEXT_ARRAY);
    const struct dext_node *path = dx_get(phase, "dstPath");
    for (const struct dext_node *id = files ? files->child : NULL; id && dx_afford(r, 8);
         id = id->next) {
        const struct dext_node *build = pbxproj_object(r, id);
        const struct dext_node *reference = pbxproj_object(r, dx_get(build, "fileRef"));
        if (!reference) {
            continue;
        }
        struct dx_copy *c = DX_PUSH(&r->ctx->arena, all->list, all->count, all->cap);
        *c = (struct dx_copy){
            .target = target_of_product(r, reference),
            .name = dx_path_name(pbxproj_text_of(dx_get(reference, "path"),
                                                 pbxproj_text_of(dx_get(reference, "name"), ""))),
            .folder = pbxproj_number_of(folder),
            .path = path && path->kind == DEXT_STRING ? path->text : DX_STR(""),
            .phase = pbxproj_text_of(dx_get(phase, "name"), ""),
            .from = {r->project->pub.doc, folder ? folder->key_at : phase->key_at}};
    }
}

static void read_phases(struct dx_reading *r, struct dx_project_target *t)
{
    struct copies copies = {0};
    const struct dext_node *phases = dx_get_kind(t->node, "buildPhases", DEXT_ARRAY);
    for (const struct dext_node *id = phases ? phases->child : NULL; id && dx_afford(r, 1);
         id = id->next) {
        const struct dext_node *phase = pbxproj_object(r, id);
        if (pbxproj_is_a(phase, "PBXCopyFilesBuildPhase")) {
            read_copies(r, &copies, phase);
        } else if (pbxproj_is_a(phase, "PBXShellScriptBuildPhase")) {
            t->scripts++;
        }
    }
    t->scripts += pbxproj_is_a(t->node, "PBXLegacyTarget"); /* built by a tool of its own */
    t->copies = copies.list;
    t->copy_count = copies.count;
}

static void read_needs(struct dx_reading *r, struct dx_project_target *t)
{
    const struct dext_node *ids = dx_get_kind(t->node, "dependencies", DEXT_ARRAY);
    if (!ids || !dx_afford(r, ids->count)) {
        return;
    }
    t->needs = dx_calloc(&r->ctx->arena, ids->count, sizeof *t->needs);
    for (const struct dext_node *id = ids->child; id; id = id->next) {
        const struct dext_node *dependency = pbxproj_object(r, id);
        const struct dext_node *needed = pbxproj_object(r, dx_get(dependency, "target"));
        if (!needed) {
            const struct dext_node *proxy = pbxproj_object(r, dx_get(dependency, "targetProxy"));
            needed = pbxproj_object(r, dx_get(proxy, "remoteGlobalIDString"));
        }
        const struct dx_project_target *of =
            dx_afford(r, r->project->pub.target_count) ? target_of_object(r, needed) : NULL;
        if (of) {
            t->needs[t->need_count++] = of;
        }
    }
}

/* ---- the project -------------------------------------------------------------------------- */

/* Where the project lies: SRCROOT is the folder of X.xcodeproj, or projectDirPath from there. */
static void place_project(struct dx_reading *r, const char *path, const struct dext_node *project)
{
    struct dx_project_whole *p = r->project;
    const char *folder = dx_path_folder(r->ctx, path);
    struct dx_str name = dx_str(dx_path_name(folder));
    if (dx_str_has_suffix(name, ".xcodeproj")) {
        p->name = dx_strndup(&r->ctx->arena, name.p, name.n - strlen(".xcodeproj"));
    }
    p->region = pbxproj_text_of(dx_get(project, "developmentRegion"), "en");
    bool hidden = name.n == 0 || dx_str_is(name, ".") || dx_str_is(name, "..");
    p->pub.source = hidden ? dx_path_join(r->ctx, folder, "..") : dx_path_folder(r->ctx, folder);
    const char *dir = pbxproj_text_of(dx_get(project, "projectDirPath"), "");
    if (dir[0]) {
        p->pub.source = dir[0] == '/' ? dir : dx_path_join(r->ctx, p->pub.source, dir);
    }
}

static int pbxproj_by_id(const void *a, const void *b)
{
    return dx_str_cmp(((const struct dx_object *)a)->node->key,
                      ((const struct dx_object *)b)->node->key);
}

static void index_objects(struct dx_reading *r, const struct dext_node *objects)
{
    struct dx_project_whole *p = r->project;
    p->objects = dx_calloc(&r->ctx->arena, objects->count, sizeof *p->objects);
    for (const struct dext_node *n = objects->child; n; n = n->next) {
        if (!n->overridden && n->kind == DEXT_DICT) {
            p->objects[p->object_count++].node = n;
        }
    }
    if (p->object_count) {
        qsort(p->objects, p->object_count, sizeof *p->objects, pbxproj_by_id);
    }
    for (size_t i = 0; i < p->object_count; i++) {
        const struct dext_node *list = dx_get_kind(p->objects[i].node, "children", DEXT_ARRAY);
        for (const struct dext_node *id = list ? list->child : NULL; id; id = id->next) {
            struct dx_object *child = (struct dx_object *)dx_object(p, id);
            if (child) {
                child->group = &p->objects[i];
            }
        }
    }
}

int dx_pbxproj_read(struct dx_reading *r, const struct dx_doc *doc)
{
    struct dx_project_whole *p = r->project;
    const struct dext_node *objects = dx_get_kind(doc->pl->root, "objects", DEXT_DICT);
    if (objects) {
        index_objects(r, objects);
    }
    const struct dext_node *project = pbxproj_object(r, dx_get(doc->pl->root, "rootObject"));
    if (!project) {
        return dx_fail(r->ctx, DEXT_E_FORMAT, "%s: is no Xcode project (no rootObject in objects)",
                       doc->path);
    }
    place_project(r, doc->path, project);
    read_project_levels(r, project);
    const struct dext_node *ids = dx_get_kind(project, "targets", DEXT_ARRAY);
    p->pub.targets = dx_calloc(&r->ctx->arena, ids ? ids->count : 0, sizeof *p->pub.targets);
    for (const struct dext_node *id = ids ? ids->child : NULL; id; id = id->next) {
        const struct dext_node *target = pbxproj_object(r, id);
        if (target && dx_afford(r, target->count)) {
            pbxproj_read_target(r, &p->pub.targets[p->pub.target_count++], target);
        }
    }
    for (size_t i = 0; i < p->pub.target_count; i++) {
        read_phases(r, &p->pub.targets[i]);
        read_needs(r, &p->pub.targets[i]);
    }
    return DEXT_OK;
}
