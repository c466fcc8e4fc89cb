/* xar, the outer form of installer packages: a header, a table of contents (XML, zlib), a heap of
 * bytes. libarchive 3.6 reads it as a stream and gives names twice, wrong offsets, and up on
 * product archives, whose heap is not in the order of the table; so the table is read here and
 * every member fetched by its offset. Form: opensource.apple.com, xar-498, xar.h and archive.c. */
#include <errno.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "bundle/archive.h"

#define HEADER 28
#define LARGEST_TABLE ((uint64_t)64 << 20)
#define DEEPEST_FOLDER 64

struct xar {
    struct dx_unpack *u;
    const struct dx_bytes *bytes;
    uint64_t heap;
    size_t part;
};

static uint64_t xar_big_endian(const unsigned char *p, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++) {
        v = v << 8 | p[i];
    }
    return v;
}

bool dx_bytes_at(const struct dx_bytes *b, uint64_t at, void *to, size_t n)
{
    if (at > b->size || n > b->size - at) {
        return false;
    }
    if (b->memory) {
        memcpy(to, b->memory + at, n);
        return true;
    }
    return fseeko(b->file, (off_t)at, SEEK_SET) == 0 && fread(to, 1, n, b->file) == n;
}

static int xar_damaged(const struct xar *x, const char *what)
{
    return dx_fail(x->u->ctx, DEXT_E_FORMAT, "%s: a damaged package: %s", x->u->path, what);
}

/* ---- members ------------------------------------------------------------------------------- */

struct member {
    struct dx_layer layer; /* first: the layer's reader gets it */
    const struct xar *x;
    uint64_t at, left; /* in the heap */
    bool packed;
    bool ended;
    z_stream z;
    unsigned char *in;
};

static la_ssize_t xar_refill(struct member *m, void *to)
{
    size_t n = m->left < DX_BLOCK ? (size_t)m->left : DX_BLOCK;
    if (!dx_bytes_at(m->x->bytes, m->at, to, n)) {
        return xar_damaged(m->x, "a member ends early");
    }
    m->at += n;
    m->left -= n;
    m->x->u->read += m->x->bytes->memory ? 0 : n;
    return (la_ssize_t)n;
}

static la_ssize_t inflate_more(struct member *m, const void **out)
{
    m->z.next_out = (unsigned char *)m->layer.block;
    m->z.avail_out = DX_BLOCK;
    while (!m->ended && m->z.avail_out == DX_BLOCK) {
        if (!m->z.avail_in && m->left) {
            la_ssize_t n = xar_refill(m, m->in);
            if (n < 0) {
                return n;
            }
            m->z.next_in = m->in;
            m->z.avail_in = (unsigned)n;
        }
        int r = inflate(&m->z, Z_NO_FLUSH);
        m->ended = r == Z_STREAM_END;
        if (r != Z_OK && r != Z_STREAM_END) {
            return xar_damaged(m->x, "a member cannot be unpacked");
        }
    }
    *out = m->layer.block;
    return (la_ssize_t)(DX_BLOCK - m->z.avail_out);
}

static la_ssize_t more(struct dx_layer *l, const void **out)
{
    struct member *m = (struct member *)l;
    if (m->packed) {
        return inflate_more(m, out);
    }
    *out = l->block;
    return m->left ? xar_refill(m, l->block) : 0;
}

static int take_bytes(const struct xar *x, struct dx_file *f, uint64_t at, uint64_t size,
                      const char *encoding)
{
    bool plain = !encoding[0] || strcmp(encoding, "application/octet-stream") == 0;
    bool packed = strcmp(encoding, "application/x-gzip") == 0;
    if (!plain && !packed) {
        return dx_fail(x->u->ctx, DEXT_E_FORMAT,
                       "%s: member '%.200s' is packed as %.100s, which is not read", x->u->path,
                       f->path, encoding);
    }
    if (at > x->bytes->size - x->heap || size > x->bytes->size - x->heap - at) {
        return xar_damaged(x, "a member lies outside of it");
    }
    struct member m = {.layer = {.u = x->u, .more = more},
                       .x = x,
                       .at = x->heap + at,
                       .left = size,
                       .packed = packed};
    char *blocks = malloc(2 * DX_BLOCK);
    if (!blocks || (packed && inflateInit(&m.z) != Z_OK)) {
        abort();
    }
    m.layer.block = blocks;
    m.in = (unsigned char *)blocks + DX_BLOCK;
    int status = dx_unpack_regular(x->u, &m.layer, f, x->part, true);
    if (packed) {
        (void)inflateEnd(&m.z);
    }
    free(blocks);
    return status;
}

/* ---- table --------------------------------------------------------------------------------- */

static const xmlNode *child(const xmlNode *n, const char *name)
{
    for (const xmlNode *c = n ? n->children : NULL; c; c = c->next) {
        if (c->type == XML_ELEMENT_NODE && strcmp((const char *)c->name, name) == 0) {
            return c;
        }
    }
    return NULL;
}

/* Text of a child, in the arena; "" when there is none. */
static const char *xar_text_of(struct dext_ctx *ctx, const xmlNode *n, const char *name)
{
    const xmlNode *c = child(n, name);
    xmlChar *text = c ? xmlNodeGetContent(c) : NULL;
    const char *out = text ? dx_strdup(&ctx->arena, (const char *)text) : "";
    xmlFree(text);
    return out;
}

