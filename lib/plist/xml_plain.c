/* XML property lists as CoreFoundation writes them (CFPropertyList.c, _CFAppendXML0 and what calls
 * it): one XML declaration, one DOCTYPE without declarations, elements without attributes, text
 * with the five entities and numeric references; and the comments that people write into them. That
 * is all that `ioreg -a` ever writes and most property lists of drivers are, it is read in a
 * fraction of the time that a parser of any XML needs, and nothing here has to say what is wrong
 * with a file: whatever is written otherwise, however harmless, is left to xml.c as a whole. So a
 * doubt is always answered with "not plain". */
#include <string.h>

#include "plist/events.h"

#define MOST_OPEN 512
/* libxml2 has limits of its own for texts from this size on. */
#define LONGEST_TEXT 10000000

struct plain {
    const struct dx_source *src;
    struct dx_feed *feed; /* or NULL */
    const char *p, *end;  /* of what is there */
    dx_event_fn *fn;
    void *user;
    struct dx_buf text;      /* one that has references in it */
    bool in_dict[MOST_OPEN]; /* of the open containers */
    size_t depth, deepest;
};

static inline bool xml_plain_take(struct plain *r, const char *literal, size_t n)
{
    bool here = (size_t)(r->end - r->p) >= n && memcmp(r->p, literal, n) == 0;
    r->p += here ? n : 0;
    return here;
}
#define TAKE(r, literal) xml_plain_take((r), "" literal, sizeof(literal) - 1)

static size_t offset(const struct plain *r)
{
    return (size_t)(r->p - r->src->data);
}

static bool xml_plain_send(struct plain *r, const struct dx_event *ev)
{
    return r->fn(r->user, ev);
}

static inline void white(struct plain *r)
{
    while (r->p < r->end && (*r->p == '\n' || *r->p == '\t' || *r->p == ' ')) {
        r->p++;
    }
}

/* ---- text ------------------------------------------------------------------------------------ */

/* Char of the XML recommendation, 2.2. */
static bool is_char(uint32_t c)
{
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0xd7ff) ||
           (c >= 0xe000 && c <= 0xfffd) || (c >= 0x10000 && c <= 0x10ffff);
}

/* ASCII that stands for itself. A carriage return does not: it is read as a line feed, or not at
 * all; ">" is one in most places, but "]]>" is an error. */
static inline bool stands_for_itself(unsigned char c)
{
    return c >= ' ' ? c < 0x80 && c != '&' && c != '<' && c != '>' : c == '\n' || c == '\t';
}

/* The same for eight bytes at once; a tab or a line feed among them is told as false too. A byte
 * less than n gives a set top bit in (x - n) & ~x, and one that equals c is 0 in x ^ c. */
static inline bool word_stands_for_itself(const char *p)
{
    const uint64_t each = 0x0101010101010101U;
    uint64_t x, amp, angle;
    memcpy(&x, p, sizeof x);
    amp = x ^ each * '&';
    angle = (x & ~(each * ('<' ^ '>'))) ^ each * ('<' & '>');
    return ((x | ((x - each * ' ') & ~x) | ((amp - each) & ~amp) | ((angle - each) & ~angle)) &
            each * 0x80) == 0;
}

/* A character of more than one byte. */
static bool wide(struct plain *r)
{
    uint32_t c;
    size_t n = dx_utf8_wide(r->p, r->end, &c);
    r->p += n;
    return n != 0 && is_char(c);
}

static void add_char(struct dx_buf *b, uint32_t c)
{
    char s[4];
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n; i-- > 1; c >>= 6) {
        s[i] = (char)(0x80 | (c & 0x3f));
    }
    s[0] = (char)(n == 1 ? c : (0xf00U >> n & 0xff) | c);
    dx_buf_add(b, s, n);
}

/* Behind "&#". */
static bool xml_plain_number(struct plain *r)
{
    uint32_t base = TAKE(r, "x") ? 16 : 10, c = 0, digits = 0;
    for (; r->p < r->end && *r->p != ';'; r->p++) {
        char d = *r->p;
        uint32_t v = d >= '0' && d <= '9'   ? (uint32_t)(d - '0')
                     : d >= 'a' && d <= 'f' ? (uint32_t)(d - 'a' + 10)
                     : d >= 'A' && d <= 'F' ? (uint32_t)(d - 'A' + 10)
                                            : base;
        if (v >= base || ++digits > 7) {
            return false;
        }
        c = c * base + v;
    }
    add_char(&r->text, c);
    return digits && is_char(c) && TAKE(r, ";");
}

static bool reference(struct plain *r)
{
    if (TAKE(r, "&#")) {
        return xml_plain_number(r);
    }
    char c = 0;
    if (TAKE(r, "&amp;")) {
        c = '&';
    } else if (TAKE(r, "&lt;")) {
        c = '<';
    } else if (TAKE(r, "&gt;")) {
        c = '>';
    } else if (TAKE(r, "&quot;")) {
        c = '"';
    } else if (TAKE(r, "&apos;")) {
        c = '\'';
    }
    dx_buf_add(&r->text, &c, 1);
    return c != 0;
}

