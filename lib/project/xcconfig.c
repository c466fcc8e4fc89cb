/* .xcconfig files, as swift-build takes them (MacroConfigFileParser.swift, MacroConfigFileLoader):
 * lines of "NAME[condition] = value", #include "file", #include? "file", comments from "//" to the
 * end of the line. Later lines come over earlier ones; an included file stands in the place of its
 * line. Lines that are no such thing are passed over, as the build does after telling. */
#include <string.h>

#include "project/read.h"

#define DEEPEST_INCLUDE 16
#define LONGEST_FILE ((size_t)1 << 20)

struct parser {
    struct dx_reading *r;
    struct dx_level *level;
    const struct dx_doc *doc;
    struct dx_str text; /* the file */
    size_t at;
    const struct parser *up; /* the file that includes this one */
    unsigned depth;
};

static bool xcconfig_is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\v' || c == '\f';
}

static bool is_end(const struct parser *p)
{
    return p->at >= p->text.n || p->text.p[p->at] == '\n' || p->text.p[p->at] == '\r';
}

static bool is_comment(const struct parser *p)
{
    return p->at + 1 < p->text.n && p->text.p[p->at] == '/' && p->text.p[p->at + 1] == '/';
}

static void skip_line(struct parser *p)
{
    while (!is_end(p)) {
        p->at++;
    }
}

static void skip_blank(struct parser *p)
{
    while (!is_end(p) && xcconfig_is_blank(p->text.p[p->at])) {
        p->at++;
    }
    if (is_comment(p)) {
        skip_line(p);
    }
}

static bool is_name_char(char c, bool first)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (!first && c >= '0' && c <= '9');
}

/* ---- files -------------------------------------------------------------------------------- */

static struct dx_doc *xcconfig_load(struct dx_reading *r, const char *path)
{
    struct dext_ctx *ctx = r->ctx;
    for (size_t i = 0; i < r->file_count; i++) {
        if (strcmp(r->files[i].path, path) == 0) {
            return r->files[i].doc;
        }
    }
    struct dx_config_file *f = DX_PUSH(&ctx->arena, r->files, r->file_count, r->file_cap);
    *f = (struct dx_config_file){path, NULL};
    struct dx_source src;
    if (dx_source_if_there(&src, ctx, path, LONGEST_FILE)) {
        struct dx_doc *doc = dx_alloc(&ctx->arena, sizeof *doc);
        doc->path = path;
        doc->kind = DX_DOC_PROJECT;
        doc->why_kind = "build settings";
        doc->pl = dx_alloc(&ctx->arena, sizeof *doc->pl);
        doc->pl->src = src;
        doc->pl->format = DEXT_PLIST_OPENSTEP;
        dx_lines_init(&doc->pl->lines, &ctx->arena, src.data, src.size);
        f->doc = doc;
    }
    dext_ctx_clear(ctx);
    return f->doc;
}

static void xcconfig_parse(struct parser *p);

static void parse_file(struct dx_reading *r, struct dx_level *l, const struct dx_doc *doc,
                       const struct parser *up)
{
    struct parser p = {r, l, doc, {doc->pl->src.data, doc->pl->src.size}, 0, up, 0};
    p.depth = up ? up->depth + 1 : 0;
    if (dx_str_has_prefix(p.text, "\xef\xbb\xbf")) {
        p.at = 3;
    }
    if (dx_afford(r, p.text.n / 64)) {
        xcconfig_parse(&p);
    }
}

/* Beside the file that includes it, then beside those above; .xcconfig may be left out. */
static const char *included_path(const struct parser *p, const char *name)
{
    struct dext_ctx *ctx = p->r->ctx;
    const char *dot = strrchr(dx_path_name(name), '.');
    for (const struct parser *q = p; q; q = q->up) {
        const char *folder = dx_path_folder(ctx, q->doc->path);
        const char *path = name[0] == '/' ? name : dx_path_join(ctx, folder, name);
        if (!dx_is_file(ctx, path) && !dot) {
            path = dx_sprintf(&ctx->arena, "%s.xcconfig", path);
        }
        if (dx_is_named_file(ctx, path)) {
            return path;
        }
    }
    return NULL;
}

static bool is_open(const struct parser *p, const struct dx_doc *doc)
{
    for (; p; p = p->up) {
        if (p->doc == doc) {
            return true;
        }
    }
    return false;
}

static void xcconfig_include(struct parser *p, struct dx_str name, bool optional)
{
    const char *path =
        included_path(p, dx_strndup(&p->r->ctx->arena, name.p, name.n)); /* <DEVELOPER_DIR>: no */
    const struct dx_doc *doc = path && p->depth < DEEPEST_INCLUDE && dx_afford(p->r, 1000)
                                   ? xcconfig_load(p->r, path)
                                   : NULL;
    if (doc && !is_open(p, doc)) {
        parse_file(p->r, p->level, doc, p);
    } else if (!doc && (path || !optional)) {
        dx_level_unknown(p->r, p->level);
    }
}

