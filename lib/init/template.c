/* The language of the templates in lib/data/init:
 *
 *     @NAME@            a value; capitals, digits and underscores. A value of several lines repeats
 * what stands before it on its line (white space, or the beginning of a comment); a line that is an
 * empty value and nothing else is left out
 *     @if WORD or not WORD@, @else@, @end@
 *                       alone on their lines, nested at most eight deep
 *
 * Everything else is text, a lone @ as well. */
#include <string.h>

#include "init/init.h"

#define DEEPEST 8
#define LARGEST ((size_t)1 << 20)

struct fill {
    const struct dx_template *t;
    const char *where; /* for messages: which template */
    struct dx_buf out;
    bool live[DEEPEST + 1]; /* [depth]: lines are taken */
    bool done[DEEPEST + 1]; /* [depth]: a branch was taken */
    unsigned depth;
};

void dx_template_set(struct dx_template *t, const char *name, const char *value)
{
    size_t i = 0;
    while (i < t->value_count && strcmp(t->values[i].name, name) != 0) {
        i++;
    }
    if (i < DX_TEMPLATE_MOST) {
        t->values[i].name = name;
        t->values[i].value = value;
        t->value_count += i == t->value_count;
    }
}

void dx_template_word(struct dx_template *t, const char *word)
{
    if (t->word_count < DX_TEMPLATE_MOST) {
        t->words[t->word_count++] = word;
    }
}

/* ---- conditions ----------------------------------------------------------------------------- */

static bool template_has_word(const struct dx_template *t, struct dx_str word)
{
    for (size_t i = 0; i < t->word_count; i++) {
        if (dx_str_is(word, t->words[i])) {
            return true;
        }
    }
    return false;
}

static bool template_holds(const struct dx_template *t, struct dx_str text)
{
    bool any = false, all = true, not = false, empty = true;
    while (text.n) {
        const char *space = memchr(text.p, ' ', text.n);
        struct dx_str word = {text.p, space ? (size_t)(space - text.p) : text.n};
        text.p += word.n + (space != NULL);
        text.n -= word.n + (space != NULL);
        if (dx_str_is(word, "or")) {
            any |= all;
            all = true;
        } else if (dx_str_is(word, "not")) {
            not = true;
        } else if (word.n && !dx_str_is(word, "and")) {
            all &= template_has_word(t, word) != not ;
            not = false;
            empty = false;
        }
    }
    return empty || any || all;
}

bool dx_template_holds(const struct dx_template *t, const char *condition)
{
    return template_holds(t, dx_str(condition));
}

/* ---- lines ---------------------------------------------------------------------------------- */

static const char *template_value(const struct fill *f, const char *name, size_t n)
{
    for (size_t i = 0; i < f->t->value_count; i++) {
        const char *have = f->t->values[i].name;
        if (strlen(have) == n && memcmp(have, name, n) == 0) {
            return f->t->values[i].value;
        }
    }
    return NULL;
}

/* Length of the name of the placeholder that begins at p ("@"), or 0. */
static size_t placeholder(const char *p, size_t n)
{
    size_t i = 1;
    while (i < n && ((p[i] >= 'A' && p[i] <= 'Z') || (p[i] >= '0' && p[i] <= '9') || p[i] == '_')) {
        i++;
    }
    return i > 1 && i < n && p[i] == '@' ? i - 1 : 0;
}

/* What further lines of a value begin with: the line's beginning where that is white space or a
 * comment's. */
static size_t repeated(const char *line, size_t n)
{
    size_t i = 0;
    while (i < n && strchr(" \t/#*", line[i])) {
        i++;
    }
    return i == n ? n : 0;
}

static void put_value(struct fill *f, const char *value, const char *line, size_t before)
{
    size_t again = repeated(line, before);
    for (const char *p = value;;) {
        size_t n = strcspn(p, "\n");
        dx_buf_add(&f->out, p, n);
        if (!p[n] || !p[n + 1]) {
            return;
        }
        dx_buf_add(&f->out, "\n", 1);
        p += n + 1;
        if (*p != '\n') {
            dx_buf_add(&f->out, line, again);
        }
    }
}

static int put_line(struct fill *f, const char *line, size_t n)
{
    size_t start = f->out.n, values = 0;
    bool filled = false;
    for (size_t i = 0; i < n;) {
        size_t name = line[i] == '@' ? placeholder(line + i, n - i) : 0;
        if (!name) {
            filled |= line[i] != ' ' && line[i] != '\t';
            dx_buf_add(&f->out, line + i, 1);
            i++;
            continue;
        }
        const char *value = template_value(f, line + i + 1, name);
        if (!value) {
            return dx_fail(f->t->ctx, DEXT_E_FORMAT, "%s: no value @%.*s@", f->where, (int)name,
                           line + i + 1);
        }
        put_value(f, value, line, i);
        filled |= *value != 0;
        values++;
        i += name + 2;
    }
    if (values && !filled) {
        f->out.n = start;
        f->out.p[start] = 0;
    } else {
        dx_buf_add(&f->out, "\n", 1);
    }
    return DEXT_OK;
}

static int template_command(struct fill *f, struct dx_str line, bool *was)
{
    *was = true;
    if (dx_str_has_prefix(line, "@if ") && line.p[line.n - 1] == '@') {
        if (f->depth == DEEPEST) {
            return dx_fail(f->t->ctx, DEXT_E_FORMAT, "%s: @if@ too deep", f->where);
        }
        struct dx_str condition = {line.p + 4, line.n - 5};
        bool outer = f->live[f->depth++];
        f->done[f->depth] = template_holds(f->t, condition);
        f->live[f->depth] = outer && f->done[f->depth];
        return DEXT_OK;
    }
    bool other = dx_str_is(line, "@else@");
    if (!other && !dx_str_is(line, "@end@")) {
        *was = false;
        return DEXT_OK;
    }
    if (!f->depth) {
        return dx_fail(f->t->ctx, DEXT_E_FORMAT, "%s: %.*s without @if@", f->where, (int)line.n,
                       line.p);
    }
    if (other) {
        f->live[f->depth] = f->live[f->depth - 1] && !f->done[f->depth];
    } else {
        f->depth--;
    }
    return DEXT_OK;
}

const char *dx_template_fill(const struct dx_template *t, const char *where, const char *text)
{
    struct fill f = {.t = t, .where = where, .live = {true}};
    dx_buf_init(&f.out, &t->ctx->arena, LARGEST);
    dx_buf_add(&f.out, "", 0);
    for (const char *p = text; *p;) {
        size_t n = strcspn(p, "\n");
        bool was;
        int rc = template_command(&f, dx_str_trim((struct dx_str){p, n}), &was);
        if (rc == DEXT_OK && !was && f.live[f.depth]) {
            rc = put_line(&f, p, n);
        }
        if (rc != DEXT_OK) {
            return NULL;
        }
        p += n + (p[n] == '\n');
    }
    if (f.depth || f.out.toobig) {
        (void)dx_fail(t->ctx, DEXT_E_FORMAT, "%s: %s", where,
                      f.depth ? "an @if@ has no @end@" : "too long");
        return NULL;
    }
    return f.out.n ? f.out.p : "";
}