/* Up to the next tag: as it stands in the source, when nothing has to be decoded. */
static inline bool xml_plain_text(struct plain *r, struct dx_str *out)
{
    const char *start = r->p, *from = r->p; /* from here on it is not in r->text */
    r->text.n = 0;
    for (;;) {
        while (r->end - r->p >= 8 && word_stands_for_itself(r->p)) {
            r->p += 8;
        }
        while (r->p < r->end && stands_for_itself((unsigned char)*r->p)) {
            r->p++;
        }
        if (r->p == r->end || r->p - start > LONGEST_TEXT) {
            return false;
        }
        if (*r->p == '<') {
            break;
        }
        if (*r->p == '&') {
            dx_buf_add(&r->text, from, (size_t)(r->p - from));
            if (!reference(r)) {
                return false;
            }
            from = r->p;
        } else if (!wide(r)) {
            return false;
        }
    }
    *out = (struct dx_str){start, (size_t)(r->p - start)};
    if (from != start) {
        dx_buf_add(&r->text, from, (size_t)(r->p - from));
        *out = dx_buf_str(&r->text);
    }
    return !r->text.toobig;
}

/* Behind "<!--". Texts are taken here in which libxml2 finds nothing to mind: "--" is its end. */
static bool xml_plain_comment(struct plain *r)
{
    struct dx_event ev = {.type = DX_EV_COMMENT, .off = offset(r) - 4};
    const char *start = r->p;
    for (;;) {
        while (r->p < r->end && *r->p != '-' &&
               (stands_for_itself((unsigned char)*r->p) || *r->p == '<' || *r->p == '>' ||
                *r->p == '&')) {
            r->p++;
        }
        if (r->p == r->end || r->p - start > LONGEST_TEXT) {
            return false;
        }
        if (*r->p != '-') {
            if (!wide(r)) {
                return false;
            }
        } else if (TAKE(r, "-->")) {
            break;
        } else if (r->end - r->p < 2 || r->p[1] == '-') {
            return false;
        } else {
            r->p++;
        }
    }
    ev.text = (struct dx_str){start, (size_t)(r->p - start) - 3};
    ev.len = offset(r) - ev.off;
    return xml_plain_send(r, &ev);
}

/* What may stand between elements, but not between a key and its value: there libxml2's reader
 * tells the comment first. */
static bool xml_plain_between(struct plain *r)
{
    for (white(r); TAKE(r, "<!--"); white(r)) {
        if (!xml_plain_comment(r)) {
            return false;
        }
    }
    return true;
}

/* ---- elements -------------------------------------------------------------------------------- */

/* As fill_scalar of xml.c; bad ones are not plain. */
static inline bool parsed(struct dx_event *ev)
{
    struct dx_str all = ev->text;
    if (ev->kind == DEXT_STRING) {
        return true;
    }
    ev->text = dx_str_trim(all);
    switch (ev->kind) {
    case DEXT_INTEGER:
        return dx_parse_integer(all, &ev->integer, &ev->negative) &&
               ev->text.p + ev->text.n == all.p + all.n; /* blanks behind it: xml.c tells */
    case DEXT_REAL:
        return dx_parse_real(all, &ev->real);
    case DEXT_DATE:
        return dx_parse_date(all);
    default:
        return dx_parse_base64(all, NULL);
    }
}

static inline bool xml_plain_scalar(struct plain *r, size_t off, enum dext_kind kind,
                                    const char *close, size_t n)
{
    struct dx_event ev = {.type = DX_EV_SCALAR, .kind = kind, .off = off};
    if (!xml_plain_text(r, &ev.text) || !xml_plain_take(r, close, n) || !parsed(&ev)) {
        return false;
    }
    ev.len = offset(r) - off;
    return xml_plain_send(r, &ev);
}
#define SCALAR(r, off, kind, name)                                                                 \
    xml_plain_scalar((r), (off), (kind), "</" name ">", sizeof name + 2)

static bool boolean(struct plain *r, size_t off, bool yes)
{
    struct dx_event ev = {.type = DX_EV_SCALAR, .kind = DEXT_BOOL, .off = off, .boolean = yes};
    ev.text = yes ? DX_STR("true") : DX_STR("false");
    ev.len = offset(r) - off;
    return xml_plain_send(r, &ev);
}

static bool closed(struct plain *r)
{
    struct dx_event ev = {.type = DX_EV_END, .off = offset(r) - 1, .len = 1};
    return xml_plain_send(r, &ev);
}

/* An empty one may be written as one tag; its length is told without that tag's ">". */
static bool xml_plain_container(struct plain *r, size_t off, bool dict, bool empty)
{
    struct dx_event ev = {.type = dict ? DX_EV_DICT : DX_EV_ARRAY, .off = off};
    ev.len = offset(r) - off - empty;
    if (r->depth >= r->deepest || !xml_plain_send(r, &ev)) {
        return false;
    }
    if (empty) {
        return closed(r);
    }
    r->in_dict[r->depth++] = dict;
    return true;
}

