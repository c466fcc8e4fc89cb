#include "sign/requirement.h"

#include <ctype.h>
#include <openssl/objects.h>
#include <string.h>
#include <time.h>

#include "sign/macho.h"

#define MOST_TEXT ((size_t)64 * 1024)

/* Binding: what needs no parentheses where. */
enum level { PRIMARY, AND, OR };

struct text {
    struct dx_requirement_code code;
    struct dx_buf out;
    unsigned depth;
    bool bad;
};

static void expression(struct text *t, enum level level);

/* ---- bytes --------------------------------------------------------------------------------- */

bool dx_requirement_open(struct dx_requirement_code *out, struct dx_str blob)
{
    const unsigned char *p = (const unsigned char *)blob.p;
    *out = (struct dx_requirement_code){.p = p, .n = blob.n, .at = DX_REQUIREMENT_HEAD};
    return blob.n >= DX_REQUIREMENT_HEAD + 4 && dx_u32(p, true) == DX_REQUIREMENT_MAGIC &&
           dx_u32(p + 4, true) == blob.n && dx_u32(p + 8, true) == 1;
}

uint32_t dx_requirement_number(struct dx_requirement_code *c)
{
    if (c->n - c->at < 4) {
        c->bad = true;
        c->at = c->n;
        return 0;
    }
    c->at += 4;
    return dx_u32(c->p + c->at - 4, true);
}

int64_t dx_requirement_long(struct dx_requirement_code *c)
{
    uint64_t high = dx_requirement_number(c);
    return (int64_t)(high << 32 | dx_requirement_number(c));
}

static struct dx_str requirement_take(struct dx_requirement_code *c, size_t align)
{
    size_t n = dx_requirement_number(c);
    if (n > c->n - c->at) {
        c->bad = true;
        return (struct dx_str){"", 0};
    }
    struct dx_str s = {(const char *)c->p + c->at, n};
    size_t padded = (n + align) & ~align;
    c->at = padded > c->n - c->at ? c->n : c->at + padded;
    return s;
}

struct dx_str dx_requirement_data(struct dx_requirement_code *c)
{
    return requirement_take(c, 3);
}

void dx_requirement_skip(struct dx_requirement_code *c)
{
    (void)requirement_take(c, 0);
}

/* ---- words --------------------------------------------------------------------------------- */

static uint32_t requirement_number(struct text *t)
{
    uint32_t v = dx_requirement_number(&t->code);
    t->bad |= t->code.bad;
    return v;
}

static struct dx_str requirement_datum(struct text *t)
{
    struct dx_str s = dx_requirement_data(&t->code);
    t->bad |= t->code.bad;
    return s;
}

static void requirement_hex(struct text *t, struct dx_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        dx_buf_printf(&t->out, "%02x", (unsigned)(unsigned char)s.p[i]);
    }
}

static void requirement_quoted(struct text *t, struct dx_str s)
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
static void requirement_word(struct text *t, struct dx_str s, bool dots)
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
        requirement_quoted(t, s);
    } else {
        dx_buf_puts(&t->out, "0x");
        requirement_hex(t, s);
    }
}

