#include "rules/request.h"

#include <string.h>

#define MOST_BYTES ((size_t)16 << 20) /* of one target's sources */
#define MOST_REQUESTS 64              /* of one target */

struct dx_request_set {
    const struct dx_project_target *target;
    struct dx_cxx *code;
    struct dx_request *list;
    struct dx_requests found;
    size_t cap;
    struct dx_request_set *next;
};

static bool may_ask(const char *path)
{
    static const char *const ends[] = {".swift", ".m", ".mm", ".cpp", ".cc", ".c"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        if (dx_str_has_suffix(dx_str(path), ends[i])) {
            return true;
        }
    }
    return false;
}

/* "text", @"text"; not one with \(...) in it, which is made when the app runs. */
static bool request_text(const struct dx_cxx_file *f, size_t i, struct dx_str *out)
{
    i += i < f->count && dx_token_is(&f->list[i], "@");
    if (i >= f->count || f->list[i].kind != DX_TOKEN_TEXT) {
        return false;
    }
    *out = dx_token_text(&f->list[i]);
    return out->n && !memchr(out->p, '\\', out->n) && !memchr(out->p, '%', out->n);
}

/* What the file gives a constant, where it is one text and nothing else. */
static bool constant(const struct dx_cxx_file *f, struct dx_str name, struct dx_str *out)
{
    size_t texts = 0;
    for (size_t i = 0; i < f->count; i++) {
        struct dx_str text;
        if (!dx_str_eq(dx_token_str(&f->list[i]), name)) {
            continue;
        }
        bool typed = dx_tokens_match(f, i, "%word% : String");
        bool given = dx_tokens_match(f, typed ? i + 3 : i + 1, "=") &&
                     !dx_tokens_match(f, typed ? i + 4 : i + 2, "=");
        if (given && request_text(f, (typed ? i + 3 : i + 1) + 1, &text)) {
            if (texts && !dx_str_eq(*out, text)) {
                return false;
            }
            *out = text;
            texts++;
        } else if (typed || given) {
            return false; /* a parameter, or something else is put into it */
        }
    }
    return texts != 0;
}

static bool identifier_at(const struct dx_cxx_file *f, size_t i, size_t *token, struct dx_str *out)
{
    *token = i;
    if (request_text(f, i, out)) {
        return true;
    }
    i += dx_tokens_match(f, i, "self .") ? 2 : 0;
    *token = i;
    return dx_tokens_match(f, i, "%word%") && !dx_tokens_match(f, i + 1, ".|(|[") &&
           constant(f, dx_token_str(&f->list[i]), out);
}

static void request_find(struct dx_request_set *set, struct dx_arena *a,
                         const struct dx_cxx_file *f)
{
    for (size_t i = 0; i < f->count && set->found.count < MOST_REQUESTS; i++) {
        size_t skip = dx_tokens_match(f, i, "activationRequest ( forExtensionWithIdentifier :") ? 4
                      : dx_tokens_match(f, i, "activationRequestForExtension :")                ? 2
                                                                                                : 0;
        struct dx_request r = {.file = f};
        if (skip && identifier_at(f, i + skip, &r.token, &r.id)) {
            *DX_PUSH(a, set->list, set->found.count, set->cap) = r;
            set->found.list = set->list;
        }
    }
}

static void request_read(struct dx_request_set *set, struct dx_arena *a, const char *path)
{
    struct dx_source src;
    struct dext_ctx *ctx = set->code->ctx;
    struct dx_mark mark = dx_arena_mark(&ctx->arena);
    path = dx_strdup(&ctx->arena, path);
    if (!dx_source_if_there(&src, ctx, path, DX_CXX_FILE_BYTES) ||
        !dx_str_contains((struct dx_str){src.data, src.size}, "ctivationRequest")) {
        dx_arena_rewind(&ctx->arena, mark);
        return;
    }
    size_t before = set->code->file_count;
    dx_cxx_add_source(set->code, &src);
    for (size_t i = before; i < set->code->file_count; i++) {
        request_find(set, a, set->code->files[i]);
    }
}

const struct dx_requests *dx_requests_of(struct dx_request_set **all, struct dx_arena *a,
                                         struct dext_ctx *ctx, const struct dx_project *project,
                                         const struct dx_project_target *target)
{
    for (struct dx_request_set *s = *all; s; s = s->next) {
        if (s->target == target) {
            return &s->found;
        }
    }
    struct dx_token_options opt = {.kernel = false};
    struct dx_request_set *set = dx_alloc(a, sizeof *set);
    *set = (struct dx_request_set){.target = target, .code = dx_cxx_new(&opt), .next = *all};
    *all = set;
    struct dx_sources files = {0};
    if (set->code) {
        set->code->ctx->texts = ctx->texts;
        set->code->ctx->watch = ctx->watch;
        dx_project_sources(&files, ctx, project, target);
    }
    for (size_t i = 0; i < files.count; i++) {
        if (!may_ask(files.list[i])) {
            continue;
        }
        if (set->code->bytes >= MOST_BYTES) {
            dx_unread(ctx,
                      "%s: not read: what asks for activation in this target's sources is more "
                      "than %zu bytes",
                      files.list[i], MOST_BYTES);
            break;
        }
        request_read(set, a, files.list[i]);
    }
    if (set->code) {
        dx_unread_take(ctx, set->code->ctx);
    }
    return &set->found;
}

void dx_requests_free(struct dx_request_set *all)
{
    for (; all; all = all->next) {
        dx_cxx_free(all->code);
    }
}
