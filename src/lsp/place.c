#include "lsp/place.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* ---- XML --------------------------------------------------------------------------------------
 */

struct place_frame {
    bool dict;
    bool keyed; /* a key was read, its value was not */
    char key[LSP_LONGEST_KEY];
};

struct place_reader {
    struct lsp_place *out;
    const char *text;
    size_t size, offset;
    struct place_frame frames[LSP_DEEPEST];
    size_t depth, lost; /* lost: frames deeper than we keep */
};

/* Copies a key's text with the five entities as characters. */
static void place_copy_key(char *out, const char *p, size_t n)
{
    static const char *const entities[][2] = {
        {"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&apos;", "'"}};
    size_t used = 0;
    while (n && used + 1 < LSP_LONGEST_KEY) {
        size_t step = 1;
        char c = *p;
        for (size_t i = 0; c == '&' && i < sizeof entities / sizeof *entities; i++) {
            size_t len = strlen(entities[i][0]);
            if (len <= n && memcmp(p, entities[i][0], len) == 0) {
                step = len;
                out[used] = entities[i][1][0];
            }
        }
        if (step == 1) {
            out[used] = c;
        }
        used++;
        p += step;
        n -= step;
    }
    out[used] = 0;
}

/* The keys that lead to the innermost frame, and with its own pending key when value. */
static void place_tell(struct place_reader *r, enum lsp_place_kind kind, bool value)
{
    struct lsp_place *out = r->out;
    out->kind = r->lost ? LSP_PLACE_NONE : kind;
    out->depth = 0;
    for (size_t i = 0; i < r->depth; i++) {
        if (i + 1 < r->depth || value) {
            (void)snprintf(out->keys[out->depth++], LSP_LONGEST_KEY, "%s",
                           r->frames[i].dict ? r->frames[i].key : "");
        }
    }
}

static void place_push(struct place_reader *r, bool dict)
{
    if (r->depth == LSP_DEEPEST) {
        r->lost++;
    } else {
        r->frames[r->depth++] = (struct place_frame){.dict = dict};
    }
}

static void place_value_done(struct place_reader *r)
{
    if (r->depth && !r->lost) {
        r->frames[r->depth - 1].keyed = false;
    }
}

static void place_pop(struct place_reader *r)
{
    if (r->lost) {
        r->lost--;
    } else if (r->depth) {
        r->depth--;
        place_value_done(r);
    }
}

/* Past a construct that ends with mark, or the text's end. */
static size_t place_past(const struct place_reader *r, size_t p, const char *mark)
{
    const char *at = memmem(r->text + p, r->size - p, mark, strlen(mark));
    return at ? (size_t)(at - r->text) + strlen(mark) : r->size;
}

/* A key or scalar whose text begins at p. true: the cursor is in it. */
static bool place_scalar(struct place_reader *r, const char *name, size_t *p)
{
    bool key = strcmp(name, "key") == 0;
    size_t from = *p, to = from;
    while (to < r->size && r->text[to] != '<') {
        to++;
    }
    char end[24];
    int n = snprintf(end, sizeof end, "</%s", name);
    bool closed = r->size - to > (size_t)n && memcmp(r->text + to, end, (size_t)n) == 0;
    if (!closed) { /* being written: it does not reach past its line */
        const char *line = memchr(r->text + from, '\n', to - from);
        to = line ? (size_t)(line - r->text) : to;
    }
    if (r->offset >= from && r->offset <= to) {
        place_tell(r, key ? LSP_PLACE_KEY : LSP_PLACE_VALUE, !key);
        r->out->from = from;
        r->out->to = to;
        r->out->closed = closed;
        (void)snprintf(r->out->element, sizeof r->out->element, "%s", name);
        return true;
    }
    if (r->depth && !r->lost && r->frames[r->depth - 1].dict) {
        struct place_frame *f = &r->frames[r->depth - 1];
        f->keyed = key;
        if (key) {
            place_copy_key(f->key, r->text + from, to - from);
        }
    }
    *p = to;
    return false;
}

/* A tag that begins at *p. true: the cursor is in it, or in the text behind it. */
static bool place_tag(struct place_reader *r, size_t *p)
{
    const char *t = r->text + *p;
    size_t left = r->size - *p, start = *p;
    if (left >= 4 && memcmp(t, "<!--", 4) == 0) {
        *p = place_past(r, *p, "-->");
    } else if (left >= 2 && (t[1] == '?' || t[1] == '!')) {
        *p = place_past(r, *p, ">");
    } else {
        char name[16];
        bool end = left > 1 && t[1] == '/';
        size_t at = *p + 1 + end, n = 0;
        while (at + n < r->size && n + 1 < sizeof name && isalnum((unsigned char)r->text[at + n])) {
            name[n] = r->text[at + n];
            n++;
        }
        name[n] = 0;
        *p = place_past(r, *p, ">");
        bool empty = *p >= 2 && r->text[*p - 2] == '/';
        if (r->offset > start && r->offset < *p) {
            return true;
        }
        if (strcmp(name, "dict") == 0 || strcmp(name, "array") == 0) {
            if (end) {
                place_pop(r);
            } else if (empty) {
                place_value_done(r);
            } else {
                place_push(r, name[0] == 'd');
            }
        } else if (!end && !empty && strcmp(name, "plist") != 0) {
            return place_scalar(r, name, p);
        } else if (!end && empty) {
            place_value_done(r);
        }
        return false;
    }
    return r->offset > start && r->offset < *p;
}

