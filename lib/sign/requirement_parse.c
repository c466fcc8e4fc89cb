/* The requirement language, compiled (Security requirements.grammar, reqmaker.cpp). */
#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sign/cert.h"
#include "sign/requirement.h"
#include "sign/requirement_lex.h"

#define LONGEST_SOURCE ((size_t)64 * 1024)
#define DEEPEST_SOURCE 200

struct parse {
    struct dext_ctx *ctx;
    const char *name;
    struct dx_lexer lexer;
    struct dx_token token; /* the next one */
    struct dx_requirement_maker out;
    unsigned depth;
    bool failed;
};

static void parse_expr(struct parse *p);

static void parse_fail(struct parse *p, const char *why)
{
    size_t line = 1, column = 1;
    for (size_t i = 0; i < p->token.at && i < p->lexer.n; i++) {
        bool end = p->lexer.text[i] == '\n';
        line += end;
        column = end ? 1 : column + 1;
    }
    if (!p->failed) {
        (void)dx_fail(p->ctx, DEXT_E_FORMAT, "%s:%zu:%zu: %s", p->name, line, column, why);
    }
    p->failed = true;
    p->token.kind = DX_TOKEN_END;
    p->lexer.at = p->lexer.n;
}

static void parse_next(struct parse *p)
{
    p->token = dx_lex(&p->lexer);
    if (p->token.kind == DX_TOKEN_BAD) {
        parse_fail(p, "this is no word of the requirement language");
    }
}

static bool parse_sees(const struct parse *p, enum dx_token_kind kind, const char *text)
{
    return p->token.kind == kind && dx_str_is(p->token.text, text);
}

static bool parse_word(struct parse *p, const char *word)
{
    bool is = parse_sees(p, DX_TOKEN_WORD, word);
    if (is) {
        parse_next(p);
    }
    return is;
}

static bool parse_sign(struct parse *p, const char *sign)
{
    bool is = parse_sees(p, DX_TOKEN_SIGN, sign);
    if (is) {
        parse_next(p);
    }
    return is;
}

static void parse_need(struct parse *p, const char *sign)
{
    if (!parse_sign(p, sign)) {
        parse_fail(p, dx_sprintf(&p->ctx->arena, "here should stand %s", sign));
    }
}

/* Words that mean something in the language and have to be quoted as text. */
static bool parse_is_keyword(struct dx_str s)
{
    static const char *const words[] = {
        "guest",   "host",        "designated",  "library", "plugin",   "or",
        "and",     "always",      "true",        "never",   "false",    "identifier",
        "cdhash",  "platform",    "notarized",   "legacy",  "anchor",   "apple",
        "generic", "cert",        "certificate", "trusted", "info",     "exists",
        "absent",  "entitlement", "leaf",        "root",    "timestamp"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (dx_str_is(s, words[i])) {
            return true;
        }
    }
    return false;
}

static struct dx_str parse_text(struct parse *p, const char *what)
{
    struct dx_str s = p->token.text;
    if (p->token.kind != DX_TOKEN_STRING && p->token.kind != DX_TOKEN_HEX && /* as it is shown */
        (p->token.kind != DX_TOKEN_WORD || parse_is_keyword(s))) {
        parse_fail(p, dx_sprintf(&p->ctx->arena, "here should stand %s", what));
        return (struct dx_str){"", 0};
    }
    parse_next(p);
    return s;
}

static void parse_equals(struct parse *p)
{
    if (!parse_sign(p, "=")) {
        (void)parse_sign(p, "==");
    }
}

static void parse_digest(struct parse *p)
{
    if (p->token.kind == DX_TOKEN_PATH) {
        parse_fail(p, "a certificate is named by its hash here, H\"...\", not by a file");
    } else if (p->token.kind != DX_TOKEN_HASH || p->token.text.n != 20) {
        parse_fail(p, "here should stand a hash of 40 digits, H\"...\"");
    } else {
        dx_make_data(&p->out, p->token.text.p, p->token.text.n);
        parse_next(p);
    }
}

static int32_t parse_integer(struct parse *p)
{
    if (p->token.kind != DX_TOKEN_NUMBER || p->token.text.n > 9) {
        parse_fail(p, "here should stand a number");
        return 0;
    }
    int32_t v = 0;
    for (size_t i = 0; i < p->token.text.n; i++) {
        v = v * 10 + (p->token.text.p[i] - '0');
    }
    parse_next(p);
    return v;
}

/* ---- what it is compared with -------------------------------------------------------------- */

/* "20190408000000Z" as certificates write it, or "2019-04-08 00:00:00Z" as requirements are
 * shown. */
