/* XML property lists, through libxml2's SAX2 parser: constant memory, exact byte offsets, and
 * no tree that would saturate its line numbers at 65535. The network is never asked, external
 * entities are never loaded, and a file that declares entities of its own is refused (nothing that
 * writes property lists does, and expansion is the classic way to exhaust a reader). */
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <stdio.h>
#include <string.h>

#include "plist/events.h"

enum frame_type { F_PLIST, F_DICT, F_ARRAY, F_KEY, F_SCALAR, F_UNKNOWN };

struct frame {
    enum frame_type type;
    enum dext_kind kind;
    size_t start;      /* offset of the element's '<' */
    unsigned children; /* values seen */
    bool has_key;      /* F_DICT: a key waits for its value */
    bool stray_text;   /* reported once an element */
    bool muted;        /* sent nothing when it began, sends nothing when it ends */
};

struct xml {
    struct dext_ctx *ctx;
    const struct dx_source *src;
    dx_event_fn *fn;
    void *user;
    xmlParserCtxtPtr parser;
    size_t given; /* bytes of the source that the parser has */
    struct frame *stack;
    size_t depth, cap;
    unsigned muted;          /* open elements whose content is not passed on */
    struct dx_buf text;      /* of the open scalar */
    struct dx_buf key;       /* of the innermost waiting key */
    struct dx_event waiting; /* that key; only the innermost dictionary can have one */
    struct dx_buf data;      /* decoded <data> */
    bool exact;              /* offsets in the parser's input are offsets in the file */
    bool stopped;            /* by the listener or by a limit */
    bool any;                /* an element was seen */
    int rc;
};

/* The one place that knows libxml2's own position fields (newer versions: xmlCtxtGetInputPosition).
 */
static size_t offset_now(const struct xml *x)
{
    xmlParserInputPtr in = x->parser->input;
    if (!in) {
        return x->src->size;
    }
    size_t off = (size_t)in->consumed + (size_t)(in->cur - in->base);
    return off > x->src->size ? x->src->size : off;
}

static void set_place(const struct xml *x, struct dx_event *ev, size_t from, size_t to)
{
    if (x->exact) {
        size_t end = to < x->src->size ? to : x->src->size; /* a tag may be cut by the end */
        ev->off = from;
        ev->len = end > from ? end - from : 1;
    } else {
        ev->line = (unsigned)xmlSAX2GetLineNumber(x->parser);
        int column = xmlSAX2GetColumnNumber(x->parser);
        ev->column = column > 0 ? (unsigned)column : 1;
    }
}

static void xml_send(struct xml *x, const struct dx_event *ev)
{
    if (!x->stopped && !x->fn(x->user, ev)) {
        x->stopped = true;
        xmlStopParser(x->parser);
    }
}

static void xml_problem(struct xml *x, enum dx_problem kind, size_t from, size_t to,
                        const char *text)
{
    if (x->muted) {
        return;
    }
    struct dx_event ev = {.type = DX_EV_PROBLEM, .problem = kind, .text = dx_str(text)};
    set_place(x, &ev, from, to);
    xml_send(x, &ev);
}

static void stop(struct xml *x, enum dext_status rc, const char *reason)
{
    if (!x->stopped) {
        struct dx_lines lines;
        unsigned line = (unsigned)xmlSAX2GetLineNumber(x->parser), column = 1;
        if (x->exact) {
            dx_lines_init(&lines, &x->ctx->arena, x->src->data, x->src->size);
            dx_lines_at(&lines, offset_now(x), &line, &column);
        }
        x->rc = dx_fail(x->ctx, rc, "%s:%u:%u: %s", x->src->path, line, column, reason);
        x->stopped = true;
        xmlStopParser(x->parser);
    }
}

/* '<' of the tag that the parser has just read up to off. Attribute values cannot hold a '<'. */
static size_t tag_start(const struct xml *x, size_t off)
{
    if (!x->exact) {
        return off;
    }
    const char *p = off ? dx_memrchr(x->src->data, '<', off) : NULL;
    return p ? (size_t)(p - x->src->data) : off;
}

