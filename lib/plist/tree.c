#include "plist/tree.h"

#include <stdlib.h>
#include <string.h>

struct builder {
    struct dext_ctx *ctx;
    struct dext_plist *pl;
    struct dext_node *at;     /* open container */
    struct dext_place key_at; /* of a pending key */
    struct dx_str key_text;
    bool have_key;
    bool plain; /* the text of data comes as it is written */
    struct dx_comment **comments_end;
    struct dx_problem_at **problems_end;
    size_t problems;
    struct dext_node **scratch; /* children of the dictionary being closed, sorted */
    size_t scratch_cap;
};

/* More problems than that tell nothing new and would only cost memory. */
#define MOST_PROBLEMS 100

static struct dext_place tree_place_of(const struct builder *b, const struct dx_event *ev)
{
    struct dext_place p = {ev->line, ev->column, ev->off, ev->len};
    if (ev->len && b->pl->lines.count) {
        dx_lines_at(&b->pl->lines, ev->off, &p.line, &p.column);
    }
    return p;
}

static void add_problem(struct builder *b, const struct dx_event *ev)
{
    b->pl->broken = b->pl->broken || ev->problem == DX_PROBLEM_SYNTAX;
    if (b->problems++ >= MOST_PROBLEMS) {
        return;
    }
    struct dx_problem_at *p = dx_alloc(&b->ctx->arena, sizeof *p);
    p->problem = ev->problem;
    p->text = dx_strndup(&b->ctx->arena, ev->text.p, ev->text.n);
    p->at = tree_place_of(b, ev);
    *b->problems_end = p;
    b->problems_end = &p->next;
}

static void add_comment(struct builder *b, const struct dx_event *ev)
{
    struct dx_comment *c = dx_alloc(&b->ctx->arena, sizeof *c);
    c->text = (struct dx_str){dx_strndup(&b->ctx->arena, ev->text.p, ev->text.n), ev->text.n};
    c->at = tree_place_of(b, ev);
    c->end_line = c->at.line;
    if (ev->len && b->pl->lines.count) {
        unsigned column;
        dx_lines_at(&b->pl->lines, ev->off + ev->len - 1, &c->end_line, &column);
    }
    *b->comments_end = c;
    b->comments_end = &c->next;
}

static struct dext_node *tree_add_node(struct builder *b, const struct dx_event *ev,
                                       enum dext_kind kind)
{
    struct dext_node *n = dx_alloc(&b->ctx->arena, sizeof *n);
    n->kind = kind;
    n->at = tree_place_of(b, ev);
    n->parent = b->at;
    if (b->have_key) {
        n->in_dict = true;
        n->key = b->key_text;
        n->key_at = b->key_at;
        b->have_key = false;
    }
    if (!b->at) {
        b->pl->root = n;
    } else {
        *(b->at->last ? &b->at->last->next : &b->at->child) = n;
        b->at->last = n;
        b->at->count++;
    }
    b->pl->nodes++;
    return n;
}

/* Up to here comparing each with each costs less than sorting. */
#define FEW_ENTRIES 24

static int by_key_and_place(const void *x, const void *y)
{
    const struct dext_node *a = *(struct dext_node *const *)x, *b = *(struct dext_node *const *)y;
    int c = dx_str_cmp(a->key, b->key);
    if (c) {
        return c;
    }
    return a->count < b->count ? -1 : a->count > b->count; /* see mark_overridden */
}

/* Of entries with one name the last one counts: CoreFoundation adds them to a mutable dictionary
 * in file order (CFPropertyList.c, parseDictTag), as libkern's OSUnserializeXML does. */
static void mark_overridden(struct builder *b, struct dext_node *dict)
{
    if (dict->count <= FEW_ENTRIES) {
        for (struct dext_node *c = dict->child; c; c = c->next) {
            for (const struct dext_node *o = c->next; o && !c->overridden; o = o->next) {
                c->overridden = dx_str_eq(c->key, o->key);
            }
        }
        return;
    }
    if (dict->count > b->scratch_cap) {
        b->scratch_cap = (size_t)dict->count * 2;
        b->scratch = dx_calloc(&b->ctx->arena, b->scratch_cap, sizeof *b->scratch);
    }
    size_t n = 0;
    /* Sorting must keep file order among equals: child i sorts by (key, i). Positions are lent
     * to the sort by index below, since qsort is not stable. */
    unsigned *counts = dx_calloc(&b->ctx->arena, dict->count, sizeof *counts);
    for (struct dext_node *c = dict->child; c; c = c->next) {
        counts[n] = c->count;
        c->count = (unsigned)n;
        b->scratch[n++] = c;
    }
    qsort(b->scratch, n, sizeof *b->scratch, by_key_and_place);
    for (size_t i = 0; i + 1 < n; i++) {
        b->scratch[i]->overridden = dx_str_eq(b->scratch[i]->key, b->scratch[i + 1]->key);
    }
    n = 0;
    for (struct dext_node *c = dict->child; c; c = c->next) {
        c->count = counts[n++];
    }
}