void lsp_place_in_plist(struct lsp_place *out, const char *text, size_t size, size_t offset)
{
    *out = (struct lsp_place){.kind = LSP_PLACE_NONE, .from = offset, .to = offset};
    struct place_reader r = {.out = out, .text = text, .size = size, .offset = offset};
    for (size_t p = 0; p < size && p < offset;) {
        if (text[p] != '<') {
            p++;
        } else if (place_tag(&r, &p)) {
            return;
        }
    }
    if (r.depth) {
        const struct place_frame *f = &r.frames[r.depth - 1];
        bool wants_key = f->dict && !f->keyed;
        place_tell(&r, LSP_PLACE_OPEN, !wants_key);
        out->wants_key = wants_key;
    }
}

/* ---- YAML -------------------------------------------------------------------------------------
 */

struct place_line {
    size_t start, end, indent, key, key_end, value;
    bool item, has_key;
};

static struct place_line place_yaml_line(const char *text, size_t size, size_t start)
{
    struct place_line l = {.start = start, .end = start};
    while (l.end < size && text[l.end] != '\n') {
        l.end++;
    }
    size_t p = start;
    while (p < l.end && text[p] == ' ') {
        p++;
    }
    if (p + 1 < l.end && text[p] == '-' && text[p + 1] == ' ') {
        l.item = true;
        p += 2;
        while (p < l.end && text[p] == ' ') {
            p++;
        }
    }
    l.indent = p - start;
    bool quoted = p < l.end && (text[p] == '"' || text[p] == '\'');
    char quote = quoted ? text[p] : 0;
    l.key = p + quoted;
    size_t q = l.key;
    while (q < l.end && (quoted ? text[q] != quote
                                : !(text[q] == ':' && (q + 1 >= l.end || text[q + 1] == ' ')))) {
        q++;
    }
    l.key_end = q;
    q += quoted;
    if (q < l.end && text[q] == ':' && text[p] != '#') {
        l.has_key = true;
        for (l.value = q + 1; l.value < l.end && text[l.value] == ' '; l.value++) {
        }
    }
    return l;
}

static void place_yaml_keys(struct lsp_place *out, const char *text, size_t size, size_t before,
                            size_t indent)
{
    struct {
        size_t indent, from, to;
    } stack[LSP_DEEPEST];
    size_t depth = 0;
    for (size_t p = 0; p < before;) {
        struct place_line l = place_yaml_line(text, size, p);
        if (l.has_key) {
            while (depth && stack[depth - 1].indent >= l.indent) {
                depth--;
            }
            if (depth < LSP_DEEPEST) {
                stack[depth].indent = l.indent;
                stack[depth].from = l.key;
                stack[depth++].to = l.key_end;
            }
        }
        p = l.end + 1;
    }
    while (depth && stack[depth - 1].indent >= indent) {
        depth--;
    }
    for (size_t i = 0; i < depth; i++) {
        place_copy_key(out->keys[i], text + stack[i].from, stack[i].to - stack[i].from);
    }
    out->depth = depth;
}

void lsp_place_in_yaml(struct lsp_place *out, const char *text, size_t size, size_t offset)
{
    *out = (struct lsp_place){.kind = LSP_PLACE_NONE, .yaml = true, .closed = true};
    size_t start = offset < size ? offset : size;
    while (start && text[start - 1] != '\n') {
        start--;
    }
    struct place_line l = place_yaml_line(text, size, start);
    const char *hash = memmem(text + start, offset - start, " #", 2);
    if (hash || (l.indent < l.end - l.start && text[start + l.indent] == '#')) {
        return; /* a comment */
    }
    place_yaml_keys(out, text, size, start, l.indent);
    if (l.has_key && offset >= l.value && offset > l.key_end) {
        out->kind = LSP_PLACE_VALUE;
        if (out->depth < LSP_DEEPEST) {
            place_copy_key(out->keys[out->depth++], text + l.key, l.key_end - l.key);
        }
        out->from = l.value;
        out->to = l.end;
        while (out->to > out->from && isspace((unsigned char)text[out->to - 1])) {
            out->to--;
        }
    } else if (offset >= l.key && offset <= l.key_end) {
        out->kind = LSP_PLACE_KEY;
        out->closed = l.has_key;
        out->from = l.key;
        out->to = l.key_end;
    }
}

/* ---- words ------------------------------------------------------------------------------------
 */

static bool place_in_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '-' || c == '$';
}

bool lsp_word_at(const char *text, size_t size, size_t offset, size_t *from, size_t *to)
{
    offset = offset < size ? offset : size;
    *from = *to = offset;
    while (*from && place_in_word(text[*from - 1])) {
        --*from;
    }
    while (*to < size && place_in_word(text[*to])) {
        ++*to;
    }
    return *to > *from && *to - *from < LSP_LONGEST_KEY;
}
