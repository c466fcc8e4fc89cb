/* Output of `ioreg -a` as it comes out of the XML reader: no tree of the whole file is built. A
 * node keeps the places of its values in the source, or copies when the source goes by and is
 * forgotten; they are parsed when somebody asks. */
#include <string.h>

#include "iokit/registry_read.h"

/* ---- keys: few of them, each in thousands of nodes ------------------------------------------- */

struct known_key {
    struct dx_str text; /* p NULL: the slot is free */
    enum dx_reg_own own;
};

/* A file whose keys were chosen to collide gets more copies of them, and no slower reading. */
#define MOST_TRIES 64

struct key_table {
    struct known_key *slots;
    size_t size, count;
};

static size_t ioreg_stream_hash(struct dx_str s)
{
    const uint64_t odd = 0x9e3779b97f4a7c15U;
    uint64_t h = s.n * odd, word;
    size_t i = 0;
    for (; i + sizeof word <= s.n; i += sizeof word) {
        memcpy(&word, s.p + i, sizeof word);
        h = (h ^ word) * odd;
        h ^= h >> 32;
    }
    for (; i < s.n; i++) {
        h = (h ^ (unsigned char)s.p[i]) * odd;
    }
    return (size_t)(h ^ h >> 32);
}

static void place_key(struct key_table *t, struct known_key k)
{
    size_t at = ioreg_stream_hash(k.text) & (t->size - 1);
    while (t->slots[at].text.p) {
        at = (at + 1) & (t->size - 1);
    }
    t->slots[at] = k;
}

static void widen(struct key_table *t, struct dx_arena *a)
{
    struct key_table old = *t;
    t->size = old.size ? old.size * 2 : 1024;
    t->slots = dx_calloc(a, t->size, sizeof *t->slots);
    for (size_t i = 0; i < old.size; i++) {
        if (old.slots[i].text.p) {
            place_key(t, old.slots[i]);
        }
    }
}

static struct known_key shared(struct key_table *t, struct dx_arena *a, struct dx_str s)
{
    if (t->count * 2 >= t->size) {
        widen(t, a);
    }
    size_t at = ioreg_stream_hash(s) & (t->size - 1), tries = 0;
    for (; t->slots[at].text.p && tries < MOST_TRIES; tries++, at = (at + 1) & (t->size - 1)) {
        if (dx_str_eq(t->slots[at].text, s)) {
            return t->slots[at];
        }
    }
    struct dx_str own_copy = {dx_strndup(a, s.p, s.n), s.n};
    struct known_key k = {own_copy, dx_reg_own_key(own_copy)};
    if (tries < MOST_TRIES) {
        t->slots[at] = k;
        t->count++;
    }
    return k;
}

/* ---- the listener ---------------------------------------------------------------------------- */

enum frame_kind {
    FRAME_NODE,
    FRAME_CHILDREN, /* an array of nodes */
    FRAME_SKIP,     /* something that is neither, where only nodes are wanted */
};

struct frame {
    enum frame_kind kind;
    struct dx_reg_node *node; /* FRAME_NODE: itself; FRAME_CHILDREN: whose, or NULL */
    size_t props;             /* FRAME_NODE: where its properties begin in the pile */
    bool is_node;             /* it has a key that only nodes have */
};

struct stream {
    struct dx_reg_builder *b;
    const struct dx_source *src;
    struct dx_feed *feed; /* of src, or NULL */
    size_t checked;       /* so far there is one document in it */
    unsigned first_line;
    struct frame *stack;
    size_t depth, cap;
    size_t inside;            /* open containers of a property's value */
    size_t value_start;       /* of that value */
    struct dx_reg_prop *pile; /* properties of the open nodes, innermost last */
    size_t pile_count, pile_cap;
    struct key_table keys;
    struct dx_str key;
    enum dx_reg_own own; /* what that key is */
    unsigned line;       /* of counted */
    size_t counted;
    size_t nodes;
    const char *problem;
    const struct dx_reg_node *wrapper; /* the outermost dictionary, when it is no node */
    struct dx_reg_node *bare; /* whose properties the outermost dictionary holds, or NULL */
};

static unsigned newlines(const char *p, const char *end)
{
    unsigned n = 0;
    while (p < end) {
        /* In a byte as long as one holds it: compilers make vectors of that. */
        size_t some = end - p < 255 ? (size_t)(end - p) : 255;
        unsigned char few = 0;
        for (size_t i = 0; i < some; i++) {
            few = (unsigned char)(few + (p[i] == '\n'));
        }
        n += few;
        p += some;
    }
    return n;
}

