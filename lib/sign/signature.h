/* signature.h: inside of dext/signature.h: one thing that is signed. */
#ifndef DX_SIGN_SIGNATURE_H
#define DX_SIGN_SIGNATURE_H

#include "bundle/files.h"
#include "sign/codesign.h"

/* Where the parts of a bundle stand, all paths below the bundle. */
struct dx_layout {
    const char *base; /* "Contents", "Versions/A" or "": what CodeResources counts from */
    const struct dx_file *info, *seal, *executable, *profile, *ticket; /* NULL: not there */
    const struct dext_node *info_root;
    struct dx_source info_source, seal_source;
};

struct dx_code {
    struct dext_code pub;
    const struct dx_files *files; /* of the bundle; NULL for a file of its own */
    const struct dx_file *file;   /* the Mach-O file */
    struct dx_layout layout;
    struct dx_report report;
};

/* Finds the parts. code->files is set. */
void dx_code_layout(struct dx_code *code, struct dext_ctx *ctx);

/* Reads code->file and what belongs to it into code->pub. Fills pub.error when it cannot. Sealed
 * files come later, see dx_code_seal. */
void dx_code_read(struct dx_code *code, struct dext_ctx *ctx, bool show_only);

/* Verifies the files that the bundle seals; nested code has been read. */
void dx_code_seal(struct dx_code *code, struct dext_ctx *ctx,
                  const struct dext_code *(*nested)(const void *user, const char *path),
                  const void *user);

/* Everything signed in a folder or archive that is open already (an archive with DX_KEEP_CODE).
 * Errors: DEXT_E_NOTFOUND: nothing that could be signed. */
int dx_signatures_in(struct dext_signatures *out, struct dext_ctx *ctx,
                     const struct dx_files *files, bool show_only);

#endif
