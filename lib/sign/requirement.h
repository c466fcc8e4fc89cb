/* requirement.h: compiled code requirements back to the language they were written in, see "Code
 * Signing Requirement Language" (Apple, archived). Opcodes: Security requirement.h. */
#ifndef DX_SIGN_REQUIREMENT_H
#define DX_SIGN_REQUIREMENT_H

#include "base/ctx.h"

/* The source of one requirement blob (magic fade0c00, header included), as csreq -t prints it. NULL
 * when it is malformed. */
const char *dx_requirement_text(struct dext_ctx *ctx, struct dx_str blob);

#endif