static size_t tag_end(const struct xml *x, size_t off)
{
    if (!x->exact || (off && x->src->data[off - 1] == '>')) {
        return off;
    }
    const char *p = memchr(x->src->data + off, '>', x->src->size - off);
    return p ? (size_t)(p - x->src->data) + 1 : off;
}

static bool classify(const char *name, struct frame *f)
{
    static const struct {
        const char *name;
        enum frame_type type;
        enum dext_kind kind;
    } elements[] = {
        {"dict", F_DICT, DEXT_DICT},         {"array", F_ARRAY, DEXT_ARRAY},
        {"key", F_KEY, DEXT_STRING},         {"string", F_SCALAR, DEXT_STRING},
        {"integer", F_SCALAR, DEXT_INTEGER}, {"real", F_SCALAR, DEXT_REAL},
        {"true", F_SCALAR, DEXT_BOOL},       {"false", F_SCALAR, DEXT_BOOL},
        {"date", F_SCALAR, DEXT_DATE},       {"data", F_SCALAR, DEXT_DATA},
        {"plist", F_PLIST, DEXT_DICT},
    };
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++) {
        if (*name == *elements[i].name && strcmp(name, elements[i].name) == 0) {
            f->type = elements[i].type;
            f->kind = elements[i].kind;
            return true;
        }
    }
    f->type = F_UNKNOWN;
    return false;
}

static struct frame *xml_push(struct xml *x)
{
    if (x->depth > x->ctx->limits.plist_depth) {
        stop(x, DEXT_E_LIMIT, "nested deeper than any property list the system reads");
        return NULL;
    }
    x->stack = dx_grow(&x->ctx->arena, x->stack, x->depth, &x->cap, sizeof *x->stack);
    struct frame *f = &x->stack[x->depth++];
    *f = (struct frame){0};
    return f;
}

static void key_without_value(struct xml *x, struct frame *dict)
{
    const struct dx_event *key = &x->waiting;
    char text[200];
    (void)snprintf(text, sizeof text, "key \"%.*s\" has no value",
                   (int)(key->text.n > 100 ? 100 : key->text.n), key->text.p);
    xml_problem(x, DX_PROBLEM_STRUCTURE, key->off, key->off + key->len, text);
    dict->has_key = false;
}

/* Whether a value may stand here; if so, a waiting key goes out before it. */
static bool value_allowed(struct xml *x, size_t start, size_t end, const char *name)
{
    struct frame *in = x->depth ? &x->stack[x->depth - 1] : NULL;
    char text[160];
    if (!in || in->type == F_ARRAY) {
        return true;
    }
    switch (in->type) {
    case F_PLIST:
        if (in->children++) {
            xml_problem(x, DX_PROBLEM_STRUCTURE, start, end,
                        "a second value in <plist>: only the first is read");
            return false;
        }
        return true;
    case F_DICT:
        if (!in->has_key) {
            (void)snprintf(text, sizeof text, "<%.40s> in a dictionary without a <key> before it",
                           name);
            xml_problem(x, DX_PROBLEM_STRUCTURE, start, end, text);
            return false;
        }
        in->has_key = false;
        xml_send(x, &x->waiting);
        return true;
    default:
        (void)snprintf(text, sizeof text, "<%.40s> inside an element that holds text", name);
        xml_problem(x, DX_PROBLEM_STRUCTURE, start, end, text);
        return false;
    }
}

static bool key_allowed(struct xml *x, size_t start, size_t end)
{
    struct frame *in = x->depth ? &x->stack[x->depth - 1] : NULL;
    if (!in || in->type != F_DICT) {
        xml_problem(x, DX_PROBLEM_STRUCTURE, start, end, "<key> outside a dictionary");
        return false;
    }
    if (in->has_key) {
        key_without_value(x, in);
    }
    return true;
}

