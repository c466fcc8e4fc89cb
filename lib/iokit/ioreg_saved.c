/* What IORegistryExplorer saves (.ioreg): an NSKeyedArchiver archive, as a binary property list, of
 * one RexRegistryEntry a node with its class's inheritance, its properties as an XML property list,
 * and its children in each plane. Observed in saves of IORegistryExplorer 2 and 3; Apple documents
 * the archive (NSKeyedArchiver: $top, $objects, $class, NS.keys, NS.objects), not what is in it.
 *
 * The service plane is read, as `ioreg -l` prints it. Objects are looked at where they lie: an
 * entry refers to its children and parents and they to it, so nothing can be unfolded. */
#include <stdlib.h>
#include <string.h>

#include "iokit/registry_read.h"
#include "plist/bplist.h"

#define PLANE "IOService"
#define MOST_DEPTH 512 /* of a registry; real ones have some 40 levels */

struct saved {
    struct dx_reg_builder *b;
    struct dx_bplist list;
    struct dx_bobject objects; /* the array $objects */
    struct dx_reg_node **made; /* by number in $objects; NULL: not read yet */
    struct dx_reg_props *props;
    size_t broken; /* objects that are not what an entry needs */
};

/* ---- objects of the archive -------------------------------------------------------------------
 */

static bool object_at(struct saved *s, uint64_t number, struct dx_bobject *out)
{
    if (dx_bplist_object(&s->list, number, out) != DEXT_OK) {
        dext_ctx_clear(s->b->ctx);
        s->broken++;
        return false;
    }
    return true;
}

/* Follows a UID into $objects. *index: its place there. */
static bool follow(struct saved *s, struct dx_bobject *o, uint64_t *index)
{
    if (o->type != DX_BPLIST_UID || o->length > 7) {
        return false;
    }
    uint64_t i = dx_bplist_number(s->list.p + o->at, (unsigned)o->length + 1);
    if (i >= s->objects.length) {
        s->broken++;
        return false;
    }
    if (index) {
        *index = i;
    }
    return object_at(s, dx_bplist_ref(&s->list, &s->objects, i), o);
}

static struct dx_str bytes_of(const struct saved *s, const struct dx_bobject *o)
{
    return (struct dx_str){s->list.src->data + o->at, (size_t)o->length};
}

/* The value of a dictionary, as it is: a UID is not followed. */
static bool entry_of(struct saved *s, const struct dx_bobject *dict, const char *key,
                     struct dx_bobject *out)
{
    size_t n = strlen(key);
    for (uint64_t i = 0; dict->type == DX_BPLIST_DICT && i < dict->length; i++) {
        struct dx_bobject k;
        if (object_at(s, dx_bplist_ref(&s->list, dict, i), &k) && k.type == DX_BPLIST_ASCII &&
            k.length == n && memcmp(s->list.p + k.at, key, n) == 0) {
            return object_at(s, dx_bplist_ref(&s->list, dict, dict->length + i), out);
        }
    }
    return false;
}

/* The same, followed. */
static bool ioreg_saved_value_of(struct saved *s, const struct dx_bobject *dict, const char *key,
                                 struct dx_bobject *out)
{
    return entry_of(s, dict, key, out) && (out->type != DX_BPLIST_UID || follow(s, out, NULL));
}

static struct dx_str ioreg_saved_text_of(const struct saved *s, const struct dx_bobject *o)
{
    struct dx_str text = o->type == DX_BPLIST_ASCII || o->type == DX_BPLIST_UTF16
                             ? dx_bplist_text(&s->list, o)
                             : DX_STR("");
    return dx_str_is(text, "$null") ? DX_STR("") : text;
}

static struct dx_str text_value(struct saved *s, const struct dx_bobject *dict, const char *key)
{
    struct dx_bobject o;
    return ioreg_saved_value_of(s, dict, key, &o) ? ioreg_saved_text_of(s, &o) : DX_STR("");
}

static bool flag(struct saved *s, const struct dx_bobject *dict, const char *key)
{
    struct dx_bobject o;
    return ioreg_saved_value_of(s, dict, key, &o) && o.type == DX_BPLIST_SINGLE && o.length == 9;
}

