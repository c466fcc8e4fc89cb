/* requirement.h: code requirements, compiled and as text, see "Code Signing Requirement Language"
 * (Apple, archived). A compiled one is an expression in prefix form: opcodes of four bytes with
 * their operands behind (Security requirement.h, reqreader.cpp).
 *
 *     struct dx_str blob = dx_requirement_compile(ctx, "--requirement", "anchor apple generic");
 *     struct dx_verdict v = dx_requirement_eval(ctx, blob, &subject);
 *     if (v.truth == DEXT_NO) { ... v.why ... }
 */
#ifndef DX_SIGN_REQUIREMENT_H
#define DX_SIGN_REQUIREMENT_H

#include "dext/signature.h"
#include "plist/tree.h"
#include "sign/cms.h"

enum dx_requirement_op {
    DX_OP_FALSE,
    DX_OP_TRUE,
    DX_OP_IDENT,
    DX_OP_APPLE_ANCHOR,
    DX_OP_ANCHOR_HASH,
    DX_OP_INFO_KEY_VALUE,
    DX_OP_AND,
    DX_OP_OR,
    DX_OP_CDHASH,
    DX_OP_NOT,
    DX_OP_INFO_KEY_FIELD,
    DX_OP_CERT_FIELD,
    DX_OP_TRUSTED_CERT,
    DX_OP_TRUSTED_CERTS,
    DX_OP_CERT_GENERIC,
    DX_OP_APPLE_GENERIC_ANCHOR,
    DX_OP_ENTITLEMENT_FIELD,
    DX_OP_CERT_POLICY,
    DX_OP_NAMED_ANCHOR,
    DX_OP_NAMED_CODE,
    DX_OP_PLATFORM,
    DX_OP_NOTARIZED,
    DX_OP_CERT_FIELD_DATE,
    DX_OP_LEGACY_DEV_ID,
    DX_OP_COUNT,
};
/* The high byte of an opcode: what one that a system does not know means there. Both come with a
 * size, so that it can be passed over. */
#define DX_OP_FLAGS 0xff000000U
#define DX_OP_GENERIC_FALSE 0x80000000U
#define DX_OP_GENERIC_SKIP 0x40000000U

enum dx_requirement_match {
    DX_MATCH_EXISTS,
    DX_MATCH_EQUAL,
    DX_MATCH_CONTAINS,
    DX_MATCH_BEGINS,
    DX_MATCH_ENDS,
    DX_MATCH_LESS,
    DX_MATCH_GREATER,
    DX_MATCH_LESS_EQUAL,
    DX_MATCH_GREATER_EQUAL,
    DX_MATCH_ON,
    DX_MATCH_BEFORE,
    DX_MATCH_AFTER,
    DX_MATCH_ON_BEFORE,
    DX_MATCH_ON_AFTER,
    DX_MATCH_ABSENT,
};

#define DX_REQUIREMENT_MAGIC 0xfade0c00U
#define DX_REQUIREMENT_HEAD 12
#define DX_REQUIREMENT_DEEPEST 999 /* Security requirement.h stackLimit */
#define DX_SLOT_LEAF 0
#define DX_SLOT_ROOT (-1)
/* Times in requirements count from 2001-01-01. */
#define DX_ABSOLUTE_TIME 978307200

/* Walks through the bytes of an expression. */
struct dx_requirement_code {
    const unsigned char *p;
    size_t n, at;
    bool bad; /* it ended too early */
};

/* Of a blob with its head; false: it is no requirement in the form of an expression. */
bool dx_requirement_open(struct dx_requirement_code *out, struct dx_str blob);
uint32_t dx_requirement_number(struct dx_requirement_code *c);
int64_t dx_requirement_long(struct dx_requirement_code *c);
/* A length, bytes, and up to 3 bytes of padding. */
struct dx_str dx_requirement_data(struct dx_requirement_code *c);
/* A length and so many bytes, without padding (reqreader.cpp, skip). */
void dx_requirement_skip(struct dx_requirement_code *c);

/* The source of one requirement blob (magic fade0c00, header included), as csreq -t prints it. NULL
 * when it is malformed. */
const char *dx_requirement_text(struct dext_ctx *ctx, struct dx_str blob);

/* The source of the expression at an offset of it. NULL as above. */
const char *dx_requirement_part(struct dext_ctx *ctx, struct dx_str blob, size_t at);

/* The blob of a requirement in source form, n 0 when it is none (text in ctx: "NAME:LINE:COL:
 * reason"). Of a set ("designated => ...") the designated one counts. requirement_parse.c */
struct dx_str dx_requirement_compile(struct dext_ctx *ctx, const char *name, const char *text);

/* What a requirement is held against: one slice of code. */
struct dx_judged {
    const char *arch;       /* "arm64"; "" */
    const char *identifier; /* NULL: the code has no code directory */
    const char *cdhash;     /* of the best directory */
    const char *const *cdhashes;
    size_t cdhash_count; /* of all directories */
    unsigned platform;   /* of the code directory; 0 */
    const struct dx_cert *const *chain;
    size_t chain_count;           /* 0: ad hoc */
    const struct dext_node *info; /* Info.plist; NULL: it has none */
    bool info_known;              /* false: it may have one, which was not at hand */
    const struct dext_node *entitlements;
    struct dx_str designated; /* its explicit designated requirement; n 0: none */
    bool ad_hoc;
    enum dext_known notarized;
};

struct dx_verdict {
    enum dext_known truth;
    const char *why; /* which part decides, and what was found; "" for YES */
};

/* Whether subject satisfies the requirement (Security reqinterp.cpp). A requirement that the system
 * cannot read is satisfied by nothing. */
struct dx_verdict dx_requirement_eval(struct dext_ctx *ctx, struct dx_str blob,
                                      const struct dx_judged *subject);

/* The designated requirement: the explicit one, else the one that the system makes up (drmaker.cpp,
 * StaticCode.cpp defaultDesignatedRequirement). all: the slices of the code; the first counts. n 0:
 * none can be made. requirement_make.c */
struct dx_str dx_requirement_designated(struct dext_ctx *ctx, const struct dx_judged *all,
                                        size_t count);

/* Collects the bytes of a requirement. */
struct dx_requirement_maker {
    struct dx_buf out;
};
void dx_make_begin(struct dx_requirement_maker *m, struct dext_ctx *ctx);
void dx_make_number(struct dx_requirement_maker *m, uint32_t v);
void dx_make_data(struct dx_requirement_maker *m, const void *p, size_t n);
/* Puts an opcode before what began at an offset of out. */
void dx_make_insert(struct dx_requirement_maker *m, size_t at, uint32_t op);
struct dx_str dx_make_end(struct dx_requirement_maker *m);

#endif
