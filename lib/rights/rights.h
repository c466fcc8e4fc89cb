/* rights.h: inside of dext/entitlements.h: a subject while it is put together. rights.c sorts the
 * inputs into subjects, rights_rows.c makes the table, use.c says what a piece of code
 * can be used for, product.c what all pieces together can, files.c what a build of loose files
 * could. */
#ifndef DX_RIGHTS_RIGHTS_H
#define DX_RIGHTS_RIGHTS_H

#include "dext/entitlements.h"
#include "rules/build.h"

struct dx_subject {
    struct dext_subject pub;
    const struct dx_build *build; /* NULL for files */
    const struct dx_files *files; /* of the archive it is in, or NULL */
    const struct dx_doc *info, *file;
    bool driver, hosts; /* is one; is an app that has one in it */
    bool ios;           /* it runs on an iPad */
    size_t right_cap, finding_cap;
};

struct dx_products {
    struct dext_rights_product *list;
    size_t count, cap;
};

void dx_rights_rows(struct dx_subject *s, struct dext_ctx *ctx);

/* Of loose files: fills purpose, possible, verdict. */
void dx_rights_verdict_of_files(struct dx_subject *s, struct dext_ctx *ctx);

/* The products of a build, and the verdict of each subject of them. */
void dx_rights_products(struct dx_products *out, struct dext_ctx *ctx, const struct dx_build *build,
                        struct dx_subject *const *subjects, size_t count);

#endif