static bool xar_number_of(struct dext_ctx *ctx, const xmlNode *n, const char *name, uint64_t *out)
{
    const char *text = xar_text_of(ctx, n, name);
    char *end = NULL;
    errno = 0;
    *out = strtoull(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == 0 && errno == 0;
}

static int take_files(const struct xar *x, const xmlNode *folder, const char *below, size_t depth);

static int take_data(const struct xar *x, const xmlNode *node, struct dx_file *f)
{
    struct dext_ctx *ctx = x->u->ctx;
    const xmlNode *data = child(node, "data");
    uint64_t at = 0, size = 0;
    const char *encoding = "";
    if (data) {
        const xmlNode *e = child(data, "encoding");
        xmlChar *style = e ? xmlGetProp(e, BAD_CAST "style") : NULL;
        encoding = style ? dx_strdup(&ctx->arena, (const char *)style) : "";
        xmlFree(style);
        if (!xar_number_of(ctx, data, "offset", &at) ||
            !xar_number_of(ctx, data, "length", &size)) {
            return xar_damaged(x, "a member has no place");
        }
    }
    return take_bytes(x, f, at, size, encoding);
}

static int take_file(const struct xar *x, const xmlNode *node, const char *below, size_t depth)
{
    struct dext_ctx *ctx = x->u->ctx;
    const char *name = xar_text_of(ctx, node, "name"), *type = xar_text_of(ctx, node, "type");
    struct dx_file f = {.path = dx_unpack_name(x->u, name), .target = ""};
    if (!f.path) {
        return DEXT_E_FORMAT;
    }
    if (!f.path[0] || strchr(name, '/')) {
        return xar_damaged(x, "a member has no name");
    }
    f.path = below[0] ? dx_sprintf(&ctx->arena, "%s/%s", below, f.path) : f.path;
    if (strcmp(type, "directory") == 0) {
        f.kind = DX_FILE_FOLDER;
        int status = dx_unpack_add(x->u, &f, x->part);
        return status == DEXT_OK ? take_files(x, node, f.path, depth + 1) : status;
    }
    f.kind = strcmp(type, "file") == 0      ? DX_FILE_REGULAR
             : strcmp(type, "symlink") == 0 ? DX_FILE_LINK
                                            : DX_FILE_OTHER;
    f.target = f.kind == DX_FILE_LINK ? xar_text_of(ctx, node, "link") : "";
    return f.kind == DX_FILE_REGULAR ? take_data(x, node, &f) : dx_unpack_add(x->u, &f, x->part);
}

static int take_files(const struct xar *x, const xmlNode *folder, const char *below, size_t depth)
{
    int status = DEXT_OK;
    if (depth > DEEPEST_FOLDER) {
        return xar_damaged(x, "its folders nest too deep");
    }
    for (const xmlNode *c = folder->children; status == DEXT_OK && c; c = c->next) {
        if (c->type == XML_ELEMENT_NODE && strcmp((const char *)c->name, "file") == 0) {
            status = take_file(x, c, below, depth);
        }
    }
    return status;
}

/* The table of contents, malloc'd. NULL after dx_fail. */
static char *xar_read_table(const struct xar *x, uint64_t at, uint64_t packed, uint64_t size)
{
    char *in = malloc((size_t)packed), *out = malloc((size_t)size + 1);
    uLongf got = (uLongf)size;
    if (!in || !out) {
        abort();
    }
    bool good =
        dx_bytes_at(x->bytes, at, in, (size_t)packed) &&
        uncompress((unsigned char *)out, &got, (const unsigned char *)in, (uLong)packed) == Z_OK &&
        got == size;
    free(in);
    if (!good) {
        free(out);
        (void)xar_damaged(x, "its table of contents cannot be unpacked");
        return NULL;
    }
    out[size] = 0;
    return out;
}

int dx_unpack_xar(struct dx_unpack *u, const struct dx_bytes *bytes, size_t part)
{
    struct xar x = {.u = u, .bytes = bytes, .part = part};
    unsigned char head[HEADER];
    if (!dx_bytes_at(bytes, 0, head, HEADER) || memcmp(head, "xar!", 4) != 0) {
        return xar_damaged(&x, "no xar header");
    }
    uint64_t start = xar_big_endian(head + 4, 2), packed = xar_big_endian(head + 8, 8),
             size = xar_big_endian(head + 16, 8);
    if (start < HEADER || packed > LARGEST_TABLE || size > LARGEST_TABLE || packed > bytes->size ||
        start > bytes->size - packed) {
        return xar_damaged(&x, "its table of contents is too large or cut off");
    }
    x.heap = start + packed;
    char *table = xar_read_table(&x, start, packed, size);
    if (!table) {
        return DEXT_E_FORMAT;
    }
    xmlDoc *doc = xmlReadMemory(table, (int)size, "toc", NULL,
                                XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    const xmlNode *toc = child(doc ? xmlDocGetRootElement(doc) : NULL, "toc");
    int status =
        toc ? take_files(&x, toc, "", 0) : xar_damaged(&x, "its table of contents is no XML");
    xmlFreeDoc(doc);
    free(table);
    return status;
}
