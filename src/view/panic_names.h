/* panic_names.h: the functions and source lines of a report's frames, ready to be shown. */
#ifndef APP_PANIC_NAMES_H
#define APP_PANIC_NAMES_H

#include "app/source_lines.h"
#include "dext/panic.h"

struct panic_name {
    char *function;  /* in source form; NULL: not known */
    bool from_lines; /* the file's symbols did not have it, its DWARF has */
    bool has_offset;
    uint64_t offset; /* of the report's address, from the function */
    struct source_lines lines;
};

struct panic_names {
    bool asked; /* files were given, or at least --symbols */
    const struct dext_panic_symbols *symbols;
    struct panic_name *frames, *fault; /* as in symbols; fault is NULL when there is none */
    size_t count;                      /* of frames, and the fault */
    char **notes;                      /* why something is missing */
    size_t note_count;
};

/* symbols: NULL when none were given. Borrows from p; to be freed before its context. */
struct panic_names *panic_names_make(struct dext_ctx *ctx, const struct dext_panic *p,
                                     struct dext_symbols *symbols);
void panic_names_free(struct panic_names *n);

#endif
