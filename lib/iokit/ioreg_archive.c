/* Output of `ioreg -a`: a property list whose dictionaries are nodes, properties beside the keys
 * that ioreg itself adds. Collectors put several documents into one file, each below a line "===
 * title". XML is read as it streams by (ioreg_stream.c), the binary form and other encodings than
 * UTF-8 through a tree. */
#include <string.h>

#include "iokit/registry_read.h"

static bool is_node(const struct dext_node *n)
{
    return n->kind == DEXT_DICT &&
           (dx_get(n, "IORegistryEntryName") || dx_get(n, "IOObjectClass") ||
            dx_get(n, "IORegistryEntryChildren"));
}

static void read_node(struct dx_reg_builder *b, const struct dext_node *dict,
                      struct dx_reg_node *parent, unsigned line)
{
    struct dx_reg_node *n = dx_reg_add(b, parent);
    n->name = n->location = n->class_name = n->chain = DX_STR("");
    n->line = dict->at.line ? dict->at.line + line : 0;
    n->props = dx_calloc(&b->ctx->arena, dict->count + 1, sizeof *n->props);
    const struct dext_node *children = NULL;
    for (const struct dext_node *v = dict->child; v; v = v->next) {
        if (v->overridden) {
            continue;
        }
        enum dx_reg_own own = dx_reg_own_key(v->key);
        if (own == DX_OWN_CHILDREN && v->kind == DEXT_ARRAY) {
            children = v;
        } else if (!dx_reg_set_own(n, own, v->kind, v->text, v->integer)) {
            n->props[n->prop_count++] =
                (struct dx_reg_prop){.key = v->key, .raw = v->text, .value = v};
        }
    }
    for (const struct dext_node *c = children ? children->child : NULL; c; c = c->next) {
        if (is_node(c)) {
            read_node(b, c, n, line);
        } else {
            b->reg->lost++;
        }
    }
}

static void read_tree(struct dx_reg_builder *b, struct dx_source src, unsigned line)
{
    struct dext_plist *pl = dx_plist_load(b->ctx, &src);
    if (pl->stopped || pl->problems) {
        b->reg->lost++;
        b->reg->reason = b->reg->reason ? b->reg->reason
                         : pl->stopped
                             ? pl->reason
                             : dx_sprintf(&b->ctx->arena, "%s:%u: %s", src.path,
                                          pl->problems->at.line + line, pl->problems->text);
    }
    if (!pl->root) {
        return;
    }
    if (is_node(pl->root)) {
        read_node(b, pl->root, NULL, line);
        return;
    }
    for (const struct dext_node *c = pl->root->child; c; c = c->next) {
        if (is_node(c)) {
            read_node(b, c, NULL, line);
        }
    }
}

static void read_document(struct dx_reg_builder *b, const char *p, size_t n, unsigned line)
{
    struct dx_source src = dx_source_bytes(b->reg->src.path, p, n);
    if (!dx_plist_xml_exact(&src)) {
        const char *why;
        src.data = dx_strndup(&b->ctx->arena, p, n);
        if (n > 8 && memcmp(p, "bplist00", 8) == 0 && dx_reg_read_saved(b, &src, &why)) {
            b->reg->lost += why != NULL;
            b->reg->reason = b->reg->reason ? b->reg->reason : why;
            return;
        }
        read_tree(b, src, line);
        return;
    }
    const char *why = dx_reg_stream(b, &src, line);
    if (why) {
        b->reg->lost++;
        b->reg->reason = b->reg->reason ? b->reg->reason : why;
    }
}

/* The first of its kind from p on that stands at the start of a line, not at p; c is the rarest
 * character of mark, and it is at its place in mark. */
static const char *ioreg_archive_line_with(const char *p, const char *end, const char *mark, char c)
{
    size_t n = strlen(mark), at = (size_t)(strchr(mark, c) - mark);
    for (const char *q = p; q < end && (q = memchr(q, c, (size_t)(end - q))); q++) {
        const char *start = q - p > (ptrdiff_t)at ? q - at : NULL;
        if (start && start[-1] == '\n' && (size_t)(end - start) >= n &&
            memcmp(start, mark, n) == 0) {
            return start;
        }
    }
    return end;
}

/* Where the next document begins: at a title or a declaration at the start of a line. */
const char *dx_reg_next_document(const char *p, const char *end)
{
    return ioreg_archive_line_with(p, ioreg_archive_line_with(p, end, "===", '='), "<?xml", '?');
}

static unsigned lines_in(const char *p, const char *end)
{
    unsigned n = 0;
    for (; p < end; p++) {
        n += *p == '\n';
    }
    return n;
}

/* Where the document in a piece begins: a prompt, a title or a complaint of ioreg's may stand
 * before it, and be all there is. */
static const char *document_in(const char *p, const char *end)
{
    static const char *const marks[] = {"\n<?xml", "\n<plist", "\n<array", "\n<dict"};
    struct dx_str s = dx_str_trim((struct dx_str){p, (size_t)(end - p)});
    if (s.n == 0) {
        return end;
    }
    if (strchr("<\xff\xfe\xef", s.p[0]) || !s.p[0] || dx_str_has_prefix(s, "bplist")) {
        return p;
    }
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        const char *at = memmem(p, (size_t)(end - p), marks[i], strlen(marks[i]));
        if (at) {
            return at + 1;
        }
    }
    return end;
}

int dx_reg_read_archive(struct dx_reg_builder *b)
{
    if (b->feed) {
        if (dx_reg_stream_feed(b)) {
            b->reg->src = dx_source_bytes(b->reg->src.path, "", 0);
            return DEXT_OK;
        }
        int rc = dx_feed_whole(b->feed);
        if (rc != DEXT_OK) {
            return rc;
        }
        b->reg->src = b->feed->src;
    }
    const char *p = b->reg->src.data, *end = p + b->reg->src.size;
    bool binary = dx_str_has_prefix((struct dx_str){p, b->reg->src.size}, "bplist");
    unsigned line = 0;
    while (p < end) {
        const char *next = binary ? end : dx_reg_next_document(p, end);
        const char *from = binary ? p : document_in(p, next);
        if (from < next) {
            read_document(b, from, (size_t)(next - from), line + lines_in(p, from));
        }
        line += next < end ? lines_in(p, next) : 0;
        p = next;
    }
    return DEXT_OK;
}
