/* rights.h: inside of dext/entitlements.h: a subject while it is put together. rights.c sorts the
 * inputs into subjects, rights_rows.c makes the table, rights_verdict.c the last sentence. */
#ifndef DX_RULES_RIGHTS_H
#define DX_RULES_RIGHTS_H

#include "dext/entitlements.h"
#include "rules/build.h"

struct dx_subject {
    struct dext_subject pub;
    const struct dx_build *build; /* NULL for files */
    const struct dx_files *files; /* of the archive it is in, or NULL */
    const struct dx_doc *info, *file;
    bool driver, hosts; /* is one; is an app that has one in it */
    size_t right_cap, finding_cap;
};

void dx_rights_rows(struct dx_subject *s, struct dext_ctx *ctx);
void dx_rights_verdict(struct dx_subject *s, struct dext_ctx *ctx);

#endif
