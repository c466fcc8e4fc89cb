/* symbols.h: which function of a Mach-O slice an address is in, by its symbol table (nlist) and the
 * list of function starts.
 *
 *     struct dx_symbol_query q[] = {{.address = 0x4e10}};
 *     struct dx_symbol_facts facts;
 *     dx_symbols_find(&facts, ctx, &image, slice, q, 1);
 *     if (q[0].name) { ... q[0].name + (address - q[0].start) ... } else { ... q[0].why ... }
 *
 * The tables are streamed: memory does not grow with them. A symbol is given only when it is
 * certain: in a file whose local symbols were stripped, the nearest symbol before an address may be
 * of another function; function starts, where the file has them, decide.
 * Layout: xnu EXTERNAL_HEADERS/mach-o/nlist.h, stab.h, loader.h. */
#ifndef DX_SIGN_SYMBOLS_H
#define DX_SIGN_SYMBOLS_H

#include "sign/macho.h"

struct dx_symbol_query {
    uint64_t address; /* in the file */
    /* The answer. */
    const char *name; /* as in the file, "__ZN8MyDriver5crashEv"; NULL: none */
    uint64_t start;   /* of name */
    const char *why;  /* no name: the reason; NULL */
};

struct dx_symbol_facts {
    bool debug_map;    /* it says in which object files its DWARF was left (N_OSO) */
    bool dwarf;        /* it holds DWARF lines */
    bool local;        /* it has symbols of functions that are not exported: not stripped */
    size_t functions;  /* symbols in code */
    const char *fault; /* why not all of it could be read; NULL */
};

/* Answers all queries in one pass over the tables. Never fails. */
void dx_symbols_find(struct dx_symbol_facts *facts, struct dext_ctx *ctx,
                     const struct dx_image *image, const struct dx_slice *slice,
                     struct dx_symbol_query *queries, size_t count);

#endif
