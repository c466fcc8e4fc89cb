#include "sign/entitlements_form.h"

#include <string.h>

struct form {
    const char *p;
    size_t n, at;
    size_t depth;
    bool root; /* the first value has ended */
    bool certain;
};

/* The kernel's reader sees a string that a NUL ends. */
static char form_here(const struct form *f)
{
    return f->at < f->n ? f->p[f->at] : 0;
}

static bool form_is(const struct form *f, const char *text)
{
    size_t n = strlen(text);
    return f->at <= f->n && f->n - f->at >= n && memcmp(f->p + f->at, text, n) == 0;
}

static const char *form_certain(struct form *f, const char *text)
{
    f->certain = true;
    return text;
}

/* ---- before the first tag -------------------------------------------------------------------- */

static const char *form_head(struct form *f)
{
    if (f->n >= 8 && memcmp(f->p, "bplist00", 8) == 0) {
        return form_certain(f, "they are a binary property list, and the kernel reads XML");
    }
    if (form_is(f, "\xef\xbb\xbf") || form_is(f, "\xff\xfe") || form_is(f, "\xfe\xff")) {
        return form_certain(f, "they begin with a byte order mark");
    }
    size_t i = 0;
    while (i < f->n && strchr(" \t\r\n", f->p[i]) && f->p[i]) {
        i++;
    }
    if (i == f->n || f->p[i] != '<') {
        f->at = i;
        return form_certain(f, i == f->n ? "they are empty"
                                         : "they are text of another form than XML");
    }
    return NULL;
}

/* ---- tags ------------------------------------------------------------------------------------ */

/* "<!-- ... -->". Where two hyphens stand inside, one reader ends the comment and another goes on.
 */
static const char *form_comment(struct form *f)
{
    f->at += 4;
    if (form_is(f, ">") || form_is(f, "->")) {
        return form_certain(f, "a comment ends in a way that readers understand differently");
    }
    while (f->at < f->n && !form_is(f, "--")) {
        f->at++;
    }
    if (!form_is(f, "-->")) {
        return form_certain(f, f->at < f->n ? "a comment has two hyphens inside, which readers "
                                              "understand differently"
                                            : "a comment does not end");
    }
    f->at += 3;
    return NULL;
}

/* "<?xml ...?>" or "<!DOCTYPE ...>": up to its end. */
static const char *form_skip(struct form *f, const char *end)
{
    while (f->at < f->n && !form_is(f, end)) {
        if (end[0] == '>' && form_here(f) == '[') {
            return form_certain(f, "the document type declares something of its own");
        }
        f->at++;
    }
    if (f->at >= f->n) {
        return form_certain(f, "a declaration does not end");
    }
    f->at += strlen(end);
    return NULL;
}

static bool form_is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

struct tag {
    char name[32];
    bool ends, empty;
};

/* name="value" ..., as getTag takes them. */
static const char *form_attributes(struct form *f)
{
    while (form_here(f) != '>' && form_here(f) != '/') {
        size_t before = f->at;
        while (form_here(f) == ' ' || form_here(f) == '\t') {
            f->at++;
        }
        while (form_is_name(form_here(f))) {
            f->at++;
        }
        if (f->at == before || form_here(f) != '=') {
            return "a tag has white space before its end, or an attribute without a value";
        }
        f->at++;
        if (form_here(f) != '"') {
            return "an attribute's value is not in double quotes";
        }
        do {
            f->at++;
        } while (f->at < f->n && form_here(f) != '"');
        if (f->at >= f->n) {
            return "an attribute's value does not end";
        }
        f->at++;
    }
    return NULL;
}

static const char *form_tag(struct form *f, struct tag *t)
{
    size_t n = 0;
    *t = (struct tag){.name = ""};
    f->at++;
    t->ends = form_here(f) == '/';
    f->at += t->ends;
    while (form_is_name(form_here(f)) && n + 1 < sizeof t->name) {
        t->name[n++] = form_here(f);
        f->at++;
    }
    const char *why = n ? form_attributes(f) : "something begins like a tag, and is none";
    if (why) {
        return why;
    }
    t->empty = form_here(f) == '/';
    f->at += t->empty;
    if (form_here(f) != '>') {
        return "a tag does not end";
    }
    f->at++;
    return NULL;
}

/* ---- values ---------------------------------------------------------------------------------- */

/* Text up to the next tag; of entities the kernel's reader knows three. */
static const char *form_text(struct form *f)
{
    while (f->at < f->n && form_here(f) != '<') {
        if (!form_here(f)) {
            return form_certain(f, "there is a NUL in the text, where the kernel's reader ends");
        }
        if (form_here(f) == '&' && !form_is(f, "&amp;") && !form_is(f, "&lt;") &&
            !form_is(f, "&gt;")) {
            return "the text has an entity other than &amp;, &lt; and &gt;";
        }
        f->at++;
    }
    return NULL;
}

static const char *form_value(struct form *f, const struct tag *t)
{
    static const char *const texts[] = {"key", "string", "integer", "data"};
    bool container = strcmp(t->name, "dict") == 0 || strcmp(t->name, "array") == 0;
    bool flag = strcmp(t->name, "true") == 0 || strcmp(t->name, "false") == 0;
    if (container && !t->empty) {
        f->depth += t->ends ? 0 : 1;
        f->depth -= t->ends && f->depth;
        return NULL;
    }
    if (container || (flag && t->empty)) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct tag end;
        const char *why;
        if (strcmp(t->name, texts[i]) != 0 || t->ends) {
            continue;
        }
        if (t->empty) {
            return i ? NULL : "a key is empty";
        }
        why = form_text(f);
        why = why ? why : form_here(f) == '<' ? form_tag(f, &end) : "a value does not end";
        return why                                          ? why
               : end.ends && strcmp(end.name, t->name) == 0 ? NULL
                                                            : "there is a tag inside of a value";
    }
    return "there is an element that the kernel's reader does not know";
}

/* One tag with what belongs to it. */
static const char *form_element(struct form *f)
{
    struct tag t;
    if (form_is(f, "<!--")) {
        return form_comment(f);
    }
    if (form_is(f, "<?")) {
        return form_skip(f, "?>");
    }
    if (form_is(f, "<![")) {
        return "there is a CDATA section";
    }
    if (form_is(f, "<!")) {
        return form_skip(f, ">");
    }
    size_t at = f->at;
    const char *why = form_tag(f, &t);
    if (why || strcmp(t.name, "plist") == 0) {
        return why;
    }
    if (f->root) {
        f->at = at;
        return form_certain(f, "there is a second value behind the first, and readers differ in "
                               "which they take");
    }
    why = form_value(f, &t);
    f->root = f->depth == 0;
    return why;
}

static const char *form_next(struct form *f)
{
    char c = form_here(f);
    if (c == '<') {
        return form_element(f);
    }
    if (c == ' ' || c == '\t' || c == '\n') {
        f->at++;
        return NULL;
    }
    if (c == '\r') {
        return "its lines end in CR LF, and the kernel's reader wants LF";
    }
    return form_certain(f, !c        ? "there is a NUL, where the kernel's reader ends"
                           : f->root ? "there is text behind the property list"
                                     : "there is text between the elements");
}

struct dx_form_fault dx_entitlements_form(struct dx_str blob)
{
    struct form f = {.p = blob.p, .n = blob.n};
    const char *why = form_head(&f);
    while (!why && f.at < f.n) {
        why = form_next(&f);
    }
    if (!why && (!f.root || f.depth)) {
        why = form_certain(&f, "they do not end");
    }
    return (struct dx_form_fault){why, f.at, f.certain};
}