/* ---- lines -------------------------------------------------------------------------------- */

static void directive(struct parser *p)
{
    p->at++;
    skip_blank(p);
    size_t from = p->at;
    while (!is_end(p) && !xcconfig_is_blank(p->text.p[p->at]) && p->text.p[p->at] != '"') {
        p->at++;
    }
    struct dx_str word = {p->text.p + from, p->at - from};
    bool optional = dx_str_is(word, "include?");
    skip_blank(p);
    if ((optional || dx_str_is(word, "include")) && !is_end(p) && p->text.p[p->at] == '"') {
        from = ++p->at;
        while (!is_end(p) && p->text.p[p->at] != '"') {
            p->at++;
        }
        if (!is_end(p)) {
            xcconfig_include(p, (struct dx_str){p->text.p + from, p->at - from}, optional);
        }
    }
    skip_line(p);
}

/* One line of a value: up to a comment, without white space around it and a ';' behind it. */
static struct dx_str xcconfig_value_line(struct parser *p)
{
    skip_blank(p);
    size_t from = p->at;
    while (!is_end(p) && !is_comment(p)) {
        p->at++;
    }
    struct dx_str v = dx_str_trim((struct dx_str){p->text.p + from, p->at - from});
    skip_line(p);
    if (v.n && v.p[v.n - 1] == ';') {
        v.n--;
        v = dx_str_trim(v);
    }
    return v;
}

/* A '\' at the end of a line goes on with the next one. */
static struct dx_str xcconfig_value(struct parser *p)
{
    struct dx_str v = xcconfig_value_line(p);
    if (!v.n || v.p[v.n - 1] != '\\') {
        return v;
    }
    struct dx_buf b;
    dx_buf_init(&b, &p->r->ctx->arena, DX_LONGEST_SETTING);
    while (v.n && v.p[v.n - 1] == '\\') {
        struct dx_str part = dx_str_trim((struct dx_str){v.p, v.n - 1});
        dx_buf_puts(&b, b.n && part.n ? " " : "");
        dx_buf_add(&b, part.p, part.n);
        if (p->at < p->text.n) {
            p->at += p->text.p[p->at] == '\r' && p->text.p[p->at + 1] == '\n' ? 2 : 1;
        }
        v = xcconfig_value_line(p);
    }
    dx_buf_puts(&b, b.n && v.n ? " " : "");
    dx_buf_add(&b, v.p, v.n);
    const struct dx_str unknown = {0};
    return b.toobig ? unknown : dx_buf_str(&b);
}

/* The conditions behind a name, without white space between them; false: no assignment. */
static bool conditions(struct parser *p, struct dx_buf *key)
{
    skip_blank(p);
    while (!is_end(p) && p->text.p[p->at] == '[') {
        size_t from = p->at;
        while (!is_end(p) && p->text.p[p->at] != ']') {
            p->at++;
        }
        if (is_end(p)) {
            return false;
        }
        p->at++;
        dx_buf_add(key, p->text.p + from, p->at - from);
        skip_blank(p);
    }
    return !is_end(p) && p->text.p[p->at] == '=';
}

static void assignment(struct parser *p)
{
    struct dx_buf key;
    size_t from = p->at;
    dx_buf_init(&key, &p->r->ctx->arena, DX_LONGEST_SETTING);
    while (!is_end(p) && is_name_char(p->text.p[p->at], p->at == from)) {
        p->at++;
    }
    size_t length = p->at - from;
    dx_buf_add(&key, p->text.p + from, length);
    if (length && conditions(p, &key) && !key.toobig) {
        struct dext_place at = {0, 0, from, length};
        dx_lines_at(&p->doc->pl->lines, from, &at.line, &at.column);
        p->at++;
        struct dx_str v = xcconfig_value(p);
        dx_level_add(p->r, p->level, dx_buf_str(&key), v, (struct dx_origin){p->doc, at});
    }
    skip_line(p);
}

static void xcconfig_parse(struct parser *p)
{
    while (p->at < p->text.n && dx_afford(p->r, 0)) {
        skip_blank(p);
        if (!is_end(p)) {
            if (p->text.p[p->at] == '#') {
                directive(p);
            } else {
                assignment(p);
            }
        }
        if (p->at < p->text.n) {
            p->at++;
        }
    }
}

void dx_xcconfig_parse(struct dx_reading *r, struct dx_level *l, const struct dx_doc *doc)
{
    parse_file(r, l, doc, NULL);
}

void dx_xcconfig_add(struct dx_reading *r, struct dx_level *l, const char *path)
{
    const struct dx_doc *doc = xcconfig_load(r, path);
    if (doc) {
        parse_file(r, l, doc, NULL);
    } else {
        dx_level_unknown(r, l);
    }
}
