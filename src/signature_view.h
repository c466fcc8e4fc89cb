/* signature_view.h: the formats of `dextctl signature`. The command decides what is said, these
 * how.
 */
#ifndef APP_SIGNATURE_VIEW_H
#define APP_SIGNATURE_VIEW_H

#include "app.h"
#include "dext/signature.h"
#include "json.h"

struct signature_view {
    const struct app *app;
    struct json json;
    const char *left, *right; /* with --diff: the two operands */
    size_t written;
};

struct signature_format {
    const char *name;
    void (*open)(struct signature_view *v);
    void (*code)(struct signature_view *v, const struct dext_code *c);
    void (*change)(struct signature_view *v, const struct dext_change *c);
    void (*close)(struct signature_view *v);
};

/* human, json or ndjson */
const struct signature_format *signature_format_named(const char *name);

/* Whose signature it is: of the first slice that has one. */
enum dext_signer_kind signature_kind(const struct dext_code *c);

/* That slice, or the first one, or NULL when there is none. */
const struct dext_slice *signature_main_slice(const struct dext_code *c);

/* "valid", "ad-hoc" (holds, but nobody vouches for it), "broken", "unsigned", "not-verified" */
const char *signature_verdict(const struct dext_code *c);

extern const struct signature_format signature_human, signature_json, signature_ndjson;

#endif
