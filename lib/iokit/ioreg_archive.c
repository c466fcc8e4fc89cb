/* Output of `ioreg -a`: a property list whose dictionaries are nodes, properties beside the keys
 * that ioreg itself adds. Collectors put several documents into one file, each below a line "===
 * title". */
#include <string.h>

#include "iokit/registry_read.h"

/* IOServiceState (xnu iokit/IOKit/IOService.h: kIOServiceInactiveState and so on). */
enum { STATE_INACTIVE = 1, STATE_REGISTERED = 2, STATE_MATCHED = 4 };

static void own_key(struct dx_reg_node *n, const struct dext_node *v)
{
    int64_t number = 0;
    bool is_number = dx_int(v, &number);
    if (v->kind == DEXT_STRING && dx_str_is(v->key, "IORegistryEntryName")) {
        n->name = v->text;
    } else if (v->kind == DEXT_STRING && dx_str_is(v->key, "IORegistryEntryLocation")) {
        n->location = v->text;
    } else if (v->kind == DEXT_STRING && dx_str_is(v->key, "IOObjectClass")) {
        n->class_name = v->text;
    } else if (is_number && dx_str_is(v->key, "IORegistryEntryID")) {
        n->id = v->integer;
    } else if (is_number && dx_str_is(v->key, "IOObjectRetainCount")) {
        n->retain = (uint32_t)number;
    } else if (is_number && dx_str_is(v->key, "IOServiceBusyState")) {
        n->busy = (uint32_t)number;
        n->state |= DX_REG_KNOWN_BUSY;
    } else if (is_number && dx_str_is(v->key, "IOServiceState")) {
        n->state |= DX_REG_KNOWN_REGISTERED | DX_REG_KNOWN_MATCHED | DX_REG_KNOWN_ACTIVE;
        n->state |= number & STATE_REGISTERED ? DX_REG_REGISTERED : 0;
        n->state |= number & STATE_MATCHED ? DX_REG_MATCHED : 0;
        n->state |= number & STATE_INACTIVE ? DX_REG_INACTIVE : 0;
    }
}

static bool is_own(struct dx_str key)
{
    static const char *const own[] = {
        "IORegistryEntryName", "IORegistryEntryLocation", "IOObjectClass",
        "IORegistryEntryID",   "IOObjectRetainCount",     "IOServiceBusyState",
        "IOServiceBusyTime",   "IOServiceState",          "IORegistryEntryChildren"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        if (dx_str_is(key, own[i])) {
            return true;
        }
    }
    return false;
}

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
        own_key(n, v);
        if (v->kind == DEXT_ARRAY && dx_str_is(v->key, "IORegistryEntryChildren")) {
            children = v;
        } else if (!is_own(v->key)) {
            n->props[n->prop_count++] = (struct dx_reg_prop){
                .key = v->key, .raw = v->text, .offset = v->at.offset, .value = v};
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

static void read_document(struct dx_reg_builder *b, const char *p, size_t n, unsigned line)
{
    struct dx_source src = dx_source_bytes(b->reg->src.path, dx_strndup(&b->ctx->arena, p, n), n);
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

int dx_reg_read_archive(struct dx_reg_builder *b)
{
    const char *p = b->reg->src.data, *end = p + b->reg->src.size;
    unsigned line = 0;
    while (p < end) {
        /* A document ends where the next title or the next declaration begins. */
        const char *next = end, *at = p + 1;
        for (; at < end; at++) {
            bool starts = at[-1] == '\n' && ((end - at > 3 && memcmp(at, "===", 3) == 0) ||
                                             (end - at > 5 && memcmp(at, "<?xml", 5) == 0));
            if (starts && memcmp(b->reg->src.data, "bplist", b->reg->src.size < 6 ? 1 : 6) != 0) {
                next = at;
                break;
            }
        }
        const char *from = p;
        if (memcmp(p, "===", (size_t)(end - p) < 3 ? 1 : 3) == 0) {
            const char *newline = memchr(p, '\n', (size_t)(next - p));
            from = newline ? newline + 1 : next;
        }
        if (dx_str_trim((struct dx_str){from, (size_t)(next - from)}).n) {
            read_document(b, from, (size_t)(next - from), line);
        }
        for (const char *q = p; q < next; q++) {
            line += *q == '\n';
        }
        p = next;
    }
    return DEXT_OK;
}