static bool parse_moment(struct dx_str s, int64_t *out)
{
    char digits[24] = "";
    size_t n = 0;
    for (size_t i = 0; i < s.n && n < 14; i++) {
        if (s.p[i] >= '0' && s.p[i] <= '9') {
            digits[n++] = s.p[i];
        } else if (!strchr("-: T", s.p[i])) {
            return false;
        }
    }
    digits[n++] = 'Z';
    ASN1_GENERALIZEDTIME *t = ASN1_GENERALIZEDTIME_new();
    bool good =
        n == 15 && s.p[s.n - 1] == 'Z' && t && ASN1_GENERALIZEDTIME_set_string(t, digits) == 1;
    *out = good ? dx_asn1_time(t) - DX_ABSOLUTE_TIME : 0;
    ASN1_GENERALIZEDTIME_free(t);
    ERR_clear_error();
    return good;
}

/* true: a time stood there. */
static bool parse_timestamp(struct parse *p, uint32_t op)
{
    int64_t when;
    if (!parse_word(p, "timestamp")) {
        return false;
    }
    if (p->token.kind != DX_TOKEN_STRING || !parse_moment(p->token.text, &when)) {
        parse_fail(p, "here should stand a time, \"20190408000000Z\"");
        return true;
    }
    dx_make_number(&p->out, op);
    dx_make_number(&p->out, (uint32_t)((uint64_t)when >> 32));
    dx_make_number(&p->out, (uint32_t)(uint64_t)when);
    parse_next(p);
    return true;
}

static struct dx_str parse_value(struct parse *p)
{
    return parse_text(p, "a value: a word, \"text\", or 0x and hex digits");
}

static void parse_put_match(struct parse *p, uint32_t op, struct dx_str value)
{
    dx_make_number(&p->out, op);
    dx_make_data(&p->out, value.p, value.n);
}

/* VALUE, *VALUE, VALUE*, *VALUE* */
static void parse_equal(struct parse *p)
{
    bool ends = parse_sign(p, "*");
    if (!ends && parse_timestamp(p, DX_MATCH_ON)) {
        return;
    }
    struct dx_str value = parse_value(p);
    bool begins = parse_sign(p, "*");
    parse_put_match(p,
                    ends && begins ? DX_MATCH_CONTAINS
                    : ends         ? DX_MATCH_ENDS
                    : begins       ? DX_MATCH_BEGINS
                                   : DX_MATCH_EQUAL,
                    value);
}

static void parse_match(struct parse *p)
{
    static const struct {
        const char *sign;
        uint32_t text, time;
    } orders[] = {
        {"<", DX_MATCH_LESS, DX_MATCH_BEFORE},
        {">", DX_MATCH_GREATER, DX_MATCH_AFTER},
        {"<=", DX_MATCH_LESS_EQUAL, DX_MATCH_ON_BEFORE},
        {">=", DX_MATCH_GREATER_EQUAL, DX_MATCH_ON_AFTER},
    };
    if (parse_word(p, "absent")) {
        dx_make_number(&p->out, DX_MATCH_ABSENT);
        return;
    }
    if (parse_sign(p, "=") || parse_sign(p, "==")) {
        parse_equal(p);
        return;
    }
    if (parse_sign(p, "~")) {
        parse_put_match(p, DX_MATCH_CONTAINS, parse_value(p));
        return;
    }
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        if (parse_sign(p, orders[i].sign)) {
            if (!parse_timestamp(p, orders[i].time)) {
                parse_put_match(p, orders[i].text, parse_value(p));
            }
            return;
        }
    }
    (void)parse_word(p, "exists");
    dx_make_number(&p->out, DX_MATCH_EXISTS);
}

/* ---- conditions ---------------------------------------------------------------------------- */

static struct dx_str parse_key(struct parse *p)
{
    parse_need(p, "[");
    struct dx_str key = parse_text(p, "a key");
    parse_need(p, "]");
    return key;
}

static void parse_oid(struct parse *p, const char *text)
{
    ASN1_OBJECT *o = OBJ_txt2obj(text, 1);
    if (!o || OBJ_length(o) == 0) {
        parse_fail(p, "this is no object identifier");
    } else {
        dx_make_data(&p->out, OBJ_get0_data(o), OBJ_length(o));
    }
    ASN1_OBJECT_free(o);
    ERR_clear_error();
}