static uint32_t ioreg_saved_number(struct saved *s, const struct dx_bobject *dict, const char *key)
{
    struct dx_bobject o;
    return ioreg_saved_value_of(s, dict, key, &o) && o.type == DX_BPLIST_INTEGER && o.length <= 3
               ? (uint32_t)dx_bplist_number(s->list.p + o.at, 1U << o.length)
               : 0;
}

/* The array of a NSArray. */
static bool array_of(struct saved *s, const struct dx_bobject *holder, struct dx_bobject *out)
{
    return ioreg_saved_value_of(s, holder, "NS.objects", out) && out->type == DX_BPLIST_ARRAY;
}

/* What a dictionary by planes has for the service plane. */
static bool in_plane(struct saved *s, const struct dx_bobject *entry, const char *key,
                     struct dx_bobject *out)
{
    struct dx_bobject holder, keys, values;
    if (!ioreg_saved_value_of(s, entry, key, &holder) ||
        !ioreg_saved_value_of(s, &holder, "NS.keys", &keys) || keys.type != DX_BPLIST_ARRAY ||
        !array_of(s, &holder, &values)) {
        return false;
    }
    for (uint64_t i = 0; i < keys.length && i < values.length; i++) {
        struct dx_bobject k;
        if (object_at(s, dx_bplist_ref(&s->list, &keys, i), &k) && follow(s, &k, NULL) &&
            dx_str_is(ioreg_saved_text_of(s, &k), PLANE)) {
            return object_at(s, dx_bplist_ref(&s->list, &values, i), out) && follow(s, out, NULL);
        }
    }
    return false;
}

/* ---- nodes ------------------------------------------------------------------------------------
 */

#define MOST_CLASSES 32

/* Classes from the node's own to OSObject become "IORegistryEntry:IOService:...:own", as ioreg -i
 * prints them. */
static void read_classes(struct saved *s, const struct dx_bobject *entry, struct dx_reg_node *n)
{
    struct dx_bobject holder, list;
    struct dx_str names[MOST_CLASSES];
    size_t count = 0;
    if (!ioreg_saved_value_of(s, entry, "inheritance", &holder) || !array_of(s, &holder, &list)) {
        return;
    }
    for (uint64_t i = 0; i < list.length && count < MOST_CLASSES; i++) {
        struct dx_bobject o;
        if (object_at(s, dx_bplist_ref(&s->list, &list, i), &o) && follow(s, &o, NULL)) {
            names[count] = ioreg_saved_text_of(s, &o);
            count += names[count].n && !dx_str_is(names[count], "OSObject");
        }
    }
    struct dx_buf b;
    dx_buf_init(&b, &s->b->ctx->arena, 4096);
    for (size_t i = count; i-- > 0;) {
        dx_buf_add(&b, names[i].p, names[i].n);
        if (i) {
            dx_buf_puts(&b, ":");
        }
    }
    if (count) {
        n->class_name = names[0];
        n->chain = (struct dx_str){b.p ? b.p : "", b.n};
    }
}

static void ioreg_saved_read_state(struct saved *s, const struct dx_bobject *entry,
                                   struct dx_reg_node *n)
{
    n->retain = ioreg_saved_number(s, entry, "kernelRetainCount");
    if (flag(s, entry, "conformsToIOService")) {
        n->state |= DX_REG_KNOWN_REGISTERED | DX_REG_KNOWN_MATCHED | DX_REG_KNOWN_ACTIVE |
                    DX_REG_KNOWN_BUSY;
        n->state |= flag(s, entry, "isRegistered") ? DX_REG_REGISTERED : 0;
        n->state |= flag(s, entry, "isMatched") ? DX_REG_MATCHED : 0;
        n->state |= flag(s, entry, "isActive") ? 0 : DX_REG_INACTIVE;
        n->busy = ioreg_saved_number(s, entry, "busyCount");
    }
}

static void ioreg_saved_read_entry(struct saved *s, const struct dx_bobject *entry,
                                   struct dx_reg_node *n)
{
    struct dx_bobject o;
    n->name = in_plane(s, entry, "namesInPlanes", &o) ? ioreg_saved_text_of(s, &o)
                                                      : text_value(s, entry, "name");
    n->location = in_plane(s, entry, "locationsInPlanes", &o) ? ioreg_saved_text_of(s, &o)
                                                              : text_value(s, entry, "location");
    n->class_name = n->chain = DX_STR("");
    read_classes(s, entry, n);
    ioreg_saved_read_state(s, entry, n);
    if (ioreg_saved_value_of(s, entry, "properties", &o) && o.type == DX_BPLIST_DATA) {
        struct dx_str xml = bytes_of(s, &o);
        n->state |= DX_REG_SHOWN;
        struct dx_source src = dx_source_bytes(s->list.src->path, xml.p, xml.n);
        s->broken += !dx_reg_props_read(s->props, n, &src);
    }
}

