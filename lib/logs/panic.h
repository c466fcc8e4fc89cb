/* logs/panic.h: inside of the panic reader. panic.c finds the text and takes it apart, panic_kext.c
 * reads the lists of kexts and frames, panic_sign.c compares the reason with the knowledge base. */
#ifndef DX_LOGS_PANIC_H
#define DX_LOGS_PANIC_H

#include "base/ctx.h"
#include "base/str.h"
#include "dext/panic.h"

struct dx_panic_text {
    struct dext_ctx *ctx;
    struct dext_panic *out;
    const char *p; /* the whole report, NUL-terminated, without NUL bytes in it */
    size_t n;
    size_t note_cap;
};

void dx_panic_note(struct dx_panic_text *t, const char *text);

/* Reads "0x..." at s (spaces skipped); false: none. *end may be NULL. */
bool dx_panic_hex(const char *s, uint64_t *value, const char **end);

/* The identifier as it was before the kernel shortened it, or NULL when it is not shortened. */
char *dx_panic_expand(struct dx_arena *a, struct dx_str id);

void dx_panic_kexts(struct dx_panic_text *t);
void dx_panic_frames(struct dx_panic_text *t); /* after the kexts */
void dx_panic_signs(struct dx_panic_text *t);

#endif
