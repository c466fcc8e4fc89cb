/* signature.h: inside of dext/signature.h: one thing that is signed. */
#ifndef DX_SIGN_SIGNATURE_H
#define DX_SIGN_SIGNATURE_H

#include "bundle/files.h"
#include "sign/codesign.h"
#include "sign/requirement.h"
#include "sign/ticket.h"

/* Where the parts of a bundle stand, all paths below the bundle. */
struct dx_layout {
    const char *base; /* "Contents", "Versions/A" or "": what CodeResources counts from */
    const struct dx_file *info, *seal, *executable, *profile, *ticket; /* NULL: not there */
    const struct dext_node *info_root;
    struct dx_source info_source, seal_source;
};

struct dx_code {
    struct dext_code pub;         /* first: see dx_code_of */
    const struct dx_files *files; /* of the bundle; NULL for a file of its own */
    const struct dx_file *file;   /* the Mach-O file */
    struct dx_layout layout;
    struct dx_report report;
    const struct dx_ticket *ticket; /* of a package: for all code in it */
    struct dext_slice *slices;      /* pub.slices */
    struct dx_judged *subjects;     /* one for each of them */
};

/* signature_update.c: whether every slice satisfies it, and why not. */
struct dx_verdict dx_code_satisfies(const struct dx_code *code, struct dext_ctx *ctx,
                                    struct dx_str requirement);

/* What dext_signatures lists is the beginning of a struct dx_code. */
static inline const struct dx_code *dx_code_of(const struct dext_code *pub)
{
    return (const struct dx_code *)(const void *)pub;
}

/* How much of it is looked at. */
enum dx_depth {
    DX_DEPTH_SHOW,   /* what the signature says; nothing is verified */
    DX_DEPTH_RIGHTS, /* the signature itself and what is small: entitlements, Info.plist, the CMS;
                        no page, no sealed file and no class is read, so that size costs nothing */
    DX_DEPTH_ALL,
};

/* signature_layout.c: finds the parts. code->files is set. */
void dx_code_layout(struct dx_code *code, struct dext_ctx *ctx);

/* false: its text is in code's report, ctx is cleared; the file counts as absent. */
bool dx_code_load(struct dx_code *code, struct dext_ctx *ctx, const struct dx_file *f,
                  struct dx_source *out);

/* The dictionary in src, or NULL. */
const struct dext_node *dx_code_plist(struct dext_ctx *ctx, const struct dx_source *src);

/* A string of a dictionary, "" when it is not there. */
const char *dx_code_text(const struct dext_node *root, const char *key);

/* Room for the slices and their subjects. */
void dx_code_make_slices(struct dx_code *code, struct dext_ctx *ctx, size_t count);

/* signature_slice.c: what a slice and its signature say. cs: NULL: it has none. */
void dx_slice_head(struct dext_slice *s, const struct dx_slice *m);
void dx_slice_show(struct dext_slice *s, struct dext_ctx *ctx, const struct dx_codesign *cs,
                   struct dx_report *r);

/* A file with one signature and no program, a package or an image: its one slice is made, and image
 * opened. false: the file cannot be read, which code's error says. */
bool dx_code_open_flat(struct dx_code *code, struct dext_ctx *ctx, struct dx_image *image,
                       enum dext_form form, enum dx_depth depth);

/* signature_constraint.c: the constraints of slots 8 to 11. */
void dx_slice_constraints(struct dext_slice *s, struct dext_ctx *ctx, const struct dx_codesign *cs,
                          struct dx_report *r);

/* Chain and times of a CMS. */
void dx_slice_cms(struct dext_slice *s, struct dext_ctx *ctx, const struct dx_cms *c);

/* signature_verify.c: one slice held against what it covers; and what requirements are held
 * against, into subject. */
void dx_slice_verify(struct dx_code *code, struct dext_ctx *ctx, const struct dx_image *image,
                     const struct dx_slice *m, const struct dx_codesign *cs, enum dx_depth depth,
                     struct dx_judged *subject);

/* signature_slices.c: slices that are not signed alike, or not at all. */
void dx_slices_compare(struct dx_code *code, struct dext_ctx *ctx);

/* signature_files.c: a signature that lies in files of _CodeSignature, as that of a bundle without
 * a program does, and of one whose program is a script (Security bundlediskrep.cpp, component).
 * false: there is none. */
bool dx_code_read_files(struct dx_code *code, struct dext_ctx *ctx, enum dx_depth depth);

/* A file of _CodeSignature that holds a part of a signature. */
bool dx_is_signature_part(const char *name);

/* signature_envelope.c: what stands around the sealed files: beside Contents, at the root of a
 * framework, in _CodeSignature (Security bundlediskrep.cpp, setup, validateFrameworkRoot,
 * validateMetaDirectory). */
void dx_check_envelope(struct dx_code *code, struct dext_ctx *ctx);

/* It is for iOS or a relative, whose judge (installd) is not published: what Gatekeeper would
 * refuse is a warning there. */
bool dx_code_is_lenient(const struct dext_code *code);
bool dx_platform_is_lenient(const char *platform);

/* Reads code->file and what belongs to it into code->pub. Fills pub.error when it cannot. Sealed
 * files come later, see dx_code_seal. */
void dx_code_read(struct dx_code *code, struct dext_ctx *ctx, enum dx_depth depth);

/* package.c: an installer package (xar). disk_image.c: a disk image (UDIF). Both read code->file
 * into one slice without an architecture. */
void dx_package_read(struct dx_code *code, struct dext_ctx *ctx, enum dx_depth depth);
void dx_disk_image_read(struct dx_code *code, struct dext_ctx *ctx, enum dx_depth depth);
bool dx_is_package(struct dext_ctx *ctx, const char *path);
bool dx_is_disk_image(struct dext_ctx *ctx, const char *path);

/* Verifies the files that the bundle seals; nested code has been read. */
void dx_code_seal(struct dx_code *code, struct dext_ctx *ctx,
                  const struct dext_code *(*nested)(const void *user, const char *path),
                  const void *user);

/* Holds the ticket that is stapled to around, NULL when that is the package itself, against code:
 * fills pub.ticket. */
void dx_code_ticket(struct dx_code *code, struct dext_ctx *ctx, const struct dx_ticket *ticket,
                    bool is_one);

/* Everything signed in a folder or archive that is open already (an archive with DX_KEEP_CODE).
 * Errors: DEXT_E_NOTFOUND: nothing that could be signed. */
int dx_signatures_in(struct dext_signatures *out, struct dext_ctx *ctx,
                     const struct dx_files *files, enum dx_depth depth);

#endif