static void tree_close_container(struct builder *b, const struct dx_event *ev)
{
    struct dext_node *n = b->at;
    if (!n) {
        return;
    }
    if (n->at.length && ev->len) {
        n->at.length = ev->off + ev->len - n->at.offset;
    }
    if (n->kind == DEXT_DICT) {
        mark_overridden(b, n);
    }
    b->at = n->parent;
}

static struct dx_str tree_copy(struct builder *b, struct dx_str text)
{
    return (struct dx_str){dx_strndup(&b->ctx->arena, text.p, text.n), text.n};
}

static struct dx_str tree_decoded(struct builder *b, struct dx_str text)
{
    struct dx_buf data;
    dx_buf_init(&data, &b->ctx->arena, text.n + 1);
    (void)dx_parse_base64(text, &data);
    return data.n ? dx_buf_str(&data) : tree_copy(b, DX_STR(""));
}

static void add_scalar(struct builder *b, const struct dx_event *ev)
{
    struct dext_node *n = tree_add_node(b, ev, ev->kind);
    n->text =
        b->plain && ev->kind == DEXT_DATA ? tree_decoded(b, ev->text) : tree_copy(b, ev->text);
    n->integer = ev->integer;
    n->negative = ev->negative;
    n->boolean = ev->boolean;
    n->real = ev->real;
    n->bad = ev->bad;
}

static bool tree_on_event(void *user, const struct dx_event *ev)
{
    struct builder *b = user;
    switch (ev->type) {
    case DX_EV_DICT:
        b->at = tree_add_node(b, ev, DEXT_DICT);
        break;
    case DX_EV_ARRAY:
        b->at = tree_add_node(b, ev, DEXT_ARRAY);
        break;
    case DX_EV_END:
        tree_close_container(b, ev);
        break;
    case DX_EV_KEY:
        b->key_at = tree_place_of(b, ev);
        b->key_text = tree_copy(b, ev->text);
        b->have_key = true;
        break;
    case DX_EV_SCALAR:
        add_scalar(b, ev);
        break;
    case DX_EV_COMMENT:
        add_comment(b, ev);
        break;
    case DX_EV_PROBLEM:
        add_problem(b, ev);
        break;
    }
    return b->pl->nodes < b->ctx->limits.plist_nodes;
}

enum dext_plist_format dx_plist_detect(const struct dx_source *src)
{
    if (src->size >= 6 && memcmp(src->data, "bplist", 6) == 0) {
        return DEXT_PLIST_BINARY;
    }
    struct dx_str s = {src->data, src->size};
    if (dx_str_has_prefix(s, "\xef\xbb\xbf")) {
        s.p += 3;
        s.n -= 3;
    }
    struct dx_str t = dx_str_trim(s);
    if (t.n && (t.p[0] == '{' || t.p[0] == '(' || dx_str_has_prefix(t, "// !$*UTF8*$!") ||
                (t.p[0] == '/' && t.n > 1 && (t.p[1] == '*' || t.p[1] == '/')))) {
        return DEXT_PLIST_OPENSTEP;
    }
    return DEXT_PLIST_XML;
}

/* A container left open by an early stop still has to know its duplicates. */
static void tree_close_all(struct builder *b)
{
    struct dx_event end = {.type = DX_EV_END};
    while (b->at) {
        tree_close_container(b, &end);
    }
}

static void tree_begin(struct builder *b, struct dext_ctx *ctx, struct dext_plist *pl)
{
    *b = (struct builder){.ctx = ctx, .pl = pl};
    b->comments_end = &pl->comments;
    b->problems_end = &pl->problems;
}

/* By the short way, when the file is that plain. */
static bool tree_plain(struct builder *b, const struct dx_source *src)
{
    struct dext_ctx *ctx = b->ctx;
    struct dext_plist *pl = b->pl, before = *pl;
    struct dx_mark mark = dx_arena_mark(&ctx->arena);
    b->plain = true;
    if (dx_plist_xml_plain(ctx, src, NULL, tree_on_event, b)) {
        return true;
    }
    dext_ctx_clear(ctx);
    dx_arena_rewind(&ctx->arena, mark);
    *pl = before;
    tree_begin(b, ctx, pl);
    return false;
}

static struct dext_plist *tree_load(struct dext_ctx *ctx, const struct dx_source *src,
                                    enum dext_plist_format format, dx_plist_reader *read)
{
    struct dext_plist *pl = dx_alloc(&ctx->arena, sizeof *pl);
    struct builder b;
    tree_begin(&b, ctx, pl);
    pl->src = *src;
    pl->format = format;
    dext_ctx_clear(ctx);
    if (format != DEXT_PLIST_BINARY) {
        dx_lines_init(&pl->lines, &ctx->arena, src->data, src->size);
    }
    if (format == DEXT_PLIST_XML && tree_plain(&b, src)) {
        return pl;
    }
    int rc = read(ctx, src, tree_on_event, &b);
    if (rc == DEXT_OK && pl->nodes >= ctx->limits.plist_nodes) {
        rc = dx_fail(ctx, DEXT_E_LIMIT, "%s: more than %zu keys and values", src->path,
                     ctx->limits.plist_nodes);
    }
    tree_close_all(&b);
    if (rc != DEXT_OK) {
        pl->stopped = true;
        pl->reason = dx_strdup(&ctx->arena, ctx->error);
    }
    dext_ctx_clear(ctx);
    return pl;
}

