/* A binary property list as text, in the style of NSDictionary's description. */
#include <string.h>

#include "plist/tree.h"
#include "unified/unified.h"

#define MOST_DEPTH 32

static void render_plist_indent(struct dx_buf *out, unsigned depth)
{
    for (unsigned i = 0; i < depth; i++) {
        dx_buf_puts(out, "    ");
    }
}

/* Without quotes where letters and digits are all there is. */
static void render_plist_put_string(struct dx_str s, struct dx_buf *out)
{
    bool plain = s.n > 0;
    for (size_t i = 0; i < s.n && plain; i++) {
        char c = s.p[i];
        plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                c == '_' || c == '.' || c == '/';
    }
    dx_buf_puts(out, plain ? "" : "\"");
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"' || s.p[i] == '\\') {
            dx_buf_puts(out, "\\");
        }
        dx_buf_add(out, s.p + i, 1);
    }
    dx_buf_puts(out, plain ? "" : "\"");
}

static void render_plist_put_node(const struct dext_node *n, unsigned depth, struct dx_buf *out);

static void put_children(const struct dext_node *n, unsigned depth, struct dx_buf *out)
{
    bool dict = n->kind == DEXT_DICT;
    dx_buf_puts(out, dict ? "{\n" : "(\n");
    for (const struct dext_node *c = n->child; c && !out->toobig; c = c->next) {
        render_plist_indent(out, depth + 1);
        if (dict) {
            render_plist_put_string(c->key, out);
            dx_buf_puts(out, " = ");
        }
        render_plist_put_node(c, depth + 1, out);
        dx_buf_puts(out, dict ? ";\n" : c->next ? ",\n" : "\n");
    }
    render_plist_indent(out, depth);
    dx_buf_puts(out, dict ? "}" : ")");
}

static void render_plist_put_node(const struct dext_node *n, unsigned depth, struct dx_buf *out)
{
    if ((n->kind == DEXT_DICT || n->kind == DEXT_ARRAY) && depth < MOST_DEPTH) {
        put_children(n, depth, out);
    } else if (n->kind == DEXT_DATA) {
        dx_buf_printf(out, "<%zu bytes>", n->text.n);
    } else if (n->kind == DEXT_BOOL) {
        dx_buf_puts(out, n->boolean ? "1" : "0");
    } else {
        render_plist_put_string(n->text, out);
    }
}

/* In a context of its own: threads render, and what is read is gone afterwards. */
void dx_render_plist(const uint8_t *p, size_t n, struct dx_buf *out)
{
    struct dext_limits limits = DEXT_LIMITS_DEFAULT;
    limits.plist_nodes = 100000;
    struct dext_ctx *ctx = dext_ctx_new(&limits);
    struct dext_plist *plist;
    if (dext_plist_parse(&plist, ctx, "state", p, n) == DEXT_OK && plist->root) {
        render_plist_put_node(plist->root, 0, out);
    } else {
        dx_buf_printf(out, "<%zu bytes of a damaged property list>", n);
    }
    dext_ctx_free(ctx);
}
