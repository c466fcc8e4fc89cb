#include "sign/requirement.h"

#include <ctype.h>
#include <openssl/objects.h>
#include <string.h>
#include <time.h>

#include "sign/macho.h"

#define DEEPEST 100
#define MOST_TEXT ((size_t)64 * 1024)

enum op {
    OP_FALSE,
    OP_TRUE,
    OP_IDENT,
    OP_APPLE_ANCHOR,
    OP_ANCHOR_HASH,
    OP_INFO_KEY_VALUE,
    OP_AND,
    OP_OR,
    OP_CDHASH,
    OP_NOT,
    OP_INFO_KEY_FIELD,
    OP_CERT_FIELD,
    OP_TRUSTED_CERT,
    OP_TRUSTED_CERTS,
    OP_CERT_GENERIC,
    OP_APPLE_GENERIC_ANCHOR,
    OP_ENTITLEMENT_FIELD,
    OP_CERT_POLICY,
    OP_NAMED_ANCHOR,
    OP_NAMED_CODE,
    OP_PLATFORM,
    OP_NOTARIZED,
    OP_CERT_FIELD_DATE,
    OP_LEGACY_DEV_ID,
};
#define OP_GENERIC_FALSE 0x80000000U /* unknown to old systems: false there */
#define OP_GENERIC_SKIP 0x40000000U  /* unknown to old systems: passed over there */

/* Binding: what needs no parentheses where. */
enum level { PRIMARY, AND, OR };

struct text {
    const unsigned char *p;
    size_t n, at;
    struct dx_buf out;
    unsigned depth;
    bool bad;
};

static void expression(struct text *t, enum level level);

static uint32_t number(struct text *t)
{
    if (t->n - t->at < 4) {
        t->bad = true;
        t->at = t->n;
        return 0;
    }
    t->at += 4;
    return dx_u32(t->p + t->at - 4, true);
}

/* A length, bytes, and up to 3 bytes of padding. */
static struct dx_str data(struct text *t)
{
    size_t n = number(t);
    if (n > t->n - t->at) {
        t->bad = true;
        return (struct dx_str){"", 0};
    }
    struct dx_str s = {(const char *)t->p + t->at, n};
    size_t padded = (n + 3) & ~(size_t)3;
    t->at = padded > t->n - t->at ? t->n : t->at + padded;
    return s;
}

static void hex(struct text *t, struct dx_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        dx_buf_printf(&t->out, "%02x", (unsigned)(unsigned char)s.p[i]);
    }
}

static void quoted(struct text *t, struct dx_str s)
{
    dx_buf_puts(&t->out, "\"");
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"' || s.p[i] == '\\') {
            dx_buf_puts(&t->out, "\\");
        }
        dx_buf_add(&t->out, s.p + i, 1);
    }
    dx_buf_puts(&t->out, "\"");
}

/* A word where the language takes it for one, else a string, else hex. */
static void word(struct text *t, struct dx_str s, bool dots)
{
    bool simple = s.n > 0 && !isdigit((unsigned char)s.p[0]), printable = true;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        simple = simple && (isalnum(c) || (dots && c == '.'));
        printable = printable && (isgraph(c) || isspace(c));
    }
    if (simple) {
        dx_buf_add(&t->out, s.p, s.n);
    } else if (printable) {
        quoted(t, s);
    } else {
        dx_buf_puts(&t->out, "0x");
        hex(t, s);
    }
}

static void slot(struct text *t)
{
    int32_t i = (int32_t)number(t);
    dx_buf_puts(&t->out, "certificate ");
    if (i == 0) {
        dx_buf_puts(&t->out, "leaf");
    } else if (i == -1) {
        dx_buf_puts(&t->out, "root");
    } else {
        dx_buf_printf(&t->out, "%d", i);
    }
}

static void oid(struct text *t)
{
    struct dx_str s = data(t);
    char name[256];
    unsigned char der[130] = {0x06, (unsigned char)s.n};
    if (s.n == 0 || s.n > 127) {
        t->bad = true;
        return;
    }
    memcpy(der + 2, s.p, s.n);
    const unsigned char *p = der;
    ASN1_OBJECT *o = d2i_ASN1_OBJECT(NULL, &p, (long)s.n + 2);
    if (o && OBJ_obj2txt(name, sizeof name, o, 1) > 0) {
        dx_buf_puts(&t->out, name);
    } else {
        t->bad = true;
    }
    ASN1_OBJECT_free(o);
}