static void ioreg_saved_add_entry(struct saved *s, struct dx_bobject *o, struct dx_reg_node *parent,
                                  size_t depth)
{
    uint64_t index;
    if (!follow(s, o, &index) || o->type != DX_BPLIST_DICT || depth > MOST_DEPTH) {
        s->broken++;
        return;
    }
    if (s->b->reg->count > s->b->ctx->limits.plist_nodes) {
        return; /* told by read_all */
    }
    struct dx_reg_node *n = dx_reg_add(s->b, parent);
    struct dx_bobject children, list, child;
    if (s->made[index]) { /* it has several parents: its children stand below the first */
        const struct dx_reg_node *first = s->made[index];
        n->name = first->name;
        n->location = first->location;
        n->class_name = first->class_name;
        n->chain = first->chain;
        n->state = first->state | DX_REG_REPEATED;
        n->busy = first->busy;
        n->retain = first->retain;
        n->props = first->props;
        n->prop_count = first->prop_count;
        n->same = s->made[index];
        return;
    }
    s->made[index] = n;
    ioreg_saved_read_entry(s, o, n);
    if (!in_plane(s, o, "childrenInPlanes", &children) || !array_of(s, &children, &list)) {
        return;
    }
    for (uint64_t i = 0; i < list.length; i++) {
        if (object_at(s, dx_bplist_ref(&s->list, &list, i), &child)) {
            ioreg_saved_add_entry(s, &child, n, depth + 1);
        }
    }
}

/* The entries are listed in no order: the roots are those that say so. */
static void ioreg_saved_read_all(struct saved *s, const struct dx_bobject *entries)
{
    for (uint64_t i = 0; i < entries->length; i++) {
        struct dx_bobject o, entry;
        if (!object_at(s, dx_bplist_ref(&s->list, entries, i), &o)) {
            continue;
        }
        entry = o;
        if (follow(s, &entry, NULL) && flag(s, &entry, "isRegistryRoot")) {
            ioreg_saved_add_entry(s, &o, NULL, 0);
        }
    }
}

/* ---- is it one? -------------------------------------------------------------------------------
 */

/* The array of all entries. */
static bool open_store(struct saved *s, struct dx_bobject *entries)
{
    struct dx_bobject top, named, root, class, holder;
    return object_at(s, s->list.top, &top) && entry_of(s, &top, "$objects", &s->objects) &&
           s->objects.type == DX_BPLIST_ARRAY && entry_of(s, &top, "$top", &named) &&
           ioreg_saved_value_of(s, &named, "root", &root) &&
           ioreg_saved_value_of(s, &root, "$class", &class) &&
           dx_str_is(text_value(s, &class, "$classname"), "RexDataStore") &&
           ioreg_saved_value_of(s, &root, "registryEntries", &holder) &&
           array_of(s, &holder, entries);
}

bool dx_reg_read_saved(struct dx_reg_builder *b, const struct dx_source *src, const char **why)
{
    struct dext_ctx *ctx = b->ctx;
    struct saved s = {.b = b};
    struct dx_bobject entries;
    *why = NULL;
    if (dx_bplist_open(&s.list, ctx, src) != DEXT_OK) {
        dext_ctx_clear(ctx);
        return false; /* the reader of property lists says what is wrong */
    }
    if (!open_store(&s, &entries)) {
        return false;
    }
    s.made = dx_calloc(&ctx->arena, (size_t)s.objects.length + 1, sizeof(struct dx_reg_node *));
    s.props = dx_reg_props_new(b);
    b->reg->chains = true;
    ioreg_saved_read_all(&s, &entries);
    if (b->reg->count > ctx->limits.plist_nodes) {
        *why =
            dx_sprintf(&ctx->arena, "%s: more than %zu nodes", src->path, ctx->limits.plist_nodes);
    } else if (s.broken) {
        *why = dx_sprintf(&ctx->arena, "%s: %zu object%s of the save cannot be read", src->path,
                          s.broken, s.broken == 1 ? "" : "s");
    }
    return true;
}
