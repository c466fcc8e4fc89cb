/* Objects of a project.pbxproj: by id, and where files and groups lie. */
#include <stdlib.h>
#include <string.h>

#include "project/read.h"

#define DEEPEST_GROUP 64

static int id_of_object(const void *id, const void *object)
{
    return dx_str_cmp(*(const struct dx_str *)id, ((const struct dx_object *)object)->node->key);
}

const struct dx_object *dx_object(const struct dx_project_whole *p, const struct dext_node *id)
{
    if (!id || id->kind != DEXT_STRING || p->object_count == 0) {
        return NULL;
    }
    return bsearch(&id->text, p->objects, p->object_count, sizeof *p->objects, id_of_object);
}

static const char *objects_text_at(const struct dext_node *o, const char *key)
{
    const struct dext_node *n = dx_get_kind(o, key, DEXT_STRING);
    return n ? n->text.p : "";
}

static const char *path_below(struct dext_ctx *ctx, const struct dx_project_whole *p,
                              const struct dx_object *o, unsigned depth)
{
    const char *path = objects_text_at(o->node, "path"),
               *tree = objects_text_at(o->node, "sourceTree");
    const char *start;
    if (depth > DEEPEST_GROUP) {
        return NULL;
    }
    if (strcmp(tree, "<absolute>") == 0) {
        return path;
    }
    if (strcmp(tree, "SOURCE_ROOT") == 0 || (strcmp(tree, "<group>") == 0 && !o->group)) {
        start = p->pub.source;
    } else if (strcmp(tree, "<group>") == 0) {
        start = path_below(ctx, p, o->group, depth + 1);
    } else {
        return NULL; /* made by the build, or Apple's */
    }
    return !start || !path[0] ? start : path[0] == '/' ? path : dx_path_join(ctx, start, path);
}

const char *dx_object_path(struct dext_ctx *ctx, const struct dx_project_whole *p,
                           const struct dx_object *o)
{
    const char *path = path_below(ctx, p, o, 0);
    if (!path) {
        return NULL;
    }
    struct dx_str normal = dx_path_normal(ctx, dx_str(path));
    bool dot = path[0] == '.' && path[1] == '/'; /* told the way it was given */
    return dot ? dx_sprintf(&ctx->arena, "./%s", normal.p) : normal.p;
}
