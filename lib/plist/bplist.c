#include "plist/bplist.h"

#include "base/ctx.h"

uint64_t dx_bplist_number(const unsigned char *p, unsigned n)
{
    uint64_t v = 0;
    while (n--) {
        v = v << 8 | *p++;
    }
    return v;
}

int dx_bplist_bad(const struct dx_bplist *b, uint64_t object, const char *what)
{
    return dx_fail(b->ctx, DEXT_E_FORMAT, "%s: object %llu of the binary property list %s",
                   b->src->path, (unsigned long long)object, what);
}

int dx_bplist_open(struct dx_bplist *b, struct dext_ctx *ctx, const struct dx_source *src)
{
    *b = (struct dx_bplist){.ctx = ctx, .src = src, .p = (const unsigned char *)src->data};
    if (src->size < 8 + 1 + 32) {
        return dx_fail(ctx, DEXT_E_FORMAT,
                       "%s: is cut short: a binary property list has a "
                       "trailer of 32 bytes",
                       src->path);
    }
    const unsigned char *t = b->p + src->size - 32;
    b->offset_size = t[6];
    b->ref_size = t[7];
    b->count = dx_bplist_number(t + 8, 8);
    b->top = dx_bplist_number(t + 16, 8);
    b->table = dx_bplist_number(t + 24, 8);
    uint64_t room = src->size - 32;
    if (b->offset_size < 1 || b->offset_size > 8 || b->ref_size < 1 || b->ref_size > 8 ||
        b->count == 0 || b->top >= b->count || b->table < 9 || b->table >= room ||
        b->count > (room - b->table) / b->offset_size) {
        return dx_fail(ctx, DEXT_E_FORMAT,
                       "%s: the trailer of the binary property list does "
                       "not fit the file (cut short or overwritten)",
                       src->path);
    }
    if (b->count > ctx->limits.plist_nodes) {
        return dx_fail(ctx, DEXT_E_LIMIT, "%s: more than %zu keys and values", src->path,
                       ctx->limits.plist_nodes);
    }
    return DEXT_OK;
}

/* Bytes of content, or UINT64_MAX when they would be more than any file has. */
static uint64_t content_size(const struct dx_bplist *b, const struct dx_bobject *o)
{
    if (o->length > UINT64_MAX / 32) {
        return UINT64_MAX;
    }
    switch (o->type) {
    case DX_BPLIST_INTEGER:
    case DX_BPLIST_REAL:
    case DX_BPLIST_DATE:
        return UINT64_C(1) << o->length;
    case DX_BPLIST_DATA:
    case DX_BPLIST_ASCII:
        return o->length;
    case DX_BPLIST_UTF16:
        return o->length * 2;
    case DX_BPLIST_UID:
        return o->length + 1;
    case DX_BPLIST_ARRAY:
    case DX_BPLIST_SET:
        return o->length * b->ref_size;
    case DX_BPLIST_DICT:
        return o->length * 2 * b->ref_size;
    default:
        return 0;
    }
}

int dx_bplist_object(const struct dx_bplist *b, uint64_t object, struct dx_bobject *out)
{
    if (object >= b->count) {
        return dx_bplist_bad(b, object, "does not exist, but is referred to");
    }
    uint64_t at = dx_bplist_number(b->p + b->table + object * b->offset_size, b->offset_size);
    if (at < 8 || at >= b->table) {
        return dx_bplist_bad(b, object, "lies outside the file");
    }
    out->type = b->p[at] >> 4;
    out->length = b->p[at] & 15;
    out->at = at + 1;
    bool counted = (out->type >= DX_BPLIST_DATA && out->type <= DX_BPLIST_UTF16) ||
                   out->type == DX_BPLIST_ARRAY || out->type == DX_BPLIST_SET ||
                   out->type == DX_BPLIST_DICT;
    if (counted && out->length == 15) {
        unsigned n = out->at < b->table ? 1U << (b->p[out->at] & 15) : 0;
        if (n == 0 || n > 8 || b->p[out->at] >> 4 != 1 || out->at + 1 + n > b->table) {
            return dx_bplist_bad(b, object, "has no legal length");
        }
        out->length = dx_bplist_number(b->p + out->at + 1, n);
        out->at += 1 + n;
    }
    uint64_t size = content_size(b, out);
    return size > b->table - out->at ? dx_bplist_bad(b, object, "runs past the end of the file")
                                     : DEXT_OK;
}

uint64_t dx_bplist_ref(const struct dx_bplist *b, const struct dx_bobject *o, uint64_t i)
{
    return dx_bplist_number(b->p + o->at + i * b->ref_size, b->ref_size);
}
