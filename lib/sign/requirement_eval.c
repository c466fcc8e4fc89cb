/* A requirement held against code (Security reqinterp.cpp, Interpreter::eval). What only a Mac can
 * tell, its trust settings and fragments of its Security framework, is unknown here. */
#include <openssl/err.h>
#include <stdio.h>
#include <string.h>

#include "sign/cert.h"
#include "sign/cert_field.h"
#include "sign/requirement_match.h"

#define MOST_STEPS 100000 /* real ones have a dozen */
#define REFUSED "the system cannot read the requirement, and takes nothing for satisfying it"

struct eval {
    struct dext_ctx *ctx;
    struct dx_requirement_code code;
    const struct dx_judged *subject;
    X509 *certs[DX_LONGEST_CHAIN];
    unsigned depth, steps;
    bool refused, too_long;
};

/* An answer, and what it hangs on. */
struct part {
    enum dext_known truth;
    size_t where;      /* offset of the condition; 0: the expression itself */
    const char *found; /* what stands there instead, or why it cannot be told; NULL */
};

static struct part eval_expression(struct eval *e);

/* ---- certificates -------------------------------------------------------------------------- */

/* Index 0 is the signer, -1 the root (requirement.cpp, Context::cert). -1 when there is none. */
static int eval_slot(struct eval *e)
{
    int64_t i = (int32_t)dx_requirement_number(&e->code);
    int64_t n = (int64_t)e->subject->chain_count;
    i = i < 0 ? i + n : i;
    return i >= 0 && i < n && i < DX_LONGEST_CHAIN ? (int)i : -1;
}

static X509 *eval_x509(struct eval *e, int slot)
{
    if (slot >= 0 && !e->certs[slot]) {
        e->certs[slot] = dx_x509_read(e->subject->chain[slot]->der);
    }
    return slot >= 0 ? e->certs[slot] : NULL;
}

static const struct dx_cert *eval_root(const struct eval *e)
{
    size_t n = e->subject->chain_count;
    return n ? e->subject->chain[n - 1] : NULL;
}

static bool eval_apple_anchored(const struct eval *e)
{
    const struct dx_cert *root = eval_root(e);
    return root && dx_is_apple_root(root);
}

/* Apple's own software: by the first intermediate's name and the signer's marker. (That a Mac's
 * trust cache lists the cdhash would do as well; it lists nothing but what came with the system.)
 */
static bool eval_apple_signed(struct eval *e)
{
    static const unsigned char marker[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x63, 0x64, 0x06, 22};
    struct dx_str oid = {(const char *)marker, sizeof marker}, text;
    size_t n = e->subject->chain_count;
    X509 *issuer = n >= 2 && n <= DX_LONGEST_CHAIN ? eval_x509(e, (int)n - 2) : NULL;
    X509 *leaf = eval_x509(e, n ? 0 : -1);
    return eval_apple_anchored(e) && issuer && leaf &&
           dx_cert_subject(&text, e->ctx, issuer, "subject.CN") &&
           dx_str_is(text, "Apple Code Signing Certification Authority") &&
           dx_cert_subject(&text, e->ctx, issuer, "subject.O") && dx_str_is(text, "Apple Inc.") &&
           dx_cert_has_extension(leaf, oid);
}

/* ---- one condition ------------------------------------------------------------------------- */

static struct part eval_answer(bool holds, const char *found)
{
    return (struct part){.truth = holds ? DEXT_YES : DEXT_NO, .found = holds ? NULL : found};
}

static struct part eval_unknown(const char *why)
{
    return (struct part){.truth = DEXT_UNKNOWN, .found = why};
}

static const char *eval_quote(struct eval *e, struct dx_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] < 0x20 || s.n > 200) {
            return NULL;
        }
    }
    return dx_sprintf(&e->ctx->arena, "it is \"%.*s\"", (int)s.n, s.p);
}

static struct part eval_candidate(struct eval *e, const struct dx_match *m,
                                  const struct dx_candidate *c)
{
    const char *found = c->kind == DX_VALUE_NONE       ? "there is none"
                        : c->kind == DX_VALUE_TEXT     ? eval_quote(e, c->text)
                        : c->kind != DX_VALUE_NODE     ? NULL
                        : c->node->kind != DEXT_STRING ? NULL
                                                       : eval_quote(e, c->node->text);
    return eval_answer(dx_match_holds(m, c), found);
}

