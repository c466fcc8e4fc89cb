/* OpenStep (old-style ASCII) property lists: project.pbxproj and the Info.plists of long ago. No
 * library of Debian 12 reads them. Iterative, so nesting costs no stack. */
#include <stdio.h>
#include <string.h>

#include "plist/events.h"

struct reader {
    struct dext_ctx *ctx;
    const struct dx_source *src;
    dx_event_fn *fn;
    void *user;
    size_t at;
    char *open; /* '{' or '(' of each open container */
    size_t depth, cap;
    struct dx_buf text;
    bool stopped;
};

static int fail(struct reader *r, size_t at, const char *what)
{
    struct dx_lines lines;
    unsigned line, column;
    dx_lines_init(&lines, &r->ctx->arena, r->src->data, r->src->size);
    dx_lines_at(&lines, at, &line, &column);
    return dx_fail(r->ctx, DEXT_E_FORMAT, "%s:%u:%u: %s", r->src->path, line, column, what);
}

static void send(struct reader *r, const struct dx_event *ev)
{
    r->stopped = r->stopped || !r->fn(r->user, ev);
}

static void send_comment(struct reader *r, size_t from, size_t to, struct dx_str text)
{
    struct dx_event ev = {.type = DX_EV_COMMENT, .text = text, .off = from, .len = to - from};
    send(r, &ev);
}

static int skip_space(struct reader *r)
{
    const char *d = r->src->data;
    while (r->at < r->src->size) {
        size_t left = r->src->size - r->at;
        if (strchr(" \t\r\n\f\v", d[r->at]) && d[r->at]) {
            r->at++;
        } else if (left >= 2 && d[r->at] == '/' && d[r->at + 1] == '/') {
            const char *end = memchr(d + r->at, '\n', left);
            size_t to = end ? (size_t)(end - d) : r->src->size;
            send_comment(r, r->at, to, (struct dx_str){d + r->at + 2, to - r->at - 2});
            r->at = to;
        } else if (left >= 2 && d[r->at] == '/' && d[r->at + 1] == '*') {
            const char *end = memmem(d + r->at + 2, left - 2, "*/", 2);
            if (!end) {
                return fail(r, r->at, "a comment that does not end");
            }
            size_t to = (size_t)(end - d) + 2;
            send_comment(r, r->at, to, (struct dx_str){d + r->at + 2, to - r->at - 4});
            r->at = to;
        } else {
            break;
        }
    }
    return DEXT_OK;
}

static bool bare(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("_$/:.-+@", c)) || (unsigned char)c >= 0x80;
}

static int octal(const char *p, size_t left, unsigned *value)
{
    int n = 0;
    *value = 0;
    while (n < 3 && (size_t)n < left && p[n] >= '0' && p[n] <= '7') {
        *value = *value * 8 + (unsigned)(p[n++] - '0');
    }
    return n;
}

static void add_code_point(struct dx_buf *b, unsigned c)
{
    char utf8[3];
    if (c < 0x80) {
        utf8[0] = (char)c;
        dx_buf_add(b, utf8, 1);
    } else if (c < 0x800) {
        utf8[0] = (char)(0xc0 | c >> 6);
        utf8[1] = (char)(0x80 | (c & 0x3f));
        dx_buf_add(b, utf8, 2);
    } else {
        utf8[0] = (char)(0xe0 | c >> 12);
        utf8[1] = (char)(0x80 | (c >> 6 & 0x3f));
        utf8[2] = (char)(0x80 | (c & 0x3f));
        dx_buf_add(b, utf8, 3);
    }
}

/* After a backslash at r->at. */
static void escape(struct reader *r)
{
    static const char from[] = "abfnrtv", to[] = "\a\b\f\n\r\t\v";
    const char *d = r->src->data + r->at + 1;
    size_t left = r->src->size - r->at - 1;
    unsigned value;
    int digits = octal(d, left, &value);
    const char *known = left && *d ? strchr(from, *d) : NULL;
    if (digits) {
        add_code_point(&r->text, value);
        r->at += 1 + (size_t)digits;
    } else if (left >= 5 && *d == 'U' && sscanf(d + 1, "%4x", &value) == 1) {
        add_code_point(&r->text, value);
        r->at += 6;
    } else {
        char c = known ? to[known - from] : left ? *d : '\\';
        dx_buf_add(&r->text, &c, 1);
        r->at += left ? 2 : 1;
    }
}

static int quoted(struct reader *r)
{
    size_t start = r->at;
    char quote = r->src->data[r->at++];
    while (r->at < r->src->size && r->src->data[r->at] != quote) {
        if (r->src->data[r->at] == '\\') {
            escape(r);
        } else {
            dx_buf_add(&r->text, r->src->data + r->at++, 1);
        }
    }
    if (r->at >= r->src->size) {
        return fail(r, start, "a string that does not end");
    }
    r->at++;
    return DEXT_OK;
}

static int data(struct reader *r)
{
    size_t start = r->at++;
    int have = 0;
    unsigned byte = 0;
    while (r->at < r->src->size && r->src->data[r->at] != '>') {
        unsigned digit;
        char one[2] = {r->src->data[r->at++], 0};
        if (strchr(" \t\r\n", one[0])) {
            continue;
        }
        if (strspn(one, "0123456789abcdefABCDEF") != 1 || sscanf(one, "%x", &digit) != 1) {
            return fail(r, r->at - 1, "no hexadecimal digit in <data>");
        }
        byte = byte << 4 | digit;
        if (have++ % 2) {
            char c = (char)(byte & 0xff);
            dx_buf_add(&r->text, &c, 1);
        }
    }
    if (r->at >= r->src->size || have % 2) {
        return fail(r, start, "<data> that does not end or has half a byte");
    }
    r->at++;
    return DEXT_OK;
}

