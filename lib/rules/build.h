/* build.h: a finished build as the rules want it: what is signed, and which of it belongs
 * together. */
#ifndef DX_RULES_BUILD_H
#define DX_RULES_BUILD_H

#include "bundle/bundle.h"
#include "rules/engine.h"

struct dx_build {
    struct dext_signatures all; /* empty when nothing is signed or could be */
};

/* Reads and verifies what is signed at path or, with files, in the archive. Never fails: what
 * cannot be read is not there. */
void dx_build_read(struct dx_build *b, struct dext_ctx *ctx, const struct dx_files *files,
                   const char *path);

/* The code at this path, as shown; NULL when there is none or it cannot be read. */
const struct dext_code *dx_build_code(const struct dx_build *b, const char *path);

/* The app around it, or NULL. */
const struct dext_code *dx_build_host(const struct dx_build *b, const struct dext_code *code);

/* Adds to the unit: signature, profile, app around it, claims. claims: room for one document. */
void dx_build_fill(const struct dx_build *b, struct dext_ctx *ctx, struct dx_unit *unit,
                   const struct dext_code *code, const struct dx_doc **claims);

#endif
