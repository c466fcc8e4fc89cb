#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "rules/code.h"
#include "rules/engine.h"

struct dx_target dx_at(const struct dext_node *n)
{
    return (struct dx_target){.node = n};
}

struct dx_target dx_at_key(const struct dext_node *n)
{
    if (!n || !n->in_dict) {
        return dx_at(n);
    }
    return dx_at_place(n, n->key_at);
}

struct dx_target dx_at_place(const struct dext_node *n, struct dext_place at)
{
    return (struct dx_target){.node = n, .at = at, .own_place = true};
}

static const char *source_line(struct dx_check *c, const struct dx_doc *doc, unsigned line)
{
    const struct dx_lines *l = doc ? &doc->pl->lines : NULL;
    if (!l || line == 0 || line > l->count) {
        return NULL;
    }
    size_t from = l->starts[line - 1];
    size_t to = line < l->count ? l->starts[line] : l->size;
    while (to > from && (l->data[to - 1] == '\n' || l->data[to - 1] == '\r')) {
        to--;
    }
    if (from == 0 && to >= 3 && memcmp(l->data, "\xef\xbb\xbf", 3) == 0) {
        from = 3;
    }
    if (to - from > 400) {
        return NULL; /* a machine wrote that line; nobody reads it */
    }
    return dx_strndup(&c->ctx->arena, l->data + from, to - from);
}

/* Edits of the same finding in another personality. */
static void add_edits(struct dx_check *c, struct dx_finding *to, const struct dx_finding *from)
{
    struct dext_edit *list = (struct dext_edit *)to->pub.edits;
    for (size_t i = 0; i < from->pub.edit_count; i++) {
        *DX_PUSH(&c->ctx->arena, list, to->pub.edit_count, to->edit_cap) = from->pub.edits[i];
    }
    to->pub.edits = list;
}

static bool find_same_words(const struct dx_finding *a, const struct dx_finding *b)
{
    return a->pub.rule == b->pub.rule && a->pub.severity == b->pub.severity && a->doc == b->doc &&
           strcmp(a->pub.message, b->pub.message) == 0;
}

static void find_hold(struct dx_check *c, struct dx_finding *f)
{
    struct dx_finding **at = &c->repeated;
    while (*at && !find_same_words(*at, f)) {
        at = &(*at)->next;
    }
    if (*at) {
        (*at)->more++;
        add_edits(c, *at, f);
    } else {
        *at = f;
    }
}

void dx_flush(struct dx_check *c)
{
    struct dx_finding *f = c->last;
    c->last = NULL;
    if (f && f->repeats && !dx_suppressed(f)) {
        find_hold(c, f);
    } else if (f) {
        c->emit(c->user, f);
    }
}

/* What a project decides is told where it does. */
static void decided_elsewhere(struct dx_check *c, struct dx_finding *f, const struct dext_node *n)
{
    struct dx_origin from = c->doc && n ? dx_origin_of(c->doc, n) : (struct dx_origin){0};
    if (from.doc && from.doc != c->doc) {
        f->doc = from.doc;
        f->pub.file = from.doc->path;
        f->pub.at = from.at;
        f->pub.line = source_line(c, from.doc, from.at.line);
        f->key_line = from.at.line;
    }
}

void dx_flush_repeated(struct dx_check *c)
{
    dx_flush(c);
    for (struct dx_finding *f = c->repeated; f; f = f->next) {
        if (f->more) {
            f->pub.message = dx_sprintf(&c->ctx->arena, "%s (and in %zu more place%s)",
                                        f->pub.message, f->more, f->more == 1 ? "" : "s");
        }
        c->emit(c->user, f);
    }
    c->repeated = NULL;
}

void dx_repeats(struct dx_check *c)
{
    c->last->repeats = true;
}

void dx_find(struct dx_check *c, enum dx_rule_index rule, struct dx_target at, const char *fmt, ...)
{
    dx_flush(c);
    struct dx_arena *a = &c->ctx->arena;
    struct dx_finding *f = dx_alloc(a, sizeof *f);
    char message[1024];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(message, sizeof message, fmt, ap);
    va_end(ap);
    const struct dext_rule *r = dext_rule_at(rule);
    f->doc = c->doc;
    f->pub.rule = r;
    f->pub.severity = dext_rule_severity(r);
    f->pub.file = c->doc ? c->doc->path : c->unit->bundle ? c->unit->bundle->path : "";
    f->pub.message = dx_strdup(a, message);
    f->pub.why = dext_rule_why(r);
    f->pub.fix = dext_rule_fix(r);
    f->pub.path = at.node ? dx_node_path(a, at.node) : "";
    f->pub.at = at.own_place ? at.at : at.node ? at.node->at : (struct dext_place){0};
    f->pub.line = source_line(c, c->doc, f->pub.at.line);
    f->key_line = at.node && at.node->in_dict ? at.node->key_at.line : f->pub.at.line;
    decided_elsewhere(c, f, at.node);
    if (c->doc && c->doc->embedded) {
        f->pub.at = (struct dext_place){0};
        f->pub.line = NULL;
    }
    c->last = f;
}

void dx_find_at(struct dx_check *c, enum dx_rule_index rule, struct dx_origin at, const char *fmt,
                ...)
{
    const struct dx_doc *doc = c->doc;
    char message[1024];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(message, sizeof message, fmt, ap);
    va_end(ap);
    dx_flush(c);
    c->doc = at.doc;
    dx_find(c, rule, dx_at_place(NULL, at.at), "%s", message);
    c->doc = doc;
}

