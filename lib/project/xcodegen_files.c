/* The files of a target of a project.yml: sources with their includes and excludes. */
#include <fnmatch.h>
#include <string.h>

#include "project/spec.h"

/* "**" stands for any number of folders, as in Bash with globstar. */
static bool glob_matches(const char *pattern, const char *path, unsigned depth)
{
    const char *stars = strstr(pattern, "**/");
    if (!stars || depth > 4) {
        size_t n = strlen(pattern);
        bool rest = n >= 2 && strcmp(pattern + n - 2, "**") == 0;
        return fnmatch(pattern, path, rest ? 0 : FNM_PATHNAME) == 0;
    }
    size_t before = (size_t)(stars - pattern);
    if (before >= 512 || (before && strncmp(pattern, path, before) != 0)) {
        return false; /* a pattern in front of "**" is taken literally */
    }
    for (const char *p = path + before;; p++) {
        if (glob_matches(stars + 3, p, depth + 1)) {
            return true;
        }
        p = strchr(p, '/');
        if (!p) {
            return false;
        }
    }
}

static bool xcodegen_files_listed(const struct dext_node *patterns, const char *relative)
{
    for (const struct dext_node *e = patterns ? patterns->child : NULL; e; e = e->next) {
        if (e->kind == DEXT_STRING && glob_matches(e->text.p, relative, 0)) {
            return true;
        }
    }
    return false;
}

static bool xcodegen_files_wanted(const void *user, const char *relative, bool folder)
{
    const struct dext_node *source = user;
    const struct dext_node *includes = dx_get_kind(source, "includes", DEXT_ARRAY);
    const struct dext_node *excludes = dx_get_kind(source, "excludes", DEXT_ARRAY);
    return !xcodegen_files_listed(excludes, relative) &&
           (folder || !includes || xcodegen_files_listed(includes, relative));
}

static bool everything(const void *user, const char *relative, bool folder)
{
    (void)user, (void)relative, (void)folder;
    return true;
}

static void xcodegen_files_add_source(struct dx_file_list *out, struct dext_ctx *ctx,
                                      const struct dx_project *project,
                                      const struct dext_node *source)
{
    bool plain = source->kind != DEXT_DICT;
    const struct dext_node *n = plain ? source : dx_get(source, "path");
    const struct dext_node *phase = plain ? NULL : dx_get(source, "buildPhase");
    if (!n || n->kind != DEXT_STRING ||
        (phase && !dx_str_is(phase->text, "sources") && !dx_str_is(phase->text, "headers"))) {
        return;
    }
    const char *path = dx_project_path(ctx, project, n->text);
    if (dx_is_file(ctx, path)) {
        *DX_PUSH(&ctx->arena, out->list, out->count, out->cap) = path;
    } else {
        dx_list_folder(out, ctx, path, plain ? everything : xcodegen_files_wanted, source);
    }
}

void dx_xcodegen_sources(struct dx_file_list *out, struct dext_ctx *ctx,
                         const struct dx_project *project, const struct dx_project_target *target)
{
    const struct dext_node *sources = dx_get(target->node, "sources");
    if (sources && sources->kind == DEXT_ARRAY) {
        for (const struct dext_node *s = sources->child; s; s = s->next) {
            xcodegen_files_add_source(out, ctx, project, s);
        }
    } else if (sources) {
        xcodegen_files_add_source(out, ctx, project, sources);
    }
}

const char *dx_xcodegen_info(struct dext_ctx *ctx, const struct dx_project *project,
                             const struct dx_project_target *target)
{
    struct dx_file_list files = {0};
    size_t n = strlen(project->source);
    dx_xcodegen_sources(&files, ctx, project, target);
    for (size_t i = 0; i < files.count; i++) {
        if (strcmp(dx_path_name(files.list[i]), "Info.plist") == 0) {
            const char *path = files.list[i];
            return n && strncmp(path, project->source, n) == 0 && path[n] == '/' ? path + n + 1
                                                                                 : path;
        }
    }
    return NULL;
}