/* Seconds since 2001-01-01, 64 bits. */
static void moment(struct text *t)
{
    uint64_t high = number(t);
    int64_t v = (int64_t)(high << 32 | number(t));
    struct tm tm;
    /* The year 9999 is beyond any date in a requirement. */
    time_t when = v > -978307200 && v < 252423993600 ? (time_t)(v + 978307200) : 0;
    if (t->bad || !gmtime_r(&when, &tm)) {
        t->bad = true;
        return;
    }
    dx_buf_printf(&t->out, "timestamp \"%04d-%02d-%02d %02d:%02d:%02dZ\"", tm.tm_year + 1900,
                  tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void match(struct text *t)
{
    static const char *const before[] = {" /* exists */", " = ", " ~ ",  " = ",  " = *",
                                         " < ",           " > ", " <= ", " >= ", " = ",
                                         " < ",           " > ", " <= ", " >= ", " absent"};
    uint32_t op = number(t);
    if (op >= sizeof before / sizeof *before) {
        t->bad = true;
        return;
    }
    dx_buf_puts(&t->out, before[op]);
    if (op >= 1 && op <= 8) {
        word(t, data(t), false);
        dx_buf_puts(&t->out, op == 3 ? "*" : "");
    } else if (op >= 9 && op <= 13) {
        moment(t);
    }
}

/* certificate SLOT[KINDKEY] MATCH */
static void certificate(struct text *t, const char *kind)
{
    slot(t);
    dx_buf_puts(&t->out, "[");
    if (kind) {
        dx_buf_puts(&t->out, kind);
        oid(t);
    } else {
        word(t, data(t), true);
    }
    dx_buf_puts(&t->out, "]");
    match(t);
}

static void field(struct text *t, const char *of, bool value_only)
{
    dx_buf_puts(&t->out, of);
    dx_buf_puts(&t->out, "[");
    word(t, data(t), true);
    dx_buf_puts(&t->out, "]");
    if (value_only) {
        dx_buf_puts(&t->out, " = ");
        word(t, data(t), false);
    } else {
        match(t);
    }
}

static void both(struct text *t, enum level level, enum level mine, const char *between)
{
    dx_buf_puts(&t->out, level < mine ? "(" : "");
    expression(t, mine);
    dx_buf_puts(&t->out, between);
    expression(t, mine);
    dx_buf_puts(&t->out, level < mine ? ")" : "");
}

static void named(struct text *t, const char *before, const char *after)
{
    dx_buf_puts(&t->out, before);
    word(t, data(t), false);
    dx_buf_puts(&t->out, after);
}

static void hash(struct text *t)
{
    dx_buf_puts(&t->out, "H\"");
    hex(t, data(t));
    dx_buf_puts(&t->out, "\"");
}

static void unknown(struct text *t, uint32_t op, enum level level)
{
    if (!(op & (OP_GENERIC_FALSE | OP_GENERIC_SKIP))) {
        t->bad = true;
        return;
    }
    (void)data(t);
    if (op & OP_GENERIC_FALSE) {
        dx_buf_printf(&t->out, "never /* opcode %u */", op & 0xffffff);
    } else {
        dx_buf_printf(&t->out, "/* opcode %u */ ", op & 0xffffff);
        expression(t, level);
    }
}

static void certificate_op(struct text *t, uint32_t op)
{
    switch (op) {
    case OP_ANCHOR_HASH:
        slot(t);
        dx_buf_puts(&t->out, " = ");
        hash(t);
        break;
    case OP_TRUSTED_CERT:
        slot(t);
        dx_buf_puts(&t->out, " trusted");
        break;
    default:
        certificate(t, op == OP_CERT_GENERIC      ? "field."
                       : op == OP_CERT_POLICY     ? "policy."
                       : op == OP_CERT_FIELD_DATE ? "timestamp."
                                                  : NULL);
    }
}

static void operation(struct text *t, uint32_t op, enum level level)
{
    static const char *const words[] = {
        [OP_FALSE] = "never",
        [OP_TRUE] = "always",
        [OP_APPLE_ANCHOR] = "anchor apple",
        [OP_TRUSTED_CERTS] = "anchor trusted",
        [OP_APPLE_GENERIC_ANCHOR] = "anchor apple generic",
        [OP_NOTARIZED] = "notarized",
        [OP_LEGACY_DEV_ID] = "legacy",
    };
    if (op < sizeof words / sizeof *words && words[op]) {
        dx_buf_puts(&t->out, words[op]);
        return;
    }
    switch (op) {
    case OP_IDENT:
        named(t, "identifier ", "");
        break;
    case OP_INFO_KEY_VALUE:
    case OP_INFO_KEY_FIELD:
        field(t, "info", op == OP_INFO_KEY_VALUE);
        break;
    case OP_ENTITLEMENT_FIELD:
        field(t, "entitlement", false);
        break;
    case OP_AND:
        both(t, level, AND, " and ");
        break;
    case OP_OR:
        both(t, level, OR, " or ");
        break;
    case OP_NOT:
        dx_buf_puts(&t->out, "! ");
        expression(t, PRIMARY);
        break;
    case OP_CDHASH:
        dx_buf_puts(&t->out, "cdhash ");
        hash(t);
        break;
    case OP_NAMED_ANCHOR:
        named(t, "anchor apple ", "");
        break;
    case OP_NAMED_CODE:
        named(t, "(", ")");
        break;
    case OP_PLATFORM:
        dx_buf_printf(&t->out, "platform = %d", (int32_t)number(t));
        break;
    case OP_ANCHOR_HASH:
    case OP_TRUSTED_CERT:
    case OP_CERT_FIELD:
    case OP_CERT_GENERIC:
    case OP_CERT_POLICY:
    case OP_CERT_FIELD_DATE:
        certificate_op(t, op);
        break;
    default:
        unknown(t, op, level);
    }
}

static void expression(struct text *t, enum level level)
{
    if (t->bad || t->out.toobig || ++t->depth > DEEPEST) {
        t->bad = true;
        return;
    }
    operation(t, number(t), level);
    t->depth--;
}

const char *dx_requirement_text(struct dext_ctx *ctx, struct dx_str blob)
{
    struct text t = {.p = (const unsigned char *)blob.p, .n = blob.n, .at = 12};
    if (blob.n < 16 || dx_u32(t.p, true) != 0xfade0c00 || dx_u32(t.p + 4, true) != blob.n ||
        dx_u32(t.p + 8, true) != 1) {
        return NULL;
    }
    dx_buf_init(&t.out, &ctx->arena, MOST_TEXT);
    expression(&t, OR);
    return t.bad || t.out.toobig || t.at != t.n ? NULL : t.out.p;
}