/* A string or data at r->at; its text in r->text. */
static int scalar(struct reader *r, enum dx_event_type type)
{
    size_t start = r->at;
    char c = r->at < r->src->size ? r->src->data[r->at] : 0;
    enum dext_kind kind = c == '<' && type == DX_EV_SCALAR ? DEXT_DATA : DEXT_STRING;
    r->text.n = 0;
    int rc = DEXT_OK;
    if (c == '"' || c == '\'') {
        rc = quoted(r);
    } else if (kind == DEXT_DATA) {
        rc = data(r);
    } else if (bare(c)) {
        while (r->at < r->src->size && bare(r->src->data[r->at])) {
            dx_buf_add(&r->text, r->src->data + r->at++, 1);
        }
    } else if (r->at >= r->src->size) {
        rc = fail(r, r->at, "the file ends where a value is expected");
    } else {
        rc = fail(r, r->at, "a character that no value begins with");
    }
    if (rc == DEXT_OK) {
        struct dx_event ev = {.type = type,
                              .kind = kind,
                              .text = dx_buf_str(&r->text),
                              .off = start,
                              .len = r->at - start};
        send(r, &ev);
    }
    return rc;
}

static int open_container(struct reader *r, char c)
{
    if (r->depth >= r->ctx->limits.plist_depth) {
        return fail(r, r->at, "nested deeper than any property list the system reads");
    }
    r->open = dx_grow(&r->ctx->arena, r->open, r->depth, &r->cap, 1);
    r->open[r->depth++] = c;
    struct dx_event ev = {.type = c == '{' ? DX_EV_DICT : DX_EV_ARRAY, .off = r->at, .len = 1};
    r->at++;
    send(r, &ev);
    return DEXT_OK;
}

/* After a value: its separator, and every container that ends here. */
static int after_value(struct reader *r)
{
    while (r->depth) {
        int rc = skip_space(r);
        if (rc) {
            return rc;
        }
        bool dict = r->open[r->depth - 1] == '{';
        char c = r->at < r->src->size ? r->src->data[r->at] : 0;
        if (c == (dict ? ';' : ',')) {
            r->at++;
            rc = skip_space(r);
            c = r->at < r->src->size ? r->src->data[r->at] : 0;
        } else if (dict && c != ';') {
            return fail(r, r->at, "';' is missing after a value");
        } else if (!dict && c != ')') {
            return fail(r, r->at, "',' or ')' is missing in an array");
        }
        if (rc || c != (dict ? '}' : ')')) {
            return rc;
        }
        struct dx_event ev = {.type = DX_EV_END, .off = r->at, .len = 1};
        r->at++;
        r->depth--;
        send(r, &ev);
    }
    return DEXT_OK;
}

static int key_and_equals(struct reader *r)
{
    int rc = scalar(r, DX_EV_KEY);
    rc = rc ? rc : skip_space(r);
    if (rc) {
        return rc;
    }
    if (r->at >= r->src->size || r->src->data[r->at] != '=') {
        return fail(r, r->at, "'=' is missing after a key");
    }
    r->at++;
    return skip_space(r);
}

/* One value; containers only begin here, their content comes with the next calls. */
static int value(struct reader *r, bool *finished)
{
    int rc = skip_space(r);
    char c = r->at < r->src->size ? r->src->data[r->at] : 0;
    if (rc == DEXT_OK && r->depth && r->open[r->depth - 1] == '{') {
        rc = key_and_equals(r);
        c = r->at < r->src->size ? r->src->data[r->at] : 0;
    }
    if (rc) {
        return rc;
    }
    if (c == '{' || c == '(') {
        rc = open_container(r, c);
        rc = rc ? rc : skip_space(r);
        char next = r->at < r->src->size ? r->src->data[r->at] : 0;
        if (rc || next != (c == '{' ? '}' : ')')) {
            return rc;
        }
        struct dx_event ev = {.type = DX_EV_END, .off = r->at, .len = 1};
        r->at++;
        r->depth--;
        send(r, &ev);
    } else {
        rc = scalar(r, DX_EV_SCALAR);
    }
    rc = rc ? rc : after_value(r);
    *finished = r->depth == 0;
    return rc;
}

int dx_plist_openstep(struct dext_ctx *ctx, const struct dx_source *src, dx_event_fn *fn,
                      void *user)
{
    struct reader r = {.ctx = ctx, .src = src, .fn = fn, .user = user};
    dx_buf_init(&r.text, &ctx->arena, ctx->limits.file_bytes);
    if (src->size >= 3 && memcmp(src->data, "\xef\xbb\xbf", 3) == 0) {
        r.at = 3;
    }
    bool finished = false;
    int rc = skip_space(&r);
    while (rc == DEXT_OK && !finished && !r.stopped) {
        rc = value(&r, &finished);
    }
    rc = rc || r.stopped ? rc : skip_space(&r);
    if (rc == DEXT_OK && !r.stopped && r.at < src->size) {
        rc = fail(&r, r.at, "text after the end of the property list");
    }
    return rc;
}