static void ioreg_stream_count_lines(struct stream *s, size_t end)
{
    if (end > s->counted) {
        s->line += newlines(s->src->data + s->counted, s->src->data + end);
        s->counted = end;
    }
}

static unsigned ioreg_stream_line_of(struct stream *s, const struct dx_event *ev)
{
    if (!ev->len) {
        return ev->line ? ev->line + s->first_line : 0;
    }
    ioreg_stream_count_lines(s, ev->off);
    return s->line + s->first_line;
}

/* What is looked for in a whole file before it is read; end is that of an event, so that no mark of
 * another document lies across it. */
static bool one_document(struct stream *s, size_t end)
{
    const char *from = s->src->data + s->checked, *to = s->src->data + end;
    s->checked = end;
    return dx_reg_next_document(from, to) == to;
}

/* The source up to end is done with. */
static bool forget(struct stream *s, size_t end)
{
    if (s->feed && !s->inside && end - s->feed->dropped >= s->feed->block) {
        if (!one_document(s, end)) {
            return false;
        }
        ioreg_stream_count_lines(s, end);
        dx_feed_drop(s->feed, end);
    }
    return true;
}

static struct frame *ioreg_stream_push(struct stream *s, enum frame_kind kind,
                                       struct dx_reg_node *node)
{
    s->stack = dx_grow(&s->b->ctx->arena, s->stack, s->depth, &s->cap, sizeof *s->stack);
    struct frame *f = &s->stack[s->depth++];
    *f = (struct frame){kind, node, s->pile_count, false};
    return f;
}

static void open_node(struct stream *s, const struct dx_event *ev, struct dx_reg_node *parent)
{
    struct dx_reg_node *n = dx_reg_add(s->b, parent);
    n->name = n->location = n->class_name = n->chain = DX_STR("");
    n->line = ioreg_stream_line_of(s, ev);
    (void)ioreg_stream_push(s, FRAME_NODE, n);
}

static struct dx_reg_prop *add_prop(struct stream *s)
{
    struct dx_arena *a = &s->b->ctx->arena;
    struct dx_reg_prop *p = DX_PUSH(a, s->pile, s->pile_count, s->pile_cap);
    *p = (struct dx_reg_prop){.key = s->key};
    return p;
}

/* Bytes of the source, for as long as the registry lives. */
static struct dx_str held(struct stream *s, const char *p, size_t n)
{
    return (struct dx_str){s->feed ? dx_strndup(&s->b->ctx->arena, p, n) : p, n};
}

/* Text without entities stands in the source as it is. */
static struct dx_str ioreg_stream_kept(struct stream *s, const struct dx_event *ev)
{
    uintptr_t text = (uintptr_t)ev->text.p, data = (uintptr_t)s->src->data;
    if (ev->kind == DEXT_BOOL) {
        return ev->text; /* a literal of the reader */
    }
    if (text >= data && text < data + s->src->size) {
        return held(s, ev->text.p, ev->text.n);
    }
    if (!s->feed && ev->len > ev->text.n && s->src->size >= ev->off + ev->len) {
        const char *p = s->src->data + ev->off;
        const char *at = memchr(p, '>', ev->len);
        if (at && (size_t)(at + 1 - p) + ev->text.n <= ev->len &&
            memcmp(at + 1, ev->text.p, ev->text.n) == 0) {
            return (struct dx_str){at + 1, ev->text.n};
        }
    }
    return (struct dx_str){dx_strndup(&s->b->ctx->arena, ev->text.p, ev->text.n), ev->text.n};
}

/* IOServiceState (xnu iokit/IOKit/IOService.h: kIOServiceInactiveState and so on). */
enum { STATE_INACTIVE = 1, STATE_REGISTERED = 2, STATE_MATCHED = 4 };

static void service_state(struct dx_reg_node *n, uint64_t number)
{
    n->state |= DX_REG_KNOWN_REGISTERED | DX_REG_KNOWN_MATCHED | DX_REG_KNOWN_ACTIVE;
    n->state |= number & STATE_REGISTERED ? DX_REG_REGISTERED : 0;
    n->state |= number & STATE_MATCHED ? DX_REG_MATCHED : 0;
    n->state |= number & STATE_INACTIVE ? DX_REG_INACTIVE : 0;
}