static bool unknown_element(struct xml *x, size_t start, size_t end, const char *name)
{
    char text[160];
    (void)snprintf(text, sizeof text, "<%.60s> is no property-list element", name);
    xml_problem(x, DX_PROBLEM_STRUCTURE, start, end, text);
    struct frame *in = x->depth ? &x->stack[x->depth - 1] : NULL;
    if (in && in->type == F_DICT) {
        in->has_key = false; /* its value is the element just reported */
    }
    return false;
}

static bool opens(struct xml *x, struct frame *probe, size_t start, size_t end, const char *name)
{
    if (!classify(name, probe)) {
        return unknown_element(x, start, end, name);
    }
    if (probe->type == F_PLIST) {
        if (x->depth == 0) {
            return true;
        }
        return unknown_element(x, start, end, name);
    }
    return probe->type == F_KEY ? key_allowed(x, start, end) : value_allowed(x, start, end, name);
}

static void on_start(void *user, const xmlChar *localname, const xmlChar *prefix,
                     const xmlChar *uri, int nb_ns, const xmlChar **ns, int nb_attr, int nb_def,
                     const xmlChar **attr)
{
    (void)prefix, (void)uri, (void)nb_ns, (void)ns, (void)nb_attr, (void)nb_def, (void)attr;
    struct xml *x = user;
    if (x->stopped) {
        return;
    }
    x->any = true;
    size_t off = offset_now(x), start = tag_start(x, off);
    struct frame probe = {.start = start};
    bool open = !x->muted && opens(x, &probe, start, off + 1, (const char *)localname);
    struct frame *f = x->stopped ? NULL : xml_push(x);
    if (!f) {
        return;
    }
    *f = probe;
    f->muted = !open;
    if (!open) {
        x->muted++;
        return;
    }
    x->text.n = 0;
    if (f->type == F_DICT || f->type == F_ARRAY) {
        struct dx_event ev = {.type = f->type == F_DICT ? DX_EV_DICT : DX_EV_ARRAY};
        set_place(x, &ev, start, off + 1);
        xml_send(x, &ev);
    } else if (f->type == F_SCALAR && f->kind == DEXT_BOOL) {
        f->children = strcmp((const char *)localname, "true") == 0;
    }
}

static void end_key(struct xml *x, struct frame *f, size_t end)
{
    struct frame *dict = &x->stack[x->depth - 2];
    struct dx_buf text = x->text;
    x->text = x->key;
    x->key = text;
    x->waiting = (struct dx_event){.type = DX_EV_KEY, .text = dx_buf_str(&x->key)};
    set_place(x, &x->waiting, f->start, end);
    dict->has_key = true;
}

static bool blank_after(struct dx_str text)
{
    char last = text.n ? text.p[text.n - 1] : 'x';
    return last == ' ' || last == '\t' || last == '\r' || last == '\n';
}

static void fill_scalar(struct xml *x, struct frame *f, struct dx_event *ev)
{
    struct dx_str text = dx_buf_str(&x->text);
    ev->kind = f->kind;
    ev->text = f->kind == DEXT_STRING ? text : dx_str_trim(text);
    switch (f->kind) {
    case DEXT_INTEGER:
        /* CFPropertyList.c, parseIntegerTag: white space may stand before the number only. */
        ev->bad = !dx_parse_integer(text, &ev->integer, &ev->negative) || blank_after(text);
        break;
    case DEXT_REAL:
        ev->bad = !dx_parse_real(text, &ev->real);
        break;
    case DEXT_DATE:
        ev->bad = !dx_parse_date(text);
        break;
    case DEXT_DATA:
        x->data.n = 0;
        ev->bad = !dx_parse_base64(text, &x->data);
        ev->text = dx_buf_str(&x->data);
        break;
    case DEXT_BOOL:
        ev->boolean = f->children != 0;
        ev->bad = ev->text.n != 0;
        ev->text = ev->boolean ? DX_STR("true") : DX_STR("false");
        break;
    default:
        break;
    }
}

