/* A project and an Info.plist, and an .xcconfig: three texts with a line "====" between them. Each
 * target is read with its sources, each configuration makes the Info.plist; whatever is said of it
 * has a place in one of the texts. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dext/dext.h"
#include "project/effective.h"
#include "project/product.h"
#include "project/read.h"
#include "project/yaml.h"

static volatile size_t sink;

static const char *next_part(const char *from, const char *end, size_t *n)
{
    const char *mark = memmem(from, (size_t)(end - from), "\n====\n", 6);
    *n = mark ? (size_t)(mark - from) : (size_t)(end - from);
    return mark ? mark + 6 : end;
}

static struct dx_doc *doc_of(struct dext_ctx *ctx, const char *path, const char *p, size_t n,
                             dx_plist_reader *read)
{
    struct dx_source src = dx_source_bytes(path, dx_strndup(&ctx->arena, p, n), n);
    struct dx_doc *doc = dx_alloc(&ctx->arena, sizeof *doc);
    doc->path = path;
    doc->pl = read ? dx_plist_load_by(ctx, &src, read) : dx_plist_load(ctx, &src);
    return doc;
}

static void walk(const struct dx_doc *doc, const struct dext_node *n, unsigned depth)
{
    struct dx_origin from = depth < 3 ? dx_origin_of(doc, n) : (struct dx_origin){0};
    sink += from.doc ? strlen(from.doc->path) + from.at.line : 0;
    sink += n->text.n ? (unsigned char)n->text.p[n->text.n - 1] : 0;
    for (const struct dext_node *c = n->child; c && depth < 600; c = c->next) {
        walk(doc, c, depth + 1);
    }
}

static void builds(struct dext_ctx *ctx, const struct dx_project *p, const struct dx_doc *info)
{
    for (size_t i = 0; i < p->target_count && i < 8; i++) {
        const struct dx_project_target *t = &p->targets[i];
        struct dx_sources files;
        dx_project_sources(&files, ctx, p, t);
        sink += files.count;
        for (size_t k = 0; k < t->config_count && k < 4; k++) {
            struct dx_build_of b = {p, t, &t->configs[k]};
            struct dx_carrier carrier;
            const struct dx_doc *made = dx_effective_info(ctx, &b, info);
            if (made->pl->root) {
                walk(made, made->pl->root, 0);
            }
            sink += dx_carrier_of(&carrier, ctx, &b) ? strlen(carrier.folder) : 0;
            sink += dx_signed_elsewhere(ctx, &b);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dext_limits limits = {.size = sizeof limits, .plist_nodes = 20000};
    struct dext_ctx *ctx = dext_ctx_new(&limits);
    const char *p = (const char *)data, *end = p + size;
    size_t n[3];
    const char *info_at = next_part(p, end, &n[0]);
    const char *config_at = next_part(info_at, end, &n[1]);
    (void)next_part(config_at, end, &n[2]);
    bool yaml = size && *p != '/' && *p != '{';
    struct dx_doc *doc =
        doc_of(ctx, yaml ? "/nowhere/project.yml" : "/nowhere/X.xcodeproj/project.pbxproj", p, n[0],
               yaml ? dx_yaml_read : NULL);
    struct dx_doc *info = doc_of(ctx, "/nowhere/Info.plist", info_at, n[1], NULL);
    struct dx_doc *config = doc_of(ctx, "/nowhere/A.xcconfig", config_at, n[2], dx_yaml_read);
    struct dx_reading r = {.ctx = ctx};
    struct dx_level level = {0};
    dx_xcconfig_parse(&r, &level, config);
    for (size_t i = 0; i < level.count; i++) {
        sink += level.list[i].name.n + level.list[i].value.n + level.list[i].from.at.line;
    }
    struct dx_project *project;
    if (doc->pl->root && doc->pl->root->kind == DEXT_DICT &&
        dx_project_read(&project, ctx, doc) == DEXT_OK) {
        builds(ctx, project, info->pl->root ? info : NULL);
    }
    dext_ctx_free(ctx);
    return 0;
}
