#include "project/yaml.h"

#include <string.h>
#include <yaml.h>

#define DEEPEST_YAML 64
/* Anchors make much of little: a file's own nodes, none of which has fewer bytes than one, and as
 * many again from anchors. */
#define STEPS_BESIDE 100000

struct walk {
    yaml_document_t *doc;
    dx_event_fn *fn;
    void *user;
    size_t steps, most;
    bool stopped, too_deep;
};

/* libyaml counts characters, not bytes: places are lines and columns. */
static void yaml_send(struct walk *w, struct dx_event *ev, const yaml_node_t *n)
{
    ev->line = (unsigned)n->start_mark.line + 1;
    ev->column = (unsigned)n->start_mark.column + 1;
    w->stopped = w->stopped || !w->fn(w->user, ev);
}

/* ---- scalars ------------------------------------------------------------------------------ */

static bool yaml_is_one_of(struct dx_str s, const char *const *words)
{
    for (; *words; words++) {
        if (dx_str_is(s, *words)) {
            return true;
        }
    }
    return false;
}

/* Digits with one '.' in them: "10.15". */
static bool is_decimal(struct dx_str s)
{
    size_t dots = 0, digits = 0;
    for (size_t i = s.n && s.p[0] == '-' ? 1 : 0; i < s.n; i++) {
        dots += s.p[i] == '.';
        digits += s.p[i] >= '0' && s.p[i] <= '9';
    }
    return dots == 1 && digits && dots + digits + (s.p[0] == '-') == s.n;
}

/* A number is written back as Swift does: 1.10 becomes 1.1, 25.0 stays. */
static struct dx_str as_real(struct dx_str s)
{
    while (s.n > 2 && s.p[s.n - 1] == '0' && s.p[s.n - 2] != '.') {
        s.n--;
    }
    return s;
}

/* What a scalar without quotes is, by the resolver of YAML 1.1 as Yams has it. */
static void resolve(struct dx_event *ev)
{
    static const char *const yes[] = {"yes",  "Yes", "YES", "true", "True",
                                      "TRUE", "on",  "On",  "ON",   NULL};
    static const char *const no[] = {"no",    "No",  "NO",  "false", "False",
                                     "FALSE", "off", "Off", "OFF",   NULL};
    static const char *const null[] = {"", "~", "null", "Null", "NULL", NULL};
    struct dx_str s = ev->text;
    if (yaml_is_one_of(s, yes) || yaml_is_one_of(s, no)) {
        ev->kind = DEXT_BOOL;
        ev->boolean = yaml_is_one_of(s, yes);
    } else if (yaml_is_one_of(s, null)) {
        ev->text = DX_STR("");
    } else if (is_decimal(s)) {
        ev->text = as_real(s);
        ev->kind = DEXT_REAL;
        (void)dx_parse_real(s, &ev->real);
    } else if (s.p[0] != '+' && dx_parse_integer(s, &ev->integer, &ev->negative)) {
        ev->kind = DEXT_INTEGER;
    }
}

static void yaml_scalar(struct walk *w, const yaml_node_t *n)
{
    struct dx_event ev = {.type = DX_EV_SCALAR, .kind = DEXT_STRING};
    ev.text = (struct dx_str){(const char *)n->data.scalar.value, n->data.scalar.length};
    if (n->data.scalar.style == YAML_PLAIN_SCALAR_STYLE) {
        resolve(&ev);
    }
    yaml_send(w, &ev, n);
}

/* ---- containers ---------------------------------------------------------------------------- */

static void yaml_walk(struct walk *w, const yaml_node_t *n, unsigned depth);

static yaml_node_t *yaml_node(const struct walk *w, int id)
{
    return yaml_document_get_node(w->doc, id);
}

static bool is_merge(const yaml_node_t *key)
{
    return key && key->type == YAML_SCALAR_NODE && key->data.scalar.length == 2 &&
           memcmp(key->data.scalar.value, "<<", 2) == 0;
}

static void pairs(struct walk *w, const yaml_node_t *map, unsigned depth);