static void end_scalar(struct xml *x, struct frame *f, size_t end)
{
    struct dx_event ev = {.type = DX_EV_SCALAR};
    fill_scalar(x, f, &ev);
    set_place(x, &ev, f->start, end);
    if (ev.bad) {
        char text[200];
        struct dx_str raw = dx_str_trim(dx_buf_str(&x->text));
        uint64_t value;
        bool minus;
        bool blank = f->kind == DEXT_INTEGER && dx_parse_integer(raw, &value, &minus);
        (void)snprintf(text, sizeof text, "\"%.*s%s\" is no %s", (int)(raw.n > 80 ? 80 : raw.n),
                       raw.n ? raw.p : "", blank ? " " : "",
                       f->kind == DEXT_BOOL ? "content for <true/> or <false/>"
                       : blank ? "integer: CoreFoundation takes no white space after the number"
                               : dext_kind_name(f->kind));
        xml_problem(x, DX_PROBLEM_VALUE, f->start, end, text);
    }
    xml_send(x, &ev);
}

static void on_end(void *user, const xmlChar *localname, const xmlChar *prefix, const xmlChar *uri)
{
    (void)localname, (void)prefix, (void)uri;
    struct xml *x = user;
    if (x->stopped || x->depth == 0) {
        return;
    }
    struct frame *f = &x->stack[x->depth - 1];
    size_t end = tag_end(x, offset_now(x));
    if (f->muted) {
        x->muted--;
    } else if (f->type == F_KEY) {
        end_key(x, f, end);
    } else if (f->type == F_SCALAR) {
        end_scalar(x, f, end);
    } else if (f->type != F_PLIST) {
        if (f->type == F_DICT && f->has_key) {
            key_without_value(x, f);
        }
        struct dx_event ev = {.type = DX_EV_END};
        set_place(x, &ev, end ? end - 1 : 0, end);
        xml_send(x, &ev);
    }
    x->text.n = 0;
    x->depth--;
}

static void on_text(void *user, const xmlChar *ch, int len)
{
    struct xml *x = user;
    if (x->stopped || x->depth == 0 || x->muted) {
        return;
    }
    struct frame *f = &x->stack[x->depth - 1];
    struct dx_str s = {(const char *)ch, (size_t)len};
    if (f->type == F_KEY || f->type == F_SCALAR) {
        dx_buf_add(&x->text, s.p, s.n);
        if (x->text.toobig) {
            stop(x, DEXT_E_LIMIT, "a single value is larger than what is read of a file");
        }
    } else if (!f->stray_text && dx_str_trim(s).n) {
        char text[120];
        size_t end = offset_now(x);
        const char *all = s.p;
        s = dx_str_trim(s);
        (void)snprintf(text, sizeof text, "text \"%.*s\" between elements",
                       (int)(s.n > 60 ? 60 : s.n), s.p);
        size_t start = end > (size_t)len ? end - (size_t)len : 0;
        start += (size_t)(s.p - all);
        f->stray_text = true;
        xml_problem(x, DX_PROBLEM_STRUCTURE, start, start + s.n, text);
    }
}

static void on_comment(void *user, const xmlChar *value)
{
    struct xml *x = user;
    if (x->stopped) {
        return;
    }
    size_t end = offset_now(x), start = tag_start(x, end);
    /* A comment may itself hold '<': its real start is the "<!--" before the text. */
    size_t inside = strlen((const char *)value) + 7;
    if (x->exact && end >= inside && memcmp(x->src->data + end - inside, "<!--", 4) == 0) {
        start = end - inside;
    }
    struct dx_event ev = {.type = DX_EV_COMMENT, .text = dx_str((const char *)value)};
    set_place(x, &ev, start, end);
    xml_send(x, &ev);
}

/* NOLINTBEGIN(readability-non-const-parameter): libxml2 gives the type */
static void on_entity(void *user, const xmlChar *name, int type, const xmlChar *public_id,
                      const xmlChar *system_id, xmlChar *content)