static void requirement_slot(struct text *t)
{
    int32_t i = (int32_t)requirement_number(t);
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
    struct dx_str s = requirement_datum(t);
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
static void requirement_moment(struct text *t)
{
    int64_t v = dx_requirement_long(&t->code);
    struct tm tm;
    /* The year 9999 is beyond any date in a requirement. */
    time_t when = v > -DX_ABSOLUTE_TIME && v < 252423993600 ? (time_t)(v + DX_ABSOLUTE_TIME) : 0;
    t->bad |= t->code.bad;
    if (t->bad || !gmtime_r(&when, &tm)) {
        t->bad = true;
        return;
    }
    dx_buf_printf(&t->out, "timestamp \"%04d-%02d-%02d %02d:%02d:%02dZ\"", tm.tm_year + 1900,
                  tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void requirement_match(struct text *t)
{
    static const char *const before[] = {" /* exists */", " = ", " ~ ",  " = ",  " = *",
                                         " < ",           " > ", " <= ", " >= ", " = ",
                                         " < ",           " > ", " <= ", " >= ", " absent"};
    uint32_t op = requirement_number(t);
    if (op >= sizeof before / sizeof *before) {
        t->bad = true;
        return;
    }
    dx_buf_puts(&t->out, before[op]);
    if (op >= 1 && op <= 8) {
        requirement_word(t, requirement_datum(t), false);
        dx_buf_puts(&t->out, op == 3 ? "*" : "");
    } else if (op >= 9 && op <= 13) {
        requirement_moment(t);
    }
}

/* certificate SLOT[KINDKEY] MATCH */
static void requirement_certificate(struct text *t, const char *kind)
{
    requirement_slot(t);
    dx_buf_puts(&t->out, "[");
    if (kind) {
        dx_buf_puts(&t->out, kind);
        oid(t);
    } else {
        requirement_word(t, requirement_datum(t), true);
    }
    dx_buf_puts(&t->out, "]");
    requirement_match(t);
}

static void requirement_field(struct text *t, const char *of, bool value_only)
{
    dx_buf_puts(&t->out, of);
    dx_buf_puts(&t->out, "[");
    requirement_word(t, requirement_datum(t), true);
    dx_buf_puts(&t->out, "]");
    if (value_only) {
        dx_buf_puts(&t->out, " = ");
        requirement_word(t, requirement_datum(t), false);
    } else {
        requirement_match(t);
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

static void requirement_named(struct text *t, const char *before, const char *after)
{
    dx_buf_puts(&t->out, before);
    requirement_word(t, requirement_datum(t), false);
    dx_buf_puts(&t->out, after);
}

static void requirement_hash(struct text *t)
{
    dx_buf_puts(&t->out, "H\"");
    requirement_hex(t, requirement_datum(t));
    dx_buf_puts(&t->out, "\"");
}

static void requirement_unknown(struct text *t, uint32_t op, enum level level)
{
    if (!(op & (DX_OP_GENERIC_FALSE | DX_OP_GENERIC_SKIP))) {
        t->bad = true;
        return;
    }
    dx_requirement_skip(&t->code);
    t->bad |= t->code.bad;
    if (op & DX_OP_GENERIC_FALSE) {
        dx_buf_printf(&t->out, "never /* opcode %u */", op & 0xffffff);
    } else {
        dx_buf_printf(&t->out, "/* opcode %u */ ", op & 0xffffff);
        expression(t, level);
    }
}

static void certificate_op(struct text *t, uint32_t op)
{
    switch (op) {
    case DX_OP_ANCHOR_HASH:
        requirement_slot(t);
        dx_buf_puts(&t->out, " = ");
        requirement_hash(t);
        break;
    case DX_OP_TRUSTED_CERT:
        requirement_slot(t);
        dx_buf_puts(&t->out, " trusted");
        break;
    default:
        requirement_certificate(t, op == DX_OP_CERT_GENERIC      ? "field."
                                   : op == DX_OP_CERT_POLICY     ? "policy."
                                   : op == DX_OP_CERT_FIELD_DATE ? "timestamp."
                                                                 : NULL);
    }
}

static void operation(struct text *t, uint32_t op, enum level level)
{
    static const char *const words[] = {
        [DX_OP_FALSE] = "never",
        [DX_OP_TRUE] = "always",
        [DX_OP_APPLE_ANCHOR] = "anchor apple",
        [DX_OP_TRUSTED_CERTS] = "anchor trusted",
        [DX_OP_APPLE_GENERIC_ANCHOR] = "anchor apple generic",
        [DX_OP_NOTARIZED] = "notarized",
        [DX_OP_LEGACY_DEV_ID] = "legacy",
    };
    if (op < sizeof words / sizeof *words && words[op]) {
        dx_buf_puts(&t->out, words[op]);
        return;
    }
    switch (op) {
    case DX_OP_IDENT:
        requirement_named(t, "identifier ", "");
        break;
    case DX_OP_INFO_KEY_VALUE:
    case DX_OP_INFO_KEY_FIELD:
        requirement_field(t, "info", op == DX_OP_INFO_KEY_VALUE);
        break;
    case DX_OP_ENTITLEMENT_FIELD:
        requirement_field(t, "entitlement", false);
        break;
    case DX_OP_AND:
        both(t, level, AND, " and ");
        break;
    case DX_OP_OR:
        both(t, level, OR, " or ");
        break;
    case DX_OP_NOT:
        dx_buf_puts(&t->out, "! ");
        expression(t, PRIMARY);
        break;
    case DX_OP_CDHASH:
        dx_buf_puts(&t->out, "cdhash ");
        requirement_hash(t);
        break;
    case DX_OP_NAMED_ANCHOR:
        requirement_named(t, "anchor apple ", "");
        break;
    case DX_OP_NAMED_CODE:
        requirement_named(t, "(", ")");
        break;
    case DX_OP_PLATFORM:
        dx_buf_printf(&t->out, "platform = %d", (int32_t)requirement_number(t));
        break;
    case DX_OP_ANCHOR_HASH:
    case DX_OP_TRUSTED_CERT:
    case DX_OP_CERT_FIELD:
    case DX_OP_CERT_GENERIC:
    case DX_OP_CERT_POLICY:
    case DX_OP_CERT_FIELD_DATE:
        certificate_op(t, op);
        break;
    default:
        requirement_unknown(t, op, level);
    }
}

static void expression(struct text *t, enum level level)
{
    if (t->bad || t->out.toobig || ++t->depth > DX_REQUIREMENT_DEEPEST) {
        t->bad = true;
        return;
    }
    uint32_t op = requirement_number(t);
    bool known = (op & ~DX_OP_FLAGS) < DX_OP_COUNT; /* the flags speak to who does not know it */
    operation(t, known ? op & ~DX_OP_FLAGS : op, level);
    t->depth--;
}

static const char *requirement_source(struct dext_ctx *ctx, struct dx_str blob, size_t at, bool all)
{
    struct text t = {.depth = 0};
    if (!dx_requirement_open(&t.code, blob) || at > blob.n) {
        return NULL;
    }
    t.code.at = at;
    dx_buf_init(&t.out, &ctx->arena, MOST_TEXT);
    expression(&t, OR);
    return t.bad || t.out.toobig || (all && t.code.at != t.code.n) ? NULL : t.out.p;
}

const char *dx_requirement_text(struct dext_ctx *ctx, struct dx_str blob)
{
    return requirement_source(ctx, blob, DX_REQUIREMENT_HEAD, true);
}

const char *dx_requirement_part(struct dext_ctx *ctx, struct dx_str blob, size_t at)
{
    return requirement_source(ctx, blob, at, false);
}