static bool xml_plain_value(struct plain *r)
{
    size_t off = offset(r);
    if (TAKE(r, "<integer>")) {
        return SCALAR(r, off, DEXT_INTEGER, "integer");
    }
    if (TAKE(r, "<string>")) {
        return SCALAR(r, off, DEXT_STRING, "string");
    }
    if (TAKE(r, "<data>")) {
        return SCALAR(r, off, DEXT_DATA, "data");
    }
    if (TAKE(r, "<true/>")) {
        return boolean(r, off, true);
    }
    if (TAKE(r, "<false/>")) {
        return boolean(r, off, false);
    }
    if (TAKE(r, "<dict>")) {
        return xml_plain_container(r, off, true, false);
    }
    if (TAKE(r, "<array>")) {
        return xml_plain_container(r, off, false, false);
    }
    if (TAKE(r, "<dict/>")) {
        return xml_plain_container(r, off, true, true);
    }
    if (TAKE(r, "<array/>")) {
        return xml_plain_container(r, off, false, true);
    }
    if (TAKE(r, "<real>")) {
        return SCALAR(r, off, DEXT_REAL, "real");
    }
    return TAKE(r, "<date>") && SCALAR(r, off, DEXT_DATE, "date");
}

static bool xml_plain_entry(struct plain *r)
{
    struct dx_event ev = {.type = DX_EV_KEY, .off = offset(r)};
    if (TAKE(r, "</dict>")) {
        r->depth--;
        return closed(r);
    }
    if (!TAKE(r, "<key>") || !xml_plain_text(r, &ev.text) || !TAKE(r, "</key>")) {
        return false;
    }
    ev.len = offset(r) - ev.off;
    if (!xml_plain_send(r, &ev)) {
        return false;
    }
    white(r);
    return xml_plain_value(r);
}

static bool xml_plain_item(struct plain *r)
{
    if (TAKE(r, "</array>")) {
        r->depth--;
        return closed(r);
    }
    return xml_plain_value(r);
}

/* ---- the file -------------------------------------------------------------------------------- */

static bool before_the_value(struct plain *r)
{
    if (TAKE(r, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>") && !xml_plain_between(r)) {
        return false;
    }
    return !(TAKE(r, "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
                     "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">") ||
             TAKE(r, "<!DOCTYPE plist PUBLIC \"-//Apple Computer//DTD PLIST 1.0//EN\" "
                     "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">")) ||
           xml_plain_between(r);
}

/* The usual damage is a lost end, and when all is there it is seen without reading it. */
static bool has_end(const struct plain *r)
{
    return r->feed ||
           dx_str_has_suffix(dx_str_trim((struct dx_str){r->src->data, r->src->size}), "</plist>");
}

/* Enough for the next key and its value, or the tag that opens it. One that is longer is not plain:
 * it looks as if the file ended in it. */
static bool xml_plain_refill(struct plain *r)
{
    struct dx_feed *f = r->feed;
    if (f && (size_t)(r->end - r->p) < f->block && f->filled < f->src.size) {
        if (!dx_feed_fill(f, f->filled + f->block)) {
            return false;
        }
        r->end = f->src.data + f->filled;
    }
    return true;
}

static bool one_value(struct plain *r)
{
    do {
        if (!xml_plain_refill(r)) {
            return false;
        }
        if (!xml_plain_between(r)) {
            return false;
        }
        if (!(r->depth && r->in_dict[r->depth - 1] ? xml_plain_entry(r)
              : r->depth                           ? xml_plain_item(r)
                                                   : xml_plain_value(r))) {
            return false;
        }
    } while (r->depth);
    return xml_plain_refill(r);
}

bool dx_plist_xml_plain(struct dext_ctx *ctx, const struct dx_source *src, struct dx_feed *feed,
                        dx_event_fn *fn, void *user)
{
    struct plain r = {.src = src, .feed = feed, .fn = fn, .user = user};
    r.p = r.end = src->data;
    r.end += feed ? feed->filled : src->size;
    dx_buf_init(&r.text, &ctx->arena, ctx->limits.file_bytes);
    /* Besides containers there can be a plist element and a scalar. */
    r.deepest = ctx->limits.plist_depth < 3 ? 0 : ctx->limits.plist_depth - 3;
    r.deepest = r.deepest < MOST_OPEN ? r.deepest : MOST_OPEN;
    if (!xml_plain_refill(&r) || !before_the_value(&r)) {
        return false;
    }
    bool plist = TAKE(&r, "<plist version=\"1.0\">");
    if ((plist && !has_end(&r)) || !one_value(&r)) {
        return false;
    }
    if (plist && (!xml_plain_between(&r) || !TAKE(&r, "</plist>"))) {
        return false;
    }
    white(&r);
    return r.p == src->data + src->size;
}