/* NOLINTEND(readability-non-const-parameter) */
{
    (void)name, (void)type, (void)public_id, (void)system_id, (void)content;
    struct xml *x = user;
    struct dx_event ev = {.type = DX_EV_PROBLEM,
                          .problem = DX_PROBLEM_ENTITY,
                          .text = DX_STR("the file declares XML entities of its own")};
    size_t end = offset_now(x);
    set_place(x, &ev, tag_start(x, end), end);
    xml_send(x, &ev);
    stop(x, DEXT_E_FORMAT, "declares XML entities of its own; they are not expanded");
}

/* libxml2 calls it extra content when a file ends too early. The element that is still open. */
static struct dx_str cut_short(const struct xml *x)
{
    const struct frame *f = &x->stack[x->depth - 1];
    unsigned line = 1;
    if (!x->exact || f->start >= x->src->size) {
        return DX_STR("the file ends too early: elements are still open");
    }
    for (size_t i = 0; i < f->start; i++) {
        line += x->src->data[i] == '\n';
    }
    const char *name = x->src->data + f->start + 1;
    return dx_str(dx_sprintf(&x->ctx->arena, "the file ends inside of <%.*s>, opened on line %u",
                             (int)strcspn(name, " \t\r\n/><"), name, line));
}

/* CoreFoundation skips white space before each element at the top and any processing instruction
 * there, and reads no further than the first element (CFPropertyList.c, parseXMLPropertyList; its
 * parser goes on for a blank first line in Apple's own tests). NULL: it minds as well. */
static const char *lenient(const struct xml *x, const xmlError *error)
{
    if (x->depth) {
        return NULL;
    }
    bool declaration = error->code == XML_ERR_RESERVED_XML_NAME;
    if (x->any && (declaration || error->code == XML_ERR_DOCUMENT_END)) {
        return "something follows the end of the property list; the system does not read it";
    }
    if (!declaration) {
        return NULL;
    }
    const char *head = memmem(x->src->data, x->src->size, "<?xml", 5);
    struct dx_str before = {x->src->data, head ? (size_t)(head - x->src->data) : 0};
    return before.n && dx_str_trim(before).n == 0 ? "white space stands before the XML declaration"
                                                  : "an XML declaration that is not at the start";
}

static enum dx_problem problem_of(const xmlError *error)
{
    switch (error->code) {
    case XML_ERR_HYPHEN_IN_COMMENT:
        return DX_PROBLEM_COMMENT;
    case XML_ERR_INVALID_ENCODING:
    case XML_ERR_INVALID_CHAR:
    case XML_ERR_UNKNOWN_ENCODING:
    case XML_ERR_UNSUPPORTED_ENCODING:
        return DX_PROBLEM_ENCODING;
    default:
        return error->domain == XML_FROM_I18N ? DX_PROBLEM_ENCODING : DX_PROBLEM_SYNTAX;
    }
}

static void on_error(void *user, xmlErrorPtr error)
{
    struct xml *x = user;
    if (x->stopped || !error || error->level < XML_ERR_ERROR || x->rc) {
        return;
    }
    const char *taken = lenient(x, error);
    /* The text is libxml2's; it may quote the file and end in a newline. */
    struct dx_str text = dx_str_trim(dx_str(error->message));
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\n') {
            text.n = i;
        }
    }
    if (error->code == XML_ERR_DOCUMENT_END && x->depth) {
        text = cut_short(x);
    }
    struct dx_event ev = {.type = DX_EV_PROBLEM,
                          .problem = taken ? DX_PROBLEM_LENIENT : problem_of(error),
                          .text = taken ? dx_str(taken) : text};
    ev.line = error->line > 0 ? (unsigned)error->line : 1;
    ev.column = error->int2 > 0 ? (unsigned)error->int2 : 1;
    xml_send(x, &ev);
}

/* An XML declaration that names anything but UTF-8 makes libxml2 convert, and then its offsets
 * are not the file's. */
