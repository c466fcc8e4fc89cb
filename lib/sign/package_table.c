#include "sign/package.h"

#include <errno.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define HEADER 28
#define LARGEST_TABLE ((uint64_t)64 << 20)
#define DEEPEST 64
#define MOST_MEMBERS 100000

struct table {
    struct dx_package *out;
    struct dext_ctx *ctx;
    uint64_t heap, size; /* size: of the file */
};

unsigned dx_package_hash(const char *style, const char **digest)
{
    static const struct {
        const char *style, *digest;
        unsigned type;
    } known[] = {{"sha1", "SHA1", 1}, {"sha256", "SHA256", 2}, {"sha512", "SHA512", 5}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(style, known[i].style) == 0) {
            *digest = known[i].digest;
            return known[i].type;
        }
    }
    return 0;
}

static const xmlNode *table_child(const xmlNode *n, const char *name)
{
    for (const xmlNode *c = n ? n->children : NULL; c; c = c->next) {
        if (c->type == XML_ELEMENT_NODE && strcmp((const char *)c->name, name) == 0) {
            return c;
        }
    }
    return NULL;
}

static const char *table_text(const struct table *t, const xmlNode *n)
{
    xmlChar *text = n ? xmlNodeGetContent(n) : NULL;
    const char *out = text ? dx_strdup(&t->ctx->arena, (const char *)text) : "";
    xmlFree(text);
    return out;
}

static const char *table_style(const struct table *t, const xmlNode *n)
{
    xmlChar *text = n ? xmlGetProp(n, BAD_CAST "style") : NULL;
    const char *out = text ? dx_strdup(&t->ctx->arena, (const char *)text) : "";
    xmlFree(text);
    return out;
}

