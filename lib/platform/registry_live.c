/* The registry of the running system, read with IOKit into the same tree as a dump. */
#include "dext/registry.h"

#ifdef __APPLE__
#include <CoreFoundation/CoreFoundation.h>
#include <IOKit/IOKitLib.h>
#include <string.h>

#include "iokit/reg_view.h"
#include "iokit/registry_read.h"

enum { DEEPEST = 64, DEEPEST_NODE = 512 };

/* IOServiceState (xnu iokit/IOKit/IOService.h: kIOServiceInactiveState and so on). */
enum { STATE_INACTIVE = 1, STATE_REGISTERED = 2, STATE_MATCHED = 4 };

/* What ioreg itself calls for a service's state; no public header has it (IOKitUser, IOKitLib.c).
 */
kern_return_t IOServiceGetBusyStateAndTime(io_service_t service, uint64_t *state, uint32_t *busy,
                                           uint64_t *time);

/* ---- values -------------------------------------------------------------------------------- */

struct into {
    struct dext_ctx *ctx;
    struct dext_node *parent;
    unsigned depth;
};

static struct dx_str registry_live_text_of(struct dext_ctx *ctx, CFStringRef s)
{
    CFIndex max = CFStringGetMaximumSizeForEncoding(CFStringGetLength(s), kCFStringEncodingUTF8);
    char *p = dx_alloc(&ctx->arena, (size_t)max + 1);
    return CFStringGetCString(s, p, max + 1, kCFStringEncodingUTF8) ? dx_str(p) : DX_STR("");
}

static struct dext_node *registry_live_value_of(struct dext_ctx *ctx, CFTypeRef v, unsigned depth);

static void registry_live_add(struct into *to, struct dx_str key, bool in_dict, CFTypeRef v)
{
    struct dext_node *n = registry_live_value_of(to->ctx, v, to->depth + 1), *parent = to->parent;
    n->key = key;
    n->in_dict = in_dict;
    n->parent = parent;
    if (parent->last) {
        parent->last->next = n;
    } else {
        parent->child = n;
    }
    parent->last = n;
    parent->count++;
}

static void registry_live_add_entry(const void *key, const void *v, void *to)
{
    struct into *into = to;
    registry_live_add(into, registry_live_text_of(into->ctx, key), true, v);
}

static void add_element(const void *v, void *to)
{
    registry_live_add(to, DX_STR(""), false, v);
}

static void set_number(struct dext_node *n, CFNumberRef v)
{
    int64_t i = 0;
    n->kind = CFNumberIsFloatType(v) ? DEXT_REAL : DEXT_INTEGER;
    (void)CFNumberGetValue(v, kCFNumberSInt64Type, &i);
    (void)CFNumberGetValue(v, kCFNumberDoubleType, &n->real);
    n->integer = (uint64_t)i;
    n->negative = i < 0;
}

static void set_container(struct dext_ctx *ctx, struct dext_node *n, CFTypeRef v, unsigned depth)
{
    struct into to = {ctx, n, depth};
    n->kind = CFGetTypeID(v) == CFDictionaryGetTypeID() ? DEXT_DICT : DEXT_ARRAY;
    if (depth > DEEPEST) {
        return;
    }
    if (n->kind == DEXT_DICT) {
        CFDictionaryApplyFunction(v, registry_live_add_entry, &to);
    } else if (CFGetTypeID(v) == CFSetGetTypeID()) {
        CFSetApplyFunction(v, add_element, &to);
    } else {
        CFArrayApplyFunction(v, CFRangeMake(0, CFArrayGetCount(v)), add_element, &to);
    }
}

static struct dext_node *registry_live_value_of(struct dext_ctx *ctx, CFTypeRef v, unsigned depth)
{
    struct dext_node *n = dx_alloc(&ctx->arena, sizeof *n);
    CFTypeID type = CFGetTypeID(v);
    n->kind = DEXT_STRING;
    n->text = DX_STR("");
    if (type == CFStringGetTypeID()) {
        n->text = registry_live_text_of(ctx, v);
    } else if (type == CFBooleanGetTypeID()) {
        n->kind = DEXT_BOOL;
        n->boolean = CFBooleanGetValue(v);
        n->text = n->boolean ? DX_STR("true") : DX_STR("false");
    } else if (type == CFNumberGetTypeID()) {
        set_number(n, v);
    } else if (type == CFDataGetTypeID()) {
        n->kind = DEXT_DATA;
        n->text.n = (size_t)CFDataGetLength(v);
        n->text.p = dx_strndup(&ctx->arena, (const char *)CFDataGetBytePtr(v), n->text.n);
    } else if (type == CFDictionaryGetTypeID() || type == CFArrayGetTypeID() ||
               type == CFSetGetTypeID()) {
        set_container(ctx, n, v, depth);
    }
    return n;
}

/* ---- nodes --------------------------------------------------------------------------------- */

static struct dx_str registry_live_copy(struct dext_ctx *ctx, const char *s)
{
    return dx_str(dx_strdup(&ctx->arena, s));
}