static bool offsets_are_exact(const struct dx_source *src)
{
    struct dx_str head = {src->data, src->size < 200 ? src->size : 200};
    if (head.n >= 2 && ((unsigned char)head.p[0] >= 0xfe || head.p[0] == 0 || head.p[1] == 0)) {
        return false;
    }
    const char *close = memmem(head.p, head.n, "?>", 2);
    if (!close) {
        return true;
    }
    head.n = (size_t)(close - head.p);
    const char *enc = memmem(head.p, head.n, "encoding", 8);
    if (!enc) {
        return true;
    }
    struct dx_str value = {enc + 8, head.n - (size_t)(enc + 8 - head.p)};
    while (value.n && strchr("= \t\r\n'\"", value.p[0])) {
        value.p++;
        value.n--;
    }
    value.n = value.n < 5 ? value.n : 5;
    return dx_str_is_nocase(value, "utf-8");
}

bool dx_plist_xml_exact(const struct dx_source *src)
{
    struct dx_str s = dx_str_trim((struct dx_str){src->data, src->size});
    return s.n && (s.p[0] == '<' || memcmp(s.p, "\xef\xbb\xbf", s.n < 3 ? s.n : 3) == 0) &&
           offsets_are_exact(src);
}

/* libxml2 tells a few faults of a decoder to stderr instead of its caller. */
static void say_nothing(void *user, const char *format, ...)
{
    (void)user, (void)format;
}

/* The parser asks for more; its other way, of being handed pieces, looks for the end of each tag
 * before it reads the tag, which costs as much as the reading. */
static int give(void *user, char *to, int room)
{
    struct xml *x = user;
    size_t left = x->src->size - x->given, n = room > 0 ? (size_t)room : 0;
    n = n < left ? n : left;
    memcpy(to, x->src->data + x->given, n);
    x->given += n;
    return (int)n;
}

static void xml_parse(struct xml *x)
{
    xmlGenericErrorFunc say = xmlGenericError;
    void *to = xmlGenericErrorContext;
    xmlSetGenericErrorFunc(NULL, say_nothing);
    (void)xmlParseDocument(x->parser);
    xmlSetGenericErrorFunc(to, say);
}

int dx_plist_xml(struct dext_ctx *ctx, const struct dx_source *src, dx_event_fn *fn, void *user)
{
    struct xml x = {.ctx = ctx, .src = src, .fn = fn, .user = user};
    xmlSAXHandler sax = {.initialized = XML_SAX2_MAGIC,
                         .startElementNs = on_start,
                         .endElementNs = on_end,
                         .characters = on_text,
                         .cdataBlock = on_text,
                         .comment = on_comment,
                         .entityDecl = on_entity,
                         .serror = (xmlStructuredErrorFunc)on_error};
    if (dx_str_trim((struct dx_str){src->data, src->size}).n == 0) {
        return dx_fail(ctx, DEXT_E_FORMAT, "%s: is empty", src->path);
    }
    x.exact = offsets_are_exact(src);
    dx_buf_init(&x.text, &ctx->arena, ctx->limits.file_bytes);
    dx_buf_init(&x.key, &ctx->arena, ctx->limits.file_bytes);
    dx_buf_init(&x.data, &ctx->arena, ctx->limits.file_bytes);
    x.parser = xmlCreateIOParserCtxt(&sax, &x, give, NULL, &x, XML_CHAR_ENCODING_NONE);
    if (!x.parser) {
        return dx_fail(ctx, DEXT_E_FORMAT, "%s: the XML reader cannot start", src->path);
    }
    (void)xmlCtxtUseOptions(x.parser, XML_PARSE_NONET | XML_PARSE_RECOVER | XML_PARSE_NOWARNING |
                                          XML_PARSE_HUGE);
    xml_parse(&x);
    xmlDocPtr doc = x.parser->myDoc;
    xmlFreeParserCtxt(x.parser);
    xmlFreeDoc(doc);
    if (x.rc == DEXT_OK && !x.any && !x.stopped) {
        return dx_fail(ctx, DEXT_E_FORMAT, "%s: is no property list (neither XML nor binary)",
                       src->path);
    }
    return x.rc;
}
