/* What both readers share: kinds told apart, objects that are printed more than once, values parsed
 * when asked for. */
#include "iokit/registry_read.h"

#include <string.h>

#include "iokit/devices.h"

struct dx_reg_node *dx_reg_add(struct dx_reg_builder *b, struct dx_reg_node *parent)
{
    struct dx_reg_node *n = dx_alloc(&b->ctx->arena, sizeof *n);
    n->index = (uint32_t)b->reg->count;
    n->parent = parent;
    *DX_PUSH(&b->ctx->arena, b->reg->nodes, b->reg->count, b->cap) = n;
    struct dx_reg_node **last = parent ? &b->last_child[parent->index] : &b->last_root;
    /* last_child grows with the list of nodes. */
    if (b->reg->count > b->last_cap) {
        size_t cap = b->last_cap ? b->last_cap * 2 : 1024;
        struct dx_reg_node **more = dx_calloc(&b->ctx->arena, cap, sizeof(struct dx_reg_node *));
        if (b->last_cap) {
            memcpy(more, b->last_child, b->last_cap * sizeof(struct dx_reg_node *));
        }
        b->last_child = more;
        b->last_cap = cap;
        last = parent ? &b->last_child[parent->index] : &b->last_root;
    }
    b->before = *last;
    if (*last) {
        (*last)->next = n;
    } else if (parent) {
        parent->child = n;
    } else {
        b->reg->roots = n;
    }
    *last = n;
    return n;
}

void dx_reg_drop(struct dx_reg_builder *b, struct dx_reg_node *n)
{
    struct dx_registry *r = b->reg;
    if (n->child || r->count == 0 || r->nodes[r->count - 1] != n) {
        return;
    }
    struct dx_reg_node **head = n->parent ? &n->parent->child : &r->roots;
    *(b->before ? &b->before->next : head) = NULL;
    *(n->parent ? &b->last_child[n->parent->index] : &b->last_root) = b->before;
    b->last_child[n->index] = NULL;
    r->count--;
}

void dx_reg_take_back(struct dx_reg_builder *b, const struct dx_reg_builder *before,
                      const struct dx_registry *reg)
{
    *b = *before;
    *b->reg = *reg;
    if (b->last_root) {
        b->last_root->next = NULL;
    }
    /* Nodes to come expect no children. */
    for (size_t i = reg->count; i < b->last_cap; i++) {
        b->last_child[i] = NULL;
    }
}

void dx_reg_find_repeats(struct dext_ctx *ctx, struct dx_registry *r)
{
    size_t size = 64;
    while (size < r->count * 2) {
        size *= 2;
    }
    struct dx_reg_node **table = dx_calloc(&ctx->arena, size, sizeof(struct dx_reg_node *));
    for (size_t i = 0; i < r->count; i++) {
        struct dx_reg_node *n = r->nodes[i];
        size_t at = (size_t)(n->id * 0x9e3779b97f4a7c15U >> 20) & (size - 1);
        while (n->id && table[at] && table[at]->id != n->id) {
            at = (at + 1) & (size - 1);
        }
        if (n->id && table[at]) {
            n->state |= DX_REG_REPEATED;
            n->same = table[at];
        } else if (n->id) {
            table[at] = n;
        }
    }
}

/* IOUSBHostFamily lets its nubs look to user space as those of its predecessor did: they carry
 * IOClassNameOverride, and dumps print that name (xnu, IOUserClient.cpp, is_io_object_get_class).
 * The kernel matches on what they are. */
static void set_real_classes(struct dx_registry *r)
{
    static const struct {
        const char *shown, *chain;
    } nubs[] = {{"IOUSBDevice", "IORegistryEntry:IOService:IOUSBHostDevice"},
                {"IOUSBRootHubDevice", "IORegistryEntry:IOService:IOUSBHostDevice"},
                {"IOUSBHubDevice", "IORegistryEntry:IOService:IOUSBHostDevice"},
                {"IOUSBInterface", "IORegistryEntry:IOService:IOUSBHostInterface"}};
    for (size_t i = 0; i < r->count; i++) {
        struct dx_reg_node *n = r->nodes[i];
        for (size_t k = 0; k < sizeof nubs / sizeof *nubs; k++) {
            if (dx_str_is(n->class_name, nubs[k].shown) && dx_reg_prop(n, "IOClassNameOverride")) {
                n->chain = dx_str(nubs[k].chain);
            }
        }
    }
}

/* What a dump is can be told from so many bytes. */
#define ARCHIVE_HEAD ((size_t)4096)

