/* error/error.h: inside of the error look-up. table.c knows the generated tables, name.c spellings,
 * number.c forms of numbers, scan.c lines; answer.c puts results together. */
#ifndef DX_ERROR_ERROR_H
#define DX_ERROR_ERROR_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"
#include "dext/error.h"
#include "kb.h"

/* Which domains may answer: bit i is row i of kb_error_domain_rows. */
typedef uint64_t dx_scope;
#define DX_SCOPE_ALL (~(dx_scope)0)

#define DX_ERROR_REFS 64 /* most meanings of one number that are kept */

/* Rows of kb_error_rows, best first. */
struct dx_refs {
    size_t row[DX_ERROR_REFS];
    bool derived[DX_ERROR_REFS];
    size_t count;
};

/* ---- table.c ---- */
dx_scope dx_scope_of(struct dx_str word); /* 0: the word names no domain */
bool dx_scope_has(dx_scope scope, const struct kb_error *row);
void dx_refs_by_value(struct dx_refs *out, uint32_t value, dx_scope scope);
/* Rows whose low 14 bits are code: of IOKit's common codes, or of all in scope when it is given. */
void dx_refs_by_code(struct dx_refs *out, uint32_t code, dx_scope scope);
void dx_refs_add(struct dx_refs *out, size_t row, bool derived);
/* Best first. hex: the number was written in hex, which speaks for domains that write it so. */
void dx_refs_rank(struct dx_refs *out, bool hex);
/* The row of kb_error_domain_rows; every row of kb_error_rows has one (mkkb checks it). */
size_t dx_domain_of(const struct kb_error *row);
struct dext_error_split dx_split(uint32_t value);
/* The number is divided as a Mach error: true for hexadecimal domains. */
bool dx_is_divided(const struct kb_error *row);
/* What a driver's author should know of that constant; NULL for most. */
const struct kb_error_meaning *dx_meaning_of(const char *name);

/* ---- name.c ---- */
/* Rows called name: exactly (case ignored), by an alias, or without the prefix that its kind of
 * constant has ("NotPermitted", ".codeSignatureInvalid"). */
void dx_refs_by_name(struct dx_refs *out, struct dx_str name, dx_scope scope, bool whole);
/* A constant's name near to a misspelt one, or NULL. */
const char *dx_error_nearest(struct dx_str typed);
/* The word starts as names of return codes do, so that it is worth a complaint if unknown. */
bool dx_looks_like_name(struct dx_str word);

/* ---- number.c ---- */
enum dx_form { DX_NONE, DX_HEX, DX_BARE_HEX, DX_DECIMAL };

struct dx_number {
    enum dx_form form;
    size_t n;       /* bytes it takes */
    bool negative;  /* written with a minus sign */
    bool wide;      /* does not fit 32 bits, signed or not */
    uint32_t value; /* two's complement */
};

/* The number at p: "0x..." , digits with or without a minus sign (also U+2212, which web pages put
 * there), or, when bare is allowed, hex digits alone. form is DX_NONE when there is none or when a
 * letter, digit or underscore follows it. */
struct dx_number dx_number_at(const char *p, size_t n, bool bare);

/* ---- text.c ---- */
/* What mach_error_string(3) prints, at p: "(iokit/common) unsupported function". Returns the
 * length of the longest such text there and its number, or 0. */
size_t dx_mach_text(const char *p, size_t n, uint32_t *value);

/* What a shell prints of a process that a signal ended, at p: "Killed: 9". Returns its length and
 * the row of kb_error_rows, or 0. */
size_t dx_signal_text(const char *p, size_t n, size_t *row);

/* ---- macro.c ---- */
/* A macro of Apple's headers with its number, at p: "iokit_usb_err(0x4f)". Returns its length and
 * the code it makes, or 0. */
size_t dx_error_macro(const char *p, size_t n, uint32_t *value);

/* ---- scan.c ---- */
struct dx_found {
    size_t offset, n;
    enum dext_error_kind kind;
    dx_scope domain; /* of an unknown number: the domain that is named before it, or 0 */
    bool named;      /* by its name, or its domain is named before it */
    uint32_t value;
    struct dx_refs refs;
};

struct dx_finds {
    struct dx_arena *arena;
    const char *text; /* what offsets count from */
    struct dx_found *list;
    size_t count, cap;
};

void dx_scan_word(struct dx_finds *out, const char *text, size_t n, dx_scope scope);
void dx_scan_line(struct dx_finds *out, const char *text, size_t n, dx_scope scope);

#endif
