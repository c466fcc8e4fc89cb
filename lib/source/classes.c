/* The public face of the source model: classes and where they stand. */
#include "dext/source.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "source/folder.h"

struct dext_sources {
    struct dx_cxx *code;
};

struct dext_sources *dext_sources_new(void)
{
    struct dx_token_options opt = {.kernel = false};
    struct dx_cxx *code = dx_cxx_new(&opt);
    struct dext_sources *s = code ? dx_alloc(&code->ctx->arena, sizeof *s) : NULL;
    if (s) {
        s->code = code;
    }
    return s;
}

void dext_sources_free(struct dext_sources *s)
{
    if (s) {
        dx_cxx_free(s->code);
    }
}

void dext_sources_set_text(struct dext_sources *s, const char *path, const void *data, size_t size)
{
    struct dx_arena *a = &s->code->ctx->arena;
    dx_overlay_set(s->code->ctx, dx_strdup(a, path), dx_strndup(a, data, size), size);
}

void dext_sources_add(struct dext_sources *s, const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)) {
        if (!dx_cxx_has(s->code, path)) {
            dx_cxx_add(s->code, path);
        }
        return;
    }
    struct dx_arena room = {0};
    struct dx_cxx_paths found = {.arena = &room};
    dx_cxx_below(&found, s->code->ctx, path);
    for (size_t i = 0; i < found.count; i++) {
        if (!dx_cxx_has(s->code, found.list[i])) {
            dx_cxx_add(s->code, found.list[i]);
        }
    }
    dx_arena_free(&room);
}

static void classes_tell(const struct dext_sources *s, const struct dx_cxx_class *k,
                         struct dext_source_class *out)
{
    struct dx_arena *a = &s->code->ctx->arena;
    const struct dx_token *name = &k->file->list[k->token];
    const char *start = name->p;
    while (start > k->file->data && start[-1] != '\n' && start[-1] != '\r') {
        start--;
    }
    *out =
        (struct dext_source_class){.name = dx_strndup(a, k->name.p, k->name.n),
                                   .super = dx_strndup(a, k->super.n ? k->super.p : "", k->super.n),
                                   .file = k->file->path,
                                   .line = name->line,
                                   .column = (unsigned)(name->p - start) + 1,
                                   .offset = (size_t)(name->p - k->file->data),
                                   .iig = k->iig};
}

bool dext_sources_class(const struct dext_sources *s, const char *name,
                        struct dext_source_class *out)
{
    const struct dx_cxx_class *k = dx_cxx_class(s->code, dx_str(name));
    if (k) {
        classes_tell(s, k, out);
    }
    return k != NULL;
}

bool dext_sources_class_at(const struct dext_sources *s, size_t i, struct dext_source_class *out)
{
    for (size_t n = 0; n < s->code->class_count; n++) {
        if (!s->code->classes[n]->extends && i-- == 0) {
            classes_tell(s, s->code->classes[n], out);
            return true;
        }
    }
    return false;
}