enum dx_reg_own dx_reg_own_key(struct dx_str key)
{
    static const char *const names[] = {
        [DX_OWN_NAME] = "IORegistryEntryName",
        [DX_OWN_LOCATION] = "IORegistryEntryLocation",
        [DX_OWN_CLASS] = "IOObjectClass",
        [DX_OWN_ID] = "IORegistryEntryID",
        [DX_OWN_RETAIN] = "IOObjectRetainCount",
        [DX_OWN_BUSY] = "IOServiceBusyState",
        [DX_OWN_BUSY_TIME] = "IOServiceBusyTime",
        [DX_OWN_STATE] = "IOServiceState",
        [DX_OWN_CHILDREN] = "IORegistryEntryChildren",
    };
    if (!dx_str_has_prefix(key, "IO")) {
        return DX_OWN_NOT;
    }
    for (size_t i = 1; i < sizeof names / sizeof *names; i++) {
        if (dx_str_is(key, names[i])) {
            return (enum dx_reg_own)i;
        }
    }
    return DX_OWN_NOT;
}

/* false: it is a property like others. */
bool dx_reg_set_own(struct dx_reg_node *n, enum dx_reg_own own, enum dext_kind kind,
                    struct dx_str text, uint64_t number)
{
    bool is_text = kind == DEXT_STRING, is_number = kind == DEXT_INTEGER;
    switch (own) {
    case DX_OWN_NOT:
        return false;
    case DX_OWN_NAME:
        n->name = is_text ? text : n->name;
        break;
    case DX_OWN_LOCATION:
        n->location = is_text ? text : n->location;
        break;
    case DX_OWN_CLASS:
        n->class_name = is_text ? text : n->class_name;
        break;
    case DX_OWN_ID:
        n->id = is_number ? number : n->id;
        break;
    case DX_OWN_RETAIN:
        n->retain = is_number ? (uint32_t)number : n->retain;
        break;
    case DX_OWN_BUSY:
        n->busy = is_number ? (uint32_t)number : n->busy;
        n->state |= is_number ? DX_REG_KNOWN_BUSY : 0;
        break;
    case DX_OWN_STATE:
        if (is_number) {
            service_state(n, number);
        }
        break;
    default:
        break;
    }
    return true;
}

static void ioreg_stream_scalar(struct stream *s, struct frame *f, const struct dx_event *ev)
{
    if (!f || f->kind != FRAME_NODE) {
        s->b->reg->lost += f && f->kind == FRAME_CHILDREN;
        return;
    }
    enum dx_reg_own own = s->own;
    struct dx_str text = DX_STR("");
    if (own == DX_OWN_NAME || own == DX_OWN_CLASS || own == DX_OWN_LOCATION) {
        text = shared(&s->keys, &s->b->ctx->arena, ev->text).text;
    }
    if (!dx_reg_set_own(f->node, own, ev->kind, text, ev->bad ? 0 : ev->integer)) {
        struct dx_reg_prop *p = add_prop(s);
        p->kind = (uint8_t)ev->kind;
        /* Data are decoded when asked for: the text is in the source. */
        bool data = ev->kind == DEXT_DATA && ev->len;
        p->xml = data;
        p->raw = data ? held(s, s->src->data + ev->off, ev->len) : ioreg_stream_kept(s, ev);
    }
}

static void ioreg_stream_container(struct stream *s, struct frame *f, const struct dx_event *ev)
{
    bool dict = ev->type == DX_EV_DICT;
    if (!f) {
        if (dict && s->bare) {
            (void)ioreg_stream_push(s, FRAME_NODE, s->bare);
        } else if (dict) {
            open_node(s, ev, NULL);
        } else {
            (void)ioreg_stream_push(s, FRAME_CHILDREN, NULL);
        }
    } else if (f->kind == FRAME_CHILDREN && dict) {
        open_node(s, ev, f->node);
    } else if (f->kind == FRAME_NODE && !dict && s->own == DX_OWN_CHILDREN) {
        (void)ioreg_stream_push(s, FRAME_CHILDREN, f->node);
    } else if (f->kind == FRAME_NODE) {
        s->inside = 1;
        s->value_start = ev->off;
    } else {
        s->b->reg->lost += f->kind == FRAME_CHILDREN;
        (void)ioreg_stream_push(s, FRAME_SKIP, NULL);
    }
}