void dx_find_in(struct dx_check *c, enum dx_rule_index rule, const char *file, const char *path,
                const char *fmt, ...)
{
    const struct dx_doc *doc = c->doc;
    char message[1024];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(message, sizeof message, fmt, ap);
    va_end(ap);
    dx_flush(c);
    c->doc = NULL;
    dx_find(c, rule, dx_at(NULL), "%s", message);
    c->last->pub.file = file;
    c->last->pub.path = path;
    c->doc = doc;
}

static const char *find_format(struct dx_check *c, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static const char *find_format(struct dx_check *c, const char *fmt, va_list ap)
{
    char text[2048];
    (void)vsnprintf(text, sizeof text, fmt, ap);
    return dx_strdup(&c->ctx->arena, text);
}

void dx_why(struct dx_check *c, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    c->last->pub.why = find_format(c, fmt, ap);
    va_end(ap);
}

void dx_fix(struct dx_check *c, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    c->last->pub.fix = find_format(c, fmt, ap);
    va_end(ap);
}

void dx_severity(struct dx_check *c, enum dext_severity s)
{
    c->last->pub.severity = s;
}

void dx_edit(struct dx_check *c, size_t offset, size_t length, const char *text)
{
    struct dx_finding *f = c->last;
    struct dext_edit *list = (struct dext_edit *)f->pub.edits;
    struct dext_edit *e = DX_PUSH(&c->ctx->arena, list, f->pub.edit_count, f->edit_cap);
    *e = (struct dext_edit){offset, length, dx_strdup(&c->ctx->arena, text)};
    f->pub.edits = list;
}

/* A value that the build makes is not the file's to change. */
static bool find_is_own(const struct dx_check *c, const struct dext_node *n)
{
    return c->doc && !dx_is_made(c->doc, n) && c->last->doc == c->doc;
}

static bool editable(const struct dx_check *c, struct dext_place at)
{
    const struct dext_plist *pl = c->doc ? c->doc->pl : NULL;
    return at.length && pl && pl->format == DEXT_PLIST_XML && !pl->stopped && !pl->broken;
}

void dx_edit_replace_element(struct dx_check *c, const struct dext_node *n, const char *text)
{
    if (find_is_own(c, n) && editable(c, n->at)) {
        dx_edit(c, n->at.offset, n->at.length, text);
    }
}

static const char *escaped(struct dx_check *c, const char *text)
{
    struct dx_buf b;
    dx_buf_init(&b, &c->ctx->arena, (size_t)1 << 20);
    for (; *text; text++) {
        switch (*text) {
        case '&':
            dx_buf_puts(&b, "&amp;");
            break;
        case '<':
            dx_buf_puts(&b, "&lt;");
            break;
        case '>':
            dx_buf_puts(&b, "&gt;");
            break;
        default:
            dx_buf_add(&b, text, 1);
            break;
        }
    }
    return b.p ? b.p : "";
}

/* What stands between the first '>' and the last '<' of an element; false for <x/>. */
static bool find_inside(const struct dx_check *c, struct dext_place at, size_t *from, size_t *to)
{
    const char *p = c->doc->pl->src.data + at.offset;
    const char *open = memchr(p, '>', at.length);
    const char *close = dx_memrchr(p, '<', at.length);
    if (!open || !close || close <= open) {
        return false;
    }
    *from = at.offset + (size_t)(open - p) + 1;
    *to = at.offset + (size_t)(close - p);
    return true;
}

static void replace_inside(struct dx_check *c, struct dext_place at, const char *text)
{
    size_t from, to;
    if (editable(c, at) && find_inside(c, at, &from, &to)) {
        dx_edit(c, from, to - from, escaped(c, text));
    }
}

void dx_edit_replace_text(struct dx_check *c, const struct dext_node *n, const char *text)
{
    if (find_is_own(c, n)) {
        replace_inside(c, n->at, text);
    }
}

void dx_edit_replace_key(struct dx_check *c, const struct dext_node *n, const char *key)
{
    if (c->last->doc == c->doc) {
        replace_inside(c, n->key_at, key);
    }
}

void dx_edit_remove_entry(struct dx_check *c, const struct dext_node *n)
{
    if (c->last->doc != c->doc || !editable(c, n->at) || !n->key_at.length) {
        return;
    }
    const char *data = c->doc->pl->src.data;
    size_t from = n->key_at.offset, to = n->at.offset + n->at.length;
    /* Indentation before it and the line end after it go too, so that no empty line stays. */
    while (from && (data[from - 1] == ' ' || data[from - 1] == '\t')) {
        from--;
    }
    bool own_line = from == 0 || data[from - 1] == '\n' || data[from - 1] == '\r';
    bool line_ends = data[to] == '\n' || data[to] == '\r';
    if (own_line && line_ends) {
        to += data[to] == '\r' && data[to + 1] == '\n' ? 2 : 1;
    } else {
        from = n->key_at.offset;
    }
    dx_edit(c, from, to - from, "");
}

void dx_edit_add_string(struct dx_check *c, const struct dext_node *n, const char *key,
                        const char *value)
{
    if (!editable(c, n->at) || !n->key_at.length) {
        return;
    }
    const char *data = c->doc->pl->src.data;
    size_t at = n->key_at.offset, from = at;
    while (from && (data[from - 1] == ' ' || data[from - 1] == '\t')) {
        from--;
    }
    if (from == 0 || data[from - 1] != '\n') {
        return;
    }
    const char *line_end = from > 1 && data[from - 2] == '\r' ? "\r\n" : "\n";
    int indent = (int)(at - from);
    dx_edit(c, from, 0,
            dx_sprintf(&c->ctx->arena, "%.*s<key>%s</key>%s%.*s<string>%s</string>%s", indent,
                       data + from, key, line_end, indent, data + from, escaped(c, value),
                       line_end));
}