static struct part eval_key(struct eval *e, const struct dext_node *in, bool known,
                            const char *unknown)
{
    struct dx_str key = dx_requirement_data(&e->code);
    struct dx_match m = dx_match_read(&e->code);
    const struct dext_node *n = NULL;
    for (const struct dext_node *x = in ? in->child : NULL; x; x = x->next) {
        n = !x->overridden && dx_str_eq(x->key, key) ? x : n;
    }
    struct dx_candidate c = {.kind = n ? DX_VALUE_NODE : DX_VALUE_NONE, .node = n};
    return known ? eval_candidate(e, &m, &c) : eval_unknown(unknown);
}

/* info[KEY] = VALUE, in the form that was written before there were others. */
static struct part eval_info_value(struct eval *e)
{
    struct dx_str key = dx_requirement_data(&e->code);
    struct dx_match m = {DX_MATCH_EQUAL, dx_requirement_data(&e->code), 0};
    const struct dext_node *n =
        e->subject->info && !memchr(key.p, 0, key.n)
            ? dx_get(e->subject->info, dx_strndup(&e->ctx->arena, key.p, key.n))
            : NULL;
    struct dx_candidate c = {.kind = n ? DX_VALUE_NODE : DX_VALUE_NONE, .node = n};
    return e->subject->info_known ? eval_candidate(e, &m, &c)
                                  : eval_unknown("its Info.plist is not at hand");
}

static struct part eval_email(struct eval *e, X509 *x, const struct dx_match *m)
{
    struct dx_str list[16];
    size_t n = dx_cert_emails(list, 16, e->ctx, x);
    bool holds = n && m->op == DX_MATCH_EXISTS;
    for (size_t i = 0; i < n; i++) {
        struct dx_candidate c = {.kind = DX_VALUE_TEXT, .text = list[i]};
        holds |= dx_match_holds(m, &c);
    }
    return eval_answer(holds, n ? eval_quote(e, list[0]) : "there is none");
}

static struct part eval_cert_field(struct eval *e)
{
    X509 *x = eval_x509(e, eval_slot(e));
    struct dx_str key = dx_requirement_data(&e->code);
    struct dx_match m = dx_match_read(&e->code);
    struct dx_candidate c = {.kind = DX_VALUE_TEXT};
    if (!x) {
        return eval_answer(false, "there is no such certificate");
    }
    if (dx_str_is(key, "email")) {
        return eval_email(e, x, &m);
    }
    if (!dx_cert_subject(&c.text, e->ctx, x, dx_strndup(&e->ctx->arena, key.p, key.n))) {
        return eval_answer(false, "there is none"); /* "absent" does not hold either */
    }
    return eval_candidate(e, &m, &c);
}

static struct part eval_cert_oid(struct eval *e, uint32_t op)
{
    X509 *x = eval_x509(e, eval_slot(e));
    struct dx_str oid = dx_requirement_data(&e->code);
    struct dx_match m = dx_match_read(&e->code);
    struct dx_candidate c = {.kind = DX_VALUE_NONE};
    if (op == DX_OP_CERT_FIELD_DATE) {
        c.kind = x && dx_cert_time(x, oid, &c.when) ? DX_VALUE_TIME : DX_VALUE_NONE;
        return eval_candidate(e, &m, &c);
    }
    if (!x) {
        return eval_answer(false, "there is no such certificate");
    }
    c.kind = (op == DX_OP_CERT_POLICY ? dx_cert_has_policy(x, oid) : dx_cert_has_extension(x, oid))
                 ? DX_VALUE_TRUE
                 : DX_VALUE_NONE;
    return eval_candidate(e, &m, &c);
}

static const char *eval_hex(struct eval *e, struct dx_str s)
{
    char *hex = dx_alloc(&e->ctx->arena, s.n * 2 + 1);
    for (size_t i = 0; i < s.n; i++) {
        (void)snprintf(hex + i * 2, 3, "%02x", (unsigned)(unsigned char)s.p[i]);
    }
    return hex;
}