struct dext_plist *dx_plist_load_by(struct dext_ctx *ctx, const struct dx_source *src,
                                    dx_plist_reader *read)
{
    return tree_load(ctx, src, DEXT_PLIST_OPENSTEP, read);
}

struct dext_plist *dx_plist_load(struct dext_ctx *ctx, const struct dx_source *src)
{
    static dx_plist_reader *const readers[] = {[DEXT_PLIST_XML] = dx_plist_xml,
                                               [DEXT_PLIST_BINARY] = dx_plist_binary,
                                               [DEXT_PLIST_OPENSTEP] = dx_plist_openstep};
    enum dext_plist_format format = dx_plist_detect(src);
    return tree_load(ctx, src, format, readers[format]);
}

static int tree_loaded(struct dext_plist **out, struct dext_ctx *ctx, const struct dx_source *src)
{
    *out = dx_plist_load(ctx, src);
    if ((*out)->stopped) {
        return dx_fail(ctx, DEXT_E_FORMAT, "%s", (*out)->reason);
    }
    if (!(*out)->root) {
        return dx_fail(ctx, DEXT_E_FORMAT, "%s: holds no property list", src->path);
    }
    return DEXT_OK;
}

int dext_plist_read(struct dext_plist **out, struct dext_ctx *ctx, const char *path)
{
    struct dx_source src;
    int rc = dx_source_read(&src, ctx, dx_strdup(&ctx->arena, path));
    return rc ? rc : tree_loaded(out, ctx, &src);
}

int dext_plist_parse(struct dext_plist **out, struct dext_ctx *ctx, const char *name,
                     const void *data, size_t size)
{
    struct dx_source src =
        dx_source_bytes(dx_strdup(&ctx->arena, name), dx_strndup(&ctx->arena, data, size), size);
    return tree_loaded(out, ctx, &src);
}

const struct dext_node *dext_plist_root(const struct dext_plist *pl)
{
    return pl->root;
}

enum dext_plist_format dext_plist_format(const struct dext_plist *pl)
{
    return pl->format;
}

const char *dext_plist_problem(const struct dext_plist *pl, size_t i, struct dext_place *at)
{
    const struct dx_problem_at *p = pl->problems;
    while (p && i--) {
        p = p->next;
    }
    if (p && at) {
        *at = p->at;
    }
    return p ? p->text : NULL;
}

enum dext_kind dext_node_kind(const struct dext_node *n)
{
    return n->kind;
}

const char *dext_kind_name(enum dext_kind kind)
{
    static const char *const names[] = {"dictionary", "array", "string", "integer", "real",
                                        "boolean",    "date",  "data",   "uid"};
    return names[kind];
}

const char *dext_node_key(const struct dext_node *n)
{
    return n->in_dict ? n->key.p : NULL;
}

const char *dext_node_text(const struct dext_node *n)
{
    return n->text.p ? n->text.p : "";
}

size_t dext_node_length(const struct dext_node *n)
{
    return n->text.n;
}

bool dext_node_bool(const struct dext_node *n)
{
    return n->boolean;
}

int64_t dext_node_integer(const struct dext_node *n)
{
    return (int64_t)n->integer;
}

const struct dext_node *dext_node_child(const struct dext_node *n)
{
    return n->child;
}

const struct dext_node *dext_node_next(const struct dext_node *n)
{
    return n->next;
}

static const struct dext_node *tree_step(const struct dext_node *n, struct dx_str name)
{
    const struct dext_node *found = NULL;
    size_t i = 0;
    uint64_t index = 0;
    bool minus;
    bool is_index = n->kind == DEXT_ARRAY && dx_parse_integer(name, &index, &minus);
    for (const struct dext_node *c = n->child; c; c = c->next, i++) {
        if (is_index ? i == index : n->kind == DEXT_DICT && dx_str_eq(c->key, name)) {
            found = c;
        }
    }
    return found;
}

const struct dext_node *dext_node_at(const struct dext_node *n, const char *path)
{
    while (n && *path) {
        size_t len = strcspn(path, "/");
        n = tree_step(n, (struct dx_str){path, len});
        path += len + (path[len] == '/');
    }
    return n;
}

struct dext_place dext_node_place(const struct dext_node *n)
{
    return n->at;
}

struct dext_place dext_node_key_place(const struct dext_node *n)
{
    return n->key_at;
}
