/* init.h: inside of init: values and words that templates are filled with. */
#ifndef DX_INIT_INIT_H
#define DX_INIT_INIT_H

#include "base/ctx.h"
#include "dext/init.h"
#include "know/know.h"

/* ---- template.c ----------------------------------------------------------------------------- */

#define DX_TEMPLATE_MOST 48

/* What a template may name. */
struct dx_template {
    struct dext_ctx *ctx;
    struct {
        const char *name, *value;
    } values[DX_TEMPLATE_MOST];
    size_t value_count;
    const char *words[DX_TEMPLATE_MOST];
    size_t word_count;
};

void dx_template_set(struct dx_template *t, const char *name, const char *value);
void dx_template_word(struct dx_template *t, const char *word);

/* Whether "pci or usb", "not example" or "a and b" holds; "": it does. */
bool dx_template_holds(const struct dx_template *t, const char *condition);

/* The text filled in, or NULL after dx_fail (a value or an "@end@" that is not there: a mistake in
 * lib/data/init). */
const char *dx_template_fill(const struct dx_template *t, const char *where, const char *text);

/* ---- methods.c ------------------------------------------------------------------------------ */

/* Sets DECLARATIONS and DEFINITIONS to the methods of the family. */
int dx_init_methods(struct dx_template *t, const char *family);

/* ---- names.c -------------------------------------------------------------------------------- */

/* DEXT_E_FORMAT, with the reason, when it is none. */
int dx_init_check_name(struct dext_ctx *ctx, const char *name);
int dx_init_check_bundle_id(struct dext_ctx *ctx, const char *id);
int dx_init_check_team(struct dext_ctx *ctx, const char *team);

/* The name as a part of a bundle identifier. */
const char *dx_init_id_part(struct dext_ctx *ctx, const char *name);

#endif
