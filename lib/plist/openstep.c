/* OpenStep (old-style ASCII) property lists: project.pbxproj, the Info.plists of long ago, .strings
 * files. What is taken and what is refused follows CoreFoundation (CFOldStylePList.c), so that a
 * file the system cannot read is told. Iterative: nesting costs no stack. */
#include <string.h>

#include "plist/events.h"

/* An open dictionary or array. close is what ends it; END_OF_FILE for the dictionary without braces
 * that a .strings file is. */
struct container {
    size_t start;
    int close;
};
#define END_OF_FILE (-1)

struct reader {
    struct dext_ctx *ctx;
    const struct dx_source *src;
    dx_event_fn *fn;
    void *user;
    size_t at;
    struct container *open;
    size_t depth, cap;
    struct dx_buf text, key_text; /* decoded; never longer than the source */
    struct dx_event key;          /* waits for its value; type DX_EV_END: none waits */
    size_t unended;               /* offset + 1 of a comment that runs to the end of the file */
    bool muted, stopped;
};

/* ---- helpers ------------------------------------------------------------------------------ */

static int openstep_fail(struct reader *r, enum dext_status rc, size_t at, const char *what)
{
    struct dx_lines lines;
    unsigned line, column;
    dx_lines_init(&lines, &r->ctx->arena, r->src->data, r->src->size);
    dx_lines_at(&lines, at, &line, &column);
    return dx_fail(r->ctx, rc, "%s:%u:%u: %s", r->src->path, line, column, what);
}

static void openstep_send(struct reader *r, const struct dx_event *ev)
{
    if (!r->stopped && !r->muted) {
        r->stopped = !r->fn(r->user, ev);
    }
}

static int peek(const struct reader *r)
{
    return r->at < r->src->size ? (unsigned char)r->src->data[r->at] : END_OF_FILE;
}

/* The characters CoreFoundation takes without quotes; '+', '@' and letters beyond ASCII are not
 * among them. */
static bool is_bare(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c > 0 && strchr("_$/:.-", c));
}