static struct dx_str chain_of(struct dext_ctx *ctx, struct dx_str cls)
{
    struct dx_buf b;
    dx_buf_init(&b, &ctx->arena, 4096);
    dx_buf_add(&b, cls.p, cls.n);
    CFStringRef name = CFStringCreateWithCString(NULL, cls.p, kCFStringEncodingUTF8);
    while (name && !CFEqual(name, CFSTR("OSObject"))) {
        CFStringRef super = IOObjectCopySuperclassForClass(name);
        CFRelease(name);
        name = super;
        if (super && !CFEqual(super, CFSTR("OSObject"))) {
            struct dx_str base = registry_live_text_of(ctx, super), below = dx_buf_str(&b);
            dx_buf_init(&b, &ctx->arena, 4096);
            dx_buf_printf(&b, "%s:%s", base.p, below.p);
        }
    }
    if (name) {
        CFRelease(name);
    }
    return dx_buf_str(&b);
}

static void set_header(struct dx_reg_builder *b, struct dx_reg_node *n, io_registry_entry_t entry)
{
    io_name_t text;
    uint64_t state, time;
    n->name = n->location = n->class_name = n->chain = DX_STR("");
    if (IORegistryEntryGetNameInPlane(entry, kIOServicePlane, text) == KERN_SUCCESS) {
        n->name = registry_live_copy(b->ctx, text);
    }
    if (IORegistryEntryGetLocationInPlane(entry, kIOServicePlane, text) == KERN_SUCCESS) {
        n->location = registry_live_copy(b->ctx, text);
    }
    if (IOObjectGetClass(entry, text) == KERN_SUCCESS) {
        n->class_name = registry_live_copy(b->ctx, text);
        n->chain = chain_of(b->ctx, n->class_name);
    }
    (void)IORegistryEntryGetRegistryEntryID(entry, &n->id);
    n->retain = IOObjectGetKernelRetainCount(entry);
    if (IOObjectConformsTo(entry, "IOService") &&
        IOServiceGetBusyStateAndTime(entry, &state, &n->busy, &time) == KERN_SUCCESS) {
        n->state |= DX_REG_KNOWN_REGISTERED | DX_REG_KNOWN_MATCHED | DX_REG_KNOWN_ACTIVE |
                    DX_REG_KNOWN_BUSY;
        n->state |= state & STATE_REGISTERED ? DX_REG_REGISTERED : 0;
        n->state |= state & STATE_MATCHED ? DX_REG_MATCHED : 0;
        n->state |= state & STATE_INACTIVE ? DX_REG_INACTIVE : 0;
    }
}

static void set_properties(struct dx_reg_builder *b, struct dx_reg_node *n,
                           io_registry_entry_t entry)
{
    CFMutableDictionaryRef all = NULL;
    if (IORegistryEntryCreateCFProperties(entry, &all, NULL, 0) != KERN_SUCCESS || !all) {
        return;
    }
    const struct dext_node *dict = registry_live_value_of(b->ctx, all, 0);
    n->props = dx_calloc(&b->ctx->arena, dict->count, sizeof *n->props);
    for (const struct dext_node *v = dict->child; v; v = v->next) {
        n->props[n->prop_count++] = (struct dx_reg_prop){.key = v->key, .value = v};
    }
    CFRelease(all);
}

static void registry_live_read_entry(struct dx_reg_builder *b, struct dx_reg_node *parent,
                                     io_registry_entry_t entry, unsigned depth)
{
    struct dx_reg_node *n = dx_reg_add(b, parent);
    io_iterator_t children;
    io_registry_entry_t child;
    set_header(b, n, entry);
    set_properties(b, n, entry);
    if (depth == DEEPEST_NODE ||
        IORegistryEntryGetChildIterator(entry, kIOServicePlane, &children) != KERN_SUCCESS) {
        return;
    }
    while ((child = IOIteratorNext(children)) != 0) {
        registry_live_read_entry(b, n, child, depth + 1);
        (void)IOObjectRelease(child);
    }
    (void)IOObjectRelease(children);
}

bool dext_registry_has_live(void)
{
    return true;
}

int dext_registry_live(struct dext_registry **out, struct dext_ctx *ctx)
{
    struct dx_registry *reg = dx_alloc(&ctx->arena, sizeof *reg);
    struct dx_reg_builder b = {.ctx = ctx, .reg = reg};
    io_registry_entry_t root = IORegistryGetRootEntry(MACH_PORT_NULL);
    *out = NULL;
    if (root == 0) {
        return dx_fail(ctx, DEXT_E_IO, "the live registry: IOKit gives no root entry");
    }
    reg->src = dx_source_bytes("live registry", "", 0);
    reg->format = DX_REG_LIVE;
    reg->chains = true;
    registry_live_read_entry(&b, NULL, root, 0);
    (void)IOObjectRelease(root);
    dx_reg_find_repeats(ctx, reg);
    *out = dx_registry_wrap(ctx, reg);
    return DEXT_OK;
}
#else
#include "base/ctx.h"

bool dext_registry_has_live(void)
{
    return false;
}

int dext_registry_live(struct dext_registry **out, struct dext_ctx *ctx)
{
    *out = NULL;
    return dx_fail(ctx, DEXT_E_NOTFOUND, "only macOS has a live registry");
}
#endif