static void parse_certificate_key(struct parse *p, uint32_t slot)
{
    static const struct {
        const char *prefix;
        uint32_t op;
    } kinds[] = {
        {"timestamp.", DX_OP_CERT_FIELD_DATE}, {"subject.", DX_OP_CERT_FIELD},
        {"field.", DX_OP_CERT_GENERIC},        {"extension.", DX_OP_CERT_GENERIC},
        {"policy.", DX_OP_CERT_POLICY},
    };
    struct dx_token at = p->token;
    struct dx_str key = parse_key(p);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && !p->failed; i++) {
        if (!dx_str_has_prefix(key, kinds[i].prefix)) {
            continue;
        }
        dx_make_number(&p->out, kinds[i].op);
        dx_make_number(&p->out, slot);
        if (kinds[i].op == DX_OP_CERT_FIELD) {
            dx_make_data(&p->out, key.p, key.n);
        } else {
            size_t n = strlen(kinds[i].prefix);
            parse_oid(p, dx_strndup(&p->ctx->arena, key.p + n, key.n - n));
        }
        parse_match(p);
        return;
    }
    p->token = p->failed ? p->token : at;
    parse_fail(p, "a certificate has no such field: subject.X, field.OID, extension.OID, "
                  "policy.OID and timestamp.OID exist");
}

static void parse_certificate_slot(struct parse *p, uint32_t slot)
{
    if (parse_sees(p, DX_TOKEN_SIGN, "[")) {
        parse_certificate_key(p, slot);
        return;
    }
    parse_equals(p);
    dx_make_number(&p->out, DX_OP_ANCHOR_HASH);
    dx_make_number(&p->out, slot);
    parse_digest(p);
}

static void parse_anchor(struct parse *p)
{
    if (parse_word(p, "trusted")) {
        dx_make_number(&p->out, DX_OP_TRUSTED_CERTS);
    } else if (parse_word(p, "generic")) {
        if (!parse_word(p, "apple")) {
            parse_fail(p, "here should stand apple");
        }
        dx_make_number(&p->out, DX_OP_APPLE_GENERIC_ANCHOR);
    } else if (!parse_word(p, "apple")) {
        parse_certificate_slot(p, (uint32_t)DX_SLOT_ROOT);
    } else if (parse_word(p, "generic")) {
        dx_make_number(&p->out, DX_OP_APPLE_GENERIC_ANCHOR);
    } else if (p->token.kind == DX_TOKEN_STRING || p->token.kind == DX_TOKEN_HEX ||
               (p->token.kind == DX_TOKEN_WORD && !parse_is_keyword(p->token.text))) {
        dx_make_number(&p->out, DX_OP_NAMED_ANCHOR);
        dx_make_data(&p->out, p->token.text.p, p->token.text.n);
        parse_next(p);
    } else {
        dx_make_number(&p->out, DX_OP_APPLE_ANCHOR);
    }
}

static void parse_certificate(struct parse *p)
{
    int32_t slot;
    if (parse_word(p, "trusted")) {
        dx_make_number(&p->out, DX_OP_TRUSTED_CERTS);
        return;
    }
    slot = parse_word(p, "leaf")   ? DX_SLOT_LEAF
           : parse_word(p, "root") ? DX_SLOT_ROOT
           : parse_sign(p, "-")    ? -parse_integer(p)
                                   : parse_integer(p);
    if (parse_word(p, "trusted")) {
        dx_make_number(&p->out, DX_OP_TRUSTED_CERT);
        dx_make_number(&p->out, (uint32_t)slot);
    } else {
        parse_certificate_slot(p, (uint32_t)slot);
    }
}

static void parse_field(struct parse *p, uint32_t op)
{
    struct dx_str key = parse_key(p);
    dx_make_number(&p->out, op);
    dx_make_data(&p->out, key.p, key.n);
    parse_match(p);
}

static void parse_named(struct parse *p, uint32_t op, const char *what)
{
    parse_equals(p);
    struct dx_str name = parse_text(p, what);
    dx_make_number(&p->out, op);
    dx_make_data(&p->out, name.p, name.n);
}

/* A word that stands for itself. */
static bool parse_constant(struct parse *p)
{
    static const struct {
        const char *word;
        uint32_t op;
    } words[] = {
        {"always", DX_OP_TRUE}, {"true", DX_OP_TRUE},           {"never", DX_OP_FALSE},
        {"false", DX_OP_FALSE}, {"notarized", DX_OP_NOTARIZED}, {"legacy", DX_OP_LEGACY_DEV_ID},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (parse_word(p, words[i].word)) {
            dx_make_number(&p->out, words[i].op);
            return true;
        }
    }
    return false;
}