static int openstep_hex_digit(int c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Length of the line break of Unicode (U+2028, U+2029) at offset at, or 0. */
static size_t unicode_break(const struct dx_source *src, size_t at)
{
    const unsigned char *p = (const unsigned char *)src->data + at;
    return src->size - at >= 3 && p[0] == 0xe2 && p[1] == 0x80 && (p[2] == 0xa8 || p[2] == 0xa9)
               ? 3
               : 0;
}

/* Bytes of the UTF-8 sequence at p, or 0 when it is none. */
static size_t utf8_length(const unsigned char *p, size_t left)
{
    size_t n = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    if (n == 0 || p[0] > 0xf4 || left < n) {
        return 0;
    }
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    bool overlong = (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xf0 && p[1] < 0x90);
    bool surrogate = p[0] == 0xed && p[1] >= 0xa0;
    return overlong || surrogate || (p[0] == 0xf4 && p[1] >= 0x90) ? 0 : n;
}

/* CoreFoundation takes a file without a byte order mark for UTF-8 and refuses it when it is not. */
static void openstep_check_encoding(struct reader *r)
{
    const unsigned char *p = (const unsigned char *)r->src->data;
    for (size_t i = 0, n; i < r->src->size; i += n) {
        n = utf8_length(p + i, r->src->size - i);
        if (n == 0) {
            struct dx_event ev = {.type = DX_EV_PROBLEM,
                                  .problem = DX_PROBLEM_ENCODING,
                                  .text = DX_STR("bytes that are no UTF-8"),
                                  .off = i,
                                  .len = 1};
            openstep_send(r, &ev);
            return;
        }
    }
}

/* ---- white space and comments -------------------------------------------------------------- */

static void send_comment(struct reader *r, size_t to, size_t tail)
{
    struct dx_event ev = {.type = DX_EV_COMMENT, .off = r->at, .len = to - r->at};
    ev.text = (struct dx_str){r->src->data + r->at + 2, to - r->at - 2 - tail};
    openstep_send(r, &ev);
    r->at = to;
}

static void openstep_line_comment(struct reader *r)
{
    size_t to = r->at + 2;
    while (to < r->src->size && r->src->data[to] != '\n' && r->src->data[to] != '\r' &&
           !unicode_break(r->src, to)) {
        to++;
    }
    send_comment(r, to, 0);
}

/* CoreFoundation lets the end of the file end a comment. That is told only when something else is
 * missing then. */
static void openstep_block_comment(struct reader *r)
{
    const char *inside = r->src->data + r->at + 2;
    const char *end = memmem(inside, r->src->size - r->at - 2, "*/", 2);
    if (!end) {
        r->unended = r->at + 1;
        send_comment(r, r->src->size, 0);
    } else {
        send_comment(r, (size_t)(end - r->src->data) + 2, 2);
    }
}

static void skip_space(struct reader *r)
{
    for (;;) {
        int c = peek(r);
        int next = c == '/' && r->at + 1 < r->src->size ? r->src->data[r->at + 1] : 0;
        size_t wide = c == 0xe2 ? unicode_break(r->src, r->at) : 0;
        if (c == ' ' || (c >= '\t' && c <= '\r')) {
            r->at++;
        } else if (wide) {
            r->at += wide;
        } else if (next == '/') {
            openstep_line_comment(r);
        } else if (next == '*') {
            openstep_block_comment(r);
        } else {
            return;
        }
    }
}

/* ---- strings and data --------------------------------------------------------------------- */

static void add_code_point(struct dx_buf *b, unsigned c)
{
    char utf8[4];
    size_t n = 0;
    if ((c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff) {
        c = 0xfffd; /* half of a pair */
    }
    if (c < 0x80) {
        utf8[n++] = (char)c;
    } else if (c < 0x800) {
        utf8[n++] = (char)(0xc0 | c >> 6);
    } else if (c < 0x10000) {
        utf8[n++] = (char)(0xe0 | c >> 12);
        utf8[n++] = (char)(0x80 | (c >> 6 & 0x3f));
    } else {
        utf8[n++] = (char)(0xf0 | c >> 18);
        utf8[n++] = (char)(0x80 | (c >> 12 & 0x3f));
        utf8[n++] = (char)(0x80 | (c >> 6 & 0x3f));
    }
    if (c >= 0x80) {
        utf8[n++] = (char)(0x80 | (c & 0x3f));
    }
    dx_buf_add(b, utf8, n);
}

/* An octal escape is a byte of the NeXTSTEP encoding (the Unicode Consortium's NEXTSTEP.TXT). */
static unsigned from_nextstep(unsigned byte)
{
    static const unsigned short upper[128] = {
        0x00a0, 0x00c0, 0x00c1, 0x00c2, 0x00c3, 0x00c4, 0x00c5, 0x00c7, 0x00c8, 0x00c9, 0x00ca,
        0x00cb, 0x00cc, 0x00cd, 0x00ce, 0x00cf, 0x00d0, 0x00d1, 0x00d2, 0x00d3, 0x00d4, 0x00d5,
        0x00d6, 0x00d9, 0x00da, 0x00db, 0x00dc, 0x00dd, 0x00de, 0x00b5, 0x00d7, 0x00f7, 0x00a9,
        0x00a1, 0x00a2, 0x00a3, 0x2044, 0x00a5, 0x0192, 0x00a7, 0x00a4, 0x2019, 0x201c, 0x00ab,
        0x2039, 0x203a, 0xfb01, 0xfb02, 0x00ae, 0x2013, 0x2020, 0x2021, 0x00b7, 0x00a6, 0x00b6,
        0x2022, 0x201a, 0x201e, 0x201d, 0x00bb, 0x2026, 0x2030, 0x00ac, 0x00bf, 0x00b9, 0x02cb,
        0x00b4, 0x02c6, 0x02dc, 0x00af, 0x02d8, 0x02d9, 0x00a8, 0x00b2, 0x02da, 0x00b8, 0x00b3,
        0x02dd, 0x02db, 0x02c7, 0x2014, 0x00b1, 0x00bc, 0x00bd, 0x00be, 0x00e0, 0x00e1, 0x00e2,
        0x00e3, 0x00e4, 0x00e5, 0x00e7, 0x00e8, 0x00e9, 0x00ea, 0x00eb, 0x00ec, 0x00c6, 0x00ed,
        0x00aa, 0x00ee, 0x00ef, 0x00f0, 0x00f1, 0x0141, 0x00d8, 0x0152, 0x00ba, 0x00f2, 0x00f3,
        0x00f4, 0x00f5, 0x00f6, 0x00e6, 0x00f9, 0x00fa, 0x00fb, 0x0131, 0x00fc, 0x00fd, 0x0142,
        0x00f8, 0x0153, 0x00df, 0x00fe, 0x00ff, 0xfffd, 0xfffd,
    };
    return byte < 0x80 ? byte : upper[byte - 0x80];
}

static unsigned openstep_digits(struct reader *r, unsigned base, unsigned most)
{
    unsigned value = 0;
    for (unsigned i = 0; i < most; i++) {
        int d = openstep_hex_digit(peek(r));
        if (d < 0 || d >= (int)base) {
            break;
        }
        value = value * base + (unsigned)d;
        r->at++;
    }
    return value;
}

/* \Uxxxx is one unit of UTF-16: two of them may make one character. */
static unsigned utf16_escape(struct reader *r)
{
    unsigned high = openstep_digits(r, 16, 4);
    size_t after = r->at;
    const char *d = r->src->data + r->at;
    if (high >= 0xd800 && high < 0xdc00 && r->src->size - r->at >= 2 && d[0] == '\\' &&
        d[1] == 'U') {
        r->at += 2;
        unsigned low = openstep_digits(r, 16, 4);
        if (low >= 0xdc00 && low < 0xe000) {
            return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
        }
        r->at = after;
    }
    return high;
}

/* What stands after a backslash. */
static void openstep_escape(struct reader *r, struct dx_buf *out)
{
    static const char from[] = "abfnrtv", to[] = "\a\b\f\n\r\t\v";
    int c = peek(r);
    const char *known = c > 0 ? strchr(from, c) : NULL;
    if (c >= '0' && c <= '7') {
        add_code_point(out, from_nextstep(openstep_digits(r, 8, 3) & 0xff));
    } else if (c == 'U') {
        r->at++;
        add_code_point(out, utf16_escape(r));
    } else {
        char plain = known ? to[known - from] : (char)c;
        dx_buf_add(out, &plain, 1);
        r->at++;
    }
}

/* One past the string that begins at offset at, or 0 when it does not end. */
static size_t string_end(const struct dx_source *src, size_t at, bool *escapes)
{
    const char *d = src->data;
    char quote = d[at];
    *escapes = false;
    if (quote != '"' && quote != '\'') {
        while (at < src->size && is_bare((unsigned char)d[at])) {
            at++;
        }
        return at;
    }
    for (at++; at < src->size && d[at] != quote; at++) {
        if (d[at] == '\\') {
            *escapes = true;
            at++;
        }
    }
    return at < src->size ? at + 1 : 0;
}

static int read_string(struct reader *r, struct dx_buf *buf, struct dx_event *ev)
{
    bool escapes;
    size_t start = r->at, end = string_end(r->src, start, &escapes);
    const char *d = r->src->data;
    size_t quote = d[start] == '"' || d[start] == '\'';
    if (end == 0) {
        return openstep_fail(r, DEXT_E_FORMAT, start, "a string that does not end");
    }
    ev->kind = DEXT_STRING;
    ev->off = start;
    ev->len = end - start;
    ev->text = (struct dx_str){d + start + quote, end - start - 2 * quote};
    if (escapes) {
        buf->n = 0;
        for (r->at++; r->at < end - 1;) {
            const char *back = memchr(d + r->at, '\\', end - 1 - r->at);
            size_t plain = (back ? (size_t)(back - d) : end - 1) - r->at;
            dx_buf_add(buf, d + r->at, plain);
            r->at += plain;
            if (back) {
                r->at++;
                openstep_escape(r, buf);
            }
        }
        ev->text = dx_buf_str(buf);
    }
    r->at = end;
    return DEXT_OK;
}

static int read_data(struct reader *r, struct dx_event *ev)
{
    size_t start = r->at++;
    r->text.n = 0;
    for (int c; (c = peek(r)) != '>';) {
        size_t wide = c == 0xe2 ? unicode_break(r->src, r->at) : 0;
        if (wide || c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            r->at += wide ? wide : 1;
            continue;
        }
        int high = openstep_hex_digit(c);
        if (c == END_OF_FILE || high < 0) {
            return c == END_OF_FILE
                       ? openstep_fail(r, DEXT_E_FORMAT, start, "<data> that does not end")
                       : openstep_fail(r, DEXT_E_FORMAT, r->at, "no hexadecimal digit in <data>");
        }
        r->at++;
        int low = openstep_hex_digit(peek(r));
        if (low < 0) {
            return openstep_fail(r, DEXT_E_FORMAT, r->at - 1, "half a byte in <data>");
        }
        r->at++;
        char byte = (char)(high << 4 | low);
        dx_buf_add(&r->text, &byte, 1);
    }
    r->at++;
    ev->kind = DEXT_DATA;
    ev->off = start;
    ev->len = r->at - start;
    ev->text = dx_buf_str(&r->text);
    return DEXT_OK;
}

/* ---- structure ---------------------------------------------------------------------------- */

static const char *container_name(const struct container *c)
{
    return c->close == ')' ? "array" : "dictionary";
}

static int unexpected(struct reader *r, const char *wanted)
{
    int c = peek(r);
    struct dx_arena *a = &r->ctx->arena;
    if (c != END_OF_FILE) {
        const char *found = c > ' ' && c < 0x7f ? dx_sprintf(a, "'%c'", c)
                            : c < 0x80          ? dx_sprintf(a, "the byte 0x%02x", (unsigned)c)
                                                : "a character beyond ASCII without quotes";
        return openstep_fail(r, DEXT_E_FORMAT, r->at,
                             dx_sprintf(a, "%s where %s is expected", found, wanted));
    }
    if (r->unended) {
        return openstep_fail(r, DEXT_E_FORMAT, r->unended - 1, "a comment that does not end");
    }
    if (r->depth == 0) {
        return openstep_fail(r, DEXT_E_FORMAT, r->at, "the file holds no value");
    }
    const struct container *in = &r->open[r->depth - 1];
    struct dx_lines lines;
    unsigned line, column;
    dx_lines_init(&lines, a, r->src->data, r->src->size);
    dx_lines_at(&lines, in->start, &line, &column);
    return openstep_fail(r, DEXT_E_FORMAT, r->at,
                         dx_sprintf(a, "the file ends inside the %s that begins in line %u",
                                    container_name(in), line));
}

static void send_key(struct reader *r)
{
    if (r->key.type == DX_EV_KEY) {
        openstep_send(r, &r->key);
        r->key.type = DX_EV_END;
    }
}

static int open_container(struct reader *r, int close)
{
    if (r->depth >= r->ctx->limits.plist_depth) {
        return openstep_fail(r, DEXT_E_LIMIT, r->at,
                             "nested deeper than any property list the system reads");
    }
    *DX_PUSH(&r->ctx->arena, r->open, r->depth, r->cap) = (struct container){r->at, close};
    send_key(r);
    struct dx_event ev = {.type = close == ')' ? DX_EV_ARRAY : DX_EV_DICT, .off = r->at, .len = 1};
    openstep_send(r, &ev);
    r->at += close != END_OF_FILE;
    return DEXT_OK;
}

/* After a value: the ';' of a dictionary, the ',' or the end of an array. A missing one is told
 * where it belongs, not where the next thing stands. */
static int separator(struct reader *r)
{
    if (r->depth == 0) {
        return DEXT_OK;
    }
    size_t end = r->at;
    bool array = r->open[r->depth - 1].close == ')';
    skip_space(r);
    int c = peek(r);
    if (array && c == ')') {
        return DEXT_OK;
    }
    if (c == (array ? ',' : ';')) {
        r->at++;
        return DEXT_OK;
    }
    if (c == END_OF_FILE) {
        return unexpected(r, "a separator");
    }
    return openstep_fail(r, DEXT_E_FORMAT, end,
                         array ? "',' is missing between two values of an array"
                               : "';' is missing after a value");
}

static int openstep_close_container(struct reader *r)
{
    bool braces = r->open[--r->depth].close != END_OF_FILE;
    struct dx_event ev = {.type = DX_EV_END, .off = r->at - !braces, .len = 1};
    r->at += braces;
    openstep_send(r, &ev);
    return separator(r);
}

/* A value; of a container only its beginning, the rest comes with the next calls of item. */
static int openstep_value(struct reader *r)
{
    struct dx_event ev = {.type = DX_EV_SCALAR};
    int c = peek(r), rc;
    if (c == '{' || c == '(') {
        return open_container(r, c == '{' ? '}' : ')');
    }
    if (c == '<') {
        rc = read_data(r, &ev);
    } else if (c == '"' || c == '\'' || is_bare(c)) {
        rc = read_string(r, &r->text, &ev);
    } else {
        rc = unexpected(r, "a value");
    }
    if (rc == DEXT_OK) {
        send_key(r);
        openstep_send(r, &ev);
        rc = separator(r);
    }
    return rc;
}

/* "key = value;", or "key;" for which CoreFoundation takes the key as the value too. */
static int openstep_entry(struct reader *r)
{
    int c = peek(r);
    if (c != '"' && c != '\'' && !is_bare(c)) {
        return unexpected(r, "a key");
    }
    int rc = read_string(r, &r->key_text, &r->key);
    if (rc) {
        return rc;
    }
    size_t end = r->at;
    r->key.type = DX_EV_KEY;
    skip_space(r);
    c = peek(r);
    if (c == ';') {
        struct dx_event ev = r->key;
        ev.type = DX_EV_SCALAR;
        send_key(r);
        openstep_send(r, &ev);
        return separator(r);
    }
    if (c == END_OF_FILE) {
        return unexpected(r, "'='");
    }
    if (c != '=') {
        return openstep_fail(r, DEXT_E_FORMAT, end, "'=' is missing after a key");
    }
    r->at++;
    skip_space(r);
    return openstep_value(r);
}

static int openstep_item(struct reader *r)
{
    skip_space(r);
    const struct container *in = &r->open[r->depth - 1];
    if (peek(r) == in->close) {
        return openstep_close_container(r);
    }
    return in->close == ')' ? openstep_value(r) : openstep_entry(r);
}

/* Whether the file is a dictionary without braces: a string, and something after it. */
static bool is_strings_file(const struct reader *r)
{
    bool escapes;
    int c = peek(r);
    if (c != '"' && c != '\'' && !is_bare(c)) {
        return false;
    }
    struct reader look = *r;
    look.muted = true;
    look.at = string_end(r->src, r->at, &escapes);
    if (look.at == 0) {
        return false;
    }
    skip_space(&look);
    return peek(&look) != END_OF_FILE;
}

int dx_plist_openstep(struct dext_ctx *ctx, const struct dx_source *src, dx_event_fn *fn,
                      void *user)
{
    struct reader r = {.ctx = ctx, .src = src, .fn = fn, .user = user, .key = {.type = DX_EV_END}};
    dx_buf_init(&r.text, &ctx->arena, src->size);
    dx_buf_init(&r.key_text, &ctx->arena, src->size);
    if (dx_str_has_prefix((struct dx_str){src->data, src->size}, "\xef\xbb\xbf")) {
        r.at = 3;
    }
    openstep_check_encoding(&r);
    skip_space(&r);
    int rc = is_strings_file(&r) ? open_container(&r, END_OF_FILE) : openstep_value(&r);
    while (rc == DEXT_OK && r.depth && !r.stopped) {
        rc = openstep_item(&r);
    }
    if (rc || r.stopped) {
        return rc;
    }
    skip_space(&r);
    if (peek(&r) != END_OF_FILE) {
        rc = openstep_fail(&r, DEXT_E_FORMAT, r.at, "text after the end of the property list");
    }
    return rc;
}
