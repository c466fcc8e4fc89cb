/* The methods of a family (lib/data/init/methods.rec) as text for the class and for its code. */
#include <string.h>

#include "init/init.h"

#define WIDTH 100
#define LARGEST ((size_t)1 << 20)

static const char *method_name(const struct kb_init_method *m)
{
    const char *id = kb_s(m->method), *dot = strrchr(id, '.');
    return dot ? dot + 1 : id;
}

/* The text as lines of a comment. */
static void put_comment(struct dx_buf *b, const char *text)
{
    size_t column = 0;
    while (*text) {
        size_t n = strcspn(text, " ");
        if (column && column + 1 + n > WIDTH) {
            dx_buf_puts(b, "\n");
            column = 0;
        }
        dx_buf_puts(b, column ? " " : "// ");
        column += column ? 1 : 3;
        dx_buf_add(b, text, n);
        column += n;
        text += n + (text[n] == ' ');
    }
    dx_buf_puts(b, "\n");
}

/* What stands between the parentheses: lines break behind commas, white space is one space. column:
 * where the first parameter begins; rest: how much follows on the last line. */
static void put_parameters(struct dx_buf *b, size_t column, const char *text, size_t rest)
{
    for (bool first = true; *text; first = false) {
        while (*text == ' ' || *text == '\n') {
            text++;
        }
        size_t end = strcspn(text, ","), last = text[end] ? 1 : rest, width = 0;
        struct dx_buf one;
        dx_buf_init(&one, b->arena, 1 << 12);
        for (size_t i = 0; i < end; i++) {
            bool space = text[i] == ' ' || text[i] == '\n';
            if (!space || (width && one.p[width - 1] != ' ')) {
                dx_buf_add(&one, space ? " " : &text[i], 1);
                width++;
            }
        }
        bool wrap = column + 1 + width + last > WIDTH - 4;
        dx_buf_puts(b, wrap ? "\n        " : first ? "" : " ");
        dx_buf_add(b, one.p, width);
        dx_buf_puts(b, text[end] ? "," : "");
        column = (wrap ? 8 : column + !first) + width + 1;
        text += end + (text[end] != 0);
    }
}

/* "virtual R NAME(P) SUFFIX;"; a plain helper of our own is no virtual method. */
static void put_declaration(struct dx_buf *b, const struct kb_init_method *m)
{
    const char *returns = kb_s(m->returns), *suffix = kb_s(m->suffix);
    bool own = strcmp(suffix, "LOCALONLY") == 0, star = returns[strlen(returns) - 1] == '*';
    size_t from = b->n;
    dx_buf_printf(b, "%s%s%s%s(", own ? "" : "virtual ", returns, star ? "" : " ", method_name(m));
    put_parameters(b, b->n - from, kb_s(m->parameters), strlen(suffix) + 3);
    dx_buf_printf(b, ") %s;\n", suffix);
}

static int put_definition(struct dx_buf *b, const struct dx_template *t,
                          const struct kb_init_method *m)
{
    const char *id = kb_s(m->method), *body = dx_template_fill(t, id, kb_s(m->body));
    const char *what = dx_template_fill(t, id, kb_s(m->what));
    if (!body || !what) {
        return DEXT_E_FORMAT;
    }
    dx_buf_puts(b, "\n");
    put_comment(b, dx_strndup(&t->ctx->arena, what, strlen(what) - 1));
    if (m->kind == KB_INIT_METHOD_KIND_DISPATCHED) {
        dx_buf_printf(b, "%s\nIMPL(@CLASS@, %s)\n", kb_s(m->returns), method_name(m));
    } else {
        dx_buf_printf(b, "%s\n", kb_s(m->returns));
        size_t from = b->n;
        dx_buf_printf(b, "@CLASS@::%s(", method_name(m));
        put_parameters(b, b->n - from + 16, kb_s(m->parameters), 1);
        dx_buf_puts(b, ")\n");
    }
    dx_buf_printf(b, "{\n%s}\n", body);
    return DEXT_OK;
}

int dx_init_methods(struct dx_template *t, const char *family)
{
    struct dx_buf declared, defined;
    dx_buf_init(&declared, &t->ctx->arena, LARGEST);
    dx_buf_init(&defined, &t->ctx->arena, LARGEST);
    dx_buf_add(&declared, "", 0);
    dx_buf_add(&defined, "", 0);
    for (size_t i = 0; i < kb_init_method_count; i++) {
        const struct kb_init_method *m = &kb_init_method_rows[i];
        if (!dx_kb_list_has(m->family, dx_str(family)) || !dx_template_holds(t, kb_s(m->when))) {
            continue;
        }
        put_declaration(&declared, m);
        int rc = put_definition(&defined, t, m);
        if (rc != DEXT_OK) {
            return rc;
        }
    }
    const char *code = dx_template_fill(t, "methods.rec", defined.n ? defined.p : "");
    dx_template_set(t, "DECLARATIONS", declared.n ? declared.p : "");
    if (declared.n) {
        dx_template_word(t, "methods");
    }
    dx_template_set(t, "DEFINITIONS", code ? code : "");
    return code ? DEXT_OK : DEXT_E_FORMAT;
}