static void close_node(struct stream *s, struct frame *f)
{
    struct dx_reg_node *n = f->node;
    size_t count = s->pile_count - f->props;
    n->prop_count = (uint32_t)count;
    if (count) {
        n->props = dx_alloc_raw(&s->b->ctx->arena, count * sizeof *n->props);
        memcpy(n->props, s->pile + f->props, count * sizeof *n->props);
    }
    s->pile_count = f->props;
    if (!f->is_node && n != s->bare) {
        s->b->reg->lost += n->parent != NULL;
        s->wrapper = n->parent || s->depth ? s->wrapper : n; /* the depth is that around it */
        dx_reg_drop(s->b, n);
    }
}

static void ioreg_stream_end(struct stream *s, const struct dx_event *ev)
{
    if (s->inside) {
        if (--s->inside == 0) {
            struct dx_reg_prop *p = add_prop(s);
            p->kind = DEXT_DICT; /* or an array: the text tells */
            p->xml = true;
            p->raw = held(s, s->src->data + s->value_start, ev->off + ev->len - s->value_start);
        }
        return;
    }
    struct frame *f = &s->stack[--s->depth];
    if (f->kind == FRAME_NODE) {
        close_node(s, f);
    }
}

static void key(struct stream *s, struct frame *f, const struct dx_event *ev)
{
    struct known_key k = shared(&s->keys, &s->b->ctx->arena, ev->text);
    s->key = k.text;
    s->own = k.own;
    if (f && (s->own == DX_OWN_NAME || s->own == DX_OWN_CLASS || s->own == DX_OWN_CHILDREN)) {
        f->is_node = true;
    }
}

static bool ioreg_stream_on_event(void *user, const struct dx_event *ev)
{
    struct stream *s = user;
    struct frame *f = s->depth ? &s->stack[s->depth - 1] : NULL;
    switch (ev->type) {
    case DX_EV_DICT:
    case DX_EV_ARRAY:
        if (s->inside) {
            s->inside++;
        } else {
            ioreg_stream_container(s, f, ev);
        }
        break;
    case DX_EV_END:
        ioreg_stream_end(s, ev);
        break;
    case DX_EV_KEY:
        if (!s->inside) {
            key(s, f, ev);
        }
        break;
    case DX_EV_SCALAR:
        if (!s->inside) {
            ioreg_stream_scalar(s, f, ev);
        }
        break;
    case DX_EV_PROBLEM:
        if (!s->problem) {
            s->problem =
                dx_sprintf(&s->b->ctx->arena, "%s:%u: %.*s", s->src->path,
                           ev->len ? ioreg_stream_line_of(s, ev) : ev->line + s->first_line,
                           (int)(ev->text.n > 300 ? 300 : ev->text.n), ev->text.p);
        }
        break;
    default:
        break;
    }
    return s->b->reg->count <= s->b->ctx->limits.plist_nodes && forget(s, ev->off + ev->len);
}

/* What was open when the file ended. */
static void ioreg_stream_close_all(struct stream *s)
{
    s->inside = 0;
    while (s->depth) {
        struct frame *f = &s->stack[--s->depth];
        if (f->kind == FRAME_NODE) {
            close_node(s, f);
        }
    }
}

/* Nearly every archive is plain. One that is not is read again from its beginning, as if nothing
 * had been. */
static bool read_plain(struct stream *s)
{
    struct dext_ctx *ctx = s->b->ctx;
    struct dx_mark mark = dx_arena_mark(&ctx->arena);
    const struct dx_reg_builder before = *s->b;
    const struct dx_registry reg = *s->b->reg;
    const struct stream fresh = *s;
    if (s->b->no_plain) {
        return false;
    }
    if (dx_plist_xml_plain(ctx, s->src, s->feed, ioreg_stream_on_event, s) &&
        (!s->feed || (one_document(s, s->src->size) && !s->wrapper))) {
        return true;
    }
    dx_reg_take_back(s->b, &before, &reg);
    *s = fresh;
    dx_arena_rewind(&ctx->arena, mark);
    return false;
}

static const char *ioreg_stream_read_stream(struct stream *s)
{
    struct dext_ctx *ctx = s->b->ctx;
    s->line = 1;
    dext_ctx_clear(ctx);
    int rc = read_plain(s) ? DEXT_OK : dx_plist_xml(ctx, s->src, ioreg_stream_on_event, s);
    ioreg_stream_close_all(s);
    const char *why = rc != DEXT_OK ? dx_strdup(&ctx->arena, ctx->error) : s->problem;
    if (!why && s->b->reg->count > ctx->limits.plist_nodes) {
        why = dx_sprintf(&ctx->arena, "%s: more than %zu nodes", s->src->path,
                         ctx->limits.plist_nodes);
    }
    dext_ctx_clear(ctx);
    return why;
}