static bool is_archive(struct dx_str s)
{
    size_t look = s.n < ARCHIVE_HEAD ? s.n : ARCHIVE_HEAD;
    struct dx_str head = dx_str_trim((struct dx_str){s.p, look});
    if (dx_str_has_prefix(head, "bplist") || dx_str_has_prefix(head, "\xff\xfe") ||
        dx_str_has_prefix(head, "\xfe\xff")) {
        return true; /* binary, or XML in UTF-16 */
    }
    return memmem(s.p, look, "<plist", 6) || memmem(s.p, look, "<?xml", 5) ||
           dx_str_has_prefix(head, "<dict") || dx_str_has_prefix(head, "<array");
}

/* Text, as it is or as a page shows it. */
static int read_lines(struct dx_reg_builder *b)
{
    struct dx_source plain;
    if (dx_reg_unescape(&plain, b->ctx, &b->reg->src)) {
        b->reg->src = plain;
    }
    return dx_reg_read_text(b);
}

static int read_registry(struct dx_registry **out, struct dx_reg_builder *b,
                         const struct dx_source *src, size_t there)
{
    struct dext_ctx *ctx = b->ctx;
    struct dx_registry *r = dx_alloc(&ctx->arena, sizeof *r);
    *out = b->reg = r;
    struct dx_str head = {src->data, there};
    bool profiler = dx_devices_is_profiler_xml(head);
    r->format = is_archive(head) && !profiler ? DX_REG_ARCHIVE : DX_REG_TEXT;
    int rc = b->feed && r->format == DX_REG_TEXT ? dx_feed_whole(b->feed) : DEXT_OK;
    r->src = *src;
    if (rc == DEXT_OK && !profiler) {
        rc = r->format == DX_REG_ARCHIVE ? dx_reg_read_archive(b) : read_lines(b);
    }
    if (rc) {
        return rc;
    }
    if (r->count == 0 && r->format == DX_REG_TEXT) {
        (void)dx_reg_read_devices(b, &r->src);
    }
    if (r->count == 0) {
        return r->reason ? dx_fail(ctx, DEXT_E_FORMAT, "%s", r->reason)
                         : dx_fail(ctx, DEXT_E_FORMAT,
                                   "%s: no registry node in it: this is no "
                                   "output of ioreg, lsusb, lspci or system_profiler",
                                   src->path);
    }
    r->fragment = r->roots->next != NULL || !dx_str_is(r->roots->name, "Root") || r->lost != 0;
    dx_reg_find_repeats(ctx, r);
    set_real_classes(r);
    return DEXT_OK;
}

int dx_registry_read_by(struct dx_registry **out, struct dext_ctx *ctx, const struct dx_source *src,
                        bool plain)
{
    struct dx_reg_builder b = {.ctx = ctx, .no_plain = !plain};
    return read_registry(out, &b, src, src->size);
}

int dx_registry_read(struct dx_registry **out, struct dext_ctx *ctx, const struct dx_source *src)
{
    return dx_registry_read_by(out, ctx, src, true);
}

int dx_registry_read_feed(struct dx_registry **out, struct dext_ctx *ctx, struct dx_feed *feed)
{
    struct dx_reg_builder b = {.ctx = ctx, .feed = feed};
    (void)dx_feed_fill(feed, ARCHIVE_HEAD); /* a failure is told by who reads all */
    return read_registry(out, &b, &feed->src, feed->filled);
}

const struct dx_reg_prop *dx_reg_prop(const struct dx_reg_node *n, const char *key)
{
    struct dx_str wanted = dx_str(key);
    /* Of two the last one counts, as in a dictionary. */
    for (uint32_t i = n->prop_count; i-- > 0;) {
        struct dx_str k = n->props[i].key;
        if (k.n == wanted.n && memcmp(k.p, wanted.p, k.n) == 0) {
            return &n->props[i];
        }
    }
    return NULL;
}

void dx_reg_remember(struct dext_ctx *ctx, const struct dx_registry *r, void *place)
{
    struct dx_reg_scratch *s = r->scratch;
    if (s) {
        *DX_PUSH(&ctx->arena, s->places, s->count, s->cap) = place;
    }
}

const struct dext_node *dx_reg_value(struct dext_ctx *ctx, const struct dx_registry *r,
                                     struct dx_reg_prop *p)
{
    if (!p->value && !p->clipped && r->format == DX_REG_TEXT) {
        p->value = dx_reg_parse(ctx, p->key, p->raw);
        dx_reg_remember(ctx, r, &p->value);
    } else if (!p->value && !p->clipped && r->format == DX_REG_ARCHIVE) {
        p->value = dx_reg_archive_value(ctx, r, p);
        dx_reg_remember(ctx, r, &p->value);
    }
    return p->value;
}

const struct dext_node *dx_reg_get(struct dext_ctx *ctx, struct dx_registry *r,
                                   const struct dx_reg_node *n, const char *key)
{
    const struct dx_reg_prop *found = dx_reg_prop(n, key);
    if (!found || found->clipped) {
        return NULL;
    }
    return dx_reg_value(ctx, r, &n->props[found - n->props]);
}