/* What "<<" brings comes first, so that the mapping's own keys come over it. */
static void merges(struct walk *w, const yaml_node_t *value, unsigned depth)
{
    if (!value || depth > DEEPEST_YAML || ++w->steps > w->most) {
        w->too_deep = w->stopped = w->stopped || value != NULL;
    } else if (value->type == YAML_MAPPING_NODE) {
        pairs(w, value, depth);
    } else if (value->type == YAML_SEQUENCE_NODE) {
        const yaml_node_item_t *from = value->data.sequence.items.start;
        for (const yaml_node_item_t *i = value->data.sequence.items.top; i > from && !w->stopped;) {
            merges(w, yaml_node(w, *--i),
                   depth + 1); /* the first of several comes over the others */
        }
    }
}

static void pairs(struct walk *w, const yaml_node_t *map, unsigned depth)
{
    const yaml_node_pair_t *from = map->data.mapping.pairs.start, *to = map->data.mapping.pairs.top;
    for (const yaml_node_pair_t *p = from; p < to && !w->stopped; p++) {
        if (is_merge(yaml_node(w, p->key))) {
            merges(w, yaml_node(w, p->value), depth + 1);
        }
    }
    for (const yaml_node_pair_t *p = from; p < to && !w->stopped; p++) {
        const yaml_node_t *key = yaml_node(w, p->key), *value = yaml_node(w, p->value);
        if (key && value && key->type == YAML_SCALAR_NODE && !is_merge(key)) {
            struct dx_event ev = {.type = DX_EV_KEY};
            ev.text =
                (struct dx_str){(const char *)key->data.scalar.value, key->data.scalar.length};
            yaml_send(w, &ev, key);
            yaml_walk(w, value, depth + 1);
        }
    }
}

static void yaml_container(struct walk *w, const yaml_node_t *n, unsigned depth)
{
    bool map = n->type == YAML_MAPPING_NODE;
    struct dx_event ev = {.type = map ? DX_EV_DICT : DX_EV_ARRAY,
                          .kind = map ? DEXT_DICT : DEXT_ARRAY};
    yaml_send(w, &ev, n);
    if (map) {
        pairs(w, n, depth);
    } else {
        const yaml_node_item_t *top = n->data.sequence.items.top;
        for (const yaml_node_item_t *i = n->data.sequence.items.start; i < top && !w->stopped;
             i++) {
            const yaml_node_t *item = yaml_node(w, *i);
            if (item) {
                yaml_walk(w, item, depth + 1);
            }
        }
    }
    struct dx_event end = {.type = DX_EV_END};
    yaml_send(w, &end, n);
}

static void yaml_walk(struct walk *w, const yaml_node_t *n, unsigned depth)
{
    if (w->stopped) {
        return;
    }
    if (n->type == YAML_MAPPING_NODE || n->type == YAML_SEQUENCE_NODE) {
        if (depth <= DEEPEST_YAML && ++w->steps <= w->most) {
            yaml_container(w, n, depth);
            return;
        }
        w->too_deep = w->stopped = true; /* an anchor may hold itself */
        return;
    }
    if (++w->steps > w->most) {
        w->too_deep = w->stopped = true;
        return;
    }
    yaml_scalar(w, n);
}

int dx_yaml_read(struct dext_ctx *ctx, const struct dx_source *src, dx_event_fn *fn, void *user)
{
    yaml_parser_t parser;
    yaml_document_t doc;
    if (!yaml_parser_initialize(&parser)) {
        return dx_fail(ctx, DEXT_E_FORMAT, "%s: cannot be read", src->path);
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)src->data, src->size);
    int rc = DEXT_OK;
    if (!yaml_parser_load(&parser, &doc)) {
        rc = dx_fail(ctx, DEXT_E_FORMAT, "%s:%zu:%zu: %s", src->path, parser.problem_mark.line + 1,
                     parser.problem_mark.column + 1, parser.problem ? parser.problem : "no YAML");
    } else {
        struct walk w = {.doc = &doc, .fn = fn, .user = user, .most = STEPS_BESIDE + 2 * src->size};
        const yaml_node_t *root = yaml_document_get_root_node(&doc);
        if (root) {
            yaml_walk(&w, root, 0);
        }
        if (w.too_deep) {
            rc = dx_fail(ctx, DEXT_E_LIMIT,
                         "%s: nested deeper, or more of it by anchors, than is read", src->path);
        }
        yaml_document_delete(&doc);
    }
    yaml_parser_delete(&parser);
    return rc;
}