static struct part eval_anchor_hash(struct eval *e)
{
    int slot = eval_slot(e);
    struct dx_str hash = dx_requirement_data(&e->code);
    if (hash.n != 20) {
        e->refused = true;
        return eval_answer(false, NULL);
    }
    return eval_answer(slot >= 0 && strcmp(eval_hex(e, hash), e->subject->chain[slot]->sha1) == 0,
                       slot < 0 ? "there is no such certificate" : NULL);
}

static struct part eval_cdhash(struct eval *e)
{
    struct dx_str hash = dx_requirement_data(&e->code);
    const char *own = e->subject->cdhash;
    return eval_answer(hash.n == 20 && own && strcmp(eval_hex(e, hash), own) == 0,
                       own ? dx_sprintf(&e->ctx->arena, "it is %s", own) : NULL);
}

/* The trust settings of a Mac decide; its own roots, Apple's among them, are trusted there. */
static struct part eval_trusted(struct eval *e, bool one)
{
    int slot = one ? eval_slot(e) : (int)e->subject->chain_count - 1;
    if (slot < 0) {
        return eval_answer(false, "there is no such certificate");
    }
    return (size_t)slot == e->subject->chain_count - 1 && eval_apple_anchored(e)
               ? eval_answer(true, NULL)
               : eval_unknown("the trust settings of the Mac decide");
}

static struct part eval_ident(struct eval *e)
{
    struct dx_str wanted = dx_requirement_data(&e->code);
    const char *own = e->subject->identifier;
    return eval_answer(own && dx_str_is(wanted, own), own ? eval_quote(e, dx_str(own)) : NULL);
}

static const char *eval_end_of_chain(const struct eval *e)
{
    const struct dx_cert *root = eval_root(e);
    return root ? dx_sprintf(&e->ctx->arena, "its chain ends at %s", root->common_name)
                : "nobody's certificate signed it";
}

static struct part eval_notarized(const struct eval *e)
{
    return e->subject->notarized == DEXT_UNKNOWN
               ? eval_unknown("no ticket is at hand, and Apple is not asked")
               : eval_answer(e->subject->notarized == DEXT_YES, NULL);
}

static struct part eval_simple(struct eval *e, uint32_t op)
{
    switch (op) {
    case DX_OP_FALSE:
        return eval_answer(false, NULL);
    case DX_OP_TRUE:
        return eval_answer(true, NULL);
    case DX_OP_IDENT:
        return eval_ident(e);
    case DX_OP_APPLE_ANCHOR:
        return eval_answer(eval_apple_signed(e), "it is not Apple's own software");
    case DX_OP_APPLE_GENERIC_ANCHOR:
        return eval_answer(eval_apple_anchored(e), eval_end_of_chain(e));
    case DX_OP_ANCHOR_HASH:
        return eval_anchor_hash(e);
    case DX_OP_CDHASH:
        return eval_cdhash(e);
    case DX_OP_PLATFORM:
        return eval_answer(dx_requirement_number(&e->code) == e->subject->platform,
                           dx_sprintf(&e->ctx->arena, "it is %u", e->subject->platform));
    case DX_OP_NOTARIZED:
        return eval_notarized(e);
    case DX_OP_LEGACY_DEV_ID:
        return eval_unknown("that is for Gatekeeper's list of older programs to say");
    default: /* a named anchor, named code */
        (void)dx_requirement_data(&e->code);
        return eval_unknown("what the name means stands in the Mac's Security framework");
    }
}

/* ---- the whole ----------------------------------------------------------------------------- */

/* Both sides are read in any case: what cannot be read spoils the whole. */
static struct part eval_both(struct eval *e, bool and)
{
    struct part a = eval_expression(e), b = eval_expression(e);
    enum dext_known decides = and? DEXT_NO : DEXT_YES;
    if (a.truth == decides || b.truth == decides) {
        return a.truth == decides ? a : b;
    }
    if (a.truth == DEXT_UNKNOWN || b.truth == DEXT_UNKNOWN) {
        return a.truth == DEXT_UNKNOWN ? a : b;
    }
    return and? a : (struct part){.truth = DEXT_NO}; /* of "or" no side is to blame alone */
}

