/* logs/panic.h: inside of the panic reader. panic_text.c finds the text, panic.c takes it apart,
 * panic_kext.c reads the lists of kexts, panic_frame.c the backtrace, panic_sign.c compares the
 * reason with the knowledge base, panic_owner.c finds who panicked. */
#ifndef DX_PANIC_PANIC_H
#define DX_PANIC_PANIC_H

#include "base/ctx.h"
#include "base/str.h"
#include "dext/panic.h"

struct dx_panic_text {
    struct dext_ctx *ctx;
    struct dext_panic *out;
    char *p; /* the whole text, NUL-terminated, without NUL bytes in it */
    size_t n;
    const char *begin;    /* of the report in it: "panic(", or what stands in its place */
    const char *bug_type; /* of an .ips file; NULL: not known */
    bool fragment;        /* without its beginning: it tells no reason */
    size_t note_cap, kext_cap;
    struct dext_panic_kext *kexts; /* out->kexts while they are collected */
};

/* Finds the text (t->p, begin) in a file's bytes. DEXT_E_FORMAT: no panic in it. */
int dx_panic_find(struct dx_panic_text *t, const char *data, size_t size);

/* Where in a text a second report begins; size: nowhere. A panic within a panic is none: it comes
 * at once, before the kernel has told its version. */
size_t dx_panic_next(const char *data, size_t size);

/* Behind the words that tell a reason where there is no panic(...); NULL: s begins otherwise. */
const char *dx_panic_told(const char *s);

void dx_panic_note(struct dx_panic_text *t, const char *text);

/* Reads "0x..." at s (spaces skipped); false: none. *end may be NULL. */
bool dx_panic_hex(const char *s, uint64_t *value, const char **end);

/* The same for an address of 16 digits, which a forum or a mail program may have broken in two. */
bool dx_panic_address(const char *s, uint64_t *value, const char **end);

/* Characters of a kext's identifier, shortened or not. */
bool dx_panic_id_char(char c);

/* Adds a kext by its identifier as written; the other fields are empty. */
struct dext_panic_kext *dx_panic_add_kext(struct dx_panic_text *t, struct dx_str id);

/* The identifier as it was before the kernel shortened it, or NULL when it is not shortened. */
char *dx_panic_expand(struct dx_arena *a, struct dx_str id);

void dx_panic_kexts(struct dx_panic_text *t);
void dx_panic_last(struct dx_panic_text *t);   /* what was started and stopped last */
void dx_panic_frames(struct dx_panic_text *t); /* after the kexts */
void dx_panic_signs(struct dx_panic_text *t);
void dx_panic_owner(struct dx_panic_text *t); /* panic_owner.c, after the kexts */

#endif
