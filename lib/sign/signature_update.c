/* Requirements from outside: one that was given, and the designated one of another build. */
#include <stdio.h>
#include <string.h>

#include "base/source.h"
#include "sign/signature.h"

struct dx_verdict dx_code_satisfies(const struct dx_code *code, struct dext_ctx *ctx,
                                    struct dx_str requirement)
{
    struct dx_verdict worst = {DEXT_YES, ""};
    bool any = false, several = code->pub.slice_count > 1;
    for (size_t i = 0; i < code->pub.slice_count; i++) {
        const struct dx_judged *subject = &code->subjects[i];
        struct dx_verdict v = {DEXT_NO, "it is not signed"};
        if (subject->identifier) {
            v = dx_requirement_eval(ctx, requirement, subject);
        } else if (code->slices[i].fault[0]) {
            v = (struct dx_verdict){DEXT_UNKNOWN, "the slice is damaged"};
        }
        any |= subject->identifier != NULL;
        if (worst.truth == DEXT_YES || (worst.truth == DEXT_UNKNOWN && v.truth == DEXT_NO)) {
            worst = v;
            worst.why = several && v.why[0]
                            ? dx_sprintf(&ctx->arena, "%s: %s", code->slices[i].arch, v.why)
                            : v.why;
        }
    }
    return any ? worst : (struct dx_verdict){DEXT_NO, "it is not signed"};
}

/* ---- a requirement that was given ---------------------------------------------------------- */

static uint32_t update_number(const struct dx_source *src, size_t at)
{
    return src->size >= at + 4 ? dx_u32((const unsigned char *)src->data + at, true) : 0;
}

/* A compiled requirement, or the designated one of a compiled set. p NULL: it is none. */
static struct dx_str update_compiled(const struct dx_source *src)
{
    uint32_t count = update_number(src, 8);
    if (update_number(src, 0) == DX_REQUIREMENT_MAGIC) {
        return (struct dx_str){src->data, src->size};
    }
    for (uint32_t i = 0; i < count && i < 16 && update_number(src, 0) == 0xfade0c01; i++) {
        uint32_t at = update_number(src, 16 + (size_t)i * 8);
        uint32_t n = at <= src->size ? update_number(src, (size_t)at + 4) : 0;
        if (update_number(src, 12 + (size_t)i * 8) == 3 && n && n <= src->size - at) {
            return (struct dx_str){src->data + at, n};
        }
    }
    return (struct dx_str){NULL, 0};
}

int dext_requirement_compile(struct dext_compiled *out, struct dext_ctx *ctx, const char *name,
                             const char *argument)
{
    struct dx_str blob = {NULL, 0};
    struct dx_source src;
    const char *text = argument[0] == '=' ? argument + 1 : argument;
    *out = (struct dext_compiled){NULL, 0, ""};
    if (argument[0] == '@') {
        int status = dx_source_read(&src, ctx, argument + 1);
        if (status != DEXT_OK) {
            return status;
        }
        name = argument + 1;
        blob = update_compiled(&src);
        text = dx_strndup(&ctx->arena, src.data, src.size);
    }
    if (!blob.p) {
        blob = dx_requirement_compile(ctx, name, text);
        if (!blob.n) {
            return DEXT_E_FORMAT;
        }
    }
    const char *source = dx_requirement_text(ctx, blob);
    if (!source) {
        return dx_fail(ctx, DEXT_E_FORMAT, "%s: no compiled requirement, or a damaged one", name);
    }
    *out = (struct dext_compiled){blob.p, blob.n, source};
    return DEXT_OK;
}

/* ---- two builds ---------------------------------------------------------------------------- */

static struct dext_update update_of(struct dext_ctx *ctx, const struct dx_code *left,
                                    const struct dx_code *right)
{
    struct dext_update u = {left->pub.name, "", DEXT_UNKNOWN, "the first is not signed"};
    struct dx_str blob = dx_requirement_designated(ctx, left->subjects, left->pub.slice_count);
    if (!blob.n) {
        return u;
    }
    const char *text = dx_requirement_text(ctx, blob);
    struct dx_verdict v = dx_code_satisfies(right, ctx, blob);
    u.requirement = text ? text : "";
    u.satisfies = v.truth;
    u.why = v.why;
    return u;
}

void dext_signatures_update(struct dext_updates *out, struct dext_ctx *ctx,
                            const struct dext_signatures *left, const struct dext_signatures *right)
{
    struct dext_update *list = dx_calloc(&ctx->arena, left->count + 1, sizeof *list);
    size_t n = 0;
    for (size_t i = 0; i < left->count; i++) {
        for (size_t k = 0; k < right->count; k++) {
            if (strcmp(left->list[i]->name, right->list[k]->name) == 0 && !left->list[i]->error &&
                !right->list[k]->error) {
                list[n++] = update_of(ctx, dx_code_of(left->list[i]), dx_code_of(right->list[k]));
                break;
            }
        }
    }
    *out = (struct dext_updates){list, n};
}