static struct part eval_not(struct eval *e)
{
    struct part x = eval_expression(e);
    x.truth = x.truth == DEXT_UNKNOWN ? x.truth : x.truth == DEXT_YES ? DEXT_NO : DEXT_YES;
    return (struct part){.truth = x.truth, .found = x.truth == DEXT_UNKNOWN ? x.found : NULL};
}

static struct part eval_other(struct eval *e, uint32_t op)
{
    if (!(op & (DX_OP_GENERIC_FALSE | DX_OP_GENERIC_SKIP))) {
        e->refused = true;
        return eval_answer(false, NULL);
    }
    dx_requirement_skip(&e->code);
    return op & DX_OP_GENERIC_FALSE ? eval_answer(false, NULL) : eval_expression(e);
}

static struct part eval_operation(struct eval *e, uint32_t op)
{
    switch (op & ~DX_OP_FLAGS) {
    case DX_OP_AND:
        return eval_both(e, true);
    case DX_OP_OR:
        return eval_both(e, false);
    case DX_OP_NOT:
        return eval_not(e);
    case DX_OP_INFO_KEY_VALUE:
        return eval_info_value(e);
    case DX_OP_INFO_KEY_FIELD:
        return eval_key(e, e->subject->info, e->subject->info_known,
                        "its Info.plist is not at hand");
    case DX_OP_ENTITLEMENT_FIELD:
        return eval_key(e, e->subject->entitlements, true, "");
    case DX_OP_CERT_FIELD:
        return eval_cert_field(e);
    case DX_OP_CERT_GENERIC:
    case DX_OP_CERT_POLICY:
    case DX_OP_CERT_FIELD_DATE:
        return eval_cert_oid(e, op & ~DX_OP_FLAGS);
    case DX_OP_TRUSTED_CERT:
        return eval_trusted(e, true);
    case DX_OP_TRUSTED_CERTS:
        return eval_trusted(e, false);
    default:
        return (op & ~DX_OP_FLAGS) < DX_OP_COUNT ? eval_simple(e, op & ~DX_OP_FLAGS)
                                                 : eval_other(e, op);
    }
}

static struct part eval_expression(struct eval *e)
{
    if (++e->steps > MOST_STEPS) {
        e->too_long = true;
    }
    if (e->refused || e->too_long || e->code.bad || ++e->depth > DX_REQUIREMENT_DEEPEST) {
        e->refused |= !e->too_long;
        return eval_answer(false, NULL);
    }
    size_t where = e->code.at;
    uint32_t op = dx_requirement_number(&e->code);
    struct part p = eval_operation(e, op);
    p.where = p.where ? p.where : where;
    e->refused |= e->code.bad;
    e->depth--;
    return p;
}

static const char *eval_why(struct eval *e, struct dx_str blob, const struct part *p)
{
    const char *text = dx_requirement_part(e->ctx, blob, p->where);
    text = text && strlen(text) < 400 ? text : "a part of it";
    return p->found ? dx_sprintf(&e->ctx->arena, "%s: %s", text, p->found) : text;
}

struct dx_verdict dx_requirement_eval(struct dext_ctx *ctx, struct dx_str blob,
                                      const struct dx_judged *subject)
{
    struct eval e = {.ctx = ctx, .subject = subject};
    if (!dx_requirement_open(&e.code, blob)) {
        return (struct dx_verdict){DEXT_NO, REFUSED};
    }
    struct part p = eval_expression(&e);
    for (size_t i = 0; i < DX_LONGEST_CHAIN; i++) {
        X509_free(e.certs[i]);
    }
    ERR_clear_error();
    if (e.too_long) {
        return (struct dx_verdict){DEXT_UNKNOWN, "it is longer than dextctl evaluates"};
    }
    if (e.refused) {
        return (struct dx_verdict){DEXT_NO, REFUSED};
    }
    return (struct dx_verdict){p.truth, p.truth == DEXT_YES ? "" : eval_why(&e, blob, &p)};
}
