/* logs/symbolicate.h: inside of symbolication. symbolicate_find.c chooses the file of an image,
 * symbolicate_place.c knows where its segments were loaded, symbolicate_fetch.c what to get when
 * there is none; symbolicate.c looks addresses up. */
#ifndef DX_PANIC_SYMBOLICATE_H
#define DX_PANIC_SYMBOLICATE_H

#include "sign/binaries.h"

#define DX_CPU_X86_64 0x01000007U
#define DX_CPU_ARM64 0x0100000cU

struct dx_symbolication {
    struct dext_ctx *ctx;
    const struct dext_panic *panic;
    struct dext_symbols *symbols; /* NULL: none given */
};

/* Sets state, others, note, and returns the file to use, or NULL. */
struct dx_binary *dx_image_find(struct dx_symbolication *x, struct dext_panic_image *image);

/* The processor of the report, 0 when it does not say. */
uint32_t dx_panic_cpu(const struct dext_panic *p);

/* Sets segment, reported, linked, load and why; slice is NULL without a file. */
void dx_image_place(struct dx_symbolication *x, struct dext_panic_image *image,
                    const struct dx_slice *slice);

/* Where an address of the report is in the file. false: not in what could be placed. */
bool dx_image_address(const struct dx_symbolication *x, const struct dext_panic_image *image,
                      const struct dx_slice *slice, uint64_t address, uint64_t *in_file);

/* What to get when there is no file. */
const char *dx_image_fetch(struct dx_symbolication *x, const struct dext_panic_image *image);

#endif