static bool table_number(const struct table *t, const xmlNode *n, const char *name, uint64_t *out)
{
    const char *text = table_text(t, table_child(n, name));
    char *end = NULL;
    errno = 0;
    *out = strtoull(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == 0 && errno == 0;
}

/* length: the element that says how many bytes lie in the heap. */
static struct dx_stretch table_stretch(const struct table *t, const xmlNode *n, const char *length)
{
    uint64_t at = 0, size = 0;
    bool good = n && table_number(t, n, "offset", &at) && table_number(t, n, length, &size) &&
                at <= t->size - t->heap && size <= t->size - t->heap - at;
    return good ? (struct dx_stretch){t->heap + at, size, true} : (struct dx_stretch){0};
}

/* ---- signatures ------------------------------------------------------------------------------ */

static void table_certificate(const struct table *t, const xmlNode *n)
{
    struct dx_package *out = t->out;
    const char *text = table_text(t, n);
    size_t length = strlen(text), used = 0;
    char *plain = dx_alloc(&t->ctx->arena, length + 1);
    unsigned char *der = dx_alloc(&t->ctx->arena, length + 4);
    for (size_t i = 0; i < length; i++) {
        if (!strchr(" \t\r\n", text[i])) {
            plain[used++] = text[i];
        }
    }
    int size = used && used < INT32_MAX
                   ? EVP_DecodeBlock(der, (const unsigned char *)plain, (int)used)
                   : 0;
    if (size > 0 && out->cert_count < DX_PACKAGE_MOST_CERTS) {
        out->certs[out->cert_count++] = (struct dx_str){(const char *)der, (size_t)size};
    }
}

static void table_certificates(const struct table *t, const xmlNode *signature)
{
    const xmlNode *data = table_child(table_child(signature, "KeyInfo"), "X509Data");
    for (const xmlNode *c = data ? data->children : NULL; c; c = c->next) {
        if (c->type == XML_ELEMENT_NODE && strcmp((const char *)c->name, "X509Certificate") == 0) {
            table_certificate(t, c);
        }
    }
}

/* <signature style="RSA">, <x-signature style="CMS">; of two of a style the first counts. */
static void table_signatures(const struct table *t, const xmlNode *toc)
{
    struct dx_package *out = t->out;
    for (const xmlNode *c = toc->children; c; c = c->next) {
        bool is =
            c->type == XML_ELEMENT_NODE && (strcmp((const char *)c->name, "signature") == 0 ||
                                            strcmp((const char *)c->name, "x-signature") == 0);
        const char *style = is ? table_style(t, c) : "";
        if (strcmp(style, "CMS") == 0 && !out->cms.there) {
            out->cms = table_stretch(t, c, "size");
            out->fault = out->cms.there ? out->fault : "its CMS signature lies outside of it";
        } else if (strcmp(style, "RSA") == 0 && !out->rsa.there) {
            out->rsa = table_stretch(t, c, "size");
            out->fault = out->rsa.there ? out->fault : "its RSA signature lies outside of it";
            table_certificates(t, c);
        }
    }
}

/* ---- members ----------------------------------------------------------------------------------
 */

static void table_members(struct table *t, const xmlNode *folder, const char *below, size_t depth)
{
    struct dx_package *out = t->out;
    for (const xmlNode *c = folder->children; c && !out->fault; c = c->next) {
        if (c->type != XML_ELEMENT_NODE || strcmp((const char *)c->name, "file") != 0) {
            continue;
        }
        const char *name = table_text(t, table_child(c, "name"));
        const char *path = below[0] ? dx_sprintf(&t->ctx->arena, "%s/%s", below, name) : name;
        const xmlNode *data = table_child(c, "data");
        if (data) {
            const xmlNode *sum = table_child(data, "archived-checksum");
            struct dx_package_member m = {path, table_stretch(t, data, "length"),
                                          table_style(t, sum), table_text(t, sum)};
            *DX_PUSH(&t->ctx->arena, out->members, out->member_count, out->member_cap) = m;
        }
        if (depth > DEEPEST || out->member_count > MOST_MEMBERS) {
            out->fault = "its table of contents is larger than any real one";
        } else {
            table_members(t, c, path, depth + 1);
        }
    }
}

/* ---- the whole --------------------------------------------------------------------------------
 */

static void table_parse(struct table *t, const char *text, size_t size)
{
    struct dx_package *out = t->out;
    xmlDoc *doc = xmlReadMemory(text, (int)size, "toc", NULL,
                                XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    const xmlNode *toc = table_child(doc ? xmlDocGetRootElement(doc) : NULL, "toc");
    const xmlNode *sum = table_child(toc, "checksum");
    if (!toc) {
        out->fault = "its table of contents is no XML";
    } else {
        out->style = table_style(t, sum);
        out->checksum = table_stretch(t, sum, "size");
        table_signatures(t, toc);
        table_members(t, toc, "", 0);
    }
    xmlFreeDoc(doc);
}

static uint64_t table_header(const unsigned char *head, struct table *t, uint64_t *packed,
                             uint64_t *size)
{
    uint64_t start = dx_u16(head + 4, true);
    *packed = dx_u64(head + 8, true);
    *size = dx_u64(head + 16, true);
    bool good = start >= HEADER && start <= t->size && *packed <= LARGEST_TABLE &&
                *size <= LARGEST_TABLE && *packed <= t->size - start;
    t->heap = good ? start + *packed : 0;
    return good ? start : 0;
}

void dx_package_table(struct dx_package *out, struct dext_ctx *ctx, const struct dx_image *image)
{
    struct table t = {.out = out, .ctx = ctx, .size = image->size};
    unsigned char head[HEADER];
    uint64_t packed = 0, size = 0, start = 0;
    *out = (struct dx_package){.style = "", .fault = "its table of contents cannot be read"};
    if (dx_image_get(image, 0, head, HEADER) && memcmp(head, "xar!", 4) == 0) {
        start = table_header(head, &t, &packed, &size);
    }
    out->table = start ? dx_image_span(image, ctx, start, (size_t)packed) : NULL;
    if (!out->table) {
        return;
    }
    char *text = malloc((size_t)size + 1);
    uLongf got = (uLongf)size;
    if (!text) {
        abort();
    }
    out->table_size = (size_t)packed;
    if (uncompress((unsigned char *)text, &got, out->table, (uLong)packed) == Z_OK && got == size) {
        out->fault = NULL;
        table_parse(&t, text, (size_t)size);
    }
    free(text);
}
