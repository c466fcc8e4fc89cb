/* signature_view.h: the faces of `dextctl signature`. The command decides what is said, these how.
 */
#ifndef APP_SIGNATURE_VIEW_H
#define APP_SIGNATURE_VIEW_H

#include "app/app.h"
#include "dext/signature.h"
#include "view/record.h"

enum signature_verdict {
    SIGNATURE_VALID,
    SIGNATURE_AD_HOC, /* holds, but nobody vouches for it */
    SIGNATURE_BROKEN,
    SIGNATURE_UNSIGNED,
    SIGNATURE_NOT_VERIFIED,
    SIGNATURE_UNKNOWN, /* not all of it could be read */
    SIGNATURE_VERDICT_COUNT,
};

/* One code, and what it all comes to. */
struct signature_row {
    const struct dext_code *code;
    const struct dext_slice *main; /* the first slice that is signed, else the first, or NULL */
    enum dext_signer_kind kind;    /* of main */
    enum signature_verdict verdict;
};

struct signature_row signature_row_of(const struct dext_code *c);

/* "valid", "ad-hoc", "broken", "unsigned", "not-verified", "unknown"; v: enum signature_verdict */
const char *signature_verdict_name(int v);

struct signature_out {
    const struct app *app;
    struct record_out record;
    const char *left, *right; /* with --diff: the two operands */
    const char *requirement;  /* with --requirement: it, as csreq writes it; NULL */
    bool compared;
    size_t written;
};

struct signature_format {
    void (*open)(struct signature_out *v);
    void (*code)(struct signature_out *v, const struct signature_row *row);
    void (*compare)(struct signature_out *v, const struct dext_updates *updates,
                    const struct dext_changes *changes);
    void (*close)(struct signature_out *v);
};

const struct signature_format *signature_format_for(enum face face);

extern const struct record_form signature_form;
extern const struct signature_format signature_human, signature_record;

#endif