const char *dx_reg_stream(struct dx_reg_builder *b, const struct dx_source *src, unsigned line)
{
    struct stream s = {.b = b, .src = src, .first_line = line};
    const char *why = ioreg_stream_read_stream(&s);
    /* A collector's dictionary of dumps: each of its dictionaries may be a node. Those that are
     * none are not looked into again. */
    for (uint32_t i = 0; s.wrapper && i < s.wrapper->prop_count; i++) {
        const struct dx_reg_prop *p = &s.wrapper->props[i];
        if (p->xml && dx_str_has_prefix(p->raw, "<dict")) {
            struct dx_source part = dx_source_bytes(src->path, p->raw.p, p->raw.n);
            struct stream inner = {
                .b = b, .src = &part, .first_line = line + newlines(src->data, p->raw.p)};
            const char *also = ioreg_stream_read_stream(&inner);
            why = why ? why : also;
        }
    }
    return why;
}

bool dx_reg_stream_feed(struct dx_reg_builder *b)
{
    struct stream s = {.b = b, .src = &b->feed->src, .feed = b->feed, .line = 1};
    return read_plain(&s);
}

/* ---- properties alone ------------------------------------------------------------------------ */

struct dx_reg_props {
    struct stream s;
};

struct dx_reg_props *dx_reg_props_new(struct dx_reg_builder *b)
{
    struct dx_reg_props *r = dx_alloc(&b->ctx->arena, sizeof *r);
    *r = (struct dx_reg_props){.s = {.b = b}};
    return r;
}

bool dx_reg_props_read(struct dx_reg_props *r, struct dx_reg_node *n, const struct dx_source *src)
{
    struct stream *s = &r->s;
    struct stream next = {.b = s->b, .src = src, .bare = n, .keys = s->keys, .line = 1};
    next.stack = s->stack;
    next.cap = s->cap;
    next.pile = s->pile;
    next.pile_cap = s->pile_cap;
    *s = next;
    dext_ctx_clear(s->b->ctx);
    bool whole = dx_plist_xml_plain(s->b->ctx, src, NULL, ioreg_stream_on_event, s);
    ioreg_stream_close_all(s);
    if (!whole) {
        n->props = NULL;
        n->prop_count = 0;
        s->depth = s->pile_count = s->inside = 0;
        s->counted = 0;
        whole = dx_plist_xml(s->b->ctx, src, ioreg_stream_on_event, s) == DEXT_OK && !s->problem;
        ioreg_stream_close_all(s);
    }
    dext_ctx_clear(s->b->ctx);
    return whole;
}

/* ---- values, when somebody asks -------------------------------------------------------------- */

static const struct dext_node *ioreg_stream_from_text(struct dext_ctx *ctx,
                                                      const struct dx_reg_prop *p)
{
    struct dext_node *n = dx_alloc(&ctx->arena, sizeof *n);
    n->kind = (enum dext_kind)p->kind;
    n->in_dict = true;
    n->key = p->key;
    n->text = (struct dx_str){dx_strndup(&ctx->arena, p->raw.p, p->raw.n), p->raw.n};
    switch (n->kind) {
    case DEXT_INTEGER:
        n->bad = !dx_parse_integer(n->text, &n->integer, &n->negative);
        break;
    case DEXT_REAL:
        n->bad = !dx_parse_real(n->text, &n->real);
        break;
    case DEXT_DATE:
        n->bad = !dx_parse_date(n->text);
        break;
    case DEXT_BOOL:
        n->boolean = dx_str_is(n->text, "true");
        break;
    default:
        break;
    }
    return n;
}

const struct dext_node *dx_reg_archive_value(struct dext_ctx *ctx, const struct dx_registry *r,
                                             const struct dx_reg_prop *p)
{
    if (!p->xml) {
        return ioreg_stream_from_text(ctx, p);
    }
    struct dx_source src =
        dx_source_bytes(r->src.path, dx_strndup(&ctx->arena, p->raw.p, p->raw.n), p->raw.n);
    struct dext_plist *pl = dx_plist_load(ctx, &src);
    if (pl->root) {
        pl->root->in_dict = true;
        pl->root->key = p->key;
    }
    return pl->root;
}
