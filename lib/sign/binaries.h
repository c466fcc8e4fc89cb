/* binaries.h: the Mach-O images that the user gave to find symbols in, by UUID: kexts, dSYMs,
 * kernels, whole Kernel Debug Kits and kernel collections. Only headers are read here.
 *
 *     struct dext_symbols *all = dext_symbols_new(ctx);
 *     dext_symbols_add(all, "KDK_14.6.1_23G93.kdk");
 *     for (size_t i = 0; i < all->count; i++) { ... all->list[i].uuid ... } */
#ifndef DX_SIGN_BINARIES_H
#define DX_SIGN_BINARIES_H

#include "dext/panic.h"
#include "sign/macho.h"

/* One slice of a file, or one entry of a kernel collection. */
struct dx_binary {
    const char *path;    /* of the file */
    const char *id;      /* bundle id: of a collection's entry, of the bundle once it was looked up;
                            "": none; NULL: not looked up yet */
    const char *version; /* with id: CFBundleVersion; "" */
    const char *arch;
    uint32_t cpu, file_type;
    size_t slice, entry; /* in the file; entry: SIZE_MAX when it is none */
    uint32_t symbols;    /* entries of its symbol table */
    bool dwarf;          /* it holds line numbers */
    char uuid[37];
};

struct dext_symbols {
    struct dext_ctx *ctx;
    struct dx_binary *list;
    size_t count, cap;
};

/* Reads id and version from the bundle that the file is in, once. */
void dx_binary_identify(struct dext_symbols *s, struct dx_binary *b);

/* Opens the file again: image (to be closed) and slice. Errors: those of the file. */
int dx_binary_open(struct dx_image *image, struct dx_slice *slice, struct dext_ctx *ctx,
                   const struct dx_binary *b);

#endif