/* ( EXPRESSION ) or ( NAME ), a requirement of the system's by its name. */
static void parse_inner(struct parse *p)
{
    bool name = p->token.kind == DX_TOKEN_STRING || p->token.kind == DX_TOKEN_HEX ||
                (p->token.kind == DX_TOKEN_WORD && !parse_is_keyword(p->token.text));
    if (name) {
        parse_named(p, DX_OP_NAMED_CODE, "a name");
    } else {
        parse_expr(p);
    }
    parse_need(p, ")");
}

static void parse_condition(struct parse *p)
{
    if (parse_sign(p, "(")) {
        parse_inner(p);
    } else if (parse_sign(p, "!")) {
        dx_make_number(&p->out, DX_OP_NOT);
        parse_condition(p);
    } else if (parse_constant(p)) {
        return;
    } else if (parse_word(p, "anchor")) {
        parse_anchor(p);
    } else if (parse_word(p, "certificate") || parse_word(p, "cert")) {
        parse_certificate(p);
    } else if (parse_word(p, "info")) {
        parse_field(p, DX_OP_INFO_KEY_FIELD);
    } else if (parse_word(p, "entitlement")) {
        parse_field(p, DX_OP_ENTITLEMENT_FIELD);
    } else if (parse_word(p, "identifier")) {
        parse_named(p, DX_OP_IDENT, "an identifier; one with - or _ in it stands in quotes");
    } else if (parse_word(p, "cdhash")) {
        parse_equals(p);
        dx_make_number(&p->out, DX_OP_CDHASH);
        parse_digest(p);
    } else if (parse_word(p, "platform")) {
        parse_equals(p);
        dx_make_number(&p->out, DX_OP_PLATFORM);
        dx_make_number(&p->out, (uint32_t)parse_integer(p));
    } else {
        parse_fail(p, "here should stand a condition: identifier, anchor, certificate, info, "
                      "entitlement, cdhash ...");
    }
}

static void parse_primary(struct parse *p)
{
    if (++p->depth > DEEPEST_SOURCE) {
        parse_fail(p, "nested too deeply");
    } else {
        parse_condition(p);
    }
    p->depth--;
}

static void parse_term(struct parse *p)
{
    size_t at = p->out.out.n;
    parse_primary(p);
    while (parse_word(p, "and")) {
        dx_make_insert(&p->out, at, DX_OP_AND);
        parse_primary(p);
    }
}

static void parse_expr(struct parse *p)
{
    size_t at = p->out.out.n;
    parse_term(p);
    while (parse_word(p, "or")) {
        dx_make_insert(&p->out, at, DX_OP_OR);
        parse_term(p);
    }
}

static struct dx_str parse_element(struct parse *p)
{
    dx_make_begin(&p->out, p->ctx);
    parse_expr(p);
    while (parse_sign(p, ";")) {
    }
    return dx_make_end(&p->out);
}

/* designated => EXPRESSION library => EXPRESSION ... */
static struct dx_str parse_set(struct parse *p)
{
    struct dx_str designated = {"", 0};
    while (!p->failed && p->token.kind != DX_TOKEN_END) {
        bool wanted = parse_sees(p, DX_TOKEN_WORD, "designated");
        parse_next(p);
        parse_need(p, "=>");
        struct dx_str one = parse_element(p);
        designated = wanted ? one : designated;
    }
    if (!p->failed && designated.n == 0) {
        parse_fail(p, "there is no designated requirement in it");
    }
    return designated;
}

static bool parse_begins_set(const struct parse *p)
{
    struct dx_lexer ahead = p->lexer;
    struct dx_token t = dx_lex(&ahead);
    return p->token.kind == DX_TOKEN_WORD && t.kind == DX_TOKEN_SIGN && dx_str_is(t.text, "=>");
}

struct dx_str dx_requirement_compile(struct dext_ctx *ctx, const char *name, const char *text)
{
    struct parse p = {
        .ctx = ctx, .name = name, .lexer = {.arena = &ctx->arena, .text = text, .n = strlen(text)}};
    if (p.lexer.n > LONGEST_SOURCE) {
        (void)dx_fail(ctx, DEXT_E_LIMIT, "%s: longer than %zu bytes", name, LONGEST_SOURCE);
        return (struct dx_str){"", 0};
    }
    parse_next(&p);
    struct dx_str out = parse_begins_set(&p) ? parse_set(&p) : parse_element(&p);
    if (!p.failed && p.token.kind != DX_TOKEN_END) {
        parse_fail(&p, "the requirement should end here");
    }
    return p.failed ? (struct dx_str){"", 0} : out;
}
